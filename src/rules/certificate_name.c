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

/* The next of the names, or an empty one at their end. */
static struct bytes take_name(struct bytes *names)
{
    while (names->len > 0 && names->at[0] == ' ')
        *names = bytes_after(*names, 1);
    ptrdiff_t space = bytes_find(*names, ' ');
    struct bytes one = space < 0 ? *names : bytes_first(*names, (size_t)space);
    *names = bytes_after(*names, one.len);
    return one;
}

bool certificate_names_match(struct bytes names, struct bytes wanted)
{
    wanted = without_dot(wanted);
    if (wanted.len == 0)
        return false;
    for (struct bytes one = take_name(&names); one.len > 0; one = take_name(&names)) {
        if (one_matches(one, wanted))
            return true;
    }
    return false;
}

static bool is_wildcard(struct bytes name)
{
    return bytes_starts_nocase(name, "*.") && bytes_find(bytes_after(name, 2), '.') > 0;
}

/* Letters, digits, hyphens and at least one dot: a name that can be looked up. */
static bool is_host_name(struct bytes name)
{
    bool dot = false, letter = false;
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.at[i], lower = c | 0x20;
        bool alpha = lower >= 'a' && lower <= 'z';
        if (!alpha && !(c >= '0' && c <= '9') && c != '-' && c != '.')
            return false;
        letter = letter || alpha;
        dot = dot || (c == '.' && i > 0);
    }
    return dot && letter;
}

/* The last label of a name, which gives it up; empty at its beginning. */
static struct bytes take_last_label(struct bytes *name)
{
    size_t start = name->len;
    while (start > 0 && name->at[start - 1] != '.')
        start--;
    struct bytes label = bytes_after(*name, start);
    *name = bytes_first(*name, start > 0 ? start - 1 : 0);
    return label;
}

static unsigned same_labels_at_end(struct bytes a, struct bytes b)
{
    unsigned count = 0;
    while (a.len > 0 && b.len > 0 && bytes_equal_nocase(take_last_label(&a), take_last_label(&b)))
        count++;
    return count;
}

/* "*.example.jp" and "example.jp" stand together for a domain; the latter is rarely its mail server. */
static bool has_wildcard(struct bytes names, struct bytes domain)
{
    for (struct bytes one = take_name(&names); one.len > 0; one = take_name(&names)) {
        if (is_wildcard(one) && bytes_equal_nocase(without_dot(bytes_after(one, 2)), domain))
            return true;
    }
    return false;
}

/* Names that no server on the internet goes by. */
static bool is_placeholder(struct bytes name)
{
    static const char *const ends[] = { "localhost", "localdomain", "invalid" };
    struct bytes last = take_last_label(&name);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (bytes_equal_nocase(last, bytes_str(ends[i])))
            return true;
    }
    return false;
}

static bool sounds_like_mail(struct bytes name)
{
    return bytes_starts_nocase(name, "smtp") || bytes_starts_nocase(name, "mail");
}

/* How well it would do as the mail server that was wanted; 0 not at all. */
static unsigned worth(struct bytes names, struct bytes one, struct bytes wanted)
{
    if (!is_host_name(one) || is_placeholder(one) || has_wildcard(names, one))
        return 0;
    unsigned alike = same_labels_at_end(one, wanted);
    return 1 + (bytes_starts_nocase(one, "www.") ? 0 : 1 + 4 * alike + 2 * sounds_like_mail(one));
}

struct bytes certificate_name_to_enter(struct bytes names, struct bytes wanted)
{
    struct bytes all = names, best = { NULL, 0 };
    unsigned most = 0;
    wanted = without_dot(wanted);
    for (struct bytes one = take_name(&names); one.len > 0; one = take_name(&names)) {
        one = without_dot(one);
        unsigned value = worth(all, one, wanted);
        if (value > most) {
            most = value;
            best = one;
        }
    }
    return best;
}

struct bytes certificate_name_ending(struct bytes names, struct bytes wanted)
{
    struct bytes best = { NULL, 0 };
    unsigned most = 0;
    wanted = without_dot(wanted);
    for (struct bytes one = take_name(&names); one.len > 0; one = take_name(&names)) {
        struct bytes ending = bytes_after(without_dot(one), 1);
        unsigned value = is_wildcard(one) && is_host_name(bytes_after(ending, 1))
                            ? 1 + same_labels_at_end(ending, wanted)
                            : 0;
        if (value > most) {
            most = value;
            best = ending;
        }
    }
    return best;
}
