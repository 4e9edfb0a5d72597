#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What is read with a key must be what tshark reads with it, frame by frame; and keys that are of no use must be told.

decryption.py MAILWHY [WORD...]

For each capture with a key (its file `args` names a key log or an RSA key, or the pcapng brings secrets): the SMTP commands and
reply codes inside TLS with their frames, against tshark's. Then keys that are wrong, partial, missing or of another kind.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import cases

VERBS = {'EHLO', 'HELO', 'MAIL', 'RCPT', 'DATA', 'RSET', 'NOOP', 'QUIT', 'STARTTLS', 'AUTH'}
# Where the two differ, and why: tshark loses count of the records at a gap, its library has no ARIA, and where the capture begins with the
# hello after STARTTLS it looks for no TLS; early data is passed over here.
MORE_HERE = ('lost-record', 'aria', 'starts-at-hello')
LESS_HERE = ('early-data',)
SECRETS_BLOCK = b'\x0a\x00\x00\x00'


def has_secrets(case):
    """Does the pcapng bring secrets before its packets? (tshark does not look for them behind.)"""
    if not case.capture.endswith('.pcapng'):
        return False
    data, at = (case.folder / case.capture).read_bytes(), 0
    while at + 8 <= len(data) and data[at:at + 4] not in (b'\x06\x00\x00\x00', b'\x03\x00\x00\x00'):
        if data[at:at + 4] == SECRETS_BLOCK:
            return True
        at += int.from_bytes(data[at + 4:at + 8], 'little')
    return False


def tshark(case):
    """[(frame, verb or code)] inside TLS."""
    command = ['tshark', '-n', '-r', case.capture, '-Y', 'tls && smtp', '-T', 'fields', '-e', 'frame.number', '-e', 'smtp.req.command',
               '-e', 'smtp.response.code', '-d', 'tcp.port==2525,smtp']
    for option, value in zip(case.args, case.args[1:]):
        if option == '--keylog':
            command += ['-o', f'tls.keylog_file:{value}']
        elif option == '--rsa-key':
            command += ['-o', f'uat:rsa_keys:"{case.folder / value}",""']
    done = subprocess.run(command, cwd=case.folder, capture_output=True, text=True, timeout=60, check=True)
    seen = []
    for row in done.stdout.splitlines():
        frame, commands, codes = (row.split('\t') + ['', ''])[:3]
        words = ['STARTTLS' if word.upper() == 'STAR' else word.upper() for word in commands.split(',')]  # tshark cuts it so
        seen += [(int(frame), word) for word in words if word in VERBS]
        seen += [(int(frame), code) for code in codes.split(',') if code]
    return seen


def mailwhy(case, program):
    status, out, err = case.run(program, '--json', '--timeline')
    if status not in (0, 1):
        raise AssertionError(f'exit status {status}: {err}')
    seen, inside = [], []
    for line in out.splitlines():
        attempt = json.loads(line)
        if attempt['type'] != 'attempt':
            continue
        inside.append((attempt['tls'] or {}).get('inside'))
        for event in attempt['timeline']:
            if event.get('origin') != 'decrypted':
                continue
            if event['event'] == 'command' and event['verb'] in VERBS or event['event'] == 'auth':
                seen.append((event['frame'], event.get('verb', 'AUTH')))
            elif event['event'] == 'reply':
                seen.append((event['frame'], str(event['code'])))
    return seen, inside


def once(pairs):
    """In one order; a reply of several lines, and AUTH told twice, count once."""
    return sorted(set(pairs))


def compare(case, program):
    theirs, (ours, inside) = once(tshark(case)), mailwhy(case, program)
    ours = once(ours)
    missing, more = [p for p in theirs if p not in ours], [p for p in ours if p not in theirs]
    missing = [] if any(word in case.name for word in LESS_HERE) else missing
    more = [] if any(word in case.name for word in MORE_HERE) and ours else more
    if theirs and 'decrypted' not in inside:
        return f'tls.inside is {inside}'
    if missing or more:
        return f'tshark alone: {missing}\nmailwhy alone: {more}'
    return None


