/* SPDX-License-Identifier: BSD-3-Clause */
#include "facts/attempt.h"

#include "facts/sign_in.h"

enum { TRACE_FIRST = 16, TRACE_RUN = 32 };

struct attempt *attempt_new(struct budget *budget)
{
    struct attempt *a = mem_alloc(budget, sizeof *a);
    if (!a)
        return NULL;
    a->budget = budget;
    a->tcp_stream = -1;
    a->timeline = timeline_new(budget);
    if (!a->timeline) {
        mem_free(budget, a, sizeof *a);
        return NULL;
    }
    return a;
}

void attempt_free(struct attempt *a)
{
    if (!a)
        return;
    timeline_free(a->timeline);
    sign_ins_free(a->sign_ins);
    mem_free(a->budget, a->trace, a->trace_cap * sizeof *a->trace);
    mem_free(a->budget, a, sizeof *a);
}

bool attempt_lost_on_the_way(const struct attempt *a, const struct fact *gap)
{
    return gap->kind == FACT_GAP &&
           a->direction[side_other((enum side)gap->from)].last_frame > gap->last_frame &&
           a->direction[gap->from].acked <= gap->gap.offset;
}

bool attempt_opening_seen(const struct attempt *a)
{
    return a->start_seen || (timeline_kinds(a->timeline) & FACT_BIT(FACT_SYN_ACK)) != 0;
}

/* Are the last records one side's alone, too many for lines? Then it is a message body. */
static bool is_body(const struct attempt *a, enum side from, uint8_t type)
{
    for (unsigned i = 1; i <= TRACE_RUN; i++) {
        if (i > a->trace_count)
            return false;
        const struct tls_trace_record *r = &a->trace[a->trace_count - i];
        if (r->from != from || r->type != type)
            return false;
    }
    return true;
}

/* Never before the last one's: what waited behind a late segment was of no use until that came. */
static uint32_t trace_time(const struct attempt *a, int64_t time)
{
    int64_t us =
        time == TIME_NONE || a->trace_start == TIME_NONE ? 0 : (time - a->trace_start) / 1000;
    int64_t before = a->trace_count > 0 ? a->trace[a->trace_count - 1].time_us : 0;
    us = us < before ? before : us;
    return us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

void attempt_trace(struct attempt *a, enum side from, uint8_t type, uint16_t length, uint32_t frame,
                   int64_t time)
{
    if (is_body(a, from, type))
        a->trace_count--; /* how a body ends matters, not each piece of it */
    if (a->trace_count == a->trace_cap) {
        size_t cap = a->trace_cap > 0 ? a->trace_cap * 2u : TRACE_FIRST;
        struct tls_trace_record *trace =
            cap <= TLS_TRACE_MAX
                ? mem_resize(a->budget, a->trace, a->trace_cap * sizeof *trace, cap * sizeof *trace)
                : NULL;
        if (!trace) {
            a->trace_full = true;
            return;
        }
        a->trace = trace;
        a->trace_cap = (uint16_t)cap;
    }
    if (a->trace_count == 0)
        a->trace_start = time;
    uint32_t time_us = trace_time(a, time);
    a->trace[a->trace_count++] = (struct tls_trace_record) {
        .time_us = time_us,
        .frame = frame,
        .length = length,
        .type = type,
        .from = (uint8_t)from,
    };
}

void attempt_mark_secret(struct attempt *a, enum side from, uint64_t offset, uint32_t len,
                         bool decrypted)
{
    if (len == 0)
        return;
    if (a->span_count > 0) { /* a line that came in pieces is one span */
        struct secret_span *last = &a->spans[a->span_count - 1];
        if (last->from == from && last->decrypted == decrypted &&
            last->offset + last->len == offset) {
            last->len += len;
            return;
        }
    }
    if (a->span_count == SECRET_SPANS_MAX) {
        a->spans_full = true;
        return;
    }
    a->spans[a->span_count++] = (struct secret_span) { offset, len, (uint8_t)from, decrypted };
}
