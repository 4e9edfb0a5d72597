/* SPDX-License-Identifier: BSD-3-Clause */
/* Signing in (RFC 4954): the method, the name and password, or no sign-in where one is needed. */
#include "rules/ask.h"

/* Methods that prove the password without sending it. */
#define DIGEST_METHODS                                                                             \
    (AUTH_BIT(AUTH_CRAM_MD5) | AUTH_BIT(AUTH_DIGEST_MD5) | AUTH_BIT(AUTH_NTLM) |                   \
     AUTH_BIT(AUTH_SCRAM_SHA_1) | AUTH_BIT(AUTH_SCRAM_SHA_256) | AUTH_BIT(AUTH_SCRAM_SHA_1_PLUS) | \
     AUTH_BIT(AUTH_SCRAM_SHA_256_PLUS))

static bool has_enhanced(const struct fact *reply, unsigned subject, unsigned detail)
{
    const struct smtp_enhanced *e = &reply->reply.enhanced;
    return e->class != 0 && e->subject == subject && e->detail == detail;
}

/* Texts that speak of something else than method, name or password: more exact causes tell them
 * apart; here they only keep a cause from claiming too much. */
static bool speaks_of_else(const struct fact *reply)
{
    static const char *const phrases[] = { "basic authentication",
                                           "smtpclientauthentication",
                                           "oauth",
                                           "application-specific",
                                           "app password",
                                           "application password",
                                           "web browser",
                                           "too many",
                                           "locked",
                                           "blocked",
                                           "suspended",
                                           "expired",
                                           "authorization code",
                                           "turned off",
                                           "not activated",
                                           "quota",
                                           "credits exceeded",
                                           "unauthorized ip",
                                           "country",
                                           "region",
                                           "temporar",
                                           "try again",
                                           "starttls",
                                           "encryption required",
                                           "base64",
                                           "decode",
                                           "another step",
                                           "must enable",
                                           "disabled for",
                                           "account disabled",
                                           "user disabled",
                                           "user is disabled",
                                           "has been disabled",
                                           NULL };
    return has_enhanced(reply, 7, 139) || has_enhanced(reply, 7, 30) ||
           has_enhanced(reply, 7, 13) || has_enhanced(reply, 7, 14) ||
           ask_text_has_any(reply, phrases);
}

static bool names_mechanism(const struct fact *reply, const struct fact *auth)
{
    static const char *const words[] = { "mechanism",  "method",     "authentication type",
                                         "auth type",  "cram-md5",   "digest-md5",
                                         "auth login", "auth plain", "login auth",
                                         "plain auth", NULL };
    if (ask_text_has_any(reply, words))
        return true;
    /* LOGIN and PLAIN are words of everyday texts: "incorrect login". */
    if (auth && (auth->auth.mechanism == AUTH_LOGIN || auth->auth.mechanism == AUTH_PLAIN))
        return false;
    const char *name = auth ? auth_mechanism_name((enum auth_mechanism)auth->auth.mechanism) : "";
    return name[0] != '\0' && bytes_find_nocase(reply->reply.text, name) >= 0;
}

static bool refuses_method(const struct fact *reply, const struct fact *auth)
{
    static const char *const always[] = { "unsupported auth",
                                          "unrecognized auth",
                                          "unrecognised auth",
                                          "unknown auth",
                                          "invalid auth type",
                                          "no such auth",
                                          "invalid authentication mechanism",
                                          "invalid mechanism",
                                          "no mechanism",
                                          "mechanism not",
                                          "security features not supported",
                                          "mechanism is too weak",
                                          "bad authentication type",
                                          "bad auth type",
                                          "authentication not supported",
                                          "auth not supported",
                                          "authentication is not supported",
                                          NULL };
    static const char *const beside_name[] = { "not supported", "unsupported",     "unrecognized",
                                               "unrecognised",  "not recognized",  "not recognised",
                                               "not enabled",   "not available",   "not allowed",
                                               "not permitted", "not implemented", "disabled",
                                               "too weak",      "no longer",       NULL };
    if (speaks_of_else(reply))
        return false;
    if (reply->reply.code == 504)
        return true;
    if (reply->reply.code < 500)
        return false;
    return ask_text_has_any(reply, always) ||
           (names_mechanism(reply, auth) && ask_text_has_any(reply, beside_name) &&
            !view_text_has(reply, "password"));
}

