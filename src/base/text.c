/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"

enum { TEXT_FIRST = 1024 };

void text_init(struct text *t, size_t max)
{
    *t = (struct text) { .max = max };
}

void text_init_in(struct text *t, size_t max, char *buffer, size_t size)
{
    *t = (struct text) {
        .at = buffer, .cap = size <= max ? size : max + 1, .max = max, .borrowed = true
    };
    buffer[0] = '\0';
}

void text_done(struct text *t)
{
    if (!t->borrowed)
        mem_free(NULL, t->at, t->cap);
    *t = (struct text) { .max = t->max };
}

void text_clear(struct text *t)
{
    t->len = 0;
    t->over = false;
    if (t->at)
        t->at[0] = '\0';
}

/* Makes room for n bytes more and a NUL. */
static bool make_room(struct text *t, size_t n)
{
    if (n > t->max || t->len > t->max - n) {
        t->over = true;
        return false;
    }
    if (t->len + n + 1 <= t->cap)
        return true;
    size_t cap = t->cap > 0 ? t->cap : TEXT_FIRST;
    while (cap < t->len + n + 1)
        cap *= 2;
    if (cap > t->max)
        cap = t->max + 1;
    char *at = t->borrowed ? mem_alloc(NULL, cap) : mem_resize(NULL, t->at, t->cap, cap);
    if (!at) {
        t->over = true;
        return false;
    }
    if (t->borrowed)
        memcpy(at, t->at, t->len);
    t->borrowed = false;
    t->at = at;
    t->cap = cap;
    return true;
}

char *text_room_grown(struct text *t, size_t n)
{
    if (t->over || !make_room(t, n))
        return NULL;
    return t->at + t->len;
}

void text_add_grown(struct text *t, const char *s, size_t n)
{
    if (t->over || n == 0 || !make_room(t, n))
        return;
    memcpy(t->at + t->len, s, n);
    t->len += n;
    t->at[t->len] = '\0';
}

const char text_two_digits[100][2] = {
    "00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14",
    "15", "16", "17", "18", "19", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29",
    "30", "31", "32", "33", "34", "35", "36", "37", "38", "39", "40", "41", "42", "43", "44",
    "45", "46", "47", "48", "49", "50", "51", "52", "53", "54", "55", "56", "57", "58", "59",
    "60", "61", "62", "63", "64", "65", "66", "67", "68", "69", "70", "71", "72", "73", "74",
    "75", "76", "77", "78", "79", "80", "81", "82", "83", "84", "85", "86", "87", "88", "89",
    "90", "91", "92", "93", "94", "95", "96", "97", "98", "99",
};

/* Of 32 bits, as nearly all are. */
static char *put_short(char *at, uint32_t v, unsigned digits)
{
    char *end = at + digits, *to = end;
    while (v >= 100) {
        uint32_t rest = v / 100;
        to -= 2;
        memcpy(to, text_two_digits[v - rest * 100], 2);
        v = rest;
    }
    if (v >= 10)
        memcpy(at, text_two_digits[v], 2);
    else
        *at = (char)('0' + v);
    return end;
}

char *text_put_number(char *at, uint64_t v)
{
    /* the least number of so many digits more than the bits say for sure: 1233 / 4096 is
     * log10(2) */
    static const uint64_t least[TEXT_U64_MAX] = {
        0,
        10,
        100,
        1000,
        10000,
        100000,
        1000000,
        10000000,
        100000000,
        1000000000,
        10000000000,
        100000000000,
        1000000000000,
        10000000000000,
        100000000000000,
        1000000000000000,
        10000000000000000,
        100000000000000000,
        1000000000000000000,
        10000000000000000000u,
    };
    unsigned n = (unsigned)(64 - __builtin_clzll(v | 1)) * 1233 >> 12;
    n += v >= least[n];
    return v <= UINT32_MAX ? put_short(at, (uint32_t)v, n) : text_put_digits(at, v, n);
}

void text_add_u64(struct text *t, uint64_t v)
{
    char digits[TEXT_U64_MAX];
    text_add_n(t, digits, (size_t)(text_put_u64(digits, v) - digits));
}

