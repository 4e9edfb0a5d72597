/* SPDX-License-Identifier: BSD-3-Clause */
/* Inside encryption, without the key: what derive/infer read from sizes and turns of the records.
 * */
#include "rules/ask.h"
#include "rules/certificate_problem.h"

#define SAY_HOW                                                                                    \
    N_("What device and server said is encrypted. But they take turns, and their lines are short " \
       "and known, so the sizes of the encrypted pieces give much away.")
#define DO_ASK_FOR_LOG                                                                             \
    N_("Ask the mail provider, or whoever runs the mail server, what its log says of {time}: its " \
       "exact words are encrypted here.")
/* not its size: devices announce that with the sender */
#define SAY_TEXT_NOT_SENT N_("The text of the mail: it was never sent.")
#define DO_SIGN_IN N_("Make sure that the sign-in for sending (often \"SMTP authentication\") is switched on.")
#define DO_GIVE_KEY                                                                                \
    N_("If the mail server is your own, take its key log along with the capture (--keylog): then " \
       "everything is told word for word.")

/* Did the device hand over a message in this conversation, before or after what was refused? */
static bool message_sent(const struct inferred *i)
{
    for (size_t at = 0; at < i->step_count; at++)
        if (i->steps[at].kind == FACT_MESSAGE)
            return true;
    return i->steps_left_out > 0; /* perhaps among these */
}

/* Is this what the sizes say? Fills what all of these findings have in common. */
static enum confidence read_as(const struct view *v, struct finding *f, enum inferred_result result,
                               enum stage stage)
{
    const struct inferred *i = &v->summary->inferred;
    if (i->confidence == INFERRED_NOTHING || i->result != result)
        return NO_MATCH;
    bool likely = ask_inferred_likely(v);
    if (i->auth_frame > 0 && stage == STAGE_AUTH)
        finding_proof_frame(f, i->auth_frame, i->auth_time);
    if (i->decisive_frame > 0)
        finding_proof_frame(f, i->decisive_frame, i->decisive_time);
    else
        finding_proof(f, v->summary->tls_up);
    if (i->method != AUTH_NONE)
        finding_word(f, "method", auth_mechanism_name((enum auth_mechanism)i->method));
    if (i->answered_in > 0)
        finding_span(f, "answered_in", i->answered_in);
    f->stage = (uint8_t)stage;
    /* what is only possible makes no attempt a failed one */
    if (!likely && f->severity == SEVERITY_FAILURE)
        f->severity = SEVERITY_WARNING;
    return likely ? LIKELY : POSSIBLE;
}

/* What is only possible is said so, and rules nothing out. */
static enum confidence perhaps(struct finding *f, enum confidence sure, const char *headline)
{
    if (sure != POSSIBLE)
        return sure;
    f->rules_out_alone = true;
    f->headline = headline;
    f->meaning = MEANS_PERHAPS;
    return sure;
}

/* After STARTTLS the device went on without EHLO; what was refused then has that reason. */
static bool lacks_ehlo(const struct view *v)
{
    return v->summary->inferred.no_ehlo && v->summary->security == SECURITY_STARTTLS;
}

static enum confidence auth_rejected(const struct view *v, struct finding *f)
{
    const struct inferred *i = &v->summary->inferred;
    enum confidence sure =
        lacks_ehlo(v) ? NO_MATCH : read_as(v, f, INFERRED_AUTH_REFUSED, STAGE_AUTH);
    if (sure == NO_MATCH)
        return NO_MATCH;
    f->rules_out_alone = sure == POSSIBLE;
    if (sure == LIKELY && !message_sent(i))
        finding_rules_out(f, SAY_MAIL_NOT_SENT);
    const struct fact *up = v->summary->tls_up;
    if (up && i->auth_time != TIME_NONE && i->auth_time >= up->time)
        finding_span(f, "after", i->auth_time - up->time);
    if (sure == POSSIBLE) {
        f->headline =
            N_("Perhaps the mail server refused this device's sign-in, inside the encryption.");
        f->meaning =
            N_("What device and server said is encrypted. The sizes of the encrypted pieces fit a sign-in that "
               "was refused, but they would fit something else, too.");
    } else if (!i->quit) {
        f->meaning =
            i->method != AUTH_NONE
                ? N_("The device signed in {after} after the encryption was up, the server answered after "
                     "{answered_in} with a short refusal, and the device hung up: the sign-in was almost "
                     "certainly refused. It looks like the sign-in method {method}.")
                : N_("The device signed in {after} after the encryption was up, the server answered after "
                     "{answered_in} with a short refusal, and the device hung up: the sign-in was almost "
                     "certainly refused.");
    } else {
        f->meaning =
            i->method != AUTH_NONE
                ? N_("The device signed in {after} after the encryption was up, the server answered after "
                     "{answered_in} with a short refusal, and the device said goodbye: the sign-in was "
                     "almost certainly refused. It looks like the sign-in method {method}.")
                : N_("The device signed in {after} after the encryption was up, the server answered after "
                     "{answered_in} with a short refusal, and the device said goodbye: the sign-in was "
                     "almost certainly refused.");
    }
    if (i->method == AUTH_CRAM_MD5 || i->method == AUTH_DIGEST_MD5 || i->method == AUTH_NTLM)
        finding_advice(
            f,
            N_("Choose another sign-in method (LOGIN or PLAIN) in the device's mail settings, if "
               "it lets you. Some servers offer {method} although they no longer take it."));
    return sure;
}

