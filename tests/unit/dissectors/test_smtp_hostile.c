/* SPDX-License-Identifier: BSD-3-Clause */
/* What is no SMTP, or wants to be too much of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/text.h"
#include "dialogue.h"
#include "dissectors/smtp_command.h"
#include "dissectors/smtp_reply.h"

static bool is_binary_with(size_t len, size_t at, uint8_t byte)
{
    uint8_t line[40];
    struct smtp_command c;
    memset(line, 'a', sizeof line);
    line[at] = byte;
    smtp_command_read(bytes_of(line, len), &c);
    return c.binary;
}

static void a_control_character_in_any_place(void **state)
{
    (void)state;
    for (size_t len = 1; len <= 40; len++)
        for (size_t at = 0; at < len; at++) {
            assert_true(is_binary_with(len, at, 0x01));
            assert_true(is_binary_with(len, at, 0x1F));
            assert_true(is_binary_with(len, at, 0x7F));
            assert_false(is_binary_with(len, at, '\t'));
            assert_false(is_binary_with(len, at, 'z'));
            assert_false(is_binary_with(len, at, 0x80));
            assert_false(is_binary_with(len, at, 0xFF));
        }
}

/* What is passed over without being read as a command is none. */
static void every_verb_may_be_a_command(void **state)
{
    (void)state;
    struct smtp_command c;
    for (enum smtp_verb verb = SMTP_EHLO; verb < SMTP_UNKNOWN_VERB; verb++) {
        struct bytes word = bytes_str(smtp_verb_name(verb));
        assert_true(smtp_command_may_be(word));
        smtp_command_read(word, &c);
        assert_int_equal(c.verb, verb);
    }
    assert_true(smtp_command_may_be(bytes_str(" \tSTARTTLS")));
    assert_true(smtp_command_may_be(bytes_of("\0QUIT nothing", 13)));
    assert_true(smtp_command_may_be(bytes_str("")));
    assert_false(smtp_command_may_be(bytes_str("STARTTLSx")));
    assert_false(smtp_command_may_be(bytes_str("dXNlcm5hbWU=")));
}

/* A server that leaves its name out lists it on the first line, where only what is known counts. */
static void every_keyword_is_known(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "250 SIZE 10",    "250 PIPELINING", "250 8BITMIME",
        "250 AUTH LOGIN", "250 STARTTLS",   "250 ENHANCEDSTATUSCODES",
        "250 DSN",        "250 CHUNKING",   "250 SMTPUTF8",
        "250 VRFY",       "250 ETRN",       "250 HELP",
        "250 EXPN",       "250 BINARYMIME", "250 auth=PLAIN",
        "250 requiretls",
    };
    const struct line line = { .first_frame = 1 };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct reply_line r;
        struct reply reply;
        reply_begin(&reply);
        assert_true(reply_line_read(bytes_str(lines[i]), &r));
        reply_add(&reply, &r, &line);
        assert_int_equal(reply.capabilities.count, 1);
    }
}

static void bytes_that_are_no_smtp(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C- \\0\\x01\\x02\\x03\\r\\n\n"
           "S: 500 what\n"
           "C: \\xff\\xfb\\x01\n"
           "C: ...\n"
           "C: ,,,\n"
           "C: ;;;\n"
           "C: !!!\n"
           "C: ()\n"
           "C: ?\n"
           "S: 421 enough\n",
           "S 220 greeting \"mx\"\n"
           "C noise binary\n"
           "S 500 other ?@2 \"what\"\n"
           "C noise binary\n"
           "C noise not-smtp\n"
           "C noise not-smtp\n"
           "S 421 other ?@4 \"enough\"\n");
}

static void a_hello_where_clear_text_is_spoken(void **state)
{
    (void)state;
    expect("C- \\x16\\x03\\x01\\x00\\x10abcdef\\n\\x01\\x02sdf\\nfoo\\nQUIT\\n\n"
           "S: 220 mx\n"
           "S: 500 5.5.1 unknown\n",
           "C noise tls-record\n"
           "C QUIT early lf\n"
           "S 220 greeting \"mx\"\n"
           "S 500 other ?@1 5.5.1 \"unknown\"\n");
}

static void an_alert_where_a_greeting_is_due(void **state)
{
    (void)state;
    expect("C: EHLO cam\n"
           "S- \\x15\\x03\\x01\\x00\\x02\\x02\\x16\n"
           "C: QUIT\n",
           "C EHLO \"cam\" early\n"
           "S noise tls-record\n"
           "C QUIT early\n");
}

