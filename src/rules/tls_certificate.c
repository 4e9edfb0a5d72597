/* SPDX-License-Identifier: BSD-3-Clause */
/* The device refuses what the server chose or showed; or the server wants a certificate of the device. */
#include "rules/certificate_chain.h"
#include "rules/certificate_problem.h"
#include "rules/device_clock.h"
#include "rules/tls_rules.h"
#include "rules/with_key.h"

static bool in_versions(struct bytes versions, uint16_t version)
{
    for (size_t i = 0; i + 2 <= versions.len; i += 2) {
        if (tls_pair_at(versions, i) == version)
            return true;
    }
    return false;
}

enum confidence tls_version_refused_by_device(const struct view *v, struct finding *f)
{
    const struct fact *alert = tls_fatal_alert(v, SIDE_DEVICE, ALERT_PROTOCOL_VERSION);
    if (!alert)
        alert = tls_fatal_alert(v, SIDE_DEVICE, ALERT_ILLEGAL_PARAMETER);
    if (!alert)
        alert = tls_fatal_alert(v, SIDE_DEVICE, ALERT_INTERNAL_ERROR);
    const struct fact *choice = alert ? tls_choice_before(v, alert) : NULL;
    if (!choice || view_before(v, alert, FACT_TLS_UP, ANY_SIDE))
        return NO_MATCH;
    const struct fact *hello = view_before(v, choice, FACT_CLIENT_HELLO, SIDE_DEVICE);
    uint16_t version = choice->server_hello.version;
    bool unsaid = alert->alert.code == ALERT_INTERNAL_ERROR;
    if (unsaid && (version > VERSION_TLS_1_1 || !hello || tls_offers_only_old(hello) ||
                   tls_weak_key_before(v, alert) || view_gap_between(v, hello, alert)))
        return NO_MATCH;
    if (alert->alert.code == ALERT_ILLEGAL_PARAMETER) {
        /* The same alert complains of other things as well: only where the version is not the one asked for first. */
        if (!hello || tls_weak_key_before(v, alert) || view_gap_between(v, hello, alert) ||
            v->attempt->snapped ||
            (hello->client_hello.newest == version &&
             (hello->client_hello.versions.len == 0 ||
              in_versions(hello->client_hello.versions, version))))
            return NO_MATCH;
    }
    tls_tell_offer(f, hello);
    finding_proof(f, choice);
    if (tls_version_name(version))
        finding_word(f, "chosen", tls_version_name(version));
    tls_tell_alert(v, f, alert);
    ask_advise_other_security(v, f);
    ask_rule_out_network(v, f);
    if (unsaid)
        f->headline = N_(
            "This device probably refuses the encryption version that the mail server chose, {chosen}.");
    return unsaid ? LIKELY : CERTAIN;
}

const struct fact *tls_weak_key_before(const struct view *v, const struct fact *end)
{
    const struct fact *key = view_before(v, end, FACT_KEY_EXCHANGE, SIDE_SERVER);
    if (!key || key->key_exchange.bits == 0)
        return NULL;
    const struct fact *hello = view_before(v, key, FACT_CLIENT_HELLO, SIDE_DEVICE);
    unsigned enough = hello && hello->client_hello.newest >= VERSION_TLS_1_2 ? 2048 : 1024;
    bool weak = key->key_exchange.kind == KX_RSA_EXPORT ||
                (key->key_exchange.kind == KX_DH && key->key_exchange.bits < enough);
    return weak ? key : NULL;
}

/* Where the device broke off after the server's certificate or key: its fatal alert, or its FIN or
 * RST without one. */
struct refusal {
    const struct fact *end, *certificate;
    uint8_t code;
    bool silent;
    bool
        late; /* silent, and encryption had come up: by itself that says little of the certificate */
};

/* Some devices look at the certificate once encryption is up, and leave without having said anything. */
static bool left_at_once(const struct view *v, const struct fact *certificate)
{
    const struct fact *up = view_after(v, certificate, FACT_TLS_UP, ANY_SIDE);
    if (up && certificate->origin == ORIGIN_DECRYPTED && !v->attempt->decrypted)
        return false; /* a key log without the secrets of what came then (TLS 1.3) */
    return up && !cert_went_on(v, up) && !v->attempt->gaps && !v->attempt->trace_full;
}

