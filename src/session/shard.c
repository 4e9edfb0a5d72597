/* SPDX-License-Identifier: BSD-3-Clause */
#include "session/shard.h"

#include <stdlib.h>

#include "base/limits.h"
#include "facts/sign_in.h"
#include "flow/flow_table.h"
#include "flow/tcp.h"
#include "packet/fragment.h"
#include "session/classify.h"
#include "session/scan.h"
#include "session/session.h"
#include "session/twins.h"

/* RFC 5321 4.5.3.2 gives ten minutes for the longest wait, the final dot's reply; a SYN is repeated
 * for two to three minutes. */
#define SILENCE_MAIL    (600 * TIME_SECOND)
#define SILENCE_OPENING (180 * TIME_SECOND)
/* Late frames still belong to an attempt; one without payload waits until it is clear that it was no scan. */
#define LINGER        (TIME_SECOND / 4)
#define LINGER_SILENT (10 * TIME_SECOND)

/* One connection followed closely. What each packet asks of it comes first. */
struct talk {
    struct tcp *tcp;
    struct session *session;
    struct attempt *attempt;
    struct flow *flow; /* NULL once the flow is another connection's */
    bool ended, spoke;
    bool opening;      /* counted in opening_talks */
    struct talk *next; /* in the queue of those that ended */
    int64_t due;
    struct twin twin;
};

/* Hangs on flows that are not looked at any more. */
static struct talk ignored;

struct finished {
    struct finished *next;
    struct attempt *attempt;
};

/* So many packets are decoded before the first of them is taken in: what they need of the
 * connection table is on its way meanwhile, and they stay in the first cache until they are read. */
enum { AHEAD = 16 };

struct shard {
    struct budget *budget;
    struct flow_table *flows;
    struct packet_decoder decoder;
    struct namer *namer;
    struct shard_options options;
    struct scans *scans;
    struct twins twins;
    struct talk *ended, **ended_end; /* by the order of their end */
    struct finished *finished, **finished_end;
    struct events events;
    unsigned opening_talks;
    struct shard_stats stats;
    int64_t now;
    uint32_t frame;
    bool finishing;
    struct packet packets[AHEAD];
    struct flow_key flow_keys[AHEAD];
};

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
    s->scans = scans_new(budget);
    if (!s->flows || !s->decoder.fragments || !s->scans) {
        shard_free(s);
        return NULL;
    }
    return s;
}

static void not_opening(struct shard *s, struct talk *t)
{
    if (t->opening)
        s->opening_talks--;
    t->opening = false;
}

static void talk_free(struct shard *s, struct talk *t)
{
    not_opening(s, t);
    if (t->twin.noted)
        twins_left(&s->twins, &t->twin);
    session_free(t->session);
    tcp_free(t->tcp);
    attempt_free(t->attempt);
    mem_free(s->budget, t, sizeof *t);
}

static void ignore(struct shard *s, struct flow *flow)
{
    flow_set_talk(flow, &ignored);
    flow_set_class(s->flows, flow, FLOW_NOT_MAIL);
}

