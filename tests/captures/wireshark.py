#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every number that comes from the wire, compared with tshark's own reading of the same capture.

wireshark.py MAILWHY [WORD...]

For each attempt: tcp.stream, frames, addresses and ports; SMTP commands, reply codes and their frames; the versions, cipher,
server name and alerts of TLS; and each finding's display filter must select at least one packet and none that is not among
its frames. What tshark cannot read by itself (SMTP on an unusual port, TLS where clear text is due) it is told by -d.
"""
import collections
import json
import re
import subprocess
import sys

import cases

FIELDS = ['frame.number', 'tcp.stream', 'ip.src', 'ip.dst', 'ipv6.src', 'ipv6.dst', 'tcp.srcport', 'tcp.dstport', 'tcp.flags',
          'smtp.req.command', 'smtp.response.code', 'tls.record.content_type', 'tls.handshake.type', 'tls.handshake.version',
          'tls.handshake.extensions.supported_version', 'tls.handshake.ciphersuite', 'tls.handshake.extensions_server_name',
          'tls.alert_message.desc', 'icmp.type', 'icmpv6.type', 'tcp.analysis.retransmission', 'tcp.analysis.out_of_order',
          'tcp.payload', 'tcp.seq_raw', '_ws.malformed']
VERSIONS = {0x0002: 'SSL 2.0', 0x0300: 'SSL 3.0', 0x0301: 'TLS 1.0', 0x0302: 'TLS 1.1', 0x0303: 'TLS 1.2', 0x0304: 'TLS 1.3'}
SMTP_PORTS, TLS_PORTS, MAIL_PORTS = {25, 587}, {465}, {25, 465, 587, 2525}
LOSSES = {'capture-one-sided', 'capture-truncated-packets', 'capture-missing-packets', 'capture-starts-late'}
MACHINE = {'TZ': 'UTC', 'LC_ALL': 'C.UTF-8', 'PATH': cases.ENVIRONMENT['PATH'], 'HOME': '/nonexistent'}


class Frame:
    """What tshark says of one frame; every field is a list."""

    def __init__(self, line):
        values = dict(zip(FIELDS, line.split('\t')))
        self.text = {k: v.split('\x1f') if v else [] for k, v in values.items()}
        self.number = int(self.text['frame.number'][0])
        self.streams = [int(s) for s in self.text['tcp.stream']]
        self.icmp = bool(self.text['icmp.type'] or self.text['icmpv6.type'])

    def numbers(self, field):
        return [int(v, 0) for v in self.text[field] if v]

    def words(self, field):
        return [v.upper() for v in self.text[field]]

    def ends(self):
        """((source, port), (destination, port)) of the innermost packet."""
        kind = 'ip' if self.text['ip.src'] else 'ipv6'
        if self.text['ip.src'] and self.text['ipv6.src']:
            kind = None  # a tunnel: either may be the inner one
        pairs = []
        for name in ([kind] if kind else ['ip', 'ipv6']):
            pairs.append(((self.text[name + '.src'][-1], int(self.text['tcp.srcport'][-1])),
                          (self.text[name + '.dst'][-1], int(self.text['tcp.dstport'][-1]))))
        return pairs

    def payload(self):
        return bytes.fromhex(''.join(self.text['tcp.payload']).replace(':', ''))


def tshark(case, *options):
    done = subprocess.run(['tshark', '-n', '-r', case.capture, *options], cwd=case.folder, env=MACHINE, capture_output=True,
                          timeout=120, check=False)
    text = done.stdout.decode('utf-8', 'replace')
    error = '\n'.join(line for line in done.stderr.decode('utf-8', 'replace').splitlines()
                      if 'as user "root"' not in line and 'cut short' not in line and line.strip())
    if error:
        raise RuntimeError(f'tshark {" ".join(options)}: {error}')
    return text


def has_secrets(case):
    """tshark decrypts with the secrets that a pcapng file holds."""
    raw = (case.folder / case.capture).read_bytes()
    return raw[:4] == b'\n\r\r\n' and (b'CLIENT_RANDOM' in raw or b'_TRAFFIC_SECRET' in raw)


def decode_as(attempts):
    """-d options for what Wireshark's own ports do not show; one list for each reading that is needed."""
    plain, tls = set(), set()
    for a in attempts:
        port = a['server']['port']
        if port is None:
            continue
        if a['security'] == 'implicit-tls' and port not in TLS_PORTS:
            tls.add(port)
        if port not in SMTP_PORTS and (a['security'] in ('starttls', 'none') or port not in TLS_PORTS):
            plain.add(port)
    for port in sorted(plain):
        yield ('-d', f'tcp.port=={port},smtp')
    for port in sorted(tls):
        yield ('-d', f'tcp.port=={port},tls')


