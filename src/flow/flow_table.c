/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/flow_table.h"

#include "base/check.h"
#include "base/limits.h"
#include "base/table.h"

/*
 * Entries lie in blocks and are known by 32-bit handles, so that links and slots stay small; those
 * of IPv6 have a pool of their own. The slots are probed linearly; the hash stands in them, so that
 * neither growing nor taking out touches other entries. Growing goes in steps, a few slots with
 * each new entry, so that no packet waits for it.
 */
enum {
    BLOCK_ENTRIES = 1024,
    SLOTS_MOVED = 8,   /* of the old slots with each new entry */
    TICK_SHIFT = 24,   /* a tick of the ageing clock is 2^24 ns, 16.8 ms: 32 bits last two years */
    TOUCH_TICKS = 60,  /* an entry moves in its list at most so often, once a second */
};

#define HANDLE_V6 (UINT32_C(1) << 31)
#define HANDLE_NONE UINT32_C(0)
#define SLOT_GRAVE UINT32_MAX /* in the old slots only */

enum flow_bit { /* of flow->bits */
    BIT_V6 = 1,
    BIT_DEVICE_END = 2,  /* the device is the second end of the key */
    BIT_BASE = 4,        /* base[0] is known; << 1 for base[1] */
    BIT_NUMBERED = 16,   /* Wireshark counts it */
    BIT_NUMBER_HOLDS = 32,
    BIT_REPLACED = 64,   /* no longer in the slots */
    BIT_TALK = 128,
    BIT_SYN_FIRST = 256, /* first_frame is the device's SYN */
    BIT_HELD_SYN_ACK = 512,
};

struct flow {
    uint32_t hash;
    uint32_t previous, next; /* in the list of its class; next alone in the list of free ones */
    uint32_t last_tick;
    uint32_t first_frame;
    uint32_t stream;
    int64_t first_time;
    union {
        void *talk;          /* BIT_TALK */
        uint64_t syn_ack;    /* BIT_HELD_SYN_ACK: frames (24 bits) and ns (40 bits) after the first packet */
    };
    uint32_t base[2];        /* the sequence number before the first byte of each end, as Wireshark has it */
    uint16_t port[2];
    uint16_t bits;
    uint8_t seen, class;
    union {
        uint32_t v4[2];
        uint64_t v6_first;   /* the other 24 bytes: struct flow_v6 */
    };
};

struct flow_v6 {
    struct flow flow;
    uint64_t v6_rest[3];
};

_Static_assert(sizeof(struct flow) == FLOW_BYTES_V4, "a connection that is not followed is one cache line");
_Static_assert(sizeof(struct flow_v6) == FLOW_BYTES_V6, "see limits.h");

struct key {
    uint64_t addr[4]; /* IPv4: one number for each end; IPv6: two, first end first */
    uint16_t port[2];
    bool v6;
};

struct slot {
    uint32_t hash, handle; /* HANDLE_NONE: empty */
};

struct slots {
    struct slot *at;
    uint32_t size; /* a power of two */
};

struct pool {
    uint8_t **blocks;
    uint32_t block_count, block_cap;
    uint32_t entry_size;
    uint32_t fresh;     /* entries ever used */
    uint32_t free_list;
};

struct list {
    uint32_t first, last, count;
};

struct flow_table {
    struct budget *budget;
    struct slots slots, old; /* old: being moved over */
    uint32_t moved;          /* of the old slots */
    uint32_t in_slots;
    struct pool pool[2];
    struct list list[FLOW_CLASSES];
    size_t low_bytes, half_limit;
    uint64_t streams;
    int64_t epoch;           /* time of tick 0 */
    uint32_t now;
    bool clock_runs, lost, sorted;
};

/* Entries and their handles */

static struct flow *flow_at(const struct flow_table *t, uint32_t handle)
{
    const struct pool *pool = &t->pool[(handle & HANDLE_V6) != 0];
    uint32_t i = (handle & ~HANDLE_V6) - 1;
    return (struct flow *)(void *)(pool->blocks[i / BLOCK_ENTRIES] + (size_t)(i % BLOCK_ENTRIES) * pool->entry_size);
}

