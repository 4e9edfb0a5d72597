/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A secret of the user's: in memory of its own that is locked where the system lets it be, that no
 * core dump holds, and that is wiped at the end. It can be compared and computed with; there is no
 * way to print it.
 */
#ifndef MAILWHY_BASE_SECRET_H
#define MAILWHY_BASE_SECRET_H

#include "base/bytes.h"

struct secret; /* opaque */

/* Room for size bytes, empty. NULL when there is no memory. */
struct secret *secret_new(size_t size);
/* NULL is fine. */
void secret_free(struct secret *s);
/* False, and nothing added, when there is no room. */
bool secret_add(struct secret *s, struct bytes bytes);
/* Takes the last n bytes away. */
void secret_shorten(struct secret *s, size_t n);
/* … the first n. */
void secret_drop(struct secret *s, size_t n);
/* To compute with, valid as long as s; the caller wipes what it makes of it. */
struct bytes secret_bytes(const struct secret *s);
/* In a time that does not depend on where they differ. */
bool secret_equal(const struct secret *s, struct bytes other);
bool secret_bytes_equal(struct bytes a, struct bytes b);

#endif
