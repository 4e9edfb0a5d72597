/* SPDX-License-Identifier: BSD-3-Clause */
#include "session/shard_state.h"

#include <stdlib.h>

#include "base/limits.h"
#include "packet/fragment.h"
#include "session/classify.h"

/* RFC 5321 4.5.3.2 gives ten minutes for the longest wait, the final dot's reply; a SYN is repeated
 * for two to three minutes. */
#define SILENCE_MAIL    (600 * TIME_SECOND)
#define SILENCE_OPENING (180 * TIME_SECOND)

struct shard *shard_new(struct budget *budget, const struct shard_options *options)
{
    struct shard *s = mem_alloc(NULL, sizeof *s);
    if (!s)
        return NULL;
    s->budget = budget;
    s->options = *options;
    s->now = TIME_NONE;
    s->ended_end = &s->ended;
    s->finished_end = &s->finished;
    events_init(&s->events);
    s->flows = flow_table_new(budget, budget->limit / 2);
    s->decoder.fragments = fragments_new(budget);
    s->namer = namer_new();
    s->lists = lists_new(budget);
    s->scans = scans_new(budget);
    if (!s->flows || !s->decoder.fragments || !s->scans) {
        shard_free(s);
        return NULL;
    }
    return s;
}

void shard_free(struct shard *s)
{
    if (!s)
        return;
    if (s->flows) {
        for (struct flow *f = flow_table_first(s->flows); f; f = flow_table_first(s->flows)) {
            struct talk *t = flow_talk(f);
            if (t && t != &shard_ignored && !t->ended)
                talk_free(s, t);
            flow_set_talk(f, NULL);
            flow_forget(s->flows, f);
        }
        flow_table_free(s->flows);
    }
    while (s->ended) {
        struct talk *t = s->ended;
        s->ended = t->next;
        talk_free(s, t);
    }
    for (struct attempt *a = shard_next_attempt(s); a; a = shard_next_attempt(s))
        attempt_free(a);
    events_done(&s->events);
    fragments_free(s->decoder.fragments);
    scans_free(s->scans);
    namer_free(s->namer);
    lists_free(s->lists);
    mem_free(NULL, s, sizeof *s);
}

enum { OPENING_TALKS_MAX = 1024, EVICTIONS_MAX = 64 };

/* Do bytes that come before these still have to come (out of order)? Then these tell nothing yet. */
static bool is_ahead(const struct flow *flow, const struct packet *p, enum side from)
{
    struct flow_opening o;
    flow_opening(flow, &o);
    bool known = from == SIDE_DEVICE ? o.syn : o.syn_ack;
    uint32_t first = (from == SIDE_DEVICE ? o.syn_seq : o.syn_ack_seq) + 1;
    return known && !(p->tcp.flags & TCP_SYN) && p->tcp.seq != first;
}

/* A connection that is not followed yet: should it be, from this packet on? from: whose packet it is; content may
 * show that the guess was wrong. */
static struct talk *maybe_follow(struct shard *s, struct flow *flow, const struct packet *p,
                                 enum side *from)
{
    uint16_t server_port = flow_server_port(flow);
    bool mail_port = port_is_mail(server_port);
    if (!mail_port && (p->kind != PACKET_TCP || p->payload_len == 0))
        return NULL;
    bool opening = (p->kind == PACKET_TCP && (p->tcp.flags & TCP_SYN)) &&
                   !(flow_seen(flow) & (FLOW_SEEN_DATA | FLOW_SEEN_DATA << 1));
    if (mail_port && opening && !(p->tcp.flags & TCP_ACK) && s->opening_talks >= OPENING_TALKS_MAX)
        return NULL; /* the flow remembers enough to tell of it later */
    if (!mail_port) {
        if (!port_is_pop3(server_port) && !classify_worth_a_look(p->payload) &&
            !is_ahead(flow, p, *from)) {
            s->stats.tcp_other++;
            shard_ignore(s, flow);
            return NULL;
        }
        if (*from == SIDE_DEVICE && !(flow_seen(flow) & (FLOW_SEEN_SYN | FLOW_SEEN_SYN_ACK)) &&
            classify_is_greeting(p->payload)) {
            flow_swap_sides(flow);
            *from = SIDE_SERVER;
        }
    }
    struct talk *t = NULL;
    for (unsigned i = 0; i < EVICTIONS_MAX && !(t = talk_new(s, flow, p)); i++)
        if (!shard_evict_talk(s, flow))
            break;
    if (!t) {
        s->stats.forgotten++;
        shard_ignore(s, flow);
        return NULL;
    }
    if (mail_port) {
        t->opening = true;
        s->opening_talks++;
    }
    return t;
}

static void set_class(struct shard *s, struct talk *t)
{
    bool open = tcp_state(t->tcp) != TCP_OPENING ||
                t->attempt->direction[0].bytes + t->attempt->direction[1].bytes > 0;
    enum flow_class class = !open                            ? FLOW_HALF_OPEN
                            : session_is_decided(t->session) ? FLOW_MAIL
                                                             : FLOW_NOT_MAIL;
    if (class != FLOW_HALF_OPEN)
        talk_not_opening(s, t);
    if (class != flow_class(t->flow)) /* within a class flow_table_find() has moved it */
        flow_set_class(s->flows, t->flow, class);
}

