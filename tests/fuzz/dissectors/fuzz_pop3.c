/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fetching mail, cut in two ways: the facts must be the same, and no text may hold a password. The input
 * is a row of pieces: a byte whose lowest bit is the side, a byte of length, the bytes.
 */
#include <stdint.h>

#include "base/check.h"
#include "base/cursor.h"
#include "dissectors/pop3.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SIGN_INS_MAX = 64 };
struct seen {
    bool known, accepted;
    uint64_t hash;
};
struct heard {
    struct seen list[SIGN_INS_MAX];
    size_t count;
    uint8_t spans;
};

static uint64_t hash_of(struct bytes b)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < b.len; i++)
        h = (h ^ b.at[i]) * 1099511628211u;
    return h;
}

static void feed(struct pop3 *p, const struct chunk *whole, size_t step, enum verdict *verdict)
{
    for (size_t at = 0; at < whole->bytes.len && *verdict == VERDICT_OK; at += step) {
        struct chunk part = *whole;
        part.bytes = bytes_first(bytes_after(whole->bytes, at), step);
        part.offset += at;
        *verdict = pop3_data(p, &part).verdict;
    }
}

static void play(struct bytes input, size_t step, struct heard *heard)
{
    struct attempt *a = attempt_new(NULL);
    a->start_seen = true;
    struct pop3 *p = pop3_new(a, NULL, true);
    struct cursor c = cursor_of(input);
    uint64_t offset[2] = { 0, 0 };
    enum verdict verdict = VERDICT_OK;
    for (uint32_t frame = 1; cursor_left(&c) > 1 && verdict == VERDICT_OK; frame++) {
        enum side from = cursor_u8(&c) & 1 ? SIDE_SERVER : SIDE_DEVICE;
        size_t len = cursor_u8(&c);
        struct chunk chunk = { .from = from,
                               .frame = frame,
                               .time = frame,
                               .offset = offset[from],
                               .bytes = cursor_bytes(&c, len < cursor_left(&c) ? len
                                                                               : cursor_left(&c)) };
        offset[from] += chunk.bytes.len;
        feed(p, &chunk, step > 0 ? step : chunk.bytes.len + 1, &verdict);
    }
    *heard = (struct heard) { .spans = a->span_count };
    for (const struct fact *f = timeline_first(a->timeline); f && heard->count < SIGN_INS_MAX;
         f = timeline_next(a->timeline, f)) {
        if (f->kind != FACT_POP3_SIGN_IN)
            continue;
        check(f->pop3.known || !f->pop3.accepted);
        heard->list[heard->count++] =
            (struct seen) { f->pop3.known, f->pop3.accepted, hash_of(f->pop3.text) };
    }
    pop3_free(p);
    attempt_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct heard whole, cut;
    play(bytes_of(data, size), 0, &whole);
    play(bytes_of(data, size), 1, &cut);
    check(whole.count == cut.count && whole.spans == cut.spans);
    for (size_t i = 0; i < whole.count; i++)
        check(whole.list[i].known == cut.list[i].known &&
              whole.list[i].accepted == cut.list[i].accepted &&
              whole.list[i].hash == cut.list[i].hash);
    return 0;
}
