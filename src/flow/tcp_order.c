/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/tcp_state.h"

/*
 * What comes out, and when: the bytes of each side in order, and between the sides so that nothing
 * comes before what its sender had received. Bytes that the other side acknowledged and that were
 * not seen may come a little later (a shuffled capture); after some patience they are a gap.
 */

static bool fin_told(const struct tcp *t, enum side side)
{
    for (const struct tcp_event *e = t->events; e; e = e->next)
        if (e->fact.kind == FACT_FIN && e->fact.from == side)
            return false;
    return true;
}

bool tcp_reached(const struct tcp *t, enum side side, uint32_t after)
{
    const struct reassembly *r = &t->side[side];
    if (!r->started)
        return t->settled;
    if (reassembly_offset(r, after) > r->acked)
        return true;
    if (r->finished && after == r->end_seq + 1)
        return fin_told(t, side);
    return r->settled && reassembly_reached(r, after);
}

static bool event_ready(const struct tcp *t, const struct tcp_event *e)
{
    enum side from = (enum side)e->fact.from;
    const struct reassembly *r = &t->side[from];
    if (e->fact.kind == FACT_RST && !t->settled && !t->attempt->start_seen)
        return false; /* perhaps it answers a SYN that comes late */
    uint32_t seq = r->finished && e->own == r->end_seq + 1 ? r->end_seq : e->own;
    bool own = !r->started || (r->settled && reassembly_reached(r, seq));
    return own && (!e->ordered || tcp_reached(t, side_other(from), e->after));
}

static void event_tell(struct tcp *t, struct tcp_event *e)
{
    enum side from = (enum side)e->fact.from;
    if (e->fact.kind == FACT_FIN)
        e->fact.fin.offset = reassembly_position(&t->side[from]);
    if (e->fact.kind == FACT_RST) {
        struct fact_rst *rst = &e->fact.rst;
        rst->usual_ttl = t->attempt->direction[from].ttl;
        rst->after_fin = t->side[from].finished;
        rst->answers_syn = rst->answers_syn || tcp_answers_syn(t, from, e->ordered, e->after);
    }
    timeline_add(t->attempt->timeline, &e->fact);
}

static void event_take(struct tcp *t, struct tcp_event **at)
{
    struct tcp_event *e = *at;
    *at = e->next;
    event_tell(t, e);
    mem_free(tcp_budget(t), e, sizeof *e);
}

/* Nothing of this side waits, and nothing of it is missing as far as is known. */
static bool is_in_order(const struct reassembly *r)
{
    int64_t end = r->position + r->now_len + r->now_lost;
    if (!r->settled || r->waiting)
        return false;
    return r->finished ? reassembly_offset(r, r->end_seq) == end : r->acked <= end;
}

/* Nearly every packet of nearly every connection: its bytes are the next ones, and no more is to be told. */
static bool is_plain(const struct tcp *t)
{
    return !t->events && !t->stuck && is_in_order(&t->side[SIDE_DEVICE]) &&
           is_in_order(&t->side[SIDE_SERVER]);
}

void tcp_event_add(struct tcp *t, struct tcp_event *event)
{
    bool pulled =
        !reassembly_has_now(&t->side[SIDE_DEVICE]) && !reassembly_has_now(&t->side[SIDE_SERVER]);
    if (pulled && is_plain(t) && event_ready(t, event)) { /* nearly always: nothing comes before */
        event_tell(t, event);
        return;
    }
    struct tcp_event *e = mem_alloc(tcp_budget(t), sizeof *e);
    if (!e) {
        timeline_add(t->attempt->timeline, &event->fact);
        return;
    }
    *e = *event;
    struct tcp_event **end = &t->events;
    while (*end)
        end = &(*end)->next;
    *end = e;
}

void tcp_order_free(struct tcp *t)
{
    while (t->events) {
        struct tcp_event *e = t->events;
        t->events = e->next;
        mem_free(tcp_budget(t), e, sizeof *e);
    }
    mem_free(tcp_budget(t), t->stuck, 2 * sizeof *t->stuck);
    t->stuck = NULL;
}

/* Patience */

static bool behind(const struct tcp *t, enum side side)
{
    const struct reassembly *r = &t->side[side];
    return r->settled && reassembly_acked(r) > reassembly_position(r);
}

/* Was it waited long enough since then: so many packets, or so long by their clock? */
static bool waited(const struct tcp *t, uint32_t packets, uint32_t most, int64_t time, int64_t ms)
{
    int64_t now = t->attempt->end_time;
    uint32_t n = t->packets - packets;
    if (n < TCP_TIMED_PACKETS || n >= most || now == TIME_NONE || time == TIME_NONE)
        return n >= most;
    return now - time >= ms * TIME_MILLISECOND;
}

