/* SPDX-License-Identifier: BSD-3-Clause */
/* The device's clock, which old TLS stacks put into the hello's random (gmt_unix_time, RFC 5246 7.4.1.2). */
#ifndef MAILWHY_RULES_DEVICE_CLOCK_H
#define MAILWHY_RULES_DEVICE_CLOCK_H

#include "rules/view.h"

/* Does the last hello's clock show a date (*clock, ns since 1970) that is wrong by more than a day? */
bool device_clock_off(const struct view *v, int64_t *clock);

#endif
