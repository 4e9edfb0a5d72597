/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whole TCP connections: handshake, a dialogue, FINs from both sides, given out one packet at a
 * time so that many can be mixed. A dialogue is a table of lines (conversation.c).
 */
#ifndef MAILWHY_BENCH_CONVERSATION_H
#define MAILWHY_BENCH_CONVERSATION_H

#include "frames.h"

enum outcome { OUTCOME_NO_MAIL, OUTCOME_DELIVERED, OUTCOME_FAILED };

struct conversation {
    const struct dialogue *dialogue; /* NULL: nothing is going on here */
    struct ends ends;
    uint32_t number; /* fills in for # in the lines */
    uint32_t seq[2];
    unsigned phase;   /* of opening and closing */
    unsigned line;    /* of the dialogue */
    size_t sent;      /* of that line */
    size_t bulk;      /* bytes of a line that is bulk data */
    unsigned unacked; /* segments in a row */
};

void conversation_prepare(void);
/* Begins one: mail, or other traffic. resend: one data packet in so many comes twice; 0 = none. */
void conversation_mail(struct conversation *c, uint32_t number);
void conversation_other(struct conversation *c, uint32_t number);
enum outcome conversation_outcome(const struct conversation *c);
/* Writes its next packet; false, and nothing written, when it is over. */
bool conversation_step(struct conversation *c, uint32_t resend);
/* A name looked up, and now and then a datagram of other kinds. */
void datagrams_step(uint32_t number);

#endif
