/* SPDX-License-Identifier: BSD-3-Clause */
/* The rules of the TLS handshake, in two files: the server refuses the hello; the device refuses the server. */
#ifndef MAILWHY_RULES_TLS_RULES_H
#define MAILWHY_RULES_TLS_RULES_H

#include "facts/tls_names.h"
#include "rules/ask.h"

/* RFC 5246 7.2, RFC 8446 6.2 */
enum {
    ALERT_HANDSHAKE_FAILURE = 40, ALERT_NO_CERTIFICATE = 41, ALERT_BAD_CERTIFICATE = 42,
    ALERT_UNSUPPORTED_CERTIFICATE = 43, ALERT_CERTIFICATE_REVOKED = 44, ALERT_CERTIFICATE_EXPIRED = 45,
    ALERT_CERTIFICATE_UNKNOWN = 46, ALERT_ILLEGAL_PARAMETER = 47, ALERT_UNKNOWN_CA = 48, ALERT_DECODE_ERROR = 50,
    ALERT_PROTOCOL_VERSION = 70, ALERT_INSUFFICIENT_SECURITY = 71, ALERT_INTERNAL_ERROR = 80,
    ALERT_INAPPROPRIATE_FALLBACK = 86, ALERT_UNRECOGNIZED_NAME = 112, ALERT_CERTIFICATE_REQUIRED = 116,
};

enum { VERSION_TLS_1_1 = 0x0302, VERSION_TLS_1_2 = 0x0303, VERSION_TLS_1_3 = 0x0304 };

/* The two bytes at i of a list from a hello. */
static inline uint16_t tls_pair_at(struct bytes b, size_t i)
{
    return (uint16_t)(b.at[i] << 8 | b.at[i + 1]);
}

/* The first fatal alert of this code from a side; NULL. */
const struct fact *tls_fatal_alert(const struct view *v, enum side from, uint8_t code);
/* The server's choice of version and cipher before a fact; a HelloRetryRequest is none. */
const struct fact *tls_choice_before(const struct view *v, const struct fact *fact);
void tls_tell_alert(const struct view *v, struct finding *f, const struct fact *alert);
/* The newest version that a hello offers: {offered}; hello may be NULL. */
void tls_tell_offer(struct finding *f, const struct fact *hello);
/* Nothing newer than TLS 1.1? */
bool tls_offers_only_old(const struct fact *hello);
/* A key exchange before end whose key is too short for today's devices; NULL. */
const struct fact *tls_weak_key_before(const struct view *v, const struct fact *end);

enum confidence tls_version_refused(const struct view *v, struct finding *f);
enum confidence tls_hello_dropped(const struct view *v, struct finding *f);
enum confidence tls_hello_unanswered(const struct view *v, struct finding *f);
enum confidence tls_no_common_cipher(const struct view *v, struct finding *f);
enum confidence tls_name_unknown(const struct view *v, struct finding *f);
enum confidence tls_fallback_refused(const struct view *v, struct finding *f);
enum confidence tls_security_too_low(const struct view *v, struct finding *f);
enum confidence cert_not_trusted(const struct view *v, struct finding *f);
enum confidence cert_expired(const struct view *v, struct finding *f);
enum confidence cert_name_mismatch(const struct view *v, struct finding *f);
enum confidence cert_refused(const struct view *v, struct finding *f);
enum confidence device_clock_wrong(const struct view *v, struct finding *f);
enum confidence client_cert_required(const struct view *v, struct finding *f);
enum confidence tls_weak_key_exchange(const struct view *v, struct finding *f);
enum confidence tls_closed_by_device(const struct view *v, struct finding *f);
enum confidence tls_version_refused_by_device(const struct view *v, struct finding *f);

#endif