def spelled_out(text):
    """A filter for -z io,stat, which takes commas as its own."""
    return re.sub(r'frame\.number in \{([^}]*)\}', lambda m: '(' + ' || '.join(f'frame.number == {n.strip()}' for n in m[1].split(',')) + ')',
                  text)


def read(case, filters, options=()):
    """(frames by number, packets for each filter); one run of tshark."""
    arguments = ['-T', 'fields', '-E', 'separator=/t', '-E', 'occurrence=a', '-E', 'aggregator=\x1f']
    for field in FIELDS:
        arguments += ['-e', field]
    if filters:
        arguments += ['-z', 'io,stat,0,' + ','.join(spelled_out(f) for f in filters)]
    out = tshark(case, *options, *arguments)
    lines, _, table = out.partition('\n====') if filters else (out, '', '')
    frames = [Frame(line) for line in lines.splitlines() if '\t' in line]
    counts = []
    for row in table.splitlines():
        if '<>' in row:
            counts = [int(cell) for cell in row.strip('| ').split('|')[1::2]]
    return {f.number: f for f in frames}, counts


def filters_of(line):
    """(what it is of, filter, frames) of each finding of an output line."""
    for finding in line['findings']:
        where = f'{line["type"]} {line.get("id", line.get("addr", ""))} {finding["cause"]}'
        frames = finding['frames']
        if finding['display_filter'] is None:
            if frames and line['type'] != 'device':
                yield where, None, frames
        else:
            yield where, finding['display_filter'], frames


