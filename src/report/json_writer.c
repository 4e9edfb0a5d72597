/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/json_writer.h"

#include "base/time.h"

/* The comma before a value, its name, and `head`, the first n bytes of it. */
static void begin(struct json *j, const char *name, const char *head, size_t n)
{
    size_t len = name ? strlen(name) : 0;
    char *start = text_room(j->out, len + n + 4), *at = start;
    if (!at)
        return;
    if (j->comma)
        *at++ = ',';
    j->comma = true;
    if (name) {
        *at++ = '"';
        at += bytes_copy(at, len, bytes_of(name, len));
        *at++ = '"';
        *at++ = ':';
    }
    at += bytes_copy(at, n, bytes_of(head, n));
    text_added(j->out, (size_t)(at - start));
}

static void member(struct json *j, const char *name)
{
    begin(j, name, NULL, 0);
}

void json_open(struct json *j, const char *name, char bracket)
{
    begin(j, name, &bracket, 1);
    j->comma = false;
}

void json_close(struct json *j, char bracket)
{
    text_add_char(j->out, bracket);
    j->comma = true;
}

void json_null(struct json *j, const char *name)
{
    begin(j, name, "null", 4);
}

void json_bool(struct json *j, const char *name, bool value)
{
    begin(j, name, value ? "true" : "false", value ? 4 : 5);
}

void json_u64(struct json *j, const char *name, uint64_t value)
{
    member(j, name);
    text_add_u64(j->out, value);
}

void json_i64(struct json *j, const char *name, int64_t value)
{
    member(j, name);
    if (value < 0)
        text_add_char(j->out, '-');
    text_add_u64(j->out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void json_seconds(struct json *j, const char *name, int64_t ns)
{
    uint64_t size = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    uint64_t part = size % (uint64_t)TIME_SECOND;
    member(j, name);
    if (ns < 0)
        text_add_char(j->out, '-');
    text_add_u64(j->out, size / (uint64_t)TIME_SECOND);
    if (part == 0)
        return;
    unsigned digits = 9;
    for (; part % 10 == 0; part /= 10)
        digits--;
    text_format(j->out, ".%0*llu", (int)digits, (unsigned long long)part);
}

void json_wire(struct json *j, const char *name, struct bytes value)
{
    if (value.len == 0) {
        json_null(j, name);
        return;
    }
    begin(j, name, "\"", 1);
    text_wire(j->out, value, FOR_JSON);
    text_add_char(j->out, '"');
}

void json_string(struct json *j, const char *name, const char *value)
{
    if (!value) {
        json_null(j, name);
        return;
    }
    begin(j, name, "\"", 1);
    text_wire(j->out, bytes_str(value), FOR_JSON);
    text_add_char(j->out, '"');
}

void json_time(struct json *j, const char *name, int64_t time, unsigned digits)
{
    if (time == TIME_NONE) {
        json_null(j, name);
        return;
    }
    begin(j, name, "\"", 1);
    time_add_utc(j->out, time, digits);
    text_add_char(j->out, '"');
}
