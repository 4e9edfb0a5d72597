/* SPDX-License-Identifier: BSD-3-Clause */
/* What the facts of a conversation add up to: delivered where the server's yes to a whole message was seen, and
 * nowhere else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "derive/outcome.h"

struct talk {
    struct attempt *attempt;
    struct summary summary;
    uint32_t frame, asked;
    uint8_t verb;
    uint8_t origin;
};

static void add(struct talk *t, struct fact f)
{
    f.first_frame = f.last_frame = ++t->frame;
    f.time = t->frame * TIME_MILLISECOND;
    f.origin = t->origin;
    timeline_add(t->attempt->timeline, &f);
    if (f.kind >= FACT_OTHER_PROTOCOL)
        t->attempt->direction[f.from].bytes += 10;
}

static void bare(struct talk *t, enum side from, enum fact_kind kind)
{
    add(t, (struct fact) { .kind = (uint8_t)kind, .from = (uint8_t)from });
}

static struct talk silent(void)
{
    struct talk t = { .attempt = attempt_new(NULL) };
    assert_non_null(t.attempt);
    t.attempt->server_port = 587;
    t.attempt->end = END_FINS;
    return t;
}

/* One whose opening was seen. */
static struct talk opened(void)
{
    struct talk t = silent();
    t.attempt->start_seen = true;
    bare(&t, SIDE_DEVICE, FACT_SYN);
    bare(&t, SIDE_SERVER, FACT_SYN_ACK);
    bare(&t, SIDE_DEVICE, FACT_OPEN);
    return t;
}

static void asks_with(struct talk *t, enum smtp_verb verb, const char *arg)
{
    add(t, (struct fact) { .kind = FACT_SMTP_COMMAND,
                           .from = SIDE_DEVICE,
                           .command = { .verb = (uint8_t)verb, .arg = bytes_str(arg) } });
    t->asked = t->frame;
    t->verb = (uint8_t)verb;
}

static void answers(struct talk *t, enum smtp_step step, uint16_t code)
{
    add(t, (struct fact) { .kind = FACT_SMTP_REPLY,
                           .from = SIDE_SERVER,
                           .reply = { .code = code,
                                      .step = (uint8_t)step,
                                      .verb = t->verb,
                                      .command_frame = t->asked,
                                      .lines = 1 } });
}

static void asks(struct talk *t, enum smtp_verb verb, const char *arg, enum smtp_step step,
                 uint16_t code)
{
    asks_with(t, verb, arg);
    answers(t, step, code);
}

static void says_hello(struct talk *t)
{
    t->verb = SMTP_NO_VERB;
    t->asked = 0;
    answers(t, STEP_GREETING, 220);
    asks(t, SMTP_EHLO, "cam", STEP_EHLO, 250);
}

static void quits(struct talk *t)
{
    asks(t, SMTP_QUIT, "", STEP_QUIT, 221);
}

static void envelope(struct talk *t)
{
    asks(t, SMTP_MAIL, "FROM:<cam@example>", STEP_MAIL, 250);
    asks(t, SMTP_RCPT, "TO:<me@example>", STEP_RCPT, 250);
}

/* DATA and a message up to its final dot. */
static void message(struct talk *t)
{
    asks(t, SMTP_DATA, "", STEP_DATA, 354);
    add(t, (struct fact) { .kind = FACT_MESSAGE,
                           .from = SIDE_DEVICE,
                           .message = { .bytes = 100, .complete = true } });
    t->asked = t->frame;
    t->verb = SMTP_MESSAGE_END;
}

static void mail(struct talk *t, uint16_t code)
{
    envelope(t);
    message(t);
    answers(t, STEP_END, code);
}

/* Ends it: what it came to. Frees it, so that only values may be asked of the summary afterwards. */
static enum outcome comes_to(struct talk *t)
{
    outcome_derive(t->attempt, &t->summary);
    attempt_free(t->attempt);
    t->attempt = NULL;
    return t->summary.outcome;
}

static void delivered_by_the_final_reply(void **state)
{
    (void)state;
    struct talk t = opened();
    says_hello(&t);
    mail(&t, 250);
    uint32_t accepting = t.frame;
    quits(&t);
    outcome_derive(t.attempt, &t.summary);
    assert_int_equal(t.summary.accepting->last_frame, accepting);
    assert_int_equal(comes_to(&t), OUTCOME_DELIVERED);
    assert_int_equal(t.summary.stage, STAGE_DONE);
    assert_int_equal(t.summary.accepted, 1);
    assert_int_equal(t.summary.security, SECURITY_NONE);
}

