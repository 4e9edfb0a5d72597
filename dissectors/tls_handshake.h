/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The bodies of handshake messages (RFC 8446 4, RFC 5246 7.4) to the values of facts: each function
 * takes one body, complete or cut short, and fills what it could read. Views point into the body.
 */
#ifndef MAILWHY_DISSECTORS_TLS_HANDSHAKE_H
#define MAILWHY_DISSECTORS_TLS_HANDSHAKE_H

#include "base/bytes.h"
#include "facts/fact.h"

enum tls_handshake_type {
    TLS_HELLO_REQUEST = 0,
    TLS_CLIENT_HELLO = 1,
    TLS_SERVER_HELLO = 2,
    TLS_NEW_SESSION_TICKET = 4,
    TLS_END_OF_EARLY_DATA = 5,
    TLS_ENCRYPTED_EXTENSIONS = 8,
    TLS_CERTIFICATE = 11,
    TLS_SERVER_KEY_EXCHANGE = 12,
    TLS_CERTIFICATE_REQUEST = 13,
    TLS_SERVER_HELLO_DONE = 14,
    TLS_CERTIFICATE_VERIFY = 15,
    TLS_CLIENT_KEY_EXCHANGE = 16,
    TLS_FINISHED = 20,
    TLS_CERTIFICATE_URL = 21,
    TLS_CERTIFICATE_STATUS = 22,
    TLS_SUPPLEMENTAL_DATA = 23,
    TLS_KEY_UPDATE = 24,
    TLS_COMPRESSED_CERTIFICATE = 25, /* RFC 8879 */
    TLS_SSLV2_CLIENT_HELLO = 255,    /* ours */
};

/* Can a handshake message of this type be so long? What is not is encrypted or damaged. */
bool tls_handshake_plausible(uint8_t type, uint32_t length);

enum { TLS_EXTENSIONS_MAX = 64 };

struct tls_client_hello {
    struct fact_client_hello fact;
    struct bytes random, session_id, ticket;
    bool clipped; /* cut short, damaged, or more extensions than fit */
    uint8_t extension_types[2 * TLS_EXTENSIONS_MAX]; /* behind fact.extensions */
    uint8_t challenge[32];                           /* behind random in the SSLv2 form */
};

/* False when not even the version is there. */
bool tls_client_hello_read(struct bytes body, struct tls_client_hello *hello);
/* The SSLv2-style hello, from its message type on. */
bool tls_sslv2_hello_read(struct bytes body, struct tls_client_hello *hello);

struct tls_server_hello {
    struct fact_server_hello fact; /* resumed: a PSK was taken (1.3) */
    struct bytes random, session_id;
    uint8_t compression;
    bool extended_master; /* RFC 7627 */
    bool mac_last;        /* RFC 7366: encrypt_then_mac */
};

bool tls_server_hello_read(struct bytes body, struct tls_server_hello *hello);
/* cipher: the chosen one, 0 = not seen. What belongs to none of the kinds stays KX_UNKNOWN. */
struct fact_key_exchange tls_key_exchange_read(struct bytes body, uint16_t cipher);
struct fact_certificate_request tls_certificate_request_read(struct bytes body, uint16_t version);

#endif
