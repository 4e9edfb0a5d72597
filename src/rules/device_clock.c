/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/device_clock.h"

#include "history/history.h"

#define DAY (86400 * TIME_SECOND)

/* Clocks without a battery start at the beginning of a year: within two days of one, and far from now. */
static bool looks_reset(int64_t seconds)
{
    static const int64_t starts[] = { 0,          315532800,  946684800,  1104537600, 1136073600,
                                      1167609600, 1199145600, 1230768000, 1262304000, 1293840000,
                                      1325376000, 1356998400, 1388534400, 1420070400, 1451606400,
                                      1483228800, 1514764800, 1546300800, 1577836800, 1609459200,
                                      1640995200 };
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        if (seconds >= starts[i] && seconds < starts[i] + 2 * 86400)
            return true;
    }
    return false;
}

static bool off_by_a_day(int64_t clock, int64_t now)
{
    return clock > now + DAY || clock < now - DAY;
}

/* Two hellos of the device whose clocks are as far apart as the capture's, give or take five seconds. */
static bool runs_with_capture(const struct view *v, const struct fact *hello)
{
    const struct device *device =
        v->history ? history_find(v->history, &v->attempt->client_addr) : NULL;
    for (uint32_t i = 0; device && i < device->past_count; i++) {
        const struct past_attempt *past = &device->past[i];
        if (past->hello_clock == 0 || past->hello_clock == hello->client_hello.clock)
            continue;
        int64_t apart =
            ((int64_t)hello->client_hello.clock - (int64_t)past->hello_clock) * TIME_SECOND;
        int64_t difference = apart - (hello->time - past->hello_time);
        if (difference > -5 * TIME_SECOND && difference < 5 * TIME_SECOND)
            return true;
    }
    return false;
}

bool device_clock_off(const struct view *v, int64_t *clock)
{
    const struct fact *hello = view_last(v, FACT_CLIENT_HELLO, SIDE_DEVICE);
    if (!hello || hello->client_hello.clock == 0 || hello->time == TIME_NONE ||
        hello->time >= TIME_ABSURD)
        return false;
    *clock = (int64_t)hello->client_hello.clock * TIME_SECOND;
    if (!off_by_a_day(*clock, hello->time))
        return false;
    /* by that clock the certificate was valid: then it was not refused for its date, and the wrong
     * clock may well be the capture's */
    const struct fact *certificate = view_after(v, hello, FACT_CERTIFICATE, SIDE_SERVER);
    if (certificate && certificate->certificate.readable &&
        certificate->certificate.not_before <= *clock &&
        certificate->certificate.not_after >= *clock)
        return false;
    return runs_with_capture(v, hello) || looks_reset(hello->client_hello.clock);
}
