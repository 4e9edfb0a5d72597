/* SPDX-License-Identifier: BSD-3-Clause */
/* IEEE 802.11 data frames of open networks, and the capture headers in front of them. */
#include "packet/walk.h"

enum {
    WLAN_TYPE_MASK = 0x000c,
    WLAN_TYPE_DATA = 0x0008,
    WLAN_NO_DATA = 0x0040, /* in a data frame's subtype */
    WLAN_QOS = 0x0080,
    WLAN_TO_DS = 0x0100,
    WLAN_FROM_DS = 0x0200,
    WLAN_PROTECTED = 0x4000,
    WLAN_HTC = 0x8000,
    WLAN_QOS_AMSDU = 0x0080,
};

/* Which of the four addresses are source and destination (IEEE 802.11 table 9-30). */
static void note_addresses(struct packet *p, uint16_t control, const struct mac_addr address[4])
{
    bool to = control & WLAN_TO_DS, from = control & WLAN_FROM_DS;
    p->dst_mac = to ? address[2] : address[0];
    p->src_mac = !from ? address[1] : to ? address[3] : address[2];
}

/* The first frame of an aggregate (A-MSDU) stands for all: it has a header like 802.3's. */
static enum layer amsdu_read(struct walk *w)
{
    struct cursor h = cursor_block(&w->c, 14);
    if (!cursor_ok(&h))
        return walk_short(w);
    cursor_copy(&h, w->packet->dst_mac.b, 6);
    cursor_copy(&h, w->packet->src_mac.b, 6);
    walk_bound_within(w, cursor_u16(&h));
    return LAYER_LLC;
}

/* pad: the header is filled up to four bytes, which some drivers do and say in radiotap. */
static enum layer data_frame_read(struct walk *w, bool pad)
{
    size_t begin = cursor_left(&w->c);
    uint16_t control = cursor_u16_le(&w->c), qos = 0;
    struct mac_addr address[4] = { 0 };
    if (!cursor_ok(&w->c))
        return walk_short(w);
    if ((control & WLAN_TYPE_MASK) != WLAN_TYPE_DATA || (control & WLAN_NO_DATA))
        return walk_stop(w, PACKET_WHY_NOT_IP);
    cursor_skip(&w->c, 2);
    for (unsigned i = 0; i < 3; i++)
        cursor_copy(&w->c, address[i].b, 6);
    uint16_t sequence = cursor_u16_le(&w->c);
    if ((control & WLAN_TO_DS) && (control & WLAN_FROM_DS))
        cursor_copy(&w->c, address[3].b, 6);
    if (control & WLAN_QOS) {
        qos = cursor_u16_le(&w->c);
        cursor_skip(&w->c, control & WLAN_HTC ? 4 : 0);
    }
    if (pad)
        cursor_skip(&w->c, (4 - (begin - cursor_left(&w->c)) % 4) % 4);
    if (!cursor_ok(&w->c))
        return walk_short(w);
    note_addresses(w->packet, control, address);
    if (control & WLAN_PROTECTED) {
        w->decoder->stats.wlan_encrypted++;
        return walk_stop(w, PACKET_WHY_NOT_IP);
    }
    if (sequence & 0x000f) /* a later fragment of a frame */
        return walk_stop(w, PACKET_WHY_NOT_IP);
    return qos & WLAN_QOS_AMSDU ? amsdu_read(w) : LAYER_LLC;
}

enum layer wlan_read(struct walk *w)
{
    return data_frame_read(w, false);
}

enum {
    RADIOTAP_TSFT = 1,
    RADIOTAP_FLAGS = 2,
    RADIOTAP_MORE = 1u << 31,
    RADIOTAP_F_FCS = 0x10,
    RADIOTAP_F_PAD = 0x20,
    RADIOTAP_F_BAD_FCS = 0x40,
};

/* The flags field of a radiotap header, 0 where it has none; header begins after its length. */
static uint8_t radiotap_flags(struct cursor header)
{
    size_t begin = cursor_left(&header) + 4;
    uint32_t present = cursor_u32_le(&header), more = present;
    while ((more & RADIOTAP_MORE) && cursor_ok(&header))
        more = cursor_u32_le(&header);
    if (present & RADIOTAP_TSFT) { /* eight bytes, aligned to eight from the header's start */
        cursor_skip(&header, (8 - (begin - cursor_left(&header)) % 8) % 8);
        cursor_skip(&header, 8);
    }
    return present & RADIOTAP_FLAGS ? cursor_u8(&header) : 0;
}

enum layer radiotap_read(struct walk *w)
{
    uint8_t version = cursor_u8(&w->c);
    cursor_skip(&w->c, 1);
    uint16_t length = cursor_u16_le(&w->c);
    if (!cursor_ok(&w->c))
        return walk_short(w);
    if (version != 0 || length < 8)
        return walk_stop(w, PACKET_WHY_MALFORMED);
    struct cursor header = cursor_block(&w->c, length - 4u);
    if (!cursor_ok(&header))
        return walk_short(w);
    uint8_t flags = radiotap_flags(header);
    if (flags & RADIOTAP_F_BAD_FCS)
        return walk_stop(w, PACKET_WHY_NOT_IP);
    if ((flags & RADIOTAP_F_FCS) && walk_wire_left(w) >= 4)
        walk_bound(w, walk_wire_left(w) - 4);
    return data_frame_read(w, flags & RADIOTAP_F_PAD);
}

/* Prism's header and AVS's both give their own length in the second word; AVS begins with a magic
 * number and is big-endian, Prism's is in the order of the machine that captured. */
enum layer prism_read(struct walk *w)
{
    struct cursor c = w->c;
    uint32_t magic = cursor_u32(&c), length = cursor_u32(&c);
    if (!cursor_ok(&c))
        return walk_short(w);
    if (magic != 0x80211001 && magic != 0x80211002 && length > UINT16_MAX)
        length = __builtin_bswap32(length);
    if (length < 8)
        return walk_stop(w, PACKET_WHY_MALFORMED);
    cursor_skip(&w->c, length);
    if (!cursor_ok(&w->c))
        return walk_short(w);
    return LAYER_WLAN;
}
