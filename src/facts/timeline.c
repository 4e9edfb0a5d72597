/* SPDX-License-Identifier: BSD-3-Clause */
#include "facts/timeline.h"

#include "base/limits.h"

/* A fact with its texts behind it; only as much of the union is there as its kind needs. */
struct node {
    struct node *next, *previous;
    uint32_t size;
    bool alone; /* a piece of memory of its own, of the part that turns; else in a block */
    struct fact fact;
};

/* The start of the list lies in a few blocks, close together, since rules walk it often. */
struct block {
    struct block *next;
    uint32_t size, used; /* of bytes[] */
    max_align_t bytes[];
};
enum { BLOCK_FIRST = 976, BLOCK_NEXT = 2000 };

struct timeline {
    struct budget *budget;
    struct node *first, *last;
    struct node *ring;    /* the first node of the part that turns; NULL while the start grows */
    struct node *dropped; /* the FACT_DROPPED node right before the ring, once something is lost */
    uint64_t kinds;
    size_t bytes;
    uint32_t count, lost;
    struct block *blocks; /* the newest first; the last is this one: */
    struct block start;   /* with BLOCK_FIRST bytes, in one piece with the timeline */
};

static size_t fact_size(enum fact_kind kind)
{
#define WITH(member) (offsetof(struct fact, member) + sizeof(((struct fact *)NULL)->member))
    static const uint16_t sizes[FACT_KINDS] = {
        [FACT_SYN] = WITH(syn),
        [FACT_SYN_ACK] = WITH(syn_ack),
        [FACT_FIN] = WITH(fin),
        [FACT_RST] = WITH(rst),
        [FACT_RESEND] = WITH(resend),
        [FACT_GAP] = WITH(gap),
        [FACT_CONFLICT] = WITH(gap),
        [FACT_ICMP] = WITH(icmp),
        [FACT_OTHER_PROTOCOL] = WITH(other_protocol),
        [FACT_SMTP_COMMAND] = WITH(command),
        [FACT_SMTP_REPLY] = WITH(reply),
        [FACT_SMTP_CAPABILITIES] = WITH(capabilities),
        [FACT_AUTH] = WITH(auth),
        [FACT_AUTH_STEP] = WITH(auth_step),
        [FACT_AUTH_IDENTITY] = WITH(identity),
        [FACT_MESSAGE] = WITH(message),
        [FACT_SMTP_NOISE] = WITH(noise),
        [FACT_CLIENT_HELLO] = WITH(client_hello),
        [FACT_SERVER_HELLO] = WITH(server_hello),
        [FACT_CERTIFICATE] = WITH(certificate),
        [FACT_KEY_EXCHANGE] = WITH(key_exchange),
        [FACT_CERTIFICATE_REQUEST] = WITH(certificate_request),
        [FACT_TLS_UP] = WITH(tls_up),
        [FACT_TLS_ALERT] = WITH(alert),
        [FACT_TLS_BROKEN] = WITH(tls_broken),
        [FACT_DROPPED] = WITH(dropped),
        [FACT_POP3_SIGN_IN] = WITH(pop3),
        [FACT_DNS_QUERY] = WITH(dns),
        [FACT_DNS_ANSWER] = WITH(dns),
    };
#undef WITH
    size_t bare = offsetof(struct fact, syn);
    return (unsigned)kind < FACT_KINDS && sizes[kind] > 0 ? sizes[kind] : bare;
}

struct timeline *timeline_new(struct budget *budget)
{
    struct timeline *tl = mem_alloc(budget, sizeof *tl + BLOCK_FIRST);
    if (!tl)
        return NULL;
    tl->budget = budget;
    tl->start.size = BLOCK_FIRST;
    tl->blocks = &tl->start;
    return tl;
}

static void unlink_node(struct timeline *tl, struct node *n)
{
    *(n->previous ? &n->previous->next : &tl->first) = n->next;
    *(n->next ? &n->next->previous : &tl->last) = n->previous;
    tl->bytes -= n->size;
    tl->count--;
}

void timeline_free(struct timeline *tl)
{
    if (!tl)
        return;
    bool turned = tl->ring || tl->dropped; /* most are short: all of it lies in blocks */
    for (struct node *n = turned ? tl->first : NULL, *next; n; n = next) {
        next = n->next;
        if (n->alone)
            mem_free(tl->budget, n, n->size);
    }
    if (tl->dropped && tl->lost == 0)
        mem_free(tl->budget, tl->dropped, tl->dropped->size);
    while (tl->blocks != &tl->start) {
        struct block *b = tl->blocks;
        tl->blocks = b->next;
        mem_free(tl->budget, b, sizeof *b + b->size);
    }
    mem_free(tl->budget, tl, sizeof *tl + BLOCK_FIRST);
}

