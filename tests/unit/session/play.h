/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What both sides say, played to a session in whatever pieces, and its facts as text: a line a fact.
 */
#ifndef MAILWHY_TESTS_SESSION_PLAY_H
#define MAILWHY_TESTS_SESSION_PLAY_H

#include "session/session.h"

struct said {
    enum side from;
    bool gap; /* len bytes are missing here; 0: nobody knows how many */
    const void *bytes;
    size_t len;
};
#define DEVICE(text)                                                                               \
    {                                                                                              \
        SIDE_DEVICE, false, (text), sizeof(text) - 1                                               \
    }
#define SERVER(text)                                                                               \
    {                                                                                              \
        SIDE_SERVER, false, (text), sizeof(text) - 1                                               \
    }
#define MISSING(side, count)                                                                       \
    {                                                                                              \
        (side), true, NULL, (count)                                                                \
    }
enum { SAID_MAX = 16 };

struct scene {
    const struct said *said;
    size_t count;      /* at most SAID_MAX */
    uint16_t port;     /* 0 = 587 */
    bool device_alone; /* nothing of the server was captured, not even its SYN */
    bool starts_late;  /* nor was the opening */
    size_t memory;     /* limit; 0 = none */
    uint64_t fail_at;  /* this allocation fails, and all after it; 0 = none */
    const char *keys;  /* a key log; NULL = none */
};

struct pieces {
    size_t size;          /* of every piece; 0 = as said */
    size_t cut[SAID_MAX]; /* behind so many bytes of what was said, 0 = nowhere */
};

/* The facts, where secrets lie, and what the session says of itself ("(not mail)"); in a buffer that the next call
 * overwrites. */
const char *play_facts(const struct scene *scene, const struct pieces *pieces);
/* Fails the test when they are not as expected, or depend on how what is said was cut: as said, in
 * bytes, and in two at every place. */
void play_expect(const struct scene *scene, const char *expected);

#endif
