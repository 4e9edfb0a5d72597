/* SPDX-License-Identifier: BSD-3-Clause */
/* The user's own rows of the reply table, as replies_match() reads them. */
#ifndef MAILWHY_RULES_USER_ROWS_H
#define MAILWHY_RULES_USER_ROWS_H

#include "rules/replies.h"

size_t user_row_count(const struct replies *r);
const struct reply_row *user_row(const struct replies *r, size_t index);

#endif
