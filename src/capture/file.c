/* SPDX-License-Identifier: BSD-3-Clause */
#include "capture/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "capture/kinds.h"
#include "capture/link_type.h"

/* As much as recognising a file may need: the mark of a tar archive stands at 257. */
enum { RECOGNISE_BYTES = 512 };

static enum status file_next(struct source *source, struct batch *batch)
{
    struct file *file = (struct file *)source;
    return file->is_pcapng ? pcapng_next(file, batch) : classic_next(file, batch);
}

static void file_stats(struct source *source)
{
    source->stats.file_offset = ((struct file *)source)->stream.file_offset;
}

static void file_close(struct source *source)
{
    struct file *file = (struct file *)source;
    if (file->is_pcapng)
        pcapng_done(file);
    stream_close(&file->stream);
    mem_free(NULL, file, sizeof *file);
}

static const struct source_kind file_kind = { file_next, file_stats, file_close };

enum status file_damaged(struct file *file, uint64_t position, const char *format, ...)
{
    char detail[256];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    return source_fail(
        &file->source, STATUS_DAMAGED,
        "The capture is damaged at byte %llu%s: %s. %s; copy the file once more, or capture again.",
        (unsigned long long)position, file->stream.unpacker ? " of what it unpacks to" : "", detail,
        file->source.stats.packets > 0 ? "What comes before was read, the rest cannot be"
                                       : "No packet comes before that");
}

static enum status stream_error(struct file *file)
{
    const struct stream *s = &file->stream;
    const char *packing = packing_name(s->packing);
    unsigned long long at = s->file_offset;
    switch (s->ended) {
    case STATUS_CUT_SHORT:
        return source_fail(&file->source, s->ended,
                           "The file is cut short: its %s data ends too early (after byte %llu). "
                           "What was there was read; copy the file once more to get the rest.",
                           packing, at);
    case STATUS_DAMAGED:
        return source_fail(
            &file->source, s->ended,
            "The file's %s data is damaged somewhere before byte %llu. What comes before was read; "
            "copy the file once more to get the rest.",
            packing, at);
    case STATUS_LIMIT:
        return source_fail(
            &file->source, s->ended,
            "The file unpacks to more than %llu times its size, which no ordinary capture does, so "
            "reading stopped. If it is one, unpack it first.",
            (unsigned long long)UNPACK_MAX_RATIO);
    case STATUS_READ_ERROR:
        return source_fail(&file->source, s->ended, "The file cannot be read after byte %llu: %s.",
                           at, strerror(s->read_errno));
    default:
        return source_fail(&file->source, s->ended, "There is not enough memory to read on.");
    }
}

enum status file_end(struct file *file, const char *what, uint64_t position)
{
    bool plain = file->stream.ended == STATUS_END;
    if (!plain)
        return stream_error(file);
    if (stream_window(&file->stream).len == 0 && position == file->stream.position &&
        file->stream.to_skip == 0)
        return STATUS_END;
    if (file->source.stats.packets == 0)
        return source_fail(
            &file->source, STATUS_CUT_SHORT,
            "The capture is cut short: it ends in the middle of its first %s, and holds no whole "
            "packet. Stop the capturing program before its file is copied, or capture again.",
            what);
    return source_fail(
        &file->source, STATUS_CUT_SHORT,
        "The capture is cut short: it ends in the middle of a %s (which begins at byte %llu, after "
        "packet %llu). All before that was read; stop the capturing program before its file is "
        "copied.",
        what, (unsigned long long)position, (unsigned long long)file->source.stats.packets);
}

static enum status empty_file(struct file *file)
{
    if (file->stream.ended != STATUS_END)
        return stream_error(file);
    if (file->stream.unpacker)
        return source_fail(&file->source, STATUS_EMPTY,
                           "The file is empty when it is unpacked. Capture again.");
    return source_fail(&file->source, STATUS_EMPTY,
                       "The file is empty: nothing was captured into it, or its copy has failed. "
                       "Copy it once more, or capture again.");
}

