/* SPDX-License-Identifier: BSD-3-Clause */
/* The dialogue from end to end, and its hand-over to TLS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "dialogue.h"

static void the_story_with_cram_md5(void **state)
{
    (void)state;
    expect("S: 220 mx.example.com ESMTP\n"
           "C: EHLO doorphone\n"
           "S: 250-mx.example.com\n"
           "S: 250-PIPELINING\n"
           "S: 250-SIZE 10240000\n"
           "S: 250-STARTTLS\n"
           "S: 250-AUTH PLAIN LOGIN CRAM-MD5\n"
           "S: 250-AUTH=PLAIN LOGIN\n"
           "S: 250-ENHANCEDSTATUSCODES\n"
           "S: 250 8BITMIME\n"
           "C: AUTH CRAM-MD5\n"
           "S: 334 PDEyMy4xQGhvc3Q+\n"
           "C: dXNlckBleGFtcGxlLmpwIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw\n"
           "S: 535 CRAM-MD5 not supported for user@example.jp\n"
           "C: QUIT\n"
           "S: 221 2.0.0 bye\n",
           "S 220 greeting \"mx.example.com ESMTP\"\n"
           "C EHLO \"doorphone\"\n"
           "S 250 ehlo EHLO@2 \"mx.example.com PIPELINING SIZE 10240000 STARTTLS AUTH PLAIN LOGIN "
           "CRAM-MD5 AUTH=PLAIN LOGIN ENHANCEDSTATUSCODES 8BITMIME\" lines=8\n"
           "S caps 7 esmtp starttls pipelining 8bit size=10240000 auth= \"PLAIN LOGIN CRAM-MD5\"\n"
           "C AUTH\n"
           "C auth \"CRAM-MD5\" advertised\n"
           "S 334 auth AUTH@11 \"PDEyMy4xQGhvc3Q+\"\n"
           "C step 1 base64\n"
           "C identity \"user@example.jp\" domain\n"
           "S 535 auth step@13 \"CRAM-MD5 not supported for user@example.jp\"\n"
           "C QUIT\n"
           "S 221 quit QUIT@15 2.0.0 \"bye\"\n"
           "secret 31+64\n");
}

/* A list that was read before is taken as a whole, but not the replies behind it. */
static void what_follows_a_list_is_no_part_of_it(void **state)
{
    (void)state;
    expect("S: 220 mx.example.com\n"
           "C: EHLO a\n"
           "C: NOOP\n"
           "S: 250-mx.example.com\n"
           "S: 250-PIPELINING\n"
           "S: 250 SIZE 1000\n"
           "S: 250 awake\n",
           "S 220 greeting \"mx.example.com\"\n"
           "C EHLO \"a\"\n"
           "C NOOP pipelined\n"
           "S 250 ehlo EHLO@2 \"mx.example.com PIPELINING SIZE 1000\" lines=3\n"
           "S caps 2 esmtp pipelining size=1000\n"
           "S 250 other NOOP@3 \"awake\"\n");
}

static void starttls_hands_over_at_the_byte(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO a\n"
           "S: 250-mx\n"
           "S: 250 STARTTLS\n"
           "C: STARTTLS\n"
           "S- 220 ready\\r\\n\\x16\\x03\\x01\n"
           "C- \\x16\\x03\\x01\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"a\"\n"
           "S 250 ehlo EHLO@2 \"mx STARTTLS\" lines=2\n"
           "S caps 1 esmtp starttls\n"
           "C STARTTLS\n"
           "S 220 starttls STARTTLS@5 \"ready\"\n"
           "(hand over at S 41)\n");
}

static void held_bytes_before_the_220_are_clear_text(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO a\n"
           "S: 250-mx\n"
           "S: 250 STARTTLS\n"
           "C: STARTTLS\n"
           "C: MAIL FROM:<a@b>\n"
           "C: AUTH PLAIN AHVzZXIAc2VjcmV0\n"
           "S: 220 ready\n"
           "C- \\x16\\x03\\x01\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"a\"\n"
           "S 250 ehlo EHLO@2 \"mx STARTTLS\" lines=2\n"
           "S caps 1 esmtp starttls\n"
           "C STARTTLS\n"
           "S 220 starttls STARTTLS@5 \"ready\"\n"
           "C MAIL \"<a@b>\" early pipelined\n"
           "C AUTH secret early pipelined\n"
           "C auth \"PLAIN\" ir\n"
           "(hand over at S 41)\n"
           "secret 46+16\n");
}

static void a_hold_that_ends_finds_the_hello(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO a\n"
           "S: 250-mx\n"
           "S: 250 STARTTLS\n"
           "C: STARTTLS\n"
           "C- \\x16\\x03\\x01\\x00\\x10\n"
           "release\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"a\"\n"
           "S 250 ehlo EHLO@2 \"mx STARTTLS\" lines=2\n"
           "S caps 1 esmtp starttls\n"
           "C STARTTLS\n"
           "(hand over at C 18)\n");
}

static void a_hold_that_ends_finds_an_old_hello(void **state)
{
    (void)state;
    expect("C: EHLO a\n"
           "C: STARTTLS\n"
           "C- \\x80\\x2e\\x01\\x03\\x01\n"
           "release\n",
           "C EHLO \"a\" early\n"
           "C STARTTLS early\n"
           "(hand over at C 18)\n");
}

