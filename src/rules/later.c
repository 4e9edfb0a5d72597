/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/later.h"

#include "history/recovery.h"

/* Trouble that passes by itself. */
static const char *const passing[] = {
    "connect-no-answer",      "connection-lost",        "connection-reset",
    "server-closed-early",    "server-silent",          "device-gave-up-waiting",
    "auth-temporary-failure", "rate-limited",           "server-busy",
    "server-storage-full",    "server-temporary-error", "message-not-finished",
};

/* What is mended by somebody: where the same setting delivers soon after, it was. */
static const char *const mended[] = {
    "connect-refused",          "connect-unreachable",        "starttls-refused",
    "tls-version-refused",      "tls-no-common-cipher",       "tls-hello-dropped",
    "tls-hello-unanswered",     "tls-fallback-refused",       "tls-closed-by-device",
    "cert-not-trusted",         "cert-expired",               "cert-name-mismatch",
    "cert-refused",             "device-clock-wrong",         "auth-credentials-rejected",
    "auth-method-refused",      "auth-app-password-required", "auth-disabled-for-account",
    "auth-place-blocked",       "auth-too-many-tries",        "account-suspended",
    "encrypted-auth-rejected",
};

static bool is_among(const char *cause, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (cause_is(cause, list[i]))
            return true;
    return false;
}

static bool is_mended(const char *cause)
{
    return is_among(cause, mended, sizeof mended / sizeof *mended);
}

uint8_t later_passing(const char *cause)
{
    if (!cause)
        return PASSING_NOT;
    if (cause_is(cause, "greylisted"))
        return PASSING_PUT_OFF;
    return is_among(cause, passing, sizeof passing / sizeof *passing) || is_mended(cause)
               ? PASSING_TROUBLE
               : PASSING_NOT;
}

static struct finding *add(struct device_line *line, const char *cause, enum severity severity,
                           enum confidence sure)
{
    const struct cause *c = cause_find(cause);
    if (!c || line->finding_count == LINE_FINDINGS)
        return NULL;
    struct finding *f = &line->findings[line->finding_count++];
    finding_begin(f, c, severity);
    f->confidence = (uint8_t)sure;
    return f;
}

static void tell_place(struct finding *f, const struct past_attempt *p)
{
    if (p->server_name)
        finding_wire(f, "server", bytes_str(p->server_name));
    if (p->port > 0)
        finding_number(f, "port", p->port);
    f->stage = p->stage;
}

static const struct past_attempt *find(const struct device *d, uint32_t id)
{
    for (uint32_t i = 0; i < d->past_count; i++)
        if (d->past[i].id == id)
            return &d->past[i];
    return NULL;
}

static void tell_recovered(struct device_line *line, const struct past_attempt *p)
{
    const struct past_attempt *good = find(line->device, p->recovered_by);
    struct finding *f = add(line, "recovered", SEVERITY_WARNING, good && good->inferred ? LIKELY : CERTAIN);
    if (!f)
        return;
    f->attempts[f->attempt_count++] = p->id;
    f->attempts[f->attempt_count++] = p->recovered_by;
    finding_word(f, "cause", p->cause);
    finding_number(f, "attempt", p->recovered_by);
    finding_span(f, "after", p->recovered_after);
    tell_place(f, p);
    finding_proof_frame(f, p->proof_frame, p->end);
    if (good)
        finding_proof_frame(f, good->proof_frame, good->end);
    finding_time(f, "time", p->start);
    if (p->passing == PASSING_PUT_OFF) {
        f->headline = N_(
            "The mail server put a mail off at first (greylisting) and took it when this device sent it again, {after} later.");
        f->meaning = N_(
            "Some servers refuse the first mail of a sender that they do not know and accept it when it comes again. The mail went out, "
            "only later.");
        return;
    }
    if (is_mended(p->cause))
        f->meaning = N_(
            "Later the same port and security worked, so something was another way then, on the device or at the server. If it comes "
            "back often, look for its reason in the failed attempt.");
    finding_advice(f, N_("Nothing has to be changed now: this device delivered mail with the same port and security {after} later. The other "
                         "steps for the failed attempt are for the case that it comes back often."));
}

static void tell_laborious(struct device_line *line, const struct past_attempt *p)
{
    struct finding *f = add(line, "recovered", SEVERITY_WARNING, CERTAIN);
    if (!f)
        return;
    f->attempts[f->attempt_count++] = p->id;
    tell_place(f, p);
    finding_proof_frame(f, p->proof_frame, p->end);
    f->headline =
        N_("A mail of this device went out only after much had been sent again and again.");
    f->meaning = N_(
        "Parts of the conversation got lost on the way and were sent several times before they arrived. The mail went out, but the line is "
        "poor.");
    finding_advice(f, N_("Check the device's network cable or its Wi-Fi signal."));
}

static void tell_fetch_failed(struct device_line *line)
{
    const struct fetches *all = line->device->fetches;
    const struct fetch *fetch = all && (all->then_sent || line->named) ? fetches_failed(all) : NULL;
    struct finding *f =
        fetch ? add(line, "pop-before-smtp-failed", SEVERITY_FAILURE, LIKELY) : NULL;
    if (!f)
        return;
    finding_proof_frame(f, fetch->frame, fetch->time);
    if (fetch->file > 0 && fetch->file_name)
        finding_wire(f, "file", bytes_str(fetch->file_name));
    finding_time(f, "time", fetch->time);
    finding_number(f, "port", fetch->port);
    if (fetch->text)
        finding_wire(f, "text", bytes_str(fetch->text));
}

void later_device(struct device_line *line)
{
    const struct device *d = line->device;
    for (uint32_t i = 0; i < d->past_count; i++) {
        if (d->past[i].recovered_by != 0)
            tell_recovered(line, &d->past[i]);
        else if (d->past[i].laborious)
            tell_laborious(line, &d->past[i]);
    }
    tell_fetch_failed(line);
}
