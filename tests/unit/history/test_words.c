/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/limits.h"
#include "history/words.h"

/* One connection to a server, with one reply in it. */
static void say(struct words *w, const char *addr, const char *name, const struct fact *reply)
{
    struct attempt *a = attempt_new(NULL);
    assert_true(ip_addr_parse(addr, &a->server_addr));
    timeline_add(a->timeline, reply);
    words_learn(w, a, name);
    attempt_free(a);
}

static struct fact reply(enum smtp_step step, uint16_t code, const char *text)
{
    return (struct fact) {
        .kind = FACT_SMTP_REPLY,
        .from = SIDE_SERVER,
        .reply = { .step = (uint8_t)step, .code = code, .lines = 1, .text = bytes_str(text) }
    };
}

static const struct server_words *find(const struct words *w, const char *addr, const char *name)
{
    struct ip_addr a;
    assert_true(ip_addr_parse(addr, &a));
    return words_find(w, &a, name);
}

static void assert_word(const struct server_words *s, enum server_word word, unsigned low,
                        unsigned high)
{
    assert_non_null(s);
    assert_int_equal(s->words[word].low, low);
    assert_int_equal(s->words[word].high, high);
}

static void learning(void **state)
{
    (void)state;
    struct budget budget = { 0 };
    struct words *w = words_new(&budget);
    assert_null(find(w, "192.0.2.1", "mail.example"));
    struct fact f = reply(STEP_MAIL, 250, "Ok");
    say(w, "192.0.2.1", NULL, &f);
    assert_word(find(w, "192.0.2.1", NULL), WORD_MAIL_OK, 8, 8); /* 250 Ok, CRLF */
    assert_word(find(w, "192.0.2.1", NULL), WORD_BYE, 0, 0);
    f.reply.enhanced = (struct smtp_enhanced) { 2, 1, 0 };
    say(w, "192.0.2.1", NULL, &f);
    assert_word(find(w, "192.0.2.1", NULL), WORD_MAIL_OK, 8, 14); /* 250 2.1.0 Ok */
    assert_null(find(w, "192.0.2.2", "mail.example"));
    /* by its name at another address */
    f = reply(STEP_AUTH, 535, "authentication failed");
    say(w, "192.0.2.3", "mail.example", &f);
    assert_word(find(w, "192.0.2.2", "mail.example"), WORD_AUTH_NO, 27, 27);
    assert_word(find(w, "192.0.2.3", NULL), WORD_AUTH_NO, 27, 27);
    words_free(w);
    assert_int_equal(budget.used, 0);
}

static void what_teaches_nothing(void **state)
{
    (void)state;
    struct words *w = words_new(NULL);
    struct fact facts[] = {
        reply(STEP_EHLO, 250, "mail.example"), /* in clear it has STARTTLS in it */
        reply(STEP_MAIL, 550, "no"),           /* a refusal may be about anything */
        reply(STEP_AUTH, 334, "VXNlcm5hbWU6"), reply(STEP_AUTH, 504, "no such method"),
        reply(STEP_MAIL, 250, "Ok"),           reply(STEP_MAIL, 250, "Ok"),
    };
    facts[4].origin = ORIGIN_INFERRED;
    facts[5].flags = FACT_CLIPPED;
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        say(w, "192.0.2.1", "mail.example", &facts[i]);
    assert_null(find(w, "192.0.2.1", "mail.example"));
    facts[0].origin = ORIGIN_DECRYPTED;
    say(w, "192.0.2.1", NULL, &facts[0]);
    assert_word(find(w, "192.0.2.1", NULL), WORD_LIST, 18, 18);
    words_free(w);
}

