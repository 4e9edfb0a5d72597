/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/exchange.h"

#include "base/base64.h"

const struct fact *exchange_of(const struct view *v, const struct fact *reply)
{
    return view_before(v, reply, FACT_AUTH, SIDE_DEVICE);
}

const struct fact *exchange_list(const struct view *v, const struct fact *fact)
{
    return ask_capabilities(v, fact, ask_clear(fact));
}

/* The challenge of CRAM-MD5 (RFC 2195 2): <…@…>, which no other method begins with. */
static bool is_message_id(struct bytes challenge)
{
    enum { CHALLENGE_MAX = 512 };
    uint8_t decoded[CHALLENGE_MAX];
    bool valid;
    size_t n = base64_decode(decoded, sizeof decoded, challenge, &valid);
    struct bytes id = bytes_of(decoded, n);
    return valid && n > 2 && n < CHALLENGE_MAX && id.at[0] == '<' && id.at[n - 1] == '>' &&
           bytes_find(id, '@') > 0 && bytes_find(id, ' ') < 0;
}

/* "CRAM-MD5 not supported", "NTLM authentication is disabled": which method is it that is refused? Not by names
 * that are words of everyday texts: "login not allowed". */
static enum auth_mechanism refused_by_name(const struct fact *reply)
{
    static const char *const between[] = { " authentication", " mechanism", " method", " is" };
    static const char *const refused[] = { " not supported",   " unsupported", " not enabled",
                                           " not available",   " not allowed", " not permitted",
                                           " not implemented", " disabled" };
    enum {
        EVERYDAY = AUTH_BIT(AUTH_LOGIN) | AUTH_BIT(AUTH_PLAIN) | AUTH_BIT(AUTH_EXTERNAL) |
                   AUTH_BIT(AUTH_ANONYMOUS)
    };
    for (unsigned m = AUTH_NONE + 1; m < AUTH_OTHER; m++) {
        if (EVERYDAY & AUTH_BIT(m))
            continue;
        const char *name = auth_mechanism_name((enum auth_mechanism)m);
        ptrdiff_t at = bytes_find_nocase(reply->reply.text, name);
        bool begins = at == 0 || (at > 0 && reply->reply.text.at[at - 1] <= ' ');
        if (!begins)
            continue;
        struct bytes rest = bytes_after(reply->reply.text, (size_t)at + strlen(name));
        for (size_t i = 0; i < sizeof between / sizeof *between; i++)
            if (bytes_starts_nocase(rest, between[i]))
                rest = bytes_after(rest, strlen(between[i]));
        for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
            if (bytes_starts_nocase(rest, refused[i]))
                return (enum auth_mechanism)m;
    }
    return AUTH_NONE;
}

enum auth_mechanism exchange_method_of_server(const struct view *v, const struct fact *reply,
                                              const struct fact **challenge)
{
    const struct fact *told = view_before(v, reply, FACT_SMTP_REPLY, SIDE_SERVER);
    bool asked = told && told->reply.step == STEP_AUTH && told->reply.code == 334 &&
                 !view_gap_between(v, told, reply) && is_message_id(told->reply.text);
    enum auth_mechanism named = refused_by_name(reply);
    *challenge = asked ? told : NULL;
    if (asked && named != AUTH_NONE && named != AUTH_CRAM_MD5)
        return AUTH_NONE; /* they speak of two */
    return asked ? AUTH_CRAM_MD5 : named;
}

bool exchange_not_listed(const struct fact *list)
{
    return list && list->capabilities.esmtp && !list->capabilities.auth &&
           !(list->flags & (FACT_AFTER_GAP | FACT_CLIPPED));
}

bool exchange_is_oauth(const struct fact *auth)
{
    return auth &&
           (auth->auth.mechanism == AUTH_XOAUTH2 || auth->auth.mechanism == AUTH_OAUTHBEARER);
}

bool exchange_without_password(const struct fact *auth)
{
    return exchange_is_oauth(auth) || (auth && (auth->auth.mechanism == AUTH_EXTERNAL ||
                                                auth->auth.mechanism == AUTH_ANONYMOUS ||
                                                auth->auth.mechanism == AUTH_GSSAPI));
}

const struct fact *exchange_last_step(const struct view *v, const struct fact *auth,
                                      const struct fact *reply)
{
    const struct fact *step = view_before(v, reply, FACT_AUTH_STEP, SIDE_DEVICE);
    return auth && step && ask_after(v, auth, step) ? step : NULL;
}

static bool has_enhanced(const struct fact *reply, unsigned subject, unsigned detail)
{
    const struct smtp_enhanced *e = &reply->reply.enhanced;
    return e->class != 0 && e->subject == subject && e->detail == detail;
}

/* Texts that speak of something else than method, name or password: more exact causes tell them
 * apart; here they only keep a cause from claiming too much. */
bool exchange_speaks_of_else(const struct fact *reply)
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

bool exchange_names_method(const struct fact *reply, const struct fact *auth)
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

bool exchange_refuses_method(const struct fact *reply, const struct fact *auth)
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
    if (exchange_speaks_of_else(reply))
        return false;
    if (reply->reply.code == 504)
        return true;
    if (reply->reply.code < 500)
        return false;
    return ask_text_has_any(reply, always) ||
           (exchange_names_method(reply, auth) && ask_text_has_any(reply, beside_name) &&
            !view_text_has(reply, "password"));
}

bool exchange_speaks_of_credentials(const struct fact *reply)
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

bool exchange_wants_sign_in(const struct fact *reply)
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

bool exchange_speaks_of_sign_in(const struct fact *reply)
{
    static const char *const phrases[] = { "authenticat", "not logged in", "log in",
                                           "login",       "sign in",       "auth required",
                                           "smtp auth",   "auth command",  NULL };
    return ask_text_has_any(reply, phrases);
}
