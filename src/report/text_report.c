/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/text_report.h"

#include "base/mem.h"
#include "report/layout.h"
#include "report/story.h"

enum {
    INCIDENTS_MAX = 512, /* different failures told; more are counted */
    INCIDENT_IDS = 32,   /* attempts of one incident that can be told as made good by a later one */
    ROWS_MAX = 5,        /* attempts of one device with one outcome that get a line each */
    LINES_MAX = 16384,
    BODY_INDENT = 4,
};

/* Failures of one kind: told once. */
struct incident {
    struct incident *next;
    struct judged *first; /* owned */
    uint32_t count;
    uint32_t ids[INCIDENT_IDS]; /* of the first few attempts */
    int64_t first_time, last_time;
};

/* Attempts of one device with one outcome that need no story. */
struct quiet {
    struct quiet *next;
    struct ip_addr device;
    enum outcome outcome;
    uint32_t count;
    int64_t first_time, last_time;
    struct text rows; /* the first few, a line each */
};

struct kept_device {
    struct kept_device *next;
    struct device device; /* without its past */
    size_t finding_count;
    struct finding findings[];
};

struct kept_capture {
    struct kept_capture *next;
    struct capture_line line;
};

struct text_report {
    struct text_options options;
    struct incident *incidents, **incidents_end;
    struct quiet *quiets, **quiets_end;
    struct kept_device *devices, **devices_end;
    struct kept_capture *captures, **captures_end;
    uint32_t incident_count, quiet_count, untold, outcomes[OUTCOMES];
    int64_t first_time;
    bool zone_told;
};

struct text_report *text_report_new(const struct text_options *options)
{
    struct text_report *r = mem_alloc(NULL, sizeof *r);
    if (!r)
        return NULL;
    r->options = *options;
    r->incidents_end = &r->incidents;
    r->quiets_end = &r->quiets;
    r->devices_end = &r->devices;
    r->captures_end = &r->captures;
    r->first_time = TIME_NONE;
    return r;
}

void text_report_free(struct text_report *r)
{
    if (!r)
        return;
    while (r->incidents) {
        struct incident *i = r->incidents;
        r->incidents = i->next;
        judged_free(i->first);
        mem_free(NULL, i, sizeof *i);
    }
    while (r->quiets) {
        struct quiet *q = r->quiets;
        r->quiets = q->next;
        text_done(&q->rows);
        mem_free(NULL, q, sizeof *q);
    }
    while (r->devices) {
        struct kept_device *d = r->devices;
        r->devices = d->next;
        mem_free(NULL, d, sizeof *d + d->finding_count * sizeof *d->findings);
    }
    while (r->captures) {
        struct kept_capture *c = r->captures;
        r->captures = c->next;
        mem_free(NULL, c, sizeof *c);
    }
    mem_free(NULL, r, sizeof *r);
}

static bool same_kind(const struct judged *a, const struct judged *b)
{
    if (a->finding_count == 0 || b->finding_count == 0 ||
        a->findings[0].cause != b->findings[0].cause)
        return false;
    const struct attempt *x = a->attempt, *y = b->attempt;
    bool server = a->server_name && b->server_name
                      ? strcmp(a->server_name, b->server_name) == 0
                      : ip_addr_equal(&x->server_addr, &y->server_addr);
    return server && ip_addr_equal(&x->client_addr, &y->client_addr) &&
           x->server_port == y->server_port && a->summary.security == b->summary.security &&
           a->findings[0].headline == b->findings[0].headline;
}

static void count_time(const struct judged *j, int64_t *first, int64_t *last)
{
    int64_t t = j->attempt->start_time;
    if (t == TIME_NONE)
        return;
    if (*first == TIME_NONE || t < *first)
        *first = t;
    if (*last == TIME_NONE || t > *last)
        *last = t;
}

