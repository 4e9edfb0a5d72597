/* SPDX-License-Identifier: BSD-3-Clause */
/* Envelope and message (RFC 5321): what the server refused, put off, or waited for in vain. */
#include "rules/ask.h"

/* --- refusals of one mail --- */

/* The MAIL command of the mail to which a fact belongs; NULL. */
static const struct fact *mail_of(const struct view *v, const struct fact *fact)
{
    const struct fact *mail = view_before(v, fact, FACT_SMTP_COMMAND, SIDE_DEVICE);
    while (mail && mail->command.verb != SMTP_MAIL)
        mail = view_before(v, mail, FACT_SMTP_COMMAND, SIDE_DEVICE);
    return mail;
}

/* Was the refused step taken again with success, and the mail accepted after all? */
static bool made_good(const struct view *v, const struct fact *reply, enum smtp_step step)
{
    const struct fact *again = view_reply(v, reply, step, 200, 399);
    const struct fact *end = view_reply(v, reply, STEP_END, 200, 299);
    return again && end && step != STEP_RCPT;
}

static void tell_command(const struct view *v, struct finding *f, const struct fact *reply)
{
    const struct fact *command = view_asked(v, reply);
    if (!command)
        return;
    finding_proof(f, command);
    if (command->command.verb != SMTP_UNKNOWN_VERB &&
        smtp_verb_name((enum smtp_verb)command->command.verb)[0] != '\0')
        finding_word(f, "command", smtp_verb_name((enum smtp_verb)command->command.verb));
    else if (command->command.verb == SMTP_UNKNOWN_VERB && !command->command.secret &&
             command->command.arg.len > 0)
        finding_wire(f, "command", command->command.arg);
}

/* What was accepted before this reply is ruled out. */
static void rule_out_before(const struct view *v, struct finding *f, const struct fact *reply)
{
    const struct fact *signed_in = view_reply(v, NULL, STEP_AUTH, 200, 299);
    if (signed_in && ask_after(v, signed_in, reply))
        finding_rules_out(f, N_("The user name and the password: the server accepted them."));
    if (!ask_clear(reply))
        finding_rules_out(f, SAY_ENCRYPTION_WORKS);
    ask_rule_out_network(v, f);
}

static const struct fact *nth_reply(const struct view *v, unsigned n, enum smtp_step step,
                                    unsigned lowest, unsigned highest)
{
    const struct fact *reply = view_reply(v, NULL, step, lowest, highest);
    while (reply && n-- > 0)
        reply = view_reply(v, reply, step, lowest, highest);
    return reply;
}

/* The mailbox in MAIL FROM:<…> or RCPT TO:<…>, empty where there is none. */
static struct bytes path_of(const struct fact *command)
{
    struct bytes none = { NULL, 0 };
    if (!command)
        return none;
    ptrdiff_t open = bytes_find(command->command.arg, '<');
    if (open < 0)
        return none;
    struct bytes rest = bytes_after(command->command.arg, (size_t)open + 1);
    ptrdiff_t close = bytes_find(rest, '>');
    return close < 0 ? none : bytes_first(rest, (size_t)close);
}

static enum confidence sender_refused(const struct view *v, unsigned n, struct finding *f)
{
    const struct fact *reply = nth_reply(v, n, STEP_MAIL, 505, 599);
    if (!reply || view_text_has(reply, "starttls"))
        return NO_MATCH;
    tell_command(v, f, reply);
    struct bytes sender = path_of(view_asked(v, reply));
    if (sender.len > 0)
        finding_wire(f, "sender", sender);
    ask_tell_reply(v, f, reply);
    f->stage = STAGE_ENVELOPE;
    f->made_good = made_good(v, reply, STEP_MAIL);
    rule_out_before(v, f, reply);
    return CERTAIN;
}

/* Refusals of recipients, those of one mail together: the first of the nth such mail. A 503 after a
 * refused MAIL follows from that. */
