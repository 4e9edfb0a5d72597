/* SPDX-License-Identifier: BSD-3-Clause */
#include "build.h"

#include "base/addr.h"
#include "base/mem.h"

static struct image begin(void)
{
    struct image f = image_new();
    put_section(&f);
    put_interface(&f, 1, 262144);
    put_packet(&f, 0, 1, 42);
    return f;
}

static void expect_damage(const struct image *f, const char *says)
{
    struct reading r = image_read(f);
    assert_int_equal(r.status, STATUS_DAMAGED);
    assert_int_equal(r.count, 1);
    assert_says(r, says);
}

static void hostile_lengths(void **state)
{
    (void)state;
    static const struct {
        uint32_t len;
        const char *says;
    } lengths[] = {
        { 0, "claims 0 bytes" },
        { 4, "claims 4 bytes" },
        { 8, "claims 8 bytes" },
        { 12, "lengths of a block differ" },
        { 13, "lengths of a block differ" },
        { 0xffffffff, "more than" },
        { 0x80000000, "more than" },
        { 0x08020001, "more than" },
    };
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct image f = begin();
        size_t at = f.len;
        put_packet(&f, 0, 2, 42);
        put_packet(&f, 0, 3, 42);
        set_u32(&f, at + 4, lengths[i].len);
        expect_damage(&f, lengths[i].says);
        expect_damage(&f, "byte 124");
    }
}

static void lengths_that_differ(void **state)
{
    (void)state;
    struct image f = begin();
    put_packet(&f, 0, 2, 42);
    set_u32(&f, f.len - 4, 80);
    put_packet(&f, 0, 2, 42);
    expect_damage(&f, "76 at its start and 80 at its end");
}

/* Wireshark reads blocks whose writer forgot to round the length up. */
static void a_length_not_rounded_up(void **state)
{
    (void)state;
    struct image f = begin();
    size_t b = block_begin(&f, 0x99);
    put(&f, "abcde\0\0\0", 8);
    block_end(&f, b);
    set_u32(&f, b + 4, 17);
    set_u32(&f, f.len - 4, 17);
    put_packet(&f, 0, 2, 42);
    struct reading r = image_read(&f);
    assert_int_equal(r.status, STATUS_END);
    assert_int_equal(r.count, 2);
    assert_int_equal(r.stats.skipped_blocks, 1);
}

static void packets_that_lie(void **state)
{
    (void)state;
    struct image f = begin();
    put_packet(&f, 7, 2, 42);
    expect_damage(&f, "interface 7");
    f = begin();
    put_packet(&f, 0, 2, 42);
    set_u32(&f, 124 + 8 + 12, 1000);
    expect_damage(&f, "1000 bytes");
    set_u32(&f, 124 + 8 + 12, 0xffffffff);
    expect_damage(&f, "no room");
    f = begin();
    put_packet(&f, 0, 2, 262145);
    expect_damage(&f, "262145 bytes");
    f = begin();
    size_t b = block_begin(&f, 6);
    put_zeros(&f, 16);
    block_end(&f, b);
    expect_damage(&f, "too short");
}

static void a_packet_before_any_interface(void **state)
{
    (void)state;
    static const uint32_t types[] = { 2, 3, 6 };
    for (size_t i = 0; i < 3; i++) {
        struct image f = image_new();
        put_section(&f);
        put_packet(&f, 0, 1, 42);
        set_u32(&f, 28, types[i]);
        struct reading r = image_read(&f);
        assert_int_equal(r.status, STATUS_DAMAGED);
        assert_says(r, "before any interface");
    }
    /* a new section forgets the interfaces of the one before */
    struct image f = begin();
    put_section(&f);
    put_packet(&f, 0, 1, 42);
    expect_damage(&f, "before any interface");
}

static void broken_interfaces_and_sections(void **state)
{
    (void)state;
    struct image f = begin();
    size_t b = block_begin(&f, 1);
    put_u32(&f, 1);
    put_u32(&f, 0);
    put_u16(&f, 9);
    put_u16(&f, 400);
    block_end(&f, b);
    expect_damage(&f, "description of an interface");
    f = begin();
    b = block_begin(&f, 1);
    block_end(&f, b);
    expect_damage(&f, "description of an interface");
    f = begin();
    put_section(&f);
    set_u32(&f, 124 + 8, 0x1a2b3c4e);
    expect_damage(&f, "byte order mark");
    f = begin();
    put_section(&f);
    set_u32(&f, 124 + 12, 2);
    struct reading r = image_read(&f);
    assert_int_equal(r.status, STATUS_UNSUPPORTED);
    assert_int_equal(r.count, 1);
    assert_says(r, "version 2.0");
}

