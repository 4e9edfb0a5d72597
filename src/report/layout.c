/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/layout.h"

void layout_spaces(struct text *out, size_t n)
{
    while (n-- > 0)
        text_add_char(out, ' ');
}

static bool is_one_of(uint32_t c, const char *list)
{
    size_t n = strlen(list);
    while (n > 0) {
        uint32_t one = 0;
        size_t len = text_utf8((const uint8_t *)list, n, &one);
        if (len == 0)
            return false;
        if (one == c)
            return true;
        list += len;
        n -= len;
    }
    return false;
}

/* Japanese line breaking (kinsoku): what may not begin a line, and what may not end one. */
static bool may_not_begin(uint32_t c)
{
    return is_one_of(c, "、。,.」』)]}・ーぁぃぅぇぉっゃゅょァィゥェォッャュョ:;!?%…」)");
}

static bool may_not_end(uint32_t c)
{
    return is_one_of(c, "「『([{(");
}

/* A word in katakana stays together. */
static bool is_katakana(uint32_t c)
{
    return c >= 0x30a0 && c <= 0x30ff && c != 0x30fb;
}

/* Length of the piece from s that stays together, with the space behind it left out; *skip: that
 * piece and the spaces after it. */
static size_t piece(const char *s, size_t *skip)
{
    size_t n = strlen(s), at = 0;
    uint32_t before = 0;
    bool wide_before = false;
    while (at < n && s[at] != ' ') {
        uint32_t c = 0;
        size_t len = text_utf8((const uint8_t *)s + at, n - at, &c);
        if (len == 0)
            len = 1;
        bool is_wide = text_width(s + at, len) == 2;
        if (at > 0 && (is_wide || wide_before) && !may_not_begin(c) && !may_not_end(before) &&
            !(is_katakana(c) && is_katakana(before)))
            break;
        before = c;
        wide_before = is_wide;
        at += len;
    }
    *skip = at;
    while (s[*skip] == ' ')
        (*skip)++;
    return at;
}

void layout_wrap(struct text *out, const char *s, size_t columns, size_t first, size_t indent)
{
    size_t used = first;
    bool fresh = true; /* nothing of s on this line yet */
    bool space = false;
    while (*s == ' ')
        s++;
    while (*s) {
        size_t skip, n = piece(s, &skip), width = text_width(s, n);
        if (!fresh && used + space + width > columns) {
            text_add_char(out, '\n');
            layout_spaces(out, indent);
            used = indent;
            fresh = true;
        }
        if (space && !fresh) {
            text_add_char(out, ' ');
            used++;
        }
        text_add_n(out, s, n);
        used += width;
        fresh = false;
        space = skip > n;
        s += skip;
    }
    text_add_char(out, '\n');
}
