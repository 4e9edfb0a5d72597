/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/view.h"

enum { REFUSAL = 400 };

void view_index_fill(struct view_index *index, const struct attempt *attempt)
{
    *index = (struct view_index) { .first_refusal = NULL };
    for (const struct fact *f = timeline_first(attempt->timeline); f;
         f = timeline_next(attempt->timeline, f)) {
        if (!index->first[f->kind])
            index->first[f->kind] = f;
        index->last[f->kind] = f;
        if (f->kind != FACT_SMTP_REPLY || f->reply.step >= SMTP_STEPS)
            continue;
        index->replied[f->reply.step] |= (uint8_t)(1u << (f->reply.code / 100 & 7));
        if (f->reply.code < REFUSAL)
            continue;
        if (!index->first_refusal)
            index->first_refusal = f;
        index->last_refusal = f;
    }
}

static bool is(const struct fact *f, enum fact_kind kind, int from)
{
    return f->kind == kind && (from == ANY_SIDE || f->from == from);
}

static bool has_kind(const struct view *v, enum fact_kind kind)
{
    return (timeline_kinds(v->attempt->timeline) & FACT_BIT(kind)) != 0;
}

static const struct fact *step(const struct view *v, const struct fact *f)
{
    return f ? timeline_next(v->attempt->timeline, f) : timeline_first(v->attempt->timeline);
}

const struct fact *view_after(const struct view *v, const struct fact *fact, enum fact_kind kind,
                              int from)
{
    if (!has_kind(v, kind) || (v->index && fact && fact == v->index->last[kind]))
        return NULL;
    const struct fact *f = !fact && v->index ? v->index->first[kind] : step(v, fact);
    while (f && !is(f, kind, from))
        f = step(v, f);
    return f;
}

const struct fact *view_before(const struct view *v, const struct fact *fact, enum fact_kind kind,
                               int from)
{
    if (!has_kind(v, kind) || (v->index && fact && fact == v->index->first[kind]))
        return NULL;
    const struct fact *f =
        !fact && v->index ? v->index->last[kind] : timeline_previous(v->attempt->timeline, fact);
    while (f && !is(f, kind, from))
        f = timeline_previous(v->attempt->timeline, f);
    return f;
}

const struct fact *view_first(const struct view *v, enum fact_kind kind, int from)
{
    return view_after(v, NULL, kind, from);
}

const struct fact *view_last(const struct view *v, enum fact_kind kind, int from)
{
    return view_before(v, NULL, kind, from);
}

const struct fact *view_command(const struct view *v, enum smtp_verb verb, unsigned n)
{
    const struct fact *f = NULL;
    while ((f = view_after(v, f, FACT_SMTP_COMMAND, SIDE_DEVICE)))
        if (f->command.verb == verb && n-- == 0)
            return f;
    return NULL;
}

const struct fact *view_asked(const struct view *v, const struct fact *reply)
{
    return timeline_asked(v->attempt->timeline, reply);
}

const struct fact *view_reply_to(const struct view *v, const struct fact *command)
{
    for (const struct fact *f = view_after(v, command, FACT_SMTP_REPLY, SIDE_SERVER); f;
         f = view_after(v, f, FACT_SMTP_REPLY, SIDE_SERVER))
        if (view_asked(v, f) == command)
            return f;
    return NULL;
}

/* Has a code of these come to this step at all, for what is known without a walk? */
static bool may_have_replied(const struct view *v, enum smtp_step smtp_step, unsigned lowest,
                             unsigned highest)
{
    for (unsigned digit = lowest / 100; v->index && digit <= highest / 100; digit++)
        if (v->index->replied[smtp_step] & 1u << (digit & 7))
            return true;
    return !v->index;
}

const struct fact *view_reply(const struct view *v, const struct fact *after,
                              enum smtp_step smtp_step, unsigned lowest, unsigned highest)
{
    if (!may_have_replied(v, smtp_step, lowest, highest))
        return NULL;
    const struct fact *f = after;
    while ((f = view_after(v, f, FACT_SMTP_REPLY, SIDE_SERVER)))
        if (f->reply.step == smtp_step && f->reply.code >= lowest && f->reply.code <= highest)
            return f;
    return NULL;
}

const struct fact *view_refusal(const struct view *v, const struct fact *after)
{
    if (v->index && !after)
        return v->index->first_refusal;
    if (v->index && after == v->index->last_refusal)
        return NULL;
    const struct fact *f = after;
    while ((f = view_after(v, f, FACT_SMTP_REPLY, SIDE_SERVER)))
        if (f->reply.code >= REFUSAL)
            return f;
    return NULL;
}

bool view_gap_between(const struct view *v, const struct fact *first, const struct fact *last)
{
    for (const struct fact *f = step(v, first); f && f != last; f = step(v, f))
        if (f->kind == FACT_GAP || f->kind == FACT_DROPPED)
            return true;
    return false;
}

bool view_spoke_after(const struct view *v, const struct fact *fact, enum side side)
{
    for (const struct fact *f = step(v, fact); f; f = step(v, f))
        if (f->from == side && f->kind >= FACT_OTHER_PROTOCOL && f->kind != FACT_DROPPED)
            return true;
    return false;
}

bool view_text_has(const struct fact *reply, const char *phrase)
{
    return reply && bytes_find_nocase(reply->reply.text, phrase) >= 0;
}

bool view_encrypted_at(const struct fact *fact)
{
    return fact->origin == ORIGIN_DECRYPTED;
}