static enum status recognise(struct file *file)
{
    while (stream_want(&file->stream, RECOGNISE_BYTES) == STREAM_PAUSE)
        continue;
    struct bytes start = stream_window(&file->stream);
    if (start.len == 0)
        return empty_file(file);
    enum status status = pcapng_begin(file);
    if (status == STATUS_NOT_CAPTURE)
        status = classic_begin(file);
    if (status == STATUS_NOT_CAPTURE)
        return source_fail(&file->source, status, "%s", kinds_explain(start));
    return status;
}

/* What can be said before the first byte is read. */
static enum status look_at(struct file *file)
{
    struct stat st;
    if (fstat(file->stream.fd, &st) != 0)
        return source_fail(&file->source, STATUS_READ_ERROR, "The file cannot be read: %s.",
                           strerror(errno));
    if (S_ISDIR(st.st_mode))
        return source_fail(&file->source, STATUS_DIRECTORY,
                           "This is a folder. Name a capture file in it.");
    if (S_ISCHR(st.st_mode) && isatty(file->stream.fd))
        return source_fail(
            &file->source, STATUS_NOT_CAPTURE,
            "Standard input is the keyboard. Name a file, or send a capture in, for example: "
            "tcpdump -w - | mailwhy -");
    if (S_ISREG(st.st_mode)) {
        file->source.stats.file_size = (uint64_t)st.st_size;
        (void)posix_fadvise(file->stream.fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    }
    return STATUS_OK;
}

static enum status open_stream(struct file *file, int fd, bool close_fd)
{
    file->stream.fd = fd;
    file->stream.close_fd = close_fd;
    enum status status = look_at(file);
    if (status != STATUS_OK)
        return status;
    if (stream_open(&file->stream, fd, close_fd) != STATUS_OK)
        return source_fail(&file->source, STATUS_NO_MEMORY,
                           "There is not enough memory to read a file.");
    return recognise(file);
}

static enum status open_filter(struct file *file, const char *expression)
{
    if (!expression)
        return STATUS_OK;
    uint16_t link_type = file->is_pcapng ? pcapng_first_link_type(file) : file->classic.link_type;
    return filter_new(expression, link_type, &file->source.filter, file->source.error,
                      sizeof file->source.error);
}

enum status source_open_fd(int fd, bool close_fd, const char *filter, struct source **source,
                           char *error, size_t size)
{
    *source = NULL;
    struct file *file = mem_alloc(NULL, sizeof *file);
    if (!file) {
        if (close_fd)
            (void)close(fd);
        source_tell(error, size, "There is not enough memory to read a file.");
        return STATUS_NO_MEMORY;
    }
    file->source.kind = &file_kind;
    enum status status = open_stream(file, fd, close_fd);
    if (status == STATUS_OK)
        status = open_filter(file, filter);
    if (status != STATUS_OK)
        return source_give_up(&file->source, status, error, size);
    *source = &file->source;
    return STATUS_OK;
}

static enum status open_failed(int why, char *error, size_t size)
{
    if (why == ENOENT || why == ENOTDIR) {
        source_tell(error, size, "There is no such file. Check its name and its folder.");
        return STATUS_NOT_FOUND;
    }
    if (why == EACCES || why == EPERM) {
        source_tell(
            error, size,
            "You have no permission to read it. Let its owner give it to you (chmod a+r), or "
            "run mailwhy with sudo.");
        return STATUS_NO_PERMISSION;
    }
    if (size > 0)
        (void)snprintf(error, size, "It cannot be opened: %s.", strerror(why));
    return STATUS_READ_ERROR;
}

enum status source_open_file(const char *path, const char *filter, struct source **source,
                             char *error, size_t size)
{
    *source = NULL;
    if (strcmp(path, "-") == 0)
        return source_open_fd(STDIN_FILENO, false, filter, source, error, size);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return open_failed(errno, error, size);
    return source_open_fd(fd, true, filter, source, error, size);
}
