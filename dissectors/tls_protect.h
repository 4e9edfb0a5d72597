/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Record protection of one direction with known keys (RFC 8446 5.2, RFC 5246 6.2.3, RFC 7366): a
 * sealed record in, its content out if its check fits. Record numbers may have been lost in a gap:
 * a bounded number of later ones is tried.
 */
#ifndef MAILWHY_DISSECTORS_TLS_PROTECT_H
#define MAILWHY_DISSECTORS_TLS_PROTECT_H

#include "dissectors/tls_suite.h"

enum { TLS_KEY_MAX = 32, TLS_IV_MAX = 16 };

struct tls_protect {
    const struct tls_suite *suite; /* NULL = no keys */
    struct tls_stream *stream;
    uint64_t number; /* of the record that is due (RFC 5246 6.1) */
    uint16_t version;
    bool mac_last; /* RFC 7366: encrypt, then MAC */
    bool iv_lost;  /* TLS 1.0, CBC: the block before this record was not seen */
    uint8_t key[TLS_KEY_MAX], iv[TLS_IV_MAX], mac_key[TLS_HASH_MAX];
};

struct tls_sealed {
    uint8_t type; /* on the wire */
    uint16_t version;
    struct bytes payload;
};

/* Bytes of key_block that each of these needs for both directions (RFC 5246 6.3). */
size_t tls_key_block_size(const struct tls_suite *suite, uint16_t version);
/* Up to TLS 1.2, out of a key block. False where the library lacks the cipher; wipe afterwards in
 * any case. */
bool tls_protect_from_block(struct tls_protect *p, const struct tls_crypto *c,
                            const struct tls_suite *suite, uint16_t version, bool mac_last,
                            struct bytes block, bool by_server);
/* TLS 1.3, out of a traffic secret. */
bool tls_protect_from_secret(struct tls_protect *p, const struct tls_crypto *c,
                             const struct tls_suite *suite, struct bytes secret);
/* Opens a record into out, which has room for payload.len bytes; tries ahead more record numbers
 * than the next. True: *content is in out, *type is what it holds; the number is behind it. False:
 * nothing has changed but what the cipher carries on from record to record. */
bool tls_protect_open(struct tls_protect *p, const struct tls_crypto *c,
                      const struct tls_sealed *record, unsigned ahead, uint8_t *out,
                      struct bytes *content, uint8_t *type);
void tls_protect_wipe(struct tls_protect *p);

#endif
