/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/auth_rules.h"

#include "history/history.h"
#include "rules/by_reply.h"
#include "rules/password_rules.h"

/* The sign-in that a reply belongs to, as far as it shows. */
struct tried {
    const struct fact *auth; /* NULL: the capture lacks it; what follows is by the server's words */
    const struct fact *challenge;
    enum auth_mechanism mechanism; /* AUTH_NONE: not known */
    bool advertised;
};

static struct tried tried_before(const struct view *v, const struct fact *reply)
{
    struct tried t = { .auth = exchange_of(v, reply) };
    if (t.auth) {
        t.mechanism = (enum auth_mechanism)t.auth->auth.mechanism;
        t.advertised = t.auth->auth.advertised;
        return t;
    }
    const struct fact *list = exchange_list(v, reply);
    t.mechanism = exchange_method_of_server(v, reply, &t.challenge);
    t.advertised =
        list && t.mechanism != AUTH_NONE && (list->capabilities.mechanisms & AUTH_BIT(t.mechanism));
    return t;
}

static void tell_method(const struct view *v, struct finding *f, const struct fact *reply)
{
    struct tried t = tried_before(v, reply);
    if (!t.auth && t.mechanism == AUTH_NONE)
        return;
    finding_proof(f, t.auth ? t.auth : t.challenge);
    if (t.mechanism != AUTH_OTHER && t.mechanism != AUTH_NONE)
        finding_word(f, "method", auth_mechanism_name(t.mechanism));
    else if (t.auth->auth.name.len > 0)
        finding_wire(f, "method", t.auth->auth.name);
    const struct fact *list = exchange_list(v, t.auth ? t.auth : reply);
    if (list && (t.advertised || ask_list_whole(v, list))) {
        finding_flag(f, "advertised", t.advertised);
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
        const struct fact *other = exchange_of(v, r);
        if (other && auth && other->auth.mechanism != auth->auth.mechanism &&
            !exchange_refuses_method(r, other))
            return true;
    }
    return false;
}

/* Another method from the list, and the encryption that it needs. */
static void advise_method(const struct view *v, struct finding *f, const struct fact *reply,
                          const struct tried *tried, const struct fact *list)
{
    static const char *const weak[] = { "too weak", NULL };
    bool bare = tried->auth && ask_clear(tried->auth) &&
                (tried->mechanism == AUTH_LOGIN || tried->mechanism == AUTH_PLAIN);
    if (bare && ask_text_has_any(reply, weak))
        ask_advise_encryption(v, f); /* it is weak for want of that */
    uint32_t listed =
        list ? list->capabilities.mechanisms : AUTH_BIT(AUTH_LOGIN) | AUTH_BIT(AUTH_PLAIN);
    bool login = listed & AUTH_BIT(AUTH_LOGIN), plain = listed & AUTH_BIT(AUTH_PLAIN);
    if (tried->mechanism == AUTH_LOGIN)
        login = false;
    if (tried->mechanism == AUTH_PLAIN)
        plain = false;
    if (login && plain)
        finding_advice(f, DO_CHOOSE_LOGIN_OR_PLAIN);
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
    else if (list && list->capabilities.auth_words.len > 0)
        finding_advice(f, DO_CHOOSE_OFFERED);
    else
        finding_advice(f, N_("If the device lets you choose the sign-in method (often "
                             "\"authentication method\"), choose another one."));
    if (DIGEST_METHODS & AUTH_BIT(tried->mechanism))
        finding_advice(f, DO_SWITCH_METHOD_OFF);
}

/* The refusal, the method that was tried, how often; NULL = this cause is not there. */
static const struct fact *tell_refusal(const struct view *v, unsigned n, struct finding *f)
{
    const struct fact *reply = by_reply_find(v, n, f->cause->id);
    if (!reply)
        return NULL;
    if (reply->reply.step == STEP_AUTH)
        tell_method(v, f, reply);
    by_reply_tell(v, f, reply);
    if (reply->reply.step != STEP_AUTH)
        return reply;
    f->stage = STAGE_AUTH;
    unsigned tries = by_reply_count(v, STEP_AUTH, f->cause->id);
    if (tries > 1)
        finding_number(f, "tries", tries);
    return reply;
}

