/* SPDX-License-Identifier: BSD-3-Clause */
/* What no rule may forget: order, primary, confidence, consequences. Rules look at evidence alone. */
#include "base/check.h"
#include "base/mem.h"
#include "rules/about_capture.h"
#include "rules/across.h"
#include "rules/later.h"
#include "rules/providers.h"
#include "rules/reading.h"
#include "rules/verdict.h"

static const struct causes *const sections[] = {
    &causes_server_name, &causes_reaching, &causes_wrong_security, &causes_tls_handshake,
    &causes_signing_in,  &causes_envelope, &causes_conversation,   &causes_inside_tls,
    &causes_warnings,    &causes_across,   &causes_about_capture,
};
enum { SECTIONS = sizeof sections / sizeof *sections, REPEATS_MAX = 8, RULES_MAX = 192,
       RULE_WORDS = RULES_MAX / 64 };

size_t cause_count(void)
{
    size_t n = 0;
    for (size_t s = 0; s < SECTIONS; s++)
        n += sections[s]->count;
    return n;
}

const struct cause *cause_at(size_t index)
{
    for (size_t s = 0; s < SECTIONS; index -= sections[s]->count, s++)
        if (index < sections[s]->count)
            return &sections[s]->rows[index];
    return NULL;
}

const struct cause *cause_find(const char *id)
{
    for (size_t s = 0; s < SECTIONS; s++)
        for (const struct cause *c = sections[s]->rows, *end = c + sections[s]->count; c < end; c++)
            if (cause_is(c->id, id))
                return c;
    return NULL;
}

void judged_free(struct judged *j)
{
    if (!j)
        return;
    mem_free(NULL, j->findings, j->finding_count * sizeof *j->findings);
    attempt_free(j->attempt);
    mem_free(NULL, j, sizeof *j);
}

/* Are packets missing from the first proof on? What is missing later may have made it good. (Bytes
 * that the snap length cut off are another matter: FACT_CLIPPED.) */
static bool gap_since(const struct view *v, uint32_t first_proof)
{
    const struct attempt *a = v->attempt;
    if (!v->index->first[FACT_GAP] && !v->index->first[FACT_DROPPED]) /* by memory: nobody knows where */
        return a->gaps || timeline_dropped(a->timeline) > 0;
    for (const struct fact *f = timeline_first(a->timeline); f; f = timeline_next(a->timeline, f))
        if ((f->kind == FACT_GAP || f->kind == FACT_DROPPED) && f->last_frame >= first_proof &&
            !(f->flags & FACT_CLIPPED) && !attempt_lost_on_the_way(a, f))
            return true;
    return false;
}

/* Of the opening or the end something is missing, in packets that leave no hole in the bytes. */
static bool ends_unseen(const struct attempt *a)
{
    uint64_t kinds = timeline_kinds(a->timeline);
    bool no_syn_ack = a->start_seen && a->direction[SIDE_SERVER].seen &&
                      (kinds & FACT_BIT(FACT_OPEN)) && !(kinds & FACT_BIT(FACT_SYN_ACK));
    return no_syn_ack || a->direction[SIDE_DEVICE].end_unseen ||
           a->direction[SIDE_SERVER].end_unseen;
}

/* One step down where the capture lacks packets between the evidence and the conclusion. */
static void lower(const struct view *v, struct finding *f)
{
    const struct attempt *a = v->attempt;
    if (f->confidence <= POSSIBLE || f->severity == SEVERITY_NOTE)
        return;
    /* a fall-back says that nothing told more: what is missing before it might have; so might the first
     * part of a handshake */
    bool all = f->cause->fallback || f->frame_count == 0 || f->stage == STAGE_GREETING ||
               f->stage == STAGE_TLS;
    if (gap_since(v, all ? 0 : f->frames[0]) || (all && ends_unseen(a)))
        f->lowered = "gap";
    else if (a->one_sided &&
             f->stage != STAGE_CONNECT) /* there one side alone is the evidence itself */
        f->lowered = "one-sided";
    else if (a->snapped)
        f->lowered = "snapped";
    else if (!a->start_seen)
        f->lowered = "starts-late";
    if (f->lowered)
        f->confidence--;
}

/* Where its last proof stands in the conversation: in a capture out of order an RST may have a lower
 * number than what came before it. */
