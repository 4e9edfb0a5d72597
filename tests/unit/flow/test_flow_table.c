/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "flow/flow_table.h"

static struct budget budget;
static struct flow_table *table;
static uint32_t frame;
static int64_t now;

static void begin(size_t half_limit)
{
    budget = (struct budget) { 0 };
    table = flow_table_new(&budget, half_limit);
    assert_non_null(table);
    frame = 0;
    now = INT64_C(1700000000) * TIME_SECOND;
}

static void end(void)
{
    for (struct flow *f = flow_table_first(table); f; f = flow_table_first(table)) {
        flow_set_talk(f, NULL);
        flow_forget(table, f);
    }
    assert_int_equal(flow_table_count(table), 0);
    flow_table_free(table);
    assert_int_equal(budget.used, 0);
}

static struct packet packet(const char *src, uint16_t src_port, const char *dst, uint16_t dst_port,
                            unsigned flags, uint32_t seq, uint32_t ack)
{
    struct packet p = { .kind = PACKET_TCP,
                        .frame = ++frame,
                        .time = now,
                        .src_port = src_port,
                        .dst_port = dst_port,
                        .tcp = { .seq = seq, .ack = ack, .flags = (uint8_t)flags } };
    assert_true(ip_addr_parse(src, &p.src) && ip_addr_parse(dst, &p.dst));
    return p;
}

static struct packet up(unsigned flags, uint32_t seq, uint32_t ack)
{
    return packet("10.0.0.1", 40000, "10.0.0.2", 25, flags, seq, ack);
}

static struct packet down(unsigned flags, uint32_t seq, uint32_t ack)
{
    return packet("10.0.0.2", 25, "10.0.0.1", 40000, flags, seq, ack);
}

static bool not_ahead; /* its entry is not fetched ahead */

static struct flow_found find(struct packet p)
{
    struct flow_key key;
    flow_table_prefetch(table, &p, &key);
    if (!not_ahead)
        flow_table_prefetch_entry(table, &key);
    return flow_table_find(table, &p, &key);
}

/* The stream of a packet; what it replaces is forgotten. */
static int64_t stream(struct packet p)
{
    struct flow_found found = find(p);
    assert_non_null(found.flow);
    if (found.replaced)
        flow_forget(table, found.replaced);
    return flow_stream(found.flow);
}

static struct packet quote(struct packet p, bool has_flags)
{
    p.kind = PACKET_ICMP_ERROR;
    p.icmp.quoted_protocol = 6;
    p.icmp.has_seq = true;
    p.icmp.has_flags = has_flags;
    if (!has_flags)
        p.tcp.flags = 0;
    return p;
}

/* Each row as tshark 4.0 numbers it. */
static void numbers_as_wireshark(void **state)
{
    (void)state;
    begin(1 << 20);
    assert_int_equal(stream(up(TCP_SYN, 100, 0)), 0);
    assert_int_equal(stream(up(TCP_SYN, 100, 0)), 0);
    assert_int_equal(stream(down(TCP_SYN | TCP_ACK, 500, 101)), 0);
    assert_int_equal(stream(up(TCP_ACK | TCP_FIN, 101, 501)), 0);
    assert_int_equal(stream(down(TCP_ACK | TCP_FIN, 501, 102)), 0);
    assert_int_equal(stream(up(TCP_SYN, 100, 0)), 0); /* even now */
    assert_int_equal(stream(up(TCP_SYN, 200, 0)), 1);
    assert_int_equal(stream(down(TCP_SYN | TCP_ACK, 700, 101)), 1);
    assert_int_equal(stream(up(TCP_SYN, 100, 0)), 2);
    end();
    begin(1 << 20); /* without a SYN at first: the number before the first byte seen is as good */
    assert_int_equal(stream(up(TCP_ACK, 1000, 2000)), 0);
    assert_int_equal(stream(up(TCP_SYN, 999, 0)), 0);
    assert_int_equal(stream(up(TCP_SYN, 1000, 0)), 1);
    end();
    begin(1 << 20); /* and what the other side acknowledged */
    assert_int_equal(stream(down(TCP_RST | TCP_ACK, 0, 101)), 0);
    assert_int_equal(stream(up(TCP_SYN, 100, 0)), 0);
    assert_int_equal(stream(up(TCP_SYN, 0, 0)), 1);
    end();
    begin(1 << 20); /* simultaneous open */
    assert_int_equal(stream(up(TCP_SYN, 100, 0)), 0);
    assert_int_equal(stream(down(TCP_SYN, 500, 0)), 0);
    assert_int_equal(stream(up(TCP_SYN | TCP_ACK, 100, 501)), 0);
    assert_int_equal(stream(down(TCP_SYN, 501, 0)), 1);
    end();
}

