/* SPDX-License-Identifier: BSD-3-Clause */
#include "build.h"

#include <zlib.h>
#include <zstd.h>

static uint8_t packed_bytes[IMAGE_MAX];

/* The image packed as one member behind what packed holds already. */
static void pack(struct image *packed, const struct image *f, enum packing packing)
{
    size_t room = IMAGE_MAX - packed->len;
    uint8_t *to = packed->at + packed->len;
    if (packing == PACKING_ZSTD) {
        ZSTD_CCtx *z = ZSTD_createCCtx();
        assert_false(
            ZSTD_isError(ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1))); /* as zstd(1) does */
        size_t n = ZSTD_compress2(z, to, room, f->at, f->len);
        ZSTD_freeCCtx(z);
        assert_false(ZSTD_isError(n));
        packed->len += n;
        return;
    }
    z_stream z = {
        .next_in = f->at, .avail_in = (uInt)f->len, .next_out = to, .avail_out = (uInt)room
    };
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    packed->len += z.total_out;
    deflateEnd(&z);
}

static struct image packed_new(void)
{
    return (struct image) { packed_bytes, 0, false };
}

enum { PACKETS = 2000 };

static struct image capture(void)
{
    struct image f = image_new();
    put_pcap_header(&f, 0xa1b2c3d4, 1);
    uint32_t noise = 1;
    for (uint32_t i = 0; i < PACKETS; i++) {
        put_record(&f, i, 0, 1000);
        for (size_t k = 0; k < 300; k++) {
            noise = noise * 1103515245 + 12345;
            f.at[f.len - 1 - k] = (uint8_t)(noise >> 16);
        }
    }
    return f;
}

static void whole_and_cut(enum packing packing)
{
    struct image f = capture(), p = packed_new();
    pack(&p, &f, packing);
    struct reading r = image_read(&p);
    assert_int_equal(r.status, STATUS_END);
    assert_int_equal(r.count, PACKETS);
    assert_int_equal(r.stats.file_size, p.len);
    assert_int_equal(r.stats.file_offset, p.len);
    size_t whole = p.len;
    for (size_t n = 1; n < 9; n++) {
        p.len = whole - n;
        r = image_read(&p);
        assert_int_equal(r.status, STATUS_CUT_SHORT);
        assert_says(r, "cut short");
    }
    p.len = whole / 2;
    r = image_read(&p);
    assert_int_equal(r.status, STATUS_CUT_SHORT);
    assert_true(r.count > PACKETS / 3);
    p.len = 8;
    r = image_read(&p);
    assert_int_equal(r.status, STATUS_CUT_SHORT);
    assert_int_equal(r.count, 0);
}

static void gzip(void **state)
{
    (void)state;
    whole_and_cut(PACKING_GZIP);
}

static void zstd(void **state)
{
    (void)state;
    whole_and_cut(PACKING_ZSTD);
}

/* A capture may go on in a second member: a rotated log, or `cat a.gz b.gz`. */
static void members(void **state)
{
    (void)state;
    for (enum packing packing = PACKING_GZIP; packing <= PACKING_ZSTD; packing++) {
        struct image f = capture(), p = packed_new();
        struct image head = { f.at, 24 + 5 * 1016 + 7, false };
        struct image tail = { f.at + head.len, f.len - head.len, false };
        pack(&p, &head, packing);
        pack(&p, &tail, packing);
        struct reading r = image_read(&p);
        assert_int_equal(r.status, STATUS_END);
        assert_int_equal(r.count, PACKETS);
    }
}

static void padding_behind_gzip(void **state)
{
    (void)state;
    struct image f = capture(), p = packed_new();
    pack(&p, &f, PACKING_GZIP);
    put_zeros(&p, 512);
    struct reading r = image_read(&p);
    assert_int_equal(r.status, STATUS_END);
    assert_int_equal(r.count, PACKETS);
}

static void damage(void **state)
{
    (void)state;
    for (enum packing packing = PACKING_GZIP; packing <= PACKING_ZSTD; packing++) {
        struct image f = capture(), p = packed_new();
        pack(&p, &f, packing);
        for (size_t i = 0; i < 2000; i++)
            p.at[p.len / 2 + i] ^= 0x55;
        struct reading r = image_read(&p);
        assert_int_equal(r.status, STATUS_DAMAGED);
        assert_true(r.count <= PACKETS);
    }
}

static void nothing_and_twice(void **state)
{
    (void)state;
    for (enum packing packing = PACKING_GZIP; packing <= PACKING_ZSTD; packing++) {
        struct image f = image_new(), p = packed_new();
        pack(&p, &f, packing);
        struct reading r = image_read(&p);
        assert_int_equal(r.status, STATUS_EMPTY);
        assert_says(r, "empty when it is unpacked");
        f = capture();
        p = packed_new();
        pack(&p, &f, packing);
        f = image_new();
        put(&f, p.at, p.len);
        p = packed_new();
        pack(&p, &f, packing);
        r = image_read(&p);
        assert_int_equal(r.status, STATUS_NOT_CAPTURE);
        assert_says(r, "packed twice");
    }
}

/* A few kilobytes that unpack to a gigabyte: records of no bytes without end. */
static void a_bomb(void **state)
{
    (void)state;
    struct image f = capture(), p = packed_new();
    f.len = 24 + 1016;
    ZSTD_CCtx *z = ZSTD_createCCtx();
    ZSTD_outBuffer to = { p.at, IMAGE_MAX, 0 };
    static const uint8_t zeros[1 << 20];
    ZSTD_inBuffer from = { f.at, f.len, 0 };
    (void)ZSTD_compressStream2(z, &to, &from, ZSTD_e_continue);
    for (int i = 0; i < 1024; i++) {
        from = (ZSTD_inBuffer) { zeros, sizeof zeros, 0 };
        while (from.pos < from.size)
            (void)ZSTD_compressStream2(z, &to, &from, ZSTD_e_continue);
    }
    assert_int_equal(ZSTD_compressStream2(z, &to, &from, ZSTD_e_end), 0);
    ZSTD_freeCCtx(z);
    p.len = to.pos;
    struct reading r = image_read(&p);
    assert_int_equal(r.status, STATUS_LIMIT);
    assert_says(r, "400 times");
    assert_true(r.count > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gzip),    cmocka_unit_test(zstd),
        cmocka_unit_test(members), cmocka_unit_test(padding_behind_gzip),
        cmocka_unit_test(damage),  cmocka_unit_test(nothing_and_twice),
        cmocka_unit_test(a_bomb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
