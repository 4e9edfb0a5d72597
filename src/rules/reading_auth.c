/* SPDX-License-Identifier: BSD-3-Clause */
/* What a refusing reply to AUTH means (RFC 4954). */
#include "rules/reading.h"

static struct reading is(const char *cause, enum confidence sure)
{
    return (struct reading) { .cause = cause, .sure = sure };
}

static bool is_exactly(const char *a, const char *b)
{
    return a && strcmp(a, b) == 0;
}

/* The server's list names no AUTH, and the reply is about that. */
static struct reading of_list(const struct fact *reply, const struct fact *list,
                              const struct fact *auth, const struct reply_row *row)
{
    uint16_t code = reply->reply.code;
    bool clear_and_starttls = ask_clear(reply) && list && list->capabilities.starttls;
    if (!exchange_not_listed(list) || code < 500)
        return is(NULL, NO_MATCH);
    if (code == 503 || code == 530)
        return is(clear_and_starttls ? "auth-needs-encryption" : "auth-not-offered", CERTAIN);
    if (code == 504 || (exchange_refuses_method(reply, auth) && exchange_names_method(reply, auth)))
        return is(NULL, NO_MATCH);
    bool says_why = row && row->pattern[0] != '\0' &&
                    !is_exactly(row->cause, "auth-credentials-rejected") &&
                    !is_exactly(row->cause, "command-rejected");
    return says_why ? is(NULL, NO_MATCH) : is("auth-not-offered", CERTAIN);
}

/* A cancel, or what is no base64, from the device. */
static bool device_broke_it(const struct view *v, const struct fact *auth, const struct fact *reply)
{
    const struct fact *step = exchange_last_step(v, auth, reply);
    return step && (step->auth_step.cancel || (!step->auth_step.base64 && !step->auth_step.empty));
}

/* Did the server hand out an error object (RFC 7628 3.2.3) in a 334 after the token? */
static bool error_object(const struct view *v, const struct fact *auth, const struct fact *reply)
{
    const struct fact *told = view_reply(v, auth, STEP_AUTH, 334, 334);
    const struct fact *step = exchange_last_step(v, auth, reply);
    bool first_line = auth->auth.initial_response;
    return told && ask_after(v, told, reply) &&
           (first_line || (step && step->auth_step.number > 1));
}

/* What a row says of AUTH depends on what the server had offered, and in which layer. */
static const char *cause_of_row(const struct view *v, const struct fact *reply,
                                const struct fact *list, const struct reply_row *row)
{
    if (is_exactly(row->cause, "auth-not-offered") && !exchange_not_listed(list))
        return list ? "command-rejected" : row->cause;
    if (is_exactly(row->cause, "auth-needs-encryption") && !ask_clear(reply))
        return "auth-method-refused";
    if (is_exactly(row->cause, "starttls-required") && !ask_clear(reply))
        return NULL;
    if (is_exactly(row->cause, "server-temporary-error")) /* its name at this step */
        return "auth-temporary-failure";
    /* the words are Gmail's, which takes no password of an account; other servers borrow them */
    bool gmail = (v->server_name && bytes_find_nocase(bytes_str(v->server_name), "g") >= 0 &&
                  (bytes_find_nocase(bytes_str(v->server_name), "gmail") >= 0 ||
                   bytes_find_nocase(bytes_str(v->server_name), "google") >= 0)) ||
                 view_text_has(reply, "google") || view_text_has(reply, "gsmtp");
    if (is_exactly(row->pattern, "username and password not accepted") && !gmail)
        return "auth-credentials-rejected";
    return row->cause;
}

static enum confidence sure_of(const struct reply_row *row, const char *cause)
{
    bool plain_refusal = is_exactly(row->pattern, "username and password not accepted");
    return plain_refusal || is_exactly(cause, "auth-credentials-rejected") ? LIKELY : CERTAIN;
}

