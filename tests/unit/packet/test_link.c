/* SPDX-License-Identifier: BSD-3-Clause */
#include "frame_hex.h"

enum {
    NULL_LINK = 0,
    ETHERNET = 1,
    PPP = 9,
    PPP_HDLC = 50,
    PPPOE = 51,
    RAW = 101,
    CISCO = 104,
    LOOP = 108,
    COOKED = 113,
    COOKED2 = 276
};

static void unknown_link_type(void **state)
{
    (void)state;
    decode(147, MACS "0800" IP4_TCP);
    expect_none(PACKET_WHY_LINK_TYPE);
    assert_int_equal(decoder.stats.link_type_unknown, 148);
    assert_int_equal(decoder.stats.why[PACKET_WHY_LINK_TYPE], 1);
}

/* Each length of a frame that ends early: never a packet, and cut is not the same as malformed. */
static void ends_early(void **state)
{
    (void)state;
    const char *frame = MACS "8100 0007 8864 11001234 0030 0021" IP4_TCP;
    struct bytes whole = hex_bytes(frame);
    size_t headers = whole.len - 6;
    for (size_t cut = whole.len; cut > whole.len - headers; cut--) {
        decode_cut(ETHERNET, frame, cut);
        expect_none(PACKET_WHY_TRUNCATED);
    }
    hex_free(whole);
    decode(ETHERNET, "");
    expect_none(PACKET_WHY_MALFORMED);
    decode(ETHERNET, MACS "08");
    expect_none(PACKET_WHY_MALFORMED);
    decode(ETHERNET, MACS "0800");
    expect_none(PACKET_WHY_MALFORMED);
    decode(ETHERNET, MACS "8100 0007");
    expect_none(PACKET_WHY_MALFORMED);
    decode(ETHERNET, MACS "8847 00064000");
    expect_none(PACKET_WHY_MALFORMED);
    decode(ETHERNET, MACS "8864 1100 1234");
    expect_none(PACKET_WHY_MALFORMED);
    for (uint16_t link = 0; link < 300; link++) {
        decode(link, "");
        assert_int_equal(packet.kind, PACKET_NONE);
        decode(link, "00");
        assert_int_equal(packet.kind, PACKET_NONE);
    }
}

static void too_many_tags(void **state)
{
    (void)state;
    decode(
        ETHERNET, MACS
        "8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 0800" IP4_TCP);
    expect_tcp("vlan,vlan,vlan,vlan,vlan,vlan,vlan,vlan");
    decode(
        ETHERNET, MACS
        "8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 0800" IP4_TCP);
    expect_none(PACKET_WHY_DEPTH);
}

static void not_ip(void **state)
{
    (void)state;
    decode(
        ETHERNET,
        "ffffffffffff 020000000001 0806 0001080006040001 020000000001 c000020a 000000000000 c0000201");
    expect_none(PACKET_WHY_NOT_IP);
    decode(ETHERNET, MACS "88cc 0207");
    expect_none(PACKET_WHY_NOT_IP);
    decode(ETHERNET, "0180c2000000 020000000001 0026 424203 0000000000" /* spanning tree */);
    expect_none(PACKET_WHY_NOT_IP);
    decode(ETHERNET, MACS "0014 aaaa03 00000c 2000 0000"); /* CDP */
    expect_none(PACKET_WHY_NOT_IP);
    decode(ETHERNET, MACS "8864 11651234 0030 0021" IP4_TCP); /* not session data */
    expect_none(PACKET_WHY_NOT_IP);
    decode(ETHERNET, MACS "8864 11001234 000a c021 0101 0008 05060000"); /* LCP */
    expect_none(PACKET_WHY_NOT_IP);
    decode(COOKED, "0000 0338 0000 0000000000000000 0800" IP4_TCP); /* netlink */
    expect_none(PACKET_WHY_NOT_IP);
    decode(NULL_LINK, "07000000" IP4_TCP);
    expect_none(PACKET_WHY_NOT_IP);
    assert_int_equal(decoder.stats.why[PACKET_WHY_NOT_IP], 8);
    assert_int_equal(decoder.stats.encapsulated, 1);
}

static void ethernet(void **state)
{
    (void)state;
    decode(ETHERNET, MACS "0800" IP4_TCP);
    expect_tcp("");
    expect_mac(&packet.src_mac, "02:00:00:00:00:01");
    expect_mac(&packet.dst_mac, "02:00:00:00:00:02");
    expect_addr(&packet.src, "192.0.2.10");
    expect_addr(&packet.dst, "198.51.100.25");
    decode(ETHERNET, MACS "86dd" IP6_TCP "0000 0000"); /* padding */
    expect_tcp("");
    expect_addr(&packet.src, "2001:db8::10");
    decode(ETHERNET, MACS "0036 aaaa03 000000 0800" IP4_TCP "0000");
    expect_tcp("");
    decode(ETHERNET, MACS "0036 aaaa03 0000f8 0800" IP4_TCP);
    expect_tcp("");
    decode(ETHERNET, MACS "0031 060603" IP4_TCP);
    expect_tcp("");
}

