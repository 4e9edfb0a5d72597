/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The certificates that servers showed, each once as it came (DER), under small numbers by which
 * facts name them: so a chain can be verified once its attempt is over. Bounded; what does not fit
 * has no number.
 */
#ifndef MAILWHY_FACTS_CERTS_H
#define MAILWHY_FACTS_CERTS_H

#include "base/bytes.h"
#include "base/mem.h"

struct certs; /* opaque */

/* NULL when the budget has no more. */
struct certs *certs_new(struct budget *budget);
void certs_free(struct certs *c);
/* Keeps a copy where it is not kept yet. Its number, from 1 on; 0 when there is no room. */
uint16_t certs_keep(struct certs *c, struct bytes der);
/* How often there was no room for one. */
uint64_t certs_dropped(const struct certs *c);
/* Valid as long as c; empty for a number that is none. */
struct bytes certs_der(const struct certs *c, uint16_t number);

#endif
