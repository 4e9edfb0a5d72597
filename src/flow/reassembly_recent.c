/* SPDX-License-Identifier: BSD-3-Clause */
/* The room for what was delivered and not acknowledged yet. */
#include "flow/reassembly_state.h"

#include "base/limits.h"

/* It is taken in such steps, and stays with the stream where one is enough: most of its chunks find
 * it there. */
enum { RECENT_STEP = 256 };
_Static_assert(REASSEMBLY_RECENT_MAX % RECENT_STEP == 0, "what fits is within the limit");

void reassembly_free_recent(struct reassembly *r)
{
    if (!r->recent)
        return;
    mem_wipe(r->recent->bytes, r->recent->len);
    mem_free(r->budget, r->recent, sizeof *r->recent + r->recent->cap);
    r->recent = NULL;
}

void reassembly_forget_recent(struct reassembly *r)
{
    if (!r->recent || r->recent->len == 0)
        return;
    if (r->recent->cap > RECENT_STEP) {
        reassembly_free_recent(r);
        return;
    }
    mem_wipe(r->recent->bytes, r->recent->len);
    r->recent->len = 0;
}

bool reassembly_recent_room(struct reassembly *r, uint32_t n)
{
    uint32_t had = r->recent ? r->recent->len : 0;
    if (had + n > REASSEMBLY_RECENT_MAX)
        had = 0;
    if (!r->recent || had + n > r->recent->cap) {
        uint32_t cap = (had + n + RECENT_STEP - 1) / RECENT_STEP * RECENT_STEP;
        struct recent *c = mem_alloc_to_fill(r->budget, sizeof *c + cap);
        if (c)
            bytes_copy(c->bytes, cap, bytes_of(r->recent ? r->recent->bytes : NULL, had));
        reassembly_free_recent(r);
        if (!c)
            return false;
        c->cap = cap;
        r->recent = c;
    }
    r->recent->len = had;
    return true;
}
