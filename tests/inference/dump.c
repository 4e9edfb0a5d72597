/* SPDX-License-Identifier: BSD-3-Clause */
/* inference_dump CAPTURE...: the encrypted sessions of captures as lines of sessions.h, each after
 * its tcp.stream, the server's port and the file's name. What a key would show is not in them. */
#include <stdio.h>

#include "capture/source.h"
#include "engine/engine.h"
#include "sessions.h"

static void show(const char *file, const struct judged *j)
{
    static struct infer_session session;
    const struct attempt *a = j->attempt;
    if (!infer_session_of(a, &j->summary, &session))
        return;
    printf("%lld\t%u\t%s\t", (long long)a->tcp_stream, a->server_port, file);
    session_write(stdout, a, &session);
}

static int dump(const char *file)
{
    static struct batch batch;
    struct engine_options options = { .memory = 64 << 20 };
    struct engine *e = engine_new(&options);
    struct source *source;
    char error[512];
    struct result result;
    if (!e || source_open_file(file, NULL, &source, error, sizeof error) != STATUS_OK) {
        fprintf(stderr, "%s: cannot be read\n", file);
        engine_free(e);
        return 1;
    }
    engine_begin(e, file, NULL);
    while (source_next(source, &batch) == STATUS_OK)
        engine_batch(e, &batch);
    engine_finish_file(e, &(struct engine_file_end) { 0 });
    while (engine_next(e, &result)) {
        if (result.kind != RESULT_ATTEMPT)
            continue;
        show(file, result.judged);
        judged_free(result.judged);
    }
    source_close(source);
    engine_free(e);
    return 0;
}

int main(int argc, char **argv)
{
    int status = 0;
    for (int i = 1; i < argc; i++)
        status |= dump(argv[i]);
    return status;
}
