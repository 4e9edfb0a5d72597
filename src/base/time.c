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

struct date {
    unsigned year, month, day;
};
enum { DAY_BYTES = 11 }; /* "2026-11-25T" */

/* The date of a day counted from 1970-01-01, in the Gregorian calendar: 400 years of it are 146097
 * days, and those of a year that begins in March come in months whose lengths follow one line. */
static struct date date_of(int64_t day)
{
    enum { DAYS_400 = 146097, FROM_MARCH_YEAR_0 = 719468 };
    uint64_t d = (uint64_t)(day + FROM_MARCH_YEAR_0); /* the 64 bits of ns begin in 1677 */
    unsigned in_400 = (unsigned)(d % DAYS_400);
    unsigned year = (in_400 - in_400 / 1460 + in_400 / 36524 - in_400 / 146096) / 365;
    unsigned in_year = in_400 - (365 * year + year / 4 - year / 100);
    unsigned month = (5 * in_year + 2) / 153; /* from March */
    struct date date = { .year = (unsigned)(d / DAYS_400) * 400 + year + (month >= 10),
                         .month = month < 10 ? month + 3 : month - 9,
                         .day = in_year - (153 * month + 2) / 5 + 1 };
    return date;
}

static char *put_part(char *at, unsigned value, unsigned digits, char behind)
{
    at = text_put_digits(at, value, digits);
    *at = behind;
    return at + 1;
}

/* The date and the T behind it. Most times are of the day that the one before was of. */
static char *put_day(char *at, int64_t day)
{
    static char last[DAY_BYTES];
    static int64_t last_day;
    if (day != last_day || last[0] == '\0') {
        struct date date = date_of(day);
        char *to = put_part(last, date.year, 4, '-');
        to = put_part(to, date.month, 2, '-');
        put_part(to, date.day, 2, 'T');
        last_day = day;
    }
    memcpy(at, last, DAY_BYTES);
    return at + DAY_BYTES;
}

/* … and the time of the day; most times are of the second that the one before was of. */
static char *put_second(char *at, int64_t second)
{
    enum { DAY = 86400, SECOND_BYTES = DAY_BYTES + 8 };
    static char last[SECOND_BYTES + 1];
    static int64_t last_second;
    if (second != last_second || last[0] == '\0') {
        int64_t day = second / DAY - (second % DAY < 0);
        unsigned in_day = (unsigned)(second - day * DAY);
        char *to = put_day(last, day);
        to = put_part(to, in_day / 3600, 2, ':');
        to = put_part(to, in_day / 60 % 60, 2, ':');
        put_part(to, in_day % 60, 2, '\0');
        last_second = second;
    }
    memcpy(at, last, SECOND_BYTES);
    return at + SECOND_BYTES;
}

char *time_put_utc(char *at, int64_t time, unsigned digits)
{
    int64_t ns;
    at = put_second(at, split(time, &ns));
    uint32_t part = (uint32_t)ns;
    *at++ = digits > 0 ? '.' : 'Z';
    if (digits == 0)
        return at;
    if (digits == 6) /* nearly always */
        return put_part(at, part / 1000, 6, 'Z');
    for (unsigned i = digits > 9 ? 9 : digits; i < 9; i++)
        part /= 10;
    return put_part(at, part, digits > 9 ? 9 : digits, 'Z');
}

void time_add_utc(struct text *t, int64_t time, unsigned digits)
{
    char out[TIME_UTC_MAX];
    text_add_n(t, out, (size_t)(time_put_utc(out, time, digits) - out));
}

static struct tm local(int64_t time)
{
    int64_t ns;
    time_t seconds = split(time, &ns);
    struct tm tm;
    localtime_r(&seconds, &tm);
    return tm;
}

static char *put_clock(char *at, const struct tm *tm)
{
    at = put_part(at, (unsigned)tm->tm_hour, 2, ':');
    at = put_part(at, (unsigned)tm->tm_min, 2, ':');
    return text_put_digits(at, (unsigned)tm->tm_sec, 2);
}

void time_add_local(struct text *t, int64_t time)
{
    struct tm tm = local(time);
    char out[TIME_UTC_MAX], *at = out;
    at = put_part(at, (unsigned)tm.tm_year + 1900, 4, '-');
    at = put_part(at, (unsigned)tm.tm_mon + 1, 2, '-');
    at = put_part(at, (unsigned)tm.tm_mday, 2, ' ');
    text_add_n(t, out, (size_t)(put_clock(at, &tm) - out));
}

void time_add_local_clock(struct text *t, int64_t time)
{
    struct tm tm = local(time);
    char out[TIME_UTC_MAX];
    text_add_n(t, out, (size_t)(put_clock(out, &tm) - out));
}

void time_add_zone(struct text *t, int64_t time)
{
    struct tm tm = local(time);
    long minutes = tm.tm_gmtoff / 60;
    text_format(t, "%s, UTC%c%02ld:%02ld", tm.tm_zone, minutes < 0 ? '-' : '+',
                (minutes < 0 ? -minutes : minutes) / 60, (minutes < 0 ? -minutes : minutes) % 60);
}
