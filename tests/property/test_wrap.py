#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A mail conversation is told the same in every file format, link type and encapsulation.

test_wrap.py MAILWHY [WORD...]

Each kind of wrap.py is made from each capture below. Outcome, stage, security, causes, confidence, streams, ports and the
steps of the timeline must be those of the capture as it is, and `encapsulation` what the kind says. Exceptions: over IPv6 the
name from an A record is lost; a duplicated capture says so; where packets are cut nothing may be more certain than before.
"""
import json
import pathlib
import sys
import tempfile

import wrap

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'captures'))
import cases  # noqa: E402

CAPTURES = ['story/all-in-one', 'connect-unreachable/prohibited', 'ok-tls/python-small-segments-postfix-587',
            'some-recipients-refused/exim-client-pipelined']
STANDS_FOR = {'qinq': ['qinq', 'vlan'], 'qinq-9100': ['qinq', 'vlan'], 'gre-key': ['gre'], 'gre-eth': ['gre'], 'gre6': ['gre'],
              'geneve-options': ['geneve'], 'tzsp-wlan': ['tzsp'], 'erspan1': ['erspan'], 'erspan2': ['erspan'],
              'erspan3': ['erspan'], 'erspan3-platform': ['erspan'], 'fragments': [], 'fragments-reversed': [], 'fragments6': [],
              'as-ipv6': [], 'twice': [],
              'pppoe-link': ['pppoe']}
ORDER = ['possible', 'likely', 'certain']


def steps_of(kind):
    return wrap.KINDS.get(kind, kind).split('+')


def encapsulation(kind):
    words = [word for step in steps_of(kind) for word in STANDS_FOR.get(step, [step] if step in wrap.ENCAPSULATIONS else [])]
    inner6 = 'as-ipv6' in steps_of(kind)
    for i in reversed(range(len(words))):  # IP in IP is named after both; the innermost is the connection's own
        inside = next((w for w in words[i + 1:] if w in ('ipip', '6in4', '4in6', '6in6', 'gre', 'vxlan', 'geneve')), None)
        six = {'4in6': True, '6in6': True}.get(inside, inner6 if inside is None else False)
        if words[i] in ('ipip', '6in4'):
            words[i] = '6in4' if six else 'ipip'
        elif words[i] in ('4in6', '6in6'):
            words[i] = '6in6' if six else '4in6'
    return words


def told(lines, kind):
    """What must not depend on the wrapping."""
    attempts = []
    for a in (line for line in lines if line['type'] == 'attempt'):
        steps = [(e['event'], e['from'], e.get('code'), e.get('verb'), e.get('step'), e.get('version'), e.get('cipher'))
                 for e in a['timeline'] if e['event'] not in ('resend', 'icmp-error')]
        attempts.append({
            'stream': a['tcp_stream'], 'ports': (a['client']['port'], a['server']['port']), 'outcome': a['outcome'],
            'stage': a['stage'], 'security': a['security'], 'steps': steps,
            'findings': [(f['cause'], f['severity'], f['primary'], f['confidence'], f['lowered']) for f in a['findings']]})
    timeless = 'pcapng-spb' in steps_of(kind)  # simple packet blocks have no time, so nothing can be said of before and after
    devices = [(f['cause'], f['confidence'], f['attempts']) for line in lines if line['type'] == 'device' for f in line['findings']
               if not (timeless and f['cause'] in ('started-failing', 'same-failure-repeated'))]
    notes = [n for line in lines if line['type'] == 'capture' for n in line['notes']
             if not ('twice' in steps_of(kind) and n == 'capture-duplicated')]
    return {'attempts': attempts, 'devices': devices, 'notes': notes}


def difference(before, now, where=''):
    """The first place where two values of one shape differ."""
    if isinstance(before, dict) and isinstance(now, dict):
        for key in before:
            found = difference(before[key], now[key], f'{where} {key}')
            if found:
                return found
        return None
    if isinstance(before, list) and isinstance(now, list):
        for i, (a, b) in enumerate(zip(before, now)):
            found = difference(a, b, f'{where} {i + 1}')
            if found:
                return found
        return f'{where}: {len(before)} before, {len(now)} now' if len(before) != len(now) else None
    return f'{where}: {before!r} before, {now!r} now' if before != now else None


def not_surer(before, now):
    """Of a cut capture: no new failure is certain, nothing refused is delivered."""
    for a, b in zip(before['attempts'], now['attempts']):
        causes = {f[0] for f in a['findings']}
        for f in b['findings']:
            if f[1] == 'failure' and f[3] == 'certain' and f[0] not in causes:
                return f'{f[0]} is certain now and was not found before'
        if a['outcome'] == 'failed' and b['outcome'] == 'delivered':
            return 'failed before, delivered now'
    return difference([a['ports'] for a in before['attempts']], [a['ports'] for a in now['attempts']], 'ports')


def read(program, path):
    case = cases.Case.__new__(cases.Case)
    case.folder, case.capture, case.args = path.parent, path.name, []
    status, out, err = case.run(program, '--json', '--timeline', '-q')
    if status not in (0, 1) or err:
        raise RuntimeError(f'exit status {status}, standard error: {err[:2000]}')
    return [json.loads(line) for line in out.split('\n') if line]


def check(program, folder, name, packets, plain, kind):
    path = pathlib.Path(folder) / (name.replace('/', '-') + '.' + kind)
    path.write_bytes(wrap.wrap(kind, packets))
    lines = read(program, path)
    now, before = told(lines, kind), told(plain, kind)
    if 'snap96' in steps_of(kind):
        problem = not_surer(before, now)
    else:
        problem = difference(before, now)
    seen = {tuple(a['encapsulation']) for a in lines if a['type'] == 'attempt'}
    if not problem and seen != {tuple(encapsulation(kind))}:
        problem = f'encapsulation {seen}, expected {encapsulation(kind)}'
    path.unlink()
    return problem


def main():
    program, words = sys.argv[1], sys.argv[2:]
    jobs, results = [], []
    with tempfile.TemporaryDirectory() as folder:
        for name in CAPTURES:
            source = next((cases.PCAPS / name).glob('capture.pcap*'))
            packets = wrap.read(source)
            plain_file = pathlib.Path(folder) / (name.replace('/', '-') + '.plain')
            plain_file.write_bytes(wrap.wrap('pcap-nano', packets))
            plain = read(program, plain_file)
            jobs += [(name, packets, plain, kind) for kind in wrap.all_kinds() if not words or any(w in f'{name} as {kind}' for w in words)]
        for job, problem in cases.in_parallel(lambda job: check(program, folder, *job), jobs):
            results.append((f'{job[0]} as {job[3]}', problem))
    return cases.report(results)


sys.exit(main())
