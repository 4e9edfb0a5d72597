/* SPDX-License-Identifier: BSD-3-Clause */
#include "session/twins.h"

#include "base/table.h"

#define AT_ONCE TIME_SECOND /* from one interface of the router to another, or to the next one's */
enum { HOPS_MAX = 8 };

static bool at_once(int64_t earlier, int64_t later)
{
    return later == TIME_NONE || earlier == TIME_NONE ||
           (later - earlier <= AT_ONCE && earlier - later <= AT_ONCE);
}

/* A hop or a few on, and not into a network of the router's own: that is no device's way out. */
static bool further_on(const struct ip_addr *from, uint8_t ttl, const struct ip_addr *then_from,
                       uint8_t then_ttl)
{
    return !ip_addr_equal(from, then_from) && ttl < then_ttl && then_ttl - ttl <= HOPS_MAX &&
           (!ip_addr_is_private(from) || ip_addr_is_private(then_from));
}

/* Is the later opening the earlier one's packet, passed on? */
static bool passed_on(const struct opening *earlier, const struct opening *later)
{
    return earlier->twin && !earlier->twin->other && earlier->port == later->port &&
           earlier->ip_id == later->ip_id && ip_addr_equal(&earlier->server, &later->server) &&
           at_once(earlier->time, later->time) &&
           further_on(&later->client, later->ttl, &earlier->client, earlier->ttl);
}

static bool is_among(const struct twins *all, uint32_t seq)
{
    bool any = false;
    for (size_t i = 0; i < TWINS_RECENT; i++)
        any |= all->seq[i] == seq;
    return any;
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
    bool seen = is_among(all, syn->tcp.seq); /* hardly ever */
    for (size_t i = 0; i < TWINS_RECENT && seen && !t->other; i++) {
        struct opening *then = &all->recent[i];
        if (all->seq[i] != syn->tcp.seq || !passed_on(then, &now))
            continue;
        t->other = then->twin;
        t->other->other = t;
        t->copy = true;
    }
    t->noted = true;
    t->place = all->next;
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
    if (all->recent[t->place].twin == t)
        all->recent[t->place].twin = NULL;
    if (!t->other)
        return;
    /* what is known of the two by now is all that will be */
    if (t->other->answered != t->answered)
        t->other->copy = false;
    t->other->other = NULL;
}

static bool query_passed_on(const struct twin_query *earlier, const struct twin_query *later)
{
    return earlier->used && !earlier->copy && earlier->id == later->id &&
           earlier->ip_id == later->ip_id && earlier->name == later->name &&
           earlier->type == later->type && ip_addr_equal(&earlier->server, &later->server) &&
           at_once(earlier->time, later->time) &&
           further_on(&later->client, later->ttl, &earlier->client, earlier->ttl);
}

static bool answers_copy(const struct twin_queries *all, const struct packet *p, uint16_t id)
{
    for (size_t i = 0; i < TWIN_QUERIES_RECENT; i++) {
        const struct twin_query *q = &all->recent[i];
        if (q->copy && q->id == id && ip_addr_equal(&q->client, &p->dst) &&
            ip_addr_equal(&q->server, &p->src))
            return true;
    }
    return false;
}

bool twins_message_is_copy(struct twin_queries *all, const struct packet *p,
                           const struct dns_message *m)
{
    if (m->response)
        return answers_copy(all, p, m->id);
    struct twin_query now = { .client = p->src,
                              .server = p->dst,
                              .time = p->time,
                              .name = table_hash(bytes_str(m->name)),
                              .id = m->id,
                              .type = m->query_type,
                              .ip_id = p->ip_id,
                              .ttl = p->ttl,
                              .used = true };
    for (size_t i = 0; i < TWIN_QUERIES_RECENT && !now.copy; i++)
        now.copy = query_passed_on(&all->recent[i], &now);
    all->recent[all->next] = now;
    all->next = (uint8_t)((all->next + 1) % TWIN_QUERIES_RECENT);
    return now.copy;
}
