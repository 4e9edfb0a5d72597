/* SPDX-License-Identifier: BSD-3-Clause */
/* What mostly a key shows: refusals inside TLS that are about TLS itself, and a second handshake. */
#include "rules/with_key.h"

#include "rules/tls_rules.h"

enum { ALERT_UNEXPECTED_MESSAGE = 10, ALERT_NO_RENEGOTIATION = 100 };

/* The first refusal inside TLS with one of these lower-case phrases in its text; NULL. */
static const struct fact *refusal_inside(const struct view *v, const char *const *phrases)
{
    for (const struct fact *r = view_first(v, FACT_SMTP_REPLY, SIDE_SERVER); r;
         r = view_after(v, r, FACT_SMTP_REPLY, SIDE_SERVER)) {
        if (r->origin == ORIGIN_DECRYPTED && r->reply.code >= 400 && ask_text_has_any(r, phrases))
            return r;
    }
    return NULL;
}

static void tell_refusal_inside(const struct view *v, struct finding *f, const struct fact *reply)
{
    finding_proof(f, view_asked(v, reply));
    ask_tell_reply(v, f, reply);
    f->stage = (uint8_t)ask_stage(v, reply);
    ask_rule_out_password(v, f);
    ask_rule_out_network(v, f);
}

static bool is_hello_command(const struct fact *command)
{
    enum smtp_verb verb = (enum smtp_verb)command->command.verb;
    return verb == SMTP_EHLO || verb == SMTP_HELO || verb == SMTP_LHLO;
}

/* Is it refused because the server has forgotten the first EHLO (RFC 3207 4.2)? */
static bool wants_hello(const struct view *v, const struct fact *reply)
{
    static const char *const phrases[] = { "ehlo", "helo", "say hello", "not advertised", NULL };
    if (reply->reply.code == 503 || ask_text_has_any(reply, phrases))
        return true;
    const struct fact *list = ask_capabilities(v, NULL, true);
    return reply->reply.step == STEP_AUTH && list && !list->capabilities.auth;
}

/* Without a key: the first line inside is no EHLO by its size, and what was refused is not the mail's. */
static enum confidence inferred_ehlo_missing(const struct view *v, struct finding *f)
{
    const struct inferred *i = &v->summary->inferred;
    if (!i->no_ehlo || v->summary->security != SECURITY_STARTTLS || i->decisive_frame == 0 ||
        (i->result != INFERRED_AUTH_REFUSED && i->result != INFERRED_SENDER_REFUSED))
        return NO_MATCH;
    if (i->auth_frame > 0)
        finding_proof_frame(f, i->auth_frame, i->auth_time);
    finding_proof_frame(f, i->decisive_frame, i->decisive_time);
    f->stage = i->stage;
    if (ask_inferred_likely(v)) {
        f->headline = N_("After the switch to encryption this device went on without introducing itself again, and the mail server refused "
                         "that, as far as the sizes of the encrypted pieces show.");
        return LIKELY;
    }
    f->severity = SEVERITY_WARNING;
    f->headline = N_("Perhaps this device went on without introducing itself again after the switch to encryption, and the mail server "
                     "refused that.");
    f->meaning = MEANS_PERHAPS;
    return POSSIBLE;
}

enum confidence key_ehlo_missing(const struct view *v, struct finding *f)
{
    if (v->summary->inside == INSIDE_INFERRED)
        return inferred_ehlo_missing(v, f);
    const struct fact *ready = ask_starttls_ready(v), *up = view_first(v, FACT_TLS_UP, ANY_SIDE);
    const struct fact *command = up ? view_after(v, up, FACT_SMTP_COMMAND, SIDE_DEVICE) : NULL;
    if (!ready || !command || command->origin != ORIGIN_DECRYPTED || is_hello_command(command) ||
        (command->flags & FACT_AFTER_GAP))
        return NO_MATCH;
    for (const struct fact *at = ask_next(v, command); at; at = ask_next(v, at)) {
        if (at->kind == FACT_SMTP_COMMAND && is_hello_command(at))
            return NO_MATCH;
        if (at->kind != FACT_SMTP_REPLY || at->reply.code < 500)
            continue;
        if (!wants_hello(v, at))
            return NO_MATCH;
        finding_proof(f, command);
        tell_refusal_inside(v, f, at);
        if (view_first(v, FACT_AUTH, SIDE_DEVICE))
            finding_rules_out(
                f, N_("The user name and the password: the server did not look at them."));
        return CERTAIN;
    }
    return NO_MATCH;
}

enum confidence key_version_refused_by_policy(const struct view *v, struct finding *f)
{
    static const char *const phrases[] = {
        "tls 1.",      "tls1.",        "tlsv1",           "tls version",
        "ssl version", "tls protocol", "outdated tls",    "old tls",
        "older tls",   "insecure tls", "unsupported tls", "unsupported protocol",
        NULL
    };
    const struct fact *up = view_first(v, FACT_TLS_UP, ANY_SIDE);
    if (!up || up->tls_up.version == 0 || up->tls_up.version > VERSION_TLS_1_1)
        return NO_MATCH;
    const struct fact *reply = refusal_inside(v, phrases);
    if (!reply)
        return NO_MATCH;
    finding_proof(f, tls_choice_before(v, up));
    if (tls_version_name(up->tls_up.version))
        finding_word(f, "used", tls_version_name(up->tls_up.version));
    tell_refusal_inside(v, f, reply);
    if (view_first(v, FACT_AUTH, SIDE_DEVICE))
        finding_rules_out(
            f,
            N_("The user name and the password: the server refused the encryption, whatever they are."));
    ask_advise_other_security(v, f);
    return CERTAIN;
}

