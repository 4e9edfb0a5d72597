/* SPDX-License-Identifier: BSD-3-Clause */
/* The commands whose replies are due, in order (RFC 2920), bounded. */
#ifndef MAILWHY_DISSECTORS_SMTP_QUEUE_H
#define MAILWHY_DISSECTORS_SMTP_QUEUE_H

#include "base/mem.h"
#include "facts/fact.h"

struct pending {
    uint32_t frame; /* of the command; 0 = none */
    uint8_t verb;   /* enum smtp_verb */
};

struct queue {
    struct pending *at; /* a ring */
    uint16_t head, count, cap;
    uint16_t beyond; /* commands behind these that found no room: which they are is not known */
};

void queue_push(struct queue *q, struct budget *budget, enum smtp_verb verb, uint32_t frame);
/* The one whose reply is due next; false when none is. A command that found no room comes out as
 * SMTP_UNKNOWN_VERB without frame. */
bool queue_first(const struct queue *q, struct pending *first);
void queue_pop(struct queue *q);
/* Takes out what stands before the first command of one of these verbs (SMTP_NO_VERB: no second
 * one); false, and nothing changes, when there is none. */
bool queue_skip_to(struct queue *q, enum smtp_verb verb, enum smtp_verb or_verb);
/* All commands of a verb become another. */
void queue_rename(struct queue *q, enum smtp_verb from, enum smtp_verb to);
bool queue_empty(const struct queue *q);
void queue_clear(struct queue *q, struct budget *budget);

#endif
