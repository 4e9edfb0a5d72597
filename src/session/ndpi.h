/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * nDPI, loaded when first needed: a name for a protocol that our own table does not know, at a mail
 * port. Sees a small fixed number of payload packets of a connection; no verdict hangs on it. Built
 * without it (-Dndpi=disabled) all names are NULL.
 */
#ifndef MAILWHY_SESSION_NDPI_H
#define MAILWHY_SESSION_NDPI_H

#include "facts/attempt.h"

struct namer; /* opaque: the module and the flows that it looks at */

struct namer *namer_new(void);
void namer_free(struct namer *n);
/* The first bytes of both sides, in the order device, server: a constant name, or NULL. */
const char *namer_name(struct namer *n, const struct attempt *a, struct bytes device,
                       struct bytes server);
/* Bytes that nDPI takes; 0 as long as it was not needed. */
size_t namer_bytes(const struct namer *n);

#endif
