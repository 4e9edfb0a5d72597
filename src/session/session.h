/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who reads what of one connection: finds out what is spoken, and passes chunks to the dissector
 * whose turn it is, over STARTTLS too. A switchboard and no more.
 */
#ifndef MAILWHY_SESSION_SESSION_H
#define MAILWHY_SESSION_SESSION_H

#include "facts/chunk.h"
#include "session/ndpi.h"

struct session; /* opaque */
struct tls_keys;
struct lists;

/* attempt and keys outlive it. namer and keys (what TLS is read with) may be NULL. NULL when the budget has no more. */
struct session *session_new(struct attempt *attempt, struct budget *budget, struct namer *namer,
                            struct tls_keys *keys);
void session_free(struct session *s);
/* Capability lists that were read in other connections (dissectors/smtp_lists.h); they outlive it. */
void session_use_lists(struct session *s, struct lists *lists);
/* Chunks of both sides in the order of capture. */
void session_chunk(struct session *s, const struct chunk *chunk);
/* The connection is over: what is unfinished becomes facts. Called once. */
void session_end(struct session *s);
/* False once it is clear that this is no mail conversation: the connection can be let go. */
bool session_is_mail(const struct session *s);
/* True for POP3: no attempt, but of interest to the history; session_is_over(): all that it wants is known. */
bool session_is_fetching(const struct session *s);
bool session_is_over(const struct session *s);
/* It is mail, decided and not over, and all of it is read here: the usual state, asked at once. */
bool session_reads_on(const struct session *s);
/* True once SMTP or TLS was recognised, or the port alone says mail. */
bool session_is_decided(const struct session *s);

#endif
