/* SPDX-License-Identifier: BSD-3-Clause */
/* IP and MAC addresses as values. */
#ifndef MAILWHY_BASE_ADDR_H
#define MAILWHY_BASE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { ADDR_TEXT_SIZE = 46, MAC_TEXT_SIZE = 18 };

struct ip_addr {
    uint8_t family; /* 4, 6, or 0: none */
    uint8_t b[16];  /* network order; IPv4 in the first four, the rest 0 */
};

struct mac_addr {
    uint8_t b[6];
};

struct ip_addr ip_addr_v4(const uint8_t b[4]);
struct ip_addr ip_addr_v6(const uint8_t b[16]);
/* Asked for each packet: two loads and two comparisons of each. */
static inline bool ip_addr_equal(const struct ip_addr *a, const struct ip_addr *b)
{
    return a->family == b->family && memcmp(a->b, b->b, sizeof a->b) == 0;
}
/* -1, 0, 1: families apart, then by bytes. */
int ip_addr_compare(const struct ip_addr *a, const struct ip_addr *b);
/* Writes RFC 5952 text ("" for family 0) to out, which is returned. */
const char *ip_addr_text(const struct ip_addr *addr, char out[ADDR_TEXT_SIZE]);
/* The same where there is room already, without a NUL; returns the end. */
char *ip_addr_put(char *at, const struct ip_addr *addr);
/* Reads either family; false when text is neither. */
bool ip_addr_parse(const char *text, struct ip_addr *addr);
/* RFC 1918, loopback, link-local, unique local, 100.64/10. */
bool ip_addr_is_private(const struct ip_addr *addr);
bool ip_addr_is_multicast(const struct ip_addr *addr);

bool mac_addr_is_zero(const struct mac_addr *mac);
const char *mac_addr_text(const struct mac_addr *mac, char out[MAC_TEXT_SIZE]);

#endif
