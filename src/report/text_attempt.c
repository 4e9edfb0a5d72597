/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/text_attempt.h"

#include <stdio.h>

#include "report/layout.h"
#include "report/story.h"
#include "report/text_steps.h"

enum { INDENT = 2, BODY = 4, TEXT_MAX = 65536 };

const char *text_outcome(enum lang lang, enum outcome outcome)
{
    static const char *const names[OUTCOMES] = {
        [OUTCOME_DELIVERED] = N_("delivered"),   [OUTCOME_FAILED] = N_("FAILED"),
        [OUTCOME_NO_MAIL] = N_("no mail tried"), [OUTCOME_INCOMPLETE] = N_("not over yet"),
        [OUTCOME_UNKNOWN] = N_("can't be told"),
    };
    return lang_text(lang, names[outcome]);
}

static const char *security_word(const struct judged *j)
{
    switch (j->summary.security) {
    case SECURITY_IMPLICIT_TLS:
        return N_("SSL/TLS from the first byte");
    case SECURITY_STARTTLS:
        return N_("STARTTLS");
    case SECURITY_NONE:
        return N_("no encryption");
    default:
        return NULL;
    }
}

static void add_server(struct text *out, const struct judged *j)
{
    char addr[ADDR_TEXT_SIZE];
    ip_addr_text(&j->attempt->server_addr, addr);
    if (!j->server_name) {
        text_add(out, addr);
        return;
    }
    text_wire(out, bytes_str(j->server_name), FOR_TERMINAL);
    text_format(out, " (%s)", addr);
}

void text_attempt_line(struct text *out, const struct text_options *o, const struct judged *j)
{
    const struct attempt *a = j->attempt;
    char addr[ADDR_TEXT_SIZE];
    bool ja = o->lang == LANG_JA;
    if (a->start_time != TIME_NONE)
        time_add_local(out, a->start_time);
    else
        text_add(out, lang_text(o->lang, N_("(no time)")));
    text_format(out, "  %s %s ", ip_addr_text(&a->client_addr, addr), ja ? "→" : "->");
    if (a->kind == ATTEMPT_LOOKUP) {
        text_wire(out, bytes_str(j->server_name ? j->server_name : "?"), FOR_TERMINAL);
        text_add(out, lang_text(o->lang, N_(" (name look-up)")));
        return;
    }
    add_server(out, j);
    text_format(out, ja ? "、ポート%u" : ", port %u", a->server_port);
    const char *word = security_word(j);
    if (word)
        text_format(out, "%s%s", ja ? "、" : ", ", lang_text(o->lang, word));
}

static void add_heading(struct text *out, const struct text_options *o, const char *heading)
{
    layout_spaces(out, INDENT);
    text_add(out, lang_text(o->lang, heading));
    text_add_char(out, '\n');
}

static void add_body(struct text *out, const struct text_options *o, const char *s)
{
    layout_spaces(out, BODY);
    layout_wrap(out, s, o->columns, BODY, BODY);
}

static void add_list(struct text *out, const struct text_options *o, const char *heading,
                     const struct lines *l, bool numbered)
{
    if (l->count == 0)
        return;
    add_heading(out, o, heading);
    if (numbered && l->count > 1)
        add_body(out, o, lang_text(o->lang, TEXT_GO_DOWN));
    for (size_t i = 0; i < l->count; i++) {
        char mark[32];
        if (numbered)
            snprintf(mark, sizeof mark, "%zu. ", i + 1);
        else
            snprintf(mark, sizeof mark, "%s", o->lang == LANG_JA ? "・" : "- ");
        size_t width = text_width(mark, strlen(mark));
        layout_spaces(out, BODY);
        text_add(out, mark);
        layout_wrap(out, lines_get(l, i), o->columns, BODY + width, BODY + width);
    }
}

static void add_sure(struct text *out, const struct text_options *o, const struct finding *f)
{
    static const char *const sure[] = {
        [NO_MATCH] = "",
        [CERTAIN] = N_("How sure: certain; the capture shows it directly."),
        [LIKELY] = N_("How sure: likely; it is the usual reading of what was seen."),
        [POSSIBLE] = N_("How sure: possible; it is one of several explanations."),
    };
    static const struct {
        const char *why, *text;
    } lowered[] = {
        { "gap", N_("The capture lacks packets, so this is one step less sure than it could be.") },
        { "one-sided",
          N_("The capture shows one direction only, so this is one step less sure than it could be.") },
        { "snapped",
          N_("The capture cut packets short, so this is one step less sure than it could be.") },
        { "starts-late",
          N_("The capture begins in the middle of this connection, so this is one step less sure than it could be.") },
    };
    struct text line;
    text_init(&line, TEXT_MAX);
    text_add(&line, lang_text(o->lang, sure[f->confidence]));
    for (size_t i = 0; f->lowered && i < sizeof lowered / sizeof *lowered; i++)
        if (strcmp(f->lowered, lowered[i].why) == 0) {
            if (o->lang != LANG_JA)
                text_add_char(&line, ' ');
            text_add(&line, lang_text(o->lang, lowered[i].text));
        }
    layout_spaces(out, INDENT);
    layout_wrap(out, text_str(&line), o->columns, INDENT, BODY);
    text_done(&line);
}

