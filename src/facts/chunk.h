/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bytes in order of one direction out of one frame, or a gap. A chunk never spans two frames;
 * output must not depend on how a stream was cut into chunks.
 */
#ifndef MAILWHY_FACTS_CHUNK_H
#define MAILWHY_FACTS_CHUNK_H

#include "base/bytes.h"
#include "facts/fact.h"

struct chunk {
    enum side from;
    enum origin origin; /* SEEN, or DECRYPTED */
    bool gap;           /* bytes are missing here: gap_len of them, 0 = nobody knows how many */
    bool retransmitted; /* these bytes arrived by a retransmission */
    uint32_t frame;
    int64_t time;
    uint64_t offset; /* in the stream of this direction, from 0 at its first byte seen */
    uint64_t gap_len;
    struct bytes bytes; /* borrowed for the call */
};

#endif
