#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A mail-sending device on top of Python's smtplib and ssl (OpenSSL): one attempt, with the
TLS settings given on the command line. It ends like a device does: error out, close."""
import argparse
import smtplib
import socket
import ssl
import sys

VERSIONS = {"1.0": ssl.TLSVersion.TLSv1, "1.1": ssl.TLSVersion.TLSv1_1,
            "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


def options():
    p = argparse.ArgumentParser()
    p.add_argument("--server", required=True)
    p.add_argument("--port", type=int, required=True)
    p.add_argument("--tls", choices=["implicit", "starttls", "none"], default="starttls")
    p.add_argument("--name", help="name for SNI and for the check of the certificate")
    p.add_argument("--no-sni", action="store_true")
    p.add_argument("--ehlo", default="doorphone")
    p.add_argument("--min", choices=VERSIONS)
    p.add_argument("--max", choices=VERSIONS)
    p.add_argument("--ciphers")
    p.add_argument("--curve")
    p.add_argument("--ca", help="root certificates; without it nothing is verified")
    p.add_argument("--crl", help="also check revocation against this list")
    p.add_argument("--no-name-check", action="store_true")
    p.add_argument("--no-common-name", action="store_true",
                   help="the name must be an alternative name of the certificate")
    p.add_argument("--cert")
    p.add_argument("--key")
    p.add_argument("--alpn")
    p.add_argument("--keylog")
    p.add_argument("--user")
    p.add_argument("--password")
    p.add_argument("--sender", default="camera@example.jp")
    p.add_argument("--to", default="admin@example.jp")
    p.add_argument("--twice", action="store_true", help="a second connection resumes the session")
    p.add_argument("--no-starttls-check", action="store_true",
                   help="send STARTTLS although EHLO did not list it")
    p.add_argument("--timeout", type=float, default=8)
    return p.parse_args()


def context(o):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    c.check_hostname = False
    c.verify_mode = ssl.CERT_NONE
    if o.ca:
        c.verify_mode = ssl.CERT_REQUIRED
        c.load_verify_locations(o.ca)
        c.check_hostname = bool(o.name) and not o.no_name_check
        c.hostname_checks_common_name = not o.no_common_name
        if o.crl:
            c.load_verify_locations(o.crl)
            c.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    if o.ciphers:
        c.set_ciphers(o.ciphers)
    c.minimum_version = VERSIONS[o.min] if o.min else ssl.TLSVersion.MINIMUM_SUPPORTED
    if o.max:
        c.maximum_version = VERSIONS[o.max]
    if o.curve:
        c.set_ecdh_curve(o.curve)
    if o.cert:
        c.load_cert_chain(o.cert, o.key)
    if o.alpn:
        c.set_alpn_protocols(o.alpn.split(","))
    if o.keylog:
        c.keylog_filename = o.keylog
    return c


def wrap(o, c, sock, session):
    name = None if o.no_sni else o.name
    if session is None:
        return c.wrap_socket(sock, server_hostname=name)
    return c.wrap_socket(sock, server_hostname=name, session=session)


def attempt(o, c, session):
    s = smtplib.SMTP(local_hostname=o.ehlo, timeout=o.timeout)
    sock = socket.create_connection((o.server, o.port), timeout=o.timeout)
    s._host = o.name or o.server
    if o.tls == "implicit":
        sock = wrap(o, c, sock, session)
    s.sock = sock
    code, _ = s.getreply()
    if code != 220:
        raise smtplib.SMTPConnectError(code, b"greeting")
    s.ehlo()
    if o.tls == "starttls":
        if not s.has_extn("starttls") and not o.no_starttls_check:
            s.quit()
            raise smtplib.SMTPNotSupportedError("STARTTLS not offered")
        code, text = s.docmd("STARTTLS")
        if code != 220:
            s.quit()
            raise smtplib.SMTPResponseException(code, text)
        s.sock = wrap(o, c, s.sock, session)
        s.file = None
        s.ehlo()
    if o.user:
        s.login(o.user, o.password)
    s.sendmail(o.sender, [o.to],
               f"From: {o.sender}\r\nTo: {o.to}\r\nSubject: Somebody rang\r\n\r\n"
               "A visitor rang the bell at the front door.\r\n")
    s.quit()
    return getattr(sock if o.tls == "implicit" else s.sock or sock, "session", None)


def main():
    o = options()
    c = context(o)
    try:
        if o.twice:
            o2 = Session(o, c)
            o2.run()
        else:
            attempt(o, c, None)
    except (OSError, smtplib.SMTPException, ValueError) as e:
        print(f"device: {type(e).__name__}: {e}", file=sys.stderr)
        return 1
    print("device: delivered", file=sys.stderr)
    return 0


class Session:
    """Two connections, the second with the session that the first one got."""

    def __init__(self, o, c):
        self.o, self.c, self.session = o, c, None

    def run(self):
        real = self.c.wrap_socket
        kept = []

        def remember(sock, **kw):
            t = real(sock, **kw)
            kept.append(t)
            close = t.close

            def closing():
                self.session = t.session
                close()
            t.close = closing
            return t
        self.c.wrap_socket = remember
        attempt(self.o, self.c, None)
        attempt(self.o, self.c, self.session)
        print("device: resumed" if kept[1].session_reused else "device: not resumed",
              file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
