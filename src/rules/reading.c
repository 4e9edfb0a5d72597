/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/reading.h"

/* Every cause that a reply can name. own: it has a rule with more evidence than the reply; where that
 * says no, the fall-back by code is told. */
static const struct {
    const char *id;
    bool own;
} causes[] = {
    { "tls-on-plain-port", true },
    { "starttls-refused", true },
    { "starttls-required", true },
    { "starttls-broken", true },
    { "tls-version-refused-by-policy", true },
    { "auth-method-refused", false },
    { "auth-credentials-rejected", false },
    { "auth-app-password-required", false },
    { "auth-disabled-for-account", false },
    { "auth-oauth-required", false },
    { "auth-needs-encryption", false },
    { "auth-not-offered", false },
    { "auth-exchange-broken", false },
    { "auth-token-rejected", false },
    { "auth-temporary-failure", false },
    { "auth-too-many-tries", false },
    { "auth-required", false },
    { "auth-place-blocked", false },
    { "account-suspended", false },
    { "sender-refused", false },
    { "sender-not-allowed", false },
    { "recipient-unknown", false },
    { "recipient-refused", false },
    { "some-recipients-refused", false },
    { "relay-denied", false },
    { "mailbox-full", false },
    { "message-too-big", false },
    { "message-rejected", false },
    { "message-line-endings", false },
    { "message-not-finished", true },
    { "greylisted", false },
    { "quota-used-up", false },
    { "too-many-recipients", false },
    { "message-malformed", false },
    { "sender-header-mismatch", false },
    { "device-silent", false },
    { "rate-limited", false },
    { "server-busy", false },
    { "server-storage-full", false },
    { "server-temporary-error", false },
    { "service-refused", false },
    { "address-blocked", false },
    { "helo-refused", false },
    { "command-rejected", false },
    { "device-out-of-turn", false },
};

const char *reading_cause(struct bytes id)
{
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
        if (bytes_equal(id, bytes_str(causes[i].id)))
            return causes[i].id;
    return NULL;
}

static bool has_own_rule(const char *cause)
{
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
        if (cause_is(cause, causes[i].id))
            return causes[i].own;
    return false;
}

bool reading_is(const struct reading *r, const char *cause)
{
    if (!r->cause)
        return false;
    return cause_is(r->cause, cause) || (r->own && r->basic && cause_is(r->basic, cause));
}

const struct fact *reading_mail_of(const struct view *v, const struct fact *fact)
{
    const struct fact *mail = view_before(v, fact, FACT_SMTP_COMMAND, SIDE_DEVICE);
    while (mail && mail->command.verb != SMTP_MAIL)
        mail = view_before(v, mail, FACT_SMTP_COMMAND, SIDE_DEVICE);
    return mail;
}

/* --- what is no reason --- */

/* The rest of a mail whose first part was refused (BDAT). */
static bool follows_from_refused_part(const struct view *v, const struct fact *reply)
{
    for (const struct fact *f = ask_next(v, reading_mail_of(v, reply)); f && f != reply;
         f = ask_next(v, f))
        if (f->kind == FACT_SMTP_REPLY && f->reply.step == STEP_DATA && f->reply.code >= 400)
            return true;
    return false;
}

/* A no that only follows from an earlier one: RCPT without MAIL, DATA without RCPT. */
static bool follows_from_refusal(const struct view *v, const struct fact *reply)
{
    if (reply->reply.step == STEP_END)
        return follows_from_refused_part(v, reply);
    if (reply->reply.step != STEP_DATA && reply->reply.step != STEP_RCPT)
        return false;
    enum smtp_step before = reply->reply.step == STEP_DATA ? STEP_RCPT : STEP_MAIL;
    bool refused = false, accepted = false;
    for (const struct fact *f = ask_next(v, reading_mail_of(v, reply)); f && f != reply;
         f = ask_next(v, f)) {
        if (f->kind != FACT_SMTP_REPLY)
            continue;
        refused |= f->reply.code >= 400 && (f->reply.step == before || f->reply.step == STEP_MAIL);
        accepted |= f->reply.code < 300 && f->reply.step == before;
    }
    return refused && !accepted;
}

