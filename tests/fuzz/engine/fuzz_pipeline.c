/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The whole pipeline: the input is a capture file; it is read, judged, and told as NDJSON and as text in
 * both languages. A password that the saved captures hold must not come out; of an input that a fuzzer
 * made that cannot be asked, since it may have moved the password to where nobody can know it as one.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/text.h"
#include "capture/source.h"
#include "engine/engine.h"
#include "report/json.h"
#include "report/text_report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OUTPUT_MAX = 16 << 20, MEMORY = 4 << 20 };
/* Passwords of the saved captures, plain and in base64. */
static const char *const secrets[] = { "Wrong-8842-word", "V3JvbmctODg0Mi13b3Jk", "Tulip-7315-gate",
                                       "VHVsaXAtNzMxNS1nYXRl" };

static void take(struct engine *e, struct text *out, struct text_report *report,
                 const struct json_options *json)
{
    struct result r;
    while (engine_next(e, &r)) {
        switch (r.kind) {
        case RESULT_ATTEMPT:
            json_attempt(out, json, r.judged);
            text_report_attempt(report, out, r.judged);
            break;
        case RESULT_DEVICE:
            json_device(out, json, r.device);
            text_report_device(report, r.device);
            break;
        case RESULT_CAPTURE:
            json_capture(out, json, r.capture);
            text_report_capture(report, r.capture);
            break;
        }
    }
}

static void diagnose(const char *path, enum lang lang)
{
    char error[512];
    struct source *source;
    if (source_open_file(path, NULL, &source, error, sizeof error) != STATUS_OK)
        return;
    struct engine_options options = { .memory = MEMORY };
    struct text_options text = { .lang = lang, .all = true, .timeline = true, .columns = 80 };
    struct json_options json = { .lang = lang, .timeline = true };
    struct engine *engine = engine_new(&options);
    struct text_report *report = text_report_new(&text);
    struct text out;
    text_init(&out, OUTPUT_MAX);
    static struct batch batch;
    engine_begin(engine, "fuzz", NULL);
    while (source_next(source, &batch) == STATUS_OK) {
        engine_batch(engine, &batch);
        take(engine, &out, report, &json);
    }
    struct source_stats stats;
    source_stats(source, &stats);
    struct engine_file_end end = { .packets = stats.packets, .bytes = stats.bytes };
    engine_finish_file(engine, &end);
    take(engine, &out, report, &json);
    engine_finish(engine);
    take(engine, &out, report, &json);
    text_report_end(report, &out);
    for (size_t i = 0; SAVED_INPUTS && i < sizeof secrets / sizeof *secrets; i++)
        if (strstr(text_str(&out), secrets[i]))
            abort();
    text_done(&out);
    text_report_free(report);
    engine_free(engine);
    source_close(source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("capture", 0);
    if (fd < 0)
        abort();
    if (write(fd, data, size) != (ssize_t)size) {
        close(fd);
        return 0;
    }
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    diagnose(path, size % 2 ? LANG_JA : LANG_EN);
    close(fd);
    return 0;
}