/* By the last chunk's reply, not by those before it. */
static void delivered_by_bdat_last(void **state)
{
    (void)state;
    for (int last = 0; last < 2; last++) {
        struct talk t = opened();
        says_hello(&t);
        envelope(&t);
        asks(&t, SMTP_BDAT, "", STEP_DATA, 250);
        if (last) {
            asks_with(&t, SMTP_BDAT, "");
            t.verb = SMTP_MESSAGE_END;
            answers(&t, STEP_END, 250);
        }
        quits(&t);
        assert_int_equal(comes_to(&t), last ? OUTCOME_DELIVERED : OUTCOME_UNKNOWN);
        assert_int_equal(t.summary.accepted, last);
    }
}

/* Everything but that reply, or that reply with any other code. */
static void delivered_by_nothing_else(void **state)
{
    (void)state;
    static const uint16_t codes[] = { 0, 221, 354, 421, 450, 451, 452, 550, 552, 554 };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        struct talk t = opened();
        says_hello(&t);
        if (codes[i]) {
            mail(&t, codes[i]);
        } else {
            envelope(&t);
            message(&t);
        }
        outcome_derive(t.attempt, &t.summary);
        assert_null(t.summary.accepting);
        assert_int_equal(comes_to(&t), OUTCOME_UNKNOWN);
        assert_int_equal(t.summary.accepted, 0);
        assert_int_equal(t.summary.messages_refused, codes[i] >= 400);
        assert_int_equal(t.summary.anything_refused, codes[i] >= 400);
        assert_int_equal(t.summary.stage, STAGE_DATA);
    }
}

static void several_mails(void **state)
{
    (void)state;
    struct talk t = opened();
    says_hello(&t);
    mail(&t, 250);
    mail(&t, 250);
    mail(&t, 250);
    quits(&t);
    assert_int_equal(comes_to(&t), OUTCOME_DELIVERED);
    assert_int_equal(t.summary.accepted, 3);
    assert_int_equal(t.summary.mails_begun, 3);
    assert_int_equal(t.summary.messages_refused, 0);
}

/* In whichever order: a mail that was refused is not made good by another. */
static void one_delivered_and_one_refused(void **state)
{
    (void)state;
    for (int first = 0; first < 2; first++) {
        struct talk t = opened();
        says_hello(&t);
        mail(&t, first ? 552 : 250);
        mail(&t, first ? 250 : 552);
        quits(&t);
        assert_int_not_equal(comes_to(&t), OUTCOME_DELIVERED);
        assert_int_equal(t.summary.accepted, 1);
        assert_int_equal(t.summary.messages_refused, 1);
        assert_int_equal(t.summary.stage, STAGE_DATA);
    }
    struct talk t = opened();
    says_hello(&t);
    mail(&t, 250);
    asks(&t, SMTP_MAIL, "FROM:<other@example>", STEP_MAIL, 550);
    quits(&t);
    assert_int_not_equal(comes_to(&t), OUTCOME_DELIVERED);
    assert_int_equal(t.summary.messages_refused, 1);
}

/* What was put off and then taken, from the same sender to the same recipient, kept nobody from anything. */
static void put_off_and_taken(void **state)
{
    (void)state;
    struct talk t = opened();
    says_hello(&t);
    mail(&t, 451);
    mail(&t, 250);
    assert_int_equal(comes_to(&t), OUTCOME_DELIVERED);
    assert_int_equal(t.summary.messages_refused, 0);
    assert_true(t.summary.anything_refused);

    t = opened();
    says_hello(&t);
    asks(&t, SMTP_MAIL, "FROM:<cam@example> SIZE=100", STEP_MAIL, 530);
    mail(&t, 250); /* the same, without the parameter */
    assert_int_equal(comes_to(&t), OUTCOME_DELIVERED);
    assert_int_equal(t.summary.messages_refused, 0);

    /* who knows whether a sender that was not seen is the same */
    t = opened();
    says_hello(&t);
    asks(&t, SMTP_MAIL, "", STEP_MAIL, 451);
    asks(&t, SMTP_MAIL, "", STEP_MAIL, 250);
    message(&t);
    answers(&t, STEP_END, 250);
    assert_int_not_equal(comes_to(&t), OUTCOME_DELIVERED);
    assert_int_equal(t.summary.messages_refused, 1);
}

