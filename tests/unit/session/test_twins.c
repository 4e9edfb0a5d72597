/* SPDX-License-Identifier: BSD-3-Clause */
/* One conversation on both sides of a router with NAT, and two that look like one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/time.h"
#include "session/twins.h"

static struct ip_addr addr(const char *text)
{
    struct ip_addr a;
    assert_true(ip_addr_parse(text, &a));
    return a;
}

static struct packet syn_of(const char *client)
{
    return (struct packet) { .kind = PACKET_TCP,
                             .time = INT64_C(1700000000) * TIME_SECOND,
                             .ttl = 64,
                             .ip_id = 0xbc57,
                             .src_port = 50000,
                             .dst_port = 587,
                             .src = addr(client),
                             .dst = addr("203.0.113.25"),
                             .tcp = { .seq = 1629575559, .flags = TCP_SYN } };
}

struct pair {
    struct twins all;
    struct twin inner, outer;
    struct packet first, second;
};

/* As a router passes it on. */
static struct pair pair_new(void)
{
    struct pair p = { .first = syn_of("192.168.11.30"), .second = syn_of("198.51.100.2") };
    p.second.time += TIME_MILLISECOND;
    p.second.ttl = 63;
    return p;
}

static void pair_open(struct pair *p)
{
    twins_opened(&p->all, &p->inner, &p->first);
    twins_opened(&p->all, &p->outer, &p->second);
}

static void answered_alike_or_not_at_all(void **state)
{
    (void)state;
    struct pair p = pair_new();
    pair_open(&p);
    assert_true(twin_is_copy(&p.outer)); /* neither was answered */
    assert_false(twin_is_copy(&p.inner));
    twin_answered(&p.outer, 77);
    assert_false(twin_is_copy(&p.outer)); /* the answer got lost on the router */
    twin_answered(&p.inner, 77);
    assert_true(twin_is_copy(&p.outer));
    assert_false(twin_is_copy(&p.inner));
    twin_answered(&p.inner, 78); /* another answer changes nothing */
    assert_true(twin_is_copy(&p.outer));

    p = pair_new();
    pair_open(&p);
    twin_answered(&p.outer, 77);
    twin_answered(&p.inner, 78); /* two connections at the server */
    assert_false(twin_is_copy(&p.outer));
    assert_false(twin_is_copy(&p.inner));
}

static void whatever_is_not_the_same_packet(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 11; i++) {
        struct pair p = pair_new();
        bool same = false;
        switch (i) {
        case 0:
            same = true;
            break;
        case 1:
            p.second.ttl = 64; /* two devices that begin alike stand at the same distance */
            break;
        case 2:
            p.second.ttl = 65;
            break;
        case 3:
            p.second.ttl = 40;
            break;
        case 4:
            p.second.tcp.seq++;
            break;
        case 5:
            p.second.ip_id++;
            break;
        case 6:
            p.second.dst_port = 465;
            break;
        case 7:
            p.second.dst = addr("203.0.113.26");
            break;
        case 8:
            p.second.time += 2 * TIME_SECOND;
            break;
        case 9:
            p.second.src = p.first.src;
            break;
        default:
            p.first.src = addr("198.51.100.2");
            p.second.src = addr("192.168.11.30"); /* from outside into the network */
            break;
        }
        pair_open(&p);
        assert_int_equal(twin_is_copy(&p.outer), same);
        assert_false(twin_is_copy(&p.inner));
    }
}

/* Two private addresses: NAT behind NAT. A third sight of it is nobody's twin. */
static void private_on_both_sides(void **state)
{
    (void)state;
    struct pair p = pair_new();
    struct twin third = { 0 };
    struct packet again = syn_of("10.0.0.9");
    p.second.src = addr("10.0.0.2");
    again.ttl = 62;
    pair_open(&p);
    twins_opened(&p.all, &third, &again);
    assert_true(twin_is_copy(&p.outer));
    assert_false(twin_is_copy(&third));
}

