/* SPDX-License-Identifier: BSD-3-Clause */
#include "capture/source.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "capture/source_impl.h"

enum status source_fail(struct source *source, enum status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(source->error, sizeof source->error, format, args);
    va_end(args);
    return status;
}

void source_tell(char *error, size_t size, const char *reason)
{
    if (size > 0)
        (void)snprintf(error, size, "%s", reason);
}

enum status source_give_up(struct source *source, enum status status, char *error, size_t size)
{
    source_tell(error, size, source->error);
    source_close(source);
    return status;
}

/* Not inlined: it would cost the frames of captures that are read without a filter. */
__attribute__((noinline)) bool source_filter_passes(struct source *source,
                                                    const struct frame *frame)
{
    if (filter_passes(source->filter, frame))
        return true;
    source->stats.filtered++;
    source->stats.filtered_hidden += filter_would_hide(frame);
    return false;
}

enum status source_next(struct source *source, struct batch *batch)
{
    batch->count = 0;
    if (source->ended != STATUS_OK)
        return source->ended;
    enum status status = source->kind->next(source, batch);
    if (status != STATUS_OK)
        source->ended = status;
    return status;
}

const char *source_error(const struct source *source)
{
    return source->error;
}

void source_stats(struct source *source, struct source_stats *stats)
{
    source->kind->stats(source);
    *stats = source->stats;
}

void source_close(struct source *source)
{
    if (!source)
        return;
    filter_free(source->filter);
    extras_done(&source->extras);
    source->kind->close(source);
}

bool source_next_name(struct source *source, struct ip_addr *addr, struct bytes *name)
{
    return extras_next_name(&source->extras, addr, name);
}

bool source_next_secrets(struct source *source, struct bytes *key_log)
{
    return extras_next_secrets(&source->extras, key_log);
}