static void numbers_of_quotes(void **state)
{
    (void)state;
    begin(1 << 20);
    assert_int_equal(stream(quote(up(TCP_SYN, 100, 0), true)), 0);
    assert_int_equal(stream(quote(up(TCP_SYN, 200, 0), true)),
                     0); /* a quote says nothing of where a side begins */
    assert_int_equal(stream(up(TCP_SYN, 300, 0)), 0);
    assert_int_equal(stream(quote(up(TCP_SYN, 100, 0), true)), 1);
    end();
    begin(1 << 20); /* eight bytes of it are not counted */
    struct flow_found found = find(quote(up(TCP_SYN, 100, 0), false));
    assert_true(found.created && found.from == SIDE_DEVICE);
    assert_int_equal(flow_stream(found.flow), -1);
    assert_int_equal(flow_table_streams(table), 0);
    assert_int_equal(stream(packet("10.0.0.1", 1, "10.0.0.2", 2, TCP_SYN, 7, 0)), 0);
    assert_int_equal(stream(up(TCP_SYN, 100, 0)), 1);
    end();
}

static void who_is_the_device(void **state)
{
    (void)state;
    begin(1 << 20);
    assert_int_equal(find(down(TCP_SYN | TCP_ACK, 5, 9)).from, SIDE_SERVER);
    assert_int_equal(find(up(TCP_ACK, 9, 6)).from, SIDE_DEVICE);
    assert_int_equal(find(packet("::1", 25, "::2", 9, TCP_ACK, 1, 1)).from, SIDE_SERVER);
    assert_int_equal(find(packet("::1", 9, "::3", 8, TCP_ACK, 1, 1)).from, SIDE_DEVICE);
    assert_int_equal(find(packet("::3", 8, "::1", 9, TCP_ACK, 1, 1)).from, SIDE_SERVER);
    struct flow_found found = find(packet("::9", 5000, "::1", 6000, TCP_ACK, 1, 1));
    assert_int_equal(found.from, SIDE_SERVER);
    flow_swap_sides(found.flow);
    found = find(packet("::9", 5000, "::1", 6000, TCP_ACK, 1, 1));
    assert_int_equal(found.from, SIDE_DEVICE);
    assert_int_equal(flow_seen(found.flow), FLOW_SEEN_PACKET << SIDE_DEVICE);
    struct ip_addr client, server, want;
    uint16_t client_port, server_port;
    flow_addresses(found.flow, &client, &client_port, &server, &server_port);
    ip_addr_parse("::9", &want);
    assert_true(ip_addr_equal(&client, &want) && client_port == 5000 && server_port == 6000);
    flow_addresses(find(down(TCP_ACK, 1, 1)).flow, &client, &client_port, &server, &server_port);
    ip_addr_parse("10.0.0.2", &want);
    assert_true(ip_addr_equal(&server, &want) && server_port == 25 && client_port == 40000);
    end();
}

static void the_opening_is_remembered(void **state)
{
    (void)state;
    begin(1 << 20);
    find(up(TCP_SYN, 100, 0));
    now += 30 * TIME_MILLISECOND;
    find(down(TCP_SYN | TCP_ACK, 500, 101));
    struct flow_found found = find(up(TCP_ACK, 101, 501));
    struct flow_opening o;
    flow_opening(found.flow, &o);
    assert_true(o.syn && o.syn_ack);
    assert_int_equal(o.syn_seq, 100);
    assert_int_equal(o.syn_ack_seq, 500);
    assert_int_equal(o.syn_frame, 1);
    assert_int_equal(o.syn_ack_frame, 2);
    assert_int_equal(o.syn_ack_time - o.first_time, 30 * TIME_MILLISECOND);
    assert_int_equal(flow_class(found.flow), FLOW_NOT_MAIL);
    assert_null(flow_talk(found.flow));
    flow_set_talk(found.flow, &o);
    assert_ptr_equal(flow_talk(found.flow), &o);
    end();
}