/* The exchange that a reply to AUTH belongs to. */
static const struct fact *exchange(const struct view *v, const struct fact *reply)
{
    return view_before(v, reply, FACT_AUTH, SIDE_DEVICE);
}

/* The last list before the exchange, from the layer (clear or inside TLS) of the exchange. */
static const struct fact *list_for(const struct view *v, const struct fact *fact)
{
    return ask_capabilities(v, fact, ask_clear(fact));
}

static bool lists_no_auth(const struct fact *list)
{
    return list && list->capabilities.esmtp && !list->capabilities.auth &&
           !(list->flags & (FACT_AFTER_GAP | FACT_CLIPPED));
}

static void tell_method(const struct view *v, struct finding *f, const struct fact *auth)
{
    if (!auth)
        return;
    finding_proof(f, auth);
    if (auth->auth.mechanism != AUTH_OTHER && auth->auth.mechanism != AUTH_NONE)
        finding_word(f, "method", auth_mechanism_name((enum auth_mechanism)auth->auth.mechanism));
    else if (auth->auth.name.len > 0)
        finding_wire(f, "method", auth->auth.name);
    const struct fact *list = list_for(v, auth);
    if (list && (auth->auth.advertised || ask_list_whole(v, list))) {
        finding_flag(f, "advertised", auth->auth.advertised);
        if (list->capabilities.auth_words.len > 0)
            finding_wire(f, "offered_methods", list->capabilities.auth_words);
    }
}

/* Was a sign-in accepted after this, or tried by another method that the server did look at? */
static bool another_way_taken(const struct view *v, const struct fact *reply,
                              const struct fact *auth)
{
    if (view_reply(v, reply, STEP_AUTH, 200, 299))
        return true;
    for (const struct fact *r = view_reply(v, reply, STEP_AUTH, 500, 599); r;
         r = view_reply(v, r, STEP_AUTH, 500, 599)) {
        const struct fact *other = exchange(v, r);
        if (other && auth && other->auth.mechanism != auth->auth.mechanism &&
            !refuses_method(r, other))
            return true;
    }
    return false;
}

/* Another method from the list, and the encryption that it needs. */
static void advise_method(struct finding *f, const struct fact *auth, const struct fact *list)
{
    uint32_t listed =
        list ? list->capabilities.mechanisms : AUTH_BIT(AUTH_LOGIN) | AUTH_BIT(AUTH_PLAIN);
    bool login = listed & AUTH_BIT(AUTH_LOGIN), plain = listed & AUTH_BIT(AUTH_PLAIN);
    if (auth && auth->auth.mechanism == AUTH_LOGIN)
        login = false;
    if (auth && auth->auth.mechanism == AUTH_PLAIN)
        plain = false;
    if (login && plain)
        finding_advice(
            f, N_("If the device lets you choose the sign-in method (often \"authentication "
                  "method\"), choose LOGIN or PLAIN, with encryption switched on: security \"SSL\" "
                  "and port 465, or \"TLS\" or \"STARTTLS\" and port 587."));
    else if (login)
        finding_advice(
            f, N_("If the device lets you choose the sign-in method (often \"authentication "
                  "method\"), choose LOGIN, with encryption switched on: security \"SSL\" and port "
                  "465, or \"TLS\" or \"STARTTLS\" and port 587."));
    else if (plain)
        finding_advice(
            f, N_("If the device lets you choose the sign-in method (often \"authentication "
                  "method\"), choose PLAIN, with encryption switched on: security \"SSL\" and port "
                  "465, or \"TLS\" or \"STARTTLS\" and port 587."));
    else
        finding_advice(f, N_("If the device lets you choose the sign-in method (often "
                             "\"authentication method\"), choose another one."));
    if (auth && (DIGEST_METHODS & AUTH_BIT(auth->auth.mechanism)))
        finding_advice(f, N_("An item such as \"encrypted password\" or \"encryption: auto\" in "
                             "the sign-in settings often stands for {method}: switch it off."));
}

