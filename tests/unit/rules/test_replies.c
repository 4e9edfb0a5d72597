/* SPDX-License-Identifier: BSD-3-Clause */
/* The reply table: every row has an example that finds it and no other; the ranking; a user's own rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/mem.h"
#include "rules/replies.h"
#include "rules/reply_text.h"
#include "rules/tsv.h"

static struct smtp_enhanced enhanced(struct bytes b)
{
    struct smtp_enhanced e = { 0 };
    char text[16] = "";
    unsigned class, subject, detail;
    bytes_copy(text, sizeof text - 1, b);
    if (sscanf(text, "%u.%u.%u", &class, &subject, &detail) == 3)
        e = (struct smtp_enhanced) { (uint8_t) class, (uint16_t)subject, (uint16_t)detail };
    return e;
}

static uint8_t step_named(struct bytes b)
{
    for (uint8_t step = 0; step <= STEP_END; step++)
        if (bytes_equal(b, bytes_str(smtp_step_name((enum smtp_step)step))))
            return step;
    fail_msg("no step");
    return 0;
}

static struct fact_smtp_reply reply_of(uint16_t code, const char *e, enum smtp_step step,
                                       const char *text)
{
    return (struct fact_smtp_reply) { .code = code,
                                      .step = (uint8_t)step,
                                      .enhanced = enhanced(bytes_str(e)),
                                      .text = bytes_str(text),
                                      .lines = 1 };
}

static struct bytes examples(uint8_t *room, size_t size)
{
    FILE *f = fopen(REPLY_EXAMPLES, "rb");
    assert_non_null(f);
    size_t len = fread(room, 1, size, f);
    fclose(f);
    assert_true(len < size);
    return bytes_of(room, len);
}

/* Is this the row that an example's last columns name? */
static bool is_row(const struct reply_row *row, const struct bytes *column)
{
    struct smtp_enhanced e = enhanced(column[4]);
    uint16_t steps = 0;
    struct bytes list = column[6];
    while (list.len > 0 && !bytes_equal(column[6], bytes_str("-")))
        steps = (uint16_t)(steps | 1u << step_named(tsv_word(&list)));
    struct bytes pattern = bytes_equal(column[5], bytes_str("-")) ? bytes_str("") : column[5];
    return row->enhanced.class == e.class && row->enhanced.subject == e.subject &&
           row->enhanced.detail == e.detail && row->steps == steps &&
           bytes_equal(bytes_str(row->pattern), pattern);
}

static void every_row_has_an_example(void **state)
{
    (void)state;
    static uint8_t room[256 << 10];
    struct tsv t = { .rest = examples(room, sizeof room) };
    struct bytes column[7];
    bool *found = mem_alloc(NULL, reply_row_count * sizeof *found);
    while (tsv_next(&t, column, 7) > 0) {
        struct fact_smtp_reply reply = { .code = (uint16_t)tsv_number(column[0], 599),
                                         .enhanced = enhanced(column[1]),
                                         .step = step_named(column[2]),
                                         .text = column[3],
                                         .lines = 1 };
        const struct reply_row *row = replies_match(NULL, &reply);
        if (!row || row->code != reply.code || !is_row(row, column))
            fail_msg("example in line %u finds \"%s\" (%s)", t.line, row ? row->pattern : "nothing",
                     row ? row->cause : "");
        found[row - reply_rows] = true;
    }
    for (size_t i = 0; i < reply_row_count; i++)
        if (!found[i])
            fail_msg("no example for %u \"%s\"", reply_rows[i].code, reply_rows[i].pattern);
    mem_free(NULL, found, reply_row_count * sizeof *found);
}

static const char *cause_of(const struct replies *more, uint16_t code, const char *e,
                            enum smtp_step step, const char *text)
{
    struct fact_smtp_reply reply = reply_of(code, e, step, text);
    const struct reply_row *row = replies_match(more, &reply);
    return row ? row->cause : "";
}

