/* SPDX-License-Identifier: BSD-3-Clause */
/* What is said of a reading of sizes and turns: no more than it holds. */
#include "hand.h"

enum { NOT_SENT, SENT, LEFT_OUT };

/* An encrypted session, with this read from it. */
static struct hand read_as(enum inferred_result result, enum inferred_confidence sure, int message)
{
    struct hand h = hand_new(465);
    hand_open(&h);
    hand_hello(&h, 0x0304, bytes_of(NULL, 0));
    hand_server_hello(&h, 0x0304, 0x1301);
    hand_add(&h, (struct fact) { .kind = FACT_ENCRYPTED, .from = SIDE_SERVER });
    hand_add(&h, (struct fact) { .kind = FACT_ENCRYPTED, .from = SIDE_DEVICE });
    hand_up(&h, 0x0304, 0x1301);
    hand_fin(&h, SIDE_DEVICE);
    struct summary *s = &h.judged->summary;
    *s = (struct summary) { .outcome = OUTCOME_UNKNOWN,
                            .inside = INSIDE_INFERRED,
                            .tls_up = view_first(&(struct view) { .attempt = h.judged->attempt },
                                                 FACT_TLS_UP, ANY_SIDE) };
    s->inferred = (struct inferred) { .confidence = (uint8_t)sure,
                                      .result = (uint8_t)result,
                                      .signed_in = true,
                                      .decisive_frame = h.frame,
                                      .decisive_time = h.time,
                                      .auth_time = TIME_NONE };
    if (message == SENT)
        s->inferred.steps[s->inferred.step_count++] =
            (struct inferred_step) { .kind = FACT_MESSAGE };
    s->inferred.steps_left_out = message == LEFT_OUT;
    return h;
}

static const struct finding *judged_as(struct hand *h, const char *cause)
{
    assert_true(diagnose_attempt(h->judged, NULL, h->time));
    const struct finding *f = hand_finding(h, cause);
    assert_non_null(f);
    return f;
}

static bool rules_out(const struct finding *f, const char *phrase)
{
    for (size_t i = 0; i < f->rules_out_count; i++)
        if (bytes_find_nocase(bytes_str(f->rules_out[i]), phrase) >= 0)
            return true;
    return false;
}

static bool says(const char *text, const char *phrase)
{
    return text && bytes_find_nocase(bytes_str(text), phrase) >= 0; /* NULL: the words of the cause itself */
}

static const struct {
    enum inferred_result result;
    const char *cause;
} refusals[] = {
    { INFERRED_AUTH_REFUSED, "encrypted-auth-rejected" },
    { INFERRED_SENDER_REFUSED, "encrypted-sender-refused" },
    { INFERRED_RECIPIENT_REFUSED, "encrypted-recipient-refused" },
    { INFERRED_MESSAGE_REFUSED, "encrypted-message-rejected" },
};

/* What is only possible fails no attempt, is called perhaps, and rules nothing out. */
static void possible(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct hand h = read_as(refusals[i].result, INFERRED_POSSIBLE, NOT_SENT);
        const struct finding *f = judged_as(&h, refusals[i].cause);
        assert_int_equal(f->confidence, POSSIBLE);
        assert_int_equal(f->severity, SEVERITY_WARNING);
        assert_true(says(f->headline, "perhaps"));
        assert_true(f->rules_out_alone);
        assert_false(rules_out(f, "never sent"));
        assert_int_equal(h.judged->summary.outcome, OUTCOME_UNKNOWN);
        hand_free(&h);
    }
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct hand h = read_as(refusals[i].result, INFERRED_LIKELY, NOT_SENT);
        h.judged->attempt->start_seen = false; /* the beginning is missing */
        const struct finding *f = judged_as(&h, refusals[i].cause);
        assert_int_equal(f->confidence, POSSIBLE);
        assert_int_equal(f->severity, SEVERITY_WARNING);
        assert_true(says(f->headline, "perhaps"));
        assert_int_equal(h.judged->summary.outcome, OUTCOME_UNKNOWN);
        hand_free(&h);
    }
    for (int signed_in = 0; signed_in < 2; signed_in++) {
        struct hand h = read_as(INFERRED_ENDED_EARLY, INFERRED_POSSIBLE, NOT_SENT);
        h.judged->summary.inferred.signed_in = signed_in;
        const struct finding *f = judged_as(&h, "encrypted-ended-early");
        assert_true(says(f->headline, "perhaps"));
        assert_false(rules_out(f, "never sent"));
        assert_int_equal(h.judged->summary.outcome, OUTCOME_UNKNOWN);
        hand_free(&h);
    }
}

/* A mail is unsent only where none was sent in the whole conversation. */
static void mail_sent_or_not(void **state)
{
    (void)state;
    for (size_t i = 0; i + 1 < sizeof refusals / sizeof *refusals; i++)
        for (int message = NOT_SENT; message <= LEFT_OUT; message++) {
            struct hand h = read_as(refusals[i].result, INFERRED_LIKELY, message);
            const struct finding *f = judged_as(&h, refusals[i].cause);
            assert_int_equal(f->confidence, LIKELY);
            assert_int_equal(rules_out(f, "never sent"), message == NOT_SENT);
            assert_int_equal(says(f->meaning, "in it as well"),
                             message != NOT_SENT && refusals[i].result != INFERRED_AUTH_REFUSED);
            hand_free(&h);
        }
}

/* No EHLO after STARTTLS, by the size of the device's first line. */
static void no_hello(void **state)
{
    (void)state;
    for (int sure = INFERRED_POSSIBLE; sure <= INFERRED_LIKELY; sure++)
        for (int whole = 0; whole < 2; whole++) {
            struct hand h = read_as(INFERRED_AUTH_REFUSED, (enum inferred_confidence)sure, NOT_SENT);
            h.judged->summary.security = SECURITY_STARTTLS;
            h.judged->summary.inferred.no_ehlo = true;
            h.judged->attempt->start_seen = whole;
            bool likely = sure == INFERRED_LIKELY && whole;
            const struct finding *f = judged_as(&h, "ehlo-missing-after-starttls");
            assert_int_equal(f->confidence, likely ? LIKELY : POSSIBLE);
            assert_int_equal(f->severity, likely ? SEVERITY_FAILURE : SEVERITY_WARNING);
            assert_int_equal(says(f->headline, "perhaps"), !likely);
            assert_null(hand_finding(&h, "encrypted-auth-rejected"));
            hand_free(&h);
        }
}

/* MAIL is refused for its SIZE as well, and to who has not signed in. */
static void sender_or_size(void **state)
{
    (void)state;
    struct hand h = read_as(INFERRED_SENDER_REFUSED, INFERRED_LIKELY, NOT_SENT);
    const struct finding *f = judged_as(&h, "encrypted-sender-refused");
    assert_false(rules_out(f, "size"));
    assert_int_equal(f->advice_count, 0);
    hand_free(&h);

    h = read_as(INFERRED_SENDER_REFUSED, INFERRED_LIKELY, NOT_SENT);
    h.judged->summary.inferred.signed_in = false;
    f = judged_as(&h, "encrypted-sender-refused");
    assert_true(says(f->advice[0], "sign-in"));
    hand_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(possible),
                                        cmocka_unit_test(mail_sent_or_not),
                                        cmocka_unit_test(no_hello),
                                        cmocka_unit_test(sender_or_size) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
