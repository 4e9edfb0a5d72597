# SPDX-License-Identifier: BSD-3-Clause
"""The mail servers that sessions are recorded from. Each starts in a lab, takes the same user, and refuses
in words of its own what is called refusedN: a sender, a recipient, a subject."""
import json
import os

from servers import Servers

HERE = os.path.dirname(os.path.realpath(__file__))
PASSWORD = "Tulip-7315-gate"
USER = "door@plala.or.jp"
NAME = "secure.plala.or.jp"
OLD = "ALL:@SECLEVEL=0"

# What servers say in the field, one list a server, so that no refusal's length is learnt by heart
TEXTS = {
    "postfix": {
        "mail": ["550 5.1.8 Sender address rejected: Domain not found", "553 5.7.1 Sender address rejected: not owned by user door@plala.or.jp",
                 "550 5.7.1 Command rejected", "554 5.7.1 Sender address rejected: Access denied"],
        "rcpt": ["550 5.1.1 Recipient address rejected: User unknown", "550 5.1.1 Recipient address rejected: User unknown in virtual mailbox table",
                 "554 5.7.1 Relay access denied", "550 5.1.1 User unknown in local recipient table"],
        "data": ["554 5.7.1 Spam message rejected", "550 5.7.1 virus Eicar-Test-Signature detected by ClamAV - http://www.clamav.net",
                 "550 5.7.1 Message rejected as spam by Content Filtering.", "552 5.7.0 This message was blocked because its content presents a potential security issue."],
    },
    "exim": {
        "mail": ["550 Sender verify failed", "550 Administrative prohibition", "550 Your sender address is not permitted on this server", "550 Access denied - Invalid HELO name (See RFC2821 4.1.1.1)"],
        "rcpt": ["550 Unrouteable address", "550 relay not permitted", "550 No such recipient here", "550 Verification failed for owner@example.jp"],
        "data": ["550 Administrative prohibition", "550 This message was classified as SPAM and may not be delivered", "550 This message contains a virus (Eicar-Test-Signature).",
                 "550 Your message was rejected: Message header fails syntax check"],
    },
    "sendmail": {
        "mail": ["553 5.1.8 <door@plala.or.jp>... Domain of sender address door@plala.or.jp does not exist", "550 5.7.1 Access denied", "550 5.1.0 Access denied", "530 5.7.0 Authentication required"],
        "rcpt": ["550 5.1.1 <owner@example.jp>... User unknown", "550 5.7.1 <owner@example.jp>... Relaying denied. Proper authentication required.", "550 5.7.1 <owner@example.jp>... Relaying denied",
                 "553 5.3.0 <owner@example.jp>... No such user here"],
        "data": ["554 5.7.1 Command rejected", "550 5.7.1 Message rejected as spam by Content Filtering.", "554 5.7.1 virus Eicar-Test-Signature detected by ClamAV - http://www.clamav.net", "554 5.7.1 Spam message rejected"],
    },
    "gmail": {
        "mail": ["530-5.7.0 Authentication Required. For more information, go to|530 5.7.0  https://support.google.com/accounts/troubleshooter/2402620. d9443c01a7336-1cc0c0a0a0asm1234567plb.1 - gsmtp"] * 2
                + ["555 5.5.2 Syntax error, goodbye. d9443c01a7336-1cc0c0a0a0asm1234567plb.1 - gsmtp", "501 5.1.7 Bad sender address syntax d9443c01a7336-1cc0c0a0a0asm1234567plb.1 - gsmtp"],
        "rcpt": ["550-5.1.1 The email account that you tried to reach does not exist. Please try|550-5.1.1 double-checking the recipient's email address for typos or|550-5.1.1 unnecessary spaces. For more information, go to|550 5.1.1  https://support.google.com/mail/?p=NoSuchUser d9443c01a7336-1cc0c0a0a0asm1234567plb.1 - gsmtp"] * 2
                + ["553 5.1.3 The recipient address <owner@example> is not a valid RFC 5321 address. d9443c01a7336-1cc0c0a0a0asm1234567plb.1 - gsmtp",
                   "550-5.2.1 The email account that you tried to reach is inactive. For more|550 5.2.1 information, go to https://support.google.com/mail/?p=DisabledUser d9443c01a7336-1cc0c0a0a0asm1234567plb.1 - gsmtp"],
        "data": ["550-5.7.1 [192.0.2.30] Our system has detected that this message is|550-5.7.1 likely unsolicited mail. To reduce the amount of spam sent to Gmail,|550-5.7.1 this message has been blocked. For more information, go to|550 5.7.1  https://support.google.com/mail/?p=UnsolicitedMessageError d9443c01a7336-1cc0c0a0a0asm1234567plb.1 - gsmtp",
                 "552-5.7.0 This message was blocked because its content presents a potential|552-5.7.0 security issue. To review our message content and attachment content|552 5.7.0  guidelines, go to https://support.google.com/mail/?p=BlockedMessage d9443c01a7336-1cc0c0a0a0asm1234567plb.1 - gsmtp",
                 "550-5.7.1 Messages missing a valid address in From: header, or having no|550 5.7.1 From: header, are not accepted. d9443c01a7336-1cc0c0a0a0asm1234567plb.1 - gsmtp",
                 "550-5.4.5 Daily user sending limit exceeded. For more information on Gmail|550-5.4.5 sending limits go to|550 5.4.5  https://support.google.com/a/answer/166852 d9443c01a7336-1cc0c0a0a0asm1234567plb.1 - gsmtp"],
    },
    "exchange": {
        "mail": ["530 5.7.57 Client not authenticated to send mail. [TY2PR01CA0001.jpnprd01.prod.outlook.com 2023-11-20T02:00:09.123Z 08DBE9123456789A]", "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
                 "501 5.1.7 Invalid address", "550 5.1.8 Access denied, bad outbound sender. For more information please go to http://go.microsoft.com/fwlink/?LinkId=875724 S(8) [TY2PR01CA0001.jpnprd01.prod.outlook.com]"],
        "rcpt": ["550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain", "550 5.7.1 Unable to relay", "501 5.1.3 Invalid address"],
        "data": ["554 5.2.252 SendAsDenied; door@plala.or.jp not allowed to send as camera-2f@plala.or.jp; STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied; Failed to process message due to a permanent exception with message",
                 "550 5.7.60 SMTP; Client does not have permissions to send as this sender", "550 5.7.1 Message rejected as spam by Content Filtering.", "550 5.7.501 Access denied, spam abuse detected from 192.0.2.30"],
    },
    "qmail": {
        "mail": ["553 sorry, your envelope sender has been denied (#5.7.1)", "553 sorry, your envelope sender domain must exist (#5.7.1)", "503 Polite people say HELO first (#5.5.4)", "553 sorry, sender must be an authenticated user (#5.7.1)"],
        "rcpt": ["553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", "550 sorry, no mailbox here by that name. (#5.1.1)", "553 sorry, your envelope recipient has been denied (#5.7.1)", "550 sorry, no mailbox here by that name (#5.1.1 - chkuser)"],
        "data": ["554 mail server permanently rejected message (#5.3.0)", "554 message refused as spam (#5.7.1)", "552 sorry, that message size exceeds my databytes limit (#5.3.4)", "554 virus found: mail refused"],
    },
    "plain": {
        "mail": ["550 Sender address not allowed", "501 Sender address invalid", "550 You must sign in before sending mail", "550 Access denied"],
        "rcpt": ["550 No such user here", "550 Recipient refused", "550 Relaying denied, sign in first", "550 Mailbox not found"],
        "data": ["554 Transaction failed", "554 Message refused: it looks like spam", "550 Mail content denied", "552 Message exceeds the size limit of this server"],
    },
    "node": {
        "mail": ["550 Sender not accepted", "550 Only allowed domains may send from this server", "550 Not your address", "550 Address is not yours to use, ask your administrator"],
        "rcpt": ["550 Mailbox unavailable", "550 Unknown recipient, there is no such mailbox on this system", "550 Recipient denied", "550 Relaying is not allowed for this client"],
        "data": ["550 Content refused", "550 The message was classified as unwanted and has been dropped", "550 Message blocked by the spam filter", "550 Too many links in this message"],
    },
    "aio": {
        "mail": ["550 5.7.1 Sender not allowed", "550 5.1.0 Address rejected, the domain has no mail exchanger", "501 Bad sender", "553 5.7.1 Sender is not the owner of this address"],
        "rcpt": ["550 5.1.1 Mailbox does not exist", "550 5.7.1 Unable to relay", "551 User not local", "550 5.1.1 The recipient address is unknown to this mail system"],
        "data": ["550 5.7.1 Message refused", "554 5.6.0 Message content rejected, id=20317-01 - SPAM", "554 5.7.1 Message rejected: contains forbidden attachment", "550 5.7.1 Mail appears to be unsolicited"],
    },
    "opensmtpd": {
        "mail": ["550 Sender rejected", "550 go away, you are not welcome here at all", "550 Not from here", "550 5.7.1 Sender address not allowed on this server"],
        "rcpt": ["550 Recipient rejected", "550 Invalid recipient, please check the address", "550 Nobody of that name", "550 5.1.1 No such person at this address"],
        "data": ["550 Message rejected", "550 this mail was refused by the local policy of the site", "554 5.7.1 Spam message rejected", "550 5.7.1 Delivery not authorized, message refused"],
    },
}