static void a_flood_eats_only_itself(void **state)
{
    (void)state;
    begin(8 << 20);
    struct flow_found mail = find(up(TCP_ACK, 1, 1));
    flow_set_class(table, mail.flow, FLOW_MAIL);
    struct flow_found web = find(packet("10.0.0.1", 50000, "10.0.0.2", 80, TCP_ACK, 1, 1));
    unsigned forgotten = 0;
    for (uint32_t i = 0; i < 300000; i++) {
        struct packet p =
            packet("10.9.9.9", (uint16_t)i, "10.0.0.2", (uint16_t)(i >> 16), TCP_SYN, i, 0);
        now += 1000;
        struct flow_found found = find(p);
        if (!found.flow) {
            struct flow *oldest = flow_table_oldest(table);
            assert_int_equal(flow_class(oldest), FLOW_HALF_OPEN);
            flow_forget(table, oldest);
            flow_table_lost(table);
            forgotten++;
            found = find(p);
        }
        assert_true(found.flow && found.created);
    }
    assert_true(forgotten > 0 && budget.peak < 8 << 20);
    assert_false(flow_table_numbers_hold(table));
    assert_ptr_equal(find(up(TCP_ACK, 2, 1)).flow, mail.flow);
    assert_int_equal(flow_stream(mail.flow), 0);
    assert_ptr_equal(find(packet("10.0.0.1", 50000, "10.0.0.2", 80, TCP_ACK, 1, 1)).flow, web.flow);
    flow_forget(table, flow_table_oldest(table));
    assert_int_equal(
        flow_stream(find(packet("10.0.0.1", 50001, "10.0.0.2", 80, TCP_ACK, 1, 1)).flow), -1);
    end();
}

/* Without a SYN they are taken for open connections: these stay below their half of the memory. */
static void the_lower_classes_have_their_half(void **state)
{
    (void)state;
    enum { HALF = 1 << 20 };
    begin(HALF);
    struct flow *mail = find(up(TCP_ACK, 1, 1)).flow;
    flow_set_class(table, mail, FLOW_MAIL);
    uint32_t made = 0;
    while (find(packet("10.9.9.9", (uint16_t)made, "10.0.0.2", 80, TCP_ACK, made, 0)).flow)
        made++;
    assert_int_equal(made, HALF / (FLOW_BYTES_V4 + FLOW_SLOT_BYTES));
    struct flow *oldest = flow_table_oldest(table);
    assert_ptr_not_equal(oldest, mail);
    flow_set_class(table, oldest, FLOW_MAIL); /* no longer counts among them */
    assert_non_null(
        find(packet("10.9.9.9", (uint16_t)made, "10.0.0.2", 80, TCP_ACK, made, 0)).flow);
    assert_true(budget.peak < HALF + (128 << 10));
    end();
}

static void the_budget_ends(void **state)
{
    (void)state;
    begin(1 << 30);
    budget.limit = 1 << 20;
    uint32_t made = 0;
    while (find(packet("fe80::1", (uint16_t)made, "fe80::2", (uint16_t)(made >> 16), TCP_SYN, 1, 0))
               .flow)
        made++;
    assert_true(made > 5000);
    struct flow *oldest = flow_table_oldest(table);
    flow_forget(table, oldest);
    assert_non_null(find(packet("fe80::1", 1, "fe80::3", 1, TCP_SYN, 1, 0)).flow);
    assert_null(find(packet("fe80::1", 1, "fe80::4", 1, TCP_SYN, 1, 0)).flow);
    end();
}

static void idle_ones_are_found(void **state)
{
    (void)state;
    begin(1 << 20);
    int64_t start = now;
    struct flow *a = find(up(TCP_ACK, 1, 1)).flow;
    now += 10 * TIME_SECOND;
    struct flow *b = find(packet("10.0.0.1", 50001, "10.0.0.2", 80, TCP_ACK, 1, 1)).flow;
    now += 10 * TIME_SECOND;
    assert_null(flow_table_idle(table, FLOW_NOT_MAIL, start));
    assert_ptr_equal(flow_table_idle(table, FLOW_NOT_MAIL, start + 3 * TIME_SECOND), a);
    assert_null(flow_table_idle(table, FLOW_MAIL, now));
    find(up(TCP_ACK, 1, 1));
    assert_ptr_equal(flow_table_idle(table, FLOW_NOT_MAIL, start + 13 * TIME_SECOND), b);
    assert_null(flow_table_idle(table, FLOW_NOT_MAIL, start + 9 * TIME_SECOND));
    now -= 500 * TIME_SECOND; /* a clock that was set back */
    find(packet("10.0.0.1", 50001, "10.0.0.2", 80, TCP_ACK, 1, 1));
    assert_null(flow_table_idle(table, FLOW_NOT_MAIL, start + 13 * TIME_SECOND));
    end();
}

