#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""One side of a connection, step by step, for what no real software says.

    tls-script.py connect ADDR PORT STEP...
    tls-script.py listen ADDR PORT STEP...      (serves one connection)

Steps: send:TEXT (with \\r\\n escapes)  hex:BYTES  file:PATH  line (read one line)  read:N
  reply (read a whole SMTP reply)  record (read one TLS record)  until:TEXT  wait:SECONDS
  hello:KEY=VALUE,... (a ClientHello)  alert:LEVEL/CODE[/VERSION]  eof (read to the end)
  fin (send FIN, go on)  close  reset
ClientHello keys: legacy (hex, record and hello), record (hex), time (seconds since 1970),
  suites (hex, joined by +), sni, groups (hex +), sigalgs (hex +), versions (hex +), alpn,
  fallback, v2 (an SSLv2-style hello), noext, pad (bytes), key (hex group of a dummy key share)
"""
import os
import socket
import struct
import sys
import time


def u8(b):
    return struct.pack(">B", len(b)) + b


def u16(b):
    return struct.pack(">H", len(b)) + b


def extension(kind, body):
    return struct.pack(">H", kind) + u16(body)


def words(text):
    return b"".join(bytes.fromhex(w) for w in text.split("+") if w)


def client_hello(spec):
    o = dict(p.split("=", 1) if "=" in p else (p, "") for p in spec.split(",") if p)
    legacy = bytes.fromhex(o.get("legacy", "0303"))
    record = bytes.fromhex(o.get("record", "0301"))
    random = os.urandom(32)
    if "time" in o:
        random = struct.pack(">I", int(float(o["time"])) & 0xFFFFFFFF) + random[4:]
    suites = words(o.get("suites", "c02f+c030+009e+002f+0035"))
    if "fallback" in o:
        suites += b"\x56\x00"
    if "v2" in o:
        challenge = random[:16]
        specs = b"".join(b"\0" + suites[i:i + 2] for i in range(0, len(suites), 2))
        body = (b"\x01" + legacy + struct.pack(">HHH", len(specs), 0, len(challenge))
                + specs + challenge)
        return struct.pack(">H", 0x8000 | len(body)) + body
    ext = b""
    if "sni" in o:
        ext += extension(0, u16(b"\0" + u16(o["sni"].encode())))
    if "groups" in o:
        ext += extension(10, u16(words(o["groups"]))) + extension(11, u8(b"\0"))
    if "sigalgs" in o:
        ext += extension(13, u16(words(o["sigalgs"])))
    if "alpn" in o:
        ext += extension(16, u16(u8(o["alpn"].encode())))
    if "versions" in o:
        ext += extension(43, u8(words(o["versions"])))
    if "key" in o:
        ext += extension(51, u16(bytes.fromhex(o["key"]) + u16(os.urandom(32))))
    if "pad" in o:
        ext += extension(21, b"\0" * int(o["pad"]))
    body = legacy + random + u8(b"") + u16(suites) + u8(b"\0")
    if "noext" not in o:
        body += u16(ext)
    message = b"\x01" + struct.pack(">I", len(body))[1:] + body
    return b"\x16" + record + u16(message)


class Stream:
    def __init__(self, sock):
        self.sock, self.held = sock, b""

    def more(self):
        got = self.sock.recv(65536)
        self.held += got
        return bool(got)

    def take(self, n):
        while len(self.held) < n and self.more():
            pass
        got, self.held = self.held[:n], self.held[n:]
        return got

    def until(self, mark):
        while mark not in self.held and self.more():
            pass
        n = self.held.find(mark)
        return self.take(len(self.held) if n < 0 else n + len(mark))

    def reply(self):
        while True:
            line = self.until(b"\n")
            if len(line) < 4 or line[3:4] != b"-":
                return line


def step(s, word):
    kind, _, arg = word.partition(":")
    if kind == "send":
        s.sock.sendall(arg.encode("latin-1").decode("unicode_escape").encode("latin-1"))
    elif kind == "hex":
        s.sock.sendall(bytes.fromhex(arg))
    elif kind == "file":
        with open(arg, "rb") as f:
            s.sock.sendall(f.read())
    elif kind == "line":
        print("script:", s.until(b"\n"), file=sys.stderr)
    elif kind == "reply":
        print("script:", s.reply(), file=sys.stderr)
    elif kind == "read":
        s.take(int(arg))
    elif kind == "record":
        head = s.take(5)
        body = s.take(struct.unpack(">H", head[3:5])[0]) if len(head) == 5 else b""
        print("script: record", head.hex(), body[:16].hex(), file=sys.stderr)
    elif kind == "until":
        s.until(arg.encode())
    elif kind == "wait":
        time.sleep(float(arg))
    elif kind == "hello":
        s.sock.sendall(client_hello(arg))
    elif kind == "alert":
        level, code, *version = arg.split("/")
        s.sock.sendall(b"\x15" + bytes.fromhex(version[0] if version else "0303")
                       + b"\0\2" + bytes([int(level), int(code)]))
    elif kind == "eof":
        while s.more():
            s.held = b""
    elif kind == "fin":
        s.sock.shutdown(socket.SHUT_WR)
    elif kind == "close":
        s.sock.close()
    elif kind == "reset":
        s.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.sock.close()
    else:
        sys.exit(f"tls-script: unknown step {word!r}")


def main():
    role, addr, port, steps = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:]
    family = socket.AF_INET6 if ":" in addr else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    if role == "listen":
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((addr, port))
        sock.listen(4)
        sock, _ = sock.accept()
    else:
        sock.connect((addr, port))
    sock.settimeout(20)
    stream = Stream(sock)
    for word in steps:
        try:
            step(stream, word)
        except OSError as e:
            print(f"script: {word}: {e}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