def postfix(lab, auth, mechs):
    texts = TEXTS["postfix"]
    for step, part in (("mail", "sender"), ("rcpt", "recipient")):
        with open(os.path.join(lab.work, part), "w", encoding="utf-8") as file:
            file.write("".join(f"/^refused{i}@/ {text}\n" for i, text in enumerate(texts[step])))
    with open(os.path.join(lab.work, "headers"), "w", encoding="utf-8") as file:
        file.write("".join(f"/^Subject: refused{i}/ REJECT {text[4:]}\n" for i, text in enumerate(texts["data"])))
    lab.postfix(f"smtpd_sender_restrictions = check_sender_access regexp:{lab.work}/sender",
                f"smtpd_recipient_restrictions = check_recipient_access regexp:{lab.work}/recipient",
                f"header_checks = regexp:{lab.work}/headers", "smtpd_delay_reject = no",
                "smtpd_tls_protocols = >=TLSv1", "smtpd_tls_mandatory_protocols = >=TLSv1", f"tls_medium_cipherlist = {OLD}",
                "smtpd_tls_ciphers = medium", "smtpd_tls_mandatory_ciphers = medium", "smtpd_error_sleep_time = 0",
                "smtpd_client_connection_rate_limit = 0", auth=auth, mechs=mechs, ports=(587, 465),
                auth_extra="auth_failure_delay = 2 secs")  # Dovecot's own; the lab is faster


