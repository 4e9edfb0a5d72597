/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/mem.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

void mem_begin(void)
{
    /* the heap grows in few large steps: pages that are not touched cost nothing */
    enum { HEAP_STEP = 8 << 20 };
    (void)mallopt(M_TOP_PAD, HEAP_STEP);
}

static uint64_t fail_at; /* tests: how many allocations until they fail; 0 = never */

void mem_fail_at(uint64_t n)
{
    fail_at = n;
}

static bool failing(void)
{
    if (fail_at == 0)
        return false;
    if (fail_at > 1) {
        fail_at--;
        return false;
    }
    return true;
}

bool budget_fits(const struct budget *budget, size_t size)
{
    for (; budget; budget = budget->parent)
        if (budget->limit > 0 && (size > budget->limit || budget->used > budget->limit - size))
            return false;
    return true;
}

static __attribute__((noinline)) bool charge_all(struct budget *budget, size_t size)
{
    if (!budget_fits(budget, size)) {
        budget->refused++;
        return false;
    }
    for (; budget; budget = budget->parent) {
        budget->used += size;
        if (budget->used > budget->peak)
            budget->peak = budget->used;
    }
    return true;
}

static inline bool charge(struct budget *budget, size_t size)
{
    if (budget && !budget->parent && size <= budget->limit &&
        budget->used <= budget->limit - size) { /* nearly always */
        budget->used += size;
        if (budget->used > budget->peak)
            budget->peak = budget->used;
        return true;
    }
    return charge_all(budget, size);
}

static void discharge(struct budget *budget, size_t size)
{
    for (; budget; budget = budget->parent)
        budget->used -= size < budget->used ? size : budget->used;
}

/*
 * Small pieces are kept for reuse by size, since a conversation is made of some dozens of them: a
 * list for each 16 bytes up to SMALL_MAX. Not under a sanitizer, which must see each piece come and
 * go.
 */
#if defined(__SANITIZE_ADDRESS__)
#define REUSE 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define REUSE 0
#endif
#endif
#ifndef REUSE
#define REUSE 1
#endif

enum {
    SMALL_STEP = 16,
    SMALL_MAX = 2048,
    SMALL_LISTS = SMALL_MAX / SMALL_STEP + 1,
    SMALL_KEPT_MAX = 4096
};

struct small_list {
    void *first;
    size_t count;
};
static struct small_list small_lists[SMALL_LISTS];

static struct small_list *small_list_of(size_t size)
{
    return REUSE && size <= SMALL_MAX ? &small_lists[(size + SMALL_STEP - 1) / SMALL_STEP] : NULL;
}

static size_t small_rounded(size_t size)
{
    return (size + SMALL_STEP - 1) / SMALL_STEP * SMALL_STEP;
}

/* A piece that was used before, which must be zeroed or filled; NULL: none is kept of that size. */
static inline void *take_used(size_t size)
{
    struct small_list *list = small_list_of(size > 0 ? size : 1);
    void *p = list ? list->first : NULL;
    if (!p)
        return NULL;
    list->first = *(void **)p;
    list->count--;
    return p;
}

static inline void *take_new(size_t size)
{
    if (!small_list_of(size))
        return calloc(1, size > 0 ? size : 1);
    return calloc(1, size > 0 ? small_rounded(size) : SMALL_STEP);
}

static inline void *take_zeroed(size_t size)
{
    void *p = take_used(size);
    return p ? memset(p, 0, size) : take_new(size);
}

static void give_back(void *p, size_t size)
{
    struct small_list *list = small_list_of(size > 0 ? size : 1);
    if (!list || list->count >= SMALL_KEPT_MAX) {
        free(p);
        return;
    }
    *(void **)p = list->first;
    list->first = p;
    list->count++;
}

void *mem_alloc(struct budget *budget, size_t size)
{
    if (!charge(budget, size))
        return NULL;
    void *p = failing() ? NULL : take_zeroed(size);
    if (!p)
        discharge(budget, size);
    return p;
}

