/* SPDX-License-Identifier: BSD-3-Clause */
#include "session/events.h"

#include "base/mem.h"

enum { EVENTS_MAX = 512 };

struct queued {
    struct queued *next;
    size_t size;
    struct event event; /* the last: only as much of it is there as its kind needs */
};

void events_init(struct events *q)
{
    *q = (struct events) { 0 };
    q->end = &q->first;
}

static void release(struct queued *e)
{
    if (e)
        mem_free(NULL, e, e->size);
}

void events_done(struct events *q)
{
    while (events_next(q))
        ;
}

static struct event *add(struct events *q, enum event_kind kind, size_t size)
{
    size += offsetof(struct queued, event);
    struct queued *e = q->count < EVENTS_MAX ? mem_alloc(NULL, size) : NULL;
    if (!e) {
        q->dropped++;
        return NULL;
    }
    e->size = size;
    e->event.kind = (uint8_t)kind;
    *q->end = e;
    q->end = &e->next;
    q->count++;
    return &e->event;
}

struct event *events_add(struct events *q, enum event_kind kind)
{
    size_t bare = offsetof(struct event, host);
    return add(q, kind, kind == EVENT_NAMED ? bare + sizeof(struct host_name) : bare);
}

struct event *events_add_message(struct events *q, const struct dns_message *message)
{
    size_t size = offsetof(struct dns_message, answers) + message->count * sizeof message->answers[0];
    struct event *e = add(q, EVENT_DNS, offsetof(struct event, message) + size);
    if (e)
        bytes_copy(&e->message, size, bytes_of(message, size));
    return e;
}

const struct event *events_next(struct events *q)
{
    struct queued *e = q->first;
    release(q->given);
    q->given = e;
    if (!e)
        return NULL;
    q->first = e->next;
    if (!q->first)
        q->end = &q->first;
    q->count--;
    return &e->event;
}
