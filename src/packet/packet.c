/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/packet.h"

#include "base/limits.h"
#include "packet/walk.h"

static enum layer read_layer(enum layer layer, struct walk *w)
{
    static enum layer (*const readers[])(struct walk *) = {
        [LAYER_ETHERNET] = ethernet_read,
        [LAYER_LLC] = llc_read,
        [LAYER_VLAN] = vlan_read,
        [LAYER_MPLS] = mpls_read,
        [LAYER_PPPOE] = pppoe_read,
        [LAYER_PPP] = ppp_read,
        [LAYER_HDLC] = hdlc_read,
        [LAYER_LOOPBACK] = loopback_read,
        [LAYER_COOKED] = cooked_read,
        [LAYER_COOKED2] = cooked2_read,
        [LAYER_WLAN] = wlan_read,
        [LAYER_RADIOTAP] = radiotap_read,
        [LAYER_PRISM] = prism_read,
        [LAYER_IP] = ip_read,
        [LAYER_AH] = ah_read,
        [LAYER_ICMP] = icmp_read,
        [LAYER_TCP] = tcp_read,
        [LAYER_UDP] = udp_read,
        [LAYER_GRE] = gre_read,
    };
    return readers[layer](w);
}

/* Every field that a layer may leave alone; those of a protocol are set by its reader. */
static void packet_begin(struct packet *p, const struct frame *frame)
{
    p->kind = PACKET_NONE;
    p->why = PACKET_WHY_NOTHING;
    p->frame = frame->number;
    p->time = frame->time;
    p->time_digits = frame->time_digits;
    p->snapped = p->borrowed = false;
    p->ttl = 0;
    p->ip_id = 0;
    p->src_port = p->dst_port = 0;
    p->src.family = p->dst.family = 0;
    p->src_mac = (struct mac_addr) { { 0 } };
    p->dst_mac = (struct mac_addr) { { 0 } };
    p->protocol = 0;
    p->encap_count = 0;
    p->payload = (struct bytes) { NULL, 0 };
    p->payload_len = 0;
}

static void count(struct packet_decoder *decoder, const struct frame *frame, const struct packet *p)
{
    if (p->encap_count > 0)
        decoder->stats.encapsulated++;
    if (p->kind != PACKET_NONE)
        return;
    decoder->stats.why[p->why]++;
    if (p->why == PACKET_WHY_LINK_TYPE)
        decoder->stats.link_type_unknown = (uint64_t)frame->link_type + 1;
}

void packet_decode(struct packet_decoder *decoder, const struct frame *frame, struct packet *packet)
{
    if (plain_tcp_read(frame, packet))
        return;
    struct walk w = {
        .c = cursor_of(frame->bytes),
        .missing = frame->wire_len > frame->bytes.len ? frame->wire_len - frame->bytes.len : 0,
        .packet = packet,
        .decoder = decoder,
    };
    packet_begin(packet, frame);
    enum layer layer = link_type_layer(frame->link_type);
    if (layer == LAYER_END)
        packet->why = PACKET_WHY_LINK_TYPE;
    for (unsigned n = 0; layer != LAYER_END; n++)
        layer = n < WALK_LAYERS_MAX ? read_layer(layer, &w) : walk_stop(&w, PACKET_WHY_DEPTH);
    if (w.quoted) { /* however far the quote reached */
        packet->kind = PACKET_ICMP_ERROR;
        packet->why = PACKET_WHY_NOTHING;
    }
    count(decoder, frame, packet);
}