static void every_cut_of_a_capture(void **state)
{
    (void)state;
    struct image f = begin();
    put_packet(&f, 0, 2, 42);
    size_t whole = f.len;
    for (f.len = 4; f.len <= whole; f.len++) {
        struct reading r = image_read(&f);
        bool between = f.len == 28 || f.len == 48 || f.len == 124 || f.len == whole;
        assert_int_equal(r.status, between ? STATUS_END : STATUS_CUT_SHORT);
        assert_int_equal(r.count, f.len == whole ? 2 : f.len >= 124 ? 1 : 0);
    }
}

/* Two sections of different byte order, interfaces that differ in all, an interface after packets. */
static void sections_and_interfaces(void **state)
{
    (void)state;
    struct image f = begin();
    put_interface(&f, 101, 96);
    put_packet(&f, 1, 2, 20);
    put_packet(&f, 0, 3, 200);
    f.big = true;
    put_section(&f);
    put_interface(&f, 113, 0);
    put_packet(&f, 0, 4, 30);
    struct reading r = image_read(&f);
    assert_int_equal(r.status, STATUS_END);
    assert_int_equal(r.count, 4);
    static const uint16_t link_types[] = { 1, 101, 1, 113 };
    static const size_t lengths[] = { 42, 20, 200, 30 };
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(r.frames[i].number, i + 1);
        assert_int_equal(r.frames[i].link_type, link_types[i]);
        assert_int_equal(r.frames[i].bytes.len, lengths[i]);
        assert_int_equal(r.frames[i].time, (i + 1) * 1000);
    }
}

static void put_resolution(struct image *f, uint8_t resolution, uint64_t offset)
{
    size_t b = block_begin(f, 1);
    put_u32(f, f->big ? 0x10000 : 1);
    put_u32(f, 0);
    put_u16(f, 9);
    put_u16(f, 1);
    put(f, &resolution, 1);
    put_zeros(f, 3);
    put_u16(f, 14);
    put_u16(f, 8);
    put_u64(f, offset);
    put_u32(f, 0);
    block_end(f, b);
}

static void resolutions_and_offsets(void **state)
{
    (void)state;
    static const struct {
        uint8_t resolution;
        uint64_t offset, units;
        int64_t time;
        uint8_t digits;
    } times[] = {
        { 6, 0, 1700000000123456, 1700000000123456000, 6 },
        { 9, 0, 1700000000123456789, 1700000000123456789, 9 },
        { 3, 1000, 1500, 1001500000000, 3 },
        { 0, 0, 17, 17000000000, 0 },
        { 12, 0, 5000000000001, 5000000000, 9 },
        { 0x80 | 20, 0, 3 << 19, 1500000000, 6 },
        { 0x80 | 10, 0, 512, 500000000, 3 },
        { 0x80 | 32, 7, UINT64_C(1) << 31, 7500000000, 9 },
        { 127, 0, UINT64_MAX, 0, 9 },
        { 0xff, 0, UINT64_MAX, 0, 9 },
        { 6, (uint64_t)-5, 1, -4999999000, 6 },
        /* beyond what can be told: the ends of time, whose difference still fits */
        { 6, 0, UINT64_MAX, (INT64_C(1) << 62) - 1, 6 },
        { 0, 0, UINT64_MAX, (INT64_C(1) << 62) - 1, 0 },
        { 0x80, INT64_MAX, UINT64_MAX, (INT64_C(1) << 62) - 1, 0 },
        { 6, (uint64_t)INT64_MIN, 0, 1 - (INT64_C(1) << 62), 6 },
    };
    for (int big = 0; big < 2; big++) {
        struct image f = image_new();
        f.big = big;
        put_section(&f);
        size_t count = sizeof times / sizeof times[0];
        for (size_t i = 0; i < count; i++)
            put_resolution(&f, times[i].resolution, times[i].offset);
        for (size_t i = 0; i < count; i++)
            put_packet(&f, (uint32_t)i, times[i].units, 10);
        struct reading r = image_read(&f);
        assert_int_equal(r.count, count);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(r.frames[i].time, times[i].time);
            assert_int_equal(r.frames[i].time_digits, times[i].digits);
            assert_int_equal(r.frames[i].link_type, 1);
        }
    }
}

static void put_block(struct image *f, uint32_t type, size_t len)
{
    size_t b = block_begin(f, type);
    put_zeros(f, len);
    block_end(f, b);
}

