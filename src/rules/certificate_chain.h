/* SPDX-License-Identifier: BSD-3-Clause */
/* What the verdict on a chain (derive/chain) adds to a certificate that the device did not take. */
#ifndef MAILWHY_RULES_CERTIFICATE_CHAIN_H
#define MAILWHY_RULES_CERTIFICATE_CHAIN_H

#include "facts/chain.h"
#include "rules/ask.h"

/* What the roots of this computer, or those given, say; false where there is nothing to say. */
bool cert_tell_chain(const struct view *v, struct finding *f, const struct fact *certificate,
                     int64_t now);
/* The meaning that fits what the chain is, with the advice that goes with it. */
void cert_say_chain(struct finding *f, const struct chain_verdict *chain,
                    const struct fact_certificate *c);
void cert_say_root_expired(struct finding *f);
/* Wants the value valid_to. */
void cert_say_link_expired(struct finding *f);
/* The certificate that would vouch for the server's own is not among those that the server sends. */
void cert_say_link_missing(struct finding *f);
/* No newer list of issuers has this one. */
void cert_say_self_signed(struct finding *f);
/* The issuer {root} is one that few know. clock: the device's may be the reason as well. */
void cert_advise_unknown(struct finding *f, bool clock);

#endif
