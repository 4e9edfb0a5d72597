/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/text_steps.h"

#include <stdio.h>

#include "report/layout.h"
#include "report/story.h"
#include "report/walk.h"

enum { INDENT = 2, BODY = 4, STEPS_MAX = 14, STEPS_HEAD = 6, TEXT_MAX = 65536, FRAMES_SHOWN = 12 };
enum { RECORD_HANDSHAKE = 22 };

/* One line: a sentence, and of which frames it tells. */
struct told {
    struct text sentence;
    uint32_t frames[FRAMES_SHOWN]; /* the first few, each once */
    uint32_t frame_count;          /* with those that have no place there */
    uint32_t count;
    int64_t first_time, last_time;
    bool proof;
};

/* Goes through the steps of an attempt, a line at a time. */
struct teller {
    const struct text_options *o;
    const struct judged *j;
    struct walk walk;
    const struct fact *fact;  /* the next one */
    const struct fact *early; /* told ahead of its place */
    size_t proofs;            /* frames of the main finding that were passed */
    struct told ahead;        /* the line after the one that is being told; count 0: none */
};

static const struct finding *main_finding(const struct judged *j)
{
    return j->finding_count > 0 ? &j->findings[0] : NULL;
}

static bool is_proof(const struct judged *j, uint32_t frame)
{
    const struct finding *f = main_finding(j);
    for (size_t i = 0; f && i < f->frame_count; i++)
        if (f->frames[i] == frame)
            return true;
    return false;
}

static bool is_ending(const struct fact *f)
{
    return f->kind == FACT_FIN || (f->kind == FACT_RST && !f->rst.answers_syn);
}

/* Part of what another step in the same frame tells. */
static bool is_small(const struct fact *f)
{
    return f->kind == FACT_KEY_EXCHANGE || f->kind == FACT_SERVER_HELLO_DONE ||
           f->kind == FACT_CLIENT_KEY_EXCHANGE || f->kind == FACT_ENCRYPTED ||
           f->kind == FACT_AUTH_STEP ||
           (f->kind == FACT_SMTP_REPLY && f->reply.step == STEP_EHLO && f->reply.code < 400);
}

/* Does a step that is told anyway stand in this frame? */
static bool has_main_step(const struct teller *t, uint32_t frame)
{
    struct text scratch;
    bool told = false;
    text_init(&scratch, TEXT_MAX);
    for (const struct fact *f = timeline_first(t->j->attempt->timeline); f && !told;
         f = timeline_next(t->j->attempt->timeline, f))
        told = f->last_frame == frame && !is_ending(f) &&
               story_step(&scratch, t->o->lang, t->j, f, true);
    text_done(&scratch);
    return told;
}

/* Worth a line in the story: what tells it, and every proof of the main finding. */
static bool add_sentence(struct text *out, const struct teller *t, const struct fact *f)
{
    if (t->o->timeline)
        return story_step(out, t->o->lang, t->j, f, false);
    bool proof = is_proof(t->j, f->last_frame);
    if ((is_ending(f) || f->origin == ORIGIN_INFERRED) && !proof)
        return false;
    if (story_step(out, t->o->lang, t->j, f, true))
        return true;
    return proof && !(is_small(f) && has_main_step(t, f->last_frame)) &&
           story_step(out, t->o->lang, t->j, f, false);
}

/* A handshake record of the device once encryption was up: its kind shows though it cannot be read. */
static bool is_sealed_handshake(const struct judged *j, uint32_t frame)
{
    const struct fact *up = j->summary.tls_up;
    const struct attempt *a = j->attempt;
    for (size_t i = 0; up && i < a->trace_count; i++)
        if (a->trace[i].frame == frame && frame > up->last_frame &&
            a->trace[i].type == RECORD_HANDSHAKE && a->trace[i].from == SIDE_DEVICE)
            return true;
    return false;
}