static enum confidence auth_method_refused(const struct view *v, struct finding *f)
{
    const struct fact *reply = view_reply(v, NULL, STEP_AUTH, 500, 599);
    while (reply && !refuses_method(reply, exchange(v, reply)))
        reply = view_reply(v, reply, STEP_AUTH, 500, 599);
    if (!reply)
        return NO_MATCH;
    const struct fact *auth = exchange(v, reply);
    const struct fact *list = list_for(v, auth ? auth : reply);
    if (lists_no_auth(list) && reply->reply.code != 504 && !names_mechanism(reply, auth))
        return NO_MATCH; /* auth-not-offered */
    tell_method(v, f, auth);
    ask_tell_reply(v, f, reply);
    f->stage = STAGE_AUTH;
    f->made_good = another_way_taken(v, reply, auth);
    finding_time(f, "time", reply->time);
    if (auth && list && auth->auth.advertised) {
        f->headline =
            N_("The mail server refuses the sign-in method {method}, although it offers it.");
        f->meaning =
            N_("The device chose a method from the server's own list. The server lists it but no "
               "longer accepts it. The device cannot tell this from a wrong password.");
    } else if (auth && ask_list_whole(v, list)) {
        f->headline =
            N_("The mail server does not know the sign-in method {method} that this device uses.");
        f->meaning = N_("The server had said which sign-in methods it takes, and {method} is not "
                        "among them. The device used it all the same.");
    }
    advise_method(f, auth, list);
    if (auth && list && auth->auth.advertised)
        finding_advice(f, N_("Otherwise ask the mail provider to take {method} off its list. You "
                             "can send this: \"At {time} your server {server} offered the sign-in "
                             "method {method} and then refused it with: {code} {text}\""));
    ask_rule_out_network(v, f);
    return CERTAIN;
}

/* --- name and password --- */

static bool speaks_of_credentials(const struct fact *reply)
{
    static const char *const phrases[] = { "password",
                                           "username",
                                           "user name",
                                           "user unknown",
                                           "userid",
                                           "user id",
                                           "credential",
                                           "authentication fail",
                                           "authentication unsuccessful",
                                           "auth fail",
                                           "login fail",
                                           "logon fail",
                                           "incorrect",
                                           "not accepted",
                                           "authentication rejected",
                                           "authentication error",
                                           "authorization fail",
                                           "invalid login",
                                           "invalid user",
                                           "bad auth",
                                           "5.7.8",
                                           "permission denied",
                                           "access denied",
                                           "authentication invalid",
                                           "sign-in failed",
                                           NULL };
    return ask_text_has_any(reply, phrases);
}

/* The first reply to AUTH that refuses the sign-in as such, not the method. */
static const struct fact *refused_sign_in(const struct view *v)
{
    for (const struct fact *r = view_reply(v, NULL, STEP_AUTH, 500, 599); r;
         r = view_reply(v, r, STEP_AUTH, 500, 599)) {
        const struct fact *auth = exchange(v, r);
        if (refuses_method(r, auth) || lists_no_auth(list_for(v, auth ? auth : r)))
            continue;
        if (r->reply.code == 535)
            return r;
        /* Others than 535 only where the text leaves no doubt. */
        bool sign_in = r->reply.code == 530 || r->reply.code == 534 || r->reply.code >= 550;
        if (sign_in && speaks_of_credentials(r) && !speaks_of_else(r))
            return r;
    }
    return NULL;
}

/* Did the device use one method alone, and one that never sends the password? */
static bool only_digest(const struct view *v)
{
    uint32_t used = 0;
    for (const struct fact *a = view_first(v, FACT_AUTH, SIDE_DEVICE); a;
         a = view_after(v, a, FACT_AUTH, SIDE_DEVICE))
        used |= AUTH_BIT(a->auth.mechanism);
    return used != 0 && (used & ~DIGEST_METHODS) == 0;
}

