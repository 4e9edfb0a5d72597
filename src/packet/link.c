/* SPDX-License-Identifier: BSD-3-Clause */
/* Link layers, and what stands between them and IP: VLAN tags, MPLS labels, PPPoE, PPP. */
#include "packet/walk.h"

enum layer link_type_layer(uint16_t link_type)
{
    if (link_type == 1) /* nearly all captures: spare them the search */
        return LAYER_ETHERNET;
    switch (link_type) { /* LINKTYPE_… of tcpdump.org */
    case 0:
    case 108:
        return LAYER_LOOPBACK; /* BSD null, OpenBSD loop */
    case 9:
        return LAYER_PPP;
    case 50:
    case 104:
        return LAYER_HDLC; /* PPP_HDLC, C_HDLC */
    case 51:
        return LAYER_PPPOE;
    case 12:
    case 14:
    case 101:
    case 228:
    case 229:
        return LAYER_IP; /* raw IP */
    case 105:
        return LAYER_WLAN;
    case 113:
        return LAYER_COOKED;
    case 119:
    case 163:
        return LAYER_PRISM;
    case 127:
        return LAYER_RADIOTAP;
    case 276:
        return LAYER_COOKED2;
    default:
        return LAYER_END;
    }
}

enum layer ethertype_layer(struct walk *w, uint16_t type)
{
    if (type == ETHERTYPE_IPV4 || type == ETHERTYPE_IPV6)
        return LAYER_IP;
    switch (type) {
    case ETHERTYPE_VLAN:
        return walk_into(w, ENCAP_VLAN, LAYER_VLAN);
    case ETHERTYPE_QINQ:
    case ETHERTYPE_QINQ_OLD:
        return walk_into(w, ENCAP_QINQ, LAYER_VLAN);
    case ETHERTYPE_MPLS:
    case ETHERTYPE_MPLS_MULTICAST:
        return walk_into(w, ENCAP_MPLS, LAYER_MPLS);
    case ETHERTYPE_PPPOE_SESSION:
        return LAYER_PPPOE;
    case ETHERTYPE_PPP:
        return LAYER_PPP;
    default:
        break;
    }
    if (type >= ETHERTYPE_MIN)
        return walk_stop(w, PACKET_WHY_NOT_IP);
    walk_bound_within(w, type);
    return LAYER_LLC;
}

enum layer ethernet_read(struct walk *w)
{
    struct cursor h = cursor_block(&w->c, 14);
    if (!cursor_ok(&h))
        return walk_short(w);
    if (!w->quoted) {
        cursor_copy(&h, w->packet->dst_mac.b, 6);
        cursor_copy(&h, w->packet->src_mac.b, 6);
    } else {
        cursor_skip(&h, 12);
    }
    return ethertype_layer(w, cursor_u16(&h));
}

/* IEEE 802.2, with SNAP (RFC 1042) */
enum layer llc_read(struct walk *w)
{
    uint32_t saps = cursor_u24(&w->c);
    if (!cursor_ok(&w->c))
        return walk_short(w);
    if (saps == 0x060603) /* IP without SNAP */
        return LAYER_IP;
    if (saps != 0xaaaa03)
        return walk_stop(w, PACKET_WHY_NOT_IP);
    uint32_t organization = cursor_u24(&w->c);
    uint16_t type = cursor_u16(&w->c);
    if (!cursor_ok(&w->c))
        return walk_short(w);
    /* Ethernet's own types, also behind the prefix of bridge tunnels (802.1H) */
    if ((organization != 0 && organization != 0x0000f8) || type < ETHERTYPE_MIN)
        return walk_stop(w, PACKET_WHY_NOT_IP);
    return ethertype_layer(w, type);
}

/* IEEE 802.1Q: the tag's type was read before it */
enum layer vlan_read(struct walk *w)
{
    cursor_skip(&w->c, 2);
    uint16_t type = cursor_u16(&w->c);
    if (!cursor_ok(&w->c))
        return walk_short(w);
    return ethertype_layer(w, type);
}

/* Could an Ethernet header begin after skip bytes, by the type that stands in it? */
static bool looks_like_ethernet(struct cursor c, size_t skip)
{
    cursor_skip(&c, skip + 12);
    switch (cursor_u16(&c)) {
    case ETHERTYPE_IPV4:
    case ETHERTYPE_IPV6:
    case ETHERTYPE_ARP:
    case ETHERTYPE_VLAN:
    case ETHERTYPE_QINQ:
    case ETHERTYPE_PPPOE_SESSION:
    case ETHERTYPE_MPLS:
        return true;
    default:
        return false;
    }
}

