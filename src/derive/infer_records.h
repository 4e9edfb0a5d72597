/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From the trace of encrypted records to what infer_align.h aligns: handshake, session tickets and
 * alerts told apart from application data, and lengths on the wire to lengths of plaintext.
 */
#ifndef MAILWHY_DERIVE_INFER_RECORDS_H
#define MAILWHY_DERIVE_INFER_RECORDS_H

#include "derive/infer_align.h"
#include "facts/attempt.h"

/* What a cipher suite adds to a record of TLS. */
struct infer_cipher {
    uint16_t fixed; /* bytes: nonce or IV, tag or MAC, content type */
    uint16_t block; /* of CBC; 0 = the length is exact */
    bool splits; /* TLS 1.0 and before: a record of no or one byte may go before each other one */
    uint16_t finished; /* length of a Finished record of TLS 1.3; 0 before */
};
/* False: nothing can be said (an unknown suite). */
bool infer_cipher_of(uint16_t version, uint16_t cipher, struct infer_cipher *out);

enum { INFER_ITEMS_MAX = 256 /* some twenty mails */, INFER_TICKETS_MAX = 4 };

struct infer_records {
    struct infer_item items[INFER_ITEMS_MAX];
    size_t count;
    size_t
        /* so many items of the server at the beginning could be session tickets (TLS 1.3) */
        tickets;
    bool tickets_alike;              /* two of the same length: what OpenSSL sends */
    bool tickets_together;           /* and nothing between them */
    bool finished;                   /* both sides' handshakes are over */
    bool device_alert, server_alert; /* an encrypted alert ends that side's records */
    bool alert_first; /* the device sent an alert instead of, or with nothing after, its Finished */
    bool padded;      /* TLS 1.3 with padding of unknown size: lengths say nothing */
    bool over;        /* there were more records than can be looked at */
    int16_t last_device; /* trace index of the device's last record; -1 = none */
};

void infer_records_read(const struct attempt *a, uint16_t version,
                        const struct infer_cipher *cipher, struct infer_records *out);

#endif
