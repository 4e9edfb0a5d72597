#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Makes tests/fuzz/dissectors/corpus-tls/: real handshakes of OpenSSL and GnuTLS, recorded by a relay.

A file is one byte of options (1: the capture has the connection's start, 2: after STARTTLS), then segments:
one byte (1: from the server, 2: a gap, 4: retransmitted), a length of two bytes, and so many bytes (none for a gap).
The unit tests and the fuzz target read the same files. Beside it, in corpus-certificate/, the bodies of Certificate
messages. Needs openssl, gnutls-bin.
    make_tls_streams.py STREAMS-FOLDER CERTIFICATES-FOLDER [NAME...]
"""
import os
import select
import socket
import subprocess
import sys
import tempfile
import threading
import time

OPENSSL_OLD = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"
GNUTLS_OLD = "NORMAL:%COMPAT:-VERS-ALL:+VERS-TLS1.0:+ARCFOUR-128:+3DES-CBC:+RSA:+SHA1:+MD5:%UNSAFE_RENEGOTIATION"


def run(*words, **kw):
    return subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **kw)


def certificates():
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "3650",
        "-subj", "/O=Example Mail/CN=Example Root")
    with open("ext", "w") as f:
        f.write("subjectAltName=DNS:smtp.example.jp,DNS:*.mail.example.jp,IP:203.0.113.25,IP:2001:db8:25::25\n")
    for kind, new in (("rsa", ["-newkey", "rsa:2048"]), ("ec", ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"])):
        run("openssl", "req", *new, "-nodes", "-keyout", f"{kind}.key", "-out", f"{kind}.csr", "-subj", "/C=JP/CN=smtp.example.jp")
        run("openssl", "x509", "-req", "-in", f"{kind}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "365",
            "-extfile", "ext", "-out", f"{kind}.leaf")
        with open(f"{kind}.pem", "w") as out:
            out.write(open(f"{kind}.leaf").read() + open("ca.pem").read())
    run("openssl", "dhparam", "-out", "dh1024.pem", "1024")


def port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Relay:
    """Listens, hands one connection on, keeps each read as a segment."""

    def __init__(self, target):
        self.target, self.segments = target, []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def serve(self, client_process):
        self.socket.settimeout(10)
        device, _ = self.socket.accept()
        server = socket.create_connection(("127.0.0.1", self.target))
        other = {device: server, server: device}
        end = time.time() + 8
        open_sides = {device, server}
        while open_sides and time.time() < end:
            ready, _, _ = select.select(list(open_sides), [], [], 0.2)
            for s in ready:
                try:
                    data = s.recv(16384)
                except ConnectionError:
                    data = b""
                if not data:
                    open_sides.discard(s)
                    try:
                        other[s].shutdown(socket.SHUT_WR)
                    except OSError:
                        pass
                    continue
                self.segments.append((0 if s is device else 1, data))
                try:
                    other[s].sendall(data)
                except OSError:
                    open_sides.discard(other[s])
            if client_process.poll() is not None and not ready:
                break
        device.close()
        server.close()
        self.socket.close()


def openssl_server(*extra, cert="rsa"):
    p = port()
    words = ["openssl", "s_server", "-accept", str(p), "-cert", f"{cert}.leaf", "-key", f"{cert}.key", "-cert_chain", "ca.pem",
             "-build_chain", "-CAfile", "ca.pem", *extra]
    return p, words


def gnutls_server(*extra, cert="rsa"):
    p = port()
    return p, ["gnutls-serv", "--echo", "-p", str(p), "--x509certfile", f"{cert}.pem", "--x509keyfile", f"{cert}.key", *extra]


def openssl_client(*extra, sni="smtp.example.jp"):
    def words(p):
        return ["openssl", "s_client", "-connect", f"127.0.0.1:{p}", *(["-servername", sni] if sni else ["-noservername"]), *extra]
    return words


def gnutls_client(*extra):
    def words(p):
        return ["gnutls-cli", "--no-ca-verification", "-p", str(p), *extra, "127.0.0.1"]
    return words


def wait_for(p):
    for _ in range(100):
        with open("/proc/net/tcp") as f, open("/proc/net/tcp6") as g:
            if any(line.split()[1].endswith(f":{p:04X}") and line.split()[3] == "0A" for line in list(f)[1:] + list(g)[1:]):
                return
        time.sleep(0.05)
    sys.exit(f"no server on {p}")


def record(server, client, say=b"EHLO doorphone\r\n", runs=1):
    """The last of so many connections to one server."""
    p, words = server
    log = open("server.log", "ab")
    with subprocess.Popen(words, bufsize=0, stdin=subprocess.PIPE, stdout=log, stderr=log) as srv:
        try:
            wait_for(p)
            for _ in range(runs):
                relay = Relay(p)
                with subprocess.Popen(client(relay.port), bufsize=0, stdin=subprocess.PIPE, stdout=log, stderr=log) as cli:
                    cli.stdin.write(say)
                    # s_server answers by what stands on its own input
                    srv.stdin.write(b"250 hello\n")
                    # s_client leaves in good order at a line that begins with Q, gnutls-cli by a signal
                    stop = threading.Timer(0.8, leave, [cli])
                    stop.start()
                    relay.serve(cli)
                    stop.join()
        finally:
            srv.kill()
    return relay.segments


def leave(client):
    try:
        client.stdin.write(b"Q\n")
        client.wait(0.6)
    except (BrokenPipeError, subprocess.TimeoutExpired):
        client.kill()


def save(folder, name, segments, options=1):
    with open(os.path.join(folder, name), "wb") as f:
        f.write(bytes([options]))
        for side, data in segments:
            if side & 2:
                f.write(bytes([side, data >> 8, data & 255]))
                continue
            for at in range(0, len(data), 16384):
                part = data[at:at + 16384]
                f.write(bytes([side, len(part) >> 8, len(part) & 255]) + part)


def cases():
    c13, c12 = "-tls1_3", "-tls1_2"
    yield "tls12-ecdhe-rsa", openssl_server(c12, "-alpn", "smtp"), openssl_client(c12, "-alpn", "smtp,x"), {}
    yield "tls12-ecdhe-ecdsa", openssl_server(c12, cert="ec"), openssl_client(c12, sni=None), {}
    yield "tls12-dhe-1024", gnutls_server("--dhparams", "dh1024.pem", "--priority", "NORMAL:-VERS-TLS1.3:-KX-ALL:+DHE-RSA:-GROUP-ALL"), \
        openssl_client(c12, "-cipher", "DHE:@SECLEVEL=0"), {}
    yield "tls10-rsa", openssl_server("-tls1", "-cipher", OPENSSL_OLD), openssl_client("-tls1", "-cipher", "AES128-SHA:@SECLEVEL=0"), {}
    yield "tls10-rc4-gnutls", gnutls_server("--priority", GNUTLS_OLD), \
        gnutls_client("--priority", "NONE:+VERS-TLS1.0:+ARCFOUR-128:+RSA:+SHA1:+MD5:+COMP-NULL:+CTYPE-X509:%UNSAFE_RENEGOTIATION"), {}
    yield "tls11-anon-gnutls", gnutls_server("--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.1:+ANON-ECDH:+ANON-DH"), \
        gnutls_client("--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.1:-KX-ALL:+ANON-ECDH"), {}
    yield "tls13", openssl_server(c13), openssl_client(), {}
    yield "tls13-gnutls", gnutls_server(), gnutls_client("--sni-hostname", "smtp.example.jp"), {}
    yield "tls13-retry", openssl_server(c13, "-groups", "P-384"), openssl_client("-groups", "X25519:P-384"), {}
    yield "tls13-resumed", openssl_server(c13), openssl_client("-sess_out", "s13"), {"then": openssl_client("-sess_in", "s13")}
    yield "tls13-early", openssl_server(c13, "-early_data", "-max_early_data", "4096"), openssl_client("-sess_out", "s13e"), \
        {"then": openssl_client("-sess_in", "s13e", "-early_data", "early.txt")}
    yield "tls12-resumed-ticket", openssl_server(c12), openssl_client(c12, "-sess_out", "s12"), {"then": openssl_client("-sess_in", "s12")}
    yield "tls12-resumed-id", openssl_server(c12, "-no_ticket"), openssl_client(c12, "-sess_out", "s12i"), \
        {"then": openssl_client("-sess_in", "s12i")}
    yield "version-refused", openssl_server("-min_protocol", "TLSv1.2", "-cipher", "DEFAULT:@SECLEVEL=0"), \
        openssl_client("-tls1", "-cipher", "DEFAULT:@SECLEVEL=0"), {}
    yield "version-refused-80", openssl_server(), openssl_client("-tls1", "-cipher", "DEFAULT:@SECLEVEL=0"), {}
    yield "no-common-cipher", openssl_server(c12, "-cipher", "ECDHE+AESGCM"), openssl_client(c12, "-cipher", "AES128-SHA"), {}
    yield "name-unknown", openssl_server("-servername_fatal", "-servername", "other.example.jp", "-cert2", "rsa.leaf", "-key2", "rsa.key"), \
        openssl_client(), {}
    yield "device-unknown-ca", openssl_server(c12), openssl_client(c12, "-verify_return_error", "-CAfile", "rsa.leaf"), {}
    yield "device-unknown-ca-tls13", openssl_server(c13), openssl_client("-verify_return_error", "-CAfile", "rsa.leaf"), {}
    yield "client-cert-wanted", openssl_server(c12, "-Verify", "2"), openssl_client(c12), {}
    yield "client-cert-wanted-tls13", openssl_server(c13, "-Verify", "2"), openssl_client(), {}
    yield "client-cert-given", openssl_server(c12, "-Verify", "2"), openssl_client(c12, "-cert", "ec.leaf", "-key", "ec.key"), {}
    yield "version-refused-by-device", gnutls_server("--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.1"), \
        gnutls_client("--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.2"), {}
    yield "fragmented", openssl_server(c12, "-split_send_frag", "512", "-max_send_frag", "512"), \
        openssl_client(c12, "-max_send_frag", "512"), {}


def record_of(kind, payload, version=0x0301):
    return bytes([kind]) + version.to_bytes(2, "big") + len(payload).to_bytes(2, "big") + payload


def message(kind, body):
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def vector(data, size):
    return len(data).to_bytes(size, "big") + data


def extension(kind, data):
    return kind.to_bytes(2, "big") + vector(data, 2)


def hello(version=0x0301, ciphers=b"\x00\x2f\x00\x0a", extensions=b"", clock=0x5F000000):
    body = version.to_bytes(2, "big") + clock.to_bytes(4, "big") + bytes(range(28)) + b"\0" + vector(ciphers, 2) + b"\1\0"
    return message(1, body + (vector(extensions, 2) if extensions else b""))


def server_hello(version, cipher):
    return message(2, version.to_bytes(2, "big") + bytes(32) + b"\0" + cipher.to_bytes(2, "big") + b"\0")


def sslv2_hello(version):
    ciphers = bytes.fromhex("0100800200800300800400800600400700c0000004000005")
    challenge = bytes(range(16))
    body = b"\1" + version.to_bytes(2, "big") + b"".join(len(x).to_bytes(2, "big") for x in (ciphers, b"", challenge)) + ciphers + challenge
    return (0x8000 | len(body)).to_bytes(2, "big") + body


def scripted():
    grease = extension(0x0A0A, b"") + extension(0, vector(b"\0" + vector(b"smtp.example.jp", 2), 2)) + \
        extension(10, vector(bytes.fromhex("1a1a001d0017"), 2)) + extension(13, vector(bytes.fromhex("04030804"), 2)) + \
        extension(16, vector(vector(b"smtp", 1), 2)) + extension(43, vector(bytes.fromhex("2a2a03040303"), 1)) + extension(35, b"") + \
        extension(21, bytes(8))
    fatal = record_of(21, b"\2\x46")
    plain = record_of(22, hello())
    yield "grease-hello", [(0, record_of(22, hello(0x0303, bytes.fromhex("0a0a130100ff5600"), grease)))], 1
    yield "ssl30-hello", [(0, record_of(22, hello(0x0300), 0x0300)), (1, record_of(21, b"\2\x28", 0x0300))], 1
    yield "sslv2-hello", [(0, sslv2_hello(0x0301)), (1, fatal)], 1
    yield "sslv2-only", [(0, sslv2_hello(0x0002)), (1, b"\x80\x14\x04\0\1\0\2" + bytes(15)), (0, b"\x80\x03\0\0\1")], 1
    yield "sslv2-hello-then-tls", [(0, sslv2_hello(0x0300)), (1, record_of(22, server_hello(0x0300, 5) + message(14, b""), 0x0300))], 1
    yield "alert-in-two-records", [(0, plain), (1, record_of(21, b"\2")), (1, record_of(21, b"\x28"))], 1
    yield "two-alerts-in-a-record", [(0, plain), (1, record_of(21, b"\1\x70\2\x28"))], 1
    yield "hello-in-many-records", [(0, b"".join(record_of(22, hello()[i:i + 3]) for i in range(0, len(hello()), 3))), (1, fatal)], 1
    yield "answer-220", [(0, plain), (1, b"220 mail.example.jp ESMTP\r\n")], 1
    yield "answer-500-multi", [(0, plain), (1, b"500-what\r\n500 5.5.1 is this\r\n")], 1
    yield "answer-http", [(0, plain), (1, b"HTTP/1.1 400 Bad Request\r\n\r\n")], 1
    yield "answer-short", [(0, plain), (1, b"220")], 1
    yield "starttls-then-text", [(0, b"EHLO doorphone\r\n"), (1, b"250 hello\r\n")], 3
    yield "starttls-then-noise", [(0, b"\0\1\2\3\4\5\6")], 3
    yield "record-too-long", [(0, plain), (1, b"\x16\3\1\xff\xff" + bytes(20))], 1
    yield "text-inside-tls", [(0, plain), (1, record_of(22, server_hello(0x0301, 0x2f)) + b"421 4.4.2 timeout\r\n")], 1
    yield "rsa-export", [(0, plain), (1, record_of(22, server_hello(0x0301, 3) + message(12, vector(b"\xc5" + bytes(63), 2) + vector(b"\1\0\1", 2))
                                                   + message(14, b"")))], 1
    yield "dh-512", [(0, plain), (1, record_of(22, server_hello(0x0301, 0x33) + message(12, vector(b"\x80" + bytes(63), 2) + vector(b"\2", 2)
                                                                                          + vector(b"\4", 2)) + message(14, b"")))], 1
    yield "empty-certificate-of-server", [(0, plain), (1, record_of(22, server_hello(0x0301, 0x2f) + message(11, b"\0\0\0")))], 1
    yield "unreadable-certificate", [(0, plain), (1, record_of(22, server_hello(0x0301, 0x2f) + message(11, vector(vector(b"\x30\3\2\1\5", 3), 3))))], 1
    yield "huge-certificate", [(0, plain), (1, record_of(22, server_hello(0x0301, 0x2f)) + record_of(22, b"\x0b\2\0\0\1\xff\xfd")) ] + \
        [(1, record_of(22, bytes(16384))) for _ in range(6)], 1
    yield "null-cipher", [(0, plain), (1, record_of(22, server_hello(0x0301, 2) + message(14, b""))), (0, record_of(22, message(16, bytes(66)))),
                          (0, record_of(20, b"\1") + record_of(22, bytes(36))), (1, record_of(20, b"\1") + record_of(22, bytes(36))),
                          (0, record_of(21, b"\1\0" + bytes(20)))], 1
    yield "hello-cut-off", [(0, record_of(22, message(1, b"\3\3\0\1\2\xff"))), (1, record_of(21, b"\2\x32"))], 1
    yield "hello-request", [(0, plain), (1, record_of(22, message(0, b""))), (0, plain)], 1
    yield "garbage-handshake", [(0, plain), (1, record_of(22, bytes.fromhex("7f00112233445566"))), (1, fatal)], 1
    yield "one-side-device", [(0, plain), (0, record_of(20, b"\1")), (0, record_of(22, bytes(range(52)))), (0, record_of(23, bytes(60)))], 1


def pieces(segments):
    """From recordings: what a lossy, late or one-sided capture keeps of them."""
    whole = [(s, d) for s, d in segments]
    first_server = next(i for i, (s, d) in enumerate(whole) if s == 1)
    side, data = whole[first_server]

    def with_gap(at, n, told=True):
        return whole[:first_server] + [(1, data[:at]), (3, n if told else 0), (1, data[at + n:])] + whole[first_server + 1:]
    yield "gap-in-certificate", with_gap(600, 300), 1
    yield "gap-over-messages", with_gap(600, 1100), 1
    yield "gap-of-unknown-length", with_gap(600, 900, False), 1
    yield "gap-in-server-hello", with_gap(20, 30), 1
    yield "gap-before-server-hello", with_gap(0, 200), 1
    yield "hello-snapped", [(0, whole[0][1][:40]), (2, len(whole[0][1]) - 40)] + whole[1:], 1
    yield "late-start", [(s, d) for s, d in whole[first_server + 1:]], 0
    yield "late-start-in-a-record", [(1, data[900:])] + whole[first_server + 1:], 0
    yield "server-only", [(s, d) for s, d in whole if s == 1], 1
    yield "device-only", [(s, d) for s, d in whole if s == 0], 1
    yield "retransmitted", [(s | 4, d) for s, d in whole], 1


CA_CONFIG = """[ca]
default_ca = main
[main]
database = index
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = extensions
[any]
commonName = optional
organizationName = optional
countryName = optional
[extensions]
subjectAltName = DNS:old.example.jp
"""


def dated(name, start, end):
    open("index", "w").close()
    with open("ca.cnf", "w") as f:
        f.write(CA_CONFIG)
    run("openssl", "ca", "-batch", "-config", "ca.cnf", "-in", "rsa.csr", "-cert", "ca.pem", "-keyfile", "ca.key", "-notext",
        "-startdate", start, "-enddate", end, "-out", f"{name}.leaf")


def certificate_messages(folder):
    """Bodies of Certificate messages: made by OpenSSL, damaged by hand."""
    def alone(name, subject, *more, key=("-newkey", "rsa:2048")):
        run("openssl", "req", "-x509", *key, "-nodes", "-utf8", "-keyout", "x.key", "-out", f"{name}.leaf", "-days", "30",
            "-subj", subject, *more)
    alone("self-signed", "/CN=192.168.11.1", "-addext", "subjectAltName=IP:192.168.11.1")
    alone("no-common-name", "/C=JP/O=Example")
    alone("nothing-in-the-name", "/")
    alone("japanese", "/O=日本の会社/CN=メール")
    alone("ed25519", "/CN=ed", key=("-newkey", "ed25519"))
    alone("rsa1024", "/CN=weak", key=("-newkey", "rsa:1024"))
    alone("many-names", "/CN=many", "-addext", "subjectAltName=" + ",".join(f"DNS:host-number-{i}.example.jp" for i in range(80)))
    run("openssl", "dsaparam", "-out", "dsa.pem", "1024")
    alone("dsa", "/CN=dsa", key=("-newkey", "dsa:dsa.pem"))
    dated("expired", "20100101000000Z", "20110101000000Z")
    dated("year-9999", "19500101000000Z", "99991231235959Z")

    def der(name):
        return subprocess.run(["openssl", "x509", "-in", name, "-outform", "DER"], check=True, stdout=subprocess.PIPE).stdout

    def write(name, *ders, cut=0):
        body = vector(b"".join(vector(d, 3) for d in ders), 3)
        with open(os.path.join(folder, name), "wb") as f:
            f.write(body[:len(body) - cut])
    ca = der("ca.pem")
    write("chain", der("rsa.leaf"), ca)
    write("chain-cut", der("rsa.leaf"), ca, cut=100)
    write("leaf-cut", der("rsa.leaf"), cut=100)
    write("long-chain", der("rsa.leaf"), *([ca] * 14))
    write("empty")
    write("no-certificate", b"\x30\x03\x02\x01\x05", ca)
    write("trailing", der("rsa.leaf") + b"\0\0", ca)
    for name in ("self-signed", "no-common-name", "nothing-in-the-name", "japanese", "ed25519", "rsa1024", "many-names", "dsa", "expired",
                 "year-9999", "ec"):
        write(name, der(f"{name}.leaf"))


def main():
    folder, certificate_folder, wanted = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), sys.argv[3:]
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        with open("early.txt", "wb") as f:
            f.write(b"EHLO early\r\n")
        certificates()
        certificate_messages(certificate_folder)
        for name, server, client, more in cases():
            if wanted and name not in wanted:
                continue
            if "then" in more: # both connections to one server
                order = iter([client, more["then"]])
                segments = record(server, lambda p: next(order)(p), runs=2)
            else:
                segments = record(server, client)
            print(name, [("<" if s else ">") + str(len(d)) for s, d in segments])
            save(folder, name, segments)
            if name == "tls12-ecdhe-rsa":
                for piece, parts, options in pieces(segments):
                    save(folder, piece, parts, options)
            if name == "tls13":
                save(folder, "tls13-late-start", [(s, d) for s, d in segments[2:]], 0)
                save(folder, "tls13-device-only", [(s, d) for s, d in segments if s == 0])
    for name, segments, options in scripted():
        if not wanted or name in wanted:
            save(folder, name, segments, options)


main()
