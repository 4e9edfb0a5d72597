# SPDX-License-Identifier: BSD-3-Clause
"""Builds frames layer by layer, from the inside out: each function takes what it carries."""
import struct
import socket

A, B = "192.0.2.10", "198.51.100.25"
C, D = "10.9.8.7", "10.6.5.4"
A6, B6 = "2001:db8::10", "2001:db8:1::25"
C6, D6 = "fd00::1", "fd00::2"
MAC1, MAC2 = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")
MAC3, MAC4 = bytes.fromhex("021111111113"), bytes.fromhex("021111111114")


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def tcp(payload=b"EHLO x\r\n", sport=50000, dport=587, seq=1000, ack=2000, flags=0x18, options=b"", window=512):
    options += b"\0" * (-len(options) % 4)
    return struct.pack("!HHIIBBHHH", sport, dport, seq, ack, (5 + len(options) // 4) << 4, flags, window, 0, 0) + options + payload


def syn(options=bytes.fromhex("020405b4030307"), payload=b"", **more):
    return tcp(payload, flags=2, ack=0, options=options, **more)


def udp(payload=b"hello", sport=53000, dport=5300, length=None):
    return struct.pack("!HHHH", sport, dport, 8 + len(payload) if length is None else length, 0) + payload


def ip4(payload=None, proto=6, src=A, dst=B, ttl=64, ident=0x1234, frag=0, options=b"", total=None):
    payload = tcp() if payload is None else payload
    options += b"\0" * (-len(options) % 4)
    ihl = 5 + len(options) // 4
    head = struct.pack("!BBHHHBBH4s4s", 0x40 | ihl, 0, ihl * 4 + len(payload) if total is None else total, ident, frag, ttl,
                       proto, 0, socket.inet_aton(src), socket.inet_aton(dst)) + options
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def ip6(payload=None, proto=6, src=A6, dst=B6, hops=60, length=None):
    payload = tcp() if payload is None else payload
    return struct.pack("!IHBB", 6 << 28, len(payload) if length is None else length, proto, hops) + \
        socket.inet_pton(socket.AF_INET6, src) + socket.inet_pton(socket.AF_INET6, dst) + payload


def ext(next_header, units=0, body=None):
    """An extension header of the common form."""
    return bytes([next_header, units]) + (body or bytes([1, units * 8 + 4]) + b"\0" * (units * 8 + 4))


def frag6(next_header, offset=0, more=0, ident=7):
    return struct.pack("!BBHI", next_header, 0, offset | more, ident)


def ah(next_header, icv=12):
    return struct.pack("!BBHII", next_header, (12 + icv) // 4 - 2, 0, 1, 1) + b"\x5a" * icv


def eth(payload=None, kind=0x0800, src=MAC1, dst=MAC2):
    return dst + src + struct.pack("!H", kind) + (ip4() if payload is None else payload)


def tag(payload=None, kind=0x0800, vid=7):
    return struct.pack("!HH", vid, kind) + (ip4() if payload is None else payload)


def snap(payload=None, kind=0x0800, oui=b"\0\0\0"):
    return b"\xaa\xaa\x03" + oui + struct.pack("!H", kind) + (ip4() if payload is None else payload)


def dot3(llc, pad=b""):
    return MAC2 + MAC1 + struct.pack("!H", len(llc)) + llc + pad


def mpls(payload=None, labels=(100, 200)):
    out = b""
    for i, label in enumerate(labels):
        out += struct.pack("!I", label << 12 | (i == len(labels) - 1) << 8 | 64)
    return out + (ip4() if payload is None else payload)


def ppp(payload=None, kind=0x0021, compressed=False, hdlc=False):
    return (b"\xff\x03" if hdlc else b"") + (bytes([kind]) if compressed else struct.pack("!H", kind)) + \
        (ip4() if payload is None else payload)


def pppoe(inner=None, pad=b""):
    inner = ppp() if inner is None else inner
    return struct.pack("!BBHH", 0x11, 0, 0x1234, len(inner)) + inner + pad


def gre(payload=None, kind=0x0800, flags=0, fields=b""):
    return struct.pack("!HH", flags, kind) + fields + (ip4(src=C, dst=D) if payload is None else payload)


def vxlan(frame=None, flags=0x08):
    return bytes([flags]) + b"\0\0\0" + b"\0\0\x2a\0" + (eth(ip4(src=C, dst=D), src=MAC3, dst=MAC4) if frame is None else frame)


def geneve(payload=None, kind=0x6558, options=b""):
    return struct.pack("!BBH", len(options) // 4, 0, kind) + b"\0\0\x2a\0" + options + \
        (eth(ip4(src=C, dst=D), src=MAC3, dst=MAC4) if payload is None else payload)


def tzsp(frame=None, carried=1, tags=b"\x01", kind=0):
    return struct.pack("!BBH", 1, kind, carried) + tags + (eth(ip4(src=C, dst=D), src=MAC3, dst=MAC4) if frame is None else frame)


def erspan2(frame=None):
    return bytes.fromhex("1007000100000000") + (eth(ip4(src=C, dst=D), src=MAC3, dst=MAC4) if frame is None else frame)


def erspan3(frame=None, subheader=False):
    return bytes.fromhex("2007000100000000") + struct.pack("!HH", 0, int(subheader)) + (b"\x10" + b"\0" * 7 if subheader else b"") + \
        (eth(ip4(src=C, dst=D), src=MAC3, dst=MAC4) if frame is None else frame)


def sll(payload=None, kind=0x0800, hardware=1, mac=MAC1):
    return struct.pack("!HHH", 0, hardware, len(mac)) + mac + b"\0" * (8 - len(mac)) + struct.pack("!H", kind) + \
        (ip4() if payload is None else payload)


def sll2(payload=None, kind=0x0800, hardware=1, mac=MAC1):
    return struct.pack("!HHIHBB", kind, 0, 3, hardware, 0, len(mac)) + mac + b"\0" * (8 - len(mac)) + \
        (ip4() if payload is None else payload)


def wlan(body=None, to_ds=False, from_ds=False, qos=None, protected=False, subtype=0, seq=0x0010, htc=False, pad=0):
    """Addresses 1 to 4 are MAC2, MAC1, MAC3, MAC4 where they exist."""
    control = 0x08 | subtype << 4 | (0x80 if qos is not None else 0)
    flags = to_ds | from_ds << 1 | protected << 6 | htc << 7
    out = struct.pack("<BBH", control, flags, 0) + MAC2 + MAC1 + MAC3 + struct.pack("<H", seq)
    if to_ds and from_ds:
        out += MAC4
    if qos is not None:
        out += struct.pack("<H", qos) + (b"\0\0\0\0" if htc else b"")
    return out + b"\0" * pad + (snap() if body is None else body)


def radiotap(frame, flags=None, tsft=False, extra_words=0):
    present = (1 if tsft else 0) | (2 if flags is not None else 0)
    words = [present | (0x20000000 | 1 << 31 if extra_words else 0)] + \
        [(0x20000000 | 1 << 31 if i < extra_words - 1 else 0) for i in range(extra_words)]
    body = b"".join(struct.pack("<I", w) for w in words)
    if tsft:
        body += b"\0" * (-(4 + len(body)) % 8) + b"\x11" * 8
    if flags is not None:
        body += bytes([flags])
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<BBH", 0, 0, 4 + len(body)) + body + frame


def icmp(quoted, kind=3, code=1, rest=0):
    head = struct.pack("!BBHI", kind, code, 0, rest) + quoted
    return struct.pack("!BBHI", kind, code, checksum(head), rest) + quoted


def fragments4(payload, size, **more):
    out = []
    for at in range(0, len(payload), size):
        last = at + size >= len(payload)
        out.append(ip4(payload[at:at + size], frag=at // 8 | (0 if last else 0x2000), **more))
    return out


def fragments6(payload, size, proto=6, ident=7, **more):
    return [ip6(frag6(proto, at, int(at + size < len(payload)), ident) + payload[at:at + size], proto=44, **more)
            for at in range(0, len(payload), size)]
