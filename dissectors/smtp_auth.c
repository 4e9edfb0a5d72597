/* SPDX-License-Identifier: BSD-3-Clause */
/* The device's side of an AUTH exchange (RFC 4954): lines without their content, identity without
 * its secret. */
#include "base/base64.h"
#include "base/limits.h"
#include "dissectors/smtp_state.h"

static void tell_identity(struct smtp *s)
{
    struct exchange *e = s->exchange;
    struct sasl *id = &e->identity;
    if (e->told || e->malformed || e->lost || (!id->user_known && !id->password_known))
        return;
    e->told = true;
    struct line place = { .first_frame = e->first_frame,
                          .last_frame = e->last_frame,
                          .time = e->time };
    struct fact f;
    smtp_fact(s, &f, FACT_AUTH_IDENTITY, SIDE_DEVICE, &place);
    f.flags = (uint8_t)(f.flags | (id->clipped ? FACT_CLIPPED : 0));
    f.identity = (struct fact_auth_identity) {
        .user = bytes_of(id->user, id->user_len),
        .user_has_domain = id->has_domain,
        .user_trailing_blank = id->user_trailing_blank,
        .password_known = id->password_known,
        .empty_password = id->empty_password,
        .password_trailing_blank = id->password_trailing_blank,
    };
    smtp_tell(s, &f);
}

/* Reads a response and keeps it from being repeated by the server. */
static bool read_response(struct smtp *s, struct bytes response)
{
    struct exchange *e = s->exchange;
    uint8_t decoded[SMTP_AUTH_LINE_MAX / 4 * 3 + 3];
    struct bytes secret = { NULL, 0 };
    bool valid;
    size_t n = base64_decode(decoded, sizeof decoded, response, &valid);
    bool read = valid && e && !e->lost && !e->malformed &&
                sasl_step(&e->identity, e->mechanism, e->number, bytes_of(decoded, n), &secret);
    if (valid && e && !e->lost)
        sign_ins_message(s->attempt->sign_ins, SIDE_DEVICE, bytes_of(decoded, n));
    else
        sign_ins_lost(s->attempt->sign_ins);
    if (e)
        e->malformed |= !read;
    bool understood = read && e->mechanism != AUTH_OTHER && e->mechanism != AUTH_NONE;
    smtp_keep_secret(s, response, understood ? SECRET_AS_IT_IS : SECRET_ALL_FORMS);
    smtp_keep_secret(s, secret, SECRET_ALL_FORMS);
    mem_wipe(decoded, n);
    return valid;
}

static void note_place(struct exchange *e, const struct line *line)
{
    e->first_frame = line->first_frame;
    e->last_frame = line->last_frame;
    e->time = line->time;
}

/* One response, or the initial one, that stands in the line from at on. */
static void step(struct smtp *s, const struct line *line, struct bytes response,
                 bool looks_like_command)
{
    struct exchange *e = s->exchange;
    struct fact f;
    smtp_fact(s, &f, FACT_AUTH_STEP, SIDE_DEVICE, line);
    bool cancel = bytes_equal(response, bytes_str("*"));
    if (e && e->number < UINT8_MAX)
        e->number++;
    if (bytes_equal(response, bytes_str("="))) /* RFC 4954 4: an empty initial response */
        response.len = 0;
    f.auth_step = (struct fact_auth_step) {
        .number = e ? e->number : 0,
        .cancel = cancel,
        .empty = response.len == 0,
        .looks_like_command = looks_like_command,
    };
    if (e)
        e->malformed |= cancel || line->unfinished || looks_like_command;
    if (!cancel && !line->unfinished)
        f.auth_step.base64 = read_response(s, response);
    if (!f.auth_step.base64 || looks_like_command) /* a QUIT is base64 too, but no answer */
        sign_ins_lost(s->attempt->sign_ins);
    if (e) {
        note_place(e, line);
        e->asked = false;
    }
    if (f.auth_step.number <= SMTP_AUTH_STEPS_MAX)
        smtp_tell(s, &f);
    if (e && e->identity.complete)
        tell_identity(s);
}

