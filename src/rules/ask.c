/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/ask.h"

#include <stddef.h>

#include "rules/reply_text.h"

const struct fact *ask_begin(const struct view *v)
{
    return timeline_first(v->attempt->timeline);
}

const struct fact *ask_next(const struct view *v, const struct fact *fact)
{
    return fact ? timeline_next(v->attempt->timeline, fact) : ask_begin(v);
}

bool ask_after(const struct view *v, const struct fact *a, const struct fact *b)
{
    if (!a || !b || a == b)
        return false;
    for (const struct fact *f = ask_next(v, a); f; f = ask_next(v, f)) {
        if (f == b)
            return true;
    }
    return false;
}

static bool is_of(const struct fact *f, uint64_t kinds, int from)
{
    return (kinds & FACT_BIT(f->kind)) && (from == ANY_SIDE || f->from == from);
}

const struct fact *ask_first_of(const struct view *v, const struct fact *after, uint64_t kinds,
                                int from)
{
    if (!(timeline_kinds(v->attempt->timeline) & kinds))
        return NULL;
    for (const struct fact *f = ask_next(v, after); f; f = ask_next(v, f)) {
        if (is_of(f, kinds, from))
            return f;
    }
    return NULL;
}

const struct fact *ask_last_of(const struct view *v, uint64_t kinds, int from)
{
    if (!(timeline_kinds(v->attempt->timeline) & kinds))
        return NULL;
    const struct fact *last = NULL;
    for (const struct fact *f = ask_begin(v); f; f = ask_next(v, f)) {
        if (is_of(f, kinds, from))
            last = f;
    }
    return last;
}

const struct fact *ask_end(const struct view *v)
{
    if (v->index)
        return v->index->end;
    for (const struct fact *f = ask_begin(v); f; f = ask_next(v, f)) {
        if (f->kind == FACT_FIN || (f->kind == FACT_RST && !f->rst.after_fin))
            return f;
    }
    return NULL;
}

bool ask_ended_by(const struct view *v, enum side side)
{
    const struct fact *end = ask_end(v);
    return end && end->from == side;
}

bool ask_clear(const struct fact *fact)
{
    return fact->origin == ORIGIN_SEEN;
}

bool ask_hidden(const struct view *v)
{
    uint64_t inside =
        FACT_BIT(FACT_SMTP_REPLY) | FACT_BIT(FACT_SMTP_COMMAND) | FACT_BIT(FACT_TLS_ALERT);
    uint64_t tls = FACT_BIT(FACT_CLIENT_HELLO) | FACT_BIT(FACT_SERVER_HELLO) |
                   FACT_BIT(FACT_CERTIFICATE) | FACT_BIT(FACT_CLIENT_KEY_EXCHANGE) |
                   FACT_BIT(FACT_ENCRYPTED);
    /* Records of a session that the capture joined late may be encrypted ones. */
    bool encrypted = !v->attempt->start_seen && (timeline_kinds(v->attempt->timeline) & tls) != 0;
    for (uint16_t i = 0; i < v->attempt->trace_count && !encrypted; i++)
        encrypted = v->attempt->trace[i].from == SIDE_SERVER;
    for (const struct fact *f = ask_begin(v); f; f = ask_next(v, f)) {
        if (f->origin == ORIGIN_DECRYPTED && (inside & FACT_BIT(f->kind)))
            return false;
        /* Up to TLS 1.2 a server that encrypts has seen the device's Finished, or resumed a
         * session. Of a device that encrypts it can't be told whether it was heard. */
        if (f->kind == FACT_TLS_UP || (f->kind == FACT_ENCRYPTED && f->from == SIDE_SERVER))
            encrypted = true;
        if (f->kind == FACT_ENCRYPTED &&
            (v->attempt->one_sided || v->attempt->snapped || ask_ended_by(v, SIDE_DEVICE)))
            encrypted = true;
    }
    return encrypted;
}

bool ask_heard_all(const struct view *v, const struct fact *since)
{
    return !v->attempt->one_sided && !v->attempt->snapped && !view_gap_between(v, since, NULL) &&
           (v->attempt->start_seen || (since && since->kind != FACT_OPEN));
}

bool ask_list_whole(const struct view *v, const struct fact *list)
{
    return list && !v->attempt->snapped && !(list->flags & (FACT_AFTER_GAP | FACT_CLIPPED));
}

