/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes JSON values one after the other into a text; commas and escapes are its business. */
#ifndef MAILWHY_REPORT_JSON_WRITER_H
#define MAILWHY_REPORT_JSON_WRITER_H

#include "base/text.h"

struct json {
    struct text *out;
    bool comma; /* a value stands before the next one */
};

/* What stands before each value: its comma, and its name with quotes and colon. Returns where to
 * write the value, of at most n bytes, to be followed by text_wrote(); NULL where there is no room.
 * Inlined without exception, since a line has a hundred names and their lengths are known where
 * they are written. */
static inline __attribute__((always_inline)) char *json_begin(struct json *j, const char *name,
                                                              size_t n)
{
    size_t len = name ? strlen(name) : 0;
    char *at = text_room(j->out, len + n + 4);
    if (!at)
        return NULL;
    *at = ',';
    at += j->comma;
    j->comma = true;
    if (!name)
        return at;
    *at++ = '"';
    at += bytes_copy(at, len, bytes_of(name, len));
    return at + bytes_copy(at, 2, bytes_of("\":", 2));
}

/* A value that stands as it is. */
static inline __attribute__((always_inline)) void json_plain(struct json *j, const char *name,
                                                             const char *value, size_t n)
{
    char *at = json_begin(j, name, n);
    if (at)
        text_wrote(j->out, at + bytes_copy(at, n, bytes_of(value, n)));
}

/* Pieces in a row, commas and all, where there is room for all of them already: what each
 * json_begin() does is done once. Of our own words alone. */
static inline __attribute__((always_inline)) char *json_put(char *at, const char *piece)
{
    size_t n = strlen(piece);
    return at + bytes_copy(at, n, bytes_of(piece, n));
}
static inline __attribute__((always_inline)) char *json_put_u64(char *at, const char *piece,
                                                                uint64_t value)
{
    return text_put_u64(json_put(at, piece), value);
}
/* A word, with its quotes. */
static inline __attribute__((always_inline)) char *json_put_word(char *at, const char *piece,
                                                                 const char *word)
{
    at = json_put(at, piece);
    *at++ = '"';
    at = json_put(at, word);
    *at++ = '"';
    return at;
}
/* RFC 3339 in UTC; null for TIME_NONE. */
char *json_put_time(char *at, const char *piece, int64_t time, unsigned digits);
/* … and its end; what follows stands behind a comma. */
static inline void json_wrote(struct json *j, char *at)
{
    text_wrote(j->out, at);
    j->comma = true;
}

/* name: the member's name inside an object; NULL inside an array or at the top. */
static inline void json_open(struct json *j, const char *name, char bracket) /* '{' or '[' */
{
    json_plain(j, name, &bracket, 1);
    j->comma = false;
}
static inline void json_close(struct json *j, char bracket) /* '}' or ']' */
{
    text_add_char(j->out, bracket);
    j->comma = true;
}
static inline void json_null(struct json *j, const char *name)
{
    json_plain(j, name, "null", 4);
}
static inline void json_bool(struct json *j, const char *name, bool value)
{
    json_plain(j, name, value ? "true" : "false", value ? 4 : 5);
}
static inline void json_u64(struct json *j, const char *name, uint64_t value)
{
    char *at = json_begin(j, name, TEXT_U64_MAX);
    if (at)
        text_wrote(j->out, text_put_u64(at, value));
}
void json_i64(struct json *j, const char *name, int64_t value);
/* Seconds with as many digits as needed, from ns. */
void json_seconds(struct json *j, const char *name, int64_t ns);
/* A word of ours in which nothing is to be escaped; null where it is NULL. */
static inline __attribute__((always_inline)) void json_word(struct json *j, const char *name,
                                                            const char *value)
{
    if (!value) {
        json_null(j, name);
        return;
    }
    size_t n = strlen(value);
    char *at = json_begin(j, name, n + 2);
    if (!at)
        return;
    *at++ = '"';
    at += bytes_copy(at, n, bytes_of(value, n));
    *at++ = '"';
    text_wrote(j->out, at);
}
/* What is escaped already. */
static inline __attribute__((always_inline)) void json_escaped(struct json *j, const char *name,
                                                               struct bytes value)
{
    char *at = json_begin(j, name, value.len + 2);
    if (!at)
        return;
    *at++ = '"';
    at += bytes_copy(at, value.len, value);
    *at++ = '"';
    text_wrote(j->out, at);
}
/* A string in which something is to be escaped. */
void json_escape(struct json *j, const char *name, struct bytes value);
static inline __attribute__((always_inline)) void json_bytes(struct json *j, const char *name,
                                                             struct bytes value)
{
    if (text_wire_is_plain(value)) /* nearly always */
        json_escaped(j, name, value);
    else
        json_escape(j, name, value);
}
/* Bytes from the wire; null where they are empty. */
static inline __attribute__((always_inline)) void json_wire(struct json *j, const char *name,
                                                            struct bytes value)
{
    if (value.len > 0)
        json_bytes(j, name, value);
    else
        json_null(j, name);
}
/* A C string; null where it is NULL. */
static inline __attribute__((always_inline)) void json_string(struct json *j, const char *name,
                                                              const char *value)
{
    if (value)
        json_bytes(j, name, bytes_str(value));
    else
        json_null(j, name);
}
/* RFC 3339 in UTC; null for TIME_NONE. */
void json_time(struct json *j, const char *name, int64_t time, unsigned digits);

#endif
