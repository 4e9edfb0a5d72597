/* SPDX-License-Identifier: BSD-3-Clause */
/* Fetching mail before sending it, and failures that a later attempt made good. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "history/recovery.h"

static struct fetch fetch_at(int64_t seconds, bool known, bool accepted)
{
    return (struct fetch) { .time = seconds * TIME_SECOND,
                            .frame = (uint32_t)seconds,
                            .known = known,
                            .accepted = accepted };
}

static void sign_ins_are_good_for_a_while(void **state)
{
    (void)state;
    struct fetches f = { .count = 0 };
    struct fetch refused = fetch_at(100, true, false), accepted = fetch_at(200, true, true),
                 hidden = fetch_at(300, false, false);
    fetches_add(&f, &refused);
    assert_null(fetches_before(&f, 150 * TIME_SECOND));
    fetches_add(&f, &accepted);
    assert_int_equal(fetches_before(&f, 250 * TIME_SECOND)->frame, 200);
    assert_int_equal(fetches_before(&f, 800 * TIME_SECOND)->frame, 200);
    assert_null(fetches_before(&f, 801 * TIME_SECOND));
    assert_null(fetches_before(&f, 199 * TIME_SECOND));
    assert_null(fetches_before(&f, TIME_NONE));
    fetches_add(&f, &hidden);
    assert_int_equal(fetches_before(&f, 801 * TIME_SECOND)->frame, 300);
}

static void mail_follows_or_not(void **state)
{
    (void)state;
    struct fetches f = { .count = 0 };
    struct fetch accepted = fetch_at(100, true, true), refused = fetch_at(1000, true, false);
    fetches_add(&f, &accepted);
    fetches_mail(&f, 0, 110 * TIME_SECOND, true);
    assert_false(f.then_sent); /* it signs in to send as well */
    fetches_mail(&f, 1, 110 * TIME_SECOND, false);
    assert_false(f.then_sent); /* in another capture */
    fetches_mail(&f, 0, 110 * TIME_SECOND, false);
    assert_true(f.then_sent);
    assert_null(fetches_failed(&f));
    fetches_add(&f, &refused);
    assert_int_equal(fetches_failed(&f)->frame, 1000);
    fetches_mail(&f, 0, 1601 * TIME_SECOND, false);
    assert_non_null(fetches_failed(&f));
    /* many more: the one to tell of stays */
    for (unsigned i = 0; i < 50; i++) {
        struct fetch more = fetch_at(2000 + i, true, true);
        fetches_add(&f, &more);
    }
    assert_int_equal(f.count, FETCHES_MAX);
    assert_int_equal(fetches_failed(&f)->frame, 1000);
    fetches_mail(&f, 0, 1600 * TIME_SECOND, false);
    assert_null(fetches_failed(&f));
}

static struct past_attempt past(uint32_t id, int64_t seconds, enum outcome outcome,
                                enum passing passing)
{
    return (struct past_attempt) { .id = id,
                                   .start = seconds * TIME_SECOND,
                                   .outcome = (uint8_t)outcome,
                                   .passing = (uint8_t)passing,
                                   .port = 25,
                                   .envelope = 7,
                                   .server_name = "mail.test" };
}

static void a_later_attempt_makes_it_good(void **state)
{
    (void)state;
    struct past_attempt list[] = {
        past(1, 0, OUTCOME_FAILED, PASSING_PUT_OFF),  past(2, 10, OUTCOME_FAILED, PASSING_NOT),
        past(3, 20, OUTCOME_FAILED, PASSING_TROUBLE), past(4, 30, OUTCOME_FAILED, PASSING_TROUBLE),
        past(5, 40, OUTCOME_FAILED, PASSING_PUT_OFF), past(6, 50, OUTCOME_FAILED, PASSING_PUT_OFF),
    };
    list[3].port = 465;
    list[4].file = 1;
    list[5].server_name = "other.test";
    list[5].server.family = 4;
    struct device d = { .past = list, .past_count = 6, .open_failures = 5 };
    struct past_attempt good = past(9, 300, OUTCOME_DELIVERED, PASSING_NOT);
    /* the same server, or the same mail by another one */
    assert_int_equal(recovery_mark(&d, &good), 2);
    assert_int_equal(list[0].recovered_by, 9);
    assert_true(list[0].recovered_after == 300 * TIME_SECOND);
    assert_int_equal(list[1].recovered_by, 0);
    assert_int_equal(list[2].recovered_by, 9);
    assert_int_equal(list[3].recovered_by, 0); /* another setting */
    assert_int_equal(list[4].recovered_by, 0); /* another capture */
    assert_int_equal(list[5].recovered_by, 9);
    assert_int_equal(d.open_failures, 2);
    assert_int_equal(recovery_mark(&d, &good), 0);
}

