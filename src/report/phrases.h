/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The catalogue's texts as they stand in JSON: translated and escaped once, when they first come
 * up, since nearly every line says what others said before. Bounded by the texts there are.
 */
#ifndef MAILWHY_REPORT_PHRASES_H
#define MAILWHY_REPORT_PHRASES_H

#include "base/bytes.h"
#include "report/lang.h"

struct phrases; /* opaque */

/* NULL when there was no memory. */
struct phrases *phrases_new(enum lang lang);
void phrases_free(struct phrases *p);
struct phrase {
    const char *english;
    struct bytes json; /* without the quotes around it; {placeholders} are in it as they were */
    bool placeholders;
};

/* Of a constant text of ours, which is known by its address; valid as long as p. NULL where p is,
 * or there was no memory. */
const struct phrase *phrases_get(struct phrases *p, const char *english);

#endif
