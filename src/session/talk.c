/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/limits.h"
#include "facts/sign_in.h"
#include "session/classify.h"
#include "session/shard_state.h"

/* Late frames still belong to an attempt; one without payload waits until it is clear that it was
 * no scan. */
#define LINGER        (TIME_SECOND / 4)
#define LINGER_SILENT (10 * TIME_SECOND)

struct talk shard_ignored;

void talk_not_opening(struct shard *s, struct talk *t)
{
    if (t->opening)
        s->opening_talks--;
    t->opening = false;
}

void talk_free(struct shard *s, struct talk *t)
{
    talk_not_opening(s, t);
    if (t->twin.noted)
        twins_left(&s->twins, &t->twin);
    session_free(t->session);
    tcp_free(t->tcp);
    attempt_free(t->attempt);
    mem_free(s->budget, t, sizeof *t);
}

void shard_ignore(struct shard *s, struct flow *flow)
{
    flow_set_talk(flow, &shard_ignored);
    flow_set_class(s->flows, flow, FLOW_NOT_MAIL);
}

static void fill_attempt(struct shard *s, struct attempt *a, const struct flow *flow,
                         const struct packet *p)
{
    flow_addresses(flow, &a->client_addr, &a->client_port, &a->server_addr, &a->server_port);
    a->tcp_stream = s->options.numbers ? flow_stream(flow) : -1;
    if (!p)
        return;
    a->time_digits = p->time_digits;
    a->encap_count = p->encap_count;
    bytes_copy(a->encap, sizeof a->encap, bytes_of(p->encap, p->encap_count));
    bool quoted = p->kind == PACKET_ICMP_ERROR;
    bool by_device = ip_addr_equal(&p->src, &a->client_addr) && p->src_port == a->client_port;
    if (!quoted) {
        a->client_mac = by_device ? p->src_mac : p->dst_mac;
        a->server_mac = by_device ? p->dst_mac : p->src_mac;
    }
}

struct talk *talk_new(struct shard *s, struct flow *flow, const struct packet *p)
{
    struct talk *t = mem_alloc(s->budget, sizeof *t);
    if (!t)
        return NULL;
    struct flow_opening opening;
    flow_opening(flow, &opening);
    if (p && opening.syn_frame == p->frame) /* it tells of itself */
        opening.syn_frame = 0;
    t->flow = flow;
    t->attempt = attempt_new(s->budget);
    if (t->attempt) {
        fill_attempt(s, t->attempt, flow, p);
        t->attempt->certs = s->options.certs;
        t->attempt->sign_ins = s->options.keep_sign_ins ? sign_ins_new(s->budget) : NULL;
        t->tcp = tcp_new(t->attempt, s->budget, &opening);
        t->session = session_new(t->attempt, s->budget, s->namer, s->options.keys);
    }
    if (!t->tcp || !t->session) {
        talk_free(s, t);
        return NULL;
    }
    session_use_lists(t->session, s->lists);
    flow_set_talk(flow, t);
    return t;
}

static __attribute__((noinline)) void device_spoke(struct shard *s, struct talk *t)
{
    t->spoke = true;
    events_spoke(&s->events, t->attempt);
    scans_payload(s->scans, &t->attempt->client_addr, &t->attempt->server_addr,
                  t->attempt->server_port);
}

void talk_feed(struct shard *s, struct talk *t)
{
    struct chunk chunk;
    while (tcp_next_chunk(t->tcp, &chunk)) {
        session_chunk(t->session, &chunk);
        if (!t->spoke && chunk.from == SIDE_DEVICE && !chunk.gap)
            device_spoke(s, t);
    }
}

void talk_end(struct shard *s, struct talk *t, enum attempt_end how)
{
    if (t->ended)
        return;
    t->ended = true;
    t->attempt->end = (uint8_t)how;
    t->attempt->end_frame = how == END_OPEN ? UINT32_MAX : s->frame;
    t->due = s->now == TIME_NONE ? TIME_NONE : s->now + (t->spoke ? LINGER : LINGER_SILENT);
    t->next = NULL;
    *s->ended_end = t;
    s->ended_end = &t->next;
}

static void emit(struct shard *s, struct attempt *a)
{
    struct finished *f = mem_alloc(NULL, sizeof *f);
    if (!f) {
        s->stats.forgotten++;
        attempt_free(a);
        return;
    }
    f->attempt = a;
    *s->finished_end = f;
    s->finished_end = &f->next;
}

static bool is_attempt(struct shard *s, struct talk *t)
{
    struct attempt *a = t->attempt;
    if (session_is_fetching(t->session)) {
        s->stats.tcp_other++;
        return true;
    }
    if (!session_is_mail(t->session) || !session_is_decided(t->session)) {
        s->stats.tcp_other++;
        return false;
    }
    if (twin_is_copy(&t->twin)) {
        s->stats.nat_copies++;
        return false;
    }
    if (!t->spoke && a->start_seen &&
        scans_is(s->scans, &a->client_addr, &a->server_addr, a->server_port, a->start_time)) {
        if (s->stats.scans++ == 0)
            s->stats.scan_first_frame = a->first_frame;
        return false;
    }
    s->stats.mail++;
    return true;
}

void talk_finish(struct shard *s, struct talk *t)
{
    tcp_flush(t->tcp);
    talk_feed(s, t);
    session_end(t->session);
    if (t->flow)
        shard_ignore(s, t->flow);
    if (is_attempt(s, t)) {
        s->stats.duplicates +=
            t->attempt->direction[0].duplicates + t->attempt->direction[1].duplicates;
        emit(s, t->attempt);
        t->attempt = NULL;
    }
    talk_free(s, t);
}

void shard_finish_ended(struct shard *s, bool all)
{
    while (s->ended && (all || s->now == TIME_NONE || s->ended->due <= s->now)) {
        struct talk *t = s->ended;
        s->ended = t->next;
        if (!s->ended)
            s->ended_end = &s->ended;
        talk_finish(s, t);
    }
}

struct talk *talk_of(struct shard *s, struct flow *flow)
{
    struct talk *t = flow_talk(flow);
    if (t == &shard_ignored)
        return NULL;
    if (!t && port_is_mail(flow_server_port(flow)) && (flow_seen(flow) & FLOW_SEEN_SYN))
        t = talk_new(s, flow, NULL);
    return t;
}
