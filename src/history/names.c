/* SPDX-License-Identifier: BSD-3-Clause */
#include "history/names.h"

#include "base/limits.h"
#include "base/table.h"

/* One answer; those of one address stand together, the newest last. */
struct entry {
    const char *name;
    int64_t time;
    struct ip_addr device; /* family 0: static */
};

struct owner {
    struct ip_addr addr;
    struct entry *entries;
    unsigned count, room;
};

struct names {
    struct budget *budget;
    struct arena arena;
    struct table by_addr, by_name;
    size_t count;
};

enum { ENTRIES_OF_ADDR_FIRST = 2, ENTRIES_OF_ADDR_MAX = 32 };

static bool is_owner(const void *value, struct bytes key)
{
    const struct owner *o = value;
    return bytes_equal(bytes_of(&o->addr, sizeof o->addr), key);
}

static bool is_name(const void *value, struct bytes key)
{
    const char *s = value;
    return bytes_equal(bytes_str(s), key);
}

struct names *names_new(struct budget *budget)
{
    struct names *n = mem_alloc(budget, sizeof *n);
    if (!n)
        return NULL;
    n->budget = budget;
    arena_init(&n->arena, budget);
    table_init(&n->by_addr, budget, is_owner);
    table_init(&n->by_name, budget, is_name);
    return n;
}

void names_free(struct names *n)
{
    if (!n)
        return;
    table_done(&n->by_addr);
    table_done(&n->by_name);
    arena_done(&n->arena);
    mem_free(n->budget, n, sizeof *n);
}

static const char *intern(struct names *n, struct bytes name)
{
    if (name.len == 0 || bytes_find(name, 0) >= 0)
        return NULL;
    char *known = table_get(&n->by_name, name);
    if (known)
        return known;
    char *copy = arena_alloc(&n->arena, name.len + 1);
    if (!copy)
        return NULL;
    bytes_copy(copy, name.len, name);
    return table_put(&n->by_name, name, copy) ? copy : NULL;
}

/* An answer that came again: asked with each one, and a busy server has been looked up by many. */
static struct entry *find_entry(const struct owner *o, const struct ip_addr *device,
                                struct bytes name)
{
    for (unsigned i = 0; i < o->count; i++)
        if (ip_addr_equal(&o->entries[i].device, device) &&
            bytes_equal(bytes_str(o->entries[i].name), name))
            return &o->entries[i];
    return NULL;
}

static bool has_room(struct names *n, struct owner *o)
{
    if (o->count < o->room)
        return true;
    unsigned room = o->room > 0 ? o->room * 2 : ENTRIES_OF_ADDR_FIRST;
    struct entry *entries = arena_alloc(&n->arena, room * sizeof *entries);
    if (!entries)
        return false;
    bytes_copy(entries, room * sizeof *entries, bytes_of(o->entries, o->count * sizeof *entries));
    o->entries = entries;
    o->room = room;
    return true;
}

static struct owner *new_owner(struct names *n, const struct ip_addr *addr)
{
    struct owner *o = arena_alloc(&n->arena, sizeof *o);
    if (!o)
        return NULL;
    o->addr = *addr;
    return table_put(&n->by_addr, bytes_of(&o->addr, sizeof o->addr), o) ? o : NULL;
}

static void add(struct names *n, const struct ip_addr *device, struct bytes name,
                const struct ip_addr *addr, int64_t time)
{
    struct owner *o = table_get(&n->by_addr, bytes_of(addr, sizeof *addr));
    struct entry *known = o ? find_entry(o, device, name) : NULL;
    if (known) {
        known->time = time;
        return;
    }
    if (n->count >= NAMES_MAX || (o && o->count >= ENTRIES_OF_ADDR_MAX))
        return;
    const char *copy = intern(n, name);
    if (!copy)
        return;
    if (!o)
        o = new_owner(n, addr);
    if (!o || !has_room(n, o))
        return;
    o->entries[o->count++] = (struct entry) { .name = copy, .time = time, .device = *device };
    n->count++;
}

void names_answer(struct names *n, const struct ip_addr *device, const char *name,
                  const struct ip_addr *addr, int64_t time)
{
    add(n, device, bytes_str(name), addr, time);
}

void names_static(struct names *n, const struct ip_addr *addr, struct bytes name)
{
    static const struct ip_addr nobody;
    add(n, &nobody, name, addr, TIME_NONE);
}

const char *names_find(const struct names *n, const struct ip_addr *device,
                       const struct ip_addr *addr, int64_t time)
{
    const struct owner *o = table_get(&n->by_addr, bytes_of(addr, sizeof *addr));
    const struct entry *best = NULL;
    int best_rank = 0;
    for (unsigned i = o ? o->count : 0; i > 0; i--) {
        const struct entry *e = &o->entries[i - 1];
        bool mine = ip_addr_equal(&e->device, device);
        int rank = e->time == TIME_NONE && e->device.family == 0 ? 1
                   : mine                                        ? (e->time <= time ? 4 : 3)
                                                                 : 2;
        if (rank > best_rank || (rank == best_rank && e->time > best->time)) {
            best = e;
            best_rank = rank;
        }
    }
    return best ? best->name : NULL;
}

const char *names_looked_up(const struct names *n, const struct ip_addr *device,
                            const struct ip_addr *addr, int64_t time)
{
    const struct owner *o = table_get(&n->by_addr, bytes_of(addr, sizeof *addr));
    const char *name = NULL;
    if (o && o->count == ENTRIES_OF_ADDR_MAX)
        return NULL; /* some may be missing */
    for (unsigned i = 0; o && i < o->count; i++) {
        const struct entry *e = &o->entries[i];
        if (!ip_addr_equal(&e->device, device) || e->time == TIME_NONE || e->time > time)
            continue;
        if (name)
            return NULL;
        name = e->name;
    }
    return name;
}