/* What was learnt of the old one does not stay. */
static void a_server_that_changed(void **state)
{
    (void)state;
    struct words *w = words_new(NULL);
    struct fact f = reply(STEP_QUIT, 221, "Bye");
    say(w, "192.0.2.1", NULL, &f);
    f = reply(STEP_QUIT, 221, "mail.example closing connection, have a nice day");
    say(w, "192.0.2.1", NULL, &f);
    assert_word(find(w, "192.0.2.1", NULL), WORD_BYE, 54, 54);
    f = reply(STEP_QUIT, 221, "Bye");
    say(w, "192.0.2.1", NULL, &f);
    assert_word(find(w, "192.0.2.1", NULL), WORD_BYE, 9, 9);
    words_free(w);
}

static void seems_to_take(struct words *w, uint16_t bytes, const struct inferred *differs)
{
    struct attempt *a = attempt_new(NULL);
    struct inferred i = { .confidence = INFERRED_LIKELY,
                          .result = INFERRED_DELIVERED,
                          .exact = true,
                          .decisive_bytes = bytes };
    assert_true(ip_addr_parse("192.0.2.1", &a->server_addr));
    words_infer(w, a, "mail.example", differs ? differs : &i);
    attempt_free(a);
}

static bool usual(const struct words *w, uint16_t bytes)
{
    return words_sent_usual(find(w, "192.0.2.9", "mail.example"), bytes);
}

static void how_long_it_mostly_says_taken(void **state)
{
    (void)state;
    struct words *w = words_new(NULL);
    const struct inferred refused = { .confidence = INFERRED_LIKELY,
                                      .result = INFERRED_MESSAGE_REFUSED,
                                      .exact = true,
                                      .decisive_bytes = 90 },
                          to_a_block = { .confidence = INFERRED_LIKELY,
                                         .result = INFERRED_DELIVERED,
                                         .decisive_bytes = 90 };
    seems_to_take(w, 90, &refused);
    seems_to_take(w, 90, &to_a_block);
    assert_null(find(w, "192.0.2.1", "mail.example"));
    seems_to_take(w, 28, NULL);
    assert_true(usual(w, 28) && usual(w, 30) && !usual(w, 38));
    seems_to_take(w, 30, NULL); /* its number is longer */
    assert_true(usual(w, 32) && usual(w, 26) && !usual(w, 33));
    seems_to_take(w, 38, NULL);
    seems_to_take(w, 38, NULL);
    assert_true(usual(w, 28) && !usual(w, 38)); /* two times each */
    seems_to_take(w, 38, NULL);
    assert_true(!usual(w, 28) && usual(w, 38)); /* the first had been refusals */
    seems_to_take(w, 12, NULL);                 /* in the place of 28 */
    seems_to_take(w, 12, NULL);
    seems_to_take(w, 12, NULL);
    seems_to_take(w, 12, NULL);
    assert_true(usual(w, 12) && !usual(w, 38));
    struct fact f = reply(STEP_END, 250, "2.0.0 Ok: queued as 4RzK1c0Bz4");
    say(w, "192.0.2.1", "mail.example", &f); /* read: that counts whatever the sizes seemed */
    assert_true(usual(w, fact_reply_bytes(&f)) && usual(w, 12) && !usual(w, 60));
    words_free(w);
}

static void too_many(void **state)
{
    (void)state;
    struct words *w = words_new(NULL);
    struct fact f = reply(STEP_QUIT, 221, "Bye");
    char addr[32];
    for (unsigned i = 0; i < WORDS_SERVERS_MAX; i++) {
        snprintf(addr, sizeof addr, "10.0.%u.%u", i / 256, i % 256);
        say(w, addr, NULL, &f);
    }
    assert_int_equal(words_dropped(w), 0);
    say(w, "192.0.2.1", NULL, &f);
    say(w, "10.0.0.0", NULL, &f);
    assert_int_equal(words_dropped(w), 1);
    assert_null(find(w, "192.0.2.1", NULL));
    assert_word(find(w, "10.0.0.0", NULL), WORD_BYE, 9, 9);
    words_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(learning),
        cmocka_unit_test(what_teaches_nothing),
        cmocka_unit_test(a_server_that_changed),
        cmocka_unit_test(how_long_it_mostly_says_taken),
        cmocka_unit_test(too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
