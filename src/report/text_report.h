/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The text report. Of files it is written at the end, so that what a device did later advises on
 * its earlier failures, and failures of one kind are told once; live each attempt as it ends.
 */
#ifndef MAILWHY_REPORT_TEXT_REPORT_H
#define MAILWHY_REPORT_TEXT_REPORT_H

#include "report/text_attempt.h"

struct text_report; /* opaque */

/* NULL when there is no memory. */
struct text_report *text_report_new(const struct text_options *options);
void text_report_free(struct text_report *r);
/* Takes the attempt over. Live: out gets it at once. */
void text_report_attempt(struct text_report *r, struct text *out, struct judged *j);
/* Copied. */
void text_report_device(struct text_report *r, const struct device_line *d);
void text_report_capture(struct text_report *r, const struct capture_line *c);
/* All that was collected. */
void text_report_end(struct text_report *r, struct text *out);

#endif
