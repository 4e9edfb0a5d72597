/* SPDX-License-Identifier: BSD-3-Clause */
/* ICMP (RFC 792) and ICMPv6 (RFC 4443) errors: the walk goes on in the packet that they quote. */
#include "packet/walk.h"

enum { ICMP_UNREACHABLE = 3, ICMP_NEEDS_FRAGMENTATION = 4, ICMPV6_TOO_BIG = 2 };

/* Errors about a packet that they quote. A redirect quotes too, but it is no error. */
static bool quotes(bool v6, uint8_t type)
{
    if (v6)
        return type >= 1 && type <= 4;
    return type == 3 || type == 4 || type == 11 || type == 12;
}

/* RFC 4884 5.1: how long the quote is where something is added behind it; in words of 32 or 64
 * bits, at different places, 0 in older messages. */
static size_t quote_len(bool v6, uint8_t type, uint32_t rest)
{
    if (v6)
        return type == 1 || type == 3 ? (rest >> 24) * 8u : 0;
    return type == 3 || type == 11 || type == 12 ? (rest >> 16 & 0xff) * 4u : 0;
}

enum layer icmp_read(struct walk *w)
{
    struct packet *p = w->packet;
    if (w->quoted) /* an error about ICMP: not about a connection */
        return LAYER_END;
    bool v6 = p->src.family == 6;
    uint8_t type = cursor_u8(&w->c), code = cursor_u8(&w->c);
    cursor_skip(&w->c, 2);
    uint32_t rest = cursor_u32(&w->c);
    if (!cursor_ok(&w->c))
        return walk_short(w);
    p->kind = PACKET_OTHER_IP;
    p->snapped = w->missing > 0;
    if (!quotes(v6, type))
        return LAYER_END;
    p->icmp = (struct icmp_error) { .type = type, .code = code, .v6 = v6, .from = p->src };
    if (v6 && type == ICMPV6_TOO_BIG)
        p->icmp.mtu = rest;
    else if (!v6 && type == ICMP_UNREACHABLE && code == ICMP_NEEDS_FRAGMENTATION)
        p->icmp.mtu = rest & 0xffff;
    size_t len = quote_len(v6, type, rest);
    if (len > 0)
        walk_bound_within(w, len);
    w->quoted = true;
    p->src.family = p->dst.family = 0;
    return LAYER_IP;
}
