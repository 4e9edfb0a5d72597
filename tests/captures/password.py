#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""--check-password on a terminal and from files: what is typed is never shown, and the terminal is left as it was.

password.py MAILWHY
"""
import os
import pathlib
import pty
import signal
import subprocess
import sys
import tempfile
import termios
import time

import cases

CASE = next(c for c in cases.all_cases(['auth-password-wrong/postfix-cyrus-cram-md5']) if 'postfix' in c.name)
RIGHT = b'Wrong-8842-word'  # what the device of that capture used


def on_terminal(program, typed, ended_by=None):
    """(exit status, what the terminal showed, standard output, are the terminal's modes as before?)"""
    master, slave = pty.openpty()
    before = termios.tcgetattr(slave)
    command = [program, '--json', '--lang', 'en', '--check-password', CASE.capture]

    def own_terminal():
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # where the test itself runs without a terminal
        os.setsid()
        os.close(os.open(os.ttyname(slave), os.O_RDWR))  # the first one opened is the session's

    with subprocess.Popen(command, cwd=CASE.folder, env=cases.ENVIRONMENT, stdin=slave, stdout=subprocess.PIPE, stderr=slave,
                          preexec_fn=own_terminal) as process:
        shown = b''
        while b'shown' not in shown:  # the end of the question
            shown += os.read(master, 1000)
        time.sleep(0.05)
        for key in typed:
            os.write(master, bytes([key]))
        if ended_by:
            process.send_signal(ended_by)
        out = process.stdout.read()
        status = process.wait()
    after = termios.tcgetattr(slave)
    os.set_blocking(master, False)
    try:
        shown += os.read(master, 100000)
    except BlockingIOError:
        pass
    os.close(master)
    os.close(slave)
    return status, shown, out, before == after


def from_file(program, path, case=CASE):
    done = subprocess.run([program, '--json', '--lang', 'en', f'--check-password={path}', case.capture], cwd=case.folder,
                          env=cases.ENVIRONMENT, capture_output=True, check=False)
    return done.returncode, done.stderr, done.stdout, True


def checks(program, folder):
    """(name, problem or None) of each way to give a password."""
    def expect(name, result, status, words, hidden=RIGHT):
        got, shown, out, same = result
        if got != status:
            return name, f'exit status {got}: {shown!r}'
        if hidden and (hidden in shown or hidden in out):
            return name, f'the password shows: {shown!r}'
        if not same:
            return name, 'the terminal is not as it was'
        if words not in out + shown:
            return name, f'{words!r} is missing in {out!r} {shown!r}'
        return name, None

    right, wrong = b'"auth-password-right"', b'"auth-password-wrong"'
    yield expect('typed', on_terminal(program, RIGHT + b'\r'), 1, right)
    yield expect('typed wrong', on_terminal(program, b'Tulip\n'), 1, wrong, b'Tulip')
    yield expect('backspace', on_terminal(program, b'\xc3\xa4\x7f' + RIGHT + b'x\x7f\r'), 1, right)
    yield expect('line erased', on_terminal(program, b'other\x15' + RIGHT + b'\r'), 1, right)
    yield expect('interrupted', on_terminal(program, RIGHT + b'\x03'), 2, b'no password was given')
    yield expect('end of input', on_terminal(program, RIGHT + b'\x04'), 2, b'no password was given')
    yield expect('ended by a signal', on_terminal(program, RIGHT, signal.SIGTERM), -signal.SIGTERM, b'')
    yield expect('the window closed', on_terminal(program, RIGHT, signal.SIGHUP), -signal.SIGHUP, b'')
    yield expect('a cursor key', on_terminal(program, RIGHT + b'\x1b'), 2, b'no letter')
    yield expect('empty', on_terminal(program, b'\r'), 2, b'empty', None)
    yield expect('too long', on_terminal(program, b'x' * 1025), 2, b'longer', b'xxx')
    files = {'unix': RIGHT + b'\nsecond line\n', 'dos': RIGHT + b'\r\n', 'no end': RIGHT,
             'byte order mark': b'\xef\xbb\xbf' + RIGHT + b'\r\n'}
    for name, content in files.items():
        (folder / name).write_bytes(content)
        yield expect(f'file, {name}', from_file(program, folder / name), 1, right)
    (folder / 'blank').write_bytes(RIGHT + b' \n')
    yield expect('file, a blank at the end counts', from_file(program, folder / 'blank'), 1, wrong)
    for name in ('utf-16', 'utf-16-be'):
        (folder / name).write_bytes((RIGHT.decode() + '\r\n').encode(name))
        yield expect(f'file, {name}', from_file(program, folder / name), 2, b'UTF-16')
    (folder / 'empty').write_bytes(b'\n' + RIGHT)
    yield expect('file, empty', from_file(program, folder / 'empty'), 2, b'empty')
    (folder / 'long').write_bytes(b'y' * 1025)
    yield expect('file, too long', from_file(program, folder / 'long'), 2, b'longer', b'yyy')
    yield expect('the password in place of a file', from_file(program, RIGHT.decode()), 2, b'cannot be opened')
    (folder / 'letters').write_bytes('玄関-7'.encode())
    yield expect('fits in no character set', from_file(program, folder / 'letters'), 1, b'nothing is said of the sign-ins')
    for name, words in (('story/2-starttls-tls10', b'no sign-in was found'), ('auth-token-rejected/', b'cannot be checked'),
                        ('auth-method-refused/', b'no sign-in could be checked')):
        case = next(c for c in cases.all_cases([name]))
        yield expect(f'nothing to check: {name}', from_file(program, folder / 'unix', case), 1, words)
    yield expect('a directory', from_file(program, folder), 2, b'cannot be read')


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as folder:
        return cases.report(list(checks(program, pathlib.Path(folder))))


sys.exit(main())