enum confidence key_client_cert_wanted(const struct view *v, struct finding *f)
{
    static const char *const phrases[] = { "client certificate",
                                           "no certificate",
                                           "certificate required",
                                           "certificate presented",
                                           "peer certificate",
                                           "requires a certificate",
                                           NULL };
    const struct fact *reply = refusal_inside(v, phrases);
    if (!reply)
        return NO_MATCH;
    finding_proof(f, view_first(v, FACT_CERTIFICATE_REQUEST, SIDE_SERVER));
    tell_refusal_inside(v, f, reply);
    f->rules_out_alone = true;
    f->headline = N_(
        "The mail server wants a certificate from this device, and says so once the encryption is up.");
    f->meaning = N_(
        "Some servers let in only devices that show an identity card of their own (a client certificate). This device showed "
        "none; the encryption came up all the same, and then the server refused to go on.");
    return CERTAIN;
}

/* --- a second handshake --- */

/* The device's ClientHello inside TLS. */
static const struct fact *hello_inside(const struct view *v, const struct fact *up)
{
    const struct fact *hello = view_after(v, up, FACT_CLIENT_HELLO, SIDE_DEVICE);
    return hello && hello->origin == ORIGIN_DECRYPTED ? hello : NULL;
}

/* The handshake went on, or what was said could not all be read. */
static bool may_have_gone_on(const struct fact *f)
{
    return f->kind == FACT_TLS_UP || f->kind == FACT_SERVER_HELLO ||
           f->kind == FACT_CLIENT_KEY_EXCHANGE || f->kind == FACT_GAP ||
           (f->kind == FACT_SMTP_REPLY && f->from == SIDE_SERVER && f->reply.code < 400);
}

/* How the server ended it; NULL where it did not. */
static const struct fact *end_by_server(const struct view *v, const struct fact *after)
{
    for (const struct fact *f = ask_next(v, after); f; f = ask_next(v, f)) {
        bool server = f->from == SIDE_SERVER;
        if (may_have_gone_on(f))
            return NULL;
        if (!server)
            continue;
        if (f->kind == FACT_TLS_ALERT &&
            (f->alert.level != ALERT_WARNING || f->alert.code == ALERT_NO_RENEGOTIATION))
            return f;
        if (f->kind == FACT_SMTP_REPLY || f->kind == FACT_TLS_BROKEN || f->kind == FACT_FIN ||
            f->kind == FACT_RST)
            return f;
    }
    return NULL;
}

/* Without a key: up to TLS 1.2 a record says that it is of the handshake though what is in it is sealed. The device's first one after
 * application data, where the server has sent none before (that would be its wish) and no application data of the device follows. */
static const struct tls_trace_record *handshake_record(const struct view *v, const struct fact *up)
{
    enum { HANDSHAKE = 22, APPLICATION_DATA = 23 };
    const struct tls_trace_record *found = NULL;
    bool data = false;
    for (size_t i = 0; i < v->attempt->trace_count; i++) {
        const struct tls_trace_record *r = &v->attempt->trace[i];
        if (r->frame <= up->last_frame)
            continue;
        if (r->type == HANDSHAKE && !found && (r->from == SIDE_SERVER || !data))
            return NULL;
        if (r->type == HANDSHAKE && !found)
            found = r;
        else if (r->type == APPLICATION_DATA && found && r->from == SIDE_DEVICE)
            return NULL;
        data = data || r->type == APPLICATION_DATA;
    }
    return found;
}

static const struct fact *last_before_frame(const struct view *v, uint32_t frame)
{
    const struct fact *last = NULL;
    for (const struct fact *f = ask_begin(v); f && f->last_frame <= frame; f = ask_next(v, f))
        last = f;
    return last;
}

enum confidence key_renegotiation(const struct view *v, struct finding *f)
{
    const struct fact *up = view_first(v, FACT_TLS_UP, ANY_SIDE),
                      *hello = up ? hello_inside(v, up) : NULL;
    const struct tls_trace_record *record =
        up && !hello && up->tls_up.version != 0 && !v->attempt->decrypted ? handshake_record(v, up)
                                                                          : NULL;
    if (!hello && !record)
        return NO_MATCH;
    const struct fact *end = end_by_server(v, hello ? hello : last_before_frame(v, record->frame));
    if (!end || (record && end->last_frame < record->frame) ||
        (v->attempt->gaps && end->kind != FACT_TLS_ALERT))
        return NO_MATCH;
    if (hello)
        finding_proof(f, hello);
    else
        finding_proof_frame(f, record->frame,
                            v->attempt->trace_start +
                                (int64_t)record->time_us * (TIME_SECOND / 1000000));
    if (end->kind == FACT_TLS_ALERT && end->alert.level != ALERT_ENCRYPTED)
        tls_tell_alert(v, f, end);
    else
        finding_proof(f, end);
    f->stage = STAGE_TLS;
    ask_rule_out_network(v, f);
    return CERTAIN;
}
