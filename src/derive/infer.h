/* SPDX-License-Identifier: BSD-3-Clause */
/* What was said inside TLS, from the sizes and turns of its records alone: SMTP goes by turns, and
 * its lines are short and known. docs/inference.md describes the model and how it was measured. */
#ifndef MAILWHY_DERIVE_INFER_H
#define MAILWHY_DERIVE_INFER_H

#include "derive/infer_records.h"
#include "history/words.h"

/* All that the inference is made from. */
struct infer_session {
    uint16_t version, cipher;
    struct infer_cipher layout;
    struct infer_hints hints;
    struct infer_records records;
};
/* False where there is nothing to infer from: decrypted, no handshake, no known cipher suite,
 * records missing. */
bool infer_session_of(const struct attempt *a, const struct summary *summary,
                      struct infer_session *session);
/* What the alignments agree on: one result, and how sure. */
struct infer_reading {
    uint8_t result; /* enum inferred_result */
    uint8_t method; /* enum auth_mechanism */
    bool method_sure;
    float probability; /* of this result against all others */
    float alike;       /* of all readings that say the same as way in all that matters */
    float fit;    /* natural log of how much better SMTP explains the lengths than chance does */
    size_t count; /* records of application data that were explained */
    float scores[INFERRED_RESULTS]; /* natural log of each result's best */
    struct infer_way way;           /* its items are indices into the trace */
};
/* The best reading over all families of servers and all that could be session tickets. False: none
 * is possible. */
bool infer_session_read(const struct infer_session *session, struct infer_reading *reading);
/* How sure that reading may be told. */
enum inferred_confidence infer_confidence(const struct infer_session *session,
                                          const struct infer_reading *reading);
/* Both, and the edge of the handshake: what may be said of the session. a: its trace alone is
 * asked. */
void infer_judge(const struct attempt *a, const struct infer_session *session,
                 struct inferred *out);

/* Fills summary's inferred, and where that decides, inside, outcome and stage. */
/* learnt: the words of this server, or NULL. */
void infer_derive(const struct attempt *a, const struct server_words *learnt,
                  struct summary *summary);

#endif
