#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Decodes the same frames with packet_fields and with tshark and compares what both say.

Usage: against_tshark.py PACKET_FIELDS [-v]"""
import ipaddress
import os
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from frames import *  # noqa: E402,F403

OURS = ["kind", "why", "src_mac", "dst_mac", "src", "dst", "sport", "dport", "ttl", "ip_id", "encap", "seq", "ack", "flags",
        "window", "mss", "scale", "tfo", "icmp_type", "icmp_code", "mtu", "quoted", "len", "snapped", "payload"]
THEIRS = ["eth.src", "eth.dst", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "tcp.srcport", "tcp.dstport", "udp.srcport",
          "udp.dstport", "ip.ttl", "ipv6.hlim", "tcp.seq_raw", "tcp.ack_raw", "tcp.flags", "tcp.window_size_value", "tcp.len",
          "tcp.options.mss_val", "tcp.options.wscale.shift", "tcp.payload", "icmp.type", "icmp.code", "icmp.mtu", "icmpv6.type",
          "icmpv6.code", "icmpv6.mtu", "wlan.sa", "wlan.da", "tcp.seq", "_ws.col.Destination", "frame.protocols"]

ETHERNET, LOOP, RAW, NULL, SLL, SLL2, PPP, PPP_HDLC, PPPOE, CHDLC, WLAN, RADIOTAP, PRISM = \
    1, 108, 101, 0, 113, 276, 9, 50, 51, 104, 105, 127, 119
cases = []  # (name, link type, bytes, wire length, encapsulation or None)


def case(name, link, frame, encap="", wire=None):
    cases.append((name, link, frame, len(frame) if wire is None else wire, encap))


def link_layers():
    case("ethernet", ETHERNET, eth())
    case("ethernet, padded", ETHERNET, eth(ip4(tcp(b""))) + b"\0" * 6)
    case("ethernet, ipv6", ETHERNET, eth(ip6(), 0x86dd))
    case("802.3 snap", ETHERNET, dot3(snap(), b"\0" * 20))
    case("802.1H", ETHERNET, dot3(snap(oui=b"\0\0\xf8")))
    case("802.3, IP's own SAP", ETHERNET, dot3(b"\x06\x06\x03" + ip4()))
    case("vlan", ETHERNET, eth(tag(), 0x8100), "vlan")
    case("vlan twice", ETHERNET, eth(tag(tag(), 0x8100), 0x8100), "vlan,vlan")
    case("qinq", ETHERNET, eth(tag(tag(), 0x8100), 0x88a8), "qinq,vlan")
    case("old qinq", ETHERNET, eth(tag(tag(), 0x8100), 0x9100), "qinq,vlan")
    case("vlan and 802.3", ETHERNET, eth(struct.pack("!HH", 7, len(snap())) + snap(), 0x8100), "vlan")
    case("mpls", ETHERNET, eth(mpls(), 0x8847), "mpls")
    case("mpls multicast, ipv6", ETHERNET, eth(mpls(ip6(), labels=(9,)), 0x8848), "mpls")
    case("pppoe", ETHERNET, eth(pppoe(), 0x8864), "pppoe")
    case("pppoe padded", ETHERNET, eth(pppoe(ppp(ip4(tcp(b""))), b"\0" * 9), 0x8864), "pppoe")
    case("pppoe, ipv6", ETHERNET, eth(pppoe(ppp(ip6(), 0x57)), 0x8864), "pppoe")
    case("pppoe, one byte", ETHERNET, eth(pppoe(ppp(compressed=True, kind=0x21)), 0x8864), "pppoe")
    case("vlan, pppoe", ETHERNET, eth(tag(pppoe(), 0x8864), 0x8100), "vlan,pppoe")
    case("pppoe link", PPPOE, pppoe(), "pppoe")
    case("cooked", SLL, sll())
    case("cooked, ipv6", SLL, sll(ip6(), 0x86dd))
    case("cooked, vlan", SLL, sll(tag(), 0x8100), "vlan")
    case("cooked, ppp device", SLL, sll(hardware=512, mac=b""))
    case("cooked 2", SLL2, sll2())
    case("cooked 2, pppoe", SLL2, sll2(pppoe(), 0x8864), "pppoe")
    for link in (RAW, 228):
        case(f"raw {link}", link, ip4())
    case("raw, ipv6", RAW, ip6())
    case("raw 229", 229, ip6())
    case("null, little", NULL, struct.pack("<I", 2) + ip4())
    case("null, big", NULL, struct.pack(">I", 2) + ip4())
    for family in (24, 28, 30):
        case(f"null, ipv6 as {family}", NULL, struct.pack("<I", family) + ip6())
        case(f"null, ipv6 as {family}, big", NULL, struct.pack(">I", family) + ip6())
    case("loop", LOOP, struct.pack(">I", 2) + ip4())
    case("ppp", PPP, ppp())
    case("ppp, ff 03", PPP, ppp(hdlc=True))
    case("ppp hdlc", PPP_HDLC, ppp(hdlc=True))
    case("ppp hdlc, ipv6", PPP_HDLC, ppp(ip6(), 0x57, hdlc=True))
    case("cisco hdlc", CHDLC, b"\x0f\0\x08\0" + ip4())


def wlan_frames():
    for to_ds in (False, True):
        for from_ds in (False, True):
            case(f"802.11 {to_ds} {from_ds}", WLAN, wlan(to_ds=to_ds, from_ds=from_ds))
            case(f"802.11 qos {to_ds} {from_ds}", WLAN, wlan(to_ds=to_ds, from_ds=from_ds, qos=5))
    case("802.11 htc", WLAN, wlan(qos=0, htc=True))
    inner = snap()
    case("802.11 a-msdu", WLAN, wlan(MAC4 + MAC3 + struct.pack("!H", len(inner)) + inner + b"\0\0", qos=0x80, to_ds=True))
    case("radiotap", RADIOTAP, radiotap(wlan()))
    case("radiotap fcs", RADIOTAP, radiotap(wlan() + b"FCS!", flags=0x10))
    case("radiotap tsft, fcs", RADIOTAP, radiotap(wlan(qos=0) + b"FCS!", flags=0x10, tsft=True))
    case("radiotap words", RADIOTAP, radiotap(wlan(qos=0) + b"FCS!", flags=0x10, tsft=True, extra_words=2))
    case("radiotap pad", RADIOTAP, radiotap(wlan(qos=0, pad=2), flags=0x20))
    case("prism", PRISM, struct.pack("<II", 0x44, 144) + b"\0" * 136 + wlan())
    case("avs", 163, struct.pack(">II", 0x80211001, 64) + b"\0" * 56 + wlan())


def ip_headers():
    case("ipv4 options", ETHERNET, eth(ip4(options=b"\x94\x04\0\0")))
    case("ipv4 full options", ETHERNET, eth(ip4(options=b"\x01" * 40)))
    case("tso", ETHERNET, eth(ip4(tcp(b"x" * 3000), total=0)))
    case("hop by hop", ETHERNET, eth(ip6(ext(6) + tcp(), 0), 0x86dd))
    case("all extensions", ETHERNET,
         eth(ip6(ext(60) + ext(43, 1) + ext(60, 0, b"\0\0\0\0\0\0") + ext(51) + ah(6) + tcp(), 0), 0x86dd))
    case("shim6", ETHERNET, eth(ip6(ext(6, 0, b"\x80\0\0\0\0\0") + tcp(), 140), 0x86dd))
    case("routing 0", ETHERNET, eth(ip6(bytes([6, 2, 0, 1]) + b"\0" * 4 + socket.inet_pton(10, D6) + tcp(), 43), 0x86dd))
    case("routing done", ETHERNET, eth(ip6(bytes([6, 2, 0, 0]) + b"\0" * 4 + socket.inet_pton(10, D6) + tcp(), 43), 0x86dd))
    case("segment routing", ETHERNET, eth(ip6(bytes([6, 4, 4, 1, 1, 0, 0, 0]) + socket.inet_pton(10, D6) + socket.inet_pton(10, C6) + tcp(), 43), 0x86dd))
    case("mobile routing", ETHERNET, eth(ip6(bytes([6, 2, 2, 1]) + b"\0" * 4 + socket.inet_pton(10, D6) + tcp(), 43), 0x86dd))
    case("ah over ipv4", ETHERNET, eth(ip4(ah(6) + tcp(), 51)))
    case("atomic fragment", ETHERNET, eth(ip6(frag6(6) + tcp(), 44), 0x86dd))
    case("syn", ETHERNET, eth(ip4(syn())))
    case("syn, window scale 14", ETHERNET, eth(ip4(syn(bytes.fromhex("01 01 020405a0 0402 03030e 080a0000000100000000")))))
    case("syn, fast open", ETHERNET, eth(ip4(syn(bytes.fromhex("020405b4 220a0102030405060708"), b"EHLO x\r\n"))))
    case("fin", ETHERNET, eth(ip4(tcp(b"", flags=0x11))))
    case("rst", ETHERNET, eth(ip4(tcp(b"", flags=4))))
    case("urg, ece", ETHERNET, eth(ip4(tcp(b"x", flags=0x78))))
    case("udp", ETHERNET, eth(ip4(udp(), 17)))
    case("udp, ipv6", ETHERNET, eth(ip6(udp(), 17), 0x86dd))
    frame = eth(ip4(tcp(b"x" * 200)))
    for cut in (54, 60, 100):
        case(f"cut at {cut}", ETHERNET, frame[:cut], "", len(frame))


def tunnels():
    outer = dict(src="203.0.113.1", dst="203.0.113.2", ttl=9)
    outer6 = dict(src="2001:db8:f::1", dst="2001:db8:f::2", hops=9)
    case("ipip", ETHERNET, eth(ip4(ip4(src=C, dst=D), 4, **outer)), "ipip")
    case("6in4", ETHERNET, eth(ip4(ip6(), 41, **outer)), "6in4")
    case("4in6", ETHERNET, eth(ip6(ip4(src=C, dst=D), 4, **outer6), 0x86dd), "4in6")
    case("4in6 behind options", ETHERNET, eth(ip6(ext(4) + ip4(src=C, dst=D), 60, **outer6), 0x86dd), "4in6")
    case("6in6", ETHERNET, eth(ip6(ip6(src=C6, dst=D6), 41, **outer6), 0x86dd), "6in6")
    case("gre", ETHERNET, eth(ip4(gre(), 47, **outer)), "gre")
    case("gre, all fields", ETHERNET, eth(ip4(gre(flags=0xb000, fields=b"\0" * 12), 47, **outer)), "gre")
    case("gre over ipv6, ipv6", ETHERNET, eth(ip6(gre(ip6(src=C6, dst=D6), 0x86dd), 47, **outer6), 0x86dd), "gre")
    case("gre, ethernet", ETHERNET, eth(ip4(gre(eth(ip4(src=C, dst=D), src=MAC3, dst=MAC4), 0x6558, 0x2000, b"\0\0\0\1"), 47, **outer)), "gre")
    case("gre, mpls", ETHERNET, eth(ip4(gre(mpls(ip4(src=C, dst=D)), 0x8847), 47, **outer)), "gre,mpls")
    case("pptp", ETHERNET, eth(ip4(gre(ppp(ip4(src=C, dst=D), hdlc=True), 0x880b, 0x3001, b"\0\x40\0\1\0\0\0\2"), 47, **outer)), "gre")
    case("erspan 1", ETHERNET, eth(ip4(gre(eth(ip4(src=C, dst=D), src=MAC3, dst=MAC4), 0x88be), 47, **outer)), "erspan")
    case("erspan 2", ETHERNET, eth(ip4(gre(erspan2(), 0x88be, 0x1000, b"\0\0\0\5"), 47, **outer)), "erspan")
    case("erspan 3", ETHERNET, eth(ip4(gre(erspan3(), 0x22eb, 0x1000, b"\0\0\0\5"), 47, **outer)), "erspan")
    case("erspan 3, subheader", ETHERNET, eth(ip4(gre(erspan3(subheader=True), 0x22eb, 0x1000, b"\0\0\0\5"), 47, **outer)), "erspan")
    case("vxlan", ETHERNET, eth(ip4(udp(vxlan(), dport=4789), 17, **outer)), "vxlan")
    case("vxlan over ipv6, vlan", ETHERNET, eth(ip6(udp(vxlan(eth(tag(), 0x8100, src=MAC3, dst=MAC4)), dport=4789), 17, **outer6), 0x86dd), "vxlan,vlan")
    case("not vxlan", ETHERNET, eth(ip4(udp(b"just words", dport=4789), 17)))
    case("geneve", ETHERNET, eth(ip4(udp(geneve(), dport=6081), 17, **outer)), "geneve")
    case("geneve, options", ETHERNET, eth(ip4(udp(geneve(options=bytes.fromhex("0102800100000001")), dport=6081), 17, **outer)), "geneve")
    case("geneve, ip", ETHERNET, eth(ip4(udp(geneve(ip4(src=C, dst=D), 0x0800), dport=6081), 17, **outer)), "geneve")
    case("tzsp", ETHERNET, eth(ip4(udp(tzsp(), dport=37008), 17, **outer)), "tzsp")
    case("tzsp, tags", ETHERNET, eth(ip4(udp(tzsp(tags=bytes.fromhex("00 0a01c4 2904000005dc 00 01")), dport=37008), 17, **outer)), "tzsp")
    case("tzsp, 802.11", ETHERNET, eth(ip4(udp(tzsp(wlan(), 18), dport=37008), 17, **outer)), "tzsp")
    case("pppoe, 4in6, gre", ETHERNET,
         eth(tag(pppoe(ppp(ip6(ip4(gre(), 47, **outer), 4, **outer6), 0x57)), 0x8864), 0x8100), "vlan,pppoe,4in6,gre")


def errors():
    quoted = ip4(syn(seq=77))
    router = dict(src="203.0.113.9", dst=A, ttl=250)
    for kind, code in ((3, 1), (3, 3), (4, 0), (11, 0), (12, 0)):
        case(f"icmp {kind}/{code}", ETHERNET, eth(ip4(icmp(quoted, kind, code), 1, **router)))
    case("icmp, mtu", ETHERNET, eth(ip4(icmp(quoted, 3, 4, 1400), 1, **router)))
    case("icmp, rfc 4884", ETHERNET,
         eth(ip4(icmp(quoted + b"\0" * (128 - len(quoted)) + bytes.fromhex("20000000 00080101 00064001"), 11, 0, 32 << 16), 1, **router)))
    case("icmpv6", ETHERNET, eth(ip6(icmp(ip6(syn(seq=78)), 1, 3), 58, src=B6, dst=A6), 0x86dd))
    case("icmpv6, too big", ETHERNET, eth(ip6(icmp(ip6(syn(seq=79)), 2, 0, 1280), 58, src=B6, dst=A6), 0x86dd))
    case("icmp in 4in6", ETHERNET, eth(ip6(ip4(icmp(quoted, 3, 1), 1, **router), 4), 0x86dd), "4in6")
    case("icmp about 4in6", ETHERNET, eth(ip6(icmp(ip6(ip4(syn(seq=80)), 4), 1, 3), 58, src=B6, dst=A6), 0x86dd), "4in6")
    for reach in (0, 3, 4, 7, 8, 11, 12, 14, 16, 20, 24):
        case(f"icmp, {reach} bytes of TCP", ETHERNET, eth(ip4(icmp(ip4(syn(seq=77)[:reach], total=48), 3, 1), 1, **router)))
    case("echo", ETHERNET, eth(ip4(icmp(b"ping", 8, 0), 1)))


def fragments():
    payload = tcp(bytes(range(256)) * 10)
    for frame in fragments4(payload, 800, ident=1):
        case("fragments", ETHERNET, eth(frame))
    for frame in reversed(fragments4(payload, 800, ident=2)):
        case("fragments reversed", ETHERNET, eth(frame))
    for frame in fragments4(payload, 800, ident=3):
        case("fragments twice", ETHERNET, eth(frame))
        case("fragments twice", ETHERNET, eth(frame))
    for frame in fragments6(payload, 1232, ident=4):
        case("fragments of ipv6", ETHERNET, eth(frame, 0x86dd))
    for frame in fragments4(ip4(payload, src=C, dst=D), 1480, proto=4, ident=5):
        case("fragments of a tunnel", ETHERNET, eth(frame), None)
    for inner in fragments4(payload, 1480, src=C, dst=D, ident=6):
        for number, frame in enumerate(fragments4(inner, 1000, proto=4, ident=100 + len(cases) // 2 * 2)):
            case("fragments of fragments", ETHERNET, eth(frame), None)


def ours(program):
    lines = "".join(f"{link} {wire} {frame.hex()}\n" for _, link, frame, wire, _ in cases)
    out = subprocess.run([program], input=lines, capture_output=True, text=True, check=True).stdout
    return [dict(zip(OURS, line.split("\t"))) for line in out.splitlines()]


def theirs(folder):
    """One pcapng with an interface for each link type."""
    links = sorted({link for _, link, *_ in cases})
    path = os.path.join(folder, "frames.pcapng")

    def block(kind, body):
        body += b"\0" * (-len(body) % 4)
        return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)
    with open(path, "wb") as f:
        f.write(block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1)))
        for link in links:
            f.write(block(1, struct.pack("<HHI", link, 0, 0)))
        for i, (_, link, frame, wire, _) in enumerate(cases):
            f.write(block(6, struct.pack("<IIIII", links.index(link), 0, i * 1000, len(frame), wire) + frame))
    command = ["tshark", "-n", "-r", path, "-T", "fields", "-E", "occurrence=l", "-o", "ip.defragment:TRUE", "-o", "ip.tso_support:TRUE"]
    for field in THEIRS:
        command += ["-e", field]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [dict(zip(THEIRS, line.split("\t"))) for line in out.split("\n")[:-1]]


def address(text):
    return str(ipaddress.ip_address(text)) if text else ""


def differences(our, their):
    """Yields (what, ours, tshark's) where they are not the same."""
    v6 = ":" in our["src"]
    if our["kind"] == "fragment":
        if their["tcp.srcport"]:
            yield "kind", "fragment", their["frame.protocols"]
        return
    yield_if = []
    yield_if.append(("src", our["src"], address(their["ipv6.src" if v6 else "ip.src"])))
    protocols = their["frame.protocols"].split(":")
    dst = "_ws.col.Destination" if "ipv6.routing" in protocols else "ipv6.dst" if v6 else "ip.dst"
    yield_if.append(("dst", our["dst"], address(their[dst])))
    if our["kind"] != "icmp-error":
        yield_if.append(("ttl", our["ttl"], their["ipv6.hlim" if v6 else "ip.ttl"]))
    if our["kind"] in ("tcp", "icmp-error"):
        for mine, yours in (("sport", "tcp.srcport"), ("dport", "tcp.dstport"), ("seq", "tcp.seq_raw"), ("ack", "tcp.ack_raw"),
                            ("flags", "tcp.flags")):
            value = their[yours] or their["tcp.seq"] if mine == "seq" else their[yours]
            if our["kind"] == "icmp-error" and not value: # not reached, or not read on
                continue
            yield_if.append((mine, our[mine], str(int(value, 16) & 0x3f) if mine == "flags" and value else value))
    if our["kind"] == "tcp":
        yield_if.append(("window", our["window"], their["tcp.window_size_value"]))
        yield_if.append(("len", our["len"], their["tcp.len"]))
        yield_if.append(("payload", our["payload"], their["tcp.payload"].replace(":", "")))
        yield_if.append(("mss", our["mss"], their["tcp.options.mss_val"] or "0"))
        yield_if.append(("scale", our["scale"], their["tcp.options.wscale.shift"] or "255"))
    if our["kind"] == "udp":
        yield_if.append(("sport", our["sport"], their["udp.srcport"]))
        yield_if.append(("dport", our["dport"], their["udp.dstport"]))
    if our["kind"] == "icmp-error":
        prefix = "icmpv6" if "icmpv6" in protocols else "icmp"
        yield_if.append(("type", our["icmp_type"], their[prefix + ".type"]))
        yield_if.append(("code", our["icmp_code"], their[prefix + ".code"]))
        if their[prefix + ".mtu"]:
            yield_if.append(("mtu", our["mtu"], their[prefix + ".mtu"]))
    if their["wlan.sa"] and our["kind"] == "tcp" and "eth" not in protocols:
        yield_if.append(("wlan.sa", our["src_mac"], their["wlan.sa"]))
        yield_if.append(("wlan.da", our["dst_mac"], their["wlan.da"]))
    elif their["eth.src"] and "wlan" not in protocols:
        if their["eth.dst"]:
            yield_if.append(("eth.dst", our["dst_mac"], their["eth.dst"]))
        yield_if.append(("eth.src", our["src_mac"], their["eth.src"]))
    yield from (t for t in yield_if if t[1] != t[2])


def main():
    if not shutil.which("tshark"):
        sys.exit("tshark is not installed: there is nothing to compare with")
    for make in (link_layers, wlan_frames, ip_headers, tunnels, errors, fragments):
        make()
    with tempfile.TemporaryDirectory() as folder:
        tshark = theirs(folder)
    packets = ours(sys.argv[1])
    if not len(packets) == len(tshark) == len(cases):
        print(len(cases), "frames,", len(packets), "decoded by packet_fields,", len(tshark), "by tshark")
        return 1
    failed = 0
    for number, ((name, _, _, _, encap), our, their) in enumerate(zip(cases, packets, tshark), 1):
        found = list(differences(our, their))
        if encap is not None and our["kind"] != "fragment" and our["encap"] != encap:
            found.append(("encapsulation", our["encap"], encap))
        failed += bool(found)
        for what, mine, yours in found:
            print(f"frame {number} ({name}): {what}: ours {mine!r}, tshark's {yours!r}")
        if "-v" in sys.argv:
            print(f"frame {number} ({name}): {our['kind']} {our['src']}:{our['sport']} [{our['encap']}] {their['frame.protocols']}")
    print(f"{len(cases)} frames, {failed} differ")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
