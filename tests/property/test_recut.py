#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What is said of a conversation does not depend on how its bytes were cut into segments.

test_recut.py MAILWHY [WORD...]

The byte streams of every capture are sent again one byte a segment, in random pieces, out of order within a run of one
side, twice, with overlaps, and with late retransmissions. All facts of the timeline must come out the same, frames, times
and retransmissions aside, and so must outcome, stage, security and causes.
"""
import pathlib
import random
import sys
import tempfile

import segments
from segments import FIN, PSH, SYN, cases

SEED = 20231120
# What the test itself sends again is a fact too.
SENT_AGAIN = 'resend'
# What was inside encrypted records is inferred from their sizes and times, and told at the frames where they ended, which
# shuffling moves; what it comes to (outcome, causes, confidence) must stay.
def is_inferred(event):
    return event['event'] == 'encrypted' or event.get('origin') == 'inferred'


# How large the lost segments were is all that tells these two apart.
OF_SIZES = {'path-mtu-blackhole': 'connection-lost'}


def pieces(segment, sizes):
    """One segment as several."""
    out, at = [], 0
    while at < len(segment.data):
        size = min(next(sizes), len(segment.data) - at)
        last = at + size == len(segment.data)
        flags = segment.flags if last else segment.flags & ~(FIN | PSH)
        out.append(segment.with_data(segment.seq + at, segment.data[at:at + size], flags, at * 10))
        at += size
    return out


def recut(packets, sizes):
    out = []
    for packet in packets:
        s = segments.segment(packet)
        out += pieces(s, sizes) if s and s.data and not s.flags & SYN else [packet]
    return out


def ones():
    while True:
        yield 1


def sizes_of(rng):
    while True:
        yield rng.choice((1, 2, 3, 5, 8, 21, 55, 144, 377))


def one_byte(packets, rng):
    return recut(packets, ones())


def random_cuts(packets, rng):
    return recut(packets, sizes_of(rng))


# Where a capture begins in the middle of an encrypted record, what comes first of a side decides how the rest is read.
BEGIN_IN_A_RECORD = {'capture-starts-late/in-mid-message-465'}


def shuffled(packets, rng, keep_first=False):
    """Within a run of data of one side, so that no answer comes before its question. keep_first: what comes first of a side
    whose SYN is not in the capture stays."""
    out, run, flow, begun = [], [], None, set()

    def flush():
        times = sorted(p.time for p in run)
        for start in range(0, len(run), 6):
            window = run[start:start + 6]
            rng.shuffle(window)
            run[start:start + 6] = window
        out.extend(segments.replace(p, time=t) for p, t in zip(run, times))
        run.clear()

    for packet in recut(packets, sizes_of(rng)):
        s = segments.segment(packet)
        movable = s is not None and s.data and not s.flags & (SYN | FIN) and (s.flow in begun or not keep_first)
        if s is not None and (s.data or s.flags & SYN):
            begun.add(s.flow)
        if not movable or s.flow != flow:
            flush()
        if movable:
            run.append(packet)
            flow = s.flow
        else:
            out.append(packet)
    flush()
    return out


def duplicated(packets, rng):
    return [copy for p in packets for copy in (p, segments.replace(p, time=p.time + 1000))]


def overlapping(packets, rng):
    """Each piece begins in the one before it, and some reach into the next."""
    out, sent = [], {}
    for packet in recut(packets, sizes_of(rng)):
        s = segments.segment(packet)
        if s is None or not s.data or s.flags & SYN:
            out.append(packet)
            continue
        start, stream = sent.get(s.flow, (s.seq, b''))
        at = (s.seq - start) & 0xffffffff
        if at != len(stream):
            start, stream, at = s.seq, b'', 0  # it went on elsewhere: resent, or lost
        back = rng.randint(0, min(at, 12))
        out.append(s.with_data(s.seq - back, stream[at - back:] + s.data))
        sent[s.flow] = (start, stream + s.data)
    return out


def retransmitted(packets, rng):
    """Some pieces come again, after what followed them."""
    out, late = [], []
    for packet in recut(packets, sizes_of(rng)):
        s = segments.segment(packet)
        out.append(packet)
        if s and s.data and not s.flags & SYN and rng.random() < 0.2:
            late.append([rng.randint(1, 4), packet])
        for entry in late:
            entry[0] -= 1
        out += [segments.segment(p).again(packet.time + 100) for left, p in late if left <= 0]
        late = [entry for entry in late if entry[0] > 0]
    return out


WAYS = [one_byte, random_cuts, shuffled, duplicated, overlapping, retransmitted]


def told(run):
    result = {}
    for a in run.attempts():
        key = (a['client']['port'], a['server']['port'])
        facts = [tuple(sorted((k, str(v)) for k, v in e.items() if k not in ('frame', 'time'))) for e in a['timeline']
                 if e['event'] != SENT_AGAIN and not is_inferred(e)]
        causes = [(OF_SIZES.get(f['cause'], f['cause']), f['severity'], f['primary'], f['confidence']) for f in a['findings']]
        result[key] = [a['outcome'], a['stage'], a['security'], causes, facts]
    return result


def difference(before, now):
    if before.keys() != now.keys():
        return f'attempts {sorted(before)} before, {sorted(now)} now'
    for key, one in before.items():
        for what, a, b in zip(('outcome', 'stage', 'security', 'causes'), one, now[key]):
            if a != b:
                return f'{key} {what}: {a} before, {b} now'
        for a, b in zip(one[4], now[key][4]):
            if a != b:
                return f'{key}: {dict(a)} before, {dict(b)} now'
        if len(one[4]) != len(now[key][4]):
            return f'{key}: {len(one[4])} facts before, {len(now[key][4])} now'
    return None


def main():
    program, words = sys.argv[1], sys.argv[2:]
    folder = pathlib.Path(tempfile.mkdtemp(prefix='mailwhy-recut-'))
    before, jobs = {}, []
    for case in cases.all_cases():
        if words and not any(w in f'{case.name} {way.__name__}' for w in words for way in WAYS):
            continue
        packets = segments.load(case.name)
        plain = folder / (case.name.replace('/', '-') + '.pcap')
        segments.save(plain, packets)
        before[case.name] = told(segments.Run(program, [plain]))
        jobs += [(case.name, packets, way) for way in WAYS]
    jobs = [job for job in jobs if not words or any(w in f'{job[0]} {job[2].__name__}' for w in words)]

    def check(job):
        name, packets, way = job
        path = folder / f'{name.replace("/", "-")}.{way.__name__}.pcap'
        more = {'keep_first': True} if way is shuffled and name in BEGIN_IN_A_RECORD else {}
        segments.save(path, way(packets, random.Random(f'{SEED} {name} {way.__name__}'), **more))
        run = segments.Run(program, [path])
        problem = run.errors or difference(before[name], told(run))
        if problem:
            return f'{problem}\n{path}'
        path.unlink()
        return None

    results = [(f'{job[0]} {job[2].__name__}', problem) for job, problem in cases.in_parallel(check, jobs)]
    if not any(problem for _, problem in results):
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
    return cases.report(results)


sys.exit(main())
