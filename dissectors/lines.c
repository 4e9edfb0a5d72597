/* SPDX-License-Identifier: BSD-3-Clause */
#include "dissectors/lines.h"

enum { BUFFER_FIRST = 128 };

enum ending { NO_ENDING, ENDING_LF, ENDING_CR };

/* Where the line ends in b: *used bytes of b belong to it, its ending included (a lone CR is known
 * only by the byte after it, which does not belong). */
static enum ending find_ending(bool cr, struct bytes b, size_t *used)
{
    ptrdiff_t lf = bytes_find(b, '\n');
    size_t end = lf < 0 ? b.len : (size_t)lf;
    ptrdiff_t first_cr = cr ? 0 : bytes_find(bytes_first(b, end), '\r');
    size_t behind = first_cr < 0 ? end : (size_t)first_cr;
    while (behind < end && b.at[behind] == '\r')
        behind++;
    if (behind < end) {
        *used = behind;
        return ENDING_CR;
    }
    *used = lf < 0 ? end : end + 1;
    return lf < 0 ? NO_ENDING : ENDING_LF;
}

static void drop_buffer(struct lines *l, struct budget *budget)
{
    if (l->buffer) {
        mem_wipe(l->buffer, l->cap);
        mem_free(budget, l->buffer, l->cap);
    }
    l->buffer = NULL;
    l->len = l->cap = 0;
}

/* Grows by hand, since a moved block must be wiped. */
static bool make_room(struct lines *l, struct budget *budget, size_t need)
{
    if (need <= l->cap)
        return true;
    size_t cap = l->cap > 0 ? l->cap : BUFFER_FIRST;
    while (cap < need)
        cap *= 2;
    uint8_t *buffer = cap <= UINT16_MAX ? mem_alloc(budget, cap) : NULL;
    if (!buffer)
        return false;
    size_t len = bytes_copy(buffer, cap, bytes_of(l->buffer, l->len));
    drop_buffer(l, budget);
    l->buffer = buffer;
    l->len = (uint16_t)len;
    l->cap = (uint16_t)cap;
    return true;
}

static void keep(struct lines *l, struct budget *budget, struct bytes b, size_t limit)
{
    if (l->too_long || l->silent || b.len == 0)
        return;
    /* two more: its CRs are not its text, and one byte over tells that it is too long */
    if (l->len + b.len > limit + 2 || !make_room(l, budget, l->len + b.len)) {
        l->too_long = true;
        drop_buffer(l, budget);
        return;
    }
    l->len = (uint16_t)(l->len + bytes_copy(l->buffer + l->len, l->cap - l->len, b));
}

static void note_origin(struct lines *l, const struct chunk *chunk, size_t at)
{
    if (!l->begun) {
        l->begun = true;
        l->offset = chunk->offset + at;
        l->first_frame = l->last_frame = chunk->frame;
        l->time = chunk->time;
    }
    /* the frame that made it whole, in whatever order they came */
    if (chunk->frame > l->last_frame) {
        l->last_frame = chunk->frame;
        l->time = chunk->time;
    }
    l->retransmitted |= chunk->retransmitted;
    l->decrypted = chunk->origin == ORIGIN_DECRYPTED;
}

static struct bytes without_cr(struct bytes b)
{
    while (b.len > 0 && b.at[b.len - 1] == '\r')
        b.len--;
    return b;
}

static void hand_out(struct lines *l, struct bytes text, struct line *line)
{
    *line = (struct line) {
        .text = text,
        .offset = l->offset,
        .length = l->too_long ? l->length : (uint32_t)text.len,
        .first_frame = l->first_frame,
        .last_frame = l->last_frame,
        .time = l->time,
        .too_long = l->too_long,
        .retransmitted = l->retransmitted,
        .decrypted = l->decrypted,
        .resumed = l->resumed,
    };
    if (l->too_long)
        line->text = (struct bytes) { NULL, 0 };
    l->resumed = false;
}

static void begin_anew(struct lines *l)
{
    l->begun = l->cr = l->too_long = l->silent = l->retransmitted = false;
    l->length = 0;
}

/* The usual line: all of it in this chunk, nothing of it before, CR LF its end and no other CR in
 * it. */
