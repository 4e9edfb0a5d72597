/* SPDX-License-Identifier: BSD-3-Clause */
#include "derive/infer_align.h"

#include <math.h>

#include "base/check.h"
#include "base/mem.h"
#include "derive/infer_model.h"

enum { SAID_MAX = 128, BEAM = 32, OWED_MAX = 8, OWED_BITS = 4, MESSAGES_IN_RECORD = 5 };
_Static_assert(OWED_KINDS <= 1 << OWED_BITS, "what is owed fits into its bits");

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
};

/* One reading of the records so far. */
struct path {
    float score;       /* natural log of its probability */
    uint16_t flags;    /* enum path_flag */
    uint8_t at, stage; /* enum infer_state, enum stage */
    uint8_t method;    /* enum auth_mechanism of the last sign-in */
    uint8_t owed_count;
    uint32_t owed; /* OWED_BITS each, the first to be answered lowest */
    int16_t auth, verdict, refused, sent;
    uint16_t rcpt_ok,
        no; /* how long the last acceptance of a recipient and the last refusal were, 0 = none */
};

struct beam {
    struct path paths[BEAM];
    size_t count;
    float best; /* the highest score among them */
};

struct search {
    const struct infer_item *items;
    size_t count;
    const struct infer_hints *hints;
    struct infer_shape shapes[MSG_COUNT]; /* as this connection lets them be */
    uint16_t said[AT_STATES + 1];         /* where the rows of a state begin in infer_said */
    float said_log[SAID_MAX];             /* natural log of each row's probability */
    float fit_log[MSG_COUNT]; /* of the item at hand as each message; NOT_ASKED = not worked out */
    struct beam *beams;       /* count + 1: the readings of the items before each */
};

#define NOT_ASKED 1.0F            /* a log of a probability is at most 0 */
static const float hopeless = 18; /* natural log: so much less probable than the best reading */

static float log_permille(unsigned permille)
{
    return logf((float)permille / 1000.0F);
}

static float log_percent(unsigned percent)
{
    return logf((float)percent / 100.0F);
}

/* ------------------------------------------------------------------ lengths */

static unsigned overlap(uint32_t low, uint32_t high, uint32_t from, uint32_t to, unsigned step,
                        unsigned rest)
{
    if (low < from)
        low = from;
    if (high > to)
        high = to;
    if (low > high)
        return 0;
    if (step == 0)
        return high - low + 1;
    unsigned first = low + (rest + step - low % step) % step;
    return first > high ? 0 : (high - first) / step + 1;
}

static float share(const struct infer_shape *s, uint32_t low, uint32_t high, uint32_t from,
                   uint32_t to)
{
    if (!s->log) {
        unsigned all = overlap(from, to, from, to, s->step, s->rest);
        return all == 0 ? 0 : (float)overlap(low, high, from, to, s->step, s->rest) / (float)all;
    }
    if (high < from || low > to)
        return 0;
    float a = (float)(low < from ? from : low), b = (float)(high > to ? to : high) + 1;
    return logf(b / a) / logf(((float)to + 1) / (float)from);
}

/* The probability that a message of this shape measures something between low and high. */
static float fits(const struct infer_shape *s, uint32_t low, uint32_t high)
{
    const float usual = 0.85F;
    float peaks = 0, found = 0, sure = (float)s->sure.percent / 100.0F;
    for (size_t i = 0; i < INFER_PEAKS && s->peaks[i].percent > 0; i++) {
        float p = (float)s->peaks[i].percent / 100.0F;
        peaks += p;
        if (s->peaks[i].length >= low && s->peaks[i].length <= high)
            found += p;
    }
    found += (1 - peaks) * (usual * share(s, low, high, s->low, s->high) +
                            (1 - usual) * share(s, low, high, s->min, s->max));
    if (sure > 0)
        found =
            (1 - sure) * found + sure * (float)overlap(low, high, s->sure.low, s->sure.high, 0, 0) /
                                     (float)(s->sure.high - s->sure.low + 1);
    return found;
}

