/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/fragment.h"

#include "base/limits.h"
#include "base/table.h"
#include "base/time.h"

enum {
    FRAGMENT_MAX_BYTES = 65535, /* an IP packet has no more */
    FRAGMENT_FIRST_BYTES = 2048,
    KEY_SIZE = 1 + 16 + 16 + 4 + 1,
};

#define FRAGMENT_TIMEOUT_NS (30 * TIME_SECOND) /* as long as Linux waits */
/* A mirror port that copies both directions delivers each fragment twice, at once. */
#define FRAGMENT_DUPLICATE_NS TIME_SECOND

struct range {
    uint32_t begin, end;
};

enum datagram_state {
    DATAGRAM_OPEN,
    DATAGRAM_WHOLE, /* was delivered; its bytes tell a duplicate from a new one */
    DATAGRAM_BAD,   /* given up and counted; what still comes is ignored until it ages out */
};

struct datagram {
    uint8_t key[KEY_SIZE];
    enum datagram_state state;
    bool has_end;
    uint32_t end; /* bytes in all, once the last fragment is known */
    uint32_t range_count;
    struct range ranges[FRAGMENT_RANGES_MAX]; /* what is there: in order, none touch */
    uint8_t *data;
    size_t cap;
    int64_t time; /* of its first fragment; of its completion when whole */
    struct datagram *newer, *older;
    struct list *list;
};

struct list {
    struct datagram *oldest, *newest;
    size_t count;
};

struct fragments {
    struct budget *parent;
    struct budget budget;
    struct table table;
    struct list open; /* also the bad ones */
    struct list whole;
    struct datagram *delivered; /* the last call's: its bytes are lent until this call's end */
    int64_t now;
    uint64_t dropped;
};

static void list_add(struct list *list, struct datagram *d)
{
    d->list = list;
    d->newer = NULL;
    d->older = list->newest;
    *(list->newest ? &list->newest->newer : &list->oldest) = d;
    list->newest = d;
    list->count++;
}

static void list_take(struct datagram *d)
{
    struct list *list = d->list;
    *(d->older ? &d->older->newer : &list->oldest) = d->newer;
    *(d->newer ? &d->newer->older : &list->newest) = d->older;
    list->count--;
}

static struct bytes key_of(const struct datagram *d)
{
    return bytes_of(d->key, sizeof d->key);
}

static bool has_key(const void *value, struct bytes key)
{
    return bytes_equal(key_of(value), key);
}

static void data_free(struct fragments *f, struct datagram *d)
{
    mem_free(&f->budget, d->data, d->cap);
    d->data = NULL;
    d->cap = 0;
}

static void datagram_free(struct fragments *f, struct datagram *d)
{
    if (d->state == DATAGRAM_OPEN)
        f->dropped++;
    list_take(d);
    (void)table_remove(&f->table, key_of(d));
    data_free(f, d);
    mem_free(&f->budget, d, sizeof *d);
}

static void give_up(struct fragments *f, struct datagram *d)
{
    f->dropped++;
    d->state = DATAGRAM_BAD;
    data_free(f, d);
}

/* Forgets the oldest, whole ones first; false when there is none but keep and the one lent out. */
static bool forget_one(struct fragments *f, const struct datagram *keep)
{
    struct list *const lists[] = { &f->whole, &f->open };
    for (size_t i = 0; i < 2; i++) {
        struct datagram *d = lists[i]->oldest;
        while (d && (d == keep || d == f->delivered))
            d = d->newer;
        if (d) {
            datagram_free(f, d);
            return true;
        }
    }
    return false;
}

static void make_room(struct fragments *f, size_t size, const struct datagram *keep)
{
    while (!budget_fits(&f->budget, size) && forget_one(f, keep))
        ;
}

static void forget_older(struct fragments *f, struct list *list, int64_t age)
{
    struct datagram *d = list->oldest;
    while (d && f->now - d->time > age) {
        struct datagram *newer = d->newer;
        if (d != f->delivered)
            datagram_free(f, d);
        d = newer;
    }
}

