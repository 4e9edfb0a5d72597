/* SPDX-License-Identifier: BSD-3-Clause */
/* The evidence behind the causes of signing in; their words stand in signing_in.c. */
#ifndef MAILWHY_RULES_AUTH_RULES_H
#define MAILWHY_RULES_AUTH_RULES_H

#include "rules/ask.h"

/* The refusal decides, and nothing more is to be told. */
enum confidence auth_refused(const struct view *v, unsigned n, struct finding *f);
enum confidence auth_exchange_broken(const struct view *v, unsigned n, struct finding *f);
enum confidence auth_disabled(const struct view *v, unsigned n, struct finding *f);
enum confidence auth_token_rejected(const struct view *v, unsigned n, struct finding *f);
enum confidence auth_method_refused(const struct view *v, unsigned n, struct finding *f);
enum confidence auth_credentials_rejected(const struct view *v, unsigned n, struct finding *f);
enum confidence auth_app_password_required(const struct view *v, unsigned n, struct finding *f);
enum confidence auth_needs_encryption(const struct view *v, unsigned n, struct finding *f);
enum confidence auth_not_offered(const struct view *v, unsigned n, struct finding *f);
enum confidence auth_no_common_method(const struct view *v, struct finding *f);
enum confidence auth_required(const struct view *v, unsigned n, struct finding *f);
enum confidence pop_before_smtp(const struct view *v, struct finding *f);

#endif
