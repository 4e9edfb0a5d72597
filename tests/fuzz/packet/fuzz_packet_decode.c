/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Several frames through one decoder, so that fragments meet. The input is a row of frames, each:
 * link type (2 bytes), how much longer it was on the wire (1), its length (2), its bytes.
 */
#include <stdlib.h>

#include "base/cursor.h"
#include "packet/fragment.h"
#include "packet/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
    if (!condition)
        abort();
}

/* What every caller relies on. */
static void look_at(const struct packet *p, const struct frame *frame)
{
    must(p->frame == frame->number);
    must(p->encap_count <= ENCAP_MAX_DEPTH);
    must(p->payload.len <= p->payload_len);
    must(p->kind != PACKET_NONE || p->why != PACKET_WHY_NOTHING);
    must(p->kind == PACKET_NONE || p->why == PACKET_WHY_NOTHING);
    if (p->kind == PACKET_TCP || p->kind == PACKET_UDP) {
        must(p->src.family == p->dst.family && p->src.family != 0);
        must(p->snapped == (p->payload.len < p->payload_len));
    } else {
        must(p->payload.len == 0 && p->payload_len == 0);
    }
    unsigned sum = 0;
    for (size_t i = 0; i < p->payload.len; i++) /* the sanitizer sees a view that is not valid */
        sum += p->payload.at[i];
    must(sum <= p->payload.len * 255);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct budget budget = { .limit = 1 << 20 };
    struct packet_decoder decoder = { .fragments = fragments_new(&budget) };
    struct cursor c = cursor_of(bytes_of(data, size));
    for (uint32_t number = 1; cursor_left(&c) > 0; number++) {
        uint16_t link_type = cursor_u16(&c);
        uint8_t cut = cursor_u8(&c);
        size_t len = cursor_u16(&c);
        struct bytes b = cursor_bytes(&c, len < cursor_left(&c) ? len : cursor_left(&c));
        uint8_t *exact = malloc(b.len ? b.len : 1);
        (void)bytes_copy(exact, b.len, b);
        struct frame frame = { .bytes = bytes_of(exact, b.len),
                               .number = number,
                               .link_type = link_type,
                               .wire_len = (uint32_t)b.len + cut,
                               .time = number * TIME_SECOND / 10 };
        struct packet packet;
        packet_decode(&decoder, &frame, &packet);
        look_at(&packet, &frame);
        free(exact);
    }
    fragments_free(decoder.fragments);
    must(budget.used == 0);
    return 0;
}