static struct refusal device_refusal(const struct view *v)
{
    struct refusal r = { .end = NULL };
    const struct fact *certificate = view_last(v, FACT_CERTIFICATE, SIDE_SERVER);
    for (const struct fact *a = view_first(v, FACT_TLS_ALERT, SIDE_DEVICE); a;
         a = view_after(v, a, FACT_TLS_ALERT, SIDE_DEVICE)) {
        /* The complaints about a certificate are fatal in effect even as a warning, where no session came up. */
        bool complaint = a->alert.level == ALERT_WARNING &&
                         a->alert.code >= ALERT_BAD_CERTIFICATE &&
                         a->alert.code <= ALERT_UNKNOWN_CA && !view_first(v, FACT_TLS_UP, ANY_SIDE);
        if (a->alert.level != ALERT_FATAL && !complaint)
            continue;
        bool about_it = a->alert.code >= ALERT_BAD_CERTIFICATE && a->alert.code <= ALERT_UNKNOWN_CA;
        if (!about_it &&
            view_before(v, a, FACT_TLS_UP,
                        ANY_SIDE)) /* some look at the certificate only then, and name it */
            continue;
        r.end = a;
        r.code = a->alert.code;
        r.certificate = view_before(v, a, FACT_CERTIFICATE, SIDE_SERVER);
        return r;
    }
    if (!certificate || v->attempt->one_sided || v->attempt->snapped)
        return r;
    uint64_t goes_on =
        FACT_BIT(FACT_CLIENT_KEY_EXCHANGE) | FACT_BIT(FACT_ENCRYPTED) | FACT_BIT(FACT_GAP);
    const struct fact *end = ask_end(v);
    bool ended = end && end->from == SIDE_DEVICE && ask_after(v, certificate, end);
    r.late = ended && left_at_once(v, certificate);
    if (r.late) { /* why, it said in encrypted form, if at all */
        const struct fact *said =
            view_after(v, view_last(v, FACT_TLS_UP, ANY_SIDE), FACT_TLS_ALERT, SIDE_DEVICE);
        r.end = said ? said : end;
        r.certificate = certificate;
        return r;
    }
    if (!ended || ask_first_of(v, certificate, goes_on, SIDE_DEVICE) ||
        view_after(v, certificate, FACT_TLS_ALERT, SIDE_SERVER) ||
        view_after(v, certificate, FACT_TLS_UP, ANY_SIDE))
        return r;
    r.end = end;
    r.certificate = certificate;
    r.silent = true;
    return r;
}

/* Alerts that a device sends when it does not like a certificate, whatever the reason. */
static bool is_certificate_alert(uint8_t code)
{
    return (code >= ALERT_BAD_CERTIFICATE && code <= ALERT_CERTIFICATE_UNKNOWN) ||
           code == ALERT_HANDSHAKE_FAILURE;
}

static void tell_certificate(struct finding *f, const struct fact *certificate)
{
    if (!certificate || !certificate->certificate.readable)
        return;
    finding_proof(f, certificate);
    const struct fact_certificate *c = &certificate->certificate;
    if (c->subject.len > 0)
        finding_wire(f, "subject", c->subject);
    if (c->issuer.len > 0)
        finding_wire(f, "issuer", c->issuer);
}

static void tell_refusal(const struct view *v, struct finding *f, const struct refusal *r)
{
    tell_certificate(f, r->certificate);
    if (r->end->kind == FACT_TLS_ALERT && !r->late)
        tls_tell_alert(v, f, r->end);
    else
        finding_proof(f, r->end);
    f->stage = STAGE_TLS;
    ask_rule_out_network(v, f);
}