/* One more block, with room for size bytes. */
static __attribute__((noinline)) struct block *block_new(struct timeline *tl, size_t size)
{
    size_t n = size > BLOCK_NEXT ? size : BLOCK_NEXT;
    struct block *b = mem_alloc_to_fill(tl->budget, sizeof *b + n);
    if (!b)
        return NULL;
    b->used = 0;
    b->size = (uint32_t)n;
    b->next = tl->blocks;
    tl->blocks = b;
    return b;
}

static void *block_take(struct timeline *tl, size_t size)
{
    size = (size + sizeof(void *) - 1) / sizeof(void *) * sizeof(void *);
    struct block *b = tl->blocks;
    if (b->size - b->used < size)
        b = block_new(tl, size);
    if (!b)
        return NULL;
    void *p = (char *)b->bytes + b->used;
    b->used += (uint32_t)size;
    return p;
}

/* What the texts of a fact take in a timeline. */
static size_t texts_size(const struct fact *fact, const uint16_t *views)
{
    size_t size = 0;
    for (; *views > 0; views++) {
        const struct bytes *view = (const void *)((const char *)fact + *views);
        size += view->len < TIMELINE_TEXT_MAX ? view->len : TIMELINE_TEXT_MAX;
    }
    return size;
}

/* Copies the texts of from to at, clipped, and lets the views of its copy point there. */
static void take_texts(struct fact *copy, const struct fact *from, const uint16_t *views,
                       uint8_t *at)
{
    for (; *views > 0; views++) {
        const struct bytes *view = (const void *)((const char *)from + *views);
        struct bytes *taken = (void *)((char *)copy + *views);
        if (view->len > TIMELINE_TEXT_MAX)
            copy->flags |= FACT_CLIPPED;
        size_t len = bytes_copy(at, TIMELINE_TEXT_MAX, *view);
        *taken = bytes_of(len > 0 ? at : NULL, len);
        at += len;
    }
}

/* A copy of the fact and its texts in one piece; NULL when the budget has no more. Part of
 * timeline_add(), which each fact goes through. */
static inline __attribute__((always_inline)) struct node *node_new(struct timeline *tl,
                                                                   const struct fact *fact,
                                                                   bool alone)
{
    const uint16_t *views = fact_view_places(fact->kind);
    size_t head = fact_size(fact->kind);
    size_t size = offsetof(struct node, fact) + head + texts_size(fact, views);
    struct node *n = alone ? mem_alloc(tl->budget, size) : block_take(tl, size);
    if (!n)
        return NULL;
    n->next = NULL;
    n->size = (uint32_t)size;
    n->alone = alone;
    bytes_copy(&n->fact, head, bytes_of(fact, head));
    take_texts(&n->fact, fact, views, (uint8_t *)&n->fact + head);
    return n;
}

static void append(struct timeline *tl, struct node *n)
{
    n->previous = tl->last;
    *(tl->last ? &tl->last->next : &tl->first) = n;
    tl->last = n;
    tl->bytes += n->size;
    tl->count++;
}

/* Into the list, which whoever walks it need not know of before. */
static void link_dropped(struct timeline *tl)
{
    struct node *mark = tl->dropped, *next = tl->ring;
    mark->next = next;
    mark->previous = next ? next->previous : tl->last;
    *(mark->previous ? &mark->previous->next : &tl->first) = mark;
    *(next ? &next->previous : &tl->last) = mark;
}

static void lose(struct timeline *tl)
{
    tl->lost++;
    if (!tl->dropped)
        return;
    if (tl->lost == 1)
        link_dropped(tl);
    tl->dropped->fact.dropped.count = tl->lost;
}

/* Frees the ring's oldest; false when the ring has no more. */
static bool turn(struct timeline *tl)
{
    struct node *n = tl->ring;
    if (!n)
        return false;
    tl->ring = n->next;
    unlink_node(tl, n);
    mem_free(tl->budget, n, n->size);
    lose(tl);
    return true;
}

/* The place in the list where facts are missing. Stands behind the start, before the ring; there is
 * room for it before it is needed. */
