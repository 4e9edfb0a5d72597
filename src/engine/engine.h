/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The whole pipeline as a value: frames in, judged attempts, device lines and capture lines out,
 * pulled by the caller. Knows no report.
 */
#ifndef MAILWHY_ENGINE_ENGINE_H
#define MAILWHY_ENGINE_ENGINE_H

#include "capture/frame.h"
#include "rules/verdict.h"

struct engine; /* opaque */
struct tls_keys;
struct trust;
struct password;

struct engine_options {
    size_t memory;              /* --memory, bytes */
    bool filtered;              /* -f is used: tcp.stream numbers are not Wireshark's */
    const char *device;         /* --device; NULL = all */
    const char *server;         /* --server; NULL = all */
    struct knowledge knowledge; /* --replies, --providers; members NULL = none */
    struct tls_keys
        *keys; /* --keylog, --rsa-key, secrets of a pcapng; NULL = TLS is not looked into */
    struct trust *trust;       /* roots to judge certificates by; NULL = they are not judged */
    struct password *password; /* to check sign-ins against; NULL = they are not checked */
};

enum result_kind { RESULT_ATTEMPT, RESULT_DEVICE, RESULT_CAPTURE };

struct result {
    enum result_kind kind;
    struct judged *judged;              /* RESULT_ATTEMPT: the caller owns it */
    const struct device_line *device;   /* RESULT_DEVICE: valid until the next call */
    const struct capture_line *capture; /* RESULT_CAPTURE: valid until the next call */
};

/* How a file's reading ended; what the source counted. */
struct engine_file_end {
    uint64_t packets, bytes, truncated, filtered, kernel_dropped, cut_offset;
    uint64_t
        filtered_encapsulated; /* frames that the filter left out and that carry VLAN, PPPoE or a tunnel */
    bool cut_short, damaged;
};

/* NULL when there is no memory. */
struct engine *engine_new(const struct engine_options *options);
void engine_free(struct engine *e);
/* A capture begins: path as given on the command line, or NULL and an interface; both stay valid.
 * Results of the one before must have been pulled. */
void engine_begin(struct engine *e, const char *file, const char *interface);
void engine_batch(struct engine *e, const struct batch *batch);
/* Live: time passes without packets. */
void engine_tick(struct engine *e, int64_t now);
/* A name resolution block says so. */
void engine_name(struct engine *e, const struct ip_addr *addr, struct bytes name);
void engine_finish_file(struct engine *e, const struct engine_file_end *end);
/* No more files: device lines, then capture lines can be pulled. */
void engine_finish(struct engine *e);
/* The next result, in the order of the NDJSON contract; false when there is none now. */
bool engine_next(struct engine *e, struct result *result);
/* Failures over all files so far, for the exit status: those that a retry made good do not count,
 * what stands on device lines does once these were pulled. */
uint32_t engine_failed(const struct engine *e);
const struct history *engine_history(const struct engine *e);

#endif
