/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dissectors/pop3.h"

struct talk {
    struct attempt *attempt;
    struct pop3 *pop3;
    uint64_t offset[2];
    uint32_t frame;
    size_t step; /* bytes of a chunk; 0 = all at once */
    enum verdict verdict;
};

static struct talk talk_new(size_t step)
{
    struct talk t = { .step = step };
    t.attempt = attempt_new(NULL);
    t.attempt->start_seen = true;
    t.pop3 = pop3_new(t.attempt, NULL, true);
    return t;
}

static void talk_free(struct talk *t)
{
    pop3_free(t->pop3);
    attempt_free(t->attempt);
}

static void say(struct talk *t, enum side from, const char *text)
{
    size_t len = strlen(text);
    t->frame++;
    for (size_t at = 0; at < len && t->verdict == VERDICT_OK;) {
        size_t n = t->step > 0 && t->step < len - at ? t->step : len - at;
        struct chunk chunk = { .from = from,
                               .frame = t->frame,
                               .offset = t->offset[from],
                               .bytes = bytes_of(text + at, n) };
        t->verdict = pop3_data(t->pop3, &chunk).verdict;
        t->offset[from] += n;
        at += n;
    }
}

static const struct fact *sign_in(const struct talk *t, unsigned n)
{
    for (const struct fact *f = timeline_first(t->attempt->timeline); f;
         f = timeline_next(t->attempt->timeline, f))
        if (f->kind == FACT_POP3_SIGN_IN && n-- == 0)
            return f;
    return NULL;
}

static void assert_text(const struct fact *f, const char *text)
{
    assert_true(bytes_equal(f->pop3.text, bytes_str(text)));
}

static void user_and_pass(void **state)
{
    (void)state;
    for (size_t step = 0; step < 4; step++) {
        struct talk t = talk_new(step);
        say(&t, SIDE_SERVER, "+OK ready <1.2@mail>\r\n");
        say(&t, SIDE_DEVICE, "CAPA\r\n");
        say(&t, SIDE_SERVER, "+OK\r\nUIDL\r\nSASL PLAIN\r\n.\r\n");
        say(&t, SIDE_DEVICE, "USER door\r\n");
        say(&t, SIDE_SERVER, "+OK\r\n");
        say(&t, SIDE_DEVICE, "PASS tulip-7315\r\n");
        say(&t, SIDE_SERVER, "-ERR no, tulip-7315 is wrong\r\n");
        say(&t, SIDE_DEVICE, "pass other-8421\r\n");
        say(&t, SIDE_SERVER, "+OK Logged in.\r\n");
        const struct fact *refused = sign_in(&t, 0), *accepted = sign_in(&t, 1);
        assert_false(refused->pop3.accepted);
        assert_true(bytes_find_nocase(refused->pop3.text, "tulip") < 0);
        assert_true(bytes_find_nocase(refused->pop3.text, "is wrong") >= 0);
        assert_int_equal(refused->last_frame, 7);
        assert_true(accepted->pop3.accepted);
        assert_text(accepted, "Logged in.");
        assert_null(sign_in(&t, 2));
        assert_int_equal(t.verdict, VERDICT_DONE);
        assert_int_equal(t.attempt->span_count, 2);
        assert_int_equal(t.attempt->spans[0].offset, strlen("CAPA\r\nUSER door\r\nPASS "));
        assert_int_equal(t.attempt->spans[0].len, strlen("tulip-7315"));
        talk_free(&t);
    }
}

static void other_ways(void **state)
{
    (void)state;
    struct talk t = talk_new(0);
    say(&t, SIDE_SERVER, "+OK\r\n");
    say(&t, SIDE_DEVICE, "APOP door c4c9334bac560ecc979e58001b3e22fb\r\n");
    say(&t, SIDE_SERVER, "-ERR\r\n");
    say(&t, SIDE_DEVICE, "AUTH LOGIN\r\n");
    say(&t, SIDE_SERVER, "+ VXNlcm5hbWU6\r\n");
    say(&t, SIDE_DEVICE, "ZG9vcg==\r\n");
    say(&t, SIDE_SERVER, "+ UGFzc3dvcmQ6\r\n");
    say(&t, SIDE_DEVICE, "dHVsaXA=\r\n");
    say(&t, SIDE_SERVER, "+OK\r\n");
    assert_false(sign_in(&t, 0)->pop3.accepted);
    assert_true(sign_in(&t, 1)->pop3.accepted);
    assert_null(sign_in(&t, 2));
    assert_int_equal(t.attempt->span_count, 4);
    talk_free(&t);

    t = talk_new(0);
    say(&t, SIDE_SERVER, "+OK\r\n");
    say(&t, SIDE_DEVICE, "STLS\r\n");
    say(&t, SIDE_SERVER, "+OK\r\n");
    assert_int_equal(t.verdict, VERDICT_HAND_OVER);
    assert_null(sign_in(&t, 0)); /* it comes inside TLS */
    talk_free(&t);
}