static void tell_identity(const struct view *v, struct finding *f, const struct fact *reply)
{
    const struct fact *who = view_before(v, reply, FACT_AUTH_IDENTITY, SIDE_DEVICE);
    if (!who)
        return;
    const struct fact_auth_identity *id = &who->identity;
    if (id->user.len > 0)
        finding_wire(f, "user", id->user);
    if (id->password_known && id->empty_password) {
        finding_flag(f, "empty_password", true);
        f->headline =
            N_("The mail server refuses the sign-in: this device sent an empty password.");
        finding_advice(f, N_("Enter the password in the device's mail settings and save them, then "
                             "send a test mail."));
    }
    if (id->user_trailing_blank) {
        finding_flag(f, "user_trailing_blank", true);
        finding_advice(f, N_("There is a space at the end of the user name in the device's "
                             "settings: delete it."));
    }
    if (id->password_known && id->password_trailing_blank) {
        finding_flag(f, "password_trailing_blank", true);
        finding_advice(f, N_("There is a space at the end of the password in the device's "
                             "settings: enter the password again without it."));
    }
    if (id->user.len > 0 && !id->user_has_domain) {
        finding_flag(f, "user_has_domain", false);
        finding_advice(f, N_("As the user name enter the whole mail address, with the part after "
                             "the @. Now it is: {user}"));
    }
}

/* Methods in which no password takes part. */
static bool sends_token(const struct fact *auth)
{
    return auth &&
           (auth->auth.mechanism == AUTH_XOAUTH2 || auth->auth.mechanism == AUTH_OAUTHBEARER ||
            auth->auth.mechanism == AUTH_EXTERNAL || auth->auth.mechanism == AUTH_ANONYMOUS ||
            auth->auth.mechanism == AUTH_GSSAPI);
}

static enum confidence auth_credentials_rejected(const struct view *v, struct finding *f)
{
    const struct fact *reply = refused_sign_in(v);
    if (!reply)
        return NO_MATCH;
    tell_method(v, f, exchange(v, reply));
    ask_tell_reply(v, f, reply);
    f->stage = STAGE_AUTH;
    f->made_good = view_reply(v, reply, STEP_AUTH, 200, 299) != NULL;
    ask_rule_out_network(v, f);
    if (!ask_clear(reply))
        finding_rules_out(f, SAY_ENCRYPTION_WORKS);
    if (f->made_good) {
        f->headline = N_("The mail server refused a first sign-in of this device and then accepted "
                         "another one.");
        f->meaning =
            N_("The device signed in again and it worked. Where it used another sign-in method "
               "then, the first method was the reason, not the name or the password.");
        f->advice_alone = true;
        return LIKELY;
    }
    bool known = !sends_token(exchange(v, reply)) &&
                 (reply->reply.text.len == 0 || speaks_of_credentials(reply));
    if (speaks_of_else(reply) || !known) {
        f->headline = N_("The mail server refuses this device's sign-in (its answer: {code}).");
        f->meaning = N_("The device signed in, and the server said no. The reason is not known for "
                        "sure; the server's own words tell more.");
        finding_advice(f, DO_ASK_PROVIDER_REPLY);
        return POSSIBLE;
    }
    tell_identity(v, f, reply);
    if (only_digest(v)) {
        finding_flag(f, "only_digest", true);
        finding_advice(
            f, N_("If name and password are right, the sign-in method may be the reason: this "
                  "device used only {method}, and some servers offer that but no longer accept it. "
                  "Where you can choose, choose LOGIN or PLAIN, with encryption switched on: "
                  "security \"SSL\" and port 465, or \"TLS\" or \"STARTTLS\" and port 587."));
    }
    return LIKELY;
}

/* --- no sign-in where one is needed --- */