class Compare:
    def __init__(self, case, lines):
        self.case, self.problems = case, []
        self.attempts = [l for l in lines if l['type'] == 'attempt']
        self.capture = next(l for l in lines if l['type'] == 'capture')
        self.findings = [f for l in lines for f in filters_of(l)]

    def say(self, text):
        self.problems.append(text)

    def expect(self, where, what, ours, theirs):
        if ours != theirs:
            self.say(f'{where}: {what}: mailwhy {ours!r}, tshark {theirs!r}')

    def run(self):
        checks = []
        for where, text, frames in self.findings:
            if text is None:
                self.say(f'{where}: frames but no display filter')
                continue
            inside = ' || '.join(f'frame.number == {n}' for n in frames) or 'frame.number == 0'
            checks += [text, f'({text}) && !({inside})']
        self.frames, counts = read(self.case, checks)
        self.filters(checks, counts)
        self.whole()
        views = [self.frames] + [read(self.case, [], options)[0] for options in decode_as(self.attempts)]
        for a in self.attempts:
            if a['tcp_stream'] is not None:
                self.attempt(a, views)
        return '\n'.join(self.problems)

    def filters(self, checks, counts):
        if len(counts) != len(checks):
            self.say(f'tshark counted {len(counts)} of {len(checks)} filters')
            return
        for i in range(0, len(checks), 2):
            if counts[i] == 0:
                self.say(f'no packet is selected by {checks[i]}')
            if counts[i + 1] != 0:
                self.say(f'{counts[i + 1]} packets that are not in its frames are selected by {checks[i]}')

    def passed_over(self, told):
        """Streams that are no attempts and no silence: NAT's copies of those told, and what mail servers say to their stores."""
        def opening(frame):
            return not frame.icmp and frame.numbers('tcp.flags')[-1:] and frame.numbers('tcp.flags')[-1] & 0x12 == 2
        known = {frame.numbers('tcp.seq_raw')[-1] for frame in self.frames.values() if opening(frame) and frame.streams[-1] in told}
        streams = set()
        for frame in self.frames.values():
            copy = 'capture-duplicated' in self.capture['notes'] and opening(frame) and frame.numbers('tcp.seq_raw')[-1] in known
            if frame.streams and (copy or frame.payload()[:5].upper() == b'LHLO '):
                streams.add(frame.streams[-1])
        return streams

    def whole(self):
        self.expect('capture', 'packets', self.capture['packets'], len(self.frames))
        streams = {s for f in self.frames.values() for s in f.streams}
        notes = self.capture['notes']
        if 'capture-limits-reached' not in notes:
            self.expect('capture', 'connections', self.capture['connections'], len(streams))
        told = {a['tcp_stream'] for a in self.attempts}
        if len(told) != len(self.attempts) - sum(a['tcp_stream'] is None for a in self.attempts) + (None in told):
            self.say('two attempts have one tcp_stream')
        told |= self.passed_over(told)
        for frame in self.frames.values():  # nothing on a mail port is passed over in silence
            syn = frame.numbers('tcp.flags')[-1:] and frame.numbers('tcp.flags')[-1] & 0x12 == 2
            if syn and not frame.icmp and int(frame.text['tcp.dstport'][-1]) in MAIL_PORTS and frame.streams[-1] not in told \
                    and 'port-scan-seen' not in notes:
                self.say(f'stream {frame.streams[-1]} (frame {frame.number}) is not among the attempts')

    def attempt(self, a, views):
        where = f'attempt {a["id"]}'
        stream = a['tcp_stream']
        own = [f for f in self.frames.values() if stream in f.streams]
        if not own:
            self.say(f'{where}: tshark has no stream {stream}')
            return
        numbers = {f.number for f in own}
        for end in ('first_frame', 'last_frame'):
            if a[end] not in numbers:
                self.say(f'{where}: {end} {a[end]} is not of stream {stream}')
        if a['first_frame'] != min(numbers):
            self.say(f'{where}: first_frame is {a["first_frame"]}, tshark {min(numbers)}')
        self.ends(where, a, [f for f in own if not f.icmp])
        for event in a['timeline']:
            if event['frame'] not in numbers:
                self.say(f'{where}: {event["event"]} in frame {event["frame"]}, which is not of stream {stream}')
        own_views = [[f for f in view.values() if stream in f.streams] for view in views]
        seen = [e for e in a['timeline'] if 'origin' not in e]
        self.smtp(where, a, seen, own_views)
        self.tls(where, a, seen, own_views)

    def ends(self, where, a, own):
        ours = tuple((a[side]['addr'], a[side]['port']) for side in ('client', 'server'))
        for frame in own:
            theirs = frame.ends()
            if ours not in theirs and ours[::-1] not in theirs:
                self.say(f'{where}: frame {frame.number} is between {theirs}, mailwhy {ours}')
                return
            if frame.numbers('tcp.flags')[-1] & 0x12 == 2 and ours not in theirs:
                self.say(f'{where}: client and server are the wrong way round')

    @staticmethod
    def best(views, field):
        """{frame: values} of the view that shows most of a field."""
        found = [{f.number: f.text[field] for f in view if f.text[field]} for view in views]
        return max(found, key=lambda one: sum(len(v) for v in one.values()))

    def smtp(self, where, a, seen, views):
        codes, verbs = self.best(views, 'smtp.response.code'), self.best(views, 'smtp.req.command')
        frames = {f.number: f for view in views for f in view}
        ours = [(e['frame'], str(e['code'])) for e in seen if e['event'] == 'reply']
        for number, code in ours:
            if code not in codes.get(number, []):
                self.say(f'{where}: reply {code} in frame {number}: tshark has {codes.get(number)}')
        for e in seen:
            if e['event'] == 'command' and e.get('verb'):
                # tshark cuts STARTTLS to four letters, knows no BDAT, and leaves out what stands behind the final dot
                theirs = [v[:4].upper() for v in verbs.get(e['frame'], [])]
                line = re.search(rb'(?mi)^' + e['verb'].encode() + rb'\b', frames[e['frame']].payload())
                if e['verb'][:4] not in theirs and not line:
                    self.say(f'{where}: command {e["verb"]} in frame {e["frame"]}: tshark has {theirs}')
        if any(e['event'] == 'other-protocol' for e in a['timeline']):
            return
        until = min([e['frame'] for e in a['timeline'] if e['event'] in ('encrypted', 'tls-broken')] + [a['last_frame']])
        for number, theirs in codes.items():
            if number > until or frames[number].text['tcp.analysis.retransmission']:
                continue
            for code in set(theirs):
                if not re.search(rb'(?m)^' + code.encode() + rb'[ -]', frames[number].payload()):
                    continue  # bytes of TLS, read as SMTP
                later = [n for n, c in ours if c == code and n >= number]
                if not later or any(number < n < later[0] and theirs != codes[n] for n in codes):  # several lines, several frames
                    self.say(f'{where}: tshark sees reply {code} in frame {number}, mailwhy {ours}')

    def tls(self, where, a, seen, views):
        alerts = self.best(views, 'tls.alert_message.desc')
        ours = [(e['frame'], e['code']) for e in seen if e['event'] == 'alert' and 'code' in e]
        theirs = [(number, int(code)) for number, found in sorted(alerts.items()) for code in found]
        until = min([e['frame'] for e in seen if e['event'] == 'encrypted' and has_secrets(self.case)] + [a['last_frame']])
        theirs = [t for t in theirs if t[0] <= until]
        # where packets are missing tshark may not know of the STARTTLS, and shows no TLS behind it
        self.lossy = any(e['event'] == 'gap' for e in a['timeline']) or bool(LOSSES & set(self.capture['notes']))
        if self.lossy:
            if not set(theirs) <= set(ours):
                self.say(f'{where}: tshark sees alerts {theirs}, mailwhy {ours}')
        else:
            self.expect(where, 'alerts', sorted(ours), theirs)
        if a['tls'] and a['tls']['alert'] and not self.lossy:
            alert = a['tls']['alert']
            hidden = any(e['event'] == 'alert' and e['frame'] == alert['frame'] and e.get('origin') for e in a['timeline'])  # decryption.py compares those
            if not hidden and (alert['frame'], alert['code']) not in theirs:
                self.say(f'{where}: tls.alert {alert} is not in tshark\'s {theirs}')
        clients, servers = [], []
        for number in sorted(self.best(views, 'tls.handshake.type')):
            for view in views:
                for f in view:
                    if f.number == number and 1 in f.numbers('tls.handshake.type'):
                        clients.append(f)
                    if f.number == number and 2 in f.numbers('tls.handshake.type'):
                        servers.append(f)
        self.hellos(where, a, seen, clients, servers)

    def hellos(self, where, a, seen, clients, servers):
        hellos = [e for e in seen if e['event'] == 'client-hello']
        if not self.lossy:
            self.expect(where, 'frames of ClientHellos', [e['frame'] for e in hellos], sorted({f.number for f in clients}))
        for e in hellos:
            for f in clients:
                if f.number == e['frame'] and not f.text['_ws.malformed']:
                    offered = [v for v in f.numbers('tls.handshake.extensions.supported_version') if v & 0x0f0f != 0x0a0a]
                    newest = max(offered) if offered else f.numbers('tls.handshake.version')[0]
                    self.expect(where, f'newest version offered in {f.number}', e['offered_max'], VERSIONS.get(newest))
                    self.expect(where, f'server name in {f.number}', e['sni'], (f.text['tls.handshake.extensions_server_name'] or [None])[0])
        hellos = [e for e in seen if e['event'] == 'server-hello']
        if not self.lossy:
            self.expect(where, 'frames of ServerHellos', [e['frame'] for e in hellos], sorted({f.number for f in servers}))
        for e in hellos:
            for f in servers:
                if f.number == e['frame']:
                    chosen = f.numbers('tls.handshake.extensions.supported_version') or f.numbers('tls.handshake.version')
                    self.expect(where, f'version chosen in {f.number}', e['version'], VERSIONS.get(chosen[0]))
                    self.expect(where, f'cipher in {f.number}', e['cipher'], CIPHERS.get(f.numbers('tls.handshake.ciphersuite')[0]))


