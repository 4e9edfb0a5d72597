/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/base64.h"

#include "base/cursor.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Of each byte its value and one; 0 for what is no digit of base64. */
static const uint8_t digits_of[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};

size_t base64_decode(uint8_t *out, size_t size, struct bytes in, bool *valid)
{
    size_t n = 0, digits = in.len;
    uint32_t bits = 0, have = 0;
    while (digits > 0 && in.len - digits < 2 && in.at[digits - 1] == '=')
        digits--;
    *valid = in.len % 4 == 0;
    for (size_t i = 0; i < digits; i++) {
        uint32_t d = digits_of[in.at[i]];
        if (d == 0) {
            *valid = false;
            break;
        }
        bits = bits << 6 | (d - 1);
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
