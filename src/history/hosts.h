/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is known of hosts by their hardware addresses: what they call themselves, and which of the
 * addresses are routers' (many clients behind one). Bounded by HOSTS_MAX.
 */
#ifndef MAILWHY_HISTORY_HOSTS_H
#define MAILWHY_HISTORY_HOSTS_H

#include "base/addr.h"
#include "base/mem.h"

struct hosts; /* opaque */

struct host_says {
    struct mac_addr mac;       /* zero: not known */
    struct ip_addr addr;       /* family 0: not known */
    const char *name, *vendor; /* "" or NULL: not said; copied */
    uint8_t rank;              /* a name of a higher rank replaces one of a lower */
};

struct hosts *hosts_new(struct budget *budget);
void hosts_free(struct hosts *h);
void hosts_named(struct hosts *h, const struct host_says *says);
/* A client with this address sent a frame with this source address. */
void hosts_seen(struct hosts *h, const struct mac_addr *mac, const struct ip_addr *addr);
/* More than one client address of one family came with it: a router's. Link-local IPv6 addresses do
 * not count, and those of one /64 that are not made from another MAC (temporary ones, RFC 8981)
 * count as one. */
bool hosts_is_router(const struct hosts *h, const struct mac_addr *mac);
/* The host's own name, and its DHCP vendor class, found by address, else by MAC (where that is no
 * router's); NULL: not known. Valid as long as h. */
const char *hosts_name(const struct hosts *h, const struct mac_addr *mac,
                       const struct ip_addr *addr);
const char *hosts_vendor(const struct hosts *h, const struct mac_addr *mac,
                         const struct ip_addr *addr);

#endif
