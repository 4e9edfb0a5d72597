/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/cursor.h"
#include "flow/tcp_state.h"

#include "packet/tcp_options.h"

/* An RST may lie so far beyond what was seen: the largest window without scaling. */
enum { RST_WINDOW = 65535 };

struct fact tcp_fact(enum fact_kind kind, enum side from, uint32_t frame, int64_t time)
{
    return (struct fact) { .kind = (uint8_t)kind,
                           .origin = ORIGIN_SEEN,
                           .from = (uint8_t)from,
                           .first_frame = frame,
                           .last_frame = frame,
                           .time = time };
}

static void tell(struct tcp *t, const struct fact *fact)
{
    timeline_add(t->attempt->timeline, fact);
}

/* Tells it unless its kind has had its share of the timeline. */
static void tell_few(struct tcp *t, const struct fact *fact, uint8_t *told, unsigned most)
{
    if (*told >= most)
        return;
    ++*told;
    tell(t, fact);
}

static struct fact fact_of(enum fact_kind kind, const struct packet *p, enum side from)
{
    return tcp_fact(kind, from, p->frame, p->time);
}

struct tcp *tcp_new(struct attempt *attempt, struct budget *budget,
                    const struct flow_opening *opening)
{
    struct tcp *t = mem_alloc(budget, sizeof *t);
    if (!t)
        return NULL;
    t->attempt = attempt;
    reassembly_init(&t->side[SIDE_DEVICE], budget, SIDE_DEVICE);
    reassembly_init(&t->side[SIDE_SERVER], budget, SIDE_SERVER);
    if (!opening || opening->first_frame == 0)
        return t;
    attempt->first_frame = attempt->last_frame = opening->first_frame;
    attempt->start_time = attempt->end_time = opening->first_time;
    if (opening->syn) {
        attempt->start_seen = true;
        t->syn_seq = opening->syn_seq;
        reassembly_start(&t->side[SIDE_DEVICE], opening->syn_seq + 1);
    }
    if (opening->syn_ack)
        reassembly_start(&t->side[SIDE_SERVER], opening->syn_ack_seq + 1);
    if (opening->syn_frame == 0 && opening->syn_ack_frame == 0)
        return t;
    t->opening = mem_alloc(budget, sizeof *t->opening);
    if (!t->opening) {
        tcp_free(t);
        return NULL;
    }
    *t->opening = *opening;
    return t;
}

void tcp_free(struct tcp *t)
{
    if (!t)
        return;
    struct budget *budget = tcp_budget(t);
    tcp_order_free(t);
    for (size_t i = 0; i < 2; i++) {
        mem_free(budget, t->run[i], sizeof *t->run[i]);
        reassembly_clear(&t->side[i]);
    }
    mem_free(budget, t->opening, sizeof *t->opening);
    mem_free(budget, t, sizeof *t);
}

static void opening_packet(struct tcp *t, enum side from, uint32_t frame, int64_t time)
{
    struct direction *d = &t->attempt->direction[from];
    d->seen = true;
    d->packets++;
    d->last_frame = frame;
    d->last_time = time;
    t->packets++;
}

/* The opening that was seen before this connection was followed, but for the packet at hand. */
static void tell_opening(struct tcp *t, uint32_t frame)
{
    struct flow_opening *o = t->opening;
    if (!o)
        return;
    t->opening = NULL;
    if (o->syn_frame > 0 && o->syn_frame != frame) {
        struct fact fact = tcp_fact(FACT_SYN, SIDE_DEVICE, o->syn_frame, o->first_time);
        fact.syn = (struct fact_syn) { .seq = o->syn_seq, .window_scale = 255 };
        tell_few(t, &fact, &t->syns, TCP_SYN_FACTS_MAX);
        opening_packet(t, SIDE_DEVICE, o->syn_frame, o->first_time);
    }
    if (o->syn_ack_frame > 0 && o->syn_ack_frame != frame) {
        struct fact fact = tcp_fact(FACT_SYN_ACK, SIDE_SERVER, o->syn_ack_frame, o->syn_ack_time);
        tell_few(t, &fact, &t->syn_acks, TCP_SYN_FACTS_MAX);
        opening_packet(t, SIDE_SERVER, o->syn_ack_frame, o->syn_ack_time);
    }
    mem_free(tcp_budget(t), o, sizeof *o);
}

