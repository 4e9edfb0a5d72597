/* SPDX-License-Identifier: BSD-3-Clause */
#include "derive/infer.h"

#include <math.h>

#include "derive/infer_model.h"

/* ------------------------------------------------------------------ what is known in clear */

/* The families whose name the greeting has; without any, what it could be of is none that says its
 * name. */
static uint32_t families_of(const struct fact *greeting)
{
    uint32_t named = 0;
    for (size_t i = 0; i < infer_family_count; i++) {
        const char *banner = infer_families[i].banner;
        if (banner && bytes_find_nocase(greeting->reply.text, banner) >= 0)
            named |= UINT32_C(1) << i;
    }
    return named != 0 ? named : 1;
}

static void hints_of(const struct attempt *a, const struct summary *s, struct infer_hints *h)
{
    enum { VERB_AND_CRLF = 7, VERB_AND_CRLF_BARE = 6 };
    *h = (struct infer_hints) { .starttls = s->security == SECURITY_STARTTLS,
                                .relay = a->server_port == 25,
                                .open = a->end == END_OPEN };
    if (!h->starttls)
        return;
    for (const struct fact *f = timeline_first(a->timeline); f; f = timeline_next(a->timeline, f)) {
        if (f->origin != ORIGIN_SEEN)
            continue;
        if (f->kind == FACT_SMTP_COMMAND && f->command.verb == SMTP_EHLO &&
            !(f->flags & FACT_CLIPPED))
            h->ehlo = (uint16_t)(f->command.arg.len > 0 ? VERB_AND_CRLF + f->command.arg.len
                                                        : VERB_AND_CRLF_BARE);
        if (f->kind == FACT_SMTP_REPLY && f->reply.step == STEP_EHLO && f->reply.code == 250)
            h->list = fact_reply_bytes(f);
        if (f->kind == FACT_SMTP_REPLY && f->reply.step == STEP_GREETING)
            h->families = families_of(f);
        if (f->kind == FACT_SMTP_CAPABILITIES) {
            h->list_auth = f->capabilities.auth;
            h->mechanisms = f->capabilities.mechanisms;
        }
    }
}

bool infer_session_of(const struct attempt *a, const struct summary *s,
                      struct infer_session *session)
{
    if (a->kind != ATTEMPT_CONNECTION || s->inside == INSIDE_DECRYPTED || a->decrypted ||
        !s->server_hello || a->trace_count == 0)
        return false;
    if (a->gaps || a->one_sided || a->trace_full || a->end == END_EVICTED)
        return false;
    session->version = s->server_hello->server_hello.version;
    session->cipher = s->server_hello->server_hello.cipher;
    if (!infer_cipher_of(session->version, session->cipher, &session->layout))
        return false;
    hints_of(a, s, &session->hints);
    infer_records_read(a, session->version, &session->layout, &session->records);
    return true;
}

/* ------------------------------------------------------------------ the reading */

/* How much more probable it is than by chance that so many of the first records are session tickets
 * (natural log): OpenSSL sends two of one size. */
static float tickets_prior(const struct infer_records *r, size_t tickets)
{
    enum { USUAL_MIN = 170, USUAL_MAX = 300 };
    static const float prior[INFER_TICKETS_MAX + 1] = { -1.2F, -1.2F, -1.2F, -4.0F, -4.0F };
    float sum = prior[tickets];
    for (size_t i = 0, seen = 0; i < r->count && seen < tickets; i++) {
        const struct infer_item *item = &r->items[i];
        if (item->from == SIDE_DEVICE)
            continue;
        bool again = ++seen == 2 && r->tickets_alike;
        bool usual = item->low >= USUAL_MIN && item->low <= USUAL_MAX;
        sum += again ? 6 : usual ? 2 : 0;
    }
    return sum;
}

/* What the records that are taken for tickets would be worth by chance. */
static float tickets_chance(const struct infer_records *r, size_t tickets)
{
    float sum = 0;
    for (size_t i = 0, seen = 0; i < r->count && seen < tickets; i++)
        if (r->items[i].from == SIDE_SERVER) {
            sum += infer_by_chance(&r->items[i]);
            seen++;
        }
    return sum;
}

