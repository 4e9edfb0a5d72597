/* SPDX-License-Identifier: BSD-3-Clause */
/* Base64 (RFC 4648 4), as SMTP wraps what is said at a sign-in. */
#ifndef MAILWHY_BASE_BASE64_H
#define MAILWHY_BASE_BASE64_H

#include "base/bytes.h"

/* Decodes at most size bytes of in to out and returns how many; *valid: all of in is
 * well-formed. */
size_t base64_decode(uint8_t *out, size_t size, struct bytes in, bool *valid);
/* As much of the encoding of in as fits. */
size_t base64_encode(uint8_t *out, size_t size, struct bytes in);

#endif
