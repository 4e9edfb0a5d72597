/* SPDX-License-Identifier: BSD-3-Clause */
/* Signing in (RFC 4954): the method, the name and password, or no sign-in where one is needed. The words. */
#include "rules/auth_rules.h"
#include "rules/password_rules.h"

static const struct cause rows[] = {
    { .id = "auth-method-refused",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = auth_method_refused,
      .title = N_("The server refuses the sign-in method"),
      .headline = N_("The mail server refuses the sign-in method that this device uses."),
      .meaning = N_("There are several ways to send name and password to a mail server. The one "
                    "that this device uses is not accepted here. The device cannot tell this from "
                    "a wrong password."),
      .explain = N_("AUTH was answered with 504, or with another refusal whose text says that the "
                    "method is not supported, not enabled or not known. The report says which "
                    "method it was and whether the server had advertised it. Devices often take "
                    "the strongest method on the list (CRAM-MD5) and do not try another one after "
                    "the refusal."),
      .rules_out = { N_("The password: it was not even looked at. The server refuses the method, "
                        "not the name or the password.") },
      .may_rule_out = { SAY_ENCRYPTION_NO_PART },
      .may_advise = { DO_CHOOSE_LOGIN_OR_PLAIN, DO_SWITCH_METHOD_OFF },
      .advice = { DO_METHOD_UPDATE, DO_RELAY },
      .rfc = "RFC 4954 4" },

    { .id = "auth-credentials-rejected",
      .severity = SEVERITY_FAILURE,
      .fallback = true,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = auth_credentials_rejected,
      .title = N_("The server refuses the user name or the password"),
      .headline = N_("The mail server refuses the sign-in: probably the user name or the password "
                     "is wrong."),
      .meaning = N_("The device signed in with a user name and a password, and the server said no. "
                    "For safety it does not say which of the two was wrong."),
      .explain = N_("AUTH was answered with 535, with a text about name or password or with none. "
                    "The refusal is certain; that name or password are wrong is the likely "
                    "reading. Where the device used only a method such as CRAM-MD5, the method "
                    "itself may be what the server no longer takes. Some providers want a password "
                    "of their own for devices (app password)."),
      .rules_out = { N_("The port and the security: the server took the sign-in that way and "
                        "answered it.") },
      .may_rule_out = { SAY_NETWORK_WORKS },
      .advice = { N_("Enter the user name and the password again in the device's mail settings. "
                     "Mind capital letters, and take the password of the mailbox, not that of the "
                     "internet access."),
                  DO_TRY_MAIL_PROGRAM, DO_ASK_APP_PASSWORD },
      .rfc = "RFC 4954 6" },

    { .id = "auth-app-password-required",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = auth_app_password_required,
      .title = N_("The provider wants a password made for the device (app password)"),
      .headline = N_("The mail provider does not take the normal password from a device; it wants "
                     "an app password."),
      .meaning = N_("Some providers no longer accept the password of the mailbox from devices. "
                    "Instead one makes a password for this device alone on the provider's web page "
                    "(app password, application-specific password, authorization code). The device "
                    "cannot tell this from a wrong password."),
      .explain = N_("AUTH was refused with a text that asks for an application-specific password, "
                    "for a sign-in by web browser, or for an authorization code. Gmail says only "
                    "\"Username and Password not accepted\" (535 5.7.8) to the password of an "
                    "account: then it is likely, and a really wrong app password looks the same. "
                    "5.7.9 alone does not say it; by RFC 4954 it means that the method is too "
                    "weak."),
      .rules_out = { N_("The sign-in method and the encryption: the server looked at name and "
                        "password.") },
      .advice = { N_("Sign in to the mailbox with a browser, look in its security settings for "
                     "\"app password\", \"application-specific password\" or \"authorization "
                     "code\", and make one for this device. With Google, 2-step verification must "
                     "be switched on first."),
                  N_("In the device's mail settings enter this app password in place of the normal "
                     "password, without spaces. The user name stays the whole mail address."),
                  DO_TEST_MAIL, DO_ASK_PROVIDER_REPLY },
      .rfc = "RFC 4954 6" },

    { .id = "auth-disabled-for-account",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = auth_disabled,
      .title = N_("Sending by devices and mail programs is switched off for this account"),
      .headline = N_("Sending from devices is switched off for this mail account."),
      .meaning = N_("The server knows the account, but it may not sign in to send mail from a "
                    "device or a mail program (SMTP). Name and password may be right all the "
                    "same."),
      .explain = N_("AUTH (or MAIL) was refused with 535 5.7.139, 525 5.7.13, or a text that "
                    "sending by SMTP is off for this user. At Microsoft 365 the mailbox, the "
                    "organisation's security defaults or its conditional access decide; at Yahoo! "
                    "JAPAN, Yandex and 163 it is a switch in the mailbox."),
      .rules_out = { N_("The server name and the port: the server heard the sign-in and answered "
                        "it.") },
      .advice = { N_("Sign in to the mailbox with a browser and switch on access by mail programs "
                     "(often \"IMAP/POP/SMTP access\"). At Yahoo! JAPAN allow access from outside "
                     "the official services and switch SMTP on as well."),
                  DO_ASK_MICROSOFT_ADMIN, DO_ASK_PROVIDER_REPLY, DO_RELAY },
      .rfc = "RFC 5248" },

    { .id = "auth-oauth-required",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = auth_refused,
      .title = N_("The provider takes no passwords any more, only tokens (OAuth)"),
      .headline = N_("The mail provider has done away with passwords for sending; it takes only a "
                     "sign-in by OAuth."),
      .meaning = N_("The provider wants devices to sign in with a token that one allows in a "
                    "browser (OAuth, \"modern authentication\"). A device that knows only user "
                    "name and password cannot send there any more. No other password, no app "
                    "password and no switch in the mailbox helps."),
      .explain = N_("AUTH was refused with the enhanced code 5.7.30, or with a text that basic "
                    "authentication is not supported, whatever the three digits are. Exchange "
                    "Online answers so where password sign-in is gone for good."),
      .rules_out = { N_("The password: any password would be refused.") },
      .advice = { N_("Look whether the device or newer software (firmware) for it offers \"OAuth\" or \"modern authentication\" for mail, and sign in that way."),
                  N_("Let the device send through another mailbox that still takes a password, for "
                     "example that of your internet provider."),
                  N_("With Microsoft 365 ask the administrator for another way for devices, such "
                     "as direct send or a relay of the organisation."),
                  DO_RELAY } },

    { .id = "auth-needs-encryption",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = auth_needs_encryption,
      .title = N_("The server takes a sign-in only inside encryption"),
      .headline = N_("The mail server takes no sign-in without encryption, and this device tried "
                     "it without."),
      .meaning = N_("The device wanted to send user name and password in clear text. The server "
                    "does not allow that on this port: first both must switch to encryption."),
      .explain = N_("AUTH in clear text was answered with 538 or 523 (5.7.11, 5.7.10); or with 530 "
                    "or 503 where the reply to EHLO lists STARTTLS and no AUTH, because the server "
                    "offers the sign-in only after the switch."),
      .rules_out = { N_("The user name and the password: the server did not look at them yet.") },
      .may_advise = { DO_STARTTLS_587, OR_SSL_465 },
      .advice = { DO_UPDATE, DO_RELAY },
      .rfc = "RFC 4954 4" },

    { .id = "auth-not-offered",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED) | FACT_BIT(SIGN_LEFT_AFTER_LIST),
      .match_nth = auth_not_offered,
      .title = N_("The server offers no sign-in here"),
      .headline = N_("This device wants to sign in, but the mail server offers no sign-in on port "
                     "{port}."),
      .meaning = N_("The server lists what it can do, and signing in is not on the list. The "
                    "device tried it all the same and was refused. Often it is the wrong port, or "
                    "the server offers the sign-in only inside encryption."),
      .explain = N_("The reply to EHLO lists no AUTH. AUTH was sent and refused (certain), or the "
                    "device ended in good order without trying (likely). Many servers list AUTH "
                    "only after STARTTLS, or only on port 465 or 587."),
      .may_rule_out = { SAY_NETWORK_WORKS, SAY_WRONG_PASSWORD_NOT_SEEN, SAY_PASSWORD_IF },
      .may_advise = { DO_STARTTLS_587 },
      .advice = { DO_SSL_465, DO_ASK_PROVIDER, DO_NO_SIGN_IN },
      .rfc = "RFC 4954 3" },

    { .id = "auth-no-common-method",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_LEFT_AFTER_LIST),
      .match = auth_no_common_method,
      .title = N_("Device and server know no common sign-in method"),
      .headline = N_("The mail server offers only sign-in methods that this device probably does "
                     "not know."),
      .meaning = N_("The server takes a sign-in only in these ways: {offered_methods}. The device "
                    "tried none of them and hung up."),
      .explain = N_("EHLO listed sign-in methods, none of which is PLAIN, LOGIN or CRAM-MD5, and "
                    "the device ended in good order without AUTH and without MAIL."),
      .may_rule_out = { SAY_NETWORK_WORKS, SAY_PASSWORD_IF },
      .may_advise = { DO_STARTTLS_587, DO_CHOOSE_OFFERED },
      .advice = { DO_ASK_PROVIDER, DO_METHOD_UPDATE, DO_RELAY },
      .rfc = "RFC 4954 3" },

    { .id = "auth-exchange-broken",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = auth_exchange_broken,
      .title = N_("The sign-in broke off in the middle"),
      .headline = N_("The sign-in of this device went wrong half-way: the server could not read "
                     "what the device sent, or the device gave up."),
      .meaning = N_("Name and password are sent in a certain form. This device sent them in "
                    "another one, or it called the sign-in off itself. The server could not get as "
                    "far as to check the password."),
      .explain = N_("Inside the AUTH exchange the server answered 500 or 501, the device sent a "
                    "lone * (a cancel), or its answer was no base64. RFC 4954 tells how the "
                    "answers are written."),
      .rules_out = { N_("A wrong password: it was not checked.") },
      .advice = { N_("Enter user name and password again in the device's mail settings. Leave out "
                     "spaces at the ends and try without unusual characters."),
                  DO_CHOOSE_ANOTHER, DO_UPDATE, DO_RELAY, DO_ASK_PROVIDER_REPLY },
      .rfc = "RFC 4954 4" },

    { .id = "auth-token-rejected",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED) | FACT_BIT(SIGN_OAUTH),
      .match_nth = auth_token_rejected,
      .title = N_("The server refuses the token (OAuth)"),
      .headline = N_("The mail server refuses the token with which this device signs in (OAuth)."),
      .meaning = N_("The device does not sign in with a password but with a token that was once "
                    "allowed in a browser. The token is out of date, was withdrawn, or is not for "
                    "this mailbox."),
      .explain = N_("After XOAUTH2 or OAUTHBEARER the server sends an error object in a 334 and "
                    "then refuses with 535. Without the object a refused method looks alike."),
      .rules_out = { N_("The password: none was sent.") },
      .advice = { N_("On the device's or its maker's settings page sign in to the mail account "
                     "anew, and allow the access in the browser."),
                  N_("Check that the user name on the device is the mail address with which you "
                     "signed in there."),
                  N_("Set date and time of the device: a token is only good for a while."),
                  DO_ASK_PROVIDER_REPLY },
      .rfc = "RFC 7628 3.2.3" },

    { .id = "auth-temporary-failure",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = auth_refused,
      .title = N_("The server cannot check the sign-in just now"),
      .headline = N_("The mail server cannot check the sign-in just now (its answer: {code})."),
      .meaning = N_("The device signed in, and the server said that this does not work at the "
                    "moment. It says nothing about name and password."),
      .explain = N_("AUTH was answered with 454 or another code from 400 to 499, whose text names "
                    "no other reason. Often the server's own user database is out of reach."),
      .rules_out = { N_("The user name and the password: the server did not get as far as to check "
                        "them.") },
      .advice = { DO_TRY_LATER,
                  N_("If it lasts for hours, tell the mail provider. You can send this: \"At "
                     "{time} your server {server} answered a sign-in with: {code} {text}\"") },
      .rfc = "RFC 4954 6" },

    { .id = "auth-too-many-tries",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = auth_refused,
      .title = N_("Too many sign-ins: the server has locked this device or account for a while"),
      .headline = N_("The mail server takes no more sign-ins for a while, because there were too "
                     "many."),
      .meaning = N_("After several failed sign-ins, or too many in a short time, servers lock the "
                    "account or the device's internet address for some time. As long as the device "
                    "keeps trying, the lock stays."),
      .explain = N_("AUTH was answered with a text of too many logins, of too many wrong tries, or "
                    "of a lock. Yahoo and AOL answer so as well where an app password is needed."),
      .rules_out = { N_("The server name and the port: the server heard the sign-in and answered "
                        "it.") },
      .advice = { N_("Switch the sending of mail off on the device, so that it stops trying, and "
                     "wait an hour."),
                  N_("Meanwhile make sure that user name and password are right: try them on a "
                     "computer, in the browser. With Yahoo and AOL make an app password for the "
                     "device."),
                  N_("Then enter user name and password in the device, switch the sending on "
                     "again, and send one test mail."),
                  DO_ASK_PROVIDER_REPLY },
      .rfc = "RFC 4954 6" },

    { .id = "auth-required",
      .severity = SEVERITY_FAILURE,
      .fallback = true,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = auth_required,
      .title = N_("The server wants a sign-in, and the device did not sign in"),
      .headline = N_("The mail server takes no mail without a sign-in, and this device did not "
                     "sign in."),
      .meaning = N_("The device wanted to hand in its mail without a user name and a password. "
                    "This server takes mail only from those who sign in first."),
      .explain = N_("MAIL or RCPT was answered with 530, 550, 553 or 554 and a text that a sign-in "
                    "is needed, and no AUTH had been tried. A 530 without a telling text means the "
                    "same by RFC 4954 (likely)."),
      .may_rule_out = { SAY_NETWORK_WORKS, SAY_PASSWORD_NOT_SENT },
      .advice = { N_("In the device's mail settings switch on the sign-in for sending (often "
                     "\"SMTP authentication\") and enter the user name and the password."),
                  N_("If the sign-in is switched on already, check that security and port fit together: \"SSL\" and port 465, or \"TLS\" or \"STARTTLS\" and port 587. Some devices sign in only then."),
                  DO_ASK_PROVIDER },
      .rfc = "RFC 4954 6" },

    { .id = "pop-before-smtp",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_REFUSAL),
      .match = pop_before_smtp,
      .title = N_("The device signs in by receiving mail first (POP before SMTP), and the server "
                  "does not accept that"),
      .headline = N_("This device signs in by \"POP before SMTP\", and the mail server does not "
                     "accept that."),
      .meaning = N_("The device first signs in to the receiving server (POP3) and then sends "
                    "without signing in again. That was an old way to send. Today's servers want a "
                    "sign-in at the sending itself."),
      .explain = N_("The device signed in by POP3 (port 110 or 995) within ten minutes before, "
                    "then sent MAIL without AUTH and was refused as one who had not signed in. "
                    "Certain where the POP3 sign-in was seen in clear text or, with a key, inside "
                    "TLS."),
      .may_rule_out = { SAY_POP3_ACCEPTED },
      .advice = { N_("In the device's mail settings change the sign-in for sending from \"POP "
                     "before SMTP\" to \"SMTP authentication\" (SMTP AUTH), and enter the same "
                     "user name and password."),
                  DO_SET_PAIR, DO_ASK_PROVIDER },
      .rfc = "RFC 4954 6" },

    { .id = "pop-before-smtp-failed",
      .severity = SEVERITY_FAILURE,
      .scope = SCOPE_DEVICE,
      .title = N_("The sign-in by receiving mail (POP before SMTP) was refused, and no mail "
                  "followed"),
      .headline = N_("The receiving server refuses this device's sign-in, and so the device sent "
                     "no mail."),
      .meaning = N_("This device signs in to the receiving server (POP3) before it sends (\"POP "
                    "before SMTP\"). That sign-in was refused, and the device did not even try to "
                    "send."),
      .explain = N_("A POP3 sign-in of the device was refused, and within ten minutes no mail "
                    "conversation followed. It is told only where this device did POP3 and then "
                    "SMTP elsewhere in the captures, or where --device names it; a mail program "
                    "that only fetches mail looks alike."),
      .rules_out = { N_("The outgoing mail server: the device did not get as far.") },
      .advice = { N_("In the device's mail settings change the sign-in for sending from \"POP "
                     "before SMTP\" to \"SMTP authentication\" (SMTP AUTH), and enter user name "
                     "and password for it."),
                  N_("If that cannot be chosen, check the user name, the password and the name of "
                     "the receiving server (POP3). The server's answer was: {text}"),
                  N_("Ask the mail provider whether it still takes POP before SMTP; many have "
                     "ended it.") } },

    { .id = "auth-place-blocked",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = auth_refused,
      .title = N_("The sign-in is refused from this place or address"),
      .headline = N_("The mail server does not allow a sign-in from this place (from this internet "
                     "address)."),
      .meaning = N_("The account may sign in only from certain countries or internet addresses, "
                    "and the device's is not one of them. Name and password may be right all the "
                    "same."),
      .explain = N_("AUTH was refused with a text on the country, on the internet address, or on a "
                    "list of allowed addresses. Japanese hosters often block sign-ins from abroad; "
                    "a foreign address can also come from a VPN or from a mobile line."),
      .rules_out = { N_("The password: the place is the reason, whatever the password.") },
      .advice = { N_("Sign in to the account's or the server's settings page and allow this place: "
                     "often \"access from abroad\", \"allowed IP addresses\" or \"authorised "
                     "IPs\"."),
                  N_("If the device goes through a VPN or a mobile router, let it use the normal "
                     "internet line."),
                  DO_ASK_PROVIDER_REPLY } },

    { .id = "account-suspended",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NAMED),
      .match_nth = auth_refused,
      .title = N_("Sending is stopped for this account"),
      .headline = N_("The mail provider has stopped this account from sending."),
      .meaning = N_("The provider has blocked the account's outgoing mail, for example after spam "
                    "had been sent with it, or because of an unpaid bill. Nothing that is set on "
                    "the device changes that."),
      .explain = N_("AUTH, MAIL or RCPT was refused with a text that the account or the sender is "
                    "suspended or blocked (Exchange Online 5.1.8 \"bad outbound sender\", Zoho 554 "
                    "5.1.8)."),
      .rules_out = { N_("The device's settings: the server knows the account.") },
      .advice = { N_("Sign in to the mailbox with a browser and look for a notice of the provider; "
                     "change the password, in case somebody else used the account."),
                  N_("Ask the provider, or the administrator of the organisation, to let the "
                     "account send again."),
                  DO_ASK_PROVIDER_REPLY } },

    { .id = "auth-password-wrong",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_PASSWORD_CHECKED),
      .match = password_wrong,
      .title = N_("The sign-in does not fit the password given (--check-password)"),
      .headline = N_("This device signs in with another password than the one given."),
      .meaning =
          N_("The sign-in in the capture was computed anew from the password that was given, "
             "and it comes out different. So another password is set in the device, perhaps "
             "with a typing error."),
      .explain =
          N_("With --check-password: PLAIN and LOGIN show the password, CRAM-MD5, DIGEST-MD5 "
             "and SCRAM are computed anew from the challenge. A password with letters "
             "beyond ASCII is tried as Latin-1, Shift_JIS and EUC-JP too. Where it still does "
             "not fit, nothing is told if the device may have written the same letters in yet "
             "another character set."),
      .may_rule_out = { SAY_SIGN_IN_ARRIVED },
      .advice = { N_("Enter the password again in the device's mail settings. Mind capital letters "
                     "and spaces; some devices take only so many characters, or change special "
                     "ones."),
                  N_("Make sure that the password given to mailwhy is the one in use for the same "
                     "account: try it with a mail program on a computer.") },
      .may_advise = { DO_ENTER_PASSWORD } },

    { .id = "auth-password-right",
      .severity = SEVERITY_NOTE,
      .needs = FACT_BIT(SIGN_PASSWORD_CHECKED),
      .match = password_right,
      .title = N_("The sign-in fits the password given (--check-password)"),
      .headline = N_("The device used exactly the password that was given."),
      .meaning =
          N_("The sign-in in the capture was computed anew from the password that was given, "
             "and it comes out the same. There is no typing error in the device's "
             "password."),
      .explain =
          N_("With --check-password: PLAIN and LOGIN show the password, CRAM-MD5, DIGEST-MD5 "
             "and SCRAM are computed anew from the challenge. Where the server refuses a "
             "sign-in that fits, it refuses the method, the user name, the account, or the "
             "given password itself. A password with letters beyond ASCII may fit in another "
             "character set than the one given: that is told with its name, and a reason in "
             "itself for a server that expects UTF-8."),
      .may_rule_out = { SAY_SIGN_IN_ARRIVED,
                        N_("A typing error in the device's password: it is the one that was given.") },
      .advice = { DO_CHECK_USER_NAME, DO_ASK_APP_PASSWORD },
      .may_advise = { DO_ASCII_PASSWORD } },
};

const struct causes causes_signing_in = { rows, sizeof rows / sizeof *rows };
