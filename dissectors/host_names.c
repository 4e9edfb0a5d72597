/* SPDX-License-Identifier: BSD-3-Clause */
#include "dissectors/host_names.h"

#include "base/cursor.h"
#include "dissectors/dns.h"

/* Printable ASCII alone; what else there is becomes '?'. Trailing blanks and NULs go. */
static void keep(char out[HOST_NAME_MAX_BYTES], struct bytes text)
{
    while (text.len > 0 && (text.at[text.len - 1] == ' ' || text.at[text.len - 1] == 0))
        text.len--;
    size_t n = text.len < HOST_NAME_MAX_BYTES - 1 ? text.len : HOST_NAME_MAX_BYTES - 1;
    for (size_t i = 0; i < n; i++)
        out[i] = (char)(text.at[i] > 0x20 && text.at[i] < 0x7f ? text.at[i]
                        : text.at[i] == ' '                    ? ' '
                                                               : '?');
    out[n] = '\0';
}

/* RFC 2132: options in type, length, value. */
static void dhcp_options(struct cursor options, struct host_name *host)
{
    enum {
        OPTION_PAD = 0,
        OPTION_HOST_NAME = 12,
        OPTION_REQUESTED = 50,
        OPTION_VENDOR_CLASS = 60,
        OPTION_END = 255
    };
    while (cursor_left(&options) > 0) {
        uint8_t type = cursor_u8(&options);
        if (type == OPTION_PAD)
            continue;
        if (type == OPTION_END)
            return;
        struct cursor value = cursor_block8(&options);
        struct bytes b = cursor_rest(&value);
        if (!cursor_ok(&value))
            return;
        if (type == OPTION_HOST_NAME)
            keep(host->name, b);
        else if (type == OPTION_VENDOR_CLASS)
            keep(host->vendor, b);
        else if (type == OPTION_REQUESTED && b.len == 4 && host->addr.family == 0)
            host->addr = ip_addr_v4(b.at);
    }
}

bool host_name_dhcp(struct bytes payload, struct host_name *host)
{
    enum { BOOT_REQUEST = 1, ETHERNET = 1, MAGIC = 0x63825363 };
    *host = (struct host_name) { .source = HOST_NAME_DHCP };
    struct cursor c = cursor_of(payload);
    uint8_t op = cursor_u8(&c), hardware = cursor_u8(&c), length = cursor_u8(&c);
    cursor_skip(&c, 9);
    struct bytes client = cursor_bytes(&c, 4);
    cursor_skip(&c, 12);
    struct bytes chaddr = cursor_bytes(&c, 16);
    cursor_skip(&c, 64 + 128);
    if (cursor_u32(&c) != MAGIC || !cursor_ok(&c) || op != BOOT_REQUEST || hardware != ETHERNET ||
        length != 6)
        return false;
    bytes_copy(host->mac.b, sizeof host->mac.b, chaddr);
    static const uint8_t none[4];
    if (!bytes_equal(client, bytes_of(none, 4)))
        host->addr = ip_addr_v4(client.at);
    dhcp_options(c, host);
    return host->name[0] != '\0' || host->vendor[0] != '\0';
}

/* RFC 1001 14.1: sixteen bytes as thirty-two letters; the last byte is the kind of name. */
static bool netbios_name(struct cursor *c, char out[HOST_NAME_MAX_BYTES])
{
    enum { CODED = 32, WORKSTATION = 0x00, FILE_SERVER = 0x20 };
    uint8_t plain[16];
    struct cursor label = cursor_block8(c);
    struct bytes coded = cursor_bytes(&label, CODED);
    if (!cursor_ok(&label) || cursor_left(&label) > 0)
        return false;
    for (size_t i = 0; i < CODED; i++)
        if (coded.at[i] < 'A' || coded.at[i] > 'P')
            return false;
    for (size_t i = 0; i < sizeof plain; i++)
        plain[i] = (uint8_t)((coded.at[2 * i] - 'A') << 4 | (coded.at[2 * i + 1] - 'A'));
    while (cursor_left(c) > 0 && cursor_peek(c) != 0)
        (void)cursor_block8(c);
    cursor_skip(c, 1);
    keep(out, bytes_of(plain, 15));
    return cursor_ok(c) && (plain[15] == WORKSTATION || plain[15] == FILE_SERVER) &&
           out[0] != '\0' && plain[0] != '*';
}

bool host_name_netbios(struct bytes payload, struct host_name *host)
{
    enum { REGISTRATION = 5, TYPE_NB = 0x20, GROUP = 0x8000 };
    *host = (struct host_name) { .source = HOST_NAME_NETBIOS };
    struct cursor c = cursor_of(payload);
    cursor_skip(&c, 2);
    uint16_t flags = cursor_u16(&c);
    uint16_t questions = cursor_u16(&c), answers = cursor_u16(&c);
    cursor_skip(&c, 4);
    bool registers = (flags >> 11 & 0x0f) == REGISTRATION && questions == 1;
    bool answered = (flags & 0x8000) && (flags & 0x0f) == 0 && answers > 0;
    if (!cursor_ok(&c) || !(registers || answered) || !netbios_name(&c, host->name))
        return false;
    if (registers) {
        cursor_skip(&c, 4);
        cursor_skip(&c, 2); /* the record's name: a pointer to the question's */
    }
    bool right = cursor_u16(&c) == TYPE_NB;
    cursor_skip(&c, 6);
    struct cursor data = cursor_block16(&c);
    uint16_t name_flags = cursor_u16(&data);
    struct bytes addr = cursor_bytes(&data, 4);
    if (!cursor_ok(&data) || !right || (name_flags & GROUP))
        return false;
    host->addr = ip_addr_v4(addr.at);
    return true;
}

bool host_name_local(struct bytes payload, bool multicast_dns, struct host_name *host)
{
    *host = (struct host_name) { .source = multicast_dns ? HOST_NAME_MDNS : HOST_NAME_LLMNR };
    char name[DNS_NAME_MAX];
    if (!dns_read_host(payload, name, &host->addr))
        return false;
    struct bytes label = bytes_str(name);
    ptrdiff_t local = bytes_find_nocase(label, ".local");
    keep(host->name, local > 0 ? bytes_first(label, (size_t)local) : label);
    return host->name[0] != '\0';
}
