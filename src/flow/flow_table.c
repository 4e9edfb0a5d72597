/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/flow_state.h"

#include "base/check.h"
#include "base/table.h"

enum {
    TICK_SHIFT = 24,  /* a tick of the ageing clock is 2^24 ns, 16.8 ms: 32 bits last two years */
    TOUCH_TICKS = 60, /* an entry moves in its list at most so often, once a second */
};

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
    f->class = (uint8_t) class;
    list_append(t, f, handle);
}

/* The packets' clock: never runs back, so that the lists stay in its order. */
static void clock_set(struct flow_table *t, int64_t time)
{
    if (time == TIME_NONE)
        return;
    if (!t->clock_runs) {
        t->clock_runs = true;
        t->epoch = t->tick_begin = time;
    }
    if (time <= t->epoch)
        return;
    uint64_t tick = ((uint64_t)time - (uint64_t)t->epoch) >> TICK_SHIFT;
    if (tick > UINT32_MAX)
        tick = UINT32_MAX;
    if (tick <= t->now)
        return;
    t->now = (uint32_t)tick;
    t->tick_begin = t->epoch + (int64_t)(tick << TICK_SHIFT);
}

static inline bool clock_stands(const struct flow_table *t, int64_t time)
{
    return t->clock_runs && ((uint64_t)time - (uint64_t)t->tick_begin) >> TICK_SHIFT == 0;
}

/* The table */

static bool is_ours(const struct packet *packet)
{
    return packet->kind == PACKET_TCP ||
           (packet->kind == PACKET_ICMP_ERROR && packet->icmp.quoted_protocol == 6);
}

