/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/walk.h"

static const struct inferred *inferred_of(const struct walk *w)
{
    return &w->judged->summary.inferred;
}

void walk_begin(struct walk *w, const struct judged *judged, bool inferred)
{
    const struct inferred *i = &judged->summary.inferred;
    *w = (struct walk) { .judged = judged, .next = timeline_first(judged->attempt->timeline) };
    if (!inferred || i->confidence == INFERRED_NOTHING)
        w->step = i->step_count;
}

/* In one frame: what is said in its records stands behind the handshake and before the end. */
static bool comes_first(const struct fact *inferred, const struct fact *fact)
{
    if (!fact || inferred->last_frame != fact->last_frame)
        return !fact || inferred->last_frame < fact->last_frame;
    return fact->kind == FACT_FIN || fact->kind == FACT_RST || fact->kind == FACT_TLS_ALERT;
}

static bool make_inferred(struct walk *w)
{
    const struct inferred *i = inferred_of(w);
    if (w->step >= i->step_count)
        return false;
    inferred_fact(w->judged->attempt, &i->steps[w->step], &w->made);
    if (w->step == INFERRED_STEPS_HEAD && i->steps_left_out > 0 && !w->left_out) {
        w->made.kind = FACT_DROPPED;
        w->made.dropped.count = i->steps_left_out;
    }
    return true;
}

const struct fact *walk_next(struct walk *w)
{
    const struct fact *f = w->next;
    if (make_inferred(w) && comes_first(&w->made, f)) {
        if (w->made.kind == FACT_DROPPED)
            w->left_out = true;
        else
            w->step++;
        return &w->made;
    }
    if (f)
        w->next = timeline_next(w->judged->attempt->timeline, f);
    return f;
}