static void begin_line(struct told *line, uint32_t frame, int64_t time, bool proof)
{
    line->frames[0] = frame;
    line->frame_count = line->count = 1;
    line->first_time = line->last_time = time;
    line->proof = proof;
}

/* What a proof shows of which this attempt has no fact; NULL: nothing to tell. */
static const char *elsewhere(const struct teller *t, uint32_t frame)
{
    const struct judged *j = t->j;
    if (frame < j->attempt->first_frame && finding_value(main_finding(j), "pop3_port"))
        return N_("the device signs in to the receiving server (POP3)");
    if (!j->attempt->decrypted && is_sealed_handshake(j, frame))
        return N_("the device starts the encryption over, inside the encryption");
    return NULL;
}

/* A proof before the next fact that no fact tells. */
static bool tell_elsewhere(struct teller *t, struct told *line)
{
    const struct finding *f = main_finding(t->j);
    while (f && t->proofs < f->frame_count &&
           (!t->fact || f->frames[t->proofs] < t->fact->last_frame)) {
        uint32_t frame = f->frames[t->proofs++];
        const char *english = elsewhere(t, frame);
        if (!english)
            continue;
        text_add(&line->sentence, lang_text(t->o->lang, english));
        begin_line(line, frame, TIME_NONE, true);
        return true;
    }
    return false;
}

/* A message, or an answer of several lines, of which the end never came. */
static bool is_broken_off(const struct fact *f)
{
    if (f->kind == FACT_MESSAGE)
        return !f->message.complete;
    return (f->kind == FACT_SMTP_REPLY || f->kind == FACT_SMTP_CAPABILITIES) &&
           f->flags & FACT_CLIPPED && !is_small(f);
}

/* That something broke off is known only at the end; it is told before the end that it came to. */
static const struct fact *broken_off(const struct teller *t, const struct fact *end)
{
    const struct fact *f = end;
    while (f && (!is_broken_off(f) || f->last_frame > end->last_frame))
        f = timeline_next(t->j->attempt->timeline, f);
    return f;
}

static bool next_sentence(struct teller *t, struct told *line)
{
    text_clear(&line->sentence);
    line->count = 0;
    while (!tell_elsewhere(t, line)) {
        const struct fact *f = t->fact;
        if (!f)
            return false;
        bool ahead = !t->o->timeline && !t->early && is_ending(f) && broken_off(t, f);
        if (ahead)
            f = t->early = broken_off(t, f);
        bool told = (ahead || f != t->early) && add_sentence(&line->sentence, t, f);
        if (told)
            begin_line(line, f->last_frame, f->time, is_proof(t->j, f->last_frame));
        if (!ahead)
            t->fact = walk_next(&t->walk);
        if (told)
            return true;
    }
    return true;
}

static void add_repeat(struct told *line, const struct told *again)
{
    uint32_t last = line->frame_count < FRAMES_SHOWN ? line->frame_count : FRAMES_SHOWN;
    if (again->frames[0] != line->frames[last - 1]) {
        if (last < FRAMES_SHOWN)
            line->frames[last] = again->frames[0];
        line->frame_count++;
    }
    line->count++;
    line->proof = line->proof || again->proof;
    line->last_time = again->last_time;
}

/* "(5 times within 31 s: frames 8, 9, 10, 11, 12)" */
static void say_repeats(struct told *line, enum lang lang)
{
    struct text frames;
    text_init(&frames, TEXT_MAX);
    for (uint32_t i = 0; i < line->frame_count && i < FRAMES_SHOWN; i++)
        text_format(&frames, "%s%u", i == 0 ? "" : lang == LANG_JA ? "、" : ", ", line->frames[i]);
    if (line->frame_count > FRAMES_SHOWN)
        text_add(&frames, lang == LANG_JA ? "、…" : ", …");
    struct finding values = { 0 };
    finding_number(&values, "count", line->count);
    finding_word(&values, "frames", text_str(&frames));
    if (line->first_time != TIME_NONE && line->last_time >= line->first_time)
        finding_span(&values, "span", line->last_time - line->first_time);
    struct subject subject = { .lang = lang, .finding = &values };
    text_add(&line->sentence, lang == LANG_JA ? "(" : " (");
    const char *english = line->frame_count == 1 ? N_("{count} times")
                          : finding_value(&values, "span")
                              ? N_("{count} times within {span}: frames {frames}")
                              : N_("{count} times: frames {frames}");
    story_fill(&line->sentence, &subject, english);
    text_add(&line->sentence, ")");
    text_done(&frames);
}

