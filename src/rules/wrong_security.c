/* SPDX-License-Identifier: BSD-3-Clause */
/* The wrong kind of security for the port: one side encrypts where the other speaks clear text. */
#include "rules/by_reply.h"
#include "rules/with_key.h"

static bool is_plain_port(uint16_t port)
{
    return port == 25 || port == 587 || port == 2525;
}

/* --- TLS at a clear-text port --- */

/* The device's first bytes, where they are a ClientHello. */
static const struct fact *first_hello(const struct view *v)
{
    if (!ask_implicit_tls(v))
        return NULL;
    return ask_first_of(v, NULL, FACT_BIT(FACT_CLIENT_HELLO) | FACT_BIT(FACT_SMTP_NOISE),
                        SIDE_DEVICE);
}

/* The server's own words in clear text: a reply, or text where TLS was due. */
static const struct fact *clear_words(const struct view *v)
{
    for (const struct fact *f = ask_begin(v); f; f = ask_next(v, f)) {
        if (f->from != SIDE_SERVER || f->origin != ORIGIN_SEEN)
            continue;
        if (f->kind == FACT_SMTP_REPLY || (f->kind == FACT_TLS_BROKEN && f->tls_broken.smtp_text))
            return f;
    }
    return NULL;
}

static bool server_said_anything(const struct view *v)
{
    uint64_t words = FACT_BIT(FACT_SMTP_REPLY) | FACT_BIT(FACT_SERVER_HELLO) |
                     FACT_BIT(FACT_TLS_ALERT) | FACT_BIT(FACT_ENCRYPTED) |
                     FACT_BIT(FACT_CERTIFICATE) | FACT_BIT(FACT_TLS_BROKEN) |
                     FACT_BIT(FACT_OTHER_PROTOCOL) | FACT_BIT(FACT_SMTP_NOISE) | FACT_BIT(FACT_GAP);
    return v->attempt->direction[SIDE_SERVER].bytes > 0 ||
           ask_first_of(v, NULL, words, SIDE_SERVER) || !ask_heard_all(v, NULL);
}

/* The device left, or both were silent until the end, at least so long after a fact. */
static bool waited_in_vain(const struct view *v, const struct fact *since, int64_t least,
                           const struct fact **end)
{
    *end = ask_end(v);
    if (*end)
        return (*end)->from == SIDE_DEVICE && ask_after(v, since, *end) &&
               (*end)->time - since->time >= least;
    return v->attempt->end == END_SILENCE;
}

static enum confidence tls_on_plain_port(const struct view *v, struct finding *f)
{
    const struct fact *hello = first_hello(v);
    if (!hello || view_first(v, FACT_SERVER_HELLO, SIDE_SERVER) ||
        view_first(v, FACT_TLS_UP, ANY_SIDE))
        return NO_MATCH;
    const struct fact *words = clear_words(v), *end = NULL;
    if (!words && (server_said_anything(v) || !is_plain_port(v->attempt->server_port) ||
                   v->attempt->direction[SIDE_DEVICE].unanswered_resends > 0 ||
                   !waited_in_vain(v, hello, ASK_WAITED, &end)))
        return NO_MATCH;
    finding_proof(f, hello);
    f->stage = STAGE_TLS;
    if (words && words->kind == FACT_SMTP_REPLY)
        ask_tell_reply(v, f, words);
    else
        finding_proof(f, words ? words : end);
    if (end)
        f->headline = N_(
            "This device starts with encryption, and the mail server on port {port} says nothing.");
    finding_advice(f, is_plain_port(v->attempt->server_port) && v->attempt->server_port != 587
                          ? DO_STARTTLS_HERE
                          : DO_STARTTLS_587);
    finding_advice(f, OR_SSL_465);
    ask_rule_out_network(v, f);
    return words ? CERTAIN : LIKELY;
}

/* --- clear text at a TLS port --- */

