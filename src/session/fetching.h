/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A connection that fetches mail (POP3): all that is wanted is what becomes of its sign-in, as
 * FACT_POP3_SIGN_IN. In clear it is read; inside TLS (port 995, or after STLS) with a key, and without one
 * it is told only that there was one.
 */
#ifndef MAILWHY_SESSION_FETCHING_H
#define MAILWHY_SESSION_FETCHING_H

#include "facts/attempt.h"
#include "facts/chunk.h"

struct fetching; /* opaque */
struct tls_keys;

/* attempt and keys (may be NULL) outlive it. NULL when the budget has no more. */
struct fetching *fetching_new(struct attempt *attempt, struct budget *budget,
                              struct tls_keys *keys);
void fetching_free(struct fetching *f);
/* Chunks of both sides in the order of capture. False: all is known that will be. */
bool fetching_chunk(struct fetching *f, const struct chunk *chunk);
/* The connection is over. */
void fetching_end(struct fetching *f);

#endif
