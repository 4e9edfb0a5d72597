/* SPDX-License-Identifier: BSD-3-Clause */
/* One line of the device to a command (RFC 5321 4.1 and the extensions' own), by table. */
#ifndef MAILWHY_DISSECTORS_SMTP_COMMAND_H
#define MAILWHY_DISSECTORS_SMTP_COMMAND_H

#include "facts/fact.h"

struct smtp_command {
    enum smtp_verb verb;
    bool strict;       /* written just as the RFC has it: hardly a line of a message or of an AUTH
                    exchange */
    bool binary;       /* control characters in it */
    bool clipped;      /* arg was shortened */
    struct bytes arg;  /* as in struct fact_smtp_command */
    struct bytes rest; /* all behind the first word, as it stands in the line */
    uint32_t size;     /* MAIL SIZE=, BDAT size */
    bool last;         /* BDAT LAST, BURL LAST */
    struct bytes mechanism; /* AUTH: the word, empty where it is none */
    struct bytes initial;   /* AUTH: the initial response, a secret */
};

void smtp_command_read(struct bytes line, struct smtp_command *c);
/* May its first word be a verb? Few lines that are no command get that far. */
bool smtp_command_may_be(struct bytes line);
/* Could a line that begins so be a MAIL command (RFC 5321 4.1.1.2)? */
bool smtp_command_is_mail(struct bytes beginning);
/* Is it QUIT or RSET, with nothing behind it? */
bool smtp_command_is_leaving(struct bytes line);
/* A number at the start of b, no more than UINT32_MAX; *digits: how long it is. */
uint32_t smtp_number(struct bytes b, size_t *digits);
/* The word up to a space or tab at the start of *b, which then begins behind the spaces. */
struct bytes smtp_word(struct bytes *b);
/* At most max bytes, never ending inside a UTF-8 character. */
struct bytes smtp_clip(struct bytes b, size_t max);

#endif
