/* SPDX-License-Identifier: BSD-3-Clause */
/* IPv4 (RFC 791), IPv6 with its extension headers (RFC 8200), TCP (RFC 9293) and UDP (RFC 768). */
#include "base/limits.h"
#include "packet/fragment.h"
#include "packet/walk.h"

enum {
    IPV4_OFFSET = 0x1fff,
    IPV4_MORE = 0x2000,
};

/* Length 0: the packet was captured before the network card cut it to size. */
static void bound_offloaded(struct walk *w)
{
    if (w->missing > IP_OFFLOADED_MAX)
        w->missing = IP_OFFLOADED_MAX;
}

/* One fragment of a packet; goes on with the whole where this completed it. */
static enum layer fragment_read(struct walk *w, struct fragment *f, uint8_t protocol)
{
    struct packet *p = w->packet;
    p->kind = PACKET_FRAGMENT;
    if (w->quoted ||
        w->missing > 0) { /* never complete: all of it that can be had is in the first */
        if (!w->quoted)
            w->decoder->stats.fragments_dropped++;
        return f->offset == 0 ? protocol_layer(w, protocol) : LAYER_END;
    }
    f->src = p->src;
    f->dst = p->dst;
    f->time = p->time;
    f->bytes = bytes_of(w->c.at, cursor_left(&w->c));
    struct bytes whole;
    if (!w->decoder->fragments ||
        !fragments_add(w->decoder->fragments, f, &whole, &w->decoder->stats.fragments_dropped))
        return LAYER_END;
    w->c = cursor_of(whole);
    p->borrowed = true;
    return protocol_layer(w, protocol);
}

/* Written part by part: a whole struct copied here waits for its own bytes to arrive. */
static void ipv4_address(struct cursor *h, struct ip_addr *addr)
{
    addr->family = 4;
    cursor_copy(h, addr->b, 4);
    memset(addr->b + 4, 0, sizeof addr->b - 4);
}

static enum layer ipv4_read(struct walk *w)
{
    struct packet *p = w->packet;
    struct cursor h = cursor_block(&w->c, 20);
    if (!cursor_ok(&h))
        return walk_short(w);
    size_t header_len = (cursor_u8(&h) & 15) * 4u;
    cursor_skip(&h, 1);
    uint16_t total_len = cursor_u16(&h), id = cursor_u16(&h), fragment = cursor_u16(&h);
    uint8_t ttl = cursor_u8(&h), protocol = cursor_u8(&h);
    cursor_skip(&h, 2);
    if (header_len < 20 || (total_len < header_len && total_len != 0 && !w->quoted))
        return walk_stop(w, PACKET_WHY_MALFORMED);
    ipv4_address(&h, &p->src);
    ipv4_address(&h, &p->dst);
    cursor_skip(&w->c, header_len - 20);
    if (!cursor_ok(&w->c))
        return walk_short(w);
    if (!w->quoted) {
        p->ttl = ttl;
        p->ip_id = id;
        p->protocol = protocol;
        if (total_len != 0)
            walk_bound(w, total_len - header_len);
        else
            bound_offloaded(w);
    }
    if ((fragment & (IPV4_OFFSET | IPV4_MORE)) == 0)
        return protocol_layer(w, protocol);
    struct fragment f = { .id = id,
                          .protocol = protocol,
                          .offset = (fragment & IPV4_OFFSET) * 8u,
                          .more = fragment & IPV4_MORE };
    return fragment_read(w, &f, protocol);
}

/* RFC 8200 4.4: where addresses are still to be visited, the last of them is whom it is for. */
static void routing_destination(struct packet *p, struct cursor h)
{
    uint8_t words = (uint8_t)(cursor_u8(&h) / 2), type = cursor_u8(&h), left = cursor_u8(&h);
    cursor_skip(&h, 4);
    if (left == 0 || words == 0)
        return;
    if (type == 0) /* addresses in the order of the way; segment routing (4, RFC 8754) turns it */
        cursor_skip(&h, (words - 1u) * 16u);
    else if (type != 2 && type != 4)
        return;
    struct bytes address = cursor_bytes(&h, 16);
    if (cursor_ok(&h))
        (void)bytes_copy(p->dst.b, 16, address);
}