static void one_of_them_goes(void **state)
{
    (void)state;
    for (int answered = 0; answered < 4; answered++) {
        struct pair p = pair_new();
        pair_open(&p);
        if (answered & 1)
            twin_answered(&p.inner, 77);
        if (answered & 2)
            twin_answered(&p.outer, 77);
        twins_left(&p.all, &p.inner);
        assert_null(p.outer.other);
        assert_int_equal(twin_is_copy(&p.outer), answered == 0 || answered == 3);
        twin_answered(&p.outer, 77); /* one that comes now, the other never saw */
        assert_int_equal(twin_is_copy(&p.outer), answered == 3);
    }
    struct pair p = pair_new();
    pair_open(&p);
    twins_left(&p.all, &p.outer);
    assert_null(p.inner.other);
    assert_false(twin_is_copy(&p.inner));

    p = pair_new(); /* gone before the other one opens */
    twins_opened(&p.all, &p.inner, &p.first);
    twins_left(&p.all, &p.inner);
    twins_opened(&p.all, &p.outer, &p.second);
    assert_false(twin_is_copy(&p.outer));
}

/* With too many others in between it is forgotten. */
static void no_more_than_the_last(void **state)
{
    (void)state;
    for (unsigned between = TWINS_RECENT - 1; between <= TWINS_RECENT; between++) {
        struct pair p = pair_new();
        struct twin others[TWINS_RECENT] = { 0 };
        twins_opened(&p.all, &p.inner, &p.first);
        for (unsigned i = 0; i < between; i++) {
            struct packet other = syn_of("192.168.11.31");
            other.tcp.seq = i;
            twins_opened(&p.all, &others[i], &other);
        }
        twins_opened(&p.all, &p.outer, &p.second);
        assert_int_equal(twin_is_copy(&p.outer), between < TWINS_RECENT);
    }
}

static struct packet query_of(const char *from, const char *to, uint8_t ttl)
{
    return (struct packet) { .kind = PACKET_UDP,
                             .time = INT64_C(1700000000) * TIME_SECOND,
                             .ttl = ttl,
                             .ip_id = 0x1234,
                             .src = addr(from),
                             .dst = addr(to) };
}

/* A look-up that the router passes on, and its answer; one that differs in anything is another's. */
static void look_ups(void **state)
{
    (void)state;
    static const char device[] = "192.168.11.30", router[] = "198.51.100.2", dns[] = "203.0.113.53";
    for (unsigned i = 0; i < 8; i++) {
        struct twin_queries all = { 0 };
        struct dns_message m = { .id = 7, .query_type = 1, .name = "smtp.example.jp" };
        struct packet first = query_of(device, dns, 64), second = query_of(router, dns, 63);
        assert_false(twins_message_is_copy(&all, &first, &m));
        if (i == 1)
            m.id = 8;
        if (i == 2)
            m.query_type = 28;
        if (i == 3)
            m.name[0] = 't';
        if (i == 4)
            second.ttl = 64;
        if (i == 5)
            second.ip_id++;
        if (i == 6)
            second.time += 2 * TIME_SECOND;
        if (i == 7)
            second.dst = addr("203.0.113.54");
        assert_int_equal(twins_message_is_copy(&all, &second, &m), i == 0);
        m.response = true;
        struct packet outside = query_of(dns, router, 64), inside = query_of(dns, device, 63);
        assert_int_equal(twins_message_is_copy(&all, &outside, &m), i == 0);
        assert_false(twins_message_is_copy(&all, &inside, &m));
        outside.src = addr("203.0.113.55");
        assert_false(twins_message_is_copy(&all, &outside, &m));
        m.id = 9;
        outside.src = addr(dns);
        assert_false(twins_message_is_copy(&all, &outside, &m));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answered_alike_or_not_at_all),
        cmocka_unit_test(whatever_is_not_the_same_packet),
        cmocka_unit_test(private_on_both_sides),
        cmocka_unit_test(one_of_them_goes),
        cmocka_unit_test(no_more_than_the_last),
        cmocka_unit_test(look_ups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
