/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Happy eyeballs (RFC 8305): a device opens two connections to one name at a time, by IPv6 and IPv4
 * say, and drops the slower one before any data. The one that was dropped is nobody's failure.
 */
#ifndef MAILWHY_ENGINE_RACE_H
#define MAILWHY_ENGINE_RACE_H

#include "facts/attempt.h"
#include "history/names.h"

enum { RACES_MAX = 128 };

/* Connections in which a device spoke, the latest of them. */
struct races {
    struct race {
        struct ip_addr device, server;
        int64_t opened;
        bool used;
    } recent[RACES_MAX];
    unsigned at;
};

/* The device sent its first payload on the connection that it opened at that time. */
void races_spoke(struct races *r, const struct ip_addr *device, const struct ip_addr *server,
                 int64_t opened);
/* Did the device drop this one, with nothing said, while another to the same name went on? */
bool races_lost(const struct races *r, const struct attempt *a, const struct names *names);

#endif
