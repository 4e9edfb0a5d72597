/* SPDX-License-Identifier: BSD-3-Clause */
/* Envelope and message, continued: the server that cannot or will not, the device that waits, leaves or interrupts. The words. */
#include "rules/by_reply.h"
#include "rules/envelope_rules.h"

static const struct cause rows[] = {
    { .id = "device-silent",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = device_silent,
      .title = N_("The server waited for the device in vain"),
      .headline = N_("The mail server waited {waited} for this device in vain and then hung up."),
      .meaning = N_("It was the device's turn, and nothing came. After a while the server ended "
                    "the conversation."),
      .explain = N_("A 421 or 451 (4.4.2) or a text on a time-out, where it was the device that "
                    "had to speak. The report says after which step, and for how long."),
      .rules_out = { N_("The mail server: it answered each time and then waited.") },
      .advice = { N_("Send a small test mail, without a picture. If that goes out, the device was "
                     "too slow with a big one: make the pictures smaller in its settings."),
                  N_("Check the device's network cable or its Wi-Fi signal."),
                  N_("Switch the device off and on again, and look for newer software (firmware).") },
      .rfc = "RFC 5321 4.5.3.2" },

    { .id = "rate-limited",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = by_reply,
      .title = N_("Too much mail or too many connections in a short time"),
      .headline = N_("The mail server takes no more from this device for the moment: too many "
                     "mails or connections in a short time."),
      .meaning = N_("Servers limit how many mails or connections one device or one account may "
                    "have in a minute or an hour. This limit was reached."),
      .explain = N_("A 421, 450, 451, 452 or 550 with a text on too much mail, too many "
                    "connections, or a rate."),
      .rules_out = { N_("The addresses: it is about how often.") },
      .advice = { N_("Wait some minutes, and send one test mail."),
                  N_("Let the device send less often: longer pauses between alarms, several "
                     "pictures in one mail, fewer destinations."),
                  N_("If several devices use the same account or the same internet line, let them "
                     "send one after the other."),
                  DO_ASK_PROVIDER_REPLY } },

    { .id = "server-busy",
      .severity = SEVERITY_FAILURE,
      .fallback = true,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = by_reply,
      .title = N_("The server ends the conversation for now (421)"),
      .headline = N_("The mail server ended the conversation for now (its answer: {code})."),
      .meaning = N_("The server says that it cannot go on at the moment and hangs up. Often it is "
                    "busy or being worked on. It is worth trying again."),
      .explain = N_("A reply 421 at any step, whose text no more exact cause explains."),
      .rules_out = { SAY_SERVER_NAME_WORKS },
      .advice = { DO_TRY_LATER, DO_ASK_PROVIDER_REPLY },
      .rfc = "RFC 5321 3.8" },

    { .id = "server-storage-full",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = by_reply,
      .title = N_("The server has no room left for mail"),
      .headline = N_("The mail server has no room left on its disk and takes no mail for now."),
      .meaning = N_("It is the server's own storage that is full, not the recipient's mailbox. Its "
                    "operator has to make room."),
      .explain = N_("A 452 4.3.1, or a text on insufficient storage or space."),
      .rules_out = { N_("The device and its settings: they are not the reason.") },
      .advice = { DO_TRY_LATER,
                  N_("If the server is your own, make room on its disk (mail queue, log files)."),
                  N_("Otherwise tell the mail provider. You can send this: \"At {time} your server "
                     "{server} answered: {code} {text}\"") },
      .rfc = "RFC 3463 3.4" },

    { .id = "server-temporary-error",
      .severity = SEVERITY_FAILURE,
      .fallback = true,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = by_reply,
      .title = N_("The server cannot take the mail just now"),
      .headline = N_("The mail server cannot take this mail just now (its answer: {code})."),
      .meaning = N_("The server did not refuse for good. It asks the device to try again later. "
                    "Many small devices do not do that by themselves."),
      .explain = N_("A reply from 400 to 499 other than 421 ended the attempt, and no more exact "
                    "cause explains its text."),
      .rules_out = { SAY_SERVER_NAME_WORKS },
      .advice = { DO_TRY_LATER, DO_ASK_PROVIDER_REPLY },
      .rfc = "RFC 5321 4.2.1" },

    { .id = "service-refused",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = by_reply,
      .title = N_("The server turns the device away at the greeting"),
      .headline = N_("The mail server turned this device away at once (its answer: {code})."),
      .meaning = N_("The server said no as soon as the device connected, before the device had "
                    "said anything. Either this is no server for handing in mail, or it does not "
                    "want this internet address."),
      .explain = N_("The greeting was 554, 521 or another code from 500 up, in place of 220."),
      .may_rule_out = { SAY_NETWORK_WORKS, SAY_PASSWORD_IF },
      .advice = { DO_CHECK_PLACE,
                  N_("If the device sends to port 25, use the provider's server for handing in "
                     "mail: security \"SSL\" and port 465, or \"TLS\" or \"STARTTLS\" and port "
                     "587."),
                  DO_ASK_PROVIDER_REPLY },
      .rfc = "RFC 7504" },

    { .id = "address-blocked",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = by_reply,
      .title = N_("The server does not take mail from this internet address"),
      .headline = N_("The mail server takes no mail from the internet address of this device's "
                     "line."),
      .meaning = N_("The server judges by the internet address from which the device comes: it is "
                    "on a block list, belongs to a home line with changing addresses, or has no "
                    "name of its own. The device's settings are not what it looks at."),
      .explain = N_("At the greeting, EHLO, MAIL or RCPT the server refused with a text on a block "
                    "list, on dynamic addresses, on a missing reverse name, or on the address's "
                    "reputation."),
      .rules_out = { N_("The device: it is about the internet line.") },
      .advice = { N_("Let the device send through the outgoing server of your provider, with a "
                     "sign-in: security \"SSL\" and port 465, or \"TLS\" or \"STARTTLS\" and port "
                     "587. Home lines are not meant to hand mail to port 25 of other servers."),
                  N_("If it does that already, ask the mail provider, with its answer: {text}"),
                  N_("Look whether another device on the same line has sent spam (a computer with "
                     "a virus); block lists often have a page where an address can be taken off.") },
      .rfc = "RFC 5782" },

    { .id = "helo-refused",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = helo_refused,
      .title = N_("The server does not like the name with which the device introduces itself"),
      .headline = N_("The mail server refuses the name with which this device introduces itself."),
      .meaning = N_("At the beginning the device tells the server its own name. The server wants a "
                    "complete and well-formed one, such as door.example.com, and does not accept "
                    "this: {hello}"),
      .explain = N_("EHLO (and HELO) was refused, or a later refusal speaks of the HELO name: it "
                    "has forbidden characters such as _ or a blank, no domain, or is unknown in "
                    "DNS."),
      .may_rule_out = { SAY_NETWORK_WORKS, SAY_PASSWORD_IF },
      .advice = { N_("In the device's network settings give it a name of letters, digits and "
                     "hyphens only, and a domain name (often \"host name\" and \"domain name\"); "
                     "then restart it."),
                  N_("Let the device send through the outgoing server of your provider, with a "
                     "sign-in: security \"SSL\" and port 465, or \"TLS\" or \"STARTTLS\" and port "
                     "587. Such servers usually do not look at the name."),
                  DO_UPDATE, DO_ASK_PROVIDER_REPLY },
      .rfc = "RFC 5321 4.1.1.1" },

    { .id = "command-rejected",
      .severity = SEVERITY_FAILURE,
      .fallback = true,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = command_rejected,
      .title = N_("The server refuses a command of the device"),
      .headline = N_("The mail server refuses the device's command {command} (its answer: "
                     "{code})."),
      .meaning = N_("Device and server speak in short commands. The server did not accept one of "
                    "them and gave an error as its answer. Usually it is a matter of the device's "
                    "software, or of the server, and not of a setting."),
      .explain = N_("A reply from 500 up ended the attempt, and no more exact cause explains it. A "
                    "refused command after which the same mail goes through is told as a warning."),
      .rules_out = { SAY_SERVER_NAME_WORKS },
      .advice = { DO_UPDATE, DO_ASK_PROVIDER_REPLY },
      .may_advise = { N_("Nothing has to be changed on the device for this.") },
      .rfc = "RFC 5321 4.2" },

    { .id = "device-quit-early",
      .severity = SEVERITY_FAILURE,
      .fallback = true,
      .needs = FACT_BIT(SIGN_NO_MAIL_NO_ERROR),
      .match = device_quit_early,
      .title = N_("The device ends the conversation before its mail"),
      .headline = N_("This device ended the conversation in good order without handing in a mail."),
      .meaning = N_("The server refused nothing. The device said goodbye before it had begun a "
                    "mail; perhaps it was only a test of the connection."),
      .explain = N_("QUIT or the device's FIN without any error before it: before MAIL (perhaps a "
                    "test), or between MAIL and DATA. What the server had said last stands in the "
                    "report."),
      .rules_out = { N_("The mail server: it refused nothing.") },
      .advice = { N_("If a mail should have gone out, send a test mail from the device and look "
                     "for an error on its screen.") },
      .rfc = "RFC 5321 4.1.1.10" },

    { .id = "device-out-of-turn",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED) | FACT_BIT(SIGN_EARLY_COMMAND),
      .match_nth = device_out_of_turn,
      .title = N_("The device speaks when it is not its turn"),
      .headline = N_("This device spoke before it was its turn, and the mail server does not allow "
                     "that."),
      .meaning = N_("In a mail conversation the server speaks first, and each side waits for the "
                    "other's answer. This device did not wait. Servers take that for a sign of "
                    "spam."),
      .explain = N_("The device sent a command before the greeting or behind STARTTLS without "
                    "waiting, or went on after a refusal as if there had been none; servers answer "
                    "554 or 521 with a text on synchronization or a protocol error."),
      .rules_out = { SAY_SERVER_NAME_WORKS },
      .advice = { N_("In the device's mail settings try the other pair of security and port: "
                     "\"SSL\" and port 465, or \"TLS\" or \"STARTTLS\" and port 587."),
                  DO_UPDATE, DO_RELAY },
      .rfc = "RFC 5321 3.1" },
};

const struct causes causes_conversation = { rows, sizeof rows / sizeof *rows };
