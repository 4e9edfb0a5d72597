/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/envelope_rules.h"

#include "rules/by_reply.h"

/* --- recipients --- */

/* Has it letters that are no ASCII? Only servers with SMTPUTF8 (RFC 6531) take those in an address. */
static bool has_other_letters(const struct finding *f, const char *name)
{
    const struct value *v = finding_value(f, name);
    for (size_t i = 0; v && v->kind == VALUE_WIRE && i < v->wire.len; i++)
        if (v->wire.at[i] >= 0x80)
            return true;
    return false;
}

/* Two addresses where one was due. */
static bool is_list(const struct finding *f, const char *name)
{
    const struct value *v = finding_value(f, name);
    if (!v || v->kind != VALUE_WIRE)
        return false;
    ptrdiff_t first = bytes_find(v->wire, '@');
    struct bytes rest = first < 0 ? bytes_first(v->wire, 0) : bytes_after(v->wire, (size_t)first + 1);
    return (bytes_find(rest, ',') >= 0 || bytes_find(rest, ';') >= 0) && bytes_find(rest, '@') >= 0;
}

#define SAY_OTHER_LETTERS                                                                             \
    N_("In this address there are letters that many servers do not take there, such as letters with " \
       "an accent, Japanese letters or full-width signs. Plain letters, digits and signs are taken "  \
       "everywhere.")

enum confidence sender_refused(const struct view *v, unsigned n, struct finding *f)
{
    enum confidence sure = by_reply(v, n, f);
    if (sure != NO_MATCH && has_other_letters(f, "sender")) {
        f->meaning = SAY_OTHER_LETTERS;
        finding_advice(f, N_("In the device's mail settings enter a sender address of plain letters, digits and signs only. "
                             "Now it is {sender}"));
        finding_advice(f, DO_ASK_PROVIDER_REPLY);
        f->advice_alone = true;
    } else if (sure != NO_MATCH && !finding_value(f, "sender"))
        finding_advice(f, N_("In the device's mail settings enter as the sender address the "
                             "complete mail address of the account with which the device signs "
                             "in, without blanks and without a name before it."));
    return sure;
}

/* The answer came after the whole mail: what is said of a mail that was never sent does not hold. */
static void rule_out_unsent(struct finding *f, const struct fact *reply)
{
    f->rules_out_alone = reply->reply.step == STEP_END;
}

/* The mail has the empty sender of notices that another mail could not be delivered. */
static bool is_notice(const struct view *v, const struct fact *reply)
{
    const struct fact *mail = reading_mail_of(v, reply);
    return mail && bytes_starts_nocase(mail->command.arg, "<>");
}

enum confidence recipient_unknown(const struct view *v, unsigned n, struct finding *f)
{
    const struct fact *reply = by_reply_find(v, n, f->cause->id);
    if (!reply)
        return NO_MATCH;
    if (is_notice(v, reply)) {
        f->meaning = N_("This mail has no sender: so go notices that another mail could not be delivered. They go to the sender "
                        "address of that other mail, and the server does not know it.");
        finding_advice(f, N_("If {recipient} is set as the sender address on a device here, enter an address there that exists."));
        finding_advice(f, DO_ASK_PROVIDER_REPLY);
        f->advice_alone = true;
    }
    rule_out_unsent(f, reply);
    by_reply_tell(v, f, reply);
    return reading_of(v, reply).sure;
}

enum confidence recipient_refused(const struct view *v, unsigned n, struct finding *f)
{
    const struct fact *reply = by_reply_find(v, n, f->cause->id);
    if (!reply)
        return NO_MATCH;
    const struct fact *signed_in = view_reply(v, NULL, STEP_AUTH, 200, 299);
    if (signed_in && ask_after(v, signed_in, reply)) {
        finding_advice(f, CHECK_RECIPIENT);
        finding_advice(f, DO_ASK_PROVIDER_REPLY);
        f->advice_alone = true; /* no "switch on the sign-in" */
    }
    rule_out_unsent(f, reply);
    by_reply_tell(v, f, reply);
    if (is_list(f, "recipient")) {
        f->meaning = N_("The device named several addresses as if they were one. A mail server takes them one by one.");
        f->advice_count = 0;
        finding_advice(f, N_("In the device's settings enter each recipient in a field of its own, or a single one, and test again. Now it "
                             "is {recipient}"));
        finding_advice(f, DO_UPDATE);
        finding_advice(f, DO_ASK_PROVIDER_REPLY);
        f->advice_alone = true;
    } else if (has_other_letters(f, "recipient")) {
        f->meaning = SAY_OTHER_LETTERS;
        f->advice_count = 0;
        finding_advice(f, N_("In the device's settings enter the recipient's address in plain letters, digits and signs only. "
                             "Now it is {recipient}"));
        finding_advice(f, DO_ASK_PROVIDER_REPLY);
        f->advice_alone = true;
    }
    return reading_of(v, reply).sure;
}

