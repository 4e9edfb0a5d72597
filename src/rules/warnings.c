/* SPDX-License-Identifier: BSD-3-Clause */
/* Warnings: the mail may have gone out, and still. */
#include "facts/tls_names.h"
#include "rules/ask.h"
#include "rules/certificate_problem.h"

/* A STARTTLS that was agreed and no TLS to be seen: perhaps a decrypting box exported this. */
static bool perhaps_decrypted(const struct view *v, const struct fact *fact)
{
    const struct fact *ready = ask_starttls_ready(v);
    return ready && ask_after(v, ready, fact);
}

/* The message with which a password was shown to everybody on the way; NULL. */
static const struct fact *password_shown(const struct view *v)
{
    for (const struct fact *auth = view_first(v, FACT_AUTH, SIDE_DEVICE); auth;
         auth = view_after(v, auth, FACT_AUTH, SIDE_DEVICE)) {
        uint8_t mechanism = auth->auth.mechanism;
        if (!ask_clear(auth) || (mechanism != AUTH_PLAIN && mechanism != AUTH_LOGIN) ||
            perhaps_decrypted(v, auth))
            continue;
        if (mechanism == AUTH_PLAIN && auth->auth.initial_response)
            return auth;
        unsigned wanted = mechanism == AUTH_LOGIN ? 2 : 1;
        const struct fact *next = view_after(v, auth, FACT_AUTH, SIDE_DEVICE);
        for (const struct fact *s = view_after(v, auth, FACT_AUTH_STEP, SIDE_DEVICE);
             s && !(next && ask_after(v, next, s));
             s = view_after(v, s, FACT_AUTH_STEP, SIDE_DEVICE)) {
            if (s->auth_step.number >= wanted && !s->auth_step.cancel && !s->auth_step.empty &&
                !s->auth_step.looks_like_command)
                return s;
        }
    }
    return NULL;
}

static enum confidence password_in_clear(const struct view *v, struct finding *f)
{
    const struct fact *shown = password_shown(v);
    if (!shown)
        return NO_MATCH;
    const struct fact *auth =
        shown->kind == FACT_AUTH ? shown : view_before(v, shown, FACT_AUTH, SIDE_DEVICE);
    finding_proof(f, auth);
    finding_proof(f, shown);
    finding_word(f, "method", auth_mechanism_name((enum auth_mechanism)auth->auth.mechanism));
    f->stage = STAGE_AUTH;
    ask_advise_encryption(v, f);
    return CERTAIN;
}

static enum confidence mail_in_clear(const struct view *v, struct finding *f)
{
    const struct fact *body = view_first(v, FACT_MESSAGE, SIDE_DEVICE);
    while (body && (!ask_clear(body) || body->message.bytes == 0 || perhaps_decrypted(v, body)))
        body = view_after(v, body, FACT_MESSAGE, SIDE_DEVICE);
    if (!body)
        return NO_MATCH;
    finding_proof(f, body);
    f->stage = STAGE_DATA;
    if (v->attempt->server_port == 25) {
        f->severity = SEVERITY_NOTE; /* servers talk so among themselves */
        f->headline = N_("This mail travelled without encryption, as is still usual on port 25.");
    }
    ask_advise_encryption(v, f);
    return CERTAIN;
}

static enum confidence tls_version_old(const struct view *v, struct finding *f)
{
    const struct fact *up = view_first(v, FACT_TLS_UP, ANY_SIDE);
    if (!up || up->tls_up.version == 0 || up->tls_up.version > 0x0302)
        return NO_MATCH;
    const struct fact *choice = view_before(v, up, FACT_SERVER_HELLO, SIDE_SERVER);
    finding_proof(f, choice ? choice : up);
    finding_word(f, "version", tls_version_name(up->tls_up.version));
    f->stage = STAGE_TLS;
    return CERTAIN;
}

static enum confidence tls_cipher_weak(const struct view *v, struct finding *f)
{
    const struct fact *up = view_first(v, FACT_TLS_UP, ANY_SIDE);
    if (!up || !v->summary->server_hello || !tls_cipher_kind(up->tls_up.cipher).weak ||
        !tls_cipher_name(up->tls_up.cipher))
        return NO_MATCH;
    const struct fact *choice = view_before(v, up, FACT_SERVER_HELLO, SIDE_SERVER);
    finding_proof(f, choice ? choice : up);
    finding_word(f, "cipher", tls_cipher_name(up->tls_up.cipher));
    f->stage = STAGE_TLS;
    return CERTAIN;
}

#define HARMS_NO_MAIL N_("A failed mail: this alone keeps no mail from going out.")

