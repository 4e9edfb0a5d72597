/* SPDX-License-Identifier: BSD-3-Clause */
/* What the check of the password that the user gave says of a sign-in (derive/password). */
#ifndef MAILWHY_RULES_PASSWORD_RULES_H
#define MAILWHY_RULES_PASSWORD_RULES_H

#include "rules/cause.h"

enum confidence password_wrong(const struct view *v, struct finding *f);
enum confidence password_right(const struct view *v, struct finding *f);
/* The check of this exchange, if it used the password given; NULL. */
const struct password_check *password_fits(const struct view *v, const struct fact *auth);

#endif
