/* SPDX-License-Identifier: BSD-3-Clause */
#include "frame_hex.h"

enum { ETHERNET = 1, RAW = 101 };

#define FRAME                 MACS_INNER "0800" IP4_INNER_TCP
#define GRE(fields_and_inner) IP4("0000", "2f") fields_and_inner
#define UDP(port, content)    IP4("0000", "11") "cccc" port "0000 0000" content

static void expect_inner(const char *encaps)
{
    expect_tcp(encaps);
    expect_addr(&packet.src, "10.9.8.7");
    expect_addr(&packet.dst, "10.6.5.4");
    assert_int_equal(packet.ttl, 63);
    assert_int_equal(packet.ip_id, 0x4321);
}

/* … and its own Ethernet header's addresses, the outer frame having had others. */
static void expect_inner_frame(const char *encaps)
{
    expect_inner(encaps);
    expect_mac(&packet.src_mac, "02:11:11:11:11:13");
    expect_mac(&packet.dst_mac, "02:11:11:11:11:14");
}

static void too_deep(void **state)
{
    (void)state;
    char frame[4096] = "";
    for (unsigned n = 1; n <= 40; n++) {
        strcat(frame, IP4("0000", "04"));
        char whole[4200];
        snprintf(whole, sizeof whole, "%s%s", frame, IP4_INNER_TCP);
        decode(RAW, whole);
        if (n <= ENCAP_MAX_DEPTH)
            assert_int_equal(packet.kind, PACKET_TCP);
        else
            expect_none(PACKET_WHY_DEPTH);
    }
    assert_int_equal(decoder.stats.why[PACKET_WHY_DEPTH], 40 - ENCAP_MAX_DEPTH);
    decode(RAW, IP4("0000", "04") IP4("0000", "04") IP4("0000", "04") IP4("0000", "04")
                    IP4("0000", "04") IP4("0000", "04") IP4("0000", "04") IP4("0000", "04")
                        UDP("12b5", "08000000 00002a00" FRAME));
    expect_none(PACKET_WHY_DEPTH);
}

static void cut_or_nonsense(void **state)
{
    (void)state;
    static const char *const frames[] = {
        GRE("b000 0800 00000000 00000001 00000002" IP4_INNER_TCP),
        GRE("1000 88be 00000001 1007000100000000" FRAME),
        GRE("1000 22eb 00000001 2007000100000000 00000001 1000000000000000" FRAME),
    };
    for (size_t i = 0; i < 3; i++) {
        struct bytes whole = hex_bytes(frames[i]);
        for (size_t cut = whole.len - 20; cut > 6; cut--) {
            decode_cut(RAW, frames[i], cut);
            expect_none(PACKET_WHY_TRUNCATED);
        }
        hex_free(whole);
    }
    decode(RAW, GRE("4000 0800 00000000 0000 00ff 0000")); /* a route that runs over the end */
    expect_none(PACKET_WHY_MALFORMED);
    decode(RAW, GRE("0002 0800" IP4_INNER_TCP)); /* a version to come */
    assert_int_equal(packet.kind, PACKET_OTHER_IP);
    decode(RAW, GRE("0000 0000")); /* keep-alive */
    assert_int_equal(packet.kind, PACKET_OTHER_IP);
    decode(RAW, GRE("2081 880b 0000 0001 00000005")); /* PPTP: acknowledgement */
    assert_int_equal(packet.kind, PACKET_OTHER_IP);
    decode(RAW, GRE("1000 88be 00000001 7007000100000000" FRAME)); /* no such ERSPAN */
    assert_int_equal(packet.kind, PACKET_OTHER_IP);
    expect_encap("");
}

static void ip_in_ip(void **state)
{
    (void)state;
    decode(RAW, IP4("0042", "04") IP4_INNER_TCP);
    expect_inner("ipip");
    decode(RAW, IP4("0056", "29") IP6_TCP);
    expect_tcp("6in4");
    expect_addr(&packet.src, "2001:db8::10");
    assert_int_equal(packet.ip_id, 0);
    decode(RAW, IP6("002e", "04") IP4_INNER_TCP);
    expect_inner("4in6");
    decode(RAW, IP6("0042", "29") IP6_TCP);
    expect_tcp("6in6");
    decode(RAW, IP4("0046", "89") "00064140" IP4_INNER_TCP); /* MPLS in IP (RFC 4023) */
    expect_inner("mpls");
}

static void gre(void **state)
{
    (void)state;
    decode(RAW, GRE("0000 0800" IP4_INNER_TCP));
    expect_inner("gre");
    decode(RAW, GRE("b000 0800 00000000 00000001 00000002" IP4_INNER_TCP));
    expect_inner("gre");
    decode(RAW,
           GRE("4000 0800 00000000 0800 0004 c0000201 0000 0000" IP4_INNER_TCP)); /* RFC 1701 */
    expect_inner("gre");
    decode(RAW, GRE("0000 86dd" IP6_TCP));
    expect_tcp("gre");
    decode(ETHERNET, MACS "0800" GRE("2000 6558 00002a00" FRAME));
    expect_inner_frame("gre");
    decode(RAW, GRE("0000 8847 00064140" IP4_INNER_TCP));
    expect_inner("gre,mpls");
    decode(RAW, GRE("0000 8100 0007 0800" IP4_INNER_TCP));
    expect_inner("gre,vlan");
    decode(RAW, GRE("3081 880b 0032 0001 00000001 00000002 ff03 0021" IP4_INNER_TCP)); /* PPTP */
    expect_inner("gre");
    decode(ETHERNET, MACS "0800" GRE("0000 88be" FRAME));
    expect_inner_frame("erspan");
    decode(ETHERNET, MACS "0800" GRE("1000 88be 00000001 1007000100000000" FRAME));
    expect_inner_frame("erspan");
    decode(ETHERNET, MACS "0800" GRE("1000 22eb 00000001 2007000100000000 00000000" FRAME));
    expect_inner_frame("erspan");
    decode(ETHERNET,
           MACS "0800" GRE("1000 22eb 00000001 2007000100000000 00000001 1000000000000000" FRAME));
    expect_inner_frame("erspan");
    decode(RAW,
           GRE("1000 22eb 00000001 2007000100000000 00000800" IP4_INNER_TCP)); /* an IP packet */
    expect_inner("erspan");
}

