/* SPDX-License-Identifier: BSD-3-Clause */
/* Pieces of frames in hex, to be put together as string literals, and what decodes them. */
#ifndef MAILWHY_TESTS_PACKET_FRAME_HEX_H
#define MAILWHY_TESTS_PACKET_FRAME_HEX_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <setjmp.h>

#include <cmocka.h>

#include "hex.h"
#include "packet/fragment.h"

#define MACS       "020000000002 020000000001 "
#define MACS_INNER "021111111114 021111111113 "
/* 192.0.2.10 to 198.51.100.25; length: four hex digits of the whole packet; protocol: two */
#define IP4(length, protocol) "4500" length "1234 0000 40" protocol "0000 c000020a c6336419 "
/* 10.9.8.7 to 10.6.5.4 */
#define IP4_INNER(length, protocol) "4500" length "4321 0000 3f" protocol "0000 0a090807 0a060504 "
/* 2001:db8::10 to 2001:db8:1::25; length: of what follows */
#define IP6(length, next)                                                                          \
    "60000000" length next "3c 20010db8000000000000000000000010 "                                  \
    "20010db8000100000000000000000025 "
/* 50000 to 587, seq 1000, ack 2000, PSH ACK, window 512 */
#define TCP           "c350024b 000003e8 000007d0 5018 0200 00000000 "
#define HELO          "48454c4f0d0a "
#define IP4_TCP       IP4("002e", "06") TCP HELO
#define IP4_INNER_TCP IP4_INNER("002e", "06") TCP HELO
#define IP6_TCP       IP6("001a", "06") TCP HELO

static struct packet_decoder decoder;
static struct packet packet;
static struct bytes lent; /* the last frame's bytes, which the packet's views point into */

/* cut: that many bytes of the frame at its end were not captured. */
static inline void decode_cut(uint16_t link_type, const char *hex, size_t cut)
{
    hex_free(lent);
    struct bytes whole = hex_bytes(hex);
    assert_true(cut <= whole.len);
    size_t len = whole.len > cut ? whole.len - cut : 0;
    uint8_t *exact = malloc(len + 1);
    (void)bytes_copy(exact, len, whole);
    lent = bytes_of(realloc(exact, len > 0 ? len : 1), len);
    struct frame frame = { .bytes = lent,
                           .number = 1,
                           .time = 0,
                           .link_type = link_type,
                           .wire_len = (uint32_t)whole.len };
    hex_free(whole);
    memset(&packet, 0xa5, sizeof packet); /* what no layer sets shows */
    packet_decode(&decoder, &frame, &packet);
}

static inline void decode(uint16_t link_type, const char *hex)
{
    decode_cut(link_type, hex, 0);
}

static inline int decode_end(void **state)
{
    (void)state;
    hex_free(lent);
    lent = bytes_of(NULL, 0);
    fragments_free(decoder.fragments);
    decoder = (struct packet_decoder) { 0 };
    return 0;
}

static inline void expect_none(enum packet_why why)
{
    assert_int_equal(packet.kind, PACKET_NONE);
    assert_int_equal(packet.why, why);
}

static inline void expect_addr(const struct ip_addr *addr, const char *text)
{
    char out[ADDR_TEXT_SIZE];
    assert_string_equal(ip_addr_text(addr, out), text);
}

static inline void expect_mac(const struct mac_addr *mac, const char *text)
{
    char out[MAC_TEXT_SIZE];
    assert_string_equal(mac_addr_text(mac, out), text);
}

/* encaps: names with commas between, "" for none */
static inline void expect_encap(const char *encaps)
{
    char out[256] = "";
    for (unsigned i = 0; i < packet.encap_count; i++) {
        if (i > 0)
            strncat(out, ",", sizeof out - strlen(out) - 1);
        strncat(out, encapsulation_name(packet.encap[i]), sizeof out - strlen(out) - 1);
    }
    assert_string_equal(out, encaps);
}

/* The TCP segment of the pieces above, with six bytes of payload. */
static inline void expect_tcp(const char *encaps)
{
    assert_int_equal(packet.kind, PACKET_TCP);
    assert_int_equal(packet.why, PACKET_WHY_NOTHING);
    assert_int_equal(packet.src_port, 50000);
    assert_int_equal(packet.dst_port, 587);
    assert_int_equal(packet.tcp.seq, 1000);
    assert_int_equal(packet.tcp.ack, 2000);
    assert_int_equal(packet.tcp.flags, TCP_PSH | TCP_ACK);
    assert_int_equal(packet.tcp.window, 512);
    assert_int_equal(packet.payload_len, 6);
    assert_true(bytes_equal(packet.payload, bytes_str("HELO\r\n")));
    assert_false(packet.snapped);
    expect_encap(encaps);
}

#endif
