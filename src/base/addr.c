/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/addr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

struct ip_addr ip_addr_v4(const uint8_t b[4])
{
    struct ip_addr a = { .family = 4 };
    memcpy(a.b, b, 4);
    return a;
}

struct ip_addr ip_addr_v6(const uint8_t b[16])
{
    struct ip_addr a = { .family = 6 };
    memcpy(a.b, b, 16);
    return a;
}

int ip_addr_compare(const struct ip_addr *a, const struct ip_addr *b)
{
    if (a->family != b->family)
        return a->family < b->family ? -1 : 1;
    int c = memcmp(a->b, b->b, sizeof a->b);
    return (c > 0) - (c < 0);
}

const char *ip_addr_text(const struct ip_addr *addr, char out[ADDR_TEXT_SIZE])
{
    out[0] = '\0';
    if (addr->family == 4 || addr->family == 6)
        inet_ntop(addr->family == 4 ? AF_INET : AF_INET6, addr->b, out, ADDR_TEXT_SIZE);
    return out;
}

bool ip_addr_parse(const char *text, struct ip_addr *addr)
{
    memset(addr, 0, sizeof *addr);
    if (inet_pton(AF_INET, text, addr->b) == 1)
        addr->family = 4;
    else if (inet_pton(AF_INET6, text, addr->b) == 1)
        addr->family = 6;
    return addr->family != 0;
}

bool ip_addr_is_private(const struct ip_addr *addr)
{
    const uint8_t *b = addr->b;
    if (addr->family == 4)
        return b[0] == 10 || b[0] == 127 || (b[0] == 172 && (b[1] & 0xf0) == 16) ||
               (b[0] == 192 && b[1] == 168) || (b[0] == 169 && b[1] == 254) ||
               (b[0] == 100 && (b[1] & 0xc0) == 64);
    static const uint8_t loopback[16] = { [15] = 1 };
    return addr->family == 6 && ((b[0] & 0xfe) == 0xfc || (b[0] == 0xfe && (b[1] & 0xc0) == 0x80) ||
                                 memcmp(b, loopback, sizeof loopback) == 0);
}

bool ip_addr_is_multicast(const struct ip_addr *addr)
{
    return addr->family == 4 ? addr->b[0] >= 224 : addr->family == 6 && addr->b[0] == 0xff;
}

bool mac_addr_is_zero(const struct mac_addr *mac)
{
    static const struct mac_addr zero;
    return memcmp(mac, &zero, sizeof zero) == 0;
}

const char *mac_addr_text(const struct mac_addr *mac, char out[MAC_TEXT_SIZE])
{
    const uint8_t *b = mac->b;
    snprintf(out, MAC_TEXT_SIZE, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
    return out;
}