static void a_recipient_refused(void **state)
{
    (void)state;
    for (int again = 0; again < 2; again++) {
        struct talk t = opened();
        says_hello(&t);
        envelope(&t);
        asks(&t, SMTP_RCPT, "TO:<you@example>", STEP_RCPT, 450);
        if (again)
            asks(&t, SMTP_RCPT, "TO:<You@example>", STEP_RCPT, 250);
        message(&t);
        answers(&t, STEP_END, 250);
        quits(&t);
        enum outcome outcome = comes_to(&t);
        assert_int_equal(outcome == OUTCOME_DELIVERED, again);
        assert_int_equal(t.summary.recipients_refused, !again);
        assert_int_equal(t.summary.recipients_accepted, 1 + again);
        assert_int_equal(t.summary.accepted, 1);
    }
}

static void a_recipient_refused_twice(void **state)
{
    (void)state;
    struct talk t = opened();
    says_hello(&t);
    envelope(&t);
    asks(&t, SMTP_RCPT, "TO:<you@example>", STEP_RCPT, 450);
    asks(&t, SMTP_RCPT, "TO:<you@example>", STEP_RCPT, 450);
    message(&t);
    answers(&t, STEP_END, 250);
    assert_int_not_equal(comes_to(&t), OUTCOME_DELIVERED);
    assert_int_equal(t.summary.recipients_refused, 2);
}

/* Two recipients named in one frame: each reply is the one whose turn it is. */
static void pipelined_recipients(void **state)
{
    (void)state;
    struct talk t = opened();
    says_hello(&t);
    asks(&t, SMTP_MAIL, "FROM:<cam@example>", STEP_MAIL, 250);
    asks_with(&t, SMTP_RCPT, "TO:<me@example>");
    t.frame--;
    asks_with(&t, SMTP_RCPT, "TO:<you@example>");
    answers(&t, STEP_RCPT, 550); /* to me */
    answers(&t, STEP_RCPT, 250); /* to you */
    message(&t);
    answers(&t, STEP_END, 250);
    assert_int_not_equal(comes_to(&t), OUTCOME_DELIVERED);
    assert_int_equal(t.summary.recipients_refused, 1);
    assert_int_equal(t.summary.recipients_accepted, 1);
}

/* The capture lacks the reply: not delivered, and nobody's failure. */
static void a_gap_where_the_reply_was(void **state)
{
    (void)state;
    struct talk t = opened();
    says_hello(&t);
    envelope(&t);
    message(&t);
    bare(&t, SIDE_SERVER, FACT_GAP);
    t.attempt->gaps = true;
    quits(&t);
    assert_int_equal(comes_to(&t), OUTCOME_UNKNOWN);
    assert_int_equal(t.summary.accepted, 0);

    /* all before the reply is missing: it tells all the same */
    t = opened();
    bare(&t, SIDE_SERVER, FACT_GAP);
    t.attempt->gaps = true;
    t.verb = SMTP_MESSAGE_END;
    answers(&t, STEP_END, 250);
    quits(&t);
    assert_int_equal(comes_to(&t), OUTCOME_DELIVERED);

    /* and where no mail was seen in a conversation with holes, nobody knows whether there was none */
    for (int gap = 0; gap < 2; gap++) {
        t = opened();
        says_hello(&t);
        t.attempt->gaps = gap;
        quits(&t);
        assert_int_equal(comes_to(&t), gap ? OUTCOME_UNKNOWN : OUTCOME_NO_MAIL);
        assert_int_equal(t.summary.stage, STAGE_DONE);
    }
    t = opened();
    says_hello(&t);
    t.attempt->snapped = true;
    assert_int_equal(comes_to(&t), OUTCOME_UNKNOWN);
}

