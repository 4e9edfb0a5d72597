/* SPDX-License-Identifier: BSD-3-Clause */
/* NDJSON (schema 1): one object a line for each attempt, device and capture. */
#ifndef MAILWHY_REPORT_JSON_H
#define MAILWHY_REPORT_JSON_H

#include "base/text.h"
#include "report/lang.h"
#include "report/phrases.h"
#include "report/telling.h"
#include "rules/verdict.h"

struct json_options {
    enum lang lang;
    bool timeline;
    struct phrases *phrases;   /* in that language; NULL = no text is kept ready */
    struct tellings *tellings; /* of these phrases; NULL = none are kept ready */
};

/* Each appends one line with its newline. */
void json_attempt(struct text *out, const struct json_options *options, const struct judged *j);
void json_device(struct text *out, const struct json_options *options, const struct device_line *d);
void json_capture(struct text *out, const struct json_options *options,
                  const struct capture_line *c);

#endif
