/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "report/json.h"
#include "report/json_writer.h"
#include "report/layout.h"
#include "report/lang.h"
#include "report/story.h"
#include "report/text_attempt.h"

static const char *wrapped(const char *s, size_t columns, size_t indent)
{
    static char out[1024];
    struct text t;
    text_init(&t, sizeof out - 1);
    layout_wrap(&t, s, columns, 0, indent);
    strcpy(out, text_str(&t));
    text_done(&t);
    return out;
}

static void layout(void **state)
{
    (void)state;
    assert_string_equal(wrapped("one two three", 8, 2), "one two\n  three\n");
    assert_string_equal(wrapped("unbreakably-long-word x", 8, 2), "unbreakably-long-word\n  x\n");
    /* Japanese breaks between characters, counts two columns each, and begins no line with a full stop */
    assert_string_equal(wrapped("これは長い文です。", 10, 0), "これは長い\n文です。\n");
    assert_string_equal(wrapped("これは文です。", 12, 0), "これは文で\nす。\n");
    assert_string_equal(wrapped("の、メールサーバー", 12, 0),
                        "の、\nメールサーバー\n"); /* a katakana word stays whole */
}

static void json(void **state)
{
    (void)state;
    struct text t;
    text_init(&t, 1024);
    struct json j = { .out = &t };
    json_open(&j, NULL, '{');
    json_string(&j, "a", "x\"y");
    json_null(&j, "b");
    json_open(&j, "c", '[');
    json_i64(&j, NULL, -5);
    json_u64(&j, NULL, UINT64_MAX);
    json_close(&j, ']');
    json_seconds(&j, "d", 1500000000);
    json_seconds(&j, "e", -1);
    json_wire(&j, "f", bytes_of("\x1b\xff", 2));
    json_close(&j, '}');
    assert_string_equal(
        text_str(&t),
        "{\"a\":\"x\\\"y\",\"b\":null,\"c\":[-5,18446744073709551615],\"d\":1.5,\"e\":-0.000000001,\"f\":\"\\u001b\xef\xbf\xbd\"}");
    text_done(&t);
}

/* Every kind of value at the end of a text that is as full as can be: each makes room for all that it writes. */
static void json_in_a_full_text(void **state)
{
    (void)state;
    enum { FULLEST = 1100 }; /* the first room is 1024 bytes */
    static const char whole[] =
        "{\"a\":null,\"b\":\"word\",\"c\":null,\"d\":\"string\",\"e\":null,\"f\":\"wire\",\"g\":\"ready\","
        "\"h\":null,\"i\":\"2262-04-11T23:47:16.854775807Z\",\"j\":18446744073709551615,"
        "\"k\":-9223372036854775808,\"l\":-9223372036.854775808,\"m\":false,\"n\":null}";
    for (size_t full = 0; full < FULLEST; full++) {
        struct text t;
        text_init(&t, 4096);
        for (size_t i = 0; i < full; i++)
            text_add_char(&t, '.');
        struct json j = { .out = &t };
        json_open(&j, NULL, '{');
        json_word(&j, "a", NULL);
        json_word(&j, "b", "word");
        json_string(&j, "c", NULL);
        json_string(&j, "d", "string");
        json_wire(&j, "e", bytes_of(NULL, 0));
        json_wire(&j, "f", bytes_str("wire"));
        json_escaped(&j, "g", bytes_str("ready"));
        json_time(&j, "h", TIME_NONE, 9);
        json_time(&j, "i", INT64_MAX, 9);
        json_u64(&j, "j", UINT64_MAX);
        json_i64(&j, "k", INT64_MIN);
        json_seconds(&j, "l", INT64_MIN);
        json_bool(&j, "m", false);
        json_null(&j, "n");
        json_close(&j, '}');
        assert_string_equal(text_str(&t) + full, whole);
        text_done(&t);
    }
}