static void add_incident(struct text_report *r, struct judged *j)
{
    for (struct incident *i = r->options.all ? NULL : r->incidents; i; i = i->next)
        if (same_kind(i->first, j)) {
            if (i->count < INCIDENT_IDS)
                i->ids[i->count] = j->id;
            i->count++;
            count_time(j, &i->first_time, &i->last_time);
            judged_free(j);
            return;
        }
    struct incident *i =
        r->incident_count < INCIDENTS_MAX || r->options.all ? mem_alloc(NULL, sizeof *i) : NULL;
    if (!i) {
        r->untold++;
        judged_free(j);
        return;
    }
    *i = (struct incident) {
        .first = j, .count = 1, .ids = { j->id }, .first_time = TIME_NONE, .last_time = TIME_NONE
    };
    count_time(j, &i->first_time, &i->last_time);
    *r->incidents_end = i;
    r->incidents_end = &i->next;
    r->incident_count++;
}

static struct quiet *quiet_of(struct text_report *r, const struct judged *j)
{
    enum { QUIETS_MAX = 4096 };
    for (struct quiet *q = r->quiets; q; q = q->next)
        if (q->outcome == j->summary.outcome && ip_addr_equal(&q->device, &j->attempt->client_addr))
            return q;
    struct quiet *q = r->quiet_count < QUIETS_MAX ? mem_alloc(NULL, sizeof *q) : NULL;
    if (!q)
        return NULL;
    *q = (struct quiet) { .device = j->attempt->client_addr,
                          .outcome = j->summary.outcome,
                          .first_time = TIME_NONE,
                          .last_time = TIME_NONE };
    text_init(&q->rows, LINES_MAX);
    *r->quiets_end = q;
    r->quiets_end = &q->next;
    r->quiet_count++;
    return q;
}

/* One line, with the warnings and notes that stand on it. */
static void add_row(struct text *out, const struct text_options *o, const struct judged *j)
{
    struct text line;
    text_init(&line, LINES_MAX);
    const char *outcome = text_outcome(o->lang, j->summary.outcome);
    text_add(out, outcome);
    text_add(out, "  ");
    text_attempt_line(&line, o, j);
    for (size_t i = 0; i < j->finding_count; i++) {
        struct subject subject = { .lang = o->lang, .judged = j, .finding = &j->findings[i] };
        struct story story;
        story_tell(&story, &subject, NULL);
        text_add(&line, i == 0               ? (o->lang == LANG_JA ? "。" : ". ")
                        : o->lang == LANG_JA ? ""
                                             : " ");
        text_add(&line, lines_get(&story.headline, 0));
        story_done(&story);
    }
    layout_wrap(out, text_str(&line), o->columns, text_width(outcome, strlen(outcome)) + 2,
                BODY_INDENT);
    text_done(&line);
}

static void add_quiet(struct text_report *r, struct judged *j)
{
    struct quiet *q = quiet_of(r, j);
    if (q) {
        if (q->count++ < ROWS_MAX)
            add_row(&q->rows, &r->options, j);
        count_time(j, &q->first_time, &q->last_time);
    }
    judged_free(j);
}

static void tell_zone(struct text_report *r, struct text *out, int64_t time)
{
    if (r->zone_told || time == TIME_NONE)
        return;
    r->zone_told = true;
    text_add(out, lang_text(r->options.lang, N_("Times are local: ")));
    time_add_zone(out, time);
    text_add(out, "\n\n");
}

void text_report_attempt(struct text_report *r, struct text *out, struct judged *j)
{
    r->outcomes[j->summary.outcome]++;
    if (r->first_time == TIME_NONE)
        r->first_time = j->attempt->start_time;
    bool full = j->summary.outcome == OUTCOME_FAILED || r->options.all || r->options.timeline;
    if (!r->options.live) {
        if (full)
            add_incident(r, j);
        else
            add_quiet(r, j);
        return;
    }
    tell_zone(r, out, j->attempt->start_time);
    bool repeat = false;
    for (struct incident *i = r->incidents; i && !repeat && full && !r->options.all; i = i->next)
        repeat = same_kind(i->first, j);
    if (full && !repeat)
        text_attempt(out, &r->options, j, NULL);
    else
        add_row(out, &r->options, j);
    if (full && !repeat)
        add_incident(r, j);
    else
        judged_free(j);
}

