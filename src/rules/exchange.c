/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/exchange.h"

const struct fact *exchange_of(const struct view *v, const struct fact *reply)
{
    return view_before(v, reply, FACT_AUTH, SIDE_DEVICE);
}

const struct fact *exchange_list(const struct view *v, const struct fact *fact)
{
    return ask_capabilities(v, fact, ask_clear(fact));
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