/* A 421 behind the last accepted mail, with nothing begun since, keeps nobody from anything. */
static bool nothing_wanted(const struct view *v, const struct fact *reply)
{
    const struct fact *done = view_before(v, reply, FACT_SMTP_REPLY, SIDE_SERVER);
    while (done && !(done->reply.step == STEP_END && done->reply.code < 300))
        done = view_before(v, done, FACT_SMTP_REPLY, SIDE_SERVER);
    if (!done)
        return false;
    const struct fact *mail = view_after(v, done, FACT_SMTP_COMMAND, SIDE_DEVICE);
    while (mail && mail->command.verb != SMTP_MAIL)
        mail = view_after(v, mail, FACT_SMTP_COMMAND, SIDE_DEVICE);
    return !mail;
}

/* The words of an earlier refusal again, at another step: the device went on all the same. */
static bool repeats_refusal(const struct view *v, const struct fact *reply)
{
    for (const struct fact *r = view_before(v, reply, FACT_SMTP_REPLY, SIDE_SERVER); r;
         r = view_before(v, r, FACT_SMTP_REPLY, SIDE_SERVER))
        if (r->reply.code == reply->reply.code && r->reply.step != reply->reply.step &&
            r->reply.text.len > 0 && bytes_equal(r->reply.text, reply->reply.text))
            return true;
    return false;
}

/* A farewell to a device that had gone, or a word about it (chasquid: "554 error reading command"). */
static bool device_had_gone(const struct view *v, const struct fact *reply)
{
    enum { CLOSE_NOTIFY = 0 };
    const struct fact *notice = view_before(v, reply, FACT_TLS_ALERT, SIDE_DEVICE);
    bool unasked = reply->reply.code == 421 || reply->reply.step == STEP_UNASKED ||
                   (reply->reply.step == STEP_OTHER && !view_asked(v, reply));
    return unasked && (view_before(v, reply, FACT_FIN, SIDE_DEVICE) ||
                       (notice && notice->alert.code == CLOSE_NOTIFY &&
                        notice->alert.level != ALERT_ENCRYPTED));
}

static bool is_no_reason(const struct view *v, const struct fact *reply)
{
    const struct fact_smtp_reply *r = &reply->reply;
    if (r->code < 400 || r->step == STEP_QUIT || ask_is_stray(v, reply) ||
        follows_from_refusal(v, reply) || repeats_refusal(v, reply) || device_had_gone(v, reply))
        return true;
    if (r->code < 500 && r->code != 421 && (r->step == STEP_RSET || r->step == STEP_OTHER))
        return true;
    return r->code == 421 && nothing_wanted(v, reply);
}

/* --- the basic code and the step --- */

/* Was HELO, or another EHLO, refused as well? */
static bool refuses_every_hello(const struct view *v, const struct fact *reply)
{
    unsigned refused = 0;
    for (const struct fact *r = view_reply(v, NULL, STEP_EHLO, 0, 599); r;
         r = view_reply(v, r, STEP_EHLO, 0, 599)) {
        if (r->reply.code < 400)
            return false;
        refused += r->reply.code >= 500;
    }
    uint16_t code = reply->reply.code;
    return refused > 1 || code == 501 || code == 504 || code == 550 || code == 553;
}

static const char *basic_of(const struct view *v, const struct fact *reply)
{
    const struct fact_smtp_reply *r = &reply->reply;
    if (r->code == 421)
        return "server-busy";
    if (r->code < 500)
        return r->step == STEP_AUTH ? "auth-temporary-failure" : "server-temporary-error";
    switch (r->step) {
    case STEP_GREETING:
        return "service-refused";
    case STEP_EHLO:
        return refuses_every_hello(v, reply) ? "helo-refused" : "command-rejected";
    case STEP_MAIL:
        return r->code > 504 ? "sender-refused" : "command-rejected";
    case STEP_RCPT:
        return r->code != 503 ? "recipient-refused" : "command-rejected";
    case STEP_END:
        return "message-rejected";
    default:
        return "command-rejected";
    }
}

