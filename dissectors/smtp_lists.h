/* SPDX-License-Identifier: BSD-3-Clause */
/* Capability lists (RFC 5321 4.1.1.1) that were read before: a server says the same to each device,
 * and what was read once need not be read again. A few, the newest of those that share a place. */
#ifndef MAILWHY_DISSECTORS_SMTP_LISTS_H
#define MAILWHY_DISSECTORS_SMTP_LISTS_H

#include "base/mem.h"
#include "dissectors/smtp_reply.h"

struct lists; /* opaque */

/* NULL when the budget has no more: then nothing is known, and all is read. */
struct lists *lists_new(struct budget *budget);
void lists_free(struct lists *l);
/* Could these bytes be a list, whole, as they begin and as long as they are? */
bool lists_may_be(struct bytes all);
/* What these bytes were read as, without its frames and time; false = they are not known. */
bool lists_find(const struct lists *l, struct bytes all, struct reply *reply);
void lists_keep(struct lists *l, struct bytes all, const struct reply *reply);

#endif
