/* SPDX-License-Identifier: BSD-3-Clause */
/* Look-ups that got a device nowhere: what counts as asked again, and what a mirror port shows twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "history/lookups.h"

enum { TYPE_A = 1, TYPE_AAAA = 28, NXDOMAIN = 3 };

static bool is_mail(void *context, const struct ip_addr *device, const char *name)
{
    (void)context;
    (void)device;
    return name[0] == 's';
}

static struct ip_addr device(void)
{
    static const uint8_t bytes[4] = { 192, 0, 2, 30 };
    return ip_addr_v4(bytes);
}

static void message(struct lookups *l, uint32_t frame, int64_t ms, uint16_t type, bool response, uint8_t rcode, uint8_t addresses)
{
    struct name_message m = { .device = device(), .time = 1700000000 * TIME_SECOND + ms * TIME_MILLISECOND, .frame = frame, .time_digits = 6,
                              .response = response, .rcode = rcode, .addresses = addresses, .type = type, .name = "smtp.example.jp" };
    lookups_message(l, &m);
}

/* How many facts the failed look-up has; -1: there is none. */
static int failed(struct lookups *l)
{
    const char *name;
    int facts = 0;
    struct attempt *a = lookups_next(l, 1700000100 * TIME_SECOND, 99, true, &name);
    if (!a)
        return -1;
    assert_string_equal(name, "smtp.example.jp");
    for (const struct fact *f = timeline_first(a->timeline); f; f = timeline_next(a->timeline, f))
        facts++;
    attempt_free(a);
    assert_null(lookups_next(l, 1700000100 * TIME_SECOND, 99, true, &name));
    return facts;
}

static void both_types_are_no_repetition(void **state)
{
    (void)state;
    struct lookups *l = lookups_new(NULL, is_mail, NULL);
    message(l, 1, 0, TYPE_A, false, 0, 0);
    message(l, 2, 1, TYPE_AAAA, false, 0, 0);
    assert_int_equal(failed(l), -1);
    message(l, 3, 0, TYPE_A, false, 0, 0);
    message(l, 4, 1, TYPE_AAAA, false, 0, 0);
    message(l, 5, 5000, TYPE_A, false, 0, 0);
    assert_int_equal(failed(l), 3);
    lookups_free(l);
}

static void copies_count_once(void **state)
{
    (void)state;
    struct lookups *l = lookups_new(NULL, is_mail, NULL);
    for (uint32_t i = 0; i < 4; i++)
        message(l, 1 + i, 0, TYPE_A, false, 0, 0);
    assert_int_equal(failed(l), -1);
    message(l, 5, 0, TYPE_A, false, 0, 0);
    message(l, 6, 0, TYPE_A, false, 0, 0);
    message(l, 7, 20, TYPE_A, true, NXDOMAIN, 0);
    message(l, 8, 20, TYPE_A, true, NXDOMAIN, 0);
    assert_int_equal(failed(l), 2);
    lookups_free(l);
}

static void found_is_no_failure(void **state)
{
    (void)state;
    struct lookups *l = lookups_new(NULL, is_mail, NULL);
    message(l, 1, 0, TYPE_AAAA, false, 0, 0);
    message(l, 2, 0, TYPE_A, false, 0, 0);
    message(l, 3, 9, TYPE_AAAA, true, 0, 0);
    message(l, 4, 9, TYPE_A, true, 0, 1);
    assert_int_equal(failed(l), -1);
    message(l, 5, 0, TYPE_A, false, 0, 0);
    message(l, 6, 9, TYPE_A, true, NXDOMAIN, 0);
    struct ip_addr who = device();
    lookups_connected(l, &who, 1700000001 * TIME_SECOND); /* by another name, or from memory */
    assert_int_equal(failed(l), -1);
    lookups_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_types_are_no_repetition),
        cmocka_unit_test(copies_count_once),
        cmocka_unit_test(found_is_no_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
