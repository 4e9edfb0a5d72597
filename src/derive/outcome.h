/* SPDX-License-Identifier: BSD-3-Clause */
/* What a finished attempt's facts add up to: mails accepted and refused, security, the last step
 * begun. */
#ifndef MAILWHY_DERIVE_OUTCOME_H
#define MAILWHY_DERIVE_OUTCOME_H

#include "facts/attempt.h"
#include "facts/outcome.h"

/* Fills all of summary; outcome as the wire alone shows it (delivered, no-mail, incomplete or
 * unknown), before findings make it failed. */
void outcome_derive(const struct attempt *a, struct summary *summary);

#endif