static const struct cause rows[] = {
    { .id = "password-in-clear",
      .severity = SEVERITY_WARNING,
      .needs = FACT_BIT(FACT_AUTH),
      .match = password_in_clear,
      .title = N_("The password was sent without encryption"),
      .headline = N_("This device sent its password without encryption."),
      .meaning = N_(
          "Anyone on the way between device and server could read the user name and the password."),
      .explain = N_("AUTH PLAIN or AUTH LOGIN outside TLS: user name and password are only written "
                    "in another way (base64), not encrypted."),
      .may_rule_out = { HARMS_NO_MAIL },
      .may_advise = { DO_STARTTLS_587, OR_SSL_465 },
      .advice = { N_("Once it sends with encryption, change the password of this mail account.") },
      .rfc = "RFC 8314 3" },

    { .id = "mail-in-clear",
      .severity = SEVERITY_WARNING,
      .needs = FACT_BIT(FACT_MESSAGE),
      .match = mail_in_clear,
      .title = N_("The mail was sent without encryption"),
      .headline = N_("This device sent its mail without encryption."),
      .meaning = N_(
          "Anyone on the way between device and server could read the mail and see its pictures."),
      .explain = N_("A message outside TLS. On port 25, where servers talk to each other, this is "
                    "still usual and only noted."),
      .may_rule_out = { HARMS_NO_MAIL },
      .may_advise = { DO_STARTTLS_587, OR_SSL_465 },
      .rfc = "RFC 8314 3" },

    { .id = "tls-version-old",
      .severity = SEVERITY_WARNING,
      .needs = FACT_BIT(FACT_TLS_UP),
      .match = tls_version_old,
      .title = N_("An old TLS version is in use"),
      .headline = N_("Device and mail server use an old version of encryption, {version}."),
      .meaning = N_("It works for now. Many mail servers have stopped accepting anything older "
                    "than TLS 1.2, and this one may follow."),
      .explain = N_("The handshake ended with TLS 1.1 or older, which RFC 8996 has withdrawn."),
      .may_rule_out = { HARMS_NO_MAIL },
      .advice = { DO_UPDATE,
                  N_("Try the other pair of security and port: \"SSL\" and port 465, or \"TLS\" or "
                     "\"STARTTLS\" and port 587. Some devices use a newer version there.") },
      .rfc = "RFC 8996" },

    { .id = "tls-cipher-weak",
      .severity = SEVERITY_WARNING,
      .needs = FACT_BIT(FACT_TLS_UP),
      .match = tls_cipher_weak,
      .title = N_("A weak encryption method is in use"),
      .headline = N_("Device and mail server use a weak encryption method."),
      .meaning = N_("It works for now. The method in use ({cipher}) can be broken with some "
                    "effort, and servers are switching it off."),
      .explain = N_("The server chose a cipher suite with RC4, DES, 3DES, EXPORT, NULL or "
                    "anonymous key exchange."),
      .may_rule_out = { HARMS_NO_MAIL },
      .advice = { DO_UPDATE, N_("If the server is your own, switch the old methods off there once "
                                "the device can do better.") },
      .rfc = "RFC 9325 4.1" },

    { .id = "cert-problem-ignored",
      .severity = SEVERITY_WARNING,
      .needs = FACT_BIT(FACT_CERTIFICATE),
      .match = cert_problem_ignored,
      .title = N_("The device accepts a certificate that a careful one would refuse"),
      .headline = N_("This device accepts a certificate that the mail server has issued itself."),
      .meaning = N_("A certificate is the server's identity card. This device does not look at it "
                    "closely, so somebody on the way could pretend to be the server, and read the "
                    "password and the mail."),
      .explain = N_(
          "The handshake came to its end and the device went on, although the "
          "certificate was out of date by the clock of the capture, was signed by "
          "itself (and is none of --ca-file), or lacks the name that the device sent (SNI) or looked up (DNS). An "
          "issuer that is not known is not told here. Up to TLS 1.2 the certificate "
          "travels in clear; in TLS 1.3 it is seen with a key only."),
      .may_rule_out = { HARMS_NO_MAIL },
      .may_advise = { DO_NAME_IN_CERTIFICATE, DO_NAME_THAT_ENDS_SO },
      .advice = { N_("Once the certificate is in order, switch on the certificate check in the "
                     "device (often called \"verify certificate\"), where there is an item for "
                     "it.") },
      .rfc = "RFC 5280 6" },

    { .id = "cert-expires-soon",
      .severity = SEVERITY_WARNING,
      .needs = FACT_BIT(FACT_CERTIFICATE),
      .match = cert_expires_soon,
      .title = N_("The server's certificate expires within 30 days"),
      .headline = N_("The mail server's certificate expires soon: it is valid until {valid_to}."),
      .meaning = N_("A certificate is the server's identity card, and it is valid only for a time. "
                    "If it is not renewed by then, devices that look at it will send no more "
                    "mail."),
      .explain = N_("By the clock of the capture the server's certificate had less than 30 days "
                    "left. Certificates made for a week or less are left out."),
      .may_rule_out = { HARMS_NO_MAIL },
      .advice = { N_("If the mail server is your own, renew its certificate, and check that its "
                     "automatic renewal works."),
                  N_("If it is a provider's, nothing has to be done now: providers renew in time, "
                     "often in the last weeks.") },
      .rfc = "RFC 5280 4.1.2.5" },

    { .id = "recovered",
      .severity = SEVERITY_WARNING,
      .scope = SCOPE_DEVICE,
      .title = N_("It worked only at a second try"),
      .headline =
          N_("A mail of this device failed at first and went out at a later try, {after} later."),
      .meaning =
          N_("The trouble passed by itself. If it comes back often, look for its reason in the "
             "failed attempt."),
      .explain = N_("An attempt failed for a reason that can pass (greylisting, a busy server, a "
                    "lost connection) or be mended (a password, a certificate, a TLS version), and "
                    "a later one of the same device to the same server with the same setting "
                    "delivered; or a delivery needed many retransmissions. A greylisted first try "
                    "that was made good does not count for the exit status."),
      .may_rule_out = { N_("A lasting fault: the mail went out in the end.") },
      .may_advise = { N_(
          "Nothing has to be done now. If it comes back often, follow the advice for the failed attempt.") } },
};

const struct causes causes_warnings = { rows, sizeof rows / sizeof *rows };
