/* SPDX-License-Identifier: BSD-3-Clause */
/* What a source is made of; for this folder only. A file or an interface begins with a struct
 * source. */
#ifndef MAILWHY_CAPTURE_SOURCE_IMPL_H
#define MAILWHY_CAPTURE_SOURCE_IMPL_H

#include "capture/extras.h"
#include "capture/filter.h"
#include "capture/source.h"

enum { SOURCE_ERROR_SIZE = 512 };

/* libpcap's and Wireshark's limit of one captured packet. */
enum { FRAME_MAX_BYTES = 262144 };

struct source_kind {
    /* As source_next(), but called no more once it has failed. */
    enum status (*next)(struct source *source, struct batch *batch);
    /* Brings source->stats up to date. */
    void (*stats)(struct source *source);
    void (*close)(struct source *source);
};

struct source {
    const struct source_kind *kind;
    struct source_stats stats;
    struct filter *filter; /* files only; NULL: everything passes */
    struct extras extras;
    enum status ended; /* STATUS_OK until next has failed, then why */
    char error[SOURCE_ERROR_SIZE];
};

/* Notes why (our own words) and returns status. */
enum status source_fail(struct source *source, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Copies a reason to where an opening function's caller wants it. */
void source_tell(char *error, size_t size, const char *reason);
/* Closes a source that could not be opened after all: its reason goes to the caller. */
enum status source_give_up(struct source *source, enum status status, char *error, size_t size);
/* Does the frame pass the source's filter? Counts it where it does not. */
bool source_filter_passes(struct source *source, const struct frame *frame);

/* Counts the frame; false where the filter leaves it out. */
static inline bool source_takes(struct source *source, const struct frame *frame)
{
    source->stats.packets++;
    source->stats.bytes += frame->wire_len;
    source->stats.truncated += frame->wire_len > frame->bytes.len;
    return !source->filter || source_filter_passes(source, frame);
}

/* Counts the frame and adds it to the batch, unless the filter leaves it out. */
static inline void source_emit(struct source *source, struct batch *batch,
                               const struct frame *frame)
{
    if (source_takes(source, frame))
        batch->frames[batch->count++] = *frame;
}

#endif