static uint32_t place_of(const struct view *v, uint32_t frame)
{
    const struct attempt *a = v->attempt;
    uint32_t place = frame;
    if (v->index->in_order)
        return place;
    for (const struct fact *f = timeline_first(a->timeline); f; f = timeline_next(a->timeline, f)) {
        if (FACT_BIT(f->kind) & VIEW_TOLD_LATE)
            continue;
        if (f->last_frame > place)
            place = f->last_frame;
        if (f->last_frame == frame)
            return place;
    }
    return frame;
}

static bool ask(const struct view *v, const struct cause *c, unsigned nth, struct judged *j)
{
    /* straight into its place, where there is one: nearly all rules say no */
    struct finding over;
    struct finding *f =
        j->finding_count < ATTEMPT_FINDINGS ? &j->findings[j->finding_count] : &over;
    finding_begin(f, c, c->severity);
    enum confidence confidence = c->match_nth ? c->match_nth(v, nth, f) : c->match(v, f);
    if (confidence == NO_MATCH)
        return false;
    f->confidence = (uint8_t)confidence;
    lower(v, f);
    f->reached = place_of(v, f->last_proof);
    if (f == &over)
        j->findings_dropped++;
    else
        j->finding_count++;
    return true;
}

/* The rules that are asked of an attempt, in order. Nearly all of them have nothing to go by in nearly
 * all attempts: for each kind and sign, a bit for each rule that needs it. */
static const struct cause *rules[RULES_MAX];
static uint64_t rules_by_need[64][RULE_WORDS];
static size_t rule_count; /* 0: not filled yet */
/* … and of those that a refusal may be read as (SIGN_NAMED), a bit for each whose id is of that
 * kind. */
enum { ID_KINDS = 64 };
static uint64_t rules_by_id[ID_KINDS][RULE_WORDS];

/* Ids of one cause are alike; few others are of the same kind. */
static size_t kind_of_id(const char *id)
{
    return ((uint8_t)*id * 5u + strlen(id)) % ID_KINDS;
}

static void fill_rules(void)
{
    for (size_t i = 0, n = cause_count(); i < n; i++) {
        const struct cause *c = cause_at(i);
        if (c->needs == 0)
            continue;
        if (!check(rule_count < RULES_MAX))
            return;
        uint64_t bit = UINT64_C(1) << rule_count % 64;
        for (uint64_t needs = c->needs; needs != 0; needs &= needs - 1)
            rules_by_need[__builtin_ctzll(needs)][rule_count / 64] |= bit;
        if (c->needs & FACT_BIT(SIGN_NAMED))
            rules_by_id[kind_of_id(c->id)][rule_count / 64] |= bit;
        rules[rule_count++] = c;
    }
}

static void add_by_id(uint64_t named[RULE_WORDS], const char *id)
{
    for (size_t w = 0; id && w < RULE_WORDS; w++)
        named[w] |= rules_by_id[kind_of_id(id)][w];
}

/* The rules that the refusals may be read as: all where some may not have been remembered. */
static void may_be_named(const struct readings *readings, uint64_t named[RULE_WORDS])
{
    for (size_t i = 0; i < readings->count; i++) {
        add_by_id(named, readings->known[i].reading.cause);
        add_by_id(named, readings->known[i].reading.basic);
    }
    for (size_t w = 0; readings->count == READINGS_MAX && w < RULE_WORDS; w++)
        named[w] = rules_by_need[SIGN_NAMED][w];
}

/* Of the rules that a refusal may be read as, those whose cause one was read as. */
static void want_named(const struct view *v, uint64_t wanted[RULE_WORDS])
{
    uint64_t named[RULE_WORDS] = { 0 };
    may_be_named(v->readings, named);
    for (size_t w = 0; w < RULE_WORDS; w++)
        for (uint64_t left = named[w] & ~wanted[w]; left != 0; left &= left - 1)
            if (reading_named(v->readings, rules[w * 64 + (size_t)__builtin_ctzll(left)]->id))
                wanted[w] |= left & (0 - left);
}

static void ask_rule(const struct view *v, const struct cause *c, struct judged *j)
{
    unsigned most = c->match_nth ? REPEATS_MAX : 1;
    for (unsigned nth = 0; nth < most && ask(v, c, nth, j); nth++)
        ;
}

static void want_shown(uint64_t shown, uint64_t wanted[RULE_WORDS])
{
    for (size_t w = 0; w < RULE_WORDS; w++)
        wanted[w] = 0;
    for (; shown != 0; shown &= shown - 1) {
        const uint64_t *by = rules_by_need[__builtin_ctzll(shown)];
        for (size_t w = 0; w < RULE_WORDS; w++)
            wanted[w] |= by[w];
    }
}

/* Attempts show the same again and again: the rules that go by it stand here until others take
 * their place. */
