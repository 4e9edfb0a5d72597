/* SPDX-License-Identifier: BSD-3-Clause */
#include "derive/infer_align.h"

#include <math.h>

#include "base/check.h"
#include "base/mem.h"
#include "derive/infer_expect.h"
#include "derive/infer_path.h"
#include "derive/infer_steps.h"

enum { SAID_MAX = 128 };

struct search {
    const struct infer_item *items;
    size_t count;
    const struct infer_hints *hints;
    bool sender_late;                     /* of its family */
    struct infer_shape shapes[MSG_COUNT]; /* as this connection lets them be */
    uint16_t said[AT_STATES + 1];         /* where the rows of a state begin in infer_said */
    uint16_t answers[OWED_KINDS + 1];     /* and those of what is owed in infer_answers */
    bool alone;               /* the item at hand stands between items of the other side */
    float said_log[SAID_MAX]; /* natural log of each row's probability */
    float percent_log[101];   /* and of so many percent */
    float fit_log[MSG_COUNT]; /* of the item at hand as each message; NOT_ASKED = not worked out */
    struct beam *beams;       /* count + 1: the readings of the items before each */
};

#define NOT_ASKED 1.0F /* a log of a probability is at most 0 */

static float log_permille(unsigned permille)
{
    return logf((float)permille / 1000.0F);
}

static float log_percent(unsigned percent)
{
    return logf((float)percent / 100.0F);
}

/* As log_percent. */
static float percent(const struct search *s, unsigned n)
{
    return s->percent_log[n];
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
    float fit = infer_fits(shape, low, high);
    float result = fit > 0 ? fminf(logf(fit), 0) + chance : INFER_NEVER;
    if (known)
        *known = result;
    return result;
}

/* Of a list in several records: that each is a line of it, or that it is cut anywhere. */
static float log_fit_list(struct search *s, size_t at, size_t end)
{
    const float by_line = 0.5F;
    float lines = logf(by_line);
    for (size_t i = at; i < end; i++) {
        float fit = infer_fits(&infer_shapes[MSG_LIST_LINE], s->items[i].low, s->items[i].high);
        lines += fit > 0 ? logf(fit) : INFER_NEVER;
    }
    return infer_either(lines, logf(1 - by_line) + log_fit(s, &s->shapes[MSG_LIST], at, end));
}

/* beside: what else it weighs (natural log). */
static void try_items(struct search *s, const struct path *path, float beside,
                      const struct infer_shape *shape, size_t at, size_t end)
{
    bool list = shape == &s->shapes[MSG_LIST] && end > at + 1;
    float fit = beside + (list ? log_fit_list(s, at, end) : log_fit(s, shape, at, end));
    if (fit <= INFER_NEVER / 2 || beam_is_beyond(&s->beams[end], path->score + fit))
        return;
    struct path p = *path;
    path_weigh(&p, fit);
    beam_keep(&s->beams[end], &p);
}

static void try_shape(struct search *s, const struct path *path, const struct infer_shape *shape,
                      size_t at)
{
    size_t end = shape->joins ? run_end(s, at) : at + 1;
    unsigned in_one = end == at + 1 ? 100 : shape->log ? 50 : 80; /* bodies come in pieces */
    try_items(s, path, percent(s, in_one), shape, at, at + 1);
    if (in_one == 100)
        return;
    try_items(s, path, percent(s, (100 - in_one) * 3 / 4), shape, at, end);
    if (end > at + 2) /* QUIT right behind a message */
        try_items(s, path, percent(s, (100 - in_one) / 4), shape, at, end - 1);
}

/* Natural log: another message in the same record, and the first such one. */
static const float one_more = -0.3F, first_more = -2.0F;

/* To the recipients that were accepted the mail goes on: that is no deafness. */
static bool goes_on_deaf(const struct path *p, const struct infer_said *row)
{
    return (row->at == AT_AUTH_REFUSED && row->owes == OWED_MAIL) ||
           (row->at == AT_MAIL_REFUSED && row->owes == OWED_RCPT) ||
           (row->at == AT_RCPT_REFUSED && row->owes == OWED_DATA && !(p->flags & PATH_RCPT_OK)) ||
           (row->at == AT_MESSAGE_REFUSED && row->message == MSG_BODY);
}

/* Who has gone on after a refusal does it again, and takes its leave as if the mail were delivered. */
static float said_by_deaf(const struct search *s, const struct infer_said *row, bool deaf)
{
    if (deaf)
        return percent(s, 60);
    if (row->at == AT_MESSAGE_REFUSED && row->effect == DOES_QUIT)
        return percent(s, 88);
    return s->said_log[row - infer_said];
}

