# SPDX-License-Identifier: BSD-3-Clause
"""The captures of tests/pcaps, and how the program is run on them; shared by the tests of this folder."""
import concurrent.futures
import os
import pathlib
import shlex
import subprocess

PCAPS = pathlib.Path(__file__).resolve().parent.parent / 'pcaps'
ENVIRONMENT = {'TZ': 'Asia/Tokyo', 'COLUMNS': '80', 'LANG': 'C.UTF-8', 'LC_ALL': 'C.UTF-8', 'NO_COLOR': '1',
               'SSL_CERT_FILE': str(PCAPS / 'lib' / 'roots.pem'),  # a list of roots that is the same everywhere
               'PATH': os.environ.get('PATH', '/usr/bin:/bin'),
               'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', ''), 'UBSAN_OPTIONS': 'halt_on_error=1'}


class Case:
    """One folder with a capture: its name, its file, and the arguments that it asks for (file `args`)."""

    def __init__(self, folder):
        self.folder = folder
        self.name = str(folder.relative_to(PCAPS))
        self.cause = self.name.split('/')[0]
        self.capture = next(folder.glob('capture.pcap*')).name
        args = folder / 'args'
        self.args = shlex.split(args.read_text()) if args.exists() else []
        # a damaged capture is diagnosed as far as it goes, with a warning and status 2
        self.damaged = self.cause == 'capture-cut-short' and not folder.name.startswith('look-alike')

    def is_fine(self, status, err):
        return status == 2 and err != '' if self.damaged else status in (0, 1) and err == ''

    def run(self, program, *options):
        """Runs the program in the case's folder; returns (exit status, stdout, stderr) as text."""
        command = [str(pathlib.Path(program).resolve()), *self.args, *options, self.capture]
        done = subprocess.run(command, cwd=self.folder, env=ENVIRONMENT, capture_output=True, timeout=120, check=False)
        return done.returncode, done.stdout.decode('utf-8'), done.stderr.decode('utf-8', 'replace')

    def secrets(self):
        """Passwords and message bodies, what a key log holds, and the inside of a private key."""
        found = self._lines('secrets')
        found += [line.split()[2] for line in self._lines('keylog') if not line.startswith('#') and len(line.split()) == 3]
        return found + [line for line in self._lines('server.key') if not line.startswith('-')]

    def _lines(self, name):
        path = self.folder / name
        return [line for line in path.read_text().splitlines() if line] if path.exists() else []


def all_cases(only=None):
    folders = sorted({p.parent for p in PCAPS.glob('*/*/capture.pcap*')})
    cases = [Case(folder) for folder in folders]
    return [c for c in cases if not only or any(word in c.name for word in only)]


def in_parallel(work, cases):
    """[(case, result)] in the order of cases; an exception in work is its case's result."""
    def safely(case):
        try:
            return work(case)
        except Exception as error:  # a test must tell which case failed, not stop
            return error
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(zip(cases, pool.map(safely, cases)))


def report(results):
    """Prints TAP; results: [(name, problem or None)]. Returns the exit status."""
    failed = 0
    for number, (name, problem) in enumerate(results, 1):
        if problem:
            failed += 1
            print(f'not ok {number} {name}')
            for line in str(problem).splitlines()[:40]:
                print(f'# {line}')
        else:
            print(f'ok {number} {name}')
    print(f'1..{len(results)}')
    print(f'# {len(results) - failed} passed, {failed} failed')
    return 1 if failed or not results else 0
