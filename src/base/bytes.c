/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/bytes.h"

bool bytes_same_letters(const uint8_t *a, const uint8_t *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (a[i] != b[i] && bytes_lower(a[i]) != bytes_lower(b[i]))
            return false;
    return true;
}

typedef uint8_t sixteen __attribute__((vector_size(16)));

/* A letter in either case, or one other character: b | fold is lower for these alone. */
struct either {
    uint8_t lower, fold;
};

static struct either either_of(uint8_t c)
{
    uint8_t lower = bytes_lower(c);
    return (struct either) { lower, lower >= 'a' && lower <= 'z' ? 'a' - 'A' : 0 };
}

static bool is_either(uint8_t c, struct either e)
{
    return (c | e.fold) == e.lower;
}

/* Do both stand side by side, beginning with one of the sixteen bytes from here? Reads one more. */
static bool any_pair(const uint8_t *at, struct either first, struct either second)
{
    sixteen v, w;
    memcpy(&v, at, sizeof v);
    memcpy(&w, at + 1, sizeof w);
    sixteen pair =
        (sixteen)((v | first.fold) == first.lower) & (sixteen)((w | second.fold) == second.lower);
    uint64_t half[2];
    memcpy(half, &pair, sizeof half);
    return (half[0] | half[1]) != 0;
}

/* Where n (not empty), whose first two bytes these are, begins in b. */
static ptrdiff_t find(struct bytes b, struct bytes n, struct either first, struct either second,
                      bool (*same)(const uint8_t *, const uint8_t *, size_t))
{
    if (n.len > b.len)
        return -1;
    size_t places = b.len - n.len + 1;
    for (size_t i = 0, end; i < places; i = end) {
        end = i + sizeof(sixteen) < places ? i + sizeof(sixteen) : places;
        if (n.len > 1 && b.len - i > sizeof(sixteen) && !any_pair(b.at + i, first, second))
            continue;
        for (; i < end; i++)
            if (is_either(b.at[i], first) && same(b.at + i, n.at, n.len))
                return (ptrdiff_t)i;
    }
    return -1;
}

ptrdiff_t bytes_find_nocase(struct bytes b, const char *needle)
{
    struct bytes n = bytes_str(needle);
    if (n.len == 0)
        return 0;
    return find(b, n, either_of(n.at[0]), either_of(n.at[n.len > 1]), bytes_same_letters);
}

static bool same_bytes(const uint8_t *a, const uint8_t *b, size_t n)
{
    return memcmp(a, b, n) == 0;
}

ptrdiff_t bytes_find_all(struct bytes b, struct bytes n)
{
    struct either first = { 0, 0 }, second = { 0, 0 };
    if (n.len == 0)
        return 0;
    first.lower = n.at[0];
    second.lower = n.at[n.len > 1];
    return find(b, n, first, second, same_bytes);
}

struct bytes bytes_trim_blanks(struct bytes b)
{
    while (b.len > 0 && (*b.at == ' ' || *b.at == '\t'))
        b = bytes_after(b, 1);
    while (b.len > 0 && (b.at[b.len - 1] == ' ' || b.at[b.len - 1] == '\t'))
        b.len--;
    return b;
}
