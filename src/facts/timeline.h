/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A bounded, append-only list of facts in the order in which they were seen. When it is full its
 * first two thirds stay and the last third turns as a ring: the cause is at the beginning, the
 * outcome at the end. What fell out is counted and stands in it as FACT_DROPPED.
 */
#ifndef MAILWHY_FACTS_TIMELINE_H
#define MAILWHY_FACTS_TIMELINE_H

#include "base/mem.h"
#include "facts/fact.h"

struct timeline; /* opaque */

/* NULL when the budget has no more. */
struct timeline *timeline_new(struct budget *budget);
void timeline_free(struct timeline *tl);
/* Copies the fact, and every text that its views point to (texts beyond TIMELINE_TEXT_MAX bytes
 * are shortened and the fact is marked FACT_CLIPPED). tl may be NULL: nothing happens. */
void timeline_add(struct timeline *tl, const struct fact *fact);
/* All of it will be walked next: what is not in the processor's cache sets out for there, all at
 * once. */
void timeline_prefetch(const struct timeline *tl);
/* In order: the first, and the next after fact; NULL at the end. A fact in here is only as long as
 * its kind needs: read it in place, never copy it by value. */
const struct fact *timeline_first(const struct timeline *tl);
const struct fact *timeline_next(const struct timeline *tl, const struct fact *fact);
/* The one before fact, or the last where fact is NULL; NULL at the beginning. */
const struct fact *timeline_previous(const struct timeline *tl, const struct fact *fact);
/* The command that a reply answers: of several in one frame (pipelining) the one whose turn it is.
 * NULL: none (the greeting), or it was lost. */
const struct fact *timeline_asked(const struct timeline *tl, const struct fact *reply);
/* Had the other side ended TCP (FIN, RST) before this? */
bool timeline_left_before(const struct timeline *tl, const struct fact *fact);
/* FACT_BIT()s of all kinds ever added. */
uint64_t timeline_kinds(const struct timeline *tl);
size_t timeline_count(const struct timeline *tl);
/* Facts that a limit left out. */
uint32_t timeline_dropped(const struct timeline *tl);

/* Where in a fact of this kind its views (struct bytes members) are, so that whoever copies one
 * need not know them by name: bytes from its start, 0 behind the last. */
enum { FACT_MAX_VIEWS = 8 }; /* with the 0 */
const uint16_t *fact_view_places(enum fact_kind kind);

#endif