/* An extension header of the common form (RFC 6564); returns its next header. */
static uint8_t extension_read(struct walk *w, uint8_t kind)
{
    uint8_t next = cursor_u8(&w->c);
    struct cursor at_length = w->c;
    size_t units = cursor_u8(&w->c);
    size_t length = kind == PROTOCOL_AH ? (units + 2) * 4 : (units + 1) * 8; /* RFC 4302 2.2 */
    if (kind == PROTOCOL_ROUTING)
        routing_destination(w->packet, cursor_block(&at_length, length - 1));
    cursor_skip(&w->c, length - 2);
    return next;
}

static enum layer ipv6_fragment_read(struct walk *w)
{
    uint8_t next = cursor_u8(&w->c);
    cursor_skip(&w->c, 1);
    uint16_t offset_more = cursor_u16(&w->c);
    struct fragment f = { .id = cursor_u32(&w->c),
                          .offset = offset_more & 0xfff8u,
                          .more = offset_more & 1 };
    if (!cursor_ok(&w->c))
        return walk_short(w);
    if (!w->quoted)
        w->packet->protocol = next;
    if (f.offset == 0 && !f.more) /* an atomic fragment is whole (RFC 6946) */
        return protocol_layer(w, next);
    return fragment_read(w, &f, next);
}

/* Is it an extension header of the common form? */
static bool is_extension(uint8_t protocol)
{
    switch (protocol) {
    case PROTOCOL_HOP_BY_HOP:
    case PROTOCOL_ROUTING:
    case PROTOCOL_DESTINATION:
    case PROTOCOL_AH:
    case PROTOCOL_MOBILITY:
    case PROTOCOL_HIP:
    case PROTOCOL_SHIM6:
        return true;
    default:
        return false;
    }
}

/* The chain of extension headers, from its first protocol number. */
static enum layer extensions_read(struct walk *w, uint8_t next)
{
    for (unsigned n = 0; n < IPV6_EXTENSIONS_MAX; n++) {
        if (next == PROTOCOL_FRAGMENT)
            return ipv6_fragment_read(w);
        if (!is_extension(next)) {
            if (!w->quoted)
                w->packet->protocol = next;
            return protocol_layer(w, next);
        }
        next = extension_read(w, next);
        if (!cursor_ok(&w->c))
            return walk_short(w);
    }
    return walk_stop(w, PACKET_WHY_MALFORMED);
}

static enum layer ipv6_read(struct walk *w)
{
    struct packet *p = w->packet;
    struct cursor h = cursor_block(&w->c, 40);
    if (!cursor_ok(&h))
        return walk_short(w);
    cursor_skip(&h, 4);
    uint16_t payload_len = cursor_u16(&h);
    uint8_t next = cursor_u8(&h), hop_limit = cursor_u8(&h);
    p->src.family = p->dst.family = 6;
    cursor_copy(&h, p->src.b, 16);
    cursor_copy(&h, p->dst.b, 16);
    if (!w->quoted) {
        p->ttl = hop_limit;
        p->ip_id = 0;
        p->protocol = next;
        if (payload_len != 0)
            walk_bound(w, payload_len);
        else
            bound_offloaded(w);
    }
    return is_extension(next) || next == PROTOCOL_FRAGMENT ? extensions_read(w, next)
                                                           : protocol_layer(w, next);
}

enum layer ip_read(struct walk *w)
{
    if (cursor_left(&w->c) == 0)
        return walk_short(w);
    switch (cursor_peek(&w->c) >> 4) {
    case 4:
        return ipv4_read(w);
    case 6:
        return ipv6_read(w);
    default:
        return walk_stop(w, PACKET_WHY_MALFORMED);
    }
}

/* In IPv4, and behind an IPv6 fragment, the authentication header is a layer like any other. */
enum layer ah_read(struct walk *w)
{
    return extensions_read(w, PROTOCOL_AH);
}