static bool pool_grow(struct flow_table *t, struct pool *pool)
{
    if (pool->block_count == pool->block_cap) {
        uint32_t cap = pool->block_cap > 0 ? pool->block_cap * 2 : 8;
        uint8_t **blocks = mem_resize(t->budget, pool->blocks, pool->block_cap * sizeof *blocks, cap * sizeof *blocks);
        if (!blocks)
            return false;
        pool->blocks = blocks;
        pool->block_cap = cap;
    }
    uint8_t *block = mem_alloc(t->budget, (size_t)BLOCK_ENTRIES * pool->entry_size);
    if (!block)
        return false;
    pool->blocks[pool->block_count++] = block;
    return true;
}

/* HANDLE_NONE when the budget has no more. */
static uint32_t pool_get(struct flow_table *t, bool v6)
{
    struct pool *pool = &t->pool[v6];
    uint32_t mark = v6 ? HANDLE_V6 : 0;
    if (pool->free_list != HANDLE_NONE) {
        uint32_t handle = pool->free_list;
        struct flow *f = flow_at(t, handle);
        pool->free_list = f->next;
        *f = (struct flow){ 0 };
        return handle;
    }
    if (pool->fresh == pool->block_count * (uint32_t)BLOCK_ENTRIES && !pool_grow(t, pool))
        return HANDLE_NONE;
    return ++pool->fresh | mark;
}

static void pool_put(struct flow_table *t, uint32_t handle)
{
    struct pool *pool = &t->pool[(handle & HANDLE_V6) != 0];
    flow_at(t, handle)->next = pool->free_list;
    pool->free_list = handle;
}

static void pool_done(struct flow_table *t, struct pool *pool)
{
    for (uint32_t i = 0; i < pool->block_count; i++)
        mem_free(t->budget, pool->blocks[i], (size_t)BLOCK_ENTRIES * pool->entry_size);
    mem_free(t->budget, pool->blocks, pool->block_cap * sizeof *pool->blocks);
}

static size_t entry_charge(const struct flow *f)
{
    return (f->bits & BIT_V6 ? FLOW_BYTES_V6 : FLOW_BYTES_V4) + FLOW_SLOT_BYTES;
}

/* Lists by class, the longest idle first */

static uint32_t flow_handle(const struct flow_table *t, const struct flow *f)
{
    return f->previous == HANDLE_NONE ? t->list[f->class].first : flow_at(t, f->previous)->next;
}

static void list_remove(struct flow_table *t, struct flow *f)
{
    struct list *list = &t->list[f->class];
    if (f->previous == HANDLE_NONE)
        list->first = f->next;
    else
        flow_at(t, f->previous)->next = f->next;
    if (f->next == HANDLE_NONE)
        list->last = f->previous;
    else
        flow_at(t, f->next)->previous = f->previous;
    list->count--;
    if (f->class != FLOW_MAIL)
        t->low_bytes -= entry_charge(f);
}

static void list_append(struct flow_table *t, struct flow *f, uint32_t handle)
{
    struct list *list = &t->list[f->class];
    f->previous = list->last;
    f->next = HANDLE_NONE;
    if (list->last == HANDLE_NONE)
        list->first = handle;
    else
        flow_at(t, list->last)->next = handle;
    list->last = handle;
    list->count++;
    f->last_tick = t->now;
    if (f->class != FLOW_MAIL)
        t->low_bytes += entry_charge(f);
    else
        t->sorted = false;
}

static void list_move(struct flow_table *t, struct flow *f, enum flow_class class)
{
    uint32_t handle = flow_handle(t, f);
    list_remove(t, f);
    f->class = (uint8_t)class;
    list_append(t, f, handle);
}

/* The packets' clock: never runs back, so that the lists stay in its order. */
static void clock_set(struct flow_table *t, int64_t time)
{
    if (time == TIME_NONE)
        return;
    if (!t->clock_runs) {
        t->clock_runs = true;
        t->epoch = time;
    }
    if (time <= t->epoch)
        return;
    uint64_t tick = ((uint64_t)time - (uint64_t)t->epoch) >> TICK_SHIFT;
    if (tick > UINT32_MAX)
        tick = UINT32_MAX;
    if (tick > t->now)
        t->now = (uint32_t)tick;
}

/* Keys */

static uint64_t big_endian(const uint8_t *b, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v = v << 8 | b[i];
    return v;
}

