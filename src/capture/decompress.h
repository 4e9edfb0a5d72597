/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Unpacks gzip (RFC 1952) and Zstandard (RFC 8878), any number of members one after the other.
 * Packed bytes go in as they come, unpacked bytes come out into the caller's buffer.
 */
#ifndef MAILWHY_CAPTURE_DECOMPRESS_H
#define MAILWHY_CAPTURE_DECOMPRESS_H

#include "base/bytes.h"
#include "base/status.h"

/* What comes out may be so many times what went in: captures shrink to a tenth, floods of equal
 * packets to a hundredth. The first bytes are free, so that a small file may hold many zeros. */
#define UNPACK_MAX_RATIO  UINT64_C(400)
#define UNPACK_FREE_BYTES (UINT64_C(256) << 20)

enum packing { PACKING_NONE, PACKING_GZIP, PACKING_ZSTD };

struct unpacker; /* opaque */

/* By the first bytes of a file. */
enum packing packing_of(struct bytes start);
/* "gzip", "Zstandard". */
const char *packing_name(enum packing packing);

/* NULL when there is no memory. */
struct unpacker *unpacker_new(enum packing packing);
void unpacker_free(struct unpacker *unpacker);
/* Takes from *in what it can, and puts at most size bytes to out, *made of them. STATUS_OK: call
 * again, with more input once *in is empty. STATUS_END: after the last member comes something else.
 * STATUS_DAMAGED, STATUS_LIMIT (the ratio), STATUS_NO_MEMORY: it cannot go on. */
enum status unpacker_run(struct unpacker *unpacker, struct bytes *in, uint8_t *out, size_t size,
                         size_t *made);
/* May the input end here, between two members? */
bool unpacker_may_end(const struct unpacker *unpacker);

#endif