static void the_capture_ends_before(void **state)
{
    (void)state;
    struct talk t = opened();
    says_hello(&t);
    envelope(&t);
    message(&t);
    t.attempt->end = END_OPEN;
    assert_int_equal(comes_to(&t), OUTCOME_INCOMPLETE);
    assert_int_equal(t.summary.stage, STAGE_DATA);

    /* behind the reply it is delivered, though the device has not said goodbye */
    t = opened();
    says_hello(&t);
    mail(&t, 250);
    t.attempt->end = END_OPEN;
    assert_int_equal(comes_to(&t), OUTCOME_DELIVERED);

    /* in the fourth mail after three delivered ones it goes on */
    t = opened();
    says_hello(&t);
    for (int i = 0; i < 3; i++)
        mail(&t, 250);
    envelope(&t);
    t.attempt->end = END_OPEN;
    assert_int_equal(comes_to(&t), OUTCOME_INCOMPLETE);
    assert_int_equal(t.summary.accepted, 3);
    assert_int_equal(t.summary.mails_begun, 4);

    /* with goodbye said there is no fourth to wait for */
    t = opened();
    says_hello(&t);
    mail(&t, 250);
    envelope(&t);
    quits(&t);
    t.attempt->end = END_OPEN;
    assert_int_equal(comes_to(&t), OUTCOME_DELIVERED);
}

static void the_capture_begins_later(void **state)
{
    (void)state;
    struct talk t = silent();
    t.verb = SMTP_RCPT;
    answers(&t, STEP_RCPT, 250);
    quits(&t);
    assert_int_equal(comes_to(&t), OUTCOME_UNKNOWN); /* there was a mail: what became of it? */
    assert_int_equal(t.summary.security, SECURITY_UNKNOWN);

    t = silent();
    quits(&t);
    assert_int_equal(comes_to(&t), OUTCOME_INCOMPLETE);

    t = silent();
    message(&t);
    answers(&t, STEP_END, 250);
    assert_int_equal(comes_to(&t), OUTCOME_DELIVERED);
}

static void one_direction_only(void **state)
{
    (void)state;
    /* the device's: no reply is there to tell */
    struct talk t = opened();
    t.attempt->one_sided = true;
    t.attempt->direction[SIDE_DEVICE].fin = true;
    asks_with(&t, SMTP_EHLO, "cam");
    asks_with(&t, SMTP_MAIL, "FROM:<cam@example>");
    asks_with(&t, SMTP_QUIT, "");
    assert_int_equal(comes_to(&t), OUTCOME_UNKNOWN);

    /* the server's: its reply does */
    t = silent();
    bare(&t, SIDE_SERVER, FACT_SYN_ACK);
    t.attempt->one_sided = true;
    t.attempt->direction[SIDE_SERVER].fin = true;
    t.verb = SMTP_MESSAGE_END;
    answers(&t, STEP_END, 250);
    assert_int_equal(comes_to(&t), OUTCOME_DELIVERED);
}

static void never_answered(void **state)
{
    (void)state;
    struct talk t = silent();
    t.attempt->start_seen = true;
    t.attempt->end = END_SILENCE;
    bare(&t, SIDE_DEVICE, FACT_SYN);
    assert_int_equal(comes_to(&t), OUTCOME_INCOMPLETE); /* before findings */
    assert_int_equal(t.summary.stage, STAGE_CONNECT);
    assert_int_equal(t.summary.security, SECURITY_UNKNOWN);

    t = opened();
    t.attempt->end = END_OPEN;
    assert_int_equal(comes_to(&t), OUTCOME_INCOMPLETE);
    assert_int_equal(t.summary.stage, STAGE_GREETING); /* it is due */

    t = silent();
    t.attempt->kind = ATTEMPT_LOOKUP;
    bare(&t, SIDE_DEVICE, FACT_DNS_QUERY);
    assert_int_equal(comes_to(&t), OUTCOME_INCOMPLETE);
    assert_int_equal(t.summary.stage, STAGE_DNS);

    t = opened();
    says_hello(&t);
    t.attempt->end = END_EVICTED;
    assert_int_equal(comes_to(&t), OUTCOME_UNKNOWN);
}

static void shakes_hands(struct talk *t)
{
    add(t, (struct fact) { .kind = FACT_CLIENT_HELLO, .from = SIDE_DEVICE });
    add(t, (struct fact) { .kind = FACT_SERVER_HELLO, .from = SIDE_SERVER });
    add(t, (struct fact) { .kind = FACT_TLS_UP, .from = SIDE_DEVICE });
}