enum confidence cert_not_trusted(const struct view *v, struct finding *f)
{
    struct refusal r = device_refusal(v);
    if (!r.end || r.code != ALERT_UNKNOWN_CA)
        return NO_MATCH;
    tell_refusal(v, f, &r);
    if (!r.certificate || !r.certificate->certificate.readable)
        return CERTAIN;
    const struct fact_certificate *c = &r.certificate->certificate;
    finding_flag(f, "self_signed", c->self_signed);
    bool judged = cert_tell_chain(v, f, r.certificate, r.end->time);
    bool trusted = judged && v->summary->chain->trust == CHAIN_TRUSTED;
    if (judged)
        cert_say_chain(f, v->summary->chain, c);
    else if (c->top_issuer.len > 0)
        finding_wire(f, "root", c->top_issuer);
    if (cert_out_of_date(r.certificate, r.end->time) == 1) {
        finding_time(f, "expired", c->not_after);
        finding_advice(
            f,
            N_("Besides, the server's certificate was valid only until {expired}: whoever runs the mail server has to renew it."));
    }
    if (c->self_signed && !trusted) {
        cert_say_self_signed(f);
    } else if (c->count == 1 && !trusted) {
        finding_advice(
            f,
            N_("The server sends its own certificate alone, without the ones in between. Whoever runs the server "
               "should let it send the full chain."));
    }
    return CERTAIN;
}

/* A router that has not learnt the time yet captures in 1970 or 2000; nobody issues a certificate years before
 * it begins. */
#define YEAR_2012    (1325376000 * TIME_SECOND)
#define ISSUED_AHEAD (366 * 86400 * TIME_SECOND)

int cert_out_of_date(const struct fact *certificate, int64_t now)
{
    if (!certificate || !certificate->certificate.readable)
        return 0;
    const struct fact_certificate *c = &certificate->certificate;
    if (now == TIME_NONE || now >= TIME_ABSURD || c->not_after == TIME_NONE ||
        c->not_before == TIME_NONE || (now < YEAR_2012 && c->not_before > now + ISSUED_AHEAD))
        return 0; /* the dates, or the clock of the capture, make no sense */
    if (c->not_after < now)
        return 1;
    if (c->not_before > now)
        return -1;
    return c->chain_not_after != TIME_NONE && c->chain_not_after < now ? 2 : 0;
}

/* What is wrong with the dates, where it is not simply that the certificate itself ran out. */
static void say_dates(struct finding *f, int state, bool still_valid)
{
    f->advice_alone = state == -1 || state == 2 || still_valid;
    if (state == -1) {
        f->headline = N_(
            "This device refuses the server's certificate, which by the clock of this capture is not valid yet.");
        f->meaning = N_(
            "A certificate is the server's identity card. This one is valid only from {valid_from} on.");
        finding_advice(
            f,
            N_("If that day is still to come, tell whoever runs the mail server (usually the mail provider): the certificate is valid "
               "only from {valid_from} on."));
        finding_advice(
            f,
            N_("If that day is over, the clock of the computer that made this capture is wrong, and perhaps that of the device: set the date and "
               "the time of the device."));
    } else if (state == 2) {
        f->headline = N_(
            "This device refuses the server's certificate: one that vouches for it has expired.");
        cert_say_link_expired(f);
        finding_advice(f, DO_NEW_ISSUERS);
        finding_advice(f, DO_ISSUER_OF_TODAY);
        finding_advice(f, DO_LAST_RESORT_NO_CHECK);
    } else if (still_valid) {
        f->headline = N_("This device takes the server's certificate for expired.");
        f->meaning = N_(
            "A certificate is the server's identity card. By the clock of this capture it was still valid, until "
            "{valid_to}. Probably the clock of the device is wrong.");
        finding_advice(f, DO_SET_CLOCK);
        finding_advice(f, DO_CHECK_BATTERY);
    }
}