static void tags_and_labels(void **state)
{
    (void)state;
    decode(ETHERNET, MACS "88a8 0001 8100 0002 0800" IP4_TCP);
    expect_tcp("qinq,vlan");
    decode(ETHERNET, MACS "9100 0001 8100 0002 86dd" IP6_TCP);
    expect_tcp("qinq,vlan");
    decode(ETHERNET, MACS "8100 0001 0036 aaaa03 000000 0800" IP4_TCP);
    expect_tcp("vlan");
    decode(ETHERNET, MACS "8847 00064040 000c8140" IP4_TCP);
    expect_tcp("mpls");
    decode(ETHERNET, MACS "8848 00064140" IP6_TCP);
    expect_tcp("mpls");
    /* a pseudo-wire, with a control word and without */
    decode(ETHERNET, MACS "8847 00064140 00000001" MACS_INNER "0800" IP4_TCP);
    expect_tcp("mpls");
    expect_mac(&packet.src_mac, "02:11:11:11:11:13");
    decode(ETHERNET, MACS "8847 00064140" MACS_INNER "8100 0003 0800" IP4_TCP);
    expect_tcp("mpls,vlan");
    decode(ETHERNET, MACS "8847 00064140 10000021 0102030405060708"); /* an associated channel */
    expect_none(PACKET_WHY_NOT_IP);
}

static void ppp(void **state)
{
    (void)state;
    decode(ETHERNET, MACS "8864 11001234 0030 0021" IP4_TCP "0000 0000");
    expect_tcp("pppoe");
    decode(ETHERNET, MACS "8864 11001234 0044 0057" IP6_TCP);
    expect_tcp("pppoe");
    decode(ETHERNET, MACS "8864 11001234 002f 21" IP4_TCP); /* compressed protocol field */
    expect_tcp("pppoe");
    decode(ETHERNET, MACS "8864 11001234 ffff 0021" IP4_TCP); /* a length that is not believed */
    expect_tcp("pppoe");
    decode(PPPOE, "11001234 0030 0021" IP4_TCP);
    expect_tcp("pppoe");
    decode(PPP, "0021" IP4_TCP);
    expect_tcp("");
    decode(PPP, "ff03 0057" IP6_TCP);
    expect_tcp("");
    decode(PPP_HDLC, "ff03 21" IP4_TCP);
    expect_tcp("");
    decode(PPP_HDLC, "ff03 0281 00064140" IP4_TCP);
    expect_tcp("mpls");
    decode(PPP_HDLC, "0f00 0800" IP4_TCP);
    expect_tcp("");
    decode(CISCO, "0f00 86dd" IP6_TCP);
    expect_tcp("");
}

static void raw_and_loopback(void **state)
{
    (void)state;
    static const uint16_t raw[] = { 12, 14, RAW, 228, 229 };
    for (size_t i = 0; i < sizeof raw / sizeof *raw; i++) {
        decode(raw[i], IP4_TCP);
        expect_tcp("");
        assert_true(mac_addr_is_zero(&packet.src_mac));
        decode(raw[i], IP6_TCP);
        expect_tcp("");
    }
    decode(NULL_LINK, "02000000" IP4_TCP);
    expect_tcp("");
    decode(NULL_LINK, "00000002" IP4_TCP);
    expect_tcp("");
    static const char *const v6[] = { "18000000", "1c000000", "1e000000",
                                      "0a000000", "17000000", "0000001e" };
    for (size_t i = 0; i < sizeof v6 / sizeof *v6; i++) {
        char frame[512];
        snprintf(frame, sizeof frame, "%s %s", v6[i], IP6_TCP);
        decode(i % 2 ? LOOP : NULL_LINK, frame);
        expect_tcp("");
    }
}

static void cooked(void **state)
{
    (void)state;
    decode(COOKED, "0000 0001 0006 0200000000010000 0800" IP4_TCP);
    expect_tcp("");
    expect_mac(&packet.src_mac, "02:00:00:00:00:01");
    assert_true(mac_addr_is_zero(&packet.dst_mac));
    decode(COOKED, "0000 0001 0006 0200000000010000 8100 0007 0800" IP4_TCP);
    expect_tcp("vlan");
    decode(COOKED, "0000 0001 0006 0200000000010000 0004 aaaa03 000000 0800" IP4_TCP);
    expect_tcp("");
    decode(COOKED, "0000 0200 0000 0000000000000000 86dd" IP6_TCP); /* a PPP device */
    expect_tcp("");
    decode(COOKED2, "0800 0000 00000003 0001 00 06 0200000000010000" IP4_TCP);
    expect_tcp("");
    expect_mac(&packet.src_mac, "02:00:00:00:00:01");
    decode(COOKED2, "8864 0000 00000003 0001 04 06 0200000000010000 11001234 0030 0021" IP4_TCP);
    expect_tcp("pppoe");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(unknown_link_type, decode_end),
        cmocka_unit_test_teardown(ends_early, decode_end),
        cmocka_unit_test_teardown(too_many_tags, decode_end),
        cmocka_unit_test_teardown(not_ip, decode_end),
        cmocka_unit_test_teardown(ethernet, decode_end),
        cmocka_unit_test_teardown(tags_and_labels, decode_end),
        cmocka_unit_test_teardown(ppp, decode_end),
        cmocka_unit_test_teardown(raw_and_loopback, decode_end),
        cmocka_unit_test_teardown(cooked, decode_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
