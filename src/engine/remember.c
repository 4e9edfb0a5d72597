/* SPDX-License-Identifier: BSD-3-Clause */
#include "engine/remember.h"

#include "base/table.h"
#include "rules/later.h"

/* An RST after a FIN of either side is only how some stacks close. */
static bool ended_by_reset(const struct attempt *a)
{
    for (const struct fact *f = timeline_first(a->timeline); f && f->kind != FACT_FIN;
         f = timeline_next(a->timeline, f))
        if (f->kind == FACT_RST)
            return true;
    return false;
}

/* What a device got going although the capture cannot look inside: application data of at least
 * four turns after the handshake, not ended by an alert or an RST. */
static bool is_lively(const struct attempt *a, const struct summary *s)
{
    enum { TURNS_MIN = 4, APPLICATION_DATA = 23 };
    bool refused =
        s->inferred.confidence != INFERRED_NOTHING && s->inferred.result != INFERRED_DELIVERED;
    if (!s->tls_up || s->fatal_alert || refused)
        return false;
    if (ended_by_reset(a))
        return false;
    unsigned turns = 0;
    int last = -1;
    for (size_t i = 0; i < a->trace_count; i++) {
        const struct tls_trace_record *r = &a->trace[i];
        if (r->type != APPLICATION_DATA || r->frame <= s->tls_up->last_frame)
            continue;
        turns += r->from != last;
        last = r->from;
    }
    return turns >= TURNS_MIN;
}

/* The server's first certificate; NULL. */
static const struct fact *certificate_of(const struct attempt *a)
{
    if (!(timeline_kinds(a->timeline) & FACT_BIT(FACT_CERTIFICATE)))
        return NULL;
    const struct fact *f = timeline_first(a->timeline);
    while (f && (f->kind != FACT_CERTIFICATE || f->from != SIDE_SERVER))
        f = timeline_next(a->timeline, f);
    return f;
}

/* What the server's certificate and its capability list say, as numbers that can be compared. */
static void remember_server(const struct attempt *a, const struct summary *s,
                            struct past_attempt *past)
{
    const struct fact *f = certificate_of(a);
    if (f) {
        const struct fact_certificate *c = &f->certificate;
        past->certificate = (uint32_t)(table_hash(c->subject) ^ table_hash(c->issuer) ^
                                       (uint64_t)c->not_after ^ (uint64_t)(c->not_after >> 32)) |
                            1;
    }
    const struct fact *list = s->capabilities_clear;
    if (list)
        past->capabilities = ((uint32_t)table_hash(list->capabilities.auth_words) << 1 |
                              list->capabilities.starttls) |
                             0x80000000u;
}

/* The frame that shows how well it went: the last step that is known to have succeeded. */
static uint32_t proof_of(const struct attempt *a, const struct summary *s)
{
    if (s->accepting)
        return s->accepting->last_frame;
    if (s->inside == INSIDE_INFERRED && s->inferred.result == INFERRED_DELIVERED)
        return s->inferred.decisive_frame;
    return s->tls_up ? s->tls_up->last_frame : a->last_frame;
}

static enum auth_mechanism method_of(const struct summary *s)
{
    if (s->auth)
        return (enum auth_mechanism)s->auth->auth.mechanism;
    return s->inferred.confidence == INFERRED_LIKELY ? (enum auth_mechanism)s->inferred.method
                                                     : AUTH_NONE;
}

/* Sender and first recipient of the first mail, so that the same mail is known again. */
static uint64_t envelope_of(const struct summary *s)
{
    if (!s->rcpt)
        return 0;
    uint64_t sender = table_hash(s->mail->command.arg) | 1;
    return (sender * 31 + table_hash(s->rcpt->command.arg)) | 1;
}

void remember(struct history *h, const struct judged *j)
{
    const struct attempt *a = j->attempt;
    const struct summary *s = &j->summary;
    const struct finding *primary =
        j->finding_count > 0 && j->findings[0].primary ? &j->findings[0] : NULL;
    struct past_attempt past = {
        .id = j->id,
        .file = j->file_index,
        .file_name = j->file,
        .port = a->server_port,
        .outcome = (uint8_t)s->outcome,
        .security = (uint8_t)s->security,
        .stage = (uint8_t)s->stage,
        .auth = (uint8_t)method_of(s),
        .inferred = s->inside == INSIDE_INFERRED,
        .tls_version = s->tls_up         ? s->tls_up->tls_up.version
                       : s->server_hello ? s->server_hello->server_hello.version
                                         : 0,
        .lively = is_lively(a, s),
        .first_frame = a->first_frame,
        .proof_frame = primary ? primary->last_proof : proof_of(a, s),
        .start = a->start_time,
        .end = a->end_time,
        .mac = a->client_mac,
        .server = a->server_addr,
        .server_name = j->server_name,
        .hello_clock = s->client_hello ? s->client_hello->client_hello.clock : 0,
        .hello_time = s->client_hello ? s->client_hello->time : 0,
        .cause = primary ? primary->cause->id : NULL,
        .envelope = envelope_of(s),
        .laborious = s->laborious && s->outcome == OUTCOME_DELIVERED,
        .passing = later_passing(primary ? primary->cause->id : NULL),
    };
    remember_server(a, s, &past);
    struct bytes ehlo = s->ehlo ? s->ehlo->command.arg : (struct bytes) { NULL, 0 };
    history_remember(h, &a->client_addr, &past, ehlo);
}