struct flow_table *flow_table_new(struct budget *budget, size_t half_limit)
{
    struct flow_table *t = mem_alloc(budget, sizeof *t);
    if (!t)
        return NULL;
    t->budget = budget;
    t->half_limit = half_limit;
    for (uint8_t i = 0; i <= HASH_WORDS; i++)
        t->secret[i] = table_hash(bytes_of(&i, 1));
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

void flow_table_prefetch(const struct flow_table *t, const struct packet *packet,
                         struct flow_key *key)
{
    if (!is_ours(packet))
        return;
    key_of(t, packet, key);
    key->entry = NULL;
    __builtin_prefetch(&t->slots.at[key->hash & (t->slots.size - 1)]);
}

void flow_table_prefetch_entry(const struct flow_table *t, struct flow_key *key)
{
    enum { PROBES = 4 }; /* farther off it is seldom */
    uint32_t mask = t->slots.size - 1;
    for (uint32_t i = 0; i < PROBES; i++) {
        struct slot slot = t->slots.at[(key->hash + i) & mask];
        if (slot.handle == HANDLE_NONE)
            return;
        if (slot.hash == key->hash) {
            key->entry = flow_at(t, slot.handle);
            __builtin_prefetch(key->entry, 1);
            return;
        }
    }
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
    unsigned device = (f->bits & BIT_DEVICE_END) / BIT_DEVICE_END;
    return (enum side)(end ^ device);
}

static void number(struct flow_table *t, struct flow *f)
{
    f->bits |= BIT_NUMBERED;
    if (!t->lost && t->streams < UINT32_MAX)
        f->bits |= BIT_NUMBER_HOLDS;
    f->stream = (uint32_t)t->streams++;
}

static bool has_room(const struct flow_table *t, size_t entry)
{
    bool any_low = t->list[FLOW_HALF_OPEN].count > 0 || t->list[FLOW_NOT_MAIL].count > 0;
    return t->list[FLOW_HALF_OPEN].count < FLOW_HALF_OPEN_MAX &&
           !(any_low && t->low_bytes + entry > t->half_limit);
}

static struct flow *create(struct flow_table *t, const struct packet *p, const struct flow_key *key,
                           uint32_t *handle)
{
    if (!has_room(t, (size_t)(key->v6 ? FLOW_BYTES_V6 : FLOW_BYTES_V4) + FLOW_SLOT_BYTES) ||
        !slots_ready(t))
        return NULL;
    *handle = pool_get(t, key->v6);
    if (*handle == HANDLE_NONE)
        return NULL;
    struct flow *f = flow_at(t, *handle);
    key_store(f, key);
    f->hash = key->hash;
    f->first_frame = p->frame;
    f->first_time = p->time;
    if (sender_is_device(p) == (key->source == 1))
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

static void note_flags(struct flow *f, const struct packet *p, enum side from)
{
    unsigned flags = p->tcp.flags;
    if (flags & TCP_FIN)
        f->seen |= (uint8_t)(FLOW_SEEN_FIN << from);
    if ((flags & (TCP_SYN | TCP_ACK)) == TCP_SYN && from == SIDE_DEVICE)
        f->seen |= FLOW_SEEN_SYN;
    if ((flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK) && from == SIDE_SERVER) {
        f->seen |= FLOW_SEEN_SYN_ACK;
        hold_syn_ack(f, p);
    }
}

static void note_bases(struct flow *f, const struct packet *p, unsigned end)
{
    if (!(f->bits & BIT_BASE << end)) {
        f->base[end] = p->tcp.flags & TCP_SYN ? p->tcp.seq : p->tcp.seq - 1;
        f->bits |= (uint16_t)(BIT_BASE << end);
    }
    if (!(f->bits & BIT_BASE << (1 - end)) && p->tcp.flags & TCP_ACK) {
        f->base[1 - end] = p->tcp.ack - 1;
        f->bits |= (uint16_t)(BIT_BASE << (1 - end));
    }
}

static void note_seen(struct flow *f, const struct packet *p, enum side from)
{
    unsigned seen = FLOW_SEEN_PACKET | (p->payload_len > 0 ? FLOW_SEEN_DATA : 0u);
    f->seen |= (uint8_t)(seen << from);
}

enum { BASES = BIT_BASE | BIT_BASE << 1 };

/* What a packet (not an ICMP error) says of its connection. Most say nothing new. */
static void note(struct flow_table *t, struct flow *f, const struct packet *p, unsigned end)
{
    enum side from = side_of_end(f, end);
    note_seen(f, p, from);
    if (p->tcp.flags & (TCP_SYN | TCP_FIN))
        note_flags(f, p, from);
    if ((f->bits & BASES) != BASES)
        note_bases(f, p, end);
    bool opened = f->class == FLOW_HALF_OPEN && !(p->tcp.flags & (TCP_SYN | TCP_RST));
    if (opened || t->now - f->last_tick >= TOUCH_TICKS)
        list_move(t, f, opened ? FLOW_NOT_MAIL : (enum flow_class)f->class);
}

static struct flow *look_up(const struct flow_table *t, const struct flow_key *key)
{
    uint32_t handle = slots_find(t, &t->slots, key->hash, key);
    if (handle == HANDLE_NONE && t->old.at)
        handle = slots_find(t, &t->old, key->hash, key);
    return handle != HANDLE_NONE ? flow_at(t, handle) : NULL;
}

/* Finds it in whatever state it is, or makes it. */
static __attribute__((noinline)) struct flow_found find_or_create(struct flow_table *t,
                                                                  const struct packet *packet,
                                                                  const struct flow_key *key)
{
    struct flow_found found = { 0 };
    if (!is_ours(packet))
        return found;
    clock_set(t, packet->time);
    unsigned end = key->source;
    struct flow *f = key->entry && !(key->entry->bits & BIT_REPLACED) && key_is(key->entry, key)
                         ? key->entry
                         : look_up(t, key);
    bool reused = f && has_flags(packet, TCP_SYN | TCP_ACK, TCP_SYN) &&
                  (f->bits & BIT_BASE << end) && f->base[end] != packet->tcp.seq;
    if (!f || reused) {
        uint32_t new_handle;
        struct flow *new_flow = create(t, packet, key, &new_handle);
        if (!new_flow)
            return found;
        if (reused) {
            slots_remove(t, f, flow_handle(t, f));
            f->bits |= BIT_REPLACED;
            found.replaced = f;
        }
        slots_put(&t->slots, (struct slot) { key->hash, new_handle });
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

/* A packet that says nothing new of its connection, but perhaps that there are data. */
static bool is_plain(const struct flow_table *t, const struct flow *f, const struct packet *p)
{
    enum { STATE = BIT_NUMBERED | BASES, ALL = STATE | BIT_REPLACED };
    return p->kind == PACKET_TCP && !(p->tcp.flags & (TCP_SYN | TCP_FIN)) &&
           (f->bits & ALL) == STATE && f->class != FLOW_HALF_OPEN && clock_stands(t, p->time) &&
           t->now - f->last_tick < TOUCH_TICKS;
}

struct flow_found flow_table_find(struct flow_table *t, const struct packet *packet,
                                  const struct flow_key *key)
{
    struct flow *f = key->entry; /* may be gone since, or another's */
    if (!f || !is_plain(t, f, packet) || !key_is(f, key))
        return find_or_create(t, packet, key);
    enum side from = side_of_end(f, key->source);
    note_seen(f, packet, from);
    return (struct flow_found) { .flow = f, .from = from };
}

/* In a flood entries go in the order in which they came, which is that of the pool: what is touched of
 * the next ones is on its way by then. */
static void prefetch_next_victims(const struct flow_table *t, uint32_t handle)
{
    enum { SLOTS_AHEAD = 8, ENTRIES_AHEAD = 16 };
    const struct pool *pool = &t->pool[(handle & HANDLE_V6) != 0];
    if ((handle & ~HANDLE_V6) + ENTRIES_AHEAD > pool->fresh)
        return;
    __builtin_prefetch(flow_at(t, handle + ENTRIES_AHEAD));
    uint32_t hash = flow_at(t, handle + SLOTS_AHEAD)->hash;
    __builtin_prefetch(&t->slots.at[hash & (t->slots.size - 1)], 1);
}

void flow_forget(struct flow_table *t, struct flow *flow)
{
    if (!check(!flow_talk(flow)))
        return;
    uint32_t handle = flow_handle(t, flow);
    if (!(flow->bits & BIT_REPLACED))
        slots_remove(t, flow, handle);
    flow->bits |= BIT_REPLACED;
    list_remove(t, flow);
    pool_put(t, handle);
    prefetch_next_victims(t, handle);
}

void flow_set_class(struct flow_table *t, struct flow *flow, enum flow_class class)
{
    if (flow->class != class || flow->next != HANDLE_NONE) /* else it is the last already */
        list_move(t, flow, class);
}

enum flow_class flow_class(const struct flow *flow)
{
    return (enum flow_class)flow->class;
}

bool flow_table_crowded(const struct flow_table *t)
{
    enum { FULL_BUT = 1024 }; /* for one part in so many */
    return t->list[FLOW_HALF_OPEN].count > FLOW_HALF_OPEN_MAX - FLOW_HALF_OPEN_MAX / FULL_BUT ||
           t->low_bytes > t->half_limit - t->half_limit / FULL_BUT;
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
