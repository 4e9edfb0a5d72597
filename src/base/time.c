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

/* n digits of v, leading zeros too. */
static char *put_digits(char *at, uint64_t v, unsigned n)
{
    for (unsigned i = n; i > 0; i--, v /= 10)
        at[i - 1] = (char)('0' + v % 10);
    return at + n;
}

void time_add_utc(struct text *t, int64_t time, unsigned digits)
{
    int64_t ns;
    time_t seconds = split(time, &ns);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    if (tm.tm_year < -1900 || tm.tm_year > 9999 - 1900)
        tm.tm_year = 9999 - 1900; /* no capture is of that time; RFC 3339 has four digits */
    char out[32], *at = out;
    const struct {
        int value;
        unsigned digits;
        char behind;
    } parts[] = {
        { tm.tm_year + 1900, 4, '-' }, { tm.tm_mon + 1, 2, '-' }, { tm.tm_mday, 2, 'T' },
        { tm.tm_hour, 2, ':' },        { tm.tm_min, 2, ':' },     { tm.tm_sec, 2, '.' },
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        at = put_digits(at, (uint64_t)parts[i].value, parts[i].digits);
        *at++ = parts[i].behind;
    }
    if (digits == 0)
        at--;
    for (unsigned i = digits > 9 ? 9 : digits; i < 9; i++)
        ns /= 10;
    at = put_digits(at, (uint64_t)ns, digits > 9 ? 9 : digits);
    *at++ = 'Z';
    text_add_n(t, out, (size_t)(at - out));
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
