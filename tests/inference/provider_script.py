# SPDX-License-Identifier: BSD-3-Clause
"""A mail server that answers in the words of a provider, over TLS."""
import base64
import hmac
import re
import ssl
import time


def handler(words, texts, cert, password, implicit, patience):
    greeting, listed, mail_ok, rcpt_ok, go, sent, signed_in, refused, bye = words
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.load_cert_chain(*cert)

    def verdict(step, name, good):
        found = re.search(r"refused(\d+)", name or "", re.I)
        return texts[step][int(found[1])] if found else good

    def sign_in(conn, line):
        method, _, initial = line[5:].partition(" ")
        method = method.upper()
        if method == "CRAM-MD5":
            challenge = b"<12345.1700445603@mail.example.jp>"
            conn.say("334 " + base64.b64encode(challenge).decode())
            _, _, digest = base64.b64decode(conn.hear() or "").decode().rpartition(" ")
            good = digest == hmac.new(password.encode(), challenge, "md5").hexdigest()
        elif method == "PLAIN":
            if not initial:
                conn.say("334 ")
                initial = conn.hear() or ""
            good = base64.b64decode(initial).split(b"\0")[-1] == password.encode()
        elif method == "LOGIN":
            if not initial:
                conn.say("334 VXNlcm5hbWU6")
                conn.hear()
            conn.say("334 UGFzc3dvcmQ6")
            good = base64.b64decode(conn.hear() or "") == password.encode()
        else:
            conn.say("504 5.7.4 Unrecognized authentication type")
            return
        if not good:
            time.sleep(patience)
        conn.say(*(signed_in if good else refused).split("|"))

    def message(conn):
        subject = ""
        line = conn.hear()
        while line not in (None, "."):
            subject = line if line.lower().startswith("subject:") else subject
            line = conn.hear()
        return subject

    def talk(conn):
        if implicit:
            conn.tls(context)
        conn.say(greeting)
        encrypted = implicit
        while True:
            line = conn.hear()
            if line is None:
                return
            verb = re.split(r"[ :]", line)[0].upper()
            if verb == "EHLO":
                lines = listed + ([] if encrypted else ["STARTTLS"])
                conn.say(*[f"250{'-' if i + 1 < len(lines) else ' '}{word}" for i, word in enumerate(lines)])
            elif verb == "STARTTLS":
                conn.say("220 2.0.0 Ready to start TLS")
                conn.tls(context)
                encrypted = True
            elif verb == "AUTH":
                sign_in(conn, line)
            elif verb == "MAIL":
                conn.say(*verdict("mail", line, mail_ok).split("|"))
            elif verb == "RCPT":
                conn.say(*verdict("rcpt", line, rcpt_ok).split("|"))
            elif verb == "DATA":
                conn.say(go)
                conn.say(*verdict("data", message(conn), sent).split("|"))
            elif verb == "QUIT":
                conn.say(bye)
                return
            else:
                conn.say("250 2.0.0 OK")
    return talk
