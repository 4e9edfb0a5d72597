/* SPDX-License-Identifier: BSD-3-Clause */
#include "frame_hex.h"

enum { RAW = 101 };

/* from 203.0.113.9, about a packet of 192.0.2.10's */
#define ICMP(content) "4500 0000 0001 0000 fa 01 0000 cb007109 c000020a" content
#define ICMP6(content)                                                                             \
    "60000000 0000 3a 3c 20010db8000f00000000000000000001 20010db8000000000000000000000010" content
#define QUOTE  IP4("0034", "06")
#define QUOTE6 IP6("0020", "06")
#define SYN_20 "c350024b 0000004d 00000000 5002 0200 00000000"

static void expect_error(uint8_t type, uint8_t code, uint32_t mtu)
{
    assert_int_equal(packet.kind, PACKET_ICMP_ERROR);
    assert_int_equal(packet.why, PACKET_WHY_NOTHING);
    assert_int_equal(packet.icmp.type, type);
    assert_int_equal(packet.icmp.code, code);
    assert_int_equal(packet.icmp.mtu, mtu);
    assert_int_equal(packet.payload.len, 0);
    assert_int_equal(packet.payload_len, 0);
}

static void expect_quoted_tcp(void)
{
    assert_int_equal(packet.icmp.quoted_protocol, 6);
    assert_int_equal(packet.src_port, 50000);
    assert_int_equal(packet.dst_port, 587);
    assert_true(packet.icmp.has_seq);
    assert_int_equal(packet.tcp.seq, 77);
    assert_int_equal(packet.tcp.options.len, 0);
}

static void quote_ends_anywhere(void **state)
{
    (void)state;
    const char *frame = ICMP("0301 0000 00000000" QUOTE SYN_20);
    for (size_t cut = 0; cut <= 40; cut++) {
        size_t reach = cut < 20 ? 20 - cut : 0;
        decode_cut(RAW, frame, cut);
        expect_error(3, 1, 0);
        assert_int_equal(packet.icmp.quoted_protocol, reach >= 4 ? 6 : 0);
        assert_int_equal(packet.icmp.has_seq, reach >= 8);
        assert_int_equal(packet.icmp.has_flags, reach >= 16);
        if (cut > 20)
            assert_int_equal(packet.src.family, 0);
        expect_addr(&packet.icmp.from, "203.0.113.9");
    }
    decode_cut(RAW, frame, 41);
    expect_none(PACKET_WHY_TRUNCATED);
}

static void quote_is_nonsense(void **state)
{
    (void)state;
    decode(RAW, ICMP("0301 0000 00000000 ffffffff ffffffff"));
    expect_error(3, 1, 0);
    assert_int_equal(packet.icmp.quoted_protocol, 0);
    assert_int_equal(packet.src.family, 0);
    decode(RAW, ICMP("0303 0000 00000000" IP4("0020", "11") "c350 0035 000c 0000")); /* about UDP */
    expect_error(3, 3, 0);
    assert_int_equal(packet.icmp.quoted_protocol, 17);
    decode(RAW,
           ICMP("0b00 0000 00000000" IP4("0020", "01") "0800 0000 00000000")); /* about a ping */
    expect_error(11, 0, 0);
    assert_int_equal(packet.icmp.quoted_protocol, 0);
    decode(
        RAW,
        ICMP(
            "0301 0000 00000000 4500 0034 1234 00b9 40 06 0000 c000020a c6336419" SYN_20)); /* a later fragment */
    expect_error(3, 1, 0);
    assert_int_equal(packet.icmp.quoted_protocol, 0);
    decode(
        RAW,
        ICMP(
            "0301 0000 00000000 4500 0034 1234 2000 40 06 0000 c000020a c6336419" SYN_20)); /* the first one */
    expect_error(3, 1, 0);
    expect_quoted_tcp();
}

