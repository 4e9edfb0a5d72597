/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The body of one message, by DATA or BDAT: measured, never kept, but for the address in its From
 * line (RFC 5322 3.6.2). The end is CR LF . CR LF; what only looks like it (LF . LF and its like)
 * is an end when the server takes it for one: it stands alone and the server answers.
 */
#ifndef MAILWHY_DISSECTORS_SMTP_MESSAGE_H
#define MAILWHY_DISSECTORS_SMTP_MESSAGE_H

#include "dissectors/lines.h"
#include "facts/fact.h"

enum { MESSAGE_HEAD = 10 };

struct message {
    uint64_t bytes; /* without dot-stuffing and the final dot's line */
    int64_t time;
    uint8_t *from; /* the From line's value, MESSAGE_FROM_MAX allocated */
    uint32_t first_frame, last_frame, line_frame;
    uint32_t line_len, longest;
    uint16_t from_len;
    uint8_t head[MESSAGE_HEAD]; /* how the line at hand begins */
    uint8_t head_len;
    bool active : 1; /* a message has begun, with DATA or the first BDAT */
    bool bdat : 1;
    bool gap : 1, bare_lf : 1, bare_cr : 1, retransmitted : 1;
    bool cr : 1;            /* the last byte was a CR */
    bool after_crlf : 1;    /* the line before ended as it should, or this is the first */
    bool false_end : 1;     /* the last line was a dot, with another end than CR LF . CR LF */
    bool was_false_end : 1; /* the line before the one at hand was such a dot */
    bool body : 1;          /* the header is over */
    bool in_from : 1, from_done : 1;
};

enum message_event {
    MESSAGE_MORE,    /* all bytes were taken */
    MESSAGE_END,     /* the final dot's line was */
    MESSAGE_COMMAND, /* the line at hand is a command: its beginning is in head (and cr) */
};

void message_begin(struct message *m, bool bdat, const struct chunk *chunk);
/* Takes bytes of chunk from *at up to end. commands: a command may stand at the start of a line. */
enum message_event message_take(struct message *m, struct budget *budget, const struct chunk *chunk,
                                size_t *at, size_t end, bool commands);
void message_gap(struct message *m, uint64_t bytes);
/* Has anything of it been seen? */
bool message_seen(const struct message *m);
/* Fills the fact, whose view points into m. */
void message_fact(struct message *m, bool complete, struct fact *fact);
void message_done(struct message *m, struct budget *budget);

#endif
