/* SPDX-License-Identifier: BSD-3-Clause */
/* One refusing reply, one cause: what EHLO offered, texts, enhanced codes, codes and steps. */
#include "hand.h"

#define OFFER(m) .auth = #m, .mechanisms = AUTH_BIT(AUTH_##m)

static void hand_coded(struct hand *h, enum smtp_step step, uint16_t code, struct smtp_enhanced e,
                       const char *text)
{
    hand_add(h, (struct fact) { .kind = FACT_SMTP_REPLY,
                                .from = SIDE_SERVER,
                                .reply = { .code = code,
                                           .step = (uint8_t)step,
                                           .verb = h->asked_verb,
                                           .enhanced = e,
                                           .command_frame = h->asked_frame,
                                           .text = bytes_str(text),
                                           .lines = 1 } });
}

static struct hand introduced(struct hand_list list)
{
    struct hand h = hand_new(587);
    hand_greet(&h);
    hand_ehlo(&h, list);
    return h;
}

static void answers_to_auth(void **state)
{
    (void)state;
    static const struct {
        uint16_t code;
        struct smtp_enhanced e;
        const char *text, *cause;
        enum confidence sure;
    } cases[] = {
        { 535,
          { 5, 7, 8 },
          "Error: authentication failed: UGFzc3dvcmQ6",
          "auth-credentials-rejected",
          LIKELY },
        { 535,
          { 5, 7, 8 },
          "Username and Password not accepted.",
          "auth-credentials-rejected",
          LIKELY },
        { 535,
          { 5, 7, 8 },
          "Username and Password not accepted. https://support.google.com/mail - gsmtp",
          "auth-app-password-required",
          LIKELY },
        { 534,
          { 5, 7, 9 },
          "Application-specific password required.",
          "auth-app-password-required",
          CERTAIN },
        { 534,
          { 5, 7, 9 },
          "Authentication mechanism is too weak",
          "auth-method-refused",
          CERTAIN },
        { 534, { 5, 7, 9 }, "", "auth-method-refused", LIKELY },
        { 535,
          { 5, 7, 139 },
          "Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.",
          "auth-disabled-for-account",
          CERTAIN },
        { 535, { 5, 7, 139 }, "in words that nobody knows", "auth-disabled-for-account", CERTAIN },
        { 550,
          { 5, 7, 30 },
          "Basic authentication is not supported for Client Submission.",
          "auth-oauth-required",
          CERTAIN },
        { 535, { 5, 7, 30 }, "", "auth-oauth-required", CERTAIN },
        { 538,
          { 5, 7, 11 },
          "Encryption required for requested authentication mechanism",
          "auth-needs-encryption",
          CERTAIN },
        { 523, { 0 }, "no", "auth-needs-encryption", CERTAIN },
        { 530, { 5, 7, 0 }, "Must issue a STARTTLS command first", "starttls-required", CERTAIN },
        { 530, { 0 }, "no", "starttls-required", LIKELY },
        { 454,
          { 4, 7, 0 },
          "Temporary authentication failure: generic failure",
          "auth-temporary-failure",
          CERTAIN },
        { 454, { 0 }, "", "auth-temporary-failure", CERTAIN },
        { 451,
          { 4, 3, 0 },
          "Authentication server unavailable",
          "auth-temporary-failure",
          CERTAIN },
        { 530,
          { 0 },
          "Invalid username/password combination",
          "auth-credentials-rejected",
          LIKELY },
        { 454,
          { 4, 7, 0 },
          "Too many login attempts, please try again later.",
          "auth-too-many-tries",
          CERTAIN },
        { 451, { 0 }, "Authentication failed: Maximum credits exceeded", "quota-used-up", CERTAIN },
        { 525, { 5, 7, 1 }, "Unauthorized IP address", "auth-place-blocked", CERTAIN },
        { 554,
          { 5, 1, 8 },
          "Email Outgoing Blocked. Sender address blocked",
          "account-suspended",
          CERTAIN },
        { 421, { 0 }, "hm", "server-busy", CERTAIN },
        { 503, { 5, 5, 1 }, "bad sequence", "command-rejected", CERTAIN },
        { 550, { 0 }, "your password is wrong", "auth-credentials-rejected", LIKELY },
        { 550, { 0 }, "no", "command-rejected", CERTAIN },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hand h = introduced((struct hand_list) { .starttls = true, OFFER(PLAIN) });
        hand_auth(&h, AUTH_PLAIN, true, true);
        hand_coded(&h, STEP_AUTH, cases[i].code, cases[i].e, cases[i].text);
        hand_quit(&h);
        hand_judge(&h);
        const struct finding *f = hand_primary(&h, cases[i].cause, cases[i].sure);
        assert_int_equal(finding_value(f, "code")->number, cases[i].code);
        hand_free(&h);
    }
}

