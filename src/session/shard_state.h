/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a shard is made of; shared by the files that make shard.h: shard.c (where packets go), talk.c
 * (a connection that is followed, from its first packet to its attempt), shard_room.c (who goes where
 * memory is short).
 */
#ifndef MAILWHY_SESSION_SHARD_STATE_H
#define MAILWHY_SESSION_SHARD_STATE_H

#include "dissectors/smtp_lists.h"
#include "flow/flow_table.h"
#include "flow/tcp.h"
#include "session/scan.h"
#include "session/session.h"
#include "session/shard.h"
#include "session/twins.h"

/* One connection followed closely. What each packet asks of it comes first. */
struct talk {
    struct tcp *tcp;
    struct session *session;
    struct attempt *attempt;
    struct flow *flow; /* NULL once the flow is another connection's */
    bool ended, spoke;
    bool opening;      /* counted in opening_talks */
    struct talk *next; /* in the queue of those that ended */
    int64_t due;
    struct twin twin;
};

/* Hangs on flows that are not looked at any more. */
extern struct talk shard_ignored;

struct finished {
    struct finished *next;
    struct attempt *attempt;
};

/* So many packets are decoded before the first of them is taken in: what they need of the
 * connection table is on its way meanwhile, and they stay in the first cache until they are read. */
enum { AHEAD = 16 };

struct shard {
    struct budget *budget;
    struct flow_table *flows;
    struct packet_decoder decoder;
    struct namer *namer;
    struct lists *lists;
    struct shard_options options;
    struct scans *scans;
    struct twins twins;
    struct talk *ended, **ended_end; /* by the order of their end */
    struct finished *finished, **finished_end;
    struct events events;
    unsigned opening_talks;
    struct shard_stats stats;
    int64_t now;
    uint32_t frame;
    bool finishing;
    struct packet packets[AHEAD];
    struct flow_key flow_keys[AHEAD];
};

/* NULL when the budget has no more. p: the packet that made it worth following, or NULL. */
struct talk *talk_new(struct shard *s, struct flow *flow, const struct packet *p);
void talk_free(struct shard *s, struct talk *t);
/* The flow's talk, or NULL. A lone SYN at a mail port of which nothing more was kept becomes an
 * attempt at its end: it gets one now. */
struct talk *talk_of(struct shard *s, struct flow *flow);
/* What came out of the last packet goes to the session. */
void talk_feed(struct shard *s, struct talk *t);
/* It is no longer one of the openings that are counted. */
void talk_not_opening(struct shard *s, struct talk *t);
/* The connection is over; it waits for its last frames in the queue. */
void talk_end(struct shard *s, struct talk *t, enum attempt_end how);
/* Hands the attempt over, or drops it, and frees the rest. */
void talk_finish(struct shard *s, struct talk *t);
/* Finishes those whose time has come; all: those too whose has not. */
void shard_finish_ended(struct shard *s, bool all);
/* The flow is not looked at any more. */
void shard_ignore(struct shard *s, struct flow *flow);

/* Makes room for one more entry. */
bool shard_make_room(struct shard *s);
/* Makes room for what hangs on an entry: those that ended go first, then the mail conversation that
 * has been silent for longest. keep: the one that the room is for. */
bool shard_evict_talk(struct shard *s, const struct flow *keep);
/* Another connection took the flow's place: it ends. */
void shard_replace(struct shard *s, struct flow *old);

#endif
