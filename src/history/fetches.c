/* SPDX-License-Identifier: BSD-3-Clause */
#include "history/fetches.h"

void fetches_add(struct fetches *f, const struct fetch *fetch)
{
    size_t at = f->count;
    if (at == FETCHES_MAX) {
        /* a refused one that nothing followed is what may be told in the end */
        size_t oldest = f->list[0].known && !f->list[0].accepted && !f->list[0].followed ? 1 : 0;
        for (size_t i = oldest + 1; i < FETCHES_MAX; i++)
            f->list[i - 1] = f->list[i];
        at = FETCHES_MAX - 1;
    } else {
        f->count++;
    }
    f->list[at] = *fetch;
}

static bool is_in_time(const struct fetch *fetch, int64_t time)
{
    return fetch->time != TIME_NONE && time != TIME_NONE && fetch->time <= time &&
           time - fetch->time <= FETCH_GOOD_FOR;
}

void fetches_mail(struct fetches *f, uint16_t file, int64_t start, bool signed_in)
{
    for (size_t i = 0; i < f->count; i++) {
        struct fetch *fetch = &f->list[i];
        if (fetch->file != file || !is_in_time(fetch, start))
            continue;
        fetch->followed = true;
        f->then_sent |= fetch->accepted && !signed_in;
    }
}

const struct fetch *fetches_before(const struct fetches *f, int64_t time)
{
    for (size_t i = f->count; i > 0; i--) {
        const struct fetch *fetch = &f->list[i - 1];
        if ((fetch->accepted || !fetch->known) && is_in_time(fetch, time))
            return fetch;
    }
    return NULL;
}

const struct fetch *fetches_failed(const struct fetches *f)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->list[i].known && !f->list[i].accepted && !f->list[i].followed)
            return &f->list[i];
    return NULL;
}
