/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/story.h"

#include <stdio.h>

enum { STORY_TEXT_MAX = 16384, WIRE_SHOWN_MAX = 200 };

void lines_init(struct lines *l)
{
    l->count = 0;
    text_init_in(&l->text, STORY_TEXT_MAX, l->first, sizeof l->first);
}

void lines_done(struct lines *l)
{
    text_done(&l->text);
    l->count = 0;
}

const char *lines_get(const struct lines *l, size_t n)
{
    return n < l->count ? text_str(&l->text) + l->at[n] : "";
}

static void lines_add(struct lines *l, const struct subject *subject, const char *english)
{
    if (!english || l->count == STORY_LINES)
        return;
    size_t at = l->text.len;
    if (!story_fill(&l->text, subject, english))
        return;
    /* the NUL between two strings is part of the text */
    text_add_n(&l->text, "", 1);
    for (size_t i = 0; i < l->count; i++)
        if (strcmp(lines_get(l, i), text_str(&l->text) + at) == 0) {
            l->text.len = at;
            return;
        }
    l->at[l->count++] = at;
}

void story_add_span(struct text *out, enum lang lang, int64_t ns)
{
    int64_t ms = ns / TIME_MILLISECOND, s = ns / TIME_SECOND;
    bool ja = lang == LANG_JA;
    if (ms < 10)
        text_format(out, ja ? "0.01秒" : "0.01 s");
    else if (ms < 2000)
        text_format(out, ja ? "%lld.%02lld秒" : "%lld.%02lld s", (long long)s,
                    (long long)(ms % 1000 / 10));
    else if (s < 120)
        text_format(out, ja ? "%lld秒" : "%lld s", (long long)s);
    else if (s % 60 == 0)
        text_format(out, ja ? "%lld分" : "%lld min", (long long)(s / 60));
    else
        text_format(out, ja ? "%lld分%lld秒" : "%lld min %lld s", (long long)(s / 60),
                    (long long)(s % 60));
}

static void add_value(struct text *out, enum lang lang, const struct value *v)
{
    switch (v->kind) {
    case VALUE_WIRE:
        text_wire(out, bytes_first(v->wire, WIRE_SHOWN_MAX), FOR_TERMINAL);
        if (v->wire.len > WIRE_SHOWN_MAX)
            text_add(out, "…");
        break;
    case VALUE_WORD:
        text_wire(out, bytes_str(lang_text(lang, v->word)),
                  FOR_TERMINAL); /* some are names that were seen */
        break;
    case VALUE_NUMBER:
        text_format(out, "%lld", (long long)v->number);
        break;
    case VALUE_SPAN:
        story_add_span(out, lang, v->number);
        break;
    case VALUE_TIME:
        if (v->number == TIME_NONE) /* of a simple packet block */
            text_add(out, lang_text(lang, N_("an unknown time")));
        else
            time_add_local(out, v->number);
        break;
    default:
        break;
    }
}

static const char *security_words(enum security security)
{
    switch (security) {
    case SECURITY_IMPLICIT_TLS:
        return N_("SSL (encrypted from the first byte)");
    case SECURITY_STARTTLS:
        return N_("TLS (STARTTLS)");
    case SECURITY_NONE:
        return N_("none");
    default:
        return N_("not known");
    }
}

/* What every text may name without the rule's help. */
static bool add_common(struct text *out, const struct subject *subject, struct bytes name)
{
    const struct judged *j = subject->judged;
    char addr[ADDR_TEXT_SIZE];
    if (!j) {
        if (!bytes_equal(name, bytes_str("device")) || !subject->device)
            return false;
        text_wire(out, bytes_str(subject->device), FOR_TERMINAL);
        return true;
    }
    const struct attempt *a = j->attempt;
    if (bytes_equal(name, bytes_str("server")))
        text_wire(out,
                  bytes_str(j->server_name ? j->server_name : ip_addr_text(&a->server_addr, addr)),
                  FOR_TERMINAL);
    else if (bytes_equal(name, bytes_str("server_addr")))
        text_add(out, ip_addr_text(&a->server_addr, addr));
    else if (bytes_equal(name, bytes_str("port")))
        text_add_u64(out, a->server_port);
    else if (bytes_equal(name, bytes_str("device")))
        text_add(out, ip_addr_text(&a->client_addr, addr));
    else if (bytes_equal(name, bytes_str("security")))
        text_add(out, lang_text(subject->lang, security_words(j->summary.security)));
    else if (bytes_equal(name, bytes_str("time")) && a->start_time != TIME_NONE)
        time_add_local(out, subject->finding && subject->finding->last_proof_time != 0 &&
                                    subject->finding->last_proof_time != TIME_NONE
                                ? subject->finding->last_proof_time
                                : a->start_time);
    else
        return false;
    return true;
}

static const struct value *find_value(const struct finding *f, struct bytes name)
{
    for (size_t i = 0; f && i < f->value_count; i++)
        if (bytes_equal(bytes_str(f->values[i].name), name) && f->values[i].kind != VALUE_FLAG)
            return &f->values[i];
    return NULL;
}

static bool add_placeholder(struct text *out, const struct subject *subject, struct bytes name)
{
    const struct value *v = find_value(subject->finding, name);
    if (!v)
        return add_common(out, subject, name);
    add_value(out, subject->lang, v);
    return true;
}

