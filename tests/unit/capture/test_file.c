/* SPDX-License-Identifier: BSD-3-Clause */
#include "build.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/mem.h"

#define AS_IS(bytes) bytes, sizeof bytes - 1

enum { MAGIC = 0xa1b2c3d4, MAGIC_NANO = 0xa1b23c4d, MAGIC_MODIFIED = 0xa1b2cd34 };

static void files_that_are_none(void **state)
{
    (void)state;
    static const struct {
        const char *begin;
        size_t len;
        const char *says;
    } others[] = {
        { AS_IS("\x89PNG\r\n\x1a\n"), "PNG picture" },
        { AS_IS("%PDF-1.4 hello"), "PDF" },
        { AS_IS("PK\x03\x04...."), "ZIP" },
        { AS_IS("\xfd"
                "7zXZ\0.."),
          "xz" },
        { AS_IS("BZh91AY"), "bzip2" },
        { AS_IS("snoop\0\0\0\0\0\0\2"), "snoop" },
        { AS_IS("GMBU...."), "Network Monitor" },
        { AS_IS("<!DOCTYPE html><html>"), "web page" },
        { AS_IS("12:34:56.789012 IP 10.0.0.1.25 > 10.0.0.2.99: Flags [S]"), "-w FILE" },
        { AS_IS("2024-01-02 12:34:56.789012 IP 10.0.0.1.25 >"), "-w FILE" },
        { AS_IS("tcpdump: listening on eth0\n12:34:56.789012 IP 10.0.0.1 > 10.0.0.2"), "-w FILE" },
        { AS_IS("Dear Sir or Madam"), "text" },
        { AS_IS("CLIENT_RANDOM 00 11"), "--keylog" },
        { AS_IS("\0\0\0\0\0\0\0\0"), "zeros" },
        { AS_IS("\1"), "too short" },
        { AS_IS("\x0d\x0a\x0d\x0d\x0d\x0a\x1c"), "copied as text" },
        { AS_IS("\x0a\x0d\x0d\x0a\x1c\0\0\0nope"), "damaged" },
        { AS_IS("\x0a\x0d\x0d\x0a"), NULL }, /* a pcapng that is cut in its first block is one */
        { AS_IS("\xf3\xf4\xf5\xf6\xf7\xf8\xf9"), "not a capture file" },
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct image f = image_new();
        put(&f, others[i].begin, others[i].len);
        struct reading r = image_read(&f);
        assert_int_equal(r.count, 0);
        assert_int_equal(r.status, others[i].says ? STATUS_NOT_CAPTURE : STATUS_CUT_SHORT);
        if (others[i].says)
            assert_says(r, others[i].says);
    }
}

static void expect_open(const char *path, enum status status, const char *says)
{
    struct reading r = { .count = 0 };
    struct source *source = NULL;
    assert_int_equal(source_open_file(path, NULL, &source, r.error, sizeof r.error), status);
    assert_null(source);
    assert_says(r, says);
}

static void paths_that_cannot_be_read(void **state)
{
    (void)state;
    expect_open("/nonexistent/capture.pcap", STATUS_NOT_FOUND, "no such file");
    expect_open("/dev/null/capture.pcap", STATUS_NOT_FOUND, "no such file");
    expect_open("/", STATUS_DIRECTORY, "folder");
    expect_open("/dev/null", STATUS_EMPTY, "empty");
    char name[] = "/tmp/mailwhy-test-XXXXXX";
    int fd = mkstemp(name);
    assert_true(fd >= 0 && fchmod(fd, 0) == 0);
    if (geteuid() != 0)
        expect_open(name, STATUS_NO_PERMISSION, "permission");
    close(fd);
    unlink(name);
}

static void every_cut_of_a_capture(void **state)
{
    (void)state;
    struct image f = image_new();
    put_pcap_header(&f, MAGIC, 1);
    put_record(&f, 1, 2, 60);
    put_record(&f, 3, 4, 10);
    size_t whole = f.len, first = 24 + 16 + 60;
    for (f.len = 0; f.len <= whole; f.len++) {
        struct reading r = image_read(&f);
        assert_int_equal(r.count, f.len == whole ? 2 : f.len >= first ? 1 : 0);
        if (f.len == 0)
            assert_int_equal(r.status, STATUS_EMPTY);
        else if (f.len < 4)
            assert_int_equal(r.status, STATUS_NOT_CAPTURE);
        else if (f.len == 24 || f.len == first || f.len == whole)
            assert_int_equal(r.status, STATUS_END);
        else
            assert_int_equal(r.status, STATUS_CUT_SHORT);
        if (r.status == STATUS_CUT_SHORT)
            assert_says(r, "cut short");
    }
}

