/* SPDX-License-Identifier: BSD-3-Clause */
#include "derive/infer_steps.h"

#include "facts/fact.h"

static enum smtp_verb verb_of(const struct infer_said *row)
{
    static const uint8_t verbs[OWED_KINDS] = {
        [OWED_EHLO] = SMTP_EHLO, [OWED_MAIL] = SMTP_MAIL,    [OWED_RCPT] = SMTP_RCPT,
        [OWED_DATA] = SMTP_DATA, [OWED_MESSAGE] = SMTP_BDAT, [OWED_RSET] = SMTP_RSET,
        [OWED_QUIT] = SMTP_QUIT,
    };
    return (enum smtp_verb)verbs[row->owes];
}

static void as_said(const struct infer_said *row, struct inferred_step *step)
{
    if (row->effect == DOES_AUTH) {
        step->kind = FACT_AUTH;
        step->what = row->method;
    } else if (row->message == MSG_BODY) {
        step->kind = FACT_MESSAGE;
    } else if (verb_of(row) != SMTP_NO_VERB) {
        step->kind = FACT_SMTP_COMMAND;
        step->what = (uint8_t)verb_of(row);
    } else {
        step->kind = FACT_AUTH_STEP;
    }
}

static enum inferred_answer answer_of(enum infer_message message)
{
    switch (message) {
    case MSG_AUTH_NO:
    case MSG_NO:
    case MSG_DATA_NO:
    case MSG_MESSAGE_NO:
        return ANSWER_NO;
    case MSG_GO:
    case MSG_GO_NAMED:
    case MSG_CRAM_CHALLENGE:
    case MSG_CHALLENGE:
    case MSG_LAST_CHALLENGE:
    case MSG_TOKEN_ERROR:
    case MSG_DATA_GO:
        return ANSWER_GO_ON;
    default:
        return ANSWER_YES;
    }
}

static void as_answer(const struct infer_answer *row, struct inferred_step *step)
{
    static const uint8_t steps[OWED_KINDS] = {
        [OWED_GREETING] = STEP_GREETING, [OWED_EHLO] = STEP_EHLO,  [OWED_BARE] = STEP_AUTH,
        [OWED_PASSWORD] = STEP_AUTH,     [OWED_CRAM] = STEP_AUTH,  [OWED_LONG] = STEP_AUTH,
        [OWED_NTLM] = STEP_AUTH,         [OWED_TOKEN] = STEP_AUTH, [OWED_VERDICT] = STEP_AUTH,
        [OWED_MAIL] = STEP_MAIL,         [OWED_RCPT] = STEP_RCPT,  [OWED_DATA] = STEP_DATA,
        [OWED_MESSAGE] = STEP_END,       [OWED_RSET] = STEP_RSET,  [OWED_NOOP] = STEP_OTHER,
        [OWED_QUIT] = STEP_QUIT,
    };
    step->kind = FACT_SMTP_REPLY;
    step->what = steps[row->owed];
    step->answer = (uint8_t)answer_of((enum infer_message)row->message);
}

static struct inferred_step step_of(uint8_t row, uint16_t item, uint8_t from)
{
    struct inferred_step step = { .record = item };
    if (from == SIDE_SERVER) {
        as_answer(&infer_answers[row], &step);
    } else if (row == INFER_ROW_STRANGE) {
        step.kind = FACT_SMTP_COMMAND;
        step.what = SMTP_UNKNOWN_VERB;
    } else {
        as_said(&infer_said[row], &step);
    }
    return step;
}

static const struct path *parent_of(const struct beam *beams, const struct path *p)
{
    return &beams[p->begin].paths[p->parent];
}

/* The first and the last ones stay; the cause is at the beginning, the outcome at the end. */
void infer_steps_of(const struct beam *beams, const struct infer_item *items,
                    const struct path *last, struct infer_steps *out)
{
    size_t total = 0;
    for (const struct path *p = last; p->row_count > 0; p = parent_of(beams, p))
        total += p->row_count;
    out->count = (uint8_t)(total < INFERRED_STEPS_MAX ? total : INFERRED_STEPS_MAX);
    out->left_out = (uint16_t)(total - out->count);
    size_t at = total;
    for (const struct path *p = last; p->row_count > 0; p = parent_of(beams, p))
        for (size_t i = p->row_count; i-- > 0;) {
            at--;
            size_t to = at < INFERRED_STEPS_HEAD ? at : at - out->left_out;
            if (at < INFERRED_STEPS_HEAD || at >= (size_t)INFERRED_STEPS_HEAD + out->left_out)
                out->list[to] = step_of(p->rows[i], p->begin, items[p->begin].from);
        }
}
