/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/reply_text.h"

struct out {
    uint8_t *at;
    size_t len, size, word;
    bool address; /* word: where the word at hand begins; it has an @ */
};

static void put(struct out *o, uint8_t b)
{
    if (o->len < o->size)
        o->at[o->len++] = b;
}

static void end_word(struct out *o)
{
    if (o->address)
        o->len = o->word;
    o->address = false;
    if (o->len > 0 && o->at[o->len - 1] != ' ')
        put(o, ' ');
    o->word = o->len;
}

/* Names of line ends, which servers write between < and >. */
static bool is_line_end_name(struct bytes b)
{
    return bytes_equal_nocase(b, bytes_str("lf")) || bytes_equal_nocase(b, bytes_str("cr")) ||
           bytes_equal_nocase(b, bytes_str("crlf"));
}

/* How many bytes of an address in <> begin here; 0 = none do. */
static size_t bracketed(struct bytes text)
{
    if (text.len == 0 || text.at[0] != '<')
        return 0;
    ptrdiff_t close = bytes_find(text, '>');
    if (close < 0 || is_line_end_name(bytes_first(bytes_after(text, 1), (size_t)close - 1)))
        return 0;
    return (size_t)close + 1;
}

/* U+00C0 to U+00FF without accents (UTF-8: 0xC3 and this one); U+2019 as '. How many bytes were read. */
static size_t put_letter(struct out *o, struct bytes text)
{
    static const char plain[] = "aaaaaaaceeeeiiiidnoooooxouuuuytsaaaaaaaceeeeiiiidnooooo/ouuuuyty";
    uint8_t b = text.at[0];
    if (b == 0xc3 && text.len > 1 && text.at[1] >= 0x80 && text.at[1] <= 0xbf) {
        put(o, (uint8_t)plain[text.at[1] - 0x80]);
        return 2;
    }
    if (b == 0xe2 && text.len > 2 && text.at[1] == 0x80 && text.at[2] == 0x99) {
        put(o, '\'');
        return 3;
    }
    o->address |= b == '@';
    put(o, bytes_lower(b));
    return 1;
}

/* What nearly all of a text is made of; how many bytes were read. */
static size_t put_usual(struct out *o, struct bytes text)
{
    size_t n = 0;
    for (; n < text.len; n++) {
        uint8_t b = text.at[n];
        if (b <= ' ' || b >= 0x80 || b == '<' || b == '@')
            break;
        put(o, bytes_lower(b));
    }
    return n;
}

struct bytes reply_text_normal(struct bytes text, uint8_t *room, size_t size)
{
    struct out o = { .at = room, .size = size };
    while (text.len > 0) {
        size_t usual = put_usual(&o, text);
        if (usual > 0) {
            text = bytes_after(text, usual);
            continue;
        }
        size_t skip = bracketed(text);
        if (skip > 0) {
            text = bytes_after(text, skip);
        } else if (text.at[0] <= ' ') {
            end_word(&o);
            text = bytes_after(text, 1);
        } else {
            text = bytes_after(text, put_letter(&o, text));
        }
    }
    end_word(&o);
    return bytes_trim(bytes_of(room, o.len));
}

void text_pairs_of(struct text_pairs *pairs, struct bytes text)
{
    *pairs = (struct text_pairs) { { 0 } };
    unsigned last = text.len > 0 ? text.at[0] & 31u : 0;
    for (size_t i = 1; i < text.len; i++) {
        unsigned next = text.at[i] & 31u;
        pairs->after[last] |= UINT32_C(1) << next;
        last = next;
    }
}

static bool is_letter(uint8_t b)
{
    return (b >= 'a' && b <= 'z') || (b >= '0' && b <= '9') || b >= 0x80;
}

/* Two letters side by side are no border. */
static bool is_border(struct bytes text, size_t at)
{
    return at == 0 || at >= text.len || !is_letter(text.at[at - 1]) || !is_letter(text.at[at]);
}

/* Where this piece of a pattern first stands from `from` on; -1. */
static ptrdiff_t find_piece(struct bytes text, size_t from, const char *piece, size_t len)
{
    ptrdiff_t at = from <= text.len ? bytes_find_all(bytes_after(text, from), bytes_of(piece, len)) : -1;
    return at < 0 ? -1 : at + (ptrdiff_t)from;
}

/* What follows the first piece, which ended at `at`. */
static bool rest_fits(struct bytes text, size_t at, const char *pattern)
{
    while (*pattern == '*') {
        pattern++;
        size_t len = strcspn(pattern, "*");
        bool last = pattern[len] == '\0';
        if (len == 0 && last)
            return true;
        ptrdiff_t found = find_piece(text, at, pattern, len);
        while (found >= 0 && last && !is_border(text, (size_t)found + len))
            found = find_piece(text, (size_t)found + 1, pattern, len);
        if (found < 0)
            return false;
        at = (size_t)found + len;
        pattern += len;
    }
    return is_border(text, at);
}

bool reply_text_has(struct bytes text, const char *pattern)
{
    size_t len = strcspn(pattern, "*");
    for (ptrdiff_t at = find_piece(text, 0, pattern, len); at >= 0;
         at = find_piece(text, (size_t)at + 1, pattern, len))
        if (is_border(text, (size_t)at) && rest_fits(text, (size_t)at + len, pattern + len))
            return true;
    return false;
}
