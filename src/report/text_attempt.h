/* SPDX-License-Identifier: BSD-3-Clause */
/* One attempt in full, as text. */
#ifndef MAILWHY_REPORT_TEXT_ATTEMPT_H
#define MAILWHY_REPORT_TEXT_ATTEMPT_H

#include "base/words.h"
#include "report/lang.h"
#include "rules/verdict.h"

/* Before a list of what to do: its items are steps, or one behind the other what to try. */
#define TEXT_GO_DOWN N_("Go down this list in order, and stop as soon as a mail goes out.")

struct text_options {
    enum lang lang;
    bool timeline, all, color, live;
    size_t columns;
};

/* How often it happened, and what the device's other attempts advise. */
struct incident_context {
    uint32_t count;
    int64_t first, last;
    const struct finding *woven[8];
    size_t woven_count;
    bool ssl_465_failed, starttls_587_failed; /* by the same device, at the same server */
};

void text_attempt(struct text *out, const struct text_options *o, const struct judged *j,
                  const struct incident_context *c);
/* "2023-11-20 11:00:03 192.168.11.30 -> secure.plala.or.jp (203.0.113.25), port 587, STARTTLS"
 * behind the outcome. */
void text_attempt_line(struct text *out, const struct text_options *o, const struct judged *j);
/* "FAILED", "delivered", … */
const char *text_outcome(enum lang lang, enum outcome outcome);

#endif
