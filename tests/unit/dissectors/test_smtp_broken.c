/* SPDX-License-Identifier: BSD-3-Clause */
/* One side alone, gaps, a beginning that is missing, replies in bad form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "dialogue.h"

static void a_lost_220_is_no_loss(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO a\n"
           "S: 250-mx\n"
           "S: 250 STARTTLS\n"
           "C: STARTTLS\n"
           "S gap 11\n"
           "C- \\x16\\x03\\x01\\x00\\x10\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"a\"\n"
           "S 250 ehlo EHLO@2 \"mx STARTTLS\" lines=2\n"
           "S caps 1 esmtp starttls\n"
           "C STARTTLS\n"
           "(hand over at C 18)\n");
}

static void a_lost_starttls_is_no_loss(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO a\n"
           "S: 250-mx\n"
           "S: 250 STARTTLS\n"
           "C gap 10\n"
           "S: 220 ready\n"
           "C- \\x16\\x03\\x01\\x00\\x10\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"a\"\n"
           "S 250 ehlo EHLO@2 \"mx STARTTLS\" lines=2\n"
           "S caps 1 esmtp starttls\n"
           "S 220 starttls STARTTLS \"ready\"\n"
           "(hand over at C 18)\n");
}

static void the_device_alone(void **state)
{
    (void)state;
    expect("C: EHLO cam\n"
           "C: AUTH LOGIN\n"
           "C: dXNlcg==\n"
           "C: cGFzcw==\n"
           "C: MAIL FROM:<a@b>\n"
           "C: RCPT TO:<c@d>\n"
           "C: DATA\n"
           "C: From: me@x.jp\n"
           "C: \n"
           "C: QUITting\n"
           "C: .\n"
           "C: QUIT\n",
           "C EHLO \"cam\" early\n"
           "C AUTH early\n"
           "C auth \"LOGIN\"\n"
           "C step 1 base64\n"
           "C step 2 base64\n"
           "C identity \"user\" password\n"
           "C MAIL \"<a@b>\" early\n"
           "C RCPT \"<c@d>\" early\n"
           "C DATA early\n"
           "C message 27 longest=13 complete \"me@x.jp\"\n"
           "C QUIT early\n"
           "secret 22+8\n"
           "secret 32+8\n");
}

static void the_device_alone_with_lf(void **state)
{
    (void)state;
    expect("C- EHLO cam\\nMAIL FROM:<a>\\nRCPT TO:<b>\\nDATA\\nFrom: a@b\\n\\nhello\\n.\\nMAIL "
           "FROM:<c>\\nDATA\\nQUIT\\n\n",
           "C EHLO \"cam\" early lf\n"
           "C MAIL \"<a>\" early lf\n"
           "C RCPT \"<b>\" early lf\n"
           "C DATA early lf\n"
           "C message 17 longest=9 complete lf false-end \"a@b\"\n"
           "C MAIL \"<c>\" early lf\n"
           "C DATA early lf\n"
           "C QUIT early lf\n");
}

static void the_server_alone(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "S: 250-mx\n"
           "S: 250-STARTTLS\n"
           "S: 250 AUTH PLAIN\n"
           "S: 334 \n"
           "S: 235 2.7.0 ok\n"
           "S: 250 2.1.0 ok\n"
           "S: 250 2.1.5 ok\n"
           "S: 354 go\n"
           "S: 250 2.0.0 queued\n"
           "S: 221 bye\n",
           "S 220 greeting \"mx\"\n"
           "S 250 ehlo EHLO \"mx STARTTLS AUTH PLAIN\" lines=3\n"
           "S caps 2 esmtp starttls \"PLAIN\"\n"
           "S 334 auth AUTH \"\"\n"
           "S 235 auth AUTH 2.7.0 \"ok\"\n"
           "S 250 mail MAIL 2.1.0 \"ok\"\n"
           "S 250 rcpt RCPT 2.1.5 \"ok\"\n"
           "S 354 data DATA \"go\"\n"
           "S 250 end 2.0.0 \"queued\"\n"
           "S 221 quit QUIT \"bye\"\n");
}

static void the_server_alone_goes_over_to_tls(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "S: 250-mx\n"
           "S: 250 STARTTLS\n"
           "S: 220 ready\n"
           "S- \\x16\\x03\\x03\\x00\\x05\n",
           "S 220 greeting \"mx\"\n"
           "S 250 ehlo EHLO \"mx STARTTLS\" lines=2\n"
           "S caps 1 esmtp starttls\n"
           "S 220 starttls STARTTLS \"ready\"\n"
           "(hand over at S 41)\n");
}

static void a_gap_in_the_message(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO cam\n"
           "S: 250 mx\n"
           "C: DATA\n"
           "S: 354 go\n"
           "C: From: a@b\n"
           "C gap 100\n"
           "C: rest of it\n"
           "C: .\n"
           "S: 250 queued\n"
           "C: QUIT\n"
           "S: 221 bye\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"cam\"\n"
           "S 250 ehlo EHLO@2 \"mx\"\n"
           "S caps 0\n"
           "C DATA\n"
           "S 354 data DATA@4 \"go\"\n"
           "C message 123 longest=10 complete gap \"a@b\" after-gap\n"
           "S 250 end@9 \"queued\"\n"
           "C QUIT after-gap\n"
           "S 221 quit QUIT@11 \"bye\"\n");
}

static void the_final_dot_is_lost(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO cam\n"
           "S: 250 mx\n"
           "C: DATA\n"
           "S: 354 go\n"
           "C: From: a@b\n"
           "C gap 100\n"
           "S: 250 queued\n"
           "C: QUIT\n"
           "S: 221 bye\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"cam\"\n"
           "S 250 ehlo EHLO@2 \"mx\"\n"
           "S caps 0\n"
           "C DATA\n"
           "S 354 data DATA@4 \"go\"\n"
           "C message 111 longest=9 gap \"a@b\" after-gap\n"
           "S 250 end@6 \"queued\"\n"
           "C QUIT after-gap\n"
           "S 221 quit QUIT@9 \"bye\"\n");
}

static void a_gap_in_bdat(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO cam\n"
           "S: 250 mx\n"
           "C- BDAT 100 LAST\\r\\nabc\n"
           "C gap 97\n"
           "S: 250 queued\n"
           "C- BDAT 100 LAST\\r\\nabc\n"
           "C gap 0\n"
           "C: Subject: of a body\n"
           "C: QUIT\n"
           "S: 221 bye\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"cam\"\n"
           "S 250 ehlo EHLO@2 \"mx\"\n"
           "S caps 0\n"
           "C BDAT size=100 last\n"
           "C message 100 complete bdat gap after-gap\n"
           "S 250 end@4 \"queued\"\n"
           "C BDAT size=100 last after-gap\n"
           "C message 100 bdat gap after-gap\n"
           "C ? secret pipelined after-gap\n"
           "C QUIT pipelined after-gap\n"
           "S 221 quit QUIT@10 \"bye\"\n"
           "secret 143+18\n");
}

static void data_lost_in_a_gap(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO cam\n"
           "S: 250 mx\n"
           "C gap 30\n"
           "S: 250 2.1.0 ok\n"
           "S: 354 go\n"
           "C: From: a@b\n"
           "C: \n"
           "C: body\n"
           "C: .\n"
           "S: 250 queued\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"cam\"\n"
           "S 250 ehlo EHLO@2 \"mx\"\n"
           "S caps 0\n"
           "S 250 mail MAIL 2.1.0 \"ok\"\n"
           "S 354 data DATA \"go\"\n"
           "C message 19 longest=9 complete \"a@b\" after-gap\n"
           "S 250 end@10 \"queued\"\n");
}

static void replies_lost_in_a_gap(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO cam\n"
           "S: 250-mx\n"
           "S gap 20\n"
           "S: 250 AUTH LOGIN\n"
           "C: MAIL FROM:<a>\n"
           "S gap 8\n"
           "C: RCPT TO:<b>\n"
           "S: 250 2.1.5 ok\n"
           "C: QUIT\n"
           "S: 221 bye\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"cam\"\n"
           "S 250 ehlo EHLO \"mx AUTH LOGIN\" lines=2 mixed after-gap\n"
           "S caps 1 esmtp \"LOGIN\" after-gap\n"
           "C MAIL \"<a>\"\n"
           "C RCPT \"<b>\"\n"
           "S 250 rcpt RCPT@8 2.1.5 \"ok\" after-gap\n"
           "C QUIT\n"
           "S 221 quit QUIT@10 \"bye\" after-gap\n");
}

static void a_torn_reply(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO cam\n"
           "S: 250-mx\n"
           "S: 250-STARTTLS\n"
           "S gap 20\n"
           "S: 530 5.7.0 must sign in\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"cam\"\n"
           "S 250 ehlo EHLO \"mx STARTTLS\" lines=2 mixed clipped after-gap\n"
           "S caps 1 esmtp starttls clipped after-gap\n"
           "S 530 unasked 5.7.0 \"must sign in\" after-gap\n");
}

static void replies_in_bad_form(void **state)
{
    (void)state;
    expect("S: 220-mx\n"
           "S: no code here\n"
           "S: 220 end\n"
           "C: EHLO\n"
           "S: 550-5.7.1 one\n"
           "S: 554 5.7.1 two\n"
           "C: HELO x\n"
           "S: 250\n"
           "C: MAIL FROM:<a>\n"
           "S: 250ok\n"
           "C: RCPT TO:<b>\n"
           "S: 550 5.1.1: nobody\n"
           "C: RCPT TO:<c>\n"
           "S: 451 5.7.1 mixed classes\n"
           "C: RCPT TO:<d>\n"
           "S: 550 5.1.2.3 is on a list\n"
           "C: QUIT\n"
           "S- 221 by\n",
           "S 220 greeting \"mx no code here end\" lines=3 mixed\n"
           "C EHLO\n"
           "S 554 ehlo EHLO@4 5.7.1 \"one two\" lines=2 mixed\n"
           "C HELO \"x\"\n"
           "S 250 ehlo HELO@7 \"\"\n"
           "C MAIL \"<a>\"\n"
           "S 250 mail MAIL@9 \"ok\" mixed\n"
           "C RCPT \"<b>\"\n"
           "S 550 rcpt RCPT@11 5.1.1 \"nobody\"\n"
           "C RCPT \"<c>\"\n"
           "S 451 rcpt RCPT@13 5.7.1 \"mixed classes\"\n"
           "C RCPT \"<d>\"\n"
           "S 550 rcpt RCPT@15 \"5.1.2.3 is on a list\"\n"
           "C QUIT\n"
           "S 221 quit QUIT@17 \"by\" mixed clipped\n");
}

static void unasked_replies(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "S: 421 4.4.2 timeout\n"
           "S: 250 what\n",
           "S 220 greeting \"mx\"\n"
           "S 421 unasked 4.4.2 \"timeout\"\n"
           "S 250 unasked \"what\"\n");
}

static void overwritten_words(void **state)
{
    (void)state;
    expect("S: 220 ********\n"
           "C: EHLO cam\n"
           "S: 250-mx\n"
           "S: 250-XXXXXXXA\n"
           "S: 250-********\n"
           "S: 250 X-NOTHING\n"
           "C: XXXXXXXX\n"
           "S: 500 5.5.1 unknown\n",
           "S 220 greeting \"********\"\n"
           "C EHLO \"cam\"\n"
           "S 250 ehlo EHLO@2 \"mx XXXXXXXA ******** X-NOTHING\" lines=4\n"
           "S caps 3 esmtp overwritten\n"
           "C ? \"XXXXXXXX\"\n"
           "S 500 other ?@7 5.5.1 \"unknown\"\n");
}

static void a_device_that_speaks_first(void **state)
{
    (void)state;
    expect("C: EHLO cam\n"
           "S: 220 mx\n"
           "S: 250 mx\n"
           "C: QUIT\n"
           "S: 221 bye\n",
           "C EHLO \"cam\" early\n"
           "S 220 greeting \"mx\"\n"
           "S 250 ehlo EHLO@1 \"mx\"\n"
           "S caps 0\n"
           "C QUIT\n"
           "S 221 quit QUIT@4 \"bye\"\n");
}

static void from_the_middle(void **state)
{
    (void)state;
    expect_facts("C: a line of a message or an answer\n"
                 "S: 235 2.7.0 ok\n"
                 "C: MAIL FROM:<a>\n"
                 "S: 250 2.1.0 ok\n"
                 "C: HELP\n"
                 "S: 214 no\n",
                 SMTP_START_MIDDLE,
                 "C ? secret\n"
                 "S 235 auth AUTH 2.7.0 \"ok\"\n"
                 "C MAIL \"<a>\"\n"
                 "S 250 mail MAIL@3 2.1.0 \"ok\"\n"
                 "C HELP\n"
                 "S 214 other HELP@5 \"no\"\n"
                 "secret 0+32\n");
}

static void from_the_middle_of_starttls(void **state)
{
    (void)state;
    expect_facts("S: 220 ready\n"
                 "C- \\x16\\x03\\x01\n",
                 SMTP_START_MIDDLE,
                 "S 220 greeting \"ready\"\n"
                 "(hand over at C 0)\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lost_220_is_no_loss),
        cmocka_unit_test(a_lost_starttls_is_no_loss),
        cmocka_unit_test(the_device_alone),
        cmocka_unit_test(the_device_alone_with_lf),
        cmocka_unit_test(the_server_alone),
        cmocka_unit_test(the_server_alone_goes_over_to_tls),
        cmocka_unit_test(a_gap_in_the_message),
        cmocka_unit_test(the_final_dot_is_lost),
        cmocka_unit_test(a_gap_in_bdat),
        cmocka_unit_test(data_lost_in_a_gap),
        cmocka_unit_test(replies_lost_in_a_gap),
        cmocka_unit_test(a_torn_reply),
        cmocka_unit_test(replies_in_bad_form),
        cmocka_unit_test(unasked_replies),
        cmocka_unit_test(overwritten_words),
        cmocka_unit_test(a_device_that_speaks_first),
        cmocka_unit_test(from_the_middle),
        cmocka_unit_test(from_the_middle_of_starttls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
