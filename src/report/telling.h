/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a finding says in its JSON object before its frames, and all its words, ready but for its
 * values: most findings of a cause say the same. A cache of a fixed size; what has no place in it
 * is told anew.
 */
#ifndef MAILWHY_REPORT_TELLING_H
#define MAILWHY_REPORT_TELLING_H

#include "report/phrases.h"
#include "rules/finding.h"

struct tellings; /* opaque */

/* NULL when there was no memory. */
struct tellings *tellings_new(void);
void tellings_free(struct tellings *t);

struct telling {
    struct bytes judgement; /* members from "cause" to "lowered" */
    struct bytes words;     /* from the comma before "headline" on; {placeholders} are in it */
    bool placeholders;
};
/* Of this finding, in the language of phrases, valid until the next call; NULL: it has to be told
 * text by text, since what it says hangs on its values, or there was no memory. t may be NULL. */
const struct telling *tellings_get(struct tellings *t, struct phrases *phrases,
                                   const struct finding *finding);

#endif