enum confidence sender_header_mismatch(const struct view *v, unsigned n, struct finding *f)
{
    enum confidence sure = by_reply(v, n, f);
    if (sure != NO_MATCH && !finding_value(f, "from_header"))
        finding_advice(f, N_("In the device's mail settings enter the account's own mail address wherever "
                             "a sender can be set: sender address, reply address, administrator's "
                             "address."));
    return sure;
}

enum confidence some_recipients_refused(const struct view *v, unsigned n, struct finding *f)
{
    const struct fact *reply = by_reply_find(v, n, f->cause->id);
    if (!reply)
        return NO_MATCH;
    struct reading reading = reading_of(v, reply);
    finding_word(f, "cause", reading.inner);
    unsigned refused = 0;
    for (const struct fact *r = view_reply(v, NULL, STEP_RCPT, 400, 599); r;
         r = view_reply(v, r, STEP_RCPT, 400, 599)) {
        struct reading other = reading_of(v, r);
        refused +=
            reading_is(&other, f->cause->id) && reading_mail_of(v, r) == reading_mail_of(v, reply);
    }
    finding_number(f, "refused", refused);
    if (strcmp(reading.inner, "too-many-recipients") == 0)
        finding_advice(
            f,
            N_("Give the device fewer recipients: the server takes only so many addresses for one mail."));
    else if (reading.inner && strcmp(reading.inner, "mailbox-full") == 0)
        finding_advice(f,
                       N_("The mailbox of {recipient} is full: its owner must delete mail there."));
    else if (strcmp(reading.inner, "relay-denied") == 0)
        finding_advice(
            f,
            N_("Switch on the sign-in for sending (often \"SMTP authentication\") in the device: without it this server takes mail only "
               "for its own mailboxes."));
    else
        finding_advice(
            f, N_("Check this address in the device's settings letter by letter: {recipient}"));
    by_reply_tell(v, f, reply);
    return reading.sure;
}

enum confidence relay_denied(const struct view *v, unsigned n, struct finding *f)
{
    const struct fact *reply = by_reply_find(v, n, f->cause->id);
    if (!reply)
        return NO_MATCH;
    const struct fact *signed_in = view_reply(v, NULL, STEP_AUTH, 200, 299);
    if (signed_in && ask_after(v, signed_in, reply)) {
        finding_flag(f, "signed_in", true);
        f->meaning =
            N_("The device had signed in, and the server still does not pass this mail on. "
               "It may not be meant for this account, for its sender address, or for mail "
               "to other places.");
        f->advice_alone = true;
        finding_advice(f, N_("Use as the sender address the mail address of the account."));
        finding_advice(f,
                       N_("Check the server name: it must be the outgoing server of the provider "
                          "that also has the account. Now it is {server}."));
        finding_advice(f, DO_ASK_PROVIDER_REPLY);
    }
    by_reply_tell(v, f, reply);
    return reading_of(v, reply).sure;
}

/* --- the message --- */

enum confidence message_rejected(const struct view *v, unsigned n, struct finding *f)
{
    static const char *const virus[] = { "virus", "malware", "infected", NULL };
    static const char *const spam[] = { "spam",   "unsolicited", "junk",  "content",
                                        "policy", "blocked",     "5.7.1", NULL };
    const struct fact *reply = by_reply_find(v, n, f->cause->id);
    if (!reply)
        return NO_MATCH;
    if (ask_text_has_any(reply, virus)) {
        f->headline = N_("The mail server refused the mail because it sees a virus in it.");
        f->meaning = N_("Sender and recipient were accepted. The server's virus scanner objects to the mail "
                        "itself: usually to the file in it, seldom to its text.");
        finding_advice(f, N_("Send a test mail without a picture or a file. If that goes out, it is the "
                             "attached file: set another kind of file for it in the device (for a "
                             "scanner PDF or JPEG, not encrypted and not a ZIP)."));
        finding_advice(f, N_("Check the file on a computer with a virus scanner, if it came from a "
                             "computer."));
        finding_advice(f, DO_ASK_PROVIDER_REPLY);
        f->advice_alone = true;
        finding_word(f, "reason", "virus");
    } else if (ask_text_has_any(reply, spam)) {
        f->headline = N_(
            "The mail server refused the mail because of what is in it (its rules, or its spam filter).");
        finding_word(f, "reason", "policy");
    }
    by_reply_tell(v, f, reply);
    return reading_of(v, reply).sure;
}

