/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/flow_state.h"

enum {
    SLOTS_MOVED = 32
}; /* of the old slots with each new entry: soon over, so that both seldom stand */

/* Entries */

static size_t block_bytes(const struct flow_table *t, const struct pool *pool)
{
    return FLOW_BLOCK_ENTRIES * entry_size(pool == &t->pool[1]);
}

static bool pool_grow(struct flow_table *t, struct pool *pool)
{
    if (pool->block_count == pool->block_cap) {
        uint32_t cap = pool->block_cap > 0 ? pool->block_cap * 2 : 8;
        uint8_t **blocks = mem_resize(t->budget, pool->blocks, pool->block_cap * sizeof *blocks,
                                      cap * sizeof *blocks);
        if (!blocks)
            return false;
        pool->blocks = blocks;
        pool->block_cap = cap;
    }
    uint8_t *block = mem_alloc(t->budget, block_bytes(t, pool));
    if (!block)
        return false;
    pool->blocks[pool->block_count++] = block;
    return true;
}

uint32_t pool_get(struct flow_table *t, bool v6)
{
    struct pool *pool = &t->pool[v6];
    uint32_t mark = v6 ? HANDLE_V6 : 0;
    if (pool->free_first != HANDLE_NONE) {
        uint32_t handle = pool->free_first;
        struct flow *f = flow_at(t, handle);
        pool->free_first = f->next;
        *f = (struct flow) { 0 };
        return handle;
    }
    if (pool->fresh == pool->block_count * (uint32_t)FLOW_BLOCK_ENTRIES && !pool_grow(t, pool))
        return HANDLE_NONE;
    return ++pool->fresh | mark;
}

void pool_put(struct flow_table *t, uint32_t handle)
{
    struct pool *pool = &t->pool[(handle & HANDLE_V6) != 0];
    flow_at(t, handle)->next = HANDLE_NONE;
    if (pool->free_first == HANDLE_NONE)
        pool->free_first = handle;
    else
        flow_at(t, pool->free_last)->next = handle;
    pool->free_last = handle;
}

void pool_done(struct flow_table *t, struct pool *pool)
{
    for (uint32_t i = 0; i < pool->block_count; i++)
        mem_free(t->budget, pool->blocks[i], block_bytes(t, pool));
    mem_free(t->budget, pool->blocks, pool->block_cap * sizeof *pool->blocks);
}

/* Slots */

uint32_t slots_find(const struct flow_table *t, const struct slots *slots, uint32_t hash,
                    const struct flow_key *key)
{
    uint32_t mask = slots->size - 1;
    for (uint32_t i = hash & mask; slots->at[i].handle != HANDLE_NONE; i = (i + 1) & mask)
        if (slots->at[i].hash == hash && slots->at[i].handle != SLOT_GRAVE &&
            key_is(flow_at(t, slots->at[i].handle), key))
            return slots->at[i].handle;
    return HANDLE_NONE;
}

void slots_put(struct slots *slots, struct slot slot)
{
    uint32_t mask = slots->size - 1, i = slot.hash & mask;
    while (slots->at[i].handle != HANDLE_NONE)
        i = (i + 1) & mask;
    slots->at[i] = slot;
}

/* Where the handle stands; slots->size when it does not. */
static uint32_t slots_where(const struct slots *slots, uint32_t hash, uint32_t handle)
{
    uint32_t mask = slots->size - 1;
    for (uint32_t i = hash & mask; slots->at[i].handle != HANDLE_NONE; i = (i + 1) & mask)
        if (slots->at[i].handle == handle)
            return i;
    return slots->size;
}

/* Takes slot i out and closes the hole, so that no later one is cut off from its place. */
static void slots_close(struct slots *slots, uint32_t i)
{
    uint32_t mask = slots->size - 1;
    for (uint32_t j = (i + 1) & mask; slots->at[j].handle != HANDLE_NONE; j = (j + 1) & mask) {
        uint32_t home = slots->at[j].hash & mask;
        if (((j - home) & mask) >= ((j - i) & mask)) {
            slots->at[i] = slots->at[j];
            i = j;
        }
    }
    slots->at[i] = (struct slot) { 0 };
}

void slots_remove(struct flow_table *t, const struct flow *f, uint32_t handle)
{
    uint32_t i = slots_where(&t->slots, f->hash, handle);
    if (i < t->slots.size) {
        slots_close(&t->slots, i);
    } else if (t->old.at) {
        i = slots_where(&t->old, f->hash, handle);
        if (i < t->old.size)
            t->old.at[i].handle = SLOT_GRAVE;
    }
    t->in_slots--;
}

static void slots_move_some(struct flow_table *t, uint32_t n)
{
    for (; t->old.at && n > 0; n--) {
        struct slot *slot = &t->old.at[t->moved++];
        if (slot->handle != HANDLE_NONE && slot->handle != SLOT_GRAVE) {
            slots_put(&t->slots, *slot);
            slot->handle = SLOT_GRAVE;
        }
        if (t->moved == t->old.size) {
            mem_free(t->budget, t->old.at, t->old.size * sizeof *t->old.at);
            t->old = (struct slots) { 0 };
        }
    }
}

static bool slots_grow(struct flow_table *t)
{
    slots_move_some(t, UINT32_MAX); /* long done, but for a table that grows without new entries */
    uint32_t size = t->slots.size * 2;
    struct slot *at = NULL;
    if (size <= HANDLE_V6 && budget_fits(t->budget, size * sizeof *at))
        at = mem_alloc(t->budget, size * sizeof *at);
    if (!at)
        return false;
    t->old = t->slots;
    t->moved = 0;
    t->slots = (struct slots) { at, size };
    return true;
}

bool slots_ready(struct flow_table *t)
{
    slots_move_some(t, SLOTS_MOVED);
    uint32_t sixteenth = t->slots.size / 16;
    if (t->in_slots < sixteenth * 6 || slots_grow(t))
        return true;
    return t->in_slots < sixteenth * 15;
}