static void mail_comes_out_in_order(void **state)
{
    (void)state;
    begin(1 << 20);
    for (uint32_t i = 0; i < 1000; i++)
        find(packet("10.0.0.1", (uint16_t)(20000 + i), "10.0.0.2", 25, TCP_ACK, 1, 1));
    for (uint32_t i = 0; i < 1000; i++) {
        uint32_t j = i * 37 % 1000;
        flow_set_class(
            table,
            find(packet("10.0.0.1", (uint16_t)(20000 + j), "10.0.0.2", 25, TCP_ACK, 1, 1)).flow,
            FLOW_MAIL);
    }
    for (uint32_t i = 0; i < 1000; i++) {
        struct flow *f = flow_table_first(table);
        assert_int_equal(flow_stream(f), i);
        flow_forget(table, f);
    }
    flow_table_restart(table);
    assert_int_equal(stream(up(TCP_SYN, 1, 0)), 0);
    end();
}

/* Against a plain list: many connections come and go while the table grows. */
static void grows_and_shrinks(void **state)
{
    (void)state;
    enum { CONNECTIONS = 60000 };
    static struct flow *known[CONNECTIONS];
    begin(1 << 30);
    uint64_t seed = 1;
    for (uint32_t step = 0; step < 400000; step++) {
        seed = seed * UINT64_C(6364136223846793005) + 1;
        uint32_t i = (uint32_t)(seed >> 33) % CONNECTIONS;
        struct packet p = i % 2 ? packet("10.0.0.1", (uint16_t)i, "10.0.0.2", 80, TCP_ACK, 1, 1)
                                : packet("fe80::1", (uint16_t)i, "fe80::2", 80, TCP_ACK, 1, 1);
        not_ahead = step % 4 == 0;
        struct flow_found found = find(p);
        if (known[i])
            assert_true(found.flow == known[i] && !found.created);
        else
            assert_true(found.created);
        known[i] = found.flow;
        if (step % 3 == 0) {
            flow_forget(table, found.flow);
            known[i] = NULL;
        }
    }
    end();
    for (uint32_t i = 0; i < CONNECTIONS; i++)
        known[i] = NULL;
}

static struct flow_key fetched(const struct packet *p)
{
    struct flow_key key;
    flow_table_prefetch(table, p, &key);
    flow_table_prefetch_entry(table, &key);
    return key;
}

/* Between fetching and finding other packets are taken in. */
static void what_was_fetched_may_be_gone(void **state)
{
    (void)state;
    not_ahead = false;
    begin(1 << 20);
    struct packet p = up(TCP_ACK, 101, 501),
                  q = packet("10.0.0.9", 7, "10.0.0.2", 80, TCP_ACK, 1, 1);
    struct flow *first = find(p).flow;
    struct flow_key key = fetched(&p);
    assert_true(key.entry == first);
    flow_forget(table, first);
    assert_true(flow_table_find(table, &p, &key).created);

    first = find(p).flow;
    key = fetched(&p);
    flow_forget(table, first);
    struct flow *other = find(q).flow;
    assert_true(other == first); /* in the same place */
    struct flow_found found = flow_table_find(table, &p, &key);
    assert_true(found.created && found.flow != other);

    first = found.flow;
    key = fetched(&p);
    found = find(up(TCP_SYN, 9000, 0));
    assert_true(found.replaced == first);
    struct flow *anew = found.flow;
    assert_true(flow_table_find(table, &p, &key).flow == anew);
    flow_forget(table, first);
    assert_true(flow_table_find(table, &p, &key).flow == anew);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_as_wireshark),
        cmocka_unit_test(numbers_of_quotes),
        cmocka_unit_test(who_is_the_device),
        cmocka_unit_test(the_opening_is_remembered),
        cmocka_unit_test(a_flood_eats_only_itself),
        cmocka_unit_test(the_lower_classes_have_their_half),
        cmocka_unit_test(the_budget_ends),
        cmocka_unit_test(idle_ones_are_found),
        cmocka_unit_test(mail_comes_out_in_order),
        cmocka_unit_test(grows_and_shrinks),
        cmocka_unit_test(what_was_fetched_may_be_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
