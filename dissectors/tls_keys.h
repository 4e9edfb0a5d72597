/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The keys that the user gave: secrets of sessions out of key logs (SSLKEYLOGFILE, or a pcapng's
 * decryption secrets blocks), and private RSA keys. Bounded, wiped when freed, never printed. All
 * connections of a reading wing look here; what became of it is counted for a word to the user.
 */
#ifndef MAILWHY_DISSECTORS_TLS_KEYS_H
#define MAILWHY_DISSECTORS_TLS_KEYS_H

#include "base/bytes.h"
#include "base/mem.h"
#include "base/status.h"

enum tls_secret {
    TLS_SECRET_MASTER,           /* CLIENT_RANDOM: up to TLS 1.2 */
    TLS_SECRET_HANDSHAKE_DEVICE, /* RFC 8446 7.1 */
    TLS_SECRET_HANDSHAKE_SERVER,
    TLS_SECRET_TRAFFIC_DEVICE, /* application data, the first of them */
    TLS_SECRET_TRAFFIC_SERVER,
    TLS_SECRETS,
};

enum { TLS_RANDOM_SIZE = 32, TLS_MASTER_SIZE = 48, TLS_SECRET_MAX = 48 };

struct tls_keys; /* opaque */
struct tls_crypto;

/* NULL when there is no memory. */
struct tls_keys *tls_keys_new(struct budget *budget);
void tls_keys_free(struct tls_keys *k);
/* Secrets will come although there are none yet (live). False when the library does not work. */
bool tls_keys_expect(struct tls_keys *k);
/* Is there anything to read with, now or later? Without it connections spend nothing on it. */
bool tls_keys_worth_it(const struct tls_keys *k);

/* Whole lines of a key log. Returns how many of them held a secret that is of use here. */
size_t tls_keys_read_log(struct tls_keys *k, struct bytes text);
/* Adds the private keys in pem that are RSA. Where none is, what the status means: tls_crypto.h,
 * tls_rsa_read(); STATUS_LIMIT: too many. */
enum status tls_keys_read_rsa(struct tls_keys *k, struct bytes pem);

/* The secret of the session whose ClientHello had this random; empty when it is not there. */
struct bytes tls_keys_find(const struct tls_keys *k, enum tls_secret secret,
                           const uint8_t random[TLS_RANDOM_SIZE]);
bool tls_keys_has_rsa(const struct tls_keys *k);
/* Opens a pre-master secret by any of the private keys; false when none fits. */
bool tls_keys_rsa_open(const struct tls_keys *k, struct bytes sealed, uint8_t out[TLS_MASTER_SIZE]);
const struct tls_crypto *tls_keys_crypto(const struct tls_keys *k);
/* Changes whenever secrets are added. */
uint32_t tls_keys_generation(const struct tls_keys *k);

/* Master secrets for sessions that are resumed later, of which a key log may hold nothing: name is
 * that of a session id or a ticket, 0 = none. The latest few are kept. */
uint64_t tls_keys_name(struct bytes id);
void tls_keys_remember(struct tls_keys *k, uint64_t name, struct bytes master);
struct bytes tls_keys_recall(const struct tls_keys *k, uint64_t name);

/* The session whose ClientHello had this random is read without a key: should its secrets come
 * later, that is counted. */
void tls_keys_missed(struct tls_keys *k, const uint8_t random[TLS_RANDOM_SIZE]);

/* What became of one TLS session's encrypted part. */
enum tls_reading {
    TLS_READ,
    TLS_READ_IN_PART,
    TLS_NO_KEY,
    TLS_NO_START, /* no key opens it: a hello is missing */
    TLS_WRONG_KEY,
    TLS_NOT_SUPPORTED,
    TLS_READINGS
};
void tls_keys_count(struct tls_keys *k, enum tls_reading reading, uint32_t frame);

struct tls_keys_stats {
    uint32_t secrets, dropped; /* kept; forgotten because there were too many */
    uint32_t late; /* came when their session had been read without them, or was being */
    uint32_t sessions[TLS_READINGS];    /* by what became of them */
    uint32_t first_frame[TLS_READINGS]; /* of the first such session's encrypted part */
};
void tls_keys_stats(const struct tls_keys *k, struct tls_keys_stats *stats);

#endif
