/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A bounded output buffer, and the only way in which bytes from the wire become something that a
 * person or a program reads: text_wire(), which escapes for the place where the text goes.
 */
#ifndef MAILWHY_BASE_TEXT_H
#define MAILWHY_BASE_TEXT_H

#include "base/bytes.h"

struct text {
    char *at;             /* NUL-terminated, valid UTF-8 when only the functions below filled it */
    size_t len, cap, max; /* cap: at most max and the NUL */
    bool over;            /* something did not fit (max, or memory) and was left out */
    bool borrowed;        /* at is the caller's */
};

enum text_for {
    FOR_TERMINAL, /* control characters, escapes and what is no UTF-8 as \xNN; bidi controls as \u{NNNN} */
    FOR_JSON, /* inside a JSON string: JSON's own escapes; what is no UTF-8 becomes U+FFFD */
    FOR_HTML, /* as for a terminal, and & < > " ' as entities */
};

void text_init(struct text *t, size_t max);
/* The same, beginning in a buffer of the caller's (size > 0), which outlives it: most texts need no
 * more. */
void text_init_in(struct text *t, size_t max, char *buffer, size_t size);
void text_done(struct text *t);
void text_clear(struct text *t);
/* Where there is no room yet: makes it and adds, or says over. */
void text_add_grown(struct text *t, const char *s, size_t n);
/* Room for n bytes and a NUL: where to write them, to be followed by text_wrote(); NULL, and over,
 * where there is none. */
char *text_room_grown(struct text *t, size_t n);
static inline char *text_room(struct text *t, size_t n)
{
    return t->over || t->cap - t->len <= n ? text_room_grown(t, n) : t->at + t->len;
}
/* end: behind the last byte that was written there. */
static inline void text_wrote(struct text *t, char *end)
{
    t->len = (size_t)(end - t->at);
    *end = '\0';
}
/* Back to where it ended before, at len. */
static inline void text_cut(struct text *t, size_t len)
{
    t->len = len;
    if (t->at)
        t->at[len] = '\0';
}
/* Our own words, as they are. Inline, since a line of JSON is hundreds of such calls. */
static inline void text_add_n(struct text *t, const char *s, size_t n)
{
    if (t->over || t->cap - t->len <= n) {
        text_add_grown(t, s, n);
        return;
    }
    memcpy(t->at + t->len, s, n);
    t->len += n;
    t->at[t->len] = '\0';
}
static inline void text_add(struct text *t, const char *s)
{
    text_add_n(t, s, strlen(s));
}
static inline void text_add_char(struct text *t, char c)
{
    text_add_n(t, &c, 1);
}
void text_add_u64(struct text *t, uint64_t v);
/* The same where there is room already, at least TEXT_U64_MAX bytes; returns the end. */
enum { TEXT_U64_MAX = 20 };
char *text_put_number(char *at, uint64_t v);
static inline char *text_put_u64(char *at, uint64_t v)
{
    if (v >= 10)
        return text_put_number(at, v);
    *at = (char)('0' + v);
    return at + 1;
}
/* n digits of v, leading zeros too. */
extern const char text_two_digits[100][2];
static inline char *text_put_digits(char *at, uint64_t v, unsigned n)
{
    char *end = at + n;
    for (; n >= 2 && v > UINT32_MAX; n -= 2, v /= 100)
        memcpy(at + n - 2, text_two_digits[v % 100], 2);
    /* most numbers have no more bits, and these are divided faster */
    uint32_t low = (uint32_t)(v > UINT32_MAX ? v % 10 : v);
    for (; n >= 2; n -= 2, low /= 100)
        memcpy(at + n - 2, text_two_digits[low % 100], 2);
    if (n > 0)
        *at = (char)('0' + low % 10);
    return end;
}
/* Our own formats; never with bytes from the wire. */
void text_format(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Do they go out as they are, to a terminal and into a JSON string? */
bool text_wire_is_plain(struct bytes b);
/* Bytes from the wire, escaped for where they go. */
void text_wire(struct text *t, struct bytes b, enum text_for where);
/* The text so far; "" when nothing was added. */
const char *text_str(const struct text *t);

/* Columns that n bytes of UTF-8 take on a terminal (East Asian wide = 2, combining = 0). */
size_t text_width(const char *s, size_t n);
/* Reads one UTF-8 character at s (n > 0 bytes there); returns its length, 0 when invalid. */
size_t text_utf8(const uint8_t *s, size_t n, uint32_t *code);

#endif
