/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/base64.h"

#include "base/cursor.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* 64 for what is no digit of base64. */
static uint32_t base64_digit(uint8_t b)
{
    if (b >= 'A' && b <= 'Z')
        return (uint32_t)(b - 'A');
    if (b >= 'a' && b <= 'z')
        return (uint32_t)(b - 'a' + 26);
    if (b >= '0' && b <= '9')
        return (uint32_t)(b - '0' + 52);
    return b == '+' ? 62 : b == '/' ? 63 : 64;
}

size_t base64_decode(uint8_t *out, size_t size, struct bytes in, bool *valid)
{
    size_t n = 0, digits = in.len;
    uint32_t bits = 0, have = 0;
    while (digits > 0 && in.len - digits < 2 && in.at[digits - 1] == '=')
        digits--;
    *valid = in.len % 4 == 0;
    for (size_t i = 0; i < digits; i++) {
        uint32_t d = base64_digit(in.at[i]);
        if (d == 64) {
            *valid = false;
            break;
        }
        bits = bits << 6 | d;
        have += 6;
        if (have < 8)
            continue;
        have -= 8;
        if (n < size)
            out[n++] = (uint8_t)(bits >> have);
        bits &= (1u << have) - 1;
    }
    return n;
}

size_t base64_encode(uint8_t *out, size_t size, struct bytes in)
{
    size_t n = 0;
    struct cursor c = cursor_of(in);
    while (cursor_left(&c) > 0 && n + 4 <= size) {
        size_t take = cursor_left(&c) < 3 ? cursor_left(&c) : 3;
        uint32_t bits = 0;
        for (unsigned i = 0; i < 3; i++)
            bits = bits << 8 | (i < take ? cursor_u8(&c) : 0u);
        for (unsigned i = 0; i < 4; i++)
            out[n++] = (uint8_t)(i <= take ? alphabet[bits >> (18 - 6 * i) & 63] : '=');
    }
    return n;
}