static uint32_t waiting_bytes(const struct tcp *t)
{
    uint32_t a, b;
    reassembly_waiting(&t->side[SIDE_DEVICE], &a);
    reassembly_waiting(&t->side[SIDE_SERVER], &b);
    return a + b;
}

/* Nothing is ready: is this side to blame, and for how long already? */
static bool patience_over(struct tcp *t, enum side side)
{
    if (!behind(t, side)) {
        if (t->stuck)
            t->stuck[side].is = false;
        return false;
    }
    if (!t->stuck)
        t->stuck = mem_alloc(tcp_budget(t), 2 * sizeof *t->stuck);
    if (!t->stuck)
        return true;
    struct tcp_stuck *s = &t->stuck[side];
    if (!s->is || reassembly_position(&t->side[side]) >= s->upto)
        *s = (struct tcp_stuck) { true, t->packets, t->attempt->last_frame, t->attempt->end_time,
                                  reassembly_acked(&t->side[side]) };
    return waited(t, s->packets, TCP_PATIENCE_PACKETS, s->time, TCP_PATIENCE_MS) ||
           waiting_bytes(t) >= TCP_PATIENCE_BYTES;
}

static bool over_limit(const struct tcp *t, enum side side)
{
    uint32_t bytes, count = reassembly_waiting(&t->side[side], &bytes);
    bool heard = t->attempt->direction[side_other(side)].seen;
    return bytes >= REASSEMBLY_MAX || count >= REASSEMBLY_PIECES_MAX ||
           (!heard && count >= REASSEMBLY_ONE_SIDED_MAX);
}

/* Streams whose beginning was not seen begin with the lowest of their first segments. */
static void settle(struct tcp *t)
{
    if (!t->settled)
        t->settled = t->flushing || waiting_bytes(t) >= TCP_BEGIN_BYTES ||
                     waited(t, 0, TCP_BEGIN_PACKETS, t->attempt->start_time, TCP_BEGIN_MS);
    for (size_t i = 0; i < 2 && t->settled; i++)
        reassembly_settle(&t->side[i]);
}

/* Chunks */

static void note_gap(struct tcp *t, const struct chunk *chunk, bool snapped)
{
    struct direction *d = &t->attempt->direction[chunk->from];
    if (!d->seen)
        return; /* not a hole: the whole direction is missing */
    if (snapped) {
        d->snapped = t->attempt->snapped = true;
    } else {
        d->gaps++;
        t->attempt->gaps = true;
    }
    if (t->gap_facts[chunk->from] >= TCP_GAP_FACTS_MAX)
        return;
    t->gap_facts[chunk->from]++;
    struct fact fact = tcp_fact(FACT_GAP, chunk->from, chunk->frame, chunk->time);
    if (snapped)
        fact.flags = FACT_CLIPPED;
    fact.gap = (struct fact_gap) { chunk->offset, chunk->gap_len };
    timeline_add(t->attempt->timeline, &fact);
}

static bool take(struct tcp *t, enum side side, struct chunk *chunk)
{
    if (!reassembly_next(&t->side[side], chunk))
        return false;
    if (chunk->gap)
        note_gap(t, chunk, true);
    return true;
}

/* The hole goes no further than what the other side's next bytes need, so that each reply comes
 * after its own lost command. */
static bool take_gap(struct tcp *t, enum side side, struct chunk *chunk)
{
    struct reassembly *r = &t->side[side];
    const struct piece *next = r->waiting ? r->waiting->first : NULL;
    struct reassembly_head other = reassembly_head(&t->side[side_other(side)]);
    uint32_t frame = t->attempt->last_frame;
    int64_t time = t->attempt->end_time;
    uint64_t most = UINT64_MAX;
    if (reassembly_lacks_acked(r) && t->stuck && t->stuck[side].is) {
        frame = t->stuck[side].frame;
        time = t->stuck[side].time;
        most = t->stuck[side].upto;
    } else if (next) {
        frame = next->frame;
        time = next->time;
    }
    if (other.ready && other.ordered && reassembly_offset(r, other.after) > r->position) {
        uint64_t need = (uint64_t)reassembly_offset(r, other.after);
        most = need < most ? need : most;
        frame = other.frame;
        time = other.time;
    }
    if (!reassembly_gap(r, most, chunk))
        return false;
    chunk->frame = frame;
    chunk->time = time;
    note_gap(t, chunk, false);
    return true;
}

