/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A hash table from a key (bytes of fixed meaning to the caller) to a pointer: seeded anew in each
 * process, so that no sender chooses the buckets; small at start, grows; charged to a budget.
 */
#ifndef MAILWHY_BASE_TABLE_H
#define MAILWHY_BASE_TABLE_H

#include "base/bytes.h"
#include "base/mem.h"

struct table_slot {
    uint64_t hash;
    void *value;
};

struct table {
    struct budget *budget;
    struct table_slot *slots;
    size_t size, count, graves;
    /* Is this value stored under key? */
    bool (*is)(const void *value, struct bytes key);
};

/* 64 bits over the key under the process's seed. */
uint64_t table_hash(struct bytes key);

void table_init(struct table *t, struct budget *budget, bool (*is)(const void *, struct bytes));
void table_done(struct table *t);
/* What a table_get() of the key of this hash will read is on its way: its slot; some hundred
 * instructions later the value, too. */
void table_prefetch(const struct table *t, uint64_t hash);
void table_prefetch_value(const struct table *t, uint64_t hash);
/* NULL when not there. */
void *table_get(const struct table *t, struct bytes key);
/* The same where the key's hash is known. */
void *table_get_hashed(const struct table *t, uint64_t hash, struct bytes key);
/* Adds value under key, which must not be there yet. False when the budget has no more. */
bool table_put(struct table *t, struct bytes key, void *value);
/* Takes it out and returns it; NULL when not there. */
void *table_remove(struct table *t, struct bytes key);
/* Walks all values in no order: start with *at = 0; NULL at the end. */
void *table_next(const struct table *t, size_t *at);

#endif