/* What the device said in clear text; NULL: nothing. */
static const struct fact *clear_command(const struct view *v)
{
    for (const struct fact *f = ask_begin(v); f; f = ask_next(v, f)) {
        if (f->from != SIDE_DEVICE || f->origin != ORIGIN_SEEN)
            continue;
        if (f->kind == FACT_SMTP_COMMAND || (f->kind == FACT_TLS_BROKEN && f->tls_broken.smtp_text))
            return f;
    }
    return NULL;
}

static enum confidence plain_answered_by_tls(const struct view *v, struct finding *f,
                                             const struct fact *said)
{
    uint64_t tls = FACT_BIT(FACT_TLS_ALERT) | FACT_BIT(FACT_SERVER_HELLO);
    const struct fact *answer = ask_first_of(v, said, tls, SIDE_SERVER);
    if (!answer || view_first(v, FACT_CLIENT_HELLO, SIDE_DEVICE) ||
        view_first(v, FACT_SMTP_REPLY, SIDE_SERVER) || view_gap_between(v, said, answer))
        return NO_MATCH;
    finding_proof(f, said);
    finding_proof(f, answer);
    f->stage = STAGE_EHLO;
    if (answer->kind == FACT_TLS_ALERT && answer->alert.level != ALERT_ENCRYPTED) {
        finding_number(f, "alert", answer->alert.code);
        if (v->attempt->server_port == 465 && answer == view_last(v, FACT_TLS_ALERT, ANY_SIDE))
            finding_filter(f, "tls.alert_message.desc", answer->alert.code);
    }
    return CERTAIN;
}

/* On 465: the device spoke in clear text, or waited for the server to begin; no word came back. */
static enum confidence plain_in_silence(const struct view *v, struct finding *f,
                                        const struct fact *said)
{
    const struct fact *open = view_first(v, FACT_OPEN, ANY_SIDE);
    const struct fact *since = said ? said : open;
    const struct fact *end = ask_end(v);
    if (!since || v->attempt->server_port != 465 || server_said_anything(v) ||
        view_first(v, FACT_CLIENT_HELLO, SIDE_DEVICE) ||
        view_first(v, FACT_OTHER_PROTOCOL, SIDE_DEVICE) ||
        v->attempt->direction[SIDE_DEVICE].unanswered_resends > 0)
        return NO_MATCH;
    bool hung_up = said && end && end->from == SIDE_SERVER;
    bool long_enough = end ? end->time - since->time >= ASK_WAITED : v->attempt->end == END_SILENCE;
    if (!hung_up && !long_enough)
        return NO_MATCH;
    if (!said && v->attempt->direction[SIDE_DEVICE].bytes > 0)
        return NO_MATCH; /* it said something that is no SMTP */
    finding_proof(f, since);
    finding_proof(f, end);
    f->stage = said ? STAGE_EHLO : STAGE_GREETING;
    if (end)
        finding_span(f, "waited", end->time - since->time);
    if (!said)
        f->headline = N_(
            "This device waits for a greeting, but port 465 expects encryption from the first byte.");
    return LIKELY;
}

static enum confidence plain_on_tls_port(const struct view *v, struct finding *f)
{
    const struct fact *said = clear_command(v);
    enum confidence sure = said ? plain_answered_by_tls(v, f, said) : NO_MATCH;
    if (sure == NO_MATCH)
        sure = plain_in_silence(v, f, said);
    if (sure == NO_MATCH)
        return NO_MATCH;
    if (v->attempt->server_port != 465)
        finding_advice(
            f,
            N_("In the device's mail settings set the security to \"SSL\" (encrypted from the first byte; also called "
               "\"SSL/TLS\" or \"SMTPS\") and leave the port at {port}."));
    else
        finding_advice(f, DO_SSL_465);
    finding_advice(f, OR_STARTTLS_587);
    ask_rule_out_network(v, f);
    return sure;
}

#define CHECK_SERVER_AND_PORT                                                                                                     \
    N_("Check the outgoing mail server (SMTP) in the device's mail settings: now it is {server}, port {port}. Usual ports are " \
       "465 with \"SSL\", and 587 with \"TLS\" or \"STARTTLS\".")

static bool receives_mail(const char *protocol)
{
    return strcmp(protocol, "IMAP") == 0 || strcmp(protocol, "POP3") == 0;
}

