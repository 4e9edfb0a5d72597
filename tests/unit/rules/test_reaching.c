/* SPDX-License-Identifier: BSD-3-Clause */
#include "hand.h"

static struct hand knocked(unsigned times)
{
    struct hand h = hand_new(587);
    h.judged->attempt->direction[SIDE_SERVER].packets = 0;
    h.judged->attempt->one_sided = true;
    h.judged->attempt->end = END_SILENCE;
    for (unsigned i = 0; i < times; i++)
        hand_add(&h, (struct fact) {
                         .kind = FACT_SYN, .from = SIDE_DEVICE, .syn = { .repeat = (uint16_t)i } });
    return h;
}

static void nobody_answers(void **state)
{
    (void)state;
    struct hand h = knocked(3);
    hand_judge(&h);
    const struct finding *f = hand_primary(&h, "connect-no-answer", LIKELY);
    assert_int_equal(finding_value(f, "tries")->number, 3);
    assert_int_equal(f->stage, STAGE_CONNECT);
    hand_free(&h);

    h = knocked(1);
    h.judged->attempt->end = END_OPEN;
    hand_expect_none(&h, OUTCOME_INCOMPLETE);
}

static void refused(void **state)
{
    (void)state;
    struct hand h = hand_new(587);
    hand_add(&h, (struct fact) { .kind = FACT_SYN, .from = SIDE_DEVICE });
    hand_add(&h, (struct fact) {
                     .kind = FACT_RST, .from = SIDE_SERVER, .rst = { .answers_syn = true } });
    hand_judge(&h);
    hand_primary(&h, "connect-refused", CERTAIN);
    assert_int_equal(h.judged->finding_count, 1);
    hand_free(&h);
}

static void half_open(void **state)
{
    (void)state;
    struct hand h = hand_new(587);
    hand_add(&h, (struct fact) { .kind = FACT_SYN, .from = SIDE_DEVICE });
    hand_add(&h, (struct fact) { .kind = FACT_SYN_ACK, .from = SIDE_SERVER });
    hand_rst(&h, SIDE_DEVICE, 64, 64);
    hand_expect_none(&h, OUTCOME_NO_MAIL);
}

static void reset_in_the_middle(void **state)
{
    (void)state;
    struct hand h = hand_new(587);
    hand_greet(&h);
    hand_command(&h, SMTP_EHLO, "device");
    hand_rst(&h, SIDE_SERVER, 64, 52);
    hand_judge(&h);
    const struct finding *f = hand_primary(&h, "connection-reset", CERTAIN);
    assert_true(finding_value(f, "other_ttl")->flag);
    assert_string_equal(finding_value(f, "from")->word, "server");
    assert_int_equal(f->stage, STAGE_EHLO);
    assert_int_equal(h.judged->finding_count, 1);
    hand_free(&h);

    h = hand_new(587);
    hand_greet(&h);
    hand_ehlo(&h, (struct hand_list) { .starttls = true });
    hand_mail(&h);
    hand_rst(&h, SIDE_DEVICE, 64, 64);
    hand_expect(&h, "connection-reset", CERTAIN);
}

static void resets_that_harm_nobody(void **state)
{
    (void)state;
    /* straight after the greeting */
    struct hand h = hand_new(25);
    hand_greet(&h);
    hand_rst(&h, SIDE_DEVICE, 64, 64);
    hand_expect_none(&h, OUTCOME_NO_MAIL);
    /* straight after the opening */
    h = hand_new(25);
    hand_open(&h);
    hand_rst(&h, SIDE_DEVICE, 64, 64);
    hand_expect_none(&h, OUTCOME_NO_MAIL);
    /* after EHLO, as some load balancers do */
    h = hand_new(25);
    hand_greet(&h);
    hand_ehlo(&h, (struct hand_list) { .starttls = true });
    hand_rst(&h, SIDE_DEVICE, 64, 64);
    hand_expect_none(&h, OUTCOME_NO_MAIL);
    /* after the goodbye */
    h = hand_new(587);
    hand_greet(&h);
    hand_ehlo(&h, (struct hand_list) {
                      .starttls = true, .auth = "LOGIN", .mechanisms = AUTH_BIT(AUTH_LOGIN) });
    hand_command(&h, SMTP_QUIT, "");
    hand_rst(&h, SIDE_SERVER, 64, 64);
    hand_expect_none(&h, OUTCOME_NO_MAIL);
    /* after the delivery */
    h = hand_new(25);
    hand_greet(&h);
    hand_ehlo(&h, (struct hand_list) { .starttls = true });
    hand_mail(&h);
    hand_body(&h, true);
    hand_reply(&h, STEP_END, 250, "queued");
    hand_rst(&h, SIDE_SERVER, 64, 64);
    hand_expect_none(&h, OUTCOME_DELIVERED);
}

