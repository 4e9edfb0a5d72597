/* SPDX-License-Identifier: BSD-3-Clause */
/* What sizes and turns of encrypted records say of the dialogue inside (derive/infer). */
#ifndef MAILWHY_FACTS_INFERRED_H
#define MAILWHY_FACTS_INFERRED_H

#include <stdbool.h>
#include <stdint.h>

struct attempt;
struct fact;

enum inferred_result {
    INFERRED_UNFINISHED, /* broken off in the middle of something, or nothing that can be told */
    INFERRED_CERT_REFUSED, /* the device left instead of ending the handshake, or without a word after it */
    INFERRED_ENDED_EARLY, /* no mail was begun, nothing refused */
    INFERRED_AUTH_REFUSED,
    INFERRED_SENDER_REFUSED,
    INFERRED_RECIPIENT_REFUSED,
    INFERRED_MESSAGE_REFUSED,
    INFERRED_DELIVERED,
    INFERRED_RESULTS,
};
enum inferred_confidence { INFERRED_NOTHING, INFERRED_POSSIBLE, INFERRED_LIKELY };

/* What a reply was, as far as its length and what followed tell. */
enum inferred_answer { ANSWER_YES, ANSWER_GO_ON /* 334, 354 */, ANSWER_NO };

/* One step of the dialogue; a fact of origin INFERRED, made when it is told. */
struct inferred_step {
    uint16_t record; /* of the attempt's trace */
    uint8_t kind;    /* enum fact_kind: command, reply, auth, auth step, message */
    uint8_t what;    /* command: enum smtp_verb; reply: enum smtp_step; auth: enum auth_mechanism */
    uint8_t answer;  /* of a reply: enum inferred_answer */
};
enum { INFERRED_STEPS_HEAD = 24, INFERRED_STEPS_MAX = 32 };

struct inferred {
    uint8_t confidence; /* enum inferred_confidence; INFERRED_NOTHING: the rest means nothing */
    uint8_t result;     /* enum inferred_result */
    uint8_t stage;      /* enum stage: the last step that the device began */
    uint8_t method;     /* enum auth_mechanism tried; AUTH_NONE = none, or not known which */
    bool signed_in;
    bool no_ehlo; /* after STARTTLS the device went on without EHLO (RFC 3207 4.2) */
    bool quit;    /* it said QUIT */
    bool exact;   /* the cipher keeps lengths exactly, not to a block */
    uint32_t auth_frame,
        decisive_frame; /* of the sign-in's first line, of the reply that decided; 0 = none */
    int64_t auth_time, decisive_time; /* TIME_NONE without */
    int64_t answered_in;              /* ns from the device's last words to the decisive reply */
    uint16_t decisive_bytes;          /* of that reply's text, about */
    uint8_t steps_confidence;         /* enum inferred_confidence: of the steps, taken together */
    uint8_t step_count;
    uint16_t steps_left_out; /* behind the first INFERRED_STEPS_HEAD; the last ones are there */
    struct inferred_step steps[INFERRED_STEPS_MAX];
};

/* The step as a fact; its views are constants. */
void inferred_fact(const struct attempt *a, const struct inferred_step *step, struct fact *out);
/* Whether such a fact is likely: as all steps are, or as the result where it is the reply that decides. */
bool inferred_is_likely(const struct inferred *i, const struct fact *step);

#endif
