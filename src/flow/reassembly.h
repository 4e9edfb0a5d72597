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
    uint32_t seq;        /* of its first payload byte */
    struct bytes bytes;  /* captured payload */
    uint32_t len;        /* on the wire; what the capture cut off is a gap */
    uint32_t frame;
    int64_t time;
};

struct segment_news {    /* what the push found out */
    bool old;            /* nothing in it was new */
    bool resent;         /* it overlaps what was seen before */
    bool conflict;       /* with other bytes */
    bool keep_alive;     /* one old byte (or none) right before the next expected one */
    uint64_t offset;     /* of its first byte in the stream */
};

struct reassembly *reassembly_new(struct budget *budget, enum side from);
void reassembly_free(struct reassembly *r);
/* The sequence number of the first byte of the stream (SYN's + 1). Without it the first segment's
 * own begins the stream, and up to REASSEMBLY_EARLY_MAX bytes before it are still accepted. */
void reassembly_start(struct reassembly *r, uint32_t seq);
void reassembly_push(struct reassembly *r, const struct segment *segment, struct segment_news *news);
/* The other side acknowledged up to seq: a hole wholly before it was received by it, so it is the
 * capture's loss: becomes a gap at the next pull. */
void reassembly_acknowledged(struct reassembly *r, uint32_t seq);
/* The next bytes in order, or a gap; false when nothing more is ready. Bytes are borrowed until the next push. */
bool reassembly_next(struct reassembly *r, struct chunk *chunk);
/* All holes become gaps. */
void reassembly_flush(struct reassembly *r);
/* Stream offset of a sequence number near the present position; may be negative before its start. */
int64_t reassembly_offset(const struct reassembly *r, uint32_t seq);
/* The next offset expected in order. */
uint64_t reassembly_position(const struct reassembly *r);
bool reassembly_started(const struct reassembly *r);

#endif
