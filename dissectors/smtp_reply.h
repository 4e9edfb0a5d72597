/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The server's lines to replies (RFC 5321 4.2): code, enhanced code (RFC 2034, 3463), the text of
 * all lines joined by a space, and the keywords of an EHLO reply.
 */
#ifndef MAILWHY_DISSECTORS_SMTP_REPLY_H
#define MAILWHY_DISSECTORS_SMTP_REPLY_H

#include "base/limits.h"
#include "dissectors/lines.h"
#include "facts/fact.h"

struct reply_line {
    uint16_t code;
    bool more; /* "250-": another line follows */
    bool odd;  /* no space where one is due */
    struct smtp_enhanced enhanced;
    struct bytes text;    /* behind both codes */
    struct bytes keyword; /* behind the first code alone */
};

/* False when the line has no reply code. */
bool reply_line_read(struct bytes line, struct reply_line *r);

/* A reply as it comes together. */
struct reply {
    uint32_t first_frame, last_frame;
    int64_t time;
    uint16_t code, lines, text_len;
    uint8_t words_len;
    bool mixed, retransmitted;
    bool text_clipped, words_clipped;
    bool torn; /* lines of it are missing */
    struct smtp_enhanced enhanced;
    struct fact_smtp_capabilities capabilities; /* without its view */
    uint8_t words[SMTP_AUTH_WORDS_MAX];         /* words_len of them: what that is to show */
    uint8_t text[SMTP_REPLY_TEXT_MAX];          /* text_len of them */
};

/* An empty one; what its first line fills, and what lies behind the two lengths, is left as it
 * is. */
void reply_begin(struct reply *reply);

void reply_add(struct reply *reply, const struct reply_line *r, const struct line *line);
/* A line inside a reply that has no code. */
void reply_add_text(struct reply *reply, const struct line *line);
/* The step that a reply to this command answers. */
enum smtp_step smtp_step_of(enum smtp_verb verb);

#endif
