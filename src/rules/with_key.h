/* SPDX-License-Identifier: BSD-3-Clause */
/* Rules that mostly a key lets see; their rows stand in the tables of their sections. */
#ifndef MAILWHY_RULES_WITH_KEY_H
#define MAILWHY_RULES_WITH_KEY_H

#include "rules/cause.h"

enum confidence key_ehlo_missing(const struct view *v, struct finding *f);
enum confidence key_version_refused_by_policy(const struct view *v, struct finding *f);
/* client-cert-required where the server says so in a reply inside TLS. */
enum confidence key_client_cert_wanted(const struct view *v, struct finding *f);
enum confidence key_renegotiation(const struct view *v, struct finding *f);

#endif
