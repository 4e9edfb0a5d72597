/* SPDX-License-Identifier: BSD-3-Clause */
/* By which name a device went to an address: its last look-up is the best guess, a single one is sure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "history/names.h"

static void test_looked_up(void **state)
{
    (void)state;
    static const uint8_t bytes[3][4] = { { 192, 0, 2, 30 },
                                         { 192, 0, 2, 31 },
                                         { 203, 0, 113, 25 } };
    struct ip_addr mine = ip_addr_v4(bytes[0]), other = ip_addr_v4(bytes[1]),
                   server = ip_addr_v4(bytes[2]);
    struct names *n = names_new(NULL);
    names_static(n, &server, bytes_str("ec2.example"));
    names_answer(n, &other, "mail.example", &server, 5);
    assert_string_equal(names_find(n, &mine, &server, 10), "mail.example");
    assert_null(names_looked_up(n, &mine, &server, 10)); /* others' names, and a file's */
    names_answer(n, &mine, "smtp.example", &server, 6);
    names_answer(n, &mine, "smtp.example", &server, 7);
    assert_null(names_looked_up(n, &mine, &server, 5)); /* not yet */
    assert_string_equal(names_looked_up(n, &mine, &server, 10), "smtp.example");
    names_answer(n, &mine, "pop.example", &server, 8);
    assert_string_equal(names_find(n, &mine, &server, 10), "pop.example");
    assert_null(names_looked_up(n, &mine, &server, 10)); /* one of two */
    names_free(n);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_looked_up) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
