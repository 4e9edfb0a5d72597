/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fetching mail (POP3, RFC 1939), as far as it is a sign-in: USER and PASS, APOP, AUTH (RFC 5034).
 * What became of each is a fact; passwords are marked as secret spans, and blanked where the server
 * repeats one. After a sign-in that was accepted nothing more is wanted.
 */
#ifndef MAILWHY_DISSECTORS_POP3_H
#define MAILWHY_DISSECTORS_POP3_H

#include "dissectors/dissector.h"

struct pop3; /* opaque */

/* attempt: where facts and secret spans go; it outlives the dissector. greets: the server's first
 * line is its greeting. NULL when the budget has no more. */
struct pop3 *pop3_new(struct attempt *attempt, struct budget *budget, bool greets);
void pop3_free(struct pop3 *p);
/* One chunk or gap. VERDICT_DONE after an accepted sign-in, HAND_OVER where TLS begins (STLS),
 * GIVE_UP where it is no POP3. */
struct answer pop3_data(struct pop3 *p, const struct chunk *chunk);

#endif