/* The fall-backs go by the code alone, so they are certain; a cause that is more than that is not. */
static enum confidence sure_of_basic(const char *basic, const struct fact_smtp_reply *r)
{
    if (strcmp(basic, "helo-refused") == 0 ||
        (strcmp(basic, "service-refused") == 0 && r->code != 554 && r->code != 521))
        return LIKELY;
    return CERTAIN;
}

/* --- rows and words --- */

/* May this cause be told here? A row knows code, text and step, not what went before. */
static bool is_possible(const struct view *v, const struct fact *reply, const char *cause)
{
    const struct fact_smtp_reply *r = &reply->reply;
    if (strcmp(cause, "auth-required") == 0)
        return v->attempt->start_seen && !view_first(v, FACT_AUTH, SIDE_DEVICE) &&
               (r->step == STEP_MAIL || r->step == STEP_RCPT || r->step == STEP_DATA ||
                r->step == STEP_EHLO);
    if (strcmp(cause, "starttls-required") == 0)
        return ask_clear(reply) && r->step != STEP_GREETING;
    return true;
}

/* "Access denied" to a client is a missing sign-in where devices hand in mail, an access list at port 25. */
static const char *by_port(const struct view *v, const struct fact *reply,
                           const struct reply_row *row)
{
    if (v->attempt->server_port != 25 || strcmp(row->cause, "auth-required") != 0 ||
        bytes_find_nocase(bytes_str(row->pattern), "access denied") < 0)
        return row->cause;
    return bytes_starts_nocase(bytes_str(row->pattern), "client host") ? "address-blocked"
                                                                       : basic_of(v, reply);
}

static bool speaks_of_time(const struct fact *reply)
{
    static const char *const idle[] = {
        "timeout", "timed out", "time out", "idle", "inactiv", NULL
    };
    return reply->reply.code < 500 && ask_text_has_any(reply, idle);
}

static struct reading of_words(const struct view *v, const struct fact *reply)
{
    const struct fact_smtp_reply *r = &reply->reply;
    if (r->step == STEP_STARTTLS)
        return (struct reading) { .cause = NULL };
    if (view_text_has(reply, "starttls") && is_possible(v, reply, "starttls-required"))
        return (struct reading) { .cause = "starttls-required", .sure = CERTAIN };
    bool envelope = r->step == STEP_MAIL || r->step == STEP_RCPT || r->step == STEP_DATA;
    const struct fact *list = exchange_list(v, reply);
    bool first_tls = ask_clear(reply) && list && list->capabilities.starttls;
    if (envelope && r->code == 530 && first_tls && !exchange_speaks_of_sign_in(reply))
        return (struct reading) { .cause = "starttls-required", .sure = LIKELY };
    bool code = r->code == 503 || r->code == 530 || (r->code >= 550 && r->code < 580);
    if (envelope && code && is_possible(v, reply, "auth-required")) {
        if (exchange_wants_sign_in(reply))
            return (struct reading) { .cause = "auth-required", .sure = CERTAIN };
        if (r->code == 530) /* RFC 4954 6 */
            return (struct reading) { .cause = "auth-required", .sure = LIKELY };
    }
    if (r->code == 421 && speaks_of_time(reply))
        return (struct reading) { .cause = "device-silent", .sure = CERTAIN };
    return (struct reading) { .cause = NULL };
}

/* --- the message --- */

static const struct fact *message_before(const struct view *v, const struct fact *reply)
{
    return view_before(v, reply, FACT_MESSAGE, SIDE_DEVICE);
}

