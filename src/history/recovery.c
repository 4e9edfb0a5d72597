/* SPDX-License-Identifier: BSD-3-Clause */
#include "history/recovery.h"

/* A failure that passed by itself is one of a short time. */
#define PASSES_WITHIN (3600 * TIME_SECOND)

static bool same_setting(const struct past_attempt *a, const struct past_attempt *b)
{
    /* a sign-in that failed is only known to be the same where its method was seen */
    bool same_method = a->stage == STAGE_AUTH ? a->auth != AUTH_NONE && a->auth == b->auth
                                              : a->auth == b->auth || a->auth == AUTH_NONE;
    return a->port == b->port && same_method &&
           (a->security == b->security || a->security == SECURITY_UNKNOWN);
}

bool recovery_is_open(const struct past_attempt *past)
{
    return past->outcome == OUTCOME_FAILED && past->passing != PASSING_NOT &&
           past->recovered_by == 0;
}

static bool is_made_good(const struct past_attempt *failed, const struct past_attempt *delivered)
{
    if (failed->file != delivered->file || !recovery_is_open(failed))
        return false;
    bool same_mail = failed->envelope != 0 && failed->envelope == delivered->envelope;
    if (failed->passing == PASSING_PUT_OFF)
        return same_mail || past_same_server(failed, delivered);
    bool soon = failed->start != TIME_NONE && delivered->start != TIME_NONE &&
                delivered->start - failed->start <= PASSES_WITHIN;
    return soon && past_same_server(failed, delivered) && same_setting(failed, delivered);
}

unsigned recovery_mark(struct device *d, const struct past_attempt *delivered)
{
    unsigned put_off = 0;
    /* backwards: those that are open are mostly the last ones */
    for (uint32_t i = d->past_count, open = d->open_failures; i > 0 && open > 0; i--) {
        struct past_attempt *p = &d->past[i - 1];
        open -= recovery_is_open(p);
        if (!is_made_good(p, delivered))
            continue;
        d->open_failures--;
        p->recovered_by = delivered->id;
        p->recovered_after =
            p->start != TIME_NONE && delivered->start > p->start ? delivered->start - p->start : 0;
        put_off += p->passing == PASSING_PUT_OFF;
    }
    return put_off;
}
