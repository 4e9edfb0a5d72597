#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What fails in clear text fails in the same way inside TLS that is read with a key: the same causes, outcome, stage and words.

test_inside_tls.py MAILWHY [WORD...]

Each conversation in clear text of tests/pcaps is put into TLS 1.2 on its port, each segment a record, under a suite that only signs
(so that hmac is all that is needed here), and read with its key log. Left out are conversations that are about clear text or TLS
themselves, and those whose segments are not in order.
"""
import collections
import hashlib
import hmac
import pathlib
import struct
import sys
import tempfile

import segments
import wrap
from segments import FIN, SYN, cases

PORTS = {25, 587, 2525}
RANDOM, MASTER = {0: b'\x01' * 32, 1: b'\x02' * 32}, b'\x03' * 48
# What is said of clear text and of TLS, and what hangs on the port.
ABOUT_CLEAR = ('tls-', 'starttls-', 'password-in-clear', 'mail-in-clear', 'auth-needs-encryption', 'plain-on-tls-port', 'port-25-blocked',
               'ehlo-missing-after-starttls', 'cert-', 'path-mtu-blackhole')


def p_hash(secret, seed, size):
    out, a = b'', seed
    while len(out) < size:
        a = hmac.digest(secret, a, hashlib.sha256)
        out += hmac.digest(secret, a + seed, hashlib.sha256)
    return out[:size]


def record(kind, data, version=0x0303):
    return struct.pack('>BHH', kind, version, len(data)) + data


def message(kind, body):
    return bytes([kind]) + len(body).to_bytes(3, 'big') + body


class Sealer:
    """One direction's records under TLS_RSA_WITH_NULL_SHA256."""

    def __init__(self, side, client_random):
        keys = p_hash(MASTER, b'key expansion' + RANDOM[1] + client_random, 64)
        self.key, self.number = keys[32 * side:32 * side + 32], 0

    def record(self, kind, data):
        covered = struct.pack('>QBHH', self.number, kind, 0x0303, len(data)) + data
        self.number += 1
        return record(kind, data + hmac.digest(self.key, covered, hashlib.sha256))


class Stream:
    """One connection on its way into TLS. Side 0 is the device."""

    def __init__(self, syn, number):
        self.device, self.up = syn.flow[0], False
        self.isn, self.end = {0: syn.seq, 1: None}, {0: 0, 1: 0}     # old: where data goes on
        self.new_end, self.edges = {0: 0, 1: 0}, {0: [(0, 0)], 1: [(0, 0)]}  # new; pairs of old and new offsets
        self.random = struct.pack('>I', number) + b'\x01' * 28
        self.sealer = {side: Sealer(side, self.random) for side in (0, 1)}
        self.ident = 1

    def side(self, s):
        return 0 if s.flow[0] == self.device else 1

    def said(self, side, old, data):
        self.end[side] += old
        self.new_end[side] += len(data)
        self.edges[side].append((self.end[side], self.new_end[side]))

    def moved(self, side, offset):
        """The new place of an old offset: of the last edge that is not behind it."""
        place = max((edge for edge in self.edges[side] if edge[0] <= offset), key=lambda edge: edge)
        return place[1] + max(offset - self.end[side], 0)  # a FIN stands behind the data

    def packet(self, template, side, data, later=0, seq=None):
        """That side's packet with those bytes; what both have said so far is its number and its acknowledgement."""
        s = template
        head = bytearray(s.packet.data[:s.tcp + (s.packet.data[s.tcp + 12] >> 4) * 4])
        struct.pack_into('>I', head, s.tcp + 4, (self.isn[side] + 1 + (self.new_end[side] if seq is None else seq)) & 0xffffffff)
        if head[s.tcp + 13] & 16:
            old = (struct.unpack_from('>I', head, s.tcp + 8)[0] - self.isn[1 - side] - 1) & 0xffffffff
            struct.pack_into('>I', head, s.tcp + 8, (self.isn[1 - side] + 1 + self.moved(1 - side, old)) & 0xffffffff)
        self.fit(s, head, len(data))
        return segments.replace(s.packet, data=bytes(head) + data, time=s.packet.time + later)

    def fit(self, s, head, size):
        total = len(head) + size - s.ip
        if head[s.ip] >> 4 == 4:
            struct.pack_into('>H', head, s.ip + 4, self.ident & 0xffff)
            self.ident += 1
        struct.pack_into('>H', head, s.ip + (2 if head[s.ip] >> 4 == 4 else 4), total if head[s.ip] >> 4 == 4 else total - 40)

    def handshake(self, templates, time):
        hello = b'\x03\x03' + self.random + b'\0' + b'\0\2\0\x3b' + b'\1\0'
        answer = b'\x03\x03' + RANDOM[1] + b'\0' + b'\0\x3b' + b'\0'
        finished = message(20, b'\0' * 12)
        steps = [(0, record(22, message(1, hello), 0x0301)), (1, record(22, message(2, answer) + message(14, b''))),
                 (0, record(22, message(16, b'\0\2ab')) + record(20, b'\1') + self.sealer[0].record(22, finished)),
                 (1, record(20, b'\1') + self.sealer[1].record(22, finished))]
        for later, (side, data) in enumerate(steps):
            template = templates[side]
            made = self.packet(template, side, data)
            head = bytearray(made.data)
            head[template.tcp + 13] = 24  # PSH, ACK
            struct.pack_into('>I', head, template.tcp + 8, (self.isn[1 - side] + 1 + self.new_end[1 - side]) & 0xffffffff)
            self.said(side, 0, data)
            yield segments.replace(made, data=bytes(head), time=time + later * 1000)
        self.up = True