struct fragments *fragments_new(struct budget *budget)
{
    struct fragments *f = mem_alloc(budget, sizeof *f);
    if (!f)
        return NULL;
    f->parent = budget;
    f->budget = (struct budget) { .limit = FRAGMENT_MEMORY, .parent = budget };
    table_init(&f->table, &f->budget, has_key);
    return f;
}

void fragments_clear(struct fragments *f)
{
    f->delivered = NULL;
    while (forget_one(f, NULL))
        ;
    f->dropped = 0;
    f->now = 0;
}

void fragments_free(struct fragments *f)
{
    if (!f)
        return;
    fragments_clear(f);
    table_done(&f->table);
    mem_free(f->parent, f, sizeof *f);
}

static void key_write(uint8_t key[KEY_SIZE], const struct fragment *fragment)
{
    uint8_t *at = key;
    *at++ = fragment->src.family;
    at += bytes_copy(at, 16, bytes_of(fragment->src.b, 16));
    at += bytes_copy(at, 16, bytes_of(fragment->dst.b, 16));
    for (unsigned shift = 0; shift < 32; shift += 8)
        *at++ = (uint8_t)(fragment->id >> shift);
    *at = fragment->protocol;
}

static struct datagram *datagram_new(struct fragments *f, struct bytes key)
{
    if (f->open.count >= FRAGMENT_DATAGRAMS_MAX)
        datagram_free(f, f->open.oldest);
    make_room(f, sizeof(struct datagram), NULL);
    struct datagram *d = mem_alloc(&f->budget, sizeof *d);
    if (!d)
        return NULL;
    (void)bytes_copy(d->key, sizeof d->key, key);
    d->time = f->now;
    while (!table_put(&f->table, key_of(d), d)) {
        if (!forget_one(f, NULL)) {
            mem_free(&f->budget, d, sizeof *d);
            return NULL;
        }
    }
    list_add(&f->open, d);
    return d;
}

static bool data_reach(struct fragments *f, struct datagram *d, size_t size)
{
    if (size <= d->cap)
        return true;
    size_t cap = d->cap ? d->cap * 2 : FRAGMENT_FIRST_BYTES;
    if (cap < size)
        cap = size;
    make_room(f, cap - d->cap, d);
    uint8_t *data = mem_resize(&f->budget, d->data, d->cap, cap);
    if (!data)
        return false;
    d->data = data;
    d->cap = cap;
    return true;
}

static bool overlaps(const struct datagram *d, uint32_t begin, uint32_t end)
{
    for (uint32_t i = 0; i < d->range_count; i++) {
        if (d->ranges[i].begin < end && d->ranges[i].end > begin)
            return true;
    }
    return false;
}

/* Is all of it there already, with the same bytes? */
static bool is_duplicate(const struct datagram *d, uint32_t begin, struct bytes b)
{
    for (uint32_t i = 0; i < d->range_count; i++) {
        const struct range *r = &d->ranges[i];
        if (r->begin <= begin && r->end >= begin + b.len)
            return bytes_equal(bytes_of(d->data + begin, b.len), b);
    }
    return false;
}

/* Copies what is not there yet: the first data wins. */
static void fill_holes(struct datagram *d, uint32_t begin, struct bytes b)
{
    uint32_t end = begin + (uint32_t)b.len, at = begin;
    for (uint32_t i = 0; i <= d->range_count && at < end; i++) {
        bool last = i == d->range_count;
        uint32_t next = last || d->ranges[i].begin > end ? end : d->ranges[i].begin;
        if (next > at)
            (void)bytes_copy(d->data + at, next - at, bytes_after(b, at - begin));
        if (!last && d->ranges[i].end > at)
            at = d->ranges[i].end;
    }
}

/* Notes that begin to end is there now; false when that makes too many pieces. */
static bool ranges_add(struct datagram *d, uint32_t begin, uint32_t end)
{
    struct range *r = d->ranges;
    uint32_t first = 0, after;
    while (first < d->range_count && r[first].end < begin)
        first++;
    for (after = first; after < d->range_count && r[after].begin <= end; after++) {
        begin = r[after].begin < begin ? r[after].begin : begin;
        end = r[after].end > end ? r[after].end : end;
    }
    if (after == first && d->range_count == FRAGMENT_RANGES_MAX)
        return false;
    if (after == first) {
        for (uint32_t i = d->range_count; i > first; i--)
            r[i] = r[i - 1];
        d->range_count++;
    } else {
        for (uint32_t i = after; i < d->range_count; i++)
            r[first + 1 + i - after] = r[i];
        d->range_count -= after - first - 1;
    }
    r[first] = (struct range) { begin, end };
    return true;
}

