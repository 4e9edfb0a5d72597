/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * DNS: name and address in time. Answers name the servers: the name that the device looked up, else
 * a pcapng name resolution block. Bounded by NAMES_MAX.
 */
#ifndef MAILWHY_HISTORY_NAMES_H
#define MAILWHY_HISTORY_NAMES_H

#include "base/mem.h"
#include "facts/attempt.h"

struct names; /* opaque */

struct names *names_new(struct budget *budget);
void names_free(struct names *n);
/* device (who asked) got addr for name at time. */
void names_answer(struct names *n, const struct ip_addr *device, const char *name,
                  const struct ip_addr *addr, int64_t time);
/* From a name resolution block: for every device. */
void names_static(struct names *n, const struct ip_addr *addr, struct bytes name);
/* The name by which device knows addr: what it looked up last before time, else what any device
 * looked up, else the static one, else NULL. Interned: valid as long as n. */
const char *names_find(const struct names *n, const struct ip_addr *device,
                       const struct ip_addr *addr, int64_t time);
/* The one name for which device itself got addr, up to time; NULL where there is none or more than
 * one: then it is not known by which it went there. */
const char *names_looked_up(const struct names *n, const struct ip_addr *device,
                            const struct ip_addr *addr, int64_t time);

#endif
