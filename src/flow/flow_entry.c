/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/flow_state.h"

/* Keys */

static uint64_t be32(const uint8_t *b)
{
    return (uint64_t)b[0] << 24 | (uint64_t)b[1] << 16 | (uint64_t)b[2] << 8 | b[3];
}

static uint64_t be64(const uint8_t *b)
{
    return be32(b) << 32 | be32(b + 4);
}

/* Multilinear hashing: with coefficients that nobody knows no two keys can be made to meet more often
 * than by chance, and three multiplications are cheaper than a general hash. */
static uint32_t key_hash(const struct flow_table *t, const struct flow_key *key)
{
    const uint64_t *secret = t->secret;
    uint64_t h = secret[0] + secret[1] * ((uint32_t)key->port[0] << 16 | key->port[1]);
    if (!key->v6)
        return (uint32_t)((h + secret[2] * key->addr[0] + secret[3] * key->addr[1]) >> 32);
    for (size_t i = 0; i < 4; i++)
        h += secret[2 + 2 * i] * (key->addr[i] >> 32) +
             secret[3 + 2 * i] * (key->addr[i] & UINT32_MAX);
    return (uint32_t)(h >> 32);
}

/* Is the source the second end: of the higher address, or of the same and the higher port? */
static bool ends_v4(const struct packet *p, struct flow_key *key)
{
    uint64_t a = be32(p->src.b), b = be32(p->dst.b);
    bool second = a > b || (a == b && p->src_port > p->dst_port);
    key->addr[0] = second ? b : a;
    key->addr[1] = second ? a : b;
    return second;
}

static bool ends_v6(const struct packet *p, struct flow_key *key)
{
    uint64_t a[2] = { be64(p->src.b), be64(p->src.b + 8) },
             b[2] = { be64(p->dst.b), be64(p->dst.b + 8) };
    bool second = a[0] != b[0]   ? a[0] > b[0]
                  : a[1] != b[1] ? a[1] > b[1]
                                 : p->src_port > p->dst_port;
    for (size_t i = 0; i < 2; i++) {
        key->addr[i] = second ? b[i] : a[i];
        key->addr[2 + i] = second ? a[i] : b[i];
    }
    return second;
}

void key_of(const struct flow_table *t, const struct packet *p, struct flow_key *key)
{
    key->v6 = p->src.family == 6;
    bool second = key->v6 ? ends_v6(p, key) : ends_v4(p, key);
    key->port[0] = second ? p->dst_port : p->src_port;
    key->port[1] = second ? p->src_port : p->dst_port;
    key->source = second;
    key->hash = key_hash(t, key);
}

bool key_is(const struct flow *f, const struct flow_key *key)
{
    if (f->port[0] != key->port[0] || f->port[1] != key->port[1] ||
        ((f->bits & BIT_V6) != 0) != key->v6)
        return false;
    if (!key->v6)
        return f->v4[0] == key->addr[0] && f->v4[1] == key->addr[1];
    const struct flow_v6 *g = (const struct flow_v6 *)f;
    return f->v6_first == key->addr[0] && g->v6_rest[0] == key->addr[1] &&
           g->v6_rest[1] == key->addr[2] && g->v6_rest[2] == key->addr[3];
}

void key_store(struct flow *f, const struct flow_key *key)
{
    f->port[0] = key->port[0];
    f->port[1] = key->port[1];
    if (!key->v6) {
        f->v4[0] = (uint32_t)key->addr[0];
        f->v4[1] = (uint32_t)key->addr[1];
        return;
    }
    struct flow_v6 *g = (struct flow_v6 *)f;
    f->bits |= BIT_V6;
    f->v6_first = key->addr[0];
    for (size_t i = 0; i < 3; i++)
        g->v6_rest[i] = key->addr[i + 1];
}

/* One entry */

void *flow_talk(const struct flow *flow)
{
    return flow->bits & BIT_TALK ? flow->talk : NULL;
}

void flow_set_talk(struct flow *flow, void *talk)
{
    if (!talk && !(flow->bits & BIT_TALK))
        return;
    flow->talk = talk;
    flow->bits &= (uint16_t) ~(BIT_TALK | BIT_HELD_SYN_ACK);
    if (talk)
        flow->bits |= BIT_TALK;
}

int64_t flow_stream(const struct flow *flow)
{
    return flow->bits & BIT_NUMBER_HOLDS ? (int64_t)flow->stream : -1;
}

unsigned flow_seen(const struct flow *flow)
{
    return flow->seen;
}

void flow_swap_sides(struct flow *flow)
{
    if (flow->seen & (FLOW_SEEN_SYN | FLOW_SEEN_SYN_ACK))
        return;
    flow->bits ^= BIT_DEVICE_END;
    unsigned device = flow->seen & (FLOW_SEEN_PACKET | FLOW_SEEN_FIN | FLOW_SEEN_DATA);
    unsigned server = flow->seen & (FLOW_SEEN_PACKET | FLOW_SEEN_FIN | FLOW_SEEN_DATA)
                                       << SIDE_SERVER;
    flow->seen = (uint8_t)(device << SIDE_SERVER | server >> SIDE_SERVER);
}

static void be_store(uint8_t *b, uint64_t v, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        b[i] = (uint8_t)(v >> (8 * (n - 1 - i)));
}

static void end_addr(const struct flow *f, unsigned end, struct ip_addr *addr)
{
    *addr = (struct ip_addr) { .family = 4 };
    if (!(f->bits & BIT_V6)) {
        be_store(addr->b, f->v4[end], 4);
        return;
    }
    const struct flow_v6 *g = (const struct flow_v6 *)f;
    addr->family = 6;
    be_store(addr->b, end == 0 ? f->v6_first : g->v6_rest[1], 8);
    be_store(addr->b + 8, end == 0 ? g->v6_rest[0] : g->v6_rest[2], 8);
}

uint16_t flow_server_port(const struct flow *flow)
{
    return flow->port[(flow->bits & BIT_DEVICE_END) == 0];
}

void flow_addresses(const struct flow *flow, struct ip_addr *client, uint16_t *client_port,
                    struct ip_addr *server, uint16_t *server_port)
{
    unsigned device = (flow->bits & BIT_DEVICE_END) != 0;
    end_addr(flow, device, client);
    *client_port = flow->port[device];
    end_addr(flow, 1 - device, server);
    *server_port = flow->port[1 - device];
}

void flow_opening(const struct flow *flow, struct flow_opening *opening)
{
    unsigned device = (flow->bits & BIT_DEVICE_END) != 0;
    *opening = (struct flow_opening) {
        .first_frame = flow->first_frame,
        .first_time = flow->first_time,
        .syn = (flow->seen & FLOW_SEEN_SYN) != 0,
        .syn_seq = flow->base[device],
        .syn_ack = (flow->seen & FLOW_SEEN_SYN_ACK) != 0,
        .syn_ack_seq = flow->base[1 - device],
        .syn_ack_time = TIME_NONE,
    };
    if (flow->bits & BIT_SYN_FIRST)
        opening->syn_frame = flow->first_frame;
    if (flow->bits & BIT_HELD_SYN_ACK) {
        opening->syn_ack_frame = flow->first_frame + (uint32_t)(flow->syn_ack >> 40);
        if (flow->first_time != TIME_NONE)
            opening->syn_ack_time =
                flow->first_time + (int64_t)(flow->syn_ack & ((UINT64_C(1) << 40) - 1));
    }
}
