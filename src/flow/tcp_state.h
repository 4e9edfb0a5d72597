/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a followed connection is made of; shared by the files that make tcp.h: tcp.c (what each
 * packet says), tcp_resend.c (copies and retransmissions), tcp_order.c (what comes out, and when).
 */
#ifndef MAILWHY_FLOW_TCP_STATE_H
#define MAILWHY_FLOW_TCP_STATE_H

#include "base/limits.h"
#include "flow/reassembly_state.h"
#include "flow/tcp.h"

/* A FIN or an RST, told once what came before it was. */
struct tcp_event {
    struct tcp_event *next;
    uint32_t own,
        after;    /* this side's bytes before own, and the other's before after, come first */
    bool ordered; /* after is set */
    struct fact fact;
};

/* A stretch that is being resent, until it is acknowledged. */
struct tcp_run {
    uint32_t start, end; /* sequence numbers */
    uint32_t open_from;  /* not acknowledged from here on */
    uint32_t first_frame, last_frame, largest;
    uint16_t count;      /* how often its beginning was resent */
    uint16_t unanswered; /* of those, since an acknowledgement moved */
    int64_t time;
};

/* Since when a side has lacked bytes that the other acknowledged, and up to where these went then. */
struct tcp_stuck {
    bool is;
    uint32_t packets, frame;
    int64_t time;
    uint64_t upto;
};

enum { TCP_SEEN = 4 };

struct tcp { /* what each packet asks of it comes first */
    struct attempt *attempt;
    struct flow_opening *opening; /* until the first packet: not told yet */
    uint32_t packets;
    bool drained;       /* all of the last packet was pulled, and nothing else is there */
    bool usual;         /* tcp_is_usual(), as long as only usual packets come */
    uint8_t usual_from; /* enum side: whose bytes the last usual packet brought */
    uint8_t seen_next;
    uint32_t seen[TCP_SEEN], seen_us[TCP_SEEN]; /* the last packets, to know copies of them */
    uint8_t state;                              /* enum tcp_state */
    uint8_t ttl_votes[2];
    bool zero_window[2]; /* this side takes nothing at present */
    bool opened : 1, beyond_syn : 1, flushing : 1;
    bool settled : 1; /* streams whose beginning is not known by now begin where they do */
    struct reassembly side[2];
    uint32_t large_end[2],
        large_len[2];           /* the largest segment in flight, larger than any acknowledged, */
    uint32_t large_end_last[2]; /* and the last one as large */
    struct tcp_event *events;   /* by arrival */
    struct tcp_run *run[2];
    struct tcp_stuck *stuck; /* two, by side; NULL: neither */
    uint32_t syn_seq;
    uint16_t syn_data; /* bytes in the SYN (RFC 7413) */
    uint8_t syns, syn_acks, rsts, conflicts, icmps, windows;
    uint8_t gap_facts[2];
};

_Static_assert(sizeof(struct tcp) <= TCP_BYTES, "a followed connection stays small");

static inline struct budget *tcp_budget(const struct tcp *t)
{
    return t->side[0].budget;
}

/* A fact of one packet, from one side. */
struct fact tcp_fact(enum fact_kind kind, enum side from, uint32_t frame, int64_t time);

/* What a packet is known by; never 0: that is no packet. */
static inline uint32_t tcp_signature(const struct packet *p, enum side from)
{
    uint64_t numbers = (uint64_t)p->tcp.seq << 32 | p->tcp.ack;
    uint64_t sizes = (uint64_t)p->payload_len << 32 | (uint32_t)p->ip_id << 16 | p->tcp.window;
    uint64_t kind = (uint64_t)p->tcp.flags << 1 | (uint64_t)from;
    if (p->kind == PACKET_ICMP_ERROR)
        kind |= (uint64_t)p->icmp.type << 24 | (uint64_t)p->icmp.code << 16 | 1 << 15;
    uint64_t h = numbers * UINT64_C(0x9e3779b97f4a7c15) + sizes * UINT64_C(0xd6e8feb86659fd93) +
                 kind * UINT64_C(0xa0761d6478bd642f);
    return (uint32_t)(h >> 32) | 1;
}

/* Is it the same as one of the last packets, and so soon after it that none but a copy can be? */
bool tcp_is_copy_of_seen(const struct tcp *t, const struct packet *p, uint32_t sign, uint32_t us);

/* Is this a copy of a packet just seen, as a mirror port makes them? */
static inline bool tcp_is_copy(struct tcp *t, const struct packet *p, enum side from)
{
    uint32_t sign = tcp_signature(p, from);
    uint32_t us = p->time != TIME_NONE ? (uint32_t)(p->time / 1000) : 0;
    bool known =
        t->seen[0] == sign || t->seen[1] == sign || t->seen[2] == sign || t->seen[3] == sign;
    if (known && tcp_is_copy_of_seen(t, p, sign, us))
        return true;
    unsigned next = t->seen_next;
    t->seen[next] = sign;
    t->seen_us[next] = us;
    t->seen_next = (uint8_t)((next + 1u) % TCP_SEEN);
    return false;
}

/* Was it a retransmission? Counts it and opens or prolongs the run. */
void tcp_resent(struct tcp *t, const struct packet *packet, enum side from, uint32_t seq,
                const struct segment_news *news);
/* This side's bytes were acknowledged (moved: further than before), or it goes on without: is its run over? */
void tcp_run_check(struct tcp *t, enum side side, bool moved);
/* The connection is over: an open run is told, and unanswered. */
void tcp_run_end(struct tcp *t, enum side side);

/* Has this side's stream been pulled up to after, which the other side acknowledged (a FIN's own
 * number included)? True too where that number is not believed. */
bool tcp_reached(const struct tcp *t, enum side side, uint32_t after);
/* Tells its fact once own and after were reached. */
void tcp_event_add(struct tcp *t, struct tcp_event *event);
/* Is an RST of this side with this ACK number the answer to the device's SYN? */
bool tcp_answers_syn(const struct tcp *t, enum side from, bool acks, uint32_t ack);
/* Is it open, with nothing that waits, is missing, was resent or is still to be told? Then most
 * packets can be taken in the short way. */
bool tcp_is_usual(const struct tcp *t);
/* Frees what the order needed. */
void tcp_order_free(struct tcp *t);

#endif