static void http_is_given_up(void **state)
{
    (void)state;
    expect("C: GET / HTTP/1.1\n"
           "S: HTTP/1.1 400 Bad Request\n"
           "S: Server: x\n",
           "C ? \"GET\" early\n"
           "S noise not-smtp\n"
           "(give up)\n");
}

static void ssh_is_given_up(void **state)
{
    (void)state;
    expect("S: SSH-2.0-x\n"
           "C: SSH-2.0-y\n"
           "C: more\n",
           "S noise not-smtp\n"
           "C noise not-smtp\n"
           "(give up)\n");
}

static void a_server_that_talks_nonsense(void **state)
{
    (void)state;
    expect("S: * OK\n"
           "S: * OK\n"
           "S: * OK\n"
           "S: * OK\n"
           "S: * OK\n"
           "S: * OK\n"
           "S: * OK\n"
           "S: * OK\n"
           "S: * OK\n",
           "S noise not-smtp\n"
           "S noise not-smtp\n"
           "S noise not-smtp\n"
           "S noise not-smtp\n"
           "(give up)\n");
}

static void nonsense_where_smtp_was_is_borne(void **state)
{
    (void)state;
    expect("S: * OK IMAP4 ready\n"
           "C: EHLO cam\n"
           "S: EHLO BAD command\n",
           "S noise not-smtp\n"
           "C EHLO \"cam\" early\n"
           "S noise not-smtp\n");
}

static void a_reply_of_many_lines_that_does_not_end(void **state)
{
    (void)state;
    expect("S: 220-one\n"
           "S: 220-two\n"
           "S- 220-th\n",
           "S 220 greeting \"one two th\" lines=3 mixed clipped\n");
}

static void unknown_commands_without_end(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: A\n"
           "C: B\n"
           "C: C\n"
           "C: D\n"
           "C: E\n"
           "C: F\n"
           "C: G\n"
           "C: H\n"
           "C: I\n"
           "C: J\n"
           "C: QUIT\n"
           "S: 500 no\n"
           "S: 500 no\n"
           "S: 500 no\n"
           "S: 500 no\n"
           "S: 500 no\n"
           "S: 500 no\n"
           "S: 500 no\n"
           "S: 500 no\n"
           "S: 500 no\n"
           "S: 500 no\n"
           "S: 221 bye\n",
           "S 220 greeting \"mx\"\n"
           "C ? \"A\"\n"
           "C ? \"B\" pipelined\n"
           "C ? \"C\" pipelined\n"
           "C ? \"D\" pipelined\n"
           "C ? \"E\" pipelined\n"
           "C ? \"F\" pipelined\n"
           "C ? \"G\" pipelined\n"
           "C ? \"H\" pipelined\n"
           "C QUIT pipelined\n"
           "S 500 other ?@2 \"no\"\n"
           "S 500 other ?@3 \"no\"\n"
           "S 500 other ?@4 \"no\"\n"
           "S 500 other ?@5 \"no\"\n"
           "S 500 other ?@6 \"no\"\n"
           "S 500 other ?@7 \"no\"\n"
           "S 500 other ?@8 \"no\"\n"
           "S 500 other ?@9 \"no\"\n"
           "S 500 other ?@10 \"no\"\n"
           "S 500 other ?@11 \"no\"\n"
           "S 221 quit QUIT@12 \"bye\"\n");
}

static void an_unfinished_command(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C- MAIL FROM:<a@b\n",
           "S 220 greeting \"mx\"\n"
           "C MAIL \"<a@b\" clipped\n");
}

static void an_unfinished_word(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C- SECRET\n",
           "S 220 greeting \"mx\"\n"
           "C ? secret clipped\n"
           "secret 0+6\n");
}

static void gaps_and_nothing_else(void **state)
{
    (void)state;
    expect("S gap 0\n"
           "C gap 0\n"
           "S gap 5\n"
           "C gap 5\n",
           "");
}

static void a_utf8_text_cut_in_the_middle_of_a_line(void **state)
{
    (void)state;
    expect("S: 220 mx \\xe6\\x97\\xa5\\xe6\\x9c\\xac\n"
           "C: EHLO \\xe6\\x97\\xa5\n"
           "S: 250 \\xff\\x1b[31m\n",
           "S 220 greeting \"mx 日本\"\n"
           "C EHLO \"日\"\n"
           "S 250 ehlo EHLO@2 \"\\xff\\x1b[31m\"\n"
           "S caps 0\n");
}

