/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TLS as far as the wire shows it: records reassembled into handshake messages over any split
 * (RFC 5246, 8446; SSL 3.0 and the SSLv2-style hello), facts for hellos, certificates, key
 * exchange, alerts, and the trace of encrypted records. After a gap it goes on at the next record
 * that can be recognised.
 */
#ifndef MAILWHY_DISSECTORS_TLS_H
#define MAILWHY_DISSECTORS_TLS_H

#include "dissectors/dissector.h"

struct tls; /* opaque */
struct tls_keys;

/* Where application data goes once it is decrypted: chunks of ORIGIN_DECRYPTED with their record's
 * last frame and offsets in the plaintext, and gaps where records could not be read. */
struct tls_sink {
    void (*data)(void *state, const struct chunk *chunk);
    void *state;
};

/* after_starttls: clear-text SMTP here is a broken STARTTLS. NULL when the budget has no more. */
struct tls *tls_new(struct attempt *attempt, struct budget *budget, bool after_starttls);
void tls_free(struct tls *t);
/* Called before any data: what is encrypted is read with these keys where one fits. keys outlives
 * it. */
void tls_use_keys(struct tls *t, struct tls_keys *keys, struct tls_sink sink);
/* There is no key for it, or none that fits what has come so far. */
bool tls_stays_sealed(const struct tls *t);
/* VERDICT_OK; or VERDICT_GIVE_UP once a side sends what is no TLS record (FACT_TLS_BROKEN was
 * added, with smtp_text where it looks like SMTP lines; taken = bytes of this chunk that still
 * belonged to TLS). */
struct answer tls_data(struct tls *t, const struct chunk *chunk);
/* After VERDICT_GIVE_UP: bytes (at most four) of earlier chunks of that side that had been taken
 * for the beginning of a record; they stand right before those that were not taken. Also after
 * tls_end(). */
struct bytes tls_leftover(const struct tls *t, enum side from);
/* The streams end: what is unfinished becomes facts as far as it can be read. Called once. */
void tls_end(struct tls *t);

/* Could this be the beginning of a TLS (or SSLv2-style) ClientHello? -1 no, 0 too short to tell, 1
 * yes. */
int tls_looks_like_hello(struct bytes b);

#endif
