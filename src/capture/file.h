/* SPDX-License-Identifier: BSD-3-Clause */
/* A capture file or pipe as a source; for this folder only (and its tests, which open memory). */
#ifndef MAILWHY_CAPTURE_FILE_H
#define MAILWHY_CAPTURE_FILE_H

#include "capture/source_impl.h"
#include "capture/stream.h"

/* The format's part of a classic pcap file. */
struct classic {
    size_t header_bytes; /* of a record; 0: not decided yet */
    bool big_endian, nanoseconds, modified;
    bool swapped_lengths, maybe_swapped_lengths;
    uint16_t link_type;
};

struct interface;

/* The format's part of a pcapng file: what the section at hand has said. */
struct pcapng {
    bool big_endian;
    bool trailer_due;     /* a long block was passed over, its second length comes next */
    uint32_t block_bytes; /* of that block */
    uint64_t block_position;
    struct interface *interfaces;
    size_t count, room;
};

struct file {
    struct source source; /* first: a file is a source */
    struct stream stream;
    bool is_pcapng;
    uint64_t filtered_before; /* by the filter, when the batch began */
    union {
        struct classic classic;
        struct pcapng pcapng;
    };
};

/* As source_open_file(), for what is open already. fd is closed where close_fd, on failure too. */
enum status source_open_fd(int fd, bool close_fd, const char *filter, struct source **source,
                           char *error, size_t size);

/* Why there are no more bytes although a record or block (what) that begins at position needs them:
 * a clean end where nothing of it is there, else the sentence for the end of the stream. */
enum status file_end(struct file *file, const char *what, uint64_t position);
/* Did the filter leave out what the window held? Then the caller gets an empty batch, so that it
 * can show its progress and look for signals. */
static inline bool file_filtered_all(struct file *file)
{
    bool all = file->source.stats.filtered > file->filtered_before;
    file->filtered_before = file->source.stats.filtered;
    return all;
}

/* A damaged place; detail is a clause of our own words. */
enum status file_damaged(struct file *file, uint64_t position, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* classic.c: is it one? STATUS_NOT_CAPTURE leaves the window as it is for others. */
enum status classic_begin(struct file *file);
enum status classic_next(struct file *file, struct batch *batch);

/* pcapng.c, likewise. */
enum status pcapng_begin(struct file *file);
enum status pcapng_next(struct file *file, struct batch *batch);
void pcapng_done(struct file *file);
/* The first interface's link type, which it reads on for; Ethernet where none can be had. */
uint16_t pcapng_first_link_type(struct file *file);

#endif
