#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A damaged capture never makes mailwhy crash, hang, or say for certain what the whole capture denies.

test_damage.py MAILWHY [--seed N] [--runs N] [WORD...]

Captures of tests/pcaps are damaged in seeded ways: frames dropped at random, each frame dropped in turn, one direction only,
cut to 96 bytes a packet, files cut at any byte, frames out of order, doubled, reply texts and codes replaced. Of each attempt (told by its
device's port) no secret may be shown, no failure may be `certain` now that the whole capture does not name, and a mail that was refused may not be
delivered. The seed is printed; a capture that fails stays, and its path is printed. Every capture is damaged in every way,
three times; --runs: so many of these at random.
"""
import argparse
import base64
import pathlib
import random
import sys
import tempfile

import segments
import wrap
from segments import cases

SEED, BATCH = 587, 24
NOT_HERE = {'capture-cut-short'}  # it is damaged as it is


def drop_some(packets, rng):
    return [p for p in packets if rng.random() >= 0.05]


def drop_one(packets, rng):
    lost = rng.randrange(len(packets))
    return packets[:lost] + packets[lost + 1:]


def drop_run(packets, rng):
    lost = rng.randrange(len(packets))
    return packets[:lost] + packets[lost + rng.randint(2, 6):]


def one_direction(packets, rng):
    """Only what one address sent."""
    ends = [wrap.payload_of(p)[12:16] for p in packets if wrap.kind_of(p.data) == wrap.IPV4 and wrap.is_ip(p.data)]
    ends += [wrap.payload_of(p)[8:24] for p in packets if wrap.kind_of(p.data) == wrap.IPV6 and wrap.is_ip(p.data)]
    if not ends:
        return packets
    chosen = rng.choice(sorted(set(ends)))
    return [p for p in packets if chosen in (wrap.payload_of(p)[12:16], wrap.payload_of(p)[8:24])]


def cut_packets(packets, rng):
    length = rng.choice((60, 68, 96, 96, 96, 128, 256))
    return wrap.apply(wrap.snap(length), packets)


def late_start(packets, rng):
    return packets[rng.randrange(len(packets)):]


def early_end(packets, rng):
    return packets[:rng.randrange(len(packets)) + 1]


def swapped(packets, rng):
    """Neighbours change places, whoever sent them."""
    out = list(packets)
    for i in range(len(out) - 1):
        if rng.random() < 0.1:
            a, b = out[i], out[i + 1]
            out[i], out[i + 1] = segments.replace(b, time=a.time), segments.replace(a, time=b.time)
    return out


def shuffled(packets, rng):
    """Within windows of five frames."""
    out, times = [], [p.time for p in packets]
    for start in range(0, len(packets), 5):
        window = packets[start:start + 5]
        rng.shuffle(window)
        out += window
    return [segments.replace(p, time=t) for p, t in zip(out, times)]


def doubled(packets, rng):
    return [copy for p in packets for copy in [p] * (2 if rng.random() < 0.2 else 1)]


def flipped(packets, rng):
    """A byte of some packets is another one."""
    out = []
    for p in packets:
        data = bytearray(p.data)
        if rng.random() < 0.1 and data:
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        out.append(segments.replace(p, data=bytes(data)))
    return out


WORDS = [b'mail', b'not', b'permitted', b'5.7.1', b'authentication', b'\xe3\x83\xa1', b'\x1b[31m', b'', b'relay', b'535', b'a' * 300, b'\0', b'\r',
         b'4.7.0', b'<>', b'STARTTLS', b'password']


def other_texts(packets, rng):
    """Words of the server's replies are replaced; the lengths stay, so that the stream fits."""
    out = []
    for p in packets:
        s = segments.segment(p)
        if s and s.data[:1] in b'2345' and len(s.data) > 6 and rng.random() < 0.5:
            at = rng.randrange(4, len(s.data) - 2)
            word = rng.choice(WORDS)[:len(s.data) - 2 - at]
            data = s.data[:at] + word + s.data[at + len(word):]
            p = s.with_data(s.seq, data)
        out.append(p)
    return out


WAYS = [drop_some, drop_some, drop_one, drop_one, drop_one, drop_run, one_direction, cut_packets, late_start, early_end, swapped,
        shuffled, doubled, flipped, other_texts]
# what the same refusal is called where the sign-in by POP3, in a connection of its own, was not seen
WITHOUT_POP3 = {'relay-denied', 'auth-required'}
CHANGES_MEANING = {flipped, other_texts}  # what the server says is another thing then


def file_cut(raw, rng):
    return raw[:rng.randrange(24, len(raw))]


def facts_of(attempts):
    result = {}
    for a in attempts:
        key = (a['client']['addr'], a['client']['port'], a['server']['port'])
        one = result.setdefault(key, {'causes': set(), 'outcomes': set(), 'accepted': 0, 'attempts': 0})
        one['causes'] |= {f['cause'] for f in a['findings']} | {f['values']['cause'] for f in a['findings'] if 'cause' in f['values']}
        if 'pop-before-smtp' in one['causes']:
            one['causes'] |= WITHOUT_POP3
        one['outcomes'].add(a['outcome'])
        one['accepted'] += (a['smtp'] or {}).get('messages_accepted', 0)
        one['attempts'] += 1
    return result


def forms(secret):
    """As it is, and what base64 makes of it behind 0, 1 or 2 other bytes."""
    yield secret
    for before, start in ((0, 0), (1, 2), (2, 3)):
        coded = base64.b64encode(b'\0' * before + secret.encode()).decode().rstrip('=')
        whole = len(coded) - bool((before + len(secret.encode())) % 3)
        if whole - start >= 8:
            yield coded[start:whole]


def contradiction(whole, attempts, exact):
    """What is said now and was not so."""
    before = facts_of(whole)
    for a in attempts:
        key = (a['client']['addr'], a['client']['port'], a['server']['port'])
        if sum(f['primary'] for f in a['findings']) != (a['outcome'] == 'failed'):
            return f'{key}: {a["outcome"]} with {sum(f["primary"] for f in a["findings"])} primary findings'
        if not exact:
            continue
        one = before.get(key) or before.get((a['server']['addr'], a['server']['port'], a['client']['port']))
        if one is None:
            continue
        for f in a['findings']:
            if f['severity'] == 'failure' and f['confidence'] == 'certain' and f['cause'] not in one['causes']:
                return f'{key}: {f["cause"]} is certain in frames {f["frames"]}; the whole capture has {sorted(one["causes"])}'
        if a['outcome'] == 'delivered' and one['outcomes'] == {'failed'} and one['accepted'] == 0:
            return f'{key}: delivered, but it failed: {sorted(one["causes"])}'
    return None


class Damage:
    def __init__(self, program, seed):
        self.program, self.seed = program, seed
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='mailwhy-damage-'))
        self.whole = {}

    def load(self, case):
        """Its packets, and the attempts of the whole capture."""
        packets = segments.load(case.name)
        path = self.folder / f'{case.name.replace("/", "-")}.pcap'
        segments.save(path, packets)
        secrets = [form for secret in case.secrets() if len(secret) >= 6 for form in forms(secret)]
        self.whole[case.name] = packets, segments.Run(self.program, [path]).attempts(), secrets
        path.unlink()

    def make(self, name, way, number):
        """The file of one run."""
        rng = random.Random(f'{self.seed} {name} {way.__name__} {number}')
        packets = self.whole[name][0]
        path = self.folder / f'{name.replace("/", "-")}.{way.__name__}.{number}.pcap'
        if way is file_cut:
            path.write_bytes(file_cut(wrap.wrap(rng.choice(('pcap-nano', 'pcapng', 'pcap-be')), packets), rng))
        else:
            segments.save(path, way(packets, rng))
        return path

    def problem(self, job, path, run):
        name, way, number = job
        found = contradiction(self.whole[name][1], run.attempts(path), way not in CHANGES_MEANING)
        text = '\n'.join(line for line in run.out.split('\n') if str(path) in line)
        found = next((f'it shows a secret as {form}' for form in self.whole[name][2] if form in text), found)
        if found:
            return f'{found}\n{path}'
        path.unlink()
        return None

    def batch(self, jobs):
        """[(job, problem)] of several files in one call; each alone where the call as a whole goes wrong."""
        paths = [self.make(*job) for job in jobs]
        run = segments.Run(self.program, paths)
        cut = any(way is file_cut for _, way, _ in jobs)
        if not run.crashed and run.status in ((0, 1, 2) if cut else (0, 1)) and not run.errors:
            return [(job, self.problem(job, path, run)) for job, path in zip(jobs, paths)]
        results = []
        for job, path in zip(jobs, paths):
            alone = segments.Run(self.program, [path])
            bad = alone.crashed or (alone.status == 2 and job[1] is not file_cut)
            results.append((job, f'exit status {alone.status}: {alone.errors[:1500]}\n{path}' if bad else self.problem(job, path, alone)))
        return results