/* What was learnt of this very server, as a family of its own. False: too little. */
static bool family_learnt(const struct server_words *learnt, struct infer_family *family)
{
    enum { PERMILLE = 920, NUMBER = 2, ENOUGH = 3 };
    static const uint8_t messages[SERVER_WORDS] = {
        [WORD_GREETING] = MSG_GREETING, [WORD_LIST] = MSG_LIST,       [WORD_AUTH_OK] = MSG_AUTH_OK,
        [WORD_AUTH_NO] = MSG_AUTH_NO,   [WORD_MAIL_OK] = MSG_MAIL_OK, [WORD_RCPT_OK] = MSG_RCPT_OK,
        [WORD_DATA_GO] = MSG_DATA_GO,   [WORD_SENT] = MSG_SENT,       [WORD_RSET_OK] = MSG_RSET_OK,
        [WORD_BYE] = MSG_BYE,
    };
    size_t n = 0;
    *family = (struct infer_family) { .banner = NULL };
    for (size_t i = 0; learnt && i < SERVER_WORDS; i++) {
        uint16_t low = learnt->words[i].low, high = learnt->words[i].high;
        if (high == 0)
            continue;
        if (i == WORD_SENT) { /* its number grows */
            low = (uint16_t)(low > NUMBER ? low - NUMBER : low);
            high = (uint16_t)(high + NUMBER);
        }
        family->words[n++] = (struct infer_word) { messages[i], PERMILLE, low, high };
    }
    return n >= ENOUGH;
}

static float share_of(size_t family)
{
    return (float)infer_families[family].permille / 1000.0F;
}

/* How probable this family is beforehand (natural log): of all, or as the greeting has it. */
static float family_prior(const struct infer_hints *h, size_t family)
{
    const float named = 0.9F, other = 0.03F; /* other software may stand behind a greeting */
    float of_the_name = 0;
    if (h->families == 0)
        return logf(share_of(family));
    if (!(h->families & UINT32_C(1) << family))
        return logf(other * share_of(family));
    for (size_t i = 0; i < infer_family_count; i++)
        of_the_name += h->families & UINT32_C(1) << i ? share_of(i) : 0;
    return logf(named * share_of(family) / of_the_name);
}

/* items without the first so many of the server. */
static size_t without_tickets(const struct infer_records *r, size_t tickets,
                              struct infer_item items[INFER_ITEMS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < r->count; i++) {
        if (tickets > 0 && r->items[i].from == SIDE_SERVER) {
            tickets--;
            continue;
        }
        items[count++] = r->items[i];
    }
    return count;
}

/* Items of the reading are told by their records, which do not depend on the tickets. */
static int16_t to_record(const struct infer_item *items, int16_t at)
{
    return at < 0 ? (int16_t)-1 : (int16_t)items[at].record;
}

static void to_records(struct infer_way *way, const struct infer_item *items)
{
    way->auth = to_record(items, way->auth);
    way->verdict = to_record(items, way->verdict);
    way->refused = to_record(items, way->refused);
    way->sent = to_record(items, way->sent);
    for (size_t i = 0; i < way->steps.count; i++)
        way->steps.list[i].record = items[way->steps.list[i].record].record;
}

/* What one alignment says, and how probable it is beforehand: tickets as they are taken, and the
 * family. */
struct alignment {
    struct infer_ways ways;
    float tickets, chance, family;
    const struct infer_item *items;
};

/* Adds it to what the others said. Returns how probable it is in all (natural log). */
static float pool(struct infer_ways *all, const struct alignment *one)
{
    float prior = one->tickets + one->chance + one->family, sum = INFER_NEVER;
    for (size_t i = 0; i < INFERRED_RESULTS; i++) {
        const struct infer_way *way = &one->ways.best[i];
        if (way->score <= INFER_NEVER)
            continue;
        all->sum[i] = infer_either(all->sum[i], one->ways.sum[i] + prior);
        sum = infer_either(sum, one->ways.sum[i] + prior);
        if (way->score + prior <= all->best[i].score)
            continue;
        all->best[i] = *way;
        all->best[i].score += prior;
        all->best[i].beside = one->tickets;
        to_records(&all->best[i], one->items);
    }
    for (size_t i = 0; i < AUTH_MECHANISMS; i++)
        all->by_method[i] = infer_either(all->by_method[i], one->ways.by_method[i] + prior);
    for (size_t i = 0; i < one->ways.kind_count; i++)
        infer_ways_add_kind(all, one->ways.kinds[i].kind, one->ways.kinds[i].sum + prior);
    return sum;
}

