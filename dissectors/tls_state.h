/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Inside the TLS dissector: what tls.c (the wire), tls_inside.c (what a key opens) and tls_text.c
 * (what is no TLS) share.
 */
#ifndef MAILWHY_DISSECTORS_TLS_STATE_H
#define MAILWHY_DISSECTORS_TLS_STATE_H

#include "dissectors/tls.h"
#include "dissectors/tls_handshake.h"
#include "dissectors/tls_message.h"
#include "dissectors/tls_record.h"

struct direction_state {
    struct tls_reader reader;
    struct tls_message message;
    int64_t last_time;
    uint32_t last_frame;
    uint8_t step;        /* enum tls_step: of this side's last message */
    uint8_t alert_level; /* first byte of an alert whose second has not come; 0 = none */
    uint8_t leftover;    /* bytes in reader.header that came in earlier chunks and are no TLS */
    bool after_gap : 1;
    bool retransmitted : 1; /* a part of the record at hand was */
    bool sealed : 1;        /* the record at hand is encrypted */
    bool opened : 1;        /* what is read now was encrypted */
    bool ccs : 1;           /* its ChangeCipherSpec was seen (<= TLS 1.2) */
    bool encrypted : 1;     /* FACT_ENCRYPTED was added */
    bool finished : 1;      /* its encrypted end of the handshake was seen */
    bool broken : 1;        /* what it sends is no TLS; nothing more is read */
};

struct tls {
    struct attempt *attempt;
    struct budget *budget;
    struct tls_keys *keys;          /* NULL: nobody asked to look inside */
    struct tls_inside *inside;      /* NULL: there is nothing to look inside with */
    struct direction_state side[2]; /* by enum side */
    uint64_t session_id;            /* hash of the one that the device offered last, 0 = none */
    uint16_t version, cipher;       /* chosen; 0 = not seen */
    bool hello_seen, server_chose, early_data, resumed, up, sslv2;
};

/* A fact of what lies between first_frame and the frame at hand; and into the timeline. */
struct fact tls_fact(const struct tls *t, enum side from, enum fact_kind kind,
                     uint32_t first_frame);
void tls_tell(struct tls *t, const struct fact *fact);
/* What a record holds, in clear or opened. */
void tls_handshake_bytes(struct tls *t, enum side from, struct bytes bytes, uint32_t frame);
void tls_alert_bytes(struct tls *t, enum side from, struct bytes bytes);
void tls_change_cipher_spec(struct tls *t, enum side from);
/* The cipher only signs: an alert was read in front of its MAC. */
bool tls_is_null_cipher(const struct tls *t);
/* That side's Finished was read. */
void tls_note_finished(struct tls *t, enum side from);

/* tls_inside.c; without t->inside these do nothing, and tls_inside_record() says false. */
void tls_inside_client_hello(struct tls *t, const struct tls_client_hello *hello);
void tls_inside_server_hello(struct tls *t, const struct tls_server_hello *hello);
void tls_inside_change(struct tls *t, enum side from);
/* Bytes of handshake messages as they come, in clear or opened; begins: a message begins with
 * them. */
void tls_inside_transcript(struct tls *t, struct bytes bytes, bool begins);
/* A message is complete. */
void tls_inside_message(struct tls *t, enum side from, uint8_t type, struct bytes body);
/* A record begins; bytes of a sealed one; it is complete. False: it stays sealed. */
void tls_inside_record_begin(struct tls *t, enum side from);
void tls_inside_payload(struct tls *t, enum side from, struct bytes payload);
bool tls_inside_record(struct tls *t, enum side from);
void tls_inside_gap(struct tls *t, enum side from);
/* The streams end. */
void tls_inside_end(struct tls *t);
void tls_inside_free(struct tls *t);

/* tls_text.c: reader.header of that side is no record: an SSL 2.0 answer (true: its fact was
 * added), or something else. */
bool tls_sslv2_answer(struct tls *t, enum side from);
void tls_broken(struct tls *t, enum side from);

#endif
