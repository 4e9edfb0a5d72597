/* SPDX-License-Identifier: BSD-3-Clause */
#include "dissectors/smtp_lists.h"

#include "base/table.h"

enum { LISTS = 8, LIST_MIN = 12, LIST_MAX = 600 };

struct list {
    uint16_t len; /* 0 = none is here */
    uint8_t bytes[LIST_MAX];
    struct reply reply;
};

struct lists {
    struct budget *budget;
    struct list at[LISTS];
};

struct lists *lists_new(struct budget *budget)
{
    struct lists *l = mem_alloc(budget, sizeof *l);
    if (l)
        l->budget = budget;
    return l;
}

void lists_free(struct lists *l)
{
    if (l)
        mem_free(l->budget, l, sizeof *l);
}

bool lists_may_be(struct bytes all)
{
    return all.len >= LIST_MIN && all.len <= LIST_MAX && memcmp(all.at, "250-", 4) == 0;
}

static size_t place_of(struct bytes all)
{
    return table_hash(all) % LISTS;
}

/* What reply_add() filled in: not what lies behind its two lengths. */
static void copy(struct reply *to, const struct reply *from)
{
    size_t head = offsetof(struct reply, words);
    bytes_copy(to, head, bytes_of(from, head));
    bytes_copy(to->words, sizeof to->words, bytes_of(from->words, from->words_len));
    bytes_copy(to->text, sizeof to->text, bytes_of(from->text, from->text_len));
}

bool lists_find(const struct lists *l, struct bytes all, struct reply *reply)
{
    const struct list *list = l && lists_may_be(all) ? &l->at[place_of(all)] : NULL;
    if (!list || !bytes_equal(bytes_of(list->bytes, list->len), all))
        return false;
    copy(reply, &list->reply);
    return true;
}

void lists_keep(struct lists *l, struct bytes all, const struct reply *reply)
{
    if (!l || !lists_may_be(all))
        return;
    struct list *list = &l->at[place_of(all)];
    list->len = (uint16_t)bytes_copy(list->bytes, sizeof list->bytes, all);
    copy(&list->reply, reply);
}
