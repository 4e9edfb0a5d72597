/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One direction of a stream: segments in any order, resent, overlapping or cut, to bytes in order
 * and gaps. First data wins; a differing overlap is a conflict. Bounded: what waits behind a hole
 * is charged to a budget and to REASSEMBLY_MAX; beyond it the hole becomes a gap. Sequence numbers
 * wrap (RFC 9293 3.4); offsets are 64 bits.
 */
#ifndef MAILWHY_FLOW_REASSEMBLY_H
#define MAILWHY_FLOW_REASSEMBLY_H

#include "base/bytes.h"
#include "base/mem.h"
#include "facts/chunk.h"

struct reassembly; /* opaque */

struct segment {
    uint32_t seq;       /* of its first payload byte */
    struct bytes bytes; /* captured payload */
    uint32_t len;       /* on the wire; what the capture cut off is a gap */
    uint32_t frame;
    int64_t time;
    bool keep;      /* copy its bytes although they may be in order: they are not pulled at once */
    bool ordered;   /* after is set */
    uint32_t after; /* what its sender had received: the other side's bytes before this sequence
                            number come first. For who pulls: see reassembly_head() */
};

struct segment_news { /* what the push found out */
    bool old;         /* nothing in it was new */
    bool resent;      /* it overlaps what was seen before */
    bool conflict;    /* with other bytes */
    bool keep_alive;  /* one old byte (or none) right before the next expected one */
    bool dropped;     /* the budget had no room for it: it is missing now */
    uint32_t fresh;   /* bytes of it (on the wire) that were not seen before */
    uint64_t offset;  /* of its first byte in the stream */
};

struct reassembly *reassembly_new(struct budget *budget, enum side from);
void reassembly_free(struct reassembly *r);
/* The sequence number of the first byte of the stream (SYN's + 1). Without it the lowest of the
 * segments up to reassembly_settle() begins the stream (up to REASSEMBLY_EARLY_MAX bytes before the
 * first one are accepted); nothing is ready before. Ignored once the stream has begun. */
void reassembly_start(struct reassembly *r, uint32_t seq);
void reassembly_settle(struct reassembly *r);
/* It begins at this number or before it, says an acknowledgement of the handshake. */
void reassembly_hint(struct reassembly *r, uint32_t seq);
/* What was not pulled of the last push is lost, unless it was kept. */
void reassembly_push(struct reassembly *r, const struct segment *segment,
                     struct segment_news *news);
/* The other side acknowledged up to seq: what is missing before it was received by it, so it is the
 * capture's loss, or comes late in a shuffled capture: who pulls decides when it is a gap. True when
 * it is news. A number far beyond what was seen is not believed. */
bool reassembly_acknowledged(struct reassembly *r, uint32_t seq);
/* The next bytes in order (or what a snapped segment lacks, as a gap); false when nothing more is
 * ready. Bytes are borrowed until the next push or next. */
bool reassembly_next(struct reassembly *r, struct chunk *chunk);
/* The hole at the present position, as far as it was acknowledged (else up to the next bytes there
 * are), but not beyond offset most, becomes a gap; false when there is none. Frame and time are left
 * to the caller. */
bool reassembly_gap(struct reassembly *r, uint64_t most, struct chunk *chunk);
/* A FIN: the stream ends before seq (its last byte's + 1), later bytes are ignored. False, and no
 * end, where it lies before bytes that were seen already, or where another end is known. */
bool reassembly_finish(struct reassembly *r, uint32_t seq);
bool reassembly_finished(const struct reassembly *r);
/* The other side acknowledged the FIN. */
bool reassembly_finish_acked(const struct reassembly *r);
/* All bytes before the FIN were pulled. */
bool reassembly_done(const struct reassembly *r);

/* What reassembly_next() would give first: its frame and time, and what has to come before it. */
struct reassembly_head {
    bool ready;
    bool ordered;
    uint32_t frame, after;
    int64_t time;
};
struct reassembly_head reassembly_head(const struct reassembly *r);
/* Bytes are missing at the present position: acknowledged by the other side; or others wait behind. */
bool reassembly_lacks_acked(const struct reassembly *r);
bool reassembly_has_hole(const struct reassembly *r);
/* What waits: segments and bytes. */
uint32_t reassembly_waiting(const struct reassembly *r, uint32_t *bytes);
/* Does the position in order lie at seq or behind it? */
bool reassembly_reached(const struct reassembly *r, uint32_t seq);
/* Offset behind the highest byte seen; and behind the highest acknowledged. */
uint64_t reassembly_highest(const struct reassembly *r);
uint64_t reassembly_acked(const struct reassembly *r);
/* Stream offset of a sequence number near the present position; may be negative before its start. */
int64_t reassembly_offset(const struct reassembly *r, uint32_t seq);
/* The next offset expected in order. */
uint64_t reassembly_position(const struct reassembly *r);
/* Is the place of offset 0 known, if only by the first segment? */
bool reassembly_started(const struct reassembly *r);

#endif