static void languages(void **state)
{
    (void)state;
    enum lang lang;
    assert_true(lang_parse("ja_JP.UTF-8", &lang));
    assert_int_equal(lang, LANG_JA);
    assert_true(lang_parse("C", &lang));
    assert_int_equal(lang, LANG_EN);
    assert_false(lang_parse("fr_FR", &lang));
    assert_false(lang_parse("jay", &lang));
    assert_string_equal(lang_text(LANG_EN, "What to do"), "What to do");
    assert_string_equal(lang_text(LANG_JA, "What to do"), "対処");
    assert_string_equal(lang_text(LANG_JA, "no such text"), "no such text");
}

/* One attempt written by hand as facts, judged, and told in both languages without a packet. */
static struct judged *by_hand(void)
{
    struct judged *j = mem_alloc(NULL, sizeof *j);
    struct attempt *a = attempt_new(NULL);
    uint8_t device[4] = { 192, 168, 11, 30 }, server[4] = { 203, 0, 113, 25 };
    a->client_addr = ip_addr_v4(device);
    a->server_addr = ip_addr_v4(server);
    a->server_port = 587;
    a->start_seen = true;
    a->tcp_stream = 0;
    a->end = END_FINS;
    a->start_time = a->end_time = 1700445603 * TIME_SECOND;
    a->direction[SIDE_DEVICE].seen = a->direction[SIDE_SERVER].seen = true;
    const struct fact facts[] = {
        { .kind = FACT_SYN, .first_frame = 7, .last_frame = 7, .time = a->start_time },
        { .kind = FACT_SYN_ACK,
          .from = SIDE_SERVER,
          .first_frame = 8,
          .last_frame = 8,
          .time = a->start_time },
        { .kind = FACT_OPEN, .first_frame = 9, .last_frame = 9, .time = a->start_time },
        { .kind = FACT_SMTP_REPLY,
          .from = SIDE_SERVER,
          .first_frame = 14,
          .last_frame = 14,
          .time = a->start_time,
          .reply = { .code = 220,
                     .step = STEP_STARTTLS,
                     .verb = SMTP_STARTTLS,
                     .text = bytes_str("ready for TLS") } },
        { .kind = FACT_CLIENT_HELLO,
          .first_frame = 15,
          .last_frame = 15,
          .time = a->start_time,
          .client_hello = { .newest = 0x0301, .legacy_version = 0x0301 } },
        { .kind = FACT_TLS_ALERT,
          .from = SIDE_SERVER,
          .first_frame = 17,
          .last_frame = 17,
          .time = a->start_time,
          .alert = { .level = ALERT_FATAL, .code = 70, .step = TLS_STEP_CLIENT_HELLO } },
    };
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        timeline_add(a->timeline, &facts[i]);
    j->attempt = a;
    j->id = 1;
    j->file = "by-hand.pcap";
    j->server_name = "secure.example";
    j->summary = (struct summary) { .outcome = OUTCOME_NO_MAIL,
                                    .stage = STAGE_TLS,
                                    .security = SECURITY_STARTTLS,
                                    .tls_seen = true,
                                    .smtp_seen = true };
    const struct fact *f = timeline_first(a->timeline);
    for (; f; f = timeline_next(a->timeline, f)) {
        if (f->kind == FACT_CLIENT_HELLO)
            j->summary.client_hello = f;
        if (f->kind == FACT_TLS_ALERT)
            j->summary.fatal_alert = f;
    }
    assert_true(diagnose_attempt(j, NULL, a->end_time));
    return j;
}

/* In JSON, with its texts kept ready or not; twice, since the second time they are; and one by one or
 * all of a finding together. */
static void texts_kept_ready_are_the_same(const struct judged *j)
{
    for (unsigned pass = 0; pass < 4; pass++) {
        enum lang lang = pass / 2 == 0 ? LANG_EN : LANG_JA;
        struct text plain, ready;
        struct json_options options = { .lang = lang };
        text_init(&plain, 65536);
        text_init(&ready, 65536);
        json_attempt(&plain, &options, j);
        options.phrases = phrases_new(lang);
        options.tellings = pass % 2 == 0 ? tellings_new() : NULL;
        for (unsigned turn = 0; turn < 2; turn++) {
            text_clear(&ready);
            json_attempt(&ready, &options, j);
            assert_string_equal(text_str(&ready), text_str(&plain));
        }
        tellings_free(options.tellings);
        phrases_free(options.phrases);
        text_done(&plain);
        text_done(&ready);
    }
}

