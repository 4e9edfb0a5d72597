/* SPDX-License-Identifier: BSD-3-Clause */
#include "frame_hex.h"

#include "packet/tcp_options.h"

enum { RAW = 101 };

static struct tcp_options options(void)
{
    struct tcp_options o;
    tcp_options_read(packet.tcp.options, &o);
    return o;
}

static void malformed(void **state)
{
    (void)state;
    decode(RAW, "5500002e"
                "1234000040060000 c000020a c6336419" TCP HELO); /* version 5 */
    expect_none(PACKET_WHY_MALFORMED);
    decode(RAW, "4400002e"
                "1234000040060000 c000020a c6336419" TCP HELO); /* header of 16 bytes */
    expect_none(PACKET_WHY_MALFORMED);
    decode(RAW, IP4("0013", "06") TCP HELO); /* shorter than its header */
    expect_none(PACKET_WHY_MALFORMED);
    decode(RAW, IP4("0020", "06") TCP HELO); /* ends in the TCP header, though more was captured */
    expect_none(PACKET_WHY_MALFORMED);
    decode(RAW,
           IP4("002e", "06") "c350024b 000003e8 000007d0 4018 0200 00000000" HELO); /* offset 4 */
    expect_none(PACKET_WHY_MALFORMED);
    decode(RAW,
           IP4("002e", "06") "c350024b 000003e8 000007d0 f018 0200 00000000" HELO); /* offset 15 */
    expect_none(PACKET_WHY_MALFORMED);
    decode(RAW, IP4("0020", "11") "c350 024b 0007 0000 00000000"); /* UDP length 7 */
    expect_none(PACKET_WHY_MALFORMED);
    decode(RAW, IP6("0004", "06") TCP HELO);
    expect_none(PACKET_WHY_MALFORMED);
    decode(RAW, IP6("0008", "00") "06 ff 0000 0000 0000"); /* an extension header beyond the end */
    expect_none(PACKET_WHY_MALFORMED);
    assert_int_equal(decoder.stats.why[PACKET_WHY_MALFORMED], 9);
}

/* A chain of empty option headers ends at the limit, not at the frame's end. */
static void endless_extensions(void **state)
{
    (void)state;
    for (unsigned n = 30; n < 36; n++) {
        char frame[4096] = "";
        char length[8];
        snprintf(length, sizeof length, "%04x", n * 8 + 26);
        snprintf(frame, sizeof frame,
                 "60000000 %s 3c 3c 20010db8000000000000000000000010"
                 "20010db8000100000000000000000025",
                 length);
        for (unsigned i = 1; i <= n; i++)
            strcat(frame, i < n ? "3c00 0104 00000000 " : "0600 0104 00000000 ");
        strcat(frame, TCP HELO);
        decode(RAW, frame);
        if (n < 32)
            expect_tcp("");
        else
            expect_none(PACKET_WHY_MALFORMED);
    }
}

static void lengths(void **state)
{
    (void)state;
    decode(RAW, IP4_TCP "00000000 0000"); /* padding */
    expect_tcp("");
    assert_int_equal(packet.ttl, 64);
    assert_int_equal(packet.ip_id, 0x1234);
    assert_int_equal(packet.protocol, 6);
    decode(RAW, IP4("0000", "06") TCP HELO); /* segmentation offload */
    expect_tcp("");
    decode(RAW, IP6("0000", "06") TCP HELO);
    expect_tcp("");
    assert_int_equal(packet.ttl, 60);
    assert_int_equal(packet.ip_id, 0);
    decode(RAW,
           "4600 0032 1234 0000 40 06 0000 c000020a c6336419 94040000" TCP HELO); /* an option */
    expect_tcp("");
}

