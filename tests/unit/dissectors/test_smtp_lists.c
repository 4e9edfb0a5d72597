/* SPDX-License-Identifier: BSD-3-Clause */
/* Capability lists that were read before: what is kept, and what is not taken for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "dissectors/smtp_lists.h"

#define LIST "250-mx.example.com\r\n250-SIZE 1000\r\n250 AUTH PLAIN\r\n"

static void reply_of(struct reply *reply)
{
    reply_begin(reply);
    reply->code = 250;
    reply->lines = 3;
    reply->capabilities.auth = true;
    reply->text_len = (uint16_t)bytes_copy(reply->text, sizeof reply->text, bytes_str("mx SIZE"));
    reply->words_len = (uint8_t)bytes_copy(reply->words, sizeof reply->words, bytes_str("PLAIN"));
}

static void what_was_kept_is_found(void **state)
{
    (void)state;
    struct budget budget = { 0 };
    struct lists *lists = lists_new(&budget);
    struct reply reply, found;
    reply_of(&reply);
    assert_false(lists_find(lists, bytes_str(LIST), &found));
    lists_keep(lists, bytes_str(LIST), &reply);
    assert_true(lists_find(lists, bytes_str(LIST), &found));
    assert_int_equal(found.code, 250);
    assert_int_equal(found.lines, 3);
    assert_true(found.capabilities.auth);
    assert_true(bytes_equal(bytes_of(found.text, found.text_len), bytes_str("mx SIZE")));
    assert_true(bytes_equal(bytes_of(found.words, found.words_len), bytes_str("PLAIN")));
    lists_free(lists);
    assert_int_equal(budget.used, 0);
}

static void one_byte_makes_another_list(void **state)
{
    (void)state;
    struct lists *lists = lists_new(NULL);
    struct reply reply, found;
    uint8_t other[sizeof LIST - 1];
    reply_of(&reply);
    lists_keep(lists, bytes_str(LIST), &reply);
    for (size_t i = 0; i < sizeof other; i++) {
        bytes_copy(other, sizeof other, bytes_str(LIST));
        other[i] ^= 1;
        assert_false(lists_find(lists, bytes_of(other, sizeof other), &found));
        assert_false(lists_find(lists, bytes_of(LIST, i), &found));
    }
    lists_free(lists);
}

static void what_is_no_list_is_not_kept(void **state)
{
    (void)state;
    struct lists *lists = lists_new(NULL);
    struct reply reply, found;
    static char large[4000] = "250-";
    memset(large + 4, 'a', sizeof large - 4);
    const struct bytes none[] = { { NULL, 0 },
                                  bytes_str("250 mx.example.com\r\n"),
                                  bytes_str("250-"),
                                  bytes_str("535-5.7.8 Username and Password not accepted\r\n"),
                                  bytes_of(large, sizeof large) };
    reply_of(&reply);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_false(lists_may_be(none[i]));
        lists_keep(lists, none[i], &reply);
        assert_false(lists_find(lists, none[i], &found));
    }
    assert_false(lists_find(NULL, bytes_str(LIST), &found));
    lists_keep(NULL, bytes_str(LIST), &reply); /* no memory: nothing is known */
    lists_free(lists);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_kept_is_found),
        cmocka_unit_test(one_byte_makes_another_list),
        cmocka_unit_test(what_is_no_list_is_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
