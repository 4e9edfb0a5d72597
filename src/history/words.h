/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How long a server's lines are, learnt from connections whose dialogue could be read: in clear, or
 * with a key. A server says the same in others, and inside TLS without a key their lengths can be
 * seen. By address and by name; bounded, what does not fit is counted.
 */
#ifndef MAILWHY_HISTORY_WORDS_H
#define MAILWHY_HISTORY_WORDS_H

#include "base/mem.h"
#include "facts/attempt.h"
#include "facts/inferred.h"

enum server_word {
    WORD_GREETING,
    WORD_LIST, /* of capabilities, as it is inside TLS */
    WORD_AUTH_OK,
    WORD_AUTH_NO,
    WORD_MAIL_OK,
    WORD_RCPT_OK,
    WORD_DATA_GO,
    WORD_SENT,
    WORD_RSET_OK,
    WORD_BYE,
    SERVER_WORDS,
};

enum { SENT_LENGTHS = 2 };
struct sent_length {
    uint16_t low, high, times; /* times 0 = none */
};

/* From, to, in bytes with CRLF; to 0 = never heard. */
struct server_words {
    struct {
        uint16_t low, high;
    } words[SERVER_WORDS];
    /* of its replies to mails that it took as far as sizes show: the most usual length first */
    struct sent_length inferred_sent[SENT_LENGTHS];
};

struct words; /* opaque */

/* NULL when the budget has no more. */
struct words *words_new(struct budget *budget);
void words_free(struct words *w);
/* From what was read of a finished attempt, not from what was inferred. name: the server's, or
 * NULL. Where a word is far from what it was, the server has changed: the new length alone
 * counts. */
void words_learn(struct words *w, const struct attempt *a, const char *name);
/* From what was inferred, no more than how long the reply was by which it seems to have taken the
 * mail. */
void words_infer(struct words *w, const struct attempt *a, const char *name,
                 const struct inferred *inferred);
/* May a reply of that length be the one by which this server takes a mail? False where it mostly
 * gave others. */
bool words_sent_usual(const struct server_words *s, uint16_t length);
/* Of this server: by its address, else by its name; NULL = nothing is known. Valid until the next
 * words_learn(). */
const struct server_words *words_find(const struct words *w, const struct ip_addr *addr,
                                      const char *name);
/* Servers that were not remembered. */
uint64_t words_dropped(const struct words *w);

#endif
