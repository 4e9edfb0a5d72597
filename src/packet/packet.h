/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One frame decoded: addresses, ports, TCP fields, payload, tunnels passed. All views point into
 * the frame (or into the fragment store, until the next call). Nothing is remembered between
 * frames but IP fragments (fragment.h).
 */
#ifndef MAILWHY_PACKET_PACKET_H
#define MAILWHY_PACKET_PACKET_H

#include "base/addr.h"
#include "base/encapsulation.h"
#include "capture/frame.h"

enum packet_kind {
    PACKET_NONE, /* not IP, or nothing for us: see why */
    PACKET_TCP,
    PACKET_UDP,
    PACKET_ICMP_ERROR, /* an ICMP or ICMPv6 error; the quoted packet is in icmp */
    PACKET_OTHER_IP,   /* another IP protocol, or other ICMP */
    PACKET_FRAGMENT,   /* an IP fragment, kept until the rest comes */
};

enum packet_why { /* why PACKET_NONE */
                  PACKET_WHY_NOTHING,
                  PACKET_WHY_LINK_TYPE, /* a link type that is not read */
                  PACKET_WHY_NOT_IP,    /* ARP, LLDP, management frames, encrypted 802.11 … */
                  PACKET_WHY_TRUNCATED, /* the capture cut the headers off */
                  PACKET_WHY_MALFORMED, /* the headers are nonsense */
                  PACKET_WHY_DEPTH,     /* too many tunnels in each other */
};

enum tcp_flag {
    TCP_FIN = 1,
    TCP_SYN = 2,
    TCP_RST = 4,
    TCP_PSH = 8,
    TCP_ACK = 16,
    TCP_URG = 32,
};

struct tcp_header { /* RFC 9293 3.1 */
    uint32_t seq, ack;
    uint16_t window;
    uint8_t flags;        /* enum tcp_flag */
    struct bytes options; /* as captured: tcp_options.h; none of a quoted header */
};

struct icmp_error { /* RFC 792, RFC 4443 */
    uint8_t type, code;
    bool v6;
    uint32_t mtu;        /* of "fragmentation needed" and "packet too big"; else 0 */
    struct ip_addr from; /* who sent the error */
    /* the quoted packet: packet.src, .dst, .src_port … below are ITS fields */
    uint8_t quoted_protocol; /* 6 = TCP; else there is nothing to match */
    bool has_seq;            /* the quote reached as far as the sequence number: tcp.seq */
    bool has_flags; /* 16 bytes of it, so that Wireshark numbers it as a stream: tcp.flags */
};

struct packet {
    enum packet_kind kind;
    enum packet_why why;
    uint32_t frame;
    int64_t time; /* ns since 1970, or TIME_NONE */
    uint8_t time_digits;
    bool snapped;   /* the capture cut bytes of this IP packet's payload off */
    bool borrowed;  /* its views point into the fragment store: valid until the next call */
    uint8_t ttl;    /* or hop limit, of the innermost header */
    uint16_t ip_id; /* IPv4 only; else 0 */
    uint16_t src_port, dst_port;
    struct ip_addr src, dst;          /* innermost */
    struct mac_addr src_mac, dst_mac; /* zero where the link has none */
    uint8_t protocol;                 /* innermost IP protocol number */
    uint8_t encap_count;
    uint8_t encap[ENCAP_MAX_DEPTH]; /* enum encapsulation, outermost first */
    struct tcp_header tcp;          /* PACKET_TCP, and the quoted one in PACKET_ICMP_ERROR */
    struct icmp_error icmp;         /* PACKET_ICMP_ERROR */
    struct bytes payload;           /* TCP or UDP payload as captured */
    uint32_t payload_len;           /* its length on the wire */
};

struct fragments; /* opaque; fragment.c: bounded reassembly of IP fragments */

struct packet_stats {           /* what was passed over, for the notes and -v */
    uint64_t why[8];            /* by enum packet_why */
    uint64_t link_type_unknown; /* the last link type that was not read, +1; 0 = none */
    uint64_t fragments_dropped; /* never completed, over the limit, or overlapping */
    uint64_t encapsulated;      /* frames with VLAN, PPPoE or a tunnel */
    uint64_t wlan_encrypted;    /* 802.11 frames that are encrypted */
};

struct packet_decoder {
    struct fragments *fragments; /* may be NULL: fragments are then passed over */
    struct packet_stats stats;
};

/* Decodes one frame. Never fails: what cannot be read is said in kind and why. */
void packet_decode(struct packet_decoder *decoder, const struct frame *frame,
                   struct packet *packet);

#endif