/* Listed or searched, up to where the list is full and beyond: the same ones are made good. */
static void the_list_of_open_ones_changes_nothing(void **state)
{
    (void)state;
    enum { MANY = 2 * DEVICE_OPEN_LISTED };
    for (uint32_t n = 1; n <= MANY; n++) {
        struct past_attempt listed[MANY], searched[MANY];
        for (uint32_t i = 0; i < n; i++) {
            bool open = i % 3 != 2;
            listed[i] = past(i + 1, 10 * i, open ? OUTCOME_FAILED : OUTCOME_DELIVERED,
                             open ? PASSING_TROUBLE : PASSING_NOT);
            listed[i].port = i % 2 ? 25 : 587;
            searched[i] = listed[i];
        }
        struct device one = { .past = listed }, other = { .past = searched, .past_count = n };
        for (uint32_t i = 0; i < n; i++) {
            one.past_count = i + 1;
            if (recovery_is_open(&listed[i]))
                recovery_remember(&one, i);
        }
        other.open_failures = one.open_failures;
        for (uint16_t port = 25; port <= 587; port += 562) {
            struct past_attempt good = past(100 + port, 300, OUTCOME_DELIVERED, PASSING_NOT);
            good.port = port;
            (void)recovery_mark(&one, &good);
            (void)recovery_mark(&other, &good);
            assert_int_equal(one.open_failures, other.open_failures);
            for (uint32_t i = 0; i < n; i++)
                assert_int_equal(listed[i].recovered_by, searched[i].recovered_by);
        }
        assert_int_equal(one.open_failures, 0);
    }
}

static void a_sign_in_is_mended_by_its_own_method(void **state)
{
    (void)state;
    static const uint8_t methods[][3] = { /* failed by, delivered by, is it the same setting? */
                                          { AUTH_LOGIN, AUTH_LOGIN, 1 },
                                          { AUTH_CRAM_MD5, AUTH_LOGIN, 0 },
                                          { AUTH_NONE, AUTH_LOGIN, 0 }, /* not seen */
                                          { AUTH_NONE, AUTH_NONE, 0 }
    };
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        struct past_attempt list[] = { past(1, 0, OUTCOME_FAILED, PASSING_TROUBLE) };
        struct device d = { .past = list, .past_count = 1, .open_failures = 1 };
        struct past_attempt good = past(9, 60, OUTCOME_DELIVERED, PASSING_NOT);
        list[0].stage = STAGE_AUTH;
        list[0].auth = methods[i][0];
        good.auth = methods[i][1];
        (void)recovery_mark(&d, &good);
        assert_int_equal(list[0].recovered_by, methods[i][2] ? 9 : 0);
    }
}

static void trouble_passes_soon_or_not_at_all(void **state)
{
    (void)state;
    struct past_attempt list[] = { past(1, 0, OUTCOME_FAILED, PASSING_TROUBLE) };
    struct device d = { .past = list, .past_count = 1, .open_failures = 1 };
    struct past_attempt good = past(9, 4000, OUTCOME_DELIVERED, PASSING_NOT);
    recovery_mark(&d, &good);
    assert_int_equal(list[0].recovered_by, 0);
    good.start = 3000 * TIME_SECOND;
    recovery_mark(&d, &good);
    assert_int_equal(list[0].recovered_by, 9);
}

static void devices_that_only_fetch_come_last(void **state)
{
    (void)state;
    struct history *h = history_new(NULL);
    struct ip_addr one = { .family = 4, .b = { 1 } }, two = { .family = 4, .b = { 2 } };
    struct fetch fetch = fetch_at(1, true, true);
    history_fetched(h, &one, &fetch);
    struct past_attempt p = past(1, 5, OUTCOME_DELIVERED, PASSING_NOT);
    history_remember(h, &two, &p, bytes_str("two"));
    p.id = 2;
    history_remember(h, &one, &p, bytes_str("one"));
    assert_int_equal(history_device_count(h), 2);
    assert_true(ip_addr_equal(&history_device(h, 0)->addr, &two));
    assert_int_equal(history_find(h, &one)->fetches->count, 1);
    assert_true(history_find(h, &one)->fetches->then_sent);
    history_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sign_ins_are_good_for_a_while),
        cmocka_unit_test(mail_follows_or_not),
        cmocka_unit_test(a_later_attempt_makes_it_good),
        cmocka_unit_test(the_list_of_open_ones_changes_nothing),
        cmocka_unit_test(a_sign_in_is_mended_by_its_own_method),
        cmocka_unit_test(trouble_passes_soon_or_not_at_all),
        cmocka_unit_test(devices_that_only_fetch_come_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
