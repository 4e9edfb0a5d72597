/* SPDX-License-Identifier: BSD-3-Clause */
#include "derive/infer_path.h"

#include "derive/infer_lengths.h"

_Static_assert(OWED_KINDS <= 1 << OWED_BITS, "what is owed fits into its bits");

const float beam_hopeless = 12;

_Static_assert(AUTH_MECHANISMS <= 1 << 4 && OWED_MAX < 1 << 4, "a place fits into 64 bits");

/* Where it stands: at, flags, method, and what is owed. */
static uint64_t place_of(const struct path *p)
{
    return p->owed | (uint64_t)p->flags << 32 | (uint64_t)p->at << 48 | (uint64_t)p->method << 56 |
           (uint64_t)p->owed_count << 60;
}

enum infer_owed path_first_owed(const struct path *p)
{
    return (enum infer_owed)(p->owed & ((1 << OWED_BITS) - 1));
}

enum infer_owed path_last_owed(const struct path *p)
{
    return (enum infer_owed)(p->owed >> OWED_BITS * (p->owed_count - 1));
}

void path_owe(struct path *p, enum infer_owed what)
{
    p->owed |= (uint32_t)what << OWED_BITS * p->owed_count++;
}

void path_settle(struct path *p)
{
    p->owed >>= OWED_BITS;
    p->owed_count--;
}

void path_weigh(struct path *p, float log_probability)
{
    p->score += log_probability;
    p->sum += log_probability;
}

static size_t worst_of(const struct beam *beam)
{
    size_t worst = 0;
    for (size_t i = 1; i < beam->count; i++)
        if (beam->paths[i].score < beam->paths[worst].score)
            worst = i;
    return worst;
}

bool beam_is_beyond(const struct beam *beam, float score)
{
    return beam->count > 0 && score < beam->best - beam_hopeless;
}

void beam_keep(struct beam *beam, const struct path *path)
{
    uint64_t place = place_of(path);
    if (beam_is_beyond(beam, path->score))
        return;
    if (beam->count == 0 || path->score > beam->best)
        beam->best = path->score;
    for (size_t i = 0; i < beam->count; i++) {
        if (beam->places[i] != place)
            continue;
        float sum = infer_either(beam->paths[i].sum, path->sum);
        if (path->score > beam->paths[i].score)
            beam->paths[i] = *path;
        beam->paths[i].sum = sum;
        return;
    }
    size_t at = beam->count;
    if (at < BEAM) {
        beam->count++;
    } else {
        at = worst_of(beam);
        if (path->score <= beam->paths[at].score)
            return;
    }
    beam->paths[at] = *path;
    beam->places[at] = place;
}

enum infer_state path_stands(const struct path *p)
{
    if (p->owed_count == 0)
        return (enum infer_state)p->at;
    switch (path_last_owed(p)) {
    case OWED_MAIL:
        return SAID_MAIL;
    case OWED_RCPT:
        return SAID_RCPT;
    case OWED_MESSAGE:
        return SAID_MESSAGE;
    case OWED_RSET:
        return SAID_RSET;
    default:
        return SAID_OTHER;
    }
}

static void raise_stage(struct path *p, enum stage stage)
{
    if (stage > p->stage)
        p->stage = (uint8_t)stage;
}

static void refuse(struct path *p, enum path_flag flag, int16_t item)
{
    enum { ALL = PATH_SENDER_REFUSED | PATH_RCPT_REFUSED | PATH_MESSAGE_REFUSED };
    if (p->flags & ALL)
        return;
    p->flags |= (uint16_t)flag;
    if (!(p->flags & PATH_AUTH_REFUSED))
        p->refused = item;
}

void path_effect(struct path *p, enum infer_effect effect, uint8_t method, int16_t item)
{
    switch (effect) {
    case DOES_HELLO:
        p->flags |= PATH_HELLO;
        raise_stage(p, STAGE_EHLO);
        break;
    case DOES_AUTH:
        p->auth = item;
        p->method = method;
        raise_stage(p, STAGE_AUTH);
        break;
    case DOES_ACCEPT_AUTH:
        p->flags = (uint16_t)((p->flags & ~PATH_AUTH_REFUSED) | PATH_SIGNED_IN);
        p->verdict = item;
        p->refused = -1;
        break;
    case DOES_REFUSE_AUTH:
        p->flags |= PATH_AUTH_REFUSED;
        p->verdict = p->refused = item;
        break;
    case DOES_ACCEPT_RCPT:
        p->flags |= PATH_RCPT_OK;
        break;
    case DOES_MAIL:
        p->flags = (uint16_t)((p->flags & ~PATH_RCPT_OK) | PATH_MAIL | PATH_MAIL_OPEN);
        raise_stage(p, STAGE_ENVELOPE);
        break;
    case DOES_DATA:
        raise_stage(p, STAGE_DATA);
        break;
    case DOES_REFUSE_MAIL:
        refuse(p, PATH_SENDER_REFUSED, item);
        break;
    case DOES_REFUSE_RCPT:
        refuse(p, PATH_RCPT_REFUSED, item);
        break;
    case DOES_REFUSE_DATA:
    case DOES_REFUSE_MESSAGE:
        refuse(p, PATH_MESSAGE_REFUSED, item);
        break;
    case DOES_SEND:
        p->flags = (uint16_t)((p->flags & ~PATH_MAIL_OPEN) | PATH_SENT);
        p->sent = item;
        break;
    case DOES_QUIT:
        p->flags |= PATH_QUIT;
        break;
    default:
        break;
    }
    if ((effect == DOES_AUTH || effect == DOES_MAIL) && !(p->flags & PATH_HELLO))
        p->flags |= PATH_NO_EHLO;
}

void path_add_row(struct path *p, size_t row)
{
    if (p->row_count < INFER_ROWS_IN_RECORD)
        p->rows[p->row_count++] = (uint8_t)row;
}