/* Mail without a sign-in: usual on port 25, less so where one is offered. */
static float mail_unsigned(const struct infer_hints *h)
{
    return (h->relay ? logf(6) : 0) + (h->list_auth ? log_percent(50) : 0);
}

/* How probable it is that this row is said here. deaf: as of goes_on_deaf. */
static float weight_of(const struct search *s, const struct path *path, size_t row_at, bool deaf)
{
    const struct infer_said *row = &infer_said[row_at];
    const struct infer_hints *h = s->hints;
    float weight = path->flags & PATH_DEAF ? said_by_deaf(s, row, deaf) : s->said_log[row_at];
    if (row->at == SAID_RCPT && row->message == MSG_BDAT && !h->relay)
        return INFER_NEVER; /* servers alone do not wait there */
    if (row->at == AT_RCPT_REFUSED && row->owes == OWED_DATA && !deaf)
        weight += logf(14);
    if (row->effect == DOES_AUTH && h->list_auth && row->method != AUTH_OTHER &&
        !(h->mechanisms & AUTH_BIT(row->method)))
        weight += percent(s, 5);
    if (row->at == AT_READY && row->effect == DOES_MAIL)
        weight += mail_unsigned(h);
    return weight;
}

/* Where an item stands alone, whatever begins with it ends with it, and no reading gets more probable
 * by what is still to be weighed. */
static bool is_hopeless(const struct search *s, float score, size_t at)
{
    return score <= INFER_NEVER / 2 || (s->alone && beam_is_beyond(&s->beams[at + 1], score));
}

static void say(struct search *s, const struct path *path, const struct infer_shape *sum,
                unsigned depth, size_t at)
{
    enum infer_state at_state = path_stands(path);
    if (path->owed_count == OWED_MAX)
        return;
    for (size_t i = s->said[at_state]; i < s->said[at_state + 1]; i++) {
        const struct infer_said *row = &infer_said[i];
        bool deaf = goes_on_deaf(path, row);
        float weight = weight_of(s, path, i, deaf);
        if (is_hopeless(s, path->score + weight, at))
            continue;
        struct path p = *path;
        path_weigh(&p, weight);
        p.flags |= deaf ? PATH_DEAF : 0;
        p.flags |= row->message == MSG_BDAT ? PATH_CHUNKS | PATH_STRANGE : 0;
        path_effect(&p, (enum infer_effect)row->effect, row->method, (int16_t)at);
        path_add_row(&p, i);
        path_owe(&p, (enum infer_owed)row->owes);
        const struct infer_shape *shape = &s->shapes[row->message];
        struct infer_shape both;
        if (depth > 0) {
            both = infer_add_shape(sum, shape);
            shape = &both;
        }
        p.asked = depth == 0 && p.owed_count == 1 ? infer_length_of(&s->items[at]) : 0;
        if (shape->min > s->items[at].high && !shape->joins)
            continue;
        try_shape(s, &p, shape, at);
        if (depth + 1 < INFER_ROWS_IN_RECORD) {
            path_weigh(&p, depth == 0 ? first_more : one_more);
            say(s, &p, shape, depth + 1, at);
        }
    }
}

static bool accepts(const struct infer_answer *row)
{
    return row->effect == DOES_ACCEPT_AUTH || row->effect == DOES_ACCEPT_RCPT ||
           row->message == MSG_DATA_GO;
}

/* Who refuses a sign-in often lets the device wait for it; other answers mostly come at once. */
static float delayed(const struct search *s, const struct infer_answer *row, size_t at)
{
    enum {
        LATE_US = 900000,
        USUAL = 4,
        REFUSED = 12,
        MESSAGE = 15,
        ACCEPTED_AUTH = 8,
        REFUSED_AUTH = 45
    };
    if (at == 0)
        return 0;
    unsigned late = row->owed == OWED_MESSAGE         ? MESSAGE
                    : row->effect == DOES_REFUSE_AUTH ? REFUSED_AUTH
                    : row->effect == DOES_ACCEPT_AUTH ? ACCEPTED_AUTH
                    : row->effect == DOES_REFUSE_MAIL || row->effect == DOES_REFUSE_RCPT ? REFUSED
                                                                                         : USUAL;
    bool is_late = s->items[at].time_us - s->items[at - 1].time_us > LATE_US;
    return percent(s, is_late ? late : 100 - late);
}

/* The probability of this answer. Once the sender or all recipients of a mail were refused, so is
 * what still belongs to it. */
