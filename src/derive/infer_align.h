/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Aligns encrypted records with the grammar of infer_model.h: a beam search over the records, each
 * path one reading of the dialogue. In come the lengths, out comes the most probable path to each
 * result.
 */
#ifndef MAILWHY_DERIVE_INFER_ALIGN_H
#define MAILWHY_DERIVE_INFER_ALIGN_H

#include "derive/infer_lengths.h"
#include "derive/infer_steps.h"

/* What is known of this connection beside its records. */
struct infer_hints {
    bool starttls;       /* the greeting, and an EHLO, went before in clear */
    bool relay;          /* port 25, where servers hand in mail without signing in */
    uint16_t ehlo, list; /* bytes of the clear EHLO line and of the list in answer; 0 = not seen */
    bool list_auth;      /* that list held AUTH */
    uint32_t mechanisms; /* AUTH_BIT()s of it */
    /* bits, of infer_families: those that the greeting could be of, 0 = the greeting was not seen;
     * and those to be left out, as if nobody knew their words */
    uint32_t families, unknown;
    bool open; /* the capture ends before the connection does */
    const struct server_words
        *learnt; /* what this server said in connections that could be read; NULL = nothing */
};

/* The best path to one result. */
struct infer_way {
    float score;    /* natural log of its probability; INFER_NEVER = there is none */
    float beside;   /* of that, what is not from the lines themselves */
    uint8_t method; /* enum auth_mechanism */
    uint8_t stage;  /* enum stage: the last step begun */
    bool signed_in, no_ehlo, quit, strange; /* strange: with a command that the grammar lacks */
    int16_t auth, verdict, refused, sent;   /* items; -1 = none */
    uint32_t kind;                          /* of struct infer_kind */
    struct infer_steps steps;
};

/* Readings that say the same in all that matters: signed in, what was refused, the method. */
struct infer_kind {
    uint32_t kind;
    float sum; /* natural log of what they add up to */
};
enum { INFER_KINDS_MAX = 48 };

/* Of each result the best path, and natural logs of what all paths to it, and all with a method,
 * add up to. */
struct infer_ways {
    struct infer_way best[INFERRED_RESULTS];
    float sum[INFERRED_RESULTS];
    float by_method[AUTH_MECHANISMS];
    struct infer_kind kinds[INFER_KINDS_MAX]; /* the most probable ones */
    size_t kind_count;
};
void infer_ways_init(struct infer_ways *ways);
void infer_ways_add_kind(struct infer_ways *ways, uint32_t kind, float sum);

/* Aligns them as this family of servers talks. False when memory is
 * out. */
bool infer_align(const struct infer_item *items, size_t count, const struct infer_hints *hints,
                 const struct infer_family *family, struct infer_ways *ways);

#endif
