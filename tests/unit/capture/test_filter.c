/* SPDX-License-Identifier: BSD-3-Clause */
#include "build.h"

#include <pcap/pcap.h>

#include "capture/link_type.h"

/* Ethernet, IPv4, TCP to port 25 behind so many bytes of something else. */
static const uint8_t mail[] = {
    2, 0, 0, 0,  0, 1, 2, 0,    0, 0, 0,  2, 8, 0, 0x45, 0, 0, 40, 0, 0,    0, 0, 64, 6, 0, 0, 10,
    0, 0, 1, 10, 0, 0, 2, 0xc0, 0, 0, 25, 0, 0, 0, 1,    0, 0, 0,  0, 0x50, 2, 4, 0,  0, 0, 0, 0,
};

static void put_frame(struct image *f, const uint8_t *bytes, size_t n, const char *ethertype)
{
    put_u32(f, 1);
    put_u32(f, 1);
    size_t extra = ethertype ? 4 : 0;
    put_u32(f, (uint32_t)(n + extra));
    put_u32(f, (uint32_t)(n + extra));
    if (!ethertype) {
        put(f, bytes, n);
        return;
    }
    put(f, bytes, 12);
    put(f, ethertype, 4);
    put(f, bytes + 12, n - 12);
}

static void frames_are_counted_before_the_filter(void **state)
{
    (void)state;
    struct image f = image_new();
    put_pcap_header(&f, 0xa1b2c3d4, 1);
    put_frame(&f, mail, sizeof mail, NULL);
    put_frame(&f, mail, 20, NULL);
    put_frame(&f, mail, sizeof mail, "\x81\0\0\7");
    put_frame(&f, mail, sizeof mail, NULL);
    struct reading r = { .count = 0 };
    struct source *source;
    assert_int_equal(image_open(&f, "tcp port 25", &source, r.error, sizeof r.error), STATUS_OK);
    read_all(source, &r);
    assert_int_equal(r.status, STATUS_END);
    assert_int_equal(r.count, 2);
    assert_int_equal(r.frames[0].number, 1);
    assert_int_equal(r.frames[1].number, 4);
    assert_int_equal(r.stats.packets, 4);
    assert_int_equal(r.stats.filtered, 2);
    assert_int_equal(r.stats.filtered_hidden, 1);
}

static void a_program_for_each_link_type(void **state)
{
    (void)state;
    struct image f = image_new();
    put_section(&f);
    put_interface(&f, 1, 0);
    put_interface(&f, 101, 0);
    put_packet(&f, 1, 1, 0);
    f.len -= 4;
    size_t start = f.len - 28;
    put(&f, mail + 14, sizeof mail - 14);
    set_u32(&f, start + 20, sizeof mail - 14);
    set_u32(&f, start + 24, sizeof mail - 14);
    block_end(&f, start);
    put_packet(&f, 0, 1, 60);
    struct reading r = { .count = 0 };
    struct source *source;
    assert_int_equal(image_open(&f, "dst port 25", &source, r.error, sizeof r.error), STATUS_OK);
    read_all(source, &r);
    assert_int_equal(r.count, 1);
    assert_int_equal(r.frames[0].number, 1);
    /* what raw IP cannot say passes nothing there */
    r = (struct reading) { .count = 0 };
    assert_int_equal(
        image_open(&f, "ether src 00:00:00:00:00:00", &source, r.error, sizeof r.error), STATUS_OK);
    read_all(source, &r);
    assert_int_equal(r.count, 1);
    assert_int_equal(r.frames[0].number, 2);
}

static void expressions_that_do_not_compile(void **state)
{
    (void)state;
    struct image f = image_new();
    put_pcap_header(&f, 0xa1b2c3d4, 101);
    struct reading r = { .count = 0 };
    struct source *source;
    assert_int_equal(image_open(&f, "tcp prot 25", &source, r.error, sizeof r.error),
                     STATUS_FILTER);
    assert_null(source);
    assert_says(r, "syntax error");
    assert_int_equal(
        image_open(&f, "ether src 02:00:00:00:00:02", &source, r.error, sizeof r.error),
        STATUS_FILTER);
}

static void hidden_frames(void **state)
{
    (void)state;
    uint8_t frame[64] = { 0 };
    struct frame f = { .bytes = bytes_of(frame, sizeof frame), .link_type = LINK_TYPE_ETHERNET };
    static const uint16_t types[] = { 0x8100, 0x88a8, 0x9100, 0x8847, 0x8864 };
    for (size_t i = 0; i < 5; i++) {
        frame[12] = (uint8_t)(types[i] >> 8);
        frame[13] = (uint8_t)types[i];
        assert_true(filter_would_hide(&f));
    }
    frame[12] = 8, frame[13] = 6;
    assert_false(filter_would_hide(&f));
    frame[13] = 0, frame[14] = 0x45, frame[23] = 6;
    assert_false(filter_would_hide(&f));
    frame[23] = 47;
    assert_true(filter_would_hide(&f));
    frame[23] = 17;
    assert_false(filter_would_hide(&f));
    frame[36] = 4789 >> 8, frame[37] = 4789 & 0xff;
    assert_true(filter_would_hide(&f));
    f.bytes.len = 37;
    assert_false(filter_would_hide(&f));
    frame[14] = 0x40; /* a header length of nothing */
    assert_false(filter_would_hide(&f));
    f.bytes.len = 0;
    assert_false(filter_would_hide(&f));
}

static void link_types_and_dlts(void **state)
{
    (void)state;
    assert_int_equal(link_type_from_dlt(DLT_EN10MB), LINK_TYPE_ETHERNET);
    assert_int_equal(link_type_from_dlt(DLT_RAW), LINK_TYPE_RAW);
    assert_int_equal(link_type_from_dlt(DLT_LINUX_SLL2), LINK_TYPE_LINUX_SLL2);
    assert_int_equal(link_type_from_dlt(DLT_LOOP), LINK_TYPE_LOOP);
    assert_int_equal(link_type_from_dlt(-1), LINK_TYPE_UNKNOWN);
    assert_int_equal(link_type_to_dlt(LINK_TYPE_RAW), DLT_RAW);
    assert_int_equal(link_type_to_dlt(LINK_TYPE_802_11_RADIOTAP), DLT_IEEE802_11_RADIO);
}

static void interfaces(void **state)
{
    (void)state;
    char error[SOURCE_ERROR_SIZE] = "";
    char *list = source_list_interfaces(error, sizeof error);
    assert_true(list != NULL || error[0] != '\0');
    source_free_list(list);
    struct source *source;
    assert_int_not_equal(source_open_live("nosuchinterface0", NULL, &source, error, sizeof error),
                         STATUS_OK);
    assert_null(source);
    assert_true(error[0] != '\0');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_counted_before_the_filter),
        cmocka_unit_test(a_program_for_each_link_type),
        cmocka_unit_test(expressions_that_do_not_compile),
        cmocka_unit_test(hidden_frames),
        cmocka_unit_test(link_types_and_dlts),
        cmocka_unit_test(interfaces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
