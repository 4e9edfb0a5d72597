/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Handshake messages of one direction out of the payload of its records: over any split, several a
 * record, over several records (RFC 8446 5.1). Only the bodies that someone reads are kept,
 * bounded, in a buffer that grows as bytes come and goes with the message.
 */
#ifndef MAILWHY_DISSECTORS_TLS_MESSAGE_H
#define MAILWHY_DISSECTORS_TLS_MESSAGE_H

#include "base/bytes.h"
#include "base/cursor.h"
#include "base/mem.h"

enum { TLS_MESSAGE_HEADER = 4 };

struct tls_message {
    uint8_t *buf;
    uint32_t cap, kept; /* kept: bytes of its body in buf */
    uint32_t got;       /* bytes of its body that have come, or are known to be missing */
    uint32_t first_frame;
    uint8_t head[TLS_MESSAGE_HEADER]; /* type and length */
    uint8_t head_len;
    bool retransmitted : 1; /* set by the caller: a part of it was */
    bool opened : 1;        /* set by the caller: it was encrypted */
    bool over : 1;          /* more than is kept */
    bool lost : 1;          /* nothing is known of where messages begin until the record ends */
};

/* Reads on in c, bytes of that frame. True when a message is complete: the caller reads head[0] and
 * tls_message_body(), and calls tls_message_reset() before the next. False when c is used up. */
bool tls_message_next(struct tls_message *m, struct budget *budget, struct cursor *c,
                      uint32_t frame);
/* Begins one of a type of our own, whose header is not on the wire. */
void tls_message_begin(struct tls_message *m, uint8_t type, uint16_t length, uint32_t frame);
/* What was kept of the body. */
struct bytes tls_message_body(const struct tls_message *m);
/* Is a message under way whose type is known? */
bool tls_message_begun(const struct tls_message *m);
/* Would n missing bytes spoil what was kept so far (it is told first), or end it? */
bool tls_message_gap_cuts(const struct tls_message *m, uint32_t n);
/* n bytes of payload are missing; the message goes on, passed over, where its end lies behind
 * them. */
void tls_message_gap(struct tls_message *m, struct budget *budget, uint32_t n);
/* Back to between two messages. */
void tls_message_reset(struct tls_message *m, struct budget *budget);

#endif
