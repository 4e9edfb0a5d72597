/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A bounded output buffer, and the only way in which bytes from the wire become something that a
 * person or a program reads: text_wire(), which escapes for the place where the text goes.
 */
#ifndef MAILWHY_BASE_TEXT_H
#define MAILWHY_BASE_TEXT_H

#include "base/bytes.h"

struct text {
    char *at; /* NUL-terminated, valid UTF-8 when only the functions below filled it */
    size_t len, cap, max;
    bool over; /* something did not fit (max, or memory) and was left out */
};

enum text_for {
    FOR_TERMINAL, /* control characters, escapes and what is no UTF-8 as \xNN; bidi controls as \u{NNNN} */
    FOR_JSON,     /* inside a JSON string: JSON's own escapes; what is no UTF-8 becomes U+FFFD */
    FOR_HTML,     /* as for a terminal, and & < > " ' as entities */
};

void text_init(struct text *t, size_t max);
void text_done(struct text *t);
void text_clear(struct text *t);
/* Our own words, as they are. */
void text_add(struct text *t, const char *s);
void text_add_n(struct text *t, const char *s, size_t n);
void text_add_char(struct text *t, char c);
void text_add_u64(struct text *t, uint64_t v);
/* Our own formats; never with bytes from the wire. */
void text_format(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Bytes from the wire, escaped for where they go. */
void text_wire(struct text *t, struct bytes b, enum text_for where);
/* The text so far; "" when nothing was added. */
const char *text_str(const struct text *t);

/* Columns that n bytes of UTF-8 take on a terminal (East Asian wide = 2, combining = 0). */
size_t text_width(const char *s, size_t n);
/* Reads one UTF-8 character at s (n > 0 bytes there); returns its length, 0 when invalid. */
size_t text_utf8(const uint8_t *s, size_t n, uint32_t *code);

#endif