static void note_frame(struct tcp *t, const struct packet *p)
{
    struct attempt *a = t->attempt;
    if (a->first_frame == 0) {
        a->first_frame = p->frame;
        a->start_time = a->end_time = p->time;
    }
    a->last_frame = p->frame;
    if (p->time != TIME_NONE)
        a->end_time = p->time;
}

/* The usual TTL: what most of this side's packets have, RSTs left out. */
static void vote_ttl(struct tcp *t, enum side from, uint8_t ttl)
{
    struct direction *d = &t->attempt->direction[from];
    uint8_t *votes = &t->ttl_votes[from];
    if (*votes == 0)
        d->ttl = ttl;
    if (d->ttl != ttl)
        --*votes;
    else if (*votes < UINT8_MAX)
        ++*votes;
}

static void note_direction(struct tcp *t, const struct packet *p, enum side from)
{
    struct direction *d = &t->attempt->direction[from];
    d->seen = true;
    d->packets++;
    d->last_frame = p->frame;
    d->last_time = p->time;
    if (p->snapped)
        d->snapped = t->attempt->snapped = true;
    if (!(p->tcp.flags & TCP_RST))
        vote_ttl(t, from, p->ttl);
}

static void syn(struct tcp *t, const struct packet *p, enum side from)
{
    struct direction *d = &t->attempt->direction[from];
    bool acks = (p->tcp.flags & TCP_ACK) != 0;
    uint32_t off = p->tcp.ack - t->syn_seq - 1;
    if (acks && from == SIDE_SERVER && t->attempt->start_seen && off > t->syn_data)
        return; /* answers another SYN */
    struct tcp_options options;
    tcp_options_read(p->tcp.options, &options);
    if (d->mss == 0)
        d->mss = options.mss;
    reassembly_start(&t->side[from], p->tcp.seq + 1);
    if (acks) {
        struct fact fact = fact_of(FACT_SYN_ACK, p, from);
        fact.syn_ack = (struct fact_syn_ack) { .mss = options.mss, .ttl = p->ttl };
        tell_few(t, &fact, &t->syn_acks, TCP_SYN_FACTS_MAX);
    } else if (from == SIDE_DEVICE) {
        t->attempt->start_seen = true;
        t->syn_seq = p->tcp.seq;
        t->syn_data = (uint16_t)(p->payload_len < UINT16_MAX ? p->payload_len : UINT16_MAX);
        struct fact fact = fact_of(FACT_SYN, p, from);
        fact.syn = (struct fact_syn) { .seq = p->tcp.seq,
                                       .mss = options.mss,
                                       .window_scale = options.window_scale,
                                       .ttl = p->ttl,
                                       .fast_open = options.fast_open,
                                       .repeat = t->syns };
        tell_few(t, &fact, &t->syns, TCP_SYN_FACTS_MAX);
    }
}

/* The device's ACK, or data of either side. */
static void open_check(struct tcp *t, const struct packet *p, enum side from)
{
    if (t->opened || (p->tcp.flags & (TCP_SYN | TCP_RST)))
        return;
    const struct reassembly *server = &t->side[SIDE_SERVER];
    bool by_ack = from == SIDE_DEVICE && (p->tcp.flags & TCP_ACK) &&
                  (!server->started || reassembly_offset(server, p->tcp.ack) >= 0);
    if (!by_ack && p->payload_len == 0)
        return;
    t->opened = true;
    if (t->state == TCP_OPENING)
        t->state = TCP_OPEN;
    struct fact fact = fact_of(FACT_OPEN, p, from);
    tell(t, &fact);
}

/* The largest segment that arrived: remembered while in flight. */
static void large_sent(struct tcp *t, enum side from, uint32_t seq, uint32_t len)
{
    if (len <= t->attempt->direction[from].largest_segment || len < t->large_len[from])
        return;
    bool first = len > t->large_len[from];
    if (first || (int32_t)(seq + len - t->large_end_last[from]) > 0) /* none sent again */
        t->large_end_last[from] = seq + len;
    if (!first)
        return;
    t->large_len[from] = len;
    t->large_end[from] = seq + len;
}

static void large_arrived(struct tcp *t, enum side side)
{
    t->attempt->direction[side].largest_segment = t->large_len[side];
    t->large_len[side] = 0;
}

static void large_acked(struct tcp *t, enum side side)
{
    const struct reassembly *r = &t->side[side];
    if (t->large_len[side] > 0 && reassembly_offset(r, t->large_end[side]) <= r->acked)
        large_arrived(t, side);
}