static enum confidence not_a_mail_server(const struct view *v, struct finding *f)
{
    const struct fact *other = view_first(v, FACT_OTHER_PROTOCOL, SIDE_SERVER);
    if (!other || view_first(v, FACT_OTHER_PROTOCOL, SIDE_DEVICE) ||
        (ask_clear(other) && view_first(v, FACT_TLS_UP, ANY_SIDE)) ||
        view_first(v, FACT_SMTP_REPLY, SIDE_SERVER))
        return NO_MATCH;
    finding_proof(f,
                  ask_first_of(v, NULL, FACT_BIT(FACT_CLIENT_HELLO) | FACT_BIT(FACT_SMTP_COMMAND),
                               SIDE_DEVICE));
    finding_proof(f, other);
    f->stage = STAGE_GREETING;
    finding_word(f, "protocol", other->other_protocol.name);
    if (strcmp(other->other_protocol.name, "unknown") == 0)
        f->headline = N_("What answers at {server}, port {port}, is no outgoing mail server: it does not speak as one.");
    if (receives_mail(other->other_protocol.name)) {
        f->meaning = N_(
            "What answers there is for receiving mail, not for sending. In the device's settings the receiving server, or its port, "
            "probably stands where the outgoing mail server belongs.");
        finding_advice(f, N_("In the device's mail settings enter the outgoing mail server (SMTP), not the one for receiving (POP3, IMAP). "
                             "Now it is {server}, port {port}."));
    } else if (is_plain_port(v->attempt->server_port) || v->attempt->server_port == 465) {
        finding_advice(f, N_("Check the name of the outgoing mail server (SMTP) in the device's mail settings: now it is {server}. The port "
                             "{port} is a usual one for sending, so the name is probably wrong."));
    } else {
        finding_advice(f, CHECK_SERVER_AND_PORT);
    }
    return CERTAIN;
}

/* --- STARTTLS --- */

/* Ended the device it in order after this list, without a sign-in, a mail, STARTTLS, or an error? The end. */
static const struct fact *gave_up_after(const struct view *v, const struct fact *list)
{
    for (const struct fact *f = ask_next(v, list); f; f = ask_next(v, f)) {
        if (f->kind == FACT_AUTH || f->kind == FACT_GAP || f->kind == FACT_CLIENT_HELLO ||
            f->kind == FACT_SMTP_NOISE)
            return NULL;
        if (f->kind == FACT_SMTP_REPLY && f->reply.code >= 400)
            return NULL;
        if (f->kind == FACT_SMTP_COMMAND &&
            (f->command.verb == SMTP_AUTH || f->command.verb == SMTP_MAIL ||
             f->command.verb == SMTP_STARTTLS || f->command.verb == SMTP_UNKNOWN_VERB))
            return NULL;
        if (f->kind == FACT_SMTP_COMMAND && f->command.verb == SMTP_QUIT)
            return f;
        if (f->kind == FACT_FIN || f->kind == FACT_RST)
            return f->from == SIDE_DEVICE ? f : NULL;
    }
    return NULL;
}

static enum confidence starttls_not_offered(const struct view *v, struct finding *f)
{
    const struct fact *list = ask_capabilities(v, NULL, true);
    uint16_t port = v->attempt->server_port;
    if (!list || v->attempt->one_sided || !ask_list_whole(v, list) || port == 25 ||
        list->capabilities.starttls || list->capabilities.overwritten || list->from != SIDE_SERVER)
        return NO_MATCH;
    if (!list->capabilities.auth && port != 465 && port != 587 && port != 2525)
        return NO_MATCH;
    if (list->capabilities.mechanisms != 0 &&
        (list->capabilities.mechanisms & ASK_KNOWN_METHODS) == 0)
        return NO_MATCH; /* auth-no-common-method */
    const struct fact *end = gave_up_after(v, list);
    if (!end)
        return NO_MATCH;
    finding_proof(f, list);
    finding_proof(f, end);
    f->stage = STAGE_EHLO;
    finding_flag(f, "auth_listed", list->capabilities.auth);
    ask_rule_out_network(v, f);
    return LIKELY;
}

