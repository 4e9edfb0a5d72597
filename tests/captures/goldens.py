#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Each capture's output must be its golden files, byte for byte.

goldens.py MAILWHY [--update] [WORD...]

In each folder of tests/pcaps: expect.ndjson (with the timeline), expect.en.txt, expect.ja.txt. --update writes them anew;
read the difference before committing it. WORDs choose the cases whose names contain one.
"""
import difflib
import sys

import cases

GOLDENS = {'expect.ndjson': ['--json', '--timeline', '--lang', 'en'], 'expect.en.txt': ['--lang', 'en'], 'expect.ja.txt': ['--lang', 'ja']}


def compare(case, program, update):
    problems = []
    for name, options in GOLDENS.items():
        status, out, err = case.run(program, *options)
        if not case.is_fine(status, err):
            problems.append(f'{name}: exit status {status}, standard error: {err[:2000]}')
            continue
        golden = case.folder / name
        if update:
            golden.write_text(out)
        elif not golden.exists():
            problems.append(f'{name} is missing')
        elif golden.read_text() != out:
            diff = difflib.unified_diff(golden.read_text().splitlines(), out.splitlines(), name, 'now', lineterm='', n=1)
            problems.append('\n'.join(list(diff)[:20]))
    return '\n'.join(problems)


def main():
    program, rest = sys.argv[1], sys.argv[2:]
    update = '--update' in rest
    chosen = cases.all_cases([w for w in rest if w != '--update'])
    results = cases.in_parallel(lambda case: compare(case, program, update), chosen)
    return cases.report([(case.name, problem) for case, problem in results])


sys.exit(main())
