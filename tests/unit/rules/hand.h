/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Attempts written by hand as facts: each fact gets the next frame, a tenth of a second later. What
 * derive/ would say of them is kept to what rules ask.
 */
#ifndef MAILWHY_TESTS_UNIT_RULES_HAND_H
#define MAILWHY_TESTS_UNIT_RULES_HAND_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rules/reading.h"
#include "rules/verdict.h"

#define HAND_TICK   (TIME_SECOND / 10)
#define HAND_UNUSED __attribute__((unused))

struct hand {
    struct judged *judged;
    uint32_t frame, asked_frame;
    uint8_t asked_verb;
    int64_t time;
};

static HAND_UNUSED struct hand hand_new(uint16_t port)
{
    struct hand h = { .time = INT64_C(1700000000) * TIME_SECOND };
    h.judged = mem_alloc(NULL, sizeof *h.judged);
    struct attempt *a = attempt_new(NULL);
    a->server_port = port;
    a->start_seen = true;
    a->end = END_FINS;
    a->tcp_stream = 0;
    a->start_time = h.time;
    a->direction[SIDE_DEVICE].packets = a->direction[SIDE_SERVER].packets = 1;
    h.judged->attempt = a;
    return h;
}

static HAND_UNUSED void hand_free(struct hand *h)
{
    judged_free(h->judged);
}

static HAND_UNUSED void hand_wait(struct hand *h, int64_t ns)
{
    h->time += ns;
}

static HAND_UNUSED void hand_add(struct hand *h, struct fact f)
{
    h->frame++;
    h->time += HAND_TICK;
    f.first_frame = f.last_frame = h->frame;
    f.time = h->time;
    if (f.kind >= FACT_OTHER_PROTOCOL) {
        h->judged->attempt->direction[f.from].bytes += 10;
        h->judged->attempt->direction[f.from].acked += 10;
    }
    timeline_add(h->judged->attempt->timeline, &f);
}

static HAND_UNUSED void hand_open(struct hand *h)
{
    hand_add(h, (struct fact) { .kind = FACT_SYN, .from = SIDE_DEVICE });
    hand_add(h, (struct fact) { .kind = FACT_SYN_ACK, .from = SIDE_SERVER });
    hand_add(h, (struct fact) { .kind = FACT_OPEN, .from = SIDE_DEVICE });
}

static HAND_UNUSED void hand_command_in(struct hand *h, enum origin origin, enum smtp_verb verb,
                                        const char *arg)
{
    hand_add(h, (struct fact) { .kind = FACT_SMTP_COMMAND,
                                .origin = (uint8_t)origin,
                                .from = SIDE_DEVICE,
                                .command = { .verb = (uint8_t)verb, .arg = bytes_str(arg) } });
    h->asked_frame = h->frame;
    h->asked_verb = (uint8_t)verb;
}

static HAND_UNUSED void hand_command(struct hand *h, enum smtp_verb verb, const char *arg)
{
    hand_command_in(h, ORIGIN_SEEN, verb, arg);
}

static HAND_UNUSED void hand_reply_in(struct hand *h, enum origin origin, enum smtp_step step,
                                      uint16_t code, const char *text)
{
    hand_add(
        h, (struct fact) { .kind = FACT_SMTP_REPLY,
                           .origin = (uint8_t)origin,
                           .from = SIDE_SERVER,
                           .reply = { .code = code,
                                      .step = (uint8_t)step,
                                      .verb = step == STEP_GREETING ? SMTP_NO_VERB : h->asked_verb,
                                      .command_frame = h->asked_frame,
                                      .text = bytes_str(text),
                                      .lines = 1 } });
}

static HAND_UNUSED void hand_reply(struct hand *h, enum smtp_step step, uint16_t code,
                                   const char *text)
{
    hand_reply_in(h, ORIGIN_SEEN, step, code, text);
}

static HAND_UNUSED void hand_greet(struct hand *h)
{
    hand_open(h);
    hand_reply(h, STEP_GREETING, 220, "mail.example ESMTP");
}

struct hand_list {
    bool starttls, overwritten;
    const char *auth;
    uint32_t mechanisms;
};

static HAND_UNUSED void hand_ehlo_in(struct hand *h, enum origin origin, struct hand_list list)
{
    hand_command_in(h, origin, SMTP_EHLO, "device");
    hand_reply_in(h, origin, STEP_EHLO, 250, "mail.example");
    h->frame--; /* the list stands in the reply's frame */
    hand_add(h, (struct fact) {
                    .kind = FACT_SMTP_CAPABILITIES,
                    .origin = (uint8_t)origin,
                    .from = SIDE_SERVER,
                    .capabilities = { .esmtp = true,
                                      .starttls = list.starttls,
                                      .overwritten = list.overwritten,
                                      .auth = list.auth != NULL,
                                      .mechanisms = list.mechanisms,
                                      .auth_words = bytes_str(list.auth ? list.auth : "") } });
}