/* A last byte that was acknowledged and never seen, where nothing more can come, was a FIN. */
static void infer_fin(struct tcp *t, enum side side)
{
    struct reassembly *r = &t->side[side];
    bool over = t->flushing || t->side[side_other(side)].finished;
    if (over && !r->finished && r->highest == r->position && r->acked == r->position + 1 &&
        reassembly_lacks_acked(r))
        reassembly_finish(r, r->base + (uint32_t)r->position);
}

/* Nothing is ready by itself: where waiting is over, a hole is given up, or, where both sides wait
 * for each other, the order is. */
static bool force(struct tcp *t, struct chunk *chunk)
{
    bool may[2], hole[2];
    uint32_t frame[2];
    for (size_t i = 0; i < 2; i++) {
        const struct reassembly *r = &t->side[i];
        bool over = patience_over(t, (enum side)i);
        if (over || t->flushing)
            infer_fin(t, (enum side)i);
        may[i] = over || t->flushing || over_limit(t, (enum side)i);
        hole[i] = reassembly_has_hole(r) || reassembly_lacks_acked(r);
        frame[i] = r->waiting && r->waiting->first ? r->waiting->first->frame : UINT32_MAX;
    }
    /* too much waits, and for the other side: its hole is given up */
    for (size_t i = 0; i < 2; i++)
        if (over_limit(t, (enum side)i) && !hole[i])
            may[1 - i] = true;
    size_t first = frame[SIDE_SERVER] < frame[SIDE_DEVICE] ? SIDE_SERVER : SIDE_DEVICE;
    /* a side whose bytes the other waits for goes before */
    for (size_t i = 0; i < 2; i++)
        if (behind(t, (enum side)i) && hole[i] && !hole[1 - i])
            first = i;
    for (size_t n = 0; n < 2; n++) {
        size_t i = n == 0 ? first : 1 - first;
        if (may[i] && hole[i] && take_gap(t, (enum side)i, chunk))
            return true;
    }
    for (size_t n = 0; n < 2; n++) {
        size_t i = n == 0 ? first : 1 - first;
        if ((may[0] || may[1]) && !hole[1 - i] && reassembly_head(&t->side[i]).ready)
            return take(t, (enum side)i, chunk);
    }
    return false;
}

/* The ready side whose next bytes came first, or -1. */
static int ready_side(struct tcp *t, uint32_t *frame)
{
    int best = -1;
    for (int i = 0; i < 2; i++) {
        struct reassembly_head head = reassembly_head(&t->side[i]);
        if (head.ready && head.ordered) /* may have come before the other stream was known */
            reassembly_acknowledged(&t->side[side_other((enum side)i)], head.after);
        if (!head.ready || (head.ordered && !tcp_reached(t, side_other((enum side)i), head.after)))
            continue;
        if (best < 0 || head.frame < *frame) {
            best = i;
            *frame = head.frame;
        }
    }
    return best;
}

static struct tcp_event **ready_event(struct tcp *t)
{
    for (struct tcp_event **at = &t->events; *at; at = &(*at)->next)
        if (event_ready(t, *at))
            return at;
    return NULL;
}

static bool is_usual_side(const struct reassembly *r)
{
    return r->settled && !r->waiting && !r->finished && !reassembly_has_now(r) &&
           r->highest == r->position && r->acked <= r->position;
}

bool tcp_is_usual(const struct tcp *t)
{
    return t->opened && !t->opening && !t->events && !t->stuck && !t->run[SIDE_DEVICE] &&
           !t->run[SIDE_SERVER] && is_usual_side(&t->side[SIDE_DEVICE]) &&
           is_usual_side(&t->side[SIDE_SERVER]);
}

bool tcp_next_chunk(struct tcp *t, struct chunk *chunk)
{
    if (t->drained)
        return t->drained = false;
    if (t->usual) {
        t->drained = true; /* such a packet's bytes are one chunk */
        return reassembly_next(&t->side[t->usual_from], chunk);
    }
    if (is_plain(t)) {
        enum side side = reassembly_has_now(&t->side[SIDE_DEVICE]) ? SIDE_DEVICE : SIDE_SERVER;
        bool any = take(t, side, chunk);
        t->drained = any && !reassembly_has_now(&t->side[side]);
        t->usual = tcp_is_usual(t);
        return any;
    }
    settle(t);
    for (;;) {
        uint32_t frame = UINT32_MAX;
        int side = ready_side(t, &frame);
        struct tcp_event **event = ready_event(t);
        if (event && (side < 0 || (*event)->fact.last_frame < frame)) {
            event_take(t, event);
            continue;
        }
        if (side >= 0)
            return take(t, (enum side)side, chunk);
        if (force(t, chunk))
            return true;
        if (!t->flushing || !t->events)
            return false;
        event_take(t, &t->events);
    }
}