enum confidence cert_expired(const struct view *v, struct finding *f)
{
    struct refusal r = device_refusal(v);
    if (!r.end || (!r.silent && !r.late && !is_certificate_alert(r.code)))
        return NO_MATCH;
    int state = cert_out_of_date(r.certificate, r.end->time);
    bool said = r.code == ALERT_CERTIFICATE_EXPIRED;
    int64_t clock;
    if ((!said && state == 0) ||
        (said && state == 0 && r.certificate && device_clock_off(v, &clock)))
        return NO_MATCH;
    tell_refusal(v, f, &r);
    if (r.certificate && r.certificate->certificate.readable) {
        const struct fact_certificate *c = &r.certificate->certificate;
        finding_time(f, "valid_from", c->not_before);
        finding_time(f, "valid_to", state == 2 ? c->chain_not_after : c->not_after);
    }
    const struct chain_verdict *chain = v->summary->chain;
    if (said && state == 0 && chain && chain->root_expired && chain->root.len > 0) {
        finding_wire(f, "root", chain->root);
        f->headline = N_(
            "This device refuses the server's certificate: the issuer to whom it leads, {root}, has expired.");
        cert_say_root_expired(f);
        finding_advice(f, DO_LAST_RESORT_NO_CHECK);
        f->advice_alone = true;
    } else {
        say_dates(f, state, said && state == 0 && r.certificate);
    }
    return said ? CERTAIN : LIKELY;
}

bool cert_explains_refusal(const struct view *v)
{
    struct refusal r = device_refusal(v);
    return r.end && (cert_out_of_date(r.certificate, r.end->time) != 0 ||
                     cert_name_missed(v, r.certificate).len > 0);
}

enum confidence cert_name_mismatch(const struct view *v, struct finding *f)
{
    struct refusal r = device_refusal(v);
    if (!r.end || (!r.silent && !r.late &&
                   (!is_certificate_alert(r.code) || r.code == ALERT_CERTIFICATE_EXPIRED)))
        return NO_MATCH;
    struct bytes wanted = cert_name_missed(v, r.certificate);
    if (wanted.len == 0)
        return NO_MATCH;
    tell_refusal(v, f, &r);
    finding_wire(f, "wanted", wanted);
    cert_tell_names(f, &r.certificate->certificate, wanted);
    if (finding_value(f, "fitting_name")) {
        finding_advice(f, DO_NAME_IN_CERTIFICATE);
    } else if (finding_value(f, "ending")) {
        finding_advice(f, DO_NAME_THAT_ENDS_SO);
        finding_advice(f, DO_LAST_RESORT_NO_CHECK);
        f->advice_alone = true;
    }
    return LIKELY;
}

/* Of the wrong kind for this device: its clock, the name and the issuer have nothing to do with it. */
static void say_unsupported(const struct view *v, struct finding *f)
{
    const struct chain_verdict *chain = v->summary->chain;
    bool purpose = chain && chain->wrong_purpose;
    f->headline =
        N_("This device refuses the server's certificate because it cannot handle its kind.");
    f->meaning =
        purpose
            ? N_("A certificate is the server's identity card. This one was made for another use, not for a server.")
            : N_("A certificate is the server's identity card. The device says that it cannot handle one of this kind: often it is made in a "
                 "newer way than the device knows.");
    f->advice_alone = true;
    finding_advice(f, DO_UPDATE);
    if (!purpose)
        finding_advice(
            f,
            N_("Whoever runs the mail server (usually the mail provider) can give it a certificate with an RSA key of 2048 bits, which "
               "older devices know as well. Ask them."));
    finding_advice(f, DO_LAST_RESORT_NO_CHECK);
}

/* The server name in the device is right: what is left. */
static void leave_name_alone(struct finding *f, const char *last)
{
    finding_rules_out(f, SAY_NAME_IS_RIGHT);
    finding_advice(f, DO_CHECK_CLOCK);
    finding_advice(f, DO_NEW_ISSUERS);
    finding_advice(f, DO_LOAD_ROOT); /* where it is known */
    finding_advice(f, last);
    f->advice_alone = true;
}

/* The device does not say why, but there is an issuer whom few will know. */
static bool issuer_explains(const struct view *v, struct finding *f, const struct refusal *r,
                            bool judged)
{
    if (!r->certificate || !r->certificate->certificate.readable)
        return false;
    if (r->certificate->certificate.self_signed &&
        !(judged && v->summary->chain->trust == CHAIN_TRUSTED)) {
        cert_say_self_signed(f);
        return true;
    }
    if (!judged || v->summary->chain->trust != CHAIN_UNKNOWN_ROOT)
        return false;
    if (v->summary->chain->link_missing) {
        cert_say_link_missing(f);
        return true;
    }
    f->meaning = N_(
        "A certificate is the server's identity card. The device looked at this one and ended the attempt. It leads to the issuer {root}, who is not "
        "on the list that mailwhy judges by, and probably not on the device's. It may be an issuer of someone's own; or security software or a "
        "firewall on the way shows a card of its own in place of the server's.");
    cert_advise_unknown(f, true);
    return true;
}