/* Does the block from left up to right hold one of the large segments: the first, the last, or one of those that
 * stand in a row with either? */
static bool block_holds(const struct tcp *t, enum side side, uint32_t left, uint32_t right)
{
    const struct reassembly *r = &t->side[side];
    int64_t len = t->large_len[side], begin = reassembly_offset(r, left),
            end = reassembly_offset(r, right), last = reassembly_offset(r, t->large_end_last[side]),
            first = reassembly_offset(r, t->large_end[side]) - len;
    if (end > (int64_t)r->highest)
        return false;
    begin = begin > first ? begin : first;
    end = end < last ? end : last;
    int64_t in_row = first + (begin - first + len - 1) / len * len; /* begins there */
    int64_t from_last = last - (last - end + len - 1) / len * len;  /* ends there */
    return in_row + len <= end || from_last - len >= begin;
}

/* RFC 2018 3: bytes that arrived although earlier ones did not. */
static void large_sacked(struct tcp *t, enum side side, struct bytes header_options)
{
    struct tcp_options options;
    tcp_options_read(header_options, &options);
    struct cursor blocks = cursor_of(options.sack);
    while (t->large_len[side] > 0 && cursor_left(&blocks) > 0) {
        uint32_t left = cursor_u32(&blocks), right = cursor_u32(&blocks);
        if (!cursor_ok(&blocks))
            return;
        if (block_holds(t, side, left, right))
            large_arrived(t, side);
    }
}

static void acknowledge(struct tcp *t, const struct packet *p, enum side from)
{
    enum side other = side_other(from);
    struct reassembly *r = &t->side[other];
    /* the handshake says where a side begins whose own part of it the capture lacks */
    bool third = from == SIDE_DEVICE && t->attempt->start_seen && p->payload_len == 0 &&
                 !(p->tcp.flags & TCP_FIN);
    if (!r->settled && !t->settled && (third || (p->tcp.flags & TCP_SYN)))
        reassembly_hint(r, p->tcp.ack);
    bool moved = reassembly_acknowledged(r, p->tcp.ack);
    if (moved) {
        t->attempt->direction[other].acked = reassembly_acked(r);
        large_acked(t, other);
    }
    if (t->large_len[other] > 0)
        large_sacked(t, other, p->tcp.options);
    tcp_run_check(t, other, moved);
}

static void window(struct tcp *t, const struct packet *p, enum side from)
{
    if ((p->tcp.flags & (TCP_SYN | TCP_FIN | TCP_RST)) || t->side[from].finished)
        return;
    bool zero = p->tcp.window == 0;
    if (zero && !t->zero_window[from]) {
        struct fact fact = fact_of(FACT_ZERO_WINDOW, p, from);
        tell_few(t, &fact, &t->windows, TCP_WINDOW_FACTS_MAX);
    }
    t->zero_window[from] = zero;
}

/* What the sender had received before it sent this; false where it does not say or is not believed. */
static bool order_of(const struct tcp *t, const struct packet *p, enum side from, uint32_t *after)
{
    const struct reassembly *other = &t->side[side_other(from)];
    if (!(p->tcp.flags & TCP_ACK) ||
        (other->started && reassembly_offset(other, p->tcp.ack) > other->acked))
        return false;
    *after = p->tcp.ack;
    return true;
}

static void payload(struct tcp *t, const struct packet *p, enum side from)
{
    struct reassembly *r = &t->side[from];
    struct direction *d = &t->attempt->direction[from];
    if (p->payload_len == 0 && r->started)
        return; /* an acknowledgement alone; else it says where the stream begins */
    struct segment segment = {
        .seq = p->tcp.seq + ((p->tcp.flags & TCP_SYN) != 0),
        .bytes = bytes_first(p->payload, p->payload_len),
        .len = p->payload_len,
        .frame = p->frame,
        .time = p->time,
    };
    segment.ordered = order_of(t, p, from, &segment.after);
    segment.keep = segment.ordered && !tcp_reached(t, side_other(from), segment.after);
    struct segment_news news;
    reassembly_push(r, &segment, &news);
    if (p->payload_len == 0)
        return;
    d->bytes += news.fresh;
    if (news.fresh > 0) {
        d->last_data_frame = p->frame;
        d->last_data_time = p->time;
        large_sent(t, from, segment.seq, segment.len);
        tcp_run_check(t, from, false);
    }
    if (news.conflict) {
        struct fact fact = fact_of(FACT_CONFLICT, p, from);
        tell_few(t, &fact, &t->conflicts, TCP_CONFLICT_FACTS_MAX);
    }
    tcp_resent(t, p, from, segment.seq, &news);
}

