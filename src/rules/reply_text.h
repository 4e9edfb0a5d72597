/* SPDX-License-Identifier: BSD-3-Clause */
/* A reply's text in the form in which the patterns of the reply table are looked for. */
#ifndef MAILWHY_RULES_REPLY_TEXT_H
#define MAILWHY_RULES_REPLY_TEXT_H

#include "base/bytes.h"

enum { REPLY_TEXT_MAX = 1024 };

/* Lower case, white space folded, Latin letters without their accents, <…> (but for <lf>, <cr>, <crlf>)
 * and words with @ left out, into room; what does not fit is left out. */
struct bytes reply_text_normal(struct bytes text, uint8_t *room, size_t size);
/* Does a text in that form hold the pattern, beginning and ending at a word border? '*' in it matches
 * any run of characters. */
bool reply_text_has(struct bytes text, const char *pattern);

/* Which two characters stand side by side somewhere in a text; letters by their lower five bits, so that
 * case does not count. Most phrases are ruled out by their first three. */
struct text_pairs {
    uint64_t bits[16];
};
void text_pairs_of(struct text_pairs *pairs, struct bytes text);
static inline bool text_pairs_has(const struct text_pairs *pairs, const char *two)
{
    unsigned pair = ((unsigned)two[0] & 31) << 5 | ((unsigned)two[1] & 31);
    return (pairs->bits[pair / 64] & UINT64_C(1) << (pair % 64)) != 0;
}
/* May this phrase, or a pattern as above, stand in the text, going by its first three characters? */
static inline bool text_pairs_may(const struct text_pairs *pairs, const char *phrase)
{
    for (const char *at = phrase; at < phrase + 2; at++) {
        if (at[0] == '\0' || at[0] == '*' || at[1] == '\0' || at[1] == '*')
            return true;
        if (!text_pairs_has(pairs, at))
            return false;
    }
    return true;
}

#endif
