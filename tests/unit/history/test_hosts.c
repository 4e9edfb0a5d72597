/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "history/history.h"
#include "history/makers.h"

static const struct mac_addr mac = { { 0x02, 0x11, 0x22, 0x33, 0x44, 0x55 } };

static struct ip_addr addr(const char *text)
{
    struct ip_addr a;
    assert_true(ip_addr_parse(text, &a));
    return a;
}

static void seen(struct hosts *h, const char *text)
{
    struct ip_addr a = addr(text);
    hosts_seen(h, &mac, &a);
}

static void routers(void **state)
{
    (void)state;
    struct hosts *h = hosts_new(NULL);
    seen(h, "192.168.1.30");
    seen(h, "2001:db8::1");
    seen(h, "2001:db8::abcd:1"); /* a temporary address of the same network */
    seen(h, "fe80::1");
    assert_false(hosts_is_router(h, &mac));
    seen(h, "192.168.1.31");
    assert_true(hosts_is_router(h, &mac));
    hosts_free(h);
    h = hosts_new(NULL);
    seen(h, "2001:db8::1");
    seen(h, "2001:db8::21a:2bff:fe3c:4d5e"); /* made from another MAC */
    assert_true(hosts_is_router(h, &mac));
    hosts_free(h);
}

static void names(void **state)
{
    (void)state;
    struct hosts *h = hosts_new(NULL);
    struct ip_addr who = addr("192.168.1.30"), other = addr("192.168.1.31");
    struct host_says says = { .mac = mac, .addr = who, .name = "NAS", .rank = 1 };
    hosts_named(h, &says);
    says.name = "nas-2024";
    says.rank = 4;
    hosts_named(h, &says);
    says.name = "OLD";
    says.rank = 1;
    hosts_named(h, &says);
    static const struct mac_addr none;
    assert_string_equal(hosts_name(h, &none, &who), "nas-2024");
    assert_string_equal(hosts_name(h, &mac, &other), "nas-2024");
    seen(h, "192.168.1.30");
    seen(h, "192.168.1.31"); /* it is a router: its MAC says nothing of who stands behind it */
    assert_null(hosts_name(h, &mac, &other));
    assert_null(hosts_vendor(h, &mac, &who));
    hosts_free(h);
}

static void one_device(void **state)
{
    (void)state;
    struct history *history = history_new(NULL);
    struct hosts *hosts = hosts_new(NULL);
    struct ip_addr v6 = addr("2001:db8::30"), v4 = addr("192.168.1.30");
    struct past_attempt past = { .id = 1, .outcome = OUTCOME_FAILED, .mac = mac };
    history_remember(history, &v6, &past, bytes_str("door"));
    past.id = 2;
    past.outcome = OUTCOME_DELIVERED;
    history_remember(history, &v4, &past, bytes_str("door"));
    assert_int_equal(history_device_count(history), 2);
    history_settle(history, hosts);
    assert_int_equal(history_device_count(history), 1);
    const struct device *d = history_device(history, 0);
    assert_int_equal(d->attempts, 2);
    assert_int_equal(d->addr_count, 2);
    assert_int_equal(d->past_count, 2);
    assert_int_equal(d->past[1].id, 2);
    assert_null(d->maker); /* a MAC that the host made up has no maker */
    history_free(history);
    hosts_free(hosts);
}

static void no_maker(void **state)
{
    (void)state;
    char name[MAKER_NAME_BYTES];
    static const struct mac_addr zero;
    assert_false(maker_find(&zero, name));
    assert_false(maker_find(&mac, name));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(routers), cmocka_unit_test(names),
                                        cmocka_unit_test(one_device), cmocka_unit_test(no_maker) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