# --- keys that are of no use

def run(program, case, *args):
    plain = cases.Case(case.folder)
    plain.args = list(args)
    return plain.run(program, '--json')


def without_words(out):
    """The attempts, without the file's name."""
    return [line for line in out.splitlines() if json.loads(line)['type'] == 'attempt']


def expect(program, case, args, status, words, opaque=True):
    got, out, err = run(program, case, *args)
    if got != status:
        return f'exit status {got}, not {status}: {err}'
    if any(word not in err for word in words) or err.count('mailwhy:') != 1:
        return f'standard error, which should say once {words}: {err}'
    if opaque and without_words(out) != without_words(run(program, case)[1]):
        return f'the diagnosis is another than without the key:\n{out}'
    return None


def useless(program, folder):
    tls12, tls13 = (cases.Case(cases.PCAPS / name) for name in ('decrypted/tls12-aria256-gcm-postfix-465',
                                                                'decrypted/tls13-chacha20-postfix-465'))
    resumed = cases.Case(cases.PCAPS / 'decrypted/tls12-resumed-ticket-rsa-key-postfix-465')
    log12, log13 = ((case.folder / 'keylog').read_text() for case in (tls12, tls13))

    def file(name, text):
        path = folder / name
        path.write_text(text)
        return str(path)

    def openssl(*args):
        subprocess.run(['openssl', *args], check=True, capture_output=True)

    wrong12 = ''.join(line[:-4] + ('0000' if line[-4:] != '0000' else '1111') + '\n' for line in log12.splitlines())
    wrong13 = ''.join(line[:-4] + ('0000' if line[-4:] != '0000' else '1111') + '\n' for line in log13.splitlines())
    part13 = ''.join(line + '\n' for line in log13.splitlines() if 'HANDSHAKE' in line)

    def without(label):
        return file('without-' + label, ''.join(line + '\n' for line in log13.splitlines() if not line.startswith(label)))

    rsa, locked, ec = (str(folder / name) for name in ('rsa.pem', 'locked.pem', 'ec.pem'))
    openssl('genrsa', '-out', rsa, '2048')
    openssl('pkey', '-in', rsa, '-aes128', '-passout', 'pass:lab', '-out', locked)
    openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', ec)
    yield 'a wrong master secret', expect(program, tls12, ['--keylog', file('wrong12', wrong12)], 0, ['does not fit'])
    yield 'wrong TLS 1.3 secrets', expect(program, tls13, ['--keylog', file('wrong13', wrong13)], 0, ['does not fit'])
    yield 'the secrets of the handshake alone', expect(program, tls13, ['--keylog', file('part13', part13)], 0, ['lacks a part'], False)
    yield 'no secret of what the server said', expect(program, tls13, ['--keylog', without('SERVER_TRAFFIC')], 0, ['lacks a part'], False)
    yield 'no secret of what the device said', expect(program, tls13, ['--keylog', without('CLIENT_TRAFFIC')], 0, ['lacks a part'], False)
    yield 'a last line cut in half', expect(program, tls12, ['--keylog', file('half', log12[:-20])], 0, ['no TLS secret'])
    yield 'a half that would look like a server that says nothing', as_without_key(
        program, cases.Case(cases.PCAPS / 'auth-credentials-rejected/python-plain-tls13-keylog-postfix-587'), folder)
    yield 'a half that would look like a device that left', as_without_key(
        program, cases.Case(cases.PCAPS / 'ok/starttls-tls13-curl'), folder)
    yield 'a half whose certificate would look refused', as_without_key(
        program, cases.Case(cases.PCAPS / 'encrypted-auth-rejected/mbed-login-words-learnt-postfix-465'), folder)
    yield 'the key log of another session', expect(program, tls12, ['--keylog', file('other', log13)], 0, ['no given key belongs'])
    yield 'a key log that is not there', expect(program, tls12, ['--keylog', '/nowhere/keylog'], 2, ['cannot be opened'], False)
    yield 'a key log without a secret', expect(program, tls12, ['--keylog', file('empty', '# nothing\n')], 0, ['no TLS secret'])
    yield 'an RSA key that opens nothing', expect(program, tls12, ['--rsa-key', rsa], 0, ['no given key belongs'])
    yield 'an RSA key with a passphrase', expect(program, tls12, ['--rsa-key', locked], 2, ['passphrase'], False)
    yield 'a key that is not RSA', expect(program, tls12, ['--rsa-key', ec], 2, ['no RSA key'], False)
    own = str(resumed.folder / 'server.key')
    three = file('three.pem', ''.join(pathlib.Path(name).read_text() for name in (ec, rsa, own)))
    yield 'the last of three private keys in a file', expect_read(program, resumed, ['--rsa-key', three])
    yield 'the second of two files', expect_read(program, resumed, ['--rsa-key', rsa, '--rsa-key', own])
    logs = [str(case.folder / 'keylog') for case in (tls12, tls13)]
    yield 'the second of two key logs', expect_read(program, tls13, ['--keylog', logs[0], '--keylog', logs[1]])
    ticket = cases.Case(cases.PCAPS / 'decrypted/tls12-resumed-ticket-postfix-587')
    first = [line for line in (ticket.folder / 'keylog').read_text().splitlines() if 'CLIENT_RANDOM' in line][0]
    yield 'a resumed session whose own secret is not in the log', expect_read(program, ticket, ['--keylog', file('first', first)])
    yield 'a key file without a key', expect(program, tls12, ['--rsa-key', file('text', 'hello\n')], 2, ['no private key'], False)
    with_ends = log13.rstrip('\n').replace('\n', '\r\n').upper()
    yield 'a key log in another form', expect_read(program, tls13, ['--keylog', file('crlf', 'noise\n' * 50 + with_ends)])
    marked = folder / 'utf-16'
    marked.write_bytes(log12.split('\n', 1)[1].encode('utf-16'))
    yield 'a key log that PowerShell wrote', expect_read(program, tls12, ['--keylog', str(marked)])