static void inside_tls(void **state)
{
    (void)state;
    /* without a key nobody knows */
    struct talk t = opened();
    says_hello(&t);
    asks(&t, SMTP_STARTTLS, "", STEP_STARTTLS, 220);
    shakes_hands(&t);
    assert_int_equal(comes_to(&t), OUTCOME_UNKNOWN);
    assert_int_equal(t.summary.stage, STAGE_TLS);
    assert_int_equal(t.summary.inside, INSIDE_OPAQUE);
    assert_int_equal(t.summary.security, SECURITY_STARTTLS);

    /* with one the steps begin anew */
    for (int whole = 0; whole < 2; whole++) {
        t = opened();
        shakes_hands(&t);
        t.attempt->decrypted = true;
        t.origin = ORIGIN_DECRYPTED;
        says_hello(&t);
        envelope(&t);
        if (whole) {
            message(&t);
            answers(&t, STEP_END, 250);
        }
        assert_int_equal(comes_to(&t), whole ? OUTCOME_DELIVERED : OUTCOME_UNKNOWN);
        assert_int_equal(t.summary.stage, whole ? STAGE_DONE : STAGE_ENVELOPE);
        assert_int_equal(t.summary.inside, INSIDE_DECRYPTED);
        assert_int_equal(t.summary.security, SECURITY_IMPLICIT_TLS);
    }

    t = opened();
    says_hello(&t);
    asks(&t, SMTP_STARTTLS, "", STEP_STARTTLS, 220);
    shakes_hands(&t);
    t.attempt->decrypted = true;
    t.origin = ORIGIN_DECRYPTED;
    asks(&t, SMTP_EHLO, "cam", STEP_EHLO, 503);
    assert_int_equal(comes_to(&t), OUTCOME_NO_MAIL); /* before findings */
    assert_int_equal(t.summary.stage, STAGE_EHLO);

    t = opened();
    shakes_hands(&t);
    t.attempt->decrypted = true;
    t.origin = ORIGIN_DECRYPTED;
    answers(&t, STEP_GREETING, 220);
    assert_int_equal(comes_to(&t), OUTCOME_NO_MAIL);
    assert_int_equal(t.summary.stage, STAGE_GREETING);

    t = opened();
    says_hello(&t);
    asks(&t, SMTP_STARTTLS, "", STEP_STARTTLS, 454);
    comes_to(&t);
    assert_int_equal(t.summary.stage, STAGE_STARTTLS);
    assert_int_equal(t.summary.security, SECURITY_NONE);

    /* the 220 to STARTTLS is missing: the hello behind SMTP tells */
    t = opened();
    asks_with(&t, SMTP_EHLO, "cam");
    asks_with(&t, SMTP_STARTTLS, "");
    add(&t, (struct fact) { .kind = FACT_CLIENT_HELLO, .from = SIDE_DEVICE });
    assert_int_equal(comes_to(&t), OUTCOME_NO_MAIL);
    assert_int_equal(t.summary.security, SECURITY_STARTTLS);
    assert_int_equal(t.summary.stage, STAGE_TLS);
}

static void what_took_trouble(void **state)
{
    (void)state;
    for (uint16_t repeats = 1; repeats <= 2; repeats++) {
        struct talk t = opened();
        add(&t,
            (struct fact) { .kind = FACT_SYN, .from = SIDE_DEVICE, .syn = { .repeat = repeats } });
        comes_to(&t);
        assert_int_equal(t.summary.laborious, repeats == 2);
    }
    for (int acknowledged = 0; acknowledged < 2; acknowledged++) {
        struct talk t = opened();
        add(&t, (struct fact) { .kind = FACT_RESEND,
                                .from = SIDE_DEVICE,
                                .resend = { .count = 3, .acknowledged = acknowledged } });
        comes_to(&t);
        assert_int_equal(t.summary.laborious, acknowledged);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delivered_by_the_final_reply),
        cmocka_unit_test(delivered_by_bdat_last),
        cmocka_unit_test(delivered_by_nothing_else),
        cmocka_unit_test(several_mails),
        cmocka_unit_test(one_delivered_and_one_refused),
        cmocka_unit_test(put_off_and_taken),
        cmocka_unit_test(a_recipient_refused),
        cmocka_unit_test(a_recipient_refused_twice),
        cmocka_unit_test(pipelined_recipients),
        cmocka_unit_test(a_gap_where_the_reply_was),
        cmocka_unit_test(the_capture_ends_before),
        cmocka_unit_test(the_capture_begins_later),
        cmocka_unit_test(one_direction_only),
        cmocka_unit_test(never_answered),
        cmocka_unit_test(inside_tls),
        cmocka_unit_test(what_took_trouble),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
