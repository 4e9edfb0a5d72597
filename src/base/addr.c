/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/addr.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/text.h"

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

static char *put_decimal(char *at, unsigned v)
{
    if (v < 10) {
        *at = (char)('0' + v);
        return at + 1;
    }
    if (v >= 100) {
        *at++ = (char)('0' + v / 100);
        v %= 100;
    }
    memcpy(at, text_two_digits[v], 2);
    return at + 2;
}

static char *put_v4(char *at, const uint8_t *b)
{
    for (size_t i = 0; i < 4; i++) {
        at = put_decimal(at, b[i]);
        *at++ = '.';
    }
    return at - 1;
}

static const char hex_digits[] = "0123456789abcdef";

static char *put_hex(char *at, unsigned v)
{
    unsigned shift = v >= 0x1000 ? 12 : v >= 0x100 ? 8 : v >= 0x10 ? 4 : 0;
    for (;; shift -= 4) {
        *at++ = hex_digits[v >> shift & 15];
        if (shift == 0)
            return at;
    }
}

static unsigned group(const uint8_t *b, size_t i)
{
    return (unsigned)b[2 * i] << 8 | b[2 * i + 1];
}

/* The longest run of two or more groups of zeros, the first of those (RFC 5952 4.2). */
static size_t longest_zeros(const uint8_t *b, size_t *length)
{
    size_t best = 8;
    *length = 1;
    for (size_t i = 0; i < 8; i++) {
        size_t n = 0;
        while (i + n < 8 && group(b, i + n) == 0)
            n++;
        if (n > *length) {
            best = i;
            *length = n;
        }
        i += n;
    }
    return best;
}

static char *put_v6(char *at, const uint8_t *b)
{
    size_t length, zeros = longest_zeros(b, &length);
    bool mixed = zeros == 0 && (length == 6 || (length == 5 && group(b, 5) == 0xffff));
    size_t groups = mixed ? 6 : 8; /* the rest is an IPv4 address (RFC 5952 5) */
    for (size_t i = 0; i < groups;) {
        if (i == zeros) {
            *at++ = ':';
            if (i + length == 8)
                *at++ = ':';
            i += length;
            continue;
        }
        if (i > 0)
            *at++ = ':';
        at = put_hex(at, group(b, i++));
    }
    if (mixed) {
        *at++ = ':';
        at = put_v4(at, b + 12);
    }
    return at;
}

char *ip_addr_put(char *at, const struct ip_addr *addr)
{
    return addr->family == 4 ? put_v4(at, addr->b) : addr->family == 6 ? put_v6(at, addr->b) : at;
}

const char *ip_addr_text(const struct ip_addr *addr, char out[ADDR_TEXT_SIZE])
{
    *ip_addr_put(out, addr) = '\0';
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
    char *at = out;
    for (size_t i = 0; i < sizeof mac->b; i++) {
        *at++ = hex_digits[mac->b[i] >> 4];
        *at++ = hex_digits[mac->b[i] & 15];
        *at++ = ':';
    }
    at[-1] = '\0';
    return out;
}
