/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "report/json.h"
#include "report/text_report.h"

enum {
    COLUMNS_DEFAULT = 80,
    COLUMNS_MIN = 40,
    COLUMNS_MAX = 200,
    LINE_MAX_BYTES = 4 << 20,
    REPORT_MAX = 256 << 20,
    WRITE_AT = 65536
};

struct output {
    bool json, live;
    struct json_options json_options;
    struct text_report *report;
    struct text text;
    enum status status;
};

/* 80 columns unless the terminal is wider. */
static size_t columns(void)
{
    const char *env = getenv("COLUMNS");
    long n = env ? strtol(env, NULL, 10) : 0;
    struct winsize size;
    if (n <= 0 && isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
        size.ws_col > COLUMNS_DEFAULT)
        n = size.ws_col;
    if (n <= 0)
        n = COLUMNS_DEFAULT;
    return (size_t)(n < COLUMNS_MIN ? COLUMNS_MIN : n > COLUMNS_MAX ? COLUMNS_MAX : n);
}

static bool use_color(enum color color)
{
    const char *no_color = getenv("NO_COLOR");
    if (color == COLOR_AUTO)
        return isatty(STDOUT_FILENO) && !(no_color && *no_color);
    return color == COLOR_ALWAYS;
}

struct output *output_new(const struct options *options)
{
    struct output *o = mem_alloc(NULL, sizeof *o);
    if (!o)
        return NULL;
    o->json = options->json;
    o->live = options->action == ACTION_WATCH;
    o->json_options =
        (struct json_options) { .lang = options->lang,
                                .timeline = options->timeline,
                                .phrases = o->json ? phrases_new(options->lang) : NULL,
                                .tellings = o->json ? tellings_new() : NULL };
    text_init(&o->text, o->json ? LINE_MAX_BYTES : REPORT_MAX);
    struct text_options text = { .lang = options->lang,
                                 .timeline = options->timeline,
                                 .all = options->all,
                                 .color = use_color(options->color),
                                 .live = o->live,
                                 .columns = columns() };
    if (!o->json && !(o->report = text_report_new(&text))) {
        output_free(o);
        return NULL;
    }
    return o;
}

void output_free(struct output *o)
{
    if (!o)
        return;
    text_report_free(o->report);
    tellings_free(o->json_options.tellings);
    phrases_free(o->json_options.phrases);
    text_done(&o->text);
    mem_free(NULL, o, sizeof *o);
}

static void write_out(struct output *o, size_t at_least)
{
    if (o->text.len <= at_least)
        return;
    if (fwrite(o->text.at, 1, o->text.len, stdout) != o->text.len)
        o->status = STATUS_WRITE_ERROR;
    if (o->live && fflush(stdout) != 0)
        o->status = STATUS_WRITE_ERROR;
    text_clear(&o->text);
}

static void tell_count(const char *file, uint64_t count, const char *what)
{
    if (count > 0)
        log_detail("\"%s\": %llu %s", file, (unsigned long long)count, what);
}

/* With -v: what was passed over or dropped in a capture, and why. */
static void tell_capture(const struct capture_line *c)
{
    const struct capture_facts *f = &c->facts;
    const char *file = c->file ? c->file : c->interface;
    log_detail("\"%s\": %llu TCP connections, %llu of them mail, %llu other kinds", file,
               (unsigned long long)f->connections, (unsigned long long)f->streams_mail,
               (unsigned long long)f->tcp_other);
    tell_count(file, f->not_ip, "frames without IP passed over");
    tell_count(file, f->link_unknown, "frames of a link type that is not read");
    tell_count(file, f->malformed,
               "packets whose headers make no sense, or that are wrapped too deep");
    tell_count(file, f->wlan_encrypted, "wireless frames that are encrypted");
    tell_count(file, f->truncated, "packets that the capture cut short");
    tell_count(file, f->duplicates, "packets that came twice");
    tell_count(file, f->nat_copies, "connections told once that were seen on both sides of NAT");
    tell_count(file, f->forgotten, "connections forgotten because of the memory limit");
    tell_count(file, f->events_dropped,
               "look-ups, host names and openings passed over: too many at a time");
    tell_count(file, f->facts_dropped, "steps left out of long conversations");
    tell_count(file, f->history_dropped, "attempts that were not remembered for comparison");
    tell_count(
        file, f->sign_ins_dropped,
        "sign-ins not checked against the password: too many in one connection, or too long");
    tell_count(file, f->scram_dropped,
               "SCRAM sign-ins not checked against the password: they would have taken too long");
    tell_count(file, f->words_dropped,
               "lines of servers not remembered, because there were too many servers");
    tell_count(file, f->certs_dropped, "certificates not kept, because there were too many");
    tell_count(file, f->chains_dropped,
               "certificate chains not judged, because there were too many");
    tell_count(file, f->scans, "connections of port scans");
    tell_count(file, f->kernel_dropped, "packets lost by the kernel");
}

static void take_json(struct output *o, struct result *r)
{
    switch (r->kind) {
    case RESULT_ATTEMPT:
        json_attempt(&o->text, &o->json_options, r->judged);
        judged_free(r->judged);
        break;
    case RESULT_DEVICE:
        json_device(&o->text, &o->json_options, r->device);
        break;
    case RESULT_CAPTURE:
        json_capture(&o->text, &o->json_options, r->capture);
        break;
    }
    write_out(o, o->live ? 0 : WRITE_AT);
}

static void take_text(struct output *o, struct result *r)
{
    switch (r->kind) {
    case RESULT_ATTEMPT:
        text_report_attempt(o->report, &o->text, r->judged);
        break;
    case RESULT_DEVICE:
        text_report_device(o->report, r->device);
        break;
    case RESULT_CAPTURE:
        text_report_capture(o->report, r->capture);
        break;
    }
    if (o->live)
        write_out(o, 0);
}

void output_take(struct output *o, struct engine *engine)
{
    struct result result;
    while (engine_next(engine, &result)) {
        if (result.kind == RESULT_CAPTURE)
            tell_capture(result.capture);
        if (o->json)
            take_json(o, &result);
        else
            take_text(o, &result);
    }
}

void output_end(struct output *o)
{
    if (!o->json)
        text_report_end(o->report, &o->text);
    write_out(o, 0);
    if (fflush(stdout) != 0)
        o->status = STATUS_WRITE_ERROR;
}

enum status output_status(const struct output *o)
{
    return o->status;
}
