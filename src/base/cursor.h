/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The bounds-checked reader: the only way in which bytes from outside are parsed. A failure is
 * sticky: from then on reads give 0 (or empty), do not move, and cursor_ok() is false; so a parser
 * reads a whole structure straight on and asks once at its end. A value read after a failure is 0:
 * no loop may run on one alone, each turn consumes a byte or leaves.
 */
#ifndef MAILWHY_BASE_CURSOR_H
#define MAILWHY_BASE_CURSOR_H

#include "base/bytes.h"

/* For the readers that each packet goes through: left to itself the compiler makes calls of them
 * under -flto, a third of what decoding costs; inlined, a block of known size is checked once. */
#define CURSOR_HOT static inline __attribute__((always_inline))

struct cursor {
    const uint8_t *at, *end;
    bool failed;
};

CURSOR_HOT struct cursor cursor_of(struct bytes b)
{
    return (struct cursor) { b.at, b.len > 0 ? b.at + b.len : b.at, false };
}

static inline bool cursor_ok(const struct cursor *c)
{
    return !c->failed;
}

/* Bytes not read yet; 0 after a failure. */
CURSOR_HOT size_t cursor_left(const struct cursor *c)
{
    return c->failed || c->at == c->end ? 0 : (size_t)(c->end - c->at);
}

/* Marks the structure as broken by what it says, not by where it ends. */
static inline void cursor_fail(struct cursor *c)
{
    c->failed = true;
}

CURSOR_HOT bool cursor_need(struct cursor *c, size_t n)
{
    if (cursor_left(c) < n)
        c->failed = true;
    return !c->failed;
}

/* The next n bytes as a view; empty after a failure. */
CURSOR_HOT struct bytes cursor_bytes(struct cursor *c, size_t n)
{
    struct bytes b = { NULL, 0 };
    if (cursor_need(c, n) && n > 0) {
        b = bytes_of(c->at, n);
        c->at += n;
    }
    return b;
}

CURSOR_HOT void cursor_skip(struct cursor *c, size_t n)
{
    (void)cursor_bytes(c, n);
}

/* All that is left, consumed. */
CURSOR_HOT struct bytes cursor_rest(struct cursor *c)
{
    return cursor_bytes(c, cursor_left(c));
}

/* The next byte without moving; 0 where there is none (which is no failure). */
CURSOR_HOT uint8_t cursor_peek(const struct cursor *c)
{
    return cursor_left(c) > 0 ? *c->at : 0;
}

/* Copies the next n bytes to dst; after a failure dst is zeroed. */
CURSOR_HOT void cursor_copy(struct cursor *c, void *dst, size_t n)
{
    if (!cursor_need(c, n)) {
        memset(dst, 0, n);
    } else if (n > 0) {
        memcpy(dst, c->at, n);
        c->at += n;
    }
}

static inline uint64_t cursor_little_endian(struct cursor *c, size_t n)
{
    struct bytes b = cursor_bytes(c, n);
    uint64_t v = 0;
    for (size_t i = b.len; i > 0; i--)
        v = v << 8 | b.at[i - 1];
    return v;
}

/* Network byte order. Written out byte by byte: the compiler makes one load and one swap of
 * each. */
CURSOR_HOT uint8_t cursor_u8(struct cursor *c)
{
    return cursor_need(c, 1) ? *c->at++ : 0;
}

CURSOR_HOT uint16_t cursor_u16(struct cursor *c)
{
    if (!cursor_need(c, 2))
        return 0;
    const uint8_t *p = c->at;
    c->at += 2;
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t cursor_u24(struct cursor *c)
{
    if (!cursor_need(c, 3))
        return 0;
    const uint8_t *p = c->at;
    c->at += 3;
    return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

CURSOR_HOT uint32_t cursor_u32(struct cursor *c)
{
    if (!cursor_need(c, 4))
        return 0;
    const uint8_t *p = c->at;
    c->at += 4;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t cursor_u64(struct cursor *c)
{
    if (!cursor_need(c, 8))
        return 0;
    uint64_t high = cursor_u32(c);
    return high << 32 | cursor_u32(c);
}

static inline uint16_t cursor_u16_le(struct cursor *c)
{
    return (uint16_t)cursor_little_endian(c, 2);
}
static inline uint32_t cursor_u32_le(struct cursor *c)
{
    return (uint32_t)cursor_little_endian(c, 4);
}
static inline uint64_t cursor_u64_le(struct cursor *c)
{
    return cursor_little_endian(c, 8);
}

/* A block is a cursor of its own over the next n bytes; it has failed where they are not there. */
CURSOR_HOT struct cursor cursor_block(struct cursor *c, size_t n)
{
    struct bytes b = cursor_bytes(c, n);
    struct cursor block = cursor_of(b);
    block.failed = c->failed;
    return block;
}

/* A block after its own length in 1, 2 or 3 bytes (RFC 8446 3.4: vectors). */
static inline struct cursor cursor_block8(struct cursor *c)
{
    return cursor_block(c, cursor_u8(c));
}
static inline struct cursor cursor_block16(struct cursor *c)
{
    return cursor_block(c, cursor_u16(c));
}
static inline struct cursor cursor_block24(struct cursor *c)
{
    return cursor_block(c, cursor_u24(c));
}

#endif