static bool whole_line(struct lines *l, const struct chunk *chunk, size_t *at, size_t limit,
                       struct line *line)
{
    struct bytes rest = bytes_after(chunk->bytes, *at);
    ptrdiff_t lf = bytes_find(rest, '\n');
    if (lf < 1 || rest.at[lf - 1] != '\r')
        return false;
    struct bytes text = bytes_first(rest, (size_t)lf - 1);
    if (text.len > limit || bytes_find(text, '\r') >= 0)
        return false;
    *line = (struct line) {
        .text = text,
        .offset = chunk->offset + *at,
        .length = (uint32_t)text.len,
        .first_frame = chunk->frame,
        .last_frame = chunk->frame,
        .time = chunk->time,
        .retransmitted = chunk->retransmitted,
        .decrypted = chunk->origin == ORIGIN_DECRYPTED,
        .resumed = l->resumed,
    };
    l->resumed = false;
    *at += (size_t)lf + 1;
    return true;
}

/* Any other, or a part of one. */
static __attribute__((noinline)) bool next_piece(struct lines *l, struct budget *budget,
                                                 const struct chunk *chunk, size_t *at,
                                                 size_t limit, struct line *line)
{
    struct bytes rest = bytes_after(chunk->bytes, *at);
    if (rest.len > 0 && l->swallow_lf) {
        l->swallow_lf = false;
        if (rest.at[0] == '\n') {
            *at += 1;
            return false;
        }
    }
    if (rest.len > 0) {
        size_t used;
        enum ending ending = find_ending(l->cr, rest, &used);
        if (used > 0)
            note_origin(l, chunk, *at);
        *at += used;
        struct bytes part = bytes_first(rest, ending == ENDING_LF ? used - 1 : used);
        bool had_cr = part.len > 0 ? part.at[part.len - 1] == '\r' : l->cr;
        l->length += (uint32_t)part.len;
        if (ending == NO_ENDING) {
            keep(l, budget, part, limit);
            l->cr = had_cr;
            return false;
        }
        if (l->silent) {
            begin_anew(l);
            return false;
        }
        if (l->len > 0 || l->too_long) {
            keep(l, budget, part, limit);
            part = bytes_of(l->buffer, l->len);
        }
        l->too_long |= part.len > limit + 2 || without_cr(part).len > limit;
        hand_out(l, without_cr(part), line);
        line->bare_lf = ending == ENDING_LF && !had_cr;
        line->bare_cr = ending == ENDING_CR;
        if (line->too_long && had_cr)
            line->length--;
        return true;
    }
    return false;
}

bool lines_next(struct lines *l, struct budget *budget, const struct chunk *chunk, size_t *at,
                size_t limit, struct line *line)
{
    return (!l->begun && !l->swallow_lf && whole_line(l, chunk, at, limit, line)) ||
           next_piece(l, budget, chunk, at, limit, line);
}

bool lines_flush_cr(struct lines *l, struct line *line)
{
    if (!l->begun || !l->cr || l->silent)
        return false;
    hand_out(l, without_cr(bytes_of(l->buffer, l->len)), line);
    line->bare_cr = true;
    l->swallow_lf = true; /* it may yet come: then it was no lone CR, but the line is told */
    return true;
}

bool lines_end(struct lines *l, struct line *line)
{
    if (!l->begun || l->silent)
        return false;
    hand_out(l, without_cr(bytes_of(l->buffer, l->len)), line);
    line->unfinished = !l->cr;
    line->bare_cr = l->cr;
    return true;
}

void lines_release(struct lines *l, struct budget *budget)
{
    if (!l->begun) /* the line was a view */
        return;
    drop_buffer(l, budget);
    begin_anew(l);
}

void lines_gap(struct lines *l, struct budget *budget)
{
    lines_release(l, budget);
    l->swallow_lf = false;
    l->resumed = true;
}

void lines_pass_over(struct lines *l, struct budget *budget)
{
    lines_release(l, budget);
    l->begun = l->silent = true;
}

void lines_begin_with(struct lines *l, struct budget *budget, struct bytes b,
                      const struct chunk *chunk, uint32_t frame)
{
    lines_release(l, budget);
    l->swallow_lf = false;
    note_origin(l, chunk, 0);
    l->first_frame = frame;
    l->length = (uint32_t)b.len;
    l->cr = b.len > 0 && b.at[b.len - 1] == '\r';
    keep(l, budget, b, BUFFER_FIRST);
}

size_t lines_peek(const struct lines *l, struct bytes chunk_rest, uint8_t first[2])
{
    if (l->silent || l->too_long)
        return 0;
    size_t n = bytes_copy(first, 2, bytes_of(l->buffer, l->len));
    return n + bytes_copy(first + n, 2 - n, chunk_rest);
}
