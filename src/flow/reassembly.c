/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/reassembly_state.h"

#include "base/limits.h"

/* A hole that is filled later than this after it was noticed was filled by a retransmission, else
 * the network swapped two segments. */
enum { SWAPPED_NS = 3000000 };

void reassembly_init(struct reassembly *r, struct budget *budget, enum side from)
{
    *r = (struct reassembly) { .budget = budget, .from = (uint8_t)from };
}

struct reassembly *reassembly_new(struct budget *budget, enum side from)
{
    struct reassembly *r = mem_alloc(budget, sizeof *r);
    if (r)
        reassembly_init(r, budget, from);
    return r;
}

static void piece_free(struct reassembly *r, struct piece *p)
{
    if (!p)
        return;
    mem_wipe(p->bytes, p->kept);
    mem_free(r->budget, p, sizeof *p + p->kept);
}

void reassembly_clear(struct reassembly *r)
{
    if (r->waiting) {
        piece_free(r, r->waiting->given);
        while (r->waiting->first) {
            struct piece *p = r->waiting->first;
            r->waiting->first = p->next;
            piece_free(r, p);
        }
        mem_free(r->budget, r->waiting, sizeof *r->waiting);
        r->waiting = NULL;
    }
    reassembly_free_recent(r);
}

void reassembly_free(struct reassembly *r)
{
    if (!r)
        return;
    reassembly_clear(r);
    mem_free(r->budget, r, sizeof *r);
}

/* Places */

int64_t reassembly_offset(const struct reassembly *r, uint32_t seq)
{
    uint32_t here = r->base + (uint32_t)r->position;
    return r->position + (int32_t)(seq - here);
}

uint64_t reassembly_position(const struct reassembly *r)
{
    return (uint64_t)r->position;
}

bool reassembly_started(const struct reassembly *r)
{
    return r->started;
}

bool reassembly_reached(const struct reassembly *r, uint32_t seq)
{
    return reassembly_offset(r, seq) <= r->position;
}

static uint64_t not_negative(int64_t offset)
{
    return offset > 0 ? (uint64_t)offset : 0;
}

uint64_t reassembly_highest(const struct reassembly *r)
{
    return not_negative(r->highest);
}

/* Acknowledged, the FIN not counted. */
static int64_t acked_bytes(const struct reassembly *r)
{
    if (!r->finished)
        return r->acked;
    int64_t end = reassembly_offset(r, r->end_seq);
    return r->acked < end ? r->acked : end;
}

uint64_t reassembly_acked(const struct reassembly *r)
{
    return not_negative(acked_bytes(r));
}

static struct piece *first_piece(const struct reassembly *r)
{
    return r->waiting ? r->waiting->first : NULL;
}

/* Moves offset 0 to what is now offset by, before anything was delivered. */
static void rebase(struct reassembly *r, int64_t by)
{
    r->base += (uint32_t)by;
    r->highest -= by;
    r->acked -= by;
    for (struct piece *p = first_piece(r); p; p = p->next)
        p->offset -= by;
}

void reassembly_settle(struct reassembly *r)
{
    if (!r->started || r->settled)
        return;
    const struct piece *first = first_piece(r);
    if (first && (!r->hinted || first->offset < 0))
        rebase(r, first->offset);
    r->settled = true;
}

void reassembly_hint(struct reassembly *r, uint32_t seq)
{
    if (r->settled)
        return;
    if (!r->started) {
        r->base = seq;
        r->started = true;
    }
    int64_t offset = reassembly_offset(r, seq);
    if (offset > 0 || offset < -REASSEMBLY_EARLY_MAX)
        return;
    rebase(r, offset);
    r->hinted = true;
}

static void take_first(struct reassembly *r)
{
    struct waiting *w = r->waiting;
    struct piece *p = w->first;
    w->first = p->next;
    if (!w->first)
        w->last = NULL;
    w->count--;
    w->bytes -= p->len;
    piece_free(r, w->given);
    w->given = p;
}

void reassembly_start(struct reassembly *r, uint32_t seq)
{
    if (r->settled)
        return;
    if (!r->started) {
        r->base = seq;
        r->started = r->settled = true;
        return;
    }
    int64_t start = reassembly_offset(r, seq);
    if (start < -REASSEMBLY_EARLY_MAX || start > r->highest) {
        reassembly_settle(r); /* of another time */
        return;
    }
    while (first_piece(r) && first_piece(r)->offset < start)
        take_first(r);
    rebase(r, start);
    r->settled = true;
}

