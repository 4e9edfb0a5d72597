/* SPDX-License-Identifier: BSD-3-Clause */
/* Bounded reassembly of IP fragments (RFC 791, RFC 8200 4.5; IPv6 overlaps dropped, RFC 5722). */
#ifndef MAILWHY_PACKET_FRAGMENT_H
#define MAILWHY_PACKET_FRAGMENT_H

#include "base/addr.h"
#include "base/bytes.h"
#include "base/mem.h"

struct fragments; /* opaque */

/* NULL when there is no memory. */
struct fragments *fragments_new(struct budget *budget);
void fragments_free(struct fragments *f);
/* Forgets all (a new file begins). */
void fragments_clear(struct fragments *f);

struct fragment {
    struct ip_addr src, dst;
    uint32_t id;
    uint8_t protocol;
    uint32_t offset;    /* bytes */
    bool more;          /* more fragments follow */
    struct bytes bytes; /* this fragment's part of the payload */
    int64_t time;
};

/* Adds one. True when that completed the packet: *whole is its payload, valid until the next call;
 * *dropped counts what was given up meanwhile. First data wins where IPv4 fragments overlap. */
bool fragments_add(struct fragments *f, const struct fragment *fragment, struct bytes *whole,
                   uint64_t *dropped);

#endif
