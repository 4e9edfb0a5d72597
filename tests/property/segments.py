# SPDX-License-Identifier: BSD-3-Clause
"""TCP segments of a capture, taken apart and put together again; and how the tests of this folder run the program."""
import json
import pathlib
import struct
import sys
from dataclasses import dataclass, replace

import wrap

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'captures'))
import cases  # noqa: E402  (found by the line above)

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


@dataclass
class Segment:
    """A whole TCP segment in an Ethernet frame, over IPv4 without fragments or IPv6 without extension headers."""
    packet: wrap.Packet
    ip: int          # where the IP header stands
    tcp: int         # where the TCP header stands
    data: bytes
    seq: int
    flags: int
    flow: tuple      # (source, destination), each with its port

    def with_data(self, seq, data, flags=None, later=0):
        """The same segment with other bytes, `later` nanoseconds after it."""
        head = bytearray(self.packet.data[:self.tcp + (self.packet.data[self.tcp + 12] >> 4) * 4])
        struct.pack_into('>I', head, self.tcp + 4, seq & 0xffffffff)
        head[self.tcp + 13] = self.flags if flags is None else flags
        size = len(head) + len(data) - self.ip
        if head[self.ip] >> 4 == 4:
            struct.pack_into('>H', head, self.ip + 2, size)
        else:
            struct.pack_into('>H', head, self.ip + 4, size - 40)
        return replace(self.packet, data=bytes(head) + data, time=self.packet.time + later)


    def again(self, time):
        """Sent anew by its host at that time: IPv4 gives it another identification."""
        frame = bytearray(self.packet.data)
        if frame[self.ip] >> 4 == 4:
            struct.pack_into('>H', frame, self.ip + 4, (struct.unpack_from('>H', frame, self.ip + 4)[0] + 7919) & 0xffff)
        return replace(self.packet, data=bytes(frame), time=time)


def ip_at(frame):
    """Offset of the IP header behind Ethernet and VLAN tags; None where there is none."""
    at = 12
    while len(frame) >= at + 4 and frame[at:at + 2] in (b'\x81\x00', b'\x88\xa8'):
        at += 4
    return at + 2 if frame[at:at + 2] in (b'\x08\x00', b'\x86\xdd') else None


def segment(packet):
    """The packet's segment, or None."""
    frame, ip = packet.data, ip_at(packet.data)
    if ip is None or packet.cut or len(frame) < ip + 40:
        return None
    if frame[ip] >> 4 == 4:
        tcp, end = ip + (frame[ip] & 15) * 4, ip + struct.unpack_from('>H', frame, ip + 2)[0]
        whole, protocol = struct.unpack_from('>H', frame, ip + 6)[0] & 0x3fff == 0, frame[ip + 9]
        ends = frame[ip + 12:ip + 16], frame[ip + 16:ip + 20]
    else:
        tcp, end = ip + 40, ip + 40 + struct.unpack_from('>H', frame, ip + 4)[0]
        whole, protocol = True, frame[ip + 6]
        ends = frame[ip + 8:ip + 24], frame[ip + 24:ip + 40]
    if not whole or protocol != 6 or end > len(frame) or tcp + 20 > end:
        return None
    source, destination = struct.unpack_from('>HH', frame, tcp)
    return Segment(packet, ip, tcp, frame[tcp + (frame[tcp + 12] >> 4) * 4:end], struct.unpack_from('>I', frame, tcp + 4)[0],
                   frame[tcp + 13], ((ends[0], source), (ends[1], destination)))


class Run:
    """One call of the program on one or several files."""

    def __init__(self, program, paths, *options):
        case = cases.Case.__new__(cases.Case)
        case.folder, case.args = pathlib.Path(paths[0]).parent, [str(p) for p in paths[1:]]
        case.capture = str(paths[0])
        self.status, out, self.errors = case.run(program, '--json', '--timeline', '-q', *options)
        self.out = out
        self.crashed = self.status not in (0, 1, 2) or 'runtime error' in self.errors or 'Sanitizer' in self.errors
        self.lines = [] if self.crashed else [json.loads(line) for line in out.split('\n') if line]

    def attempts(self, path=None):
        return [a for a in self.lines if a['type'] == 'attempt' and (path is None or a['file'] == str(path))]


def load(name):
    """The packets of a case of tests/pcaps."""
    return wrap.read(next((cases.PCAPS / name).glob('capture.pcap*')))


def save(path, packets):
    path.write_bytes(wrap.wrap('pcap-nano', packets))