static void fin(struct tcp *t, const struct packet *p, enum side from)
{
    uint32_t end = p->tcp.seq + ((p->tcp.flags & TCP_SYN) != 0) + p->payload_len;
    struct reassembly *r = &t->side[from];
    bool inferred = r->finished && r->end_seq == end && !t->attempt->direction[from].fin;
    if (!reassembly_finish(r, end) && !inferred)
        return;
    t->attempt->direction[from].fin = true;
    struct tcp_event event = { .own = end, .fact = fact_of(FACT_FIN, p, from) };
    event.ordered = order_of(t, p, from, &event.after);
    tcp_event_add(t, &event);
}

bool tcp_answers_syn(const struct tcp *t, enum side from, bool acks, uint32_t ack)
{
    return from == SIDE_SERVER && t->attempt->start_seen && !t->opened && t->syn_acks == 0 &&
           t->attempt->direction[SIDE_SERVER].bytes == 0 &&
           (!acks || ack - t->syn_seq - 1 <= t->syn_data);
}

/* Does it lie where the receiver would take it (RFC 9293 3.10.7.4)? Lenient where this side was not seen. */
static bool rst_in_window(const struct tcp *t, const struct packet *p, enum side from)
{
    const struct reassembly *r = &t->side[from];
    if (!r->started)
        return !(from == SIDE_SERVER && t->attempt->start_seen && !t->opened);
    int64_t offset = reassembly_offset(r, p->tcp.seq);
    int64_t low = r->acked - 1, high = r->highest > r->acked ? r->highest : r->acked;
    if (r->finished)
        low -= RST_WINDOW; /* a closed connection answers with the number it was sent */
    return offset >= low && offset <= high + RST_WINDOW;
}

static void rst(struct tcp *t, const struct packet *p, enum side from)
{
    bool acks = (p->tcp.flags & TCP_ACK) != 0, refuses = tcp_answers_syn(t, from, acks, p->tcp.ack);
    if (!refuses && !rst_in_window(t, p, from))
        return;
    const struct reassembly *r = &t->side[from], *other = &t->side[side_other(from)];
    struct direction *d = &t->attempt->direction[from];
    d->rst = true;
    if (acks && !refuses)
        reassembly_acknowledged(&t->side[side_other(from)], p->tcp.ack);
    /* behind its own bytes: the answer of a host that knows of no connection any more */
    if (r->started && !r->finished && !refuses && reassembly_offset(r, p->tcp.seq) != r->highest)
        d->end_unseen = true;
    if (t->state != TCP_CLOSED_FINS)
        t->state = r->finished && other->finished ? TCP_CLOSED_FINS : TCP_CLOSED_RST;
    if (t->rsts >= TCP_RST_FACTS_MAX)
        return;
    t->rsts++;
    /* its number may lie behind bytes that come late: then it waits for them, at most until the end */
    bool behind_all = refuses || !r->started;
    struct tcp_event event = {
        .own = behind_all ? r->base + (uint32_t)r->position : p->tcp.seq,
        .ordered = acks,
        .after = p->tcp.ack,
        .fact = fact_of(FACT_RST, p, from),
    };
    event.fact.rst = (struct fact_rst) {
        .ttl = p->ttl, .ip_id = p->ip_id, .answers_syn = refuses, .plain = !acks
    };
    tcp_event_add(t, &event);
}

static void close_check(struct tcp *t)
{
    if (t->state != TCP_CLOSED_RST && reassembly_finish_acked(&t->side[SIDE_DEVICE]) &&
        reassembly_finish_acked(&t->side[SIDE_SERVER]))
        t->state = TCP_CLOSED_FINS;
}

/* An acknowledgement, alone or with the next bytes, of a connection that is usual and stays so. */
static bool is_usual_packet(const struct tcp *t, const struct packet *p, enum side from)
{
    const struct reassembly *r = &t->side[from], *other = &t->side[side_other(from)];
    return t->usual && (p->tcp.flags & (TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK)) == TCP_ACK &&
           p->payload.len == p->payload_len &&
           reassembly_offset(other, p->tcp.ack) <= other->position &&
           (p->payload_len == 0 || p->tcp.seq == r->base + (uint32_t)r->position);
}

/* The short way of nearly every packet, to where unusual_packet() would come. Are there bytes to
 * pull? */
