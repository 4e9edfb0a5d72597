/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Classic pcap: a file header of 24 bytes, then records. Beside the common kinds there are the
 * "modified" one (Kuznetzov's patches to libpcap; FRITZ!Box routers write it), whose record headers
 * are longer, and two relatives of which only the record's size tells: Nokia's and an early SuSE's.
 */
#include "capture/file.h"
#include "capture/link_type.h"
#include "capture/order.h"

enum { FILE_HEADER_BYTES = 24, IXIA_EXTRA_BYTES = 4 };

enum {
    RECORD_BYTES = 16,
    RECORD_NOKIA_BYTES = 20,
    RECORD_MODIFIED_BYTES = 24,
    RECORD_SUSE_BYTES = 28
};

enum { NS_PER_MICROSECOND = 1000 };

static const struct magic {
    uint32_t magic;
    bool nanoseconds, modified;
    uint8_t extra; /* bytes after the file header */
} magics[] = {
    { 0xa1b2c3d4, false, false, 0 },
    { 0xa1b23c4d, true, false, 0 },
    { 0xa1b2cd34, false, true, 0 },
    { 0x1c0001ac, true, false, IXIA_EXTRA_BYTES }, /* Ixia's hardware */
    { 0x1c0001ab, true, false, IXIA_EXTRA_BYTES }, /* and software */
};

static const struct magic *find_magic(struct bytes header, bool big_endian)
{
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++)
        if (header_u32(header, 0, big_endian) == magics[i].magic)
            return &magics[i];
    return NULL;
}

enum status classic_begin(struct file *file)
{
    struct classic *p = &file->classic;
    struct bytes header = stream_window(&file->stream);
    const struct magic *magic = find_magic(header, false);
    if (!magic)
        p->big_endian = (magic = find_magic(header, true)) != NULL;
    if (!magic || header.len < 4)
        return STATUS_NOT_CAPTURE;
    size_t header_bytes = (size_t)FILE_HEADER_BYTES + magic->extra;
    if (header.len < header_bytes)
        return file_end(file, "header", 0);
    struct cursor c = cursor_of(bytes_first(header, header_bytes));
    cursor_skip(&c, 4);
    uint16_t major = order_u16(&c, p->big_endian), minor = order_u16(&c, p->big_endian);
    cursor_skip(&c, 12); /* zone, precision; the snap length is no reason to cut */
    p->link_type = link_type_from_file(order_u32(&c, p->big_endian));
    p->nanoseconds = magic->nanoseconds;
    p->modified = magic->modified;
    p->swapped_lengths = (major == 2 && minor < 3) || major == 543;
    p->maybe_swapped_lengths = major == 2 && minor == 3;
    if (major < 2)
        return source_fail(
            &file->source, STATUS_UNSUPPORTED,
            "This is a pcap file of version %u.%u, which mailwhy does not read. Open it in "
            "Wireshark, save it as pcapng, and give mailwhy that file.",
            major, minor);
    stream_take(&file->stream, header_bytes);
    return STATUS_OK;
}

struct record {
    uint32_t seconds, fraction, captured, wire;
};

static inline struct record read_record(const struct classic *p, struct bytes header)
{
    struct record r = { header_u32(header, 0, p->big_endian), header_u32(header, 4, p->big_endian),
                        header_u32(header, 8, p->big_endian),
                        header_u32(header, 12, p->big_endian) };
    if (p->swapped_lengths || (p->maybe_swapped_lengths && r.captured > r.wire)) {
        uint32_t captured = r.wire;
        r.wire = r.captured;
        r.captured = captured;
    }
    return r;
}

static bool record_makes_sense(const struct classic *p, const struct record *r)
{
    uint32_t second = p->nanoseconds ? 1000000000 : 1000000;
    return r->captured > 0 && r->captured <= FRAME_MAX_BYTES && r->captured <= r->wire &&
           r->wire <= 16 * FRAME_MAX_BYTES && r->fraction < second;
}