static const struct fact *refused_recipient(const struct view *v, unsigned n)
{
    const struct fact *last_mail = NULL;
    for (const struct fact *r = view_reply(v, NULL, STEP_RCPT, 500, 599); r;
         r = view_reply(v, r, STEP_RCPT, 500, 599)) {
        const struct fact *mail = mail_of(v, r);
        if (r->reply.code == 503 || (mail && mail == last_mail))
            continue;
        last_mail = mail;
        if (n-- == 0)
            return r;
    }
    return NULL;
}

static enum confidence recipient_refused(const struct view *v, unsigned n, struct finding *f)
{
    const struct fact *reply = refused_recipient(v, n);
    if (!reply || view_text_has(reply, "starttls"))
        return NO_MATCH;
    tell_command(v, f, reply);
    struct bytes recipient = path_of(view_asked(v, reply));
    if (recipient.len > 0)
        finding_wire(f, "recipient", recipient);
    ask_tell_reply(v, f, reply);
    f->stage = STAGE_ENVELOPE;
    rule_out_before(v, f, reply);
    return CERTAIN;
}

static enum confidence message_rejected(const struct view *v, unsigned n, struct finding *f)
{
    const struct fact *reply = nth_reply(v, n, STEP_END, 500, 599);
    if (!reply)
        return NO_MATCH;
    finding_proof(f, view_before(v, reply, FACT_MESSAGE, SIDE_DEVICE));
    ask_tell_reply(v, f, reply);
    f->stage = STAGE_DATA;
    static const char *const virus[] = { "virus", "malware", "infected", NULL };
    static const char *const spam[] = { "spam",   "unsolicited", "junk",  "content",
                                        "policy", "blocked",     "5.7.1", NULL };
    if (ask_text_has_any(reply, virus)) {
        f->headline = N_("The mail server refused the mail because it sees a virus in it.");
        finding_word(f, "reason", "virus");
    } else if (ask_text_has_any(reply, spam)) {
        f->headline = N_("The mail server refused the mail because of what is in it (its rules, or "
                         "its spam filter).");
        finding_word(f, "reason", "policy");
    }
    rule_out_before(v, f, reply);
    return CERTAIN;
}

static enum confidence message_not_finished(const struct view *v, struct finding *f)
{
    const struct fact *body = view_last(v, FACT_MESSAGE, SIDE_DEVICE);
    const struct fact *go = view_reply(v, NULL, STEP_DATA, 300, 399);
    const struct fact *end = ask_end(v);
    if (!body || body->message.complete || body->message.gap || v->attempt->end == END_OPEN ||
        v->attempt->end == END_EVICTED || v->attempt->one_sided || v->attempt->snapped ||
        (!go && !body->message.bdat) || v->attempt->direction[SIDE_DEVICE].unanswered_resends >= 3)
        return NO_MATCH;
    /* The server's own no in the middle of the message is the reason then. */
    const struct fact *said = go ? view_after(v, go, FACT_SMTP_REPLY, SIDE_SERVER) : NULL;
    for (; said; said = view_after(v, said, FACT_SMTP_REPLY, SIDE_SERVER)) {
        if (said->reply.code >= 400 && view_before(v, said, FACT_SMTP_REPLY, SIDE_SERVER) != NULL)
            return NO_MATCH;
    }
    if (view_gap_between(v, go, NULL))
        return NO_MATCH;
    finding_proof(f, go);
    finding_proof(f, end ? end : body);
    finding_number(f, "bytes", (int64_t)body->message.bytes);
    f->stage = STAGE_DATA;
    if (end && end->from == SIDE_DEVICE)
        f->headline = N_("This device broke off in the middle of the mail.");
    else if (end)
        f->headline = N_("The mail server ended the connection in the middle of the mail.");
    rule_out_before(v, f, end ? end : body);
    return CERTAIN;
}

/* --- not now --- */

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