static bool wants_sign_in(const struct fact *reply)
{
    static const char *const phrases[] = { "authentication required",
                                           "authentication is required",
                                           "authentication needed",
                                           "requires authentication",
                                           "require authentication",
                                           "authenticate first",
                                           "must authenticate",
                                           "please authenticate",
                                           "not authenticated",
                                           "must be authenticated",
                                           "need to authenticate",
                                           "not logged in",
                                           "log in first",
                                           "login first",
                                           "must log in",
                                           "must login",
                                           "smtp auth",
                                           "smtp-auth",
                                           "auth required",
                                           "auth first",
                                           "authorization required",
                                           "sign in",
                                           "client not authenticated",
                                           "unauthenticated user",
                                           "without authentication",
                                           "auth command",
                                           "authentication before",
                                           "enable authentication",
                                           NULL };
    return ask_text_has_any(reply, phrases);
}

static enum confidence auth_required(const struct view *v, struct finding *f)
{
    if (view_first(v, FACT_AUTH, SIDE_DEVICE) || !v->attempt->start_seen)
        return NO_MATCH;
    for (const struct fact *r = view_first(v, FACT_SMTP_REPLY, SIDE_SERVER); r;
         r = view_after(v, r, FACT_SMTP_REPLY, SIDE_SERVER)) {
        uint16_t code = r->reply.code;
        uint8_t step = r->reply.step;
        if ((step != STEP_MAIL && step != STEP_RCPT && step != STEP_DATA) ||
            (code != 503 && code != 530 && (code < 550 || code > 579)))
            continue;
        const struct fact *list = list_for(v, r);
        bool said = wants_sign_in(r) && !view_text_has(r, "starttls");
        /* RFC 4954: 530 is "authentication required", unless the server wants encryption first. */
        bool meant = code == 530 && !view_text_has(r, "starttls") &&
                     !(list && list->capabilities.starttls && ask_clear(r));
        if (!said && !meant)
            continue;
        finding_proof(f, view_asked(v, r));
        ask_tell_reply(v, f, r);
        f->stage = STAGE_ENVELOPE;
        f->made_good = ask_accepted_after(v, r, STEP_END);
        if (list && list->capabilities.auth_words.len > 0)
            finding_wire(f, "offered_methods", list->capabilities.auth_words);
        if (lists_no_auth(list))
            ask_advise_encryption(v, f);
        finding_rules_out(f, SAY_PASSWORD_NOT_SENT);
        ask_rule_out_network(v, f);
        return said ? CERTAIN : LIKELY;
    }
    return NO_MATCH;
}

/* --- the list of methods --- */

/* After this list the device ended in good order without a sign-in or a mail; its end. */
static const struct fact *left_after(const struct view *v, const struct fact *list)
{
    for (const struct fact *f = ask_next(v, list); f; f = ask_next(v, f)) {
        if (f->kind == FACT_AUTH || f->kind == FACT_GAP || f->kind == FACT_CLIENT_HELLO ||
            f->kind == FACT_SMTP_NOISE || (f->kind == FACT_SMTP_REPLY && f->reply.code >= 400))
            return NULL;
        if (f->kind == FACT_SMTP_COMMAND) {
            uint8_t verb = f->command.verb;
            if (verb == SMTP_QUIT)
                return f;
            if (verb == SMTP_AUTH || verb == SMTP_MAIL || verb == SMTP_STARTTLS ||
                verb == SMTP_UNKNOWN_VERB)
                return NULL;
        }
        if (f->kind == FACT_FIN || f->kind == FACT_RST)
            return f->from == SIDE_DEVICE ? f : NULL;
    }
    return NULL;
}

/* The last list of the conversation as the device heard it, and how the device left. */
static const struct fact *last_list(const struct view *v, const struct fact **end)
{
    const struct fact *list = view_last(v, FACT_SMTP_CAPABILITIES, SIDE_SERVER);
    if (!ask_list_whole(v, list) || v->attempt->one_sided || v->attempt->server_port == 25 ||
        !list->capabilities.esmtp)
        return NULL;
    *end = left_after(v, list);
    return *end ? list : NULL;
}

