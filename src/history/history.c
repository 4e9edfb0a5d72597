/* SPDX-License-Identifier: BSD-3-Clause */
#include "history/history.h"

#include "base/limits.h"
#include "base/table.h"
#include "history/makers.h"
#include "history/places.h"
#include "history/recovery.h"

struct history {
    struct budget *budget;
    struct arena texts;
    struct table by_addr, interned;
    struct places *places;
    struct device **devices;
    size_t count, cap;
    uint64_t dropped;
    uint32_t made_good;
    bool encrypted_mail; /* of any device */
    struct ip_addr asked; /* the device whose attempt is at hand, */
    uint64_t asked_hash;  /* and the hash of its address */
};

static bool is_device(const void *value, struct bytes key)
{
    const struct device *d = value;
    return bytes_equal(bytes_of(&d->addr, sizeof d->addr), key);
}

static bool is_text(const void *value, struct bytes key)
{
    const char *s = value;
    return bytes_equal(bytes_str(s), key);
}

struct history *history_new(struct budget *budget)
{
    struct history *h = mem_alloc(budget, sizeof *h);
    if (!h)
        return NULL;
    h->budget = budget;
    arena_init(&h->texts, budget);
    table_init(&h->by_addr, budget, is_device);
    table_init(&h->interned, budget, is_text);
    h->places = places_new(budget);
    if (!h->places) {
        history_free(h);
        return NULL;
    }
    return h;
}

static void device_free(struct history *h, struct device *d)
{
    mem_free(h->budget, d->past, d->past_cap * sizeof *d->past);
    mem_free(h->budget, d->fetches, sizeof *d->fetches);
    mem_free(h->budget, d, sizeof *d);
}

void history_free(struct history *h)
{
    if (!h)
        return;
    for (size_t i = 0; i < h->count; i++)
        device_free(h, h->devices[i]);
    mem_free(h->budget, h->devices, h->cap * sizeof *h->devices);
    places_free(h->places);
    table_done(&h->by_addr);
    table_done(&h->interned);
    arena_done(&h->texts);
    mem_free(h->budget, h, sizeof *h);
}

const char *history_intern(struct history *h, struct bytes text)
{
    if (text.len == 0 || bytes_find(text, 0) >= 0)
        return NULL;
    char *known = table_get(&h->interned, text);
    if (known)
        return known;
    char *copy = arena_alloc(&h->texts, text.len + 1);
    if (!copy)
        return NULL;
    bytes_copy(copy, text.len, text);
    return table_put(&h->interned, text, copy) ? copy : NULL;
}

static struct device *device_new(struct history *h, const struct ip_addr *addr)
{
    if (h->count == HISTORY_DEVICES_MAX)
        return NULL;
    if (h->count == h->cap) {
        size_t cap = h->cap > 0 ? h->cap * 2 : 16;
        struct device **devices =
            mem_resize(h->budget, h->devices, h->cap * sizeof *devices, cap * sizeof *devices);
        if (!devices)
            return NULL;
        h->devices = devices;
        h->cap = cap;
    }
    struct device *d = mem_alloc(h->budget, sizeof *d);
    if (!d)
        return NULL;
    d->addr = d->addrs[0] = *addr;
    d->addr_count = 1;
    d->number = (uint32_t)h->count;
    d->first = d->last = TIME_NONE;
    if (!table_put(&h->by_addr, bytes_of(&d->addr, sizeof d->addr), d)) {
        mem_free(h->budget, d, sizeof *d);
        return NULL;
    }
    h->devices[h->count++] = d;
    return d;
}

/* Several times for each attempt. */
static uint64_t hash_of(struct history *h, const struct ip_addr *addr)
{
    if (!ip_addr_equal(&h->asked, addr) || h->asked_hash == 0) {
        h->asked = *addr;
        h->asked_hash = table_hash(bytes_of(addr, sizeof *addr));
    }
    return h->asked_hash;
}

void history_prefetch(struct history *h, const struct ip_addr *addr)
{
    table_prefetch(&h->by_addr, hash_of(h, addr));
}

void history_prefetch_device(struct history *h, const struct ip_addr *addr)
{
    table_prefetch_value(&h->by_addr, hash_of(h, addr));
}

const struct device *history_find(const struct history *h, const struct ip_addr *addr)
{
    return table_get(&h->by_addr, bytes_of(addr, sizeof *addr));
}

static void count(struct device *d, enum outcome outcome)
{
    uint32_t *const counts[OUTCOMES] = { &d->delivered, &d->failed, &d->no_mail, &d->incomplete,
                                         &d->unknown };
    d->attempts++;
    (*counts[outcome])++;
}

