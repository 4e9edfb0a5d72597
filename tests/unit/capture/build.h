/* SPDX-License-Identifier: BSD-3-Clause */
/* Capture files written byte by byte into memory, and opened as if they were files. */
#ifndef MAILWHY_TESTS_CAPTURE_BUILD_H
#define MAILWHY_TESTS_CAPTURE_BUILD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture/file.h"

enum { IMAGE_MAX = 20 << 20 };

struct image {
    uint8_t *at;
    size_t len;
    bool big; /* the byte order of what is put from now on */
};

static uint8_t image_bytes[IMAGE_MAX];

static inline struct image image_new(void)
{
    return (struct image) { image_bytes, 0, false };
}

static inline void put(struct image *f, const void *bytes, size_t n)
{
    assert_true(n <= IMAGE_MAX - f->len);
    f->len += bytes_copy(f->at + f->len, n, bytes_of(bytes, n));
}

static inline void put_number(struct image *f, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t byte = (uint8_t)(v >> 8 * (f->big ? n - 1 - i : i));
        put(f, &byte, 1);
    }
}

static inline void put_u16(struct image *f, uint16_t v)
{
    put_number(f, v, 2);
}
static inline void put_u32(struct image *f, uint32_t v)
{
    put_number(f, v, 4);
}
static inline void put_u64(struct image *f, uint64_t v)
{
    put_number(f, v, 8);
}

static inline void put_zeros(struct image *f, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put(f, "", 1);
}

/* Classic pcap. */
static inline void put_pcap_header(struct image *f, uint32_t magic, uint32_t link_type)
{
    put_u32(f, magic);
    put_u16(f, 2);
    put_u16(f, 4);
    put_zeros(f, 8);
    put_u32(f, 96); /* a snap length that nothing here keeps to */
    put_u32(f, link_type);
}

static inline void put_record(struct image *f, uint32_t seconds, uint32_t fraction, uint32_t len)
{
    put_u32(f, seconds);
    put_u32(f, fraction);
    put_u32(f, len);
    put_u32(f, len);
    put_zeros(f, len);
}

/* pcapng: a block is begun, filled, and ended, which sets its length. */
static inline size_t block_begin(struct image *f, uint32_t type)
{
    size_t start = f->len;
    put_u32(f, type);
    put_u32(f, 0);
    return start;
}

static inline void set_u32(struct image *f, size_t at, uint32_t v)
{
    struct image patch = { f->at + at, 0, f->big };
    put_u32(&patch, v);
}

static inline void block_end(struct image *f, size_t start)
{
    while ((f->len - start) % 4 != 0)
        put_zeros(f, 1);
    uint32_t len = (uint32_t)(f->len - start + 4);
    put_u32(f, len);
    set_u32(f, start + 4, len);
}

static inline void put_section(struct image *f)
{
    size_t b = block_begin(f, 0x0a0d0d0a);
    put_u32(f, 0x1a2b3c4d);
    put_u16(f, 1);
    put_u16(f, 0);
    put_u64(f, UINT64_MAX);
    block_end(f, b);
}

static inline void put_interface(struct image *f, uint16_t link_type, uint32_t snap_len)
{
    size_t b = block_begin(f, 1);
    put_u16(f, link_type);
    put_u16(f, 0);
    put_u32(f, snap_len);
    block_end(f, b);
}

static inline void put_packet(struct image *f, uint32_t interface, uint64_t time, uint32_t len)
{
    size_t b = block_begin(f, 6);
    put_u32(f, interface);
    put_u32(f, (uint32_t)(time >> 32));
    put_u32(f, (uint32_t)time);
    put_u32(f, len);
    put_u32(f, len);
    put_zeros(f, len);
    block_end(f, b);
}

/* Opens the image; status of opening, reason in error. */
static inline enum status image_open(const struct image *f, const char *filter,
                                     struct source **source, char *error, size_t size)
{
    int fd = memfd_create("image", MFD_CLOEXEC);
    assert_true(fd >= 0);
    for (size_t done = 0; done < f->len;) {
        ssize_t n = write(fd, f->at + done, f->len - done);
        assert_true(n > 0);
        done += (size_t)n;
    }
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return source_open_fd(fd, true, filter, source, error, size);
}

enum { REMEMBERED = 80 };

struct reading {
    enum status status; /* how it ended */
    char error[SOURCE_ERROR_SIZE];
    size_t count;
    struct frame frames[REMEMBERED]; /* their bytes are gone */
    struct source_stats stats;
};

/* Reads a source to its end and closes it. */
static inline void read_all(struct source *source, struct reading *r)
{
    struct batch batch;
    while ((r->status = source_next(source, &batch)) == STATUS_OK) {
        for (size_t i = 0; i < batch.count; i++) {
            /* a touch of each byte, for the sanitizer */
            volatile uint8_t sum = 0;
            for (size_t k = 0; k < batch.frames[i].bytes.len; k++)
                sum = (uint8_t)(sum + batch.frames[i].bytes.at[k]);
            if (r->count + i < REMEMBERED)
                r->frames[r->count + i] = batch.frames[i];
        }
        r->count += batch.count;
    }
    assert_int_equal(batch.count, 0);
    (void)snprintf(r->error, sizeof r->error, "%s", source_error(source));
    assert_int_equal(source_next(source, &batch), r->status);
    source_stats(source, &r->stats);
    source_close(source);
}

static inline struct reading image_read(const struct image *f)
{
    struct reading r = { .count = 0 };
    struct source *source;
    r.status = image_open(f, NULL, &source, r.error, sizeof r.error);
    if (r.status == STATUS_OK)
        read_all(source, &r);
    else
        assert_null(source);
    return r;
}

#define assert_says(reading, words) assert_non_null(strstr((reading).error, words))

#endif
