/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory with a budget: every byte of state is charged before it is used, and nothing else in the
 * program calls malloc. A budget may have a parent, which is charged too. Allocations come zeroed.
 */
#ifndef MAILWHY_BASE_MEM_H
#define MAILWHY_BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct budget {
    size_t limit; /* bytes; 0 = no limit */
    size_t used, peak;
    uint64_t refused; /* how often the limit said no */
    struct budget *parent;
};

/* Once, before all else. */
void mem_begin(void);
/* budget may be NULL everywhere: not charged to anyone. Each returns NULL when the budget or the
 * system has no more; the caller tells which by budget->refused. */
void *mem_alloc(struct budget *budget, size_t size);
/* The same, not zeroed: for buffers whose bytes are read only as far as they were written. */
void *mem_alloc_to_fill(struct budget *budget, size_t size);
/* Grows or shrinks; bytes beyond old_size are zeroed, the old place is wiped; on failure p stays as
 * it was. */
void *mem_resize(struct budget *budget, void *p, size_t old_size, size_t new_size);
/* NULL is fine; size is what was asked for. */
void mem_free(struct budget *budget, void *p, size_t size);
/* Clears memory in a way that no compiler leaves out. */
void mem_wipe(void *p, size_t size);
/* Would size more bytes fit now? */
bool budget_fits(const struct budget *budget, size_t size);

/* Tests: allocation number n from now (1 = the next) fails, and all after it; 0 ends that. */
void mem_fail_at(uint64_t n);

/* Memory that goes at once. */
struct arena {
    struct budget *budget;
    struct arena_block *blocks;
};

void arena_init(struct arena *arena, struct budget *budget);
/* Zeroed, aligned for any type; NULL when the budget has no more. */
void *arena_alloc(struct arena *arena, size_t size);
void arena_done(struct arena *arena);

/* Many objects of one size, kept for reuse. */
struct slab {
    struct budget *budget;
    size_t size;
    uint32_t used, per_block;
    struct slab_block *blocks;
    void *free_list;
};

void slab_init(struct slab *slab, struct budget *budget, size_t size);
/* Zeroed; NULL when the budget has no more. */
void *slab_get(struct slab *slab);
void slab_put(struct slab *slab, void *p);
void slab_done(struct slab *slab);

#endif