static HAND_UNUSED void hand_ehlo(struct hand *h, struct hand_list list)
{
    hand_ehlo_in(h, ORIGIN_SEEN, list);
}

static HAND_UNUSED void hand_auth(struct hand *h, enum auth_mechanism m, bool advertised,
                                  bool initial)
{
    hand_command(h, SMTP_AUTH, "");
    h->frame--;
    hand_add(h, (struct fact) { .kind = FACT_AUTH,
                                .from = SIDE_DEVICE,
                                .auth = { .mechanism = (uint8_t)m,
                                          .advertised = advertised,
                                          .initial_response = initial,
                                          .name = bytes_str(auth_mechanism_name(m)) } });
}

static HAND_UNUSED void hand_auth_step(struct hand *h, uint8_t number)
{
    hand_reply(h, STEP_AUTH, 334, "VXNlcm5hbWU6");
    hand_add(h, (struct fact) { .kind = FACT_AUTH_STEP,
                                .from = SIDE_DEVICE,
                                .auth_step = { .number = number, .base64 = true } });
    h->asked_frame = h->frame;
    h->asked_verb = SMTP_AUTH_STEP;
}

static HAND_UNUSED void hand_mail(struct hand *h)
{
    hand_command(h, SMTP_MAIL, "FROM:<door@example.net>");
    hand_reply(h, STEP_MAIL, 250, "ok");
    hand_command(h, SMTP_RCPT, "TO:<me@example.net>");
    hand_reply(h, STEP_RCPT, 250, "ok");
}

static HAND_UNUSED void hand_body(struct hand *h, bool complete)
{
    hand_command(h, SMTP_DATA, "");
    hand_reply(h, STEP_DATA, 354, "go");
    hand_add(h, (struct fact) { .kind = FACT_MESSAGE,
                                .from = SIDE_DEVICE,
                                .message = { .bytes = 100, .complete = complete } });
    h->asked_frame = h->frame;
    h->asked_verb = SMTP_MESSAGE_END;
}

static HAND_UNUSED void hand_hello(struct hand *h, uint16_t newest, struct bytes ciphers)
{
    hand_add(h, (struct fact) { .kind = FACT_CLIENT_HELLO,
                                .from = SIDE_DEVICE,
                                .client_hello = { .newest = newest,
                                                  .legacy_version = newest,
                                                  .ciphers = ciphers } });
}

static HAND_UNUSED void hand_starttls(struct hand *h)
{
    hand_greet(h);
    hand_ehlo(h, (struct hand_list) { .starttls = true });
    hand_command(h, SMTP_STARTTLS, "");
    hand_reply(h, STEP_STARTTLS, 220, "go ahead");
}

static HAND_UNUSED void hand_server_hello(struct hand *h, uint16_t version, uint16_t cipher)
{
    hand_add(h, (struct fact) { .kind = FACT_SERVER_HELLO,
                                .from = SIDE_SERVER,
                                .server_hello = { .version = version, .cipher = cipher } });
}

static HAND_UNUSED void hand_certificate(struct hand *h, const char *names, int64_t not_after)
{
    hand_add(h, (struct fact) { .kind = FACT_CERTIFICATE,
                                .from = SIDE_SERVER,
                                .certificate = { .count = 2,
                                                 .readable = true,
                                                 .not_before = not_after - 365 * 86400 * TIME_SECOND,
                                                 .not_after = not_after,
                                                 .chain_not_after = TIME_NONE,
                                                 .names = bytes_str(names),
                                                 .subject = bytes_str("mail.example"),
                                                 .issuer = bytes_str("Some CA"),
                                                 .top_issuer = bytes_str("Some Root") } });
}

static HAND_UNUSED void hand_up(struct hand *h, uint16_t version, uint16_t cipher)
{
    hand_add(h, (struct fact) { .kind = FACT_CLIENT_KEY_EXCHANGE, .from = SIDE_DEVICE });
    hand_add(h, (struct fact) { .kind = FACT_TLS_UP,
                                .from = SIDE_SERVER,
                                .tls_up = { .version = version, .cipher = cipher } });
}

static HAND_UNUSED void hand_alert(struct hand *h, enum side from, uint8_t code)
{
    hand_add(h, (struct fact) { .kind = FACT_TLS_ALERT,
                                .from = (uint8_t)from,
                                .alert = { .level = ALERT_FATAL, .code = code } });
}

static HAND_UNUSED void hand_fin(struct hand *h, enum side from)
{
    hand_add(h, (struct fact) { .kind = FACT_FIN, .from = (uint8_t)from });
}

