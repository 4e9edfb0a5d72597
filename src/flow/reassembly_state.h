/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a reassembly is made of, for those who embed one: flow/ alone. Storage for what waits behind
 * a hole, and for what was delivered and not acknowledged yet, is taken only on need.
 */
#ifndef MAILWHY_FLOW_REASSEMBLY_STATE_H
#define MAILWHY_FLOW_REASSEMBLY_STATE_H

#include "flow/reassembly.h"

/* Bytes that wait: a segment's, or the part of one that no other brought. */
struct piece {
    struct piece *next;
    int64_t offset, time;
    uint32_t len;  /* on the wire */
    uint32_t kept; /* bytes[] of it: all, or none where the capture cut them off */
    uint32_t frame, after;
    bool ordered, retransmitted;
    uint8_t bytes[];
};

struct waiting {
    struct piece *first, *last; /* by offset, without overlaps */
    struct piece *given;        /* whose bytes the last chunk borrows */
    uint32_t count, bytes;
};

/* The last bytes delivered, up to the position; none (len 0) once they were acknowledged. */
struct recent {
    uint32_t len, cap;
    uint8_t bytes[];
};

struct reassembly {
    struct budget *budget;
    struct waiting *waiting; /* NULL: nothing */
    struct recent *recent;   /* NULL: none */
    int64_t position;        /* next offset to deliver */
    int64_t highest,
        acked;          /* ends of what was seen, and of what was acknowledged (a FIN counts one) */
    const uint8_t *now; /* bytes in order of the last push, not copied */
    int64_t now_time;
    uint32_t now_frame, now_len;
    uint32_t now_lost; /* what the capture cut off behind them */
    uint32_t base;     /* sequence number of offset 0 */
    uint32_t end_seq;  /* of the FIN */
    uint8_t from;
    bool started : 1, settled : 1, hinted : 1, finished : 1, now_retransmitted : 1;
};

/* Bytes of the last push that are still to be pulled. */
static inline bool reassembly_has_now(const struct reassembly *r)
{
    return r->now_len > 0 || r->now_lost > 0;
}

/* Its next bytes, where nothing waits or is left of the last push; they are pulled before the
 * next. */
static inline void reassembly_put(struct reassembly *r, struct bytes bytes, uint32_t frame,
                                  int64_t time)
{
    r->now = bytes.at;
    r->now_len = (uint32_t)bytes.len;
    r->now_frame = frame;
    r->now_time = time;
    r->now_retransmitted = false;
    r->highest += (int64_t)bytes.len;
}

/* Wipes what was delivered, since it was acknowledged. */
void reassembly_forget_recent(struct reassembly *r);
/* The same, and gives back its room. */
void reassembly_free_recent(struct reassembly *r);
/* Room for n more bytes behind those that are kept, or, where these would be too many, instead of
 * them; false when the budget has no more. */
bool reassembly_recent_room(struct reassembly *r, uint32_t n);

/* reassembly_acknowledged() of a number up to the position. */
static inline bool reassembly_acknowledged_here(struct reassembly *r, uint32_t seq)
{
    int64_t acked = reassembly_offset(r, seq);
    if (acked <= r->acked)
        return false;
    r->acked = acked;
    if (acked >= r->position)
        reassembly_forget_recent(r);
    return true;
}

void reassembly_init(struct reassembly *r, struct budget *budget, enum side from);
void reassembly_clear(struct reassembly *r);

#endif
