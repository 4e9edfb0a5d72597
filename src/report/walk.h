/* SPDX-License-Identifier: BSD-3-Clause */
/* The facts of an attempt in the order in which they are told: what was seen or read, and among it,
 * where that is wanted, what was inferred. */
#ifndef MAILWHY_REPORT_WALK_H
#define MAILWHY_REPORT_WALK_H

#include "rules/verdict.h"

struct walk {
    const struct judged *judged;
    const struct fact *next; /* of the timeline */
    size_t step;             /* the next inferred one */
    bool left_out;           /* the steps left out were told */
    struct fact made;        /* what was inferred, as a fact */
};

void walk_begin(struct walk *w, const struct judged *judged, bool inferred);
/* NULL: no more. Valid until the next call. */
const struct fact *walk_next(struct walk *w);

#endif
