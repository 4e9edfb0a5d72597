/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/watch.h"

#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "app/exit_status.h"
#include "app/judging.h"
#include "app/keys.h"
#include "app/output.h"
#include "base/log.h"
#include "base/time.h"
#include "capture/source.h"

static volatile sig_atomic_t stop;

static void on_signal(int signal)
{
    (void)signal;
    stop = 1;
}

static void catch_signals(void)
{
    struct sigaction action = { .sa_handler = on_signal };
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* A whole decimal number from an environment variable; -1 when it is none. */
static long environment_id(const char *name)
{
    const char *s = getenv(name);
    char *end;
    long id = s && *s >= '0' && *s <= '9' ? strtol(s, &end, 10) : -1;
    return id > 0 && *end == '\0' ? id : -1;
}

/* Everything is open: root is no longer needed. To who called sudo, else to nobody. */
static bool drop_root(void)
{
    if (geteuid() != 0)
        return true;
    long uid = environment_id("SUDO_UID"), gid = environment_id("SUDO_GID");
    if (uid < 0 || gid < 0) {
        const struct passwd *nobody = getpwnam("nobody");
        if (!nobody)
            return false;
        uid = nobody->pw_uid;
        gid = nobody->pw_gid;
    }
    return setgroups(0, NULL) == 0 && setgid((gid_t)gid) == 0 && setuid((uid_t)uid) == 0 &&
           setuid(0) != 0;
}

static int64_t wall_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * TIME_SECOND + now.tv_nsec;
}

static enum status watch_loop(struct source *source, struct keys *keys, struct engine *engine,
                              struct output *output)
{
    static struct batch batch;
    enum status status = STATUS_OK;
    while (!stop && status == STATUS_OK) {
        status = source_next(source, &batch);
        if (status != STATUS_OK)
            break;
        keys_again(keys);
        if (batch.count > 0)
            engine_batch(engine, &batch);
        else
            engine_tick(engine, wall_clock());
        output_take(output, engine);
        if (output_status(output) != STATUS_OK)
            break;
    }
    return status;
}

static int watch_with(const struct options *o, struct source *source, struct keys *keys,
                      struct engine *engine, struct output *output)
{
    engine_begin(engine, NULL, o->interface);
    log_detail("watching \"%s\"; Ctrl-C ends it", o->interface);
    enum status status = watch_loop(source, keys, engine, output);
    bool lost = status != STATUS_OK && status != STATUS_END && !stop;
    if (lost)
        log_error("\"%s\": %s", o->interface, source_error(source));
    struct source_stats stats;
    source_stats(source, &stats);
    struct engine_file_end end = { .packets = stats.packets,
                                   .bytes = stats.bytes,
                                   .truncated = stats.truncated,
                                   .kernel_dropped = stats.kernel_dropped };
    if (stats.kernel_dropped > 0)
        log_warning("the kernel lost %llu packets before they could be read",
                    (unsigned long long)stats.kernel_dropped);
    engine_finish_file(engine, &end);
    output_take(output, engine);
    engine_finish(engine);
    output_take(output, engine);
    output_end(output);
    return exit_status_of(!lost && output_status(output) == STATUS_OK, engine_failed(engine));
}

static int watch_source(const struct options *o, struct source *source, struct keys *keys,
                        struct judging *judging)
{
    catch_signals();
    if (!drop_root()) {
        log_error(
            "root could not be given up, so nothing was read; run it as a user who may capture");
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
        exit_status = watch_with(o, source, keys, engine, output);
        judging_tell(judging);
    } else {
        log_error("there is not enough memory to begin");
    }
    output_free(output);
    engine_free(engine);
    keys_tell(keys);
    return exit_status;
}

int watch_interface(const struct options *o)
{
    char error[512];
    struct source *source;
    if (source_open_live(o->interface, o->filter, &source, error, sizeof error) != STATUS_OK) {
        log_error("\"%s\": %s", o->interface, error);
        return EXIT_TROUBLE;
    }
    struct keys *keys = keys_new(o); /* while files of root can still be opened */
    struct judging *judging = keys ? judging_new(o) : NULL;
    int exit_status = judging ? watch_source(o, source, keys, judging) : EXIT_TROUBLE;
    keys_free(keys);
    judging_free(judging);
    source_close(source);
    return exit_status;
}

int list_interfaces(void)
{
    char error[512];
    char *list = source_list_interfaces(error, sizeof error);
    if (!list) {
        log_error("the interfaces could not be listed: %s", error);
        return EXIT_TROUBLE;
    }
    fputs(list, stdout);
    source_free_list(list);
    return EXIT_FINE;
}