bool ask_is_stray(const struct view *v, const struct fact *reply)
{
    return reply->origin == ORIGIN_SEEN && view_before(v, reply, FACT_ENCRYPTED, ANY_SIDE);
}

const struct fact *ask_starttls_ready(const struct view *v)
{
    return view_reply(v, NULL, STEP_STARTTLS, 200, 299);
}

bool ask_inferred_likely(const struct view *v)
{
    const struct attempt *a = v->attempt;
    bool whole = a->start_seen && !a->snapped && !a->one_sided;
    return v->summary->inferred.confidence == INFERRED_LIKELY && a->end != END_OPEN && whole;
}

bool ask_implicit_tls(const struct view *v)
{
    uint64_t data = FACT_BIT(FACT_CLIENT_HELLO) | FACT_BIT(FACT_SMTP_COMMAND) |
                    FACT_BIT(FACT_SMTP_NOISE) | FACT_BIT(FACT_AUTH) |
                    FACT_BIT(FACT_OTHER_PROTOCOL) | FACT_BIT(FACT_TLS_BROKEN);
    const struct fact *first = ask_first_of(v, NULL, data, SIDE_DEVICE);
    if (!first)
        return false;
    /* Where the beginning is missing it may have followed a STARTTLS. */
    if (!v->attempt->start_seen || (first->flags & FACT_AFTER_GAP) || ask_starttls_ready(v))
        return false;
    return first->kind == FACT_CLIENT_HELLO ||
           (first->kind == FACT_SMTP_NOISE && first->noise.what == NOISE_TLS_RECORD);
}

const struct fact *ask_capabilities(const struct view *v, const struct fact *before, bool clear)
{
    const struct fact *list = view_before(v, before, FACT_SMTP_CAPABILITIES, ANY_SIDE);
    while (list && ask_clear(list) != clear)
        list = view_before(v, list, FACT_SMTP_CAPABILITIES, ANY_SIDE);
    return list;
}

bool ask_device_said_smtp(const struct view *v)
{
    uint64_t smtp = FACT_BIT(FACT_SMTP_COMMAND) | FACT_BIT(FACT_AUTH) | FACT_BIT(FACT_MESSAGE);
    if (ask_first_of(v, NULL, smtp, SIDE_DEVICE))
        return true;
    const struct fact *broken = view_first(v, FACT_TLS_BROKEN, SIDE_DEVICE);
    return broken && broken->tls_broken.smtp_text;
}

static enum stage stage_of_verb(enum smtp_verb verb)
{
    static const uint8_t stages[SMTP_VERBS] = {
        [SMTP_NO_VERB] = STAGE_GREETING,  [SMTP_EHLO] = STAGE_EHLO,
        [SMTP_HELO] = STAGE_EHLO,         [SMTP_LHLO] = STAGE_EHLO,
        [SMTP_STARTTLS] = STAGE_STARTTLS, [SMTP_AUTH] = STAGE_AUTH,
        [SMTP_AUTH_STEP] = STAGE_AUTH,    [SMTP_MAIL] = STAGE_ENVELOPE,
        [SMTP_RCPT] = STAGE_ENVELOPE,     [SMTP_DATA] = STAGE_DATA,
        [SMTP_BDAT] = STAGE_DATA,         [SMTP_MESSAGE_END] = STAGE_DATA,
        [SMTP_BURL] = STAGE_DATA,
    };
    return verb < SMTP_VERBS && stages[verb] != 0 ? stages[verb] : STAGE_GREETING;
}

/* Verbs that do not move a conversation on leave its stage as it was. */
static bool moves_on(enum smtp_verb verb)
{
    return stage_of_verb(verb) != STAGE_GREETING || verb == SMTP_NO_VERB;
}

static bool is_answer(const struct fact *asked, const struct fact *f)
{
    if (f->from != SIDE_SERVER)
        return false;
    if (f->kind == FACT_SERVER_HELLO || f->kind == FACT_TLS_ALERT || f->kind == FACT_ENCRYPTED ||
        f->kind == FACT_CERTIFICATE || f->kind == FACT_OTHER_PROTOCOL ||
        f->kind == FACT_TLS_BROKEN || f->kind == FACT_SMTP_NOISE)
        return true;
    if (f->kind != FACT_SMTP_REPLY)
        return false;
    if (asked->kind != FACT_SMTP_COMMAND || f->reply.code == 421 || f->reply.step == STEP_UNASKED)
        return true;
    return f->reply.verb == asked->command.verb;
}

