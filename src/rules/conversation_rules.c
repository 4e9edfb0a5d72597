/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/by_reply.h"
#include "rules/envelope_rules.h"

/* --- waiting --- */

enum confidence device_silent(const struct view *v, unsigned n, struct finding *f)
{
    const struct fact *reply = by_reply_find(v, n, f->cause->id);
    if (!reply)
        return NO_MATCH;
    const struct fact *last = NULL;
    for (const struct fact *x = ask_begin(v); x && x != reply; x = ask_next(v, x))
        if (x->kind >= FACT_OTHER_PROTOCOL || x->kind == FACT_OPEN)
            last = x;
    finding_proof(f, last);
    if (last && last->time != TIME_NONE && reply->time > last->time)
        finding_span(f, "waited", reply->time - last->time);
    if (last && last->kind == FACT_SMTP_REPLY && last->reply.step < STEP_RSET)
        finding_word(f, "step", smtp_step_name((enum smtp_step)last->reply.step));
    if (!finding_value(f, "waited"))
        f->headline = N_("The mail server waited for this device in vain and then hung up.");
    by_reply_tell_all_but_network(v, f, reply); /* what the device sent may have got lost */
    return reading_of(v, reply).sure;
}

/* --- a command --- */

enum confidence helo_refused(const struct view *v, unsigned n, struct finding *f)
{
    const struct fact *reply = by_reply_find(v, n, f->cause->id);
    if (!reply)
        return NO_MATCH;
    if (v->summary->ehlo)
        finding_wire(f, "hello", v->summary->ehlo->command.arg);
    by_reply_tell(v, f, reply);
    return reading_of(v, reply).sure;
}

/* EHLO was refused and HELO taken: the way that RFC 5321 3.2 gives for an old server. */
static bool fell_back_to_helo(const struct view *v, const struct fact *reply)
{
    const struct fact *asked = view_asked(v, reply), *taken = view_reply(v, reply, STEP_EHLO, 200, 299);
    const struct fact *again = view_asked(v, taken);
    return asked && again && asked->command.verb == SMTP_EHLO && again->command.verb == SMTP_HELO;
}

static void say_rejected(const struct view *v, struct finding *f, const struct fact *reply)
{
    if (fell_back_to_helo(v, reply)) {
        f->headline = N_("The mail server does not know the newer greeting, EHLO (its answer: {code}); the device went on with the older one, HELO.");
        f->meaning = N_("The server, or a firewall in front of it, is an old one. After the older greeting a server can offer neither encryption nor a "
                        "sign-in, but a mail can be handed in.");
        finding_advice(f, N_("Nothing has to be changed on the device for this."));
        f->advice_alone = true;
        return;
    }
    switch (reply->reply.step) {
    case STEP_AUTH:
        f->headline = N_("The mail server refuses this device's sign-in (its answer: {code}).");
        break;
    case STEP_EHLO:
        f->headline = N_(
            "The mail server refuses the way in which this device introduces itself (its answer: {code}).");
        break;
    default:
        if (!view_asked(v, reply))
            f->headline =
                N_("The mail server ended the attempt with an error (its answer: {code}).");
    }
}

/* "MAIL FROM:Camera <door@example.jp>": the name that is meant for the reader's eyes stands where it must not. */
static void say_name_before_address(struct finding *f, const struct fact *mail)
{
    if (!mail || mail->command.verb != SMTP_MAIL)
        return;
    struct bytes arg = mail->command.arg;
    while (arg.len > 0 && arg.at[0] == ' ')
        arg = bytes_after(arg, 1);
    if (bytes_find(arg, '<') <= 0 || bytes_find(arg, '@') < bytes_find(arg, '<'))
        return;
    finding_wire(f, "sender_text", arg);
    f->headline = N_("The mail server refuses the way in which this device names the sender (its answer: {code}).");
    f->meaning = N_("The device named the sender with more than the bare address. A mail server takes only the address there; a name "
                    "for the reader belongs into the mail itself.");
    finding_advice(f, N_("In the device's mail settings enter as the sender address the bare address, without a name before it. Now the "
                         "device sends: {sender_text}"));
}

