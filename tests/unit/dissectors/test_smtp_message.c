/* SPDX-License-Identifier: BSD-3-Clause */
/* Envelopes and messages, by DATA and BDAT. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "dialogue.h"

static void a_mail_with_pipelining(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO cam\n"
           "S: 250-mx\n"
           "S: 250-SIZE\n"
           "S: 250-CHUNKING\n"
           "S: 250-SMTPUTF8\n"
           "S: 250-DSN\n"
           "S: 250-REQUIRETLS\n"
           "S: 250-X-OWN words\n"
           "S: 250 PIPELINING\n"
           "C: MAIL FROM:<a@b> SIZE=123 BODY=8BITMIME\n"
           "C: RCPT TO:<c@d>\n"
           "C: RCPT TO:<x@d>\n"
           "C: DATA\n"
           "S: 250 2.1.0 ok\n"
           "S: 250 2.1.5 ok\n"
           "S: 550 5.1.1 <x@d>: user unknown\n"
           "S: 354 go\n"
           "C: Received: from x\n"
           "C: From: \"A <b>, C\"\n"
           "C:   <me@example.jp>\n"
           "C: From: <other@example.jp>\n"
           "C: \n"
           "C: From: <third@example.jp>\n"
           "C: ..stuffed\n"
           "C: .\n"
           "S: 250 2.0.0 queued\n"
           "C: RSET\n"
           "S: 250 2.0.0 ok\n"
           "C: MAIL FROM:<>\n"
           "S: 250 ok\n"
           "C: NOOP\n"
           "S: 250 ok\n"
           "C: QUIT\n"
           "S: 221 2.0.0 bye\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"cam\"\n"
           "S 250 ehlo EHLO@2 \"mx SIZE CHUNKING SMTPUTF8 DSN REQUIRETLS X-OWN words PIPELINING\" "
           "lines=8\n"
           "S caps 7 esmtp pipelining chunking utf8 dsn requiretls\n"
           "C MAIL \"<a@b> SIZE=123 BODY=8BITMIME\" size=123\n"
           "C RCPT \"<c@d>\" pipelined\n"
           "C RCPT \"<x@d>\" pipelined\n"
           "C DATA pipelined\n"
           "S 250 mail MAIL@11 2.1.0 \"ok\"\n"
           "S 250 rcpt RCPT@12 2.1.5 \"ok\"\n"
           "S 550 rcpt RCPT@13 5.1.1 \"<x@d>: user unknown\"\n"
           "S 354 data DATA@14 \"go\"\n"
           "C message 119 longest=24 complete \"me@example.jp\"\n"
           "S 250 end@26 2.0.0 \"queued\"\n"
           "C RSET\n"
           "S 250 rset RSET@28 2.0.0 \"ok\"\n"
           "C MAIL \"<>\"\n"
           "S 250 mail MAIL@30 \"ok\"\n"
           "C NOOP\n"
           "S 250 other NOOP@32 \"ok\"\n"
           "C QUIT\n"
           "S 221 quit QUIT@34 2.0.0 \"bye\"\n");
}

static void two_mails_and_a_refused_one(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: HELO cam\n"
           "S: 250 mx\n"
           "C: MAIL FROM:<a@b>\n"
           "S: 250 ok\n"
           "C: RCPT TO:<c@d>\n"
           "S: 250 ok\n"
           "C: DATA\n"
           "S: 354 go\n"
           "C: From: me@example.jp (A Camera)\n"
           "C: \n"
           "C: .\n"
           "S: 250 queued as 1\n"
           "C: MAIL FROM:<a@b>\n"
           "S: 250 ok\n"
           "C: RCPT TO:<c@d>\n"
           "S: 250 ok\n"
           "C: DATA\n"
           "S: 354 go\n"
           "C: no header\n"
           "C: .\n"
           "S: 554 5.7.1 spam\n"
           "C: mail from: <a@b>\n"
           "S: 530 5.7.0 Must issue a STARTTLS command first\n"
           "C: QUIT\n"
           "S: 221 bye\n",
           "S 220 greeting \"mx\"\n"
           "C HELO \"cam\"\n"
           "S 250 ehlo HELO@2 \"mx\"\n"
           "C MAIL \"<a@b>\"\n"
           "S 250 mail MAIL@4 \"ok\"\n"
           "C RCPT \"<c@d>\"\n"
           "S 250 rcpt RCPT@6 \"ok\"\n"
           "C DATA\n"
           "S 354 data DATA@8 \"go\"\n"
           "C message 34 longest=30 complete \"me@example.jp\"\n"
           "S 250 end@12 \"queued as 1\"\n"
           "C MAIL \"<a@b>\"\n"
           "S 250 mail MAIL@14 \"ok\"\n"
           "C RCPT \"<c@d>\"\n"
           "S 250 rcpt RCPT@16 \"ok\"\n"
           "C DATA\n"
           "S 354 data DATA@18 \"go\"\n"
           "C message 11 longest=9 complete\n"
           "S 554 end@21 5.7.1 \"spam\"\n"
           "C MAIL \"<a@b>\"\n"
           "S 530 mail MAIL@23 5.7.0 \"Must issue a STARTTLS command first\"\n"
           "C QUIT\n"
           "S 221 quit QUIT@25 \"bye\"\n");
}

static void bdat_counts_its_bytes(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO cam\n"
           "S: 250-mx\n"
           "S: 250 CHUNKING\n"
           "C: MAIL FROM:<a> SIZE=99999999999\n"
           "S: 250 ok\n"
           "C- BDAT 10\\r\\nFrom: <a@b\n"
           "S: 250 ok\n"
           "C- BDAT 7 LAST\\r\\nx>\\r\\n.\\r\\n\n"
           "S: 250 2.6.0 queued\n"
           "C: BDAT 5\n"
           "C- QUIT\\n\n"
           "S: 250 ok\n"
           "C: BDAT 0 LAST\n"
           "S: 554 no\n"
           "C: BDAT 3\n"
           "C- abc\n"
           "S: 250 ok\n"
           "C: RSET\n"
           "S: 250 ok\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"cam\"\n"
           "S 250 ehlo EHLO@2 \"mx CHUNKING\" lines=2\n"
           "S caps 1 esmtp chunking\n"
           "C MAIL \"<a> SIZE=99999999999\" size=4294967295\n"
           "S 250 mail MAIL@5 \"ok\"\n"
           "C BDAT size=10\n"
           "S 250 data BDAT@7 \"ok\"\n"
           "C BDAT size=7 last\n"
           "C message 17 longest=12 complete bdat \"a@bx\"\n"
           "S 250 end@9 2.6.0 \"queued\"\n"
           "C BDAT size=5\n"
           "S 250 data BDAT@11 \"ok\"\n"
           "C BDAT last\n"
           "C message 5 longest=4 complete lf bdat\n"
           "S 554 end@14 \"no\"\n"
           "C BDAT size=3\n"
           "S 250 data BDAT@16 \"ok\"\n"
           "C RSET\n"
           "C message 3 longest=3 bdat\n"
           "S 250 rset RSET@19 \"ok\"\n");
}

static void lines_of_lf_alone(void **state)
{
    (void)state;
    expect("S- 220 mx\\n\n"
           "C- EHLO cam\\n\n"
           "S- 250 mx\\n\n"
           "C- MAIL FROM:<a>\\n\n"
           "S- 250 ok\\n\n"
           "C- DATA\\n\n"
           "S- 354 go\\n\n"
           "C- From: a@b\\n\\nhello\\n.\\n\n"
           "S- 250 queued\\n\n"
           "C- QUIT\\n\n"
           "S- 221 bye\\n\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"cam\" lf\n"
           "S 250 ehlo EHLO@2 \"mx\"\n"
           "S caps 0\n"
           "C MAIL \"<a>\" lf\n"
           "S 250 mail MAIL@4 \"ok\"\n"
           "C DATA lf\n"
           "S 354 data DATA@6 \"go\"\n"
           "C message 17 longest=9 complete lf false-end \"a@b\"\n"
           "S 250 end@8 \"queued\"\n"
           "C QUIT lf\n"
           "S 221 quit QUIT@10 \"bye\"\n");
}

static void a_false_end_that_goes_on_is_none(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO a\n"
           "S: 250 mx\n"
           "C: DATA\n"
           "S: 354 go\n"
           "C- Subject: x\\r\\n\\r\\none\\n.\\ntwo\\rthree\\n.\\r\\nfour\\r\\n.\\r\\n\n"
           "S: 250 queued\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"a\"\n"
           "S 250 ehlo EHLO@2 \"mx\"\n"
           "S caps 0\n"
           "C DATA\n"
           "S 354 data DATA@4 \"go\"\n"
           "C message 38 longest=10 complete lf cr\n"
           "S 250 end@6 \"queued\"\n");
}

static void a_server_that_gives_up_in_the_message(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO cam\n"
           "S: 250 mx\n"
           "C: DATA\n"
           "S: 354 go\n"
           "C: From: a@b\n"
           "S: 421 4.4.2 timeout\n"
           "C: more\n"
           "C: QUIT\n"
           "S: 221 bye\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"cam\"\n"
           "S 250 ehlo EHLO@2 \"mx\"\n"
           "S caps 0\n"
           "C DATA\n"
           "S 354 data DATA@4 \"go\"\n"
           "S 421 unasked 4.4.2 \"timeout\"\n"
           "C message 17 longest=9 \"a@b\"\n"
           "C QUIT\n"
           "S 221 quit QUIT@9 \"bye\"\n");
}

static void a_server_that_refuses_in_the_message(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO cam\n"
           "S: 250 mx\n"
           "C: DATA\n"
           "S: 354 go\n"
           "C: From: a@b\n"
           "S: 552 5.3.4 too big\n"
           "C: more\n"
           "C: .\n"
           "S: 250 ok\n"
           "C: QUIT\n"
           "S: 221 bye\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"cam\"\n"
           "S 250 ehlo EHLO@2 \"mx\"\n"
           "S caps 0\n"
           "C DATA\n"
           "S 354 data DATA@4 \"go\"\n"
           "S 552 end@6 5.3.4 \"too big\"\n"
           "C message 17 longest=9 complete \"a@b\"\n"
           "S 250 end@9 \"ok\"\n"
           "C QUIT\n"
           "S 221 quit QUIT@11 \"bye\"\n");
}

static void a_message_that_does_not_end(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO cam\n"
           "S: 250 mx\n"
           "C: DATA\n"
           "S: 354 go\n"
           "C: From: a@b\n"
           "C- half a line\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"cam\"\n"
           "S 250 ehlo EHLO@2 \"mx\"\n"
           "S caps 0\n"
           "C DATA\n"
           "S 354 data DATA@4 \"go\"\n"
           "C message 11 longest=11 \"a@b\"\n");
}

static void data_that_does_not_wait(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO cam\n"
           "S: 250 mx\n"
           "C: MAIL FROM:<a>\n"
           "C: RCPT TO:<b>\n"
           "C: DATA\n"
           "C: From: a@b\n"
           "C: \n"
           "C: .\n"
           "C: QUIT\n"
           "S: 250 ok\n"
           "S: 250 ok\n"
           "S: 354 go\n"
           "S: 250 queued\n"
           "S: 221 bye\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"cam\"\n"
           "S 250 ehlo EHLO@2 \"mx\"\n"
           "S caps 0\n"
           "C MAIL \"<a>\"\n"
           "C RCPT \"<b>\" pipelined\n"
           "C DATA pipelined\n"
           "C message 13 longest=9 complete \"a@b\"\n"
           "C QUIT pipelined\n"
           "S 250 mail MAIL@4 \"ok\"\n"
           "S 250 rcpt RCPT@5 \"ok\"\n"
           "S 354 data DATA@6 \"go\"\n"
           "S 250 end@9 \"queued\"\n"
           "S 221 quit QUIT@10 \"bye\"\n");
}

static void data_refused_and_left(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO cam\n"
           "S: 250 mx\n"
           "C: MAIL FROM:<a>\n"
           "C: RCPT TO:<b>\n"
           "C: DATA\n"
           "S: 250 ok\n"
           "S: 550 no\n"
           "S: 554 no valid recipients\n"
           "C: RSET\n"
           "S: 250 ok\n"
           "C: QUIT\n"
           "S: 221 bye\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"cam\"\n"
           "S 250 ehlo EHLO@2 \"mx\"\n"
           "S caps 0\n"
           "C MAIL \"<a>\"\n"
           "C RCPT \"<b>\" pipelined\n"
           "C DATA pipelined\n"
           "S 250 mail MAIL@4 \"ok\"\n"
           "S 550 rcpt RCPT@5 \"no\"\n"
           "S 554 data DATA@6 \"no valid recipients\"\n"
           "C RSET\n"
           "S 250 rset RSET@10 \"ok\"\n"
           "C QUIT\n"
           "S 221 quit QUIT@12 \"bye\"\n");
}

static void data_and_quit_at_once(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO cam\n"
           "S: 250 mx\n"
           "C: DATA\n"
           "C: QUIT\n"
           "S: 503 no\n"
           "S: 221 bye\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"cam\"\n"
           "S 250 ehlo EHLO@2 \"mx\"\n"
           "S caps 0\n"
           "C DATA\n"
           "C QUIT pipelined\n"
           "S 503 data DATA@4 \"no\"\n"
           "S 221 quit QUIT@5 \"bye\"\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mail_with_pipelining),
        cmocka_unit_test(two_mails_and_a_refused_one),
        cmocka_unit_test(bdat_counts_its_bytes),
        cmocka_unit_test(lines_of_lf_alone),
        cmocka_unit_test(a_false_end_that_goes_on_is_none),
        cmocka_unit_test(a_server_that_gives_up_in_the_message),
        cmocka_unit_test(a_server_that_refuses_in_the_message),
        cmocka_unit_test(a_message_that_does_not_end),
        cmocka_unit_test(data_that_does_not_wait),
        cmocka_unit_test(data_refused_and_left),
        cmocka_unit_test(data_and_quit_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