static enum confidence server_busy(const struct view *v, struct finding *f)
{
    for (const struct fact *r = view_first(v, FACT_SMTP_REPLY, SIDE_SERVER); r;
         r = view_after(v, r, FACT_SMTP_REPLY, SIDE_SERVER)) {
        if (r->reply.code != 421 || r->reply.step == STEP_QUIT || nothing_wanted(v, r) ||
            ask_is_stray(v, r))
            continue;
        static const char *const idle[] = { "timeout", "timed out", "time out",
                                            "idle",    "inactiv",   NULL };
        tell_command(v, f, r);
        ask_tell_reply(v, f, r);
        f->stage = (uint8_t)ask_stage(v, r);
        if (ask_text_has_any(r, idle)) {
            f->headline = N_("The mail server ended the conversation because it had waited too "
                             "long (its answer: {code}).");
            f->meaning = N_("The server says that the time was up. It had waited for something "
                            "from the device.");
        }
        rule_out_before(v, f, r);
        return CERTAIN;
    }
    return NO_MATCH;
}

static enum confidence server_temporary_error(const struct view *v, unsigned n, struct finding *f)
{
    for (const struct fact *r = view_first(v, FACT_SMTP_REPLY, SIDE_SERVER); r;
         r = view_after(v, r, FACT_SMTP_REPLY, SIDE_SERVER)) {
        uint8_t step = r->reply.step;
        if (r->reply.code < 400 || r->reply.code > 499 || r->reply.code == 421 ||
            step == STEP_QUIT || step == STEP_RSET || step == STEP_OTHER ||
            view_text_has(r, "starttls") || (step == STEP_STARTTLS && r->reply.code == 454) ||
            ask_is_stray(v, r))
            continue;
        if (n-- > 0)
            continue;
        tell_command(v, f, r);
        ask_tell_reply(v, f, r);
        f->stage = (uint8_t)ask_stage(v, r);
        bool got_on = step < STEP_MAIL ? ask_went_on(v, r) : made_good(v, r, (enum smtp_step)step);
        f->made_good = got_on;
        if (step == STEP_AUTH) {
            f->headline =
                N_("The mail server cannot check the sign-in just now (its answer: {code}).");
            f->meaning = N_(
                "The device signed in, and the server said that this does not work at the moment.");
        }
        rule_out_before(v, f, r);
        return CERTAIN;
    }
    return NO_MATCH;
}

/* --- a command --- */

/* A no that only follows from an earlier one: RCPT without MAIL, DATA without RCPT. */
static bool follows_from_refusal(const struct view *v, const struct fact *reply)
{
    if (reply->reply.step != STEP_DATA && reply->reply.step != STEP_RCPT)
        return false;
    enum smtp_step before = reply->reply.step == STEP_DATA ? STEP_RCPT : STEP_MAIL;
    bool refused = false, accepted = false;
    for (const struct fact *f = ask_next(v, mail_of(v, reply)); f && f != reply;
         f = ask_next(v, f)) {
        if (f->kind != FACT_SMTP_REPLY)
            continue;
        refused |= f->reply.code >= 400 && (f->reply.step == before || f->reply.step == STEP_MAIL);
        accepted |= f->reply.code < 300 && f->reply.step == before;
    }
    return refused && !accepted;
}

/* Is this no one that command-rejected is for? */
static bool is_rejection(const struct view *v, const struct fact *r)
{
    uint8_t step = r->reply.step;
    if (r->reply.code < 500 || step == STEP_QUIT || step == STEP_STARTTLS || step == STEP_END ||
        view_text_has(r, "starttls"))
        return false;
    if (step == STEP_MAIL && r->reply.code > 504)
        return false;
    if (step == STEP_RCPT && r->reply.code != 503)
        return false;
    return !follows_from_refusal(v, r) && !ask_is_stray(v, r) &&
           !view_before(v, r, FACT_SMTP_NOISE, SIDE_DEVICE);
}