static void cut_by_the_capture(void **state)
{
    (void)state;
    decode_cut(RAW, IP4_TCP, 4);
    assert_int_equal(packet.kind, PACKET_TCP);
    assert_true(packet.snapped);
    assert_int_equal(packet.payload_len, 6);
    assert_true(bytes_equal(packet.payload, bytes_str("HE")));
    decode_cut(RAW, IP4_TCP, 6);
    assert_int_equal(packet.kind, PACKET_TCP);
    assert_int_equal(packet.payload_len, 6);
    assert_int_equal(packet.payload.len, 0);
    decode_cut(RAW, IP4_TCP, 7);
    expect_none(PACKET_WHY_TRUNCATED);
    decode(RAW, IP4("0100", "06") TCP HELO); /* cut, and the frame's length rewritten */
    assert_int_equal(packet.kind, PACKET_TCP);
    assert_true(packet.snapped);
    assert_int_equal(packet.payload_len, 256 - 40);
    assert_int_equal(packet.payload.len, 6);
    /* in the TCP options */
    decode_cut(RAW,
               IP4("0034",
                   "06") "c350024b 000003e8 00000000 7002 0200 00000000 020405b4 01030307 48454c4f",
               8);
    assert_int_equal(packet.kind, PACKET_TCP);
    assert_true(packet.snapped);
    assert_int_equal(packet.payload_len, 4);
    assert_int_equal(packet.payload.len, 0);
    assert_int_equal(options().mss, 1460);
    assert_int_equal(options().window_scale, 255);
}

#define SYN(options_and_payload)                                                                   \
    IP4("0000", "06") "c350024b 000003e8 00000000 8002 0200 00000000" options_and_payload

static void tcp_options(void **state)
{
    (void)state;
    decode(RAW, SYN("020405b4 01 030307 01010402"));
    assert_int_equal(packet.kind, PACKET_TCP);
    assert_int_equal(packet.tcp.flags, TCP_SYN);
    assert_int_equal(options().mss, 1460);
    assert_int_equal(options().window_scale, 7);
    assert_false(options().fast_open);
    assert_int_equal(packet.payload_len, 0);
    assert_int_equal(options().sack.len, 0);
    decode(RAW, SYN("0101 050a 000003f1 000003f5"));
    assert_int_equal(options().sack.len, 8);
    assert_int_equal(options().sack.at[3], 0xf1);
    decode(RAW, SYN("2202 020405b4 00 00000000 00"));
    assert_true(options().fast_open);
    assert_int_equal(options().mss, 1460);
    decode(RAW, SYN("fe04f989 020405b4 00000000"));
    assert_true(options().fast_open);
    decode(RAW, SYN("fe04e2d4 020405b4 00000000")); /* another experiment */
    assert_false(options().fast_open);
    /* nonsense: a length of 0, of 1, beyond the end; what came before counts */
    decode(RAW, SYN("020405b4 0300 07 0101010101"));
    assert_int_equal(packet.kind, PACKET_TCP);
    assert_int_equal(options().mss, 1460);
    assert_int_equal(options().window_scale, 255);
    decode(RAW, SYN("0301 020405b4 030307 010101"));
    assert_int_equal(options().mss, 0);
    decode(RAW, SYN("020405b4 0101010101010103"));
    assert_int_equal(options().mss, 1460);
    decode(RAW, SYN("02ff05b4 010101010101 0101"));
    assert_int_equal(packet.kind, PACKET_TCP);
    assert_int_equal(options().mss, 0);
    decode(RAW, SYN("0203b4 03040707 0101010101")); /* wrong sizes */
    assert_int_equal(options().mss, 0);
    assert_int_equal(options().window_scale, 255);
}

