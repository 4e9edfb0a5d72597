# SPDX-License-Identifier: BSD-3-Clause
"""The mail client of a device, as simple as those in doorphones, cameras and printers.

It asks DNS itself, writes each command by itself and waits for the reply, takes the "best" sign-in
method of the list, and does what it is told even where that is wrong.
"""
import base64
import hmac
import socket
import ssl
import struct

from net import ROUTER
from scripted import Connection

VERSIONS = {"TLS 1.0": ssl.TLSVersion.TLSv1, "TLS 1.1": ssl.TLSVersion.TLSv1_1,
            "TLS 1.2": ssl.TLSVersion.TLSv1_2, "TLS 1.3": ssl.TLSVersion.TLSv1_3}

MAIL = ("From: <door@plala.or.jp>\r\nTo: <owner@example.jp>\r\nSubject: Visitor\r\n"
        "Date: Mon, 20 Nov 2023 11:00:03 +0900\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=us-ascii\r\n\r\n"
        "Somebody rang at the front door.\r\n")


def lookup(name, server=ROUTER, kind=1):
    """Asks for an A (1) or AAAA (28) record; returns the first address or None."""
    query = struct.pack(">HHHHHH", 0x4d57, 0x0100, 1, 0, 0, 0)
    query += b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    query += b"\0" + struct.pack(">HH", kind, 1)
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.settimeout(3)
    sock.sendto(query, (server, 53))
    answer = sock.recv(2048)
    sock.close()
    at = len(query)
    for _ in range(struct.unpack(">H", answer[6:8])[0]):
        rtype, _, _, length = struct.unpack(">HHIH", answer[at + 2:at + 12])
        data = answer[at + 12:at + 12 + length]
        if rtype == kind:
            return socket.inet_ntop(socket.AF_INET6 if kind == 28 else socket.AF_INET, data)
        at += 12 + length
    return None


def context(newest=None, oldest=None, ciphers=None, keylog=None, verify=None):
    """A client's TLS settings; old versions need OpenSSL's security level 0."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    if verify:
        made.verify_mode = ssl.CERT_REQUIRED
        made.load_verify_locations(verify)
    made.set_ciphers(ciphers or "DEFAULT:@SECLEVEL=0")
    if newest:
        made.minimum_version = VERSIONS[oldest or newest]
        made.maximum_version = VERSIONS[newest]
    if keylog:
        made.keylog_filename = keylog
    return made


class Refused(Exception):
    pass


class Doorphone(Connection):
    def __init__(self, host, port, source=None, timeout=10, name="doorphone"):
        address = host if host.replace(".", "").isdigit() or ":" in host else lookup(host)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        sock = socket.socket(family)
        sock.settimeout(timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if source:
            sock.bind((source, 0))
        sock.connect((address, port))
        super().__init__(sock)
        sock.settimeout(timeout)
        self.name = name
        self.listed = []

    def reply(self):
        """All lines of a reply; the code is that of the last one."""
        lines = []
        while True:
            line = self.hear()
            if line is None:
                raise Refused("end of stream")
            lines.append(line)
            if line[3:4] != "-":
                return int(line[:3]), lines

    def greeting(self):
        code, lines = self.reply()
        if code != 220:
            raise Refused(lines[-1])

    def command(self, line, wanted=None):
        self.say(line)
        code, lines = self.reply()
        if wanted and code // 100 != wanted:
            raise Refused(lines[-1])
        return code, lines

    def ehlo(self, wanted=2):
        code, lines = self.command("EHLO " + self.name, wanted)
        self.listed = [line[4:].upper() for line in lines[1:]]
        return code

    def methods(self):
        found = []
        for line in self.listed:
            if line.startswith(("AUTH ", "AUTH=")):
                found += line[5:].split()
        return found

    def auth(self, user, password, method=None):
        """Signs in; without a method the first of CRAM-MD5, LOGIN, PLAIN that is listed."""
        method = method or next((m for m in ("CRAM-MD5", "LOGIN", "PLAIN") if m in self.methods()),
                                "PLAIN")
        plain = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        if method == "PLAIN":
            return self.command("AUTH PLAIN " + plain)
        code, lines = self.command("AUTH " + method)
        if code != 334:
            return code, lines
        if method == "LOGIN":
            code, lines = self.command(base64.b64encode(user.encode()).decode())
            if code != 334:
                return code, lines
            return self.command(base64.b64encode(password.encode()).decode())
        challenge = base64.b64decode(lines[-1][4:])
        digest = hmac.new(password.encode(), challenge, "md5").hexdigest()
        return self.command(base64.b64encode(f"{user} {digest}".encode()).decode())

    def deliver(self, sender="door@plala.or.jp", recipients=("owner@example.jp",), mail=MAIL):
        """One mail; raises Refused at the first reply that is not what it should be."""
        self.command(f"MAIL FROM:<{sender}>", 2)
        for recipient in recipients:
            self.command(f"RCPT TO:<{recipient}>", 2)
        self.command("DATA", 3)
        return self.message_end(mail)

    def message_end(self, mail=MAIL):
        self.raw(mail.encode())
        return self.command(".", 2)

    def starttls(self, context_, sni=None):
        self.command("STARTTLS", 2)
        self.tls(context_, server_side=False, name=sni)

    def quit(self):
        try:
            self.command("QUIT")
        except (Refused, OSError):
            pass
        self.close()


def send(host, port, user=None, password=None, method=None, tls=None, starttls=None, mails=1,
         source=None, timeout=10, name="doorphone", leave="quit", **envelope):
    """A device's whole way of sending; at the first refusal it leaves, as devices do.

    tls, starttls: a context. leave: "quit", "close" or "reset".
    """
    phone = Doorphone(host, port, source=source, timeout=timeout, name=name)
    try:
        if tls:
            phone.tls(tls, server_side=False)
        phone.greeting()
        phone.ehlo()
        if starttls:
            phone.starttls(starttls)
            phone.ehlo()
        if user is not None:
            code, lines = phone.auth(user, password, method)
            if code != 235:
                raise Refused(lines[-1])
        for _ in range(mails):
            phone.deliver(**envelope)
    except Refused:
        pass
    except OSError:
        leave = "close"
    {"quit": phone.quit, "close": phone.close, "reset": phone.reset}[leave]()
