/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The SMTP dialogue (RFC 5321 and its extensions): steps, pairing of commands and replies, also
 * pipelined, DATA and BDAT, AUTH exchanges, hand-over to TLS. State follows (command, reply) pairs
 * as real clients behave, not the grammar. After a gap pending pairs are forgotten and it goes on
 * at the next line.
 */
#ifndef MAILWHY_DISSECTORS_SMTP_H
#define MAILWHY_DISSECTORS_SMTP_H

#include "dissectors/dissector.h"

struct smtp; /* opaque */

enum smtp_start {
    SMTP_START_GREETING,  /* from the connection's beginning: a greeting is due */
    SMTP_START_MIDDLE,    /* the capture starts late: nothing is known to be due */
    SMTP_START_AFTER_TLS, /* inside TLS after STARTTLS: no greeting is due, an EHLO is (RFC 3207) */
};

/* attempt: where facts, secret spans go; it outlives the dissector. NULL when the budget has no
 * more. */
struct smtp *smtp_new(struct attempt *attempt, struct budget *budget, enum smtp_start start);
void smtp_free(struct smtp *s);
struct lists;
/* Capability lists that were read in other conversations, and what this one adds; it outlives the
 * dissector. */
void smtp_use_lists(struct smtp *s, struct lists *lists);

/* One chunk or gap. After the device's STARTTLS command it answers VERDICT_HOLD for device bytes
 * behind it until the server's reply: the caller keeps them and offers them again after the next
 * server chunk. The server's 220 to STARTTLS gives VERDICT_HAND_OVER: bytes of the device that were
 * held by then were sent in clear text before it and are first offered to smtp_early(). */
struct answer smtp_data(struct smtp *s, const struct chunk *chunk);
/* Device bytes held behind STARTTLS when its 220 came: told as early commands (clear text). */
void smtp_early(struct smtp *s, const struct chunk *chunk);
/* Where a hold ended without a reply (one-sided, a gap, the end, buffer full): the caller says so,
 * and offers the bytes again by smtp_data(), which no longer holds; a ClientHello among them gives
 * VERDICT_HAND_OVER. */
void smtp_release(struct smtp *s);
/* The stream ended (device or server half closed, or the attempt ended): unfinished lines, replies
 * and messages become facts. Called once. */
void smtp_end(struct smtp *s);
/* Did the device speak as a mail server that hands over to a mail store (RFC 2033): LHLO, and never
 * EHLO or HELO? */
bool smtp_was_lmtp(const struct smtp *s);
/* True while a reply of the server is due. */
bool smtp_reply_due(const struct smtp *s);

#endif
