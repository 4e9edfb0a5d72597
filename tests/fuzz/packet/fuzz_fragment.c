/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The fragment store against a simple model of it: for one datagram, what comes out must be, byte
 * for byte, the first data that went in. The input is a row of fragments, each: what (1: version 6,
 * more, datagram 0 to 3, clear), offset in units of eight (1), length (1), time step (1).
 */
#include <stdlib.h>

#include "base/cursor.h"
#include "base/time.h"
#include "packet/fragment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SPAN = 256 * 8 + 256, DATAGRAMS = 8 };

struct model {
    uint8_t at[SPAN];
    bool seen[SPAN];
    int64_t begun;  /* or TIME_NONE */
    bool delivered; /* what comes next is a duplicate or the beginning of another */
};

static void must(bool condition)
{
    if (!condition)
        abort();
}

/* Each byte that is there for the first time is noted. */
static void note(struct model *m, const struct fragment *f)
{
    for (size_t i = 0; i < f->bytes.len; i++) {
        if (m->seen[f->offset + i])
            continue;
        m->seen[f->offset + i] = true;
        m->at[f->offset + i] = f->bytes.at[i];
    }
}

static void compare(const struct model *m, struct bytes whole)
{
    must(whole.len > 0 && whole.len <= SPAN);
    for (size_t i = 0; i < whole.len; i++)
        must(m->seen[i] && m->at[i] == whole.at[i]);
}

static void forget(struct model *models, size_t count)
{
    for (size_t i = 0; i < count; i++)
        models[i] = (struct model) { .begun = TIME_NONE };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct model models[DATAGRAMS];
    forget(models, DATAGRAMS);
    struct budget budget = { 0 };
    struct fragments *fragments = fragments_new(&budget);
    struct cursor c = cursor_of(bytes_of(data, size));
    uint64_t dropped = 0;
    int64_t now = 0;
    for (uint8_t turn = 0; cursor_left(&c) >= 4; turn++) {
        uint8_t what = cursor_u8(&c), offset = cursor_u8(&c), len = cursor_u8(&c);
        now += cursor_u8(&c) * TIME_MILLISECOND;
        if ((what & 0xe0) == 0xe0) {
            fragments_clear(fragments);
            forget(models, DATAGRAMS);
            now = 0;
            continue;
        }
        uint8_t content[256];
        for (size_t i = 0; i < sizeof content; i++)
            content[i] = (uint8_t)(what & 0x10 ? turn : offset * 8 + i); /* another's, or fitting */
        bool more = what & 8;
        struct fragment f = { .id = what & 3,
                              .offset = offset * 8u,
                              .more = more,
                              .protocol = 6,
                              .time = now,
                              .bytes = bytes_of(content, more ? len & ~7u : len) };
        f.src.family = f.dst.family = what & 4 ? 6 : 4;
        struct model *m = &models[what & 7];
        bool delivered = m->delivered;
        if (m->begun == TIME_NONE)
            m->begun = now;
        note(m, &f);
        uint64_t before = dropped;
        struct bytes whole;
        if (fragments_add(fragments, &f, &whole, &dropped)) {
            compare(m, whole);
            forget(m, 1);
            m->delivered = true;
        } else if (delivered || dropped > before || now - m->begun > 20 * TIME_SECOND) {
            fragments_clear(fragments); /* what is given up when is not modelled */
            forget(models, DATAGRAMS);
            now = 0;
        }
    }
    fragments_free(fragments);
    must(budget.used == 0);
    return 0;
}