/* RFC 3032; nothing in a label stack says what follows it, so the first nibble must (RFC 4928). */
enum layer mpls_read(struct walk *w)
{
    bool bottom = false;
    while (!bottom && cursor_ok(&w->c))
        bottom = cursor_u32(&w->c) & 0x100;
    if (!cursor_ok(&w->c) || cursor_left(&w->c) == 0)
        return walk_short(w);
    unsigned nibble = cursor_peek(&w->c) >> 4;
    if (nibble == 4 || nibble == 6)
        return LAYER_IP;
    if (looks_like_ethernet(w->c, 0)) /* a pseudo-wire */
        return LAYER_ETHERNET;
    if (nibble != 0 || !looks_like_ethernet(w->c, 4)) /* one with a control word (RFC 4385) */
        return walk_stop(w, PACKET_WHY_NOT_IP);
    cursor_skip(&w->c, 4);
    return LAYER_ETHERNET;
}

/* RFC 2516 */
enum layer pppoe_read(struct walk *w)
{
    struct cursor h = cursor_block(&w->c, 6);
    uint8_t version_type = cursor_u8(&h), code = cursor_u8(&h);
    cursor_skip(&h, 2);
    uint16_t length = cursor_u16(&h);
    if (!cursor_ok(&h))
        return walk_short(w);
    if (version_type != 0x11 || code != 0) /* 0 = session data */
        return walk_stop(w, PACKET_WHY_NOT_IP);
    walk_bound_within(w, length);
    return walk_into(w, ENCAP_PPPOE, LAYER_PPP);
}

/* RFC 1661, with or without the address and control fields of RFC 1662 */
enum layer ppp_read(struct walk *w)
{
    if (cursor_peek(&w->c) == 0xff)
        cursor_skip(&w->c, 2);
    uint16_t protocol = cursor_u8(&w->c);
    if ((protocol & 1) == 0) /* else compressed to one byte (RFC 1661 6.5) */
        protocol = (uint16_t)(protocol << 8 | cursor_u8(&w->c));
    if (!cursor_ok(&w->c))
        return walk_short(w);
    switch (protocol) {
    case 0x0021:
    case 0x0057:
        return LAYER_IP;
    case 0x0281:
    case 0x0283:
        return walk_into(w, ENCAP_MPLS, LAYER_MPLS);
    default:
        return walk_stop(w, PACKET_WHY_NOT_IP);
    }
}

enum layer hdlc_read(struct walk *w)
{
    uint8_t address = cursor_peek(&w->c);
    if (address != 0x0f && address != 0x8f) /* Cisco's unicast and broadcast */
        return LAYER_PPP;
    cursor_skip(&w->c, 2);
    uint16_t type = cursor_u16(&w->c);
    if (!cursor_ok(&w->c))
        return walk_short(w);
    return ethertype_layer(w, type);
}

/* A protocol family in the byte order of the machine that captured, with each system's own number
 * for IPv6. */
enum layer loopback_read(struct walk *w)
{
    uint32_t family = cursor_u32(&w->c);
    if (!cursor_ok(&w->c))
        return walk_short(w);
    if (family & 0xffff0000)
        family = __builtin_bswap32(family);
    switch (family) {
    case 2:  /* AF_INET everywhere */
    case 10: /* Linux */
    case 23: /* Windows */
    case 24: /* NetBSD, OpenBSD, BSD/OS, Npcap */
    case 28: /* FreeBSD, DragonFly */
    case 30: /* Darwin */
        return LAYER_IP;
    default:
        return walk_stop(w, PACKET_WHY_NOT_IP);
    }
}

/* The protocol field of Linux' cooked headers: an Ethernet type, or a small number of Linux' own. */
static enum layer cooked_layer(struct walk *w, uint16_t type)
{
    if (type >= ETHERTYPE_MIN)
        return ethertype_layer(w, type);
    return type == 4 ? LAYER_LLC : walk_stop(w, PACKET_WHY_NOT_IP);
}

enum { ARPHRD_NETLINK_TYPE = 824 };

/* LINKTYPE_LINUX_SLL */
enum layer cooked_read(struct walk *w)
{
    struct cursor h = cursor_block(&w->c, 16);
    cursor_skip(&h, 2);
    uint16_t hardware = cursor_u16(&h), address_len = cursor_u16(&h);
    struct cursor address = cursor_block(&h, 8);
    uint16_t type = cursor_u16(&h);
    if (!cursor_ok(&h))
        return walk_short(w);
    if (hardware == ARPHRD_NETLINK_TYPE)
        return walk_stop(w, PACKET_WHY_NOT_IP);
    if (address_len == 6)
        cursor_copy(&address, w->packet->src_mac.b, 6);
    return cooked_layer(w, type);
}

/* LINKTYPE_LINUX_SLL2 */
enum layer cooked2_read(struct walk *w)
{
    struct cursor h = cursor_block(&w->c, 20);
    uint16_t type = cursor_u16(&h);
    cursor_skip(&h, 6);
    uint16_t hardware = cursor_u16(&h);
    cursor_skip(&h, 1);
    uint8_t address_len = cursor_u8(&h);
    if (!cursor_ok(&h))
        return walk_short(w);
    if (hardware == ARPHRD_NETLINK_TYPE)
        return walk_stop(w, PACKET_WHY_NOT_IP);
    if (address_len == 6)
        cursor_copy(&h, w->packet->src_mac.b, 6);
    return cooked_layer(w, type);
}