/* Nothing has come to an end or become known that the connection's place depends on. */
static bool goes_on(const struct talk *t)
{
    return session_reads_on(t->session) && tcp_state(t->tcp) == TCP_OPEN && !t->opening &&
           flow_class(t->flow) == FLOW_MAIL;
}

/* A packet of a connection that is followed. */
static inline void talk_in(struct shard *s, struct talk *t, const struct packet *p, enum side from)
{
    if ((p->tcp.flags & TCP_SYN) && from == SIDE_SERVER && t->twin.other)
        twin_answered(&t->twin, p->tcp.seq);
    if (p->kind == PACKET_ICMP_ERROR)
        tcp_icmp(t->tcp, p, from);
    else if (!tcp_packet(t->tcp, p, from))
        return;
    talk_feed(s, t);
    if (goes_on(t))
        return;
    if (session_is_over(t->session) && !t->ended) {
        t->attempt->end_frame = s->frame;
        talk_finish(s, t);
        return;
    }
    if (!session_is_mail(t->session) && !t->ended) {
        s->stats.tcp_other++;
        shard_ignore(s, t->flow);
        talk_free(s, t);
        return;
    }
    set_class(s, t);
    enum tcp_state state = tcp_state(t->tcp);
    if (state == TCP_CLOSED_FINS || state == TCP_CLOSED_RST)
        talk_end(s, t, state == TCP_CLOSED_FINS ? END_FINS : END_RST);
}