static HAND_UNUSED void hand_rst(struct hand *h, enum side from, uint8_t ttl, uint8_t usual)
{
    hand_add(h, (struct fact) { .kind = FACT_RST,
                                .from = (uint8_t)from,
                                .rst = { .ttl = ttl, .usual_ttl = usual } });
    h->judged->attempt->end = END_RST;
}

static HAND_UNUSED void hand_quit(struct hand *h)
{
    hand_command(h, SMTP_QUIT, "");
    hand_reply(h, STEP_QUIT, 221, "bye");
    hand_fin(h, SIDE_DEVICE);
    hand_fin(h, SIDE_SERVER);
}

/* A rule that an attempt does not even call, for what it needs is not there, would have said no. */
static HAND_UNUSED void hand_uncalled_say_no(const struct judged *j, const struct history *before,
                                             int64_t capture_end)
{
    struct view_index index;
    struct readings readings = { .count = 0 };
    view_index_fill(&index, j->attempt, &j->summary);
    struct view v = { .attempt = j->attempt,
                      .summary = &j->summary,
                      .server_name = j->server_name,
                      .looked_up = j->looked_up,
                      .history = before,
                      .capture_end = capture_end,
                      .knowledge = j->knowledge,
                      .readings = &readings,
                      .index = &index };
    reading_all(&v);
    for (size_t i = 0; i < cause_count(); i++) {
        const struct cause *c = cause_at(i);
        struct finding f;
        finding_begin(&f, c, c->severity);
        assert_true((c->scope == SCOPE_ATTEMPT) == (c->needs != 0));
        assert_true((c->scope == SCOPE_ATTEMPT) == (c->match || c->match_nth));
        uint64_t shown = c->needs & index.shown;
        bool called = shown == FACT_BIT(SIGN_NAMED) ? reading_named(&readings, c->id) : shown != 0;
        if (c->scope != SCOPE_ATTEMPT || called)
            continue;
        if ((c->match_nth ? c->match_nth(&v, 0, &f) : c->match(&v, &f)) != NO_MATCH)
            fail_msg("%s is not called and would say yes", c->id);
    }
}

static HAND_UNUSED void hand_judge_after(struct hand *h, const struct history *before)
{
    struct summary *s = &h->judged->summary;
    struct attempt *a = h->judged->attempt;
    *s = (struct summary) { .outcome = a->end == END_OPEN ? OUTCOME_INCOMPLETE : OUTCOME_NO_MAIL };
    for (const struct fact *f = timeline_first(a->timeline); f; f = timeline_next(a->timeline, f)) {
        if (f->kind == FACT_SERVER_HELLO)
            s->server_hello = f;
        if (f->kind == FACT_TLS_UP) {
            s->inside = INSIDE_OPAQUE;
            s->outcome = OUTCOME_UNKNOWN;
        }
        if (f->kind != FACT_SMTP_REPLY)
            continue;
        s->anything_refused |= f->reply.code >= 400;
        if (f->reply.step == STEP_END && f->reply.code < 300) {
            s->accepted++;
            s->outcome = OUTCOME_DELIVERED;
        }
    }
    a->end_time = h->time;
    hand_uncalled_say_no(h->judged, before, h->time);
    assert_true(diagnose_attempt(h->judged, before, h->time));
}

static HAND_UNUSED void hand_judge(struct hand *h)
{
    hand_judge_after(h, NULL);
}

static HAND_UNUSED const struct finding *hand_finding(const struct hand *h, const char *cause)
{
    for (size_t i = 0; i < h->judged->finding_count; i++) {
        if (strcmp(h->judged->findings[i].cause->id, cause) == 0)
            return &h->judged->findings[i];
    }
    return NULL;
}

/* The primary finding, and how sure. */
static HAND_UNUSED const struct finding *hand_primary(struct hand *h, const char *cause,
                                                      enum confidence sure)
{
    assert_true(h->judged->finding_count > 0);
    const struct finding *f = &h->judged->findings[0];
    assert_string_equal(f->cause->id, cause);
    assert_true(f->primary);
    assert_int_equal(f->confidence, sure);
    assert_int_equal(h->judged->summary.outcome, OUTCOME_FAILED);
    return f;
}

/* Judged, with this primary; freed. */
static HAND_UNUSED void hand_expect(struct hand *h, const char *cause, enum confidence sure)
{
    hand_judge(h);
    hand_primary(h, cause, sure);
    hand_free(h);
}

/* Judged, and no failure in it; freed. */
static HAND_UNUSED void hand_expect_none(struct hand *h, enum outcome outcome)
{
    hand_judge(h);
    for (size_t i = 0; i < h->judged->finding_count; i++) {
        if (h->judged->findings[i].severity == SEVERITY_FAILURE)
            fail_msg("unexpected failure %s", h->judged->findings[i].cause->id);
    }
    assert_int_equal(h->judged->summary.outcome, outcome);
    hand_free(h);
}

#endif