/* Words and codes that no row knows. */
static struct reading of_code(const struct view *v, const struct fact *reply,
                              const struct fact *auth)
{
    const struct fact_smtp_reply *r = &reply->reply;
    bool else_what = exchange_speaks_of_else(reply);
    if (r->code < 500)
        return is(r->code == 421 ? "server-busy" : "auth-temporary-failure", CERTAIN);
    if (exchange_is_oauth(auth))
        return is("auth-token-rejected", LIKELY);
    struct reading coded = reading_of_enhanced(r);
    if (coded.cause && !else_what)
        return coded;
    bool said_more = auth && (auth->auth.initial_response || exchange_last_step(v, auth, reply));
    if ((r->code == 500 || r->code == 501) && said_more)
        return is("auth-exchange-broken", CERTAIN);
    if (r->code == 534 && r->text.len == 0)
        return is("auth-method-refused", LIKELY); /* RFC 4954 6: the mechanism is too weak */
    bool credentials = r->code == 530 || r->code == 534 || r->code >= 550;
    if (r->code == 535 || (credentials && exchange_speaks_of_credentials(reply) && !else_what)) {
        bool known = !exchange_without_password(auth) &&
                     (r->text.len == 0 || exchange_speaks_of_credentials(reply));
        return is("auth-credentials-rejected", known && !else_what ? LIKELY : POSSIBLE);
    }
    return is("command-rejected", CERTAIN);
}

struct reading reading_of_auth(const struct view *v, const struct fact *reply)
{
    const struct fact_smtp_reply *r = &reply->reply;
    const struct fact *auth = exchange_of(v, reply), *list = exchange_list(v, auth ? auth : reply);
    const struct replies *more = v->knowledge ? v->knowledge->replies : NULL;
    const struct reply_row *row = replies_match(more, r);
    bool pattern = row && row->pattern[0] != '\0';
    bool policy = r->enhanced.class != 0 && r->enhanced.subject == 7;
    if (policy && r->enhanced.detail == 30)
        return is("auth-oauth-required", CERTAIN);
    if (policy && r->enhanced.detail == 139 && !pattern)
        return is("auth-disabled-for-account", CERTAIN); /* Exchange Online's own code */
    if (ask_clear(reply) && view_text_has(reply, "starttls"))
        return is("starttls-required", CERTAIN);
    if ((r->code == 538 || r->code == 523) && ask_clear(reply))
        return is("auth-needs-encryption", CERTAIN);
    struct reading reading = of_list(reply, list, auth, row);
    if (reading.cause)
        return reading;
    if (r->code >= 500 && device_broke_it(v, auth, reply))
        return is("auth-exchange-broken", CERTAIN);
    if (r->code >= 500 && exchange_is_oauth(auth) && error_object(v, auth, reply))
        return is("auth-token-rejected", CERTAIN);
    bool credentials = row && is_exactly(row->cause, "auth-credentials-rejected");
    if (r->code >= 500 && (!pattern || credentials) && exchange_refuses_method(reply, auth))
        return is("auth-method-refused", CERTAIN);
    if (r->code == 530 && !pattern && ask_clear(reply) && list && list->capabilities.starttls &&
        !exchange_wants_sign_in(reply) && !view_text_has(reply, "password"))
        return is("starttls-required", LIKELY);
    bool doubtful =
        credentials && (exchange_speaks_of_else(reply) || exchange_without_password(auth));
    const char *cause = pattern && !doubtful ? cause_of_row(v, reply, list, row) : NULL;
    if (cause)
        return is(cause, sure_of(row, cause));
    const struct reply_row *other = pattern ? NULL : replies_match_text(more, r);
    cause = other ? cause_of_row(v, reply, list, other) : NULL;
    if (cause && !is_exactly(cause, "auth-required"))
        return is(cause,
                  is_exactly(cause, "auth-credentials-rejected") ? sure_of(other, cause) : LIKELY);
    if (row && !pattern && !is_exactly(row->cause, "auth-credentials-rejected") &&
        cause_of_row(v, reply, list, row))
        return is(cause_of_row(v, reply, list, row), CERTAIN);
    return of_code(v, reply, auth);
}
