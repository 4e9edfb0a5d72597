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

#endif
