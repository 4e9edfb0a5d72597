/* SPDX-License-Identifier: BSD-3-Clause */
/* What a device's line tells beside its settings: failures that passed, and fetching mail in order to send. */
#ifndef MAILWHY_RULES_LATER_H
#define MAILWHY_RULES_LATER_H

#include "rules/verdict.h"

/* Can a later attempt make a failure with this cause good (enum passing)? cause may be NULL. */
uint8_t later_passing(const char *cause);
/* Adds `recovered` and `pop-before-smtp-failed` to line->findings, where the device's past shows them. */
void later_device(struct device_line *line);

#endif