/* A place for one more; when full the oldest gives way, but for those that show what works. */
static struct past_attempt *place(struct history *h, struct device *d)
{
    if (d->past_count < d->past_cap)
        return &d->past[d->past_count++];
    size_t cap = d->past_cap > 0 ? d->past_cap * 2u : 1; /* many devices are seen once */
    struct past_attempt *past =
        cap <= HISTORY_PAST_MAX
            ? mem_resize(h->budget, d->past, d->past_cap * sizeof *past, cap * sizeof *past)
            : NULL;
    if (past) {
        d->past = past;
        d->past_cap = (uint32_t)cap;
        return &d->past[d->past_count++];
    }
    d->past_dropped++;
    h->dropped++;
    if (d->past_count == 0)
        return NULL;
    size_t oldest = 0;
    while (oldest + 1 < d->past_count && d->past[oldest].outcome == OUTCOME_DELIVERED)
        oldest++;
    d->open_failures -= recovery_is_open(&d->past[oldest]);
    d->open_listed = 0; /* all stand elsewhere now */
    for (size_t i = oldest + 1; i < d->past_count; i++)
        d->past[i - 1] = d->past[i];
    return &d->past[d->past_count - 1];
}

/* Devices stand in the order of their first attempts; fetching mail is none. */
static void move_to_end(struct history *h, struct device *d)
{
    size_t at = h->count - 1;
    while (at > 0 && h->devices[at] != d)
        at--;
    for (; at + 1 < h->count; at++)
        h->devices[at] = h->devices[at + 1];
    h->devices[h->count - 1] = d;
}

void history_remember(struct history *h, const struct ip_addr *addr,
                      const struct past_attempt *past, struct bytes ehlo_name)
{
    struct device *d =
        table_get_hashed(&h->by_addr, hash_of(h, addr), bytes_of(addr, sizeof *addr));
    if (!d && !(d = device_new(h, addr))) {
        h->dropped++;
        return;
    }
    places_clear(h->places);
    if (d->attempts == 0)
        move_to_end(h, d);
    if (past->outcome == OUTCOME_DELIVERED)
        h->made_good += recovery_mark(d, past);
    if (past->port != 0 && d->fetches)
        fetches_mail(d->fetches, past->file, past->start, past->auth != AUTH_NONE);
    count(d, (enum outcome)past->outcome);
    if (d->first == TIME_NONE)
        d->first = past->start;
    d->last = past->end;
    if (!d->ehlo)
        d->ehlo = history_intern(h, ehlo_name);
    if (mac_addr_is_zero(&d->mac))
        d->mac = past->mac;
    struct past_attempt *p = place(h, d);
    if (!p)
        return;
    *p = *past;
    if (recovery_is_open(past))
        recovery_remember(d, (uint32_t)(p - d->past));
    d->encrypted_mail |= past_is_encrypted_mail(p);
    h->encrypted_mail |= d->encrypted_mail;
}

/* The attempts of both by their ids. */
static bool join_past(struct history *h, struct device *d, const struct device *other)
{
    uint32_t cap = d->past_count + other->past_count;
    struct past_attempt *past = mem_alloc(h->budget, cap * sizeof *past);
    if (!past)
        return false;
    for (uint32_t i = 0, k = 0, n = 0; n < cap; n++) {
        bool mine =
            k == other->past_count || (i < d->past_count && d->past[i].id < other->past[k].id);
        past[n] = mine ? d->past[i++] : other->past[k++];
    }
    mem_free(h->budget, d->past, d->past_cap * sizeof *d->past);
    d->past = past;
    d->past_count = d->past_cap = cap;
    d->past_dropped += other->past_dropped;
    d->open_failures += other->open_failures;
    d->open_listed = 0;
    d->encrypted_mail |= other->encrypted_mail;
    return true;
}

static struct fetches *fetches_of(struct history *h, struct device *d)
{
    if (!d->fetches)
        d->fetches = mem_alloc(h->budget, sizeof *d->fetches);
    return d->fetches;
}

static void join_fetches(struct history *h, struct device *d, const struct device *other)
{
    const struct fetches *from = other->fetches;
    struct fetches *to = from ? fetches_of(h, d) : NULL;
    if (!to)
        return;
    for (size_t i = 0; i < from->count; i++)
        fetches_add(to, &from->list[i]);
    to->then_sent |= from->then_sent;
}