/* Puts one fragment where it belongs; false when the datagram cannot become whole any more. */
static bool datagram_add(struct fragments *f, struct datagram *d, const struct fragment *fragment,
                         struct bytes b)
{
    uint32_t begin = fragment->offset, end = begin + (uint32_t)b.len;
    uint32_t reach = d->range_count > 0 ? d->ranges[d->range_count - 1].end : 0;
    if (is_duplicate(d, begin, b) && (fragment->more || (d->has_end && end == d->end)))
        return true;
    if (fragment->src.family == 6 && overlaps(d, begin, end)) /* RFC 5722 */
        return false;
    if (d->has_end && (end > d->end || (!fragment->more && end != d->end)))
        return false;
    if (!fragment->more && end < reach)
        return false;
    if (!data_reach(f, d, end))
        return false;
    fill_holes(d, begin, b);
    if (!ranges_add(d, begin, end))
        return false;
    if (!fragment->more) {
        d->has_end = true;
        d->end = end;
    }
    return true;
}

static void keep_whole(struct fragments *f, struct datagram *d)
{
    d->state = DATAGRAM_WHOLE;
    d->time = f->now;
    list_take(d);
    list_add(&f->whole, d);
    if (f->whole.count > FRAGMENT_WHOLE_MAX && f->whole.oldest != f->delivered)
        datagram_free(f, f->whole.oldest);
}

/* The datagram that a fragment belongs to, new where need be; NULL when it is to be passed over. */
static struct datagram *datagram_for(struct fragments *f, const struct fragment *fragment,
                                     struct bytes b)
{
    uint8_t key_bytes[KEY_SIZE];
    key_write(key_bytes, fragment);
    struct bytes key = bytes_of(key_bytes, sizeof key_bytes);
    struct datagram *d = table_get(&f->table, key);
    if (d && d->state == DATAGRAM_BAD)
        return NULL;
    if (d && d->state == DATAGRAM_WHOLE) {
        if (is_duplicate(d, fragment->offset, b))
            return NULL;
        if (d == f->delivered) { /* a fragment inside the very datagram that it claims to be of */
            f->dropped++;
            return NULL;
        }
        datagram_free(f, d);
        d = NULL;
    }
    if (!d && !(d = datagram_new(f, key)))
        f->dropped++;
    return d;
}

static struct datagram *add(struct fragments *f, const struct fragment *fragment)
{
    struct bytes b = fragment->bytes;
    if (fragment->time != TIME_NONE && fragment->time > f->now)
        f->now = fragment->time;
    forget_older(f, &f->open, FRAGMENT_TIMEOUT_NS);
    forget_older(f, &f->whole, FRAGMENT_DUPLICATE_NS);
    if (fragment->more) /* all but the last are multiples of eight bytes */
        b = bytes_first(b, b.len & ~(size_t)7);
    if (b.len == 0 || b.len > FRAGMENT_MAX_BYTES || fragment->offset > FRAGMENT_MAX_BYTES - b.len) {
        f->dropped++;
        return NULL;
    }
    struct datagram *d = datagram_for(f, fragment, b);
    if (!d)
        return NULL;
    if (!datagram_add(f, d, fragment, b)) {
        give_up(f, d);
        return NULL;
    }
    if (!d->has_end || d->range_count != 1 || d->ranges[0].begin != 0)
        return NULL;
    keep_whole(f, d);
    return d;
}

bool fragments_add(struct fragments *f, const struct fragment *fragment, struct bytes *whole,
                   uint64_t *dropped)
{
    struct datagram *d = add(f, fragment);
    f->delivered = d;
    if (d)
        *whole = bytes_of(d->data, d->end);
    *dropped += f->dropped;
    f->dropped = 0;
    return d != NULL;
}