static enum confidence command_rejected(const struct view *v, unsigned n, struct finding *f)
{
    for (const struct fact *r = view_first(v, FACT_SMTP_REPLY, SIDE_SERVER); r;
         r = view_after(v, r, FACT_SMTP_REPLY, SIDE_SERVER)) {
        if (!is_rejection(v, r) || n-- > 0)
            continue;
        tell_command(v, f, r);
        ask_tell_reply(v, f, r);
        f->stage = (uint8_t)ask_stage(v, r);
        f->made_good = ask_went_on(v, r);
        uint8_t step = r->reply.step;
        /* Side commands (NOOP, VRFY …) whose refusal stops nothing. */
        f->ends_no_mail = (step == STEP_OTHER || step == STEP_RSET) && !ask_mail_open(v) &&
                          ask_ended_by(v, SIDE_DEVICE);
        if (step == STEP_GREETING) {
            f->headline =
                N_("The mail server turned this device away at once (its answer: {code}).");
            f->meaning = N_("The server said no as soon as the device connected, before the device "
                            "had said anything.");
        } else if (step == STEP_AUTH) {
            f->headline = N_("The mail server refuses this device's sign-in (its answer: {code}).");
        } else if (step == STEP_EHLO) {
            f->headline = N_("The mail server refuses the way in which this device introduces "
                             "itself (its answer: {code}).");
        } else if (!view_asked(v, r)) {
            f->headline =
                N_("The mail server ended the attempt with an error (its answer: {code}).");
        }
        ask_rule_out_password(v, f);
        rule_out_before(v, f, r);
        return CERTAIN;
    }
    return NO_MATCH;
}

/* --- the device leaves --- */

/* After the last thing that the device was told; NULL where an error was among it. */
static bool error_free(const struct view *v)
{
    return view_first(v, FACT_SMTP_REPLY, SIDE_SERVER) && !v->summary->anything_refused &&
           !view_first(v, FACT_SMTP_NOISE, ANY_SIDE) && !view_first(v, FACT_GAP, ANY_SIDE) &&
           !view_first(v, FACT_TLS_BROKEN, ANY_SIDE) &&
           !view_first(v, FACT_OTHER_PROTOCOL, ANY_SIDE);
}

/* QUIT, or the device's FIN where nothing was due; its RST too, where it had not begun a mail. */
static const struct fact *orderly_end(const struct view *v)
{
    const struct fact *quit = view_command(v, SMTP_QUIT, 0), *end = ask_end(v);
    if (quit && end && end->from == SIDE_SERVER && ask_after(v, end, quit))
        return NULL; /* only a farewell to a server that had gone */
    if (quit)
        return ask_due(v, quit).asked ? NULL : quit;
    if (!end || end->from != SIDE_DEVICE || ask_due(v, end).asked)
        return NULL;
    if (end->kind == FACT_RST && (view_command(v, SMTP_MAIL, 0) ||
                                  (end->rst.usual_ttl && end->rst.ttl != end->rst.usual_ttl)))
        return NULL;
    return end;
}

static enum confidence device_quit_early(const struct view *v, struct finding *f)
{
    if (!error_free(v) || v->attempt->one_sided || v->attempt->snapped || !v->attempt->start_seen ||
        v->summary->accepted > 0 || ask_hidden(v))
        return NO_MATCH;
    const struct fact *hello = view_command(v, SMTP_EHLO, 0) ? view_command(v, SMTP_EHLO, 0)
                                                             : view_command(v, SMTP_HELO, 0);
    const struct fact *end = orderly_end(v);
    if (!hello || !end || view_command(v, SMTP_DATA, 0) || view_command(v, SMTP_BDAT, 0))
        return NO_MATCH;
    /* STARTTLS was agreed and no handshake came to its end: other causes tell that. */
    if (ask_starttls_ready(v) && !view_first(v, FACT_TLS_UP, ANY_SIDE))
        return NO_MATCH;
    const struct fact *told = view_before(v, end, FACT_SMTP_REPLY, SIDE_SERVER);
    finding_proof(f, told);
    finding_proof(f, end);
    if (told) {
        finding_number(f, "code", told->reply.code);
        if (told->reply.text.len > 0)
            finding_wire(f, "text", told->reply.text);
    }
    bool begun = view_command(v, SMTP_MAIL, 0) != NULL;
    f->ends_no_mail = !begun;
    f->stage = (uint8_t)ask_due(v, end).stage;
    if (begun) {
        f->headline = N_("This device began a mail, was refused nothing, and ended the "
                         "conversation all the same.");
        f->meaning = N_(
            "Sender and recipient were accepted. Before the mail itself the device said goodbye.");
        finding_advice(f, N_("Look on the device for an error of its own, for example a missing "
                             "picture or file, and send a test mail."));
    }
    rule_out_before(v, f, end);
    return POSSIBLE;
}

