#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Captures in which nobody failed to hand in mail: exit status 0, no failure, no crash.

test_other_traffic.py MAILWHY [--runs N] [WORD...]

The captures of tests/pcaps without mail, and generated ones: conversations of other protocols on their own, on unusual and on
mail ports, random bytes, port scans, ICMP, broken headers. On a mail port a device that speaks another protocol wants no mail.
"""
import argparse
import pathlib
import random
import struct
import sys
import tempfile

import segments
import wrap
from segments import ACK, FIN, PSH, RST, SYN, cases

SEED, RUNS = 25, 400
FOLDERS = {'not-mail', 'no-mail', 'healthy'}
MAC = (bytes.fromhex('0280f0110030'), bytes.fromhex('02a0de110001'))
DEVICE, SERVER = b'\xc0\xa8\x0b\x1e', b'\xcb\x00\x71\x19'


class Talk:
    """Writes the packets of one TCP connection."""

    def __init__(self, rng, port, start, device=DEVICE, server=SERVER):
        self.rng, self.packets, self.now = rng, [], start
        self.ends = [(device, rng.randint(1025, 65535)), (server, port)]
        self.seq = [rng.getrandbits(32), rng.getrandbits(32)]

    def packet(self, side, flags, data=b''):
        (source, source_port), (target, target_port) = self.ends[side], self.ends[1 - side]
        ack = self.seq[1 - side] if flags & ACK else 0
        tcp = struct.pack('>HHIIBBHHH', source_port, target_port, self.seq[side], ack, 0x50, flags, 64240, 0, 0) + data
        ip = wrap.ipv4(6, tcp, addresses=(source, target), ident=self.rng.getrandbits(16))
        self.packets.append(wrap.Packet(self.now, MAC[1 - side] + MAC[side] + b'\x08\x00' + ip))
        self.now += self.rng.randint(50_000, 30_000_000)
        self.seq[side] = (self.seq[side] + len(data) + bool(flags & SYN) + bool(flags & FIN)) & 0xffffffff

    def open(self):
        self.packet(0, SYN)
        self.packet(1, SYN | ACK)
        self.packet(0, ACK)

    def say(self, side, data):
        for at in range(0, len(data), 1400):
            self.packet(side, PSH | ACK, data[at:at + 1400])
        self.packet(1 - side, ACK)

    def close(self):
        self.packet(0, FIN | ACK)
        self.packet(1, FIN | ACK)
        self.packet(0, ACK)


def noise(rng, most=900):
    return rng.randbytes(rng.randint(1, most))


HTTP = [(0, b'GET /mail HTTP/1.1\r\nHost: smtp.example.jp\r\n\r\n'),
        (1, b'HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n250 ok, 550 go away\r\n')]
SSH = [(1, b'SSH-2.0-OpenSSH_9.2\r\n'), (0, b'SSH-2.0-client\r\n'), (0, b'\0\0\1\x14\6\x14' + b'k' * 270), (1, b'\0\0\1\x14\6\x14' + b'k' * 270)]
IMAP = [(1, b'* OK IMAP4rev1 ready\r\n'), (0, b'a LOGIN door secret\r\n'), (1, b'a NO [AUTHENTICATIONFAILED] 535 no\r\n'), (0, b'b LOGOUT\r\n'),
        (1, b'* BYE\r\nb OK\r\n')]
POP3 = [(1, b'+OK POP3 ready <1@example>\r\n'), (0, b'USER door\r\n'), (1, b'+OK\r\n'), (0, b'PASS secret\r\n'), (1, b'+OK\r\n'), (0, b'QUIT\r\n'),
        (1, b'+OK\r\n')]
FTP = [(1, b'220 (vsFTPd 3.0.3)\r\n'), (0, b'USER door\r\n'), (1, b'331 Please specify the password.\r\n'), (0, b'PASS x\r\n'),
       (1, b'530 Login incorrect.\r\n'), (0, b'QUIT\r\n'), (1, b'221 Goodbye.\r\n')]
NNTP = [(1, b'200 news.example ready\r\n'), (0, b'MODE READER\r\n'), (1, b'502 no permission\r\n'), (0, b'QUIT\r\n'), (1, b'205 bye\r\n')]
REDIS = [(0, b'*1\r\n$4\r\nPING\r\n'), (1, b'+PONG\r\n')]
MQTT = [(0, bytes.fromhex('101000044d5154540402003c000474657374')), (1, bytes.fromhex('20020000'))]
RTSP = [(0, b'OPTIONS rtsp://camera/ RTSP/1.0\r\nCSeq: 1\r\n\r\n'), (1, b'RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\n\r\n')]
IRC = [(0, b'NICK door\r\nUSER door 0 * :door\r\n'), (1, b':irc.example 433 * door :Nickname is already in use.\r\n')]
DNS_TCP = [(0, bytes.fromhex('001d1234010000010000000000000377777707' '6578616d706c65026a700000010001')),
           (1, bytes.fromhex('001d1234818300010000000000000377777707' '6578616d706c65026a700000010001'))]
TALKS = {'http': (HTTP, 80), 'ssh': (SSH, 22), 'imap': (IMAP, 143), 'pop3': (POP3, 110), 'ftp': (FTP, 21), 'nntp': (NNTP, 119),
         'redis': (REDIS, 6379), 'mqtt': (MQTT, 1883), 'rtsp': (RTSP, 554), 'irc': (IRC, 6667), 'dns over tcp': (DNS_TCP, 53)}
DEVICE_FIRST = {'http', 'rtsp'}  # what our table of first bytes names by the device: also on a mail port nobody's mail


def conversation(name, rng):
    script, port = TALKS[name]
    choice = [port, port, rng.choice((8080, 10000, 40000, 5000, 3128))]
    if name in DEVICE_FIRST:
        choice.append(rng.choice((25, 465, 587, 2525)))
    talk = Talk(rng, rng.choice(choice), 10**18)
    talk.open()
    for side, data in script[:rng.randint(1, len(script))]:
        talk.say(side, data)
    if rng.random() < 0.3:
        talk.packet(rng.randrange(2), RST | ACK)
    elif rng.random() < 0.8:
        talk.close()
    return talk.packets


def random_bytes(rng):
    """Not on mail ports: who sends bytes of no known kind there may well be a broken mail client."""
    talk = Talk(rng, rng.choice((8, 9999, 443, 3389, 5060, 27015, 445, 5222)), 10**18)
    talk.open()
    for _ in range(rng.randint(1, 12)):
        talk.say(rng.randrange(2), noise(rng))
    if rng.random() < 0.5:
        talk.close()
    return talk.packets


def port_scan(rng):
    ports = rng.sample(range(1, 1024), 60) + [25, 465, 587, 2525]
    rng.shuffle(ports)
    packets, now = [], 10**18
    for port in ports:
        talk = Talk(rng, port, now)
        talk.packet(0, SYN)
        if rng.random() < 0.7:
            talk.packet(1, RST | ACK)
        packets += talk.packets
        now += 10_000_000
    return sorted(packets, key=lambda p: p.time)


def sweep(rng):
    """One mail port of many hosts."""
    packets, port = [], rng.choice((25, 587, 465))
    for host in range(1, 60):
        talk = Talk(rng, port, 10**18 + host * 20_000_000, server=bytes((203, 0, 113, host)))
        talk.packet(0, SYN)
        if rng.random() < 0.2:
            talk.packet(1, RST | ACK)
        packets += talk.packets
    return sorted(packets, key=lambda p: p.time)


def icmp(rng):
    packets = []
    for i in range(rng.randint(1, 30)):
        kind = rng.choice((0, 8, 3, 11, 5, 12, 13, rng.randrange(256)))
        body = struct.pack('>BBHI', kind, rng.randrange(16), 0, rng.getrandbits(32)) + noise(rng, 90)
        packets.append(wrap.Packet(10**18 + i * 10**7, MAC[0] + MAC[1] + b'\x08\x00' + wrap.ipv4(1, body, addresses=(SERVER, DEVICE))))
    return packets


def udp(rng):
    packets = []
    for i in range(rng.randint(1, 30)):
        port = rng.choice((53, 67, 123, 137, 161, 443, 500, 1900, 4500, 4789, 5353, 5355, 6081, 37008, rng.randrange(1, 65536)))
        body = wrap.udp(port, noise(rng, 200))
        packets.append(wrap.Packet(10**18 + i * 10**7, MAC[0] + MAC[1] + b'\x08\x00' + wrap.ipv4(17, body, addresses=(DEVICE, SERVER))))
    return packets


def frames(rng):
    """Frames of any kind, and IP headers over noise."""
    packets = []
    for i in range(rng.randint(1, 60)):
        kind = rng.choice((0x0800, 0x86dd, 0x0806, 0x8100, 0x8847, 0x8863, 0x8864, 0x88a8, 0x88cc, rng.getrandbits(16)))
        data = noise(rng, 200)
        if kind == 0x0800 and rng.random() < 0.7:
            data = bytes((0x45 + rng.choice((0, 0, 1, 10)),)) + data[1:9] + bytes((rng.choice((1, 2, 4, 6, 6, 17, 41, 47, 50, 51, 132)),)) + data[10:]
        packets.append(wrap.Packet(10**18 + i * 10**6, MAC[0] + MAC[1] + struct.pack('>H', kind) + data))
    return packets


def web_names(rng):
    """Look-ups of web pages that fail are nobody's mail failure."""
    packets, now = [], 10**18
    for name in ('www.example.jp', 'mail.google.com', 'ads.example', 'wpad'):
        question = struct.pack('>HHHHHH', rng.getrandbits(16), 0x0100, 1, 0, 0, 0)
        question += b''.join(bytes((len(part),)) + part.encode() for part in name.split('.')) + b'\0\0\1\0\1'
        answer = question[:2] + b'\x81\x83' + question[4:]
        for data, ends, ports in ((question, (DEVICE, SERVER), (5300, 53)), (answer, (SERVER, DEVICE), (53, 5300))):
            body = struct.pack('>HHHH', *ports, 8 + len(data), 0) + data
            packets.append(wrap.Packet(now, MAC[0] + MAC[1] + b'\x08\x00' + wrap.ipv4(17, body, addresses=ends)))
            now += rng.randint(1, 6) * 10**9
    return packets


