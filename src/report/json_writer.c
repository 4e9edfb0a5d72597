/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/json_writer.h"

#include "base/time.h"

static void member(struct json *j, const char *name)
{
    char head[64]; /* names are short and ours */
    size_t n = 0;
    if (j->comma)
        head[n++] = ',';
    j->comma = true;
    if (name) {
        head[n++] = '"';
        n += bytes_copy(head + n, sizeof head - 4, bytes_str(name));
        head[n++] = '"';
        head[n++] = ':';
    }
    text_add_n(j->out, head, n);
}

void json_open(struct json *j, const char *name, char bracket)
{
    member(j, name);
    text_add_char(j->out, bracket);
    j->comma = false;
}

void json_close(struct json *j, char bracket)
{
    text_add_char(j->out, bracket);
    j->comma = true;
}

void json_null(struct json *j, const char *name)
{
    member(j, name);
    text_add(j->out, "null");
}

void json_bool(struct json *j, const char *name, bool value)
{
    member(j, name);
    text_add(j->out, value ? "true" : "false");
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
    member(j, name);
    text_add_char(j->out, '"');
    text_wire(j->out, value, FOR_JSON);
    text_add_char(j->out, '"');
}

void json_string(struct json *j, const char *name, const char *value)
{
    if (!value) {
        json_null(j, name);
        return;
    }
    member(j, name);
    text_add_char(j->out, '"');
    text_wire(j->out, bytes_str(value), FOR_JSON);
    text_add_char(j->out, '"');
}

void json_time(struct json *j, const char *name, int64_t time, unsigned digits)
{
    if (time == TIME_NONE) {
        json_null(j, name);
        return;
    }
    member(j, name);
    text_add_char(j->out, '"');
    time_add_utc(j->out, time, digits);
    text_add_char(j->out, '"');
}