static enum confidence sender_refused(const struct view *v, struct finding *f)
{
    const struct inferred *i = &v->summary->inferred;
    enum confidence sure =
        lacks_ehlo(v) ? NO_MATCH : read_as(v, f, INFERRED_SENDER_REFUSED, STAGE_ENVELOPE);
    if (sure == NO_MATCH)
        return NO_MATCH;
    if (!i->signed_in)
        finding_advice(f, DO_SIGN_IN);
    if (message_sent(i))
        f->meaning = N_(
            "What device and server said is encrypted, but the sizes of the pieces and who sent them when fit this: the server refused a "
            "sender in this conversation, and the device handed over a mail in it as well. So there may be mail that went out, and mail "
            "that did not.");
    else if (sure == LIKELY)
        finding_rules_out(f, SAY_TEXT_NOT_SENT);
    return perhaps(f, sure, N_("Perhaps the mail server refused this mail when it heard the sender, inside the encryption."));
}

static enum confidence recipient_refused(const struct view *v, struct finding *f)
{
    const struct inferred *i = &v->summary->inferred;
    enum confidence sure = read_as(v, f, INFERRED_RECIPIENT_REFUSED, STAGE_ENVELOPE);
    if (sure == NO_MATCH)
        return NO_MATCH;
    if (message_sent(i))
        f->meaning = N_(
            "What device and server said is encrypted, but the sizes of the pieces and who sent them when fit this: the server refused a "
            "recipient in this conversation, and the device handed over a mail in it as well. So some may have got their mail, and "
            "somebody did not.");
    else if (sure == LIKELY)
        finding_rules_out(f, SAY_MAIL_NOT_SENT);
    if (!i->signed_in)
        finding_advice(
            f, N_("Switch on the sign-in for sending (often \"SMTP authentication\"), if it is "
                  "off: many servers pass mail to other places only for those who sign in."));
    return perhaps(f, sure, N_("Perhaps the mail server refused a recipient of this mail, inside the encryption."));
}

static enum confidence message_rejected(const struct view *v, struct finding *f)
{
    enum confidence sure = read_as(v, f, INFERRED_MESSAGE_REFUSED, STAGE_DATA);
    return perhaps(f, sure, N_("Perhaps the mail server took the whole mail and then refused it, inside the encryption."));
}

static enum confidence delivered(const struct view *v, struct finding *f)
{
    enum confidence sure = read_as(v, f, INFERRED_DELIVERED, STAGE_DATA);
    return sure == LIKELY ? LIKELY : NO_MATCH; /* only what may be relied on is a delivery */
}

/* Is the server set as a name in the device, and not as a number? */
static bool names_server(const struct view *v)
{
    const struct fact *hello = v->summary->client_hello;
    return hello && hello->client_hello.sni.len > 0;
}

