/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Inside the packet room: how one frame is walked. Each layer has a reader, which takes its header
 * off the walk's cursor, notes in the packet what it saw, and answers which layer comes next. So
 * tunnels nest to any order without recursion, and packet.c bounds the whole walk in one place.
 */
#ifndef MAILWHY_PACKET_WALK_H
#define MAILWHY_PACKET_WALK_H

#include "base/cursor.h"
#include "packet/packet.h"

enum layer {
    LAYER_END, /* nothing more to read: packet->kind and ->why say what came out */
    LAYER_ETHERNET,
    LAYER_LLC,
    LAYER_VLAN,
    LAYER_MPLS,
    LAYER_PPPOE,
    LAYER_PPP,
    LAYER_HDLC, /* PPP or Cisco's framing */
    LAYER_LOOPBACK,
    LAYER_COOKED,
    LAYER_COOKED2,
    LAYER_WLAN,
    LAYER_RADIOTAP,
    LAYER_PRISM, /* and AVS */
    LAYER_IP,    /* either version */
    LAYER_AH,
    LAYER_ICMP, /* either version */
    LAYER_TCP,
    LAYER_UDP,
    LAYER_GRE,
};

/* Ethernet types, and the numbers of IP protocols, in IANA's names. */
enum {
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_ARP = 0x0806,
    ETHERTYPE_TEB = 0x6558, /* transparent Ethernet bridging */
    ETHERTYPE_VLAN = 0x8100,
    ETHERTYPE_IPV6 = 0x86dd,
    ETHERTYPE_PPP = 0x880b,
    ETHERTYPE_MPLS = 0x8847,
    ETHERTYPE_MPLS_MULTICAST = 0x8848,
    ETHERTYPE_PPPOE_SESSION = 0x8864,
    ETHERTYPE_QINQ = 0x88a8,
    ETHERTYPE_QINQ_OLD = 0x9100,
    ETHERTYPE_MIN = 0x0600, /* below it stands IEEE 802.3's length */
};

enum {
    PROTOCOL_HOP_BY_HOP = 0,
    PROTOCOL_ICMP = 1,
    PROTOCOL_IPV4 = 4,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
    PROTOCOL_IPV6 = 41,
    PROTOCOL_ROUTING = 43,
    PROTOCOL_FRAGMENT = 44,
    PROTOCOL_GRE = 47,
    PROTOCOL_AH = 51,
    PROTOCOL_ICMPV6 = 58,
    PROTOCOL_NO_NEXT = 59,
    PROTOCOL_DESTINATION = 60,
    PROTOCOL_MOBILITY = 135,
    PROTOCOL_MPLS = 137,
    PROTOCOL_HIP = 139,
    PROTOCOL_SHIM6 = 140,
};

struct walk {
    struct cursor c; /* what was captured of the current layer */
    size_t missing;  /* bytes of the current layer that the capture cut off behind that */
    bool quoted;     /* inside the packet that an ICMP error quotes */
    struct packet *packet;
    struct packet_decoder *decoder;
};

/* The walk ends with nothing for us. */
static inline enum layer walk_stop(const struct walk *w, enum packet_why why)
{
    w->packet->kind = PACKET_NONE;
    w->packet->why = why;
    return LAYER_END;
}

/* A header ran over the end: cut off by the capture, or never there. */
static inline enum layer walk_short(const struct walk *w)
{
    return walk_stop(w, w->missing > 0 ? PACKET_WHY_TRUNCATED : PACKET_WHY_MALFORMED);
}

/* Bytes of the current layer on the wire. */
static inline size_t walk_wire_left(const struct walk *w)
{
    return cursor_left(&w->c) + w->missing;
}

/* The current layer says that it has n bytes: what stands behind is padding; what of it was not
 * captured is missing, even where the frame's own length denies it (captures that were cut with
 * their lengths rewritten). */
static inline void walk_bound(struct walk *w, size_t n)
{
    size_t left = cursor_left(&w->c);
    if (n < left)
        w->c = cursor_block(&w->c, n);
    w->missing = n < left ? 0 : n - left;
}

/* The same for a length that is believed only where it is not more than what was there. */
static inline void walk_bound_within(struct walk *w, size_t n)
{
    if (n <= walk_wire_left(w))
        walk_bound(w, n);
}

/* Notes an encapsulation and goes on with next; too many of them end the walk. */
static inline enum layer walk_into(const struct walk *w, enum encapsulation encapsulation,
                                   enum layer next)
{
    struct packet *p = w->packet;
    if (p->encap_count >= ENCAP_MAX_DEPTH)
        return walk_stop(w, PACKET_WHY_DEPTH);
    p->encap[p->encap_count++] = (uint8_t)encapsulation;
    return next;
}

/* link.c: the first layer of a link type; LAYER_END where it is not read. */
enum layer link_type_layer(uint16_t link_type);
/* link.c: what stands behind an Ethernet type. */
enum layer ethertype_layer(struct walk *w, uint16_t type);
/* ip.c: what stands behind an IP header with this protocol number. */
enum layer protocol_layer(struct walk *w, uint8_t protocol);
/* tunnel.c: the layer inside a UDP datagram that looks like a tunnel, with the walk moved there;
 * LAYER_END and nothing moved where it does not. */
enum layer udp_tunnel_layer(struct walk *w);

/* ip.c: the whole of a frame that is Ethernet, IPv4 or IPv6 without options, TCP and nothing else,
 * all of it captured: most frames are, and are read in one go. False for any other, whose walk then
 * fills the packet anew. */
bool plain_tcp_read(const struct frame *frame, struct packet *packet);

enum layer ethernet_read(struct walk *w);
enum layer llc_read(struct walk *w);
enum layer vlan_read(struct walk *w);
enum layer mpls_read(struct walk *w);
enum layer pppoe_read(struct walk *w);
enum layer ppp_read(struct walk *w);
enum layer hdlc_read(struct walk *w);
enum layer loopback_read(struct walk *w);
enum layer cooked_read(struct walk *w);
enum layer cooked2_read(struct walk *w);
enum layer wlan_read(struct walk *w);
enum layer radiotap_read(struct walk *w);
enum layer prism_read(struct walk *w);
enum layer ip_read(struct walk *w);
enum layer ah_read(struct walk *w);
enum layer icmp_read(struct walk *w);
enum layer tcp_read(struct walk *w);
enum layer udp_read(struct walk *w);
enum layer gre_read(struct walk *w);

#endif