/* A packet of one that is not followed, or begins anew. */
static __attribute__((noinline)) void first_in(struct shard *s, const struct packet *p,
                                               const struct flow_key *key, struct flow_found found)
{
    for (unsigned i = 0; !found.flow && i < EVICTIONS_MAX && shard_make_room(s); i++)
        found = flow_table_find(s->flows, p, key);
    if (found.replaced)
        shard_replace(s, found.replaced);
    struct flow *flow = found.flow;
    if (!flow) {
        s->stats.forgotten++;
        flow_table_lost(s->flows);
        return;
    }
    bool syn = p->kind == PACKET_TCP && (p->tcp.flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
    if (found.created && syn) {
        scans_opening(s->scans, &p->src, &p->dst, p->dst_port,
                      p->time == TIME_NONE ? s->now : p->time);
        events_opening(&s->events, p);
    }
    enum side from = found.from;
    struct talk *t = maybe_follow(s, flow, p, &from);
    if (!t) {
        bool established = p->kind == PACKET_TCP && (p->tcp.flags & TCP_ACK);
        if (established && flow_class(flow) != FLOW_NOT_MAIL)
            flow_set_class(s->flows, flow, FLOW_NOT_MAIL);
        return;
    }
    if (found.created && syn)
        twins_opened(&s->twins, &t->twin, p);
    talk_in(s, t, p, from);
}

static void tcp_in(struct shard *s, const struct packet *p, const struct flow_key *key)
{
    struct flow_found found = flow_table_find(s->flows, p, key);
    struct talk *t = found.flow ? flow_talk(found.flow) : NULL;
    if (!t)
        first_in(s, p, key, found);
    else if (t != &shard_ignored)
        talk_in(s, t, p, found.from);
}

static __attribute__((noinline)) void other_in(struct shard *s, const struct packet *p,
                                               const struct flow_key *key)
{
    switch (p->kind) {
    case PACKET_ICMP_ERROR:
        if (p->icmp.quoted_protocol == 6)
            tcp_in(s, p, key);
        else
            s->stats.other_ip++;
        break;
    case PACKET_UDP:
        s->stats.udp++;
        events_datagram(&s->events, p);
        break;
    case PACKET_OTHER_IP:
    case PACKET_FRAGMENT:
        s->stats.other_ip++;
        break;
    case PACKET_TCP:
    case PACKET_NONE:
        break;
    }
}

static void packet_in(struct shard *s, const struct packet *p, const struct flow_key *key)
{
    s->frame = p->frame;
    if (p->time > s->now) /* TIME_NONE is before all others */
        s->now = p->time;
    if (p->kind == PACKET_TCP)
        tcp_in(s, p, key);
    else
        other_in(s, p, key);
}

/* Connections that fell silent end by the packets' clock. */
static void end_silent(struct shard *s)
{
    static const struct {
        enum flow_class class;
        int64_t after;
    } silences[] = {
        { FLOW_HALF_OPEN, SILENCE_OPENING },
        { FLOW_MAIL, SILENCE_MAIL },
    };
    for (size_t i = 0; i < sizeof silences / sizeof *silences; i++) {
        struct flow *flow;
        while ((flow = flow_table_idle(s->flows, silences[i].class, s->now - silences[i].after))) {
            struct talk *t = talk_of(s, flow);
            if (t && !t->ended) {
                talk_end(s, t, END_SILENCE);
                t->due = s->now;
            }
            flow_set_class(s->flows, flow, FLOW_NOT_MAIL);
        }
    }
}

static bool is_tcp(const struct packet *p)
{
    return p->kind == PACKET_TCP || (p->kind == PACKET_ICMP_ERROR && p->icmp.quoted_protocol == 6);
}

/* Decodes frames from first on until one must be taken in before the next is read; what the connection
 * table will touch of them is on its way by then. Returns how many. */
static size_t decode_some(struct shard *s, const struct frame *frames, size_t count)
{
    size_t n = 0;
    while (n < count && n < AHEAD) {
        struct packet *p = &s->packets[n];
        packet_decode(&s->decoder, &frames[n], p);
        if (is_tcp(p))
            flow_table_prefetch(s->flows, p, &s->flow_keys[n]);
        n++;
        if (p->borrowed)
            break;
    }
    for (size_t i = 0; i < n; i++) {
        const struct packet *p = &s->packets[i];
        if (!is_tcp(p))
            continue;
        if (p->tcp.flags & TCP_SYN) /* its connection has no entry yet */
            scans_prefetch(s->scans, &p->src);
        else
            flow_table_prefetch_entry(s->flows, &s->flow_keys[i]);
    }
    for (size_t i = 0; i < n; i++)
        if (is_tcp(&s->packets[i]) && (s->packets[i].tcp.flags & TCP_SYN))
            scans_prefetch_client(s->scans, &s->packets[i].src);
    return n;
}

void shard_batch(struct shard *s, const struct batch *batch)
{
    for (size_t first = 0, n; first < batch->count; first += n) {
        n = decode_some(s, &batch->frames[first], batch->count - first);
        for (size_t i = 0; i < n; i++)
            packet_in(s, &s->packets[i], &s->flow_keys[i]);
    }
    if (s->now != TIME_NONE) {
        end_silent(s);
        shard_finish_ended(s, false);
    }
}

void shard_tick(struct shard *s, int64_t now)
{
    if (s->now != TIME_NONE && now > s->now)
        s->now = now;
    if (s->now != TIME_NONE) {
        end_silent(s);
        shard_finish_ended(s, false);
    }
}

static int by_end(const void *a, const void *b)
{
    const struct attempt *x = *(struct attempt *const *)a, *y = *(struct attempt *const *)b;
    if (x->end_frame != y->end_frame)
        return x->end_frame < y->end_frame ? -1 : 1;
    return x->first_frame < y->first_frame ? -1 : x->first_frame > y->first_frame;
}

/* Those that ended with the file, by their first frame. */
static void sort_finished(struct shard *s)
{
    size_t n = 0;
    for (struct finished *f = s->finished; f; f = f->next)
        n++;
    struct attempt **list = mem_alloc(NULL, n * sizeof *list);
    if (!list)
        return;
    size_t i = 0;
    for (struct finished *f = s->finished; f; f = f->next)
        list[i++] = f->attempt;
    qsort(list, n, sizeof *list, by_end);
    i = 0;
    for (struct finished *f = s->finished; f; f = f->next)
        f->attempt = list[i++];
    mem_free(NULL, list, n * sizeof *list);
}

void shard_finish(struct shard *s)
{
    shard_finish_ended(s, true);
    for (struct flow *flow = flow_table_first(s->flows); flow; flow = flow_table_first(s->flows)) {
        struct talk *t = talk_of(s, flow);
        if (t && !t->ended)
            talk_end(s, t, END_OPEN);
        shard_finish_ended(s, true);
        flow_set_talk(flow, NULL);
        flow_forget(s->flows, flow);
    }
    sort_finished(s);
    s->stats.connections = flow_table_streams(s->flows);
}

void shard_restart(struct shard *s)
{
    flow_table_restart(s->flows);
    fragments_clear(s->decoder.fragments);
    s->decoder.stats = (struct packet_stats) { 0 };
    s->stats = (struct shard_stats) { 0 };
    s->events.dropped = 0;
    s->events.queries = (struct twin_queries) { 0 };
    s->now = TIME_NONE;
    s->frame = 0;
}

struct attempt *shard_next_attempt(struct shard *s)
{
    struct finished *f = s->finished;
    if (!f)
        return NULL;
    s->finished = f->next;
    if (!s->finished)
        s->finished_end = &s->finished;
    struct attempt *a = f->attempt;
    mem_free(NULL, f, sizeof *f);
    return a;
}

const struct event *shard_next_event(struct shard *s)
{
    return events_next(&s->events);
}

void shard_stats(const struct shard *s, struct shard_stats *stats)
{
    *stats = s->stats;
    stats->packets = s->decoder.stats;
    stats->connections = flow_table_streams(s->flows);
    stats->events_dropped = s->events.dropped;
}

int64_t shard_time(const struct shard *s)
{
    return s->now;
}

uint32_t shard_frame(const struct shard *s)
{
    return s->frame;
}
