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
 * case does not count. Most phrases are ruled out by their first pairs. */
struct text_pairs {
    uint32_t after[32]; /* for each first character, a bit for each second one */
};
void text_pairs_of(struct text_pairs *pairs, struct bytes text);
/* May this phrase, or a pattern as above, stand in the text, going by its pairs? */
static inline bool text_pairs_may(const struct text_pairs *pairs, const char *phrase)
{
    if (*phrase == '\0')
        return true;
    for (const char *at = phrase; at[1] != '\0'; at++)
        if (at[0] != '*' && at[1] != '*' &&
            !(pairs->after[(uint8_t)at[0] & 31] >> ((uint8_t)at[1] & 31) & 1))
            return false;
    return true;
}

#endif
