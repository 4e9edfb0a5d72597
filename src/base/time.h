/* SPDX-License-Identifier: BSD-3-Clause */
/* Times are nanoseconds since 1970-01-01 UTC in an int64_t, by the packets' clock. */
#ifndef MAILWHY_BASE_TIME_H
#define MAILWHY_BASE_TIME_H

#include <stdint.h>

#include "base/text.h"

#define TIME_NONE        INT64_MIN
#define TIME_ABSURD      (INT64_C(4102444800) * TIME_SECOND) /* 2100: no capture is from then */
#define TIME_SECOND      INT64_C(1000000000)
#define TIME_MILLISECOND INT64_C(1000000)

/* RFC 3339 in UTC with so many digits of a second (0 to 9): 2023-11-20T02:00:03.123456Z. */
void time_add_utc(struct text *t, int64_t time, unsigned digits);
/* The same where there is room already, at least TIME_UTC_MAX bytes; returns the end. */
enum { TIME_UTC_MAX = sizeof "2023-11-20T02:00:03.123456789Z" };
char *time_put_utc(char *at, int64_t time, unsigned digits);
/* Local time (TZ): 2023-11-20 11:00:03, or the clock alone 11:00:03. */
void time_add_local(struct text *t, int64_t time);
void time_add_local_clock(struct text *t, int64_t time);
/* The local zone at that time: "JST, UTC+09:00". */
void time_add_zone(struct text *t, int64_t time);

#endif