static bool conclude(const struct infer_ways *all, const struct infer_records *records,
                     struct infer_reading *r)
{
    size_t best = 0;
    float sum = 0, other = INFER_NEVER;
    for (size_t i = 1; i < INFERRED_RESULTS; i++)
        if (all->sum[i] > all->sum[best])
            best = i;
    if (all->sum[best] <= INFER_NEVER)
        return false;
    for (size_t i = 0; i < INFERRED_RESULTS; i++)
        sum += expf((r->scores[i] = all->sum[i]) - all->sum[best]);
    r->way = all->best[best];
    r->result = (uint8_t)best;
    r->probability = 1 / sum;
    r->alike = 0;
    for (size_t i = 0; i < all->kind_count; i++)
        if (all->kinds[i].kind == r->way.kind)
            r->alike = expf(all->kinds[i].sum - all->sum[best]) / sum;
    r->fit = r->way.score - r->way.beside;
    for (size_t i = 0; i < records->count; i++)
        r->fit -= infer_by_chance(&records->items[i]);
    r->method = r->way.method;
    for (size_t i = 0; i < AUTH_MECHANISMS; i++)
        if (i != r->method && all->by_method[i] > other)
            other = all->by_method[i];
    r->method_sure =
        r->method != AUTH_NONE && r->method != AUTH_OTHER && all->by_method[r->method] - other > 2;
    return true;
}

/* Whether this item of the server could be these words; before is the one that it follows. */
static bool could_say(const struct infer_word *w, const struct infer_item *item,
                      const struct infer_item *before)
{
    enum { TELLING = 40 }; /* so many lengths at most */
    uint32_t low = w->low, high = w->high;
    if (w->echoes) { /* as much longer as what it repeats */
        uint32_t frame = infer_frame(w->message == MSG_MAIL_OK ? OWED_MAIL : OWED_RCPT);
        if (before->from == SIDE_SERVER || before->low <= frame)
            return false;
        high = low + before->high - frame;
        low += before->low - frame;
    }
    return w->permille > 0 && high - low < TELLING && item->high >= low && item->low <= high;
}

/* How many of the server's items this family's own words could be. */
static size_t own_words(const struct infer_family *family, const struct infer_records *r)
{
    size_t count = 0;
    for (size_t i = 0; i < r->count; i++) {
        bool own = false;
        for (size_t k = 0; k < INFER_FAMILY_WORDS && r->items[i].from == SIDE_SERVER && !own; k++)
            own = could_say(&family->words[k], &r->items[i], &r->items[i > 0 ? i - 1 : 0]);
        count += own;
    }
    return count;
}

/* The families worth an alignment, bits: those that the greeting names, and no other that says one line of
 * it at most, or clearly fewer than another does. The first one stands for all others. */
static uint32_t families_worth(const struct infer_hints *h, const struct infer_records *r)
{
    enum { LITTLE = 3, OFTEN = 2, FEWER = 3 };
    size_t own[INFER_FAMILIES_MAX] = { 0 }, most = 0, said = 0;
    uint32_t worth = 1;
    for (size_t i = 0; i < r->count; i++)
        said += r->items[i].from == SIDE_SERVER;
    for (size_t i = 1; i < infer_family_count; i++) {
        own[i] = h->unknown & UINT32_C(1) << i ? 0 : own_words(&infer_families[i], r);
        most = own[i] > most ? own[i] : most;
    }
    size_t least = said <= LITTLE ? 1 : OFTEN;
    least = most > least + FEWER ? most - FEWER : least;
    for (size_t i = 1; i < infer_family_count; i++)
        worth |= own[i] >= least ? UINT32_C(1) << i : 0;
    return worth | (h->families & ~h->unknown);
}

/* What one number of tickets is worth beside the lines, and the items that remain. */
static size_t take_tickets(const struct infer_records *records, size_t tickets,
                           struct infer_item items[INFER_ITEMS_MAX], struct alignment *one)
{
    one->tickets = tickets_prior(records, tickets);
    one->chance = tickets_chance(records, tickets);
    return without_tickets(records, tickets, items);
}

