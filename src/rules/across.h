/* SPDX-License-Identifier: BSD-3-Clause */
/* Findings across attempts: they stand on a device's line. */
#ifndef MAILWHY_RULES_ACROSS_H
#define MAILWHY_RULES_ACROSS_H

#include "rules/verdict.h"

/* Adds to line->findings what the device's past shows. */
void across_device(struct device_line *line, const struct history *history);
/* Of these: what other devices met, since when it fails, how often. */
void across_compare(struct device_line *line, const struct history *history);

#endif
