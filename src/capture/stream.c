/* SPDX-License-Identifier: BSD-3-Clause */
#include "capture/stream.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/mem.h"

/* Room for one block and for the piece of a packet that the block before has left. */
enum { BUFFER_BYTES = STREAM_BLOCK_BYTES + (64 << 10), SMALLEST_READ = 64 << 10 };

enum { PAUSE_MS = 200 };

static bool buffer_grow(struct stream_buffer *b, size_t size)
{
    uint8_t *bigger = mem_resize(NULL, b->at, b->size, size);
    if (!bigger)
        return false;
    b->at = bigger;
    b->size = size;
    return true;
}

static void buffer_done(struct stream_buffer *b)
{
    mem_free(NULL, b->at, b->size);
    *b = (struct stream_buffer) { 0 };
}

/* Moves what is left to the front, and makes room for a good read behind it. */
static bool buffer_make_room(struct stream_buffer *b)
{
    size_t left = b->end - b->begin;
    if (b->begin > 0 && left > 0)
        memmove(b->at, b->at + b->begin, left);
    b->begin = 0;
    b->end = left;
    return b->size - left >= SMALLEST_READ || buffer_grow(b, b->size * 2);
}

/* One read(2) behind the buffer's end. */
static enum stream_answer read_block(struct stream *s, struct stream_buffer *b)
{
    size_t room = b->size - b->end;
    ssize_t n = read(s->fd, b->at + b->end, room < STREAM_BLOCK_BYTES ? room : STREAM_BLOCK_BYTES);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
        /* a pipe that somebody made non-blocking is waited for, but not for ever */
        struct pollfd ready = { .fd = s->fd, .events = POLLIN };
        if (errno == EAGAIN)
            (void)poll(&ready, 1, PAUSE_MS);
        return STREAM_PAUSE;
    }
    if (n <= 0) {
        s->ended = n == 0 ? STATUS_END : STATUS_READ_ERROR;
        s->read_errno = n == 0 ? 0 : errno;
        return STREAM_ENDED;
    }
    b->end += (size_t)n;
    s->file_offset += (uint64_t)n;
    return STREAM_READY;
}

/* Unpacks into the window, reading when nothing is left to unpack. */
static enum stream_answer unpack_block(struct stream *s)
{
    if (s->packed.begin == s->packed.end && !s->more_inside) {
        s->packed.begin = s->packed.end = 0;
        enum stream_answer answer = read_block(s, &s->packed);
        if (answer == STREAM_ENDED && s->ended == STATUS_END && !unpacker_may_end(s->unpacker))
            s->ended = STATUS_CUT_SHORT;
        if (answer != STREAM_READY)
            return answer;
    }
    struct bytes in = bytes_of(s->packed.at + s->packed.begin, s->packed.end - s->packed.begin);
    size_t had = in.len, room = s->window.size - s->window.end, made;
    enum status status = unpacker_run(s->unpacker, &in, s->window.at + s->window.end, room, &made);
    s->more_inside = made == room;
    s->packed.begin += had - in.len;
    s->window.end += made;
    if (status == STATUS_OK)
        return STREAM_READY;
    s->ended = status;
    return STREAM_ENDED;
}

static void drop_skipped(struct stream *s)
{
    size_t here = s->window.end - s->window.begin;
    size_t n = s->to_skip < here ? (size_t)s->to_skip : here;
    stream_take(s, n);
    s->to_skip -= n;
}

enum stream_answer stream_want(struct stream *s, size_t n)
{
    drop_skipped(s);
    while (s->to_skip > 0 || s->window.end - s->window.begin < n) {
        if (s->ended != STATUS_OK)
            return STREAM_ENDED;
        if (!buffer_make_room(&s->window)) {
            s->ended = STATUS_NO_MEMORY;
            return STREAM_ENDED;
        }
        enum stream_answer answer = s->unpacker ? unpack_block(s) : read_block(s, &s->window);
        drop_skipped(s);
        if (answer == STREAM_PAUSE)
            return STREAM_PAUSE;
    }
    return STREAM_READY;
}

void stream_skip(struct stream *s, uint64_t n)
{
    s->to_skip += n;
    drop_skipped(s);
}

/* The first bytes say that the file is packed: what was read becomes the unpacker's input. */
static enum status begin_unpacking(struct stream *s)
{
    s->unpacker = unpacker_new(s->packing);
    if (!s->unpacker)
        return STATUS_NO_MEMORY;
    s->packed = s->window;
    s->window = (struct stream_buffer) { 0 };
    if (s->ended == STATUS_END)
        s->ended = STATUS_OK; /* of the packed bytes: the unpacker has yet to see them */
    return buffer_grow(&s->window, BUFFER_BYTES) ? STATUS_OK : STATUS_NO_MEMORY;
}

enum status stream_open(struct stream *s, int fd, bool close_fd)
{
    *s = (struct stream) { .fd = fd, .close_fd = close_fd };
    if (!buffer_grow(&s->window, BUFFER_BYTES))
        return STATUS_NO_MEMORY;
    while (stream_want(s, 4) == STREAM_PAUSE)
        continue;
    s->packing = packing_of(stream_window(s));
    return s->packing == PACKING_NONE ? STATUS_OK : begin_unpacking(s);
}

void stream_close(struct stream *s)
{
    unpacker_free(s->unpacker);
    buffer_done(&s->window);
    buffer_done(&s->packed);
    if (s->close_fd)
        (void)close(s->fd);
}
