/* SPDX-License-Identifier: BSD-3-Clause */
/* Findings across attempts: they stand on a device's line. */
#ifndef MAILWHY_RULES_ACROSS_H
#define MAILWHY_RULES_ACROSS_H

#include "rules/verdict.h"

/* Adds to line->findings what the device's past shows. */
void across_device(struct device_line *line, const struct history *history);
/* Of these: what other devices met, since when it fails, how often. */
void across_compare(struct device_line *line, const struct history *history);

/* Was it refused for what it was, or for whom, and not seen to go out the other time? Then that says nothing of the
 * setting. */
bool across_other_mail(const struct past_attempt *failed, const struct past_attempt *success);

#endif