static enum confidence starttls_stripped(const struct view *v, struct finding *f)
{
    const struct fact *list = view_first(v, FACT_SMTP_CAPABILITIES, SIDE_SERVER);
    while (list && (list->origin != ORIGIN_SEEN || !list->capabilities.overwritten ||
                    list->capabilities.starttls))
        list = view_after(v, list, FACT_SMTP_CAPABILITIES, SIDE_SERVER);
    if (!list || view_first(v, FACT_TLS_UP, ANY_SIDE))
        return NO_MATCH;
    const struct fact *refusal = view_reply(v, list, STEP_STARTTLS, 400, 599);
    if (!refusal && v->attempt->end == END_OPEN)
        return NO_MATCH; /* what the device makes of it is not seen yet */
    finding_proof(f, list);
    f->stage = STAGE_EHLO;
    /* At port 25 a look at the list and a goodbye is how servers are watched. */
    f->ends_no_mail = v->attempt->server_port == 25 && !refusal &&
                      !view_first(v, FACT_AUTH, SIDE_DEVICE) && !view_command(v, SMTP_MAIL, 0);
    if (refusal) {
        ask_tell_reply(v, f, refusal);
        f->stage = STAGE_STARTTLS;
    }
    f->made_good =
        view_reply(v, list, STEP_AUTH, 200, 299) || view_reply(v, list, STEP_MAIL, 200, 299);
    ask_rule_out_network(v, f);
    return LIKELY;
}

static enum confidence starttls_refused(const struct view *v, struct finding *f)
{
    const struct fact *reply = by_reply_find(v, 0, f->cause->id);
    if (!reply)
        return NO_MATCH;
    const struct fact *list = ask_capabilities(v, reply, true);
    if (list && list->capabilities.overwritten && !list->capabilities.starttls)
        return NO_MATCH; /* starttls-stripped */
    finding_proof(f, view_asked(v, reply));
    ask_tell_reply(v, f, reply);
    f->stage = STAGE_STARTTLS;
    f->made_good = ask_went_on(v, reply);
    if (list)
        finding_flag(f, "listed", list->capabilities.starttls);
    if (reply->origin != ORIGIN_SEEN) {
        f->headline = N_("This device asks for encryption that is up already, and the mail server refuses that (its answer: {code}).");
        f->meaning = N_("The encryption was up already, and the device asked for it once more; the server said no to that.");
        finding_advice(f, N_("In the device's mail settings switch on one kind of encryption only: security \"SSL\" with port 465, or "
                             "\"TLS\" or \"STARTTLS\" with port 587."));
        finding_advice(f, DO_UPDATE);
        finding_advice(f, DO_ASK_PROVIDER_REPLY);
        f->advice_alone = true;
        ask_rule_out_password(v, f);
        ask_rule_out_network(v, f);
        return CERTAIN;
    }
    if (list && !list->capabilities.starttls)
        f->meaning = N_("The device asked to switch to encryption (STARTTLS), which the server had not offered, and the server said no.");
    else if (reply->reply.code == 454) {
        f->meaning = N_(
            "The device asked to switch to encryption, as it should. The server answered that it cannot do this just now.");
        finding_advice(f, DO_TRY_LATER);
    }
    finding_advice(f, DO_SSL_465);
    if (list && list->capabilities.starttls)
        finding_advice(
            f,
            N_("If it goes on, tell the mail provider. You can send this: \"At {time} your server {server} offered STARTTLS and then refused it with: {code} {text}\""));
    f->advice_alone = list && list->capabilities.starttls && finding_value(f, "text");
    ask_rule_out_password(v, f);
    ask_rule_out_network(v, f);
    return CERTAIN;
}

