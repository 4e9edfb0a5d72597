/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/bytes.h"

bool bytes_equal_nocase(struct bytes a, struct bytes b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (bytes_lower(a.at[i]) != bytes_lower(b.at[i]))
            return false;
    return true;
}

bool bytes_starts_nocase(struct bytes b, const char *s)
{
    struct bytes start = bytes_str(s);
    return b.len >= start.len && bytes_equal_nocase(bytes_first(b, start.len), start);
}

ptrdiff_t bytes_find_nocase(struct bytes b, const char *needle)
{
    struct bytes n = bytes_str(needle);
    if (n.len == 0)
        return 0;
    uint8_t first = bytes_lower(*n.at);
    for (size_t i = 0; n.len <= b.len && i <= b.len - n.len; i++)
        if (bytes_lower(b.at[i]) == first && bytes_equal_nocase(bytes_of(b.at + i, n.len), n))
            return (ptrdiff_t)i;
    return -1;
}

ptrdiff_t bytes_find(struct bytes b, uint8_t c)
{
    const uint8_t *at = b.len > 0 ? memchr(b.at, c, b.len) : NULL;
    return at ? at - b.at : -1;
}

struct bytes bytes_trim(struct bytes b)
{
    while (b.len > 0 && (*b.at == ' ' || *b.at == '\t'))
        b = bytes_after(b, 1);
    while (b.len > 0 && (b.at[b.len - 1] == ' ' || b.at[b.len - 1] == '\t'))
        b.len--;
    return b;
}

size_t bytes_copy(void *dst, size_t size, struct bytes b)
{
    size_t n = b.len < size ? b.len : size;
    if (n > 0)
        memcpy(dst, b.at, n);
    return n;
}
