/* SPDX-License-Identifier: BSD-3-Clause */
#include "frames.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

enum { FRAME_MAX = 1600, FRAME_MIN = 60, WINDOW = 64240 };

static uint64_t random_state, clock_ns;
static uint32_t clock_step;
static struct counts counts;
static uint8_t frame[FRAME_MAX];
static size_t frame_len;

void random_seed(uint64_t seed)
{
    random_state = seed * 2 + 0x9e3779b97f4a7c15;
}

uint64_t random_next(void) /* xorshift64* */
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * 0x2545f4914f6cdd1d;
}

uint32_t random_below(uint32_t n)
{
    return (uint32_t)((random_next() >> 32) * n >> 32);
}

static void put(uint64_t value, size_t size)
{
    for (size_t i = size; i > 0; i--)
        frame[frame_len++] = (uint8_t)(value >> (i - 1) * 8);
}

static void put_bytes(const uint8_t *data, size_t len)
{
    frame_len += bytes_copy(frame + frame_len, FRAME_MAX - frame_len, bytes_of(data, len));
}

static void write_all(const void *data, size_t len)
{
    if (fwrite(data, 1, len, stdout) != len) {
        perror("standard output");
        exit(2);
    }
}

void frames_begin(uint32_t step_ns)
{
    static const uint32_t header[6] = { 0xa1b2c3d4, 4 << 16 | 2, 0, 0, 262144, 1 };
    static char buffer[1 << 20];
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    write_all(header, sizeof header);
    clock_ns = 1700000000 * UINT64_C(1000000000);
    clock_step = step_ns;
    counts = (struct counts) { 0 };
}

static void write_frame(void)
{
    if (frame_len < FRAME_MIN) { /* Ethernet's padding */
        memset(frame + frame_len, 0, FRAME_MIN - frame_len);
        frame_len = FRAME_MIN;
    }
    clock_ns += random_below(2 * clock_step);
    uint32_t len = (uint32_t)frame_len;
    uint32_t record[4] = { (uint32_t)(clock_ns / 1000000000),
                           (uint32_t)(clock_ns % 1000000000 / 1000), len, len };
    write_all(record, sizeof record);
    write_all(frame, frame_len);
    counts.packets++;
    counts.bytes += len;
}

static void put_mac(uint32_t host)
{
    put(0x0200, 2);
    put(host, 4);
}

static void put_ipv4(const struct ends *ends, unsigned from, uint8_t protocol, size_t len)
{
    size_t begin = frame_len;
    static uint16_t id;
    put(0x4500, 2);
    put(20 + len, 2);
    put(id++, 2);
    put(0x4000, 2);
    put(64, 1);
    put(protocol, 1);
    put(0, 2);
    put(ends->host[from], 4);
    put(ends->host[!from], 4);
    uint32_t sum = 0;
    for (size_t i = begin; i < frame_len; i += 2)
        sum += (uint32_t)frame[i] << 8 | frame[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    sum = ~((sum & 0xffff) + (sum >> 16));
    frame[begin + 10] = (uint8_t)(sum >> 8);
    frame[begin + 11] = (uint8_t)sum;
}

static void put_ipv6(const struct ends *ends, unsigned from, uint8_t protocol, size_t len)
{
    put(0x60000000, 4);
    put(len, 2);
    put(protocol, 1);
    put(64, 1);
    for (unsigned i = 0; i < 2; i++) {
        put(0x20010db800000000, 8);
        put(0, 4);
        put(ends->host[i ? !from : from], 4);
    }
}

/* Everything before TCP or UDP, which will have len bytes. */
static void put_head(const struct ends *ends, unsigned from, uint8_t protocol, size_t len)
{
    frame_len = 0;
    put_mac(ends->host[!from]);
    put_mac(ends->host[from]);
    put(ends->v6 ? 0x86dd : 0x0800, 2);
    (ends->v6 ? put_ipv6 : put_ipv4)(ends, from, protocol, len);
}

void frame_tcp(const struct segment *s)
{
    bool syn = s->flags & FLAG_SYN;
    size_t options = syn ? 8 : 0;
    put_head(s->ends, s->from, 6, 20 + options + s->len);
    put(s->ends->port[s->from], 2);
    put(s->ends->port[!s->from], 2);
    put(s->seq, 4);
    put(s->ack, 4);
    put((20 + options) / 4 << 4, 1);
    put(s->flags, 1);
    put(WINDOW, 2);
    put(0, 4); /* checksum, as a card would fill it in; urgent pointer */
    if (syn)
        put(0x020405b401030307, 8); /* MSS 1460, window scale 7 */
    put_bytes(s->data, s->len);
    write_frame();
}

void frame_udp(const struct ends *ends, unsigned from, const uint8_t *data, size_t len)
{
    put_head(ends, from, 17, 8 + len);
    put(ends->port[from], 2);
    put(ends->port[!from], 2);
    put(8 + len, 2);
    put(0, 2);
    put_bytes(data, len);
    write_frame();
}

struct counts frames_end(void)
{
    if (fflush(stdout) != 0) {
        perror("standard output");
        exit(2);
    }
    return counts;
}
