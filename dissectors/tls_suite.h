/* SPDX-License-Identifier: BSD-3-Clause */
/* How a cipher suite protects records, read from the end of its IANA name. */
#ifndef MAILWHY_DISSECTORS_TLS_SUITE_H
#define MAILWHY_DISSECTORS_TLS_SUITE_H

#include "dissectors/tls_crypto.h"

enum tls_mode { TLS_MODE_AEAD, TLS_MODE_CBC, TLS_MODE_STREAM /* RC4, and no cipher at all */ };

struct tls_suite {
    const char *name; /* behind _WITH_, or in TLS 1.3 behind TLS_ */
    uint8_t cipher;   /* enum tls_cipher */
    uint8_t mode;     /* enum tls_mode */
    uint8_t key_size;
    uint8_t iv_size;  /* AEAD: of the derived part of the nonce up to TLS 1.2; CBC: a block */
    uint8_t tag_size; /* AEAD */
    uint8_t mac;      /* enum tls_hash; AEAD: none */
    uint8_t prf;      /* enum tls_hash, from TLS 1.2 on */
};

/* NULL for what cannot be read. */
const struct tls_suite *tls_suite_of(uint16_t cipher);

#endif