def postfix_dovecot(lab):
    postfix(lab, "dovecot", "PLAIN LOGIN CRAM-MD5")


def postfix_cyrus(lab):
    postfix(lab, "cyrus", "PLAIN LOGIN CRAM-MD5")


EXIM = """
acl_smtp_mail = acl_mail
acl_smtp_rcpt = acl_rcpt
acl_smtp_data = acl_data
tls_advertise_hosts = *
tls_on_connect_ports = 465
tls_certificate = CERT
tls_privatekey = KEY
tls_require_ciphers = NORMAL:+VERS-TLS1.0:+VERS-TLS1.1:%COMPAT:+AES-128-CBC:+AES-256-CBC:+SHA1
begin acl
acl_mail:
MAIL
  accept
acl_rcpt:
RCPT
  accept
acl_data:
DATA
  accept
begin routers
all:
  driver = redirect
  data = :blackhole:
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if eq{$auth3}{PASSWORD}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = <| Username: | Password:
  server_condition = ${if eq{$auth2}{PASSWORD}}
  server_set_id = $auth1
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = PASSWORD
  server_set_id = $auth1
"""


def exim(lab):
    cert, key = lab.certificate(NAME)
    os.chmod(key, 0o644)
    texts = TEXTS["exim"]
    condition = {"mail": "senders = ^refused{i}@", "rcpt": "local_parts = refused{i}", "data": "condition = ${{if match{{$h_subject:}}{{refused{i}}}}}"}
    config = EXIM.replace("CERT", cert).replace("KEY", key).replace("PASSWORD", PASSWORD)
    for step in ("mail", "rcpt", "data"):
        rows = [f"  deny {condition[step].format(i=i)}\n       message = {text[4:]}" for i, text in enumerate(texts[step])]
        config = config.replace(step.upper() + "\n", "\n".join(rows) + "\n")
    Servers.exim(lab, config, ports=(587, 465))


def dovecot_submission(lab):
    cert = lab.certificate(NAME)
    os.chmod(cert[1], 0o644)
    lab.spawn("server", ["/usr/bin/python3", f"{HERE}/clients/aio.py", "-", "-", "-", json.dumps(TEXTS["aio"]), "2525"])
    lab.net.wait_listening("server", 2525)
    lab.dovecot({USER: PASSWORD}, "plain login cram-md5", "submission", ssl=cert, extra=f"""
hostname = {NAME}
auth_failure_delay = 2 secs
ssl_min_protocol = TLSv1
ssl_cipher_list = {OLD}
submission_relay_host = 127.0.0.1
submission_relay_port = 2525
submission_relay_trusted = yes
service submission-login {{
  inet_listener submission {{
    port = 587
  }}
  inet_listener submissions {{
    port = 465
    ssl = yes
  }}
}}
""")
    lab.net.wait_listening("server", 465)


