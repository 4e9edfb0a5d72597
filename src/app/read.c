/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/read.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "app/exit_status.h"
#include "app/judging.h"
#include "app/keys.h"
#include "base/log.h"
#include "capture/source.h"

struct progress {
    struct timespec start, last;
    bool shown, wanted;
};

static double seconds_since(const struct timespec *from, struct timespec *now)
{
    clock_gettime(CLOCK_MONOTONIC, now);
    return (double)(now->tv_sec - from->tv_sec) + (double)(now->tv_nsec - from->tv_nsec) / 1e9;
}

/* On a terminal only, for work longer than a second. */
static void progress_show(struct progress *p, struct source *source, const char *file)
{
    struct timespec now;
    struct source_stats stats;
    if (!p->wanted || seconds_since(&p->start, &now) < 1 || seconds_since(&p->last, &now) < 0.2)
        return;
    p->last = now;
    p->shown = true;
    source_stats(source, &stats);
    if (stats.file_size > 0)
        fprintf(stderr, "\r%s: %llu %%\033[K", file,
                (unsigned long long)(stats.file_offset * 100 / stats.file_size));
    else
        fprintf(stderr, "\r%s: %llu packets\033[K", file, (unsigned long long)stats.packets);
}

static void progress_clear(struct progress *p)
{
    if (p->shown)
        fputs("\r\033[K", stderr);
    p->shown = false;
}

static void take_names(struct source *source, struct engine *engine)
{
    struct ip_addr addr;
    struct bytes name;
    while (source_next_name(source, &addr, &name))
        engine_name(engine, &addr, name);
}

static void tell_detail(const char *file, const struct source_stats *s)
{
    log_detail(
        "\"%s\": %llu packets, %llu bytes read; %llu cut by the snap length, %llu left out by the filter, %llu blocks passed over",
        file, (unsigned long long)s->packets, (unsigned long long)s->bytes,
        (unsigned long long)s->truncated, (unsigned long long)s->filtered,
        (unsigned long long)s->skipped_blocks);
}

/* True when all of it could be read. */
static bool read_file(const struct options *o, const char *file, struct keys *keys,
                      struct engine *engine, struct output *output)
{
    char error[512];
    struct source *source;
    if (source_open_file(file, o->filter, &source, error, sizeof error) != STATUS_OK) {
        log_error("\"%s\": %s", file, error);
        return false;
    }
    struct progress progress = { .wanted = !o->quiet && isatty(STDERR_FILENO) };
    clock_gettime(CLOCK_MONOTONIC, &progress.start);
    progress.last = progress.start;
    engine_begin(engine, file, NULL);
    static struct batch batch;
    enum status status;
    for (unsigned n = 0; (status = source_next(source, &batch)) == STATUS_OK; n++) {
        take_names(source, engine);
        keys_take(keys, source);
        engine_batch(engine, &batch);
        output_take(output, engine);
        if (n % 256 == 0)
            progress_show(&progress, source, file);
    }
    progress_clear(&progress);
    if (status != STATUS_END)
        log_warning("\"%s\": %s", file, source_error(source));
    struct source_stats stats;
    source_stats(source, &stats);
    tell_detail(file, &stats);
    struct engine_file_end end = {
        .packets = stats.packets,
        .bytes = stats.bytes,
        .truncated = stats.truncated,
        .filtered = stats.filtered,
        .kernel_dropped = stats.kernel_dropped,
        .cut_offset = stats.file_offset,
        .filtered_encapsulated = stats.filtered_hidden,
        .cut_short = status == STATUS_CUT_SHORT,
        .damaged = status != STATUS_END && status != STATUS_CUT_SHORT,
    };
    engine_finish_file(engine, &end);
    output_take(output, engine);
    source_close(source);
    keys_end_file(keys, file, stats.skipped_secrets > 0);
    return status == STATUS_END;
}

static int read_all(const struct options *o, struct keys *keys, struct engine *engine,
                    struct output *output)
{
    bool whole = true;
    for (size_t i = 0; i < o->file_count; i++)
        whole &= read_file(o, o->files[i], keys, engine, output);
    engine_finish(engine);
    output_take(output, engine);
    output_end(output);
    if (output_status(output) != STATUS_OK)
        log_error("standard output could not be written");
    return exit_status_of(whole && output_status(output) == STATUS_OK, engine_failed(engine));
}

int read_files(const struct options *o)
{
    struct keys *keys = keys_new(o);
    struct judging *judging = keys ? judging_new(o) : NULL;
    if (!judging) {
        keys_free(keys);
        return EXIT_TROUBLE;
    }
    struct engine_options options = { .memory = o->memory,
                                      .filtered = o->filter != NULL,
                                      .device = o->device,
                                      .server = o->server,
                                      .keys = keys_tls(keys),
                                      .trust = judging_trust(judging),
                                      .password = judging_password(judging),
                                      .knowledge = judging_knowledge(judging) };
    struct engine *engine = engine_new(&options);
    struct output *output = engine ? output_new(o) : NULL;
    int exit_status = EXIT_TROUBLE;
    if (output) {
        exit_status = read_all(o, keys, engine, output);
        judging_tell(judging);
    } else {
        log_error("there is not enough memory to begin");
    }
    output_free(output);
    engine_free(engine);
    keys_tell(keys);
    keys_free(keys);
    judging_free(judging);
    return exit_status;
}
