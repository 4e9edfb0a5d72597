/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The Certificate message (RFC 5246 7.4.2) to the values of a fact: the end-entity certificate read
 * by OpenSSL, of the others what tells how long and to whom the chain leads. The only room of the
 * reading wing that knows OpenSSL. Nothing is judged here.
 */
#ifndef MAILWHY_DISSECTORS_CERTIFICATE_H
#define MAILWHY_DISSECTORS_CERTIFICATE_H

#include "base/bytes.h"
#include "facts/certs.h"
#include "facts/fact.h"

enum {
    CERTIFICATE_NAME_MAX = 256,
    CERTIFICATE_NAMES_MAX = 1024,
};

/* Room for the texts that a fact's views point to. */
struct certificate_texts {
    char subject[CERTIFICATE_NAME_MAX], issuer[CERTIFICATE_NAME_MAX],
        top_issuer[CERTIFICATE_NAME_MAX];
    char names[CERTIFICATE_NAMES_MAX];
    bool clipped; /* one of them did not fit */
};

/* body: of the message, after its 4 bytes of header; cut: its end is missing (so is the rest of the
 * last certificate). Text is UTF-8; control characters in it are replaced by '?'. Times beyond
 * what fits (the year 2262) become the last that fits. */
struct fact_certificate certificate_message_read(struct bytes body, bool cut,
                                                 struct certificate_texts *texts);
/* The same for the form of TLS 1.3 (RFC 8446 4.4.2). */
struct fact_certificate certificate_message_13_read(struct bytes body, bool cut,
                                                    struct certificate_texts *texts);

/* Keeps the certificates of a complete message in certs, and their numbers in fact->chain. */
void certificate_message_keep(struct bytes body, bool v13, struct certs *certs,
                              struct fact_certificate *fact);

#endif