/* Several messages in one record: their ranges add up. */
static struct infer_shape add_shape(const struct infer_shape *a, const struct infer_shape *b)
{
    struct infer_shape sum = { .low = (uint16_t)(a->low + b->low),
                               .high = (uint16_t)(a->high + b->high),
                               .min = (uint16_t)(a->min + b->min),
                               .max = (uint16_t)(a->max + b->max),
                               .log = a->log || b->log };
    sum.sure.low = (uint16_t)(a->sure.low + b->sure.low);
    sum.sure.high = (uint16_t)(a->sure.high + b->sure.high);
    sum.sure.percent = (uint8_t)(a->sure.percent * b->sure.percent / 100);
    return sum;
}

/* In any protocol of short lines, or of no lines at all: what the reading has to be better than. */
float infer_by_chance(const struct infer_item *item)
{
    const float lines = 0.6F, span = 10.0F; /* ln of the largest record, about */
    float low = (float)(item->low < 1 ? 1 : item->low), high = (float)item->high + 1;
    float longest = item->from == SIDE_DEVICE ? 70 : 250;
    float as_line = low <= longest ? fminf(1, (high - (float)item->low) / longest) : 0;
    float of_any_length = logf(fmaxf(high, low + 1) / low) / span;
    return logf(lines * as_line + (1 - lines) * of_any_length);
}

/* ------------------------------------------------------------------ paths */

static bool same_place(const struct path *a, const struct path *b)
{
    return a->at == b->at && a->flags == b->flags && a->method == b->method &&
           a->owed_count == b->owed_count && a->owed == b->owed;
}

static enum infer_owed first_owed(const struct path *p)
{
    return (enum infer_owed)(p->owed & ((1 << OWED_BITS) - 1));
}

static enum infer_owed last_owed(const struct path *p)
{
    return (enum infer_owed)(p->owed >> OWED_BITS * (p->owed_count - 1));
}

static void owe(struct path *p, enum infer_owed what)
{
    p->owed |= (uint32_t)what << OWED_BITS * p->owed_count++;
}

static void settle(struct path *p)
{
    p->owed >>= OWED_BITS;
    p->owed_count--;
}

/* The better of two that stand at the same place stays, and the best BEAM of all. */
static void keep(struct beam *beam, const struct path *path)
{
    size_t worst = 0;
    if (beam->count > 0 && path->score < beam->best - hopeless)
        return;
    if (beam->count == 0 || path->score > beam->best)
        beam->best = path->score;
    for (size_t i = 0; i < beam->count; i++) {
        if (same_place(&beam->paths[i], path)) {
            if (path->score > beam->paths[i].score)
                beam->paths[i] = *path;
            return;
        }
        if (beam->paths[i].score < beam->paths[worst].score)
            worst = i;
    }
    if (beam->count < BEAM)
        beam->paths[beam->count++] = *path;
    else if (path->score > beam->paths[worst].score)
        beam->paths[worst] = *path;
}

