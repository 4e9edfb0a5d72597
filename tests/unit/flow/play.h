/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One connection played to tcp.c: packets made by hand, what comes out collected. Frames count
 * themselves, time goes on by ten milliseconds a packet unless set.
 */
#ifndef MAILWHY_TESTS_FLOW_PLAY_H
#define MAILWHY_TESTS_FLOW_PLAY_H

#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "flow/tcp.h"

enum { PLAY_MAX = 1 << 16, DEVICE_ISN = 1000, SERVER_ISN = 0xfffffff0u };

#define D SIDE_DEVICE
#define S SIDE_SERVER

struct play {
    struct budget budget;
    struct attempt *attempt;
    struct tcp *tcp;
    uint32_t frame;
    uint16_t id;
    int64_t time;
    uint8_t bytes[2][PLAY_MAX]; /* each side's, gaps as '#' */
    size_t len[2];
    char order[PLAY_MAX]; /* both, in the order in which they came: "D:" and "S:" where it turns */
    size_t order_len;
    int turn;
    unsigned chunks;
};

static inline void play_start(struct play *p)
{
    *p = (struct play) { .turn = -1, .time = INT64_C(1700000000) * TIME_SECOND };
    p->attempt = attempt_new(&p->budget);
    p->tcp = tcp_new(p->attempt, &p->budget, NULL);
    assert_non_null(p->tcp);
}

static inline void play_add(struct play *p, enum side from, uint8_t c)
{
    if (p->turn != (int)from && p->order_len + 3 < PLAY_MAX) {
        p->turn = (int)from;
        p->order[p->order_len++] = from == D ? '>' : '<';
    }
    if (p->order_len + 1 < PLAY_MAX)
        p->order[p->order_len++] = (char)c;
    if (p->len[from] < PLAY_MAX)
        p->bytes[from][p->len[from]++] = c;
}

static inline void play_pull(struct play *p)
{
    struct chunk chunk;
    while (tcp_next_chunk(p->tcp, &chunk)) {
        p->chunks++;
        assert_int_equal(chunk.offset, p->len[chunk.from]);
        for (uint64_t i = 0; chunk.gap && i < chunk.gap_len && i < PLAY_MAX; i++)
            play_add(p, chunk.from, '#');
        for (size_t i = 0; i < chunk.bytes.len; i++)
            play_add(p, chunk.from, chunk.bytes.at[i]);
        assert_true(chunk.gap == (chunk.bytes.len == 0));
    }
}

/* A packet as the next frame; fields may be changed before play_send(). */
static inline struct packet play_make(struct play *p, enum side from, unsigned flags, uint32_t seq,
                                      uint32_t ack, const char *payload)
{
    struct packet packet = {
        .kind = PACKET_TCP,
        .frame = ++p->frame,
        .time = p->time += 10 * TIME_MILLISECOND,
        .ttl = from == D ? 64 : 52,
        .ip_id = ++p->id,
        .src_port = from == D ? 40000 : 25,
        .dst_port = from == D ? 25 : 40000,
        .tcp = { .seq = (from == D ? DEVICE_ISN : SERVER_ISN) + seq,
                 .ack = (from == D ? SERVER_ISN : DEVICE_ISN) + ack,
                 .flags = (uint8_t)flags,
                 .window = 8192 },
        .payload = bytes_str(payload),
        .payload_len = (uint32_t)strlen(payload),
    };
    if (!(flags & TCP_ACK))
        packet.tcp.ack = 0;
    return packet;
}

static inline void play_send(struct play *p, const struct packet *packet, enum side from)
{
    tcp_packet(p->tcp, packet, from);
    play_pull(p);
}

/* seq and ack count from the SYN of their side (its own number is 0, the first byte 1). */
static inline void play(struct play *p, enum side from, unsigned flags, uint32_t seq, uint32_t ack,
                        const char *payload)
{
    struct packet packet = play_make(p, from, flags, seq, ack, payload);
    play_send(p, &packet, from);
}

static inline void play_open(struct play *p)
{
    play(p, D, TCP_SYN, 0, 0, "");
    play(p, S, TCP_SYN | TCP_ACK, 0, 1, "");
    play(p, D, TCP_ACK, 1, 1, "");
}

static inline void play_flush(struct play *p)
{
    tcp_flush(p->tcp);
    play_pull(p);
    p->order[p->order_len] = '\0';
}

static inline void play_end(struct play *p)
{
    tcp_free(p->tcp);
    attempt_free(p->attempt);
    assert_int_equal(p->budget.used, 0);
}

static inline const char *play_order(struct play *p)
{
    p->order[p->order_len] = '\0';
    return p->order;
}

static inline const struct fact *play_fact(const struct play *p, enum fact_kind kind, unsigned n)
{
    for (const struct fact *f = timeline_first(p->attempt->timeline); f;
         f = timeline_next(p->attempt->timeline, f))
        if (f->kind == kind && n-- == 0)
            return f;
    return NULL;
}

static inline unsigned play_count(const struct play *p, enum fact_kind kind)
{
    unsigned n = 0;
    while (play_fact(p, kind, n))
        n++;
    return n;
}

#endif