static enum confidence ended_early(const struct view *v, struct finding *f)
{
    const struct inferred *i = &v->summary->inferred;
    if (i->result == INFERRED_CERT_REFUSED && cert_explains_refusal(v))
        return NO_MATCH; /* told by the fault itself */
    enum confidence sure = read_as(v, f, INFERRED_CERT_REFUSED, STAGE_TLS);
    if (sure != NO_MATCH) {
        f->headline =
            sure == LIKELY
                ? N_("This device broke off the start of encryption: it does not accept the server's certificate, "
                     "most likely.")
                : N_("This device left once the encryption was up, without a word.");
        f->meaning = N_(
            "A certificate is the server's identity card. The device got it and ended the "
            "connection; why, it said only in encrypted form. The size of that piece fits an "
            "error message, not the rest of the start. The usual reason is a certificate that the "
            "device does not trust, often because its clock is wrong or its list of issuers old.");
        if (sure == POSSIBLE)
            f->meaning = N_(
                "The encryption came up, and the device ended the connection before it said "
                "anything. Some devices look at the server's certificate only then, and leave if "
                "they do not trust it; a mere test of the connection looks the same.");
        finding_rules_out(f, SAY_PASSWORD_NOT_SENT);
        finding_advice(f, DO_CHECK_CLOCK);
        finding_advice(f, DO_NEW_ISSUERS);
        finding_advice(f, names_server(v) ? DO_CHECK_PLACE : DO_SERVER_AS_NAME);
        finding_advice(f, DO_TRY_NO_CHECK);
        f->advice_alone = true;
        f->ends_no_mail = sure == POSSIBLE;
        return sure;
    }
    sure = read_as(v, f, INFERRED_ENDED_EARLY, (enum stage)i->stage);
    if (sure == NO_MATCH)
        return NO_MATCH;
    f->ends_no_mail = sure == LIKELY;
    if (i->signed_in)
        f->headline =
            N_("This device signed in and left without handing in a mail, as far as the sizes of the encrypted pieces show.");
    else if (sure == LIKELY)
        finding_rules_out(f, SAY_PASSWORD_NOT_SENT);
    return perhaps(f, sure,
                   i->signed_in ? N_("Perhaps this device signed in, inside the encryption, and left without handing in a mail.")
                                : N_("Perhaps this device ended the encrypted conversation before it signed in or began a mail."));
}

