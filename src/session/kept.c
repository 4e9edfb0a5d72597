/* SPDX-License-Identifier: BSD-3-Clause */
#include "session/kept.h"

bool kept_add(struct budget *budget, struct kept_list *list, const struct chunk *chunk)
{
    struct kept *k = mem_alloc(budget, sizeof *k + chunk->bytes.len);
    if (!k)
        return false;
    k->chunk = *chunk;
    k->chunk.bytes = bytes_of(k->bytes, bytes_copy(k->bytes, chunk->bytes.len, chunk->bytes));
    if (!list->first)
        list->end = &list->first;
    *list->end = k;
    list->end = &k->next;
    list->bytes[chunk->from] += chunk->bytes.len;
    return true;
}

struct bytes kept_bytes(const struct kept_list *list, enum side from, uint8_t out[HELLO_BYTES_MAX])
{
    size_t n = 0;
    for (const struct kept *k = list->first; k; k = k->next) {
        if (k->chunk.from != from)
            continue;
        if (k->chunk.gap && n > 0)
            break;
        n += bytes_copy(out + n, HELLO_BYTES_MAX - n, k->chunk.bytes);
    }
    return bytes_of(out, n);
}

void kept_free(struct budget *budget, struct kept_list *list)
{
    while (list->first) {
        struct kept *k = list->first;
        list->first = k->next;
        mem_wipe(k->bytes, k->chunk.bytes.len);
        mem_free(budget, k, sizeof *k + k->chunk.bytes.len);
    }
    *list = (struct kept_list) { 0 };
}
