/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The reply table: what a mail server's words mean. In goes one reply (code, enhanced code, text, the
 * step it answers), out comes the most specific row that fits. The rows are data/replies.tsv,
 * compiled in, and those of a user's own files.
 */
#ifndef MAILWHY_RULES_REPLIES_H
#define MAILWHY_RULES_REPLIES_H

#include "facts/fact.h"

struct reply_row {
    uint16_t code;
    uint16_t steps;                /* a bit for each enum smtp_step; 0 = any */
    uint16_t pattern_len;
    struct smtp_enhanced enhanced; /* class 0 = any */
    const char *pattern;           /* lower case, '*' = any run of characters; "" = none needed */
    const char *cause, *who;
};

/* data/replies.tsv, sorted by code; of one code the longest pattern first, and where two are as long that with a step. */
extern const struct reply_row reply_rows[];
extern const size_t reply_row_count;

/* Rows of the user's own. NULL is an empty table wherever one is read from. */
struct replies;
struct replies *replies_new(void);
void replies_free(struct replies *r);
/* Adds the rows of a text in the form of data/replies.tsv, which may go afterwards. On a bad line false,
 * with its number and what is wrong with it in error; the lines before it were added. */
bool replies_add(struct replies *r, struct bytes file, char *error, size_t error_size);

/* The row that fits best, those of the user first where both rank alike; NULL = none does. */
const struct reply_row *replies_match(const struct replies *more,
                                      const struct fact_smtp_reply *reply);
/* The same with any code of the same kind (4xx, 5xx): a row with a telling pattern alone; NULL. */
const struct reply_row *replies_match_text(const struct replies *more,
                                           const struct fact_smtp_reply *reply);

#endif