bool infer_session_read(const struct infer_session *session, struct infer_reading *r)
{
    const struct infer_records *records = &session->records;
    struct infer_item items[INFER_ITEMS_MAX];
    struct infer_ways all;
    struct alignment one = { .items = items };
    const float as_learnt = 0.85F; /* that the server has not changed */
    const float hopeless = 12;     /* so much less probable than the best number of tickets */
    struct infer_family learnt;
    bool known = family_learnt(session->hints.learnt, &learnt);
    float changed = known ? logf(1 - as_learnt) : 0;
    float by_tickets[INFER_TICKETS_MAX + 1], best = INFER_NEVER;
    size_t least = records->tickets_together ? 2 : 0;
    uint32_t worth = families_worth(&session->hints, records);
    infer_ways_init(&all);
    for (size_t t = least; t <= records->tickets; t++) {
        size_t count = take_tickets(records, t, items, &one);
        one.family = family_prior(&session->hints, 0) + changed;
        by_tickets[t] = INFER_NEVER;
        if (count == 0 ||
            !infer_align(items, count, &session->hints, &infer_families[0], &one.ways))
            continue;
        by_tickets[t] = pool(&all, &one);
        best = fmaxf(best, by_tickets[t]);
    }
    for (size_t t = least; t <= records->tickets; t++) {
        if (by_tickets[t] <= INFER_NEVER || by_tickets[t] < best - hopeless)
            continue;
        size_t count = take_tickets(records, t, items, &one);
        for (size_t family = 1; family < infer_family_count; family++) {
            one.family = family_prior(&session->hints, family) + changed;
            if (worth & UINT32_C(1) << family &&
                infer_align(items, count, &session->hints, &infer_families[family], &one.ways))
                pool(&all, &one);
        }
        one.family = logf(as_learnt);
        if (known && infer_align(items, count, &session->hints, &learnt, &one.ways))
            pool(&all, &one);
    }
    *r = (struct infer_reading) { .count = records->count };
    return conclude(&all, records, r);
}

/* How probable something has to be to be likely: where lengths are exact, and to a block. Chosen on
 * the sessions that the model was tuned on: docs/inference.md */
static const float likely_exact = 0.80F, likely_to_a_block = 0.85F;

static float likely_from(const struct infer_session *session)
{
    return session->layout.block == 0 ? likely_exact : likely_to_a_block;
}

/* USER and PASS of FTP are as long as EHLO and a sign-in that is refused at once, where the capability
 * list is short. */
static bool could_be_ftp(const struct infer_session *session, const struct infer_reading *r)
{
    enum { SHORT = 64 };
    const struct infer_records *records = &session->records;
    size_t tickets = records->tickets; /* as many as could be some */
    if (session->hints.starttls || r->result != INFERRED_AUTH_REFUSED || r->method != AUTH_OTHER)
        return false;
    for (size_t i = 0; i < records->count; i++) {
        const struct infer_item *item = &records->items[i];
        if (item->from == SIDE_DEVICE)
            continue;
        if (tickets > 0)
            tickets--;
        else if (item->high > SHORT)
            return false;
    }
    return true;
}

enum inferred_confidence infer_confidence(const struct infer_session *session,
                                          const struct infer_reading *r)
{
    const float possible = 0.70F;
    const float fit_seen = -6,
                fit_unseen = -2; /* where SMTP was seen in clear before, and where not */
    float fit_min = session->hints.starttls ? fit_seen : fit_unseen;
    if (r->result == INFERRED_UNFINISHED || r->fit < fit_min || r->probability < possible)
        return INFERRED_NOTHING;
    bool sure = r->probability >= likely_from(session) && !r->way.strange;
    return sure && !could_be_ftp(session, r) ? INFERRED_LIKELY : INFERRED_POSSIBLE;
}

/* ------------------------------------------------------------------ into the summary */

static int64_t time_of(const struct attempt *a, int16_t record)
{
    return record < 0 || a->trace_start == TIME_NONE
               ? TIME_NONE
               : a->trace_start + (int64_t)a->trace[record].time_us * 1000;
}

static uint32_t frame_of(const struct attempt *a, int16_t record)
{
    return record < 0 ? 0 : a->trace[record].frame;
}

static int16_t last_before(const struct attempt *a, int16_t record, enum side from)
{
    int16_t at = record;
    while (--at >= 0 && a->trace[at].from != from)
        ;
    return at;
}

/* The method is told where it is sure, and of the last sign-in alone. */
static void fill_steps(const struct infer_session *session, const struct infer_reading *r,
                       struct inferred *out)
{
    const struct infer_steps *steps = &r->way.steps;
    bool last = true;
    out->steps_confidence = out->confidence > INFERRED_POSSIBLE && r->alike < likely_from(session)
                                ? INFERRED_POSSIBLE
                                : out->confidence;
    out->step_count = steps->count;
    out->steps_left_out = steps->left_out;
    for (size_t i = steps->count; i-- > 0;) {
        out->steps[i] = steps->list[i];
        if (steps->list[i].kind != FACT_AUTH)
            continue;
        out->steps[i].what = last ? out->method : AUTH_NONE;
        last = false;
    }
}