/* Of each cause a finding with as many values as texts name, or with none. */
static void each_cause_kept_ready_is_the_same(void **state)
{
    (void)state;
    static const char *const words[] = { "from", "method", "alert_name", "version", "reason" };
    static const char *const numbers[] = { "code", "port", "tries", "usual_port" };
    struct judged *j = by_hand(), one = *j;
    struct finding f;
    one.findings = &f;
    one.finding_count = 1;
    for (size_t i = 0; i < cause_count(); i++)
        for (unsigned values = 0; values < 3; values++) {
            const struct cause *c = cause_at(i);
            finding_begin(&f, c, c->severity);
            finding_wire(&f, "text", bytes_str(values == 2 ? "no \"such\" \xff user" : "no such user"));
            finding_span(&f, "waited", 90 * TIME_SECOND);
            for (size_t k = 0; values > 0 && k < sizeof words / sizeof *words; k++)
                finding_word(&f, words[k], "device");
            for (size_t k = 0; values > 0 && k + values / 2 < sizeof numbers / sizeof *numbers; k++)
                finding_number(&f, numbers[k], 465);
            for (size_t k = 0; k < CAUSE_TEXTS && c->may_advise[k]; k++)
                finding_advice(&f, c->may_advise[k]);
            for (size_t k = 0; k < CAUSE_TEXTS && c->may_rule_out[k]; k++)
                finding_rules_out(&f, c->may_rule_out[k]);
            f.advice_alone = values == 1;
            texts_kept_ready_are_the_same(&one);
        }
    judged_free(j);
}

static void a_story_by_hand(void **state)
{
    (void)state;
    struct judged *j = by_hand();
    assert_int_equal(j->summary.outcome, OUTCOME_FAILED);
    assert_string_equal(j->findings[0].cause->id, "tls-version-refused");
    assert_int_equal(j->findings[0].confidence, CERTAIN);
    struct text out;
    text_init(&out, 65536);
    struct text_options options = { .columns = 80 };
    text_attempt(&out, &options, j, NULL);
    assert_non_null(strstr(text_str(&out), "TLS 1.0 is too old"));
    assert_non_null(strstr(text_str(&out), "port to 465"));
    assert_non_null(strstr(text_str(&out), "tcp.stream == 0 && tls.alert_message.desc == 70"));
    assert_null(strchr(text_str(&out), '{')); /* no placeholder is left */
    text_clear(&out);
    options.lang = LANG_JA;
    text_attempt(&out, &options, j, NULL);
    assert_non_null(strstr(text_str(&out), "TLS 1.0"));
    assert_non_null(strstr(text_str(&out), "「465」"));
    text_clear(&out);
    struct json_options json_options = { .lang = LANG_EN, .timeline = true };
    json_attempt(&out, &json_options, j);
    texts_kept_ready_are_the_same(j);
    assert_non_null(strstr(
        text_str(&out),
        "\"cause\":\"tls-version-refused\",\"severity\":\"failure\",\"primary\":true,\"confidence\":\"certain\""));
    text_done(&out);
    judged_free(j);
}

/* Where the words stand in out, in order. */
static void assert_in_order(const char *out, const char *const *words)
{
    for (; *words; words++) {
        const char *at = strstr(out, *words);
        if (!at)
            fail_msg("\"%s\" is not behind the others in %s", *words, out);
        out = at + strlen(*words);
    }
}

