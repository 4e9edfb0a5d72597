/* SPDX-License-Identifier: BSD-3-Clause */
#include "hand.h"

static const struct bytes no_ciphers = { NULL, 0 };

static void tls_where_clear_text_begins(void **state)
{
    (void)state;
    struct hand h = hand_new(587);
    hand_open(&h);
    hand_hello(&h, 0x0303, no_ciphers);
    hand_reply(&h, STEP_GREETING, 220, "mail.example ESMTP");
    hand_fin(&h, SIDE_DEVICE);
    hand_judge(&h);
    const struct finding *f = hand_primary(&h, "tls-on-plain-port", CERTAIN);
    assert_string_equal(f->filter_field, "smtp.response.code");
    assert_int_equal(f->filter_value, 220);
    assert_int_equal(h.judged->finding_count, 1);
    hand_free(&h);

    h = hand_new(2525);
    hand_greet(&h);
    hand_hello(&h, 0x0303, no_ciphers);
    hand_reply(&h, STEP_UNASKED, 500, "Error: bad syntax");
    hand_fin(&h, SIDE_SERVER);
    hand_expect(&h, "tls-on-plain-port", CERTAIN);

    h = hand_new(25);
    hand_open(&h);
    hand_hello(&h, 0x0303, no_ciphers);
    hand_wait(&h, 30 * TIME_SECOND);
    hand_fin(&h, SIDE_DEVICE);
    hand_expect(&h, "tls-on-plain-port", LIKELY);
}

static void tls_from_the_first_byte_on_587_that_works(void **state)
{
    (void)state;
    struct hand h = hand_new(587);
    hand_open(&h);
    hand_hello(&h, 0x0303, no_ciphers);
    hand_server_hello(&h, 0x0303, 0xc02f);
    hand_up(&h, 0x0303, 0xc02f);
    hand_fin(&h, SIDE_DEVICE);
    hand_expect_none(&h, OUTCOME_UNKNOWN);
}

static void clear_text_where_tls_begins(void **state)
{
    (void)state;
    struct hand h = hand_new(465);
    hand_open(&h);
    hand_command(&h, SMTP_EHLO, "device");
    hand_alert(&h, SIDE_SERVER, 70);
    hand_fin(&h, SIDE_SERVER);
    hand_judge(&h);
    hand_primary(&h, "plain-on-tls-port", CERTAIN);
    assert_int_equal(h.judged->finding_count, 1);
    hand_free(&h);

    h = hand_new(465);
    hand_open(&h);
    hand_command(&h, SMTP_EHLO, "device");
    hand_rst(&h, SIDE_SERVER, 60, 60);
    hand_expect(&h, "plain-on-tls-port", LIKELY);

    h = hand_new(465);
    hand_open(&h);
    hand_wait(&h, 30 * TIME_SECOND);
    hand_fin(&h, SIDE_DEVICE);
    hand_judge(&h);
    hand_primary(&h, "plain-on-tls-port", LIKELY);
    assert_int_equal(h.judged->finding_count, 1);
    hand_free(&h);
}

static void somebody_looks_whether_465_answers(void **state)
{
    (void)state;
    struct hand h = hand_new(465);
    hand_open(&h);
    hand_fin(&h, SIDE_DEVICE);
    hand_expect_none(&h, OUTCOME_NO_MAIL);
}

static void clear_text_that_465_understands(void **state)
{
    (void)state;
    struct hand h = hand_new(465);
    hand_greet(&h);
    hand_ehlo(&h, (struct hand_list) {
                      .starttls = true, .auth = "PLAIN", .mechanisms = AUTH_BIT(AUTH_PLAIN) });
    hand_mail(&h);
    hand_body(&h, true);
    hand_reply(&h, STEP_END, 250, "queued");
    hand_quit(&h);
    hand_expect_none(&h, OUTCOME_DELIVERED);
}

static void another_protocol(void **state)
{
    (void)state;
    struct hand h = hand_new(587);
    hand_open(&h);
    hand_command(&h, SMTP_EHLO, "device");
    hand_add(&h, (struct fact) { .kind = FACT_OTHER_PROTOCOL,
                                 .from = SIDE_SERVER,
                                 .other_protocol = { "HTTP" } });
    hand_fin(&h, SIDE_SERVER);
    hand_judge(&h);
    const struct finding *f = hand_primary(&h, "not-a-mail-server", CERTAIN);
    assert_string_equal(finding_value(f, "protocol")->word, "HTTP");
    hand_free(&h);

    /* a browser at port 587 is nobody's mail */
    h = hand_new(587);
    hand_open(&h);
    hand_add(&h, (struct fact) { .kind = FACT_OTHER_PROTOCOL,
                                 .from = SIDE_DEVICE,
                                 .other_protocol = { "HTTP" } });
    hand_add(&h, (struct fact) { .kind = FACT_OTHER_PROTOCOL,
                                 .from = SIDE_SERVER,
                                 .other_protocol = { "HTTP" } });
    hand_fin(&h, SIDE_SERVER);
    hand_expect_none(&h, OUTCOME_NO_MAIL);
}

