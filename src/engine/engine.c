/* SPDX-License-Identifier: BSD-3-Clause */
#include "engine/engine.h"

#include "engine/race.h"
#include "engine/remember.h"

#include "derive/chain.h"
#include "derive/infer.h"
#include "derive/outcome.h"
#include "derive/password.h"
#include "history/lookups.h"
#include "history/names.h"
#include "history/words.h"
#include "session/shard.h"

struct capture {
    struct capture *next;
    struct capture_line line;
    struct capture_facts before; /* what was dropped before it, of what is kept for all captures */
    uint16_t index;
};

struct engine {
    struct engine_options options;
    struct budget budget, history_budget, names_budget;
    struct shard *shard;
    struct history *history;
    struct names *names;
    struct lookups *lookups;
    struct hosts *hosts;
    struct words *words;
    struct certs *certs; /* NULL where they are not judged */
    struct races races;
    struct capture *captures, **captures_end, *now; /* now: the one being read */
    struct device_line device_line;
    size_t next_device;
    struct capture *next_capture;
    uint32_t attempts, failed;
    uint16_t files;
    bool file_over; /* all of the file at hand was read */
    bool finished;
};

/* A name is a mail server's where the user said so, or a device reached a server for mail by it. */
static bool is_mail_name(void *context, const struct ip_addr *device, const char *name)
{
    const struct engine *e = context;
    struct ip_addr addr;
    if (e->options.device && ip_addr_parse(e->options.device, &addr) &&
        ip_addr_equal(&addr, device))
        return true;
    if (e->options.server && bytes_equal_nocase(bytes_str(e->options.server), bytes_str(name)))
        return true;
    return history_is_mail_name(e->history, name);
}

struct engine *engine_new(const struct engine_options *options)
{
    struct engine *e = mem_alloc(NULL, sizeof *e);
    if (!e)
        return NULL;
    e->options = *options;
    e->budget.limit = options->memory;
    e->history_budget = (struct budget) { .limit = options->memory / 4, .parent = &e->budget };
    e->names_budget = (struct budget) { .limit = options->memory / 8, .parent = &e->budget };
    e->captures_end = &e->captures;
    e->certs = options->trust ? certs_new(&e->budget) : NULL;
    struct shard_options reading = { .numbers = !options->filtered,
                                     .keys = options->keys,
                                     .certs = e->certs,
                                     .keep_sign_ins = options->password != NULL };
    e->shard = shard_new(&e->budget, &reading);
    e->history = history_new(&e->history_budget);
    e->names = names_new(&e->names_budget);
    e->lookups = lookups_new(&e->names_budget, is_mail_name, e);
    e->hosts = hosts_new(&e->names_budget);
    e->words = words_new(&e->names_budget);
    if (!e->words || !e->shard || !e->history || !e->names || !e->lookups || !e->hosts) {
        engine_free(e);
        return NULL;
    }
    return e;
}

void engine_free(struct engine *e)
{
    if (!e)
        return;
    shard_free(e->shard);
    history_free(e->history);
    lookups_free(e->lookups);
    hosts_free(e->hosts);
    words_free(e->words);
    names_free(e->names);
    certs_free(e->certs);
    while (e->captures) {
        struct capture *c = e->captures;
        e->captures = c->next;
        mem_free(NULL, c, sizeof *c);
    }
    mem_free(NULL, e, sizeof *e);
}

/* What limits dropped so far of what is kept for all captures. */
static void count_kept(const struct engine *e, struct capture_facts *f)
{
    const struct password *p = e->options.password;
    struct password_dropped dropped = p ? password_dropped(p) : (struct password_dropped) { 0 };
    f->sign_ins_dropped = dropped.exchanges;
    f->scram_dropped = dropped.scram;
    f->words_dropped = words_dropped(e->words);
    f->certs_dropped = e->certs ? certs_dropped(e->certs) : 0;
    f->chains_dropped = e->options.trust ? trust_dropped(e->options.trust) : 0;
}

/* The same of the capture at hand alone. */
static void count_kept_now(struct engine *e)
{
    struct capture_facts *f = &e->now->line.facts;
    const struct capture_facts *before = &e->now->before;
    count_kept(e, f);
    f->sign_ins_dropped -= before->sign_ins_dropped;
    f->scram_dropped -= before->scram_dropped;
    f->certs_dropped -= before->certs_dropped;
    f->words_dropped -= before->words_dropped;
    f->chains_dropped -= before->chains_dropped;
}

