/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The reading wing of one core: frames in, finished attempts and events out, pulled by the caller.
 * Shares nothing with other shards. Attempts come in the order in which they end (frame of the end,
 * then first frame); an attempt waits a moment after its end, since late frames still belong to it.
 */
#ifndef MAILWHY_SESSION_SHARD_H
#define MAILWHY_SESSION_SHARD_H

#include "capture/frame.h"
#include "facts/attempt.h"
#include "packet/packet.h"
#include "session/events.h"

struct shard; /* opaque */
struct tls_keys;

struct shard_stats {
    struct packet_stats packets;
    uint64_t connections; /* TCP connections, those of ICMP quotes too */
    uint64_t mail, tcp_other, udp, other_ip;
    uint64_t forgotten; /* connections that memory limits made us forget */
    uint64_t scans;     /* openings at mail ports that were part of a port scan */
    uint32_t scan_first_frame;
    uint64_t nat_copies; /* connections that a router passed on and that are seen before it as well */
    uint64_t duplicates;                       /* TCP packets that came twice, by a mirror port */
    uint32_t other_http, other_ssh, other_tls; /* connections by their first bytes */
    uint64_t events_dropped;
};

/* What it reads with; all outlive it. */
struct shard_options {
    bool numbers;          /* tcp.stream numbers are Wireshark's (not with a filter) */
    struct tls_keys *keys; /* what TLS is read with; NULL = nothing */
    struct certs *certs;   /* where certificates are kept; NULL = nowhere */
    bool keep_sign_ins;    /* for a password that will be checked */
};

/* NULL: no memory. */
struct shard *shard_new(struct budget *budget, const struct shard_options *options);
void shard_free(struct shard *s);
/* Reads a batch; then pull events and attempts. */
void shard_batch(struct shard *s, const struct batch *batch);
/* Live: time passes without packets. */
void shard_tick(struct shard *s, int64_t now);
/* The file ends: all that is open ends (END_OPEN). Pull, then shard_restart() for the next. */
void shard_finish(struct shard *s);
void shard_restart(struct shard *s);
/* The next finished attempt (the caller owns it), or NULL. */
struct attempt *shard_next_attempt(struct shard *s);
/* The next event, borrowed until the next call, or NULL. */
const struct event *shard_next_event(struct shard *s);
void shard_stats(const struct shard *s, struct shard_stats *stats);
/* Time of the last packet (TIME_NONE before any), and its frame. */
int64_t shard_time(const struct shard *s);
uint32_t shard_frame(const struct shard *s);

#endif