static const uint64_t *wanted_by(uint64_t shown)
{
    enum { PLACES_BITS = 5 };
    static struct {
        uint64_t shown, wanted[RULE_WORDS]; /* shown 0: nothing is wanted */
    } places[1 << PLACES_BITS];
    size_t place = (size_t)(shown * UINT64_C(0x9e3779b97f4a7c15) >> (64 - PLACES_BITS));
    if (places[place].shown != shown) {
        places[place].shown = shown;
        want_shown(shown, places[place].wanted);
    }
    return places[place].wanted;
}

static void ask_all(const struct view *v, struct judged *j)
{
    if (rule_count == 0)
        fill_rules();
    uint64_t wanted[RULE_WORDS];
    const uint64_t named = FACT_BIT(SIGN_NAMED), *by = wanted_by(v->index->shown & ~named);
    for (size_t w = 0; w < RULE_WORDS; w++)
        wanted[w] = by[w];
    if (v->index->shown & named)
        want_named(v, wanted);
    for (size_t w = 0; w < RULE_WORDS; w++)
        for (uint64_t left = wanted[w]; left != 0; left &= left - 1)
            ask_rule(v, rules[w * 64 + (size_t)__builtin_ctzll(left)], j);
}

static bool uses(const struct finding *f, uint32_t frame)
{
    for (size_t i = 0; i < f->frame_count; i++)
        if (f->frames[i] == frame)
            return true;
    return false;
}

static void drop(struct judged *j, size_t at)
{
    for (size_t i = at + 1; i < j->finding_count; i++)
        j->findings[i - 1] = j->findings[i];
    j->finding_count--;
}

/* A fall-back whose last proof another failure already uses is not told. */
static void drop_fallbacks(struct judged *j)
{
    for (size_t i = 0; i < j->finding_count; i++) {
        const struct finding *f = &j->findings[i];
        if (!f->cause->fallback)
            continue;
        bool told = false;
        for (size_t k = 0; k < j->finding_count && !told; k++) {
            const struct finding *other = &j->findings[k];
            told = k != i && other->cause->severity == SEVERITY_FAILURE &&
                   uses(other, f->last_proof) && (!other->cause->fallback || k < i);
        }
        if (told)
            drop(j, i--);
    }
}

/* The same command with the same argument, accepted after that frame. */
static bool accepted_later(const struct view *v, uint32_t frame)
{
    const struct fact *refused = view_first(v, FACT_SMTP_REPLY, SIDE_SERVER);
    while (refused && refused->last_frame < frame)
        refused = view_after(v, refused, FACT_SMTP_REPLY, SIDE_SERVER);
    const struct fact *asked = view_asked(v, refused);
    if (!asked || asked->command.arg.len == 0)
        return false;
    for (const struct fact *f = view_after(v, refused, FACT_SMTP_COMMAND, SIDE_DEVICE); f;
         f = view_after(v, f, FACT_SMTP_COMMAND, SIDE_DEVICE)) {
        if (f->command.verb != asked->command.verb ||
            !bytes_equal_nocase(f->command.arg, asked->command.arg))
            continue;
        const struct fact *reply = view_reply_to(v, f);
        if (reply && reply->reply.code < 400)
            return true;
    }
    return false;
}

/* Did a later step of the same connection make this good? */
static bool made_good(const struct view *v, const struct finding *f)
{
    for (const struct fact *r = view_first(v, FACT_SMTP_REPLY, SIDE_SERVER); r;
         r = view_after(v, r, FACT_SMTP_REPLY, SIDE_SERVER)) {
        if (r->last_frame <= f->last_proof || r->reply.code >= 400)
            continue;
        /* MAIL alone is often accepted from everybody, also after a refused sign-in */
        bool mail = r->reply.step == (f->stage == STAGE_AUTH ? STEP_RCPT : STEP_MAIL);
        if (f->stage <= STAGE_AUTH &&
            (mail || (r->reply.step == STEP_AUTH && r->reply.code == 235)))
            return true;
        if (f->stage == STAGE_EHLO && r->reply.step == STEP_EHLO)
            return true;
    }
    if (f->stage == STAGE_STARTTLS) {
        const struct fact *up = view_last(v, FACT_TLS_UP, ANY_SIDE);
        if (up && up->last_frame > f->last_proof)
            return true;
    }
    return f->stage == STAGE_ENVELOPE && accepted_later(v, f->last_proof);
}