enum confidence auth_refused(const struct view *v, unsigned n, struct finding *f)
{
    const struct fact *reply = tell_refusal(v, n, f);
    return reply ? reading_of(v, reply).sure : NO_MATCH;
}

/* Who broke it: the device that called it off, or wrote it so that nobody can read it. */
enum confidence auth_exchange_broken(const struct view *v, unsigned n, struct finding *f)
{
    const struct fact *reply = tell_refusal(v, n, f);
    if (!reply)
        return NO_MATCH;
    const struct fact *auth = exchange_of(v, reply),
                      *step = auth ? view_before(v, reply, FACT_AUTH_STEP, SIDE_DEVICE) : NULL;
    if (step && ask_after(v, step, auth))
        step = NULL; /* of an exchange before this one */
    if (step && step->auth_step.cancel) {
        finding_proof(f, step);
        f->headline = N_("This device began to sign in and then called it off itself.");
        f->meaning = N_("The device broke the sign-in off before the server could check name and "
                        "password. Why, it does not say. Often one of them is missing in its "
                        "settings, or it cannot use the sign-in method that it had begun with.");
    } else if (step && !step->auth_step.base64) {
        finding_proof(f, step);
        f->headline = N_("The mail server could not read this device's sign-in.");
        f->meaning = N_("Name and password are sent in a certain form (base64). This device sent "
                        "them in another one, so the server did not get as far as to check them. "
                        "It is a fault in the device's software.");
        finding_advice(f, DO_CHOOSE_ANOTHER);
        finding_advice(f, DO_UPDATE);
        finding_advice(f, DO_RELAY);
        finding_advice(f, DO_ASK_PROVIDER_REPLY);
        f->advice_alone = true;
    }
    return reading_of(v, reply).sure;
}

static bool used_oauth(const struct view *v)
{
    const struct fact *auth = view_first(v, FACT_AUTH, SIDE_DEVICE);
    while (auth && !exchange_is_oauth(auth))
        auth = view_after(v, auth, FACT_AUTH, SIDE_DEVICE);
    return auth != NULL;
}

/* The error object in a 334 (RFC 7628 3.2.3), where the device left at it and the refusal was not said. */
static const struct fact *error_object_at_end(const struct view *v)
{
    const struct fact *told = used_oauth(v) ? view_last(v, FACT_SMTP_REPLY, SIDE_SERVER) : NULL;
    while (told && told->reply.step == STEP_QUIT)
        told = view_before(v, told, FACT_SMTP_REPLY, SIDE_SERVER);
    const struct fact *auth = told ? exchange_of(v, told) : NULL;
    bool object = told && told->reply.step == STEP_AUTH && told->reply.code == 334 &&
                  bytes_starts_nocase(told->reply.text, "{"); /* decoded */
    bool left = told && (view_after(v, told, FACT_FIN, ANY_SIDE) ||
                         view_after(v, told, FACT_RST, ANY_SIDE));
    return object && exchange_is_oauth(auth) && left ? told : NULL;
}

enum confidence auth_token_rejected(const struct view *v, unsigned n, struct finding *f)
{
    enum confidence sure = auth_refused(v, n, f);
    const struct fact *told = sure == NO_MATCH && n == 0 ? error_object_at_end(v) : NULL;
    if (!told)
        return sure;
    tell_method(v, f, told);
    by_reply_tell(v, f, told);
    f->stage = STAGE_AUTH;
    return LIKELY;
}

static void say_method_refused(const struct view *v, struct finding *f, const struct tried *tried,
                               const struct fact *list)
{
    if (list && tried->advertised) {
        f->headline =
            N_("The mail server refuses the sign-in method {method}, although it offers it.");
        f->meaning = N_(
            "The device chose a method from the server's own list. The server lists it but no longer accepts it. The device "
            "cannot tell this from a wrong password.");
    } else if ((tried->auth || tried->mechanism != AUTH_NONE) && ask_list_whole(v, list)) {
        f->headline =
            N_("The mail server does not know the sign-in method {method} that this device uses.");
        f->meaning = N_(
            "The server had said which sign-in methods it takes, and {method} is not among them. The device used it all the "
            "same.");
    }
}

