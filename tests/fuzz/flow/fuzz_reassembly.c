/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Against a naive model: an array in which the first byte written to a place stays. Input: steps of
 * a kind, then what that kind takes.
 */
#include "base/check.h"
#include "base/cursor.h"
#include "flow/reassembly.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PLACES = 1 << 15, MIDDLE = PLACES / 2, STEPS_MAX = 800 };
enum mark { NOTHING, BYTE, CUT_OFF };

static struct {
    uint8_t byte[PLACES], mark[PLACES];
    uint32_t origin; /* sequence number of place 0 */
    uint32_t floor;  /* what was given out ends here */
    bool begun;      /* floor is known for good */
    uint32_t lowest;
} model;

#define must(condition) must_be((condition), #condition)

static void must_be(bool condition, const char *text)
{
    if (condition)
        return;
    fprintf(stderr, "not so: %s\n", text);
    abort();
}

static void model_write(const struct segment *s, const struct segment_news *news)
{
    uint32_t fresh = 0;
    bool differs = false;
    for (uint32_t i = 0; i < s->len; i++) {
        uint32_t at = s->seq + i - model.origin;
        if (at >= PLACES || at < model.floor) {
            differs = true; /* may be: what was given out is not kept for ever */
            continue;
        }
        if (model.mark[at] != NOTHING) {
            differs |=
                model.mark[at] == BYTE && i < s->bytes.len && model.byte[at] != s->bytes.at[i];
            continue;
        }
        fresh++;
        model.mark[at] = i < s->bytes.len ? BYTE : CUT_OFF;
        model.byte[at] = i < s->bytes.len ? s->bytes.at[i] : 0;
        if (at < model.lowest)
            model.lowest = at;
    }
    must(!news->dropped);
    must(news->fresh == fresh);
    must(!news->conflict || differs);
}

static void model_give(const struct chunk *chunk, bool hole)
{
    uint64_t n = chunk->gap ? chunk->gap_len : chunk->bytes.len;
    must(n > 0);
    for (uint64_t i = 0; i < n; i++, model.floor++) {
        if (model.floor >= PLACES) {
            must(hole);
            continue;
        }
        must(model.mark[model.floor] == (hole ? NOTHING : chunk->gap ? CUT_OFF : BYTE));
        must(chunk->gap || model.byte[model.floor] == chunk->bytes.at[i]);
    }
}

static void pull(struct reassembly *r)
{
    struct chunk chunk;
    while (reassembly_next(r, &chunk))
        model_give(&chunk, false);
}

static void settle(struct reassembly *r)
{
    if (model.begun || !reassembly_started(r))
        return;
    reassembly_settle(r);
    model.floor = model.lowest;
    model.begun = true;
}

static void push(struct reassembly *r, struct cursor *c, uint32_t frame)
{
    static uint8_t bytes[1024];
    uint32_t seq = model.origin + (uint32_t)(MIDDLE + (int16_t)cursor_u16(c) / 4);
    uint32_t len = cursor_u16(c) % 1024, cut = cursor_u8(c);
    uint8_t first = cursor_u8(c);
    for (uint32_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)((seq + i) * 7 + (first > 250 ? first : 0));
    /* the exact bytes, so that a read beyond them is seen */
    uint8_t *copy = mem_alloc(NULL, len);
    struct segment s = { .seq = seq, .len = len, .frame = frame, .time = frame };
    s.bytes = bytes_of(
        copy, bytes_copy(copy, len, bytes_of(bytes, cut > 240 ? len * (cut - 240) / 16 : len)));
    s.keep = first % 4 == 0;
    struct segment_news news;
    bool before = reassembly_started(r);
    if (!before)
        model.lowest = PLACES;
    reassembly_push(r, &s, &news);
    model_write(&s, &news);
    pull(r);
    mem_free(NULL, copy, len);
}

static void start(struct reassembly *r, struct cursor *c)
{
    if (reassembly_started(r))
        return;
    uint32_t at = MIDDLE - cursor_u8(c);
    reassembly_start(r, model.origin + at);
    model.floor = at;
    model.begun = true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor c = cursor_of(bytes_of(data, size));
    struct budget budget = { 0 };
    struct reassembly *r = reassembly_new(&budget, SIDE_SERVER);
    mem_wipe(&model, sizeof model);
    model.origin = cursor_u32(&c);
    model.lowest = PLACES;
    for (uint32_t step = 1; cursor_left(&c) > 0 && step < STEPS_MAX; step++) {
        struct chunk chunk;
        switch (cursor_u8(&c) % 8) {
        case 0:
            start(r, &c);
            break;
        case 1:
            settle(r);
            pull(r);
            break;
        case 2:
            reassembly_acknowledged(r, model.origin + MIDDLE + cursor_u16(&c) / 4);
            break;
        case 3:
            if (reassembly_gap(r, UINT64_MAX, &chunk))
                model_give(&chunk, true);
            pull(r);
            break;
        default:
            push(r, &c, step);
        }
    }
    settle(r);
    struct chunk chunk;
    do
        pull(r);
    while (reassembly_gap(r, UINT64_MAX, &chunk) && (model_give(&chunk, true), true));
    for (uint32_t i = model.floor; i < PLACES && model.begun; i++)
        must(model.mark[i] == NOTHING);
    reassembly_free(r);
    must(budget.used == 0);
    return 0;
}
