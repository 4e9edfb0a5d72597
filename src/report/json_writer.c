/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/json_writer.h"

#include "base/time.h"

void json_i64(struct json *j, const char *name, int64_t value)
{
    char *at = json_begin(j, name, 1 + TEXT_U64_MAX);
    if (!at)
        return;
    if (value < 0)
        *at++ = '-';
    text_wrote(j->out, text_put_u64(at, value < 0 ? 0 - (uint64_t)value : (uint64_t)value));
}

void json_seconds(struct json *j, const char *name, int64_t ns)
{
    uint64_t size = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    uint64_t part = size % (uint64_t)TIME_SECOND;
    char *at = json_begin(j, name, 2 * TEXT_U64_MAX);
    if (!at)
        return;
    if (ns < 0)
        *at++ = '-';
    at = text_put_u64(at, size / (uint64_t)TIME_SECOND);
    if (part > 0) {
        unsigned digits = 9;
        for (; part % 10 == 0; part /= 10)
            digits--;
        *at++ = '.';
        at = text_put_digits(at, part, digits);
    }
    text_wrote(j->out, at);
}

void json_escape(struct json *j, const char *name, struct bytes value)
{
    json_plain(j, name, "\"", 1);
    text_wire(j->out, value, FOR_JSON);
    text_add_char(j->out, '"');
}

char *json_put_time(char *at, const char *piece, int64_t time, unsigned digits)
{
    at = json_put(at, piece);
    if (time == TIME_NONE)
        return json_put(at, "null");
    *at++ = '"';
    at = time_put_utc(at, time, digits);
    *at++ = '"';
    return at;
}

void json_time(struct json *j, const char *name, int64_t time, unsigned digits)
{
    char *at = json_begin(j, name, TIME_UTC_MAX + 2);
    if (at)
        text_wrote(j->out, json_put_time(at, "", time, digits));
}
