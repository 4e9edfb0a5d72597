/* SPDX-License-Identifier: BSD-3-Clause */
/* One AUTH exchange (RFC 4954) and the words with which servers refuse it. */
#ifndef MAILWHY_RULES_EXCHANGE_H
#define MAILWHY_RULES_EXCHANGE_H

#include "rules/ask.h"

/* Methods that prove the password without sending it. */
#define DIGEST_METHODS                                                                             \
    (AUTH_BIT(AUTH_CRAM_MD5) | AUTH_BIT(AUTH_DIGEST_MD5) | AUTH_BIT(AUTH_NTLM) |                   \
     AUTH_BIT(AUTH_SCRAM_SHA_1) | AUTH_BIT(AUTH_SCRAM_SHA_256) | AUTH_BIT(AUTH_SCRAM_SHA_1_PLUS) | \
     AUTH_BIT(AUTH_SCRAM_SHA_256_PLUS))

/* The AUTH command that a reply to AUTH belongs to; NULL. */
const struct fact *exchange_of(const struct view *v, const struct fact *reply);
/* The last capability list before a fact, from the layer (clear or inside TLS) in which that took place. */
const struct fact *exchange_list(const struct view *v, const struct fact *fact);
/* The method of a sign-in whose AUTH the capture lacks, as the server's own words tell it: the refusal that names
 * it, the challenge that no other method has (it is *challenge then, else NULL). AUTH_NONE: they do not. */
enum auth_mechanism exchange_method_of_server(const struct view *v, const struct fact *reply,
                                              const struct fact **challenge);
/* A list that was given and names no AUTH. */
bool exchange_not_listed(const struct fact *list);
/* Methods that send a token (OAuth), and those in which no password takes part. */
bool exchange_is_oauth(const struct fact *auth);
bool exchange_without_password(const struct fact *auth);
/* The last line that the device sent in this exchange before the reply; NULL. */
const struct fact *exchange_last_step(const struct view *v, const struct fact *auth,
                                      const struct fact *reply);

/* What a refusal's text speaks of. */
bool exchange_refuses_method(const struct fact *reply, const struct fact *auth);
bool exchange_names_method(const struct fact *reply, const struct fact *auth);
bool exchange_speaks_of_credentials(const struct fact *reply);
/* … of something else than method, name or password. */
bool exchange_speaks_of_else(const struct fact *reply);
/* … of a sign-in that is needed. */
bool exchange_wants_sign_in(const struct fact *reply);
/* … of signing in, in whatever way. */
bool exchange_speaks_of_sign_in(const struct fact *reply);

#endif
