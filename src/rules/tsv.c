/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/tsv.h"

/* Cuts off what stands before the separator, and the separator; all of b where there is none. */
static struct bytes cut(struct bytes *b, uint8_t separator)
{
    ptrdiff_t at = bytes_find(*b, separator);
    struct bytes first = at < 0 ? *b : bytes_first(*b, (size_t)at);
    *b = at < 0 ? (struct bytes) { NULL, 0 } : bytes_after(*b, (size_t)at + 1);
    return first;
}

size_t tsv_next(struct tsv *t, struct bytes *columns, size_t most)
{
    while (t->rest.len > 0) {
        struct bytes line = cut(&t->rest, '\n');
        t->line++;
        if (line.len > 0 && line.at[line.len - 1] == '\r')
            line.len--;
        if (bytes_trim(line).len == 0 || line.at[0] == '#')
            continue;
        size_t count = 0;
        for (bool more = true; more; count++) {
            more = bytes_find(line, '\t') >= 0;
            struct bytes column = cut(&line, '\t');
            if (count < most)
                columns[count] = bytes_trim(column);
        }
        return count;
    }
    return 0;
}

int tsv_number(struct bytes b, int most)
{
    int number = 0;
    for (size_t i = 0; i < b.len; i++) {
        if (b.at[i] < '0' || b.at[i] > '9')
            return -1;
        number = number * 10 + (b.at[i] - '0');
        if (number > most)
            return -1;
    }
    return b.len > 0 ? number : -1;
}

struct bytes tsv_word(struct bytes *list)
{
    return bytes_trim(cut(list, ','));
}
