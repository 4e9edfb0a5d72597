/* SPDX-License-Identifier: BSD-3-Clause */
#include "decrypt_play.h"

#include "base/cursor.h"
#include "dissectors/tls.h"

enum { STREAMS_MAX = 8, ETHERNET = 14, PROTOCOL_TCP = 6 };

struct segment {
    unsigned stream;
    enum side from;
    uint32_t seq;
    struct bytes payload;
};

struct connection {
    uint16_t device_port;
    uint32_t next[2];
    bool started;
};

struct walk {
    struct cursor c;
    struct connection connections[STREAMS_MAX];
    unsigned count;
    uint32_t frame;
};

static struct walk walk_begin(struct bytes pcap)
{
    struct walk w = { .c = cursor_of(pcap) };
    cursor_skip(&w.c, 24); /* a classic pcap, little endian, Ethernet: all that the lab writes */
    return w;
}

/* The connection of a SYN, or of its ports. */
static unsigned connection_of(struct walk *w, uint16_t source, uint16_t target, bool syn, bool ack)
{
    if (syn && !ack && w->count < STREAMS_MAX)
        w->connections[w->count++].device_port = source;
    for (unsigned i = w->count; i > 0; i--)
        if (w->connections[i - 1].device_port == source ||
            w->connections[i - 1].device_port == target)
            return i - 1;
    return STREAMS_MAX;
}

/* The next segment with bytes that were not there yet; in order, as the lab's captures are. */
static bool next_segment(struct walk *w, struct segment *s)
{
    while (cursor_left(&w->c) > 16) {
        cursor_skip(&w->c, 8);
        uint32_t captured = cursor_u32_le(&w->c);
        cursor_skip(&w->c, 4);
        struct cursor frame = cursor_block(&w->c, captured);
        w->frame++;
        cursor_skip(&frame, ETHERNET - 2);
        uint16_t ether_type = cursor_u16(&frame);
        uint8_t head = cursor_u8(&frame);
        cursor_skip(&frame, 1);
        uint16_t total = cursor_u16(&frame);
        cursor_skip(&frame, 5);
        uint8_t protocol = cursor_u8(&frame);
        cursor_skip(&frame, 10);
        uint16_t source = cursor_u16(&frame), target = cursor_u16(&frame);
        uint32_t seq = cursor_u32(&frame);
        cursor_skip(&frame, 4);
        uint8_t offset = cursor_u8(&frame), flags = cursor_u8(&frame);
        size_t headers = 4u * (head & 15) + 4u * (offset >> 4);
        if (!cursor_ok(&frame) || ether_type != 0x0800 || protocol != PROTOCOL_TCP ||
            total < headers)
            continue;
        cursor_skip(&frame, 4u * (offset >> 4) - 14);
        struct bytes payload = cursor_bytes(&frame, total - headers);
        unsigned stream = connection_of(w, source, target, flags & 2, flags & 16);
        if (stream == STREAMS_MAX)
            continue;
        struct connection *k = &w->connections[stream];
        enum side from = source == k->device_port ? SIDE_DEVICE : SIDE_SERVER;
        if (flags & 2)
            k->next[from] = seq + 1;
        if (payload.len == 0 || seq != k->next[from])
            continue;
        k->next[from] += (uint32_t)payload.len;
        bool hello = payload.at[0] == 22 || payload.at[0] == 0x80; /* or in the SSLv2 form */
        k->started = k->started || (from == SIDE_DEVICE && hello);
        if (!k->started)
            continue; /* SMTP before STARTTLS */
        *s = (struct segment) { .stream = stream, .from = from, .seq = seq, .payload = payload };
        return true;
    }
    return false;
}

unsigned decrypt_segments(const struct decrypt_play *play)
{
    struct walk w = walk_begin(play->pcap);
    struct segment s;
    unsigned count = 0;
    while (next_segment(&w, &s))
        count += s.stream == play->stream;
    return count;
}

static void gather(void *state, const struct chunk *chunk)
{
    struct opened *o = state;
    enum side from = chunk->from;
    if (chunk->gap) {
        o->gaps[from]++;
        return;
    }
    if (o->chunks[from] < OPENED_CHUNKS_MAX)
        o->begins[from][o->chunks[from]++] = o->len[from];
    o->len[from] += bytes_copy(o->at[from] + o->len[from], OPENED_MAX - o->len[from], chunk->bytes);
}

static void feed(struct tls *t, const struct decrypt_play *play, struct chunk chunk)
{
    struct bytes rest = chunk.bytes;
    do {
        chunk.bytes = play->cut > 0 ? bytes_first(rest, play->cut) : rest;
        tls_data(t, &chunk);
        chunk.offset += chunk.bytes.len;
        rest = bytes_after(rest, chunk.bytes.len);
    } while (rest.len > 0);
}

void decrypt_play(const struct decrypt_play *play, struct opened *opened)
{
    static uint8_t damaged[1 << 16];
    *opened = (struct opened) { .memory = 0 };
    struct budget budget = { 0 };
    struct attempt *attempt = attempt_new(&budget);
    struct tls *t = attempt ? tls_new(attempt, &budget, true) : NULL;
    opened->new_failed = !t;
    if (t)
        tls_use_keys(t, play->keys, (struct tls_sink) { gather, opened });
    struct walk w = walk_begin(play->pcap);
    struct segment s;
    uint64_t offset[2] = { 0, 0 };
    for (unsigned n = 1; t && next_segment(&w, &s);) {
        if (s.stream != play->stream)
            continue;
        struct chunk chunk = { .from = s.from,
                               .frame = w.frame,
                               .time = w.frame * TIME_MILLISECOND,
                               .offset = offset[s.from] };
        offset[s.from] += s.payload.len;
        chunk.gap = n == play->lose;
        chunk.gap_len = chunk.gap ? s.payload.len : 0;
        if (!chunk.gap)
            chunk.bytes = s.payload;
        if (n == play->damage && play->damage_at < s.payload.len) {
            chunk.bytes.len = bytes_copy(damaged, sizeof damaged, s.payload);
            chunk.bytes.at = damaged;
            damaged[play->damage_at] ^= 0x55;
        }
        if (chunk.gap)
            tls_data(t, &chunk);
        else
            feed(t, play, chunk);
        n++;
    }
    if (t)
        tls_end(t);
    if (attempt) {
        for (const struct fact *f = timeline_first(attempt->timeline); f;
             f = timeline_next(attempt->timeline, f))
            opened->decrypted_facts += f->origin == ORIGIN_DECRYPTED;
        opened->decrypted = attempt->decrypted;
    }
    tls_free(t);
    attempt_free(attempt);
    opened->memory = budget.used;
    opened->peak = budget.peak;
}
