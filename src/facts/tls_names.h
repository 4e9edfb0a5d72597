/* SPDX-License-Identifier: BSD-3-Clause */
/* Names and kinds for IANA's TLS numbers, generated from data/ by the build. */
#ifndef MAILWHY_FACTS_TLS_NAMES_H
#define MAILWHY_FACTS_TLS_NAMES_H

#include <stdbool.h>
#include <stdint.h>

/* "TLS 1.2", "SSL 2.0", …; NULL when unknown. */
const char *tls_version_name(uint16_t version);
/* IANA's name, "TLS_RSA_WITH_RC4_128_SHA"; NULL when unknown. */
const char *tls_cipher_name(uint16_t cipher);
/* "protocol_version"; NULL when unknown. */
const char *tls_alert_name(uint8_t code);
/* "x25519", "secp256r1"; NULL when unknown. */
const char *tls_group_name(uint16_t group);
/* "rsa_pss_rsae_sha256"; NULL when unknown. */
const char *tls_signature_name(uint16_t scheme);

enum tls_kx {
    TLS_KX_UNKNOWN,
    TLS_KX_RSA,
    TLS_KX_DHE,
    TLS_KX_ECDHE,
    TLS_KX_DH,
    TLS_KX_ECDH,
    TLS_KX_ANON,
    TLS_KX_PSK,
    TLS_KX_13
};
enum tls_bulk {
    TLS_BULK_UNKNOWN,
    TLS_BULK_NULL,
    TLS_BULK_EXPORT,
    TLS_BULK_RC4,
    TLS_BULK_DES,
    TLS_BULK_3DES,
    TLS_BULK_CBC,
    TLS_BULK_AEAD
};

struct tls_cipher_kind {
    uint8_t kx, bulk; /* enum tls_kx, enum tls_bulk */
    bool ecdsa;       /* server authenticates by ECDSA */
    bool weak;        /* RC4, 3DES, DES, EXPORT, NULL or anonymous */
    bool signalling;  /* no cipher: an SCSV or GREASE */
};
struct tls_cipher_kind tls_cipher_kind(uint16_t cipher);
bool tls_is_grease(uint16_t value);

#endif