void engine_begin(struct engine *e, const char *file, const char *interface)
{
    struct capture *c = mem_alloc(NULL, sizeof *c);
    if (e->now)
        shard_restart(e->shard);
    e->file_over = false;
    e->now = c;
    if (!c)
        return;
    c->index = e->files++;
    count_kept(e, &c->before);
    c->line.file = file;
    c->line.interface = interface;
    c->line.facts.unknown_link_type = 0xffff;
    *e->captures_end = c;
    e->captures_end = &c->next;
}

void engine_name(struct engine *e, const struct ip_addr *addr, struct bytes name)
{
    names_static(e->names, addr, name);
}

static void take_message(struct engine *e, const struct event *event)
{
    const struct dns_message *m = &event->message;
    for (size_t i = 0; m->response && i < m->count; i++)
        names_answer(e->names, &event->device, m->name, &m->answers[i].addr, event->time);
    struct name_message message = {
        .device = event->device,
        .device_mac = event->device_mac,
        .time = event->time,
        .frame = event->frame,
        .time_digits = event->time_digits,
        .response = m->response,
        .rcode = m->rcode,
        .addresses = m->count,
        .type = m->query_type,
        .name = m->name,
        .encap_count = event->encap_count,
    };
    bytes_copy(message.encap, sizeof message.encap, bytes_of(event->encap, event->encap_count));
    lookups_message(e->lookups, &message);
}

static void take_host(struct engine *e, const struct host_name *host)
{
    struct host_says says = { .mac = host->mac,
                              .addr = host->addr,
                              .name = host->name,
                              .vendor = host->vendor,
                              .rank = host->source };
    hosts_named(e->hosts, &says);
}

static void take_event(struct engine *e, const struct event *event)
{
    switch ((enum event_kind)event->kind) {
    case EVENT_NAMED:
        take_host(e, &event->host);
        return;
    case EVENT_SPOKE:
        races_spoke(&e->races, &event->device, &event->server, event->time);
        return;
    case EVENT_OPENING:
        hosts_seen(e->hosts, &event->device_mac, &event->device);
        lookups_connected(e->lookups, &event->device, event->time);
        return;
    case EVENT_DNS:
        if (!event->message.response)
            hosts_seen(e->hosts, &event->device_mac, &event->device);
        take_message(e, event);
        return;
    }
}

static void take_events(struct engine *e)
{
    for (const struct event *event; (event = shard_next_event(e->shard));)
        take_event(e, event);
}

void engine_batch(struct engine *e, const struct batch *batch)
{
    shard_batch(e->shard, batch);
    take_events(e);
}

void engine_tick(struct engine *e, int64_t now)
{
    shard_tick(e->shard, now);
}

static void count(struct engine *e, const struct judged *j)
{
    struct capture_facts *facts = &e->now->line.facts;
    uint32_t *const counts[OUTCOMES] = { &facts->delivered, &facts->failed, &facts->no_mail,
                                         &facts->incomplete, &facts->unknown };
    facts->attempts++;
    (*counts[j->summary.outcome])++;
    e->failed += j->summary.outcome == OUTCOME_FAILED;
    facts->facts_dropped += timeline_dropped(j->attempt->timeline);
}

/* What was lost on the way is no fault of the capture. */
static bool lacks_packets(const struct attempt *a)
{
    if (!a->gaps)
        return false;
    for (const struct fact *f = timeline_first(a->timeline); f; f = timeline_next(a->timeline, f))
        if (f->kind == FACT_GAP && !(f->flags & FACT_CLIPPED) && !attempt_lost_on_the_way(a, f))
            return true;
    return timeline_dropped(a->timeline) > 0;
}

/* The state of the capture shows in all mail connections, those that were not asked for too. */
static void count_capture(struct engine *e, const struct attempt *a)
{
    struct capture_facts *facts = &e->now->line.facts;
    facts->streams_mail++;
    facts->one_sided += a->one_sided && (a->direction[0].packets + a->direction[1].packets) > 1;
    facts->with_gaps += lacks_packets(a);
    facts->snapped += a->snapped;
    facts->starts_late += !attempt_opening_seen(a);
}