static const struct cause rows[] = {
    { .id = "encrypted-auth-rejected",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(FACT_ENCRYPTED),
      .match = auth_rejected,
      .title = N_("Inside the encryption, the server refused the sign-in"),
      .headline = N_(
          "The mail server almost certainly refused this device's sign-in, inside the encryption."),
      .meaning = SAY_HOW,
      .explain = N_(
          "Without a key: sizes and turns of the TLS records fit AUTH by some method, a refusal "
          "(535 or another code), then QUIT, another try or the end. The refusal's text cannot be "
          "read. An accepted sign-in with which nothing is done looks alike; the size of the "
          "server's answer tells them apart where it can."),
      .rules_out = { SAY_ENCRYPTION_WORKS },
      .may_rule_out = { SAY_MAIL_NOT_SENT },
      .advice = { N_("Enter the user name and the password again in the device's mail settings. "
                     "Mind capital letters, and take the password of the mailbox, not that of the "
                     "internet access."),
                  N_("Try the same name and password with a mail program on a computer, with the "
                     "same server."),
                  N_("Ask the mail provider whether devices need a password of their own (app "
                     "password), and whether sending by mail programs (SMTP) has to be switched on "
                     "for the mailbox."),
                  DO_ASK_FOR_LOG, DO_GIVE_KEY },
      .rfc = "RFC 4954 4" },

    { .id = "encrypted-sender-refused",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(FACT_ENCRYPTED),
      .match = sender_refused,
      .title = N_("Inside the encryption, the server refused the sender address"),
      .headline = N_(
          "The mail server refused this mail when it heard the sender, as far as the sizes of the encrypted pieces show."),
      .meaning = N_(
          "What device and server said is encrypted, but the sizes of the pieces and who sent them when fit this: the device told the server "
          "from whom the mail comes, the server answered with a refusal, and the device went no further."),
      .explain = N_(
          "Without a key: sizes and turns of the TLS records fit MAIL FROM, a refusal, then QUIT, RSET or "
          "the end. A sign-in that is missing, and a mail whose announced size is too large, are refused there, too."),
      .rules_out = { SAY_ENCRYPTION_WORKS },
      .may_rule_out = { SAY_TEXT_NOT_SENT },
      .may_advise = { DO_SIGN_IN },
      .advice = { N_("In the device's mail settings enter as the sender address the mail address of the account "
                     "with which the device signs in."),
                  N_("Send a short mail without a picture or a file. If that goes out, the mail was too large: "
                     "many devices announce its size along with the sender."),
                  DO_ASK_FOR_LOG, DO_GIVE_KEY },
      .rfc = "RFC 5321 3.3" },

    { .id = "encrypted-recipient-refused",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(FACT_ENCRYPTED),
      .match = recipient_refused,
      .title = N_("Inside the encryption, the server refused a recipient"),
      .headline = N_("The mail server refused a recipient of this mail, as far as the sizes of the encrypted pieces show."),
      .meaning = N_(
          "What device and server said is encrypted, but the sizes of the pieces and who sent them when fit this: the server took the sender, "
          "heard for whom the mail is, and answered with a refusal."),
      .explain = N_(
          "Without a key: sizes and turns of the TLS records fit MAIL FROM, RCPT TO, a refusal, then QUIT, "
          "RSET or the end. Postfix, and others, refuse a sender and a sign-in that is missing there, too."),
      .rules_out = { SAY_ENCRYPTION_WORKS },
      .may_rule_out = { SAY_MAIL_NOT_SENT },
      .advice = { N_("Check the recipient's address in the device's settings letter by letter."),
                  N_("Use as the sender address the mail address of the account with which the device signs in: many "
                     "servers refuse a wrong sender only once they have heard the recipient."),
                  N_("Wait some minutes and see whether the device sends again and the mail arrives then: some servers put "
                     "off the first mail of a sender that they do not know (greylisting)."),
                  DO_ASK_FOR_LOG, DO_GIVE_KEY },
      .rfc = "RFC 5321 3.3" },

    { .id = "encrypted-message-rejected",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(FACT_ENCRYPTED),
      .match = message_rejected,
      .title = N_("Inside the encryption, the server refused the finished mail"),
      .headline =
          N_("The mail server took the whole mail and then refused it, as far as the sizes of the encrypted pieces show."),
      .meaning = N_(
          "What device and server said is encrypted, but the sizes of the pieces and who sent them when fit this: sender and recipient were "
          "accepted, the device sent the mail, and the server answered with a refusal."),
      .explain = N_(
          "Without a key: sizes and turns of the TLS records fit DATA, a message, and an answer that is a "
          "refusal by its size or by what the device did next. Where size and next step fit an "
          "acceptance as well, nothing is said."),
      .rules_out = { SAY_ENCRYPTION_WORKS,
                     N_("The sender and the recipient: the server accepted at least one of each.") },
      .advice = { N_("Change subject and text in the device's mail settings, send without a "
                     "picture or a file, and see whether that goes out."),
                  N_("Use as the sender address the mail address of the account with which the "
                     "device signs in."),
                  DO_ASK_FOR_LOG, DO_GIVE_KEY },
      .rfc = "RFC 5321 4.5.3" },

    { .id = "encrypted-delivered",
      .severity = SEVERITY_NOTE,
      .needs = FACT_BIT(FACT_ENCRYPTED),
      .match = delivered,
      .title = N_("Inside the encryption, the server took the mail"),
      .headline =
          N_("The mail server took the mail, as far as the sizes of the encrypted pieces show."),
      .meaning = N_(
          "What device and server said is encrypted, but the sizes of the pieces and who sent them when fit a whole mail: sender, recipient, "
          "text, and each time an answer that says yes."),
      .explain = N_(
          "Without a key: sizes and turns of the TLS records fit MAIL, RCPT, DATA, a message and its "
          "acceptance, with nothing refused."),
      .may_rule_out = { N_("Proof: the server's words themselves were not read.") },
      .may_advise = { N_("Nothing has to be done.") } },

    { .id = "encrypted-ended-early",
      .severity = SEVERITY_FAILURE,
      .fallback = true,
      .needs = FACT_BIT(FACT_ENCRYPTED),
      .match = ended_early,
      .title = N_("The encrypted conversation ended before its mail"),
      .headline =
          N_("This device ended the encrypted conversation before it signed in or began a mail, as far as the sizes of the pieces show."),
      .meaning = N_(
          "What device and server said is encrypted, but there was too little of it for a sign-in or a mail. Perhaps it "
          "was only a test of the connection."),
      .explain = N_(
          "Without a key: after the handshake at most EHLO and QUIT fit into the records, or a sign-in and "
          "QUIT. Where the device sent only a short encrypted record instead of its Finished (TLS 1.3), "
          "that is an alert: most often it does not trust the certificate."),
      .may_rule_out = { SAY_NETWORK_WORKS, SAY_PASSWORD_IF },
      .advice = { N_("If a mail should have gone out, send a test mail from the device and look "
                     "for an error on its screen.") } },
};

const struct causes causes_inside_tls = { rows, sizeof rows / sizeof *rows };
