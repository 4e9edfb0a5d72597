/* SPDX-License-Identifier: BSD-3-Clause */
#include "hand.h"

static struct hand introduced(void)
{
    struct hand h = hand_new(587);
    hand_greet(&h);
    hand_ehlo(&h, (struct hand_list) { .starttls = true,
                                       .auth = "PLAIN LOGIN",
                                       .mechanisms = AUTH_BIT(AUTH_PLAIN) | AUTH_BIT(AUTH_LOGIN) });
    return h;
}

static void sender(void **state)
{
    (void)state;
    struct hand h = introduced();
    hand_command(&h, SMTP_MAIL, "FROM:<door@example.net>");
    hand_reply(&h, STEP_MAIL, 550, "no");
    hand_command(&h, SMTP_RCPT, "TO:<me@example.net>");
    hand_reply(&h, STEP_RCPT, 503, "need MAIL first");
    hand_command(&h, SMTP_DATA, "");
    hand_reply(&h, STEP_DATA, 554, "no valid recipients");
    hand_quit(&h);
    hand_judge(&h);
    const struct finding *f = hand_primary(&h, "sender-refused", CERTAIN);
    assert_true(bytes_equal(finding_value(f, "sender")->wire, bytes_str("door@example.net")));
    assert_string_equal(f->filter_field, "smtp.response.code");
    assert_int_equal(f->filter_value, 550);
    assert_int_equal(h.judged->finding_count, 1);
    hand_free(&h);

    h = introduced();
    hand_command(&h, SMTP_MAIL, "FROM:door@example.net");
    hand_reply(&h, STEP_MAIL, 501, "syntax");
    hand_quit(&h);
    hand_expect(&h, "command-rejected", CERTAIN);
}

static void recipient(void **state)
{
    (void)state;
    struct hand h = introduced();
    hand_command(&h, SMTP_MAIL, "FROM:<a@example.net>");
    hand_reply(&h, STEP_MAIL, 250, "ok");
    hand_command(&h, SMTP_RCPT, "TO:<me@example.net>");
    hand_reply(&h, STEP_RCPT, 550, "no");
    hand_quit(&h);
    hand_judge(&h);
    hand_primary(&h, "recipient-refused", CERTAIN);
    assert_int_equal(h.judged->finding_count, 1);
    hand_free(&h);
}

static void message(void **state)
{
    (void)state;
    struct hand h = introduced();
    hand_mail(&h);
    hand_body(&h, true);
    hand_reply(&h, STEP_END, 550, "5.7.1 looks like spam");
    hand_quit(&h);
    hand_judge(&h);
    const struct finding *f = hand_primary(&h, "message-rejected", CERTAIN);
    assert_string_equal(finding_value(f, "reason")->word, "policy");
    assert_int_equal(f->stage, STAGE_DATA);
    hand_free(&h);
}

static void two_mails_refused(void **state)
{
    (void)state;
    struct hand h = introduced();
    for (int i = 0; i < 2; i++) {
        hand_mail(&h);
        hand_body(&h, true);
        hand_reply(&h, STEP_END, 554, "no");
    }
    hand_quit(&h);
    hand_judge(&h);
    hand_primary(&h, "message-rejected", CERTAIN);
    unsigned failures = 0;
    for (size_t i = 0; i < h.judged->finding_count; i++)
        failures += h.judged->findings[i].severity == SEVERITY_FAILURE;
    assert_int_equal(failures, 2);
    assert_null(h.judged->findings[0].filter_field); /* the code stands in both */
    hand_free(&h);
}

static void broken_off(void **state)
{
    (void)state;
    struct hand h = introduced();
    hand_mail(&h);
    hand_body(&h, false);
    hand_rst(&h, SIDE_DEVICE, 64, 64);
    hand_judge(&h);
    hand_primary(&h, "message-not-finished", CERTAIN);
    assert_null(hand_finding(&h, "connection-reset"));
    hand_free(&h);

    h = introduced();
    hand_mail(&h);
    hand_body(&h, false);
    h.judged->attempt->end = END_OPEN;
    hand_judge(&h);
    assert_null(hand_finding(&h, "message-not-finished"));
    hand_free(&h);
}

static void not_now(void **state)
{
    (void)state;
    struct hand h = hand_new(25);
    hand_open(&h);
    hand_reply(&h, STEP_GREETING, 421, "too busy");
    hand_fin(&h, SIDE_SERVER);
    hand_expect(&h, "server-busy", CERTAIN);

    h = introduced();
    hand_command(&h, SMTP_MAIL, "FROM:<a@example.net>");
    hand_reply(&h, STEP_MAIL, 451, "later");
    hand_quit(&h);
    hand_expect(&h, "server-temporary-error", CERTAIN);

    /* after the mail, nothing begun: the server only closes */
    h = introduced();
    hand_mail(&h);
    hand_body(&h, true);
    hand_reply(&h, STEP_END, 250, "queued");
    hand_reply(&h, STEP_UNASKED, 421, "timeout");
    hand_fin(&h, SIDE_SERVER);
    hand_expect_none(&h, OUTCOME_DELIVERED);
}

static void commands(void **state)
{
    (void)state;
    struct hand h = hand_new(25);
    hand_open(&h);
    hand_reply(&h, STEP_GREETING, 554, "no");
    hand_fin(&h, SIDE_SERVER);
    hand_expect(&h, "service-refused", CERTAIN);

    /* HELO after EHLO was refused is how old servers are met */
    h = hand_new(25);
    hand_greet(&h);
    hand_command(&h, SMTP_EHLO, "device");
    hand_reply(&h, STEP_EHLO, 502, "unknown command");
    hand_command(&h, SMTP_HELO, "device");
    hand_reply(&h, STEP_EHLO, 250, "mail.example");
    hand_mail(&h);
    hand_body(&h, true);
    hand_reply(&h, STEP_END, 250, "queued");
    hand_quit(&h);
    hand_expect_none(&h, OUTCOME_DELIVERED);
}

static void goodbyes(void **state)
{
    (void)state;
    struct hand h = introduced();
    hand_quit(&h);
    hand_judge(&h);
    assert_int_equal(h.judged->summary.outcome, OUTCOME_NO_MAIL);
    const struct finding *f = hand_finding(&h, "device-quit-early");
    assert_non_null(f);
    assert_int_equal(f->severity, SEVERITY_WARNING);
    assert_int_equal(f->confidence, POSSIBLE);
    hand_free(&h);

    h = introduced();
    hand_mail(&h);
    hand_quit(&h);
    hand_expect(&h, "device-quit-early", POSSIBLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sender),     cmocka_unit_test(recipient),
        cmocka_unit_test(message),    cmocka_unit_test(two_mails_refused),
        cmocka_unit_test(broken_off), cmocka_unit_test(not_now),
        cmocka_unit_test(commands),   cmocka_unit_test(goodbyes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
