#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""No output of any capture may hold a secret of it: plain, in base64 at any alignment, in hex, or reversed into URL form.

secrets.py MAILWHY [WORD...]

A case's file `secrets` lists them, one a line. The outputs: text and NDJSON in both languages with everything that can be
asked for, and standard error with -v.
"""
import base64
import sys
import urllib.parse

import cases

OUTPUTS = [['--json', '--timeline', '-v'], ['--all', '--timeline', '-v', '--lang', 'en'], ['--all', '--timeline', '-v', '--lang', 'ja']]


def forms(secret):
    raw = secret.encode()
    yield secret
    yield raw.hex()
    yield urllib.parse.quote(secret, safe='')
    for before in range(3):  # base64 of the secret with 0, 1 or 2 bytes before it, without what those bytes change
        coded = base64.b64encode(b'\0' * before + raw).decode().rstrip('=')
        start = {0: 0, 1: 2, 2: 3}[before]
        whole = len(coded) - (1 if (before + len(raw)) % 3 else 0)
        if whole - start >= 6:
            yield coded[start:whole]


def leaks(case, program):
    problems = []
    for options in OUTPUTS:
        status, out, err = case.run(program, *options)
        if status not in ((2,) if case.damaged else (0, 1)):
            problems.append(f'exit status {status}: {err[:500]}')
        for secret in case.secrets():
            for form in forms(secret):
                if form in out or form in err:
                    problems.append(f'{" ".join(options)} shows a secret as {form!r}')
    return '\n'.join(problems)


def main():
    program, words = sys.argv[1], sys.argv[2:]
    chosen = cases.all_cases(words)
    if not words and sum(len(c.secrets()) for c in chosen) < 20:
        print('too few secrets are listed for this test to mean anything')
        return 1
    return cases.report([(c.name, problem) for c, problem in cases.in_parallel(lambda c: leaks(c, program), chosen)])


sys.exit(main())
