/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables of a user's own: lines of columns, tab-separated; empty lines and those with # in front are passed over. */
#ifndef MAILWHY_RULES_TSV_H
#define MAILWHY_RULES_TSV_H

#include "base/bytes.h"

struct tsv {
    struct bytes rest;
    unsigned line; /* number of the line at hand, from 1 */
};

/* The next line that is no comment, cut into its columns: how many there are; those beyond most are only counted.
 * 0 = the end. */
size_t tsv_next(struct tsv *t, struct bytes *columns, size_t most);
/* The decimal number that all of b is; -1 when it is none, or above most. */
int tsv_number(struct bytes b, int most);
/* The next word of a list with commas between them; empty at its end. */
struct bytes tsv_word(struct bytes *list);

#endif