static void fill(const struct attempt *a, const struct infer_session *session,
                 const struct infer_reading *r, struct inferred *out)
{
    const struct infer_way *way = &r->way;
    int16_t decisive = r->result == INFERRED_DELIVERED ? way->sent : way->refused;
    *out = (struct inferred) {
        .confidence = (uint8_t)infer_confidence(session, r),
        .result = r->result,
        .stage = way->stage,
        .method = r->method_sure ? r->method : AUTH_NONE,
        .signed_in = way->signed_in,
        .no_ehlo = way->no_ehlo,
        .quit = way->quit,
        .exact = session->layout.block == 0,
        .auth_frame = frame_of(a, way->auth),
        .auth_time = time_of(a, way->auth),
        .decisive_frame = frame_of(a, decisive),
        .decisive_time = time_of(a, decisive),
    };
    fill_steps(session, r, out);
    if (decisive < 0)
        return;
    int16_t asked = last_before(a, decisive, SIDE_DEVICE);
    if (asked >= 0)
        out->answered_in = (int64_t)(a->trace[decisive].time_us - a->trace[asked].time_us) * 1000;
    unsigned fixed = session->layout.fixed;
    out->decisive_bytes =
        (uint16_t)(a->trace[decisive].length > fixed ? a->trace[decisive].length - fixed : 0);
}

/* Did the device leave soon after its part of the handshake? One that waits for a greeting takes
 * its time. */
static bool left_soon(const struct attempt *a, const struct infer_records *r)
{
    const int64_t soon = 5 * TIME_SECOND;
    int16_t first = 0;
    while (first < r->last_device && a->trace[first].from != SIDE_DEVICE)
        first++;
    int64_t left = r->device_alert ? time_of(a, r->last_device) : a->end_time;
    return left - time_of(a, first) < soon;
}

/* The device left at the edge of the handshake: an alert where its Finished was due (TLS 1.3 hides
 * what it says), or the end right after it, not one word of SMTP said. */
static bool left_at_the_edge(const struct attempt *a, const struct infer_session *session,
                             struct inferred *out)
{
    const struct infer_records *r = &session->records;
    if (session->hints.open || r->padded)
        return false;
    bool silent = r->finished && r->last_device >= 0 && !r->server_alert && left_soon(a, r);
    for (size_t i = 0; i < r->count; i++)
        silent &= r->items[i].from == SIDE_SERVER;
    if (!r->alert_first && !silent)
        return false;
    *out = (struct inferred) {
        .confidence = r->alert_first ? INFERRED_LIKELY : INFERRED_POSSIBLE,
        .result = INFERRED_CERT_REFUSED,
        .stage = STAGE_TLS,
        .exact = session->layout.block == 0,
        .auth_time = TIME_NONE,
        .decisive_frame = frame_of(a, r->last_device),
        .decisive_time = time_of(a, r->last_device),
    };
    return true;
}

/* A reply to the mail of another length than this server mostly gives may as well be its
 * refusal. */
static void doubt(const struct server_words *known, struct inferred *i)
{
    if (!known || i->confidence < INFERRED_LIKELY || i->result != INFERRED_DELIVERED || !i->exact ||
        words_sent_usual(known, i->decisive_bytes))
        return;
    i->confidence = i->steps_confidence = INFERRED_POSSIBLE;
}

void infer_judge(const struct attempt *a, const struct infer_session *session, struct inferred *out)
{
    struct infer_reading reading;
    const struct infer_records *r = &session->records;
    *out = (struct inferred) { .confidence = INFERRED_NOTHING };
    if (left_at_the_edge(a, session, out))
        return;
    if (r->padded || r->over || !r->finished || r->count < 2 ||
        !infer_session_read(session, &reading))
        return;
    fill(a, session, &reading, out);
    doubt(session->hints.learnt, out);
}

static enum outcome outcome_of(const struct inferred *i, enum outcome before)
{
    switch (i->result) {
    case INFERRED_DELIVERED:
        return OUTCOME_DELIVERED;
    case INFERRED_ENDED_EARLY:
        return OUTCOME_NO_MAIL;
    default:
        return before; /* a refusal makes it failed by its finding */
    }
}

void infer_derive(const struct attempt *a, const struct server_words *learnt, struct summary *s)
{
    struct infer_session session;
    if (!infer_session_of(a, s, &session))
        return;
    session.hints.learnt = learnt;
    infer_judge(a, &session, &s->inferred);
    if (s->inferred.confidence == INFERRED_NOTHING)
        return;
    s->inside = INSIDE_INFERRED;
    if (s->inferred.confidence < INFERRED_LIKELY || a->end == END_OPEN)
        return;
    s->outcome = outcome_of(&s->inferred, s->outcome);
    s->stage = s->inferred.result == INFERRED_DELIVERED ||
                       (s->inferred.result == INFERRED_ENDED_EARLY && s->inferred.quit)
                   ? STAGE_DONE
                   : (enum stage)s->inferred.stage;
}
