/* SPDX-License-Identifier: BSD-3-Clause */
#include "history/words.h"

#include "base/limits.h"
#include "base/table.h"

enum { KEY_MAX = 255 };

struct server {
    struct server *next;
    struct server_words words;
    size_t len;
    uint8_t key[KEY_MAX];
};

struct words {
    struct budget *budget;
    struct table table;
    struct server *all;
    uint32_t count;
    uint64_t dropped;
};

static bool is_server(const void *value, struct bytes key)
{
    const struct server *s = value;
    return bytes_equal(bytes_of(s->key, s->len), key);
}

struct words *words_new(struct budget *budget)
{
    struct words *w = mem_alloc(budget, sizeof *w);
    if (!w)
        return NULL;
    w->budget = budget;
    table_init(&w->table, budget, is_server);
    return w;
}

void words_free(struct words *w)
{
    if (!w)
        return;
    while (w->all) {
        struct server *s = w->all;
        w->all = s->next;
        mem_free(w->budget, s, sizeof *s);
    }
    table_done(&w->table);
    mem_free(w->budget, w, sizeof *w);
}

/* The server under key, made where it is not there yet; NULL where there is no room. */
static struct server *server_at(struct words *w, struct bytes key)
{
    struct server *s = table_get(&w->table, key);
    if (s)
        return s;
    s = w->count < WORDS_SERVERS_MAX && key.len <= KEY_MAX ? mem_alloc(w->budget, sizeof *s) : NULL;
    if (s) {
        s->len = bytes_copy(s->key, KEY_MAX, key);
        if (table_put(&w->table, key, s)) {
            s->next = w->all;
            w->all = s;
            w->count++;
            return s;
        }
        mem_free(w->budget, s, sizeof *s);
    }
    w->dropped++;
    return NULL;
}

static enum server_word word_of(const struct fact *f)
{
    const struct fact_smtp_reply *r = &f->reply;
    bool good = r->code >= 200 && r->code < 300;
    switch (r->step) {
    case STEP_GREETING:
        return good ? WORD_GREETING : SERVER_WORDS;
    case STEP_EHLO:
        return good && f->origin == ORIGIN_DECRYPTED ? WORD_LIST : SERVER_WORDS;
    case STEP_AUTH:
        return r->code == 235 ? WORD_AUTH_OK : r->code == 535 ? WORD_AUTH_NO : SERVER_WORDS;
    case STEP_MAIL:
        return good ? WORD_MAIL_OK : SERVER_WORDS;
    case STEP_RCPT:
        return good ? WORD_RCPT_OK : SERVER_WORDS;
    case STEP_DATA:
        return r->code == 354 ? WORD_DATA_GO : SERVER_WORDS;
    case STEP_END:
        return good ? WORD_SENT : SERVER_WORDS;
    case STEP_RSET:
        return good ? WORD_RSET_OK : SERVER_WORDS;
    case STEP_QUIT:
        return good ? WORD_BYE : SERVER_WORDS;
    default:
        return SERVER_WORDS;
    }
}

/* Ids and addresses in it make a word a little longer or shorter. */
static void hear(struct server_words *s, enum server_word word, uint16_t length)
{
    enum { SPREAD_MAX = 24 };
    uint16_t low = s->words[word].low, high = s->words[word].high;
    if (length >= low && length <= high)
        return; /* as ever */
    if (high == 0 || length + SPREAD_MAX < high || length > low + SPREAD_MAX)
        low = high = length;
    s->words[word].low = length < low ? length : low;
    s->words[word].high = length > high ? length : high;
}

/* A server by one of its names, found with its first word that is learnt. */
struct learner {
    struct bytes key; /* empty: none */
    struct server *server;
};

static void learn(struct words *w, struct learner *l, enum server_word word, uint16_t length)
{
    if (l->key.len == 0)
        return;
    if (!l->server)
        l->server = server_at(w, l->key);
    if (l->server)
        hear(&l->server->words, word, length);
}

void words_learn(struct words *w, const struct attempt *a, const char *name)
{
    if (a->kind != ATTEMPT_CONNECTION)
        return;
    struct learner by_addr = { bytes_of(&a->server_addr, sizeof a->server_addr), NULL },
                   by_name = { bytes_str(name ? name : ""), NULL };
    for (const struct fact *f = timeline_first(a->timeline); f; f = timeline_next(a->timeline, f)) {
        if (f->kind != FACT_SMTP_REPLY || f->origin == ORIGIN_INFERRED)
            continue;
        enum server_word word = word_of(f);
        uint16_t length = word < SERVER_WORDS ? fact_reply_bytes(f) : 0;
        if (length == 0)
            continue;
        learn(w, &by_addr, word, length);
        learn(w, &by_name, word, length);
    }
}

enum { SENT_SPREAD = 2 }; /* an id in it is a little longer or shorter */

static bool is_about(uint16_t length, uint16_t low, uint16_t high)
{
    return length + SENT_SPREAD >= low && length <= high + SENT_SPREAD;
}

/* The one that was given more often stands before the other; a new one takes the rarer one's place. */
static void hear_sent(struct server_words *s, uint16_t length)
{
    size_t at = 0;
    while (at < SENT_LENGTHS - 1 && s->inferred_sent[at].times > 0 &&
           !is_about(length, s->inferred_sent[at].low, s->inferred_sent[at].high))
        at++;
    struct sent_length *heard = &s->inferred_sent[at];
    if (heard->times == 0 || !is_about(length, heard->low, heard->high))
        *heard = (struct sent_length) { .low = length, .high = length };
    heard->low = length < heard->low ? length : heard->low;
    heard->high = length > heard->high ? length : heard->high;
    if (heard->times < UINT16_MAX)
        heard->times++;
    if (at > 0 && heard->times > s->inferred_sent[at - 1].times) {
        struct sent_length more = *heard;
        *heard = s->inferred_sent[at - 1];
        s->inferred_sent[at - 1] = more;
    }
}

void words_infer(struct words *w, const struct attempt *a, const char *name,
                 const struct inferred *inferred)
{
    if (inferred->confidence == INFERRED_NOTHING || inferred->result != INFERRED_DELIVERED ||
        !inferred->exact || inferred->decisive_bytes == 0)
        return;
    struct server *s = server_at(w, bytes_of(&a->server_addr, sizeof a->server_addr));
    if (s)
        hear_sent(&s->words, inferred->decisive_bytes);
    s = name ? server_at(w, bytes_str(name)) : NULL;
    if (s)
        hear_sent(&s->words, inferred->decisive_bytes);
}

bool words_sent_usual(const struct server_words *s, uint16_t length)
{
    uint16_t low = s->words[WORD_SENT].low, high = s->words[WORD_SENT].high;
    if (high > 0 && is_about(length, low, high))
        return true;
    return s->inferred_sent[0].times == 0 ||
           is_about(length, s->inferred_sent[0].low, s->inferred_sent[0].high);
}

const struct server_words *words_find(const struct words *w, const struct ip_addr *addr,
                                      const char *name)
{
    const struct server *s = table_get(&w->table, bytes_of(addr, sizeof *addr));
    if (!s && name)
        s = table_get(&w->table, bytes_str(name));
    return s ? &s->words : NULL;
}

uint64_t words_dropped(const struct words *w)
{
    return w->dropped;
}