static enum confidence auth_not_offered_refused(const struct view *v, struct finding *f)
{
    for (const struct fact *r = view_reply(v, NULL, STEP_AUTH, 500, 599); r;
         r = view_reply(v, r, STEP_AUTH, 500, 599)) {
        const struct fact *auth = exchange(v, r);
        const struct fact *list = auth ? list_for(v, auth) : NULL;
        if (!lists_no_auth(list) || r->reply.code == 504 || view_text_has(r, "starttls") ||
            (refuses_method(r, auth) && names_mechanism(r, auth)))
            continue;
        finding_proof(f, list);
        tell_method(v, f, auth);
        ask_tell_reply(v, f, r);
        f->stage = STAGE_AUTH;
        f->made_good =
            view_reply(v, r, STEP_AUTH, 200, 299) || view_reply(v, r, STEP_MAIL, 200, 299);
        if (ask_clear(auth) && list->capabilities.starttls)
            finding_advice(f, v->attempt->server_port == 587 ? DO_STARTTLS_587 : DO_STARTTLS_HERE);
        ask_rule_out_network(v, f);
        return CERTAIN;
    }
    return NO_MATCH;
}

static enum confidence auth_not_offered(const struct view *v, struct finding *f)
{
    enum confidence sure = auth_not_offered_refused(v, f);
    if (sure != NO_MATCH)
        return sure;
    const struct fact *end = NULL, *list = last_list(v, &end);
    if (!list || list->capabilities.auth || (ask_clear(list) && !list->capabilities.starttls))
        return NO_MATCH;
    finding_proof(f, list);
    finding_proof(f, end);
    f->stage = STAGE_EHLO;
    f->headline = N_("The mail server offers no sign-in on port {port}, and this device hung up.");
    if (ask_clear(list)) {
        f->meaning = N_("The device asked the server what it can do. Signing in was not on the "
                        "list; perhaps the server offers it only after the switch to encryption. "
                        "The device then ended the conversation in good order.");
        finding_advice(f, v->attempt->server_port == 587 ? DO_STARTTLS_587 : DO_STARTTLS_HERE);
    }
    finding_rules_out(f, SAY_PASSWORD_NOT_SENT);
    ask_rule_out_network(v, f);
    return LIKELY;
}

static enum confidence auth_no_common_method(const struct view *v, struct finding *f)
{
    const struct fact *end = NULL, *list = last_list(v, &end);
    if (!list || list->capabilities.mechanisms == 0 ||
        (list->capabilities.mechanisms & ASK_KNOWN_METHODS) != 0)
        return NO_MATCH;
    finding_proof(f, list);
    finding_proof(f, end);
    f->stage = STAGE_EHLO;
    if (list->capabilities.auth_words.len > 0)
        finding_wire(f, "offered_methods", list->capabilities.auth_words);
    finding_rules_out(f, SAY_PASSWORD_NOT_SENT);
    ask_rule_out_network(v, f);
    return LIKELY;
}