enum layer protocol_layer(struct walk *w, uint8_t protocol)
{
    if (protocol == PROTOCOL_TCP)
        return LAYER_TCP;
    struct packet *p = w->packet;
    bool v6 = p->src.family == 6;
    switch (protocol) {
    case PROTOCOL_UDP:
        return LAYER_UDP;
    case PROTOCOL_IPV4:
        return walk_into(w, v6 ? ENCAP_4IN6 : ENCAP_IPIP, LAYER_IP);
    case PROTOCOL_IPV6:
        return walk_into(w, v6 ? ENCAP_6IN6 : ENCAP_6IN4, LAYER_IP);
    case PROTOCOL_GRE:
        return LAYER_GRE;
    case PROTOCOL_AH:
        return LAYER_AH;
    case PROTOCOL_MPLS:
        return walk_into(w, ENCAP_MPLS, LAYER_MPLS);
    default:
        break;
    }
    if (protocol == (v6 ? PROTOCOL_ICMPV6 : PROTOCOL_ICMP))
        return LAYER_ICMP;
    if (v6 && is_extension(protocol)) /* behind a reassembled fragment */
        return extensions_read(w, protocol);
    p->kind = PACKET_OTHER_IP;
    p->snapped = w->missing > 0;
    return LAYER_END;
}

/* What is left is the payload. */
static enum layer payload_take(struct walk *w, enum packet_kind kind)
{
    struct packet *p = w->packet;
    p->kind = kind;
    p->payload_len = (uint32_t)walk_wire_left(w);
    p->payload = cursor_rest(&w->c);
    p->snapped = w->missing > 0;
    return LAYER_END;
}

/* As much of the header as an ICMP error quotes: eight bytes at least, often no more. With sixteen
 * of them Wireshark numbers the quoted connection as a stream; so that is where the flags count. */
static enum layer tcp_quoted_read(struct walk *w)
{
    struct packet *p = w->packet;
    struct cursor *c = &w->c;
    size_t reach = cursor_left(c);
    if (reach < 4)
        return LAYER_END;
    p->icmp.quoted_protocol = PROTOCOL_TCP;
    p->src_port = cursor_u16(c);
    p->dst_port = cursor_u16(c);
    p->tcp.seq = cursor_u32(c);
    p->icmp.has_seq = reach >= 8;
    p->tcp.ack = cursor_u32(c);
    cursor_skip(c, 1);
    p->tcp.flags = cursor_u8(c) & 0x3f;
    p->icmp.has_flags = reach >= 16;
    return LAYER_END;
}

enum layer tcp_read(struct walk *w)
{
    struct packet *p = w->packet;
    struct tcp_header *t = &p->tcp;
    t->options = (struct bytes) { NULL, 0 };
    t->window = 0;
    if (w->quoted)
        return tcp_quoted_read(w);
    struct cursor h = cursor_block(&w->c, 20);
    if (!cursor_ok(&h))
        return walk_short(w);
    p->src_port = cursor_u16(&h);
    p->dst_port = cursor_u16(&h);
    t->seq = cursor_u32(&h);
    t->ack = cursor_u32(&h);
    size_t options_len = (cursor_u8(&h) >> 4) * 4u;
    t->flags = cursor_u8(&h) & 0x3f;
    t->window = cursor_u16(&h);
    if (options_len < 20 || options_len - 20 > walk_wire_left(w))
        return walk_stop(w, PACKET_WHY_MALFORMED);
    options_len -= 20;
    size_t captured = options_len < cursor_left(&w->c) ? options_len : cursor_left(&w->c);
    t->options = cursor_bytes(&w->c, captured);
    w->missing -= options_len - captured;
    return payload_take(w, PACKET_TCP);
}

enum { ETHERNET = 14, IPV4 = 20, IPV6 = 40, TCP = 20 }; /* bytes of their headers without options */

/* The first n bytes, which are there: of a length that is known where the call stands, so that none
 * of its reads need be checked. */
CURSOR_HOT struct cursor head_of(const struct frame *frame, size_t n)
{
    return cursor_of(bytes_of(frame->bytes.at, n));
}

/* The TCP header is next in h, and ends it; len bytes of the frame behind that are the packet's. */
CURSOR_HOT bool plain_tcp_header(struct cursor *h, struct bytes behind, size_t len,
                                 struct packet *p)
{
    struct tcp_header *t = &p->tcp;
    p->src_port = cursor_u16(h);
    p->dst_port = cursor_u16(h);
    t->seq = cursor_u32(h);
    t->ack = cursor_u32(h);
    size_t options_len = (cursor_u8(h) >> 4) * 4u - 20u; /* too short: huge */
    t->flags = cursor_u8(h) & 0x3f;
    t->window = cursor_u16(h);
    if (len > behind.len || options_len > len)
        return false;
    t->options = bytes_of(behind.at, options_len);
    p->payload = bytes_of(behind.at + options_len, len - options_len);
    p->payload_len = (uint32_t)p->payload.len;
    return true;
}