/* A reply that does not say why, to a message whose lines end wrongly. */
static bool blames_line_ends(const struct view *v, const struct fact *reply)
{
    const struct fact_smtp_reply *r = &reply->reply;
    const struct fact *asked = view_asked(v, reply),
                      *body = r->step == STEP_END ? message_before(v, reply) : NULL;
    bool bare = (body && (body->message.bare_lf || body->message.bare_cr)) ||
                (asked && (asked->command.bare_lf || asked->command.bare_cr));
    bool syntax =
        r->code == 500 || r->code == 501 || r->code == 521 ||
        (r->enhanced.class != 0 &&
         ((r->enhanced.subject == 5 && r->enhanced.detail == 2) || r->enhanced.subject == 6));
    return bare && r->code >= 500 && syntax;
}

/* MAIL SIZE= above what the server had listed. */
static bool size_above_limit(const struct view *v, const struct fact *reply)
{
    const struct fact *asked = view_asked(v, reply), *list = exchange_list(v, reply);
    return reply->reply.step == STEP_MAIL && asked && list && list->capabilities.size > 0 &&
           asked->command.size > list->capabilities.size;
}

/* A server that waited in vain in the middle of a message: the message is what is missing. */
static bool in_message(const struct view *v, const struct fact *reply)
{
    const struct fact *go = view_before(v, reply, FACT_SMTP_REPLY, SIDE_SERVER);
    return go && go->reply.step == STEP_DATA && go->reply.code == 354 &&
           reply->reply.step != STEP_DATA;
}

/* --- together --- */

static struct reading of_row(const struct view *v, const struct fact *reply,
                             const struct reply_row *row, enum confidence sure)
{
    struct reading reading = { .cause = row ? by_port(v, reply, row) : NULL, .sure = sure };
    if (reading.cause && !is_possible(v, reply, reading.cause))
        reading.cause = NULL;
    if (row && reading.cause && reading.cause != row->cause)
        reading.sure = LIKELY;
    if (row && reading.cause && strcmp(reading.cause, "auth-required") == 0 &&
        bytes_find_nocase(bytes_str(row->pattern), "access denied") >= 0)
        reading.sure = LIKELY;
    return reading;
}

static struct reading of_step(const struct view *v, const struct fact *reply)
{
    const struct fact_smtp_reply *r = &reply->reply;
    const struct replies *more = v->knowledge ? v->knowledge->replies : NULL;
    const struct reply_row *row = replies_match(more, r);
    bool pattern = row && row->pattern[0] != '\0';
    if (size_above_limit(v, reply) && r->code >= 500 && !pattern)
        return (struct reading) { .cause = "message-too-big", .sure = CERTAIN };
    struct reading reading =
        pattern ? of_row(v, reply, row, CERTAIN) : (struct reading) { .cause = NULL };
    if (!reading.cause)
        reading = of_words(v, reply);
    if (!reading.cause && blames_line_ends(v, reply))
        reading = (struct reading) { .cause = "message-line-endings", .sure = LIKELY };
    if (!reading.cause && !pattern)
        reading = of_row(v, reply, replies_match_text(more, r), LIKELY);
    if (!reading.cause && row && !pattern)
        reading = of_row(v, reply, row, CERTAIN);
    if (!reading.cause)
        reading = reading_of_enhanced(r);
    bool rejected = reading.cause && strcmp(reading.cause, "command-rejected") == 0;
    if ((!reading.cause || rejected) && r->step == STEP_STARTTLS &&
        (r->code == 454 || r->code >= 500))
        reading = (struct reading) { .cause = "starttls-refused", .sure = CERTAIN };
    return reading;
}

/* A name or password sent as a command, after the sign-in had been refused. */
static bool is_sign_in_out_of_turn(const struct view *v, const struct fact *reply)
{
    const struct fact *asked = view_asked(v, reply);
    return asked && asked->command.verb == SMTP_UNKNOWN_VERB && asked->command.secret &&
           reply->reply.code >= 500 && view_reply(v, NULL, STEP_AUTH, 400, 599);
}