static const struct cause rows[] = {
    { .id = "sender-refused",
      .severity = SEVERITY_FAILURE,
      .fallback = true,
      .needs = FACT_BIT(FACT_SMTP_REPLY),
      .match_nth = sender_refused,
      .title = N_("The server refuses the sender address"),
      .headline =
          N_("The mail server refuses this mail when it hears the sender (its answer: {code})."),
      .meaning = N_("The device told the server from whom the mail comes, and the server said no. "
                    "Often the sender address is the reason; the server's own words tell more."),
      .explain = N_(
          "MAIL was answered with a code from 505 up, and no more exact cause explains the text."),
      .rules_out = { SAY_MAIL_NOT_SENT },
      .advice = { N_("In the device's mail settings enter as the sender address the mail address "
                     "of the account with which the device signs in. Now it is {sender}"),
                  DO_ASK_PROVIDER_REPLY },
      .rfc = "RFC 5321 3.3" },

    { .id = "recipient-refused",
      .severity = SEVERITY_FAILURE,
      .fallback = true,
      .needs = FACT_BIT(FACT_SMTP_REPLY),
      .match_nth = recipient_refused,
      .title = N_("The server refuses a recipient"),
      .headline =
          N_("The mail server refuses this mail when it hears the recipient (its answer: {code})."),
      .meaning =
          N_("The device told the server for whom the mail is, and the server said no. It can be "
             "the address, or a rule about who may send to it; the server's own words tell more."),
      .explain = N_(
          "RCPT was answered with a code from 500 up, and no more exact cause explains the text."),
      .rules_out = { SAY_MAIL_NOT_SENT },
      .advice = { N_("Check the address in the device's settings letter by letter: {recipient}"),
                  N_("Switch on the sign-in for sending (often \"SMTP authentication\"), if it is "
                     "off: many servers pass mail to other places only for those who sign in."),
                  DO_ASK_PROVIDER_REPLY },
      .rfc = "RFC 5321 3.3" },

    { .id = "message-rejected",
      .severity = SEVERITY_FAILURE,
      .fallback = true,
      .needs = FACT_BIT(FACT_SMTP_REPLY),
      .match_nth = message_rejected,
      .title = N_("The server refuses the finished mail"),
      .headline =
          N_("The mail server took the whole mail and then refused it (its answer: {code})."),
      .meaning = N_("Sender and recipient were accepted. After the text of the mail the server "
                    "said no, so it is about the mail itself or about a rule of the server."),
      .explain = N_("The final dot was answered with a code from 500 up. Texts on policy, spam or "
                    "viruses are told apart."),
      .rules_out = { N_(
          "The sender and the recipient: the server accepted at least one of each.") },
      .advice = { DO_ASK_PROVIDER_REPLY,
                  N_("Change subject and text in the device's mail settings, send without a "
                     "picture or a file, and see whether that goes out."),
                  N_("Use as the sender address the mail address of the account with which the "
                     "device signs in.") },
      .rfc = "RFC 5321 4.5.3" },

    { .id = "message-not-finished",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(FACT_MESSAGE),
      .match = message_not_finished,
      .title = N_("The mail broke off in the middle"),
      .headline = N_("The connection ended in the middle of the mail."),
      .meaning = N_("The device had begun to send the text of the mail. The end of the text never "
                    "came, so the server throws away what it has."),
      .explain = N_("DATA (or BDAT) was begun and the connection ended without the final dot "
                    "(without the last part)."),
      .rules_out = { N_(
          "The sender and the recipient: the server accepted at least one of each.") },
      .advice = { N_("Send a test mail without a picture or a file. If that goes out, make the "
                     "pictures smaller in the device's settings."),
                  N_("Check the device's network cable or its Wi-Fi signal."),
                  N_("If there is a firewall or a virus scanner that looks into mail, switch that "
                     "off for this device and try again.") },
      .rfc = "RFC 5321 4.1.1.4" },

    { .id = "server-busy",
      .severity = SEVERITY_FAILURE,
      .fallback = true,
      .needs = FACT_BIT(FACT_SMTP_REPLY),
      .match = server_busy,
      .title = N_("The server ends the conversation for now (421)"),
      .headline = N_("The mail server ended the conversation for now (its answer: {code})."),
      .meaning = N_("The server says that it cannot go on at the moment and hangs up. Often it is "
                    "busy or being worked on. It is worth trying again."),
      .explain = N_("A reply 421 at any step, whose text no more exact cause explains."),
      .rules_out = { SAY_SERVER_NAME_WORKS },
      .advice = { DO_TRY_LATER, DO_ASK_PROVIDER_REPLY },
      .rfc = "RFC 5321 3.8" },

    { .id = "server-temporary-error",
      .severity = SEVERITY_FAILURE,
      .fallback = true,
      .needs = FACT_BIT(FACT_SMTP_REPLY),
      .match_nth = server_temporary_error,
      .title = N_("The server cannot take the mail just now"),
      .headline = N_("The mail server cannot take this mail just now (its answer: {code})."),
      .meaning = N_("The server did not refuse for good. It asks the device to try again later. "
                    "Many small devices do not do that by themselves."),
      .explain = N_("A reply from 400 to 499 other than 421 ended the attempt, and no more exact "
                    "cause explains its text."),
      .rules_out = { SAY_SERVER_NAME_WORKS },
      .advice = { DO_TRY_LATER, DO_ASK_PROVIDER_REPLY },
      .rfc = "RFC 5321 4.2.1" },

    { .id = "command-rejected",
      .severity = SEVERITY_FAILURE,
      .fallback = true,
      .needs = FACT_BIT(FACT_SMTP_REPLY),
      .match_nth = command_rejected,
      .title = N_("The server refuses a command of the device"),
      .headline =
          N_("The mail server refuses the device's command {command} (its answer: {code})."),
      .meaning = N_("Device and server speak in short commands. The server did not accept one of "
                    "them and gave an error as its answer."),
      .explain = N_("A reply from 500 up ended the attempt, and no more exact cause explains it. A "
                    "refused command after which the same mail goes through is told as a warning."),
      .rules_out = { SAY_SERVER_NAME_WORKS },
      .advice = { DO_ASK_PROVIDER_REPLY, DO_CHECK_PLACE, DO_UPDATE },
      .rfc = "RFC 5321 4.2" },

    { .id = "device-quit-early",
      .severity = SEVERITY_FAILURE,
      .fallback = true,
      .needs = FACT_BIT(FACT_SMTP_REPLY),
      .match = device_quit_early,
      .title = N_("The device ends the conversation before its mail"),
      .headline = N_("This device ended the conversation in good order without handing in a mail."),
      .meaning = N_("The server refused nothing. The device said goodbye before it had begun a "
                    "mail; perhaps it was only a test of the connection."),
      .explain =
          N_("QUIT or the device's FIN without any error before it: before MAIL (perhaps a test), "
             "or between MAIL and DATA. What the server had said last is among the values."),
      .rules_out = { N_("The mail server: it refused nothing.") },
      .advice = { N_("If a mail should have gone out, send a test mail from the device and look "
                     "for an error on its screen.") },
      .rfc = "RFC 5321 4.1.1.10" },
};

const struct causes causes_envelope = { rows, sizeof rows / sizeof *rows };
