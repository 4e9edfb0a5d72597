/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who got through where: the attempts of all devices counted by mail server, port and cause, so
 * that one device can be compared with the others without a walk over all of them. Attempts are at
 * one server where they share its address or its name, or are linked by others that do.
 */
#ifndef MAILWHY_HISTORY_PLACES_H
#define MAILWHY_HISTORY_PLACES_H

#include "history/history.h"

struct places; /* opaque */

struct places *places_new(struct budget *budget);
void places_free(struct places *p);
/* Forgets all counts: the history has changed. */
void places_clear(struct places *p);
/* How others fared where this attempt of a device failed. Counts first, where nothing is counted
 * yet; where the budget has no more, what does not fit goes uncounted. */
struct history_others places_others(struct places *p, struct device *const *devices, size_t count,
                                    const struct device *self, const struct past_attempt *past);

#endif