static float expected(const struct search *s, const struct path *p, const struct infer_answer *row,
                      size_t at)
{
    bool no_sender = p->flags & PATH_SENDER_REFUSED;
    bool no_mail = no_sender || (p->flags & PATH_RCPT_REFUSED && !(p->flags & PATH_RCPT_OK));
    float delay = delayed(s, row, at);
    if ((row->owed == OWED_RCPT && no_sender) || (row->owed == OWED_DATA && no_mail))
        return percent(s, accepts(row) ? 7 : 93) + delay;
    /* who does not sign in where one is expected to is often refused for that */
    if (!(p->flags & PATH_SIGNED_IN) && !s->hints->relay &&
        (row->owed == OWED_MAIL || row->owed == OWED_RCPT))
        return percent(s, row->message == MSG_NO ? 35 : 65) + delay;
    if (row->owed == OWED_MAIL && s->sender_late)
        return percent(s, row->message == MSG_NO ? 6 : 94) + delay;
    return percent(s, row->percent) + delay;
}

static void hear(struct search *s, const struct path *path, const struct infer_shape *sum,
                 unsigned depth, size_t at)
{
    if (path->owed_count == 0)
        return;
    enum infer_owed owed = path_first_owed(path);
    for (size_t i = s->answers[owed]; i < s->answers[owed + 1]; i++) {
        const struct infer_answer *row = &infer_answers[i];
        float weight = expected(s, path, row, at);
        if (is_hopeless(s, path->score + weight, at))
            continue;
        struct path p = *path;
        path_weigh(&p, weight);
        path_settle(&p);
        if (row->method != AUTH_NONE)
            p.method = row->method;
        if (row->to != AT_STATES)
            p.at = row->to;
        path_effect(&p, (enum infer_effect)row->effect, row->method, (int16_t)at);
        path_add_row(&p, i);
        const struct infer_shape *shape = &s->shapes[row->message];
        struct infer_shape own = *shape;
        bool told = infer_expect(path, row, &s->items[at], &own);
        if (depth > 0)
            own = infer_add_shape(sum, &own);
        if (depth > 0 || told)
            shape = &own;
        if (shape->min > s->items[at].high && !shape->joins)
            continue;
        struct path alone = p;
        if (depth == 0)
            infer_note_words(&alone, row, &s->items[at]);
        try_shape(s, &alone, shape, at);
        if (p.owed_count > 0 && depth + 1 < INFER_ROWS_IN_RECORD) {
            path_weigh(&p, one_more);
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
    path_weigh(&p, logf(0.004F));
    p.flags |= PATH_STRANGE;
    path_add_row(&p, INFER_ROW_STRANGE);
    path_owe(&p, OWED_NOOP);
    try_shape(s, &p, &s->shapes[MSG_ANY], at);
}

/* Nothing is owed: a last word, as the server closes (421), or of the program that encrypts for it.
 * It is no step, so the path stays the one before. */
static void hear_last_word(struct search *s, const struct path *path, size_t at)
{
    if (path->owed_count > 0 || run_end(s, at) < s->count)
        return;
    struct path p = *path;
    path_weigh(&p, logf(0.03F));
    try_shape(s, &p, &s->shapes[MSG_ANY], at);
}

static void extend(struct search *s, size_t at)
{
    const struct beam *beam = &s->beams[at];
    for (size_t i = 0; i < MSG_COUNT; i++)
        s->fit_log[i] = NOT_ASKED;
    s->alone = run_end(s, at) == at + 1;
    for (size_t i = 0; i < beam->count; i++) {
        struct path p = beam->paths[i];
        if (p.score < beam->best - beam_hopeless)
            continue;
        p.begin = (uint16_t)at;
        p.parent = (uint8_t)i;
        p.row_count = 0;
        if (s->items[at].from == SIDE_DEVICE) {
            say(s, &p, NULL, 0, at);
            say_anything(s, &p, at);
        } else {
            hear(s, &p, NULL, 0, at);
            hear_last_word(s, &beam->paths[i], at);
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
        s->shapes[MSG_EHLO].sure.permille = 950;
    }
    if (h->list <= STARTTLS_LINE)
        return;
    /* the second list lacks STARTTLS, and has AUTH if the first did not */
    struct infer_shape *list = &s->shapes[MSG_LIST];
    uint16_t without = (uint16_t)(h->list - STARTTLS_LINE);
    list->sure.permille = h->list_auth ? 750 : 600;
    list->sure.low = h->list_auth ? without : (uint16_t)(without + AUTH_LINE);
    list->sure.high = h->list_auth ? without : (uint16_t)(without + 6 * AUTH_LINE);
    list->low = (uint16_t)(without > AUTH_LINE ? without - AUTH_LINE : 1);
    list->high = (uint16_t)(without + 8 * AUTH_LINE);
    list->peaks[0].length = h->list_auth ? h->list : without;
    list->peaks[0].percent = 30;
}

static void shape_by_family(struct search *s, const struct infer_family *family)
{
    for (size_t i = 0; i < INFER_FAMILY_WORDS && family->words[i].permille > 0; i++) {
        const struct infer_word *w = &family->words[i];
        s->shapes[w->message].sure.low = w->low;
        s->shapes[w->message].sure.high = w->high;
        s->shapes[w->message].sure.permille = w->permille;
        s->shapes[w->message].echoes = w->echoes;
    }
}

/* The rows stand in the order of the states, and of what is owed. */
static void index_rows(struct search *s)
{
    check(infer_said_count <= SAID_MAX);
    for (size_t i = 0; i < infer_said_count; i++)
        s->said_log[i] = log_permille(infer_said[i].permille);
    for (unsigned n = 0; n <= 100; n++)
        s->percent_log[n] = log_percent(n);
    size_t row = 0;
    for (size_t state = 0; state <= AT_STATES; state++) {
        while (row < infer_said_count && infer_said[row].at < state)
            row++;
        s->said[state] = (uint16_t)row;
    }
    row = 0;
    for (size_t owed = 0; owed <= OWED_KINDS; owed++) {
        while (row < infer_answer_count && infer_answers[row].owed < owed)
            row++;
        s->answers[owed] = (uint16_t)row;
    }
}

static void begin(struct search *s)
{
    struct path p = {
        .at = AT_BEGIN, .stage = STAGE_TLS, .auth = -1, .verdict = -1, .refused = -1, .sent = -1
    };
    if (!s->hints->starttls)
        path_owe(&p, OWED_GREETING);
    beam_keep(&s->beams[0], &p);
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
        return (p->owed_count == 1 && path_first_owed(p) == OWED_QUIT && !(p->flags & PATH_MAIL))
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
    if (p->owed_count > 0 && path_last_owed(p) == OWED_QUIT)
        return log_percent(30);
    if (p->owed_count > 0 && p->flags & REFUSED) /* heard enough of what it had sent ahead */
        return log_percent(15);
    return log_permille(infer_ends[path_stands(p)]);
}

static uint32_t kind_of(const struct path *p)
{
    return (uint32_t)p->flags << 8 | p->method;
}

static void way_of(const struct search *s, const struct path *p, float score, struct infer_way *way)
{
    *way = (struct infer_way) {
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
        .kind = kind_of(p),
    };
    infer_steps_of(s->beams, s->items, p, &way->steps);
}

static void read_end(const struct search *s, struct infer_ways *ways)
{
    const struct beam *last = &s->beams[s->count];
    for (size_t i = 0; i < last->count; i++) {
        const struct path *p = &last->paths[i];
        float end = ends(s, p), score = p->score + end, sum = p->sum + end;
        enum inferred_result result = result_of(p);
        if (score > ways->best[result].score)
            way_of(s, p, score, &ways->best[result]);
        ways->sum[result] = infer_either(ways->sum[result], sum);
        infer_ways_add_kind(ways, kind_of(p), sum);
        ways->by_method[p->method] = infer_either(ways->by_method[p->method], sum);
    }
}

void infer_ways_init(struct infer_ways *ways)
{
    for (size_t i = 0; i < INFERRED_RESULTS; i++) {
        ways->best[i] = (struct infer_way) {
            .score = INFER_NEVER, .auth = -1, .verdict = -1, .refused = -1, .sent = -1
        };
        ways->sum[i] = INFER_NEVER;
    }
    for (size_t i = 0; i < AUTH_MECHANISMS; i++)
        ways->by_method[i] = INFER_NEVER;
    ways->kind_count = 0;
}

void infer_ways_add_kind(struct infer_ways *ways, uint32_t kind, float sum)
{
    struct infer_kind *least = NULL;
    for (size_t i = 0; i < ways->kind_count; i++) {
        struct infer_kind *k = &ways->kinds[i];
        if (k->kind == kind) {
            k->sum = infer_either(k->sum, sum);
            return;
        }
        if (!least || k->sum < least->sum)
            least = k;
    }
    if (ways->kind_count < INFER_KINDS_MAX)
        least = &ways->kinds[ways->kind_count++];
    else if (sum <= least->sum)
        return;
    *least = (struct infer_kind) { .kind = kind, .sum = sum };
}

bool infer_align(const struct infer_item *items, size_t count, const struct infer_hints *hints,
                 const struct infer_family *family, struct infer_ways *ways)
{
    struct search s = {
        .items = items, .count = count, .hints = hints, .sender_late = family->sender_late
    };
    s.beams = mem_alloc(NULL, (count + 1) * sizeof *s.beams);
    if (!s.beams)
        return false;
    shape_by_hints(&s);
    shape_by_family(&s, family);
    index_rows(&s);
    begin(&s);
    for (size_t at = 0; at < count; at++)
        extend(&s, at);
    infer_ways_init(ways);
    read_end(&s, ways);
    mem_free(NULL, s.beams, (count + 1) * sizeof *s.beams);
    return true;
}