/* Did the device try several methods, all refused as such? */
static void tell_other_methods(const struct view *v, struct finding *f, const struct fact *auth)
{
    static const char *const places[] = { "second_method", "third_method" };
    uint32_t told = auth ? AUTH_BIT(auth->auth.mechanism) : 0;
    size_t count = 0;
    for (const struct fact *r = view_reply(v, NULL, STEP_AUTH, 500, 599); r && count < 2;
         r = view_reply(v, r, STEP_AUTH, 500, 599)) {
        const struct fact *other = exchange_of(v, r);
        struct reading reading = reading_of(v, r);
        if (!other || !reading_is(&reading, f->cause->id) ||
            (told & AUTH_BIT(other->auth.mechanism)))
            continue;
        told |= AUTH_BIT(other->auth.mechanism);
        finding_proof(f, other);
        finding_word(f, places[count++],
                     auth_mechanism_name((enum auth_mechanism)other->auth.mechanism));
    }
    if (count == 1)
        f->headline = N_(
            "The mail server refuses both sign-in methods that this device tried: {method}, {second_method}.");
    else if (count == 2)
        f->headline = N_(
            "The mail server refuses all sign-in methods that this device tried: {method}, {second_method}, {third_method}.");
}

enum confidence auth_method_refused(const struct view *v, unsigned n, struct finding *f)
{
    const struct fact *reply = by_reply_find(v, n, f->cause->id);
    if (!reply)
        return NO_MATCH;
    struct tried tried = tried_before(v, reply);
    const struct fact *auth = tried.auth, *list = exchange_list(v, auth ? auth : reply);
    say_method_refused(v, f, &tried, list);
    advise_method(v, f, reply, &tried, list);
    if (list && tried.advertised)
        finding_advice(
            f,
            N_("Otherwise ask the mail provider to take {method} off its list. You can send this: \"At {time} your server {server} "
               "offered the sign-in method {method} and then refused it with: {code} {text}\""));
    tell_refusal(v, n, f);
    if (tried.advertised && !v->summary->tls_up && reading_of(v, reply).sure == CERTAIN)
        finding_rules_out(f, SAY_ENCRYPTION_NO_PART);
    f->made_good = another_way_taken(v, reply, auth);
    if (!f->made_good)
        tell_other_methods(v, f, auth);
    return reading_of(v, reply).sure;
}

/* --- name and password --- */

/* Did the device use one method alone, and one that never sends the password? */
static bool only_digest(const struct view *v)
{
    uint32_t used = 0;
    for (const struct fact *a = view_first(v, FACT_AUTH, SIDE_DEVICE); a;
         a = view_after(v, a, FACT_AUTH, SIDE_DEVICE))
        used |= AUTH_BIT(a->auth.mechanism);
    return used != 0 && (used & ~DIGEST_METHODS) == 0;
}

/* fits: the password is the one that was given, with all blanks in it. */
static void tell_identity(const struct view *v, struct finding *f, const struct fact *reply,
                          bool fits)
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
        f->meaning =
            N_("The device signed in with a user name, but without a password. In its settings "
               "the password is missing, or it was not saved.");
        finding_advice(f, DO_ENTER_PASSWORD);
    }
    if (id->user_trailing_blank) {
        finding_flag(f, "user_trailing_blank", true);
        finding_advice(f, N_("There is a space at the end of the user name in the device's "
                             "settings: delete it."));
    }
    if (id->password_known && id->password_trailing_blank) {
        finding_flag(f, "password_trailing_blank", true);
        finding_advice(
            f,
            fits
                ? N_("The password ends with a space, in the device and as it was given to mailwhy. If the one of the account does not, "
                     "enter it again without it.")
                : DO_DELETE_BLANK);
    }
    if (id->user.len > 0 && !id->user_has_domain) {
        finding_flag(f, "user_has_domain", false);
        finding_advice(f, N_("As the user name enter the whole mail address, with the part after "
                             "the @. Now it is: {user}"));
    }
}

static void say_accepted_later(struct finding *f)
{
    f->headline =
        N_("The mail server refused a first sign-in of this device and then accepted another one.");
    f->meaning = N_(
        "The device signed in again and it worked. Where it used another sign-in method then, the first method was the reason, "
        "not the name or the password.");
    f->advice_alone = true;
}