static void a_hold_that_ends_finds_clear_text(void **state)
{
    (void)state;
    expect("C: EHLO a\n"
           "C: STARTTLS\n"
           "C: QUIT\n"
           "release\n",
           "C EHLO \"a\" early\n"
           "C STARTTLS early\n"
           "C QUIT early\n");
}

static void starttls_refused_then_clear_text(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO a\n"
           "S: 250-mx\n"
           "S: 250 STARTTLS\n"
           "C: STARTTLS\n"
           "C: NOOP\n"
           "S: 454 4.7.0 TLS not available\n"
           "C: MAIL FROM:<a@b>\n"
           "S: 250 ok\n"
           "S: 250 ok\n"
           "C: QUIT\n"
           "S: 221 bye\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"a\"\n"
           "S 250 ehlo EHLO@2 \"mx STARTTLS\" lines=2\n"
           "S caps 1 esmtp starttls\n"
           "C STARTTLS\n"
           "S 454 starttls STARTTLS@5 4.7.0 \"TLS not available\"\n"
           "C NOOP pipelined\n"
           "C MAIL \"<a@b>\" pipelined\n"
           "S 250 other NOOP@6 \"ok\"\n"
           "S 250 mail MAIL@8 \"ok\"\n"
           "C QUIT\n"
           "S 221 quit QUIT@11 \"bye\"\n");
}

static void lines_of_cr_alone(void **state)
{
    (void)state;
    expect("S- 220 mx\\r\n"
           "C- EHLO cam\\r\n"
           "S- 250 mx\\r\n"
           "C- MAIL FROM:<a>\\r\n"
           "S- 250 ok\\r\n"
           "C- QUIT\\r\n"
           "S- 221 bye\\r\n",
           "S 220 greeting \"mx\" mixed\n"
           "C EHLO \"cam\" cr\n"
           "S 250 ehlo EHLO@2 \"mx\" mixed\n"
           "S caps 0\n"
           "C MAIL \"<a>\" cr\n"
           "S 250 mail MAIL@4 \"ok\" mixed\n"
           "C QUIT cr\n"
           "S 221 quit QUIT@6 \"bye\" mixed\n");
}

static void rarer_commands(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: LHLO cam\n"
           "S: 250-mx\n"
           "S: 250 VRFY\n"
           "C: vrfy someone\n"
           "S: 252 perhaps\n"
           "C: XCLIENT NAME=cam LOGIN=user\n"
           "S: 220 mx\n"
           "C: HELP\n"
           "S: 214 no\n"
           "C: ETRN x\n"
           "S: 458 no\n"
           "C: EXPN list\n"
           "S: 550 no\n"
           "C: BURL imap://user@host/x;token=secret LAST\n"
           "S: 250 ok\n"
           "C: STARTTLS now\n"
           "S: 501 no\n"
           "C: AUTH\n"
           "S: 501 no\n"
           "C: MAIL\n"
           "S: 501 no\n"
           "C:   QUIT \\0\n"
           "S: 221 bye\n",
           "S 220 greeting \"mx\"\n"
           "C LHLO \"cam\"\n"
           "S 250 ehlo LHLO@2 \"mx VRFY\" lines=2\n"
           "S caps 1 esmtp\n"
           "C VRFY \"someone\"\n"
           "S 252 other VRFY@5 \"perhaps\"\n"
           "C XCLIENT \"NAME=cam LOGIN=user\"\n"
           "S 220 other XCLIENT@7 \"mx\"\n"
           "C HELP\n"
           "S 214 other HELP@9 \"no\"\n"
           "C ETRN \"x\"\n"
           "S 458 other ETRN@11 \"no\"\n"
           "C EXPN \"list\"\n"
           "S 550 other EXPN@13 \"no\"\n"
           "C BURL last secret\n"
           "S 250 end@15 \"ok\"\n"
           "C STARTTLS\n"
           "S 501 starttls STARTTLS@17 \"no\"\n"
           "C AUTH\n"
           "C auth \"\"\n"
           "S 501 auth AUTH@19 \"no\"\n"
           "C MAIL\n"
           "S 501 mail MAIL@21 \"no\"\n"
           "C QUIT\n"
           "S 221 quit QUIT@23 \"bye\"\n"
           "secret 83+36\n");
}

static void inside_tls(void **state)
{
    (void)state;
    expect_facts("C: EHLO cam\n"
                 "S: 250-mx\n"
                 "S: 250 AUTH PLAIN\n"
                 "C: STARTTLS\n"
                 "S: 503 already\n",
                 SMTP_START_AFTER_TLS,
                 "C EHLO \"cam\"\n"
                 "S 250 ehlo EHLO@1 \"mx AUTH PLAIN\" lines=2\n"
                 "S caps 1 esmtp \"PLAIN\"\n"
                 "C STARTTLS\n"
                 "S 503 starttls STARTTLS@4 \"already\"\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_story_with_cram_md5),
        cmocka_unit_test(what_follows_a_list_is_no_part_of_it),
        cmocka_unit_test(starttls_hands_over_at_the_byte),
        cmocka_unit_test(held_bytes_before_the_220_are_clear_text),
        cmocka_unit_test(a_hold_that_ends_finds_the_hello),
        cmocka_unit_test(a_hold_that_ends_finds_an_old_hello),
        cmocka_unit_test(a_hold_that_ends_finds_clear_text),
        cmocka_unit_test(starttls_refused_then_clear_text),
        cmocka_unit_test(lines_of_cr_alone),
        cmocka_unit_test(rarer_commands),
        cmocka_unit_test(inside_tls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