static enum confidence starttls_required(const struct view *v, struct finding *f)
{
    const struct fact *reply = by_reply_find(v, 0, f->cause->id);
    if (!reply || reply->origin != ORIGIN_SEEN || view_before(v, reply, FACT_TLS_UP, ANY_SIDE))
        return NO_MATCH;
    finding_proof(f, view_asked(v, reply));
    ask_tell_reply(v, f, reply);
    f->stage = (uint8_t)ask_stage(v, reply);
    f->made_good =
        view_after(v, reply, FACT_TLS_UP, ANY_SIDE) || view_reply(v, reply, STEP_MAIL, 200, 299);
    finding_advice(f, v->attempt->server_port == 587 ? DO_STARTTLS_587 : DO_STARTTLS_HERE);
    finding_advice(f, OR_SSL_465);
    ask_rule_out_password(v, f);
    ask_rule_out_network(v, f);
    return reading_of(v, reply).sure;
}

/* After the 220: does this side go on in clear text, and does the other side accept it? */
static bool both_go_on_in_clear(const struct view *v, const struct fact *ready)
{
    const struct fact *said = view_after(v, ready, FACT_SMTP_COMMAND, SIDE_DEVICE);
    while (said && (said->origin != ORIGIN_SEEN || said->command.early))
        said = view_after(v, said, FACT_SMTP_COMMAND, SIDE_DEVICE);
    const struct fact *answer = said ? view_after(v, said, FACT_SMTP_REPLY, SIDE_SERVER) : NULL;
    return answer && answer->origin == ORIGIN_SEEN && answer->reply.code < 400;
}

static const struct fact *broken_after(const struct view *v, const struct fact *ready)
{
    for (const struct fact *f = ask_next(v, ready); f; f = ask_next(v, f)) {
        if (f->kind == FACT_TLS_UP || f->kind == FACT_GAP || f->kind == FACT_SERVER_HELLO)
            return NULL;
        if (f->kind == FACT_TLS_BROKEN || f->kind == FACT_SMTP_NOISE)
            return f;
        if (f->origin == ORIGIN_SEEN &&
            ((f->kind == FACT_SMTP_COMMAND && !f->command.early) ||
             (f->kind == FACT_SMTP_REPLY && f->reply.step != STEP_STARTTLS)))
            return f;
    }
    return NULL;
}

static enum confidence starttls_broken(const struct view *v, struct finding *f)
{
    const struct fact *ready = ask_starttls_ready(v);
    if (!ready || v->summary->accepted > 0 || both_go_on_in_clear(v, ready))
        return NO_MATCH;
    const struct fact *broken = broken_after(v, ready);
    if (!broken || (broken->flags & FACT_AFTER_GAP))
        return NO_MATCH;
    if (broken->from == SIDE_DEVICE && v->attempt->end == END_OPEN &&
        !view_first(v, FACT_TLS_ALERT, ANY_SIDE))
        return NO_MATCH; /* still going on: perhaps all of it goes on in clear text */
    finding_proof(f, ready);
    finding_proof(f, broken);
    f->stage = STAGE_TLS;
    finding_word(f, "from", broken->from == SIDE_DEVICE ? "device" : "server");
    if (broken->from == SIDE_SERVER) {
        f->headline =
            N_("The switch to encryption was agreed, and then the mail server went on without it.");
        f->meaning = N_(
            "The server said that it was ready for encryption. What it sent after that is no encryption, so the device could "
            "not go on.");
    }
    finding_advice(f, DO_SSL_465);
    ask_rule_out_network(v, f);
    return CERTAIN;
}

