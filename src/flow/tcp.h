/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One TCP connection followed closely: opening, closing, resets, loss, timing and sizes become
 * facts in the attempt and counts in attempt->direction; payload becomes chunks, pulled in the order of capture.
 * Checksums are not verified (offloading).
 */
#ifndef MAILWHY_FLOW_TCP_H
#define MAILWHY_FLOW_TCP_H

#include "facts/attempt.h"
#include "facts/chunk.h"
#include "flow/flow_table.h"

struct tcp; /* opaque */

/* Facts go to attempt, which outlives it. opening: what was seen before (first_frame 0: nothing).
 * NULL when the budget has no more. */
struct tcp *tcp_new(struct attempt *attempt, struct budget *budget,
                    const struct flow_opening *opening);
void tcp_free(struct tcp *t);
/* One packet of this connection. Then pull chunks until there are none; their bytes are borrowed
 * from the packet or from tcp until the next call of tcp_packet(), tcp_flush() or tcp_free().
 * False: there are none to pull. */
bool tcp_packet(struct tcp *t, const struct packet *packet, enum side from);
/* An ICMP error that quotes this connection. */
void tcp_icmp(struct tcp *t, const struct packet *packet, enum side quoted);
bool tcp_next_chunk(struct tcp *t, struct chunk *chunk);
/* The connection is over or given up: what still waits behind holes comes out as gaps and chunks;
 * then unanswered resends are counted. */
void tcp_flush(struct tcp *t);

enum tcp_state { TCP_OPENING, TCP_OPEN, TCP_CLOSED_FINS, TCP_CLOSED_RST };
/* Has it ended, and how: both FINs acknowledged (TCP_CLOSED_FINS), or an RST that was in order. */
enum tcp_state tcp_state(const struct tcp *t);
/* Has this side's stream ended (FIN, with all bytes before it delivered)? */
bool tcp_side_done(const struct tcp *t, enum side side);

#endif
