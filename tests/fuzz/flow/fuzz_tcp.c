/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packets of one connection, as strange as the input likes: chunks are contiguous on each side,
 * come from frames seen, everything is freed, and pulling always ends.
 */
#include "base/cursor.h"
#include "flow/tcp.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
    uint64_t offset[2], given;
    uint32_t frame;
} state;

#define must(condition) must_be((condition), #condition)

static void must_be(bool condition, const char *text)
{
    if (condition)
        return;
    fprintf(stderr, "not so: %s\n", text);
    abort();
}

static void pull(struct tcp *t)
{
    struct chunk chunk;
    for (unsigned n = 0; tcp_next_chunk(t, &chunk); n++) {
        must(n < 100000);
        must(chunk.frame <= state.frame);
        must(chunk.offset == state.offset[chunk.from]);
        must(chunk.gap == (chunk.bytes.len == 0));
        state.offset[chunk.from] += chunk.gap ? chunk.gap_len : chunk.bytes.len;
        for (size_t i = 0; i < chunk.bytes.len; i++)
            state.given += chunk.bytes.at[i]; /* each byte can be read */
    }
}

static uint32_t number(struct cursor *c, uint8_t how, uint32_t base)
{
    if (how & 1)
        return cursor_u32(c);
    return how & 2 ? base - 32768 + cursor_u16(c) : base + cursor_u8(c);
}

static void packet(struct tcp *t, struct cursor *c)
{
    uint8_t how = cursor_u8(c), more = cursor_u8(c);
    enum side from = how & 1 ? SIDE_DEVICE : SIDE_SERVER;
    static int64_t time;
    time = state.frame == 0
               ? 0
               : time + (int64_t)(int8_t)cursor_u8(c) * (more & 1 ? TIME_SECOND / 4 : 1000);
    struct packet p = { .kind = PACKET_TCP,
                        .frame = ++state.frame,
                        .time = more & 2 && more & 4 ? TIME_NONE : time };
    p.tcp.flags = cursor_u8(c);
    p.tcp.seq = number(c, how >> 1 & 3, from == SIDE_DEVICE ? 1000 : 0xffffff00);
    p.tcp.ack = number(c, how >> 3 & 3, from == SIDE_DEVICE ? 0xffffff00 : 1000);
    p.tcp.window = more & 8 ? 0 : 1000;
    p.ttl = more & 16 ? 64 : 200;
    p.ip_id = more & 32 ? (uint16_t)state.frame : 0;
    if (how & 32) {
        p.payload = cursor_bytes(c, cursor_u8(c) % (cursor_left(c) + 1));
        p.payload_len = (uint32_t)p.payload.len + (how & 64 ? cursor_u8(c) : 0);
        p.snapped = p.payload_len > p.payload.len;
    }
    if (how & 128 && more & 64) {
        p.kind = PACKET_ICMP_ERROR;
        p.icmp.has_seq = true;
        p.icmp.has_flags = more & 1;
        tcp_icmp(t, &p, from);
    } else {
        tcp_packet(t, &p, from);
        if (more & 128) {
            pull(t);
            tcp_packet(t, &p, from);
        }
    }
    pull(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor c = cursor_of(bytes_of(data, size));
    struct budget budget = { .limit = 1 << 20 };
    state.offset[0] = state.offset[1] = state.frame = 0;
    struct attempt *attempt = attempt_new(&budget);
    uint8_t begin = cursor_u8(&c);
    struct flow_opening opening = { .first_frame = begin & 1 ? 0 : 1,
                                    .syn = begin & 2,
                                    .syn_seq = 999,
                                    .syn_frame = begin & 4 ? 1 : 0,
                                    .syn_ack = begin & 8,
                                    .syn_ack_seq = 0xfffffeff };
    struct tcp *t = tcp_new(attempt, &budget, begin & 16 ? NULL : &opening);
    while (t && cursor_left(&c) > 0)
        packet(t, &c);
    if (t) {
        state.frame = state.frame > 0 ? state.frame : 1;
        tcp_flush(t);
        pull(t);
    }
    tcp_free(t);
    attempt_free(attempt);
    must(budget.used == 0);
    return 0;
}