enum confidence auth_credentials_rejected(const struct view *v, unsigned n, struct finding *f)
{
    const struct fact *reply = tell_refusal(v, n, f);
    if (!reply)
        return NO_MATCH;
    f->made_good = view_reply(v, reply, STEP_AUTH, 200, 299) != NULL;
    enum confidence sure = reading_of(v, reply).sure;
    if (f->made_good) {
        say_accepted_later(f);
        return LIKELY;
    }
    if (sure == POSSIBLE) {
        f->headline = N_("The mail server refuses this device's sign-in (its answer: {code}).");
        f->meaning = N_(
            "The device signed in, and the server said no. The reason is not known for sure; the server's own words tell more.");
        finding_advice(f, DO_ASK_PROVIDER_REPLY);
        return POSSIBLE;
    }
    if (finding_value(f, "tries"))
        f->meaning = N_(
            "The device signed in {tries} times, and the server said no each time. For safety it does not say whether the name or the "
            "password was wrong.");
    const struct password_check *check = password_fits(v, exchange_of(v, reply));
    bool fits = check && !check->charset;
    tell_identity(v, f, reply, fits);
    if (check) {
        f->headline = N_(
            "The mail server refuses the sign-in, although the device used the password that was given.");
        finding_rules_out(
            f, N_("A typing error in the device's password: it is the one that was given."));
    }
    if (check && check->charset) {
        f->headline = N_(
            "The mail server refuses the sign-in; the device wrote the password in the character set {charset}, and most servers expect UTF-8.");
        finding_word(f, "charset", check->charset);
        finding_advice(f, DO_ASCII_PASSWORD);
    }
    if (only_digest(v)) {
        finding_flag(f, "only_digest", true);
        finding_advice(
            f,
            N_("If name and password are right, the sign-in method may be the reason: this device used only {method}, and some "
               "servers offer that but no longer accept it. Where you can choose, choose LOGIN or PLAIN, with encryption "
               "switched on: security \"SSL\" and port 465, or \"TLS\" or \"STARTTLS\" and port 587."));
        f->late_advice = !fits; /* else name and password are the likelier reason */
    }
    if (fits) {
        finding_advice(f, DO_CHECK_USER_NAME);
        finding_advice(f, DO_TRY_MAIL_PROGRAM);
        finding_advice(f, DO_ASK_APP_PASSWORD);
        f->advice_alone = true;
    }
    return sure;
}

/* Microsoft 365 has its switch with the administrator, not in the mailbox. */
enum confidence auth_disabled(const struct view *v, unsigned n, struct finding *f)
{
    const struct fact *reply = tell_refusal(v, n, f);
    if (!reply)
        return NO_MATCH;
    const struct smtp_enhanced *e = &reply->reply.enhanced;
    if (e->class == 5 && e->subject == 7 && e->detail == 139) {
        finding_advice(f, DO_ASK_MICROSOFT_ADMIN);
        finding_advice(f, DO_ASK_PROVIDER_REPLY);
        finding_advice(f, DO_RELAY);
        f->advice_alone = true;
    }
    return reading_of(v, reply).sure;
}

enum confidence auth_app_password_required(const struct view *v, unsigned n, struct finding *f)
{
    const struct fact *reply = tell_refusal(v, n, f);
    if (!reply)
        return NO_MATCH;
    enum confidence sure = reading_of(v, reply).sure;
    if (sure < CERTAIN) {
        f->headline = N_(
            "The mail server refuses the sign-in; this provider usually takes nothing but an app password.");
        finding_advice(
            f,
            N_("If an app password is already in use, enter it again, without spaces: it may be mistyped or withdrawn."));
    }
    return sure;
}

/* --- encryption first --- */

enum confidence auth_needs_encryption(const struct view *v, unsigned n, struct finding *f)
{
    const struct fact *reply = by_reply_find(v, n, f->cause->id);
    if (!reply)
        return NO_MATCH;
    const struct fact *list = exchange_list(v, reply);
    finding_proof(f, list);
    ask_advise_encryption(v, f);
    tell_refusal(v, n, f);
    return reading_of(v, reply).sure;
}