/* A script line of n times a letter between two strings. */
static void add_long(struct text *t, const char *before, size_t n, const char *after)
{
    text_add(t, before);
    for (size_t i = 0; i < n; i++)
        text_add_char(t, 'a');
    text_add(t, after);
}

static void a_line_may_be_just_so_long(void **state)
{
    (void)state;
    struct text t;
    text_init(&t, 65536);
    add_long(&t, "S: 220 ", SMTP_LINE_MAX - 4, "\n");
    add_long(&t, "C: EHLO ", SMTP_LINE_MAX - 5, "\n");
    text_add(&t, "S: 250 mx\n");
    const char *facts = dialogue_facts(text_str(&t), SMTP_START_GREETING, CUT_RANDOM, 1, true);
    assert_non_null(strstr(facts, "S 220 greeting \"aaa"));
    assert_non_null(strstr(facts, "aaa\" clipped\nC EHLO \"aaa"));
    assert_null(strstr(facts, "noise"));
    text_done(&t);
}

static void a_longer_line_is_told_and_skipped(void **state)
{
    (void)state;
    struct text t;
    text_init(&t, 65536);
    add_long(&t, "S: 220 ", SMTP_LINE_MAX - 3, "\nS: 220 mx\n");
    add_long(&t, "C: EHLO ", SMTP_LINE_MAX - 4, "\n");
    text_add(&t, "S: 500 too long\n");
    add_long(&t, "C: AUTH PLAIN ", SMTP_LINE_MAX, "\nS: 500 no\n");
    add_long(&t, "C: AUTH PLAIN ", SMTP_AUTH_LINE_MAX, "\nS: 500 no\n");
    text_add(&t, "C: QUIT\n");
    expect(
        text_str(&t),
        "S noise too-long\nS 220 greeting \"mx\"\nC noise too-long\nS 500 other ?@3 \"too long\"\n"
        "C AUTH secret\nC auth \"PLAIN\" ir\nC step 1 base64\nS 500 auth AUTH@5 \"no\"\n"
        "C noise too-long\nS 500 other ?@7 \"no\"\nC QUIT\nsecret 2014+2000\nsecret 4016+12299\n");
    text_done(&t);
}

static void a_longer_answer_is_a_secret_too(void **state)
{
    (void)state;
    struct text t;
    text_init(&t, 65536);
    text_add(&t, "C: AUTH LOGIN\nS: 220 mx\nS: 334 \n");
    add_long(&t, "C: ", SMTP_AUTH_LINE_MAX + 1, "\nS: 500 no aaaa\nC: QUIT\n");
    expect(text_str(&t), "C AUTH early\nC auth \"LOGIN\"\nS 220 greeting \"mx\"\nS 334 auth AUTH@1 "
                         "\"\"\nC noise too-long\n"
                         "S 500 auth step@4 \"no aaaa\"\nC QUIT\nsecret 12+12289\n");
    text_done(&t);
}

static void a_queue_has_an_end(void **state)
{
    (void)state;
    struct text t;
    text_init(&t, 65536);
    text_add(&t, "S: 220 mx\n");
    for (unsigned i = 0; i < 2 * SMTP_PENDING_MAX; i++)
        text_add(&t, "C: RCPT TO:<a>\n");
    for (unsigned i = 0; i < 2 * SMTP_PENDING_MAX; i++)
        text_add(&t, "S: 250 ok\n");
    text_add(&t, "C: QUIT\nS: 221 bye\n");
    const char *facts = dialogue_facts(text_str(&t), SMTP_START_GREETING, CUT_LINES, 0, true);
    assert_non_null(strstr(facts, "facts-dropped"));
    assert_non_null(strstr(facts, "S 250 other ? \"ok\"\nC QUIT\nS 221 quit QUIT@514 \"bye\"\n"));
    text_done(&t);
}

