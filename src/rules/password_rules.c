/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/password_rules.h"

#include "rules/exchange.h"

/* The outcome of an exchange: the first reply to AUTH that asks for nothing more; NULL. */
static const struct fact *outcome_of(const struct view *v, const struct fact *auth)
{
    const struct fact *next = view_after(v, auth, FACT_AUTH, SIDE_DEVICE);
    for (const struct fact *r = view_reply(v, auth, STEP_AUTH, 200, 599); r;
         r = view_reply(v, r, STEP_AUTH, 200, 599)) {
        if (next && ask_after(v, next, r))
            return NULL;
        if (r->reply.code != 334)
            return r;
    }
    return NULL;
}

/* The check whose exchange tells most: one that was refused before one that was not. */
static const struct password_check *choose(const struct view *v, enum password_result result,
                                           unsigned *tries)
{
    const struct password_check *chosen = NULL;
    bool refused = false;
    *tries = 0;
    for (size_t i = 0; i < v->summary->check_count; i++) {
        const struct password_check *check = &v->summary->checks[i];
        if (check->result != result)
            continue;
        (*tries)++;
        const struct fact *outcome = outcome_of(v, check->auth);
        if (chosen && (refused || !outcome || outcome->reply.code < 400))
            continue;
        chosen = check;
        refused = outcome && outcome->reply.code >= 400;
    }
    return chosen;
}

/* The last line that the device sent in this exchange; NULL. */
static const struct fact *last_step(const struct view *v, const struct fact *auth)
{
    const struct fact *next = view_after(v, auth, FACT_AUTH, SIDE_DEVICE), *last = NULL;
    for (const struct fact *s = view_after(v, auth, FACT_AUTH_STEP, SIDE_DEVICE);
         s && !(next && ask_after(v, next, s)); s = view_after(v, s, FACT_AUTH_STEP, SIDE_DEVICE))
        last = s;
    return last;
}

static const struct fact *identity_of(const struct view *v, const struct fact *auth)
{
    const struct fact *who = view_after(v, auth, FACT_AUTH_IDENTITY, SIDE_DEVICE);
    const struct fact *next = view_after(v, auth, FACT_AUTH, SIDE_DEVICE);
    return who && next && ask_after(v, next, who) ? NULL : who;
}

/* The exchange and its outcome, as far as the server refused it; a refusal that something else
 * explains is no proof. */
static const struct fact *tell_exchange(const struct view *v, struct finding *f,
                                        const struct password_check *check, unsigned tries,
                                        bool explains)
{
    const struct fact *outcome = outcome_of(v, check->auth);
    bool refused = outcome && outcome->reply.code >= 400;
    finding_proof(f, check->auth);
    finding_proof(f, last_step(v, check->auth));
    if (refused && explains)
        finding_proof(f, outcome);
    finding_word(f, "method",
                 auth_mechanism_name((enum auth_mechanism)check->auth->auth.mechanism));
    const struct fact *who = identity_of(v, check->auth);
    if (who && who->identity.user.len > 0)
        finding_wire(f, "user", who->identity.user);
    if (refused) {
        finding_number(f, "code", outcome->reply.code);
        finding_wire(f, "text", outcome->reply.text);
    }
    if (tries > 1)
        finding_number(f, "tries", tries);
    if (outcome)
        finding_rules_out(f, SAY_SIGN_IN_ARRIVED);
    f->stage = STAGE_AUTH;
    return outcome;
}

/* What may be said of a password that is another one. */
static void say_how_else(const struct view *v, struct finding *f, const struct fact *auth)
{
    const struct fact *who = identity_of(v, auth);
    if (!who || !who->identity.password_known)
        return;
    if (who->identity.empty_password) {
        finding_flag(f, "empty_password", true);
        f->headline = N_("This device signs in with an empty password, not with the one given.");
        f->meaning =
            N_("The device signed in with a user name, but without a password. In its settings "
               "the password is missing, or it was not saved.");
        finding_advice(f, DO_ENTER_PASSWORD);
        f->advice_alone = true;
    } else if (who->identity.password_trailing_blank) {
        finding_flag(f, "password_trailing_blank", true);
        finding_advice(f, DO_DELETE_BLANK);
    }
}

enum confidence password_wrong(const struct view *v, struct finding *f)
{
    unsigned tries, fitting;
    const struct password_check *check = choose(v, PASSWORD_WRONG, &tries);
    if (!check)
        return NO_MATCH;
    bool mixed = choose(v, PASSWORD_RIGHT, &fitting) != NULL;
    const struct fact *outcome = tell_exchange(v, f, check, tries, !mixed);
    bool refused = outcome && outcome->reply.code >= 400;
    f->made_good = mixed || !refused;
    if (mixed) {
        f->headline = N_(
            "A sign-in of this device by the method {method} does not fit the password that was given, another of its sign-ins does.");
        f->meaning = N_(
            "The device signed in more than once. It knows the password that was given, but did not use it each time, or did not compute the method as the standard says.");
        f->advice_alone = true;
    } else if (outcome && !refused) {
        f->headline = N_(
            "This device signs in with another password than the one given, and the server accepts it.");
        f->advice_alone = true;
        finding_advice(
            f,
            N_("Leave the password in the device as it is; the one that was given to mailwhy is not the one in use."));
    } else {
        say_how_else(v, f, check->auth);
    }
    return CERTAIN;
}

/* A password beyond ASCII, in other bytes than those given. */
static void say_charset(struct finding *f, const char *charset, const struct fact *outcome)
{
    finding_word(f, "charset", charset);
    f->advice_alone = true;
    if (outcome && outcome->reply.code < 400) {
        f->headline = N_(
            "This device used the password that was given, written in the character set {charset}, and the server accepted it.");
        return;
    }
    f->headline = N_(
        "This device used the password that was given, but wrote it in the character set {charset}; most servers expect UTF-8.");
    finding_advice(f, DO_ASCII_PASSWORD);
}

enum confidence password_right(const struct view *v, struct finding *f)
{
    unsigned tries;
    const struct password_check *check = choose(v, PASSWORD_RIGHT, &tries);
    if (!check)
        return NO_MATCH;
    const struct fact *outcome = tell_exchange(v, f, check, tries, true);
    f->advice_alone = true;
    if (outcome && outcome->reply.code >= 400 && exchange_refuses_method(outcome, check->auth)) {
        f->headline = N_(
            "The device used exactly the password that was given; the server refuses the method {method}.");
        finding_advice(f, N_("Leave the password as it is."));
    } else if (check->charset) {
        say_charset(f, check->charset, outcome);
    } else if (!outcome) {
        f->headline = N_("This device used the password that was given.");
    } else if (outcome->reply.code < 400) {
        f->headline =
            N_("This device used the password that was given, and the server accepted it.");
    } else {
        /* what the server says of something else has its own advice */
        f->advice_alone = outcome->reply.code < 500 || exchange_speaks_of_else(outcome);
    }
    return CERTAIN;
}

const struct password_check *password_fits(const struct view *v, const struct fact *auth)
{
    for (size_t i = 0; auth && i < v->summary->check_count; i++)
        if (v->summary->checks[i].auth == auth)
            return v->summary->checks[i].result == PASSWORD_RIGHT ? &v->summary->checks[i] : NULL;
    return NULL;
}