static enum infer_state stands(const struct path *p)
{
    if (p->owed_count == 0)
        return (enum infer_state)p->at;
    switch (last_owed(p)) {
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

static void take_effect(struct path *p, enum infer_effect effect, uint8_t method, int16_t item)
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

/* ------------------------------------------------------------------ one item explained */

/* The end of the run of items from the same side that begins here. */
static size_t run_end(const struct search *s, size_t at)
{
    size_t end = at + 1;
    while (end < s->count && s->items[end].from == s->items[at].from)
        end++;
    return end;
}

/* The natural log of the probability that the items from at up to end are a message of this shape.
 * Chance is counted for each record: a message over many does not lose by it. */
static float log_fit(struct search *s, const struct infer_shape *shape, size_t at, size_t end)
{
    bool plain = end == at + 1 && shape >= s->shapes && shape < s->shapes + MSG_COUNT;
    float *known = plain ? &s->fit_log[shape - s->shapes] : NULL;
    if (known && *known <= 0)
        return *known;
    uint32_t low = 0, high = 0;
    float chance = 0;
    for (size_t i = at; i < end; i++) {
        low += s->items[i].low;
        high += s->items[i].high;
        chance += i > at ? infer_by_chance(&s->items[i]) : 0;
    }
    if (shape->max >= INFER_BODY_MAX) {
        low = low < INFER_BODY_MAX ? low : INFER_BODY_MAX;
        high = high < INFER_BODY_MAX ? high : INFER_BODY_MAX;
    }
    float fit = fits(shape, low, high);
    float result = fit > 0 ? fminf(logf(fit), 0) + chance : INFER_NEVER;
    if (known)
        *known = result;
    return result;
}

static void try_items(struct search *s, const struct path *path, const struct infer_shape *shape,
                      size_t at, size_t end)
{
    struct path p = *path;
    p.score += log_fit(s, shape, at, end);
    if (p.score > INFER_NEVER / 2)
        keep(&s->beams[end], &p);
}

static void try_shape(struct search *s, const struct path *path, const struct infer_shape *shape,
                      size_t at)
{
    const float in_one = shape->log ? 0.5F : 0.8F; /* bodies come in pieces */
    struct path p = *path;
    size_t end = shape->joins ? run_end(s, at) : at + 1;
    if (end == at + 1) {
        try_items(s, &p, shape, at, end);
        return;
    }
    p.score = path->score + logf(in_one);
    try_items(s, &p, shape, at, at + 1);
    p.score = path->score + logf((1 - in_one) * 0.75F);
    try_items(s, &p, shape, at, end);
    p.score = path->score + logf((1 - in_one) * 0.25F);
    if (end > at + 2)
        try_items(s, &p, shape, at, end - 1); /* QUIT right behind a message */
}

/* Natural log: another message in the same record, and the first such one. */
static const float one_more = -0.3F, first_more = -2.0F;

static bool goes_on_deaf(const struct infer_said *row)
{
    return (row->at == AT_AUTH_REFUSED && row->owes == OWED_MAIL) ||
           (row->at == AT_MAIL_REFUSED && row->owes == OWED_RCPT) ||
           (row->at == AT_RCPT_REFUSED && row->owes == OWED_DATA) ||
           (row->at == AT_MESSAGE_REFUSED && row->message == MSG_BODY);
}

/* Mail without a sign-in: usual on port 25, less so where one is offered. */
static float mail_unsigned(const struct infer_hints *h)
{
    return (h->relay ? logf(6) : 0) + (h->list_auth ? log_percent(50) : 0);
}

static void say(struct search *s, const struct path *path, const struct infer_shape *sum,
                unsigned depth, size_t at)
{
    enum infer_state at_state = stands(path);
    if (path->owed_count == OWED_MAX)
        return;
    for (size_t i = s->said[at_state]; i < s->said[at_state + 1]; i++) {
        const struct infer_said *row = &infer_said[i];
        struct path p = *path;
        bool deaf = goes_on_deaf(row);
        p.score += deaf && path->flags & PATH_DEAF ? log_percent(60) : s->said_log[i];
        p.flags |= deaf ? PATH_DEAF : 0;
        if (row->effect == DOES_AUTH && s->hints->list_auth && row->method != AUTH_OTHER &&
            !(s->hints->mechanisms & AUTH_BIT(row->method)))
            p.score += log_percent(5);
        if (row->at == AT_READY && row->effect == DOES_MAIL)
            p.score += mail_unsigned(s->hints);
        take_effect(&p, (enum infer_effect)row->effect, row->method, (int16_t)at);
        owe(&p, (enum infer_owed)row->owes);
        const struct infer_shape *shape = &s->shapes[row->message];
        struct infer_shape both;
        if (depth > 0) {
            both = add_shape(sum, shape);
            shape = &both;
        }
        if (shape->min > s->items[at].high && !shape->joins)
            continue;
        try_shape(s, &p, shape, at);
        if (depth + 1 < MESSAGES_IN_RECORD) {
            p.score += depth == 0 ? first_more : one_more;
            say(s, &p, shape, depth + 1, at);
        }
    }
}

static bool accepts(const struct infer_answer *row)
{
    return row->effect == DOES_ACCEPT_AUTH || row->effect == DOES_ACCEPT_RCPT ||
           row->message == MSG_DATA_GO;
}

/* The probability of this answer. Once the sender or all recipients of a mail were refused, so is
 * what still belongs to it; and who refuses a sign-in often lets the device wait for it. */
static float expected(const struct search *s, const struct path *p, const struct infer_answer *row,
                      size_t at)
{
    enum { LATE_US = 900000 };
    bool no_sender = p->flags & PATH_SENDER_REFUSED;
    bool no_mail = no_sender || (p->flags & PATH_RCPT_REFUSED && !(p->flags & PATH_RCPT_OK));
    if ((row->owed == OWED_RCPT && no_sender) || (row->owed == OWED_DATA && no_mail))
        return log_percent(accepts(row) ? 7 : 93);
    float delay = 0;
    if ((row->effect == DOES_ACCEPT_AUTH || row->effect == DOES_REFUSE_AUTH) && at > 0) {
        bool late = s->items[at].time_us - s->items[at - 1].time_us > LATE_US;
        delay = accepts(row) ? log_percent(late ? 10 : 90) : log_percent(late ? 45 : 55);
    }
    return log_percent(row->percent) + delay;
}

/* A server accepts one recipient in much the same words as the other, and refuses alike, too. */
static void expect_again(const struct search *s, const struct path *p,
                         const struct infer_answer *row, size_t at, struct infer_shape *shape)
{
    enum { ACCEPTS_ALIKE = 70, REFUSES_ALIKE = 40 };
    const struct infer_item *item = &s->items[at];
    bool accepts_rcpt = row->effect == DOES_ACCEPT_RCPT;
    bool refuses = row->message == MSG_NO || row->message == MSG_DATA_NO;
    uint16_t length = accepts_rcpt ? p->rcpt_ok : refuses ? p->no : 0;
    if (length == 0)
        return;
    shape->sure.low = length;
    shape->sure.high = (uint16_t)(length + (item->high - item->low));
    shape->sure.percent = accepts_rcpt ? ACCEPTS_ALIKE : REFUSES_ALIKE;
}

/* How long these words were, for the next time. */
static void note_words(struct path *p, const struct infer_answer *row,
                       const struct infer_item *item)
{
    uint16_t length = (uint16_t)(item->high < UINT16_MAX ? item->low : 0);
    if (row->effect == DOES_ACCEPT_RCPT)
        p->rcpt_ok = length;
    else if (row->message == MSG_NO || row->message == MSG_DATA_NO)
        p->no = length;
}

static void hear(struct search *s, const struct path *path, const struct infer_shape *sum,
                 unsigned depth, size_t at)
{
    for (size_t i = 0; path->owed_count > 0 && i < infer_answer_count; i++) {
        const struct infer_answer *row = &infer_answers[i];
        if (row->owed != first_owed(path))
            continue;
        struct path p = *path;
        p.score += expected(s, path, row, at);
        settle(&p);
        if (row->method != AUTH_NONE)
            p.method = row->method;
        if (row->to != AT_STATES)
            p.at = row->to;
        take_effect(&p, (enum infer_effect)row->effect, row->method, (int16_t)at);
        const struct infer_shape *shape = &s->shapes[row->message];
        struct infer_shape own = *shape;
        expect_again(s, path, row, at, &own);
        if (depth > 0)
            own = add_shape(sum, &own);
        if (depth > 0 || own.sure.percent != shape->sure.percent)
            shape = &own;
        if (shape->min > s->items[at].high && !shape->joins)
            continue;
        struct path alone = p;
        if (depth == 0)
            note_words(&alone, row, &s->items[at]);
        try_shape(s, &alone, shape, at);
        if (p.owed_count > 0 && depth + 1 < MESSAGES_IN_RECORD) {
            p.score += one_more;
            hear(s, &p, shape, depth + 1, at);
        }
    }
}

/* A command that the grammar lacks, and whatever is answered to it. */
static void say_anything(struct search *s, const struct path *path, size_t at)
{
    if (path->owed_count > 0)
        return;
    struct path p = *path;
    p.score += logf(0.002F);
    p.flags |= PATH_STRANGE;
    owe(&p, OWED_NOOP);
    try_shape(s, &p, &s->shapes[MSG_ANY], at);
}

static void extend(struct search *s, size_t at)
{
    const struct beam *beam = &s->beams[at];
    for (size_t i = 0; i < MSG_COUNT; i++)
        s->fit_log[i] = NOT_ASKED;
    for (size_t i = 0; i < beam->count; i++) {
        const struct path *p = &beam->paths[i];
        if (p->score < beam->best - hopeless)
            continue;
        if (s->items[at].from == SIDE_DEVICE) {
            say(s, p, NULL, 0, at);
            say_anything(s, p, at);
        } else {
            hear(s, p, NULL, 0, at);
        }
    }
}

/* ------------------------------------------------------------------ what is known beforehand */

static void shape_by_hints(struct search *s)
{
    enum { STARTTLS_LINE = 14, AUTH_LINE = 16 };
    for (size_t i = 0; i < MSG_COUNT; i++)
        s->shapes[i] = infer_shapes[i];
    const struct infer_hints *h = s->hints;
    if (h->ehlo > 0) {
        s->shapes[MSG_EHLO].sure.low = s->shapes[MSG_EHLO].sure.high = h->ehlo;
        s->shapes[MSG_EHLO].sure.percent = 95;
    }
    if (h->list <= STARTTLS_LINE)
        return;
    /* the second list lacks STARTTLS, and has AUTH if the first did not */
    struct infer_shape *list = &s->shapes[MSG_LIST];
    uint16_t without = (uint16_t)(h->list - STARTTLS_LINE);
    list->sure.percent = h->list_auth ? 75 : 60;
    list->sure.low = h->list_auth ? without : (uint16_t)(without + AUTH_LINE);
    list->sure.high = h->list_auth ? without : (uint16_t)(without + 6 * AUTH_LINE);
    list->low = (uint16_t)(without > AUTH_LINE ? without - AUTH_LINE : 1);
    list->high = (uint16_t)(without + 8 * AUTH_LINE);
    list->peaks[0].length = h->list_auth ? h->list : without;
    list->peaks[0].percent = 30;
}

static void shape_by_family(struct search *s, const struct infer_family *family)
{
    for (size_t i = 0; i < INFER_FAMILY_WORDS && family->words[i].percent > 0; i++) {
        const struct infer_word *w = &family->words[i];
        s->shapes[w->message].sure.low = w->low;
        s->shapes[w->message].sure.high = w->high;
        s->shapes[w->message].sure.percent = w->percent;
    }
}

/* The rows stand in the order of the states. */
static void index_rows(struct search *s)
{
    check(infer_said_count <= SAID_MAX);
    for (size_t i = 0; i < infer_said_count; i++)
        s->said_log[i] = log_permille(infer_said[i].permille);
    size_t row = 0;
    for (size_t state = 0; state <= AT_STATES; state++) {
        while (row < infer_said_count && infer_said[row].at < state)
            row++;
        s->said[state] = (uint16_t)row;
    }
}

static void begin(struct search *s)
{
    struct path p = {
        .at = AT_BEGIN, .stage = STAGE_TLS, .auth = -1, .verdict = -1, .refused = -1, .sent = -1
    };
    if (!s->hints->starttls)
        owe(&p, OWED_GREETING);
    keep(&s->beams[0], &p);
}

/* ------------------------------------------------------------------ the reading */

static enum inferred_result result_of(const struct path *p)
{
    if (p->flags & PATH_SENDER_REFUSED)
        return p->flags & PATH_AUTH_REFUSED ? INFERRED_AUTH_REFUSED : INFERRED_SENDER_REFUSED;
    if (p->flags & PATH_RCPT_REFUSED)
        return p->flags & PATH_AUTH_REFUSED ? INFERRED_AUTH_REFUSED : INFERRED_RECIPIENT_REFUSED;
    if (p->flags & PATH_MESSAGE_REFUSED)
        return INFERRED_MESSAGE_REFUSED;
    if (p->flags & PATH_SENT)
        return p->flags & PATH_MAIL_OPEN ? INFERRED_UNFINISHED : INFERRED_DELIVERED;
    if (p->flags & PATH_AUTH_REFUSED)
        return INFERRED_AUTH_REFUSED;
    if (p->flags & PATH_MAIL || p->owed_count > 0)
        return (p->owed_count == 1 && first_owed(p) == OWED_QUIT && !(p->flags & PATH_MAIL))
                   ? INFERRED_ENDED_EARLY
                   : INFERRED_UNFINISHED;
    return p->at == AT_BEGIN || p->at == AT_READY || p->at == AT_SIGNED_IN || p->at == AT_RESET ||
                   p->at == AT_BYE
               ? INFERRED_ENDED_EARLY
               : INFERRED_UNFINISHED;
}

static float ends(const struct search *s, const struct path *p)
{
    enum { REFUSED = PATH_AUTH_REFUSED | PATH_SENDER_REFUSED | PATH_RCPT_REFUSED };
    if (s->hints->open)
        return log_percent(20);
    if (p->owed_count > 0 && last_owed(p) == OWED_QUIT)
        return log_percent(30);
    if (p->owed_count > 0 && p->flags & REFUSED) /* heard enough of what it had sent ahead */
        return log_percent(15);
    return log_permille(infer_ends[stands(p)]);
}

static struct infer_way way_of(const struct path *p, float score)
{
    return (struct infer_way) {
        .score = score,
        .method = p->method,
        .stage = p->stage,
        .signed_in = p->flags & PATH_SIGNED_IN,
        .no_ehlo = p->flags & PATH_NO_EHLO,
        .quit = p->flags & PATH_QUIT,
        .strange = p->flags & PATH_STRANGE,
        .auth = p->auth,
        .verdict = p->verdict,
        .refused = p->refused,
        .sent = p->sent,
    };
}

static void read_end(const struct search *s, struct infer_ways *ways)
{
    const struct beam *last = &s->beams[s->count];
    for (size_t i = 0; i < last->count; i++) {
        const struct path *p = &last->paths[i];
        float score = p->score + ends(s, p);
        struct infer_way *best = &ways->best[result_of(p)];
        if (score > best->score)
            *best = way_of(p, score);
        if (score > ways->by_method[p->method])
            ways->by_method[p->method] = score;
    }
}

static void ways_init(struct infer_ways *ways)
{
    for (size_t i = 0; i < INFERRED_RESULTS; i++)
        ways->best[i] = (struct infer_way) {
            .score = INFER_NEVER, .auth = -1, .verdict = -1, .refused = -1, .sent = -1
        };
    for (size_t i = 0; i < AUTH_MECHANISMS; i++)
        ways->by_method[i] = INFER_NEVER;
}

bool infer_align(const struct infer_item *items, size_t count, const struct infer_hints *hints,
                 size_t family, struct infer_ways *ways)
{
    struct search s = { .items = items, .count = count, .hints = hints };
    s.beams = mem_alloc(NULL, (count + 1) * sizeof *s.beams);
    if (!s.beams)
        return false;
    shape_by_hints(&s);
    shape_by_family(&s, &infer_families[family]);
    index_rows(&s);
    begin(&s);
    for (size_t at = 0; at < count; at++)
        extend(&s, at);
    ways_init(ways);
    read_end(&s, ways);
    mem_free(NULL, s.beams, (count + 1) * sizeof *s.beams);
    return true;
}
