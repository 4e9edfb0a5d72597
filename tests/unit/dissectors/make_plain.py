#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What tshark reads inside TLS in the captures of tests/pcaps/decrypted, one file a capture in plain/: "STREAM > HEX" for what the
device said, "STREAM < HEX" for the server. Run by hand, where captures were made anew; test_tls_decrypt.c compares.

make_plain.py [WORD...]
"""
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
CASES = HERE.parent.parent / 'pcaps' / 'decrypted'
NOT_READ = ('aria', 'lost-record', 'early-data', 'late-secrets')  # by tshark, or not all of it


def keys(case):
    if (case / 'keylog').exists():
        return ['-o', f'tls.keylog_file:{case / "keylog"}']
    return ['-o', f'uat:rsa_keys:"{case / "server.key"}",""']


def tshark(case, *args):
    command = ['tshark', '-n', '-r', str(case / 'capture.pcap'), *keys(case), *args]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def plain(case):
    streams = sorted({int(s) for s in tshark(case, '-Y', 'tls', '-T', 'fields', '-e', 'tcp.stream').split()})
    for stream in streams:
        lines = tshark(case, '-q', '-z', f'follow,tls,raw,{stream}').splitlines()
        node = next(line for line in lines if line.startswith('Node 0: '))
        first_is_server = node.rsplit(':', 1)[1] in ('465', '587')
        for line in lines[6:]:
            if line.strip() and not line.startswith('==='):
                server = line.startswith('\t') != first_is_server
                yield f'{stream} {"<" if server else ">"} {line.strip()}\n'


def main():
    for case in sorted(CASES.iterdir()):
        if any(word in case.name for word in NOT_READ) or not all(word in case.name for word in sys.argv[1:]):
            continue
        lines = list(plain(case))
        if not lines:
            raise SystemExit(f'{case.name}: tshark reads nothing')
        (HERE / 'plain' / case.name).write_text(''.join(lines))


main()