static void over_udp(void **state)
{
    (void)state;
    decode(ETHERNET, MACS "0800" UDP("12b5", "08000000 00002a00" FRAME));
    expect_inner_frame("vxlan");
    decode(ETHERNET,
           MACS "0800" UDP("2118", "88000005 00002a00" FRAME)); /* Linux' old port; group policy */
    expect_inner_frame("vxlan");
    decode(RAW, UDP("12b5", "08000000 00002a00" MACS_INNER "8100 0007 0800" IP4_INNER_TCP));
    expect_inner("vxlan,vlan");
    decode(RAW, UDP("17c1", "0000 6558 00002a00" FRAME));
    expect_inner("geneve");
    decode(RAW, UDP("17c1", "0240 86dd 00002a00 0102800100000001" IP6_TCP));
    expect_tcp("geneve");
    decode(RAW, UDP("9090", "0100 0001 01" FRAME));
    expect_inner("tzsp");
    decode(RAW, UDP("9090", "0100 0001 00 0a01c4 00 2904000005dc 01" FRAME));
    expect_inner("tzsp");
    decode(
        RAW,
        UDP("9090",
            "0101 0012 01 0801 0000 020000000001 020000000002 020000000003 1000 aaaa03 000000 0800" IP4_INNER_TCP));
    expect_inner("tzsp");
    decode(RAW,
           UDP("9090",
               "0100 0077 01 44000000 10000000 0000000000000000 0801 0000 020000000001 020000000002"
               "020000000003 1000 aaaa03 000000 0800" IP4_INNER_TCP));
    expect_inner("tzsp");
    assert_int_equal(decoder.stats.encapsulated, 9);
}

/* On a tunnel's port, but not the tunnel: just UDP, whole. */
static void looks_otherwise(void **state)
{
    (void)state;
    static const char *const contents[][2] = {
        { "12b5", "6a756e6b" },
        { "12b5", "00000000 00002a00" FRAME }, /* no VNI */
        { "12b5", "08000001 00002a00" FRAME }, /* reserved bits */
        { "12b5", "08000000 00002a01" FRAME },
        { "12b5", "08000000 00002a00 0102" },                       /* no room for a frame */
        { "12b5", "12348180 00010001 00000000 0161 00 0001 0001" }, /* an answer of DNS */
        { "17c1", "4000 6558 00002a00" FRAME },                     /* version 1 */
        { "17c1", "0000 0806 00002a00" FRAME },                     /* a type that is not carried */
        { "17c1", "3f00 6558 00002a00 0000" },                      /* options beyond the end */
        { "9090", "0200 0001 01" FRAME },                           /* version 2 */
        { "9090", "0104 0001 01" },                                 /* keep-alive */
        { "9090", "0100 0001 0a01c4" },                             /* no end tag */
        { "9090", "0100 0001 0aff" },
        { "9090", "0100 0009 01" FRAME },
        { "9090", "01" },
        { "9090", "" },
    };
    for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
        char frame[1024];
        snprintf(frame, sizeof frame, "%s cccc %s 0000 0000 %s", IP4("0000", "11"), contents[i][0],
                 contents[i][1]);
        struct bytes content = hex_bytes(contents[i][1]);
        decode(RAW, frame);
        assert_int_equal(packet.kind, PACKET_UDP);
        assert_true(bytes_equal(packet.payload, content));
        expect_encap("");
        expect_addr(&packet.src, "192.0.2.10");
        hex_free(content);
    }
}

static void inside_tunnels(void **state)
{
    (void)state;
    decode(ETHERNET, MACS "8100 0007 8864 11001234 0058 0057" IP6("002e", "04") IP4_INNER_TCP);
    expect_inner("vlan,pppoe,4in6");
    decode(RAW, UDP("12b5", "08000000 00002a00" MACS_INNER "0806 0001"));
    expect_none(PACKET_WHY_NOT_IP);
    expect_encap("vxlan");
    decode(RAW, IP4("0042", "04") IP4_INNER("0f2e", "06") TCP HELO); /* the inner packet was cut */
    assert_int_equal(packet.kind, PACKET_TCP);
    assert_true(packet.snapped);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(too_deep, decode_end),
        cmocka_unit_test_teardown(cut_or_nonsense, decode_end),
        cmocka_unit_test_teardown(ip_in_ip, decode_end),
        cmocka_unit_test_teardown(gre, decode_end),
        cmocka_unit_test_teardown(over_udp, decode_end),
        cmocka_unit_test_teardown(looks_otherwise, decode_end),
        cmocka_unit_test_teardown(inside_tunnels, decode_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
