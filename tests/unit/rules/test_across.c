/* SPDX-License-Identifier: BSD-3-Clause */
#include "hand.h"

#include "history/recovery.h"
#include "rules/across.h"

static struct past_attempt past(uint32_t id, uint16_t port, enum security security,
                                enum outcome outcome)
{
    return (struct past_attempt) { .id = id,
                                   .port = port,
                                   .security = (uint8_t)security,
                                   .outcome = (uint8_t)outcome,
                                   .proof_frame = id * 10,
                                   .start = (int64_t)id * TIME_SECOND,
                                   .server_name = "secure.example",
                                   .server = { .family = 4, .b = { 203, 0, 113, 25 } } };
}

static size_t line_of(struct past_attempt *all, uint32_t count, struct device_line *line)
{
    static struct device device;
    device = (struct device) { .past = all, .past_count = count };
    *line = (struct device_line) { .device = &device };
    across_device(line, NULL);
    return line->finding_count;
}

static void the_story(void **state)
{
    (void)state;
    struct past_attempt all[] = { past(1, 587, SECURITY_NONE, OUTCOME_FAILED),
                                  past(2, 587, SECURITY_STARTTLS, OUTCOME_FAILED),
                                  past(3, 465, SECURITY_IMPLICIT_TLS, OUTCOME_UNKNOWN),
                                  past(4, 587, SECURITY_NONE, OUTCOME_DELIVERED) };
    all[0].auth = AUTH_CRAM_MD5;
    all[2].lively = true;
    all[2].tls_version = 0x0303;
    all[3].auth = AUTH_LOGIN;
    struct device_line line;
    assert_int_equal(line_of(all, 4, &line), 2);
    const struct finding *ssl = &line.findings[0], *none = &line.findings[1];
    assert_int_equal(ssl->confidence, LIKELY);
    assert_int_equal(finding_value(ssl, "port")->number, 465);
    assert_string_equal(finding_value(ssl, "security")->word, "implicit-tls");
    assert_string_equal(finding_value(ssl, "tls_version")->word, "TLS 1.2");
    assert_int_equal(ssl->attempt_count, 2);
    assert_int_equal(ssl->attempts[0], 1);
    assert_int_equal(ssl->advice_count, 1);
    assert_int_equal(none->confidence, CERTAIN);
    assert_true(finding_value(none, "shows_password")->flag);
    assert_string_equal(finding_value(none, "method")->word, "LOGIN");
}

/* Nobody's port is at fault where the recipient is unknown; where the same mail went out another way, it may be. */
static void another_mail(void **state)
{
    (void)state;
    struct past_attempt all[] = { past(1, 587, SECURITY_STARTTLS, OUTCOME_FAILED),
                                  past(2, 465, SECURITY_IMPLICIT_TLS, OUTCOME_DELIVERED) };
    struct device_line line;
    all[0].cause = "recipient-unknown";
    all[0].envelope = 1;
    all[1].envelope = 2;
    assert_int_equal(line_of(all, 2, &line), 0);
    all[1].envelope = 1;
    assert_int_equal(line_of(all, 2, &line), 1);

    all[0].envelope = all[1].envelope = 0; /* inside TLS, without a key */
    all[0].cause = "encrypted-recipient-refused";
    all[0].auth = AUTH_PLAIN;
    assert_int_equal(line_of(all, 2, &line), 0);
    all[0].auth = AUTH_NONE; /* perhaps for that */
    assert_int_equal(line_of(all, 2, &line), 1);
    all[0].cause = "encrypted-message-rejected";
    assert_int_equal(line_of(all, 2, &line), 0);
    all[0].cause = "relay-denied";
    assert_int_equal(line_of(all, 2, &line), 1);

    /* nor has it begun to fail since another mail went out */
    struct past_attempt since[] = { past(1, 587, SECURITY_STARTTLS, OUTCOME_DELIVERED),
                                    past(2, 587, SECURITY_STARTTLS, OUTCOME_FAILED) };
    since[1].cause = "recipient-unknown";
    since[0].envelope = 1;
    since[1].envelope = 2;
    assert_int_equal(line_of(since, 2, &line), 0);
    since[1].envelope = 1;
    assert_int_equal(line_of(since, 2, &line), 1);
    since[1].envelope = 0; /* not known to be another */
    assert_int_equal(line_of(since, 2, &line), 1);
    since[1].cause = "greylisted";
    since[1].passing = PASSING_PUT_OFF;
    assert_int_equal(line_of(since, 2, &line), 0);
}

