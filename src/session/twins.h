/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A capture on all interfaces of a router with NAT shows a connection twice: as the device makes
 * it, and as the router passes it on with an address of its own. Both are one conversation where it
 * was one packet that opened them: the same sequence number and IP identification to the same
 * server, a hop or a few further on, at once; and where the server answered both with one sequence
 * number, or neither. NAT that renumbers is not recognised: rather one conversation told twice than
 * two as one.
 */
#ifndef MAILWHY_SESSION_TWINS_H
#define MAILWHY_SESSION_TWINS_H

#include "dissectors/dns.h"
#include "packet/packet.h"

/* A part of what is known of one connection. */
struct twin {
    struct twin *other; /* NULL: none */
    uint32_t answer;    /* the server's first sequence number */
    bool noted;         /* twins_opened() was told of it … */
    uint8_t place;      /* … and put it here among the last, unless others have pushed it out */
    bool answered;
    bool copy; /* of the two the one behind the router */
};

enum { TWINS_RECENT = 32 };

/* The last openings at mail ports. */
struct twins {
    struct opening {
        struct twin *twin; /* NULL: free, or gone */
        struct ip_addr client, server;
        int64_t time;
        uint16_t port, ip_id;
        uint8_t ttl;
    } recent[TWINS_RECENT];
    uint32_t seq[TWINS_RECENT]; /* apart: this tells nearly always that it is another one */
    uint8_t next;
};

/* The packet opens the connection: remembers it, and finds its twin. */
void twins_opened(struct twins *all, struct twin *t, const struct packet *syn);
/* The server took it, with this sequence number. */
void twin_answered(struct twin *t, uint32_t seq);
/* Is it the copy of another connection, for all that was seen of both? */
bool twin_is_copy(const struct twin *t);
/* The connection is over, and t goes. */
void twins_left(struct twins *all, struct twin *t);

enum { TWIN_QUERIES_RECENT = 16 };

/* The last look-ups (DNS), so that one which the router passes on is known as such, and its
 * answer. */
struct twin_queries {
    struct twin_query {
        struct ip_addr client, server;
        int64_t time;
        uint64_t name; /* its hash */
        uint16_t id, type, ip_id;
        uint8_t ttl;
        bool used, copy;
    } recent[TWIN_QUERIES_RECENT];
    uint8_t next;
};

/* Is this message, asked or answered, the copy behind the router of one that is seen before it as
 * well? */
bool twins_message_is_copy(struct twin_queries *all, const struct packet *p,
                           const struct dns_message *m);

#endif
