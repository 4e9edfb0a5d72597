/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One TLS connection read with a key: what its handshake shows goes in as it comes, then sealed
 * records, and their content comes out. Which key fits, when it changes and which record number is
 * due is settled here, for TLS 1.0 to 1.3. No key, a wrong one, or an unknown cipher: nothing
 * opens, and everything else goes on as without it.
 */
#ifndef MAILWHY_DISSECTORS_TLS_DECRYPT_H
#define MAILWHY_DISSECTORS_TLS_DECRYPT_H

#include "dissectors/tls_handshake.h"
#include "dissectors/tls_keys.h"
#include "dissectors/tls_protect.h"
#include "facts/fact.h"

struct tls_decrypt; /* opaque */

/* keys outlives it. NULL when the budget has no more. */
struct tls_decrypt *tls_decrypt_new(struct tls_keys *keys, struct budget *budget);
/* Counts what became of it in keys, and wipes. */
void tls_decrypt_free(struct tls_decrypt *d);

void tls_decrypt_client_hello(struct tls_decrypt *d, const struct tls_client_hello *hello);
void tls_decrypt_server_hello(struct tls_decrypt *d, const struct tls_server_hello *hello);
/* Bytes of handshake messages as they come, header and all; begins: a message begins with them. */
void tls_decrypt_transcript(struct tls_decrypt *d, struct bytes bytes, bool begins);
/* The body of a ClientKeyExchange, of a NewSessionTicket in clear (RFC 5077 3.3). */
void tls_decrypt_key_exchange(struct tls_decrypt *d, struct bytes body);
void tls_decrypt_ticket(struct tls_decrypt *d, struct bytes body);
/* Up to TLS 1.2: a ChangeCipherSpec. */
void tls_decrypt_change(struct tls_decrypt *d, enum side from);
/* TLS 1.3: a side's Finished, its KeyUpdate. */
void tls_decrypt_finished(struct tls_decrypt *d, enum side from);
void tls_decrypt_key_update(struct tls_decrypt *d, enum side from);
/* Bytes are missing in that direction. */
void tls_decrypt_gap(struct tls_decrypt *d, enum side from);
/* A sealed record that ends in that frame. out has room for its payload. False: it stays sealed. */
bool tls_decrypt_open(struct tls_decrypt *d, enum side from, const struct tls_sealed *record,
                      uint32_t frame, uint8_t *out, struct bytes *content, uint8_t *type);

#endif