/* 503 and 530 in answer to AUTH: the list decides over the text. */
static void the_list_decides(void **state)
{
    (void)state;
    static const struct {
        struct hand_list list;
        uint16_t code;
        const char *cause;
    } cases[] = {
        { { .starttls = true }, 503, "auth-needs-encryption" },
        { { .starttls = true }, 530, "auth-needs-encryption" },
        { { .starttls = false }, 503, "auth-not-offered" },
        { { .starttls = false }, 530, "auth-not-offered" },
        { { .starttls = true }, 502, "auth-not-offered" },
        { { .starttls = true, OFFER(PLAIN) }, 503, "command-rejected" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hand h = introduced(cases[i].list);
        hand_auth(&h, AUTH_PLAIN, cases[i].list.auth != NULL, true);
        hand_reply(&h, STEP_AUTH, cases[i].code, "AUTH command used when not advertised");
        hand_quit(&h);
        hand_expect(&h, cases[i].cause, CERTAIN);
    }
}

static void the_exchange_breaks(void **state)
{
    (void)state;
    struct hand h = introduced((struct hand_list) { OFFER(LOGIN) });
    hand_auth(&h, AUTH_LOGIN, true, false);
    hand_reply(&h, STEP_AUTH, 334, "VXNlcm5hbWU6");
    hand_add(&h, (struct fact) { .kind = FACT_AUTH_STEP,
                                 .from = SIDE_DEVICE,
                                 .auth_step = { .number = 1, .cancel = true } });
    h.asked_frame = h.frame;
    h.asked_verb = SMTP_AUTH_STEP;
    hand_reply(&h, STEP_AUTH, 535, "authentication failed");
    hand_quit(&h);
    hand_expect(&h, "auth-exchange-broken", CERTAIN);

    h = introduced((struct hand_list) { .auth = "XOAUTH2", .mechanisms = AUTH_BIT(AUTH_XOAUTH2) });
    hand_auth(&h, AUTH_XOAUTH2, true, true);
    hand_reply(&h, STEP_AUTH, 334, "eyJzdGF0dXMiOiI0MDAifQ==");
    hand_add(&h, (struct fact) { .kind = FACT_AUTH_STEP,
                                 .from = SIDE_DEVICE,
                                 .auth_step = { .number = 2, .empty = true } });
    hand_reply(&h, STEP_AUTH, 535, "Username and Password not accepted.");
    hand_quit(&h);
    hand_expect(&h, "auth-token-rejected", CERTAIN);
}

static void three_methods(void **state)
{
    (void)state;
    static const enum auth_mechanism tried[] = { AUTH_CRAM_MD5, AUTH_LOGIN, AUTH_PLAIN };
    struct hand h =
        introduced((struct hand_list) { .auth = "GSSAPI", .mechanisms = AUTH_BIT(AUTH_GSSAPI) });
    for (size_t i = 0; i < 3; i++) {
        hand_auth(&h, tried[i], false, false);
        hand_reply(&h, STEP_AUTH, 504, "unrecognized authentication type");
    }
    hand_quit(&h);
    hand_judge(&h);
    const struct finding *f = hand_primary(&h, "auth-method-refused", CERTAIN);
    assert_string_equal(finding_value(f, "method")->word, "CRAM-MD5");
    assert_string_equal(finding_value(f, "second_method")->word, "LOGIN");
    assert_string_equal(finding_value(f, "third_method")->word, "PLAIN");
    assert_int_equal(h.judged->finding_count, 1);
    hand_free(&h);

    h = introduced((struct hand_list) { OFFER(LOGIN) });
    for (size_t i = 0; i < 5; i++) {
        hand_auth(&h, AUTH_LOGIN, true, false);
        hand_reply(&h, STEP_AUTH, 535, "authentication failed");
    }
    hand_quit(&h);
    hand_judge(&h);
    assert_int_equal(
        finding_value(hand_primary(&h, "auth-credentials-rejected", LIKELY), "tries")->number, 5);
    assert_int_equal(h.judged->finding_count, 1);
    hand_free(&h);
}

static void answers_to_the_envelope(void **state)
{
    (void)state;
    static const struct {
        enum smtp_step step;
        uint16_t code;
        struct smtp_enhanced e;
        const char *text, *cause;
        enum confidence sure;
    } cases[] = {
        { STEP_MAIL, 550, { 0 }, "sender address is not allowed", "sender-not-allowed", CERTAIN },
        { STEP_MAIL, 550, { 0 }, "no", "sender-refused", CERTAIN },
        { STEP_MAIL, 535, { 0 }, "Authentication required", "auth-required", CERTAIN },
        { STEP_MAIL, 534, { 0 }, "Message too big", "message-too-big", CERTAIN },
        { STEP_MAIL, 552, { 0 }, "no", "message-too-big", LIKELY },
        { STEP_MAIL, 452, { 4, 3, 1 }, "no", "server-storage-full", LIKELY },
        { STEP_MAIL, 421, { 0 }, "idle for too long", "device-silent", CERTAIN },
        { STEP_MAIL, 451, { 4, 4, 2 }, "no", "device-silent", LIKELY },
        { STEP_RCPT, 550, { 5, 1, 1 }, "no", "recipient-unknown", CERTAIN },
        { STEP_RCPT, 553, { 5, 1, 2 }, "no", "recipient-unknown", LIKELY },
        { STEP_RCPT, 450, { 4, 1, 1 }, "no", "server-temporary-error", CERTAIN },
        { STEP_RCPT,
          550,
          { 0 },
          "Greetings, <spamhaus@example.jp> is no reason",
          "recipient-refused",
          CERTAIN },
        { STEP_RCPT, 550, { 0 }, "Relay access denied", "relay-denied", CERTAIN },
        { STEP_RCPT, 551, { 0 }, "Relay access denied", "relay-denied", LIKELY },
        { STEP_RCPT, 552, { 0 }, "no", "mailbox-full", LIKELY },
        { STEP_RCPT,
          450,
          { 4, 2, 0 },
          "Greylisted, see http://example.test",
          "greylisted",
          CERTAIN },
        { STEP_RCPT,
          452,
          { 4, 5, 3 },
          "Error: too many recipients",
          "too-many-recipients",
          CERTAIN },
        { STEP_RCPT, 550, { 5, 7, 25 }, "no", "address-blocked", LIKELY },
        { STEP_MAIL, 552, { 5, 7, 0 }, "no", "sender-refused", CERTAIN },
        { STEP_RCPT,
          450,
          { 4, 1, 1 },
          "<x@example.net>: unverified address: Address verification in progress",
          "server-temporary-error",
          CERTAIN },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hand h = introduced((struct hand_list) { .starttls = false });
        hand_command(&h, SMTP_MAIL, "FROM:<door@example.net>");
        if (cases[i].step == STEP_RCPT) {
            hand_reply(&h, STEP_MAIL, 250, "ok");
            hand_command(&h, SMTP_RCPT, "TO:<me@example.net>");
        }
        hand_coded(&h, cases[i].step, cases[i].code, cases[i].e, cases[i].text);
        hand_quit(&h);
        hand_expect(&h, cases[i].cause, cases[i].sure);
    }
}

static void size_above_the_limit(void **state)
{
    (void)state;
    struct hand h = introduced((struct hand_list) { .starttls = false });
    hand_add(&h, (struct fact) { .kind = FACT_SMTP_CAPABILITIES,
                                 .from = SIDE_SERVER,
                                 .capabilities = { .esmtp = true, .size = 1000 } });
    hand_add(&h, (struct fact) { .kind = FACT_SMTP_COMMAND,
                                 .from = SIDE_DEVICE,
                                 .command = { .verb = SMTP_MAIL,
                                              .arg = bytes_str("FROM:<a@b> SIZE=2000"),
                                              .size = 2000 } });
    h.asked_frame = h.frame;
    h.asked_verb = SMTP_MAIL;
    hand_reply(&h, STEP_MAIL, 550, "no");
    hand_quit(&h);
    hand_judge(&h);
    const struct finding *f = hand_primary(&h, "message-too-big", CERTAIN);
    assert_int_equal(finding_value(f, "size")->number, 2000);
    assert_int_equal(finding_value(f, "limit")->number, 1000);
    hand_free(&h);
}

static void some_recipients(void **state)
{
    (void)state;
    for (unsigned again = 0; again < 2; again++) {
        struct hand h = introduced((struct hand_list) { .starttls = false });
        hand_mail(&h);
        hand_command(&h, SMTP_RCPT, "TO:<you@example.net>");
        hand_reply(&h, STEP_RCPT, 550, "user unknown");
        if (again) {
            hand_command(&h, SMTP_RCPT, "TO:<you@example.net>");
            hand_reply(&h, STEP_RCPT, 250, "ok");
        }
        hand_body(&h, true);
        hand_reply(&h, STEP_END, 250, "queued");
        hand_quit(&h);
        if (again) {
            hand_expect_none(&h, OUTCOME_DELIVERED);
            continue;
        }
        h.judged->summary.outcome = OUTCOME_NO_MAIL;
        hand_judge(&h);
        assert_non_null(hand_finding(&h, "some-recipients-refused"));
        assert_string_equal(
            finding_value(hand_finding(&h, "some-recipients-refused"), "cause")->word,
            "recipient-unknown");
        assert_null(hand_finding(&h, "recipient-unknown"));
        hand_free(&h);
    }
}

static void what_follows_is_no_cause(void **state)
{
    (void)state;
    struct hand h = introduced((struct hand_list) { .starttls = false });
    hand_command(&h, SMTP_MAIL, "FROM:<door@example.net>");
    hand_reply(&h, STEP_MAIL, 550, "blocked using the list");
    hand_command(&h, SMTP_RCPT, "TO:<me@example.net>");
    hand_reply(&h, STEP_RCPT, 503, "need MAIL");
    hand_command(&h, SMTP_DATA, "");
    hand_reply(&h, STEP_DATA, 503, "need RCPT");
    hand_command(&h, SMTP_RSET, "");
    hand_reply(&h, STEP_RSET, 550, "blocked using the list");
    hand_quit(&h);
    hand_judge(&h);
    assert_int_equal(h.judged->finding_count, 1);
    hand_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_to_auth),         cmocka_unit_test(the_list_decides),
        cmocka_unit_test(the_exchange_breaks),     cmocka_unit_test(three_methods),
        cmocka_unit_test(answers_to_the_envelope), cmocka_unit_test(size_above_the_limit),
        cmocka_unit_test(some_recipients),         cmocka_unit_test(what_follows_is_no_cause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
