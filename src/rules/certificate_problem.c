/* SPDX-License-Identifier: BSD-3-Clause */
/* Certificates that the device took although a careful one would not have, or soon will not. */
#include "rules/certificate_problem.h"

#include "facts/chain.h"
#include "rules/certificate_name.h"
#include "rules/tls_rules.h"

#define DAY          (86400 * TIME_SECOND)
#define EXPIRES_SOON (30 * DAY)
#define SHORT_LIVED  (8 * DAY) /* of so short a life (RFC 9608) each day is one of the last */

enum { APPLICATION_DATA = 23 };

bool cert_went_on(const struct view *v, const struct fact *up)
{
    for (const struct fact *c = view_after(v, up, FACT_SMTP_COMMAND, SIDE_DEVICE); c;
         c = view_after(v, c, FACT_SMTP_COMMAND, SIDE_DEVICE))
        if (c->origin == ORIGIN_DECRYPTED && c->command.verb != SMTP_QUIT)
            return true;
    const struct attempt *a = v->attempt;
    bool tells = up->tls_up.version < VERSION_TLS_1_3; /* later ones wrap all in it */
    for (size_t i = 0; tells && i < a->trace_count; i++)
        if (a->trace[i].from == SIDE_DEVICE && a->trace[i].type == APPLICATION_DATA)
            return true;
    return false;
}

static struct bytes names_of(const struct fact_certificate *c)
{
    return c->names.len > 0 ? c->names : c->subject;
}

/* The names that the device sent and looked up, to be compared; false where certificate or names are not known. */
static bool can_compare(const struct view *v, const struct fact *certificate, struct bytes *sent,
                        struct bytes *looked_up)
{
    if (!certificate || !certificate->certificate.readable || certificate->flags & FACT_CLIPPED)
        return false;
    const struct fact *hello = view_before(v, certificate, FACT_CLIENT_HELLO, SIDE_DEVICE);
    *sent = hello ? hello->client_hello.sni : bytes_of(NULL, 0);
    /* without a name that was sent, one that another device or a file gave to the address proves nothing */
    const char *name = sent->len > 0 ? v->server_name : v->looked_up;
    *looked_up = name ? bytes_str(name) : bytes_of(NULL, 0);
    return names_of(&certificate->certificate).len > 0 && (sent->len > 0 || looked_up->len > 0);
}

static bool is_for(const struct fact *certificate, struct bytes sent, struct bytes looked_up)
{
    struct bytes names = names_of(&certificate->certificate);
    return certificate_names_match(names, sent) || certificate_names_match(names, looked_up);
}

struct bytes cert_name_missed(const struct view *v, const struct fact *certificate)
{
    struct bytes sent, looked_up;
    if (!can_compare(v, certificate, &sent, &looked_up) || is_for(certificate, sent, looked_up))
        return bytes_of(NULL, 0);
    return sent.len > 0 ? sent : looked_up;
}

bool cert_name_fits(const struct view *v, const struct fact *certificate)
{
    struct bytes sent, looked_up;
    return can_compare(v, certificate, &sent, &looked_up) && sent.len > 0 &&
           certificate_names_match(certificate->certificate.names, sent);
}

void cert_tell_names(struct finding *f, const struct fact_certificate *c, struct bytes wanted)
{
    struct bytes names = names_of(c);
    struct bytes fitting = certificate_name_to_enter(names, wanted);
    finding_wire(f, "names", names);
    if (fitting.len > 0)
        finding_wire(f, "fitting_name", fitting);
    else
        finding_wire(f, "ending", certificate_name_ending(names, wanted));
}

/* The server's certificate with which encryption came up; NULL: it did not, or it was not seen. */
static const struct fact *accepted(const struct view *v, const struct fact **up)
{
    *up = view_first(v, FACT_TLS_UP, ANY_SIDE);
    const struct fact *certificate =
        *up ? view_before(v, *up, FACT_CERTIFICATE, SIDE_SERVER) : NULL;
    if (!certificate || !certificate->certificate.readable || certificate->time == TIME_NONE ||
        !cert_went_on(v, *up))
        return NULL;
    return certificate;
}