bool story_fill(struct text *out, const struct subject *subject, const char *english)
{
    struct bytes t = bytes_str(lang_text(subject->lang, english));
    size_t start = out->len;
    while (t.len > 0) {
        ptrdiff_t open = bytes_find(t, '{');
        ptrdiff_t close = open < 0 ? -1 : bytes_find(bytes_after(t, (size_t)open), '}');
        size_t plain = close < 0 ? t.len : (size_t)open;
        text_add_n(out, (const char *)t.at, plain);
        if (close < 0)
            break;
        struct bytes name = bytes_first(bytes_after(t, plain + 1), (size_t)close - 1);
        if (!add_placeholder(out, subject, name)) {
            out->len = start;
            if (out->at)
                out->at[start] = '\0';
            return false;
        }
        t = bytes_after(t, plain + (size_t)close + 1);
    }
    return true;
}

/* A way that shows the password to everybody is told last. */
static bool shows_password(const struct finding *f)
{
    const struct value *v = finding_value(f, "shows_password");
    return v && v->kind == VALUE_FLAG && v->flag;
}

static void add_woven(struct story *s, const struct subject *subject,
                      const struct finding *const *woven, size_t count, bool last)
{
    for (size_t i = 0; i < count; i++) {
        struct subject other = *subject;
        other.finding = woven[i];
        if (shows_password(woven[i]) != last)
            continue;
        lines_add(&s->advice, &other,
                  woven[i]->advice_count > 0 ? woven[i]->advice[0]
                  : woven[i]->headline       ? woven[i]->headline
                                             : woven[i]->cause->headline);
    }
}

/* Does this text set that port, as a number or by one of the finding's own values? */
static bool sets_port(const char *english, const struct finding *f, int64_t port)
{
    static const char *const names[] = { "usual_port", "other_port" };
    char set[32];
    snprintf(set, sizeof set, "port to %lld", (long long)port);
    if (bytes_find_nocase(bytes_str(english), set) >= 0)
        return true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct value *v = finding_value(f, names[i]);
        snprintf(set, sizeof set, "port to {%s}", names[i]);
        if (v && v->number == port && bytes_find_nocase(bytes_str(english), set) >= 0)
            return true;
    }
    return false;
}

/* Is the port that this text would set named by a woven advice, or with the reason why it is this one? */
static bool is_said(const char *english, const struct finding *f,
                    const struct finding *const *woven, size_t count)
{
    const struct value *other = finding_value(f, "other_port"),
                       *usual = finding_value(f, "usual_port");
    for (size_t i = 0; i < count; i++) {
        const struct value *port = finding_value(woven[i], "port");
        if (port && port->kind == VALUE_NUMBER && !shows_password(woven[i]) &&
            sets_port(english, f, port->number))
            return true;
    }
    bool names_other = bytes_find_nocase(bytes_str(english), "{other_port}") >= 0;
    bool names_usual = bytes_find_nocase(bytes_str(english), "{usual_port}") >= 0;
    return (other && !names_other && sets_port(english, f, other->number)) ||
           (usual && !names_other && !names_usual && sets_port(english, f, usual->number));
}

static void add_own(struct story *s, const struct subject *subject, const char *english,
                    const struct finding *const *woven, size_t count)
{
    if (english && !is_said(english, subject->finding, woven, count))
        lines_add(&s->advice, subject, english);
}

static void add_advice(struct story *s, const struct subject *subject,
                       const struct finding *const *woven, size_t count)
{
    const struct finding *f = subject->finding;
    add_woven(s, subject, woven, count, false);
    size_t late = f->late_advice <= f->advice_count ? (size_t)f->advice_count - f->late_advice
                                                    : f->advice_count;
    for (size_t i = 0; i < late; i++)
        add_own(s, subject, f->advice[i], woven, count);
    if (!f->advice_alone)
        add_own(s, subject, f->cause->advice[0], woven, count);
    for (size_t i = late; i < f->advice_count; i++)
        add_own(s, subject, f->advice[i], woven, count);
    for (size_t i = 1; i < CAUSE_TEXTS && !f->advice_alone; i++)
        add_own(s, subject, f->cause->advice[i], woven, count);
    add_woven(s, subject, woven, count, true);
}

void story_tell(struct story *s, const struct subject *subject, const struct finding *const *woven,
                size_t woven_count)
{
    const struct finding *f = subject->finding;
    const struct cause *c = f->cause;
    lines_init(&s->headline);
    lines_init(&s->meaning);
    lines_init(&s->rules_out);
    lines_init(&s->advice);
    lines_add(&s->headline, subject, f->headline ? f->headline : c->headline);
    if (s->headline.count == 0)
        lines_add(&s->headline, subject, c->title);
    lines_add(&s->meaning, subject, f->meaning ? f->meaning : c->meaning);
    for (size_t i = 0; i < f->rules_out_count; i++)
        lines_add(&s->rules_out, subject, f->rules_out[i]);
    for (size_t i = 0; i < CAUSE_TEXTS && !f->rules_out_alone; i++)
        lines_add(&s->rules_out, subject, c->rules_out[i]);
    add_advice(s, subject, woven, woven_count);
}

void story_done(struct story *s)
{
    lines_done(&s->headline);
    lines_done(&s->meaning);
    lines_done(&s->rules_out);
    lines_done(&s->advice);
}
