/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the exchanges of the AUTH mechanisms (RFC 4954, 4616, 2195, 2831, 5802, 7628, MS-NLMP) say
 * beside their secrets: who signs in, and how the password looks from outside. A secret is shown to
 * the caller as a view, so that it can be blanked elsewhere; it is never kept here.
 */
#ifndef MAILWHY_DISSECTORS_SASL_H
#define MAILWHY_DISSECTORS_SASL_H

#include "facts/fact.h"

enum { SASL_USER_MAX = 128 };

struct sasl {
    uint8_t user[SASL_USER_MAX];
    uint8_t user_len;
    bool user_known, clipped, has_domain, user_trailing_blank;
    bool password_known, empty_password, password_trailing_blank;
    bool complete; /* nothing more about the identity will come */
};

/* The device's answer number step (1 = the first, or the initial response), decoded. *secret: the
 * part of it that must not show, empty when none stands out. False when it is malformed. */
bool sasl_step(struct sasl *s, enum auth_mechanism mechanism, unsigned step, struct bytes answer,
               struct bytes *secret);

#endif
