/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Port scans: many ports of one host, or one port of many hosts (at least five within 10 s), none
 * with payload from the device, are no attempts at handing in mail. A small direct-mapped memory of
 * recent openings for each client; an opening costs one cache line or two.
 */
#ifndef MAILWHY_SESSION_SCAN_H
#define MAILWHY_SESSION_SCAN_H

#include "base/addr.h"
#include "base/mem.h"

struct scans; /* opaque */

struct scans *scans_new(struct budget *budget);
void scans_free(struct scans *s);
/* Where scans_opening() is about to be asked of this client. */
void scans_prefetch(const struct scans *s, const struct ip_addr *client);
/* The same a few packets later. */
void scans_prefetch_client(const struct scans *s, const struct ip_addr *client);
/* The client sent a SYN that opens a new connection. */
void scans_opening(struct scans *s, const struct ip_addr *client, const struct ip_addr *server,
                   uint16_t port, int64_t time);
/* The client sent payload to it. */
void scans_payload(struct scans *s, const struct ip_addr *client, const struct ip_addr *server,
                   uint16_t port);
/* Was an opening at that time, without payload, part of a scan? */
bool scans_is(const struct scans *s, const struct ip_addr *client, const struct ip_addr *server,
              uint16_t port, int64_t time);

#endif
