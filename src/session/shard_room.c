/* SPDX-License-Identifier: BSD-3-Clause */
#include "session/shard_state.h"

/* An opening that is followed closely is no flood's; it may take a few seconds. */
#define OPENING_PROTECTED (5 * TIME_SECOND)
enum { PROTECTED_MAX = 64 };

/* The oldest idle entry of the lowest class, but for openings at mail ports of a moment ago. */
static struct flow *choose_victim(struct shard *s)
{
    struct flow *flow = flow_table_oldest(s->flows);
    for (unsigned i = 0; flow && i < PROTECTED_MAX; i++) {
        const struct talk *t = flow_talk(flow);
        bool fresh = t && t != &shard_ignored && flow_class(flow) == FLOW_HALF_OPEN &&
                     s->now - t->attempt->start_time < OPENING_PROTECTED;
        if (!fresh)
            return flow;
        flow_set_class(s->flows, flow, FLOW_HALF_OPEN);
        flow = flow_table_oldest(s->flows);
    }
    return flow;
}

static void forget(struct shard *s, struct flow *flow)
{
    struct talk *t = flow_talk(flow);
    enum flow_class class = flow_class(flow);
    bool over = t == &shard_ignored && (flow_seen(flow) & (FLOW_SEEN_FIN | FLOW_SEEN_FIN << 1)) ==
                                           (FLOW_SEEN_FIN | FLOW_SEEN_FIN << 1);
    if (!over) {
        s->stats.forgotten++;
        flow_table_lost(s->flows);
    }
    if (t && t != &shard_ignored) {
        if (class == FLOW_MAIL || session_is_decided(t->session)) {
            t->attempt->end = END_EVICTED;
            t->attempt->end_frame = s->frame;
            talk_finish(s, t);
        } else {
            talk_free(s, t);
        }
    }
    flow_set_talk(flow, NULL);
    flow_forget(s->flows, flow);
}

/* Makes room for one more entry. */
static bool evict(struct shard *s)
{
    struct flow *flow = choose_victim(s);
    if (flow && flow_class(flow) != FLOW_HALF_OPEN && s->ended) {
        shard_finish_ended(s, true);
        return true;
    }
    if (flow)
        forget(s, flow);
    return flow != NULL;
}

bool shard_evict_talk(struct shard *s, const struct flow *keep)
{
    if (s->ended) {
        shard_finish_ended(s, true);
        return true;
    }
    struct flow *flow = flow_table_idle(s->flows, FLOW_MAIL, INT64_MAX);
    if (!flow || flow == keep)
        flow = choose_victim(s);
    if (!flow || flow == keep)
        return false;
    forget(s, flow);
    return true;
}

bool shard_make_room(struct shard *s)
{
    bool any = evict(s);
    while (any && flow_table_crowded(s->flows) && evict(s))
        ;
    return any;
}

void shard_replace(struct shard *s, struct flow *old)
{
    struct talk *t = talk_of(s, old);
    if (t) {
        talk_end(s, t, END_REUSED);
        t->flow = NULL;
    }
    flow_set_talk(old, NULL);
    flow_forget(s->flows, old);
}
