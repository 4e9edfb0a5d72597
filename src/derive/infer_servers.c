/* SPDX-License-Identifier: BSD-3-Clause */
/* What mail servers say, as their sources, manuals and the field have it. New ones go to the end:
 * recorded sessions name them by their place. */
#include "derive/infer_model.h"

/* Tables are read by columns. */
/* clang-format off */

/* Lines and CRLF: these very words; with a name or a number that adds so many characters; with the address
 * that the command had; refusals, which are of many kinds. */
#define SAYS(message, text)           { message, 990, sizeof(text) + 1, sizeof(text) + 1 }
#define WITH(message, text, from, to) { message, 970, sizeof(text) + 1 + (from), sizeof(text) + 1 + (to) }
#define ECHOES(message, text)         { message, 970, sizeof(text) + 1, sizeof(text) + 1 + 60, true }
#define SENT(text, from, to)          { MSG_SENT, 997, sizeof(text) + 1 + (from), sizeof(text) + 1 + (to) } /* seen to be so, and to stay so */
#define REFUSES(message, from, to)    { message, 900, from, to }

/* What all of them say but for the acceptance of a mail. */
#define POSTFIX_WORDS                                                                                            \
    SAYS(MSG_MAIL_OK, "250 2.1.0 Ok"), SAYS(MSG_RCPT_OK, "250 2.1.5 Ok"),                                        \
    SAYS(MSG_DATA_GO, "354 End data with <CR><LF>.<CR><LF>"),                                                    \
    SAYS(MSG_AUTH_OK, "235 2.7.0 Authentication successful"), { MSG_AUTH_NO, 950, 42, 120 },                     \
    REFUSES(MSG_NO, 24, 160), REFUSES(MSG_DATA_NO, 36, 38), REFUSES(MSG_MESSAGE_NO, 18, 160),                    \
    SAYS(MSG_RSET_OK, "250 2.0.0 Ok"), SAYS(MSG_BYE, "221 2.0.0 Bye")
#define EXIM_WORDS                                                                                               \
    SAYS(MSG_MAIL_OK, "250 OK"), SAYS(MSG_RCPT_OK, "250 Accepted"),                                              \
    SAYS(MSG_DATA_GO, "354 Enter message, ending with \".\" on a line by itself"),                               \
    SAYS(MSG_AUTH_OK, "235 Authentication succeeded"), { MSG_AUTH_NO, 850, 35, 35 },                             \
    REFUSES(MSG_NO, 20, 160), REFUSES(MSG_MESSAGE_NO, 18, 160),                                                  \
    SAYS(MSG_RSET_OK, "250 Reset OK"), WITH(MSG_BYE, "221  closing connection", 4, 45)