static void a_reply_without_end_is_bounded(void **state)
{
    (void)state;
    struct text t;
    text_init(&t, 1 << 20);
    for (unsigned i = 0; i < 5000; i++)
        text_add(&t, "S: 250-AUTH X\xe6\x97\xa5\n");
    text_add(&t, "S: 250 AUTH LAST\n");
    for (unsigned i = 0; i < 100; i++)
        text_format(&t, "S: 250-AUTH MECHANISM-%u\n", i);
    text_add(&t, "S: 250 end\n");
    const char *facts = dialogue_facts(text_str(&t), SMTP_START_MIDDLE, CUT_LINES, 0, true);
    assert_non_null(strstr(facts, "lines=5001 clipped\nS caps 5001 esmtp \"X"));
    assert_null(strstr(facts, "\\xe6")); /* cut between characters */
    assert_non_null(strstr(facts, " LAST\"\n"));
    assert_non_null(strstr(facts, "MECHANISM-15\" clipped\n"));
    text_done(&t);
}

/* Whatever allocation fails, nothing breaks and nothing secret comes out. */
static void no_memory_at_any_place(void **state)
{
    (void)state;
    static const char *const script[] = {
        /* 'S' or 'C', then the bytes */
        "S220-mx\r\n220 mx\r\n",
        "CEHLO cam\r\n",
        "S250-mx\r\n250 AUTH LOGIN\r\n",
        "CAUTH LOGIN\r\n",
        "S334 \r\n",
        "Cc2VjcmV0dXNlcg==\r\n",
        "S334 \r\n",
        "Cc2VjcmV0cGFzcw==\r\n",
        "S535 c2VjcmV0cGFzcw==\r\n",
        "Cc2VjcmV0cGFzcw==\r\n",
        "S500 c2VjcmV0cGFzcw== secretpass\r\n",
        "CMAIL FROM:<a>\r\nDATA\r\n",
        "S250 ok\r\n354 go\r\n",
        "CFrom: <a@b>\r\n.\r\n",
        "S250 ok\r\n",
    };
    for (uint64_t n = 1; n < 120; n++) {
        struct attempt *attempt = attempt_new(NULL);
        struct smtp *s = smtp_new(attempt, NULL, SMTP_START_GREETING);
        uint64_t offset[2] = { 0, 0 };
        mem_fail_at(n);
        for (size_t i = 0; i < sizeof script / sizeof *script; i++) {
            enum side from = script[i][0] == 'S' ? SIDE_SERVER : SIDE_DEVICE;
            struct bytes rest = bytes_str(script[i] + 1);
            while (rest.len > 0) { /* in pieces, so that lines need memory */
                struct chunk chunk = {
                    .from = from, .frame = 1, .offset = offset[from], .bytes = bytes_first(rest, 3)
                };
                smtp_data(s, &chunk);
                offset[from] += chunk.bytes.len;
                rest = bytes_after(rest, 3);
            }
        }
        smtp_end(s);
        mem_fail_at(0);
        for (const struct fact *f = timeline_first(attempt->timeline); f;
             f = timeline_next(attempt->timeline, f))
            if (f->kind == FACT_SMTP_REPLY) {
                assert_true(bytes_find_nocase(f->reply.text, "c2VjcmV0") < 0);
                assert_true(bytes_find_nocase(f->reply.text, "secretpass") < 0);
            }
        smtp_free(s);
        attempt_free(attempt);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_that_are_no_smtp),
        cmocka_unit_test(a_control_character_in_any_place),
        cmocka_unit_test(every_verb_may_be_a_command),
        cmocka_unit_test(every_keyword_is_known),
        cmocka_unit_test(a_hello_where_clear_text_is_spoken),
        cmocka_unit_test(an_alert_where_a_greeting_is_due),
        cmocka_unit_test(http_is_given_up),
        cmocka_unit_test(ssh_is_given_up),
        cmocka_unit_test(a_server_that_talks_nonsense),
        cmocka_unit_test(nonsense_where_smtp_was_is_borne),
        cmocka_unit_test(a_reply_of_many_lines_that_does_not_end),
        cmocka_unit_test(unknown_commands_without_end),
        cmocka_unit_test(an_unfinished_command),
        cmocka_unit_test(an_unfinished_word),
        cmocka_unit_test(gaps_and_nothing_else),
        cmocka_unit_test(a_utf8_text_cut_in_the_middle_of_a_line),
        cmocka_unit_test(a_line_may_be_just_so_long),
        cmocka_unit_test(a_longer_line_is_told_and_skipped),
        cmocka_unit_test(a_longer_answer_is_a_secret_too),
        cmocka_unit_test(a_queue_has_an_end),
        cmocka_unit_test(a_reply_without_end_is_bounded),
        cmocka_unit_test(no_memory_at_any_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