/* What was inferred stands among what was seen, and is marked: as likely, as possible; left out: said. */
static void inferred_steps(void **state)
{
    (void)state;
    struct judged *j = by_hand();
    struct attempt *a = (struct attempt *)j->attempt;
    struct inferred *i = &j->summary.inferred;
    int64_t time = a->start_time;
    attempt_trace(a, SIDE_DEVICE, 23, 60, 16, time);
    attempt_trace(a, SIDE_SERVER, 23, 60, 17, time + 40 * TIME_MILLISECOND);
    *i = (struct inferred) {
        .confidence = INFERRED_LIKELY,
        .steps_confidence = INFERRED_LIKELY,
        .step_count = 2,
        .steps = { { .record = 0, .kind = FACT_AUTH, .what = AUTH_CRAM_MD5 },
                   { .record = 1,
                     .kind = FACT_SMTP_REPLY,
                     .what = STEP_AUTH,
                     .answer = ANSWER_NO } },
    };
    struct text out;
    text_init(&out, 65536);
    struct text_options options = { .columns = 200, .timeline = true };
    text_attempt(&out, &options, j, NULL);
    assert_in_order(
        text_str(&out),
        (const char *const[]) {
            "frame 15", "the device starts encryption", "frame 16",
            "(inferred from sizes, likely) the device signs in; the method fits CRAM-MD5",
            "frame 17", "(inferred from sizes, likely) the server refuses the sign-in", "frame 17",
            "TLS alert", NULL });
    text_clear(&out);
    i->steps_confidence = INFERRED_POSSIBLE;
    i->steps[0].what = AUTH_NONE;
    options.lang = LANG_JA;
    text_attempt(&out, &options, j, NULL);
    assert_in_order(text_str(&out),
                    (const char *const[]) { "(大きさからの推定、可能性あり)機器が認証を開始\n",
                                            "(大きさからの推定、可能性あり)サーバーが認証を拒否\n",
                                            NULL });
    text_clear(&out);
    struct json_options json_options = { LANG_EN, true };
    json_attempt(&out, &json_options, j);
    assert_in_order(
        text_str(&out),
        (const char *const[]) {
            "\"event\":\"auth\",\"origin\":\"inferred\",\"confidence\":\"possible\","
            "\"mechanism\":null}",
            "\"event\":\"reply\",\"origin\":\"inferred\",\"confidence\":\"possible\",\"step\":"
            "\"auth\",\"answer\":\"refused\",\"code\":null,\"text\":null}",
            NULL });
    text_clear(&out);
    i->step_count = INFERRED_STEPS_MAX;
    i->steps_left_out = 7;
    json_attempt(&out, &json_options, j);
    assert_in_order(text_str(&out),
                    (const char *const[]) { "\"event\":\"facts-dropped\",\"origin\":\"inferred\","
                                            "\"confidence\":\"possible\",\"count\":7}",
                                            "\"origin\":\"inferred\"", NULL });
    text_clear(&out);
    i->confidence = INFERRED_NOTHING;
    json_attempt(&out, &json_options, j);
    assert_null(strstr(text_str(&out), "inferred\","));
    text_done(&out);
    judged_free(j);
}

/* What says the same one after the other is one line with all its frames; what breaks off comes before its end. */
static void steps_that_repeat(void **state)
{
    (void)state;
    struct judged *j = by_hand();
    struct attempt *a = j->attempt;
    for (uint32_t i = 0; i < 3; i++)
        timeline_add(a->timeline, &(struct fact) { .kind = FACT_SMTP_REPLY,
                                                   .from = SIDE_SERVER,
                                                   .first_frame = 20 + 2 * i,
                                                   .last_frame = 20 + 2 * i,
                                                   .time = a->start_time + i * 4 * TIME_SECOND,
                                                   .reply = { .code = 500, .step = STEP_OTHER } });
    struct text out;
    text_init(&out, 65536);
    struct text_options options = { .columns = 200 };
    text_attempt(&out, &options, j, NULL);
    assert_in_order(
        text_str(&out),
        (const char *const[]) { "frame 20 ",
                                "the server answers: 500 (3 times within 8 s: frames 20, 22, 24)\n",
                                "What it means", NULL });
    text_clear(&out);
    options.timeline = true;
    text_attempt(&out, &options, j, NULL);
    assert_in_order(text_str(&out), (const char *const[]) { "frame 20 ", "500\n", "frame 22 ",
                                                            "500\n", "frame 24 ", "500\n", NULL });
    text_done(&out);
    judged_free(j);
}

