/* SPDX-License-Identifier: BSD-3-Clause */
#include "engine/race.h"

/* RFC 8305 5: the next address is tried after 250 ms, at most two seconds. */
#define RACE_APART (3 * TIME_SECOND)

void races_spoke(struct races *r, const struct ip_addr *device, const struct ip_addr *server,
                 int64_t opened)
{
    r->recent[r->at++ % RACES_MAX] = (struct race) { *device, *server, opened, true };
}

/* Nothing from the server but its part of the opening, and the device left or kept silent. */
static bool dropped_by_device(const struct attempt *a)
{
    if (a->kind != ATTEMPT_CONNECTION || !a->start_seen || a->direction[SIDE_DEVICE].bytes > 0)
        return false;
    for (const struct fact *f = timeline_first(a->timeline); f; f = timeline_next(a->timeline, f)) {
        bool ended_by_server =
            (f->kind == FACT_FIN || f->kind == FACT_RST) && f->from == SIDE_SERVER;
        if (ended_by_server || f->kind == FACT_ICMP)
            return false;
        if (f->kind == FACT_FIN || f->kind == FACT_RST)
            return true;
    }
    return true;
}

bool races_lost(const struct races *r, const struct attempt *a, const struct names *names)
{
    if (!dropped_by_device(a))
        return false;
    const char *name = names_find(names, &a->client_addr, &a->server_addr, a->start_time);
    for (size_t i = 0; name && i < RACES_MAX; i++) {
        const struct race *other = &r->recent[i];
        int64_t apart = other->opened > a->start_time ? other->opened - a->start_time
                                                      : a->start_time - other->opened;
        if (!other->used || apart > RACE_APART || ip_addr_equal(&other->server, &a->server_addr))
            continue;
        const char *other_name = names_find(names, &other->device, &other->server, a->start_time);
        if (other_name && strcmp(other_name, name) == 0)
            return true;
    }
    return false;
}