static void step_and_code_count(void **state)
{
    (void)state;
    assert_string_equal(cause_of(NULL, 535, "", STEP_MAIL, "Authentication required"),
                        "auth-required");
    assert_string_equal(
        cause_of(NULL, 451, "", STEP_AUTH, "Authentication failed: Maximum credits exceeded"),
        "quota-used-up");
    assert_string_equal(cause_of(NULL, 534, "", STEP_MAIL, "Message too big"), "message-too-big");
    assert_string_equal(
        cause_of(NULL, 550, "5.7.27", STEP_END, "This mail has been blocked: SPF did not pass"),
        "message-rejected");
    assert_string_equal(
        cause_of(NULL, 550, "5.2.252", STEP_MAIL, "Sender throttled due to continuous errors"),
        "sender-not-allowed");
    assert_string_equal(cause_of(NULL, 535, "5.7.8", STEP_AUTH,
                                 "Error: authentication failed: Invalid authentication mechanism"),
                        "auth-method-refused");
    assert_string_equal(cause_of(NULL, 250, "", STEP_RCPT, "user unknown"), "");
    assert_string_equal(cause_of(NULL, 550, "", STEP_MAIL, "user unknown"),
                        ""); /* that row is for recipients */
}

static bool has(const char *text, const char *pattern)
{
    uint8_t room[REPLY_TEXT_MAX];
    return reply_text_has(reply_text_normal(bytes_str(text), room, sizeof room), pattern);
}

static void texts_are_brought_into_one_form(void **state)
{
    (void)state;
    assert_true(has("User \t Unknown", "user unknown"));
    assert_true(has("<user unknown@x>: (User unknown)", "user unknown"));
    assert_false(has("<user unknown>", "user unknown"));
    assert_false(has("superuser unknown", "user unknown"));
    assert_false(has("user unknownst", "user unknown"));
    assert_false(has("spam@example.jp is no word", "spam"));
    assert_true(has("rejected as spam@example.jp spam", "spam"));
    assert_true(has("bare <LF> received", "bare <lf>"));
    assert_true(has("Greylisting in action", "greylist*"));
    assert_true(has("AUTH mechanism X not available", "auth mechanism * not available"));
    assert_false(has("AUTH mechanism X not availables", "auth mechanism * not available"));
    assert_true(has("Adresse bloqu\xc3\xa9"
                    "e",
                    "adresse bloquee"));
    assert_true(has("unfinished < bracket", "bracket"));
    assert_false(has("", "spam"));
    uint8_t small[8];
    assert_int_equal(
        reply_text_normal(bytes_str("a longer text than fits"), small, sizeof small).len, 8);
}

static void any_code_of_the_kind(void **state)
{
    (void)state;
    struct fact_smtp_reply reply = reply_of(
        550, "", STEP_RCPT, "<a@b>: Client host rejected: cannot find your hostname, [192.0.2.1]");
    assert_null(replies_match(NULL, &reply));
    assert_string_equal(replies_match_text(NULL, &reply)->cause, "address-blocked");
    reply.code = 451;
    assert_string_equal(replies_match_text(NULL, &reply)->cause, "address-blocked");
    reply.text = bytes_str("spam"); /* too short to say it without its code */
    assert_null(replies_match_text(NULL, &reply));
}

/* What was found for a reply is found again for the same words with another address, and for no other
 * code, step or enhanced code. */
static void the_same_words_again(void **state)
{
    (void)state;
    for (unsigned time = 0; time < 2; time++) {
        assert_string_equal(cause_of(NULL, 550, "", STEP_RCPT, "<a@b.example>: user unknown"),
                            "recipient-unknown");
        assert_string_equal(cause_of(NULL, 550, "", STEP_RCPT, "<c@d.example>: User unknown"),
                            "recipient-unknown");
        assert_string_equal(cause_of(NULL, 550, "", STEP_EHLO, "<e@f.example>: user unknown"), "");
        assert_string_equal(cause_of(NULL, 571, "", STEP_RCPT, "<g@h.example>: user unknown"), "");
        assert_string_equal(cause_of(NULL, 550, "", STEP_RCPT, "<i@j.example>: relaying denied"),
                            "relay-denied");
        assert_string_equal(cause_of(NULL, 550, "", STEP_RCPT, "<k@l.example>: user unknown"),
                            "recipient-unknown");
    }
}

