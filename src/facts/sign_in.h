/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What was said in the AUTH exchanges of an attempt, decoded: secret. Kept only where somebody will
 * check a password against it, and wiped as soon as that is done. Bounded: what does not fit makes
 * its exchange one that nothing can be said of.
 */
#ifndef MAILWHY_FACTS_SIGN_IN_H
#define MAILWHY_FACTS_SIGN_IN_H

#include "base/mem.h"
#include "facts/fact.h"
#include "facts/outcome.h"

enum { SIGN_INS_MAX = PASSWORD_CHECKS_MAX, SIGN_IN_MESSAGES_MAX = 6, SIGN_IN_BYTES_MAX = 3072 };

struct sign_in {
    uint32_t frame;    /* of the AUTH command */
    uint8_t mechanism; /* enum auth_mechanism */
    uint8_t count;     /* messages, challenges and answers, in order */
    bool lost;         /* one of them is missing, or did not fit */
    uint16_t used;
    struct {
        uint8_t from;
        uint16_t at, len;
    } messages[SIGN_IN_MESSAGES_MAX];
    uint8_t bytes[SIGN_IN_BYTES_MAX];
};

struct sign_ins {
    struct budget *budget;
    uint8_t count;
    bool open;        /* the last one goes on */
    uint32_t dropped; /* exchanges that are not kept, or not whole, because a limit was reached */
    struct sign_in *all[SIGN_INS_MAX];
};

/* NULL when the budget has no more. */
struct sign_ins *sign_ins_new(struct budget *budget);
/* Wipes all; NULL is fine. */
void sign_ins_free(struct sign_ins *s);
/* The rest does nothing where s is NULL. An exchange begins. What is said next belongs to it; later
 * ones than fit are not kept. */
void sign_ins_begin(struct sign_ins *s, enum auth_mechanism mechanism, uint32_t frame);
/* A challenge of the server's, or an answer of the device's. */
void sign_ins_message(struct sign_ins *s, enum side from, struct bytes decoded);
/* A message is missing. */
void sign_ins_lost(struct sign_ins *s);
/* It is over: what comes belongs to none. */
void sign_ins_end(struct sign_ins *s);
/* The message at a place (from 0) if it is there and of that side; false otherwise. */
bool sign_in_said(const struct sign_in *s, size_t place, enum side from, struct bytes *message);

#endif