static void say_self_signed(struct finding *f)
{
    finding_word(f, "problem", "self-signed");
    finding_advice(
        f,
        N_("If the server is your own, give it a certificate from a known issuer, or load the server's certificate into "
           "the device, where the device has an item for it."));
}

static void say_out_of_date(struct finding *f, const struct fact_certificate *c, int state)
{
    finding_word(f, "problem", state > 0 ? "expired" : "not-yet-valid");
    finding_time(f, state > 0 ? "valid_to" : "valid_from",
                 state > 0 ? c->not_after : c->not_before);
    if (state > 0) {
        f->headline =
            N_("This device accepts the mail server's certificate although it has expired.");
        finding_advice(
            f,
            N_("Whoever runs the mail server (usually the mail provider) has to renew its certificate. Tell them that it was valid until {valid_to}."));
    } else {
        f->headline = N_(
            "This device accepts the mail server's certificate although by the clock of this capture it is not valid yet.");
        finding_advice(
            f,
            N_("Check the clock of the mail server, and of whoever captured this: the certificate is valid only from {valid_from} on."));
    }
}

static void say_other_name(struct finding *f, const struct fact_certificate *c, struct bytes wanted)
{
    finding_word(f, "problem", "other-name");
    f->headline =
        N_("This device accepts a certificate that is not for the mail server's name {wanted}.");
    cert_tell_names(f, c, wanted);
    finding_advice(f, finding_value(f, "ending") ? DO_NAME_THAT_ENDS_SO : DO_NAME_IN_CERTIFICATE);
}

enum confidence cert_problem_ignored(const struct view *v, struct finding *f)
{
    const struct fact *up, *certificate = accepted(v, &up);
    if (!certificate)
        return NO_MATCH;
    const struct fact_certificate *c = &certificate->certificate;
    int state = cert_out_of_date(certificate, certificate->time);
    bool out_of_date =
        state == 1 ||
        state == -1; /* one behind it that has expired need not be on the way that counts */
    struct bytes wanted = cert_name_missed(v, certificate);
    if (wanted.len > 0)
        finding_wire(f, "wanted", wanted);
    const struct chain_verdict *chain = v->summary->chain;
    bool known = chain && chain->trust == CHAIN_TRUSTED; /* by --ca-file: by the device, too */
    if (c->self_signed && !known)
        say_self_signed(f);
    else if (out_of_date)
        say_out_of_date(f, c, state);
    else if (wanted.len > 0)
        say_other_name(f, c, wanted);
    else
        return NO_MATCH;
    finding_proof(f, certificate);
    finding_proof(f, up);
    finding_wire(f, "subject", c->subject);
    finding_wire(f, "issuer", c->issuer);
    finding_flag(f, "self_signed", c->self_signed);
    finding_flag(f, "out_of_date", out_of_date);
    finding_flag(f, "other_name", wanted.len > 0);
    f->stage = STAGE_TLS;
    return CERTAIN;
}

enum confidence cert_expires_soon(const struct view *v, struct finding *f)
{
    const struct fact *up, *certificate = accepted(v, &up);
    if (!certificate)
        return NO_MATCH;
    const struct fact_certificate *c = &certificate->certificate;
    int64_t now = certificate->time;
    if (c->not_after < now || c->not_before > now || c->not_before == TIME_NONE ||
        c->not_after - now >= EXPIRES_SOON || c->not_after - c->not_before <= SHORT_LIVED)
        return NO_MATCH;
    finding_proof(f, certificate);
    finding_time(f, "valid_to", c->not_after);
    finding_number(f, "days", (c->not_after - now) / DAY);
    finding_wire(f, "subject", c->subject);
    finding_wire(f, "issuer", c->issuer);
    f->stage = STAGE_TLS;
    return CERTAIN;
}