void text_format(struct text *t, const char *format, ...)
{
    char small[256];
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (n >= 0 && (size_t)n < sizeof small) {
        text_add_n(t, small, (size_t)n);
    } else if (n >= 0 && !t->over && make_room(t, (size_t)n)) {
        vsnprintf(t->at + t->len, (size_t)n + 1, format, again);
        t->len += (size_t)n;
    }
    va_end(again);
}

const char *text_str(const struct text *t)
{
    return t->at ? t->at : "";
}

size_t text_utf8(const uint8_t *s, size_t n, uint32_t *code)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t len = s[0] < 0x80             ? 1
                 : (s[0] & 0xe0) == 0xc0 ? 2
                 : (s[0] & 0xf0) == 0xe0 ? 3
                 : (s[0] & 0xf8) == 0xf0 ? 4
                                         : 0;
    if (len == 0 || len > n)
        return 0;
    uint32_t c = len == 1 ? s[0] : s[0] & (0xffu >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (s[i] & 0x3f);
    }
    if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *code = c;
    return len;
}

/* Invisible characters that turn the direction of writing or hide: never passed on as they are. */
static bool deceives(uint32_t c)
{
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e ||
           c == 0x200f || c == 0x061c || c == 0x2028 || c == 0x2029 || c == 0xfeff ||
           (c >= 0x80 && c < 0xa0);
}

static void add_json(struct text *t, const uint8_t *s, size_t len, uint32_t c)
{
    static const char plain[] = "\"\\\b\f\n\r\t";
    static const char letter[] = "\"\\bfnrt";
    if (len == 0) {
        text_add(t, "\xef\xbf\xbd");
        return;
    }
    const char *at = c > 0 && c < 0x80 ? strchr(plain, (int)c) : NULL;
    if (at) {
        text_add_char(t, '\\');
        text_add_char(t, letter[at - plain]);
    } else if (c < 0x20 || c == 0x7f || deceives(c)) {
        text_format(t, "\\u%04x", (unsigned)c);
    } else {
        text_add_n(t, (const char *)s, len);
    }
}

