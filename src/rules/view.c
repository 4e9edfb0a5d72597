/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/exchange.h"

enum { REFUSAL = 400 };

static void index_reply(struct view_index *index, const struct fact *f)
{
    if (f->reply.step >= SMTP_STEPS)
        return;
    index->replied[f->reply.step] |= (uint8_t)(1u << (f->reply.code / 100 & 7));
    if (f->reply.code < REFUSAL) {
        if (f->reply.step == STEP_STARTTLS)
            index->shown |= FACT_BIT(SIGN_STARTTLS_READY);
        return;
    }
    index->shown |= FACT_BIT(SIGN_REFUSAL) | FACT_BIT(SIGN_NAMED);
    if (!index->first_refusal)
        index->first_refusal = f;
    index->last_refusal = f;
}

/* How far the device got with the last list, while the index is filled. */
struct progress {
    bool quit;       /* it has said QUIT */
    bool left_there; /* it left after a list without a sign-in or a mail */
};

static void index_begun(struct view_index *index, const struct progress *p)
{
    if (!p->left_there)
        index->shown &= ~FACT_BIT(SIGN_LEFT_AFTER_LIST);
}

static void index_left(const struct view_index *index, struct progress *p)
{
    p->left_there |= (index->shown & FACT_BIT(SIGN_LEFT_AFTER_LIST)) != 0;
}

static void index_command(struct view_index *index, const struct fact *f, struct progress *p)
{
    if (f->command.bare_lf || f->command.bare_cr)
        index->shown |= FACT_BIT(SIGN_BARE_LINE_END);
    if (f->command.early)
        index->shown |= FACT_BIT(SIGN_EARLY_COMMAND);
    if (f->command.verb == SMTP_MAIL)
        index_begun(index, p);
    if (f->command.verb != SMTP_QUIT || f->from != SIDE_DEVICE)
        return;
    p->quit = true;
    index_left(index, p);
}

static void index_end(struct view_index *index, const struct fact *f, struct progress *p)
{
    index_left(index, p);
    if (index->end || (f->kind == FACT_RST && f->rst.after_fin))
        return;
    index->end = f;
    if (!p->quit)
        index->shown |= FACT_BIT(SIGN_END_WITHOUT_QUIT);
}

static void index_fact(struct view_index *index, const struct fact *f, struct progress *p)
{
    switch (f->kind) {
    case FACT_SMTP_REPLY:
        index_reply(index, f);
        break;
    case FACT_SMTP_COMMAND:
        index_command(index, f, p);
        break;
    case FACT_SMTP_CAPABILITIES:
        index->shown |= FACT_BIT(SIGN_LEFT_AFTER_LIST);
        if (f->capabilities.overwritten)
            index->shown |= FACT_BIT(SIGN_OVERWRITTEN_LIST);
        break;
    case FACT_AUTH:
        index_begun(index, p);
        if (exchange_is_oauth(f))
            index->shown |= FACT_BIT(SIGN_OAUTH);
        break;
    case FACT_MESSAGE:
        if (f->message.lf_dot_end)
            index->shown |= FACT_BIT(SIGN_BARE_LINE_END);
        break;
    case FACT_FIN:
    case FACT_RST:
        index_end(index, f, p);
        break;
    default:
        break;
    }
}

/* What can be told without the timeline. */
static uint64_t signs_of(const struct attempt *a, const struct summary *s)
{
    const struct direction *server = &a->direction[SIDE_SERVER];
    uint64_t signs = timeline_kinds(a->timeline);
    if (server->packets == 0)
        signs |= FACT_BIT(SIGN_NO_PACKET);
    if (server->bytes == 0)
        signs |= FACT_BIT(SIGN_NO_WORD);
    if ((signs & FACT_BIT(FACT_SMTP_REPLY)) && s->accepted == 0 && !s->anything_refused)
        signs |= FACT_BIT(SIGN_NO_MAIL_NO_ERROR);
    if (s->check_count > 0)
        signs |= FACT_BIT(SIGN_PASSWORD_CHECKED);
    return signs;
}

void view_index_fill(struct view_index *index, const struct attempt *attempt,
                     const struct summary *summary)
{
    struct progress progress = { false, false };
    uint32_t frame = 0;
    bool in_order = true;
    *index = (struct view_index) { .shown = signs_of(attempt, summary) };
    for (const struct fact *f = timeline_first(attempt->timeline); f;
         f = timeline_next(attempt->timeline, f)) {
        if (!index->first[f->kind])
            index->first[f->kind] = f;
        index->last[f->kind] = f;
        index_fact(index, f, &progress);
        if (FACT_BIT(f->kind) & VIEW_TOLD_LATE)
            continue;
        if (f->last_frame < frame)
            in_order = false;
        frame = f->last_frame;
    }
    index->in_order = in_order;
}

static bool is(const struct fact *f, enum fact_kind kind, int from)
{
    return f->kind == kind && (from == ANY_SIDE || f->from == from);
}

static const struct fact *step(const struct view *v, const struct fact *f)
{
    return f ? timeline_next(v->attempt->timeline, f) : timeline_first(v->attempt->timeline);
}

const struct fact *view_after(const struct view *v, const struct fact *fact, enum fact_kind kind,
                              int from)
{
    const struct fact *f;
    if (!v->index)
        f = step(v, fact);
    else if (!fact)
        f = v->index->first[kind];
    else
        f = v->index->last[kind] && v->index->last[kind] != fact ? step(v, fact) : NULL;
    while (f && !is(f, kind, from))
        f = step(v, f);
    return f;
}

const struct fact *view_before(const struct view *v, const struct fact *fact, enum fact_kind kind,
                               int from)
{
    const struct fact *f;
    if (!v->index)
        f = timeline_previous(v->attempt->timeline, fact);
    else if (!fact)
        f = v->index->last[kind];
    else
        f = v->index->first[kind] && v->index->first[kind] != fact
                ? timeline_previous(v->attempt->timeline, fact)
                : NULL;
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