static void a_length_that_is_no_packet(void **state)
{
    (void)state;
    static const uint32_t lengths[] = { 262145, 300000, 0x7fffffff, 0x80000000, 0xffffffff };
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct image f = image_new();
        put_pcap_header(&f, MAGIC, 1);
        put_record(&f, 1, 2, 60);
        put_record(&f, 1, 2, 60);
        set_u32(&f, 24 + 76 + 8, lengths[i]);
        struct reading r = image_read(&f);
        assert_int_equal(r.status, STATUS_DAMAGED);
        assert_int_equal(r.count, 1);
        assert_says(r, "byte 100");
        assert_says(r, "packet 2");
    }
}

static void the_largest_packet(void **state)
{
    (void)state;
    struct image f = image_new();
    put_pcap_header(&f, MAGIC, 1);
    for (int i = 0; i < 5; i++)
        put_record(&f, 1, 2, 262144);
    struct reading r = image_read(&f);
    assert_int_equal(r.status, STATUS_END);
    assert_int_equal(r.count, 5);
    assert_int_equal(r.frames[4].bytes.len, 262144);
}

static void all_magics_in_both_orders(void **state)
{
    (void)state;
    static const struct {
        uint32_t magic;
        size_t after_header, after_record;
        int64_t time;
        uint8_t digits;
    } kinds[] = {
        { MAGIC, 0, 0, 5000007000, 6 },
        { MAGIC_NANO, 0, 0, 5000000007, 9 },
        { MAGIC_MODIFIED, 0, 8, 5000007000, 6 },
        { 0x1c0001ac, 4, 0, 5000000007, 9 },
        { 0x1c0001ab, 4, 0, 5000000007, 9 },
        { MAGIC, 0, 4, 5000007000, 6 },           /* Nokia's: only the record's size tells */
        { MAGIC_MODIFIED, 0, 12, 5000007000, 6 }, /* SuSE's */
    };
    for (size_t i = 0; i < 2 * sizeof kinds / sizeof kinds[0]; i++) {
        size_t k = i / 2;
        struct image f = image_new();
        f.big = i & 1;
        put_pcap_header(&f, kinds[k].magic, 113);
        put_zeros(&f, kinds[k].after_header);
        for (uint32_t n = 0; n < 3; n++) {
            put_record(&f, 5, 7, 0);
            set_u32(&f, f.len - 8, 33);
            set_u32(&f, f.len - 4, 1500);
            put_zeros(&f, kinds[k].after_record);
            for (int b = 0; b < 33; b++)
                put(&f, "\xee", 1);
        }
        struct reading r = image_read(&f);
        assert_int_equal(r.status, STATUS_END);
        assert_int_equal(r.count, 3);
        for (uint32_t n = 0; n < 3; n++) {
            assert_int_equal(r.frames[n].number, n + 1);
            assert_int_equal(r.frames[n].time, kinds[k].time);
            assert_int_equal(r.frames[n].time_digits, kinds[k].digits);
            assert_int_equal(r.frames[n].link_type, 113);
            assert_int_equal(r.frames[n].bytes.len, 33);
            assert_int_equal(r.frames[n].wire_len, 1500);
        }
        assert_int_equal(r.stats.truncated, 3);
        assert_int_equal(r.stats.bytes, 4500);
    }
}

static void versions_and_their_swapped_lengths(void **state)
{
    (void)state;
    static const struct {
        uint16_t major, minor;
        uint32_t first, second; /* the length fields */
        size_t captured;
    } versions[] = {
        { 2, 4, 40, 60, 40 }, { 2, 2, 60, 40, 40 },   { 2, 3, 60, 40, 40 },
        { 2, 3, 40, 60, 40 }, { 543, 0, 60, 40, 40 },
    };
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        struct image f = image_new();
        put_pcap_header(&f, MAGIC, 1);
        struct image version = { f.at + 4, 0, false };
        put_u16(&version, versions[i].major);
        put_u16(&version, versions[i].minor);
        put_u64(&f, 0);
        put_u32(&f, versions[i].first);
        put_u32(&f, versions[i].second);
        put_zeros(&f, 40);
        struct reading r = image_read(&f);
        assert_int_equal(r.status, STATUS_END);
        assert_int_equal(r.frames[0].bytes.len, versions[i].captured);
        assert_int_equal(r.frames[0].wire_len, 60);
    }
    struct image f = image_new();
    put_pcap_header(&f, MAGIC, 1);
    f.at[4] = 1;
    struct reading r = image_read(&f);
    assert_int_equal(r.status, STATUS_UNSUPPORTED);
    assert_says(r, "version 1.4");
}

