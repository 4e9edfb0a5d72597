/* SPDX-License-Identifier: BSD-3-Clause */
#include "session/twins.h"

#define AT_ONCE TIME_SECOND /* from one interface of the router to another, or to the next one's */
enum { HOPS_MAX = 8 };

/* Is the later opening the earlier one's packet, passed on? */
static bool passed_on(const struct opening *earlier, const struct opening *later)
{
    if (!earlier->twin || earlier->twin->other || earlier->port != later->port ||
        earlier->ip_id != later->ip_id || !ip_addr_equal(&earlier->server, &later->server) ||
        ip_addr_equal(&earlier->client, &later->client))
        return false;
    bool at_once =
        later->time == TIME_NONE || earlier->time == TIME_NONE ||
        (later->time - earlier->time <= AT_ONCE && earlier->time - later->time <= AT_ONCE);
    return at_once && later->ttl < earlier->ttl && earlier->ttl - later->ttl <= HOPS_MAX;
}

void twins_opened(struct twins *all, struct twin *t, const struct packet *syn)
{
    struct opening now = { .twin = t,
                           .client = syn->src,
                           .server = syn->dst,
                           .time = syn->time,
                           .port = syn->dst_port,
                           .ip_id = syn->ip_id,
                           .ttl = syn->ttl };
    for (size_t i = 0; i < TWINS_RECENT && !t->other; i++) {
        struct opening *then = &all->recent[i];
        if (all->seq[i] != syn->tcp.seq || !passed_on(then, &now))
            continue;
        /* what a router passes on into a network of its own is no device's way out */
        if (ip_addr_is_private(&now.client) && !ip_addr_is_private(&then->client))
            continue;
        t->other = then->twin;
        t->other->other = t;
        t->copy = true;
    }
    t->noted = true;
    all->recent[all->next] = now;
    all->seq[all->next] = syn->tcp.seq;
    all->next = (uint8_t)((all->next + 1) % TWINS_RECENT);
}

static void part(struct twin *t)
{
    t->other->copy = t->copy = false;
    t->other = t->other->other = NULL;
}

void twin_answered(struct twin *t, uint32_t seq)
{
    if (t->answered)
        return;
    t->answered = true;
    t->answer = seq;
    if (!t->other) /* the other one left without an answer */
        t->copy = false;
    else if (t->other->answered && t->other->answer != seq)
        part(t);
}

bool twin_is_copy(const struct twin *t)
{
    return t->copy && (!t->other || t->other->answered == t->answered);
}

void twins_left(struct twins *all, struct twin *t)
{
    for (size_t i = 0; i < TWINS_RECENT; i++)
        if (all->recent[i].twin == t)
            all->recent[i].twin = NULL;
    if (!t->other)
        return;
    /* what is known of the two by now is all that will be */
    if (t->other->answered != t->answered)
        t->other->copy = false;
    t->other->other = NULL;
}
