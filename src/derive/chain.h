/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The certificates of a handshake that did not come to its end, verified by OpenSSL at the time of
 * the capture, against the roots of this system or those of a file: what would a careful client
 * have said? Nothing is asked of the network.
 */
#ifndef MAILWHY_DERIVE_CHAIN_H
#define MAILWHY_DERIVE_CHAIN_H

#include "base/status.h"
#include "facts/attempt.h"
#include "facts/certs.h"
#include "facts/chain.h"
#include "facts/outcome.h"

struct trust; /* opaque: roots, and what was found out by them */

/* The system's roots are read when they are first needed. NULL when there is no memory. */
struct trust *trust_new(struct budget *budget);
void trust_free(struct trust *t);
/* Roots (PEM, or one in DER) to judge by instead of the system's. STATUS_NOT_FOUND: no certificate is
 * in it, one of them is broken, or it cannot be opened. */
enum status trust_add_file(struct trust *t, const char *path);

/* How many chains were not judged because the limit was reached. */
uint64_t trust_dropped(const struct trust *t);

/* Fills summary->chain (valid as long as t) where the handshake broke off, where the device
 * complained, or where a certificate vouches for itself and may be one of the user's roots, and the
 * server's certificates were kept. */
void chain_derive(const struct attempt *a, struct trust *t, const struct certs *certs,
                  struct summary *summary);

#endif