enum confidence cert_refused(const struct view *v, struct finding *f)
{
    struct refusal r = device_refusal(v);
    if (!r.end || r.code < ALERT_BAD_CERTIFICATE || r.code > ALERT_CERTIFICATE_UNKNOWN ||
        r.code == ALERT_CERTIFICATE_EXPIRED)
        return NO_MATCH;
    tell_refusal(v, f, &r);
    bool judged = cert_tell_chain(v, f, r.certificate, r.end->time);
    if (r.code == ALERT_CERTIFICATE_REVOKED) {
        f->headline = N_("This device refuses the server's certificate because it was withdrawn.");
        f->meaning = N_(
            "A certificate is the server's identity card. The device says that its issuer has withdrawn it.");
        f->advice_alone = true;
        finding_advice(
            f,
            N_("Whoever runs the mail server (usually the mail provider) has to install a new certificate. Tell them."));
        finding_advice(f, DO_CHECK_PLACE);
    } else if (r.code == ALERT_UNSUPPORTED_CERTIFICATE) {
        say_unsupported(v, f);
    } else if (issuer_explains(v, f, &r, judged)) {
        if (cert_name_fits(v, r.certificate))
            finding_rules_out(f, SAY_NAME_IS_RIGHT);
    } else if (cert_name_fits(v, r.certificate)) {
        f->meaning = N_(
            "A certificate is the server's identity card. The device looked at it and ended the attempt. Most often it "
            "does not know the issuer, or its clock is wrong.");
        leave_name_alone(f, DO_LAST_RESORT_NO_CHECK);
    }
    return CERTAIN;
}

enum confidence device_clock_wrong(const struct view *v, struct finding *f)
{
    struct refusal r = device_refusal(v);
    int64_t clock;
    if (!r.end || (!r.silent && !is_certificate_alert(r.code)) || !device_clock_off(v, &clock))
        return NO_MATCH;
    finding_proof(f, view_last(v, FACT_CLIENT_HELLO, SIDE_DEVICE));
    tell_refusal(v, f, &r);
    finding_time(f, "device_clock", clock);
    return LIKELY;
}

/* Servers may ask for a certificate that they can do without. Did the mail go on after the device had shown none,
 * or had the device left, before the server's alert? */
static bool went_on_without(const struct view *v, const struct fact *empty,
                            const struct fact *alert)
{
    const struct fact *reply = view_after(v, empty, FACT_SMTP_REPLY, SIDE_SERVER);
    return (reply && reply->last_frame <= alert->first_frame) ||
           timeline_left_before(v->attempt->timeline, alert);
}

enum confidence client_cert_required(const struct view *v, struct finding *f)
{
    const struct fact *alert = tls_fatal_alert(v, SIDE_SERVER, ALERT_CERTIFICATE_REQUIRED);
    const struct fact *request = view_first(v, FACT_CERTIFICATE_REQUEST, SIDE_SERVER);
    enum confidence sure = CERTAIN;
    if (!alert) {
        const struct fact *empty = view_last(v, FACT_CERTIFICATE, SIDE_DEVICE);
        bool none = empty && empty->certificate.count == 0 && !empty->certificate.incomplete;
        if (!none && (empty = tls_fatal_alert(v, SIDE_DEVICE, ALERT_NO_CERTIFICATE)) == NULL)
            empty = view_first(v, FACT_TLS_ALERT, SIDE_DEVICE);
        if (!none && (!empty || empty->alert.code != ALERT_NO_CERTIFICATE ||
                      empty->alert.level == ALERT_ENCRYPTED))
            return key_client_cert_wanted(v, f);
        alert = view_after(v, empty, FACT_TLS_ALERT, SIDE_SERVER);
        while (alert && alert->alert.level != ALERT_FATAL)
            alert = view_after(v, alert, FACT_TLS_ALERT, SIDE_SERVER);
        if (!request || !alert || went_on_without(v, empty, alert))
            return key_client_cert_wanted(v, f);
        finding_proof(f, request);
        finding_proof(f, empty);
        sure = LIKELY;
    } else {
        finding_proof(f, request);
    }
    tls_tell_alert(v, f, alert);
    ask_rule_out_network(v, f);
    return sure;
}