enum confidence auth_required(const struct view *v, unsigned n, struct finding *f)
{
    const struct fact *reply = by_reply_find(v, n, f->cause->id);
    if (!reply)
        return NO_MATCH;
    const struct fact *list = exchange_list(v, reply);
    by_reply_tell(v, f, reply);
    f->made_good = ask_accepted_after(v, reply, STEP_END);
    if (list && list->capabilities.auth_words.len > 0)
        finding_wire(f, "offered_methods", list->capabilities.auth_words);
    if (exchange_not_listed(list))
        ask_advise_encryption(v, f);
    finding_rules_out(f, SAY_PASSWORD_NOT_SENT);
    return reading_of(v, reply).sure;
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
    if (!ask_list_whole(v, list) || view_command(v, SMTP_MAIL, 0) || v->attempt->one_sided ||
        v->attempt->server_port == 25 || !list->capabilities.esmtp)
        return NULL;
    *end = left_after(v, list);
    return *end ? list : NULL;
}

/* The way that the device does not use already. */
static void advise_other_place(const struct view *v, struct finding *f)
{
    if (!ask_implicit_tls(v))
        return; /* the cause's own advice holds */
    finding_advice(f, DO_STARTTLS_587);
    finding_advice(f, DO_ASK_PROVIDER);
    finding_advice(f, DO_NO_SIGN_IN);
    f->advice_alone = true;
}

static enum confidence refused_unlisted(const struct view *v, unsigned n, struct finding *f)
{
    const struct fact *reply = by_reply_find(v, n, f->cause->id);
    if (!reply)
        return NO_MATCH;
    const struct fact *auth = exchange_of(v, reply), *list = exchange_list(v, auth ? auth : reply);
    finding_proof(f, list);
    if (ask_clear(reply) && list && list->capabilities.starttls)
        finding_advice(f, v->attempt->server_port == 587 ? DO_STARTTLS_587 : DO_STARTTLS_HERE);
    tell_refusal(v, n, f);
    advise_other_place(v, f);
    finding_rules_out(f, SAY_WRONG_PASSWORD_NOT_SEEN);
    return reading_of(v, reply).sure;
}

enum confidence auth_not_offered(const struct view *v, unsigned n, struct finding *f)
{
    enum confidence sure = refused_unlisted(v, n, f);
    if (sure != NO_MATCH || n > 0)
        return sure;
    const struct fact *end = NULL, *list = last_list(v, &end);
    if (!list || list->capabilities.auth || (ask_clear(list) && !list->capabilities.starttls))
        return NO_MATCH;
    finding_proof(f, list);
    finding_proof(f, end);
    f->stage = STAGE_EHLO;
    f->headline = N_("The mail server offers no sign-in on port {port}, and this device hung up.");
    f->meaning = N_("The device asked the server what it can do, and signing in was not on the list. It then ended the "
                    "conversation in good order.");
    advise_other_place(v, f);
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

enum confidence auth_no_common_method(const struct view *v, struct finding *f)
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
    /* Many servers name LOGIN and PLAIN only once there is encryption. */
    if (ask_clear(list) && list->capabilities.starttls)
        finding_advice(f, v->attempt->server_port == 587 ? DO_STARTTLS_587 : DO_STARTTLS_HERE);
    finding_advice(f, DO_CHOOSE_OFFERED);
    finding_rules_out(f, SAY_PASSWORD_NOT_SENT);
    ask_rule_out_network(v, f);
    return LIKELY;
}

/* The first refusal of a device that had not signed in, whatever its words: a sign-in, or relaying. */
static const struct fact *refused_unknown(const struct view *v)
{
    const struct fact *wanted = by_reply_find(v, 0, "auth-required"),
                      *relay = by_reply_find(v, 0, "relay-denied");
    if (!wanted || (relay && ask_after(v, relay, wanted)))
        return relay;
    return wanted;
}

enum confidence pop_before_smtp(const struct view *v, struct finding *f)
{
    const struct device *d = v->history ? history_find(v->history, &v->attempt->client_addr) : NULL;
    const struct fetch *fetch =
        d && d->fetches ? fetches_before(d->fetches, v->attempt->start_time) : NULL;
    const struct fact *reply =
        fetch && !view_first(v, FACT_AUTH, SIDE_DEVICE) ? refused_unknown(v) : NULL;
    if (!reply)
        return NO_MATCH;
    finding_proof_frame(f, fetch->frame, fetch->time);
    finding_number(f, "pop3_port", fetch->port);
    finding_span(f, "signed_in_before", v->attempt->start_time - fetch->time);
    by_reply_tell(v, f, reply);
    if (fetch->known)
        finding_rules_out(f, SAY_POP3_ACCEPTED);
    return fetch->known ? CERTAIN : LIKELY;
}
