/* SPDX-License-Identifier: BSD-3-Clause */
#include "dissectors/smtp_queue.h"

#include "base/limits.h"

enum { QUEUE_FIRST = 4 };

static struct pending *entry(const struct queue *q, unsigned i)
{
    return &q->at[(q->head + i) % q->cap];
}

static bool grow(struct queue *q, struct budget *budget)
{
    unsigned cap = q->cap > 0 ? q->cap * 2u : QUEUE_FIRST;
    struct pending *at = cap <= SMTP_PENDING_MAX ? mem_alloc(budget, cap * sizeof *at) : NULL;
    if (!at)
        return false;
    for (unsigned i = 0; i < q->count; i++)
        at[i] = *entry(q, i);
    mem_free(budget, q->at, q->cap * sizeof *q->at);
    q->at = at;
    q->head = 0;
    q->cap = (uint16_t)cap;
    return true;
}

void queue_push(struct queue *q, struct budget *budget, enum smtp_verb verb, uint32_t frame)
{
    if (q->beyond > 0 || (q->count == q->cap && !grow(q, budget))) {
        if (q->beyond < UINT16_MAX)
            q->beyond++;
        return;
    }
    q->count++;
    *entry(q, q->count - 1u) = (struct pending) { frame, (uint8_t)verb };
}

bool queue_first(const struct queue *q, struct pending *first)
{
    *first = q->count > 0 ? *entry(q, 0) : (struct pending) { 0, SMTP_UNKNOWN_VERB };
    return !queue_empty(q);
}

void queue_pop(struct queue *q)
{
    if (q->count > 0) {
        q->head = (uint16_t)((q->head + 1u) % q->cap);
        q->count--;
    } else if (q->beyond > 0) {
        q->beyond--;
    }
}

bool queue_skip_to(struct queue *q, enum smtp_verb verb, enum smtp_verb or_verb)
{
    for (unsigned i = 0; i < q->count; i++) {
        if (entry(q, i)->verb != verb && (or_verb == SMTP_NO_VERB || entry(q, i)->verb != or_verb))
            continue;
        while (i-- > 0)
            queue_pop(q);
        return true;
    }
    return false;
}

void queue_rename(struct queue *q, enum smtp_verb from, enum smtp_verb to)
{
    for (unsigned i = 0; i < q->count; i++)
        if (entry(q, i)->verb == from)
            entry(q, i)->verb = (uint8_t)to;
}

bool queue_empty(const struct queue *q)
{
    return q->count == 0 && q->beyond == 0;
}

void queue_clear(struct queue *q, struct budget *budget)
{
    mem_free(budget, q->at, q->cap * sizeof *q->at);
    *q = (struct queue) { 0 };
}