enum confidence message_too_big(const struct view *v, unsigned n, struct finding *f)
{
    const struct fact *reply = by_reply_find(v, n, f->cause->id);
    if (!reply)
        return NO_MATCH;
    const struct fact *mail =
        reply->reply.step == STEP_MAIL ? view_asked(v, reply) : reading_mail_of(v, reply);
    const struct fact *list = exchange_list(v, reply),
                      *body = view_before(v, reply, FACT_MESSAGE, SIDE_DEVICE);
    bool sent = reply->reply.step == STEP_END && body;
    uint64_t size = sent ? body->message.bytes : mail ? mail->command.size : 0;
    if (size > 0)
        finding_size(f, "size", (int64_t)size);
    if (list && list->capabilities.size > 0) {
        finding_size(f, "limit", list->capabilities.size);
        finding_proof(f, list);
    }
    /* one recipient's own limit may be lower than the one listed */
    if (list && list->capabilities.size > 0 && size > list->capabilities.size &&
        size / 100000 == list->capabilities.size / 100000)
        f->meaning = N_(
            "The mail is a little bigger than the {limit} that the server takes. Pictures and files in a mail grow by a third on the way.");
    else if (list && list->capabilities.size > 0 && size > list->capabilities.size)
        f->meaning = N_(
            "The mail has {size}, and the server takes at most {limit}. Pictures and files in a mail grow by a third on the way.");
    by_reply_tell(v, f, reply);
    return reading_of(v, reply).sure;
}

/* A message or command that ended in LF alone, and nothing came of it: the server still waits for its end. */
static const struct fact *waits_for_line_end(const struct view *v)
{
    if (v->attempt->one_sided || v->attempt->end == END_OPEN || v->attempt->end == END_EVICTED)
        return NULL;
    const struct fact *body = view_last(v, FACT_MESSAGE, SIDE_DEVICE),
                      *command = view_last(v, FACT_SMTP_COMMAND, SIDE_DEVICE);
    if (body && !body->message.complete && !body->message.gap && body->message.lf_dot_end)
        return view_gap_between(v, body, NULL) ? NULL : body;
    bool bare = command && (command->command.bare_lf || command->command.bare_cr) &&
                command->command.verb != SMTP_QUIT;
    /* a line of nothing known, in a conversation without any SMTP, is rather a piece of encryption */
    bare &= command && (command->command.verb != SMTP_UNKNOWN_VERB ||
                        view_first(v, FACT_SMTP_REPLY, SIDE_SERVER));
    return bare && !view_after(v, command, FACT_SMTP_REPLY, SIDE_SERVER) &&
                   ask_heard_all(v, command)
               ? command
               : NULL;
}

enum confidence message_line_endings(const struct view *v, unsigned n, struct finding *f)
{
    const struct fact *reply = by_reply_find(v, n, f->cause->id);
    if (reply) {
        by_reply_tell(v, f, reply);
        return reading_of(v, reply).sure;
    }
    const struct fact *last = n == 0 ? waits_for_line_end(v) : NULL, *end = ask_end(v);
    if (!last)
        return NO_MATCH;
    finding_proof(f, last);
    finding_proof(f, end);
    f->stage = (uint8_t)ask_due(v, NULL).stage;
    if (last->kind == FACT_MESSAGE)
        f->stage = STAGE_DATA;
    f->headline = N_(
        "This device ends its lines in a way that the mail server does not take as an end, and the server kept waiting.");
    by_reply_rule_out(v, f, last);
    return LIKELY;
}