static void add_visible(struct text *t, const uint8_t *s, size_t len, uint32_t c, bool html)
{
    static const struct {
        char c;
        const char *entity;
    } entities[] = {
        { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" }, { '\'', "&#39;" },
    };
    if (len == 0 || c < 0x20 || c == 0x7f) {
        text_format(t, "\\x%02x", s[0]);
        return;
    }
    if (deceives(c)) {
        text_format(t, "\\u{%04x}", (unsigned)c);
        return;
    }
    for (size_t i = 0; html && i < sizeof entities / sizeof *entities; i++)
        if (c == (uint32_t)entities[i].c) {
            text_add(t, entities[i].entity);
            return;
        }
    text_add_n(t, (const char *)s, len);
}

static bool is_escaped(uint8_t c, enum text_for where)
{
    if (where == FOR_JSON)
        return c == '"' || c == '\\';
    return where == FOR_HTML && (c == '&' || c == '<' || c == '>' || c == '"' || c == '\'');
}

typedef int8_t sixteen __attribute__((vector_size(16)));

/* Does any of these bytes need to be looked at: no printable ASCII (what is above is negative), or
 * escaped in JSON? */
static bool any_other(sixteen v)
{
    uint64_t half[2];
    sixteen other = (sixteen)((v < ' ') | (v == 0x7f) | (v == '"') | (v == '\\'));
    memcpy(half, &other, sizeof half);
    return (half[0] | half[1]) != 0;
}

static bool any_other_of_sixteen(const uint8_t *at)
{
    sixteen v;
    memcpy(&v, at, sizeof v);
    return any_other(v);
}

static bool any_other_of_halves(uint64_t first, uint64_t second)
{
    const uint64_t half[2] = { first, second };
    sixteen v;
    memcpy(&v, half, sizeof v);
    return any_other(v);
}

static uint64_t eight(const uint8_t *at)
{
    uint64_t v;
    memcpy(&v, at, sizeof v);
    return v;
}

static uint64_t four(const uint8_t *at)
{
    uint32_t v;
    memcpy(&v, at, sizeof v);
    return (uint64_t)v << 32 | v;
}

/* The same of 4 to 16 bytes, read from both ends. */
static bool any_other_of(const uint8_t *at, size_t n)
{
    return n >= 8 ? any_other_of_halves(eight(at), eight(at + n - 8))
                  : any_other_of_halves(four(at), four(at + n - 4));
}

/* How many bytes from here go out as they are: printable ASCII but for what the place escapes. */
static size_t harmless(struct bytes b, enum text_for where)
{
    size_t n = 0;
    if (where != FOR_HTML) {
        while (b.len - n > sizeof(sixteen) && !any_other_of_sixteen(b.at + n))
            n += sizeof(sixteen);
        if (b.len - n >= 4 && b.len - n <= sizeof(sixteen) && !any_other_of(b.at + n, b.len - n))
            return b.len;
    }
    while (n < b.len && b.at[n] >= ' ' && b.at[n] < 0x7f && !is_escaped(b.at[n], where))
        n++;
    return n;
}

bool text_wire_is_plain(struct bytes b)
{
    return harmless(b, FOR_JSON) == b.len;
}

void text_wire(struct text *t, struct bytes b, enum text_for where)
{
    while (b.len > 0 && !t->over) {
        size_t n = harmless(b, where);
        if (n > 0) {
            text_add_n(t, (const char *)b.at, n);
        } else {
            uint32_t c = 0;
            size_t len = text_utf8(b.at, b.len, &c);
            if (where == FOR_JSON)
                add_json(t, b.at, len, c);
            else
                add_visible(t, b.at, len, c, where == FOR_HTML);
            n = len > 0 ? len : 1;
        }
        b = bytes_after(b, n);
    }
}

struct range {
    uint32_t first, last;
};

static bool in_ranges(uint32_t c, const struct range *ranges, size_t n)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (c > ranges[mid].last)
            low = mid + 1;
        else
            high = mid;
    }
    return low < n && c >= ranges[low].first;
}

/* Unicode's EastAsianWidth W and F, and the combining marks that turn up in mail texts. */
static const struct range wide[] = {
    { 0x1100, 0x115f },   { 0x231a, 0x231b },   { 0x2329, 0x232a },   { 0x23e9, 0x23ec },
    { 0x25fd, 0x25fe },   { 0x2614, 0x2615 },   { 0x2648, 0x2653 },   { 0x26a1, 0x26a1 },
    { 0x2705, 0x2705 },   { 0x274c, 0x274c },   { 0x2753, 0x2755 },   { 0x2e80, 0x303e },
    { 0x3041, 0x33ff },   { 0x3400, 0x4dbf },   { 0x4e00, 0x9fff },   { 0xa000, 0xa4cf },
    { 0xa960, 0xa97c },   { 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },   { 0xfe10, 0xfe19 },
    { 0xfe30, 0xfe6f },   { 0xff01, 0xff60 },   { 0xffe0, 0xffe6 },   { 0x16fe0, 0x18aff },
    { 0x1b000, 0x1b2ff }, { 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1f9ff },
    { 0x20000, 0x3fffd },
};
static const struct range combining[] = {
    { 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd }, { 0x064b, 0x065f },
    { 0x0e31, 0x0e31 }, { 0x0e34, 0x0e3a }, { 0x0e47, 0x0e4e }, { 0x1ab0, 0x1aff },
    { 0x1dc0, 0x1dff }, { 0x200b, 0x200d }, { 0x20d0, 0x20ff }, { 0x3099, 0x309a },
    { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f },
};

size_t text_width(const char *s, size_t n)
{
    size_t width = 0;
    while (n > 0) {
        uint32_t c = 0;
        size_t len = text_utf8((const uint8_t *)s, n, &c);
        if (len == 0)
            len = 1;
        if (!in_ranges(c, combining, sizeof combining / sizeof *combining))
            width += in_ranges(c, wide, sizeof wide / sizeof *wide) ? 2 : 1;
        s += len;
        n -= len;
    }
    return width;
}
