/* SPDX-License-Identifier: BSD-3-Clause */
/* Across attempts and devices: who else fails there, since when, how often. */
#include "history/recovery.h"
#include "rules/across.h"

enum { REPEATS_MIN = 2 };

static bool same_server(const struct past_attempt *a, const struct past_attempt *b)
{
    return a->port == b->port && past_same_server(a, b);
}

static bool same_failure(const struct past_attempt *a, const struct past_attempt *b)
{
    return a->outcome == OUTCOME_FAILED && b->outcome == OUTCOME_FAILED && a->cause && b->cause &&
           (a->cause == b->cause || cause_is(a->cause, b->cause)) && same_server(a, b);
}

/* All of the device's attempts with this failure: their ids go to the finding. The last one, and how many. */
static const struct past_attempt *collect(const struct device *d, const struct past_attempt *first,
                                          struct finding *f, unsigned *count)
{
    const struct past_attempt *last = first;
    *count = 0;
    for (uint32_t i = 0; i < d->past_count; i++) {
        if (!same_failure(first, &d->past[i]))
            continue;
        if (f->attempt_count < FINDING_ATTEMPTS)
            f->attempts[f->attempt_count++] = d->past[i].id;
        last = &d->past[i];
        (*count)++;
    }
    return last;
}

/* Has an earlier attempt of the device failed in the same way? Then that one was told of. */
static bool is_first(const struct device *d, uint32_t index)
{
    for (uint32_t i = 0; i < index; i++)
        if (same_failure(&d->past[i], &d->past[index]))
            return false;
    return true;
}

static struct finding *add(struct device_line *line, const struct cause *cause,
                           const struct past_attempt *p)
{
    if (line->finding_count == LINE_FINDINGS)
        return NULL;
    struct finding *f = &line->findings[line->finding_count++];
    finding_begin(f, cause, SEVERITY_NOTE);
    finding_word(f, "cause", p->cause);
    finding_word(f, "server", p->server_name);
    if (p->port > 0)
        finding_number(f, "port", p->port);
    f->stage = p->stage;
    return f;
}

static void compare_devices(struct device_line *line, const struct history *h,
                            const struct past_attempt *p)
{
    struct history_others o = { 0 };
    if (p->port > 0 && h)
        o = history_others(h, line->device, p);
    if ((o.failed_alike == 0 && o.worked == 0) || (o.failed_alike > 0 && o.worked > 0))
        return;
    for (uint32_t i = 0; i < line->device->past_count; i++)
        if (same_server(p, &line->device->past[i]) && past_got_through(&line->device->past[i], p))
            return; /* it is no matter of the device: it got through there itself */
    struct finding *f =
        add(line,
            cause_find(o.worked > 0 ? "fails-for-this-device-only" : "fails-for-every-device"), p);
    unsigned count;
    if (!f)
        return;
    collect(line->device, p, f, &count);
    finding_number(f, "devices", o.worked > 0 ? o.worked : o.failed_alike + 1);
    f->confidence = LIKELY;
    if (o.worked > 0)
        finding_advice(
            f,
            N_("Other devices get along with the same server at the same port, so compare this device's mail settings with theirs."));
    else
        finding_advice(
            f,
            N_("{devices} devices fail here in the same way. What helps one of them will help the others. If nothing does, the fault is "
               "with the server or the line, not with a device."));
}

/* What is another way since then; NULL: nothing but the server's answer. */
static const char *what_changed(const struct past_attempt *before, const struct past_attempt *after)
{
    if (!ip_addr_equal(&before->server, &after->server))
        return N_("the server's address");
    if (before->certificate != 0 && after->certificate != 0 &&
        before->certificate != after->certificate)
        return N_("the server's certificate");
    if (before->capabilities != 0 && after->capabilities != 0 &&
        before->capabilities != after->capabilities)
        return N_("what the server offers");
    if (before->tls_version != 0 && after->tls_version != 0 &&
        after->tls_version != before->tls_version)
        return N_("the encryption version");
    return NULL;
}

static void compare_with_before(struct device_line *line, uint32_t index)
{
    const struct device *d = line->device;
    const struct past_attempt *failed = &d->past[index], *success = NULL;
    if (failed->passing == PASSING_PUT_OFF)
        return; /* nothing has changed: a first mail is put off (greylisting) */
    for (uint32_t i = 0; i < d->past_count; i++) {
        const struct past_attempt *p = &d->past[i];
        if (!same_server(p, failed) || !past_got_through(p, failed) || p->security != failed->security)
            continue;
        bool known = failed->envelope != 0 && p->envelope != 0;
        if (known && across_other_mail(failed, p))
            continue; /* to somebody else */
        if (p->start == TIME_NONE || p->start >= failed->start)
            return; /* it works again, or nobody knows */
        success = p;
    }
    struct finding *f = success ? add(line, cause_find("started-failing"), failed) : NULL;
    unsigned count;
    if (!f)
        return;
    collect(d, failed, f, &count);
    const char *changed = what_changed(success, failed);
    finding_time(f, "last_success", success->start);
    finding_time(f, "first_failure", failed->start);
    finding_word(f, "changed", changed ? changed : N_("the server's answer"));
    finding_number(f, "count", count);
    finding_number(f, "attempt", success->id);
    finding_proof_frame(f, success->file == failed->file ? success->proof_frame : 0, success->end);
    finding_proof_frame(f, failed->proof_frame, failed->end);
    f->confidence = success->outcome == OUTCOME_DELIVERED && !success->inferred ? CERTAIN : LIKELY;
    finding_advice(
        f,
        changed ? N_("It still worked on {last_success} with the same setting, and fails since {first_failure}. So ask what was changed in between, at the "
                     "mail provider or on the device; the capture shows that {changed} is not the same.")
        : failed->stage == STAGE_AUTH
            ? N_("It still worked on {last_success} with the same setting, and fails since {first_failure}. So ask what was changed in between, at the "
                 "mail provider or on the device, such as the password.")
            : N_("It still worked on {last_success} with the same setting, and fails since {first_failure}. So ask what was changed in between, at the "
                 "mail provider (its rules, its server) or on the device (its settings, its software)."));
}

static void count_repeats(struct device_line *line, const struct past_attempt *p)
{
    struct finding probe;
    unsigned count;
    finding_begin(&probe, NULL, SEVERITY_NOTE);
    const struct past_attempt *last = collect(line->device, p, &probe, &count);
    struct finding *f =
        count >= REPEATS_MIN ? add(line, cause_find("same-failure-repeated"), p) : NULL;
    if (!f)
        return;
    collect(line->device, p, f, &count);
    finding_number(f, "count", count);
    finding_time(f, "first", p->start);
    finding_time(f, "last", last->start);
    finding_proof_frame(f, p->proof_frame, p->end);
    f->confidence = p->inferred ? LIKELY : CERTAIN;
}

void across_compare(struct device_line *line, const struct history *history)
{
    enum { FAILURES_MAX = 32 }; /* more kinds than a line has room for */
    const struct device *d = line->device;
    uint32_t first[FAILURES_MAX], count = 0;
    for (uint32_t i = 0; i < d->past_count && count < FAILURES_MAX; i++)
        if (d->past[i].outcome == OUTCOME_FAILED && is_first(d, i))
            first[count++] = i;
    for (uint32_t i = 0; i < count; i++)
        compare_devices(line, history, &d->past[first[i]]);
    for (uint32_t i = 0; i < count; i++)
        compare_with_before(line, first[i]);
    for (uint32_t i = 0; i < count; i++)
        count_repeats(line, &d->past[first[i]]);
}