enum confidence message_malformed(const struct view *v, unsigned n, struct finding *f)
{
    enum { LINE_MAX_RFC = 998 };
    const struct fact *reply = by_reply_find(v, n, f->cause->id);
    if (!reply)
        return NO_MATCH;
    const struct fact *body = view_before(v, reply, FACT_MESSAGE, SIDE_DEVICE);
    if (body && body->message.longest_line > LINE_MAX_RFC) {
        finding_number(f, "longest_line", body->message.longest_line);
        f->meaning = N_(
            "The mail that the device writes has a line of {longest_line} characters; 998 are allowed. The server refuses such mail "
            "whatever its content.");
        finding_advice(f, N_("If the subject, the text or the destinations of the mail can be set "
                             "on the device, make them shorter."));
        finding_advice(f, DO_UPDATE);
        finding_advice(f, DO_ASK_PROVIDER_REPLY);
        f->advice_alone = true;
    }
    by_reply_tell(v, f, reply);
    return reading_of(v, reply).sure;
}

enum confidence message_not_finished(const struct view *v, struct finding *f)
{
    const struct fact *body = view_last(v, FACT_MESSAGE, SIDE_DEVICE);
    if (!body || body->message.complete)
        return NO_MATCH;
    const struct fact *go = view_reply(v, NULL, STEP_DATA, 300, 399);
    const struct fact *end = ask_end(v), *waited = NULL; /* waited: the server's word that it did */
    if (body->message.gap || v->attempt->end == END_OPEN || v->attempt->end == END_EVICTED ||
        v->attempt->one_sided || v->attempt->snapped || (!go && !body->message.bdat) ||
        v->attempt->direction[SIDE_DEVICE].unanswered_resends >= 3)
        return NO_MATCH;
    /* The server's own no in the middle of the message is the reason then. */
    const struct fact *said = go ? view_after(v, go, FACT_SMTP_REPLY, SIDE_SERVER) : NULL;
    for (; said; said = view_after(v, said, FACT_SMTP_REPLY, SIDE_SERVER)) {
        struct reading reading = reading_of(v, said);
        if (said->reply.code >= 400 && !reading_is(&reading, f->cause->id))
            return NO_MATCH;
        if (said->reply.code >= 400)
            waited = said;
    }
    if (view_gap_between(v, go, NULL))
        return NO_MATCH;
    finding_proof(f, go);
    finding_proof(f, waited ? waited : end ? end : body);
    finding_number(f, "bytes", (int64_t)body->message.bytes);
    f->stage = STAGE_DATA;
    if (waited) {
        ask_tell_reply(v, f, waited);
        f->headline = N_(
            "This device stopped in the middle of the mail, until the server had waited long enough.");
    } else if (body->message.lf_dot_end) {
        return NO_MATCH; /* message-line-endings */
    } else if (end && end->from == SIDE_DEVICE)
        f->headline = N_("This device broke off in the middle of the mail.");
    else if (end)
        f->headline = N_("The mail server ended the connection in the middle of the mail.");
    by_reply_rule_out_steps(v, f, end ? end : body); /* the network may be the reason */
    return CERTAIN;
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

/* Only recipients asked for, each time from the empty sender: how mail servers look whether an address exists. */
static bool is_address_probe(const struct view *v)
{
    const struct fact *mail;
    for (unsigned n = 0; (mail = view_command(v, SMTP_MAIL, n)); n++)
        if (!bytes_starts_nocase(mail->command.arg, "<>") || mail->flags & FACT_CLIPPED)
            return false;
    return view_command(v, SMTP_RCPT, 0) != NULL;
}

enum confidence device_quit_early(const struct view *v, struct finding *f)
{
    if (v->summary->accepted > 0 || v->attempt->one_sided || v->attempt->snapped ||
        !v->attempt->start_seen || !error_free(v) || ask_hidden(v))
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
    bool begun = view_command(v, SMTP_MAIL, 0) != NULL && !is_address_probe(v);
    f->ends_no_mail = !begun;
    f->stage = (uint8_t)ask_due(v, end).stage;
    if (!begun && view_command(v, SMTP_MAIL, 0))
        f->meaning =
            N_("Mail servers ask like this, with an empty sender, whether an address exists. "
               "No mail was to be sent.");
    if (begun) {
        f->headline = N_("This device began a mail, was refused nothing, and ended the "
                         "conversation all the same.");
        f->meaning = N_(
            "Sender and recipient were accepted. Before the mail itself the device said goodbye.");
        finding_advice(f, N_("Look on the device for an error of its own, for example a missing "
                             "picture or file, and send a test mail."));
        f->advice_alone = true;
    }
    by_reply_rule_out(v, f, end);
    return POSSIBLE;
}
