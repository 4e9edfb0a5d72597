/* SPDX-License-Identifier: BSD-3-Clause */
/* One reading of the records so far, and the best of them side by side. */
#ifndef MAILWHY_DERIVE_INFER_PATH_H
#define MAILWHY_DERIVE_INFER_PATH_H

#include "derive/infer_model.h"
#include "facts/outcome.h"

enum {
    BEAM = 32,
    OWED_MAX = 8,
    OWED_BITS = 4,
    INFER_ROWS_IN_RECORD = 5, /* messages that one record holds */
    INFER_ROW_STRANGE = 255,  /* no row: a command that the grammar lacks */
};

enum path_flag {
    PATH_SIGNED_IN = 1,
    PATH_AUTH_REFUSED = 2,
    PATH_SENDER_REFUSED = 4,
    PATH_RCPT_REFUSED = 8,
    PATH_MESSAGE_REFUSED = 16,
    PATH_SENT = 32,
    PATH_NO_EHLO = 64,
    PATH_QUIT = 128,
    PATH_HELLO = 256,
    PATH_MAIL = 512,
    PATH_MAIL_OPEN = 1024,
    PATH_RCPT_OK = 2048,
    PATH_STRANGE = 4096, /* it has a command that the grammar lacks */
    PATH_DEAF = 8192,    /* the device went on after a refusal as if there were none */
    PATH_CHUNKS = 16384, /* the mail goes in chunks (RFC 3030) */
};

/* Answers that come again in much the same words. */
enum heard {
    HEARD_MAIL, /* a sender was accepted */
    HEARD_RCPT,
    HEARD_GO,   /* the mail may come */
    HEARD_SENT, /* it was accepted */
    HEARD_NO,   /* sender, recipient or DATA was refused */
    HEARD_AUTH_NO,
    HEARD_KINDS, /* any other */
};

/* One reading of the records so far. */
struct path {
    float score;       /* natural log of its probability */
    float sum;         /* natural log of that of all readings that stand where it does */
    uint16_t flags;    /* enum path_flag */
    uint8_t at, stage; /* enum infer_state, enum stage */
    uint8_t method;    /* enum auth_mechanism of the last sign-in */
    uint8_t owed_count;
    uint32_t owed; /* OWED_BITS each, the first to be answered lowest */
    int16_t auth, verdict, refused, sent;
    /* how long the last answer of each kind was, 0 = none, or not alone; and the last command where it
     * came alone, and those that HEARD_MAIL and HEARD_RCPT were the answers to, 0 = not known */
    uint16_t heard[HEARD_KINDS];
    uint16_t asked, mail_asked, rcpt_asked;
    uint16_t begin; /* the item where what it adds to its parent begins */
    uint8_t parent; /* index in that item's beam */
    uint8_t row_count,
        rows[INFER_ROWS_IN_RECORD]; /* and what that is: of infer_said or infer_answers */
};

struct beam {
    struct path paths[BEAM];
    uint64_t places[BEAM]; /* where each stands, as one number */
    size_t count;
    float best; /* the highest score among them */
};

void path_weigh(struct path *p, float log_probability);
/* What the server owes a reply to: first and last (of what is owed; owed_count > 0). */
enum infer_owed path_first_owed(const struct path *p);
enum infer_owed path_last_owed(const struct path *p);
void path_owe(struct path *p, enum infer_owed what);
void path_settle(struct path *p);
enum infer_state path_stands(const struct path *p);
/* item: where it is said. */
void path_effect(struct path *p, enum infer_effect effect, uint8_t method, int16_t item);
void path_add_row(struct path *p, size_t row);
/* The better of two that stand at the same place stays, with the weight of both, and the best BEAM
 * of all. */
void beam_keep(struct beam *beam, const struct path *path);
/* So much less probable than the best reading that it would not be kept. */
bool beam_is_beyond(const struct beam *beam, float score);
extern const float beam_hopeless; /* natural log: so much less probable than the best reading */

#endif