def as_without_key(program, case, folder):
    """Without the secret of what the server said: what is found must be what is found without any."""
    path = folder / 'half-of-it'
    lines = (case.folder / 'keylog').read_text().splitlines()
    path.write_text(''.join(line + '\n' for line in lines if not line.startswith('SERVER_TRAFFIC')))

    def told(out):
        attempts = (json.loads(line) for line in without_words(out))
        return [(attempt['outcome'], [finding['cause'] for finding in attempt['findings']]) for attempt in attempts]
    status, out, err = run(program, case, '--keylog', str(path))
    plain_status, plain, _ = run(program, case)
    if 'lacks a part' in err and (status, told(out)) == (plain_status, told(plain)):
        return None
    return f'exit status {status}, {err}{told(out)}, without a key {told(plain)}'


def expect_read(program, case, args):
    status, out, err = run(program, case, *args)
    inside = [json.loads(line)['tls']['inside'] for line in without_words(out)]
    return None if status == 0 and not err and set(inside) == {'decrypted'} else f'exit status {status}, {err}{out}'


def main():
    program, words = sys.argv[1], sys.argv[2:]
    chosen = [c for c in cases.all_cases(words) if '--keylog' in c.args or '--rsa-key' in c.args or has_secrets(c)]
    results = [(case.name, problem) for case, problem in cases.in_parallel(lambda case: compare(case, program), chosen)]
    if not words:
        with tempfile.TemporaryDirectory() as folder:
            results += list(useless(program, pathlib.Path(folder)))
    return cases.report(results)


sys.exit(main())
