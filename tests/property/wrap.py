#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Rewrites a capture into every file format, link type and encapsulation that mailwhy reads.

    wrap.py KIND in.pcap out      KIND is a name of --list, or steps joined by '+'
    wrap.py --list                the kinds, one a line
    wrap.py --steps               the steps that a kind can be made of

The input is classic pcap or pcapng, plain, with link type Ethernet, Linux cooked or raw IP. Steps are
named as they stand on the wire, the outermost first: "pcapng-be+raw+4in6+fragments" is a big-endian
pcapng file of link type raw IP whose IPv6 packets carry fragments of the IPv4 packets. A format alone
keeps frames, numbers and times; tunnels keep the numbers; the fragments, the journal and the link
types without room for ARP do not. Only "as-ipv6" changes the addresses.
"""
import argparse
import gzip
import struct
import subprocess
import sys
from dataclasses import dataclass, replace

ETHERNET, PPP, PPP_ETHER, RAW, WLAN, LOOP, SLL, RADIOTAP, SLL2, NULL = 1, 9, 51, 101, 105, 108, 113, 127, 276, 0
IPV4, IPV6 = 0x0800, 0x86dd
TCP, UDP, ICMP, ICMPV6 = 6, 17, 1, 58


@dataclass
class Packet:
    time: int            # ns
    data: bytes          # an Ethernet frame, or what the link type says
    cut: int = 0         # bytes that the capture has left away
    link: int = ETHERNET


def fail(why):
    sys.exit('wrap.py: ' + why)


# ---- reading -----------------------------------------------------------------------------------

def read_pcap(raw):
    order = '<' if raw[:4] in (b'\xd4\xc3\xb2\xa1', b'\x4d\x3c\xb2\xa1') else '>'
    nano = raw[:4] in (b'\x4d\x3c\xb2\xa1', b'\xa1\xb2\x3c\x4d')
    link = struct.unpack(order + 'I', raw[20:24])[0] & 0xffff
    at = 24
    while at + 16 <= len(raw):
        seconds, fraction, captured, wire = struct.unpack(order + 'IIII', raw[at:at + 16])
        data = raw[at + 16:at + 16 + captured]
        at += 16 + captured
        if len(data) == captured:
            yield Packet(seconds * 10**9 + fraction * (1 if nano else 1000), data, max(wire - captured, 0), link)


def interface_scale(options, order):
    at, scale = 0, 10**6
    while at + 4 <= len(options):
        code, length = struct.unpack(order + 'HH', options[at:at + 4])
        if code == 9:
            value = options[at + 4]
            scale = 2**(value & 127) if value & 128 else 10**value
        at += 4 + length + -length % 4
    return scale


def read_pcapng(raw):
    at, order, interfaces = 0, '<', []
    while at + 12 <= len(raw):
        if raw[at:at + 4] == b'\x0a\x0d\x0d\x0a':
            order = '<' if raw[at + 8:at + 12] == b'\x4d\x3c\x2b\x1a' else '>'
            interfaces = []
        kind, length = struct.unpack(order + 'II', raw[at:at + 8])
        body = raw[at + 8:at + length - 4]
        at += length
        if kind == 1:
            interfaces.append((struct.unpack(order + 'H', body[:2])[0], interface_scale(body[8:], order)))
        elif kind == 6:
            which, high, low, captured, wire = struct.unpack(order + 'IIIII', body[:20])
            link, scale = interfaces[which]
            yield Packet((high << 32 | low) * 10**9 // scale, body[20:20 + captured], max(wire - captured, 0), link)


def to_ethernet(packet):
    """The same packet as an Ethernet frame; None where that cannot be."""
    data = packet.data
    if packet.link == ETHERNET:
        return packet
    if packet.link == SLL:
        outgoing, kind, data = data[1] == 4, struct.unpack('>H', data[14:16])[0], data[16:]
    elif packet.link == SLL2:
        outgoing, kind, data = data[10] == 4, struct.unpack('>H', data[:2])[0], data[20:]
    elif packet.link == RAW:
        kind = IPV4 if data[0] >> 4 == 4 else IPV6
        outgoing = data[12:16] < data[16:20] if kind == IPV4 else data[8:24] < data[24:40]
    else:
        fail('link type %d cannot be wrapped' % packet.link)
    macs = (MAC_B + MAC_A) if outgoing else (MAC_A + MAC_B)
    return Packet(packet.time, macs + struct.pack('>H', kind) + data, packet.cut)


MAC_A, MAC_B = bytes.fromhex('0200000000a1'), bytes.fromhex('0200000000b2')


def read(path):
    with open(path, 'rb') as f:
        raw = f.read()
    if raw[:2] == b'\x1f\x8b':
        raw = gzip.decompress(raw)
    packets = read_pcapng(raw) if raw[:4] == b'\x0a\x0d\x0d\x0a' else read_pcap(raw)
    return [to_ethernet(p) for p in packets if p.data]


# ---- headers -----------------------------------------------------------------------------------

def checksum(data):
    data += b'\0' * (len(data) % 2)
    total = sum(struct.unpack('>%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return 0xffff ^ total


def ipv4(protocol, payload, cut=0, up=True, ident=0, fragment=0, addresses=None):
    source, destination = addresses or ((b'\xc0\x00\x02\x01', b'\xc0\x00\x02\x02') if up else
                                        (b'\xc0\x00\x02\x02', b'\xc0\x00\x02\x01'))
    head = struct.pack('>BBHHHBBH', 0x45, 0, 20 + len(payload) + cut, ident, fragment, 64, protocol, 0)
    head += source + destination
    return head[:10] + struct.pack('>H', checksum(head)) + head[12:] + payload


def ipv6(protocol, payload, cut=0, up=True, addresses=None):
    a, b = bytes.fromhex('20010db800ff' + 18 * '0' + '01'), bytes.fromhex('20010db800ff' + 18 * '0' + '02')
    source, destination = addresses or ((a, b) if up else (b, a))
    return struct.pack('>IHBB', 6 << 28, len(payload) + cut, protocol, 64) + source + destination + payload


def udp(port, payload, cut=0):
    return struct.pack('>HHHH', 50000, port, 8 + len(payload) + cut, 0) + payload


def kind_of(frame):
    return struct.unpack('>H', frame[12:14])[0]


def is_ip(frame):
    return kind_of(frame) in (IPV4, IPV6) and len(frame) > 34


def is_up(frame):
    return frame[6:12] < frame[:6]


def payload_of(packet):
    """What stands behind the Ethernet header, without the padding of short frames."""
    data = packet.data[14:]
    if packet.cut:
        return data
    if kind_of(packet.data) == IPV4:
        return data[:struct.unpack('>H', data[2:4])[0] or len(data)]
    if kind_of(packet.data) == IPV6:
        return data[:40 + struct.unpack('>H', data[4:6])[0]]
    return data


def carry(packet, kind, payload):
    """The same frame with another payload."""
    return replace(packet, data=packet.data[:12] + struct.pack('>H', kind) + payload)


# ---- encapsulations: a packet to a packet, an Ethernet frame before and after ----------------------

def tag(kind, vlan):
    def step(p):
        return replace(p, data=p.data[:12] + struct.pack('>HH', kind, vlan) + p.data[12:])
    return step


def qinq(kind):
    def step(p):
        return tag(kind, 200)(tag(0x8100, 7)(p))
    return step


def mpls(p):
    if not is_ip(p.data):
        return p
    stack = struct.pack('>II', 16001 << 12 | 64, 17 << 12 | 0x100 | 64)
    return carry(p, 0x8847, stack + payload_of(p))


def pppoe_payload(p):
    payload = struct.pack('>H', 0x21 if kind_of(p.data) == IPV4 else 0x57) + payload_of(p)
    return struct.pack('>BBHH', 0x11, 0, 0x1234, len(payload) + p.cut) + payload


def pppoe(p):
    return carry(p, 0x8864, pppoe_payload(p)) if is_ip(p.data) else p


def in_ipv4(p):
    if not is_ip(p.data):
        return p
    return carry(p, IPV4, ipv4(4 if kind_of(p.data) == IPV4 else 41, payload_of(p), p.cut, is_up(p.data)))


def in_ipv6(p):
    if not is_ip(p.data):
        return p
    return carry(p, IPV6, ipv6(4 if kind_of(p.data) == IPV4 else 41, payload_of(p), p.cut, is_up(p.data)))


def in_gre(p, flags, kind, extra, payload):
    return carry(p, IPV4, ipv4(47, struct.pack('>HH', flags, kind) + extra + payload, p.cut, is_up(p.data)))


def gre(flags, extra):
    def step(p):
        return in_gre(p, flags, kind_of(p.data), extra, payload_of(p)) if is_ip(p.data) else p
    return step


def gre_ethernet(p):
    return in_gre(p, 0, 0x6558, b'', p.data)


def gre_in_ipv6(p):
    if not is_ip(p.data):
        return p
    inner = struct.pack('>HH', 0, kind_of(p.data)) + payload_of(p)
    return carry(p, IPV6, ipv6(47, inner, p.cut, is_up(p.data)))


def erspan1(p):
    return in_gre(p, 0, 0x88be, b'', p.data)


def erspan2(p):
    return in_gre(p, 0x1000, 0x88be, struct.pack('>IHHI', 1, 0x1007, 0x0005, 3), p.data)


def erspan3(p):
    return in_gre(p, 0x1000, 0x22eb, struct.pack('>IHHIHH', 1, 0x2007, 0x0005, 12345, 0, 0), p.data)


def erspan3_platform(p):
    """With the optional subheader, which the last bit announces."""
    return in_gre(p, 0x1000, 0x22eb, struct.pack('>IHHIHHQ', 1, 0x2007, 0x0005, 12345, 0, 1, 0), p.data)


def in_udp(port, header):
    def step(p):
        inner = header + p.data
        return carry(p, IPV4, ipv4(UDP, udp(port, inner, p.cut), p.cut, is_up(p.data)))
    return step


def tzsp_wlan(p):
    inner = bytes.fromhex('010000120a01c801') + wlan_frame(p.data, False)
    return carry(p, IPV4, ipv4(UDP, udp(37008, inner, p.cut), p.cut, is_up(p.data)))


# ---- fragments: a packet to several ----------------------------------------------------------------

FIRST, LATER = 32, 400  # bytes of the first fragment, and of each later one


def cuts(payload):
    pieces, at, size = [], 0, FIRST
    while at < len(payload):
        pieces.append((at, payload[at:at + size], at + size < len(payload)))
        at, size = at + size, LATER
    return pieces


ident = 0


def next_ident():
    global ident
    ident += 1
    return ident


def fragments(p):
    """IPv4 in fragments, the TCP header in the first."""
    data = payload_of(p)
    if kind_of(p.data) != IPV4 or p.cut or data[0] != 0x45 or data[6] & 0x3f or data[7] or len(data) < 20 + FIRST + 1:
        return [p]
    number, result = next_ident(), []
    for i, (at, piece, more) in enumerate(cuts(data[20:])):
        packet = ipv4(data[9], piece, 0, True, number & 0xffff, (0x2000 if more else 0) | at // 8, (data[12:16], data[16:20]))
        result.append(replace(carry(p, IPV4, packet), time=p.time + i * 1000))
    return result


def fragments6(p):
    data = payload_of(p)
    if kind_of(p.data) != IPV6 or p.cut or data[6] == 44 or len(data) < 40 + FIRST + 1:
        return [p]
    number, result = next_ident(), []
    for i, (at, piece, more) in enumerate(cuts(data[40:])):
        head = struct.pack('>BBHI', data[6], 0, at | more, number)
        packet = ipv6(44, head + piece, 0, True, (data[8:24], data[24:40]))
        result.append(replace(carry(p, IPV6, packet), time=p.time + i * 1000))
    return result


def reversed_fragments(p):
    result = fragments(p)
    times = [q.time for q in result]
    return [replace(q, time=t) for q, t in zip(reversed(result), times)]


# ---- the same conversation over IPv6 ---------------------------------------------------------------

def map_address(address):
    return bytes.fromhex('20010db8' + 16 * '0') + address


def ipv4_to_ipv6(data, cut, quoted=False):
    head = (data[0] & 15) * 4
    protocol, payload = data[9], data[head:]
    addresses = (map_address(data[12:16]), map_address(data[16:20]))
    missing = max(struct.unpack('>H', data[2:4])[0] - len(data), 0) if quoted else cut
    if protocol == ICMP and payload[0] == 3:
        code = {0: 0, 1: 3, 3: 4, 9: 1, 10: 1, 13: 1}.get(payload[1], 3)
        payload = struct.pack('>BBHI', 1, code, 0, 0) + ipv4_to_ipv6(payload[8:], 0, True)
        protocol = ICMPV6
    if protocol in (TCP, UDP, ICMPV6) and not missing and len(payload) >= 8:
        at = {TCP: 16, UDP: 6, ICMPV6: 2}[protocol]
        payload = payload[:at] + b'\0\0' + payload[at + 2:]
        pseudo = addresses[0] + addresses[1] + struct.pack('>II', len(payload), protocol)
        payload = payload[:at] + struct.pack('>H', checksum(pseudo + payload) or 0xffff) + payload[at + 2:]
    return ipv6(protocol, payload, missing, True, addresses)


def as_ipv6(p):
    data = payload_of(p)
    if kind_of(p.data) != IPV4 or len(data) < 28 or data[6] & 0x3f or data[7]:
        return p
    return carry(p, IPV6, ipv4_to_ipv6(data, p.cut))


# ---- link types --------------------------------------------------------------------------------

def link_sll(p):
    head = struct.pack('>HHH', 4 if is_up(p.data) else 0, 1, 6) + p.data[6:12] + b'\0\0'
    return replace(p, link=SLL, data=head + p.data[12:])


def link_sll2(p):
    head = p.data[12:14] + struct.pack('>HIHBB', 0, 2, 1, 4 if is_up(p.data) else 0, 6) + p.data[6:12] + b'\0\0'
    return replace(p, link=SLL2, data=head + p.data[14:])


def link_ip(link, head4, head6):
    """A link type that has room for IP only: what is none is left out."""
    def step(p):
        if not is_ip(p.data):
            return None
        return replace(p, link=link, data=(head4 if kind_of(p.data) == IPV4 else head6) + payload_of(p))
    return step


def link_pppoe(p):
    return replace(p, link=PPP_ETHER, data=pppoe_payload(p)) if is_ip(p.data) else None


def wlan_frame(frame, qos):
    destination, source, access_point = frame[:6], frame[6:12], bytes.fromhex('0200000000cc')
    up = is_up(frame)
    addresses = access_point + source + destination if up else destination + access_point + source
    head = bytes([0x88 if qos else 0x08, 1 if up else 2]) + b'\0\0' + addresses + b'\0\0' + (b'\0\0' if qos else b'')
    return head + bytes.fromhex('aaaa03000000') + frame[12:]


def link_wlan(qos):
    def step(p):
        return replace(p, link=WLAN, data=wlan_frame(p.data, qos))
    return step


def link_radiotap(p):
    """Flags and rate stand in the header; the flags announce the FCS that ends the frame."""
    frame = wlan_frame(p.data, True)
    fcs = b'' if p.cut else b'\1\2\3\4'
    return replace(p, link=RADIOTAP, data=bytes.fromhex('00000a00060000001030') + frame + fcs)


# ---- file formats ------------------------------------------------------------------------------

def pcap(order, magic, nano=False, modified=False):
    def write(packets):
        links = {p.link for p in packets} or {ETHERNET}
        if len(links) > 1:
            fail('classic pcap has one link type')
        out = [struct.pack(order + 'IHHiIII', magic, 2, 4, 0, 0, 262144, links.pop())]
        for p in packets:
            fraction = p.time % 10**9 // (1 if nano else 1000)
            out.append(struct.pack(order + 'IIII', p.time // 10**9, fraction, len(p.data), len(p.data) + p.cut))
            if modified:
                out.append(struct.pack(order + 'IHBB', 2, 0x0800, 0, 0))
            out.append(p.data)
        return b''.join(out)
    return write


def block(order, kind, body):
    body += b'\0' * (-len(body) % 4)
    return struct.pack(order + 'II', kind, len(body) + 12) + body + struct.pack(order + 'I', len(body) + 12)


def option(order, code, value):
    return struct.pack(order + 'HH', code, len(value)) + value + b'\0' * (-len(value) % 4)


class Writer:
    """pcapng; the interfaces appear as they are needed."""

    def __init__(self, order='<', options=b'', units=lambda ns: ns // 1000):
        self.out, self.order, self.options, self.units = [], order, options, units
        self.section()

    def section(self):
        self.add(0x0a0d0d0a, struct.pack(self.order + 'IHHq', 0x1a2b3c4d, 1, 0, -1))
        self.links = []

    def add(self, kind, body):
        self.out.append(block(self.order, kind, body))

    def interface(self, link):
        if link not in self.links:
            self.links.append(link)
            self.add(1, struct.pack(self.order + 'HHI', link, 0, 262144 if link == ETHERNET else 65535) + self.options)
        return self.links.index(link)

    def packet(self, p, options=b''):
        which, units = self.interface(p.link), self.units(p.time)
        head = struct.pack(self.order + 'IIIII', which, units >> 32, units & 0xffffffff, len(p.data), len(p.data) + p.cut)
        self.add(6, head + p.data + b'\0' * (-len(p.data) % 4) + options)

    def old_packet(self, p):
        which, units = self.interface(p.link), self.units(p.time)
        head = struct.pack(self.order + 'HHIIII', which, 0xffff, units >> 32, units & 0xffffffff, len(p.data),
                           len(p.data) + p.cut)
        self.add(2, head + p.data)

    def simple_packet(self, p):
        self.interface(p.link)
        self.add(3, struct.pack(self.order + 'I', len(p.data)) + p.data)

    def bytes(self):
        return b''.join(self.out)


def pcapng(order='<', resolution=None, units=lambda ns: ns // 1000, offset=0):
    def write(packets):
        options = option(order, 9, bytes([resolution])) if resolution is not None else b''
        options += option(order, 14, struct.pack(order + 'q', offset)) if offset else b''
        w = Writer(order, options, lambda ns: units(ns - offset * 10**9))
        for p in packets:
            w.packet(p)
        return w.bytes()
    return write


def pcapng_sections(packets):
    """The second half in a section of the other byte order."""
    half, out = len(packets) // 2, b''
    for order, part in (('<', packets[:half]), ('>', packets[half:])):
        w = Writer(order)
        for p in part:
            w.packet(p)
        out += w.bytes()
    return out


def pcapng_two_interfaces(packets):
    """What comes back is seen on another interface, of link type raw IP."""
    w = Writer()
    for p in packets:
        back = p.link == ETHERNET and is_ip(p.data) and not is_up(p.data)
        w.packet(link_ip(RAW, b'', b'')(p) if back else p)
    return w.bytes()


def pcapng_old(packets):
    w = Writer()
    for p in packets:
        w.old_packet(p)
    return w.bytes()


def pcapng_simple(packets):
    w = Writer()
    for p in packets:
        if p.cut:
            w.packet(p)
        else:
            w.simple_packet(p)
    return w.bytes()


def pcapng_comments(packets):
    """Comments, statistics, names, secrets and unknown blocks around the packets."""
    w = Writer()
    w.add(0x99, b'unknown')
    for i, p in enumerate(packets):
        w.packet(p, option('<', 1, b'a comment') + option('<', 2, struct.pack('<I', 1)) + bytes(4))
        if i % 3 == 0:
            w.add(0x80000001, b'local')
        if i % 5 == 0:
            w.add(5, struct.pack('<III', 0, 0, 0))
    w.add(4, struct.pack('<HH', 1, 4 + 5) + b'\xc0\x00\x02\x63note\0' + bytes(3) + bytes(4))
    w.add(10, struct.pack('<II', 0x544c534b, 10) + b'# no keys\n')
    return w.bytes()


def pcapng_journal(packets):
    """Blocks that have a frame number without being packets."""
    w = Writer()
    for i, p in enumerate(packets):
        if i % 4 == 0:
            w.add(9, b'__REALTIME_TIMESTAMP=1442540054341234\nMESSAGE=something\n')
        if i % 4 == 2:
            w.add(0xbad, struct.pack('<I', 32473) + b'custom')
        w.packet(p)
    return w.bytes()


# ---- whole captures ------------------------------------------------------------------------------

def snap(length):
    def step(p):
        over = max(len(p.data) - length, 0)
        return replace(p, data=p.data[:length], cut=p.cut + over)
    return step


def twice(p):
    """A mirror port that copies both directions."""
    return [p, replace(p, time=p.time + 10000)]


def gz_members(raw):
    """Two members, one after the other, cut where it hurts."""
    half = len(raw) // 2 + 1
    return gzip.compress(raw[:half]) + gzip.compress(raw[half:])


def zst(raw):
    return subprocess.run(['zstd', '-q', '-c'], input=raw, stdout=subprocess.PIPE, check=True).stdout


LINKS = {
    'linux-sll': link_sll, 'linux-sll2': link_sll2,
    'raw': link_ip(RAW, b'', b''),
    'null': link_ip(NULL, struct.pack('<I', 2), struct.pack('<I', 30)),
    'null-be': link_ip(NULL, struct.pack('>I', 2), struct.pack('>I', 24)),
    'loop': link_ip(LOOP, struct.pack('>I', 2), struct.pack('>I', 24)),
    'ppp': link_ip(PPP, bytes.fromhex('ff030021'), bytes.fromhex('ff030057')),
    'pppoe-link': link_pppoe,
    'wlan': link_wlan(False), 'wlan-qos': link_wlan(True), 'radiotap': link_radiotap,
}
ENCAPSULATIONS = {
    'vlan': tag(0x8100, 7), 'qinq': qinq(0x88a8), 'qinq-9100': qinq(0x9100), 'mpls': mpls, 'pppoe': pppoe,
    'ipip': in_ipv4, '6in4': in_ipv4, '4in6': in_ipv6, '6in6': in_ipv6,
    'gre': gre(0, b''), 'gre-key': gre(0x3000, struct.pack('>II', 77, 1)), 'gre-eth': gre_ethernet, 'gre6': gre_in_ipv6,
    'erspan1': erspan1, 'erspan2': erspan2, 'erspan3': erspan3, 'erspan3-platform': erspan3_platform,
    'vxlan': in_udp(4789, bytes.fromhex('0800000000004d00')),
    'geneve': in_udp(6081, bytes.fromhex('0000655800004d00')),
    'geneve-options': in_udp(6081, bytes.fromhex('0200655800004d00' '0102800112345678')),
    'tzsp': in_udp(37008, bytes.fromhex('0100000101')), 'tzsp-wlan': tzsp_wlan,
    'as-ipv6': as_ipv6, 'twice': twice,
    'fragments': fragments, 'fragments-reversed': reversed_fragments, 'fragments6': fragments6,
}
CUTS = {'snap96': snap(96)}
FORMATS = {
    'pcap-le': pcap('<', 0xa1b2c3d4), 'pcap-be': pcap('>', 0xa1b2c3d4),
    'pcap-nano': pcap('<', 0xa1b23c4d, nano=True), 'pcap-nano-be': pcap('>', 0xa1b23c4d, nano=True),
    'pcap-modified': pcap('<', 0xa1b2cd34, modified=True), 'pcap-modified-be': pcap('>', 0xa1b2cd34, modified=True),
    'pcapng': pcapng(), 'pcapng-be': pcapng('>'),
    'pcapng-nano': pcapng('<', 9, lambda ns: ns),
    'pcapng-binary': pcapng('<', 0x80 | 32, lambda ns: -(-(ns << 32) // 10**9)),
    'pcapng-offset': pcapng('>', 6, offset=1600000000),
    'pcapng-sections': pcapng_sections, 'pcapng-two-interfaces': pcapng_two_interfaces,
    'pcapng-old': pcapng_old, 'pcapng-spb': pcapng_simple, 'pcapng-comments': pcapng_comments,
    'pcapng-journal': pcapng_journal,
}
PACKINGS = {'gzip': gzip.compress, 'gzip-members': gz_members, 'zstd': zst}

# Names for chains; every step but as-ipv6 and twice is a kind by its own name as well.
KINDS = {
    'ipv6': 'as-ipv6', 'duplicated': 'twice', '6in4': '6in4+as-ipv6', '6in6': '6in6+as-ipv6',
    'fragments6': 'fragments6+as-ipv6',
}
COMBINATIONS = [
    'pcapng+gzip', 'pcapng-be+zstd', 'pcapng-two-interfaces+zstd', 'pcapng-nano+snap96',
    'vlan+pppoe', 'qinq+pppoe', 'pppoe+4in6', 'vlan+pppoe+4in6', 'pppoe+6in4+as-ipv6', 'vlan+mpls', 'mpls+ipip',
    'linux-sll+vlan', 'linux-sll+pppoe', 'linux-sll2+vlan+pppoe', 'raw+4in6', 'raw+6in4+as-ipv6', 'ppp+ipip',
    'null+gre', 'pppoe-link+4in6', 'wlan+4in6', 'radiotap+as-ipv6', 'loop+as-ipv6', 'null+as-ipv6', 'ppp+as-ipv6',
    'erspan2+vlan', 'erspan3+qinq', 'erspan1+pppoe', 'vxlan+vlan+pppoe', 'geneve+mpls', 'tzsp+vlan+pppoe+4in6',
    'tzsp-wlan+vlan', 'gre+gre', 'gre-eth+vlan', 'ipip+ipip', '4in6+gre', 'vxlan+vxlan', 'vlan+vxlan+4in6',
    'pppoe+fragments', 'fragments6+4in6', '4in6+fragments', 'fragments+gre', 'fragments+vxlan', 'vlan+fragments',
    'raw+fragments', 'linux-sll+fragments6+as-ipv6', 'vxlan+fragments-reversed', 'snap96+vlan+pppoe',
    'pcapng-be+linux-sll2+vlan', 'pcap-modified+pppoe-link', 'pcap-nano-be+radiotap',
]


def all_kinds():
    steps = [s for table in (FORMATS, PACKINGS, LINKS, ENCAPSULATIONS, CUTS) for s in table]
    names = [s for s in steps if s not in ('as-ipv6', 'twice') and s not in KINDS]
    return sorted(names + list(KINDS)) + COMBINATIONS


def apply(step, packets):
    out = []
    for p in packets:
        result = step(p)
        out += result if isinstance(result, list) else [result] if result else []
    return out


def wrap(kind, packets):
    """The bytes of the file."""
    steps = KINDS.get(kind, kind).split('+')
    known = (FORMATS, PACKINGS, LINKS, ENCAPSULATIONS, CUTS)
    unknown = [s for s in steps if not any(s in table for table in known)]
    if unknown:
        fail('unknown kind "%s" (--list tells them)' % unknown[0])
    for table in (ENCAPSULATIONS, LINKS, CUTS):
        for step in reversed([s for s in steps if s in table]):
            packets = apply(table[step], packets)
    formats = [s for s in steps if s in FORMATS] or ['pcap-le']
    raw = FORMATS[formats[0]](packets)
    for step in (s for s in steps if s in PACKINGS):
        raw = PACKINGS[step](raw)
    return raw


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--list', action='store_true', help='print the kinds, one a line')
    parser.add_argument('--steps', action='store_true', help='print the steps of kinds, one a line')
    parser.add_argument('kind', nargs='?')
    parser.add_argument('input', nargs='?')
    parser.add_argument('output', nargs='?')
    args = parser.parse_args()
    if args.list:
        print('\n'.join(all_kinds()))
    elif args.steps:
        print('\n'.join(s for t in (FORMATS, PACKINGS, LINKS, ENCAPSULATIONS, CUTS) for s in t))
    elif args.output is None:
        parser.error('KIND, input and output are needed')
    else:
        raw = wrap(args.kind, read(args.input))
        with open(args.output, 'wb') as f:
            f.write(raw)


if __name__ == '__main__':
    main()
