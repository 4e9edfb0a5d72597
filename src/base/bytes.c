/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/bytes.h"

bool bytes_same_letters(const uint8_t *a, const uint8_t *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (bytes_lower(a[i]) != bytes_lower(b[i]))
            return false;
    return true;
}

/* The next place of a letter in either case, from at on; b.len where there is none. */
static size_t next_letter(struct bytes b, size_t at, uint8_t lower, uint8_t upper)
{
    struct bytes rest = bytes_after(b, at);
    ptrdiff_t i = bytes_find(rest, lower);
    ptrdiff_t j =
        lower == upper ? -1 : bytes_find(i < 0 ? rest : bytes_first(rest, (size_t)i), upper);
    return j >= 0 ? at + (size_t)j : i >= 0 ? at + (size_t)i : b.len;
}

ptrdiff_t bytes_find_nocase(struct bytes b, const char *needle)
{
    struct bytes n = bytes_str(needle);
    if (n.len == 0)
        return 0;
    if (n.len > b.len)
        return -1;
    uint8_t lower = bytes_lower(*n.at),
            upper = (uint8_t)(lower >= 'a' && lower <= 'z' ? lower - ('a' - 'A') : lower);
    struct bytes places = bytes_first(b, b.len - n.len + 1);
    for (size_t i = next_letter(places, 0, lower, upper); i < places.len;
         i = next_letter(places, i + 1, lower, upper))
        if (bytes_same_letters(b.at + i, n.at, n.len))
            return (ptrdiff_t)i;
    return -1;
}

struct bytes bytes_trim(struct bytes b)
{
    while (b.len > 0 && (*b.at == ' ' || *b.at == '\t'))
        b = bytes_after(b, 1);
    while (b.len > 0 && (b.at[b.len - 1] == ' ' || b.at[b.len - 1] == '\t'))
        b.len--;
    return b;
}