static void udp(void **state)
{
    (void)state;
    decode(RAW, IP4("0020", "11") "c350 0035 000c 0000 01020304 ffff");
    assert_int_equal(packet.kind, PACKET_UDP);
    assert_int_equal(packet.dst_port, 53);
    assert_int_equal(packet.payload_len, 4);
    decode(RAW, IP4("0022", "11") "c350 0035 000c 0000 01020304 ffff"); /* the IP packet has more */
    assert_int_equal(packet.payload_len, 4);
    decode(RAW, IP4("0020", "11") "c350 0035 ffff 0000 01020304"); /* not so much was there */
    assert_int_equal(packet.kind, PACKET_UDP);
    assert_int_equal(packet.payload_len, 4);
    decode_cut(RAW, IP4("0020", "11") "c350 0035 000c 0000 01020304", 3);
    assert_true(packet.snapped);
    assert_int_equal(packet.payload_len, 4);
    assert_int_equal(packet.payload.len, 1);
    decode(RAW, IP6("000c", "11") "c350 0035 0000 0000 01020304"); /* jumbo or offload */
    assert_int_equal(packet.payload_len, 4);
}

static void other_protocols(void **state)
{
    (void)state;
    decode(RAW, IP4("001c", "32") "00000001 00000001"); /* ESP */
    assert_int_equal(packet.kind, PACKET_OTHER_IP);
    assert_int_equal(packet.protocol, 50);
    expect_addr(&packet.src, "192.0.2.10");
    decode(RAW, IP4("001c", "02") "16000904 e0000016"); /* IGMP */
    assert_int_equal(packet.kind, PACKET_OTHER_IP);
    decode(RAW, IP6("0000", "3b")); /* no next header */
    assert_int_equal(packet.kind, PACKET_OTHER_IP);
    decode(RAW, IP4("001c", "3a") "0100 0000 00000000"); /* ICMPv6 in IPv4 is nothing */
    assert_int_equal(packet.kind, PACKET_OTHER_IP);
}

static void extensions(void **state)
{
    (void)state;
    decode(RAW, IP6("0022", "00") "0600 0104 00000000" TCP HELO);
    expect_tcp("");
    assert_int_equal(packet.protocol, 6);
    decode(
        RAW,
        IP6("003a",
            "3c") "8700 0104 00000000 8b00 0000 00000000 8c00 0000 00000000 0600 8000 00000000" TCP
            HELO);
    expect_tcp(""); /* destination options, mobility, HIP, shim6 */
    decode(RAW, IP6("0032", "33") "0604 0000 00000001 00000001 5a5a5a5a5a5a5a5a5a5a5a5a" TCP HELO);
    expect_tcp(""); /* authentication header, in units of four bytes */
    decode(RAW, IP4("0046", "33") "0604 0000 00000001 00000001 5a5a5a5a5a5a5a5a5a5a5a5a" TCP HELO);
    expect_tcp("");
    decode(RAW, IP6("0022", "2c") "0600 0000 00000007" TCP HELO);
    expect_tcp(""); /* an atomic fragment */
}

#define ROUTE "fd00000000000000 0000000000000001 fd00000000000000 0000000000000002"

static void routing(void **state)
{
    (void)state;
    decode(RAW, IP6("0042", "2b") "0604 00 01 00000000" ROUTE TCP HELO);
    expect_tcp("");
    expect_addr(&packet.dst, "fd00::2");
    decode(RAW, IP6("0042", "2b") "0604 00 00 00000000" ROUTE TCP HELO); /* arrived */
    expect_addr(&packet.dst, "2001:db8:1::25");
    decode(RAW, IP6("0042", "2b") "0604 04 01 01000000" ROUTE TCP HELO); /* segment routing */
    expect_addr(&packet.dst, "fd00::1");
    decode(RAW,
           IP6("0042", "2b") "0604 03 01 01000000" ROUTE TCP HELO); /* RPL: compressed addresses */
    expect_addr(&packet.dst, "2001:db8:1::25");
    decode(RAW, IP6("0022", "2b") "0600 00 01 00000000" TCP HELO); /* no address there */
    expect_tcp("");
    expect_addr(&packet.dst, "2001:db8:1::25");
}

