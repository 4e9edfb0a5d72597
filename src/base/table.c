/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/table.h"

#define XXH_INLINE_ALL
#include <sys/random.h>
#include <time.h>
#include <xxhash.h>

static const char grave; /* a taken-out value leaves this behind, so that probing goes on */
#define GRAVE ((void *)(uintptr_t)&grave)

static uint64_t seed; /* 0: not sown yet */

/* The first key, and long ones. Apart, so that the usual keys do without its registers. */
static __attribute__((noinline)) uint64_t hash_any(struct bytes key)
{
    if (seed == 0) {
        if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed)
            seed = (uint64_t)time(NULL) ^ (uint64_t)(uintptr_t)&seed;
        seed |= 1;
    }
    return XXH3_64bits_withSeed(key.at, key.len, seed);
}

uint64_t table_hash(struct bytes key)
{
    enum { USUAL_MAX = 32 }; /* an address is 17 bytes, a name seldom more than 32 */
    if (__builtin_expect(seed == 0 || key.len > USUAL_MAX, 0))
        return hash_any(key);
    return XXH3_64bits_withSeed(key.at, key.len, seed);
}

void table_init(struct table *t, struct budget *budget, bool (*is)(const void *, struct bytes))
{
    *t = (struct table) { .budget = budget, .is = is };
}

void table_done(struct table *t)
{
    mem_free(t->budget, t->slots, t->size * sizeof *t->slots);
    t->slots = NULL;
    t->size = t->count = t->graves = 0;
}

static inline struct table_slot *find(const struct table *t, uint64_t hash, struct bytes key)
{
    if (t->size == 0)
        return NULL;
    for (size_t i = hash & (t->size - 1);; i = (i + 1) & (t->size - 1)) {
        struct table_slot *slot = &t->slots[i];
        if (!slot->value)
            return NULL;
        if (slot->value != GRAVE && slot->hash == hash && t->is(slot->value, key))
            return slot;
    }
}

void table_prefetch(const struct table *t, uint64_t hash)
{
    if (t->size > 0)
        __builtin_prefetch(&t->slots[hash & (t->size - 1)]);
}

void table_prefetch_value(const struct table *t, uint64_t hash)
{
    if (t->size == 0)
        return;
    for (size_t i = hash & (t->size - 1); t->slots[i].value; i = (i + 1) & (t->size - 1))
        if (t->slots[i].hash == hash) {
            __builtin_prefetch(t->slots[i].value);
            return;
        }
}

void *table_get(const struct table *t, struct bytes key)
{
    return table_get_hashed(t, t->count > 0 ? table_hash(key) : 0, key);
}

void *table_get_hashed(const struct table *t, uint64_t hash, struct bytes key)
{
    struct table_slot *slot = t->count > 0 ? find(t, hash, key) : NULL;
    return slot ? slot->value : NULL;
}

static void place(struct table *t, uint64_t hash, void *value)
{
    size_t i = hash & (t->size - 1);
    while (t->slots[i].value && t->slots[i].value != GRAVE)
        i = (i + 1) & (t->size - 1);
    if (t->slots[i].value == GRAVE)
        t->graves--;
    t->slots[i] = (struct table_slot) { hash, value };
    t->count++;
}

static bool make_room(struct table *t)
{
    if (t->size > 0 && (t->count + t->graves + 1) * 4 <= t->size * 3)
        return true;
    size_t size = t->size == 0 ? 16 : t->count * 2 >= t->size ? t->size * 2 : t->size;
    struct table bigger = *t;
    bigger.slots = mem_alloc(t->budget, size * sizeof *t->slots);
    if (!bigger.slots)
        return false;
    bigger.size = size;
    bigger.count = bigger.graves = 0;
    for (size_t i = 0; i < t->size; i++)
        if (t->slots[i].value && t->slots[i].value != GRAVE)
            place(&bigger, t->slots[i].hash, t->slots[i].value);
    mem_free(t->budget, t->slots, t->size * sizeof *t->slots);
    *t = bigger;
    return true;
}

bool table_put(struct table *t, struct bytes key, void *value)
{
    if (!make_room(t))
        return false;
    place(t, table_hash(key), value);
    return true;
}

void *table_remove(struct table *t, struct bytes key)
{
    struct table_slot *slot = find(t, table_hash(key), key);
    if (!slot)
        return NULL;
    void *value = slot->value;
    slot->value = GRAVE;
    t->count--;
    t->graves++;
    return value;
}

void *table_next(const struct table *t, size_t *at)
{
    while (*at < t->size) {
        void *value = t->slots[(*at)++].value;
        if (value && value != GRAVE)
            return value;
    }
    return NULL;
}
