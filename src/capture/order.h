/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers of a capture file, whose byte order is the writer's and known only at run time. */
#ifndef MAILWHY_CAPTURE_ORDER_H
#define MAILWHY_CAPTURE_ORDER_H

#include "base/cursor.h"

static inline uint16_t order_u16(struct cursor *c, bool big)
{
    return big ? cursor_u16(c) : cursor_u16_le(c);
}

static inline uint32_t order_u32(struct cursor *c, bool big)
{
    return big ? cursor_u32(c) : cursor_u32_le(c);
}

static inline uint64_t order_u64(struct cursor *c, bool big)
{
    return big ? cursor_u64(c) : cursor_u64_le(c);
}

/* The same at a fixed place of a header, for the path that every packet takes: the compiler makes
 * one load of it. 0 where the header does not reach so far. */
static inline uint32_t header_u32(struct bytes header, size_t at, bool big)
{
    if (header.len < 4 || at > header.len - 4)
        return 0;
    const uint8_t *p = header.at + at;
    if (big)
        return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

#endif
