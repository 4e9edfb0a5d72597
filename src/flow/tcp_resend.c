/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/tcp_state.h"

/*
 * A mirror port that copies both directions of a port gives each frame twice: the same IP id, within
 * microseconds. A retransmission has another id, or (id 0 and IPv6) comes a round trip later.
 */
enum {
    COPY_US = 1000,          /* with the same IP id */
    COPY_DIRECT_US = 100000, /* the same, straight after the first */
    COPY_NO_ID_US = 200,     /* without an id: faster than any round trip that resends */
};

bool tcp_is_copy_of_seen(const struct tcp *t, const struct packet *p, uint32_t sign, uint32_t us)
{
    bool timed = p->time != TIME_NONE;
    bool has_id = p->ip_id != 0;
    /* acknowledgements without an id may well be the same twice */
    bool tells = has_id || p->kind == PACKET_ICMP_ERROR || p->payload_len > 0 ||
                 (p->tcp.flags & (TCP_SYN | TCP_FIN | TCP_RST));
    unsigned last = (t->seen_next + TCP_SEEN - 1u) % TCP_SEEN;
    for (unsigned i = 0; i < TCP_SEEN && tells; i++) {
        if (t->seen[i] != sign)
            continue;
        uint32_t most = !has_id ? COPY_NO_ID_US : i == last ? COPY_DIRECT_US : COPY_US;
        if (timed ? us - t->seen_us[i] <= most : has_id && i == last)
            return true;
    }
    return false;
}

static int32_t seq_compare(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b);
}

static uint32_t old_bytes(const struct packet *p, const struct segment_news *news)
{
    return p->payload_len - (news->fresh < p->payload_len ? news->fresh : p->payload_len);
}

/* Bytes that look resent and are not. */
static bool is_no_resend(struct tcp *t, const struct packet *p, enum side from,
                         const struct segment_news *news)
{
    const struct reassembly *r = &t->side[from];
    uint32_t old = old_bytes(p, news);
    bool heard = t->attempt->direction[side_other(from)].seen;
    if (news->keep_alive && (!heard || r->acked >= r->highest))
        return true;
    if (old <= 1 && (news->fresh > 0 || t->zero_window[side_other(from)]))
        return true; /* a probe of a closed window, or what followed it */
    if (t->syn_data > 0 && from == SIDE_DEVICE && news->offset + old <= t->syn_data &&
        r->acked <= 0) {
        t->syn_data = 0; /* the server did not take the data in the SYN */
        return true;
    }
    return false;
}

/* The first of the bytes from seq on that is not acknowledged. */
static uint32_t open_from(const struct reassembly *r, uint32_t seq)
{
    return r->acked > reassembly_offset(r, seq) ? r->base + (uint32_t)r->acked : seq;
}

static void run_extend(struct tcp_run *run, const struct reassembly *r, const struct packet *p,
                       uint32_t seq, uint32_t end)
{
    if (seq_compare(seq, run->open_from) <= 0) {
        if (run->count < UINT16_MAX)
            run->count++;
        if (run->unanswered < UINT16_MAX)
            run->unanswered++;
        if (seq_compare(seq, run->start) < 0) {
            run->start = seq;
            run->open_from = open_from(r, seq);
        }
    }
    if (seq_compare(end, run->end) > 0)
        run->end = end;
    if (p->payload_len > run->largest)
        run->largest = p->payload_len;
    run->last_frame = p->frame;
    run->time = p->time;
}

static void run_tell(struct tcp *t, enum side side, bool acknowledged)
{
    struct tcp_run *run = t->run[side];
    int64_t offset = reassembly_offset(&t->side[side], run->start);
    struct fact fact = tcp_fact(FACT_RESEND, side, run->last_frame, run->time);
    fact.first_frame = run->first_frame;
    fact.resend = (struct fact_resend) {
        .offset = offset > 0 ? (uint64_t)offset : 0,
        .bytes = run->end - run->start,
        .count = run->count,
        .acknowledged = acknowledged,
        .largest = run->largest,
    };
    timeline_add(t->attempt->timeline, &fact);
    mem_free(tcp_budget(t), run, sizeof *run);
    t->run[side] = NULL;
}

void tcp_resent(struct tcp *t, const struct packet *p, enum side from, uint32_t seq,
                const struct segment_news *news)
{
    if (!news->resent || is_no_resend(t, p, from, news))
        return;
    t->attempt->direction[from].resends++;
    const struct reassembly *r = &t->side[from];
    uint32_t end = seq + p->payload_len, old_end = seq + old_bytes(p, news);
    bool needless =
        r->acked >= reassembly_offset(r, old_end); /* this far it had been acknowledged */
    if (needless && news->fresh > 0)
        end = old_end;
    if (!needless && t->run[from] && r->acked >= reassembly_offset(r, t->run[from]->end))
        run_tell(t, from, true);
    struct tcp_run *run = t->run[from];
    if (!run) {
        run = t->run[from] = mem_alloc(tcp_budget(t), sizeof *run);
        if (!run)
            return;
        run->start = run->end = seq;
        run->open_from = open_from(r, seq);
        run->first_frame = p->frame;
    }
    run_extend(run, r, p, seq, end);
}

void tcp_run_check(struct tcp *t, enum side side, bool moved)
{
    struct tcp_run *run = t->run[side];
    if (!run)
        return;
    const struct reassembly *r = &t->side[side];
    if (r->acked >= reassembly_offset(r, run->end)) {
        run_tell(t, side, true);
        return;
    }
    if (moved && r->acked > reassembly_offset(r, run->open_from)) {
        run->open_from = r->base + (uint32_t)r->acked;
        run->unanswered = 0;
    }
    /* whom we never hear cannot acknowledge: what goes on was received */
    if (!t->attempt->direction[side_other(side)].seen &&
        r->highest > reassembly_offset(r, run->end))
        run_tell(t, side, false);
}

void tcp_run_end(struct tcp *t, enum side side)
{
    struct tcp_run *run = t->run[side];
    if (!run)
        return;
    struct direction *d = t->attempt->direction;
    const struct reassembly *r = &t->side[side];
    bool acknowledged = r->acked >= reassembly_offset(r, run->end); /* before it was resent */
    if (d[side_other(side)].seen && !acknowledged)
        d[side].unanswered_resends = run->unanswered;
    run_tell(t, side, acknowledged);
}