void text_report_device(struct text_report *r, const struct device_line *d)
{
    struct kept_device *k = mem_alloc(NULL, sizeof *k + d->finding_count * sizeof *k->findings);
    if (!k)
        return;
    k->device = *d->device;
    k->device.past = NULL;
    k->finding_count = d->finding_count;
    for (size_t i = 0; i < d->finding_count; i++)
        k->findings[i] = d->findings[i];
    *r->devices_end = k;
    r->devices_end = &k->next;
}

void text_report_capture(struct text_report *r, const struct capture_line *c)
{
    struct kept_capture *k = mem_alloc(NULL, sizeof *k);
    if (!k)
        return;
    k->line = *c;
    *r->captures_end = k;
    r->captures_end = &k->next;
}

static bool has_addr(const struct device *d, const struct ip_addr *addr)
{
    for (size_t i = 0; i < d->addr_count; i++)
        if (ip_addr_equal(&d->addrs[i], addr))
            return true;
    return false;
}

/* What the device's other attempts advise on this one. */
static void weave(const struct text_report *r, const struct incident *i, struct incident_context *c)
{
    for (const struct kept_device *d = r->devices; d; d = d->next) {
        if (!has_addr(&d->device, &i->first->attempt->client_addr))
            continue;
        for (size_t n = 0; n < d->finding_count; n++) {
            if (d->findings[n].advice_count == 0)
                continue; /* it advises nothing */
            for (size_t a = 0; a < d->findings[n].attempt_count; a++)
                if (d->findings[n].attempts[a] == i->first->id &&
                    c->woven_count < sizeof c->woven / sizeof *c->woven) {
                    c->woven[c->woven_count++] = &d->findings[n];
                    break;
                }
        }
    }
}

static bool same_server(const struct judged *a, const struct judged *b)
{
    bool named = a->server_name && b->server_name && strcmp(a->server_name, b->server_name) == 0;
    return named || ip_addr_equal(&a->attempt->server_addr, &b->attempt->server_addr);
}

/* Does a failure show that this security does not work at its port? One of the sign-in or later does not. */
static bool shows_vain(const struct judged *j, uint16_t port, enum security security)
{
    const struct finding *f = j->finding_count > 0 ? &j->findings[0] : NULL;
    if (!f)
        return false;
    const char *id = f->cause->id;
    bool reached = f->stage > STAGE_CONNECT;
    bool tried = j->summary.security == security ||
                 (security == SECURITY_STARTTLS &&
                  (cause_is(id, "starttls-refused") || cause_is(id, "starttls-stripped") ||
                   cause_is(id, "starttls-not-offered")));
    return j->attempt->server_port == port && f->stage >= STAGE_CONNECT && f->stage <= STAGE_TLS &&
           (!reached || tried);
}

/* Did another way of advice's deliver, with this port? */
static bool works_at(const struct incident_context *c, int64_t port)
{
    for (size_t i = 0; i < c->woven_count; i++) {
        const struct value *v = finding_value(c->woven[i], "port");
        if (v && v->kind == VALUE_NUMBER && v->number == port)
            return true;
    }
    return false;
}

/* What the device tried besides, and in vain. */
static void tell_vain(const struct text_report *r, const struct incident *i, struct incident_context *c)
{
    for (const struct incident *o = r->incidents; o; o = o->next) {
        if (o == i || !same_server(o->first, i->first) ||
            !ip_addr_equal(&o->first->attempt->client_addr, &i->first->attempt->client_addr))
            continue;
        c->ssl_465_failed |= shows_vain(o->first, 465, SECURITY_IMPLICIT_TLS);
        c->starttls_587_failed |= shows_vain(o->first, 587, SECURITY_STARTTLS);
    }
    c->ssl_465_failed &= !works_at(c, 465);
    c->starttls_587_failed &= !works_at(c, 587);
}

static bool is_recovery(const struct finding *f)
{
    return strcmp(f->cause->id, "recovered") == 0;
}