def jobs_of(chosen, args, rng):
    if not args.runs:
        return [(c.name, way, i) for c in chosen for way in dict.fromkeys(WAYS + [file_cut]) for i in range(3)]
    jobs = [(rng.choice(chosen).name, rng.choice(WAYS + [file_cut]), i) for i in range(args.runs)]
    return sorted(jobs, key=lambda job: (job[1] is file_cut, job[0]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('program')
    parser.add_argument('words', nargs='*')
    parser.add_argument('--seed', type=int, default=SEED)
    parser.add_argument('--runs', type=int, default=0)
    args = parser.parse_args()
    print(f'# seed {args.seed}', flush=True)
    chosen = [c for c in cases.all_cases(args.words) if c.cause not in NOT_HERE]
    damage = Damage(args.program, args.seed)
    chosen = [case for case, _ in cases.in_parallel(damage.load, chosen) if damage.whole[case.name][0]]
    jobs = jobs_of(chosen, args, random.Random(args.seed))
    batches = [jobs[i:i + BATCH] for i in range(0, len(jobs), BATCH)]
    problems, done = {}, {}
    for jobs, results in cases.in_parallel(damage.batch, batches):
        if isinstance(results, Exception):
            results = [(jobs[0], f'{type(results).__name__}: {results}')]
        for (name, way, number), problem in results:
            done[way.__name__] = done.get(way.__name__, 0) + 1
            if problem:
                problems.setdefault(way.__name__, []).append(f'{name} {number}: {problem}')
    lines = [(f'{way}: {count} runs', '\n'.join(problems.get(way, []))) for way, count in sorted(done.items())]
    if not problems:
        for path in damage.folder.iterdir():
            path.unlink()
        damage.folder.rmdir()
    return cases.report(lines)


sys.exit(main())