static const struct cause rows[] = {
    { .id = "auth-method-refused",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(FACT_SMTP_REPLY),
      .match = auth_method_refused,
      .title = N_("The server refuses the sign-in method"),
      .headline = N_("The mail server refuses the sign-in method that this device uses."),
      .meaning = N_(
          "There are several ways to send name and password to a mail server. The one that this "
          "device uses is not accepted here. The device cannot tell this from a wrong password."),
      .explain =
          N_("AUTH was answered with 504, or with another refusal whose text says that the method "
             "is not supported, not enabled or not known. The values say which method it was and "
             "whether the server had advertised it. Devices often take the strongest method on the "
             "list (CRAM-MD5) and do not try another one after the refusal."),
      .rules_out = { N_("The password: it was not even looked at. The server refuses the method, "
                        "not the name or the password.") },
      .advice = { N_("Look for a newer software (firmware) for the device that can use another "
                     "sign-in method."),
                  DO_RELAY },
      .rfc = "RFC 4954 4" },

    { .id = "auth-credentials-rejected",
      .severity = SEVERITY_FAILURE,
      .fallback = true,
      .needs = FACT_BIT(FACT_SMTP_REPLY),
      .match = auth_credentials_rejected,
      .title = N_("The server refuses the user name or the password"),
      .headline = N_(
          "The mail server refuses the sign-in: probably the user name or the password is wrong."),
      .meaning = N_("The device signed in with a user name and a password, and the server said no. "
                    "For safety it does not say which of the two was wrong."),
      .explain = N_(
          "AUTH was answered with 535, with a text about name or password or with none. The "
          "refusal is certain; that name or password are wrong is the likely reading. Where the "
          "device used only a method such as CRAM-MD5, the method itself may be what the server no "
          "longer takes. Some providers want a password of their own for devices (app password)."),
      .advice = { N_("Enter the user name and the password again in the device's mail settings. "
                     "Mind capital letters, and take the password of the mailbox, not that of the "
                     "internet access."),
                  N_("Try the same name and password with a mail program on a computer, with the "
                     "same server."),
                  N_("Ask the mail provider whether devices need a password of their own (app "
                     "password), and whether sending by mail programs (SMTP) has to be switched on "
                     "for the mailbox.") },
      .rfc = "RFC 4954 6" },

    { .id = "auth-not-offered",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(FACT_SMTP_CAPABILITIES),
      .match = auth_not_offered,
      .title = N_("The server offers no sign-in here"),
      .headline =
          N_("This device wants to sign in, but the mail server offers no sign-in on port {port}."),
      .meaning = N_("The server lists what it can do, and signing in is not on the list. The "
                    "device tried it all the same and was refused. Often it is the wrong port, or "
                    "the server offers the sign-in only inside encryption."),
      .explain = N_("The reply to EHLO lists no AUTH. AUTH was sent and refused (certain), or the "
                    "device ended in good order without trying (likely). Many servers list AUTH "
                    "only after STARTTLS, or only on port 465 or 587."),
      .rules_out = { N_("A wrong password: the server did not look at it.") },
      .advice = { DO_SSL_465, DO_ASK_PROVIDER,
                  N_("If this is a server in your own network that takes mail without a sign-in, "
                     "switch the sign-in off in the device.") },
      .rfc = "RFC 4954 3" },

    { .id = "auth-no-common-method",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(FACT_SMTP_CAPABILITIES),
      .match = auth_no_common_method,
      .title = N_("Device and server know no common sign-in method"),
      .headline = N_(
          "The mail server offers only sign-in methods that this device probably does not know."),
      .meaning = N_("The server takes a sign-in only in these ways: {offered_methods}. The device "
                    "tried none of them and hung up."),
      .explain = N_("EHLO listed sign-in methods, none of which is PLAIN, LOGIN or CRAM-MD5, and "
                    "the device ended in good order without AUTH and without MAIL."),
      .advice = { DO_ASK_PROVIDER,
                  N_("Look for a newer software (firmware) for the device that can use another "
                     "sign-in method."),
                  DO_RELAY },
      .rfc = "RFC 4954 3" },

    { .id = "auth-required",
      .severity = SEVERITY_FAILURE,
      .fallback = true,
      .needs = FACT_BIT(FACT_SMTP_REPLY),
      .match = auth_required,
      .title = N_("The server wants a sign-in, and the device did not sign in"),
      .headline =
          N_("The mail server takes no mail without a sign-in, and this device did not sign in."),
      .meaning = N_("The device wanted to hand in its mail without a user name and a password. "
                    "This server takes mail only from those who sign in first."),
      .explain = N_("MAIL or RCPT was answered with 530, 550, 553 or 554 and a text that a sign-in "
                    "is needed, and no AUTH had been tried. A 530 without a telling text means the "
                    "same by RFC 4954 (likely)."),
      .advice = { N_("In the device's mail settings switch on the sign-in for sending (often "
                     "\"SMTP authentication\") and enter the user name and the password."),
                  N_("If it is switched on already, check that security and port fit together: "
                     "\"SSL\" and port 465, or \"TLS\" or \"STARTTLS\" and port 587. Some devices "
                     "sign in only then."),
                  DO_ASK_PROVIDER },
      .rfc = "RFC 4954 6" },
};

const struct causes causes_signing_in = { rows, sizeof rows / sizeof *rows };
