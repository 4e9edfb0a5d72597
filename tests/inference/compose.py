#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""compose.py [COUNT [SEED]]: sessions with servers that were not recorded, in the form of sessions.txt, to tune on.

The words are those that the servers' sources and manuals have; who says what by which method and how it ends is drawn by lot.
Nothing is sent: the lengths of the lines become the lengths of records, exact ones (TLS 1.2, GCM) and ones to a block (CBC with HMAC-SHA1
and HMAC-SHA256) in turn. None of the servers that sessions.txt tests the model with is among them; of the fresh ones (fresh.txt)
Courier, qpsmtpd and Haraka are.
"""
import base64
import random
import sys

# greeting, list, MAIL and RCPT accepted, DATA, message accepted, signed in, sign-in refused, sender refused, recipient refused,
# message refused, RSET, QUIT. # is a digit or letter of an id, lines are joined by |; {h} the server's name, {s} sender, {r} recipient.
SERVERS = {
    "courier": ("220 {h} ESMTP", "{h} Ok.|AUTH LOGIN PLAIN CRAM-MD5|XVERP=Courier|XEXDATA|XSECURITY=NONE,STARTTLS|PIPELINING|8BITMIME|SIZE|DSN", "250 Ok.", "250 Ok.", "354 Ok.",
                "250 Ok. ########.########.########", "235 Authentication succeeded.", "535 Authentication failed.", "517 SPF fail {s}: Address does not pass.",
                "550 User <{r}> unknown", "550 Message rejected by the filter.", "250 Ok.", "221 Bye."),
    "hmailserver": ("220 {h} ESMTP", "{h}|SIZE 20480000|AUTH LOGIN PLAIN|HELP", "250 OK", "250 OK", "354 OK, send.", "250 Queued (0.### seconds)", "235 authenticated.",
                    "535 Authentication failed. Restarting authentication process.", "550 Sender address must be specified in full.", "550 Delivery is not allowed to this address.",
                    "554 Rejected - the message contained a virus", "250 OK", "221 goodbye"),
    "mdaemon": ("220 {h} ESMTP MDaemon 20.0.3; Mon, 20 Nov 2023 11:00:03 +0900", "{h} Hello copier, pleased to meet you|ETRN|AUTH LOGIN CRAM-MD5 PLAIN|8BITMIME|ENHANCEDSTATUSCODES|SIZE",
                "250 2.1.0 Sender OK", "250 2.1.5 Recipient OK", "354 Enter mail, end with <CRLF>.<CRLF>", "250 2.6.0 Ok, message saved <Message-ID: {s}.########>",
                "235 2.7.0 Authentication successful", "535 5.7.8 Authentication failed", "550 5.1.7 Sender unknown", "550 5.1.1 Recipient unknown <{r}>",
                "554 5.7.1 Message rejected, it looks like spam", "250 2.0.0 RSET? Well, ok.", "221 2.0.0 See ya in cyberspace"),
    "domino": ("220 {h} ESMTP Service (HCL Domino Release 12.0.2) ready at Mon, 20 Nov 2023 11:00:03 +0900", "{h} Hello copier ([192.168.11.30]), pleased to meet you|TLS|AUTH LOGIN PLAIN|SIZE 31457280|PIPELINING|8BITMIME",
               "250 {s}... Sender OK", "250 {r}... Recipient OK", "354 Enter message, end with \".\" on a line by itself", "250 Message accepted for delivery",
               "235 Authentication successful", "535 Authentication failed", "554 Relay rejected for policy reasons.", "550 {r}... No such user", "554 Message rejected for policy reasons.", "250 Reset state",
               "221 {h} SMTP Service closing transmission channel"),
    "kerio": ("220 {h} Kerio Connect 9.4.2 ESMTP ready", "{h}|AUTH CRAM-MD5 PLAIN LOGIN DIGEST-MD5|SIZE 20971520|DSN|ENHANCEDSTATUSCODES|8BITMIME", "250 2.1.0 <{s}>... Sender ok",
              "250 2.1.5 <{r}>... Recipient ok (local)", "354 Enter mail, end with CRLF.CRLF", "250 2.0.0 ########-######## Message accepted for delivery", "235 2.0.0 Authentication successful",
              "535 5.7.0 Authentication failed", "550 5.7.1 Sender address is not allowed", "550 5.7.1 Relaying to <{r}> denied (authentication required)", "554 5.7.1 Message contains an attachment that is not allowed",
              "250 2.0.0 Reset state", "221 2.0.0 SMTP closing connection"),
    "communigate": ("220 {h} ESMTP CommuniGate Pro 6.3.2 is glad to see you!", "{h} is pleased to meet you|HELP|AUTH LOGIN PLAIN CRAM-MD5 DIGEST-MD5|SIZE|PIPELINING|8BITMIME|ETRN|TURN", "250 {s} sender accepted",
                    "250 {r} will relay mail from a client address", "354 Enter mail, end with \".\" on a line by itself", "250 ######## message accepted for delivery", "235 camera@example.com relaying authorized",
                    "535 incorrect password or account name", "501 {s} unknown user account", "550 {r} unknown user account", "552 the message was rejected by the content filter", "250 SMTP state reset",
                    "221 {h} CommuniGate Pro SMTP closing connection"),
    "mailenable": ("220 {h} ESMTP MailEnable Service, Version: 10.44-- ready at 11/20/23 11:00:03", "{h} [192.168.11.30], this server offers 5 extensions|AUTH CRAM-MD5 LOGIN|SIZE 40960000|HELP|AUTH=LOGIN",
                   "250 Requested mail action okay, completed", "250 Requested mail action okay, completed", "354 Start mail input; end with <CRLF>.<CRLF>", "250 Requested mail action okay, completed",
                   "235 Authenticated", "535 Invalid Username or Password", "530 Sender is not allowed to send from this address", "503 This mail server requires authentication when attempting to send to a non-local e-mail address.",
                   "550 Message content was not accepted by a filter", "250 Requested mail action okay, completed", "221 Service closing transmission channel"),
    "yahoo": ("220 smtp.mail.yahoo.com ESMTP ready", "smtp.mail.yahoo.com Hello copier|PIPELINING|ENHANCEDSTATUSCODES|8BITMIME|SIZE 41697280|AUTH PLAIN LOGIN XOAUTH2 OAUTHBEARER", "250 OK , completed", "250 OK , completed",
              "354 Start Mail. End with CRLF.CRLF", "250 OK , completed", "235 2.0.0 OK", "535 5.7.0 (#AUTH005) Too many bad auth attempts.", "550 Request failed; Mailbox unavailable", "550 relaying denied for <{r}>",
              "554 6.6.0 Error sending message for delivery.", "250 OK", "221 Service Closing transmission"),
    "icloud": ("220 iCloud SMTP - ########-#### 2023B###-########", "{h}|STARTTLS|SIZE 28319744|8BITMIME|PIPELINING|ENHANCEDSTATUSCODES|DSN|AUTH LOGIN PLAIN XOAUTH2 ATOKEN", "250 2.1.0 Ok", "250 2.1.5 Ok",
               "354 End data with <CR><LF>.<CR><LF>", "250 2.0.0 Ok: queued as ##########", "235 2.7.0 Authentication successful", "535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6",
               "550 5.7.0 From address is not one of your addresses", "550 5.1.1 <{r}>: user does not exist", "554 5.7.1 [CS01] Message rejected due to local policy. Please visit https://support.apple.com/en-us/HT204137", "250 2.0.0 Ok", "221 2.0.0 Bye"),
    "zoho": ("220 mx.zoho.com SMTP Server ready November 20, 2023 11:00:03 AM JST", "mx.zoho.com Hello copier (192.168.11.30)|AUTH LOGIN PLAIN|SIZE 53477376", "250 Sender <{s}> OK", "250 Recipient <{r}> OK", "354 Ok Send data ending with <CRLF>.<CRLF>",
             "250 Message received", "235 Authentication Successful", "535 Authentication Failed", "553 Relaying disallowed as {s}", "553 Relaying disallowed. Invalid Domain - example.com", "554 5.1.8 Email Outgoing Blocked", "250 OK", "221 mx.zoho.com closing connection"),
    "ses": ("220 email-smtp.amazonaws.com ESMTP SimpleEmailService-d-########## ##############", "email-smtp.amazonaws.com|8BITMIME|STARTTLS|AUTH PLAIN LOGIN|Ok", "250 Ok", "250 Ok", "354 End data with <CR><LF>.<CR><LF>",
            "250 Ok ################-########-####-####-####-############-000000", "235 Authentication successful.", "535 Authentication Credentials Invalid", "501 Invalid MAIL FROM address provided",
            "550 Address is on the suppression list", "554 Message rejected: Email address is not verified. The following identities failed the check in region US-EAST-1: {s}", "250 Ok", "221 Bye"),
    "sendgrid": ("220 SG ESMTP service ready at geopod-ismtpd-#-#", "smtp.sendgrid.net|8BITMIME|PIPELINING|SIZE 31457280|STARTTLS|AUTH PLAIN LOGIN|AUTH=PLAIN LOGIN", "250 Sender address accepted", "250 Recipient address accepted", "354 Continue",
                 "250 Ok: queued as ######################", "235 Authentication successful", "535 Authentication failed: Bad username / password", "550 Unauthenticated senders not allowed", "550 Cannot receive from specified address <{s}>: Unauthenticated senders not allowed",
                 "550 The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved.", "250 Reset", "221 See you later"),
    "haraka": ("220 {h} ESMTP Haraka/3.0.2 ready", "{h} Hello copier [192.168.11.30], Haraka is at your service.|PIPELINING|8BITMIME|SMTPUTF8|SIZE 0|AUTH PLAIN LOGIN CRAM-MD5", "250 sender <{s}> OK", "250 recipient <{r}> OK", "354 go ahead, make my day",
               "250 Message Queued (########-####-####-####-############.1)", "235 2.7.0 Authentication successful", "535 5.7.8 Authentication failed", "550 5.7.1 mail from <{s}> is not allowed", "550 I cannot deliver mail for <{r}>",
               "550 Message denied by a plugin", "250 OK", "221 {h} closing connection. Have a jolly good day."),
    "james": ("220 {h} SMTP Server (JAMES SMTP Server) ready", "{h} Hello copier [192.168.11.30])|AUTH LOGIN PLAIN|AUTH=LOGIN PLAIN|PIPELINING|ENHANCEDSTATUSCODES|8BITMIME", "250 2.1.0 Sender <{s}> OK", "250 2.1.5 Recipient <{r}> OK", "354 Ok Send data ending with <CRLF>.<CRLF>",
              "250 2.6.0 Message received", "235 Authentication Successful", "535 Authentication Failed", "503 5.7.1 Incorrect Authentication for Specified Email Address", "530 5.7.1 Authentication Required", "552 5.3.4 Maximum message size exceeded", "250 2.0.0 OK", "221 2.0.0 {h} Service closing transmission channel"),
    "qpsmtpd": ("220 {h} ESMTP qpsmtpd 0.96 ready; send us your mail, but not your spam.", "{h} Hi copier [192.168.11.30]|PIPELINING|8BITMIME|SIZE 25000000|AUTH PLAIN LOGIN CRAM-MD5", "250 <{s}>, sender OK - how exciting to get mail from you!", "250 <{r}>, recipient ok",
                "354 go ahead", "250 Queued! 1700445603 qp ##### <{s}>", "235 PLAIN authentication successful for camera - auth/flat_file", "535 PLAIN authentication failed for camera - auth/flat_file", "550 Mail from {s} not accepted here", "550 Relaying denied", "552 Message denied by the spam filter", "250 OK",
                "221 {h} closing connection. Have a wonderful day."),
    "powermta": ("220 {h} (PowerMTA(TM) v5.0) ESMTP service ready", "{h} says hello|STARTTLS|ENHANCEDSTATUSCODES|PIPELINING|CHUNKING|8BITMIME|AUTH CRAM-MD5 PLAIN LOGIN|AUTH=CRAM-MD5 PLAIN LOGIN|XACK|XMRG|SIZE 54525952|VERP|DSN", "250 2.1.0 MAIL ok", "250 2.1.5 <{r}> ok", "354 send message",
                 "250 2.6.0 message received", "235 2.7.0 authentication succeeded", "535 5.7.8 authentication failed", "550 5.7.1 {s} not authorized", "550 5.7.1 relaying denied for <{r}>", "550 5.7.1 message content rejected", "250 2.0.0 RSET ok", "221 2.0.0 {h} says goodbye"),
    "icewarp": ("220 {h} ESMTP IceWarp 13.0.3.7 x64; Mon, 20 Nov 2023 11:00:03 +0900", "{h} Hello copier [192.168.11.30], pleased to meet you.|ENHANCEDSTATUSCODES|SIZE|EXPN|ETRN|ATRN|DSN|CHECKPOINT|8BITMIME|AUTH CRAM-MD5 PLAIN LOGIN DIGEST-MD5", "250 2.1.0 <{s}>... Sender ok", "250 2.1.5 <{r}>... Recipient ok",
                "354 Enter mail, end with \".\" on a line by itself", "250 2.6.0 ##### bytes received in 00:00:00; Message id ############ accepted for delivery", "235 2.0.0 Authentication successful", "535 5.7.8 Authentication credentials invalid", "550 5.1.0 Sender <{s}> refused", "550 5.1.1 <{r}> User unknown; rejecting",
                "554 5.7.1 Message cannot be accepted, spam rejection", "250 2.0.0 Reset state", "221 2.0.0 {h} closing connection"),
    "zimbra": ("220 {h} ESMTP Postfix", "{h}|PIPELINING|SIZE 10240000|VRFY|ETRN|AUTH LOGIN PLAIN|AUTH=LOGIN PLAIN|ENHANCEDSTATUSCODES|8BITMIME|DSN", "250 2.1.0 Ok", "250 2.1.5 Ok", "354 End data with <CR><LF>.<CR><LF>", "250 2.0.0 Ok: queued as ##########", "235 2.7.0 Authentication successful",
               "535 5.7.8 Error: authentication failed: authentication failure", "553 5.7.1 <{s}>: Sender address rejected: not owned by user camera", "550 5.1.1 <{r}>: Recipient address rejected: example.com", "554 5.7.1 id=#####-##, BOUNCE", "250 2.0.0 Ok", "221 2.0.0 Bye"),
    "isp-biglobe": ("220 rcpt-expgw.biglobe.ne.jp ESMTP", "rcpt-expgw.biglobe.ne.jp|8BITMIME|SIZE 31457280|AUTH LOGIN PLAIN CRAM-MD5", "250 Sender ok", "250 Recipient ok", "354 Enter mail, end with \".\" on a line by itself", "250 #########.###.########## Message accepted for delivery", "235 Authentication successful", "535 authorization failed",
                    "553 sorry, your sender address is not allowed here", "550 <{r}>... User unknown", "554 Transaction failed: message refused", "250 Reset state", "221 rcpt-expgw.biglobe.ne.jp closing connection"),
    "isp-gmx": ("220 gmx.net (mrgmx###) Nemesis ESMTP Service ready", "gmx.net Hello copier [192.0.2.30]|8BITMIME|AUTH LOGIN PLAIN|SIZE 69920427", "250 Requested mail action okay, completed", "250 OK", "354 Start mail input; end with <CRLF>.<CRLF>", "250 Requested mail action okay, completed: id=1#####-1##############-00####",
                "235 Authentication succeeded", "535 Authentication credentials invalid", "550 Requested action not taken: mailbox unavailable|550 Sender address is not allowed.", "550 Requested action not taken: mailbox unavailable|550 invalid DNS MX or A/AAAA resource record",
                "554 Transaction failed|554 Reject due to policy restrictions.|554 For explanation visit https://postmaster.gmx.net/en/error-messages?ip=192.0.2.30&c=hi", "250 OK", "221 gmx.net Service closing transmission channel"),
    "embedded": ("220 ready", "mail|AUTH LOGIN PLAIN", "250 ok", "250 ok", "354 go", "250 ok", "235 ok", "535 failed", "550 no", "550 no such user", "554 failed", "250 ok", "221 bye"),
}
ENDS = ["delivered"] * 8 + ["auth"] * 5 + ["sender", "recipient"] * 2 + ["message", "early"]


class Session:
    """Lines in turn: (side, length, microseconds since the line before)."""

    def __init__(self, dice, words):
        self.dice, self.lines = dice, []
        self.host = dice.choice(["mail.example.com", "smtp.example.ne.jp", "mx1.a-longer-name.example.net"])
        self.sender = dice.choice(["scan@example.com", "copier-2f@branch.example.co.jp", "a@b.example", "office.scanner@company.example"])
        self.to = dice.choice(["owner@example.jp", "night.watch@example.org", "it@example.com", "firstname.lastname@company.example"])
        names = ("greeting", "list", "mail_ok", "rcpt_ok", "go", "sent", "signed_in", "no_auth", "no_mail", "no_rcpt", "no_message", "reset", "bye")
        self.words = dict(zip(names, words))

    def device(self, *lines, soon=True):
        self.lines.append(("D", sum(len(line) + 2 for line in lines), self.dice.randint(50, 9000) if soon else 200000))

    def server(self, *which, late=0):
        text = 0
        for word in which:
            said = self.words.get(word, word).format(h=self.host, s=self.sender, r=self.to)
            parts = said.split("|")
            text += sum(len(p) + (6 if word == "list" else 2) for p in parts)
        self.lines.append(("S", text, late or self.dice.randint(50, 60000)))

    def sign_in(self, method, good):
        if not good and self.dice.random() < 0.1:  # the method itself
            self.device("AUTH " + method)
            self.server(self.dice.choice(["504 5.7.4 Unrecognized authentication type", "504 Unrecognized authentication type.", "502 5.5.2 Error: command not recognized",
                                          "503 AUTH command used when not advertised", "534 5.7.9 Please use another method"]))
            return
        user = self.dice.choice([self.sender, "camera", "office.scanner", "copier@branch.example.co.jp"])
        password = "".join(self.dice.choices("abcdefgh23456789", k=self.dice.choice([6, 8, 8, 8, 10, 12, 16, 20])))
        code = lambda text: base64.b64encode(text.encode()).decode()
        if method == "CRAM-MD5":
            self.device("AUTH CRAM-MD5")
            self.server("334 " + code(f"<{self.dice.randint(10**4, 10**9)}.1700445603@{self.host}>"))
            self.device(code(user + " " + "0" * 32))
        elif method == "PLAIN":
            answer = code(f"\0{user}\0{password}")
            if self.dice.random() < 0.7:
                self.device("AUTH PLAIN " + answer)
            else:
                self.device("AUTH PLAIN")
                self.server("334 ")
                self.device(answer)
        else:
            if self.dice.random() < 0.2:
                self.device("AUTH LOGIN " + code(user))
            else:
                self.device("AUTH LOGIN")
                self.server("334 VXNlcm5hbWU6")
                self.device(code(user))
            self.server("334 UGFzc3dvcmQ6")
            self.device(code(password))
        late = 0 if good or self.dice.random() < 0.5 else self.dice.randint(10**6, 3 * 10**6)
        self.server("signed_in" if good else "no_auth", late=late)

    def leave(self, politely=0.7, reset=0.2):
        if self.dice.random() > politely:
            return
        if self.dice.random() < reset:
            self.device("RSET")
            self.server("reset")
        self.device("QUIT")
        self.server("bye")

    def mail(self, end):
        mail = f"MAIL FROM:<{self.sender}>" + self.dice.choice(["", "", " SIZE=4711", " BODY=8BITMIME"])
        rcpt = f"RCPT TO:<{self.to}>"
        more = self.dice.random() < 0.15
        if self.dice.random() < 0.15:  # all in one piece (RFC 2920)
            self.device(mail, rcpt, "DATA")
            if end == "sender":
                self.server("no_mail", "503 5.5.1 Need MAIL command", "503 5.5.1 Need RCPT command")
            elif end == "recipient":
                self.server("mail_ok", "no_rcpt", "554 5.5.1 No valid recipients")
            else:
                self.server("mail_ok", "rcpt_ok", "go")
            if end in ("sender", "recipient"):
                return self.leave()
        else:
            self.device(mail)
            self.server("no_mail" if end == "sender" else "mail_ok")
            if end == "sender":
                return self.leave()
            for _ in range(1 + more):
                self.device(rcpt)
                self.server("no_rcpt" if end == "recipient" else "rcpt_ok")
            if end == "recipient":
                return self.leave()
            self.device("DATA")
            self.server("go")
        self.lines.append(("D", self.dice.choice([180, 420, 2300, 12000]) + self.dice.randint(0, 300), 500))
        if self.dice.random() < 0.3:
            self.device(".")
        self.server("no_message" if end == "message" else "sent", late=self.dice.randint(5000, 400000))
        return self.leave(0.95, 0.02 if end == "delivered" else 0.2)


def compose(dice, end, words, starttls):
    s = Session(dice, words)
    method = dice.choice(["LOGIN"] * 4 + ["PLAIN"] * 3 + ["CRAM-MD5"] * 2 + ["-"])
    method = "LOGIN" if end == "auth" and method == "-" else method
    if not starttls:
        s.server("greeting")
    helo = dice.choice(["copier", "[192.168.11.30]", "localhost", "office-scanner.example.com"])
    s.device("EHLO " + helo)
    s.server("list")
    if end == "early":
        if dice.random() < 0.3 and method != "-":
            s.sign_in(method, True)
        else:
            method = "-"
        s.leave(0.9, 0)
        return s, end, method, len(helo) + 7
    if method != "-":
        s.sign_in(method, end != "auth")
    if end == "auth":
        s.leave(0.75, 0.05)
    else:
        if method == "-" and dice.random() < 0.5:  # the server wants a sign-in
            end = "sender"
            s.words["no_mail"] = dice.choice(["530 5.7.0 Authentication required", "530 Authentication required", "530 5.5.1 Authentication Required.", "503 5.5.4 Error: send AUTH command first",
                                              "550 5.7.1 Client was not authenticated", "530 5.7.57 Client not authenticated to send mail. Error: 535 5.7.3 Authentication unsuccessful"])
        s.mail(end)
    return s, end, method, len(helo) + 7


def line_of(server, end, method, lines, kind, starttls, ehlo):
    suite, mac = {"gcm": ("c02f", 0), "cbc": ("c013", 20), "cbc256": ("c027", 32)}[kind]
    records = ["D40h+0", "S40h+400"]
    for side, text, after in lines:
        while text > 0:
            part = min(text, 16384)
            length = part + 24 if mac == 0 else 16 + ((part + mac) // 16 + 1) * 16
            records.append(f"{side}{length}+{after}")
            text, after = text - part, 20
    return "\t".join([server, "composed", "tune/tune", "1.2-" + kind, end, method, "0303", suite, "s" if starttls else "i", str(ehlo if starttls else 0), "0",
                      "0", "0", "1" if starttls else "0", "closed", " ".join(records)])


def main():
    count, seed = (int(a) for a in (sys.argv[1:] + ["600", "1"][len(sys.argv) - 1:]))
    dice = random.Random(seed)
    for number in range(count):
        server = sorted(SERVERS)[number % len(SERVERS)]
        end, starttls = dice.choice(ENDS), dice.random() < 0.5
        session, end, method, ehlo = compose(dice, end, SERVERS[server], starttls)
        for kind in ("gcm", "cbc", "cbc256"):
            print(line_of(server, end, method, session.lines, kind, starttls, ehlo))


main()
