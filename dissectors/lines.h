/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Chunks of one direction in, lines out, over any split. A line ends with CR LF, LF alone, or (as
 * some devices write it) CR alone; it is a view into the chunk where that holds the whole line, and
 * is kept, bounded, only where it came in pieces. What is longer than the limit is skipped to its
 * end and told as too long. Buffers are wiped before they go: a line may be a password.
 */
#ifndef MAILWHY_DISSECTORS_LINES_H
#define MAILWHY_DISSECTORS_LINES_H

#include "base/mem.h"
#include "facts/chunk.h"

struct line {
    struct bytes text; /* without its end; empty when too long */
    uint64_t offset;   /* of its first byte in the stream */
    uint32_t length;   /* bytes on the wire without the end, also when too long */
    uint32_t first_frame, last_frame;
    int64_t time; /* of the last frame */
    bool bare_lf, bare_cr;
    bool too_long; /* or no memory was left for it */
    bool retransmitted, decrypted;
    bool resumed;    /* the first after a gap: its beginning may be missing */
    bool unfinished; /* the stream ended in it */
};

struct lines {
    uint8_t *buffer;
    uint64_t offset;
    int64_t time;
    uint32_t first_frame, last_frame, length;
    uint16_t len, cap; /* of the buffer */
    bool begun : 1, cr : 1, swallow_lf : 1, too_long : 1, silent : 1;
    bool retransmitted : 1, decrypted : 1, resumed : 1;
};

/* The next line of chunk from *at on, which moves behind it. False when there is none yet: what was
 * moved over was kept, or was no part of a line; to be called again while the chunk has bytes.
 * limit: the longest text. The line is good until lines_release(). */
bool lines_next(struct lines *l, struct budget *budget, const struct chunk *chunk, size_t *at,
                size_t limit, struct line *line);
/* The other side speaks after a CR without LF: that was the line's end. True, and the line. */
bool lines_flush_cr(struct lines *l, struct line *line);
/* At the end of the stream: true, and the line that has no end, or CR alone. */
bool lines_end(struct lines *l, struct line *line);
/* Forgets the line that was handed out, or the unfinished one; wipes and frees. */
void lines_release(struct lines *l, struct budget *budget);
/* Bytes are missing: forgets an unfinished line. */
void lines_gap(struct lines *l, struct budget *budget);
/* What comes up to the next LF, with what is kept of it already, is no line and is passed over. */
void lines_pass_over(struct lines *l, struct budget *budget);
/* Begins a line with bytes that were read elsewhere. */
void lines_begin_with(struct lines *l, struct budget *budget, struct bytes b,
                      const struct chunk *chunk, uint32_t frame);
/* The first two bytes of the line at hand, of which chunk_rest goes on; how many are there. */
size_t lines_peek(const struct lines *l, struct bytes chunk_rest, uint8_t first[2]);

#endif
