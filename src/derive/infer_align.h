/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Aligns encrypted records with the grammar of infer_model.h: a beam search over the records, each
 * path one reading of the dialogue. In come the lengths, out comes the most probable path to each
 * result.
 */
#ifndef MAILWHY_DERIVE_INFER_ALIGN_H
#define MAILWHY_DERIVE_INFER_ALIGN_H

#include <stddef.h>

#include "facts/fact.h"
#include "facts/outcome.h"

/* One record of application data, or a run of full ones. */
struct infer_item {
    uint32_t low, high; /* what its plaintext may measure */
    uint32_t time_us;   /* of its end */
    uint16_t record;    /* index of its last record in the trace */
    uint8_t from;       /* enum side */
};

/* What is known of this connection beside its records. */
struct infer_hints {
    bool starttls;       /* the greeting, and an EHLO, went before in clear */
    bool relay;          /* port 25, where servers hand in mail without signing in */
    uint16_t ehlo, list; /* bytes of the clear EHLO line and of the list in answer; 0 = not seen */
    bool list_auth;      /* that list held AUTH */
    uint32_t mechanisms; /* AUTH_BIT()s of it */
    uint32_t
        /* of servers that the greeting could be of, bits; 0 = the greeting was not seen */
        families;
    bool open; /* the capture ends before the connection does */
};

/* The best path to one result. */
struct infer_way {
    float score;    /* natural log of its probability; INFER_NEVER = there is none */
    float beside;   /* of that, what is not from the lines themselves */
    uint8_t method; /* enum auth_mechanism */
    uint8_t stage;  /* enum stage: the last step begun */
    bool signed_in, no_ehlo, quit, strange; /* strange: with a command that the grammar lacks */
    int16_t auth, verdict, refused, sent;   /* items; -1 = none */
};
/* The natural log of a record's probability in any protocol whatever. */
float infer_by_chance(const struct infer_item *item);

#define INFER_NEVER (-1e9F)

struct infer_ways {
    struct infer_way best[INFERRED_RESULTS];
    float by_method[AUTH_MECHANISMS]; /* the best score with that method */
};

/* Aligns them as this family of servers talks (an index into infer_families). False when memory is
 * out. */
bool infer_align(const struct infer_item *items, size_t count, const struct infer_hints *hints,
                 size_t family, struct infer_ways *ways);

#endif
