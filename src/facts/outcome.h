/* SPDX-License-Identifier: BSD-3-Clause */
/* How an attempt came out, in the words of the NDJSON contract. Derived, not seen. */
#ifndef MAILWHY_FACTS_OUTCOME_H
#define MAILWHY_FACTS_OUTCOME_H

#include "facts/inferred.h"

enum outcome {
    OUTCOME_DELIVERED,
    OUTCOME_FAILED,
    OUTCOME_NO_MAIL,
    OUTCOME_INCOMPLETE,
    OUTCOME_UNKNOWN,
    OUTCOMES
};
enum stage {
    STAGE_DNS,
    STAGE_CONNECT,
    STAGE_GREETING,
    STAGE_EHLO,
    STAGE_STARTTLS,
    STAGE_TLS,
    STAGE_AUTH,
    STAGE_ENVELOPE,
    STAGE_DATA,
    STAGE_DONE
};
enum security { SECURITY_UNKNOWN, SECURITY_NONE, SECURITY_STARTTLS, SECURITY_IMPLICIT_TLS };
enum inside { INSIDE_NONE, INSIDE_OPAQUE, INSIDE_INFERRED, INSIDE_DECRYPTED };

const char *outcome_name(enum outcome o);   /* "no-mail" */
const char *stage_name(enum stage s);       /* "envelope" */
const char *security_name(enum security s); /* "implicit-tls" */

struct fact;
struct chain_verdict;

/* What became of the check of a sign-in against the password that the user gave
 * (derive/password). */
enum password_result { PASSWORD_NOT_CHECKED, PASSWORD_RIGHT, PASSWORD_WRONG };
enum { PASSWORD_CHECKS_MAX = 8 };

struct password_check {
    const struct fact *auth; /* its FACT_AUTH */
    const char *charset;     /* in which it fits; NULL = as it was given */
    uint8_t result;          /* enum password_result */
};

/* What the summary of one attempt says beside its findings; views into its timeline. */
struct summary {
    enum outcome outcome;
    enum stage stage; /* before findings: the last step that the device began */
    enum security security;
    enum inside inside; /* INSIDE_NONE: no TLS session came up */
    bool smtp_seen, tls_seen;
    bool quit_answered, anything_refused;
    uint32_t accepted; /* messages accepted by the server */
    uint32_t messages_refused, recipients_accepted, recipients_refused, mails_begun;
    const struct fact *client_hello, *server_hello, *tls_up, *fatal_alert; /* NULL = none */
    const struct fact *ehlo, *capabilities_clear,
        *capabilities; /* last EHLO; last lists, in clear and at all */
    const struct fact *auth, *identity, *last_reply;
    const struct fact *mail, *rcpt,
        *accepting; /* the first MAIL, the first RCPT behind it, the first 2xx to
                                                   a message */
    bool laborious; /* something was sent again and again before it arrived */
    const struct chain_verdict
        *chain; /* of the certificates that the device did not take; NULL = not judged */
    struct password_check
        checks[PASSWORD_CHECKS_MAX]; /* of the sign-ins, against the password given */
    uint8_t check_count;
    struct inferred
        inferred; /* with INSIDE_INFERRED, and where the handshake broke off at its edge */
};

#endif