static void lost(void **state)
{
    (void)state;
    struct hand h = hand_new(587);
    hand_greet(&h);
    hand_command(&h, SMTP_EHLO, "device");
    hand_add(&h, (struct fact) { .kind = FACT_RESEND,
                                 .from = SIDE_DEVICE,
                                 .resend = { .bytes = 12, .count = 5 } });
    h.judged->attempt->direction[SIDE_DEVICE].unanswered_resends = 5;
    h.judged->attempt->end = END_SILENCE;
    hand_judge(&h);
    const struct finding *f = hand_primary(&h, "connection-lost", LIKELY);
    assert_int_equal(f->stage, STAGE_EHLO);
    assert_int_equal(h.judged->finding_count, 1);
    hand_free(&h);
}

static void server_hangs_up(void **state)
{
    (void)state;
    struct hand h = hand_new(587);
    hand_greet(&h);
    hand_command(&h, SMTP_EHLO, "device");
    hand_fin(&h, SIDE_SERVER);
    hand_judge(&h);
    hand_primary(&h, "server-closed-early", CERTAIN);
    assert_int_equal(h.judged->finding_count, 1);
    hand_free(&h);

    h = hand_new(587);
    hand_open(&h);
    hand_fin(&h, SIDE_SERVER);
    hand_expect(&h, "server-closed-early", CERTAIN);

    /* seen from one side alone */
    h = hand_new(587);
    hand_greet(&h);
    hand_command(&h, SMTP_EHLO, "device");
    hand_fin(&h, SIDE_SERVER);
    h.judged->attempt->one_sided = true;
    hand_expect_none(&h, OUTCOME_NO_MAIL);
}

static void silence(void **state)
{
    (void)state;
    struct hand h = hand_new(587);
    hand_open(&h);
    hand_wait(&h, 20 * TIME_SECOND);
    hand_fin(&h, SIDE_DEVICE);
    hand_judge(&h);
    const struct finding *f = hand_primary(&h, "server-silent", CERTAIN);
    assert_true(finding_value(f, "waited")->number > 20 * TIME_SECOND);
    assert_int_equal(h.judged->finding_count, 1);
    hand_free(&h);

    /* within a second: somebody looks whether the port answers */
    h = hand_new(587);
    hand_open(&h);
    hand_fin(&h, SIDE_DEVICE);
    hand_expect_none(&h, OUTCOME_NO_MAIL);
}

static void impatience(void **state)
{
    (void)state;
    struct hand h = hand_new(587);
    hand_greet(&h);
    hand_command(&h, SMTP_EHLO, "device");
    hand_wait(&h, 20 * TIME_SECOND);
    hand_fin(&h, SIDE_DEVICE);
    hand_wait(&h, 20 * TIME_SECOND);
    hand_reply(&h, STEP_EHLO, 250, "mail.example");
    hand_judge(&h);
    const struct finding *f = hand_primary(&h, "device-gave-up-waiting", LIKELY);
    assert_non_null(finding_value(f, "answered_after"));
    hand_free(&h);

    /* the acceptance comes too late */
    h = hand_new(25);
    hand_greet(&h);
    hand_ehlo(&h, (struct hand_list) { .starttls = true });
    hand_mail(&h);
    hand_body(&h, true);
    hand_wait(&h, 20 * TIME_SECOND);
    hand_fin(&h, SIDE_DEVICE);
    hand_wait(&h, 20 * TIME_SECOND);
    hand_reply(&h, STEP_END, 250, "queued");
    hand_judge(&h);
    assert_int_equal(h.judged->summary.outcome, OUTCOME_DELIVERED);
    assert_int_equal(hand_finding(&h, "device-gave-up-waiting")->severity, SEVERITY_WARNING);
    hand_free(&h);
}

static void greeting_and_gone(void **state)
{
    (void)state;
    struct hand h = hand_new(587);
    hand_greet(&h);
    hand_fin(&h, SIDE_DEVICE);
    hand_expect_none(&h, OUTCOME_NO_MAIL);
}

static struct hand unanswered(void)
{
    struct hand h = hand_new(587);
    hand_greet(&h);
    hand_command(&h, SMTP_EHLO, "device");
    return h;
}

/* Silence, and an end without a goodbye, mean nothing where the capture may lack the words. */
static void half_seen(void **state)
{
    (void)state;
    struct hand h = unanswered();
    h.judged->attempt->snapped = true;
    hand_fin(&h, SIDE_SERVER);
    hand_expect_none(&h, OUTCOME_NO_MAIL);

    h = unanswered();
    hand_add(&h, (struct fact) { .kind = FACT_GAP, .from = SIDE_SERVER });
    hand_fin(&h, SIDE_SERVER);
    hand_expect_none(&h, OUTCOME_NO_MAIL);

    h = unanswered();
    h.judged->attempt->one_sided = true;
    hand_rst(&h, SIDE_SERVER, 60, 60);
    hand_expect_none(&h, OUTCOME_NO_MAIL);

    /* a TLS session that the capture joined late */
    h = hand_new(465);
    h.judged->attempt->start_seen = false;
    hand_add(&h, (struct fact) { .kind = FACT_CLIENT_KEY_EXCHANGE, .from = SIDE_DEVICE });
    hand_fin(&h, SIDE_SERVER);
    hand_expect_none(&h, OUTCOME_NO_MAIL);
}

