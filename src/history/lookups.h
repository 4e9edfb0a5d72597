/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Look-ups of names in progress. One look-up is one name asked by one device: A and AAAA,
 * repetitions, second resolvers and search suffixes together, closed 30 s after the last query. One
 * that failed and is tied to mail becomes an attempt. Bounded by LOOKUPS_OPEN_MAX.
 */
#ifndef MAILWHY_HISTORY_LOOKUPS_H
#define MAILWHY_HISTORY_LOOKUPS_H

#include "base/mem.h"
#include "facts/attempt.h"

struct lookups; /* opaque */

/* A query or an answer, as far as it matters here. */
struct name_message {
    struct ip_addr device; /* who asked */
    int64_t time;
    uint32_t frame;
    uint8_t time_digits;
    bool response;
    uint8_t rcode, addresses;
    uint16_t type;
    const char *name; /* lower case, without the final dot */
    struct mac_addr device_mac;
    uint8_t encap_count, encap[ENCAP_MAX_DEPTH];
};

/* Is this name, asked by this device, known to be a mail server's (asked for by --server or
 * --device, or used for mail before)? Given by who owns the look-ups. */
typedef bool lookups_is_mail(void *context, const struct ip_addr *device, const char *name);

struct lookups *lookups_new(struct budget *budget, lookups_is_mail *is_mail, void *context);
void lookups_free(struct lookups *l);
void lookups_message(struct lookups *l, const struct name_message *message);
/* The device opened a connection to a mail port: its look-ups so far got it somewhere. */
void lookups_connected(struct lookups *l, const struct ip_addr *device, int64_t time);
/* A failed look-up that is closed by this time (end: all are), as an attempt of kind ATTEMPT_LOOKUP
 * that the caller owns, with its name (valid until the next call); NULL when there is none. frame:
 * the one that showed the time. */
struct attempt *lookups_next(struct lookups *l, int64_t now, uint32_t frame, bool end,
                             const char **name);

#endif