/* Was this attempt put off (greylisting), and then made good by a later one? */
static bool is_made_good(const struct text_report *r, uint32_t id)
{
    for (const struct kept_device *d = r->devices; d; d = d->next)
        for (size_t n = 0; n < d->finding_count; n++)
            if (is_recovery(&d->findings[n]) && d->findings[n].attempt_count > 1 &&
                d->findings[n].attempts[0] == id)
                return true;
    return false;
}

/* How many of an incident's attempts are to be told as failures: a put-off first try that came again is none. */
static uint32_t told_count(const struct text_report *r, const struct incident *i)
{
    uint32_t count = i->count;
    if (r->options.all || i->first->finding_count == 0 ||
        strcmp(i->first->findings[0].cause->id, "greylisted") != 0)
        return count;
    for (size_t n = 0; n < i->count && n < INCIDENT_IDS; n++)
        count -= is_made_good(r, i->ids[n]);
    return count;
}

static void add_incidents(const struct text_report *r, struct text *out)
{
    for (const struct incident *i = r->incidents; i; i = i->next) {
        if (told_count(r, i) == 0)
            continue;
        struct incident_context c = { .count = i->count,
                                      .first = i->first_time,
                                      .last = i->last_time };
        weave(r, i, &c);
        tell_vain(r, i, &c);
        text_attempt(out, &r->options, i->first, &c);
    }
    if (r->untold > 0) {
        struct finding values = { 0 };
        finding_number(&values, "count", r->untold);
        struct subject subject = { .lang = r->options.lang, .finding = &values };
        story_fill(out, &subject,
                   N_("{count} more failures are not told one by one; --json lists all of them."));
        text_add(out, "\n\n");
    }
}

static void add_quiets(const struct text_report *r, struct text *out)
{
    const struct text_options *o = &r->options;
    for (const struct quiet *q = r->quiets; q; q = q->next) {
        if (q->count <= ROWS_MAX) {
            text_add_n(out, text_str(&q->rows), q->rows.len);
            continue;
        }
        char addr[ADDR_TEXT_SIZE];
        struct finding values = { 0 };
        finding_wire(&values, "device", bytes_str(ip_addr_text(&q->device, addr)));
        finding_word(&values, "outcome", text_outcome(o->lang, q->outcome));
        finding_number(&values, "count", q->count);
        finding_time(&values, "first", q->first_time);
        finding_time(&values, "last", q->last_time);
        struct subject subject = { .lang = o->lang, .finding = &values };
        struct text line;
        text_init(&line, LINES_MAX);
        if (!story_fill(&line, &subject,
                        N_("{outcome}  {device}: {count} attempts, from {first} to {last}")))
            story_fill(&line, &subject, N_("{outcome}  {device}: {count} attempts"));
        layout_wrap(out, text_str(&line), o->columns, 0, BODY_INDENT);
        text_done(&line);
    }
    if (r->quiets)
        text_add_char(out, '\n');
}

static void add_note(struct text *out, const struct text_options *o, const struct finding *f,
                     const char *device)
{
    struct subject subject = { .lang = o->lang, .finding = f, .device = device };
    struct story story;
    story_tell(&story, &subject, NULL);
    struct text line;
    text_init(&line, LINES_MAX);
    size_t start = out->len;
    bool failed = f->severity == SEVERITY_FAILURE;
    text_format(out, "%s%s",
                failed ? text_outcome(o->lang, OUTCOME_FAILED) : lang_text(o->lang, N_("NOTE  ")),
                failed ? "  " : "");
    size_t used = text_width(text_str(out) + start, out->len - start);
    if (device)
        text_format(&line, "%s: ", device);
    text_add(&line, lines_get(&story.headline, 0));
    layout_wrap(out, text_str(&line), o->columns, used, BODY_INDENT);
    text_done(&line);
    layout_spaces(out, BODY_INDENT);
    layout_wrap(out, lines_get(&story.meaning, 0), o->columns, BODY_INDENT, BODY_INDENT);
    if (failed && story.advice.count > 1) {
        layout_spaces(out, BODY_INDENT);
        layout_wrap(out, lang_text(o->lang, TEXT_GO_DOWN), o->columns, BODY_INDENT, BODY_INDENT);
    }
    for (size_t i = 0; i < story.advice.count; i++) {
        layout_spaces(out, BODY_INDENT);
        text_format(out, "%zu. ", i + 1);
        layout_wrap(out, lines_get(&story.advice, i), o->columns, BODY_INDENT + 3, BODY_INDENT + 3);
    }
    text_add_char(out, '\n');
    story_done(&story);
}