/* Do all records in the window make sense if their headers have so many bytes? */
static bool records_fit(const struct file *file, size_t header_bytes)
{
    struct bytes left = stream_window(&file->stream);
    size_t count = 0;
    while (left.len >= header_bytes) {
        struct record r = read_record(&file->classic, bytes_first(left, header_bytes));
        if (!record_makes_sense(&file->classic, &r))
            return false;
        if (r.captured > left.len - header_bytes)
            break;
        left = bytes_after(left, header_bytes + r.captured);
        count++;
    }
    return count >= 2;
}

/* The kind's own record size, unless that makes nonsense of the first block and another does
 * not. */
static size_t decide_header_bytes(const struct file *file)
{
    static const size_t sizes[2][3] = {
        { RECORD_BYTES, RECORD_NOKIA_BYTES, RECORD_MODIFIED_BYTES },
        { RECORD_MODIFIED_BYTES, RECORD_SUSE_BYTES, RECORD_BYTES },
    };
    const size_t *candidates = sizes[file->classic.modified];
    for (size_t i = 0; i < 3; i++)
        if (records_fit(file, candidates[i]))
            return candidates[i];
    return candidates[0];
}

static inline int64_t record_time(const struct classic *p, const struct record *r)
{
    return (int64_t)r->seconds * TIME_SECOND +
           (int64_t)r->fraction * (p->nanoseconds ? 1 : NS_PER_MICROSECOND);
}

/* Takes whole records out of the window until the batch is full; *need says how many bytes the next
 * one has, *bad that its length is nonsense. */
static void walk_records(struct file *file, struct batch *batch, size_t *need, bool *bad)
{
    const struct classic *p = &file->classic;
    const size_t header_bytes = p->header_bytes;
    struct bytes left = stream_window(&file->stream);
    *need = header_bytes;
    while (batch->count < BATCH_FRAMES && left.len >= RECORD_BYTES && left.len >= header_bytes) {
        struct record r = read_record(p, bytes_of(left.at, RECORD_BYTES));
        *bad = r.captured > FRAME_MAX_BYTES;
        if (*bad)
            return;
        size_t bytes = header_bytes + r.captured;
        if (left.len < bytes) {
            *need = bytes;
            return;
        }
        struct frame *frame = &batch->frames[batch->count];
        frame->bytes = bytes_of(left.at + header_bytes, r.captured);
        frame->time = record_time(p, &r);
        frame->number = (uint32_t)(file->source.stats.packets + 1);
        frame->wire_len = r.wire > r.captured ? r.wire : r.captured;
        frame->link_type = p->link_type;
        frame->time_digits = p->nanoseconds ? 9 : 6;
        left = bytes_of(left.at + bytes, left.len - bytes);
        stream_take(&file->stream, bytes);
        batch->count += source_takes(&file->source, frame);
    }
}

static enum status bad_record(struct file *file)
{
    struct record r = read_record(&file->classic, stream_window(&file->stream));
    return file_damaged(file, file->stream.position,
                        "packet %llu claims %u bytes, more than a packet can have",
                        (unsigned long long)file->source.stats.packets + 1, r.captured);
}

enum status classic_next(struct file *file, struct batch *batch)
{
    struct classic *p = &file->classic;
    for (;;) {
        size_t need = RECORD_BYTES;
        bool bad = false;
        if (p->header_bytes > 0)
            walk_records(file, batch, &need, &bad);
        if (bad && batch->count == 0)
            return bad_record(file);
        if (batch->count > 0 || file_filtered_all(file))
            return STATUS_OK;
        switch (stream_want(&file->stream, need)) {
        case STREAM_READY:
            break;
        case STREAM_PAUSE:
            return STATUS_OK;
        case STREAM_ENDED:
            return file_end(file, "packet", file->stream.position);
        }
        if (p->header_bytes == 0)
            p->header_bytes = decide_header_bytes(file);
    }
}
