/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/catalogue.h"

#include <stdio.h>
#include <string.h>

#include "app/exit_status.h"
#include "base/log.h"
#include "report/layout.h"
#include "rules/verdict.h"

enum { COLUMNS = 80, INDENT = 2, TEXT_MAX = 65536 };

/* What stands for a placeholder where no capture gives it a value. */
static const struct {
    const char *name, *words;
} stand_ins[] = {
    { "server", N_("server name") },
    { "server_addr", N_("server address") },
    { "port", N_("port") },
    { "code", N_("code") },
    { "text", N_("the server's answer") },
    { "time", N_("date and time") },
    { "sender", N_("sender address") },
    { "recipient", N_("recipient's address") },
    { "refused", N_("number") },
    { "tries", N_("number") },
    { "queries", N_("number") },
    { "devices", N_("number") },
    { "count", N_("number") },
    { "connections", N_("number") },
    { "of", N_("number") },
    { "packets", N_("number") },
    { "bits", N_("number") },
    { "waited", N_("time") },
    { "after", N_("time") },
    { "answered_in", N_("time") },
    { "answered_after", N_("time") },
    { "offered", N_("TLS version") },
    { "chosen", N_("TLS version") },
    { "used", N_("TLS version") },
    { "version", N_("TLS version") },
    { "method", N_("sign-in method") },
    { "offered_methods", N_("sign-in methods") },
    { "reason", N_("reason") },
    { "answer", N_("answer") },
    { "protocol", N_("other protocol") },
    { "alert_name", N_("error message") },
    { "wanted", N_("server name") },
    { "fitting_name", N_("a name in the certificate") },
    { "ending", N_("end of the names in the certificate") },
    { "root", N_("issuer") },
    { "valid_to", N_("date") },
    { "device_clock", N_("the device's date") },
    { "hello", N_("name of the device") },
    { "command", N_("command") },
    { "from_header", N_("sender in the mail") },
    { "tunnel", N_("kind of line") },
    { "cipher", N_("encryption method") },
    { "last_success", N_("date and time") },
    { "first_failure", N_("date and time") },
    { "first", N_("date and time") },
    { "last", N_("date and time") },
};

static const char *stand_in(struct bytes name)
{
    for (size_t i = 0; i < sizeof stand_ins / sizeof *stand_ins; i++)
        if (bytes_equal(name, bytes_str(stand_ins[i].name)))
            return stand_ins[i].words;
    return "…";
}

/* Such as "<server name>". */
static void add_general(struct text *out, enum lang lang, const char *s)
{
    for (const char *open; (open = strchr(s, '{')) != NULL && strchr(open, '}');) {
        struct bytes name = bytes_of(open + 1, (size_t)(strchr(open, '}') - open - 1));
        text_add_n(out, s, (size_t)(open - s));
        text_add_char(out, '<');
        text_add(out, lang_text(lang, stand_in(name)));
        text_add_char(out, '>');
        s = open + name.len + 2;
    }
    text_add(out, s);
}

static void add_paragraph(struct text *out, enum lang lang, const char *mark, const char *english)
{
    struct text line;
    text_init(&line, TEXT_MAX);
    add_general(&line, lang, lang_text(lang, english));
    layout_spaces(out, INDENT);
    text_add(out, mark);
    size_t used = INDENT + text_width(mark, strlen(mark));
    layout_wrap(out, text_str(&line), COLUMNS, used, used);
    text_done(&line);
}

static void add_heading(struct text *out, enum lang lang, const char *english)
{
    text_add_char(out, '\n');
    text_add(out, lang_text(lang, english));
    text_add_char(out, '\n');
}

/* Both lists under one heading. */
static void add_texts(struct text *out, enum lang lang, const char *heading,
                      const char *const *first, const char *const *then, bool numbered)
{
    const char *texts[2 * CAUSE_TEXTS];
    size_t count = 0;
    for (size_t i = 0; i < CAUSE_TEXTS && first[i]; i++)
        texts[count++] = first[i];
    for (size_t i = 0; i < CAUSE_TEXTS && then[i]; i++)
        texts[count++] = then[i];
    if (count > 0)
        add_heading(out, lang, heading);
    for (size_t i = 0; i < count; i++) {
        char number[32];
        snprintf(number, sizeof number, "%zu. ", i + 1);
        add_paragraph(out, lang, numbered ? number : lang == LANG_JA ? "・" : "- ", texts[i]);
    }
}

int catalogue_explain(const char *id, enum lang lang)
{
    const struct cause *c = cause_find(id);
    if (!c) {
        log_error("\"%s\" is no cause; --list-causes lists them", id);
        return EXIT_TROUBLE;
    }
    struct text out;
    text_init(&out, TEXT_MAX);
    text_format(&out, "%s (%s)\n", c->id, severity_name(c->severity));
    add_paragraph(&out, lang, "", c->title);
    if (c->meaning) {
        add_heading(&out, lang, N_("What it means"));
        add_paragraph(&out, lang, "", c->meaning);
    }
    if (c->explain) {
        add_heading(&out, lang, N_("How it looks on the wire"));
        add_paragraph(&out, lang, "", c->explain);
    }
    add_texts(&out, lang, N_("What it is not"), c->may_rule_out, c->rules_out, false);
    add_texts(&out, lang, N_("What to do"), c->may_advise, c->advice, true);
    if (c->rfc) {
        add_heading(&out, lang, N_("Where it is written"));
        add_paragraph(&out, lang, "", c->rfc);
    }
    fputs(text_str(&out), stdout);
    text_done(&out);
    return EXIT_FINE;
}

int catalogue_list(enum lang lang)
{
    for (size_t i = 0, n = cause_count(); i < n; i++) {
        const struct cause *c = cause_at(i);
        printf("%-30s %-8s %s\n", c->id, severity_name(c->severity), lang_text(lang, c->title));
    }
    return EXIT_FINE;
}
