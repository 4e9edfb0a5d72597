/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Does a sign-in in the capture fit the password that the user gave? PLAIN and LOGIN show theirs;
 * CRAM-MD5, DIGEST-MD5 and SCRAM are computed anew from what both sides said. Said is only what is
 * certain: a password beyond ASCII is tried in the character sets that devices write as well, and
 * one that fits in none may still have been written in another.
 */
#ifndef MAILWHY_DERIVE_PASSWORD_H
#define MAILWHY_DERIVE_PASSWORD_H

#include "base/secret.h"
#include "facts/attempt.h"
#include "facts/outcome.h"
#include "facts/sign_in.h"

struct password; /* opaque: the secret, and what has been computed from it */

/* secret outlives it. NULL when there is no memory. */
struct password *password_new(struct budget *budget, const struct secret *secret);
void password_free(struct password *p);

/* What limits kept from being checked: exchanges not kept whole, and SCRAM that would have taken
 * too long. */
struct password_dropped {
    uint64_t exchanges, scram;
};
struct password_dropped password_dropped(const struct password *p);

/* What became of the exchanges so far. */
struct password_counts {
    uint64_t checked;
    uint64_t doubtful;         /* beyond ASCII, and fits in no character set that is tried */
    uint64_t unchecked;        /* broken off, or not whole in the capture */
    uint64_t without_password; /* by tokens and such */
};
struct password_counts password_counts(const struct password *p);

/* One exchange; its FACT_AUTH is for the caller to set. */
struct password_check password_judge(struct password *p, const struct sign_in *sign_in);

/* Fills summary->checks, and wipes what was kept of the attempt's sign-ins. p may be NULL. */
void password_derive(struct attempt *a, struct password *p, struct summary *summary);

#endif