void shard_free(struct shard *s)
{
    if (!s)
        return;
    if (s->flows) {
        for (struct flow *f = flow_table_first(s->flows); f; f = flow_table_first(s->flows)) {
            struct talk *t = flow_talk(f);
            if (t && t != &ignored && !t->ended)
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
    mem_free(NULL, s, sizeof *s);
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

/* NULL when the budget has no more. p: the packet that made it worth following, or NULL. */
static struct talk *talk_new(struct shard *s, struct flow *flow, const struct packet *p)
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

static void feed_session(struct shard *s, struct talk *t)
{
    struct chunk chunk;
    while (tcp_next_chunk(t->tcp, &chunk)) {
        session_chunk(t->session, &chunk);
        if (!t->spoke && chunk.from == SIDE_DEVICE && !chunk.gap)
            device_spoke(s, t);
    }
}

/* The connection is over; it waits for its last frames in the queue. */
static void talk_end(struct shard *s, struct talk *t, enum attempt_end how)
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

/* Hands the attempt over, or drops it, and frees the rest. */
static void talk_finish(struct shard *s, struct talk *t)
{
    tcp_flush(t->tcp);
    feed_session(s, t);
    session_end(t->session);
    if (t->flow)
        ignore(s, t->flow);
    if (is_attempt(s, t)) {
        s->stats.duplicates +=
            t->attempt->direction[0].duplicates + t->attempt->direction[1].duplicates;
        emit(s, t->attempt);
        t->attempt = NULL;
    }
    talk_free(s, t);
}

/* Finishes those whose time has come; all: those too whose has not. */
static void finish_ended(struct shard *s, bool all)
{
    while (s->ended && (all || s->now == TIME_NONE || s->ended->due <= s->now)) {
        struct talk *t = s->ended;
        s->ended = t->next;
        if (!s->ended)
            s->ended_end = &s->ended;
        talk_finish(s, t);
    }
}

/* A lone SYN at a mail port of which nothing more was kept: it becomes an attempt at its end. */
static struct talk *talk_of(struct shard *s, struct flow *flow)
{
    struct talk *t = flow_talk(flow);
    if (t == &ignored)
        return NULL;
    if (!t && port_is_mail(flow_server_port(flow)) && (flow_seen(flow) & FLOW_SEEN_SYN))
        t = talk_new(s, flow, NULL);
    return t;
}

/* An opening that is followed closely is no flood's; it may take a few seconds. */
#define OPENING_PROTECTED (5 * TIME_SECOND)
enum { PROTECTED_MAX = 64 };

/* The oldest idle entry of the lowest class, but for openings at mail ports of a moment ago. */
static struct flow *choose_victim(struct shard *s)
{
    struct flow *flow = flow_table_oldest(s->flows);
    for (unsigned i = 0; flow && i < PROTECTED_MAX; i++) {
        const struct talk *t = flow_talk(flow);
        bool fresh = t && t != &ignored && flow_class(flow) == FLOW_HALF_OPEN &&
                     s->now - t->attempt->start_time < OPENING_PROTECTED;
        if (!fresh)
            return flow;
        flow_set_class(s->flows, flow, FLOW_HALF_OPEN);
        flow = flow_table_oldest(s->flows);
    }
    return flow;
}

static void forget(struct shard *s, struct flow *flow)
{
    struct talk *t = flow_talk(flow);
    enum flow_class class = flow_class(flow);
    bool over = t == &ignored && (flow_seen(flow) & (FLOW_SEEN_FIN | FLOW_SEEN_FIN << 1)) ==
                                     (FLOW_SEEN_FIN | FLOW_SEEN_FIN << 1);
    if (!over) {
        s->stats.forgotten++;
        flow_table_lost(s->flows);
    }
    if (t && t != &ignored) {
        if (class == FLOW_MAIL || session_is_decided(t->session)) {
            t->attempt->end = END_EVICTED;
            t->attempt->end_frame = s->frame;
            talk_finish(s, t);
        } else {
            talk_free(s, t);
        }
    }
    flow_set_talk(flow, NULL);
    flow_forget(s->flows, flow);
}

/* Makes room for one more entry. */
static bool evict(struct shard *s)
{
    struct flow *flow = choose_victim(s);
    if (flow && flow_class(flow) != FLOW_HALF_OPEN && s->ended) {
        finish_ended(s, true);
        return true;
    }
    if (flow)
        forget(s, flow);
    return flow != NULL;
}

/* Makes room for what hangs on an entry: those that ended go first, then the mail conversation that
 * has been silent for longest. keep: the one that the room is for. */
static bool evict_talk(struct shard *s, const struct flow *keep)
{
    if (s->ended) {
        finish_ended(s, true);
        return true;
    }
    struct flow *flow = flow_table_idle(s->flows, FLOW_MAIL, INT64_MAX);
    if (!flow || flow == keep)
        flow = choose_victim(s);
    if (!flow || flow == keep)
        return false;
    forget(s, flow);
    return true;
}

static bool make_room(struct shard *s)
{
    bool any = evict(s);
    while (any && flow_table_crowded(s->flows) && evict(s))
        ;
    return any;
}

static void replace(struct shard *s, struct flow *old)
{
    struct talk *t = talk_of(s, old);
    if (t) {
        talk_end(s, t, END_REUSED);
        t->flow = NULL;
    }
    flow_set_talk(old, NULL);
    flow_forget(s->flows, old);
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
            ignore(s, flow);
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
        if (!evict_talk(s, flow))
            break;
    if (!t) {
        s->stats.forgotten++;
        ignore(s, flow);
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
        not_opening(s, t);
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
    feed_session(s, t);
    if (goes_on(t))
        return;
    if (session_is_over(t->session) && !t->ended) {
        t->attempt->end_frame = s->frame;
        talk_finish(s, t);
        return;
    }
    if (!session_is_mail(t->session) && !t->ended) {
        s->stats.tcp_other++;
        ignore(s, t->flow);
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
    for (unsigned i = 0; !found.flow && i < EVICTIONS_MAX && make_room(s); i++)
        found = flow_table_find(s->flows, p, key);
    if (found.replaced)
        replace(s, found.replaced);
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
    else if (t != &ignored)
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
        finish_ended(s, false);
    }
}

void shard_tick(struct shard *s, int64_t now)
{
    if (s->now != TIME_NONE && now > s->now)
        s->now = now;
    if (s->now != TIME_NONE) {
        end_silent(s);
        finish_ended(s, false);
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
    finish_ended(s, true);
    for (struct flow *flow = flow_table_first(s->flows); flow; flow = flow_table_first(s->flows)) {
        struct talk *t = talk_of(s, flow);
        if (t && !t->ended)
            talk_end(s, t, END_OPEN);
        finish_ended(s, true);
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
