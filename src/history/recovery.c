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

void recovery_remember(struct device *d, uint32_t at)
{
    if (d->open_listed == d->open_failures && d->open_listed < DEVICE_OPEN_LISTED)
        d->open_at[d->open_listed++] = at;
    d->open_failures++;
}

/* True where it was one that this makes good. */
static bool make_good(struct past_attempt *p, const struct past_attempt *delivered)
{
    if (!is_made_good(p, delivered))
        return false;
    p->recovered_by = delivered->id;
    p->recovered_after =
        p->start != TIME_NONE && delivered->start > p->start ? delivered->start - p->start : 0;
    return true;
}

unsigned recovery_mark(struct device *d, const struct past_attempt *delivered)
{
    unsigned put_off = 0;
    bool listed = d->open_listed == d->open_failures;
    uint32_t kept = 0;
    for (uint32_t i = 0; listed && i < d->open_listed; i++) {
        struct past_attempt *p = &d->past[d->open_at[i]];
        if (make_good(p, delivered))
            put_off += p->passing == PASSING_PUT_OFF;
        else
            d->open_at[kept++] = d->open_at[i];
    }
    d->open_listed = (uint8_t)kept;
    if (listed) {
        d->open_failures = kept;
        return put_off;
    }
    for (uint32_t i = 0; d->open_failures > 0 && i < d->past_count; i++) {
        struct past_attempt *p = &d->past[i];
        if (!make_good(p, delivered))
            continue;
        d->open_failures--;
        put_off += p->passing == PASSING_PUT_OFF;
    }
    return put_off;
}