enum confidence tls_weak_key_exchange(const struct view *v, struct finding *f)
{
    struct refusal r = device_refusal(v);
    const struct fact *end =
        r.end ? r.end : tls_fatal_alert(v, SIDE_DEVICE, ALERT_HANDSHAKE_FAILURE);
    const struct fact *key = end ? tls_weak_key_before(v, end) : NULL;
    if (!key || (r.code >= ALERT_BAD_CERTIFICATE && r.code <= ALERT_CERTIFICATE_UNKNOWN) ||
        r.code == ALERT_UNKNOWN_CA || view_before(v, end, FACT_TLS_UP, ANY_SIDE))
        return NO_MATCH;
    finding_proof(f, key);
    finding_number(f, "bits", key->key_exchange.bits);
    if (end->kind == FACT_TLS_ALERT)
        tls_tell_alert(v, f, end);
    else
        finding_proof(f, end);
    f->stage = STAGE_TLS;
    ask_rule_out_network(v, f);
    return LIKELY;
}

/* TLS 1.3: the server's part had begun, encrypted as it is there, and the device left at once, without any of
 * its own. The certificate itself is not seen then. NULL: it was not so. */
static const struct fact *left_unseen(const struct view *v)
{
    const struct fact *end = ask_end(v);
    const struct fact *choice = end && end->from == SIDE_DEVICE ? tls_choice_before(v, end) : NULL;
    if (!choice || choice->server_hello.version < VERSION_TLS_1_3 || choice->server_hello.resumed ||
        v->attempt->one_sided || v->attempt->snapped || v->attempt->gaps ||
        v->attempt->trace_full || v->attempt->direction[SIDE_SERVER].unanswered_resends > 0)
        return NULL;
    const struct fact *part = view_after(v, choice, FACT_ENCRYPTED, SIDE_SERVER);
    uint64_t more = FACT_BIT(FACT_ENCRYPTED) | FACT_BIT(FACT_TLS_ALERT) | FACT_BIT(FACT_TLS_UP) |
                    FACT_BIT(FACT_CERTIFICATE) | FACT_BIT(FACT_TLS_BROKEN);
    if (!part || !ask_after(v, part, end) || end->time - part->time >= ASK_WAITED ||
        ask_first_of(v, part, more, SIDE_SERVER) || ask_first_of(v, choice, more, SIDE_DEVICE))
        return NULL;
    return part;
}

enum confidence tls_closed_by_device(const struct view *v, struct finding *f)
{
    const struct fact *part = left_unseen(v);
    if (part) {
        finding_proof(f, part);
        finding_proof(f, ask_end(v));
        f->stage = STAGE_TLS;
        f->headline = N_(
            "This device hung up in the middle of the start of encryption, and did not say why.");
        f->meaning = N_(
            "The server had sent its part, and in it its certificate (its identity card); that part is encrypted and "
            "cannot be read here. The device then ended the connection without a word. Often it does not like the "
            "certificate: it does not know the issuer, or its clock is wrong.");
        ask_rule_out_network(v, f);
        return POSSIBLE;
    }
    struct refusal r = device_refusal(v);
    if (!r.end || !r.silent || cert_out_of_date(r.certificate, r.end->time) ||
        cert_name_missed(v, r.certificate).len > 0 || tls_weak_key_before(v, r.end))
        return NO_MATCH;
    int64_t clock;
    if (device_clock_off(v, &clock))
        return NO_MATCH;
    tell_refusal(v, f, &r);
    (void)cert_tell_chain(v, f, r.certificate, r.end->time);
    if (cert_name_fits(v, r.certificate))
        leave_name_alone(f, DO_TRY_NO_CHECK);
    if (r.certificate->certificate.readable)
        finding_flag(f, "self_signed", r.certificate->certificate.self_signed);
    return POSSIBLE;
}