static void link_types(void **state)
{
    (void)state;
    static const struct {
        uint32_t field;
        uint16_t link_type;
    } types[] = {
        { 1, 1 },       { 0x14000001, 1 } /* with an FCS */,
        { 12, 101 },    { 14, 101 },
        { 101, 101 },   { 276, 276 },
        { 9999, 9999 }, { 0x20001, 0xffff },
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        struct image f = image_new();
        put_pcap_header(&f, MAGIC, types[i].field);
        put_record(&f, 0, 0, 20);
        struct reading r = image_read(&f);
        assert_int_equal(r.frames[0].link_type, types[i].link_type);
    }
}

static void times_at_their_ends(void **state)
{
    (void)state;
    struct image f = image_new();
    put_pcap_header(&f, MAGIC, 1);
    put_record(&f, 0, 0, 20);
    put_record(&f, UINT32_MAX, UINT32_MAX, 20);
    struct reading r = image_read(&f);
    assert_int_equal(r.frames[0].time, 0);
    assert_int_equal(r.frames[1].time, UINT32_MAX * TIME_SECOND + UINT32_MAX * INT64_C(1000));
}

/* The frames of one batch are there at the same time, whatever a block's end has cut. */
static void batches_stay_whole(void **state)
{
    (void)state;
    struct image f = image_new();
    put_pcap_header(&f, MAGIC, 1);
    enum { PACKETS = 3000 };
    for (uint32_t i = 0; i < PACKETS; i++) {
        put_record(&f, i, 0, 4 + i % 1500);
        set_u32(&f, f.len - 4 - i % 1500, i);
    }
    char error[256];
    struct source *source;
    assert_int_equal(image_open(&f, NULL, &source, error, sizeof error), STATUS_OK);
    struct batch batch;
    uint32_t seen = 0;
    while (source_next(source, &batch) == STATUS_OK) {
        assert_true(batch.count > 0 && batch.count <= BATCH_FRAMES);
        for (size_t i = 0; i < batch.count; i++, seen++) {
            struct cursor c = cursor_of(batch.frames[i].bytes);
            assert_int_equal(cursor_u32_le(&c), seen);
            assert_int_equal(batch.frames[i].number, seen + 1);
            assert_int_equal(batch.frames[i].bytes.len, 4 + seen % 1500);
        }
    }
    assert_int_equal(seen, PACKETS);
    source_close(source);
}

/* Byte by byte through a pipe: the same as from a file. */
static void a_slow_pipe(void **state)
{
    (void)state;
    struct image f = image_new();
    put_pcap_header(&f, MAGIC, 1);
    for (uint32_t i = 0; i < 20; i++)
        put_record(&f, i, 0, i);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    if (fork() == 0) {
        close(ends[0]);
        for (size_t i = 0; i < f.len; i++)
            if (write(ends[1], f.at + i, 1) != 1)
                break;
        _exit(0);
    }
    close(ends[1]);
    struct reading r = { .count = 0 };
    struct source *source;
    assert_int_equal(source_open_fd(ends[0], true, NULL, &source, r.error, sizeof r.error),
                     STATUS_OK);
    read_all(source, &r);
    assert_int_equal(r.status, STATUS_END);
    assert_int_equal(r.count, 20);
    assert_int_equal(r.stats.file_size, 0);
    assert_int_equal(r.stats.file_offset, f.len);
}

static void memory_that_fails(void **state)
{
    (void)state;
    struct image f = image_new();
    put_pcap_header(&f, MAGIC, 1);
    for (int i = 0; i < 3; i++)
        put_record(&f, 1, 2, 262144);
    bool failed = true;
    for (uint64_t n = 1; n < 100 && failed; n++) {
        struct reading r = { .count = 0 };
        struct source *source;
        mem_fail_at(n);
        r.status = image_open(&f, "tcp", &source, r.error, sizeof r.error);
        if (r.status == STATUS_OK)
            read_all(source, &r);
        mem_fail_at(0);
        failed = r.status == STATUS_NO_MEMORY;
        if (failed)
            assert_says(r, "memory");
        else
            assert_int_equal(r.status, STATUS_END);
    }
    assert_false(failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_that_are_none),
        cmocka_unit_test(paths_that_cannot_be_read),
        cmocka_unit_test(every_cut_of_a_capture),
        cmocka_unit_test(a_length_that_is_no_packet),
        cmocka_unit_test(the_largest_packet),
        cmocka_unit_test(all_magics_in_both_orders),
        cmocka_unit_test(versions_and_their_swapped_lengths),
        cmocka_unit_test(link_types),
        cmocka_unit_test(times_at_their_ends),
        cmocka_unit_test(batches_stay_whole),
        cmocka_unit_test(a_slow_pipe),
        cmocka_unit_test(memory_that_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