static struct exchange *exchange_new(struct smtp *s, enum auth_mechanism mechanism)
{
    smtp_auth_over(s);
    s->exchange = mem_alloc(s->budget, sizeof *s->exchange);
    if (s->exchange)
        s->exchange->mechanism = (uint8_t)mechanism;
    s->mode = MODE_AUTH;
    s->auth_seen = true;
    return s->exchange;
}

/* Was this word in the last list? For those without a number of ours the list itself is asked. */
static bool is_advertised(const struct smtp *s, enum auth_mechanism mechanism, struct bytes name)
{
    if (mechanism != AUTH_OTHER || !(s->mechanisms & AUTH_BIT(AUTH_OTHER)))
        return mechanism != AUTH_NONE && (s->mechanisms & AUTH_BIT(mechanism)) != 0;
    const struct fact *f = timeline_previous(s->attempt->timeline, NULL);
    while (f && f->kind != FACT_SMTP_CAPABILITIES)
        f = timeline_previous(s->attempt->timeline, f);
    struct bytes words = f ? f->capabilities.auth_words : (struct bytes) { NULL, 0 };
    while (words.len > 0)
        if (bytes_equal_nocase(smtp_word(&words), name))
            return true;
    return false;
}

void smtp_auth_command(struct smtp *s, const struct line *line, const struct smtp_command *c)
{
    struct fact f;
    smtp_fact(s, &f, FACT_AUTH, SIDE_DEVICE, line);
    enum auth_mechanism mechanism = auth_mechanism_from(c->mechanism);
    uint8_t name[32];
    size_t n = bytes_copy(name, sizeof name, c->mechanism);
    for (size_t i = 0; i < n; i++)
        name[i] = (uint8_t)(name[i] >= 'a' && name[i] <= 'z' ? name[i] - ('a' - 'A') : name[i]);
    f.auth = (struct fact_auth) { .mechanism = (uint8_t)mechanism,
                                  .initial_response = c->initial.len > 0,
                                  .advertised = is_advertised(s, mechanism, c->mechanism),
                                  .name = bytes_of(name, n) };
    smtp_tell(s, &f);
    size_t at = line->text.len - c->initial.len;
    if (c->initial.len > 0)
        smtp_mark_secret(s, line, at, c->initial.len);
    if (s->early) {
        s->auth_seen = true;
        return;
    }
    exchange_new(s, mechanism);
    sign_ins_begin(s->attempt->sign_ins, mechanism, line->last_frame);
    if (c->initial.len > 0)
        step(s, line, bytes_trim(c->initial), false);
}

void smtp_auth_answer(struct smtp *s, const struct line *line, enum smtp_verb looks_like)
{
    if (s->exchange)
        s->exchange->quit = looks_like == SMTP_QUIT;
    smtp_mark_secret(s, line, 0, line->length);
    step(s, line, bytes_trim(line->text), looks_like != SMTP_UNKNOWN_VERB);
}

bool smtp_auth_line(struct smtp *s, const struct line *line, const struct smtp_command *c)
{
    struct exchange *e = s->exchange;
    bool asked = e && e->asked;
    if (c->strict && !asked) {
        smtp_auth_over(s); /* the device goes on, whatever it was told */
        return false;
    }
    smtp_auth_answer(s, line, c->strict ? c->verb : SMTP_UNKNOWN_VERB);
    return true;
}

void smtp_auth_asked(struct smtp *s)
{
    if (s->mode == MODE_COMMAND && !exchange_new(s, AUTH_NONE))
        return;
    if (s->exchange)
        s->exchange->asked = true;
}

void smtp_auth_over(struct smtp *s)
{
    struct exchange *e = s->exchange;
    if (s->mode == MODE_AUTH)
        s->mode = MODE_COMMAND;
    if (!e)
        return;
    tell_identity(s);
    sign_ins_end(s->attempt->sign_ins);
    mem_wipe(e, sizeof *e);
    mem_free(s->budget, e, sizeof *e);
    s->exchange = NULL;
}