def aiosmtpd(lab):
    cert, key = lab.certificate(NAME)
    lab.spawn("server", ["/usr/bin/python3", f"{HERE}/clients/aio.py", cert, key, PASSWORD, json.dumps(TEXTS["aio"])])
    lab.net.wait_listening("server", 465)


def node(lab):
    cert, key = lab.certificate(NAME)
    lab.spawn("server", ["node", f"{HERE}/clients/server.js", f"{lab.cache}/npm/node_modules", cert, key, PASSWORD, json.dumps(TEXTS["node"])])
    lab.net.wait_listening("server", 465)


def opensmtpd(lab):
    """Behind stunnel, since its own TLS fails with OpenSSL 3; so it offers no sign-in."""
    lines = []
    for step, phase, condition in (("mail", "mail-from", "mail-from"), ("rcpt", "rcpt-to", "rcpt-to"), ("data", "commit", "mail-from")):
        for i, text in enumerate(TEXTS["opensmtpd"][step]):
            who = f"refused{i}@example.jp" if step == "rcpt" else f"{'late' if step == 'data' else ''}refused{i}@plala.or.jp"
            lines.append(f'filter "{step}{i}" phase {phase} match {condition} {{ "{who}" }} reject "{text}"')
    chain = ", ".join(f'"{step}{i}"' for step in ("mail", "rcpt", "data") for i in range(4))
    Servers.opensmtpd(lab, "\n".join(lines) + f'\nfilter "all" chain {{ {chain} }}\n'
                  'listen on lo port 2525 filter "all"\nlisten on lo port 2526 filter "all"\n'
                  'action "drop" relay host smtp://127.0.0.1:9\nmatch from any for any action "drop"\n', ports=(2525,))
    cert, key = lab.certificate(NAME)
    for port, protocol in ((465, ""), (587, "protocol=smtp\n")):
        path = os.path.join(lab.work, f"stunnel{port}.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"foreground=yes\npid=\nsslVersionMin=TLSv1\nciphers={OLD}\n[mail]\naccept=203.0.113.25:{port}\nconnect=127.0.0.1:2525\n"
                       f"cert={cert}\nkey={key}\n{protocol}")
        lab.spawn("server", ["stunnel4", path])
        lab.net.wait_listening("server", port)


