/* SPDX-License-Identifier: BSD-3-Clause */
/* Tunnels: GRE (RFC 2784, 2890, 2637) with ERSPAN, VXLAN (RFC 7348), GENEVE (RFC 8926), TZSP. */
#include "packet/walk.h"

enum {
    GRE_CHECKSUM = 0x8000,
    GRE_ROUTING = 0x4000,
    GRE_KEY = 0x2000,
    GRE_SEQUENCE = 0x1000,
    GRE_ACK = 0x0080, /* version 1 */
    GRE_VERSION = 0x0007,
    GRE_TYPE_ERSPAN = 0x88be, /* types I and II */
    GRE_TYPE_ERSPAN3 = 0x22eb,
};

static enum layer not_a_tunnel(struct walk *w)
{
    w->packet->kind = PACKET_OTHER_IP;
    w->packet->snapped = w->missing > 0;
    return LAYER_END;
}

/* RFC 1701: source route entries up to an empty one. */
static void gre_routing_skip(struct cursor *c)
{
    uint8_t length;
    do {
        cursor_skip(c, 3);
        length = cursor_u8(c);
        cursor_skip(c, length);
    } while (length > 0 && cursor_ok(c));
}

/* Type I has no header of its own, II eight bytes, III twelve and perhaps eight more
 * (draft-foschiano-erspan). The version stands in the first four bits. */
static enum layer erspan_read(struct walk *w, bool has_header)
{
    if (!has_header)
        return walk_into(w, ENCAP_ERSPAN, LAYER_ETHERNET);
    struct cursor *c = &w->c;
    enum { TYPE_II = 1, TYPE_III = 2, FRAME_IP = 2 };
    unsigned version = cursor_peek(c) >> 4, carried = 0;
    cursor_skip(c, 8);
    if (version == TYPE_III) {
        cursor_skip(c, 2);
        uint16_t flags = cursor_u16(c);
        carried = flags >> 10 & 0x1f;
        cursor_skip(c, flags & 1 ? 8 : 0);
    }
    if (!cursor_ok(c))
        return walk_short(w);
    if (version != TYPE_II && version != TYPE_III)
        return not_a_tunnel(w);
    return walk_into(w, ENCAP_ERSPAN, carried == FRAME_IP ? LAYER_IP : LAYER_ETHERNET);
}

/* What GRE carries, by its protocol type. */
static enum layer gre_layer(struct walk *w, uint16_t flags, uint16_t type)
{
    switch (type) {
    case ETHERTYPE_IPV4:
    case ETHERTYPE_IPV6:
        return walk_into(w, ENCAP_GRE, LAYER_IP);
    case ETHERTYPE_TEB:
        return walk_into(w, ENCAP_GRE, LAYER_ETHERNET);
    case ETHERTYPE_PPP:
        return walk_into(w, ENCAP_GRE, LAYER_PPP);
    case ETHERTYPE_VLAN:
    case ETHERTYPE_QINQ:
    case ETHERTYPE_MPLS:
    case ETHERTYPE_MPLS_MULTICAST:
        if (walk_into(w, ENCAP_GRE, LAYER_VLAN) == LAYER_END)
            return LAYER_END;
        return ethertype_layer(w, type);
    case GRE_TYPE_ERSPAN:
        return erspan_read(w, flags & GRE_SEQUENCE);
    case GRE_TYPE_ERSPAN3:
        return erspan_read(w, true);
    default:
        return not_a_tunnel(w);
    }
}

enum layer gre_read(struct walk *w)
{
    struct cursor *c = &w->c;
    uint16_t flags = cursor_u16(c), type = cursor_u16(c);
    unsigned version = flags & GRE_VERSION;
    if (version > 1 || (version == 1 && type != ETHERTYPE_PPP))
        return not_a_tunnel(w);
    if (version == 0 && (flags & (GRE_CHECKSUM | GRE_ROUTING)))
        cursor_skip(c, 4);
    if (flags & GRE_KEY)
        cursor_skip(c, 4);
    if (flags & GRE_SEQUENCE)
        cursor_skip(c, 4);
    if (version == 1 && (flags & GRE_ACK))
        cursor_skip(c, 4);
    if (version == 0 && (flags & GRE_ROUTING))
        gre_routing_skip(c);
    if (!cursor_ok(c))
        return walk_short(w);
    if (version == 1 && !(flags & GRE_SEQUENCE)) /* PPTP: an acknowledgement alone */
        return not_a_tunnel(w);
    return gre_layer(w, flags, type);
}

static enum layer vxlan_layer(struct walk *w)
{
    struct cursor c = w->c;
    uint32_t flags = cursor_u32(&c);
    cursor_skip(&c, 3);
    uint8_t reserved = cursor_u8(&c);
    /* with the extension for group policies, the last two bytes of the first word are a group */
    bool valid = flags == 0x08000000 || (flags & 0xff000000) == 0x88000000;
    if (!cursor_ok(&c) || !valid || reserved != 0 || cursor_left(&c) < 14)
        return LAYER_END;
    w->c = c;
    return walk_into(w, ENCAP_VXLAN, LAYER_ETHERNET);
}

static enum layer geneve_layer(struct walk *w)
{
    struct cursor c = w->c;
    uint8_t version_len = cursor_u8(&c), flags = cursor_u8(&c);
    uint16_t type = cursor_u16(&c);
    cursor_skip(&c, 3);
    uint8_t reserved = cursor_u8(&c);
    bool version_0 = version_len >> 6 == 0 && (flags & 0x3f) == 0 && reserved == 0;
    cursor_skip(&c, (version_len & 0x3f) * 4u);
    if (!cursor_ok(&c) || !version_0)
        return LAYER_END;
    enum layer next = type == ETHERTYPE_TEB                              ? LAYER_ETHERNET
                      : type == ETHERTYPE_IPV4 || type == ETHERTYPE_IPV6 ? LAYER_IP
                                                                         : LAYER_END;
    if (next == LAYER_END)
        return LAYER_END;
    w->c = c;
    return walk_into(w, ENCAP_GENEVE, next);
}

/* Skips TZSP's tagged fields up to and with the end tag; fails where there is none. */
static void tzsp_tags_skip(struct cursor *c)
{
    enum { TAG_PADDING = 0, TAG_END = 1 };
    while (cursor_ok(c)) {
        uint8_t tag = cursor_u8(c);
        if (tag == TAG_END)
            return;
        if (tag != TAG_PADDING)
            (void)cursor_block8(c);
    }
}

static enum layer tzsp_layer(struct walk *w)
{
    struct cursor c = w->c;
    enum { TYPE_RECEIVED = 0, TYPE_TO_SEND = 1 };
    uint8_t version = cursor_u8(&c), type = cursor_u8(&c);
    uint16_t carried = cursor_u16(&c);
    tzsp_tags_skip(&c);
    if (!cursor_ok(&c) || version != 1 || type > TYPE_TO_SEND)
        return LAYER_END;
    enum layer next = carried == 1                       ? LAYER_ETHERNET
                      : carried == 18                    ? LAYER_WLAN
                      : carried == 119 || carried == 127 ? LAYER_PRISM
                                                         : LAYER_END;
    if (next == LAYER_END)
        return LAYER_END;
    w->c = c;
    return walk_into(w, ENCAP_TZSP, next);
}

enum layer udp_tunnel_layer(struct walk *w)
{
    switch (w->packet->dst_port) {
    case 4789:
    case 8472:
        return vxlan_layer(w); /* 8472: Linux before the port was assigned */
    case 6081:
        return geneve_layer(w);
    case 37008:
        return tzsp_layer(w);
    default:
        return LAYER_END;
    }
}
