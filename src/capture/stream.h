/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The bytes of a file or pipe, unpacked where they are packed, as one window that is read in place:
 * large blocks come in by read(2), the reader of the format walks over them, and only the piece
 * that a block's end has cut is moved. The window grows only as bytes really arrive, never because
 * a length field asks for it.
 */
#ifndef MAILWHY_CAPTURE_STREAM_H
#define MAILWHY_CAPTURE_STREAM_H

#include "capture/decompress.h"

enum { STREAM_BLOCK_BYTES = 128 << 10 };

struct stream_buffer {
    uint8_t *at;
    size_t begin, end, size;
};

struct stream {
    int fd;
    bool close_fd;
    struct stream_buffer window; /* what the format's reader sees: begin to end */
    struct stream_buffer packed; /* read, not yet unpacked */
    struct unpacker *unpacker;   /* NULL: not packed */
    enum packing packing;
    bool more_inside;     /* the unpacker may hold more than the window had room for */
    uint64_t position;    /* of window.begin in the (unpacked) file */
    uint64_t to_skip;     /* bytes to drop before the window goes on */
    uint64_t file_offset; /* read from the file itself */
    enum status ended;    /* STATUS_OK while more may come, then why not */
    int read_errno;       /* of STATUS_READ_ERROR */
};

enum stream_answer {
    STREAM_READY, /* there they are */
    STREAM_PAUSE, /* a signal came: ask again */
    STREAM_ENDED, /* fewer are left, stream.ended says why */
};

/* Takes over fd (and closes it where close_fd), reads the first block and begins to unpack. */
enum status stream_open(struct stream *stream, int fd, bool close_fd);
void stream_close(struct stream *stream);
/* Makes at least n bytes stand in the window. Bytes seen before move: nothing may be borrowed. */
enum stream_answer stream_want(struct stream *stream, size_t n);
/* Drops n bytes, which need not be there yet. */
void stream_skip(struct stream *stream, uint64_t n);

static inline struct bytes stream_window(const struct stream *s)
{
    if (s->to_skip > 0)
        return (struct bytes) { NULL, 0 };
    return bytes_of(s->window.at + s->window.begin, s->window.end - s->window.begin);
}

/* Drops n bytes that stand in the window; they stay readable until the next stream_want(). */
static inline void stream_take(struct stream *s, size_t n)
{
    s->window.begin += n;
    s->position += n;
}

#endif
