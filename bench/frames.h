/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes made-up Ethernet frames to standard output as a classic capture, and counts them. */
#ifndef MAILWHY_BENCH_FRAMES_H
#define MAILWHY_BENCH_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SEGMENT_MAX = 1440 };

/* The two ends of a connection; side 0 opened it. */
struct ends {
    bool v6;
    uint32_t host[2]; /* IPv4 address, or the last four bytes of an IPv6 one */
    uint16_t port[2];
};

struct segment {
    const struct ends *ends;
    unsigned from; /* side */
    uint32_t seq, ack;
    uint8_t flags;
    const uint8_t *data;
    size_t len;
};

enum { FLAG_FIN = 1, FLAG_SYN = 2, FLAG_PSH = 8, FLAG_ACK = 16 };

struct counts {
    uint64_t packets, bytes;
};

/* The seeded source of all randomness; below(n) is 0 to n - 1. */
void random_seed(uint64_t seed);
uint64_t random_next(void);
uint32_t random_below(uint32_t n);

/* step_ns: how far the clock goes on with each frame, on average. */
void frames_begin(uint32_t step_ns);
void frame_tcp(const struct segment *segment);
void frame_udp(const struct ends *ends, unsigned from, const uint8_t *data, size_t len);
struct counts frames_end(void);

#endif
