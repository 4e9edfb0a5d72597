/* SPDX-License-Identifier: BSD-3-Clause */
#include "capture/decompress.h"

#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/mem.h"

struct unpacker {
    enum packing packing;
    bool inside; /* a member has begun and not ended */
    uint64_t in, out;
    z_stream gzip;
    ZSTD_DStream *zstd;
};

enum { GZIP_WINDOW = 15 + 16 /* gzip header and trailer, not zlib's */, GZIP_MAGIC = 0x1f };

enum packing packing_of(struct bytes start)
{
    if (start.len >= 3 && start.at[0] == GZIP_MAGIC && start.at[1] == 0x8b && start.at[2] == 8)
        return PACKING_GZIP;
    if (start.len >= 4 && start.at[1] == 0xb5 && start.at[2] == 0x2f && start.at[3] == 0xfd &&
        start.at[0] == 0x28)
        return PACKING_ZSTD;
    /* a skippable frame, as pzstd writes it first */
    if (start.len >= 4 && start.at[0] >> 4 == 5 && start.at[1] == 0x2a && start.at[2] == 0x4d &&
        start.at[3] == 0x18)
        return PACKING_ZSTD;
    return PACKING_NONE;
}

const char *packing_name(enum packing packing)
{
    return packing == PACKING_GZIP ? "gzip" : "Zstandard";
}

struct unpacker *unpacker_new(enum packing packing)
{
    struct unpacker *u = mem_alloc(NULL, sizeof *u);
    if (!u)
        return NULL;
    u->packing = packing;
    bool made;
    if (packing == PACKING_GZIP)
        made = inflateInit2(&u->gzip, GZIP_WINDOW) == Z_OK;
    else
        made = (u->zstd = ZSTD_createDStream()) != NULL;
    if (made)
        return u;
    mem_free(NULL, u, sizeof *u);
    return NULL;
}

void unpacker_free(struct unpacker *u)
{
    if (!u)
        return;
    if (u->packing == PACKING_GZIP)
        (void)inflateEnd(&u->gzip);
    else
        (void)ZSTD_freeDStream(u->zstd);
    mem_free(NULL, u, sizeof *u);
}

static enum status run_gzip(struct unpacker *u, struct bytes *in, uint8_t *out, size_t size,
                            size_t *made)
{
    if (!u->inside && u->in > 0) {
        if (in->len == 0)
            return STATUS_OK;
        /* between members: another one, or the padding that tapes and copies leave behind */
        if (in->at[0] != GZIP_MAGIC)
            return STATUS_END;
        if (inflateReset(&u->gzip) != Z_OK)
            return STATUS_DAMAGED;
    }
    u->inside = true;
    u->gzip.next_in = (z_const Bytef *)in->at;
    u->gzip.avail_in = (uInt)in->len;
    u->gzip.next_out = out;
    u->gzip.avail_out = (uInt)size;
    int answer = inflate(&u->gzip, Z_NO_FLUSH);
    *made = size - u->gzip.avail_out;
    *in = bytes_after(*in, in->len - u->gzip.avail_in);
    if (answer == Z_STREAM_END)
        u->inside = false;
    if (answer == Z_MEM_ERROR)
        return STATUS_NO_MEMORY;
    return answer == Z_OK || answer == Z_STREAM_END || answer == Z_BUF_ERROR ? STATUS_OK
                                                                             : STATUS_DAMAGED;
}

static enum status run_zstd(struct unpacker *u, struct bytes *in, uint8_t *out, size_t size,
                            size_t *made)
{
    ZSTD_inBuffer from = { in->at, in->len, 0 };
    ZSTD_outBuffer to = { out, size, 0 };
    size_t answer = ZSTD_decompressStream(u->zstd, &to, &from);
    *made = to.pos;
    *in = bytes_after(*in, from.pos);
    if (!ZSTD_isError(answer)) {
        u->inside = answer != 0;
        return STATUS_OK;
    }
    if (ZSTD_getErrorCode(answer) == ZSTD_error_memory_allocation)
        return STATUS_NO_MEMORY;
    return STATUS_DAMAGED;
}

enum status unpacker_run(struct unpacker *u, struct bytes *in, uint8_t *out, size_t size,
                         size_t *made)
{
    *made = 0;
    size_t before = in->len;
    enum status status = u->packing == PACKING_GZIP ? run_gzip(u, in, out, size, made)
                                                    : run_zstd(u, in, out, size, made);
    u->in += before - in->len;
    u->out += *made;
    if (status == STATUS_OK && u->out > UNPACK_FREE_BYTES && u->out / UNPACK_MAX_RATIO > u->in)
        return STATUS_LIMIT;
    return status;
}

bool unpacker_may_end(const struct unpacker *u)
{
    return !u->inside;
}
