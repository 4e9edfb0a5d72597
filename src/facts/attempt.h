/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One connection by which a device wanted to hand in mail (or a look-up that failed), with all that
 * was seen of it. Filled by the readers (flow, dissectors, session), finished when it leaves them;
 * the judges only read it, and add what they derive.
 */
#ifndef MAILWHY_FACTS_ATTEMPT_H
#define MAILWHY_FACTS_ATTEMPT_H

#include "base/addr.h"
#include "base/encapsulation.h"
#include "facts/timeline.h"

struct certs;
struct sign_ins;

enum attempt_kind {
    ATTEMPT_CONNECTION,
    ATTEMPT_LOOKUP, /* a look-up of a server's name that failed: no ports, no server address */
    ATTEMPT_POP3,   /* fetching mail: of interest to history alone (POP before SMTP) */
};

enum attempt_end {
    END_OPEN, /* still going on when the capture ended */
    END_FINS, /* both FINs acknowledged (or seen) */
    END_RST,
    END_SILENCE, /* RFC 5321's time-outs by the packets' clock */
    END_REUSED,  /* a SYN with another sequence number on the same ports */
    END_EVICTED, /* a memory limit */
};

enum protocol {
    PROTOCOL_UNDECIDED,
    PROTOCOL_SMTP,
    PROTOCOL_TLS /* implicit TLS at a mail port */,
    PROTOCOL_OTHER
};

/* One TLS record after encryption began on its side; 12 bytes. */
struct tls_trace_record {
    uint32_t time_us; /* since the attempt's first trace record; never runs backwards */
    uint32_t frame;
    uint16_t length; /* of its payload (RFC 8446 5.2: TLSCiphertext.length) */
    uint8_t type;    /* content type on the wire */
    uint8_t from;    /* enum side */
};
enum { TLS_TRACE_MAX = 512 };

/* Where secrets lie in the stream of a direction: what an evidence copy blanks. */
struct secret_span {
    uint64_t offset;
    uint32_t len;
    uint8_t from;
    uint8_t decrypted;
};
enum { SECRET_SPANS_MAX = 16 };

/* What one direction looked like. */
struct direction {
    uint64_t packets, bytes;  /* with payload bytes counted once */
    uint64_t acked;           /* payload bytes of this side that the other side acknowledged */
    uint32_t largest_segment; /* largest payload that was acknowledged or delivered */
    uint16_t mss;             /* announced by this side; 0 = not seen */
    uint8_t ttl;              /* usual; 0 = none seen */
    bool seen, fin, rst, snapped;
    bool
        end_unseen; /* something at its end was acknowledged, or came before its RST, and was not seen: a FIN, or data */
    uint32_t gaps;  /* holes that the capture left */
    uint32_t resends;    /* retransmitted segments */
    uint32_t duplicates; /* copies of frames that a mirror port made; counted nowhere else */
    uint32_t unanswered_resends; /* of data never acknowledged, at the end of the connection */
    uint32_t last_frame;
    int64_t last_time;
    uint32_t last_data_frame;
    int64_t last_data_time;
};

struct attempt {
    struct budget *budget;
    struct sign_ins *sign_ins; /* what was said at sign-ins, where it will be checked; else NULL */
    struct certs *certs;       /* where certificates are kept, shared by all; NULL = nowhere */
    struct timeline *timeline;
    struct direction direction[2]; /* by enum side */
    struct ip_addr client_addr, server_addr;
    uint16_t client_port, server_port;
    struct mac_addr client_mac,
        server_mac; /* as seen at the place of capture: perhaps a router's */
    uint8_t encap_count, encap[ENCAP_MAX_DEPTH];
    uint8_t kind;       /* enum attempt_kind */
    uint8_t end;        /* enum attempt_end */
    uint8_t protocol;   /* enum protocol */
    bool start_seen;    /* the device's SYN was */
    bool one_sided;     /* only one direction's packets were seen */
    bool gaps, snapped; /* either direction */
    bool trace_full, spans_full;
    bool decrypted; /* what TLS protected was read with a key */
    uint8_t time_digits;
    int64_t tcp_stream; /* Wireshark's number, -1 = not known */
    uint32_t first_frame, last_frame,
        end_frame; /* end_frame: the frame that ended it (order of output) */
    int64_t start_time, end_time;
    struct tls_trace_record *trace; /* trace_count of them, trace_cap allocated */
    uint16_t trace_count, trace_cap;
    int64_t trace_start;
    uint8_t span_count;
    struct secret_span spans[SECRET_SPANS_MAX];
};

/* NULL when the budget has no more. */
struct attempt *attempt_new(struct budget *budget);
void attempt_free(struct attempt *a);
/* A hole (FACT_GAP) that its receiver, still there, never acknowledged: the network lost it, not
 * the capture. */
bool attempt_lost_on_the_way(const struct attempt *a, const struct fact *gap);
/* Did the connection's opening show: the device's SYN, or the server's answer to it? */
bool attempt_opening_seen(const struct attempt *a);
/* Adds to the trace (bounded; what does not fit sets trace_full). */
void attempt_trace(struct attempt *a, enum side from, uint8_t type, uint16_t length, uint32_t frame,
                   int64_t time);
/* Marks len bytes at offset of a direction as secret (bounded; what does not fit sets
 * spans_full). */
void attempt_mark_secret(struct attempt *a, enum side from, uint64_t offset, uint32_t len,
                         bool decrypted);

#endif
