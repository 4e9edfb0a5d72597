#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""mailwhy listens on an interface while a real client (curl) mails to a real server (aiosmtpd) over a veth pair.

test_live.py MAILWHY

As root: two network namespaces of its own, joined by a veth pair; nothing else of the machine's network is touched.
"""
import json
import os
import pathlib
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'captures'))
import cases  # noqa: E402 (the path comes first)

DEVICE, SERVER = '192.0.2.30', '192.0.2.25'
WAIT = 40


class Net:
    """Two namespaces, each held by a sleeping process."""

    def __init__(self):
        self.holders = [subprocess.Popen(['unshare', '--net', 'sleep', '600']) for _ in range(2)]
        until(lambda: all(os.readlink(f'/proc/{h.pid}/ns/net') != os.readlink('/proc/self/ns/net') for h in self.holders), 'namespaces')
        device, server = (str(h.pid) for h in self.holders)
        subprocess.run(['ip', 'link', 'add', 'wire', 'netns', device, 'type', 'veth', 'peer', 'name', 'wire', 'netns', server], check=True)
        for side, addr in ((0, DEVICE), (1, SERVER)):
            self.run(side, 'ip', 'addr', 'add', f'{addr}/24', 'dev', 'wire')
            self.run(side, 'ip', 'link', 'set', 'wire', 'up')

    def inside(self, side, *command):
        return ['nsenter', '--net', '-t', str(self.holders[side].pid), *command]

    def run(self, side, *command, check=True):
        return subprocess.run(self.inside(side, *command), check=check, capture_output=True, text=True, timeout=WAIT)

    def close(self):
        for holder in self.holders:
            holder.kill()
            holder.wait()


def until(ready, what):
    end = time.monotonic() + WAIT
    while not ready():
        if time.monotonic() > end:
            raise AssertionError(f'{what}: not within {WAIT} s')
        time.sleep(0.05)


class Watch:
    """mailwhy on an interface of the device's namespace; its lines as they come."""

    def __init__(self, net, program, interface, *options):
        self.process = subprocess.Popen(net.inside(0, program, '-v', *options, '-i', interface), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True, env={**cases.ENVIRONMENT})
        self.lines, self.errors = queue.Queue(), []
        threading.Thread(target=lambda: [self.lines.put(line) for line in self.process.stdout] + [self.lines.put(None)], daemon=True).start()
        threading.Thread(target=lambda: self.errors.extend(self.process.stderr), daemon=True).start()
        until(lambda: any('watching' in line for line in self.errors), f'listening on {interface}: {self.errors}')

    def line(self):
        line = self.lines.get(timeout=WAIT)
        assert line is not None, f'it ended: {self.errors}'
        return json.loads(line)

    def user(self):
        # nsenter executes the program in its own place
        return int(next(line for line in open(f'/proc/{self.process.pid}/status') if line.startswith('Uid:')).split()[1])

    def stop(self, how):
        self.process.send_signal(how)
        rest = []
        while (line := self.lines.get(timeout=WAIT)) is not None:
            rest.append(line)
        return self.process.wait(WAIT), rest


def mail(net, port):
    with tempfile.NamedTemporaryFile('w', suffix='.eml') as message:
        message.write('From: door@example.org\r\nTo: owner@example.net\r\nSubject: test\r\n\r\nSomebody is at the door.\r\n')
        message.flush()
        return net.run(0, 'curl', '-sS', '--max-time', '20', f'smtp://{SERVER}:{port}/doorphone', '--mail-from', 'door@example.org', '--mail-rcpt',
                       'owner@example.net', '-T', message.name, check=False).returncode


def attempts_as_they_end(net, program):
    watch = Watch(net, program, 'wire', '--json')
    assert watch.user() != 0, 'it still runs as root'
    assert mail(net, 587) == 0, 'the mail did not go out'
    first = watch.line()
    assert (first['type'], first['outcome'], first['interface'], first['file']) == ('attempt', 'delivered', 'wire', None), first
    assert first['client']['addr'] == DEVICE and first['server'] == {'addr': SERVER, 'port': 587, 'name': None}, first
    assert mail(net, 25) != 0, 'nobody listens there'
    second = watch.line()
    assert second['outcome'] == 'failed' and second['findings'][0]['cause'] == 'connect-refused', second
    status, rest = watch.stop(signal.SIGINT)
    kinds = [json.loads(line)['type'] for line in rest]
    assert status == 1 and kinds == ['device', 'capture'], (status, rest)
    counted = json.loads(rest[1])
    assert counted['attempts'] == 2 and counted['delivered'] == 1 and counted['failed'] == 1 and counted['packets'] > 20, counted


def all_interfaces(net, program):
    watch = Watch(net, program, 'any', '--json')
    assert mail(net, 587) == 0, 'the mail did not go out'
    first = watch.line()
    assert first['outcome'] == 'delivered', first
    status, rest = watch.stop(signal.SIGTERM)
    assert status == 0 and [json.loads(line)['type'] for line in rest] == ['device', 'capture'], (status, rest)


def text_at_once(net, program):
    watch = Watch(net, program, 'wire', '--lang', 'en')
    assert mail(net, 25) != 0, 'nobody listens there'
    seen = ''
    while 'How sure' not in seen:
        line = watch.lines.get(timeout=WAIT)
        assert line is not None, watch.errors
        seen += line
    assert 'on port 25 is refused' in seen, seen
    status, rest = watch.stop(signal.SIGINT)
    assert status == 1 and any('total: 1 attempt' in line for line in rest), (status, rest)


def open_conversation(net, program):
    watch = Watch(net, program, 'wire', '--json')
    talker = subprocess.Popen(net.inside(0, 'bash', '-c', f'exec 3<>/dev/tcp/{SERVER}/587; printf "EHLO door\\r\\n" >&3; sleep 60'))
    time.sleep(2)
    status, rest = watch.stop(signal.SIGINT)
    talker.kill()
    talker.wait()
    first = json.loads(rest[0])
    assert status == 0 and first['outcome'] == 'incomplete' and first['smtp']['ehlo'] == 'door', (status, rest)


def lists_interfaces(net, program):
    listed = net.run(0, program, '-D').stdout
    assert any(line.split('\t')[0] == 'wire' for line in listed.splitlines()), listed


def no_such_interface(net, program):
    done = net.run(0, program, '-i', 'nowhere0', check=False)
    assert done.returncode == 2 and '"nowhere0"' in done.stderr, done


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    net = Net()
    server = subprocess.Popen(net.inside(1, '/usr/bin/python3', '-m', 'aiosmtpd', '-n', '-l', f'{SERVER}:587'), stdout=subprocess.DEVNULL)
    results = []
    try:
        until(lambda: ':587' in net.run(1, 'ss', '-ltn').stdout, 'the mail server')
        for test in (attempts_as_they_end, all_interfaces, text_at_once, open_conversation, lists_interfaces, no_such_interface):
            try:
                test(net, program)
                results.append((test.__name__, None))
            except Exception as error:  # each test tells for itself
                results.append((test.__name__, f'{type(error).__name__}: {error}'))
    finally:
        server.kill()
        server.wait()
        net.close()
    return cases.report(results)


sys.exit(main())
