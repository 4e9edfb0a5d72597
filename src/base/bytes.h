/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A borrowed run of bytes, usually from the wire: not NUL-terminated, and not printable as it is
 * (there is no char view on purpose; text_wire() is the way out).
 */
#ifndef MAILWHY_BASE_BYTES_H
#define MAILWHY_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
    const uint8_t *at;
    size_t len;
};

static inline struct bytes bytes_of(const void *at, size_t len)
{
    return (struct bytes) { (const uint8_t *)at, len };
}

/* The bytes of a C string of our own, without its NUL. */
static inline struct bytes bytes_str(const char *s)
{
    return bytes_of(s, strlen(s));
}

/* At most n bytes from the start. */
static inline struct bytes bytes_first(struct bytes b, size_t n)
{
    return bytes_of(b.at, b.len < n ? b.len : n);
}

/* What is left after the first n bytes; empty when there are not so many. */
static inline struct bytes bytes_after(struct bytes b, size_t n)
{
    if (n >= b.len)
        return (struct bytes) { NULL, 0 };
    return bytes_of(b.at + n, b.len - n);
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline uint8_t bytes_lower(uint8_t c)
{
    return (uint8_t)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

/* ASCII case does not count. */
bool bytes_same_letters(const uint8_t *a, const uint8_t *b, size_t n);
/* Words are looked up in lists: most differ in their length or first letter. */
static inline bool bytes_equal_nocase(struct bytes a, struct bytes b)
{
    if (a.len != b.len || a.len == 0)
        return a.len == b.len;
    return bytes_lower(*a.at) == bytes_lower(*b.at) && bytes_same_letters(a.at, b.at, a.len);
}
/* Does b begin with the C string s? ASCII case does not count. */
static inline bool bytes_starts_nocase(struct bytes b, const char *s)
{
    size_t n = strlen(s);
    return b.len >= n && bytes_equal_nocase(bytes_first(b, n), bytes_of(s, n));
}
/* Where needle (a C string of ours) begins in b, or -1. ASCII case does not count. */
ptrdiff_t bytes_find_nocase(struct bytes b, const char *needle);
/* Where all the bytes of n begin in b, or -1. */
ptrdiff_t bytes_find_all(struct bytes b, struct bytes n);
/* Where byte c first stands in b, or -1. */
static inline ptrdiff_t bytes_find(struct bytes b, uint8_t c)
{
    const uint8_t *at = b.len > 0 ? (const uint8_t *)memchr(b.at, c, b.len) : NULL;
    return at ? at - b.at : -1;
}
/* Without spaces and tabs at both ends; hardly ever is there one. */
struct bytes bytes_trim_blanks(struct bytes b);
static inline struct bytes bytes_trim(struct bytes b)
{
    return b.len == 0 || (*b.at > ' ' && b.at[b.len - 1] > ' ') ? b : bytes_trim_blanks(b);
}
/* Copies at most size bytes of b to dst and returns how many: the only copy outside base. Inline,
 * since most of these lengths are known where the call stands. */
static inline size_t bytes_copy(void *dst, size_t size, struct bytes b)
{
    size_t n = b.len < size ? b.len : size;
    if (n > 0)
        memcpy(dst, b.at, n);
    return n;
}

#endif
