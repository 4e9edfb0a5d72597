/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes JSON values one after the other into a text; commas and escapes are its business. */
#ifndef MAILWHY_REPORT_JSON_WRITER_H
#define MAILWHY_REPORT_JSON_WRITER_H

#include "base/text.h"

struct json {
    struct text *out;
    bool comma; /* a value stands before the next one */
};

/* name: the member's name inside an object; NULL inside an array or at the top. */
void json_open(struct json *j, const char *name, char bracket); /* '{' or '[' */
void json_close(struct json *j, char bracket);                  /* '}' or ']' */
void json_null(struct json *j, const char *name);
void json_bool(struct json *j, const char *name, bool value);
void json_i64(struct json *j, const char *name, int64_t value);
void json_u64(struct json *j, const char *name, uint64_t value);
/* Seconds with as many digits as needed, from ns. */
void json_seconds(struct json *j, const char *name, int64_t ns);
/* A C string of ours; null where it is NULL. */
void json_string(struct json *j, const char *name, const char *value);
/* Bytes from the wire; null where they are empty. */
void json_wire(struct json *j, const char *name, struct bytes value);
/* RFC 3339 in UTC; null for TIME_NONE. */
void json_time(struct json *j, const char *name, int64_t time, unsigned digits);

#endif
