/* SPDX-License-Identifier: BSD-3-Clause */
#include "hand.h"

static const struct hand_list all = { .starttls = true,
                                      .auth = "CRAM-MD5 LOGIN PLAIN",
                                      .mechanisms = AUTH_BIT(AUTH_CRAM_MD5) | AUTH_BIT(AUTH_LOGIN) |
                                                    AUTH_BIT(AUTH_PLAIN) };

static struct hand signed_in(enum auth_mechanism m, uint16_t code, const char *text)
{
    struct hand h = hand_new(587);
    hand_greet(&h);
    hand_ehlo(&h, all);
    hand_auth(&h, m, true, false);
    hand_reply(&h, STEP_AUTH, code, text);
    return h;
}

static void the_method_is_refused(void **state)
{
    (void)state;
    const struct {
        enum auth_mechanism m;
        uint16_t code;
        const char *text;
    } cases[] = {
        { AUTH_CRAM_MD5, 535, "CRAM-MD5 not supported for secure.plala.or.jp" },
        { AUTH_CRAM_MD5, 504, "" },
        { AUTH_LOGIN, 504, "5.7.4 Unrecognized authentication type" },
        { AUTH_CRAM_MD5, 535, "5.7.8 Error: authentication failed: no mechanism available" },
        { AUTH_DIGEST_MD5, 535,
          "5.7.8 Error: authentication failed: Invalid authentication mechanism" },
        { AUTH_PLAIN, 535, "Authentication mechanism PLAIN is disabled" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hand h = signed_in(cases[i].m, cases[i].code, cases[i].text);
        hand_quit(&h);
        hand_judge(&h);
        const struct finding *f = hand_primary(&h, "auth-method-refused", CERTAIN);
        assert_string_equal(finding_value(f, "method")->word, auth_mechanism_name(cases[i].m));
        assert_true(finding_value(f, "advertised")->flag);
        assert_null(hand_finding(&h, "auth-credentials-rejected"));
        assert_null(hand_finding(&h, "command-rejected"));
        hand_free(&h);
    }
}

static void name_or_password_is_refused(void **state)
{
    (void)state;
    const struct {
        enum auth_mechanism m;
        const char *text;
        enum confidence sure;
    } cases[] = {
        { AUTH_LOGIN, "5.7.8 Error: authentication failed", LIKELY },
        { AUTH_LOGIN, "Incorrect login or password", LIKELY },
        { AUTH_LOGIN, "login invalid: incorrect authentication data", LIKELY },
        { AUTH_CRAM_MD5, "", LIKELY },
        { AUTH_CRAM_MD5, "CRAM-MD5 authentication failed: user unknown", LIKELY },
        { AUTH_PLAIN, "access is restricted in your region", POSSIBLE },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hand h = signed_in(cases[i].m, 535, cases[i].text);
        hand_quit(&h);
        hand_judge(&h);
        hand_primary(&h, "auth-credentials-rejected", cases[i].sure);
        assert_null(hand_finding(&h, "auth-method-refused"));
        hand_free(&h);
    }
}

static void the_method_is_the_look_alike(void **state)
{
    (void)state;
    struct hand h = signed_in(AUTH_CRAM_MD5, 535, "");
    hand_quit(&h);
    hand_judge(&h);
    assert_non_null(finding_value(&h.judged->findings[0], "only_digest"));
    hand_free(&h);

    h = signed_in(AUTH_LOGIN, 535, "");
    hand_quit(&h);
    hand_judge(&h);
    assert_null(finding_value(&h.judged->findings[0], "only_digest"));
    hand_free(&h);
}

static void another_method_made_it_good(void **state)
{
    (void)state;
    struct hand h = signed_in(AUTH_CRAM_MD5, 535, "CRAM-MD5 not supported");
    hand_auth(&h, AUTH_LOGIN, true, false);
    hand_auth_step(&h, 1);
    hand_auth_step(&h, 2);
    hand_reply(&h, STEP_AUTH, 235, "ok");
    hand_command(&h, SMTP_MAIL, "FROM:<a@example.net>");
    hand_reply(&h, STEP_MAIL, 250, "ok");
    hand_command(&h, SMTP_RCPT, "TO:<b@example.net>");
    hand_reply(&h, STEP_RCPT, 550, "no");
    hand_quit(&h);
    hand_judge(&h);
    hand_primary(&h, "recipient-refused", CERTAIN);
    assert_int_equal(hand_finding(&h, "auth-method-refused")->severity, SEVERITY_WARNING);
    assert_non_null(hand_finding(&h, "password-in-clear"));
    hand_free(&h);
}

static void another_method_and_still_no(void **state)
{
    (void)state;
    struct hand h = signed_in(AUTH_CRAM_MD5, 504, "not supported");
    hand_auth(&h, AUTH_LOGIN, true, false);
    hand_reply(&h, STEP_AUTH, 535, "authentication failed");
    hand_quit(&h);
    hand_judge(&h);
    hand_primary(&h, "auth-credentials-rejected", LIKELY);
    hand_free(&h);
}

static void a_space_behind_the_name(void **state)
{
    (void)state;
    struct hand h = hand_new(587);
    hand_greet(&h);
    hand_ehlo(&h, all);
    hand_auth(&h, AUTH_PLAIN, true, true);
    hand_add(&h, (struct fact) { .kind = FACT_AUTH_IDENTITY,
                                 .from = SIDE_DEVICE,
                                 .identity = { .user = bytes_str("door "),
                                               .user_trailing_blank = true,
                                               .password_known = true,
                                               .empty_password = true } });
    hand_reply(&h, STEP_AUTH, 535, "authentication failed");
    hand_quit(&h);
    hand_judge(&h);
    const struct finding *f = hand_primary(&h, "auth-credentials-rejected", LIKELY);
    assert_true(finding_value(f, "user_trailing_blank")->flag);
    assert_true(finding_value(f, "empty_password")->flag);
    assert_non_null(f->headline);
    hand_free(&h);
}

static void no_sign_in_listed(void **state)
{
    (void)state;
    struct hand h = hand_new(587);
    hand_greet(&h);
    hand_ehlo(&h, (struct hand_list) { .starttls = false });
    hand_auth(&h, AUTH_LOGIN, false, false);
    hand_reply(&h, STEP_AUTH, 503, "AUTH command used when not advertised");
    hand_quit(&h);
    hand_judge(&h);
    hand_primary(&h, "auth-not-offered", CERTAIN);
    assert_int_equal(h.judged->finding_count, 1);
    hand_free(&h);

    /* on port 465 already, read with a key: that port is no advice, and nothing was tried */
    h = hand_new(465);
    hand_open(&h);
    hand_hello(&h, 0x0303, bytes_of(NULL, 0));
    hand_up(&h, 0x0303, 0xc02f);
    hand_reply_in(&h, ORIGIN_DECRYPTED, STEP_GREETING, 220, "mail.example");
    hand_ehlo_in(&h, ORIGIN_DECRYPTED, (struct hand_list) { .starttls = false });
    h.judged->attempt->decrypted = true;
    hand_quit(&h);
    hand_judge(&h);
    const struct finding *f = hand_finding(&h, "auth-not-offered");
    assert_non_null(f);
    assert_true(f->advice_alone);
    assert_true(bytes_find_nocase(bytes_str(f->advice[0]), "587") >= 0);
    assert_true(bytes_find_nocase(bytes_str(f->meaning), "refused") < 0);
    hand_free(&h);
}

static void sign_in_wanted(void **state)
{
    (void)state;
    struct hand h = hand_new(587);
    hand_greet(&h);
    hand_ehlo(&h, all);
    hand_command(&h, SMTP_MAIL, "FROM:<a@example.net>");
    hand_reply(&h, STEP_MAIL, 250, "ok");
    hand_command(&h, SMTP_RCPT, "TO:<b@example.net>");
    hand_reply(&h, STEP_RCPT, 550, "5.7.1 Authentication required");
    hand_quit(&h);
    hand_judge(&h);
    hand_primary(&h, "auth-required", CERTAIN);
    assert_int_equal(h.judged->finding_count, 1);
    hand_free(&h);
}

static void half_seen(void **state)
{
    (void)state;
    /* the device's side is missing */
    struct hand h = hand_new(587);
    h.judged->attempt->one_sided = true;
    h.judged->attempt->start_seen = false;
    hand_reply(&h, STEP_GREETING, 220, "mail.example");
    hand_reply(&h, STEP_AUTH, 535, "CRAM-MD5 not supported");
    hand_judge(&h);
    const struct finding *f = hand_primary(&h, "auth-method-refused", LIKELY);
    assert_string_equal(f->lowered, "one-sided");
    assert_null(finding_value(f, "advertised"));
    hand_free(&h);
}

/* What the server alone says of a sign-in: the method of its refusal, if it is beyond doubt. */
static void by_the_servers_words(void **state)
{
    (void)state;
    static const struct {
        const char *challenge; /* NULL: none was given */
        const char *refusal;
        const char *method; /* NULL: not to be known */
        bool advertised;
    } cases[] = {
        { "PDEyMy40NTZAbWFpbC5leGFtcGxlPg==", "CRAM-MD5 not supported for you", "CRAM-MD5", true },
        { "PDEyMy40NTZAbWFpbC5leGFtcGxlPg==", "Authentication not supported", "CRAM-MD5", true },
        { NULL, "CRAM-MD5 authentication is disabled", "CRAM-MD5", true },
        { NULL, "mechanism NTLM not available", "NTLM", false },
        { "PDEyMy40NTZAbWFpbC5leGFtcGxlPg==", "NTLM not available", NULL, false }, /* two */
        { NULL, "Authentication not supported, use CRAM-MD5", NULL, false },
        { NULL, "authentication method LOGIN not allowed", NULL, false },
        { NULL, "authentication mechanism XCRAM-MD5 not supported", NULL, false },
        { "VXNlcm5hbWU6", "Authentication not supported", NULL, false },
        { "PDEyMzQ1Nj4=", "Authentication not supported", NULL, false },       /* <123456> */
        { "PHg+IGEgPG1AaD4=", "Authentication not supported", NULL, false },   /* <x> a <m@h> */
        { "PDEyMy40NTZAbWFpbA", "Authentication not supported", NULL, false }, /* cut short */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hand h = hand_new(587);
        h.judged->attempt->one_sided = true;
        h.judged->attempt->start_seen = false;
        hand_reply(&h, STEP_GREETING, 220, "mail.example");
        hand_add(&h, (struct fact) { .kind = FACT_SMTP_CAPABILITIES,
                                     .from = SIDE_SERVER,
                                     .capabilities = { .esmtp = true,
                                                       .auth = true,
                                                       .mechanisms = AUTH_BIT(AUTH_CRAM_MD5),
                                                       .auth_words = bytes_str("CRAM-MD5") } });
        if (cases[i].challenge)
            hand_reply(&h, STEP_AUTH, 334, cases[i].challenge);
        uint32_t challenged = h.frame;
        hand_reply(&h, STEP_AUTH, 504, cases[i].refusal);
        hand_judge(&h);
        const struct finding *f = hand_primary(&h, "auth-method-refused", LIKELY);
        const struct value *method = finding_value(f, "method");
        const struct value *advertised = finding_value(f, "advertised");
        if (!cases[i].method)
            assert_null(method);
        else
            assert_string_equal(method->word, cases[i].method);
        assert_int_equal(advertised && advertised->flag, cases[i].advertised);
        assert_int_equal(f->frames[0],
                         cases[i].method && cases[i].challenge ? challenged : h.frame);
        hand_free(&h);
    }
}

/* Memory was out somewhere: what was lost may have told more. */
static void something_lost(void **state)
{
    (void)state;
    for (int lost = 0; lost < 2; lost++) {
        struct hand h = hand_new(587);
        hand_greet(&h);
        hand_ehlo(&h, (struct hand_list) { .auth = "CRAM-MD5" });
        hand_auth(&h, AUTH_CRAM_MD5, true, false);
        hand_reply(&h, STEP_AUTH, 535, "CRAM-MD5 not supported");
        h.judged->attempt->gaps = lost;
        hand_judge(&h);
        const struct finding *f = hand_primary(&h, "auth-method-refused", lost ? LIKELY : CERTAIN);
        assert_true(lost ? strcmp(f->lowered, "gap") == 0 : f->lowered == NULL);
        hand_free(&h);
    }
}

static void delivered_with_a_password_in_clear(void **state)
{
    (void)state;
    struct hand h = hand_new(587);
    hand_greet(&h);
    hand_ehlo(&h, all);
    hand_auth(&h, AUTH_LOGIN, true, false);
    hand_auth_step(&h, 1);
    hand_auth_step(&h, 2);
    hand_reply(&h, STEP_AUTH, 235, "ok");
    hand_mail(&h);
    hand_body(&h, true);
    hand_reply(&h, STEP_END, 250, "queued");
    hand_quit(&h);
    hand_judge(&h);
    assert_int_equal(h.judged->finding_count, 2);
    assert_int_equal(hand_finding(&h, "password-in-clear")->severity, SEVERITY_WARNING);
    assert_int_equal(hand_finding(&h, "mail-in-clear")->severity, SEVERITY_WARNING);
    hand_free(&h);

    /* only the name was asked for */
    h = signed_in(AUTH_LOGIN, 334, "VXNlcm5hbWU6");
    hand_fin(&h, SIDE_DEVICE);
    hand_judge(&h);
    assert_null(hand_finding(&h, "password-in-clear"));
    hand_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_method_is_refused),
        cmocka_unit_test(name_or_password_is_refused),
        cmocka_unit_test(the_method_is_the_look_alike),
        cmocka_unit_test(another_method_made_it_good),
        cmocka_unit_test(another_method_and_still_no),
        cmocka_unit_test(a_space_behind_the_name),
        cmocka_unit_test(no_sign_in_listed),
        cmocka_unit_test(sign_in_wanted),
        cmocka_unit_test(half_seen),
        cmocka_unit_test(something_lost),
        cmocka_unit_test(by_the_servers_words),
        cmocka_unit_test(delivered_with_a_password_in_clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
