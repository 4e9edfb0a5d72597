# SPDX-License-Identifier: BSD-3-Clause
"""Cases of tests/pcaps/decrypted: one mail through one TLS version and cipher, with its key log.

    with DecryptedLab(__file__) as lab:
        lab.by_gnutls("RC4 under TLS 1.0", "-VERS-ALL:+VERS-TLS1.0:-CIPHER-ALL:+ARCFOUR-128", 0x0005)
"""
import os
import socket
import ssl
import struct

import proof
from tls import HERE, MAIL, NAME, OLD, SERVER, LabError, TlsLab, postfix_tls, sh, version

BODY = "Somebody rang."
QUEUED = '= smtp.rsp.parameter contains "queued" || smtp.rsp.parameter contains "OK id="'


def suite(number):
    return f"= tls.handshake.type == 2 && tls.handshake.ciphersuite == {number:#06x}"


class DecryptedLab(TlsLab):
    def done(self, purpose, deciding, **more):
        self.secret(BODY)
        super().done(purpose, deciding, **{"keep_keylog": True, **more})

    def by_gnutls(self, purpose, priority, number, *more, flags=""):
        """GnuTLS to Exim, which is on GnuTLS too, at 465."""
        self.exim(f"tls_require_ciphers = NORMAL:-VERS-ALL:+VERS-TLS-ALL:+ARCFOUR-128:+3DES-CBC:+MD5:+NULL:"
                  f"+AES-128-CCM:+AES-128-CCM-8:+CAMELLIA-128-CBC:+SHA256{flags}",
                  ports=(25, 465), cert=self.certificate())
        self.capture()
        self.gnutls_device(465, "NORMAL:" + priority + flags, "--insecure", lines=MAIL)
        self.done(purpose, [suite(number), QUEUED, *more])

    def by_openssl(self, purpose, number, *args, protocols=">=TLSv1", ciphers=OLD, cert=None, starttls=False, lines=MAIL, seen=QUEUED,
                   more=()):
        """`openssl s_client` to Postfix, at 465 or 587."""
        self.postfix(*postfix_tls(protocols, ciphers), name=NAME, **({"cert": cert} if cert else {}))
        self.capture()
        self.openssl_device(587 if starttls else 465, "-keylogfile", self.keylog, *args, lines=lines, starttls=starttls)
        self.done(purpose, [suite(number), seen, *more])

    def boring(self, port, cert, key):
        """A server on BoringSSL that compresses its certificate, and a device that takes it so (android-libboringssl-dev, zlib1g-dev)."""
        self.used("server and device BoringSSL " + version("dpkg-query", "-W", "android-libboringssl-dev") + " (tests/pcaps/lib/tls-boring.c)")
        program, source, folder = os.path.join(self.cache, "tls-boring"), f"{HERE}/tls-boring.c", "/usr/lib/x86_64-linux-gnu/android"
        if not os.path.exists(program) or os.path.getmtime(program) < os.path.getmtime(source):
            sh("gcc", "-O1", "-Wall", "-I/usr/include/android", "-o", program, source, f"-L{folder}", f"-Wl,-rpath,{folder}", "-lssl",
               "-lcrypto", "-lz")
        self.spawn("server", [program, "server", SERVER, str(port), cert, key, self.keylog])
        self.net.wait_listening("server", port)
        self.run(program, "device", SERVER, str(port), NAME)

    def renegotiating_server(self, port, cert, key):
        """A server that takes a new handshake of its client, as those of today do not."""
        self.used("server Python ssl (tests/pcaps/lib/decrypted.py)")
        self.fork("server", renegotiating_server, port, cert, key)
        self.net.wait_listening("server", port)

    def without(self, select, name="whole.pcap"):
        """Takes the first frame away that the display filter selects, as if the capture had lost it."""
        self.end_capture()
        path = os.path.join(self.work, name)
        frames = proof.tshark(path, "-Y", select, "-T", "fields", "-e", "frame.number", keylog=self.keylog).split()
        if not frames:
            raise LabError(f"nothing to take away: {select}")
        sh("editcap", "-F", "pcap", path, os.path.join(self.work, "capture.pcap"), frames[0])


def renegotiating_server(port, cert, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.options = (context.options & ~ssl.OP_NO_RENEGOTIATION) | 1 << 8  # SSL_OP_ALLOW_CLIENT_RENEGOTIATION
    context.load_cert_chain(cert, key)
    with socket.create_server((SERVER, port)) as listener:
        connection = context.wrap_socket(listener.accept()[0], server_side=True)
    lines, message = connection.makefile("rwb"), False
    reply(lines, "220 smtp.example.jp ESMTP")
    for line in lines:
        word = line.strip().upper()
        if not message:
            message = word == b"DATA"
            reply(lines, "354 go on" if message else "221 bye" if word == b"QUIT" else "250 ok")
        elif word == b".":
            message = False
            reply(lines, "250 queued")
        if word == b"QUIT":
            break
    connection.close()


def reply(lines, text):
    lines.write(text.encode() + b"\r\n")
    lines.flush()


def late_secrets(pcap, keylog, pcapng):
    """A pcapng with a decryption secrets block as its last block."""
    sh("editcap", "-F", "pcapng", pcap, pcapng)
    with open(keylog, "rb") as file:
        text = file.read()
    padded = text + b"\0" * (-len(text) % 4)
    size = 20 + len(padded)
    with open(pcapng, "ab") as file:
        file.write(struct.pack("<IIII", 10, size, 0x544C534B, len(text)) + padded + struct.pack("<I", size))


__all__ = ["MAIL", "NAME", "OLD", "QUEUED", "SERVER", "DecryptedLab", "late_secrets", "postfix_tls", "suite"]