/* A sign-in refused inside TLS: that another session came up is nothing that this one had not. */
static void inside_tls(void **state)
{
    (void)state;
    struct past_attempt all[] = { past(1, 465, SECURITY_IMPLICIT_TLS, OUTCOME_UNKNOWN),
                                  past(2, 587, SECURITY_STARTTLS, OUTCOME_FAILED) };
    struct device_line line;
    all[0].lively = true;
    all[0].tls_version = all[1].tls_version = 0x0304;
    all[1].cause = "encrypted-auth-rejected";
    all[1].stage = STAGE_AUTH;
    assert_int_equal(line_of(all, 2, &line), 0);
    all[0].port = 587; /* nor did it work before */
    all[0].security = SECURITY_STARTTLS;
    assert_int_equal(line_of(all, 2, &line), 0);
    all[0].outcome = OUTCOME_DELIVERED;
    assert_int_equal(line_of(all, 2, &line), 1); /* started-failing */

    all[0] = past(1, 465, SECURITY_IMPLICIT_TLS, OUTCOME_UNKNOWN);
    all[0].lively = true;
    all[1].stage = STAGE_TLS; /* the handshake failed: there it is something */
    assert_int_equal(line_of(all, 2, &line), 1);
}

/* What is advised holds for each attempt that it is advised to. */
static void one_way_for_several(void **state)
{
    (void)state;
    struct past_attempt all[] = { past(1, 587, SECURITY_STARTTLS, OUTCOME_FAILED), /* its method */
                                  past(2, 465, SECURITY_IMPLICIT_TLS, OUTCOME_FAILED), /* its port */
                                  past(3, 587, SECURITY_UNKNOWN, OUTCOME_FAILED), /* its family */
                                  past(4, 587, SECURITY_STARTTLS, OUTCOME_DELIVERED) };
    all[0].auth = AUTH_CRAM_MD5;
    all[0].stage = STAGE_AUTH;
    all[1].stage = STAGE_TLS;
    all[2].stage = STAGE_CONNECT;
    all[2].server.family = 6;
    all[3].auth = AUTH_LOGIN;
    struct device_line line;
    assert_int_equal(line_of(all, 4, &line), 2);
    const struct finding *setting = &line.findings[0], *family = &line.findings[1];
    assert_int_equal(setting->attempt_count, 2);
    assert_int_equal(setting->attempts[0], 1);
    assert_int_equal(setting->attempts[1], 2);
    assert_non_null(strstr(setting->advice[0], "the sign-in method to {method}"));
    assert_non_null(strstr(setting->advice[0], "port to {port}"));
    assert_int_equal(family->attempt_count, 1);
    assert_int_equal(family->attempts[0], 3);
    assert_non_null(strstr(family->advice[0], "IPv4"));
    assert_non_null(strstr(family->advice[0], "delivered mail"));
    /* not delivered, as far as anyone can see */
    all[3].outcome = OUTCOME_UNKNOWN;
    all[3].lively = true;
    assert_int_equal(line_of(all + 2, 2, &line), 1);
    assert_null(strstr(line.findings[0].advice[0], "delivered mail"));
}

static void nothing_to_say(void **state)
{
    (void)state;
    struct device_line line;
    /* the same setting fails and works: it is not the setting */
    struct past_attempt same[] = { past(1, 465, SECURITY_IMPLICIT_TLS, OUTCOME_FAILED),
                                   past(2, 465, SECURITY_IMPLICIT_TLS, OUTCOME_DELIVERED) };
    assert_int_equal(line_of(same, 2, &line), 0);
    /* another server */
    struct past_attempt other[] = { past(1, 587, SECURITY_STARTTLS, OUTCOME_FAILED),
                                    past(2, 465, SECURITY_IMPLICIT_TLS, OUTCOME_DELIVERED) };
    other[1].server.b[3] = 99;
    other[1].server_name = "mail.example";
    assert_int_equal(line_of(other, 2, &line), 0);
    /* inside TLS, and not lively */
    struct past_attempt quiet[] = { past(1, 587, SECURITY_STARTTLS, OUTCOME_FAILED),
                                    past(2, 465, SECURITY_IMPLICIT_TLS, OUTCOME_UNKNOWN) };
    assert_int_equal(line_of(quiet, 2, &line), 0);
}

static void another_file(void **state)
{
    (void)state;
    struct past_attempt all[] = { past(1, 587, SECURITY_STARTTLS, OUTCOME_FAILED),
                                  past(2, 465, SECURITY_IMPLICIT_TLS, OUTCOME_DELIVERED) };
    all[1].file = 1;
    all[1].file_name = "second.pcapng";
    struct device_line line;
    assert_int_equal(line_of(all, 2, &line), 1);
    assert_string_equal(finding_value(&line.findings[0], "file")->word, "second.pcapng");
    assert_int_equal(line.findings[0].frame_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_story),
                                        cmocka_unit_test(one_way_for_several),
                                        cmocka_unit_test(another_mail),
                                        cmocka_unit_test(inside_tls),
                                        cmocka_unit_test(nothing_to_say),
                                        cmocka_unit_test(another_file) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