static void mark_dropped(struct timeline *tl)
{
    if (tl->dropped || !tl->last)
        return;
    struct fact mark = { .kind = FACT_DROPPED,
                         .first_frame = tl->last->fact.last_frame,
                         .last_frame = tl->last->fact.last_frame,
                         .time = tl->last->fact.time };
    struct node *n = node_new(tl, &mark, true);
    if (!n)
        return;
    tl->bytes += n->size;
    tl->count++;
    tl->dropped = n;
    if (tl->lost > 0)
        link_dropped(tl);
}

/* Into the part that turns, which few timelines come to. */
static __attribute__((noinline)) void add_turning(struct timeline *tl, const struct fact *fact)
{
    struct node *n = node_new(tl, fact, true);
    if (!n) {
        lose(tl);
        return;
    }
    mark_dropped(tl);
    while (tl->bytes + n->size > TIMELINE_BYTES && turn(tl))
        ;
    append(tl, n);
    if (!tl->ring)
        tl->ring = n;
}

void timeline_add(struct timeline *tl, const struct fact *fact)
{
    if (!tl)
        return;
    tl->kinds |= FACT_BIT(fact->kind);
    if (tl->ring || tl->dropped || tl->bytes >= TIMELINE_BYTES / 3 * 2) {
        add_turning(tl, fact);
        return;
    }
    struct node *n = node_new(tl, fact, false);
    if (n)
        append(tl, n);
    else
        lose(tl);
}

void timeline_prefetch(const struct timeline *tl)
{
    enum { LINE = 64 };
    for (const struct block *b = tl ? tl->blocks : NULL; b; b = b->next)
        for (uint32_t at = 0; at < b->used; at += LINE)
            __builtin_prefetch((const char *)b->bytes + at);
}

static const struct node *node_of(const struct fact *fact)
{
    return (const struct node *)(const void *)((const char *)fact - offsetof(struct node, fact));
}

static const struct fact *fact_of(const struct node *n)
{
    return n ? &n->fact : NULL;
}

const struct fact *timeline_first(const struct timeline *tl)
{
    return tl ? fact_of(tl->first) : NULL;
}

const struct fact *timeline_next(const struct timeline *tl, const struct fact *fact)
{
    (void)tl;
    return fact_of(node_of(fact)->next);
}

const struct fact *timeline_previous(const struct timeline *tl, const struct fact *fact)
{
    if (!tl)
        return NULL;
    return fact_of(fact ? node_of(fact)->previous : tl->last);
}

bool timeline_left_before(const struct timeline *tl, const struct fact *fact)
{
    const struct fact *f = timeline_previous(tl, fact);
    while (f && (f->from == fact->from || (f->kind != FACT_FIN && f->kind != FACT_RST)))
        f = timeline_previous(tl, f);
    return f != NULL;
}

uint64_t timeline_kinds(const struct timeline *tl)
{
    return tl ? tl->kinds : 0;
}

size_t timeline_count(const struct timeline *tl)
{
    return tl ? tl->count : 0;
}

uint32_t timeline_dropped(const struct timeline *tl)
{
    return tl ? tl->lost : 0;
}

static bool answers_like(const struct fact *f, const struct fact *reply)
{
    return f->kind == FACT_SMTP_REPLY && f->reply.command_frame == reply->reply.command_frame &&
           f->reply.verb == reply->reply.verb;
}

static bool is_asked(const struct fact *f, const struct fact *reply)
{
    return f->kind == FACT_SMTP_COMMAND && f->last_frame == reply->reply.command_frame &&
           f->command.verb == reply->reply.verb;
}

const struct fact *timeline_asked(const struct timeline *tl, const struct fact *reply)
{
    if (!reply || reply->kind != FACT_SMTP_REPLY || reply->reply.command_frame == 0)
        return NULL;
    /* back to the first command of that frame and verb; replies to the same on the way came before
     * this one */
    const struct fact *first = NULL;
    unsigned turn = 0;
    for (const struct fact *f = timeline_previous(tl, reply);
         f && f->last_frame >= reply->reply.command_frame; f = timeline_previous(tl, f)) {
        turn += answers_like(f, reply);
        if (is_asked(f, reply))
            first = f;
    }
    const struct fact *asked = first;
    for (const struct fact *f = first; f && f != reply; f = timeline_next(tl, f)) {
        if (!is_asked(f, reply))
            continue;
        asked = f;
        if (turn-- == 0)
            break;
    }
    return asked;
}