static bool answered(const struct view *v, const struct fact *asked, const struct fact *at)
{
    for (const struct fact *f = ask_next(v, asked); f && f != at; f = ask_next(v, f)) {
        if (is_answer(asked, f))
            return true;
    }
    return false;
}

/* The connection is there, or the encryption that it begins with and a key opened: the server speaks first. */
static bool waits_for_greeting(const struct view *v, const struct fact *f)
{
    return f->kind == FACT_OPEN || (f->kind == FACT_TLS_UP && v->attempt->decrypted &&
                                    v->summary->security == SECURITY_IMPLICIT_TLS);
}

static bool asks(const struct view *v, const struct fact *f)
{
    if (waits_for_greeting(v, f))
        return true;
    if (f->from != SIDE_DEVICE)
        return false;
    switch (f->kind) {
    case FACT_SMTP_COMMAND:
    case FACT_AUTH_STEP:
    case FACT_CLIENT_HELLO:
    case FACT_CLIENT_KEY_EXCHANGE:
        return true;
    case FACT_MESSAGE:
        return f->message.complete;
    default:
        return false;
    }
}

struct ask_due ask_due(const struct view *v, const struct fact *at)
{
    struct ask_due due = { .asked = NULL, .stage = STAGE_CONNECT };
    const struct fact *last = NULL;
    for (const struct fact *f = ask_begin(v); f && f != at; f = ask_next(v, f)) {
        if (!asks(v, f))
            continue;
        last = f;
        due.greeting = waits_for_greeting(v, f);
        due.message = f->kind == FACT_MESSAGE;
        due.tls = f->kind == FACT_CLIENT_HELLO || f->kind == FACT_CLIENT_KEY_EXCHANGE;
        if (due.greeting)
            due.stage = STAGE_GREETING;
        else if (due.message)
            due.stage = STAGE_DATA;
        else if (due.tls)
            due.stage = STAGE_TLS;
        else if (f->kind == FACT_AUTH_STEP)
            due.stage = STAGE_AUTH;
        else if (moves_on(f->command.verb))
            due.stage = stage_of_verb(f->command.verb);
    }
    bool quit = last && last->kind == FACT_SMTP_COMMAND && last->command.verb == SMTP_QUIT;
    if (last && !quit && !answered(v, last, at))
        due.asked = last;
    return due;
}

const struct fact *ask_reply(const struct view *v, unsigned n, enum smtp_step step, unsigned lowest,
                             unsigned highest)
{
    const struct fact *reply = view_reply(v, NULL, step, lowest, highest);
    while (reply && n-- > 0)
        reply = view_reply(v, reply, step, lowest, highest);
    return reply;
}

bool ask_accepted_after(const struct view *v, const struct fact *fact, enum smtp_step step)
{
    return view_reply(v, fact, step, 200, 399) != NULL;
}

bool ask_went_on(const struct view *v, const struct fact *fact)
{
    static const uint8_t steps[] = { STEP_EHLO, STEP_STARTTLS, STEP_MAIL,
                                     STEP_RCPT, STEP_DATA,     STEP_END };
    for (size_t i = 0; i < sizeof steps; i++) {
        if (ask_accepted_after(v, fact, (enum smtp_step)steps[i]))
            return true;
    }
    return view_reply(v, fact, STEP_AUTH, 200, 299) != NULL;
}

static bool has_any(struct bytes text, const char *const *phrases)
{
    struct text_pairs pairs;
    text_pairs_of(&pairs, text);
    for (; *phrases; phrases++)
        if (text_pairs_may(&pairs, *phrases) && bytes_find_nocase(text, *phrases) >= 0)
            return true;
    return false;
}

/* Servers say the same again and again, and are asked the same of it: an answer stands here until
 * another takes its place. */
enum { HEARD_TEXT_MAX = 200 };
struct heard {
    const char *const *phrases; /* NULL: nothing was asked yet */
    size_t len;
    bool has;
    uint8_t text[HEARD_TEXT_MAX];
};

bool ask_text_has_any(const struct fact *reply, const char *const *phrases)
{
    enum { PLACES = 64 };
    static struct heard places[PLACES];
    if (!reply)
        return false;
    struct bytes text = reply->reply.text;
    if (text.len > HEARD_TEXT_MAX) /* hardly one is as long */
        return has_any(text, phrases);
    struct heard *h = &places[(text.len * 7 + (uintptr_t)phrases / sizeof *phrases) % PLACES];
    if (h->phrases != phrases || !bytes_equal(bytes_of(h->text, h->len), text)) {
        h->phrases = phrases;
        h->len = bytes_copy(h->text, sizeof h->text, text);
        h->has = has_any(text, phrases);
    }
    return h->has;
}