def cipher_names():
    out = subprocess.run(['tshark', '-G', 'values'], env=MACHINE, capture_output=True, check=True).stdout.decode('utf-8', 'replace')
    rows = (line.split('\t') for line in out.splitlines() if line.startswith('V\ttls.handshake.ciphersuite\t'))
    return {int(row[2], 0): row[3] for row in rows}


def filters_compile(lines):
    """Each shape of filter once in its own words, since the comparison above spells sets out."""
    shapes = {}
    for case, text in lines:
        shapes.setdefault(re.sub(r'\d+', 'N', text), (case, text))
    results = []
    for shape, (case, text) in sorted(shapes.items()):
        try:
            out = tshark(case, '-Y', text, '-T', 'fields', '-e', 'frame.number')
            results.append((f'filter {text}', None if out.strip() else f'{case.name}: selects nothing'))
        except RuntimeError as error:
            results.append((f'filter {text}', f'{case.name}: {error}'))
    return results


def main():
    program, words = sys.argv[1], sys.argv[2:]
    written = []

    def compare(case):
        status, out, err = case.run(program, '--json', '--timeline')
        lines = [json.loads(line) for line in out.splitlines()]
        if not lines:
            return f'exit status {status}: {err[:1000]}'
        comparison = Compare(case, lines)
        written.extend((case, text) for _, text, _ in comparison.findings if text)
        return comparison.run()

    results = [(case.name, problem) for case, problem in cases.in_parallel(compare, cases.all_cases(words))]
    return cases.report(results + filters_compile(written))


CIPHERS = cipher_names()
sys.exit(main())