/* first: those that keep the whole from being judged, told before all else. */
static void add_capture_notes(const struct text_report *r, struct text *out, bool first)
{
    static const char *const early[] = { "capture-one-sided", "no-mail-seen" };
    for (const struct kept_capture *c = r->captures; c; c = c->next)
        for (size_t i = 0; i < c->line.finding_count; i++) {
            const char *id = c->line.findings[i].cause->id;
            bool is_early = strcmp(id, early[0]) == 0 || strcmp(id, early[1]) == 0;
            if (is_early == first)
                add_note(out, &r->options, &c->line.findings[i], NULL);
        }
}

/* What failed, or passed by itself, on a device's line (its notes are woven into the failures). */
static void add_device_findings(const struct text_report *r, struct text *out)
{
    for (const struct kept_device *d = r->devices; d; d = d->next) {
        char addr[ADDR_TEXT_SIZE];
        ip_addr_text(&d->device.addr, addr);
        for (size_t n = 0; n < d->finding_count; n++)
            if (d->findings[n].severity != SEVERITY_NOTE)
                add_note(out, &r->options, &d->findings[n], addr);
    }
}

static void add_counts(struct text *out, enum lang lang, uint32_t attempts,
                       const uint32_t outcomes[OUTCOMES])
{
    bool ja = lang == LANG_JA;
    text_format(out, ja ? "試行%u回" : attempts == 1 ? "%u attempt" : "%u attempts", attempts);
    for (unsigned i = 0; i < OUTCOMES; i++)
        if (outcomes[i] > 0)
            text_format(out, ja ? "、%s%u" : ", %s %u", text_outcome(lang, (enum outcome)i),
                        outcomes[i]);
}

/* As its owner would know it: the other addresses, its name, its maker. */
static void add_identity(struct text *out, const struct device *d)
{
    enum { SHOWN = 60 };
    char addr[ADDR_TEXT_SIZE];
    for (size_t i = 1; i < d->addr_count; i++)
        text_format(out, ", %s", ip_addr_text(&d->addrs[i], addr));
    const char *const parts[] = { d->name ? d->name : d->ehlo, d->maker ? d->maker : d->vendor };
    bool open = false;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!parts[i])
            continue;
        text_add(out, open ? ", " : " (");
        text_wire(out, bytes_first(bytes_str(parts[i]), SHOWN), FOR_TERMINAL);
        open = true;
    }
    if (open)
        text_add(out, ")");
}

static void add_devices(const struct text_report *r, struct text *out)
{
    const struct text_options *o = &r->options;
    uint32_t total = 0;
    for (const struct kept_device *d = r->devices; d; d = d->next) {
        char addr[ADDR_TEXT_SIZE];
        const uint32_t outcomes[OUTCOMES] = { d->device.delivered, d->device.failed,
                                              d->device.no_mail, d->device.incomplete,
                                              d->device.unknown };
        text_format(out, o->lang == LANG_JA ? "機器 %s" : "device %s",
                    ip_addr_text(&d->device.addr, addr));
        add_identity(out, &d->device);
        text_add(out, ": ");
        add_counts(out, o->lang, d->device.attempts, outcomes);
        text_add_char(out, '\n');
    }
    for (unsigned i = 0; i < OUTCOMES; i++)
        total += r->outcomes[i];
    text_add(out, lang_text(o->lang, N_("total: ")));
    add_counts(out, o->lang, total, r->outcomes);
    text_add_char(out, '\n');
}

void text_report_end(struct text_report *r, struct text *out)
{
    add_capture_notes(r, out, true);
    if (!r->options.live) {
        tell_zone(r, out, r->first_time);
        add_incidents(r, out);
        add_quiets(r, out);
    }
    add_device_findings(r, out);
    add_capture_notes(r, out, false);
    add_devices(r, out);
}
