/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/finding.h"

const char *severity_name(enum severity s)
{
    static const char *const names[] = { "failure", "warning", "note" };
    return (unsigned)s < sizeof names / sizeof *names ? names[s] : "";
}

const char *confidence_name(enum confidence c)
{
    static const char *const names[] = { "", "possible", "likely", "certain" };
    return (unsigned)c < sizeof names / sizeof *names ? names[c] : "";
}

void finding_begin(struct finding *f, const struct cause *cause, enum severity severity)
{
    f->cause = cause;
    f->severity = (uint8_t)severity;
    f->confidence = NO_MATCH;
    f->primary = f->ends_no_mail = f->made_good = false;
    f->lowered = f->headline = f->meaning = NULL;
    f->frame_count = f->value_count = f->advice_count = f->rules_out_count = f->attempt_count =
        f->late_advice = 0;
    f->last_proof = 0;
    f->last_proof_time = 0;
    f->stage = 0;
    f->advice_alone = f->rules_out_alone = false;
    f->filter_field = NULL;
}

/* Into ascending order, each once; when full the earlier proofs give way, since the last decides. */
static void add_frame(struct finding *f, uint32_t frame)
{
    size_t at = 0;
    while (at < f->frame_count && f->frames[at] < frame)
        at++;
    if (frame == 0 || (at < f->frame_count && f->frames[at] == frame))
        return;
    if (f->frame_count == FINDING_FRAMES) {
        if (at == 0)
            return;
        for (size_t i = 1; i < f->frame_count; i++)
            f->frames[i - 1] = f->frames[i];
        f->frame_count--;
        at--;
    }
    for (size_t i = f->frame_count; i > at; i--)
        f->frames[i] = f->frames[i - 1];
    f->frames[at] = frame;
    f->frame_count++;
}

void finding_proof_frame(struct finding *f, uint32_t frame, int64_t time)
{
    add_frame(f, frame);
    if (frame >= f->last_proof) {
        f->last_proof = frame;
        f->last_proof_time = time;
    }
}

void finding_proof(struct finding *f, const struct fact *fact)
{
    if (fact)
        finding_proof_frame(f, fact->last_frame, fact->time);
}

static struct value *add_value(struct finding *f, const char *name, enum value_kind kind)
{
    for (size_t i = 0; i < f->value_count; i++)
        if (cause_is(f->values[i].name, name)) {
            f->values[i].kind = (uint8_t)kind;
            return &f->values[i];
        }
    if (f->value_count == FINDING_VALUES)
        return NULL;
    struct value *v = &f->values[f->value_count++];
    *v = (struct value) { .name = name, .kind = (uint8_t)kind };
    return v;
}

void finding_wire(struct finding *f, const char *name, struct bytes b)
{
    struct value *v = b.len > 0 ? add_value(f, name, VALUE_WIRE) : NULL;
    if (v)
        v->wire = b;
}

void finding_word(struct finding *f, const char *name, const char *word)
{
    struct value *v = word ? add_value(f, name, VALUE_WORD) : NULL;
    if (v)
        v->word = word;
}

static void add_number(struct finding *f, const char *name, enum value_kind kind, int64_t number)
{
    struct value *v = add_value(f, name, kind);
    if (v)
        v->number = number;
}

void finding_number(struct finding *f, const char *name, int64_t number)
{
    add_number(f, name, VALUE_NUMBER, number);
}

void finding_size(struct finding *f, const char *name, int64_t bytes)
{
    add_number(f, name, VALUE_SIZE, bytes);
}

void finding_span(struct finding *f, const char *name, int64_t ns)
{
    add_number(f, name, VALUE_SPAN, ns);
}

void finding_time(struct finding *f, const char *name, int64_t time)
{
    add_number(f, name, VALUE_TIME, time);
}

void finding_flag(struct finding *f, const char *name, bool flag)
{
    struct value *v = add_value(f, name, VALUE_FLAG);
    if (v)
        v->flag = flag;
}

const struct value *finding_value(const struct finding *f, const char *name)
{
    for (size_t i = 0; i < f->value_count; i++)
        if (cause_is(f->values[i].name, name))
            return &f->values[i];
    return NULL;
}

void finding_advice(struct finding *f, const char *text)
{
    if (f->advice_count < FINDING_TEXTS)
        f->advice[f->advice_count++] = text;
}

void finding_rules_out(struct finding *f, const char *text)
{
    if (f->rules_out_count < FINDING_TEXTS)
        f->rules_out[f->rules_out_count++] = text;
}

void finding_filter(struct finding *f, const char *field, uint32_t value)
{
    f->filter_field = field;
    f->filter_value = value;
}
