/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/by_reply.h"

#include "facts/mail.h"

/* An address without < >, as some devices write it; the parameters behind it are left out. */
static struct bytes bare_path(struct bytes arg)
{
    struct bytes none = { NULL, 0 };
    while (arg.len > 0 && arg.at[0] == ' ')
        arg = bytes_after(arg, 1);
    ptrdiff_t blank = bytes_find(arg, ' ');
    if (blank >= 0 && bytes_find(bytes_after(arg, (size_t)blank), '=') < 0)
        return none; /* what stands there is more than an address */
    struct bytes path = blank < 0 ? arg : bytes_first(arg, (size_t)blank);
    return bytes_find(path, '@') < 0 ? none : path;
}

struct bytes by_reply_path(const struct fact *command)
{
    struct bytes none = { NULL, 0 };
    if (!command)
        return none;
    ptrdiff_t open = bytes_find(command->command.arg, '<');
    if (open < 0)
        return bare_path(command->command.arg);
    struct bytes rest = bytes_after(command->command.arg, (size_t)open + 1);
    ptrdiff_t close = bytes_find(rest, '>');
    return close < 0 ? none : bytes_first(rest, (size_t)close);
}

static bool names(const struct view *v, const struct fact *reply, const char *cause)
{
    if (reply->reply.code < 400)
        return false;
    struct reading reading = reading_of(v, reply);
    return reading_is(&reading, cause);
}

/* The mail that a reply is about; NULL before and outside of one. */
static const struct fact *mail_of(const struct view *v, const struct fact *reply)
{
    uint8_t step = reply->reply.step;
    const struct fact *asked = view_asked(v, reply);
    if (step == STEP_MAIL && asked)
        return asked;
    bool in_mail = step == STEP_MAIL || step == STEP_RCPT || step == STEP_DATA || step == STEP_END;
    return in_mail ? reading_mail_of(v, asked ? asked : reply) : NULL;
}

const struct fact *by_reply_find(const struct view *v, unsigned n, const char *cause)
{
    const struct fact *last = NULL;
    for (const struct fact *r = view_refusal(v, NULL); r; r = view_refusal(v, r)) {
        if (!names(v, r, cause))
            continue;
        const struct fact *mail = mail_of(v, r);
        if (last && mail == mail_of(v, last) && (mail || r->reply.step == last->reply.step))
            continue;
        last = r;
        if (n-- == 0)
            return r;
    }
    return NULL;
}

unsigned by_reply_count(const struct view *v, enum smtp_step step, const char *cause)
{
    unsigned count = 0;
    for (const struct fact *r = view_reply(v, NULL, step, 400, 599); r;
         r = view_reply(v, r, step, 400, 599))
        count += names(v, r, cause);
    return count;
}

static void tell_command(const struct view *v, struct finding *f, const struct fact *reply)
{
    const struct fact *command = view_asked(v, reply);
    if (!command)
        return;
    finding_proof(f, command);
    struct bytes path = by_reply_path(command);
    const char *verb = smtp_verb_name((enum smtp_verb)command->command.verb);
    bool unknown = command->command.verb == SMTP_UNKNOWN_VERB;
    if (!unknown && verb[0] != '\0')
        finding_word(f, "command", verb);
    else if (unknown && !command->command.secret)
        finding_wire(f, "command", command->command.arg);
    if (command->command.verb == SMTP_MAIL)
        finding_wire(f, "sender", path);
    else if (command->command.verb == SMTP_RCPT)
        finding_wire(f, "recipient", path);
    else if (command->command.verb == SMTP_EHLO || command->command.verb == SMTP_HELO)
        finding_wire(f, "hello", command->command.arg);
}

/* The sender, and for whom the mail was, where the refusal came after both. */
static void tell_envelope(const struct view *v, struct finding *f, const struct fact *reply)
{
    const struct fact *mail = mail_of(v, reply);
    if (!mail)
        return;
    finding_wire(f, "sender", by_reply_path(mail));
    if (reply->reply.step != STEP_END)
        return;
    const struct fact *body = view_before(v, reply, FACT_MESSAGE, SIDE_DEVICE);
    finding_proof(f, body);
    if (body)
        finding_wire(f, "from_header", body->message.from_header);
}

void by_reply_rule_out_steps(const struct view *v, struct finding *f, const struct fact *fact)
{
    const struct fact *signed_in = view_reply(v, NULL, STEP_AUTH, 235, 235);
    if (signed_in && ask_after(v, signed_in, fact))
        finding_rules_out(f, N_("The user name and the password: the server accepted them."));
    else if (fact->kind == FACT_SMTP_REPLY && fact->reply.step < STEP_AUTH)
        ask_rule_out_password(v, f);
    if (!ask_clear(fact))
        finding_rules_out(f, SAY_ENCRYPTION_WORKS);
}

void by_reply_rule_out(const struct view *v, struct finding *f, const struct fact *fact)
{
    by_reply_rule_out_steps(v, f, fact);
    ask_rule_out_network(v, f);
}

/* The same sender accepted afterwards, and then a mail of it. */
static bool mail_made_good(const struct view *v, const struct fact *reply)
{
    struct bytes path = by_reply_path(mail_of(v, reply));
    const struct fact *end = view_reply(v, reply, STEP_END, 200, 299);
    const struct fact *mail = end ? reading_mail_of(v, end) : NULL;
    const struct fact *accepted = mail ? view_reply_to(v, mail) : NULL;
    return accepted && ask_after(v, reply, accepted) && bytes_equal(by_reply_path(mail), path);
}

static bool is_made_good(const struct view *v, const struct fact *reply)
{
    switch (reply->reply.step) {
    case STEP_MAIL:
        return mail_made_good(v, reply);
    case STEP_DATA:
    case STEP_END:
        return mail_accepted_again(v->attempt->timeline, reply);
    case STEP_RCPT: /* judged by the recipient: diagnose.c */
        return false;
    case STEP_AUTH: /* MAIL alone is often accepted from everybody */
        return view_reply(v, reply, STEP_AUTH, 200, 299) ||
               view_reply(v, reply, STEP_RCPT, 200, 299);
    default:
        return ask_went_on(v, reply);
    }
}

void by_reply_tell_all_but_network(const struct view *v, struct finding *f,
                                   const struct fact *reply)
{
    tell_command(v, f, reply);
    tell_envelope(v, f, reply);
    ask_tell_reply(v, f, reply);
    f->stage = (uint8_t)ask_stage(v, reply);
    f->made_good = is_made_good(v, reply);
    finding_time(f, "time", reply->time);
    by_reply_rule_out_steps(v, f, reply);
}

void by_reply_tell(const struct view *v, struct finding *f, const struct fact *reply)
{
    by_reply_tell_all_but_network(v, f, reply);
    ask_rule_out_network(v, f);
}

enum confidence by_reply(const struct view *v, unsigned n, struct finding *f)
{
    const struct fact *reply = by_reply_find(v, n, f->cause->id);
    if (!reply)
        return NO_MATCH;
    by_reply_tell(v, f, reply);
    return reading_of(v, reply).sure;
}