static void teller_begin(struct teller *t, const struct text_options *o, const struct judged *j)
{
    *t = (struct teller) { .o = o, .j = j };
    text_init(&t->ahead.sentence, TEXT_MAX);
    walk_begin(&t->walk, j, true);
    t->fact = walk_next(&t->walk);
    next_sentence(t, &t->ahead);
}

/* False at the end. */
static bool next_line(struct teller *t, struct told *line)
{
    if (t->ahead.count == 0)
        return false;
    struct text sentence = line->sentence;
    *line = t->ahead;
    t->ahead.sentence = sentence;
    while (next_sentence(t, &t->ahead) && !t->o->timeline &&
           strcmp(text_str(&t->ahead.sentence), text_str(&line->sentence)) == 0)
        add_repeat(line, &t->ahead);
    if (line->count > 1)
        say_repeats(line, t->o->lang);
    return true;
}

static void add_line(struct text *out, const struct teller *t, const struct told *line)
{
    char label[48];
    enum { LABEL = 11 };
    const struct text_options *o = t->o;
    int64_t start = t->j->attempt->start_time;
    bool ja = o->lang == LANG_JA;
    struct text head;
    text_init(&head, 128);
    if (o->timeline && line->first_time != TIME_NONE && start != TIME_NONE) {
        int64_t ms = (line->first_time - start) / TIME_MILLISECOND;
        text_format(&head, "+%lld.%03lld  ", (long long)(ms / 1000),
                    (long long)(ms % 1000 < 0 ? 0 : ms % 1000));
    }
    snprintf(label, sizeof label, ja ? "フレーム%u" : "frame %u", line->frames[0]);
    text_add(&head, label);
    layout_spaces(out, BODY);
    text_add_n(out, text_str(&head), head.len);
    size_t width = text_width(text_str(&head), head.len),
           column = (o->timeline ? 9u : 0u) + (ja ? LABEL + 2u : LABEL);
    size_t pad = width < column ? column - width : 1;
    layout_spaces(out, pad);
    text_done(&head);
    size_t indent = BODY + width + pad;
    layout_wrap(out, text_str(&line->sentence), o->columns, indent, BODY + column);
}

static size_t count_lines(const struct text_options *o, const struct judged *j, struct told *line)
{
    struct teller t;
    size_t count = 0;
    teller_begin(&t, o, j);
    while (next_line(&t, line))
        count++;
    text_done(&t.ahead.sentence);
    return count;
}

void text_steps(struct text *out, const struct text_options *o, const struct judged *j)
{
    struct told line = { .count = 0 };
    struct teller t;
    size_t at = 0;
    text_init(&line.sentence, TEXT_MAX);
    size_t count = count_lines(o, j, &line);
    if (count > 0) {
        layout_spaces(out, INDENT);
        text_add(out, lang_text(o->lang, N_("What happened")));
        text_add_char(out, '\n');
    }
    teller_begin(&t, o, j);
    while (next_line(&t, &line)) {
        at++;
        bool left_out = !o->timeline && count > STEPS_MAX && at > STEPS_HEAD &&
                        at <= count - (STEPS_MAX - STEPS_HEAD) && !line.proof;
        if (!left_out) {
            add_line(out, &t, &line);
        } else if (at == STEPS_HEAD + 1) {
            layout_spaces(out, BODY);
            layout_wrap(out, "…", o->columns, BODY, BODY);
        }
    }
    text_done(&t.ahead.sentence);
    text_done(&line.sentence);
}
