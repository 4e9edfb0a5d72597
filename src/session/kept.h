/* SPDX-License-Identifier: BSD-3-Clause */
/* Chunks kept for later, in the order in which they came. */
#ifndef MAILWHY_SESSION_KEPT_H
#define MAILWHY_SESSION_KEPT_H

#include "base/limits.h"
#include "base/mem.h"
#include "facts/chunk.h"

/* One of them, its bytes behind it. */
struct kept {
    struct kept *next;
    struct chunk chunk;
    uint8_t bytes[];
};

struct kept_list {
    struct kept *first, **end;
    size_t bytes[2]; /* by side */
};

/* False when the budget has no more. */
bool kept_add(struct budget *budget, struct kept_list *list, const struct chunk *chunk);
/* The first bytes of one side in the list, up to a gap behind them. */
struct bytes kept_bytes(const struct kept_list *list, enum side from, uint8_t out[HELLO_BYTES_MAX]);
/* Wipes them all and empties the list. */
void kept_free(struct budget *budget, struct kept_list *list);

#endif