void *mem_alloc_to_fill(struct budget *budget, size_t size)
{
    if (!charge(budget, size))
        return NULL;
    void *p = NULL;
    if (!failing() && !(p = take_used(size)))
        p = take_new(size);
    if (!p)
        discharge(budget, size);
    return p;
}

void *mem_resize(struct budget *budget, void *p, size_t old_size, size_t new_size)
{
    if (!p)
        return mem_alloc(budget, new_size);
    if (new_size > old_size && !charge(budget, new_size - old_size))
        return NULL;
    void *q = failing() ? NULL : take_zeroed(new_size);
    if (!q) {
        if (new_size > old_size)
            discharge(budget, new_size - old_size);
        return NULL;
    }
    memcpy(q, p, old_size < new_size ? old_size : new_size);
    mem_wipe(p, old_size); /* it may have been part of a password */
    give_back(p, old_size);
    if (new_size < old_size)
        discharge(budget, old_size - new_size);
    return q;
}

void mem_free(struct budget *budget, void *p, size_t size)
{
    if (!p)
        return;
    discharge(budget, size);
    give_back(p, size);
}

void mem_wipe(void *p, size_t size)
{
    if (!p || size == 0)
        return;
    memset(p, 0, size);
    __asm__ volatile("" : : "r"(p) : "memory"); /* as if read here: so it is really written */
}

/* Blocks double from 1 KB to 16 KB, so that a small user stays small. */
enum { ARENA_FIRST = 1024, ARENA_LARGEST = 16384 };

struct arena_block {
    struct arena_block *next;
    size_t size, used; /* of bytes[] */
    max_align_t bytes[];
};

void arena_init(struct arena *arena, struct budget *budget)
{
    arena->budget = budget;
    arena->blocks = NULL;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    size = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    struct arena_block *b = arena->blocks;
    if (!b || b->size - b->used < size) {
        size_t n = b && b->size * 2 <= ARENA_LARGEST ? b->size * 2
                   : b                               ? ARENA_LARGEST
                                                     : ARENA_FIRST;
        if (n < size)
            n = size;
        b = mem_alloc(arena->budget, sizeof *b + n);
        if (!b)
            return NULL;
        b->size = n;
        b->next = arena->blocks;
        arena->blocks = b;
    }
    void *p = (char *)b->bytes + b->used;
    b->used += size;
    return p;
}

void arena_done(struct arena *arena)
{
    while (arena->blocks) {
        struct arena_block *b = arena->blocks;
        arena->blocks = b->next;
        mem_free(arena->budget, b, sizeof *b + b->size);
    }
}

enum { SLAB_BLOCK_BYTES = 16384 };

struct slab_block {
    struct slab_block *next;
    max_align_t bytes[];
};

void slab_init(struct slab *slab, struct budget *budget, size_t size)
{
    size_t align = sizeof(void *);
    size = (size + align - 1) / align * align;
    *slab = (struct slab) { .budget = budget, .size = size };
    slab->per_block = (uint32_t)(SLAB_BLOCK_BYTES / size > 0 ? SLAB_BLOCK_BYTES / size : 1);
}

void *slab_get(struct slab *slab)
{
    if (slab->free_list) {
        void *p = slab->free_list;
        slab->free_list = *(void **)p;
        memset(p, 0, slab->size);
        return p;
    }
    if (!slab->blocks || slab->used == slab->per_block) {
        struct slab_block *b = mem_alloc(slab->budget, sizeof *b + slab->size * slab->per_block);
        if (!b)
            return NULL;
        b->next = slab->blocks;
        slab->blocks = b;
        slab->used = 0;
    }
    return (char *)slab->blocks->bytes + slab->size * slab->used++;
}

void slab_put(struct slab *slab, void *p)
{
    if (!p)
        return;
    *(void **)p = slab->free_list;
    slab->free_list = p;
}

void slab_done(struct slab *slab)
{
    while (slab->blocks) {
        struct slab_block *b = slab->blocks;
        slab->blocks = b->next;
        mem_free(slab->budget, b, sizeof *b + slab->size * slab->per_block);
    }
    slab->free_list = NULL;
}
