/* SPDX-License-Identifier: BSD-3-Clause */
#include "capture/extras.h"

#include "base/mem.h"
#include "capture/order.h"

enum { NRB_END = 0, NRB_IPV4 = 1, NRB_IPV6 = 2 };

struct extra {
    struct extra *next;
    struct cursor left; /* what was not taken yet */
    size_t len;
    bool big_endian, taken;
    uint8_t copy[];
};

static bool queue_add(struct extra_queue *queue, struct bytes content, bool big_endian)
{
    if (content.len > EXTRAS_MAX_BYTES - queue->held)
        return false;
    struct extra *extra = mem_alloc(NULL, sizeof *extra + content.len);
    if (!extra)
        return false;
    extra->len = bytes_copy(extra->copy, content.len, content);
    extra->left = cursor_of(bytes_of(extra->copy, extra->len));
    extra->big_endian = big_endian;
    if (queue->last)
        queue->last->next = extra;
    else
        queue->first = extra;
    queue->last = extra;
    queue->held += content.len;
    return true;
}

/* Drops the first block; it may hold keys, so it is wiped. */
static void queue_drop(struct extra_queue *queue)
{
    struct extra *extra = queue->first;
    queue->first = extra->next;
    if (!queue->first)
        queue->last = NULL;
    queue->held -= extra->len;
    mem_wipe(extra->copy, extra->len);
    mem_free(NULL, extra, sizeof *extra + extra->len);
}

bool extras_add_names(struct extras *extras, struct bytes records, bool big_endian)
{
    return queue_add(&extras->names, records, big_endian);
}

bool extras_add_secrets(struct extras *extras, struct bytes text)
{
    return queue_add(&extras->secrets, text, false);
}

/* The next NUL-terminated name of the record at hand; empty names are passed over. */
static bool name_in_record(struct extras *extras, struct bytes *name)
{
    while (cursor_left(&extras->record) > 0) {
        struct bytes rest = bytes_of(extras->record.at, cursor_left(&extras->record));
        ptrdiff_t nul = bytes_find(rest, 0);
        *name = cursor_bytes(&extras->record, nul < 0 ? rest.len : (size_t)nul);
        if (nul >= 0)
            cursor_skip(&extras->record, 1);
        if (name->len > 0)
            return true;
    }
    return false;
}

/* Makes the next record of the block the one at hand; false where the block ends. */
static bool next_record(struct extras *extras, struct extra *block)
{
    struct cursor *c = &block->left;
    uint16_t type = order_u16(c, block->big_endian);
    uint16_t len = order_u16(c, block->big_endian);
    struct cursor value = cursor_block(c, len);
    cursor_skip(c, -(size_t)len & 3);
    extras->record = cursor_of(bytes_of(NULL, 0));
    if (!cursor_ok(&value) || type == NRB_END)
        return false;
    struct bytes address = cursor_bytes(&value, type == NRB_IPV4 ? 4 : type == NRB_IPV6 ? 16 : 0);
    if (address.len == 0)
        return true;
    extras->address = type == NRB_IPV4 ? ip_addr_v4(address.at) : ip_addr_v6(address.at);
    extras->record = value;
    return true;
}

bool extras_next_name(struct extras *extras, struct ip_addr *address, struct bytes *name)
{
    while (extras->names.first) {
        if (name_in_record(extras, name)) {
            *address = extras->address;
            return true;
        }
        if (!next_record(extras, extras->names.first))
            queue_drop(&extras->names);
    }
    return false;
}

bool extras_next_secrets(struct extras *extras, struct bytes *text)
{
    struct extra_queue *queue = &extras->secrets;
    if (queue->first && queue->first->taken)
        queue_drop(queue);
    if (!queue->first)
        return false;
    queue->first->taken = true;
    *text = bytes_of(queue->first->copy, queue->first->len);
    return true;
}

void extras_done(struct extras *extras)
{
    while (extras->names.first)
        queue_drop(&extras->names);
    while (extras->secrets.first)
        queue_drop(&extras->secrets);
}
