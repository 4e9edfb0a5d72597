/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/certificate_name.h"

static struct bytes without_dot(struct bytes name)
{
    return name.len > 0 && name.at[name.len - 1] == '.' ? bytes_first(name, name.len - 1) : name;
}

static bool one_matches(struct bytes pattern, struct bytes wanted)
{
    pattern = without_dot(pattern);
    if (!bytes_starts_nocase(pattern, "*."))
        return bytes_equal_nocase(pattern, wanted);
    ptrdiff_t dot = bytes_find(wanted, '.');
    return dot > 0 && bytes_equal_nocase(bytes_after(pattern, 1), bytes_after(wanted, (size_t)dot));
}

bool certificate_names_match(struct bytes names, struct bytes wanted)
{
    wanted = without_dot(wanted);
    if (wanted.len == 0)
        return false;
    while (names.len > 0) {
        ptrdiff_t space = bytes_find(names, ' ');
        struct bytes one = space < 0 ? names : bytes_first(names, (size_t)space);
        if (one_matches(one, wanted))
            return true;
        names = bytes_after(names, one.len + 1);
    }
    return false;
}