static void set_severities(const struct view *v, struct judged *j)
{
    for (size_t i = 0; i < j->finding_count; i++) {
        struct finding *f = &j->findings[i];
        if (f->severity != SEVERITY_FAILURE)
            continue;
        if (j->summary.outcome == OUTCOME_DELIVERED || f->ends_no_mail || f->made_good ||
            made_good(v, f))
            f->severity = SEVERITY_WARNING;
        else
            j->summary.outcome = OUTCOME_FAILED;
    }
    for (size_t i = 0; i < j->finding_count; i++) {
        if (!j->findings[i].ends_no_mail)
            continue;
        if (j->summary.outcome == OUTCOME_FAILED)
            drop(j, i--); /* why it left is told by what failed */
        else if (j->summary.outcome != OUTCOME_DELIVERED)
            j->summary.outcome = OUTCOME_NO_MAIL;
    }
}

static bool earlier(const struct finding *a, const struct finding *b)
{
    if (a->reached != b->reached)
        return a->reached < b->reached;
    return !a->cause->fallback && b->cause->fallback;
}

static struct finding *choose_primary(struct judged *j)
{
    struct finding *primary = NULL;
    for (size_t i = 0; i < j->finding_count; i++)
        if (j->findings[i].severity == SEVERITY_FAILURE &&
            (!primary || earlier(&j->findings[i], primary)))
            primary = &j->findings[i];
    return primary;
}

/* What came after the primary because of it: later steps that could no longer succeed, and how the
 * connection then ended. */
static bool is_consequence(const struct finding *f, const struct finding *primary)
{
    if (f == primary || f->severity != SEVERITY_FAILURE || f->reached < primary->reached)
        return false;
    if (primary->stage < STAGE_ENVELOPE)
        return f->stage > primary->stage || f->cause->fallback;
    return f->cause->fallback && f->cause != primary->cause && f->stage != STAGE_DATA &&
           f->stage != STAGE_ENVELOPE;
}

static void drop_consequences(struct judged *j, struct finding *primary)
{
    if (j->finding_count == 1)
        return;
    struct finding kept = *primary;
    for (size_t i = 0; i < j->finding_count; i++)
        if (!j->findings[i].primary && is_consequence(&j->findings[i], &kept))
            drop(j, i--);
}

static bool before(const struct finding *a, const struct finding *b)
{
    if (a->primary != b->primary)
        return a->primary;
    if (a->severity != b->severity)
        return a->severity < b->severity;
    return a->reached < b->reached;
}

/* A stable order by insertion: there are few. */
static void sort_findings(struct judged *j)
{
    for (size_t i = 1; i < j->finding_count; i++) {
        if (!before(&j->findings[i], &j->findings[i - 1]))
            continue;
        struct finding f = j->findings[i];
        size_t at = i;
        for (; at > 0 && before(&f, &j->findings[at - 1]); at--)
            j->findings[at] = j->findings[at - 1];
        j->findings[at] = f;
    }
}

bool diagnose_attempt(struct judged *j, const struct history *history, int64_t capture_end)
{
    struct finding work[ATTEMPT_FINDINGS];
    j->findings = work;
    struct readings readings;
    struct view_index index;
    readings.count = 0; /* what lies behind it is filled as it grows */
    view_index_fill(&index, j->attempt, &j->summary);
    struct view v = { .attempt = j->attempt,
                      .summary = &j->summary,
                      .server_name = j->server_name,
                      .looked_up = j->looked_up,
                      .history = history,
                      .capture_end = capture_end,
                      .knowledge = j->knowledge,
                      .readings = &readings,
                      .index = &index };
    reading_all(&v);
    ask_all(&v, j);
    drop_fallbacks(j);
    set_severities(&v, j);
    struct finding *primary = choose_primary(j);
    if (primary) {
        primary->primary = true;
        j->summary.stage = (enum stage)primary->stage;
        providers_advise(&v, primary);
        drop_consequences(j, primary);
    }
    sort_findings(j);
    j->findings = NULL;
    if (j->finding_count == 0)
        return true;
    j->findings = mem_alloc_to_fill(NULL, j->finding_count * sizeof *j->findings);
    if (!j->findings) {
        j->finding_count = 0;
        return false;
    }
    bytes_copy(j->findings, j->finding_count * sizeof *j->findings,
               bytes_of(work, j->finding_count * sizeof *work));
    return true;
}

void diagnose_device(struct device_line *line, const struct history *history)
{
    line->finding_count = 0;
    across_device(line, history);
    later_device(line);
}

void diagnose_capture(struct capture_line *line)
{
    line->finding_count = 0;
    about_capture(line);
}