KINDS = {name: (lambda rng, name=name: conversation(name, rng)) for name in TALKS}
KINDS.update({'random bytes': random_bytes, 'port scan': port_scan, 'one port of many hosts': sweep, 'icmp': icmp, 'udp': udp,
              'frames of any kind': frames, 'web names': web_names})


def verdict(run):
    if run.crashed or run.status != 0 or run.errors:
        found = [(f['cause'], f['frames']) for line in run.lines for f in line['findings'] if f['severity'] == 'failure']
        return f'exit status {run.status} {found} {run.errors[:1500]}'
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('program')
    parser.add_argument('words', nargs='*')
    parser.add_argument('--seed', type=int, default=SEED)
    parser.add_argument('--runs', type=int, default=RUNS)
    args = parser.parse_args()
    print(f'# seed {args.seed}', flush=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix='mailwhy-other-'))

    def saved(case):
        return verdict(segments.Run(args.program, [case.folder / case.capture]))

    def generated(name):
        problems = []
        for number in range(args.runs // len(KINDS) + 1):
            path = folder / f'{name.replace(" ", "-")}.{number}.pcap'
            segments.save(path, KINDS[name](random.Random(f'{args.seed} {name} {number}')))
            problem = verdict(segments.Run(args.program, [path]))
            if problem:
                problems.append(f'{path}: {problem}')
            else:
                path.unlink()
        return '\n'.join(problems)

    chosen = [c for c in cases.all_cases(args.words) if c.cause in FOLDERS]
    results = [(case.name, problem) for case, problem in cases.in_parallel(saved, chosen)]
    names = [n for n in KINDS if not args.words or any(w in n for w in args.words)]
    results += [(f'generated: {name}', problem) for name, problem in cases.in_parallel(generated, names)]
    if not any(problem for _, problem in results):
        folder.rmdir()
    return cases.report(results)


sys.exit(main())