static bool is_ours(const struct packet *packet)
{
    return packet->kind == PACKET_TCP || (packet->kind == PACKET_ICMP_ERROR && packet->icmp.quoted_protocol == 6);
}

/* The key, its ends in order; returns which end the packet's source is. */
static unsigned key_of(const struct packet *p, struct key *key)
{
    uint64_t a[4] = { 0 };
    bool v6 = p->src.family == 6;
    size_t words = v6 ? 2 : 1, bytes = v6 ? 8 : 4;
    for (size_t i = 0; i < words; i++) {
        a[i] = big_endian(p->src.b + i * bytes, bytes);
        a[words + i] = big_endian(p->dst.b + i * bytes, bytes);
    }
    unsigned source = 0;
    bool same = true;
    for (size_t i = 0; i < words && same; i++)
        if (a[i] != a[words + i]) {
            same = false;
            source = a[i] > a[words + i];
        }
    if (same)
        source = p->src_port > p->dst_port;
    for (size_t i = 0; i < words; i++) {
        key->addr[i] = a[source * words + i];
        key->addr[words + i] = a[(1 - source) * words + i];
    }
    key->port[source] = p->src_port;
    key->port[1 - source] = p->dst_port;
    key->v6 = v6;
    return source;
}

static uint32_t key_hash(const struct key *key)
{
    uint64_t ports = (uint64_t)key->port[0] << 16 | key->port[1];
    if (key->v6) {
        uint64_t words[5] = { key->addr[0], key->addr[1], key->addr[2], key->addr[3], ports };
        return (uint32_t)table_hash(bytes_of(words, sizeof words));
    }
    uint64_t words[2] = { key->addr[0] << 32 | key->addr[1], ports };
    return (uint32_t)table_hash(bytes_of(words, sizeof words));
}

static bool key_is(const struct flow *f, const struct key *key)
{
    if (f->port[0] != key->port[0] || f->port[1] != key->port[1] || ((f->bits & BIT_V6) != 0) != key->v6)
        return false;
    if (!key->v6)
        return f->v4[0] == key->addr[0] && f->v4[1] == key->addr[1];
    const struct flow_v6 *g = (const struct flow_v6 *)f;
    return f->v6_first == key->addr[0] && g->v6_rest[0] == key->addr[1] && g->v6_rest[1] == key->addr[2] &&
           g->v6_rest[2] == key->addr[3];
}

static void key_store(struct flow *f, const struct key *key)
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

/* Slots */

static uint32_t slots_find(const struct flow_table *t, const struct slots *slots, uint32_t hash, const struct key *key)
{
    uint32_t mask = slots->size - 1;
    for (uint32_t i = hash & mask; slots->at[i].handle != HANDLE_NONE; i = (i + 1) & mask)
        if (slots->at[i].hash == hash && slots->at[i].handle != SLOT_GRAVE &&
            key_is(flow_at(t, slots->at[i].handle), key))
            return slots->at[i].handle;
    return HANDLE_NONE;
}

static void slots_put(struct slots *slots, struct slot slot)
{
    uint32_t mask = slots->size - 1, i = slot.hash & mask;
    while (slots->at[i].handle != HANDLE_NONE)
        i = (i + 1) & mask;
    slots->at[i] = slot;
}

/* Where the handle stands; slots->size when it does not. */
static uint32_t slots_where(const struct slots *slots, uint32_t hash, uint32_t handle)
{
    uint32_t mask = slots->size - 1;
    for (uint32_t i = hash & mask; slots->at[i].handle != HANDLE_NONE; i = (i + 1) & mask)
        if (slots->at[i].handle == handle)
            return i;
    return slots->size;
}

/* Takes slot i out and closes the hole, so that no later one is cut off from its place. */
static void slots_close(struct slots *slots, uint32_t i)
{
    uint32_t mask = slots->size - 1;
    for (uint32_t j = (i + 1) & mask; slots->at[j].handle != HANDLE_NONE; j = (j + 1) & mask) {
        uint32_t home = slots->at[j].hash & mask;
        if (((j - home) & mask) >= ((j - i) & mask)) {
            slots->at[i] = slots->at[j];
            i = j;
        }
    }
    slots->at[i] = (struct slot){ 0 };
}