/* other becomes part of d and is no longer a device of its own. */
static void join(struct history *h, struct device *d, struct device *other)
{
    if (!join_past(h, d, other))
        return;
    d->attempts += other->attempts;
    d->delivered += other->delivered;
    d->failed += other->failed;
    d->no_mail += other->no_mail;
    d->incomplete += other->incomplete;
    d->unknown += other->unknown;
    for (size_t i = 0; i < other->addr_count && d->addr_count < DEVICE_ADDRS_MAX; i++)
        d->addrs[d->addr_count++] = other->addrs[i];
    if (!d->ehlo)
        d->ehlo = other->ehlo;
    if (other->attempts > 0 && (d->first == TIME_NONE || other->first < d->first))
        d->first = other->first;
    if (other->last > d->last)
        d->last = other->last;
    join_fetches(h, d, other);
    table_remove(&h->by_addr, bytes_of(&other->addr, sizeof other->addr));
    device_free(h, other);
}

static bool is_mac(const void *value, struct bytes key)
{
    const struct device *d = value;
    return bytes_equal(bytes_of(d->mac.b, sizeof d->mac.b), key);
}

static void find_names(struct history *h, const struct hosts *hosts, struct device *d)
{
    char maker[MAKER_NAME_BYTES];
    for (size_t i = 0; i < d->addr_count && !d->name; i++)
        d->name = hosts_name(hosts, &d->mac, &d->addrs[i]);
    d->vendor = hosts_vendor(hosts, &d->mac, &d->addr);
    if (maker_find(&d->mac, maker))
        d->maker = history_intern(h, bytes_str(maker));
}

void history_settle(struct history *h, const struct hosts *hosts)
{
    size_t kept = 0;
    struct table by_mac;
    table_init(&by_mac, h->budget, is_mac);
    for (size_t i = 0; i < h->count; i++) {
        struct device *d = h->devices[i];
        struct bytes mac = bytes_of(d->mac.b, sizeof d->mac.b);
        if (hosts_is_router(hosts, &d->mac))
            d->mac = (struct mac_addr) { { 0 } };
        struct device *first = mac_addr_is_zero(&d->mac) ? NULL : table_get(&by_mac, mac);
        if (first) {
            join(h, first, d);
            continue;
        }
        h->devices[kept++] = d;
        if (!mac_addr_is_zero(&d->mac))
            (void)table_put(&by_mac, mac, d); /* without memory for it two stay two */
    }
    h->count = kept;
    table_done(&by_mac);
    for (size_t i = 0; i < h->count; i++)
        find_names(h, hosts, h->devices[i]);
}

void history_fetched(struct history *h, const struct ip_addr *addr, const struct fetch *fetch)
{
    struct device *d = table_get(&h->by_addr, bytes_of(addr, sizeof *addr));
    if (!d && !(d = device_new(h, addr))) {
        h->dropped++;
        return;
    }
    struct fetches *fetches = fetches_of(h, d);
    if (fetches)
        fetches_add(fetches, fetch);
    else
        h->dropped++;
}

bool past_same_server(const struct past_attempt *a, const struct past_attempt *b)
{
    if (ip_addr_equal(&a->server, &b->server))
        return true;
    const char *name = a->server_name, *other = b->server_name;
    return name && other &&
           (name == other || bytes_equal_nocase(bytes_str(name), bytes_str(other)));
}

bool history_encrypted_mail(const struct history *h)
{
    return h->encrypted_mail;
}

uint32_t history_made_good(const struct history *h)
{
    return h->made_good;
}

size_t history_device_count(const struct history *h)
{
    return h->count;
}

const struct device *history_device(const struct history *h, size_t index)
{
    enum { AHEAD = 4 }; /* they are asked for in order, and lie far apart */
    if (index + AHEAD < h->count)
        __builtin_prefetch(h->devices[index + AHEAD]);
    return index < h->count ? h->devices[index] : NULL;
}

bool history_is_mail_name(const struct history *h, const char *name)
{
    for (size_t i = 0; i < h->count; i++)
        for (size_t k = 0; k < h->devices[i]->past_count; k++) {
            const struct past_attempt *p = &h->devices[i]->past[k];
            if (p->server_name && strcmp(p->server_name, name) == 0)
                return true;
        }
    return false;
}

struct history_others history_others(const struct history *h, const struct device *self,
                                     const struct past_attempt *failed)
{
    return places_others(h->places, h->devices, h->count, self, failed);
}

uint64_t history_dropped(const struct history *h)
{
    return h->dropped;
}
