/* SPDX-License-Identifier: BSD-3-Clause */
#include "history/makers.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

enum { LINE_BYTES = 512, LINES_MAX = 200000 };

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Does the line begin with this address's first three bytes, with or without ':' or '-' between? The rest of it. */
static const char *after_prefix(const char *line, const struct mac_addr *mac)
{
    for (size_t i = 0; i < 3; i++) {
        if (*line == ':' || *line == '-')
            line++;
        int high = hex(line[0]), low = high < 0 ? -1 : hex(line[1]);
        if (low < 0 || high << 4 != (mac->b[i] & 0xf0) || low != (mac->b[i] & 0x0f))
            return NULL;
        line += 2;
    }
    /* a longer prefix (28 or 36 bits) is another assignment */
    return *line == ':' || *line == '-' || *line == '/' ? NULL : line;
}

/* "AABBCC     (base 16)\t\tMaker" and "AA:BB:CC\tShort\tMaker". */
static bool take_name(const char *rest, char name[MAKER_NAME_BYTES])
{
    const char *tab = strrchr(rest, '\t');
    const char *start = tab ? tab + 1 : rest;
    size_t n = strcspn(start, "\r\n");
    n = bytes_copy(name, MAKER_NAME_BYTES - 1, bytes_of(start, n));
    name[n] = '\0';
    return n > 0;
}

static bool find_in(const char *path, const struct mac_addr *mac, char name[MAKER_NAME_BYTES])
{
    FILE *f = fopen(path, "re");
    if (!f)
        return false;
    char line[LINE_BYTES];
    bool found = false;
    for (unsigned n = 0; !found && n < LINES_MAX && fgets(line, sizeof line, f); n++) {
        const char *rest = after_prefix(line, mac);
        /* the other form of IEEE's file, "AA-BB-CC   (hex)", says the same one line earlier */
        found = rest && take_name(rest, name);
    }
    fclose(f);
    return found;
}

bool maker_find(const struct mac_addr *mac, char name[MAKER_NAME_BYTES])
{
    static const char *const lists[] = { "/usr/share/ieee-data/oui.txt",
                                         "/usr/share/wireshark/manuf" };
    enum { LOCALLY_ADMINISTERED = 2 };
    if (mac_addr_is_zero(mac) || (mac->b[0] & LOCALLY_ADMINISTERED))
        return false;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (find_in(lists[i], mac, name))
            return true;
    return false;
}