static void slots_remove(struct flow_table *t, const struct flow *f, uint32_t handle)
{
    uint32_t i = slots_where(&t->slots, f->hash, handle);
    if (i < t->slots.size) {
        slots_close(&t->slots, i);
    } else if (t->old.at) {
        i = slots_where(&t->old, f->hash, handle);
        if (i < t->old.size)
            t->old.at[i].handle = SLOT_GRAVE;
    }
    t->in_slots--;
}

static void slots_move_some(struct flow_table *t, uint32_t n)
{
    for (; t->old.at && n > 0; n--) {
        struct slot *slot = &t->old.at[t->moved++];
        if (slot->handle != HANDLE_NONE && slot->handle != SLOT_GRAVE) {
            slots_put(&t->slots, *slot);
            slot->handle = SLOT_GRAVE;
        }
        if (t->moved == t->old.size) {
            mem_free(t->budget, t->old.at, t->old.size * sizeof *t->old.at);
            t->old = (struct slots){ 0 };
        }
    }
}

static bool slots_grow(struct flow_table *t)
{
    slots_move_some(t, UINT32_MAX); /* long done, but for a table that grows without new entries */
    uint32_t size = t->slots.size * 2;
    struct slot *at = NULL;
    if (size <= HANDLE_V6 && budget_fits(t->budget, size * sizeof *at))
        at = mem_alloc(t->budget, size * sizeof *at);
    if (!at)
        return false;
    t->old = t->slots;
    t->moved = 0;
    t->slots = (struct slots){ at, size };
    return true;
}

/* Room for one more: grows at 13/16; where it may not, 15/16 will do. */
static bool slots_ready(struct flow_table *t)
{
    slots_move_some(t, SLOTS_MOVED);
    uint32_t sixteenth = t->slots.size / 16;
    if (t->in_slots < sixteenth * 13 || slots_grow(t))
        return true;
    return t->in_slots < sixteenth * 15;
}

/* The table */

struct flow_table *flow_table_new(struct budget *budget, size_t half_limit)
{
    struct flow_table *t = mem_alloc(budget, sizeof *t);
    if (!t)
        return NULL;
    t->budget = budget;
    t->half_limit = half_limit;
    t->pool[0].entry_size = sizeof(struct flow);
    t->pool[1].entry_size = sizeof(struct flow_v6);
    t->slots.size = FLOW_SLOTS_START;
    t->slots.at = mem_alloc(budget, t->slots.size * sizeof *t->slots.at);
    if (!t->slots.at) {
        mem_free(budget, t, sizeof *t);
        return NULL;
    }
    return t;
}

void flow_table_free(struct flow_table *t)
{
    if (!t)
        return;
    pool_done(t, &t->pool[0]);
    pool_done(t, &t->pool[1]);
    mem_free(t->budget, t->slots.at, t->slots.size * sizeof *t->slots.at);
    mem_free(t->budget, t->old.at, t->old.size * sizeof *t->old.at);
    mem_free(t->budget, t, sizeof *t);
}

uint64_t flow_table_prefetch(struct flow_table *t, const struct packet *packet)
{
    if (!is_ours(packet))
        return 0;
    struct key key;
    key_of(packet, &key);
    uint32_t hash = key_hash(&key);
    __builtin_prefetch(&t->slots.at[hash & (t->slots.size - 1)]);
    return hash;
}

void flow_table_prefetch_entry(struct flow_table *t, uint64_t hash)
{
    const struct slot *slot = &t->slots.at[(uint32_t)hash & (t->slots.size - 1)];
    if (slot->handle != HANDLE_NONE)
        __builtin_prefetch(flow_at(t, slot->handle));
}

/* Wireshark counts a header once it is long enough to hold ports, numbers, flags and window. */
static bool is_counted(const struct packet *p)
{
    return p->kind == PACKET_TCP || p->icmp.has_flags;
}

static bool has_flags(const struct packet *p, unsigned mask, unsigned flags)
{
    return is_counted(p) && (p->tcp.flags & mask) == flags;
}

static bool is_mail_port(uint16_t port)
{
    return port == 25 || port == 465 || port == 587 || port == 2525;
}

