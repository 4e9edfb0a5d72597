/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The interface of the dissectors: chunks in, facts (into the attempt's timeline) out. A dissector
 * knows no packet, no flow and no report, keeps bounded state, and gives the same facts however
 * the streams were cut. Order of calls is the order of capture; chunks of both sides alternate.
 */
#ifndef MAILWHY_DISSECTORS_DISSECTOR_H
#define MAILWHY_DISSECTORS_DISSECTOR_H

#include "facts/attempt.h"
#include "facts/chunk.h"

enum verdict {
    VERDICT_OK,        /* all bytes were taken */
    VERDICT_HOLD,      /* taken bytes of the chunk were; keep what follows (bounded) until the other
                          side's next chunk, a gap there, a full buffer or the end; then offer it again
                          with dissector->release set to false -> see smtp.h */
    VERDICT_HAND_OVER, /* taken bytes were; the rest, and all that follows of both sides, is TLS */
    VERDICT_DONE,      /* seen enough; no more is wanted */
    VERDICT_GIVE_UP,   /* this is not the dissector's protocol */
};

struct answer {
    enum verdict verdict;
    size_t taken; /* HOLD, HAND_OVER */
};

#endif
