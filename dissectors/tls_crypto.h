/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The primitives that reading TLS with a key needs, by OpenSSL: HMAC and what TLS derives with it
 * (RFC 5246 5, RFC 8446 7.1), AEAD, CBC and stream ciphers, RSA. Nothing here knows a record or a
 * session, and no key stays behind a call but in struct tls_stream and struct tls_rsa.
 */
#ifndef MAILWHY_DISSECTORS_TLS_CRYPTO_H
#define MAILWHY_DISSECTORS_TLS_CRYPTO_H

#include "base/bytes.h"
#include "base/status.h"

enum tls_hash {
    TLS_HASH_NONE,
    TLS_HASH_MD5,
    TLS_HASH_SHA1,
    TLS_HASH_SHA256,
    TLS_HASH_SHA384,
    TLS_HASHES
};
enum { TLS_HASH_MAX = 48 };

enum tls_cipher {
    TLS_CIPHER_NULL,
    TLS_CIPHER_AES_128_GCM,
    TLS_CIPHER_AES_256_GCM,
    TLS_CIPHER_ARIA_128_GCM,
    TLS_CIPHER_ARIA_256_GCM,
    TLS_CIPHER_AES_128_CCM,
    TLS_CIPHER_AES_256_CCM,
    TLS_CIPHER_CHACHA20_POLY1305,
    TLS_CIPHER_AES_128_CBC,
    TLS_CIPHER_AES_256_CBC,
    TLS_CIPHER_ARIA_128_CBC,
    TLS_CIPHER_ARIA_256_CBC,
    TLS_CIPHER_CAMELLIA_128_CBC,
    TLS_CIPHER_CAMELLIA_256_CBC,
    TLS_CIPHER_3DES_CBC,
    TLS_CIPHER_DES_CBC,
    TLS_CIPHER_SEED_CBC,
    TLS_CIPHER_IDEA_CBC,
    TLS_CIPHER_RC4,
    TLS_CIPHERS,
};

struct
    tls_crypto; /* the library as we use it: a context of its own, with the legacy ciphers where installed */
struct tls_stream; /* a stream cipher's place in its key stream */
struct tls_rsa;    /* a private key */
struct tls_digest; /* a hash that goes on */

/* NULL when the library has no memory or does not work. */
struct tls_crypto *tls_crypto_new(void);
void tls_crypto_free(struct tls_crypto *c);
/* The older algorithms may not be installed. */
bool tls_crypto_has(const struct tls_crypto *c, enum tls_cipher cipher);
size_t tls_hash_size(enum tls_hash hash);

/* Each of the following is false when the library refuses; out is then not to be read. */

/* HMAC over count parts, tls_hash_size() bytes. */
bool tls_hmac(const struct tls_crypto *c, enum tls_hash hash, struct bytes key,
              const struct bytes *parts, size_t count, uint8_t *out);
/* RFC 5246 5; hash TLS_HASH_NONE is the PRF of TLS 1.0 and 1.1 (RFC 2246 5). The seed in two
 * parts. */
bool tls_prf(const struct tls_crypto *c, enum tls_hash hash, struct bytes secret, const char *label,
             struct bytes seed, struct bytes more_seed, uint8_t *out, size_t len);
/* RFC 8446 7.1: HKDF-Expand-Label with an empty context. */
bool tls_expand_label(const struct tls_crypto *c, enum tls_hash hash, struct bytes secret,
                      const char *label, uint8_t *out, size_t len);

/* Opens text.len bytes of AEAD into out; false as well where the tag does not fit. The nonce has 12
 * bytes. */
bool tls_aead_open(const struct tls_crypto *c, enum tls_cipher cipher, const uint8_t *key,
                   const uint8_t *nonce, struct bytes more, struct bytes text, struct bytes tag,
                   uint8_t *out);
/* text.len must be whole blocks. Padding is left in out. */
bool tls_cbc_open(const struct tls_crypto *c, enum tls_cipher cipher, const uint8_t *key,
                  const uint8_t *iv, struct bytes text, uint8_t *out);
struct tls_stream *tls_stream_new(const struct tls_crypto *c, enum tls_cipher cipher,
                                  const uint8_t *key);
bool tls_stream_open(struct tls_stream *s, struct bytes text, uint8_t *out);
void tls_stream_free(struct tls_stream *s);

/* Hash of all handshake messages so far (RFC 7627 3); hash TLS_HASH_NONE is MD5 and SHA-1, one
 * behind the other. */
struct tls_digest *tls_digest_new(const struct tls_crypto *c, enum tls_hash hash);
void tls_digest_add(struct tls_digest *d, struct bytes b);
/* The hash as of now, into out (TLS_HASH_MAX bytes); returns its length, 0 where the library
 * refuses. */
size_t tls_digest_now(const struct tls_digest *d, uint8_t *out);
void tls_digest_free(struct tls_digest *d);

/* Reads the first private key of *pem, which then begins behind it. STATUS_OK; STATUS_NO_PERMISSION when a passphrase is wanted, STATUS_UNSUPPORTED for another kind
 * of key or a public one, STATUS_NOT_FOUND for what is no key. */
enum status tls_rsa_read(const struct tls_crypto *c, struct bytes *pem, struct tls_rsa **rsa);
void tls_rsa_free(struct tls_rsa *rsa);
/* RFC 5246 7.4.7.1: the pre-master secret of 48 bytes. */
bool tls_rsa_open(const struct tls_crypto *c, const struct tls_rsa *rsa, struct bytes sealed,
                  uint8_t out[48]);

#endif