/* Overlaps */

static bool differs(const uint8_t *a, const uint8_t *b, int64_t n)
{
    return n > 0 && memcmp(a, b, (size_t)n) != 0;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* A stretch of a segment, by offsets. */
struct stretch {
    int64_t from, to; /* on the wire */
    int64_t captured_to;
    int64_t segment_from; /* of bytes[0] */
    const uint8_t *bytes;
};

/* Do the bytes of both from one offset to another differ? */
static bool conflicts(const struct stretch *s, int64_t other_from, int64_t other_to,
                      const uint8_t *other)
{
    int64_t from = most(s->from, other_from), to = least(s->captured_to, other_to);
    return from < to &&
           differs(s->bytes + (from - s->segment_from), other + (from - other_from), to - from);
}

static bool conflicts_recent(const struct reassembly *r, const struct stretch *s)
{
    const struct recent *c = r->recent;
    return c && conflicts(s, r->position - c->len, r->position, c->bytes);
}

/* Keeps what was delivered until it is acknowledged. */
static inline void recent_add(struct reassembly *r, struct bytes b)
{
    if (acked_bytes(r) >= r->position) {
        reassembly_forget_recent(r);
        return;
    }
    if (b.len > REASSEMBLY_RECENT_MAX)
        b = bytes_after(b, b.len - REASSEMBLY_RECENT_MAX);
    uint32_t n = (uint32_t)b.len;
    if ((!r->recent || r->recent->len + n > r->recent->cap) && !reassembly_recent_room(r, n))
        return;
    uint8_t *end = r->recent->bytes + r->recent->len;
    r->recent->len += n;
    bytes_copy(end, n, b);
}

/* What waits */

static struct waiting *waiting(struct reassembly *r)
{
    if (!r->waiting)
        r->waiting = mem_alloc(r->budget, sizeof *r->waiting);
    return r->waiting;
}

/* Puts a new piece behind *at (NULL: first). */
static bool insert(struct reassembly *r, struct piece *behind, const struct segment *segment,
                   int64_t from, int64_t to, struct bytes bytes, bool retransmitted,
                   struct piece **made)
{
    struct waiting *w = waiting(r);
    if (!w || w->count >= REASSEMBLY_PIECES_MAX || w->bytes >= REASSEMBLY_MAX)
        return false;
    struct piece *p = mem_alloc(r->budget, sizeof *p + bytes.len);
    if (!p)
        return false;
    p->offset = from;
    p->time = segment->time;
    p->len = (uint32_t)(to - from);
    p->kept = (uint32_t)bytes_copy(p->bytes, bytes.len, bytes);
    p->frame = segment->frame;
    p->after = segment->after;
    p->ordered = segment->ordered;
    p->retransmitted = retransmitted;
    p->next = behind ? behind->next : w->first;
    if (behind)
        behind->next = p;
    else
        w->first = p;
    if (!p->next)
        w->last = p;
    w->count++;
    w->bytes += p->len;
    *made = p;
    return true;
}

/* The last piece that begins before offset, or NULL. */
static struct piece *piece_before(const struct reassembly *r, int64_t offset)
{
    struct waiting *w = r->waiting;
    if (!w || !w->first || w->first->offset >= offset)
        return NULL;
    if (w->last->offset < offset)
        return w->last;
    struct piece *p = w->first;
    while (p->next->offset < offset)
        p = p->next;
    return p;
}

/* One stretch that nothing covers: bytes, then what the capture cut off of them. */
static bool add_new(struct reassembly *r, struct piece **behind, const struct segment *segment,
                    const struct stretch *s, int64_t from, int64_t to, bool retransmitted)
{
    int64_t cut = most(from, least(to, s->captured_to));
    bool ok = true;
    if (from == r->position && r->settled && !segment->keep && r->now_len + r->now_lost == 0) {
        r->now = cut > from ? s->bytes + (from - s->segment_from) : NULL;
        r->now_len = (uint32_t)(cut - from);
        r->now_lost = (uint32_t)(to - cut);
        r->now_frame = segment->frame;
        r->now_time = segment->time;
        r->now_retransmitted = retransmitted;
        return true;
    }
    if (cut > from)
        ok = insert(r, *behind, segment, from, cut,
                    bytes_of(s->bytes + (from - s->segment_from), (size_t)(cut - from)),
                    retransmitted, behind);
    if (ok && to > cut)
        ok = insert(r, *behind, segment, cut, to, (struct bytes) { 0 }, retransmitted, behind);
    return ok;
}

/* Adds what of the stretch is new between the pieces that wait. */
static void add_between(struct reassembly *r, const struct segment *segment,
                        const struct stretch *s, bool retransmitted, struct segment_news *news)
{
    struct piece *behind = piece_before(r, s->from);
    int64_t at = s->from;
    if (behind)
        at = most(at, least(s->to, behind->offset + behind->len));
    if (behind && behind->kept > 0 &&
        conflicts(s, behind->offset, behind->offset + behind->kept, behind->bytes))
        news->conflict = true;
    if (at > s->from)
        news->resent = true;
    while (at < s->to) {
        struct piece *next = behind ? behind->next : first_piece(r);
        int64_t stop = next ? least(next->offset, s->to) : s->to;
        if (stop > at) {
            if (add_new(r, &behind, segment, s, at, stop, retransmitted || news->resent))
                news->fresh += (uint32_t)(stop - at);
            else
                news->dropped = true;
        }
        at = stop;
        if (!next || next->offset >= s->to)
            break;
        news->resent = true;
        if (next->kept > 0 && conflicts(s, next->offset, next->offset + next->kept, next->bytes))
            news->conflict = true;
        at = most(at, next->offset + next->len);
        behind = next;
    }
}

/* What was not pulled is gone. */
static void drop_now(struct reassembly *r)
{
    r->position += (int64_t)r->now_len + r->now_lost;
    r->now_len = r->now_lost = 0;
    if (!r->waiting)
        return;
    piece_free(r, r->waiting->given);
    r->waiting->given = NULL;
    if (!r->waiting->first) {
        mem_free(r->budget, r->waiting, sizeof *r->waiting);
        r->waiting = NULL;
    }
}

static bool fills_late(const struct reassembly *r, const struct segment *segment, int64_t from)
{
    const struct piece *first = first_piece(r);
    return first && first->offset > from && r->settled && first->time != TIME_NONE &&
           segment->time != TIME_NONE && segment->time - first->time > SWAPPED_NS;
}

/* Nearly every segment: the next bytes, while nothing waits. */
static bool push_next(struct reassembly *r, const struct segment *segment,
                      struct segment_news *news)
{
    bool plain = r->settled && !r->waiting && !r->finished && !reassembly_has_now(r) &&
                 r->highest == r->position && !segment->keep;
    if (!plain || segment->len == 0 || reassembly_offset(r, segment->seq) != r->position)
        return false;
    *news = (struct segment_news) { .fresh = segment->len, .offset = (uint64_t)r->position };
    reassembly_put(r, segment->bytes, segment->frame, segment->time);
    r->now_lost = segment->len - r->now_len;
    r->highest += r->now_lost;
    return true;
}

void reassembly_push(struct reassembly *r, const struct segment *segment, struct segment_news *news)
{
    if (push_next(r, segment, news))
        return;
    *news = (struct segment_news) { 0 };
    drop_now(r);
    bool first = !r->started;
    if (first && segment->len > 0) {
        r->base = segment->seq;
        r->started = true;
    }
    int64_t from = reassembly_offset(r, segment->seq), to = from + segment->len;
    news->offset = not_negative(from);
    news->keep_alive = !first && segment->len <= 1 && from == r->highest - 1;
    if (segment->len == 0)
        return;
    if (r->finished)
        to = least(to, reassembly_offset(r, r->end_seq));
    int64_t floor = r->settled ? r->position : -REASSEMBLY_EARLY_MAX;
    struct stretch s = { .from = from,
                         .to = to,
                         .captured_to = least(to, from + (int64_t)segment->bytes.len),
                         .segment_from = from,
                         .bytes = segment->bytes.at };
    if (from < floor) {
        news->resent = true;
        news->conflict = conflicts_recent(r, &s);
        s.from = floor;
    }
    if (s.from < s.to)
        add_between(r, segment, &s, fills_late(r, segment, s.from), news);
    if (news->keep_alive)
        news->conflict = false; /* its byte may be anything */
    news->old = news->fresh == 0 && !news->dropped;
    if (to > r->highest)
        r->highest = to;
}

bool reassembly_acknowledged(struct reassembly *r, uint32_t seq)
{
    if (!r->started)
        return false;
    int64_t acked = reassembly_offset(r, seq);
    if (acked <= r->acked || acked > r->highest + REASSEMBLY_ACK_AHEAD_MAX)
        return false;
    r->acked = acked;
    if (acked >= r->position)
        reassembly_forget_recent(r);
    return true;
}

/* Pulling */

static void give(struct reassembly *r, struct chunk *chunk, struct bytes b, uint32_t lost)
{
    chunk->from = (enum side)r->from;
    chunk->origin = ORIGIN_SEEN;
    chunk->gap = b.len == 0;
    chunk->offset = (uint64_t)r->position;
    chunk->gap_len = b.len == 0 ? lost : 0;
    chunk->bytes = b;
    r->position += b.len == 0 ? lost : (int64_t)b.len;
    if (b.len > 0)
        recent_add(r, b);
    else
        reassembly_forget_recent(r);
}

static __attribute__((noinline)) bool next_piece(struct reassembly *r, struct chunk *chunk)
{
    struct piece *p = first_piece(r);
    if (!p || !r->settled || p->offset != r->position)
        return false;
    *chunk = (struct chunk) { 0 };
    chunk->frame = p->frame;
    chunk->time = p->time;
    chunk->retransmitted = p->retransmitted;
    take_first(r);
    give(r, chunk, bytes_of(p->bytes, p->kept), p->len);
    return true;
}

bool reassembly_next(struct reassembly *r, struct chunk *chunk)
{
    uint32_t len = r->now_len, lost = r->now_lost;
    if (len == 0 && lost == 0)
        return r->waiting && next_piece(r, chunk);
    *chunk = (struct chunk) { 0 };
    chunk->frame = r->now_frame;
    chunk->time = r->now_time;
    chunk->retransmitted = r->now_retransmitted;
    r->now_len = 0;
    if (len == 0)
        r->now_lost = 0;
    give(r, chunk, bytes_of(r->now, len), lost);
    return true;
}

/* Up to where bytes are missing as far as is known, acknowledgements aside: what waits, or the FIN. */
static int64_t hole_end(const struct reassembly *r)
{
    const struct piece *p = first_piece(r);
    return p ? p->offset : r->finished ? reassembly_offset(r, r->end_seq) : r->position;
}

bool reassembly_has_hole(const struct reassembly *r)
{
    return r->settled && r->now_len + r->now_lost == 0 && hole_end(r) > r->position;
}

bool reassembly_lacks_acked(const struct reassembly *r)
{
    const struct piece *p = first_piece(r);
    return r->settled && r->now_len + r->now_lost == 0 && acked_bytes(r) > r->position &&
           (!p || p->offset > r->position);
}

bool reassembly_gap(struct reassembly *r, uint64_t most_offset, struct chunk *chunk)
{
    *chunk = (struct chunk) { 0 };
    bool acked = reassembly_lacks_acked(r);
    if (!acked && !reassembly_has_hole(r))
        return false;
    int64_t to = hole_end(r);
    if (acked && (acked_bytes(r) < to || to == r->position))
        to = acked_bytes(r);
    if ((uint64_t)to > most_offset)
        to = (int64_t)most_offset;
    int64_t n = to - r->position;
    if (n <= 0)
        return false;
    give(r, chunk, (struct bytes) { 0 }, n > UINT32_MAX ? UINT32_MAX : (uint32_t)n);
    return true;
}

struct reassembly_head reassembly_head(const struct reassembly *r)
{
    if (r->now_len > 0 || r->now_lost > 0)
        return (
            struct reassembly_head) { .ready = true, .frame = r->now_frame, .time = r->now_time };
    const struct piece *p = first_piece(r);
    if (!p || !r->settled || p->offset != r->position)
        return (struct reassembly_head) { 0 };
    return (struct reassembly_head) { true, p->ordered, p->frame, p->after, p->time };
}

uint32_t reassembly_waiting(const struct reassembly *r, uint32_t *bytes)
{
    *bytes = r->waiting ? r->waiting->bytes : 0;
    return r->waiting ? r->waiting->count : 0;
}

/* The end */

bool reassembly_finish(struct reassembly *r, uint32_t seq)
{
    if (r->finished)
        return false;
    if (!r->started) {
        r->base = seq;
        r->started = true;
    }
    int64_t end = reassembly_offset(r, seq);
    if (end < r->highest)
        return false;
    r->highest = end;
    r->end_seq = seq;
    r->finished = true;
    return true;
}

bool reassembly_finished(const struct reassembly *r)
{
    return r->finished;
}

bool reassembly_finish_acked(const struct reassembly *r)
{
    return r->finished && r->acked > reassembly_offset(r, r->end_seq);
}

bool reassembly_done(const struct reassembly *r)
{
    return r->finished && reassembly_reached(r, r->end_seq);
}
