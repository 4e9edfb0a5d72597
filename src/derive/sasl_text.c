/* SPDX-License-Identifier: BSD-3-Clause */
#include "derive/sasl_text.h"

#include "base/cursor.h"

static void skip_blanks(struct cursor *c)
{
    while (cursor_left(c) > 0 &&
           (*c->at == ' ' || *c->at == '\t' || *c->at == '\r' || *c->at == '\n'))
        cursor_skip(c, 1);
}

static bool is_end_of_token(uint8_t b)
{
    return b == ',' || b == '=' || b == ' ' || b == '\t' || b == '\r' || b == '\n';
}

static void add(struct sasl_value *v, uint8_t b, bool *fits)
{
    if (v->len < SASL_VALUE_MAX)
        v->at[v->len++] = b;
    else
        *fits = false;
}

static bool quoted(struct cursor *c, struct sasl_value *value)
{
    bool fits = true;
    cursor_skip(c, 1);
    for (uint8_t b = cursor_u8(c); cursor_ok(c) && b != '"'; b = cursor_u8(c))
        add(value, b == '\\' ? cursor_u8(c) : b, &fits);
    return fits && cursor_ok(c);
}

static bool token(struct cursor *c, struct sasl_value *value)
{
    bool fits = true;
    while (cursor_left(c) > 0 && !is_end_of_token(*c->at))
        add(value, cursor_u8(c), &fits);
    return fits;
}

bool sasl_directive(struct bytes *text, struct bytes *name, struct sasl_value *value)
{
    struct cursor c = cursor_of(*text);
    value->len = 0;
    value->there = true;
    skip_blanks(&c); /* some write ", " between them */
    while (cursor_left(&c) > 0 && *c.at == ',') {
        cursor_skip(&c, 1);
        skip_blanks(&c);
    }
    const uint8_t *begin = c.at;
    while (cursor_left(&c) > 0 && !is_end_of_token(*c.at))
        cursor_skip(&c, 1);
    *name = bytes_of(begin, (size_t)(c.at - begin));
    skip_blanks(&c);
    bool good = cursor_left(&c) > 0 && cursor_u8(&c) == '=';
    skip_blanks(&c);
    good = good && cursor_left(&c) > 0 && (*c.at == '"' ? quoted(&c, value) : token(&c, value));
    skip_blanks(&c);
    if (cursor_left(&c) > 0 && cursor_u8(&c) != ',')
        good = false;
    *text = cursor_rest(&c);
    return good && name->len > 0;
}

bool sasl_attribute(struct bytes text, char letter, struct bytes *value)
{
    while (text.len > 0) {
        ptrdiff_t comma = bytes_find(text, ',');
        struct bytes one = comma < 0 ? text : bytes_first(text, (size_t)comma);
        if (one.len > 2 && one.at[0] == (uint8_t)letter && one.at[1] == '=') {
            *value = bytes_after(one, 2);
            return true;
        }
        text = bytes_after(text, one.len + 1);
    }
    return false;
}

uint32_t sasl_number(struct bytes digits)
{
    enum { DIGITS_MAX = 9 };
    uint32_t n = 0;
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.at[i] < '0' || digits.at[i] > '9' || i == DIGITS_MAX)
            return 0;
        n = n * 10 + (uint32_t)(digits.at[i] - '0');
    }
    return n;
}

static int base64_value(uint8_t b)
{
    if (b >= 'A' && b <= 'Z')
        return b - 'A';
    if (b >= 'a' && b <= 'z')
        return b - 'a' + 26;
    if (b >= '0' && b <= '9')
        return b - '0' + 52;
    return b == '+' ? 62 : b == '/' ? 63 : -1;
}

size_t sasl_base64(uint8_t *out, size_t size, struct bytes text)
{
    size_t n = 0, pads = 0;
    uint32_t bits = 0, have = 0;
    if (text.len % 4 != 0)
        return 0;
    while (pads < 2 && text.len > 0 && text.at[text.len - 1] == '=') {
        text.len--;
        pads++;
    }
    for (size_t i = 0; i < text.len; i++) {
        int value = base64_value(text.at[i]);
        if (value < 0)
            return 0;
        bits = (bits << 6 | (uint32_t)value) & 0xffffff;
        have += 6;
        if (have < 8)
            continue;
        have -= 8;
        if (n == size)
            return 0;
        out[n++] = (uint8_t)(bits >> have);
    }
    return n;
}

void sasl_hex(char *out, struct bytes b)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < b.len; i++) {
        out[2 * i] = digits[b.at[i] >> 4];
        out[2 * i + 1] = digits[b.at[i] & 15];
    }
}
