/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The record layer of one direction (RFC 8446 5.1, RFC 5246 6.2): bytes in over any split, records
 * out piece by piece, nothing kept but a header. The SSLv2-style ClientHello comes out as a record
 * of a type of its own. After a gap it goes on in the same record where the gap ended inside it,
 * else it looks for the next header that makes sense.
 */
#ifndef MAILWHY_DISSECTORS_TLS_RECORD_H
#define MAILWHY_DISSECTORS_TLS_RECORD_H

#include "base/bytes.h"
#include "base/cursor.h"

enum tls_content {
    TLS_CHANGE_CIPHER_SPEC = 20,
    TLS_ALERT = 21,
    TLS_HANDSHAKE = 22,
    TLS_APPLICATION_DATA = 23,
    TLS_HEARTBEAT = 24,
    TLS_SSLV2 =
        128, /* ours: an SSLv2-style ClientHello; its payload begins with the message type */
};

enum { TLS_HEADER_SIZE = 5, TLS_RECORD_MAX = (1 << 14) + 2048 }; /* RFC 5246 6.2.3 */

struct tls_reader {
    uint8_t header[TLS_HEADER_SIZE];
    uint8_t header_len;
    uint8_t type; /* enum tls_content of the record at hand */
    bool in_record;
    bool begun;     /* a record was read */
    bool searching; /* looks for the next header */
    bool
        lenient; /* it is not sure that a record begins where one is due: nonsense is a reason to search */
    bool sslv2_allowed; /* the first record may be an SSLv2-style hello */
    uint8_t given;      /* bytes of an SSLv2-style header that are payload and were not given yet */
    uint16_t version;   /* of the last record */
    uint16_t length;    /* of its payload */
    uint16_t left;      /* of that, not seen yet */
    uint32_t first_frame; /* where its header began */
};

enum tls_event {
    TLS_EVENT_NONE,     /* all bytes were used */
    TLS_EVENT_RECORD,   /* a header: type, version, length */
    TLS_EVENT_PAYLOAD,  /* bytes of the record's payload */
    TLS_EVENT_END,      /* the record is complete */
    TLS_EVENT_NONSENSE, /* header[] holds five bytes that are no header */
};

/* The next event out of c, which lies in that frame; *payload is set for TLS_EVENT_PAYLOAD. */
enum tls_event tls_reader_next(struct tls_reader *r, struct cursor *c, uint32_t frame,
                               struct bytes *payload);
/* len bytes are missing, 0 = nobody knows how many. Returns how many of them were payload of the
 * record at hand; where that is then complete the caller must treat it as ended. *crossed: the gap
 * ends somewhere else than in or right behind this record. */
uint16_t tls_reader_gap(struct tls_reader *r, uint64_t len, bool *crossed);
/* The record at hand is done with, after a gap took its end. */
void tls_reader_end(struct tls_reader *r);
/* Could b (at most a header's size counts) be the beginning of a record? */
bool tls_record_may_begin(struct bytes b);

/* -1 no, 0 too short to tell, 1 yes: an SSLv2-style ClientHello (RFC 5246 E.2). */
int tls_sslv2_looks_like_hello(struct bytes b);

#endif