static const struct cause rows[] = {
    { .id = "tls-on-plain-port",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(FACT_CLIENT_HELLO) | FACT_BIT(FACT_SMTP_NOISE),
      .match = tls_on_plain_port,
      .title =
          N_("The device encrypts from the first byte where the server speaks clear text first"),
      .headline =
          N_("This device encrypts from the first byte, but port {port} begins in clear text."),
      .meaning = N_(
          "There are two ways to encrypt mail: from the first byte (usually port 465), or beginning in clear text and then switching "
          "(usually port 587). In this device's settings the security and the port do not fit together."),
      .explain = N_(
          "The device's first bytes are a ClientHello. The server greets in clear text, or answers the hello with an SMTP error; or, on "
          "port 25, 587 or 2525, nothing comes back until the device gives up. The words on the menus do not help here: "
          "\"SSL\" often means from the first byte, and \"TLS\" often means STARTTLS."),
      .rules_out = { SAY_PASSWORD_NOT_SENT },
      .may_advise = { DO_STARTTLS_587, OR_SSL_465 },
      .advice = { DO_ASK_PROVIDER },
      .rfc = "RFC 8314 3" },

    { .id = "plain-on-tls-port",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(FACT_TLS_ALERT) | FACT_BIT(FACT_SERVER_HELLO) | FACT_BIT(SIGN_NO_WORD),
      .match = plain_on_tls_port,
      .title = N_(
          "The device speaks clear text where the server expects encryption from the first byte"),
      .headline = N_(
          "This device begins in clear text, but port {port} expects encryption from the first byte."),
      .meaning = N_(
          "There are two ways to encrypt mail: from the first byte (usually port 465), or beginning in clear text and then switching "
          "(usually port 587). In this device's settings the security and the port do not fit together."),
      .explain = N_(
          "The device speaks SMTP in clear text and the server answers with TLS, for example with an alert; or, on port 465, the device "
          "waits for a greeting or says EHLO, and gets silence, a FIN or an RST. In silence a server that hangs looks alike."),
      .rules_out = { SAY_PASSWORD_NOT_SENT },
      .may_advise = { DO_SSL_465, OR_STARTTLS_587 },
      .advice = { DO_ASK_PROVIDER },
      .rfc = "RFC 8314 3.3" },

    { .id = "not-a-mail-server",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(FACT_OTHER_PROTOCOL),
      .match = not_a_mail_server,
      .title = N_("The other side is no mail server"),
      .headline = N_(
          "What answers at {server}, port {port}, is no outgoing mail server: it speaks {protocol}."),
      .meaning = N_(
          "The device reached a computer, but at this port there is another kind of service. The server name or the port in the "
          "device's settings is probably wrong."),
      .explain = N_(
          "The server's first bytes belong to another protocol (HTTP, SSH, IMAP, POP3, FTP …). IMAP and POP3 are for receiving mail; "
          "sending needs the outgoing server (SMTP)."),
      .rules_out = { SAY_PASSWORD_NOT_SENT,
                     N_("The network: something answered at this address.") },
      .may_advise = { CHECK_SERVER_AND_PORT },
      .advice = { DO_ASK_PROVIDER } },

    { .id = "starttls-not-offered",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_LEFT_AFTER_LIST),
      .match = starttls_not_offered,
      .title = N_("The server does not offer to switch to encryption"),
      .headline = N_(
          "The mail server on port {port} does not offer to switch to encryption, and this device hung up."),
      .meaning = N_(
          "The device asked the server what it can do. \"Switch to encryption\" (STARTTLS) was not on the list. The device then ended the "
          "conversation in good order; probably it is set to send only with encryption."),
      .explain = N_(
          "EHLO in clear text was answered without STARTTLS, and the device ended without AUTH or MAIL. Nothing was refused, so this is "
          "the likely reading, not a certain one: the device may have missed something else on the list."),
      .rules_out = { SAY_PASSWORD_NOT_SENT },
      .advice = { DO_SSL_465,
                  N_("If that does not work either, ask the mail provider which port offers encryption."),
                  N_("Without encryption (security \"none\") anyone on the way can read the password. Use that in your own network at most.") },
      .rfc = "RFC 3207 4" },

    { .id = "starttls-stripped",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_OVERWRITTEN_LIST),
      .match = starttls_stripped,
      .title = N_("Something on the way removes the offer of encryption"),
      .headline = N_("Something on the way to the mail server blots out its offer of encryption."),
      .meaning = N_(
          "The server lists what it can do, and in this list words have been overwritten with the letter X. A firewall or a virus scanner "
          "does this to be able to read the mail. The device then cannot switch to encryption."),
      .explain = N_(
          "Keywords in the reply to EHLO are overwritten (XXXXXXXA and the like), STARTTLS is missing, or STARTTLS is answered with 500 "
          "although the server behind would take it. Mail inspection in firewalls is known for it."),
      .rules_out = { N_("The mail server itself: it is the way to it that is disturbed.") },
      .advice = { DO_SSL_465,
                  N_("In the firewall, the router or the virus scanner switch off the inspection of outgoing mail (often called \"SMTP inspection\", "
                     "\"SMTP fixup\" or \"mail shield\").") },
      .rfc = "RFC 3207 6" },

    { .id = "starttls-refused",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED),
      .match = starttls_refused,
      .title = N_("The server refuses to switch to encryption"),
      .headline = N_("The mail server refuses to switch to encryption (its answer: {code})."),
      .meaning = N_("The device asked to switch to encryption (STARTTLS), and the server said no."),
      .explain = N_(
          "STARTTLS was answered with 454 or a code from 500 up. With 454 the server can usually do it and has trouble at the moment, often "
          "with its own certificate."),
      .may_rule_out = { SAY_NETWORK_WORKS, SAY_PASSWORD_IF },
      .may_advise = { DO_TRY_LATER, DO_SSL_465 },
      .advice = { DO_ASK_PROVIDER_REPLY, DO_ASK_PROVIDER },
      .rfc = "RFC 3207 4" },

    { .id = "starttls-required",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED),
      .match = starttls_required,
      .title = N_("The server demands encryption before anything else"),
      .headline =
          N_("The mail server demands encryption, and this device tried to go on without it."),
      .meaning = N_(
          "The device spoke to the server in clear text. On this port the server takes a sign-in or a mail only after both have "
          "switched to encryption."),
      .explain = N_(
          "AUTH, MAIL or another command before TLS was answered with a text that names STARTTLS, usually 530; or with 530 and no telling "
          "text, where STARTTLS was on the server's list."),
      .rules_out = { N_("The user name: the server did not look at it yet.") },
      .may_advise = { DO_STARTTLS_587, OR_SSL_465 },
      .advice = { DO_UPDATE, DO_RELAY },
      .rfc = "RFC 3207 4" },

    { .id = "ehlo-missing-after-starttls",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(FACT_TLS_UP),
      .match = key_ehlo_missing,
      .title = N_("After the switch to encryption the device does not introduce itself again"),
      .headline = N_(
          "After the switch to encryption this device went on without introducing itself again, and the mail server refused that."),
      .meaning = N_(
          "When a connection switches to encryption, the server forgets what was said before, and the device has to begin anew with its "
          "greeting (EHLO). This device left that out. It is a fault in the device's software."),
      .explain = N_(
          "After STARTTLS and the handshake the device's first command is not EHLO (RFC 3207 wants one), and the server answers with 503, "
          "with a text that asks for EHLO, or refuses a sign-in that its list before the encryption did not have. Without a key the "
          "sizes of the records can show it; then it is likely. A server that does not mind, where the mail goes out, is no failure."),
      .rules_out = { SAY_SERVER_NAME_WORKS },
      .advice = { DO_SSL_465, DO_UPDATE, DO_RELAY },
      .rfc = "RFC 3207 4.2" },

    { .id = "starttls-broken",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_STARTTLS_READY),
      .match = starttls_broken,
      .title = N_("The switch to encryption was agreed, and then not made"),
      .headline =
          N_("The switch to encryption was agreed, and then this device went on without it."),
      .meaning = N_(
          "The server said that it was ready for encryption. What the device sent after that is no encryption, so the server could not "
          "go on."),
      .explain = N_(
          "After the 220 to STARTTLS one side goes on in clear text, or sends bytes that are no TLS record, and no mail comes through. A "
          "capture that a decrypting box exported looks the same, but there the mail goes through."),
      .rules_out = { SAY_SERVER_NAME_WORKS },
      .may_advise = { DO_SSL_465 },
      .advice = { N_("If a firewall or security software looks into mail, let it leave this connection alone."),
                  DO_UPDATE, DO_ASK_PORT },
      .rfc = "RFC 3207 4" },
};

const struct causes causes_wrong_security = { rows, sizeof rows / sizeof *rows };