/* What was sent ahead is not waited for once something before it was refused. */
static void left_over_a_refusal(void **state)
{
    (void)state;
    struct hand h = hand_new(25);
    hand_greet(&h);
    hand_ehlo(&h, (struct hand_list) { .starttls = true });
    hand_command(&h, SMTP_MAIL, "FROM:<door@example.net>");
    hand_reply(&h, STEP_MAIL, 250, "ok");
    hand_command(&h, SMTP_RCPT, "TO:<nobody@example.net>");
    struct hand rcpt = h;
    hand_command(&h, SMTP_DATA, "");
    h.asked_frame = rcpt.asked_frame;
    h.asked_verb = SMTP_RCPT;
    hand_wait(&h, 5 * TIME_SECOND);
    hand_reply(&h, STEP_RCPT, 550, "5.1.1 User unknown");
    hand_fin(&h, SIDE_DEVICE);
    hand_judge(&h);
    hand_primary(&h, "recipient-unknown", CERTAIN);
    assert_null(hand_finding(&h, "device-gave-up-waiting"));
    hand_free(&h);
}

/* What a server says of a device that has left (chasquid does) is no refusal. */
static void words_behind_the_end(void **state)
{
    (void)state;
    struct hand h = hand_new(587);
    hand_greet(&h);
    hand_ehlo(&h, (struct hand_list) { .starttls = true });
    hand_mail(&h);
    hand_body(&h, true);
    hand_reply(&h, STEP_END, 250, "queued");
    hand_fin(&h, SIDE_DEVICE);
    hand_reply(&h, STEP_UNASKED, 554, "error reading command: EOF");
    hand_judge(&h);
    assert_null(hand_finding(&h, "command-rejected"));
    hand_free(&h);

    h = hand_new(587); /* said to a device that is there, it is one */
    hand_greet(&h);
    hand_ehlo(&h, (struct hand_list) { .starttls = true });
    hand_mail(&h);
    hand_reply(&h, STEP_UNASKED, 554, "too many errors, goodbye");
    hand_judge(&h);
    assert_true(h.judged->finding_count > 0);
    hand_free(&h);
}

/* Lines of another protocol, such as IRC, from both sides. */
static void no_smtp_at_all(void **state)
{
    (void)state;
    struct hand h = hand_new(587);
    hand_open(&h);
    hand_add(&h, (struct fact) { .kind = FACT_SMTP_NOISE, .from = SIDE_SERVER });
    hand_command(&h, SMTP_UNKNOWN_VERB, "");
    hand_wait(&h, 5 * TIME_SECOND);
    hand_fin(&h, SIDE_DEVICE);
    hand_expect_none(&h, OUTCOME_NO_MAIL);

    h = hand_new(587); /* a device that speaks SMTP waits in vain */
    hand_open(&h);
    hand_add(&h, (struct fact) { .kind = FACT_SMTP_NOISE, .from = SIDE_SERVER });
    hand_command(&h, SMTP_EHLO, "device");
    hand_wait(&h, 5 * TIME_SECOND);
    hand_fin(&h, SIDE_DEVICE);
    hand_expect(&h, "device-gave-up-waiting", LIKELY);
}

/* The middle of an encrypted record, where the capture begins: not a line without its CR. */
static void line_ends_of_ciphertext(void **state)
{
    (void)state;
    struct hand h = hand_new(465);
    h.judged->attempt->start_seen = false;
    hand_add(&h, (struct fact) { .kind = FACT_TLS_BROKEN, .from = SIDE_DEVICE });
    hand_add(&h, (struct fact) { .kind = FACT_SMTP_COMMAND,
                                 .from = SIDE_DEVICE,
                                 .command = { .verb = SMTP_UNKNOWN_VERB, .bare_lf = true } });
    hand_add(&h, (struct fact) { .kind = FACT_ENCRYPTED, .from = SIDE_SERVER });
    hand_fin(&h, SIDE_DEVICE);
    hand_judge(&h);
    assert_null(hand_finding(&h, "message-line-endings"));
    hand_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_answers),
        cmocka_unit_test(refused),
        cmocka_unit_test(half_open),
        cmocka_unit_test(reset_in_the_middle),
        cmocka_unit_test(resets_that_harm_nobody),
        cmocka_unit_test(lost),
        cmocka_unit_test(server_hangs_up),
        cmocka_unit_test(silence),
        cmocka_unit_test(impatience),
        cmocka_unit_test(greeting_and_gone),
        cmocka_unit_test(half_seen),
        cmocka_unit_test(left_over_a_refusal),
        cmocka_unit_test(words_behind_the_end),
        cmocka_unit_test(no_smtp_at_all),
        cmocka_unit_test(line_ends_of_ciphertext),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