const struct infer_family infer_families[] = {
    { "any", NULL, 400, { { 0 } } },
    { "postfix", "postfix", 258, {
        POSTFIX_WORDS, SENT("250 2.0.0 Ok: queued as ", 10, 16) }, .sender_late = true },
    { "exim", "exim", 80, {
        EXIM_WORDS, SENT("250 OK id=1rIxYz-0000Ab-CD", 0, 0) }, .sender_late = true },
    { "exim", "exim", 40, { /* from 4.97 on its ids are longer */
        EXIM_WORDS, SENT("250 OK id=1rIxYz-0000000AbCd-E0fG", 0, 0) }, .sender_late = true },
    { "sendmail", "sendmail", 20, {
        ECHOES(MSG_MAIL_OK, "250 2.1.0 <>... Sender ok"), ECHOES(MSG_RCPT_OK, "250 2.1.5 <>... Recipient ok"),
        SAYS(MSG_DATA_GO, "354 Enter mail, end with \".\" on a line by itself"), SENT("250 2.0.0  Message accepted for delivery", 14, 15),
        SAYS(MSG_AUTH_OK, "235 2.0.0 OK Authenticated"), SAYS(MSG_AUTH_NO, "535 5.7.0 authentication failed"),
        REFUSES(MSG_NO, 24, 140), REFUSES(MSG_MESSAGE_NO, 18, 140),
        SAYS(MSG_RSET_OK, "250 2.0.0 Reset state"), WITH(MSG_BYE, "221 2.0.0  closing connection", 4, 50) } },
    { "microsoft", "microsoft esmtp", 35, {
        SAYS(MSG_MAIL_OK, "250 2.1.0 Sender OK"), SAYS(MSG_RCPT_OK, "250 2.1.5 Recipient OK"),
        SAYS(MSG_DATA_GO, "354 Start mail input; end with <CRLF>.<CRLF>"), { MSG_SENT, 970, 90, 300 },
        SAYS(MSG_AUTH_OK, "235 2.7.0 Authentication successful"),
        { MSG_AUTH_NO, 970, 39, 220 }, REFUSES(MSG_NO, 40, 300), REFUSES(MSG_MESSAGE_NO, 40, 300),
        { MSG_BYE, 970, 48, 60 } } },
    { "gmail", "gsmtp", 35, {
        { MSG_MAIL_OK, 970, 60, 90 }, { MSG_RCPT_OK, 970, 60, 90 }, { MSG_DATA_GO, 970, 55, 90 },
        SAYS(MSG_AUTH_OK, "235 2.7.0 Accepted"), { MSG_AUTH_NO, 970, 100, 250 }, { MSG_SENT, 970, 60, 100 },
        REFUSES(MSG_NO, 60, 450), REFUSES(MSG_MESSAGE_NO, 60, 450), { MSG_BYE, 970, 70, 110 } } },
    { "dovecot", "dovecot ready", 15, { /* submission: the rest is what the server behind it says */
        SAYS(MSG_MAIL_OK, "250 2.1.0 OK"), SAYS(MSG_RCPT_OK, "250 2.1.5 OK"), SAYS(MSG_DATA_GO, "354 OK"),
        SAYS(MSG_AUTH_OK, "235 2.7.0 Logged in."), SAYS(MSG_AUTH_NO, "535 5.7.8 Authentication failed."),
        { MSG_SENT, 600, 36, 46 /* Postfix, mostly */ },
        SAYS(MSG_RSET_OK, "250 2.0.0 OK"), SAYS(MSG_BYE, "221 2.0.0 Bye") } },
    { "qmail", NULL, 15, {
        SAYS(MSG_MAIL_OK, "250 ok"), SAYS(MSG_RCPT_OK, "250 ok"), SAYS(MSG_DATA_GO, "354 go ahead"),
        SENT("250 ok 1700445603 qp ", 3, 7), SAYS(MSG_AUTH_OK, "235 ok, go ahead (#2.0.0)"),
        SAYS(MSG_AUTH_NO, "535 authorization failed (#5.7.0)"), REFUSES(MSG_NO, 30, 110), REFUSES(MSG_MESSAGE_NO, 18, 110),
        SAYS(MSG_RSET_OK, "250 flushed"), WITH(MSG_BYE, "221 ", 4, 40) } },
    { "opensmtpd", "opensmtpd", 8, {
        SAYS(MSG_MAIL_OK, "250 2.0.0 Ok"), SAYS(MSG_RCPT_OK, "250 2.1.5 Destination address valid: Recipient ok"),
        SAYS(MSG_DATA_GO, "354 Enter mail, end with \".\" on a line by itself"), SENT("250 2.0.0 0a1b2c3d Message accepted for delivery", 0, 0),
        SAYS(MSG_AUTH_OK, "235 2.0.0 Authentication succeeded"), SAYS(MSG_AUTH_NO, "535 Authentication failed"),
        SAYS(MSG_RSET_OK, "250 2.0.0 Reset state"), SAYS(MSG_BYE, "221 2.0.0 Bye") } },
    { "courier", NULL, 8, {
        SAYS(MSG_MAIL_OK, "250 Ok."), SAYS(MSG_RCPT_OK, "250 Ok."), SAYS(MSG_DATA_GO, "354 Ok."),
        SENT("250 Ok. ", 18, 28), SAYS(MSG_AUTH_OK, "235 Ok"), SAYS(MSG_AUTH_NO, "535 Authentication failed."),
        SAYS(MSG_RSET_OK, "250 Ok."), SAYS(MSG_BYE, "221 Bye.") } },
    { "hmailserver", NULL, 8, {
        SAYS(MSG_MAIL_OK, "250 OK"), SAYS(MSG_RCPT_OK, "250 OK"), SAYS(MSG_DATA_GO, "354 OK, send."),
        WITH(MSG_SENT, "250 Queued (0. seconds)", 3, 6), SAYS(MSG_AUTH_OK, "235 authenticated."),
        SAYS(MSG_AUTH_NO, "535 Authentication failed. Restarting authentication process."),
        SAYS(MSG_RSET_OK, "250 OK"), SAYS(MSG_BYE, "221 goodbye") } },
    { "mdaemon", "mdaemon", 6, {
        SAYS(MSG_MAIL_OK, "250 2.1.0 Sender OK"), SAYS(MSG_RCPT_OK, "250 2.1.5 Recipient OK"),
        SAYS(MSG_DATA_GO, "354 Enter mail, end with <CRLF>.<CRLF>"), WITH(MSG_SENT, "250 2.6.0 Ok, message saved <Message-ID: >", 0, 90),
        SAYS(MSG_AUTH_OK, "235 2.7.0 Authentication successful"), SAYS(MSG_AUTH_NO, "535 5.7.8 Authentication failed"),
        SAYS(MSG_RSET_OK, "250 2.0.0 RSET? Well, ok."), SAYS(MSG_BYE, "221 2.0.0 See ya in cyberspace") } },
    { "domino", "domino", 4, {
        ECHOES(MSG_MAIL_OK, "250 ... Sender OK"), ECHOES(MSG_RCPT_OK, "250 ... Recipient OK"),
        SAYS(MSG_DATA_GO, "354 Enter message, end with \".\" on a line by itself"), WITH(MSG_SENT, "250 Message accepted for delivery", 0, 0),
        SAYS(MSG_AUTH_OK, "235 Authentication successful"), SAYS(MSG_AUTH_NO, "535 Authentication failed"),
        SAYS(MSG_RSET_OK, "250 Reset state"), WITH(MSG_BYE, "221  SMTP Service closing transmission channel", 4, 45) } },
    { "kerio", "kerio connect", 4, {
        ECHOES(MSG_MAIL_OK, "250 2.1.0 <>... Sender ok"), ECHOES(MSG_RCPT_OK, "250 2.1.5 <>... Recipient ok (local)"),
        SAYS(MSG_DATA_GO, "354 Enter mail, end with CRLF.CRLF"), WITH(MSG_SENT, "250 2.0.0  Message accepted for delivery", 14, 20),
        SAYS(MSG_AUTH_OK, "235 2.0.0 Authentication successful"), SAYS(MSG_AUTH_NO, "535 5.7.0 Authentication failed"),
        SAYS(MSG_RSET_OK, "250 2.0.0 Reset state"), SAYS(MSG_BYE, "221 2.0.0 SMTP closing connection") } },
    { "communigate", "communigate pro", 3, {
        ECHOES(MSG_MAIL_OK, "250  sender accepted"), WITH(MSG_RCPT_OK, "250  will relay mail", 6, 90),
        SAYS(MSG_DATA_GO, "354 Enter mail, end with \".\" on a line by itself"), WITH(MSG_SENT, "250  message accepted for delivery", 4, 10),
        WITH(MSG_AUTH_OK, "235  relaying authorized", 3, 50), SAYS(MSG_AUTH_NO, "535 incorrect password or account name"),
        SAYS(MSG_RSET_OK, "250 SMTP state reset"), WITH(MSG_BYE, "221  CommuniGate Pro SMTP closing connection", 4, 45) } },
    { "mailenable", "mailenable", 4, {
        SAYS(MSG_MAIL_OK, "250 Requested mail action okay, completed"), SAYS(MSG_RCPT_OK, "250 Requested mail action okay, completed"),
        SAYS(MSG_DATA_GO, "354 Start mail input; end with <CRLF>.<CRLF>"), WITH(MSG_SENT, "250 Requested mail action okay, completed", 0, 0),
        SAYS(MSG_AUTH_OK, "235 Authenticated"), SAYS(MSG_AUTH_NO, "535 Invalid Username or Password"),
        SAYS(MSG_RSET_OK, "250 Requested mail action okay, completed"), SAYS(MSG_BYE, "221 Service closing transmission channel") } },
    { "yahoo", "smtp.mail.yahoo.com", 8, {
        SAYS(MSG_MAIL_OK, "250 OK , completed"), SAYS(MSG_RCPT_OK, "250 OK , completed"),
        SAYS(MSG_DATA_GO, "354 Start Mail. End with CRLF.CRLF"), WITH(MSG_SENT, "250 OK , completed", 0, 0),
        SAYS(MSG_AUTH_OK, "235 2.0.0 OK"), SAYS(MSG_AUTH_NO, "535 5.7.0 (#AUTH005) Too many bad auth attempts."),
        SAYS(MSG_BYE, "221 Service Closing transmission") } },
    { "zoho", "zoho", 4, {
        ECHOES(MSG_MAIL_OK, "250 Sender <> OK"), ECHOES(MSG_RCPT_OK, "250 Recipient <> OK"),
        SAYS(MSG_DATA_GO, "354 Ok Send data ending with <CRLF>.<CRLF>"), WITH(MSG_SENT, "250 Message received", 0, 0),
        SAYS(MSG_AUTH_OK, "235 Authentication Successful"), SAYS(MSG_AUTH_NO, "535 Authentication Failed"),
        SAYS(MSG_RSET_OK, "250 OK"), WITH(MSG_BYE, "221  closing connection", 8, 30) } },
    { "ses", "simpleemailservice", 6, {
        SAYS(MSG_MAIL_OK, "250 Ok"), SAYS(MSG_RCPT_OK, "250 Ok"), SAYS(MSG_DATA_GO, "354 End data with <CR><LF>.<CR><LF>"),
        WITH(MSG_SENT, "250 Ok ", 54, 62), SAYS(MSG_AUTH_OK, "235 Authentication successful."),
        SAYS(MSG_AUTH_NO, "535 Authentication Credentials Invalid"), SAYS(MSG_RSET_OK, "250 Ok"), SAYS(MSG_BYE, "221 Bye") } },
    { "sendgrid", "sg esmtp service", 4, {
        SAYS(MSG_MAIL_OK, "250 Sender address accepted"), SAYS(MSG_RCPT_OK, "250 Recipient address accepted"),
        SAYS(MSG_DATA_GO, "354 Continue"), WITH(MSG_SENT, "250 Ok: queued as ", 20, 24), SAYS(MSG_AUTH_OK, "235 Authentication successful"),
        SAYS(MSG_AUTH_NO, "535 Authentication failed: Bad username / password"), SAYS(MSG_RSET_OK, "250 Reset"), SAYS(MSG_BYE, "221 See you later") } },
    { "twisted", NULL, 2, {
        SAYS(MSG_MAIL_OK, "250 Sender address accepted"), SAYS(MSG_RCPT_OK, "250 Recipient address accepted"),
        SAYS(MSG_DATA_GO, "354 Continue"), SENT("250 Delivery in progress", 0, 0), SAYS(MSG_AUTH_OK, "235 Authentication successful."),
        SAYS(MSG_AUTH_NO, "535 Authentication failed"), SAYS(MSG_BYE, "221 See you later") } },
    { "haraka", "haraka", 3, {
        ECHOES(MSG_MAIL_OK, "250 sender <> OK"), ECHOES(MSG_RCPT_OK, "250 recipient <> OK"),
        SAYS(MSG_DATA_GO, "354 go ahead, make my day"), SENT("250 Message Queued ()", 38, 42),
        SAYS(MSG_AUTH_OK, "235 2.7.0 Authentication successful"), SAYS(MSG_AUTH_NO, "535 5.7.8 Authentication failed"),
        WITH(MSG_BYE, "221  closing connection. Have a jolly good day.", 4, 45) } },
    { "james", "james smtp server", 3, {
        ECHOES(MSG_MAIL_OK, "250 2.1.0 Sender <> OK"), ECHOES(MSG_RCPT_OK, "250 2.1.5 Recipient <> OK"),
        SAYS(MSG_DATA_GO, "354 Ok Send data ending with <CRLF>.<CRLF>"), WITH(MSG_SENT, "250 2.6.0 Message received", 0, 0),
        SAYS(MSG_AUTH_OK, "235 Authentication Successful"), SAYS(MSG_AUTH_NO, "535 Authentication Failed"),
        SAYS(MSG_RSET_OK, "250 2.0.0 OK"), WITH(MSG_BYE, "221 2.0.0  Service closing transmission channel", 4, 45) } },
    { "powermta", "powermta", 3, {
        SAYS(MSG_MAIL_OK, "250 2.1.0 MAIL ok"), ECHOES(MSG_RCPT_OK, "250 2.1.5 <> ok"),
        SAYS(MSG_DATA_GO, "354 send message"), WITH(MSG_SENT, "250 2.6.0 message received", 0, 0),
        SAYS(MSG_AUTH_OK, "235 2.7.0 authentication succeeded"), SAYS(MSG_AUTH_NO, "535 5.7.8 authentication failed"),
        SAYS(MSG_RSET_OK, "250 2.0.0 RSET ok"), WITH(MSG_BYE, "221 2.0.0  says goodbye", 4, 45) } },
    { "icewarp", "icewarp", 3, {
        ECHOES(MSG_MAIL_OK, "250 2.1.0 <>... Sender ok"), ECHOES(MSG_RCPT_OK, "250 2.1.5 <>... Recipient ok"),
        SAYS(MSG_DATA_GO, "354 Enter mail, end with \".\" on a line by itself"),
        WITH(MSG_SENT, "250 2.6.0  bytes received in 00:00:00; Message id  accepted for delivery", 14, 22),
        SAYS(MSG_AUTH_OK, "235 2.0.0 Authentication successful"), SAYS(MSG_AUTH_NO, "535 5.7.8 Authentication credentials invalid"),
        SAYS(MSG_RSET_OK, "250 2.0.0 Reset state"), WITH(MSG_BYE, "221 2.0.0  closing connection", 4, 45) } },
    { "gmx", "nemesis esmtp", 5, {
        SAYS(MSG_MAIL_OK, "250 Requested mail action okay, completed"), SAYS(MSG_RCPT_OK, "250 OK"),
        SAYS(MSG_DATA_GO, "354 Start mail input; end with <CRLF>.<CRLF>"), WITH(MSG_SENT, "250 Requested mail action okay, completed: id=", 28, 36),
        SAYS(MSG_AUTH_OK, "235 Authentication succeeded"), SAYS(MSG_AUTH_NO, "535 Authentication credentials invalid"),
        SAYS(MSG_RSET_OK, "250 OK"), WITH(MSG_BYE, "221  Service closing transmission channel", 6, 12) } },
    { "go-smtp", NULL, 3, {
        ECHOES(MSG_MAIL_OK, "250 2.0.0 Roger, accepting mail from <>"), ECHOES(MSG_RCPT_OK, "250 2.0.0 I'll make sure <> gets this"),
        SAYS(MSG_DATA_GO, "354 2.0.0 Go ahead. End your data with <CR><LF>.<CR><LF>"), SENT("250 2.0.0 OK: queued", 0, 0),
        SAYS(MSG_AUTH_OK, "235 2.0.0 Authentication succeeded"), SAYS(MSG_RSET_OK, "250 2.0.0 Session reset"), WITH(MSG_BYE, "221 2.0.0 Bye", 0, 20) } },
    { "aiosmtpd", "python smtp", 3, {
        SAYS(MSG_MAIL_OK, "250 OK"), SAYS(MSG_RCPT_OK, "250 OK"), SAYS(MSG_DATA_GO, "354 End data with <CR><LF>.<CR><LF>"),
        SAYS(MSG_AUTH_OK, "235 2.7.0 Authentication successful"), SAYS(MSG_AUTH_NO, "535 5.7.8 Authentication credentials invalid"),
        { MSG_SENT, 500, 35, 35 /* its manual's "250 Message accepted for delivery" */ },
        SAYS(MSG_RSET_OK, "250 OK"), SAYS(MSG_BYE, "221 Bye") } },
    { "smtp-server", NULL, 3, { /* of Node.js */
        SAYS(MSG_MAIL_OK, "250 Accepted"), SAYS(MSG_RCPT_OK, "250 Accepted"), SAYS(MSG_DATA_GO, "354 End data with <CR><LF>.<CR><LF>"),
        SENT("250 OK: message queued", 0, 0), SAYS(MSG_AUTH_OK, "235 Authentication successful"),
        SAYS(MSG_RSET_OK, "250 Flushed"), SAYS(MSG_BYE, "221 Bye") } },
    { "chasquid", "chasquid", 3, {
        SAYS(MSG_MAIL_OK, "250 2.1.5 You feel like you are being watched"), SAYS(MSG_RCPT_OK, "250 2.1.5 You have an eerie feeling..."),
        SAYS(MSG_DATA_GO, "354 You suddenly realize it is unnaturally quiet"), SENT("250 2.0.0 ", 40, 70),
        SAYS(MSG_AUTH_OK, "235 2.7.5 Authentication successful"), SAYS(MSG_AUTH_NO, "535 5.7.8 Incorrect user or password"),
        SAYS(MSG_BYE, "221 2.0.0 Be seeing you...") } },
    { "postfix", "postfix", 6, { /* with a filter that the mail goes through first (amavis) */
        POSTFIX_WORDS, SENT("250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as ", 10, 16) }, .sender_late = true },
};
_Static_assert(sizeof infer_families / sizeof *infer_families <= INFER_FAMILIES_MAX,
               "a set of families fits into 32 bits");
const size_t infer_family_count = sizeof infer_families / sizeof *infer_families;