# How others answer, said by a script: (greeting, list, mail ok, rcpt ok, go, sent, signed in, refused, bye)
PROVIDERS = {
    "sendmail": ("220 mx.example.jp ESMTP Sendmail 8.17.1/8.17.1; Mon, 20 Nov 2023 11:00:03 +0900",
                 ["mx.example.jp Hello doorphone [192.168.11.30], pleased to meet you", "ENHANCEDSTATUSCODES", "PIPELINING", "8BITMIME", "SIZE", "DSN", "AUTH PLAIN LOGIN CRAM-MD5", "DELIVERBY", "HELP"],
                 "250 2.1.0 <door@plala.or.jp>... Sender ok", "250 2.1.5 <owner@example.jp>... Recipient ok", "354 Enter mail, end with \".\" on a line by itself",
                 "250 2.0.0 3AK203xq012345 Message accepted for delivery", "235 2.0.0 OK Authenticated", "535 5.7.0 authentication failed", "221 2.0.0 mx.example.jp closing connection"),
    "qmail": ("220 mail.example.jp ESMTP", ["mail.example.jp", "AUTH LOGIN PLAIN CRAM-MD5", "PIPELINING", "SIZE 20000000", "8BITMIME"],
              "250 ok", "250 ok", "354 go ahead", "250 ok 1700445603 qp 12345", "235 ok, go ahead (#2.0.0)", "535 authorization failed (#5.7.0)", "221 mail.example.jp"),
    "gmail": ("220 smtp.gmail.com ESMTP d9443c01a7336-1cc0c0a0a0asm1234567plb.1 - gsmtp",
              ["smtp.gmail.com at your service, [192.0.2.30]", "SIZE 35882577", "8BITMIME", "AUTH LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER XOAUTH", "ENHANCEDSTATUSCODES", "PIPELINING", "CHUNKING", "SMTPUTF8"],
              "250 2.1.0 OK d9443c01a7336-1cc0c0a0a0asm1234567plb.1 - gsmtp", "250 2.1.5 OK d9443c01a7336-1cc0c0a0a0asm1234567plb.1 - gsmtp",
              "354 Go ahead d9443c01a7336-1cc0c0a0a0asm1234567plb.1 - gsmtp", "250 2.0.0 OK  1700445603 d9443c01a7336-1cc0c0a0a0asm1234567plb.1 - gsmtp", "235 2.7.0 Accepted",
              "535-5.7.8 Username and Password not accepted. For more information, go to|535 5.7.8  https://support.google.com/mail/?p=BadCredentials d9443c01a7336-1cc0c0a0a0asm1234567plb.1 - gsmtp",
              "221 2.0.0 closing connection d9443c01a7336-1cc0c0a0a0asm1234567plb.1 - gsmtp"),
    "exchange": ("220 TY2PR01CA0001.outlook.office365.com Microsoft ESMTP MAIL Service ready at Mon, 20 Nov 2023 02:00:03 +0000",
                 ["TY2PR01CA0001.outlook.office365.com Hello [192.0.2.30]", "SIZE 157286400", "PIPELINING", "DSN", "ENHANCEDSTATUSCODES", "AUTH LOGIN XOAUTH2", "8BITMIME", "BINARYMIME", "CHUNKING", "SMTPUTF8"],
                 "250 2.1.0 Sender OK", "250 2.1.5 Recipient OK", "354 Start mail input; end with <CRLF>.<CRLF>",
                 "250 2.0.0 OK <655abcde.170a0220.12345.6789SMTPIN_ADDED_MISSING@mx.google.com> [Hostname=TYCPR01MB1234.jpnprd01.prod.outlook.com]", "235 2.7.0 Authentication successful",
                 "535 5.7.139 Authentication unsuccessful, the user credentials were incorrect. [TY2PR01CA0001.jpnprd01.prod.outlook.com 2023-11-20T02:00:09.123Z 08DBE9123456789A]",
                 "221 2.0.0 Service closing transmission channel"),
    "plain": ("220 mail ready", ["mail", "AUTH LOGIN PLAIN CRAM-MD5"], "250 Sender OK", "250 Recipient OK", "354 Send mail, end with \".\"", "250 Message queued",
              "235 Authentication successful", "535 Authentication failed", "221 Goodbye"),
}


# How long they let a device wait for the refusal of a sign-in: PAM's delay, Exchange's tarpit, qmail's patch for AUTH
PATIENCE = {"sendmail": 2, "exchange": 5, "qmail": 5, "gmail": 0.5}


def provider(lab, name):
    import provider_script
    cert = lab.certificate(NAME)
    for port, implicit in ((465, True), (587, False)):
        lab.scripted(provider_script.handler(PROVIDERS[name], TEXTS[name], cert, PASSWORD, implicit, PATIENCE.get(name, 0)), port)


SERVERS = {
    "postfix-dovecot": (postfix_dovecot, "tune"), "postfix-cyrus": (postfix_cyrus, "tune"), "exim": (exim, "tune"),
    "like-sendmail": (lambda lab: provider(lab, "sendmail"), "tune"), "like-gmail": (lambda lab: provider(lab, "gmail"), "tune"),
    "like-exchange": (lambda lab: provider(lab, "exchange"), "tune"), "like-qmail": (lambda lab: provider(lab, "qmail"), "test"),
    "like-plain": (lambda lab: provider(lab, "plain"), "test"), "dovecot-submission": (dovecot_submission, "test"), "aiosmtpd": (aiosmtpd, "test"),
    "smtp-server": (node, "test"), "opensmtpd": (opensmtpd, "test"),
}
NO_SIGN_IN = {"opensmtpd"}
WANT_SIGN_IN = {"dovecot-submission"}  # before each mail


def no_mail(lab):
    """What also speaks TLS, at ports of mail: a web server, IMAP and POP3."""
    cert = lab.certificate(NAME)
    os.chmod(cert[1], 0o644)
    lab.nginx(465, *cert)
    lab.dovecot({USER: PASSWORD}, "plain login", "imap pop3", ssl=cert, extra=f"""
ssl_min_protocol = TLSv1
ssl_cipher_list = {OLD}
service imap-login {{
  inet_listener imaps {{
    port = 587
    ssl = yes
  }}
}}
service pop3-login {{
  inet_listener pop3s {{
    port = 2525
    ssl = yes
  }}
}}
""")
    lab.net.wait_listening("server", 2525)


NO_MAIL = (("https", 465), ("imaps", 587), ("pop3s", 2525))