static bool usual_packet(struct tcp *t, const struct packet *p, enum side from)
{
    enum side other = side_other(from);
    struct direction *d = &t->attempt->direction[from];
    if (reassembly_acknowledged_here(&t->side[other], p->tcp.ack)) {
        t->attempt->direction[other].acked = reassembly_acked(&t->side[other]);
        large_acked(t, other);
    }
    if (t->large_len[other] > 0)
        large_sacked(t, other, p->tcp.options);
    if (p->tcp.window == 0 || t->zero_window[from])
        window(t, p, from);
    if (p->payload_len == 0)
        return !(t->drained = true);
    reassembly_put(&t->side[from], p->payload, p->frame, p->time);
    t->usual_from = (uint8_t)from;
    d->bytes += p->payload_len;
    d->last_data_frame = p->frame;
    d->last_data_time = p->time;
    large_sent(t, from, p->tcp.seq, p->payload_len);
    return true;
}

static __attribute__((noinline)) void unusual_packet(struct tcp *t, const struct packet *p,
                                                     enum side from)
{
    if (from == SIDE_SERVER || (p->tcp.flags & (TCP_SYN | TCP_ACK)) != TCP_SYN)
        t->beyond_syn = true;
    if (p->tcp.flags & TCP_RST) {
        rst(t, p, from);
        return;
    }
    if (p->tcp.flags & TCP_SYN)
        syn(t, p, from);
    if (p->tcp.flags & TCP_ACK) {
        acknowledge(t, p, from);
        window(t, p, from);
    }
    open_check(t, p, from);
    payload(t, p, from);
    if (p->tcp.flags & TCP_FIN)
        fin(t, p, from);
    close_check(t);
}

bool tcp_packet(struct tcp *t, const struct packet *p, enum side from)
{
    if (t->opening)
        tell_opening(t, p->frame);
    note_frame(t, p);
    t->drained = false;
    if (tcp_is_copy(t, p, from)) {
        t->attempt->direction[from].duplicates++;
        return true; /* time went on: what waits may be given up */
    }
    t->packets++;
    note_direction(t, p, from);
    if (is_usual_packet(t, p, from))
        return usual_packet(t, p, from);
    t->usual = false;
    unusual_packet(t, p, from);
    return true;
}

void tcp_icmp(struct tcp *t, const struct packet *p, enum side quoted)
{
    tell_opening(t, p->frame);
    note_frame(t, p);
    t->drained = false;
    if (tcp_is_copy(t, p, quoted)) {
        t->attempt->direction[quoted].duplicates++;
        return;
    }
    bool syn_flag = p->icmp.has_flags && (p->tcp.flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
    bool syn_seq =
        !p->icmp.has_flags && p->icmp.has_seq && t->attempt->start_seen && p->tcp.seq == t->syn_seq;
    struct fact fact = fact_of(FACT_ICMP, p, quoted);
    fact.icmp = (struct fact_icmp) { .type = p->icmp.type,
                                     .code = p->icmp.code,
                                     .v6 = p->icmp.v6,
                                     .quotes_syn = quoted == SIDE_DEVICE && (syn_flag || syn_seq),
                                     .mtu = p->icmp.mtu,
                                     .by = p->icmp.from };
    tell_few(t, &fact, &t->icmps, TCP_ICMP_FACTS_MAX);
}

void tcp_flush(struct tcp *t)
{
    if (t->flushing)
        return;
    tell_opening(t, 0);
    t->flushing = true;
    t->drained = t->usual = false;
    struct direction *d = t->attempt->direction;
    for (size_t i = 0; i < 2; i++) {
        tcp_run_end(t, (enum side)i);
        d[i].acked = reassembly_acked(&t->side[i]);
        const struct reassembly *r = &t->side[i];
        d[i].end_unseen = d[i].seen && !d[i].fin && (d[i].end_unseen || r->acked > r->highest);
        if (!d[1 - i].seen && t->large_len[i] > d[i].largest_segment)
            d[i].largest_segment = t->large_len[i];
    }
    /* SYNs without an answer are no sign of a capture that lacks a direction */
    t->attempt->one_sided = d[SIDE_DEVICE].seen != d[SIDE_SERVER].seen && t->beyond_syn;
}

enum tcp_state tcp_state(const struct tcp *t)
{
    return (enum tcp_state)t->state;
}

bool tcp_side_done(const struct tcp *t, enum side side)
{
    return reassembly_done(&t->side[side]);
}