class NotHere(Exception):
    """This capture is none for this test."""


def to_tls(packets):
    """The capture with its conversations inside TLS; raises NotHere where one cannot be put there."""
    streams, out, templates, heard = {}, [], {}, collections.Counter()
    for packet in packets:
        s = segments.segment(packet)
        if s is not None and s.flow[1][1] in PORTS and b'STARTTLS' in s.data.upper():
            raise NotHere('it is about STARTTLS')
        if s is None or not {end[1] for end in s.flow} & PORTS:
            out.append(packet)
            continue
        key = frozenset(s.flow)
        if s.flags & SYN and not s.flags & 16:
            if key in streams and streams[key].isn[0] == s.seq:
                raise NotHere('a SYN that is repeated')
            streams[key], templates[key] = Stream(s, len(streams)), {}
        stream = streams.get(key)
        if stream is None:
            raise NotHere('it starts late')
        side = stream.side(s)
        if s.flags & SYN:
            if side == 1:
                stream.isn[1] = s.seq
            out.append(packet)
            continue
        if stream.isn[1] is None:
            raise NotHere('no answer to the SYN')
        offset = (s.seq - stream.isn[side] - 1) & 0xffffffff
        if offset != stream.end[side] and not s.flags & (FIN | 4) and not (not s.data and offset == stream.end[side] + 1):
            raise NotHere('not in order')
        if not heard[key] and side == 0 and not s.data and not s.flags & (FIN | 4):
            heard[key] = 1
            templates[key][0] = s
            out.append(packet)
            continue
        templates[key].setdefault(side, s)
        if not stream.up:
            if side == 0 or not s.data or 0 not in templates[key]:
                raise NotHere('the server does not speak first')
            out += list(stream.handshake(templates[key], s.packet.time))
        data = stream.sealer[side].record(23, s.data) if s.data else b''
        seq = stream.moved(side, offset)
        out.append(stream.packet(s, side, data, 5000, seq))
        if s.data:
            stream.said(side, len(s.data), data)
    if not any(stream.up for stream in streams.values()):
        raise NotHere('no conversation')
    return out, ''.join(f'CLIENT_RANDOM {stream.random.hex()} {MASTER.hex()}\n' for stream in streams.values())


def about_clear(finding):
    return finding['cause'].startswith(ABOUT_CLEAR)


def told(attempt):
    smtp = dict(attempt['smtp'] or {})
    smtp.pop('starttls_offered', None)
    if smtp.get('last_reply'):
        smtp['last_reply'] = {k: v for k, v in smtp['last_reply'].items() if k != 'frame'}
    findings = [(f['cause'], f['severity'], f['primary'], f['confidence']) for f in attempt['findings'] if not about_clear(f)]
    return {'outcome': attempt['outcome'], 'stage': attempt['stage'], 'smtp': smtp, 'findings': findings}


def compare(case, program):
    packets = wrap.read(case.folder / case.capture)
    inside, log = to_tls(packets)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        segments.save(folder / 'clear.pcap', packets)
        segments.save(folder / 'inside.pcap', inside)
        (folder / 'keylog').write_text(log)
        clear = segments.Run(program, [folder / 'clear.pcap']).attempts()
        read = segments.Run(program, [folder / 'inside.pcap'], '--keylog', str(folder / 'keylog')).attempts()
    if len(clear) != len(read):
        return f'{len(clear)} attempts in clear, {len(read)} inside'
    compared = 0
    for a, b in zip(clear, read):
        if (a['tls'] or not a['smtp'] or any(about_clear(f) and f['severity'] == 'failure' for f in a['findings'])):
            continue
        compared += 1
        if b['tls'] is None or b['tls']['inside'] != 'decrypted':
            return f'attempt {b["id"]} was not read'
        if told(a) != told(b):
            return f'attempt {b["id"]}\nclear:  {told(a)}\ninside: {told(b)}'
    if not compared:
        raise NotHere('nothing to compare')
    return None


def main():
    program, words = sys.argv[1], sys.argv[2:]
    results, left_out = [], 0
    for case, problem in cases.in_parallel(lambda case: compare(case, program), cases.all_cases(words)):
        if isinstance(problem, NotHere):
            left_out += 1
        else:
            results.append((case.name, problem))
    print(f'# {left_out} captures are none for this test')
    if not words and len(results) < 100:
        results.append(('enough conversations', f'only {len(results)} were compared'))
    return cases.report(results)


sys.exit(main())