enum confidence command_rejected(const struct view *v, unsigned n, struct finding *f)
{
    const struct fact *reply = by_reply_find(v, n, f->cause->id);
    if (!reply)
        return NO_MATCH;
    uint8_t step = reply->reply.step;
    say_rejected(v, f, reply);
    by_reply_tell(v, f, reply);
    say_name_before_address(f, view_asked(v, reply));
    f->made_good |= ask_went_on(v, reply);
    /* Side commands (NOOP, HELP, VRFY …) whose refusal stops nothing. After a goodbye either side may close. */
    const struct fact *asked = view_asked(v, reply);
    bool known = asked && asked->command.verb != SMTP_UNKNOWN_VERB;
    bool left = ask_ended_by(v, SIDE_DEVICE) || (known && view_reply(v, NULL, STEP_QUIT, 200, 299));
    f->ends_no_mail = (step == STEP_OTHER || step == STEP_RSET) && !ask_mail_open(v) && left;
    if (step >= STEP_AUTH)
        ask_rule_out_password(v, f);
    return reading_of(v, reply).sure;
}

/* --- out of turn --- */

/* Words of the device before the greeting that the server refuses, or in clear text behind STARTTLS, where no
 * encryption came of it. answer: the server's word on it. */
static const struct fact *spoke_early(const struct view *v, const struct fact **answer)
{
    const struct fact *said = view_first(v, FACT_SMTP_COMMAND, SIDE_DEVICE);
    while (said && !said->command.early)
        said = view_after(v, said, FACT_SMTP_COMMAND, SIDE_DEVICE);
    if (!said || v->summary->accepted > 0 || view_after(v, said, FACT_TLS_UP, ANY_SIDE))
        return NULL;
    *answer = ask_starttls_ready(v);
    if (*answer)
        return said;
    *answer = view_after(v, said, FACT_SMTP_REPLY, SIDE_SERVER);
    return *answer && (*answer)->reply.code >= 400 && (*answer)->reply.step <= STEP_EHLO ? said
                                                                                         : NULL;
}

enum confidence device_out_of_turn(const struct view *v, unsigned n, struct finding *f)
{
    const struct fact *reply = by_reply_find(v, n, f->cause->id);
    if (reply) {
        const struct fact *asked = view_asked(v, reply);
        bool sign_in = asked && asked->command.secret;
        by_reply_tell(v, f, reply);
        for (const struct fact *r = view_before(v, reply, FACT_SMTP_REPLY, SIDE_SERVER); r;
             r = view_before(v, r, FACT_SMTP_REPLY, SIDE_SERVER))
            f->made_good |= r->reply.code >= 400; /* what was refused before it is the reason */
        if (reply->reply.step <= STEP_EHLO)
            finding_proof(f, view_before(v, reply, FACT_SMTP_COMMAND, SIDE_DEVICE));
        if (sign_in) {
            f->stage = STAGE_AUTH;
            f->headline = N_(
                "This device sent its name and password although the server had refused the sign-in already.");
            f->meaning = N_(
                "The server had said no, and the device went on as if it had said yes. Then the server takes name and password for "
                "commands, and may show them in its answers and its log.");
            finding_advice(f, N_("Once mail goes out, change the password of this mail account: the "
                                 "server may have written it into its log."));
            finding_advice(f, DO_UPDATE);
            f->advice_alone = true;
        } else if (f->made_good) {
            f->headline = N_("This device went on after a refusal as if there had been none, and the mail server does not allow that.");
            finding_advice(f, N_("Mend what was refused before it; then this does not come up."));
            f->advice_alone = true;
        }
        return reading_of(v, reply).sure;
    }
    const struct fact *answer = NULL, *said = n == 0 ? spoke_early(v, &answer) : NULL;
    if (!said)
        return NO_MATCH;
    finding_proof(f, said);
    ask_tell_reply(v, f, answer);
    f->stage = (uint8_t)ask_stage(v, answer);
    if (answer->reply.step == STEP_STARTTLS) {
        f->headline = N_(
            "This device went on in clear text before the server had agreed to the switch to encryption.");
        finding_advice(f, DO_SSL_465);
        finding_advice(f, DO_UPDATE);
        finding_advice(f, DO_RELAY);
        f->advice_alone = true;
    }
    by_reply_rule_out(v, f, answer);
    return CERTAIN;
}
