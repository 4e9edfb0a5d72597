/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a shard learns beside mail connections, in the order of capture: DNS messages, what hosts
 * call themselves, openings of connections to mail ports. A short queue that the engine empties
 * after each batch; each event takes no more memory than its kind needs.
 */
#ifndef MAILWHY_SESSION_EVENTS_H
#define MAILWHY_SESSION_EVENTS_H

#include "base/encapsulation.h"
#include "dissectors/dns.h"
#include "dissectors/host_names.h"
#include "facts/attempt.h"
#include "packet/packet.h"
#include "session/twins.h"

enum event_kind {
    EVENT_OPENING, /* device opened a connection to a mail port */
    EVENT_SPOKE,   /* device sent its first payload to server, on a connection opened at time */
    EVENT_NAMED,   /* host: what it calls itself */
    EVENT_DNS,     /* message: asked or answered */
};

struct event {
    uint8_t kind; /* enum event_kind */
    uint8_t time_digits, encap_count, encap[ENCAP_MAX_DEPTH];
    uint32_t frame;
    int64_t time;
    struct ip_addr device; /* who asked, or opened */
    struct ip_addr server; /* EVENT_SPOKE */
    struct mac_addr device_mac;
    union {
        struct host_name host;
        struct dns_message message; /* no more of its answers than count */
    };
};

struct queued;
struct events {
    struct queued *first, **end;
    struct queued *given; /* what events_next() lent last */
    struct twin_queries queries;
    unsigned count;
    uint64_t dropped; /* too many waited, or memory was out */
};

void events_init(struct events *q);
void events_done(struct events *q);
/* What a UDP datagram says: DNS, or hosts that say what they are called. */
void events_datagram(struct events *q, const struct packet *packet);
/* The packet opens a connection, perhaps to a mail port. */
void events_opening(struct events *q, const struct packet *packet);
/* The device sent its first payload on this connection. */
void events_spoke(struct events *q, const struct attempt *attempt);
/* Takes the first out, which is borrowed until the next call; NULL when none is left. */
const struct event *events_next(struct events *q);

#endif