static void expect_same(const struct packet *raw)
{
    assert_int_equal(packet.kind, raw->kind);
    assert_int_equal(packet.why, raw->why);
    if (raw->kind != PACKET_TCP)
        return;
    assert_true(ip_addr_equal(&packet.src, &raw->src) && ip_addr_equal(&packet.dst, &raw->dst));
    assert_int_equal(packet.src_port, raw->src_port);
    assert_int_equal(packet.dst_port, raw->dst_port);
    assert_int_equal(packet.ttl, raw->ttl);
    assert_int_equal(packet.ip_id, raw->ip_id);
    assert_int_equal(packet.protocol, raw->protocol);
    assert_int_equal(packet.tcp.seq, raw->tcp.seq);
    assert_int_equal(packet.tcp.ack, raw->tcp.ack);
    assert_int_equal(packet.tcp.flags, raw->tcp.flags);
    assert_int_equal(packet.tcp.window, raw->tcp.window);
    assert_int_equal(packet.tcp.options.len, raw->tcp.options.len);
    assert_int_equal(packet.payload.len, raw->payload.len);
    assert_int_equal(packet.payload_len, raw->payload_len);
    assert_int_equal(packet.snapped, raw->snapped);
    assert_int_equal(packet.encap_count, raw->encap_count);
}

/* Ethernet has a way of its own for plain packets; it says what the layers say one by one, wherever
 * the capture cuts the packet off. */
static void plain_in_ethernet_as_raw(void **state)
{
    (void)state;
    enum { ETHERNET = 1 };
    static const char *const packets[] = {
        IP4_TCP,
        IP4_TCP "00000000 0000",
        IP4("0032", "06") "c350024b 000003e8 000007d0 6018 0200 00000000 020405b4" HELO,
        IP4("0028", "06") "c350024b 000003e8 000007d0 6018 0200 00000000 020405b4",
        IP4("0000", "06") TCP HELO,
        IP4("0027", "06") TCP HELO,
        IP4("002e", "06") "c350024b 000003e8 000007d0 4018 0200 00000000" HELO,
        IP4("002e", "11") TCP HELO,
        "4600 0032 1234 0000 4006 0000 c000020a c6336419 01010100" TCP HELO,
        "6500 002e 1234 0000 4006 0000 c000020a c6336419" TCP HELO,
        IP6_TCP,
        IP6_TCP "00000000 0000",
        IP6("001e", "06") "c350024b 000003e8 000007d0 6018 0200 00000000 020405b4" HELO,
        IP6("0014", "06") "c350024b 000003e8 000007d0 6018 0200 00000000 020405b4",
        IP6("0000", "06") TCP HELO,
        IP6("0013", "06") TCP HELO,
        IP6("001a", "06") "c350024b 000003e8 000007d0 4018 0200 00000000" HELO,
        IP6("001a", "11") TCP HELO,
        IP6("0022", "00") "0600 0104 00000000" TCP HELO,
    };
    for (size_t i = 0; i < sizeof packets / sizeof *packets; i++) {
        char frame[512];
        snprintf(frame, sizeof frame, MACS "%s %s", packets[i][0] == '6' ? "86dd" : "0800",
                 packets[i]);
        struct bytes whole = hex_bytes(packets[i]);
        size_t len = whole.len;
        hex_free(whole);
        for (size_t cut = 0; cut <= len; cut++) {
            decode_cut(RAW, packets[i], cut);
            struct packet raw = packet;
            decode_cut(ETHERNET, frame, cut);
            expect_same(&raw);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(malformed, decode_end),
        cmocka_unit_test_teardown(endless_extensions, decode_end),
        cmocka_unit_test_teardown(lengths, decode_end),
        cmocka_unit_test_teardown(cut_by_the_capture, decode_end),
        cmocka_unit_test_teardown(tcp_options, decode_end),
        cmocka_unit_test_teardown(udp, decode_end),
        cmocka_unit_test_teardown(other_protocols, decode_end),
        cmocka_unit_test_teardown(extensions, decode_end),
        cmocka_unit_test_teardown(routing, decode_end),
        cmocka_unit_test_teardown(plain_in_ethernet_as_raw, decode_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