/* What has a number in Wireshark and what has not. */
static void frame_numbers(void **state)
{
    (void)state;
    struct image f = begin();
    put_block(&f, 9, 40);         /* 2: systemd journal */
    put_block(&f, 0xbad, 8);      /* 3 */
    put_block(&f, 0x40000bad, 8); /* 4 */
    put_block(&f, 0x204, 64);     /* 5: sysdig */
    put_block(&f, 0x216, 64);     /* 6 */
    put_block(&f, 0x221, 64);     /* 7 */
    put_block(&f, 5, 12);         /* statistics */
    put_block(&f, 0x99, 4);
    put_block(&f, 0x80000001, 4);
    size_t b = block_begin(&f, 2); /* 8: the obsolete packet block */
    put_u16(&f, 0);
    put_u16(&f, 77);
    put_u64(&f, 0);
    put_u32(&f, 6);
    put_u32(&f, 60);
    put_zeros(&f, 6);
    block_end(&f, b);
    b = block_begin(&f, 3); /* 9: a simple one */
    put_u32(&f, 5);
    put_zeros(&f, 5);
    block_end(&f, b);
    put_packet(&f, 0, 2, 42); /* 10 */
    struct reading r = image_read(&f);
    assert_int_equal(r.status, STATUS_END);
    assert_int_equal(r.count, 4);
    assert_int_equal(r.frames[1].number, 8);
    assert_int_equal(r.frames[1].wire_len, 60);
    assert_int_equal(r.frames[2].number, 9);
    assert_int_equal(r.frames[2].time, TIME_NONE);
    assert_int_equal(r.frames[3].number, 10);
    assert_int_equal(r.stats.packets, 10);
    assert_int_equal(r.stats.skipped_blocks, 3);
}

static void simple_packets_and_the_snap_length(void **state)
{
    (void)state;
    struct image f = image_new();
    put_section(&f);
    put_interface(&f, 1, 20);
    size_t b = block_begin(&f, 3);
    put_u32(&f, 1000);
    put_zeros(&f, 20);
    block_end(&f, b);
    struct reading r = image_read(&f);
    assert_int_equal(r.frames[0].bytes.len, 20);
    assert_int_equal(r.frames[0].wire_len, 1000);
    f = begin();
    b = block_begin(&f, 3);
    put_u32(&f, 1000);
    put_zeros(&f, 20);
    block_end(&f, b);
    expect_damage(&f, "no room");
}

static void long_blocks_are_passed_over(void **state)
{
    (void)state;
    struct image f = begin();
    put_block(&f, 0x99, 9 << 20);
    put_packet(&f, 0, 2, 42);
    struct reading r = image_read(&f);
    assert_int_equal(r.status, STATUS_END);
    assert_int_equal(r.count, 2);
    assert_int_equal(r.stats.skipped_blocks, 1);
    set_u32(&f, 124 + (9 << 20) + 8, 16);
    expect_damage(&f, "lengths of a block differ");
    f.len -= 100;
    r = image_read(&f);
    assert_int_equal(r.status, STATUS_CUT_SHORT);
    assert_int_equal(r.count, 1);
    /* and a packet's is none */
    f = begin();
    put_packet(&f, 0, 2, 9 << 20);
    expect_damage(&f, "more than");
}

