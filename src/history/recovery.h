/* SPDX-License-Identifier: BSD-3-Clause */
/* Attempts that failed for now and were made good by a later one of the same device. */
#ifndef MAILWHY_HISTORY_RECOVERY_H
#define MAILWHY_HISTORY_RECOVERY_H

#include "history/history.h"

/* How an attempt can be made good. */
enum passing {
    PASSING_NOT,     /* the reason stays: trying again does not help */
    PASSING_TROUBLE, /* the same setting may work a little later */
    PASSING_PUT_OFF, /* the server wanted it to come again (greylisting): no failure once it did */
};

/* Is it a failure that a later attempt may still make good? */
bool recovery_is_open(const struct past_attempt *past);

/* past[at] of the device is such a one and new there: it counts. */
void recovery_remember(struct device *d, uint32_t at);
/* This attempt delivered: marks the device's earlier ones that it makes good. How many of them were
 * put off. */
unsigned recovery_mark(struct device *d, const struct past_attempt *delivered);

#endif
