/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/story.h"

#include <stdio.h>

#include "rules/phrases.h"

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

static void add_number(struct text *out, int64_t n)
{
    if (n < 0)
        text_add_char(out, '-');
    text_add_u64(out, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
}

void story_add_span(struct text *out, enum lang lang, int64_t ns)
{
    int64_t ms = ns / TIME_MILLISECOND, s = ns / TIME_SECOND;
    bool ja = lang == LANG_JA, minutes = s >= 120;
    if (ms < 2000) {
        int64_t hundredths = ms < 10 ? 1 : ms / 10;
        char digits[2];
        text_put_digits(digits, (uint64_t)(hundredths % 100), 2);
        text_add_u64(out, (uint64_t)(hundredths / 100));
        if (hundredths % 100 != 0) {
            text_add_char(out, '.');
            text_add_n(out, digits, 2);
        }
    } else {
        text_add_u64(out, (uint64_t)(minutes ? s / 60 : s));
    }
    if (minutes)
        text_add(out, ja ? "分" : " min");
    if (minutes && s % 60 != 0) {
        text_add(out, ja ? "" : " ");
        text_add_u64(out, (uint64_t)(s % 60));
    }
    if (!minutes || s % 60 != 0)
        text_add(out, ja ? "秒" : " s");
}

static void add_size(struct text *out, enum lang lang, int64_t bytes)
{
    const char *blank = lang == LANG_JA ? "" : " ";
    int64_t kilobytes = bytes / 1000, tenths = bytes / 100000;
    if (kilobytes < 1) {
        add_number(out, bytes);
        text_add(out, lang == LANG_JA ? "バイト" : " bytes");
        return;
    }
    add_number(out, kilobytes < 1000 ? kilobytes : tenths / 10);
    if (kilobytes >= 1000 && tenths % 10 != 0) {
        text_add_char(out, '.');
        add_number(out, tenths % 10);
    }
    text_add(out, blank);
    text_add(out, kilobytes < 1000 ? "kB" : "MB");
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
        add_number(out, v->number);
        break;
    case VALUE_SIZE:
        add_size(out, lang, v->number);
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
    for (size_t i = 0; f && i < f->value_count; i++) {
        const struct value *v = &f->values[i];
        if (name.len > 0 && (uint8_t)*v->name == *name.at &&
            strncmp(v->name, (const char *)name.at, name.len) == 0 && v->name[name.len] == '\0' &&
            v->kind != VALUE_FLAG)
            return v;
    }
    return NULL;
}

/* {in_frame}: in which frame, and of which file where it is another one. */
static bool add_in_frame(struct text *out, const struct subject *subject)
{
    bool elsewhere = find_value(subject->finding, bytes_str("file")) != NULL;
    return story_fill(out, subject,
                      elsewhere ? N_("frame {frame} of {file}") : N_("frame {frame}"));
}

static bool add_placeholder(struct text *out, const struct subject *subject, struct bytes name)
{
    const struct value *v = find_value(subject->finding, name);
    if (!v && bytes_equal(name, bytes_str("in_frame")))
        return add_in_frame(out, subject);
    if (!v)
        return add_common(out, subject, name);
    add_value(out, subject->lang, v);
    return true;
}

/* Most values are plain for whoever reads them; false, and nothing added, for the others. */
static bool add_plain(struct text *out, enum lang lang, const struct value *v)
{
    struct bytes text;
    switch (v->kind) {
    case VALUE_NUMBER:
    case VALUE_SIZE:
    case VALUE_SPAN:
        add_value(out, lang, v);
        return true;
    case VALUE_TIME:
        if (v->number == TIME_NONE)
            return false;
        add_value(out, lang, v);
        return true;
    case VALUE_WORD:
        text = bytes_str(lang_text(lang, v->word));
        break;
    case VALUE_WIRE:
        text = v->wire;
        break;
    default:
        return false;
    }
    if (text.len > WIRE_SHOWN_MAX || !text_wire_is_plain(text))
        return false;
    text_add_n(out, (const char *)text.at, text.len);
    return true;
}

/* The value is escaped twice: for whom it is shown to in the end, and for its place. */
static bool add_placeholder_json(struct text *out, const struct subject *subject, struct bytes name)
{
    const struct value *v = find_value(subject->finding, name);
    if (v && add_plain(out, subject->lang, v))
        return true;
    char first[1024];
    struct text value;
    text_init_in(&value, STORY_TEXT_MAX, first, sizeof first);
    bool known = add_placeholder(&value, subject, name);
    text_wire(out, bytes_of(value.at, value.len), FOR_JSON);
    text_done(&value);
    return known;
}

static bool fill(struct text *out, const struct subject *subject, struct bytes t,
                 bool (*add)(struct text *, const struct subject *, struct bytes))
{
    size_t start = out->len;
    while (t.len > 0) {
        ptrdiff_t open = bytes_find(t, '{');
        ptrdiff_t close = open < 0 ? -1 : bytes_find(bytes_after(t, (size_t)open), '}');
        size_t plain = close < 0 ? t.len : (size_t)open;
        text_add_n(out, (const char *)t.at, plain);
        if (close < 0)
            break;
        struct bytes name = bytes_first(bytes_after(t, plain + 1), (size_t)close - 1);
        if (!add(out, subject, name)) {
            text_cut(out, start);
            return false;
        }
        t = bytes_after(t, plain + (size_t)close + 1);
    }
    return true;
}

bool story_fill(struct text *out, const struct subject *subject, const char *english)
{
    return fill(out, subject, bytes_str(lang_text(subject->lang, english)), add_placeholder);
}

bool story_fill_json(struct text *out, const struct subject *subject, struct bytes escaped)
{
    return fill(out, subject, escaped, add_placeholder_json);
}

static void add(struct story_text *texts, size_t *count, const char *english,
                const struct finding *finding)
{
    if (english && *count < STORY_TEXTS)
        texts[(*count)++] = (struct story_text) { english, finding };
}

/* Is this advice of a device's line to be told behind all else? */
static bool is_late(const struct finding *f)
{
    return f->late_advice > 0;
}

/* Where the advice of another attempt, or of other devices, stands among the finding's own: a way that was seen to work
 * comes first; what tells where to look, behind the first thing to do; what all devices share, behind the last. */
enum turn { TURN_FIRST, TURN_SECOND, TURN_AFTER, TURN_LAST };

static enum turn turn_of(const struct finding *f)
{
    if (is_late(f))
        return TURN_LAST;
    if (cause_is(f->cause->id, "fails-for-every-device"))
        return TURN_AFTER;
    return cause_is(f->cause->id, "works-with-other-setting") ||
                   cause_is(f->cause->id, "recovered")
               ? TURN_FIRST
               : TURN_SECOND;
}

static void add_woven(struct outline *o, const struct finding *const *woven, size_t count,
                      enum turn turn)
{
    for (size_t i = 0; i < count; i++) {
        const struct finding *f = woven[i];
        if (turn_of(f) == turn)
            add(o->advice, &o->advice_count,
                f->advice_count > 0 ? f->advice[0]
                : f->headline       ? f->headline
                                    : f->cause->headline,
                f);
    }
}

/* The values that say why it is these ports, and this version of TLS. */
#define USUAL_PORT "usual_port"
#define OTHER_PORT "other_port"
#define USUAL_TLS  "usual_tls"

bool story_hangs_on_values(const struct finding *f)
{
    return finding_value(f, USUAL_TLS) || finding_value(f, USUAL_PORT) ||
           finding_value(f, OTHER_PORT);
}

/* Does this text set that port, as a number or by one of the finding's own values? */
static bool sets_port(const char *english, const struct finding *f, int64_t port)
{
    static const char *const names[] = { USUAL_PORT, OTHER_PORT };
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

/* What tells of ports already, when a finding's own advice is told. */
struct said {
    const struct finding *finding, *const *woven;
    size_t count;                       /* of woven */
    const struct value *other, *usual; /* ports told with the reason why it is these; NULL = none */
    bool ssl_465_failed, starttls_587_failed;
    uint16_t port;
};

/* Is this told by another text, or the port that it would set named by a woven advice, or with the reason why it is this one? */
static bool is_said(const char *english, const struct said *said)
{
    if (strcmp(english, DO_UPDATE) == 0 && finding_value(said->finding, USUAL_TLS))
        return true; /* told with what it has to bring */
    if (said->count == 0 && !said->other && !said->usual)
        return false;
    const struct finding *f = said->finding;
    if ((said->other || said->usual) && strcmp(english, DO_SET_PAIR) == 0)
        return true;
    for (size_t i = 0; i < said->count; i++) {
        const struct value *port = finding_value(said->woven[i], "port");
        if (port && port->kind == VALUE_NUMBER && !is_late(said->woven[i]) &&
            sets_port(english, f, port->number))
            return true;
    }
    bool names_other = bytes_find_nocase(bytes_str(english), "{other_port}") >= 0;
    bool names_usual = bytes_find_nocase(bytes_str(english), "{usual_port}") >= 0;
    return (said->other && !names_other && sets_port(english, f, said->other->number)) ||
           (said->usual && !names_other && !names_usual &&
            sets_port(english, f, said->usual->number));
}

/* Would this text set what the device tried in vain? Then that is told in its place. */
static bool is_vain(struct outline *o, const char *english, const struct said *said)
{
    bool other = strcmp(english, DO_TRY_OTHER_PAIR) == 0;
    bool ssl = said->ssl_465_failed &&
               (sets_port(english, said->finding, 465) || (other && said->port == 587));
    bool starttls = said->starttls_587_failed &&
                    (sets_port(english, said->finding, 587) || (other && said->port == 465));
    if (ssl)
        add(o->rules_out, &o->rules_out_count,
            N_("The other setting, security \"SSL\" with port 465: this device tried port 465 as well, and it failed, too."),
            said->finding);
    else if (starttls)
        add(o->rules_out, &o->rules_out_count,
            N_("The other setting, security \"TLS\" or \"STARTTLS\" with port 587: this device tried port 587 as well, and it "
               "failed, too."),
            said->finding);
    return ssl || starttls;
}

/* A first advice has nothing before it that might not help. */
static const char *as_first(const char *english)
{
    return strcmp(english, OR_SSL_465) == 0        ? DO_SSL_465
           : strcmp(english, OR_STARTTLS_587) == 0 ? DO_STARTTLS_587
                                                   : english;
}

/* The finding's own, in order, with the hints of others behind the first. */
struct own {
    struct outline *o;
    const struct said *said;
    size_t count;
};

static void add_own(struct own *own, const char *english)
{
    const struct said *said = own->said;
    if (!english || is_said(english, said) || is_vain(own->o, english, said))
        return;
    if (own->o->advice_count == 0)
        english = as_first(english);
    add(own->o->advice, &own->o->advice_count, english, said->finding);
    if (own->count++ == 0)
        add_woven(own->o, said->woven, said->count, TURN_SECOND);
}

static void add_advice(struct outline *o, const struct finding *f, const struct others *others)
{
    const struct finding *const *woven = others->woven;
    size_t count = others->woven_count;
    struct said said = { f,
                         woven,
                         count,
                         finding_value(f, OTHER_PORT),
                         finding_value(f, USUAL_PORT),
                         others->ssl_465_failed,
                         others->starttls_587_failed,
                         others->port };
    struct own own = { o, &said, 0 };
    add_woven(o, woven, count, TURN_FIRST);
    size_t late = f->late_advice <= f->advice_count ? (size_t)f->advice_count - f->late_advice
                                                    : f->advice_count;
    for (size_t i = 0; i < late; i++)
        add_own(&own, f->advice[i]);
    if (!f->advice_alone)
        add_own(&own, f->cause->advice[0]);
    for (size_t i = late; i < f->advice_count; i++)
        add_own(&own, f->advice[i]);
    for (size_t i = 1; i < CAUSE_TEXTS && f->cause->advice[i] && !f->advice_alone; i++)
        add_own(&own, f->cause->advice[i]);
    if (own.count == 0)
        add_woven(o, woven, count, TURN_SECOND);
    add_woven(o, woven, count, TURN_AFTER);
    add_woven(o, woven, count, TURN_LAST);
}

void story_outline(struct outline *o, const struct finding *f, const struct others *others)
{
    static const struct others none;
    const struct cause *c = f->cause;
    o->headline = (struct story_text) { f->headline ? f->headline : c->headline, f };
    o->title = (struct story_text) { c->title, f };
    o->meaning = (struct story_text) { f->meaning ? f->meaning : c->meaning, f };
    o->rules_out_count = o->advice_count = 0;
    for (size_t i = 0; i < f->rules_out_count; i++)
        add(o->rules_out, &o->rules_out_count, f->rules_out[i], f);
    for (size_t i = 0; i < CAUSE_TEXTS && c->rules_out[i] && !f->rules_out_alone; i++)
        add(o->rules_out, &o->rules_out_count, c->rules_out[i], f);
    add_advice(o, f, others ? others : &none);
}

static void lines_add(struct lines *l, const struct subject *base, struct story_text text)
{
    if (!text.english || l->count == STORY_LINES)
        return;
    struct subject subject = *base;
    subject.finding = text.finding;
    size_t at = l->text.len;
    if (!story_fill(&l->text, &subject, text.english))
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

void story_tell(struct story *s, const struct subject *subject, const struct others *others)
{
    struct outline o;
    story_outline(&o, subject->finding, others);
    lines_init(&s->headline);
    lines_init(&s->meaning);
    lines_init(&s->rules_out);
    lines_init(&s->advice);
    lines_add(&s->headline, subject, o.headline);
    if (s->headline.count == 0)
        lines_add(&s->headline, subject, o.title);
    lines_add(&s->meaning, subject, o.meaning);
    for (size_t i = 0; i < o.rules_out_count; i++)
        lines_add(&s->rules_out, subject, o.rules_out[i]);
    for (size_t i = 0; i < o.advice_count; i++)
        lines_add(&s->advice, subject, o.advice[i]);
}

void story_done(struct story *s)
{
    lines_done(&s->headline);
    lines_done(&s->meaning);
    lines_done(&s->rules_out);
    lines_done(&s->advice);
}