/* What other attempts and devices advise: a way that works, the first thing to do, where to look, the rest, what all
 * share, and last what shows the mail to everybody. */
static void advice_of_others(void **state)
{
    (void)state;
    struct judged *j = by_hand();
    static const struct {
        const char *cause, *advice;
        uint8_t late;
    } others[] = { { "works-with-other-setting", "the open way", 1 },
                   { "fails-for-every-device", "all of them", 0 },
                   { "started-failing", "since then", 0 },
                   { "works-with-other-setting", "the good way", 0 } };
    enum { COUNT = sizeof others / sizeof *others };
    struct finding found[COUNT];
    struct incident_context context = { .count = 1 };
    for (size_t i = 0; i < COUNT; i++) {
        finding_begin(&found[i], cause_find(others[i].cause), SEVERITY_NOTE);
        finding_advice(&found[i], others[i].advice);
        found[i].late_advice = others[i].late;
        context.woven[context.woven_count++] = &found[i];
    }
    struct text out;
    text_init(&out, 65536);
    struct text_options options = { .columns = 200 };
    text_attempt(&out, &options, j, &context);
    assert_in_order(text_str(&out),
                    (const char *const[]) { "What to do\n", "stop as soon as a mail goes out.\n",
                                            "1. the good way\n", "2. In the device's mail settings",
                                            "3. since then\n", "4. Look for newer",
                                            "5. If nothing else helps", "6. all of them\n",
                                            "7. the open way\n", NULL });
    text_done(&out);
    judged_free(j);
}

/* A frame of another file is told with that file. */
static void frames_of_other_files(void **state)
{
    (void)state;
    struct finding f = { 0 };
    struct text out;
    text_init(&out, 200);
    assert_false(story_fill(&out, &(struct subject) { .finding = &f }, "({in_frame})"));
    finding_number(&f, "frame", 41);
    assert_true(story_fill(&out, &(struct subject) { .finding = &f }, "({in_frame})"));
    finding_word(&f, "file", "b.pcap");
    assert_true(story_fill(&out, &(struct subject) { .finding = &f }, "({in_frame})"));
    assert_true(
        story_fill(&out, &(struct subject) { .lang = LANG_JA, .finding = &f }, "({in_frame})"));
    assert_string_equal(text_str(&out), "(frame 41)(frame 41 of b.pcap)(b.pcapのフレーム41)");
    text_done(&out);
}

/* Sizes as a person reads them. */
static void sizes(void **state)
{
    (void)state;
    static const struct {
        int64_t bytes;
        const char *en, *ja;
    } cases[] = { { 999, "999 bytes", "999バイト" }, { 1000, "1 kB", "1kB" },
                  { 999999, "999 kB", "999kB" },     { 1000000, "1 MB", "1MB" },
                  { 10240000, "10.2 MB", "10.2MB" }, { 26214400, "26.2 MB", "26.2MB" } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct finding f = { 0 };
        struct text out;
        text_init(&out, 100);
        finding_size(&f, "size", cases[i].bytes);
        for (enum lang lang = LANG_EN; lang <= LANG_JA; lang++) {
            text_clear(&out);
            assert_true(
                story_fill(&out, &(struct subject) { .lang = lang, .finding = &f }, "{size}"));
            assert_string_equal(text_str(&out), lang == LANG_JA ? cases[i].ja : cases[i].en);
        }
        text_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(layout),
                                        cmocka_unit_test(json),
                                        cmocka_unit_test(json_in_a_full_text),
                                        cmocka_unit_test(languages),
                                        cmocka_unit_test(each_cause_kept_ready_is_the_same),
                                        cmocka_unit_test(a_story_by_hand),
                                        cmocka_unit_test(inferred_steps),
                                        cmocka_unit_test(steps_that_repeat),
                                        cmocka_unit_test(advice_of_others),
                                        cmocka_unit_test(frames_of_other_files),
                                        cmocka_unit_test(sizes) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