static void put_names(struct image *f)
{
    size_t b = block_begin(f, 4);
    put_u16(f, 1);
    put_u16(f, 4 + 15 + 3);
    put(f,
        "\xcb\0\x71\x19"
        "mail.example.jp\0mx",
        22);
    put_zeros(f, 2);
    put_u16(f, 77); /* an unknown record */
    put_u16(f, 3);
    put(f, "abc", 4);
    put_u16(f, 2);
    put_u16(f, 16 + 5);
    put(f, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1six\0", 20);
    put_zeros(f, 4); /* an empty name, and padding */
    put_u32(f, 0);
    block_end(f, b);
}

static void names(void **state)
{
    (void)state;
    struct image f = begin();
    put_names(&f);
    f.big = true;
    put_section(&f);
    put_names(&f);
    size_t b = block_begin(&f, 4); /* a record that ends beyond its block */
    put_u16(&f, 1);
    put_u16(&f, 400);
    put_zeros(&f, 8);
    block_end(&f, b);
    char error[256];
    struct source *source;
    struct batch batch;
    assert_int_equal(image_open(&f, NULL, &source, error, sizeof error), STATUS_OK);
    while (source_next(source, &batch) == STATUS_OK)
        continue;
    struct ip_addr addr;
    struct bytes name;
    char text[ADDR_TEXT_SIZE];
    for (int i = 0; i < 2; i++) {
        assert_true(source_next_name(source, &addr, &name));
        assert_string_equal(ip_addr_text(&addr, text), "203.0.113.25");
        assert_true(bytes_equal(name, bytes_str("mail.example.jp")));
        assert_true(source_next_name(source, &addr, &name));
        assert_string_equal(ip_addr_text(&addr, text), "203.0.113.25");
        assert_true(bytes_equal(name, bytes_str("mx")));
        assert_true(source_next_name(source, &addr, &name));
        assert_string_equal(ip_addr_text(&addr, text), "2001:db8::1");
        assert_true(bytes_equal(name, bytes_str("six")));
    }
    assert_false(source_next_name(source, &addr, &name));
    assert_false(source_next_name(source, &addr, &name));
    source_close(source);
}

static void put_secrets(struct image *f, uint32_t type, const char *text, uint32_t claimed)
{
    size_t b = block_begin(f, 10);
    put_u32(f, type);
    put_u32(f, claimed);
    put(f, text, strlen(text));
    block_end(f, b);
}

static void secrets(void **state)
{
    (void)state;
    enum { TLS = 0x544c534b };
    struct image f = begin();
    put_secrets(&f, TLS, "CLIENT_RANDOM 1 2\n", 18);
    put_secrets(&f, 0x57474b4c, "wireguard", 9);
    put_secrets(&f, TLS, "", 0);
    put_secrets(&f, TLS, "x", 1);
    char error[256];
    struct source *source;
    struct batch batch;
    assert_int_equal(image_open(&f, NULL, &source, error, sizeof error), STATUS_OK);
    while (source_next(source, &batch) == STATUS_OK)
        continue;
    struct bytes text;
    assert_true(source_next_secrets(source, &text));
    assert_true(bytes_equal(text, bytes_str("CLIENT_RANDOM 1 2\n")));
    assert_true(source_next_secrets(source, &text));
    assert_int_equal(text.len, 0);
    assert_true(source_next_secrets(source, &text));
    assert_true(bytes_equal(text, bytes_str("x")));
    assert_false(source_next_secrets(source, &text));
    source_close(source);
    f = begin();
    put_secrets(&f, TLS, "short", 500);
    expect_damage(&f, "secrets");
}

/* Nobody takes them: they are kept up to the limit, and the rest is counted. */
static void secrets_beyond_the_limit(void **state)
{
    (void)state;
    struct image f = begin();
    for (int i = 0; i < 3; i++) {
        size_t b = block_begin(&f, 10);
        put_u32(&f, 0x544c534b);
        put_u32(&f, 3 << 20);
        put_zeros(&f, 3 << 20);
        block_end(&f, b);
    }
    struct reading r = image_read(&f);
    assert_int_equal(r.status, STATUS_END);
    assert_int_equal(r.stats.skipped_blocks, 1);
}

static void too_many_interfaces(void **state)
{
    (void)state;
    struct image f = begin();
    for (int i = 0; i < 65536; i++)
        put_interface(&f, 1, 0);
    expect_damage(&f, "more than 65536 interfaces");
}

static void memory_that_fails(void **state)
{
    (void)state;
    struct image f = begin();
    put_names(&f);
    put_secrets(&f, 0x544c534b, "x", 1);
    for (int i = 0; i < 20; i++)
        put_interface(&f, 1, 0);
    size_t whole_count = 0;
    for (uint64_t n = 1; n < 40; n++) {
        struct reading r = { .count = 0 };
        struct source *source;
        mem_fail_at(n);
        r.status = image_open(&f, "udp or not udp", &source, r.error, sizeof r.error);
        if (r.status == STATUS_OK)
            read_all(source, &r);
        mem_fail_at(0);
        assert_true(r.status == STATUS_NO_MEMORY || r.status == STATUS_END);
        whole_count += r.status == STATUS_END;
    }
    assert_true(whole_count > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_lengths),
        cmocka_unit_test(lengths_that_differ),
        cmocka_unit_test(a_length_not_rounded_up),
        cmocka_unit_test(packets_that_lie),
        cmocka_unit_test(a_packet_before_any_interface),
        cmocka_unit_test(broken_interfaces_and_sections),
        cmocka_unit_test(every_cut_of_a_capture),
        cmocka_unit_test(sections_and_interfaces),
        cmocka_unit_test(resolutions_and_offsets),
        cmocka_unit_test(frame_numbers),
        cmocka_unit_test(simple_packets_and_the_snap_length),
        cmocka_unit_test(long_blocks_are_passed_over),
        cmocka_unit_test(names),
        cmocka_unit_test(secrets),
        cmocka_unit_test(secrets_beyond_the_limit),
        cmocka_unit_test(too_many_interfaces),
        cmocka_unit_test(memory_that_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