static bool is_wanted(const struct engine *e, const struct judged *j)
{
    char text[ADDR_TEXT_SIZE];
    const struct attempt *a = j->attempt;
    struct ip_addr addr;
    if (e->options.device &&
        (!ip_addr_parse(e->options.device, &addr) || !ip_addr_equal(&addr, &a->client_addr)))
        return false;
    if (!e->options.server)
        return true;
    if (ip_addr_parse(e->options.server, &addr))
        return ip_addr_equal(&addr, &a->server_addr);
    const char *name = j->server_name ? j->server_name : ip_addr_text(&a->server_addr, text);
    return bytes_equal_nocase(bytes_str(name), bytes_str(e->options.server));
}

static const char *name_of(struct engine *e, const struct attempt *a, const struct summary *s)
{
    const char *name = names_find(e->names, &a->client_addr, &a->server_addr, a->start_time);
    struct ip_addr addr;
    if (!name && s->client_hello)
        name = history_intern(e->history, s->client_hello->client_hello.sni);
    bool is_address = name && ip_addr_parse(name, &addr) && ip_addr_equal(&addr, &a->server_addr);
    return is_address ? NULL : name;
}

/* Fetching mail is no attempt; that the device signed in so is kept. */
static void take_fetches(struct engine *e, const struct attempt *a)
{
    struct ip_addr addr;
    if (e->options.device &&
        (!ip_addr_parse(e->options.device, &addr) || !ip_addr_equal(&addr, &a->client_addr)))
        return;
    for (const struct fact *f = timeline_first(a->timeline); f; f = timeline_next(a->timeline, f)) {
        if (f->kind != FACT_POP3_SIGN_IN)
            continue;
        struct fetch fetch = { .time = f->time,
                               .frame = f->last_frame,
                               .file = e->now->index,
                               .file_name = e->now->line.file,
                               .port = a->server_port,
                               .known = f->pop3.known,
                               .accepted = f->pop3.accepted,
                               .server = a->server_addr,
                               .text = history_intern(e->history, f->pop3.text) };
        history_fetched(e->history, &a->client_addr, &fetch);
    }
}

/* NULL when it is not asked for, or memory is out. */
static struct judged *judge(struct engine *e, struct attempt *a, const char *name)
{
    timeline_prefetch(a->timeline);
    history_prefetch(e->history, &a->client_addr);
    struct judged *j = mem_alloc(NULL, sizeof *j);
    if (!j) {
        attempt_free(a);
        return NULL;
    }
    j->attempt = a;
    j->file_index = e->now->index;
    j->file = e->now->line.file;
    j->interface = e->now->line.interface;
    j->knowledge = &e->options.knowledge;
    if (a->kind == ATTEMPT_CONNECTION)
        count_capture(e, a);
    outcome_derive(a, &j->summary);
    history_prefetch_device(e->history, &a->client_addr);
    j->server_name =
        name ? history_intern(e->history, bytes_str(name)) : name_of(e, a, &j->summary);
    if (a->trace_count > 0) /* else there is nothing to infer from */
        infer_derive(a, words_find(e->words, &a->server_addr, j->server_name), &j->summary);
    words_learn(e->words, a, j->server_name);
    words_infer(e->words, a, j->server_name, &j->summary.inferred);
    password_derive(a, e->options.password, &j->summary);
    chain_derive(a, e->options.trust, e->certs, &j->summary);
    if (timeline_kinds(a->timeline) & FACT_BIT(FACT_CERTIFICATE)) /* whose name is compared */
        j->looked_up = names_looked_up(e->names, &a->client_addr, &a->server_addr, a->start_time);
    count_kept_now(e);
    bool lost_race = races_lost(&e->races, a, e->names);
    if (lost_race)
        j->summary.outcome = OUTCOME_NO_MAIL;
    if (!is_wanted(e, j) ||
        (!lost_race && !diagnose_attempt(j, e->history, shard_time(e->shard)))) {
        judged_free(j);
        return NULL;
    }
    j->id = ++e->attempts;
    count(e, j);
    remember(e->history, j);
    return j;
}

static void add_other(struct capture_facts *facts, const char *name)
{
    for (size_t i = 0; i < sizeof facts->other_protocols / sizeof *facts->other_protocols; i++)
        if (!facts->other_protocols[i]) {
            facts->other_protocols[i] = name;
            return;
        }
}

