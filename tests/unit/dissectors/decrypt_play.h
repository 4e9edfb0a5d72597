/* SPDX-License-Identifier: BSD-3-Clause */
/* Plays one TCP stream of a capture of tests/pcaps/decrypted to the TLS dissector with keys, and gathers what it opens. */
#ifndef MAILWHY_TESTS_DECRYPT_PLAY_H
#define MAILWHY_TESTS_DECRYPT_PLAY_H

#include "base/bytes.h"
#include "dissectors/tls_keys.h"
#include "facts/fact.h"

enum { OPENED_MAX = 1 << 16, OPENED_CHUNKS_MAX = 1024 };

/* In static memory, so that a test that looks at what is freed does not see it. */
struct opened {
    uint8_t at[2][OPENED_MAX]; /* by enum side */
    size_t len[2];
    size_t begins[2][OPENED_CHUNKS_MAX];
    size_t chunks[2], gaps[2];
    size_t memory, peak; /* charged at the end, and at most */
    unsigned decrypted_facts;
    bool decrypted, new_failed;
};

struct decrypt_play {
    struct bytes pcap;
    unsigned stream; /* tcp.stream */
    struct tls_keys *keys;
    size_t cut;      /* segments in pieces of this size; 0 = whole */
    unsigned lose;   /* this segment with data, from 1, is a gap; 0 = none */
    unsigned damage; /* this segment's byte damage_at is changed; 0 = none */
    size_t damage_at;
};

void decrypt_play(const struct decrypt_play *play, struct opened *opened);
/* How many segments with data the stream has from its ClientHello on. */
unsigned decrypt_segments(const struct decrypt_play *play);

#endif
