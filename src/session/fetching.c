/* SPDX-License-Identifier: BSD-3-Clause */
#include "session/fetching.h"

#include "dissectors/pop3.h"
#include "dissectors/tls.h"
#include "dissectors/tls_keys.h"
#include "session/classify.h"

struct fetching {
    struct attempt *attempt;
    struct budget *budget;
    struct tls_keys *keys;
    struct pop3 *pop3; /* of what is in clear, then of what a key opened */
    struct tls *tls;
    uint32_t frame; /* … at which both sides had spoken over TLS */
    int64_t time;
    bool in_tls, spoke[2]; /* … over TLS */
    bool over;
};

struct fetching *fetching_new(struct attempt *attempt, struct budget *budget, struct tls_keys *keys)
{
    struct fetching *f = mem_alloc(budget, sizeof *f);
    if (!f)
        return NULL;
    f->attempt = attempt;
    f->budget = budget;
    f->keys = keys && tls_keys_worth_it(keys) ? keys : NULL;
    return f;
}

void fetching_free(struct fetching *f)
{
    if (!f)
        return;
    pop3_free(f->pop3);
    tls_free(f->tls);
    mem_free(f->budget, f, sizeof *f);
}

/* A sign-in went by that nobody can read. */
static void tell_unknown(struct fetching *f)
{
    struct fact fact = { .kind = FACT_POP3_SIGN_IN,
                         .origin = ORIGIN_SEEN,
                         .from = SIDE_SERVER,
                         .first_frame = f->frame,
                         .last_frame = f->frame,
                         .time = f->time };
    timeline_add(f->attempt->timeline, &fact);
    f->over = true;
}

static void read_lines(struct fetching *f, const struct chunk *chunk, bool greets,
                       struct answer *answer)
{
    if (!f->pop3)
        f->pop3 = pop3_new(f->attempt, f->budget, greets);
    *answer = f->pop3 ? pop3_data(f->pop3, chunk) : (struct answer) { .verdict = VERDICT_DONE };
}

/* What TLS protected, opened with a key. */
static void inside_data(void *state, const struct chunk *chunk)
{
    struct fetching *f = state;
    struct answer answer;
    if (f->over)
        return;
    bool greets = f->attempt->server_port == PORT_POP3_TLS && f->attempt->start_seen;
    read_lines(f, chunk, greets, &answer);
    f->over = answer.verdict != VERDICT_OK;
}

static void begin_tls(struct fetching *f, bool after_stls)
{
    f->in_tls = true;
    pop3_free(f->pop3); /* what it heard was another conversation */
    f->pop3 = NULL;
    if (!f->keys)
        return;
    f->tls = tls_new(f->attempt, f->budget, after_stls);
    if (f->tls)
        tls_use_keys(f->tls, f->keys, (struct tls_sink) { inside_data, f });
}

static void over_tls(struct fetching *f, const struct chunk *chunk)
{
    bool both = f->spoke[SIDE_DEVICE] && f->spoke[SIDE_SERVER];
    f->spoke[chunk->from] |= !chunk->gap;
    if (!both && f->spoke[SIDE_DEVICE] && f->spoke[SIDE_SERVER]) {
        f->frame = chunk->frame;
        f->time = chunk->time;
        both = true;
    }
    bool sealed =
        !f->tls || tls_data(f->tls, chunk).verdict != VERDICT_OK || tls_stays_sealed(f->tls);
    if (sealed && both && !f->over)
        tell_unknown(f);
}

bool fetching_chunk(struct fetching *f, const struct chunk *chunk)
{
    if (!f->in_tls && f->attempt->server_port == PORT_POP3_TLS)
        begin_tls(f, false);
    if (f->in_tls) {
        over_tls(f, chunk);
        return !f->over;
    }
    struct answer answer;
    read_lines(f, chunk, f->attempt->start_seen, &answer);
    if (answer.verdict != VERDICT_HAND_OVER) {
        f->over = answer.verdict != VERDICT_OK;
        return !f->over;
    }
    begin_tls(f, true);
    f->spoke[SIDE_DEVICE] = true; /* asked for it */
    struct chunk rest = *chunk;
    rest.bytes = bytes_after(chunk->bytes, answer.taken);
    rest.offset += answer.taken;
    over_tls(f, &rest);
    return !f->over;
}

void fetching_end(struct fetching *f)
{
    if (f->tls)
        tls_end(f->tls);
    bool both = f->spoke[SIDE_DEVICE] && f->spoke[SIDE_SERVER];
    if (both && !f->over && !f->attempt->decrypted)
        tell_unknown(f);
}
