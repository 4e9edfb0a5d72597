/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * When a device fetched mail (POP3), for those that sign in to send by that: POP before SMTP.
 * Values of one device, bounded; the oldest give way.
 */
#ifndef MAILWHY_HISTORY_FETCHES_H
#define MAILWHY_HISTORY_FETCHES_H

#include "base/addr.h"
#include "base/time.h"

/* So long does a server take mail on the strength of a POP3 sign-in. */
#define FETCH_GOOD_FOR (600 * TIME_SECOND)
enum { FETCHES_MAX = 6 };

struct fetch {
    int64_t time;
    uint32_t frame;
    uint16_t file, port;
    bool known, accepted; /* known: the server's word was seen; else it went on inside TLS */
    bool followed;        /* a mail conversation of the device began within that time */
    struct ip_addr server;
    const char *text; /* the server's word, interned; NULL = none */
    const char *file_name;
};

struct fetches {
    struct fetch list[FETCHES_MAX]; /* the oldest first */
    uint8_t count;
    bool
        then_sent; /* a mail conversation without a sign-in once followed an accepted one in time */
};

void fetches_add(struct fetches *f, const struct fetch *fetch);
/* A mail conversation began; signed_in: with AUTH. */
void fetches_mail(struct fetches *f, uint16_t file, int64_t start, bool signed_in);
/* The last sign-in to fetch mail, accepted as far as is known, that is still good at this time;
 * NULL. */
const struct fetch *fetches_before(const struct fetches *f, int64_t time);
/* The first refused one that no mail conversation followed; NULL. */
const struct fetch *fetches_failed(const struct fetches *f);

#endif