void engine_finish_file(struct engine *e, const struct engine_file_end *end)
{
    shard_finish(e->shard);
    e->file_over = true;
    if (!e->now)
        return;
    struct capture_facts *f = &e->now->line.facts;
    struct shard_stats s;
    shard_stats(e->shard, &s);
    f->packets = end->packets;
    f->bytes = end->bytes;
    f->truncated = end->truncated;
    f->filtered = end->filtered;
    f->kernel_dropped = end->kernel_dropped;
    f->cut_short = end->cut_short;
    f->damaged = end->damaged;
    f->cut_offset = end->cut_offset;
    f->connections = s.connections;
    f->tcp_other = s.tcp_other;
    f->udp = s.udp;
    f->other_ip = s.other_ip;
    f->duplicates = s.duplicates;
    f->nat_copies = s.nat_copies;
    f->forgotten = s.forgotten;
    f->events_dropped = s.events_dropped;
    f->scans = s.scans;
    f->scan_first_frame = s.scan_first_frame;
    f->encapsulated = s.packets.encapsulated;
    f->not_ip = s.packets.why[PACKET_WHY_NOT_IP];
    f->malformed = s.packets.why[PACKET_WHY_MALFORMED] + s.packets.why[PACKET_WHY_DEPTH];
    f->link_unknown = s.packets.why[PACKET_WHY_LINK_TYPE];
    if (s.packets.link_type_unknown > 0)
        f->unknown_link_type = (uint16_t)(s.packets.link_type_unknown - 1);
    f->wlan_encrypted = s.packets.wlan_encrypted;
    f->filter_may_hide = e->options.filtered && end->filtered_encapsulated > 0 && s.mail == 0;
    static const char *const others[] = { "HTTP", "TLS", "SSH" };
    const uint32_t counts[] = { s.other_http, s.other_tls, s.other_ssh };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (counts[i] > 0)
            add_other(f, others[i]);
}

void engine_finish(struct engine *e)
{
    history_settle(e->history, e->hosts);
    e->finished = true;
    e->next_capture = e->captures;
}

static bool next_attempt(struct engine *e, struct result *result)
{
    const char *name;
    while (e->now) {
        struct attempt *a = shard_next_attempt(e->shard);
        name = NULL;
        if (!a && shard_time(e->shard) != TIME_NONE)
            a = lookups_next(e->lookups, shard_time(e->shard), shard_frame(e->shard), e->file_over,
                             &name);
        if (!a)
            return false;
        if (a->kind == ATTEMPT_POP3) {
            take_fetches(e, a);
            attempt_free(a);
            continue;
        }
        struct judged *j = judge(e, a, name);
        if (!j)
            continue;
        *result = (struct result) { .kind = RESULT_ATTEMPT, .judged = j };
        return true;
    }
    return false;
}

static bool is_named(const struct engine *e, const struct device *d)
{
    struct ip_addr addr;
    return e->options.device && ip_addr_parse(e->options.device, &addr) &&
           ip_addr_equal(&addr, &d->addr);
}

static bool next_device(struct engine *e, struct result *result)
{
    const struct device *d;
    while ((d = history_device(e->history, e->next_device))) {
        e->next_device++;
        e->device_line.device = d; /* its findings are filled as their count grows */
        e->device_line.named = is_named(e, d);
        diagnose_device(&e->device_line, e->history);
        if (d->attempts == 0 && e->device_line.finding_count == 0)
            continue; /* it only fetched mail */
        for (size_t i = 0; i < e->device_line.finding_count; i++)
            e->failed += e->device_line.findings[i].severity == SEVERITY_FAILURE;
        *result = (struct result) { .kind = RESULT_DEVICE, .device = &e->device_line };
        return true;
    }
    return false;
}

static bool next_capture(struct engine *e, struct result *result)
{
    struct capture *c = e->next_capture;
    if (!c)
        return false;
    e->next_capture = c->next;
    c->line.facts.history_dropped = history_dropped(e->history);
    diagnose_capture(&c->line);
    *result = (struct result) { .kind = RESULT_CAPTURE, .capture = &c->line };
    return true;
}

bool engine_next(struct engine *e, struct result *result)
{
    if (next_attempt(e, result))
        return true;
    return e->finished && (next_device(e, result) || next_capture(e, result));
}

uint32_t engine_failed(const struct engine *e)
{
    return e->failed - history_made_good(e->history);
}

const struct history *engine_history(const struct engine *e)
{
    return e->history;
}
