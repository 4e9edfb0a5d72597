/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/time.h"

#include <time.h>

/* Seconds and nanoseconds with floor, so that times before 1970 come out right. */
static time_t split(int64_t time, int64_t *ns)
{
    int64_t seconds = time / TIME_SECOND;
    *ns = time % TIME_SECOND;
    if (*ns < 0) {
        *ns += TIME_SECOND;
        seconds--;
    }
    return (time_t)seconds;
}

void time_add_utc(struct text *t, int64_t time, unsigned digits)
{
    int64_t ns;
    time_t seconds = split(time, &ns);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    text_format(t, "%04d-%02d-%02dT%02d:%02d:%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
                tm.tm_hour, tm.tm_min, tm.tm_sec);
    if (digits > 9)
        digits = 9;
    if (digits > 0) {
        for (unsigned i = digits; i < 9; i++)
            ns /= 10;
        text_format(t, ".%0*lld", (int)digits, (long long)ns);
    }
    text_add_char(t, 'Z');
}

static struct tm local(int64_t time)
{
    int64_t ns;
    time_t seconds = split(time, &ns);
    struct tm tm;
    localtime_r(&seconds, &tm);
    return tm;
}

void time_add_local(struct text *t, int64_t time)
{
    struct tm tm = local(time);
    text_format(t, "%04d-%02d-%02d %02d:%02d:%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
                tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void time_add_local_clock(struct text *t, int64_t time)
{
    struct tm tm = local(time);
    text_format(t, "%02d:%02d:%02d", tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void time_add_zone(struct text *t, int64_t time)
{
    struct tm tm = local(time);
    long minutes = tm.tm_gmtoff / 60;
    text_format(t, "%s, UTC%c%02ld:%02ld", tm.tm_zone, minutes < 0 ? '-' : '+',
                (minutes < 0 ? -minutes : minutes) / 60, (minutes < 0 ? -minutes : minutes) % 60);
}
