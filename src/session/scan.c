/* SPDX-License-Identifier: BSD-3-Clause */
#include "session/scan.h"

#include "base/bytes.h"
#include "base/time.h"

enum { CLIENTS = 4096, RECENT = 16, SCAN_MIN = 5 };
#define SCAN_WINDOW (10 * TIME_SECOND)

struct opening {
    int64_t time;
    uint32_t server; /* hashed */
    uint16_t port;
    bool spoke, used;
};

struct client {
    uint64_t hash;
    int64_t silent_first, silent_last; /* a streak of forgotten openings without payload */
    uint32_t silent;
    uint32_t at;
    struct opening recent[RECENT];
};

/* A client is followed from its second opening within the window on: a flood of made-up addresses
 * costs a few bytes each and no more. */
struct slot {
    uint32_t tag; /* of the client's hash; 0 = none */
    uint32_t server;
    int64_t time;
    uint16_t port;
    struct client *client;
};

struct scans {
    struct budget *budget;
    struct slot slots[CLIENTS];
};

struct scans *scans_new(struct budget *budget)
{
    struct scans *s = mem_alloc(budget, sizeof *s);
    if (s)
        s->budget = budget;
    return s;
}

void scans_free(struct scans *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < CLIENTS; i++)
        mem_free(s->budget, s->slots[i].client, sizeof *s->slots[i].client);
    mem_free(s->budget, s, sizeof *s);
}

/* Each opening of any kind asks twice, so it is no more than a mixing of the address: who makes two of
 * them meet hides a scan, and loses by it. */
static uint64_t hash(const struct ip_addr *addr)
{
    uint64_t half[2];
    bytes_copy(half, sizeof half, bytes_of(addr->b, sizeof addr->b));
    uint64_t h = (half[0] ^ addr->family) * UINT64_C(0x9e3779b97f4a7c15);
    h = (h ^ h >> 32 ^ half[1]) * UINT64_C(0xd6e8feb86659fd93);
    return h ^ h >> 32;
}

static uint32_t tag_of(uint64_t h)
{
    return (uint32_t)(h >> 32) | 1;
}

static struct client *find(const struct scans *s, uint64_t h)
{
    struct client *c = s->slots[h % CLIENTS].client;
    return c && c->hash == h ? c : NULL;
}

/* An opening that is forgotten goes into the streak, or ends it. */
static void forget(struct client *c, const struct opening *o)
{
    if (!o->used)
        return;
    if (o->spoke || (c->silent > 0 && o->time - c->silent_last > SCAN_WINDOW)) {
        c->silent = 0;
        if (o->spoke)
            return;
    }
    if (c->silent++ == 0)
        c->silent_first = o->time;
    c->silent_last = o->time;
}

static void remember(struct client *c, uint32_t server, uint16_t port, int64_t time)
{
    struct opening *o = &c->recent[c->at++ % RECENT];
    forget(c, o);
    *o = (struct opening) { .time = time, .server = server, .port = port, .used = true };
}

void scans_prefetch(const struct scans *s, const struct ip_addr *client)
{
    __builtin_prefetch(&s->slots[hash(client) % CLIENTS], 1);
}

void scans_prefetch_client(const struct scans *s, const struct ip_addr *client)
{
    enum { LINE = 64 };
    const struct client *c = s->slots[hash(client) % CLIENTS].client;
    for (size_t at = 0; c && at < sizeof *c; at += LINE)
        __builtin_prefetch((const char *)c + at, 1);
}

void scans_opening(struct scans *s, const struct ip_addr *client, const struct ip_addr *server,
                   uint16_t port, int64_t time)
{
    uint64_t h = hash(client);
    struct slot *slot = &s->slots[h % CLIENTS];
    uint32_t to = (uint32_t)hash(server);
    if (slot->client && slot->client->hash == h) {
        remember(slot->client, to, port, time);
        return;
    }
    struct slot before = *slot;
    slot->tag = tag_of(h);
    slot->server = to;
    slot->port = port;
    slot->time = time;
    if (before.tag != slot->tag || time - before.time > SCAN_WINDOW)
        return;
    if (!slot->client && !(slot->client = mem_alloc(s->budget, sizeof *slot->client)))
        return;
    *slot->client = (struct client) { .hash = h };
    remember(slot->client, before.server, before.port, before.time);
    remember(slot->client, to, port, time);
}

void scans_payload(struct scans *s, const struct ip_addr *client, const struct ip_addr *server,
                   uint16_t port)
{
    struct client *c = find(s, hash(client));
    uint32_t to = (uint32_t)hash(server);
    for (size_t i = 0; c && i < RECENT; i++)
        if (c->recent[i].server == to && c->recent[i].port == port)
            c->recent[i].spoke = true;
}

/* The first opening to this host and port among those remembered? */
static bool is_new(const struct client *c, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        const struct opening *a = &c->recent[j], *b = &c->recent[i];
        if (a->used && !a->spoke && a->server == b->server && a->port == b->port)
            return false;
    }
    return true;
}

bool scans_is(const struct scans *s, const struct ip_addr *client, const struct ip_addr *server,
              uint16_t port, int64_t time)
{
    const struct client *c = find(s, hash(client));
    if (!c)
        return false;
    uint32_t to = (uint32_t)hash(server);
    unsigned ports = 0, hosts = 0;
    for (size_t i = 0; i < RECENT; i++) {
        const struct opening *o = &c->recent[i];
        int64_t apart = o->time > time ? o->time - time : time - o->time;
        if (!o->used || o->spoke || apart > SCAN_WINDOW)
            continue;
        ports += o->server == to && is_new(c, i);
        hosts += o->port == port && is_new(c, i);
    }
    if (ports >= SCAN_MIN || hosts >= SCAN_MIN)
        return true;
    return c->silent >= SCAN_MIN && time >= c->silent_first - SCAN_WINDOW &&
           time <= c->silent_last + SCAN_WINDOW;
}