enum stage ask_stage(const struct view *v, const struct fact *reply)
{
    static const uint8_t stages[SMTP_STEPS] = {
        [STEP_GREETING] = STAGE_GREETING, [STEP_EHLO] = STAGE_EHLO,
        [STEP_STARTTLS] = STAGE_STARTTLS, [STEP_AUTH] = STAGE_AUTH,
        [STEP_MAIL] = STAGE_ENVELOPE,     [STEP_RCPT] = STAGE_ENVELOPE,
        [STEP_DATA] = STAGE_DATA,         [STEP_END] = STAGE_DATA,
    };
    enum smtp_step step = (enum smtp_step)reply->reply.step;
    if (step < STEP_RSET)
        return (enum stage)stages[step];
    return ask_due(v, reply).stage;
}

bool ask_mail_open(const struct view *v)
{
    const struct fact *mail = view_command(v, SMTP_MAIL, 0);
    const struct fact *last = NULL;
    for (unsigned n = 0; mail; mail = view_command(v, SMTP_MAIL, ++n))
        last = mail;
    return last && !ask_accepted_after(v, last, STEP_END);
}

bool ask_smtp_fields(const struct view *v, const struct fact *fact)
{
    uint16_t port = v->attempt->server_port;
    return fact->origin == ORIGIN_SEEN && (port == 25 || port == 587);
}

bool ask_tls_fields(const struct view *v, const struct fact *fact)
{
    if (fact->origin != ORIGIN_SEEN)
        return false;
    uint16_t port = v->attempt->server_port;
    return port == 465 || ((port == 25 || port == 587) && ask_starttls_ready(v));
}

/* A filter by code must not select a reply that is no proof. */
static bool only_with_code(const struct view *v, const struct fact *reply)
{
    if (reply->first_frame != reply->last_frame)
        return false;
    for (const struct fact *f = view_first(v, FACT_SMTP_REPLY, SIDE_SERVER); f;
         f = view_after(v, f, FACT_SMTP_REPLY, SIDE_SERVER)) {
        if (f != reply && f->reply.code == reply->reply.code && f->last_frame != reply->last_frame)
            return false;
    }
    return true;
}

void ask_tell_reply(const struct view *v, struct finding *f, const struct fact *reply)
{
    finding_proof(f, reply);
    finding_number(f, "code", reply->reply.code);
    if (reply->reply.text.len > 0)
        finding_wire(f, "text", reply->reply.text);
    if (ask_smtp_fields(v, reply) && !reply->reply.mixed && only_with_code(v, reply))
        finding_filter(f, "smtp.response.code", reply->reply.code);
}

void ask_rule_out_network(const struct view *v, struct finding *f)
{
    const struct fact *syn = view_first(v, FACT_SYN, SIDE_DEVICE);
    const struct fact *answer = view_first(v, FACT_SYN_ACK, SIDE_SERVER);
    if (syn && answer && answer->time >= syn->time && answer->time - syn->time < TIME_SECOND) {
        finding_span(f, "answered_in", answer->time - syn->time);
        finding_rules_out(f, SAY_NETWORK_FAST);
    } else {
        finding_rules_out(f, SAY_NETWORK_WORKS);
    }
}

void ask_rule_out_password(const struct view *v, struct finding *f)
{
    if (!view_first(v, FACT_AUTH, SIDE_DEVICE) && !ask_hidden(v) && v->attempt->start_seen &&
        !v->attempt->one_sided)
        finding_rules_out(f, SAY_PASSWORD_NOT_SENT);
}

void ask_advise_other_security(const struct view *v, struct finding *f)
{
    finding_advice(f, ask_implicit_tls(v) ? DO_STARTTLS_587 : DO_SSL_465);
}

void ask_advise_encryption(const struct view *v, struct finding *f)
{
    const struct fact *list = ask_capabilities(v, NULL, true);
    if (!list || !list->capabilities.starttls) {
        finding_advice(f, DO_SSL_465);
        return;
    }
    finding_advice(f, v->attempt->server_port == 587 ? DO_STARTTLS_587 : DO_STARTTLS_HERE);
}