static void errors(void **state)
{
    (void)state;
    static const char *const types[] = { "03", "04", "0b", "0c" };
    for (size_t i = 0; i < 4; i++) {
        char frame[512];
        snprintf(frame, sizeof frame, "%s %s01 0000 00000000 %s", ICMP(""), types[i], QUOTE SYN_20);
        decode(RAW, frame);
        expect_error((uint8_t)strtoul(types[i], NULL, 16), 1, 0);
        expect_quoted_tcp();
        assert_true(packet.icmp.has_flags);
        assert_int_equal(packet.tcp.flags, TCP_SYN);
        expect_addr(&packet.src, "192.0.2.10");
        expect_addr(&packet.dst, "198.51.100.25");
        assert_int_equal(packet.ttl, 250); /* the error's own */
        assert_int_equal(packet.protocol, 1);
        assert_false(packet.icmp.v6);
    }
    decode(RAW, ICMP("0304 0000 00000578" QUOTE SYN_20));
    expect_error(3, 4, 1400);
    /* the quote's length, in words, and an extension behind it (RFC 4884) */
    decode(RAW, ICMP("0b00 0000 00070000" QUOTE "c350024b 0000004d 20000000 00080101 00064001"));
    expect_error(11, 0, 0);
    expect_quoted_tcp();
    assert_false(packet.icmp.has_flags);
}

static void errors_v6(void **state)
{
    (void)state;
    decode(RAW, ICMP6("0104 0000 00000000" QUOTE6 SYN_20));
    expect_error(1, 4, 0);
    expect_quoted_tcp();
    assert_true(packet.icmp.v6);
    expect_addr(&packet.icmp.from, "2001:db8:f::1");
    expect_addr(&packet.src, "2001:db8::10");
    decode(RAW, ICMP6("0200 0000 00000500" QUOTE6 SYN_20));
    expect_error(2, 0, 1280);
    expect_quoted_tcp();
    decode(RAW, ICMP6("0300 0000 00000000" IP6("0028", "00") "0600 0104 00000000" SYN_20));
    expect_error(3, 0, 0);
    expect_quoted_tcp();
}

static void through_tunnels(void **state)
{
    (void)state;
    decode(RAW, IP6("0000", "04") ICMP("0301 0000 00000000" QUOTE SYN_20));
    expect_error(3, 1, 0);
    expect_quoted_tcp();
    expect_encap("4in6");
    decode(RAW, ICMP6("0103 0000 00000000" IP6("0048", "04") IP4_INNER("0034", "06") SYN_20));
    expect_error(1, 3, 0);
    expect_quoted_tcp();
    expect_addr(&packet.src, "10.9.8.7");
    decode(RAW,
           ICMP("0301 0000 00000000" IP4("0048", "2f") "0000 0800" IP4_INNER("0034", "06") SYN_20));
    expect_error(3, 1, 0);
    expect_quoted_tcp();
}

static void no_errors(void **state)
{
    (void)state;
    decode(RAW, ICMP("0800 0000 00010001 61626364"));
    assert_int_equal(packet.kind, PACKET_OTHER_IP);
    decode(RAW, ICMP("0501 0000 c0000201" QUOTE SYN_20)); /* a redirect */
    assert_int_equal(packet.kind, PACKET_OTHER_IP);
    expect_addr(&packet.src, "203.0.113.9");
    decode(RAW, ICMP6("8700 0000 00000000 20010db8000000000000000000000010"));
    assert_int_equal(packet.kind, PACKET_OTHER_IP);
    decode(RAW, ICMP("0301 0000"));
    expect_none(PACKET_WHY_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(quote_ends_anywhere, decode_end),
        cmocka_unit_test_teardown(quote_is_nonsense, decode_end),
        cmocka_unit_test_teardown(errors, decode_end),
        cmocka_unit_test_teardown(errors_v6, decode_end),
        cmocka_unit_test_teardown(through_tunnels, decode_end),
        cmocka_unit_test_teardown(no_errors, decode_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