CURSOR_HOT bool plain_ipv4(const struct frame *frame, struct packet *p)
{
    enum { HEADERS = IPV4 + TCP, VERSION_4_NO_OPTIONS = 0x45 };
    struct cursor h = head_of(frame, ETHERNET + HEADERS);
    cursor_skip(&h, ETHERNET);
    bool plain = cursor_u8(&h) == VERSION_4_NO_OPTIONS;
    cursor_skip(&h, 1);
    size_t total_len = cursor_u16(&h);
    p->ip_id = cursor_u16(&h);
    plain &= (cursor_u16(&h) & (IPV4_OFFSET | IPV4_MORE)) == 0;
    p->ttl = cursor_u8(&h);
    plain &= cursor_u8(&h) == PROTOCOL_TCP;
    cursor_skip(&h, 2);
    ipv4_address(&h, &p->src);
    ipv4_address(&h, &p->dst);
    return plain && total_len >= HEADERS &&
           plain_tcp_header(&h, bytes_after(frame->bytes, ETHERNET + HEADERS), total_len - HEADERS,
                            p);
}

CURSOR_HOT bool plain_ipv6(const struct frame *frame, struct packet *p)
{
    enum { HEADERS = IPV6 + TCP };
    if (frame->bytes.len < ETHERNET + HEADERS)
        return false;
    struct cursor h = head_of(frame, ETHERNET + HEADERS);
    cursor_skip(&h, ETHERNET);
    bool plain = cursor_u8(&h) >> 4 == 6;
    cursor_skip(&h, 3);
    size_t len = cursor_u16(&h);
    plain &= cursor_u8(&h) == PROTOCOL_TCP;
    p->ttl = cursor_u8(&h);
    p->ip_id = 0;
    p->src.family = p->dst.family = 6;
    cursor_copy(&h, p->src.b, 16);
    cursor_copy(&h, p->dst.b, 16);
    return plain && len >= TCP &&
           plain_tcp_header(&h, bytes_after(frame->bytes, ETHERNET + HEADERS), len - TCP, p);
}

bool plain_tcp_read(const struct frame *frame, struct packet *p)
{
    if (frame->link_type != 1 || frame->bytes.len < ETHERNET + IPV4 + TCP)
        return false;
    struct cursor h = head_of(frame, ETHERNET);
    cursor_copy(&h, p->dst_mac.b, 6);
    cursor_copy(&h, p->src_mac.b, 6);
    uint16_t type = cursor_u16(&h);
    if (!(type == ETHERTYPE_IPV4   ? plain_ipv4(frame, p)
          : type == ETHERTYPE_IPV6 ? plain_ipv6(frame, p)
                                   : false))
        return false;
    p->kind = PACKET_TCP;
    p->why = PACKET_WHY_NOTHING;
    p->frame = frame->number;
    p->time = frame->time;
    p->time_digits = frame->time_digits;
    p->snapped = p->borrowed = false;
    p->protocol = PROTOCOL_TCP;
    p->encap_count = 0;
    return true;
}

enum layer udp_read(struct walk *w)
{
    struct packet *p = w->packet;
    struct cursor h = cursor_block(&w->c, 8);
    if (!cursor_ok(&h))
        return walk_short(w);
    p->src_port = cursor_u16(&h);
    p->dst_port = cursor_u16(&h);
    uint16_t length = cursor_u16(&h);
    if (length != 0 && length < 8 && !w->quoted)
        return walk_stop(w, PACKET_WHY_MALFORMED);
    if (length >= 8 && !w->quoted)
        walk_bound_within(w, length - 8u);
    enum layer inside = udp_tunnel_layer(w);
    if (inside != LAYER_END || p->why == PACKET_WHY_DEPTH)
        return inside;
    if (!w->quoted)
        return payload_take(w, PACKET_UDP);
    p->icmp.quoted_protocol = PROTOCOL_UDP;
    return LAYER_END;
}
