/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a connection table is made of; shared by the files that make flow_table.h: flow_table.c
 * (finding, ageing), flow_store.c (entries and slots), flow_entry.c (keys, one entry).
 *
 * Entries lie in blocks and are known by 32-bit handles, so that links and slots stay small; those
 * of IPv6 have a pool of their own. The slots are probed linearly; the hash stands in them, so that
 * neither growing nor taking out touches other entries. Growing goes in steps, a few slots with
 * each new entry, so that no packet waits for it.
 */
#ifndef MAILWHY_FLOW_FLOW_STATE_H
#define MAILWHY_FLOW_FLOW_STATE_H

#include "base/limits.h"
#include "flow/flow_table.h"

enum { FLOW_BLOCK_ENTRIES = 1024 };

#define HANDLE_V6   (UINT32_C(1) << 31)
#define HANDLE_NONE UINT32_C(0)
#define SLOT_GRAVE  UINT32_MAX /* in the old slots only */

enum flow_bit { /* of flow->bits */
                BIT_V6 = 1,
                BIT_DEVICE_END = 2, /* the device is the second end of the key */
                BIT_BASE = 4,       /* base[0] is known; << 1 for base[1] */
                BIT_NUMBERED = 16,  /* Wireshark counts it */
                BIT_NUMBER_HOLDS = 32,
                BIT_REPLACED = 64, /* no longer in the slots (a free one too) */
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
        void *talk; /* BIT_TALK */
        uint64_t
            syn_ack; /* BIT_HELD_SYN_ACK: frames (24 bits) and ns (40 bits) after the first packet */
    };
    uint32_t
        base[2]; /* the sequence number before the first byte of each end, as Wireshark has it */
    uint16_t port[2];
    uint16_t bits;
    uint8_t seen, class;
    union {
        uint32_t v4[2];
        uint64_t v6_first; /* the other 24 bytes: struct flow_v6 */
    };
};

struct flow_v6 {
    struct flow flow;
    uint64_t v6_rest[3];
};

_Static_assert(sizeof(struct flow) == FLOW_BYTES_V4,
               "a connection that is not followed is one cache line");
_Static_assert(sizeof(struct flow_v6) == FLOW_BYTES_V6, "see limits.h");

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
    uint32_t fresh; /* entries ever used */
    uint32_t free_first,
        free_last; /* in a queue, so that entries stay in the order in which they come and go */
};

struct list {
    uint32_t first, last, count;
};

enum { HASH_WORDS = 9 };

struct flow_table {
    struct budget *budget;
    uint64_t secret[HASH_WORDS + 1];
    struct slots slots, old; /* old: being moved over */
    uint32_t moved;          /* of the old slots */
    uint32_t in_slots;
    struct pool pool[2];
    struct list list[FLOW_CLASSES];
    size_t low_bytes, half_limit;
    uint64_t streams;
    int64_t epoch, tick_begin; /* time of tick 0, and of tick now */
    uint32_t now;
    bool clock_runs, lost, sorted;
};

static inline size_t entry_size(bool v6)
{
    return v6 ? sizeof(struct flow_v6) : sizeof(struct flow);
}

static inline struct flow *flow_at(const struct flow_table *t, uint32_t handle)
{
    bool v6 = (handle & HANDLE_V6) != 0;
    uint32_t i = (handle & ~HANDLE_V6) - 1;
    return (struct flow *)(void *)(t->pool[v6].blocks[i / FLOW_BLOCK_ENTRIES] +
                                   i % FLOW_BLOCK_ENTRIES * entry_size(v6));
}

/* Entries: HANDLE_NONE when the budget has no more. */
uint32_t pool_get(struct flow_table *t, bool v6);
void pool_put(struct flow_table *t, uint32_t handle);
void pool_done(struct flow_table *t, struct pool *pool);

/* Slots. */
uint32_t slots_find(const struct flow_table *t, const struct slots *slots, uint32_t hash,
                    const struct flow_key *key);
void slots_put(struct slots *slots, struct slot slot);
void slots_remove(struct flow_table *t, const struct flow *f, uint32_t handle);
/* Room for one more: grows at 6/16, since short runs are worth more than the room; where it may not, 15/16 will do. */
bool slots_ready(struct flow_table *t);

void key_of(const struct flow_table *t, const struct packet *p, struct flow_key *key);
bool key_is(const struct flow *f, const struct flow_key *key);
void key_store(struct flow *f, const struct flow_key *key);

#endif
