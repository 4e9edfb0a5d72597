/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Recorded TLS streams through the dissector, and the facts that came out as text: a line a fact,
 * then the trace. The file format is make_tls_streams.py's.
 */
#ifndef MAILWHY_TESTS_TLS_PLAY_H
#define MAILWHY_TESTS_TLS_PLAY_H

#include "base/bytes.h"
#include "base/text.h"

struct play {
    const uint8_t *at; /* the file */
    size_t len;
    size_t cut;    /* bytes a chunk: 0 = as recorded */
    uint32_t seed; /* not 0: chunks of random length up to cut */
    bool frames;   /* print frame numbers too */
};

struct played {
    unsigned give_ups;
    bool device_left, server_left; /* that side gave up, and left bytes for others */
    char left[2][64];              /* the first of them, leftovers before */
    size_t left_len[2];
    size_t memory; /* still charged after tls_free() and attempt_free() */
    size_t peak;
};

/* Facts and trace go to out. False when there was no memory to begin. */
bool tls_play(const struct play *play, struct text *out, struct played *result);

#endif