/* Is the sender of this packet, the first of its connection, the device? */
static bool sender_is_device(const struct packet *p)
{
    if (has_flags(p, TCP_SYN, TCP_SYN))
        return !(p->tcp.flags & TCP_ACK);
    if (is_mail_port(p->dst_port) != is_mail_port(p->src_port))
        return is_mail_port(p->dst_port);
    return p->src_port >= p->dst_port;
}

static enum side side_of_end(const struct flow *f, unsigned end)
{
    return ((f->bits & BIT_DEVICE_END) != 0) == (end == 1) ? SIDE_DEVICE : SIDE_SERVER;
}

static void number(struct flow_table *t, struct flow *f)
{
    f->bits |= BIT_NUMBERED;
    if (!t->lost && t->streams < UINT32_MAX)
        f->bits |= BIT_NUMBER_HOLDS;
    f->stream = (uint32_t)t->streams++;
}

static struct flow *create(struct flow_table *t, const struct packet *p, const struct key *key, uint32_t hash,
                           unsigned source, uint32_t *handle)
{
    size_t charge = (size_t)(key->v6 ? FLOW_BYTES_V6 : FLOW_BYTES_V4) + FLOW_SLOT_BYTES;
    bool any_low = t->list[FLOW_HALF_OPEN].count > 0 || t->list[FLOW_NOT_MAIL].count > 0;
    if (any_low && t->low_bytes + charge > t->half_limit)
        return NULL;
    if (!slots_ready(t))
        return NULL;
    *handle = pool_get(t, key->v6);
    if (*handle == HANDLE_NONE)
        return NULL;
    struct flow *f = flow_at(t, *handle);
    key_store(f, key);
    f->hash = hash;
    f->first_frame = p->frame;
    f->first_time = p->time;
    if (sender_is_device(p) == (source == 1))
        f->bits |= BIT_DEVICE_END;
    if (p->kind == PACKET_TCP && (p->tcp.flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
        f->bits |= BIT_SYN_FIRST;
    bool opened = p->kind == PACKET_TCP && !(p->tcp.flags & (TCP_SYN | TCP_RST));
    f->class = opened ? FLOW_NOT_MAIL : FLOW_HALF_OPEN;
    list_append(t, f, *handle);
    return f;
}

static void hold_syn_ack(struct flow *f, const struct packet *p)
{
    uint64_t frames = (uint64_t)p->frame - f->first_frame;
    bool timed = p->time != TIME_NONE && f->first_time != TIME_NONE && p->time >= f->first_time;
    uint64_t ns = timed ? (uint64_t)p->time - (uint64_t)f->first_time : 0;
    if ((f->bits & (BIT_TALK | BIT_HELD_SYN_ACK)) || frames >> 24 || ns >> 40)
        return;
    f->syn_ack = frames << 40 | ns;
    f->bits |= BIT_HELD_SYN_ACK;
}

/* What a packet (not an ICMP error) says of its connection. */
static void note(struct flow_table *t, struct flow *f, const struct packet *p, unsigned end)
{
    enum side from = side_of_end(f, end);
    unsigned flags = p->tcp.flags;
    f->seen |= (uint8_t)(FLOW_SEEN_PACKET << from);
    if (flags & TCP_FIN)
        f->seen |= (uint8_t)(FLOW_SEEN_FIN << from);
    if (p->payload_len > 0)
        f->seen |= (uint8_t)(FLOW_SEEN_DATA << from);
    if ((flags & (TCP_SYN | TCP_ACK)) == TCP_SYN && from == SIDE_DEVICE)
        f->seen |= FLOW_SEEN_SYN;
    if ((flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK) && from == SIDE_SERVER) {
        f->seen |= FLOW_SEEN_SYN_ACK;
        hold_syn_ack(f, p);
    }
    if (!(f->bits & BIT_BASE << end)) {
        f->base[end] = flags & TCP_SYN ? p->tcp.seq : p->tcp.seq - 1;
        f->bits |= (uint16_t)(BIT_BASE << end);
    }
    if (!(f->bits & BIT_BASE << (1 - end)) && flags & TCP_ACK) {
        f->base[1 - end] = p->tcp.ack - 1;
        f->bits |= (uint16_t)(BIT_BASE << (1 - end));
    }
    if (f->class == FLOW_HALF_OPEN && !(flags & (TCP_SYN | TCP_RST)))
        list_move(t, f, FLOW_NOT_MAIL);
    else if (t->now - f->last_tick >= TOUCH_TICKS)
        list_move(t, f, (enum flow_class)f->class);
}

struct flow_found flow_table_find(struct flow_table *t, const struct packet *packet, uint64_t hash)
{
    struct flow_found found = { 0 };
    if (!is_ours(packet))
        return found;
    clock_set(t, packet->time);
    struct key key;
    unsigned end = key_of(packet, &key);
    uint32_t handle = slots_find(t, &t->slots, (uint32_t)hash, &key);
    if (handle == HANDLE_NONE && t->old.at)
        handle = slots_find(t, &t->old, (uint32_t)hash, &key);
    struct flow *f = handle != HANDLE_NONE ? flow_at(t, handle) : NULL;
    bool reused = f && has_flags(packet, TCP_SYN | TCP_ACK, TCP_SYN) && (f->bits & BIT_BASE << end) &&
                  f->base[end] != packet->tcp.seq;
    if (!f || reused) {
        uint32_t new_handle;
        struct flow *new_flow = create(t, packet, &key, (uint32_t)hash, end, &new_handle);
        if (!new_flow)
            return found;
        if (reused) {
            slots_remove(t, f, handle);
            f->bits |= BIT_REPLACED;
            found.replaced = f;
        }
        slots_put(&t->slots, (struct slot){ (uint32_t)hash, new_handle });
        t->in_slots++;
        f = new_flow;
        found.created = true;
    }
    if (!(f->bits & BIT_NUMBERED) && is_counted(packet))
        number(t, f);
    if (packet->kind == PACKET_TCP)
        note(t, f, packet, end);
    found.flow = f;
    found.from = side_of_end(f, end);
    return found;
}

void flow_forget(struct flow_table *t, struct flow *flow)
{
    if (!check(!flow_talk(flow)))
        return;
    uint32_t handle = flow_handle(t, flow);
    if (!(flow->bits & BIT_REPLACED))
        slots_remove(t, flow, handle);
    uint32_t next = flow->next;
    list_remove(t, flow);
    pool_put(t, handle);
    if (next != HANDLE_NONE) { /* in a flood it is the next to go */
        const struct flow *f = flow_at(t, next);
        __builtin_prefetch(&t->slots.at[f->hash & (t->slots.size - 1)]);
        if (f->next != HANDLE_NONE)
            __builtin_prefetch(flow_at(t, f->next));
    }
}

void flow_set_class(struct flow_table *t, struct flow *flow, enum flow_class class)
{
    list_move(t, flow, class);
}

enum flow_class flow_class(const struct flow *flow)
{
    return (enum flow_class)flow->class;
}

struct flow *flow_table_oldest(struct flow_table *t)
{
    for (size_t i = 0; i < FLOW_CLASSES; i++)
        if (t->list[i].first != HANDLE_NONE)
            return flow_at(t, t->list[i].first);
    return NULL;
}

struct flow *flow_table_idle(struct flow_table *t, enum flow_class class, int64_t before)
{
    if (t->list[class].first == HANDLE_NONE || before <= t->epoch)
        return NULL;
    struct flow *f = flow_at(t, t->list[class].first);
    uint64_t limit = ((uint64_t)before - (uint64_t)t->epoch) >> TICK_SHIFT;
    return (uint64_t)f->last_tick + TOUCH_TICKS < limit ? f : NULL;
}

/* Merges two chains (by next) in order of stream. */
static uint32_t chain_merge(struct flow_table *t, uint32_t a, uint32_t b)
{
    uint32_t first = HANDLE_NONE, *end = &first;
    while (a != HANDLE_NONE && b != HANDLE_NONE) {
        uint32_t *least = flow_at(t, a)->stream <= flow_at(t, b)->stream ? &a : &b;
        *end = *least;
        end = &flow_at(t, *least)->next;
        *least = *end;
    }
    *end = a != HANDLE_NONE ? a : b;
    return first;
}

/* Sorts the list of mail by stream, bottom up: run[i] is a sorted chain of 2^i entries or none. */
static void list_sort(struct flow_table *t, struct list *list)
{
    uint32_t run[32] = { 0 };
    for (uint32_t at = list->first, next; at != HANDLE_NONE; at = next) {
        next = flow_at(t, at)->next;
        flow_at(t, at)->next = HANDLE_NONE;
        uint32_t chain = at;
        size_t i = 0;
        for (; i < 31 && run[i] != HANDLE_NONE; i++) {
            chain = chain_merge(t, run[i], chain);
            run[i] = HANDLE_NONE;
        }
        run[i] = chain;
    }
    uint32_t all = HANDLE_NONE, previous = HANDLE_NONE;
    for (size_t i = 0; i < 32; i++)
        all = chain_merge(t, run[i], all);
    list->first = all;
    for (; all != HANDLE_NONE; all = flow_at(t, all)->next) {
        flow_at(t, all)->previous = previous;
        previous = all;
    }
    list->last = previous;
}

struct flow *flow_table_first(struct flow_table *t)
{
    if (!t->sorted) {
        list_sort(t, &t->list[FLOW_MAIL]);
        t->sorted = true;
    }
    return flow_table_oldest(t);
}

void flow_table_restart(struct flow_table *t)
{
    if (!check(flow_table_count(t) == 0))
        return;
    t->streams = 0;
    t->now = 0;
    t->clock_runs = t->lost = false;
}

size_t flow_table_count(const struct flow_table *t)
{
    size_t n = 0;
    for (size_t i = 0; i < FLOW_CLASSES; i++)
        n += t->list[i].count;
    return n;
}

uint64_t flow_table_streams(const struct flow_table *t)
{
    return t->streams;
}

bool flow_table_numbers_hold(const struct flow_table *t)
{
    return !t->lost;
}

void flow_table_lost(struct flow_table *t)
{
    t->lost = true;
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
    flow->bits &= (uint16_t)~(BIT_TALK | BIT_HELD_SYN_ACK);
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
    unsigned server = flow->seen & (FLOW_SEEN_PACKET | FLOW_SEEN_FIN | FLOW_SEEN_DATA) << SIDE_SERVER;
    flow->seen = (uint8_t)(device << SIDE_SERVER | server >> SIDE_SERVER);
}

static struct ip_addr end_addr(const struct flow *f, unsigned end)
{
    struct ip_addr addr = { 0 };
    uint64_t words[2];
    if (f->bits & BIT_V6) {
        const struct flow_v6 *g = (const struct flow_v6 *)f;
        words[0] = end == 0 ? f->v6_first : g->v6_rest[1];
        words[1] = end == 0 ? g->v6_rest[0] : g->v6_rest[2];
        addr.family = 6;
    } else {
        words[0] = (uint64_t)f->v4[end] << 32;
        words[1] = 0;
        addr.family = 4;
    }
    for (size_t i = 0; i < 16; i++)
        addr.b[i] = (uint8_t)(words[i / 8] >> (56 - 8 * (i % 8)));
    return addr;
}

void flow_addresses(const struct flow *flow, struct ip_addr *client, uint16_t *client_port,
                    struct ip_addr *server, uint16_t *server_port)
{
    unsigned device = (flow->bits & BIT_DEVICE_END) != 0;
    *client = end_addr(flow, device);
    *client_port = flow->port[device];
    *server = end_addr(flow, 1 - device);
    *server_port = flow->port[1 - device];
}

void flow_opening(const struct flow *flow, struct flow_opening *opening)
{
    unsigned device = (flow->bits & BIT_DEVICE_END) != 0;
    *opening = (struct flow_opening){
        .first_frame = flow->first_frame, .first_time = flow->first_time,
        .syn = (flow->seen & FLOW_SEEN_SYN) != 0, .syn_seq = flow->base[device],
        .syn_ack = (flow->seen & FLOW_SEEN_SYN_ACK) != 0, .syn_ack_seq = flow->base[1 - device],
        .syn_ack_time = TIME_NONE,
    };
    if (flow->bits & BIT_SYN_FIRST)
        opening->syn_frame = flow->first_frame;
    if (flow->bits & BIT_HELD_SYN_ACK) {
        opening->syn_ack_frame = flow->first_frame + (uint32_t)(flow->syn_ack >> 40);
        if (flow->first_time != TIME_NONE)
            opening->syn_ack_time = flow->first_time + (int64_t)(flow->syn_ack & ((UINT64_C(1) << 40) - 1));
    }
}