#define KNOWN "PLAIN LOGIN", AUTH_BIT(AUTH_PLAIN) | AUTH_BIT(AUTH_LOGIN)

static void list_and_goodbye(void **state)
{
    (void)state;
    const struct {
        uint16_t port;
        struct hand_list list;
        const char *cause;
    } cases[] = {
        { 587, { false, false, KNOWN }, "starttls-not-offered" },
        { 587, { false, false, NULL, 0 }, "starttls-not-offered" },
        { 587, { true, false, NULL, 0 }, "auth-not-offered" },
        { 587, { true, false, "NTLM", AUTH_BIT(AUTH_NTLM) }, "auth-no-common-method" },
        { 587, { false, true, KNOWN }, "starttls-stripped" },
        { 587, { true, false, KNOWN }, NULL },
        { 25, { false, false, KNOWN }, NULL },
        { 25, { true, false, NULL, 0 }, NULL },
        { 25, { false, true, NULL, 0 }, NULL },
        { 8025, { false, false, NULL, 0 }, NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hand h = hand_new(cases[i].port);
        hand_greet(&h);
        hand_ehlo(&h, cases[i].list);
        hand_quit(&h);
        if (cases[i].cause)
            hand_expect(&h, cases[i].cause, LIKELY);
        else
            hand_expect_none(&h, OUTCOME_NO_MAIL);
    }
}

static void starttls_no(void **state)
{
    (void)state;
    struct hand h = hand_new(587);
    hand_greet(&h);
    hand_ehlo(&h, (struct hand_list) { .starttls = true });
    hand_command(&h, SMTP_STARTTLS, "");
    hand_reply(&h, STEP_STARTTLS, 454, "TLS not available");
    hand_quit(&h);
    hand_expect(&h, "starttls-refused", CERTAIN);

    h = hand_new(587);
    hand_greet(&h);
    hand_ehlo(&h, (struct hand_list) { .overwritten = true });
    hand_command(&h, SMTP_STARTTLS, "");
    hand_reply(&h, STEP_STARTTLS, 500, "unknown command");
    hand_quit(&h);
    hand_expect(&h, "starttls-stripped", LIKELY);
}

static void starttls_demanded(void **state)
{
    (void)state;
    const struct {
        uint16_t code;
        const char *text;
        bool listed;
        const char *cause;
        enum confidence sure;
    } cases[] = {
        { 530, "Must issue a STARTTLS command first", true, "starttls-required", CERTAIN },
        { 451, "STARTTLS is required to send mail", true, "starttls-required", CERTAIN },
        { 530, "no", true, "starttls-required", LIKELY },
        { 530, "Authentication required", true, "auth-required", CERTAIN },
        { 530, "no", false, "auth-required", LIKELY },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hand h = hand_new(587);
        hand_greet(&h);
        hand_ehlo(&h, (struct hand_list) { .starttls = cases[i].listed });
        hand_command(&h, SMTP_MAIL, "FROM:<a@example.net>");
        hand_reply(&h, STEP_MAIL, cases[i].code, cases[i].text);
        hand_quit(&h);
        hand_judge(&h);
        hand_primary(&h, cases[i].cause, cases[i].sure);
        assert_int_equal(h.judged->finding_count, 1);
        hand_free(&h);
    }
}

static void starttls_agreed_and_not_made(void **state)
{
    (void)state;
    struct hand h = hand_new(587);
    hand_starttls(&h);
    hand_add(&h, (struct fact) { .kind = FACT_TLS_BROKEN,
                                 .from = SIDE_DEVICE,
                                 .tls_broken = { .smtp_text = true } });
    hand_alert(&h, SIDE_SERVER, 70);
    hand_fin(&h, SIDE_SERVER);
    hand_judge(&h);
    hand_primary(&h, "starttls-broken", CERTAIN);
    hand_free(&h);

    /* exported by a decrypting box: both go on in clear text, and it works */
    h = hand_new(587);
    hand_starttls(&h);
    hand_ehlo(&h, (struct hand_list) { .auth = "PLAIN", .mechanisms = AUTH_BIT(AUTH_PLAIN) });
    hand_auth(&h, AUTH_PLAIN, true, true);
    hand_reply(&h, STEP_AUTH, 235, "ok");
    hand_mail(&h);
    hand_body(&h, true);
    hand_reply(&h, STEP_END, 250, "queued");
    hand_quit(&h);
    hand_judge(&h);
    assert_int_equal(h.judged->finding_count, 0);
    assert_int_equal(h.judged->summary.outcome, OUTCOME_DELIVERED);
    hand_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tls_where_clear_text_begins),
        cmocka_unit_test(tls_from_the_first_byte_on_587_that_works),
        cmocka_unit_test(clear_text_where_tls_begins),
        cmocka_unit_test(somebody_looks_whether_465_answers),
        cmocka_unit_test(clear_text_that_465_understands),
        cmocka_unit_test(another_protocol),
        cmocka_unit_test(list_and_goodbye),
        cmocka_unit_test(starttls_no),
        cmocka_unit_test(starttls_demanded),
        cmocka_unit_test(starttls_agreed_and_not_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