static void rows_of_the_users_own(void **state)
{
    (void)state;
    char error[200] = "";
    struct replies *more = replies_new();
    const char *good =
        "# mine\n\n550\t-\tgo away\trcpt\tMy server\tmailbox-full\n"
        "550\t5.7.1\trelaying denied\t-\tMy server\tauth-required\tnote\r\n535\t-\t-\t-\tMine\tauth-place-blocked\t\n";
    assert_true(replies_add(more, bytes_str(good), error, sizeof error));
    assert_string_equal(cause_of(more, 550, "", STEP_RCPT, "Please go away now"), "mailbox-full");
    assert_string_equal(cause_of(NULL, 550, "", STEP_RCPT, "Please go away now"), "");
    /* where both rank alike the user's row wins; a more specific one of ours stays */
    assert_string_equal(cause_of(more, 550, "5.7.1", STEP_RCPT, "Relaying denied"),
                        "auth-required");
    assert_string_equal(cause_of(more, 550, "", STEP_RCPT, "Relaying denied"), "relay-denied");
    assert_string_equal(cause_of(more, 535, "", STEP_AUTH, "Incorrect authentication data"),
                        "auth-credentials-rejected");
    assert_string_equal(cause_of(more, 535, "", STEP_MAIL, "hm"), "auth-place-blocked");
    replies_free(more);
    replies_free(NULL);
}

static void bad_lines_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *file, *says;
    } cases[] = {
        { "550\t-\tx y\t-\tme\tno-such-cause\t\n", "line 1: the sixth" },
        { "# one\n550 - x - me mailbox-full\n", "line 2: a row has six" },
        { "\n\n250\t-\tx\t-\tme\tmailbox-full\n", "line 3: the first" },
        { "55\t-\tx\t-\tme\tmailbox-full\n", "line 1: the first" },
        { "5500\t-\tx\t-\tme\tmailbox-full\n", "line 1: the first" },
        { "550\t5.1\tx\t-\tme\tmailbox-full\n", "line 1: the second" },
        { "550\t1.1.1\tx\t-\tme\tmailbox-full\n", "line 1: the second" },
        { "550\t5.1.1.1\tx\t-\tme\tmailbox-full\n", "line 1: the second" },
        { "550\t-\tBig\t-\tme\tmailbox-full\n", "line 1: the third" },
        { "550\t-\t\t-\tme\tmailbox-full\n", "line 1: the third" },
        { "550\t-\t*\t-\tme\tmailbox-full\n", "line 1: the third" },
        { "550\t-\tx\tdot\tme\tmailbox-full\n", "line 1: the fourth" },
        { "550\t-\tx\t-\tme\tconnect-refused\n", "line 1: the sixth" },
        { "550\t-\tx\t-\tme\tmailbox-full\ta\tb\n", "line 1: a row has six" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char error[200] = "";
        struct replies *more = replies_new();
        assert_false(replies_add(more, bytes_str(cases[i].file), error, sizeof error));
        if (strncmp(error, cases[i].says, strlen(cases[i].says)) != 0)
            fail_msg("\"%s\" says \"%s\"", cases[i].file, error);
        replies_free(more);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_has_an_example),        cmocka_unit_test(step_and_code_count),
        cmocka_unit_test(texts_are_brought_into_one_form), cmocka_unit_test(any_code_of_the_kind),
        cmocka_unit_test(rows_of_the_users_own),           cmocka_unit_test(bad_lines_are_named),
        cmocka_unit_test(the_same_words_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
