/* SPDX-License-Identifier: BSD-3-Clause */
#include "hand.h"

static struct hand delivered(uint16_t port)
{
    struct hand h = hand_new(port);
    hand_greet(&h);
    hand_ehlo(&h, (struct hand_list) { .starttls = true });
    hand_mail(&h);
    hand_body(&h, true);
    hand_reply(&h, STEP_END, 250, "queued");
    hand_quit(&h);
    hand_judge(&h);
    return h;
}

static void mail_in_clear(void **state)
{
    (void)state;
    struct hand h = delivered(587);
    assert_int_equal(hand_finding(&h, "mail-in-clear")->severity, SEVERITY_WARNING);
    hand_free(&h);
    h = delivered(25);
    assert_int_equal(hand_finding(&h, "mail-in-clear")->severity, SEVERITY_NOTE);
    hand_free(&h);
}

static struct hand in_use(uint16_t version, uint16_t cipher)
{
    struct hand h = hand_new(465);
    hand_open(&h);
    hand_hello(&h, version, (struct bytes) { NULL, 0 });
    hand_server_hello(&h, version, cipher);
    hand_up(&h, version, cipher);
    hand_fin(&h, SIDE_DEVICE);
    hand_judge(&h);
    return h;
}

static void old_encryption(void **state)
{
    (void)state;
    struct hand h = in_use(0x0301, 0x0005); /* RSA with RC4 */
    assert_string_equal(finding_value(hand_finding(&h, "tls-version-old"), "version")->word,
                        "TLS 1.0");
    assert_string_equal(finding_value(hand_finding(&h, "tls-cipher-weak"), "cipher")->word,
                        "TLS_RSA_WITH_RC4_128_SHA");
    assert_int_equal(h.judged->summary.outcome, OUTCOME_UNKNOWN);
    hand_free(&h);
    h = in_use(0x0303, 0xc02f);
    assert_int_equal(h.judged->finding_count, 0);
    hand_free(&h);
}

enum { DAYS_FOREVER = 4000 };
#define DAY (86400 * TIME_SECOND)

/* A session over TLS 1.2 with this certificate; days: until it expires, since it began. */
struct shown {
    const char *names;
    bool self_signed;
    int days_left, days_old;
    bool device_silent, chain_expired;
};

static struct hand session_with(struct shown shown)
{
    struct hand h = hand_new(465);
    hand_open(&h);
    h.judged->server_name = h.judged->looked_up = "smtp.example.jp";
    hand_hello(&h, 0x0303, (struct bytes) { NULL, 0 });
    hand_server_hello(&h, 0x0303, 0xc02f);
    hand_add(&h,
             (struct fact) {
                 .kind = FACT_CERTIFICATE,
                 .from = SIDE_SERVER,
                 .certificate = { .count = 1,
                                  .readable = true,
                                  .self_signed = shown.self_signed,
                                  .not_before = h.time - shown.days_old * DAY,
                                  .not_after = h.time + shown.days_left * DAY + TIME_SECOND,
                                  .chain_not_after = shown.chain_expired ? h.time - DAY : TIME_NONE,
                                  .subject = bytes_str(shown.names),
                                  .issuer = bytes_str("CA"),
                                  .names = bytes_str(shown.names) } });
    hand_up(&h, 0x0303, 0xc02f);
    attempt_trace(h.judged->attempt, SIDE_SERVER, 23, 60, h.frame, h.time);
    if (!shown.device_silent)
        attempt_trace(h.judged->attempt, SIDE_DEVICE, 23, 30, h.frame, h.time);
    hand_fin(&h, SIDE_DEVICE);
    hand_judge(&h);
    return h;
}

static void assert_problem(struct shown shown, const char *problem)
{
    struct hand h = session_with(shown);
    const struct finding *f = NULL;
    for (size_t i = 0; i < h.judged->finding_count; i++)
        if (strcmp(h.judged->findings[i].cause->id, "cert-problem-ignored") == 0)
            f = &h.judged->findings[i];
    assert_int_equal(f != NULL, problem != NULL);
    if (f) {
        assert_string_equal(finding_value(f, "problem")->word, problem);
        assert_int_equal(f->severity, SEVERITY_WARNING);
    }
    hand_free(&h);
}

static void faults_that_were_ignored(void **state)
{
    (void)state;
    assert_problem((struct shown) { "smtp.example.jp", .days_left = DAYS_FOREVER }, NULL);
    assert_problem(
        (struct shown) { "*.example.jp", .days_left = DAYS_FOREVER, .chain_expired = true }, NULL);
    assert_problem((struct shown) { "mail.example.net", .days_left = DAYS_FOREVER }, "other-name");
    assert_problem((struct shown) { "smtp.example.jp", .days_left = -2, .days_old = 90 },
                   "expired");
    assert_problem((struct shown) { "smtp.example.jp", .days_left = 90, .days_old = -2 },
                   "not-yet-valid");
    assert_problem(
        (struct shown) { "localhost", .days_left = -2, .days_old = 90, .self_signed = true },
        "self-signed");
}

/* The device that leaves without a word may have looked at it. */
static void faults_that_were_not(void **state)
{
    (void)state;
    assert_problem(
        (struct shown) { "mail.example.net", .days_left = DAYS_FOREVER, .device_silent = true },
        NULL);
    struct hand h = session_with(
        (struct shown) { "mail.example.net", .days_left = DAYS_FOREVER, .device_silent = true });
    assert_string_equal(h.judged->findings[0].cause->id, "cert-name-mismatch");
    assert_int_equal(h.judged->findings[0].confidence, LIKELY);
    assert_int_equal(h.judged->summary.outcome, OUTCOME_FAILED);
    hand_free(&h);
    h = session_with(
        (struct shown) { "smtp.example.jp", .days_left = DAYS_FOREVER, .device_silent = true });
    assert_int_equal(h.judged->finding_count, 0);
    hand_free(&h);
}

static void expires_soon(void **state)
{
    (void)state;
    static const struct {
        int left, old, found;
    } cases[] = { { 29, 60, 1 }, { 0, 60, 1 }, { 30, 60, 0 },
                  { -1, 60, 0 }, { 5, 1, 0 },  { 9, 1, 1 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hand h = session_with((struct shown) { "smtp.example.jp", .days_left = cases[i].left,
                                                      .days_old = cases[i].old });
        unsigned found = 0;
        for (size_t k = 0; k < h.judged->finding_count; k++)
            found += strcmp(h.judged->findings[k].cause->id, "cert-expires-soon") == 0;
        assert_int_equal(found, cases[i].found);
        hand_free(&h);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mail_in_clear),
        cmocka_unit_test(old_encryption),
        cmocka_unit_test(faults_that_were_ignored),
        cmocka_unit_test(faults_that_were_not),
        cmocka_unit_test(expires_soon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
