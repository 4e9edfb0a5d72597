/* SPDX-License-Identifier: BSD-3-Clause */
#include "frame_hex.h"

enum { WLAN = 105, PRISM = 119, RADIOTAP = 127, AVS = 163 };

/* addresses 1 to 3 end in 1, 2, 3 */
#define ADDRESSES "020000000001 020000000002 020000000003 1000 "
#define LLC       "aaaa03 000000 0800 "
#define DATA      "0801 0000" ADDRESSES LLC IP4_TCP

static void hostile(void **state)
{
    (void)state;
    const char *frame =
        "00 00 2000 03000000 0000000000000000 1111111111111111 00000000 00000000" DATA;
    struct bytes whole = hex_bytes(frame);
    for (size_t cut = whole.len; cut > 6; cut--) {
        decode_cut(RADIOTAP, frame, cut);
        expect_none(PACKET_WHY_TRUNCATED);
    }
    hex_free(whole);
    decode(RADIOTAP, "00 00 0700 000000" DATA); /* shorter than its own fixed part */
    expect_none(PACKET_WHY_MALFORMED);
    decode(RADIOTAP, "01 00 0800 00000000" DATA); /* a version to come */
    expect_none(PACKET_WHY_MALFORMED);
    decode(RADIOTAP, "00 00 ffff 00000000" DATA);
    expect_none(PACKET_WHY_MALFORMED);
    decode(RADIOTAP, "00 00 0c00 000000a0 000000a0" DATA); /* more words than the header has */
    expect_tcp("");
    decode(PRISM, "44000000 ffffffff" DATA);
    expect_none(PACKET_WHY_MALFORMED);
    decode(PRISM, "44000000 00000000" DATA);
    expect_none(PACKET_WHY_MALFORMED);
}

static void no_data_for_us(void **state)
{
    (void)state;
    decode(WLAN,
           "8000 0000 ffffffffffff 020000000002 020000000003 1000 0000000000000000"); /* beacon */
    expect_none(PACKET_WHY_NOT_IP);
    decode(WLAN, "d400 0000 020000000001"); /* acknowledgement */
    expect_none(PACKET_WHY_NOT_IP);
    decode(WLAN, "4801 0000" ADDRESSES); /* null function */
    expect_none(PACKET_WHY_NOT_IP);
    decode(WLAN, "c801 0000" ADDRESSES "0000"); /* QoS null */
    expect_none(PACKET_WHY_NOT_IP);
    decode(
        WLAN,
        "0801 0000 020000000001 020000000002 020000000003 1100" LLC IP4_TCP); /* second fragment */
    expect_none(PACKET_WHY_NOT_IP);
    assert_int_equal(decoder.stats.wlan_encrypted, 0);
    decode(WLAN, "0841 0000" ADDRESSES "0001020304050607 0102030405060708090a");
    expect_none(PACKET_WHY_NOT_IP);
    assert_int_equal(decoder.stats.wlan_encrypted, 1);
    decode(RADIOTAP, "00 00 0900 02000000 50" DATA "deadbeef"); /* damaged in the air */
    expect_none(PACKET_WHY_NOT_IP);
}

static void expect_macs(const char *src, const char *dst)
{
    expect_tcp("");
    expect_mac(&packet.src_mac, src);
    expect_mac(&packet.dst_mac, dst);
}

static void addresses(void **state)
{
    (void)state;
    decode(WLAN, "0800 0000" ADDRESSES LLC IP4_TCP);
    expect_macs("02:00:00:00:00:02", "02:00:00:00:00:01");
    decode(WLAN, "0801 0000" ADDRESSES LLC IP4_TCP);
    expect_macs("02:00:00:00:00:02", "02:00:00:00:00:03");
    decode(WLAN, "0802 0000" ADDRESSES LLC IP4_TCP);
    expect_macs("02:00:00:00:00:03", "02:00:00:00:00:01");
    decode(WLAN, "0803 0000" ADDRESSES "020000000004" LLC IP4_TCP);
    expect_macs("02:00:00:00:00:04", "02:00:00:00:00:03");
    decode(WLAN, "8801 0000" ADDRESSES "0500" LLC IP4_TCP); /* QoS */
    expect_macs("02:00:00:00:00:02", "02:00:00:00:00:03");
    decode(WLAN, "8881 0000" ADDRESSES "0500 00000000" LLC IP4_TCP); /* QoS and HT control */
    expect_macs("02:00:00:00:00:02", "02:00:00:00:00:03");
    decode(WLAN, "8801 0000" ADDRESSES "8000 02aaaaaaaa01 02aaaaaaaa02 0036" LLC IP4_TCP
                 "0000"); /* A-MSDU */
    expect_macs("02:aa:aa:aa:aa:02", "02:aa:aa:aa:aa:01");
}

static void capture_headers(void **state)
{
    (void)state;
    decode(RADIOTAP, "00 00 0800 00000000" DATA);
    expect_tcp("");
    decode(RADIOTAP, "00 00 0900 02000000 10" DATA "deadbeef"); /* FCS at the end */
    expect_tcp("");
    /* time stamp, aligned to eight; then the flags */
    decode(RADIOTAP, "00 00 1900 030000a0 00000020 00000000 1111111111111111 10" DATA "deadbeef");
    expect_tcp("");
    decode(RADIOTAP,
           "00 00 0900 02000000 20 8801 0000" ADDRESSES "0500 0000" LLC IP4_TCP); /* padded */
    expect_tcp("");
    decode(PRISM, "44000000 10000000 0000000000000000" DATA);
    expect_tcp("");
    decode(PRISM, "00000044 00000010 0000000000000000" DATA);
    expect_tcp("");
    decode(AVS, "80211001 00000010 0000000000000000" DATA);
    expect_tcp("");
}

/* Without a length of its own, the packet ends where the FCS begins, captured or not. */
static void fcs_and_offload(void **state)
{
    (void)state;
    decode(RADIOTAP,
           "00 00 0900 02000000 10 0801 0000" ADDRESSES LLC IP4("0000", "06") TCP HELO "deadbeef");
    expect_tcp("");
    decode_cut(
        RADIOTAP,
        "00 00 0900 02000000 10 0801 0000" ADDRESSES LLC IP4("0000", "06") TCP HELO "deadbeef", 6);
    assert_int_equal(packet.kind, PACKET_TCP);
    assert_int_equal(packet.payload_len, 6);
    assert_int_equal(packet.payload.len, 4);
    assert_true(packet.snapped);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(hostile, decode_end),
        cmocka_unit_test_teardown(no_data_for_us, decode_end),
        cmocka_unit_test_teardown(addresses, decode_end),
        cmocka_unit_test_teardown(capture_headers, decode_end),
        cmocka_unit_test_teardown(fcs_and_offload, decode_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