/* The same recipient, accepted at another try in this connection. */
static bool is_accepted_again(const struct view *v, const struct fact *reply)
{
    const struct fact *refused = view_asked(v, reply);
    for (const struct fact *r = view_reply(v, reply, STEP_RCPT, 200, 299); r;
         r = view_reply(v, r, STEP_RCPT, 200, 299)) {
        const struct fact *again = view_asked(v, r);
        if (refused && again && bytes_equal_nocase(again->command.arg, refused->command.arg))
            return true;
    }
    return false;
}

/* The mail went to the others of its recipients. */
static bool others_get_it(const struct view *v, const struct fact *reply)
{
    if (reply->reply.step != STEP_RCPT || is_accepted_again(v, reply))
        return false;
    bool accepted = false;
    const struct fact *mail =
        reading_mail_of(v, view_asked(v, reply) ? view_asked(v, reply) : reply);
    for (const struct fact *r = mail ? view_after(v, mail, FACT_SMTP_REPLY, SIDE_SERVER) : NULL; r;
         r = view_after(v, r, FACT_SMTP_REPLY, SIDE_SERVER)) {
        const struct fact *asked = view_asked(v, r);
        if (asked && asked->command.verb == SMTP_MAIL && asked != mail)
            return false;
        accepted |= r->reply.step == STEP_RCPT && r->reply.code < 300;
        if (r->reply.step == STEP_END)
            return accepted && r->reply.code < 300;
    }
    return false;
}

static struct reading read_reply(const struct view *v, const struct fact *reply)
{
    if (is_no_reason(v, reply))
        return (struct reading) { .cause = NULL };
    struct reading reading;
    if (is_sign_in_out_of_turn(v, reply))
        reading = (struct reading) { .cause = "device-out-of-turn", .sure = CERTAIN };
    else
        reading = reply->reply.step == STEP_AUTH ? reading_of_auth(v, reply) : of_step(v, reply);
    const char *basic = basic_of(v, reply);
    if (!reading.cause)
        reading = (struct reading) { .cause = basic, .sure = sure_of_basic(basic, &reply->reply) };
    /* after bytes that are no SMTP the server's errors are about those */
    if (strcmp(reading.cause, "command-rejected") == 0 &&
        view_before(v, reply, FACT_SMTP_NOISE, SIDE_DEVICE))
        return (struct reading) { .cause = NULL };
    reading.basic = basic;
    if (strcmp(reading.cause, basic) == 0 && reading.sure < sure_of_basic(basic, &reply->reply))
        reading.sure = sure_of_basic(basic, &reply->reply); /* the code alone says as much */
    if (strcmp(reading.cause, "device-silent") == 0 && in_message(v, reply))
        reading.cause = "message-not-finished";
    if (others_get_it(v, reply)) {
        reading.inner = reading.cause;
        reading.cause = "some-recipients-refused";
        reading.sure = CERTAIN;
    }
    return reading;
}

void reading_all(const struct view *v)
{
    for (const struct fact *r = view_refusal(v, NULL); r; r = view_refusal(v, r))
        (void)reading_of(v, r);
}

bool reading_named(const struct readings *readings, const char *cause)
{
    for (size_t i = 0; i < readings->count; i++)
        if (reading_is(&readings->known[i].reading, cause))
            return true;
    return readings->count == READINGS_MAX; /* some may not have been remembered */
}

struct reading reading_of(const struct view *v, const struct fact *reply)
{
    struct readings *known = v->readings;
    for (size_t i = 0; known && i < known->count; i++)
        if (known->known[i].reply == reply)
            return known->known[i].reading;
    struct reading reading = read_reply(v, reply);
    reading.own = reading.cause && has_own_rule(reading.cause);
    if (known && known->count < READINGS_MAX) {
        known->known[known->count].reply = reply;
        known->known[known->count++].reading = reading;
    }
    return reading;
}
