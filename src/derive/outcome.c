/* SPDX-License-Identifier: BSD-3-Clause */
#include "derive/outcome.h"

#include "facts/mail.h"

enum { PORT_SMTP_TLS = 465 }; /* RFC 8314 7.3 */

static void raise_stage(struct summary *s, enum stage stage)
{
    if (stage > s->stage)
        s->stage = stage;
}

static void from_command(struct summary *s, const struct fact *f)
{
    static const uint8_t stages[SMTP_VERBS] = {
        [SMTP_EHLO] = STAGE_EHLO,     [SMTP_HELO] = STAGE_EHLO,
        [SMTP_LHLO] = STAGE_EHLO,     [SMTP_STARTTLS] = STAGE_STARTTLS,
        [SMTP_MAIL] = STAGE_ENVELOPE, [SMTP_RCPT] = STAGE_ENVELOPE,
        [SMTP_DATA] = STAGE_DATA,     [SMTP_BDAT] = STAGE_DATA,
    };
    s->smtp_seen = true;
    bool inside =
        f->origin == ORIGIN_DECRYPTED && s->stage == STAGE_TLS && stages[f->command.verb] > 0;
    if (inside) /* there the steps begin anew */
        s->stage = (enum stage)stages[f->command.verb];
    raise_stage(s, (enum stage)stages[f->command.verb]);
    if (f->command.verb == SMTP_EHLO || f->command.verb == SMTP_HELO ||
        f->command.verb == SMTP_LHLO)
        s->ehlo = f;
    if (f->command.verb == SMTP_MAIL && !s->mail)
        s->mail = f;
    if (f->command.verb == SMTP_RCPT && s->mail && !s->rcpt)
        s->rcpt = f;
}

/* The same sender or recipient, accepted later in this connection: the refusal kept nobody from
 * anything. */
static bool accepted_later(const struct attempt *a, const struct fact *reply)
{
    const struct fact *refused = timeline_asked(a->timeline, reply);
    if (!refused || refused->command.arg.len == 0)
        return false;
    for (const struct fact *f = timeline_next(a->timeline, reply); f;
         f = timeline_next(a->timeline, f)) {
        if (f->kind != FACT_SMTP_REPLY || f->reply.step != reply->reply.step ||
            f->reply.code >= 400)
            continue;
        const struct fact *again = timeline_asked(a->timeline, f);
        if (again &&
            bytes_equal_nocase(mail_path(again->command.arg), mail_path(refused->command.arg)))
            return true;
    }
    return false;
}

static void from_reply(const struct attempt *a, struct summary *s, const struct fact *f)
{
    const struct fact_smtp_reply *r = &f->reply;
    bool refused = r->code >= 400;
    s->smtp_seen = true;
    s->last_reply = f;
    if (f->origin == ORIGIN_DECRYPTED && r->step == STEP_GREETING && s->stage == STAGE_TLS)
        s->stage = STAGE_GREETING;
    s->anything_refused |= refused;
    bool accepts = r->code / 100 == 2 && r->code != 221; /* a goodbye is no acceptance */
    switch (r->step) {
    case STEP_STARTTLS:
        if (r->code == 220 && f->origin == ORIGIN_SEEN && s->security != SECURITY_IMPLICIT_TLS)
            s->security = SECURITY_STARTTLS;
        break;
    case STEP_MAIL:
        s->mails_begun += !refused;
        s->messages_refused += refused && !accepted_later(a, f);
        break;
    case STEP_RCPT:
        s->recipients_accepted += !refused;
        s->recipients_refused += refused && !accepted_later(a, f);
        break;
    case STEP_END:
        s->accepted += accepts;
        if (accepts && !s->accepting)
            s->accepting = f;
        s->messages_refused += refused && !mail_accepted_again(a->timeline, f);
        break;
    case STEP_DATA:
        s->messages_refused += refused && !mail_accepted_again(a->timeline, f);
        break;
    case STEP_QUIT:
        s->quit_answered |= r->code == 221;
        break;
    default:
        break;
    }
}

static void from_fact(const struct attempt *a, struct summary *s, const struct fact *f)
{
    enum { SYNS = 2, RESENDS = 3 };
    switch (f->kind) {
    case FACT_SYN:
        s->laborious |= f->syn.repeat >= SYNS;
        break;
    case FACT_RESEND:
        s->laborious |= f->resend.acknowledged && f->resend.count >= RESENDS;
        break;
    case FACT_OPEN:
        raise_stage(s, STAGE_GREETING);
        break;
    case FACT_SMTP_COMMAND:
        from_command(s, f);
        break;
    case FACT_SMTP_REPLY:
        from_reply(a, s, f);
        break;
    case FACT_SMTP_CAPABILITIES:
        s->capabilities = f;
        if (f->origin == ORIGIN_SEEN)
            s->capabilities_clear = f;
        break;
    case FACT_AUTH:
        raise_stage(s, STAGE_AUTH);
        s->auth = f;
        break;
    case FACT_AUTH_IDENTITY:
        s->identity = f;
        break;
    case FACT_CLIENT_HELLO:
        raise_stage(s, STAGE_TLS);
        s->tls_seen = true;
        if (!s->client_hello)
            s->client_hello = f;
        break;
    case FACT_SERVER_HELLO:
        s->tls_seen = true;
        raise_stage(s, STAGE_TLS);
        if (!f->server_hello.retry)
            s->server_hello = f;
        break;
    case FACT_CERTIFICATE:
    case FACT_ENCRYPTED:
        s->tls_seen = true;
        break;
    case FACT_TLS_UP:
        s->tls_up = f;
        s->inside = INSIDE_OPAQUE;
        break;
    case FACT_TLS_ALERT:
        s->tls_seen = true;
        if (f->alert.level == ALERT_FATAL && !s->fatal_alert)
            s->fatal_alert = f;
        break;
    default:
        break;
    }
}

