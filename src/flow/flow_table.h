/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who talks to whom: one entry for each TCP connection, found by inner addresses and ports alone.
 * Entries are small (see FLOW_BYTES in limits.h); what is followed closely hangs on talk, which
 * belongs to the caller. Three classes age in lists of their own; when memory is short the oldest
 * idle entry of the lowest class goes first, so that a flood of SYNs eats only itself.
 */
#ifndef MAILWHY_FLOW_FLOW_TABLE_H
#define MAILWHY_FLOW_FLOW_TABLE_H

#include "base/mem.h"
#include "facts/attempt.h"
#include "packet/packet.h"

enum flow_class { FLOW_HALF_OPEN, FLOW_NOT_MAIL, FLOW_MAIL, FLOW_CLASSES };

enum flow_seen { /* what was seen, two bits for the two sides: shift by enum side */
                 FLOW_SEEN_PACKET = 1,
                 FLOW_SEEN_FIN = 4,
                 FLOW_SEEN_DATA = 16,
                 FLOW_SEEN_SYN = 64,
                 FLOW_SEEN_SYN_ACK = 128,
};

struct flow_table; /* opaque */
struct flow;       /* opaque; the accessors below are inline-cheap */

/* half_limit: most that entries of the classes below FLOW_MAIL may take, in bytes. */
struct flow_table *flow_table_new(struct budget *budget, size_t half_limit);
/* All entries must have been taken out of use (talk freed) by the caller. */
void flow_table_free(struct flow_table *t);

/* What a connection is found by: its ends in order. */
struct flow_key {
    uint64_t addr[4]; /* IPv4: one number for each end; IPv6: two, first end first */
    uint16_t port[2];
    bool v6;
    uint8_t source; /* which end sent the packet */
    uint32_t hash;
    struct flow *entry; /* perhaps its; NULL: not looked for */
};

/* For a batch: the key of the packet's connection, with its slot prefetched; a few packets later the entry
 * that stands in the slot; then, a few packets later, flow_table_find() with that key. TCP packets and ICMP
 * errors that quote TCP alone. */
void flow_table_prefetch(const struct flow_table *t, const struct packet *packet,
                         struct flow_key *key);
void flow_table_prefetch_entry(const struct flow_table *t, struct flow_key *key);

struct flow_found {
    struct flow *flow; /* NULL: the budget has no more; call flow_table_oldest() and try again */
    enum side from;    /* whose packet it is (of an ICMP error: whose packet it quotes) */
    bool created;
    struct flow *replaced; /* a SYN with another sequence number came on the same ports: this older
                              entry is no longer found; the caller ends its talk and calls flow_forget() */
};
/* Finds or makes the entry. The device is who sent the SYN; without one, who got the SYN+ACK; without
 * that, the side whose peer's port is a mail port (25, 465, 587, 2525), else the lower port is the
 * server's. An ICMP error makes an entry too, since Wireshark numbers its quoted header as a stream
 * (one that has the flags: 16 bytes of it; a shorter quote's entry gets its number with the first packet
 * that counts). Numbers stay Wireshark's only while entries stay: a connection that is over keeps its
 * entry (talk NULL, FLOW_NOT_MAIL) until memory is short. */
struct flow_found flow_table_find(struct flow_table *t, const struct packet *packet,
                                  const struct flow_key *key);

/* Takes the entry out and frees it (talk must be NULL by then). */
void flow_forget(struct flow_table *t, struct flow *flow);
/* Moves it to another class (or within its own), as most recently used. */
void flow_set_class(struct flow_table *t, struct flow *flow, enum flow_class class);
enum flow_class flow_class(const struct flow *flow);
/* The oldest idle entry of the lowest class that has any, or NULL. */
struct flow *flow_table_oldest(struct flow_table *t);
/* Are the classes below FLOW_MAIL close to a limit? Who makes room goes on until they are not, so that in
 * a flood not each packet has to. */
bool flow_table_crowded(const struct flow_table *t);
/* The longest idle entry of this class, if it is idle since before this time (found up to a second
 * late, never early); else NULL. */
struct flow *flow_table_idle(struct flow_table *t, enum flow_class class, int64_t before);
/* Any entry, for the end of a file; NULL when none is left. In order of tcp.stream for FLOW_MAIL. */
struct flow *flow_table_first(struct flow_table *t);
/* A new file: stream numbers begin anew. The table must be empty. */
void flow_table_restart(struct flow_table *t);
size_t flow_table_count(const struct flow_table *t);
/* Connections seen since the (re)start: the next stream number. */
uint64_t flow_table_streams(const struct flow_table *t);
/* True once an entry was forgotten by flow_table_oldest()'s user before its connection was over:
 * then stream numbers are no longer Wireshark's. Set by flow_table_lost(). */
bool flow_table_numbers_hold(const struct flow_table *t);
void flow_table_lost(struct flow_table *t);

void *flow_talk(const struct flow *flow);
void flow_set_talk(struct flow *flow, void *talk);
/* -1: not counted by Wireshark (yet), or begun when numbers no longer held. */
int64_t flow_stream(const struct flow *flow);
unsigned flow_seen(const struct flow *flow); /* enum flow_seen */
/* The device and server ends swapped: the content shows that the guess was wrong. Only where no SYN was seen. */
void flow_swap_sides(struct flow *flow);
void flow_addresses(const struct flow *flow, struct ip_addr *client, uint16_t *client_port,
                    struct ip_addr *server, uint16_t *server_port);
/* The same for the server's port alone: cheap enough for each packet. */
uint16_t flow_server_port(const struct flow *flow);
/* What was remembered of the opening, for a tcp_new() that comes later than the SYN. Ask before
 * flow_set_talk(): it takes the place where the frame and time of the SYN+ACK are kept. */
struct flow_opening {
    uint32_t first_frame;
    int64_t first_time;
    uint32_t syn_seq;
    bool syn;           /* the device's SYN */
    uint32_t syn_frame; /* = first_frame; 0 where the first packet was another one */
    uint32_t syn_ack_seq;
    bool syn_ack; /* the server's */
    uint32_t syn_ack_frame;
    int64_t syn_ack_time; /* 0, TIME_NONE: no longer known */
};
void flow_opening(const struct flow *flow, struct flow_opening *opening);

#endif
