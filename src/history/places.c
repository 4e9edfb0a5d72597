/* SPDX-License-Identifier: BSD-3-Clause */
#include "history/places.h"

#include "base/table.h"

enum { NAME_MAX_BYTES = 255 };

/* A server's address, or one of its names; all that belong together hang under one root. */
struct place {
    struct place *parent; /* itself: the root */
    struct ip_addr addr;  /* family 0: a name */
    struct bytes name;    /* in lower case */
};

struct tally_key {
    const struct place *server; /* a root */
    const char *cause;          /* NULL: it worked */
    uint64_t port;
};

struct tally {
    struct tally_key key;
    uint32_t devices;
    const struct device *last; /* of these; a device is counted once */
};

struct places {
    struct arena arena;
    struct table by_addr, by_name, tallies;
    bool counted;
};

static bool is_addr(const void *value, struct bytes key)
{
    const struct place *p = value;
    return bytes_equal(bytes_of(&p->addr, sizeof p->addr), key);
}

static bool is_name(const void *value, struct bytes key)
{
    const struct place *p = value;
    return bytes_equal(p->name, key);
}

static bool is_tally(const void *value, struct bytes key)
{
    const struct tally *t = value;
    return bytes_equal(bytes_of(&t->key, sizeof t->key), key);
}

struct places *places_new(struct budget *budget)
{
    struct places *p = mem_alloc(budget, sizeof *p);
    if (!p)
        return NULL;
    arena_init(&p->arena, budget);
    table_init(&p->by_addr, budget, is_addr);
    table_init(&p->by_name, budget, is_name);
    table_init(&p->tallies, budget, is_tally);
    return p;
}

void places_clear(struct places *p)
{
    if (!p->counted)
        return;
    table_done(&p->by_addr);
    table_done(&p->by_name);
    table_done(&p->tallies);
    arena_done(&p->arena);
    p->counted = false;
}

void places_free(struct places *p)
{
    if (!p)
        return;
    places_clear(p);
    mem_free(p->arena.budget, p, sizeof *p);
}

/* Servers */

static struct place *place_add(struct places *p, struct table *table, struct bytes key,
                               const struct ip_addr *addr)
{
    struct place *place = arena_alloc(&p->arena, sizeof *place);
    uint8_t *name = place && !addr ? arena_alloc(&p->arena, key.len) : NULL;
    if (!place || (!addr && !name))
        return NULL;
    place->parent = place;
    if (addr)
        place->addr = *addr;
    else
        place->name = bytes_of(name, bytes_copy(name, key.len, key));
    return table_put(table, key, place) ? place : NULL;
}

static struct place *place_of_addr(struct places *p, const struct ip_addr *addr)
{
    struct bytes key = bytes_of(addr, sizeof *addr);
    struct place *known = table_get(&p->by_addr, key);
    return known ? known : place_add(p, &p->by_addr, key, addr);
}

static struct place *place_of_name(struct places *p, const char *name)
{
    uint8_t lower[NAME_MAX_BYTES];
    size_t n = 0;
    for (; name[n] && n < sizeof lower; n++)
        lower[n] = bytes_lower((uint8_t)name[n]);
    struct bytes key = bytes_of(lower, n);
    struct place *known = table_get(&p->by_name, key);
    return known || n == 0 ? known : place_add(p, &p->by_name, key, NULL);
}

static struct place *root(struct place *place)
{
    while (place->parent != place)
        place = place->parent = place->parent->parent; /* shorter next time */
    return place;
}

/* Where it was, and that the address and the name are of one server. */
static struct place *link_server(struct places *p, const struct past_attempt *past)
{
    struct place *addr = past->server.family != 0 ? place_of_addr(p, &past->server) : NULL;
    struct place *name = past->server_name ? place_of_name(p, past->server_name) : NULL;
    if (addr && name)
        root(name)->parent = root(addr);
    return addr ? addr : name;
}

static struct place *server_of(const struct past_attempt *past)
{
    return past->place ? root(past->place) : NULL;
}

/* Counts */

static bool worked(const struct past_attempt *past)
{
    return past->outcome == OUTCOME_DELIVERED || (past->outcome == OUTCOME_UNKNOWN && past->lively);
}

static struct tally_key key_of(const struct past_attempt *past, const char *cause)
{
    return (struct tally_key) { server_of(past), cause, past->port };
}

static struct tally *tally_find(struct places *p, const struct tally_key *key)
{
    return table_get(&p->tallies, bytes_of(key, sizeof *key));
}

static void tally_add(struct places *p, const struct device *d, const struct past_attempt *past,
                      const char *cause)
{
    struct tally_key key = key_of(past, cause);
    struct tally *t = tally_find(p, &key);
    if (!t) {
        t = arena_alloc(&p->arena, sizeof *t);
        if (!t)
            return;
        t->key = key;
        if (!table_put(&p->tallies, bytes_of(&t->key, sizeof t->key), t))
            return;
    }
    t->devices += t->last != d;
    t->last = d;
}

/* What counts as getting through where that one failed: a delivery, or any session that went well as
 * far as the wire shows. */
static const char a_delivery[] = "";

static struct tally_key key_through(const struct past_attempt *failed)
{
    return key_of(failed, past_failed_inside(failed) ? a_delivery : NULL);
}

/* Did it get through, once, where this attempt failed? */
static bool got_through(const struct device *d, const struct past_attempt *failed)
{
    const struct place *server = server_of(failed);
    for (uint32_t i = 0; i < d->past_count; i++)
        if (past_got_through(&d->past[i], failed) && d->past[i].port == failed->port &&
            server_of(&d->past[i]) == server)
            return true;
    return false;
}

static void count_device(struct places *p, const struct device *d)
{
    for (uint32_t i = 0; i < d->past_count; i++) {
        if (d->past[i].port > 0 && worked(&d->past[i]))
            tally_add(p, d, &d->past[i], NULL);
        if (d->past[i].port > 0 && d->past[i].outcome == OUTCOME_DELIVERED)
            tally_add(p, d, &d->past[i], a_delivery);
    }
    for (uint32_t i = 0; i < d->past_count; i++) {
        const struct past_attempt *past = &d->past[i];
        if (past->port == 0 || past->outcome != OUTCOME_FAILED || !past->cause)
            continue;
        struct tally_key key = key_through(past);
        const struct tally *through = tally_find(p, &key);
        if (!through || through->last != d)
            tally_add(p, d, past, past->cause);
    }
}

static void count_all(struct places *p, struct device *const *devices, size_t count)
{
    p->counted = true;
    for (size_t i = 0; i < count;
         i++) /* first all that belongs together, since counts stand under roots */
        for (uint32_t k = 0; k < devices[i]->past_count; k++)
            devices[i]->past[k].place = link_server(p, &devices[i]->past[k]);
    for (size_t i = 0; i < count; i++)
        count_device(p, devices[i]);
}

struct history_others places_others(struct places *p, struct device *const *devices, size_t count,
                                    const struct device *self, const struct past_attempt *past)
{
    if (!p->counted)
        count_all(p, devices, count);
    struct tally_key through = key_through(past), alike = key_of(past, past->cause);
    const struct tally *t = tally_find(p, &through),
                       *f = past->cause ? tally_find(p, &alike) : NULL;
    struct history_others o = { .worked = t ? t->devices : 0, .failed_alike = f ? f->devices : 0 };
    bool self_through = got_through(self, past);
    o.worked -= self_through && o.worked > 0;
    o.failed_alike -= !self_through && o.failed_alike > 0;
    return o;
}