static enum security security_of(const struct attempt *a, const struct summary *s)
{
    if (s->security == SECURITY_STARTTLS)
        return SECURITY_STARTTLS;
    if (s->client_hello) {
        /* SMTP of the device's before the hello: STARTTLS whose 220 the capture lacks */
        const struct fact *f = timeline_first(a->timeline);
        for (; f && f != s->client_hello; f = timeline_next(a->timeline, f))
            if (f->kind == FACT_SMTP_COMMAND || (f->kind == FACT_SMTP_REPLY && !a->start_seen))
                return SECURITY_STARTTLS;
        bool hidden = !a->start_seen && a->server_port != PORT_SMTP_TLS; /* what was before it */
        return hidden ? SECURITY_UNKNOWN : SECURITY_IMPLICIT_TLS;
    }
    if (s->server_hello && attempt_opening_seen(a)) /* the server's half alone */
        return s->last_reply && s->last_reply->last_frame < s->server_hello->last_frame
                   ? SECURITY_STARTTLS
                   : SECURITY_IMPLICIT_TLS;
    if (!a->start_seen && (s->tls_seen || !s->ehlo))
        return SECURITY_UNKNOWN;
    return s->smtp_seen && a->direction[SIDE_DEVICE].bytes > 0 ? SECURITY_NONE : SECURITY_UNKNOWN;
}

static enum outcome outcome_of(const struct attempt *a, const struct summary *s)
{
    bool refused = s->messages_refused > 0 || s->recipients_refused > 0;
    if (s->accepted > 0 && !refused &&
        (a->end != END_OPEN || s->quit_answered || s->accepted >= s->mails_begun))
        return OUTCOME_DELIVERED;
    uint64_t kinds = timeline_kinds(a->timeline);
    bool answered = (kinds & (FACT_BIT(FACT_SYN_ACK) | FACT_BIT(FACT_OPEN) | FACT_BIT(FACT_RST) |
                              FACT_BIT(FACT_ICMP))) != 0;
    if (a->start_seen && !answered)
        return OUTCOME_INCOMPLETE;
    bool opaque = s->inside == INSIDE_OPAQUE || (s->tls_seen && !a->start_seen) ||
                  (s->tls_seen && s->server_hello && !s->fatal_alert);
    if (s->inside == INSIDE_DECRYPTED && s->tls_up)
        opaque = false;
    if (a->one_sided && (a->direction[SIDE_DEVICE].fin || a->direction[SIDE_SERVER].fin))
        return OUTCOME_UNKNOWN; /* it ended, with half of it unheard */
    if (a->end == END_OPEN)
        return opaque && s->tls_up ? OUTCOME_UNKNOWN : OUTCOME_INCOMPLETE;
    if (opaque)
        return OUTCOME_UNKNOWN;
    if (!a->start_seen && !s->ehlo)
        return s->mails_begun + s->recipients_accepted > 0 ? OUTCOME_UNKNOWN : OUTCOME_INCOMPLETE;
    if (a->end == END_EVICTED)
        return OUTCOME_UNKNOWN;
    return s->mails_begun > s->accepted || a->gaps || a->snapped ? OUTCOME_UNKNOWN
                                                                 : OUTCOME_NO_MAIL;
}

void outcome_derive(const struct attempt *a, struct summary *s)
{
    *s = (struct summary) { .stage = STAGE_CONNECT };
    for (const struct fact *f = timeline_first(a->timeline); f; f = timeline_next(a->timeline, f))
        from_fact(a, s, f);
    if (a->decrypted)
        s->inside = INSIDE_DECRYPTED;
    if (a->kind == ATTEMPT_LOOKUP) {
        s->stage = STAGE_DNS;
        s->outcome = OUTCOME_INCOMPLETE;
        return;
    }
    s->security = security_of(a, s);
    if (a->direction[SIDE_SERVER].bytes > 0 || a->direction[SIDE_DEVICE].bytes > 0)
        raise_stage(s, STAGE_GREETING);
    s->outcome = outcome_of(a, s);
    if (s->outcome == OUTCOME_DELIVERED || (s->quit_answered && !s->anything_refused))
        s->stage = STAGE_DONE;
}
