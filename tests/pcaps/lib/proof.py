# SPDX-License-Identifier: BSD-3-Clause
"""Checks with tshark that a capture shows the lines its README names."""
import subprocess

from net import LabError


def tshark(path, *args, keylog=None):
    argv = ["tshark", "-n", "-r", path, *args]
    if keylog:
        argv += ["-o", f"tls.keylog_file:{keylog}"]
    for port in (2525, 8025):
        argv += ["-d", f"tcp.port=={port},smtp"]
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=60, check=True).stdout


def clear_text(path):
    """The bytes of both sides: (said by devices, said by servers), put in order by sequence."""
    pieces = {}
    opened_by = {}
    for row in tshark(path, "-Y", "tcp", "-T", "fields", "-e", "tcp.stream", "-e", "tcp.srcport",
                      "-e", "tcp.dstport", "-e", "tcp.seq", "-e", "tcp.payload").splitlines():
        stream, source, target, seq, payload = (row.split("\t") + [""] * 5)[:5]
        if "," in stream or not source:
            continue  # a segment quoted by ICMP
        opened_by.setdefault(stream, source if int(source) > int(target) else target)
        if payload:
            side = 0 if source == opened_by[stream] else 1
            pieces.setdefault((side, stream), {})[int(seq)] = bytes.fromhex(payload)
    said = [b"", b""]
    for (side, _), parts in sorted(pieces.items(), key=lambda item: int(item[0][1])):
        at = 0
        for seq in sorted(parts):
            new = parts[seq][max(0, at - seq):]
            said[side] += new
            at = max(at, seq + len(parts[seq]))
        said[side] += b"\n"
    return said


def check(path, deciding, keylog=None):
    said = clear_text(path)
    lines = [side.split(b"\n") for side in said]
    for words in deciding:
        kind, text = words[0], words[2:]
        if kind in "><":
            side = lines[0 if kind == ">" else 1]
            if not any(line.startswith(text.encode()) for line in side):
                heard = b"\n".join(side).decode("ascii", "replace")
                raise LabError(f"{path} lacks the line '{words}'; there is:\n{heard[:3000]}")
        elif kind in "=!":
            found = bool(tshark(path, "-Y", text, keylog=keylog).strip())
            if found != (kind == "="):
                raise LabError(f"{path}: '{words}' does not hold:\n" + tshark(path)[:4000])
        else:
            raise LabError(f"'{words}': begins with none of > < = !")