static void taken_before_tls(void **state)
{
    (void)state;
    struct talk t = talk_new(0);
    say(&t, SIDE_SERVER, "+OK\r\n");
    say(&t, SIDE_DEVICE, "STLS\r\n");
    struct chunk chunk = { .from = SIDE_SERVER,
                           .offset = 5,
                           .bytes = bytes_str("+OK Begin TLS\r\n\x16\x03\x03") };
    struct answer answer = pop3_data(t.pop3, &chunk);
    assert_int_equal(answer.verdict, VERDICT_HAND_OVER);
    assert_int_equal(answer.taken, strlen("+OK Begin TLS\r\n"));
    talk_free(&t);

    t = talk_new(0);
    say(&t, SIDE_SERVER, "+OK\r\n");
    say(&t, SIDE_DEVICE, "STLS\r\n");
    say(&t, SIDE_SERVER, "-ERR no TLS here\r\n");
    assert_int_equal(t.verdict, VERDICT_OK);
    talk_free(&t);
}

static void decrypted(void **state)
{
    (void)state;
    struct talk t = talk_new(0);
    struct chunk asked = { .from = SIDE_DEVICE,
                           .origin = ORIGIN_DECRYPTED,
                           .bytes = bytes_str("PASS tulip-7315\r\n") },
                 answered = { .from = SIDE_SERVER,
                              .origin = ORIGIN_DECRYPTED,
                              .bytes = bytes_str("+OK\r\n-ERR tulip-7315?\r\n") };
    pop3_data(t.pop3, &asked);
    pop3_data(t.pop3, &answered);
    assert_int_equal(sign_in(&t, 0)->origin, ORIGIN_DECRYPTED);
    assert_true(bytes_find_nocase(sign_in(&t, 0)->pop3.text, "tulip") < 0);
    assert_true(t.attempt->spans[0].decrypted);
    talk_free(&t);
}

static void at_once(void **state)
{
    (void)state;
    struct talk t = talk_new(0);
    say(&t, SIDE_DEVICE, "USER door\r\nPASS tulip\r\nSTAT\r\n");
    say(&t, SIDE_SERVER, "+OK\r\n+OK\r\n-ERR wrong\r\n-ERR\r\n");
    assert_false(sign_in(&t, 0)->pop3.accepted);
    assert_null(sign_in(&t, 1));
    talk_free(&t);
}

static void hostile(void **state)
{
    (void)state;
    struct talk t = talk_new(1);
    say(&t, SIDE_SERVER, "\r\n\n\r+\r\n+OK\r\n");
    for (unsigned i = 0; i < 100; i++)
        say(&t, SIDE_DEVICE, "PASS\r\nPASS \r\nNOOP\r\nAUTH \r\n");
    for (unsigned i = 0; i < 100; i++)
        say(&t, SIDE_SERVER, "-ERR\r\n");
    struct chunk gap = { .from = SIDE_SERVER, .gap = true, .frame = 9 };
    pop3_data(t.pop3, &gap);
    say(&t, SIDE_SERVER, "+OK\r\n");
    talk_free(&t);

    t = talk_new(0);
    for (unsigned i = 0; i < 100; i++)
        say(&t, SIDE_SERVER, "220 I speak something else\r\n");
    assert_int_equal(t.verdict, VERDICT_GIVE_UP);
    talk_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(user_and_pass),    cmocka_unit_test(other_ways),
        cmocka_unit_test(taken_before_tls), cmocka_unit_test(decrypted),
        cmocka_unit_test(at_once),          cmocka_unit_test(hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