static void add_tail(struct text *out, const struct text_options *o, const struct judged *j,
                     const struct finding *f)
{
    add_sure(out, o, f);
    struct text line;
    text_init(&line, TEXT_MAX);
    story_filter(&line, j, f);
    if (line.len > 0) {
        layout_spaces(out, INDENT);
        text_add(out, lang_text(o->lang, N_("Wireshark: ")));
        text_add_n(out, text_str(&line), line.len);
        text_add_char(out, '\n');
    }
    text_clear(&line);
    story_check_command(&line, j, f);
    if (line.len > 0) {
        layout_spaces(out, INDENT);
        text_add(out, lang_text(o->lang, N_("Check from a computer: ")));
        text_add_n(out, text_str(&line), line.len);
        text_add_char(out, '\n');
    }
    text_done(&line);
}

static void add_repeats(struct text *out, const struct text_options *o,
                        const struct incident_context *c)
{
    if (!c || c->count < 2)
        return;
    struct finding values = { 0 };
    finding_number(&values, "count", c->count);
    finding_time(&values, "first", c->first);
    finding_time(&values, "last", c->last);
    struct subject subject = { .lang = o->lang, .finding = &values };
    struct text line;
    text_init(&line, TEXT_MAX);
    bool at_once = c->first != TIME_NONE && c->last - c->first < TIME_SECOND;
    story_fill(&line, &subject,
               at_once ? N_("It happened {count} times within a second; here is the first.")
                       : N_("It happened {count} times, from {first} to {last}; here is the first."));
    layout_spaces(out, INDENT);
    layout_wrap(out, text_str(&line), o->columns, INDENT, INDENT);
    text_add_char(out, '\n');
    text_done(&line);
}

/* Was this advised already: with the main finding, or another one before number i? */
static bool is_advised(const struct text_options *o, const struct judged *j,
                       const struct lines *said, const struct others *vain, size_t from, size_t i,
                       const char *advice)
{
    for (size_t n = 0; said && n < said->count; n++)
        if (strcmp(lines_get(said, n), advice) == 0)
            return true;
    bool found = false;
    for (size_t n = from; n < i && !found; n++) {
        struct subject subject = { .lang = o->lang, .judged = j, .finding = &j->findings[n] };
        struct story story;
        story_tell(&story, &subject, vain);
        found = story.advice.count > 0 && strcmp(lines_get(&story.advice, 0), advice) == 0;
        story_done(&story);
    }
    return found;
}

/* The other findings, each by its headline and the first advice that is new; said: what is advised already, or NULL;
 * vain: what the device tried besides, or NULL. */
static void add_others(struct text *out, const struct text_options *o, const struct judged *j,
                       size_t from, const struct lines *said, const struct others *vain)
{
    if (from >= j->finding_count)
        return;
    add_heading(out, o, N_("Also noticed"));
    for (size_t i = from; i < j->finding_count; i++) {
        struct subject subject = { .lang = o->lang, .judged = j, .finding = &j->findings[i] };
        struct story story;
        story_tell(&story, &subject, vain);
        const char *mark = o->lang == LANG_JA ? "・" : "- ";
        struct text line;
        text_init(&line, TEXT_MAX);
        text_add(&line, lines_get(&story.headline, 0));
        size_t n = 0;
        while (n < story.advice.count &&
               is_advised(o, j, said, vain, from, i, lines_get(&story.advice, n)))
            n++;
        if (n < story.advice.count) {
            if (o->lang != LANG_JA)
                text_add_char(&line, ' ');
            text_add(&line, lines_get(&story.advice, n));
        }
        layout_spaces(out, BODY);
        text_add(out, mark);
        layout_wrap(out, text_str(&line), o->columns, BODY + 2, BODY + 2);
        text_done(&line);
        story_done(&story);
    }
}

static void add_main_finding(struct text *out, const struct text_options *o, const struct judged *j,
                             const struct incident_context *c)
{
    const struct finding *f = &j->findings[0];
    struct subject subject = { .lang = o->lang, .judged = j, .finding = f };
    struct story story;
    struct others others = { 0 };
    if (c)
        others = (struct others) { c->woven, c->woven_count, c->ssl_465_failed,
                                   c->starttls_587_failed, j->attempt->server_port };
    story_tell(&story, &subject, &others);
    layout_spaces(out, INDENT);
    if (o->color)
        text_add(out, "\033[1m");
    layout_wrap(out, lines_get(&story.headline, 0), o->columns, INDENT, INDENT);
    if (o->color)
        text_add(out, "\033[0m");
    text_add_char(out, '\n');
    add_repeats(out, o, c);
    text_steps(out, o, j);
    if (story.meaning.count > 0) {
        add_heading(out, o, N_("What it means"));
        add_body(out, o, lines_get(&story.meaning, 0));
    }
    add_list(out, o, N_("What it is not"), &story.rules_out, false);
    add_list(out, o, N_("What to do"), &story.advice, true);
    struct others vain = { .ssl_465_failed = others.ssl_465_failed,
                           .starttls_587_failed = others.starttls_587_failed,
                           .port = others.port };
    add_others(out, o, j, 1, &story.advice, &vain);
    add_tail(out, o, j, f);
    story_done(&story);
}

void text_attempt(struct text *out, const struct text_options *o, const struct judged *j,
                  const struct incident_context *c)
{
    bool failed = j->summary.outcome == OUTCOME_FAILED;
    if (o->color)
        text_add(out, failed ? "\033[1;31m" : "\033[1m");
    text_add(out, text_outcome(o->lang, j->summary.outcome));
    if (o->color)
        text_add(out, "\033[0m");
    text_add(out, "  ");
    text_attempt_line(out, o, j);
    text_add(out, "\n\n");
    if (failed && j->finding_count > 0) {
        add_main_finding(out, o, j, c);
    } else {
        text_steps(out, o, j);
        add_others(out, o, j, 0, NULL, NULL);
    }
    text_add_char(out, '\n');
}
