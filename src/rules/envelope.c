/* SPDX-License-Identifier: BSD-3-Clause */
/* Envelope and message (RFC 5321): what the server refused of a mail. The words. */
#include "rules/by_reply.h"
#include "rules/envelope_rules.h"

static const struct cause rows[] = {
    { .id = "sender-refused",
      .severity = SEVERITY_FAILURE,
      .fallback = true,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = sender_refused,
      .title = N_("The server refuses the sender address"),
      .headline = N_("The mail server refuses this mail when it hears the sender (its answer: "
                     "{code})."),
      .meaning = N_("The device told the server from whom the mail comes, and the server said no. "
                    "Often the sender address is the reason; the server's own words tell more."),
      .explain = N_("MAIL was answered with a code from 505 up, and no more exact cause explains "
                    "the text. Letters that are no ASCII in the address are one reason: they need SMTPUTF8."),
      .rules_out = { SAY_MAIL_NOT_SENT },
      .advice = { N_("In the device's mail settings enter as the sender address a complete mail address that exists, best that of the account with which the device signs in. Now it is {sender}"),
                  DO_ASK_PROVIDER_REPLY },
      .rfc = "RFC 5321 3.3" },

    { .id = "sender-not-allowed",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = by_reply,
      .title = N_("The sender address does not belong to the signed-in account"),
      .headline = N_("The mail server does not let this account send as {sender}."),
      .meaning = N_("The sender address that is set on the device is not the address of the "
                    "account with which it signs in. The server allows only the account's own "
                    "addresses."),
      .explain = N_("MAIL, RCPT or the final dot was refused with a text that the sender is not "
                    "owned by, not allowed for, or not the same as the signed-in user (5.7.60, "
                    "5.2.252, \"not owned by user\", \"must equal authorized user\")."),
      .may_rule_out = { N_("The user name and the password: the server accepted them.") },
      .advice = { N_("In the device's mail settings enter as the sender address exactly the mail "
                     "address of the account with which the device signs in. Now it is {sender}"),
                  N_("If another sender is needed, add it in the mailbox's settings on the "
                     "provider's web page (often \"alias\" or \"send as\"), and confirm it "
                     "there."),
                  DO_ASK_PROVIDER_REPLY },
      .rfc = "RFC 6409 6.1" },

    { .id = "recipient-unknown",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = recipient_unknown,
      .title = N_("The recipient's address does not exist"),
      .headline = N_("The mail server says that the recipient {recipient} does not exist."),
      .meaning = N_("The address to which the device sends is not known there. Usually a letter is "
                    "wrong, or the mailbox has been closed."),
      .explain = N_("RCPT (or the final dot) was refused with 550 5.1.1, 5.1.2, 5.1.10, or a text "
                    "such as \"user unknown\"."),
      .rules_out = { SAY_MAIL_NOT_SENT,
                     N_("The device's server settings: the server took the sender and looked up "
                        "the recipient.") },
      .advice = { N_("Check the destination address in the device's settings letter by letter: "
                     "{recipient}"),
                  N_("Send a mail to this address from a computer or a phone. If it comes back as "
                     "well, ask the owner of the mailbox."),
                  DO_ASK_PROVIDER_REPLY },
      .rfc = "RFC 5321 3.3" },

    { .id = "recipient-refused",
      .severity = SEVERITY_FAILURE,
      .fallback = true,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = recipient_refused,
      .title = N_("The server refuses a recipient"),
      .headline = N_("The mail server refuses this mail when it hears the recipient (its answer: "
                     "{code})."),
      .meaning = N_("The device told the server for whom the mail is, and the server said no. It "
                    "can be the address, or a rule about who may send to it; the server's own "
                    "words tell more."),
      .explain = N_("RCPT was answered with a code from 500 up, and no more exact cause explains "
                    "the text. Letters that are no ASCII in the address are one reason: they need SMTPUTF8."),
      .rules_out = { SAY_MAIL_NOT_SENT },
      .advice = { CHECK_RECIPIENT,
                  N_("Switch on the sign-in for sending (often \"SMTP authentication\"), if it is "
                     "off: many servers pass mail to other places only for those who sign in."),
                  DO_ASK_PROVIDER_REPLY },
      .rfc = "RFC 5321 3.3" },

    { .id = "some-recipients-refused",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = some_recipients_refused,
      .title = N_("The mail went to some recipients, and one or more do not get it"),
      .headline = N_("The mail went out, but not to {recipient}: the server refused this "
                     "recipient."),
      .meaning = N_("The device gave the server several recipients. The server took the mail for at least one of "
                    "them; refused: {refused}. Many devices show that as a success, others as a failure "
                    "of the whole mail."),
      .explain = N_(
          "In one mail at least one RCPT was accepted and at least one refused, and the "
          "final dot was answered with 250. With --json the values name the cause of the refusal."),
      .rules_out = { N_("The sender: the server took the mail for the others.") },
      .may_advise = { CHECK_RECIPIENT },
      .advice = { DO_ASK_PROVIDER_REPLY },
      .rfc = "RFC 5321 3.3" },

    { .id = "relay-denied",
      .severity = SEVERITY_FAILURE,
      .fallback = true,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = relay_denied,
      .title = N_("The server does not pass mail on for this device"),
      .headline = N_("The mail server does not pass on mail of this device to {recipient}."),
      .meaning = N_("Without a sign-in a mail server takes mail only for its own mailboxes; mail "
                    "to other places it passes on only for those it knows. This one does not know "
                    "the device."),
      .explain = N_("RCPT was refused with 550, 551, 553 or 554 and a text on relaying (5.7.1 "
                    "\"relay access denied\", \"unable to relay\"). Without AUTH before it, the "
                    "missing sign-in is the usual reason; with it, an account or an address that "
                    "the server does not serve."),
      .rules_out = { SAY_MAIL_NOT_SENT,
                     N_("The recipient's mailbox: whether it exists was not looked at.") },
      .advice = { N_("In the device's mail settings switch on the sign-in for sending (often "
                     "\"SMTP authentication\") and enter the user name and the password. Before you "
                     "test it, set the encryption as the next step says."),
                  DO_SET_PAIR,
                  N_("If the sign-in is switched on already, check the server name: it must be the outgoing server of the provider that also has the account. Now it is {server}."),
                  N_("Use as the sender address the mail address of the account."),
                  DO_ASK_PROVIDER_REPLY },
      .rfc = "RFC 5321 3.6.2" },

    { .id = "mailbox-full",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = by_reply,
      .title = N_("The recipient's mailbox is full"),
      .headline = N_("The recipient's mailbox is full: {recipient}"),
      .meaning = N_("The server knows the recipient, but there is no room left in the mailbox. It "
                    "has to be emptied by its owner."),
      .explain = N_("RCPT or the final dot was answered with 552 5.2.2 or 452 4.2.2, or with a "
                    "text on a full mailbox or its quota."),
      .rules_out = { N_("The device and its settings: sender, recipient and server are right.") },
      .advice = { N_("Delete mail in this mailbox (also in the folders for sent and deleted mail): "
                     "{recipient}"),
                  N_("Send a test mail from the device afterwards."),
                  N_("If the device sends many pictures, give it a mailbox of its own, or make the "
                     "pictures smaller in its settings.") },
      .rfc = "RFC 3463 3.3" },

    { .id = "message-too-big",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = message_too_big,
      .title = N_("The mail is too big for the server"),
      .headline = N_("The mail is bigger than the mail server allows."),
      .meaning = N_("The server takes mail only up to a certain size, and this one is bigger. "
                    "Usually it is the pictures or the file in it."),
      .explain = N_("The reply was 552 5.3.4 or another one that speaks of the size; or MAIL "
                    "announced a size (SIZE=) above the limit that the server lists in its reply "
                    "to EHLO."),
      .rules_out = { N_("The sign-in and the addresses: it is about the size alone.") },
      .advice = { N_("In the device's settings choose smaller pictures, fewer pictures in a mail, "
                     "a lower resolution for scans, or a stronger compression."),
                  N_("Let the device send a link, or store the files in a folder of the network, "
                     "where it can."),
                  DO_ASK_PROVIDER_REPLY },
      .rfc = "RFC 1870 6" },

    { .id = "message-rejected",
      .severity = SEVERITY_FAILURE,
      .fallback = true,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = message_rejected,
      .title = N_("The server refuses the finished mail"),
      .headline = N_("The mail server took the whole mail and then refused it (its answer: "
                     "{code})."),
      .meaning = N_("Sender and recipient were accepted. After the text of the mail the server "
                    "said no, so it is about the mail itself or about a rule of the server."),
      .explain = N_("The final dot was answered with a code from 500 up. Texts on policy, spam or "
                    "viruses are told apart."),
      .rules_out = { N_(
          "The sender and the recipient: the server accepted at least one of each.") },
      .may_advise = { N_("Send a test mail without a picture or a file. If that goes out, it is the "
                         "attached file: set another kind of file for it in the device (for a "
                         "scanner PDF or JPEG, not encrypted and not a ZIP)."),
                      N_("Check the file on a computer with a virus scanner, if it came from a "
                         "computer.") },
      .advice = { N_("Change subject and text in the device's mail settings, send without a "
                     "picture or a file, and see whether that goes out."),
                  N_("Use as the sender address the mail address of the account with which the "
                     "device signs in."),
                  DO_ASK_PROVIDER_REPLY },
      .rfc = "RFC 5321 4.5.3" },

    { .id = "message-line-endings",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED) | FACT_BIT(SIGN_BARE_LINE_END),
      .match_nth = message_line_endings,
      .title = N_("The device ends its lines in a way that mail does not allow"),
      .headline = N_("The mail server refuses the mail because this device ends its lines "
                     "wrongly."),
      .meaning = N_("In mail every line ends in two characters (CR and LF). This device sends only "
                    "one of them. Servers have begun to refuse that, since it can be misused."),
      .explain = N_("Bare LF or bare CR in the commands or in the message, and a refusal whose "
                    "text speaks of it (certain); or a syntax error, or a server that keeps "
                    "waiting for the end of the message (likely)."),
      .rules_out = { N_("The sign-in and the addresses: it is about the form of the text.") },
      .advice = { DO_UPDATE,
                  N_("If the text of the mail can be set on the device, make it one short line of "
                     "plain letters and try again."),
                  DO_RELAY,
                  N_("If the mail server is your own, it can be told to take such lines from this "
                     "device alone (Postfix: smtpd_forbid_bare_newline_exclusions).") },
      .rfc = "RFC 5321 2.3.8" },

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

    { .id = "greylisted",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = by_reply,
      .title = N_("The server puts off a first mail from strangers (greylisting)"),
      .headline = N_("The mail server put this mail off and wants it to be sent again a little "
                     "later (greylisting)."),
      .meaning = N_("To keep spam out, some servers refuse the first mail of a sender that they do "
                    "not know and accept it when it comes again some minutes later. Mail servers "
                    "do try again by themselves; many small devices do not."),
      .explain = N_("The reply was 450 or 451 (4.7.1, 4.2.0) with a text on greylisting. Where the "
                    "device tried again and the mail went out, the device's line carries "
                    "\"recovered\"."),
      .rules_out = { N_("The addresses: the server does not object to them.") },
      .advice = { N_("Wait five to fifteen minutes and send the mail again; after that the server "
                     "usually knows the device."),
                  N_("Better let the device send through the outgoing server of your provider, "
                     "with a sign-in: security \"SSL\" and port 465, or \"TLS\" or \"STARTTLS\" "
                     "and port 587. There mail is usually not put off."),
                  N_("If the device can send again by itself (\"retry\"), switch that on, with at "
                     "least five minutes in between.") },
      .rfc = "RFC 6647" },

    { .id = "quota-used-up",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = by_reply,
      .title = N_("The amount of mail that the account may send is used up"),
      .headline = N_("This account has used up the amount of mail that it may send (for the day, "
                     "or in its plan)."),
      .meaning = N_("The provider lets each account send only so many mails in a day or a month. "
                    "The limit is reached, and further mail is refused until it begins anew."),
      .explain = N_("AUTH, MAIL, RCPT or the final dot was refused with a text on a daily limit or "
                    "on used-up credits. Waiting for seconds does not help."),
      .rules_out = { N_("The addresses: it is about the number of mails.") },
      .advice = { N_("Wait until the next day (at some providers: 24 hours after the first mail), "
                     "and then send a test mail."),
                  N_("Find out why the device sends so much: an alarm or a motion sensor that "
                     "fires all the time, or many recipients for each mail. Change that in its "
                     "settings."),
                  N_("Book a larger plan, or use another account for the device."),
                  DO_ASK_PROVIDER_REPLY } },

    { .id = "too-many-recipients",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = by_reply,
      .title = N_("Too many recipients in one mail"),
      .headline = N_("The mail has more recipients than the mail server takes at one time."),
      .meaning = N_("The server allows only so many addresses in one mail, and the device's list "
                    "is longer."),
      .explain = N_("RCPT was answered with 452 4.5.3 or 550 5.5.3, or a text such as \"too many "
                    "recipients\". The addresses before it had been accepted."),
      .rules_out = { N_("The addresses themselves: the server counts them only.") },
      .advice = { N_("Shorten the list of recipients in the device's settings."),
                  N_("Let the device send to one address that passes the mail on to all (a group "
                     "or a forwarding in the mailbox).") },
      .rfc = "RFC 5321 4.5.3.1.8" },

    { .id = "message-malformed",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = message_malformed,
      .title = N_("The device writes the mail in a wrong form"),
      .headline = N_("The mail server refuses the mail because this device writes it in a wrong "
                     "form."),
      .meaning = N_("A mail has a head with lines such as From and Date, and a text with lines of "
                    "limited length. In the mail of this device something of that is missing, "
                    "doubled or broken."),
      .explain = N_("The final dot was answered with a code from 500 up, and its text names a "
                    "header that is missing, doubled or broken, or a line of more than 998 "
                    "characters."),
      .rules_out = { N_("The sender and the recipient: the server accepted them.") },
      .advice = { N_("In the device's mail settings fill in all fields: sender address and sender "
                     "name, subject, text. Leave out unusual characters."),
                  N_("Set date and time of the device; some leave the Date line out otherwise."),
                  DO_UPDATE, DO_ASK_PROVIDER_REPLY },
      .rfc = "RFC 5322 3.6" },

    { .id = "sender-header-mismatch",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = sender_header_mismatch,
      .title = N_("The sender inside the mail is not the signed-in account"),
      .headline = N_("The mail server refused the mail: the sender inside it (From) is not the "
                     "account's own address."),
      .meaning = N_("A mail names its sender twice: to the server, and in the line \"From\" that "
                    "the reader sees. The server looked at the second one, and it is another "
                    "address than the account's."),
      .explain = N_("After the whole message the server refused with a text that compares the From "
                    "line with the signed-in user or with the envelope sender."),
      .rules_out = { N_("The recipient: the server accepted it.") },
      .advice = { N_("In the device's mail settings enter the account's own mail address wherever "
                     "a sender can be set: sender address, reply address, administrator's "
                     "address. In its mail the sender (From) is now {from_header}"),
                  N_("Add the other address to the account on the provider's web page (often "
                     "\"alias\" or \"send as\")."),
                  DO_ASK_PROVIDER_REPLY } },
};

const struct causes causes_envelope = { rows, sizeof rows / sizeof *rows };
