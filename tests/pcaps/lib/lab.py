# SPDX-License-Identifier: BSD-3-Clause
"""One capture: namespaces, capturing, servers, devices, and the proof that it shows what it says.

    with Lab(__file__) as lab:
        lab.dns({"smtp.example.jp": SERVER})
        lab.postfix(auth="cyrus")
        lab.capture()
        lab.run("swaks", "--server", "smtp.example.jp", ...)
        lab.done(purpose="...", by="...", deciding=["> AUTH PLAIN", "< 535 5.7.8"])

Leaving the block by an error removes all that was started and writes nothing into the case.
"""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True
import proof
import servers
from net import DEVICE, DEVICE6, ROUTER, SERVER, SERVER6, LabError, Net, sh, wait_for

__all__ = ["DEVICE", "DEVICE6", "ROUTER", "SERVER", "SERVER6", "Lab", "LabError", "sh", "wait_for"]


def cache_dir():
    base = os.environ.get("XDG_CACHE_HOME") or "/var/tmp"
    path = os.path.join(base, "mailwhy-lab")
    os.makedirs(path, exist_ok=True)
    return path


class Lab(servers.Servers):
    def __init__(self, make, ipv6=False, mtu=1500):
        here = os.path.dirname(os.path.realpath(make))
        if os.geteuid():
            raise SystemExit("captures are made in network namespaces: run as root")
        # MAILWHY_LAB_OUT keeps the committed captures: results go below that folder instead
        root = os.environ.get("MAILWHY_LAB_OUT")
        pcaps = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
        self.case = os.path.join(root, os.path.relpath(here, pcaps)) if root else here
        self.cache = cache_dir()
        self.work = tempfile.mkdtemp(prefix=f"run.{os.getpid()}.", dir=self.cache)
        os.chmod(self.work, 0o755)
        self.secrets = []
        self.versions = []
        self.children = []
        self.captures = []
        self.net = None
        self.keylog = os.path.join(self.work, "keylog")
        try:
            self.net = Net(self.work, ipv6=ipv6, mtu=mtu)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind and os.environ.get("MAILWHY_LAB_KEEP"):
            print("kept:", self.work, file=sys.stderr)
            self.close(keep=True)
        else:
            self.close()
        return False

    def close(self, keep=False):
        for child in self.captures + self.children:
            self.stop(child)
        if self.net:
            self.net.close()
        if not keep:
            shutil.rmtree(self.work, ignore_errors=True)

    # Processes. Each is known by its id and ended by it.
    def spawn(self, role, argv, overlay=None, env=None, log=None):
        """Starts a command in a namespace and leaves it running."""
        if overlay:
            argv = ["sh", "-c", f"mount -t overlay overlay -o lowerdir={overlay}/usr:/usr /usr && "
                    'exec "$@"', "sh", *argv]
        output = open(log or os.path.join(self.work, "spawn.log"), "ab")
        child = subprocess.Popen(self.net.argv(role, argv), stdin=subprocess.DEVNULL, stdout=output,
                                 stderr=output, env=env)
        output.close()
        self.children.append(child)
        return child

    def fork(self, role, function, *args, **named):
        """Calls function(...) in a child inside a namespace and leaves it running."""
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                self.net.enter(role)
                function(*args, **named)
                status = 0
            except BaseException:  # the child must not run the parent's clean-up
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(status)
        child = Forked(pid)
        self.children.append(child)
        return child

    def stop(self, child, number=signal.SIGTERM):
        if child.poll() is None:
            child.send_signal(number)
            try:
                child.wait(timeout=5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait(timeout=5)

    def run(self, *argv, role="device", ok=None, env=None, timeout=60, stdin=""):
        """Runs a mail program on the device to its end. ok: the exit statuses that are expected."""
        done = subprocess.run(self.net.argv(role, argv), input=stdin, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=timeout,
                              env={**os.environ, "SSLKEYLOGFILE": self.keylog, **(env or {})})
        if os.environ.get("MAILWHY_LAB_VERBOSE"):
            print(done.stdout)
        if ok is not None and done.returncode not in ok:
            raise LabError(f"{' '.join(argv)}: status {done.returncode}\n{done.stdout}")
        return done

    def device(self, function, *args, seconds=60, **named):
        """Calls a Python function as the device, waits for its end."""
        child = self.fork("device", function, *args, **named)
        try:
            status = child.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            raise LabError(f"{function.__name__} took more than {seconds} s") from None
        if status:
            raise LabError(f"{function.__name__}: status {status}")

    # Capturing
    def capture(self, role="router", link="lan0", name="capture.pcap", filter="", snaplen=0):
        """Starts tcpdump (*.pcap) or dumpcap (*.pcapng); done() ends it."""
        path = os.path.join(self.work, name)
        words = filter.split()
        if name.endswith(".pcapng"):
            argv = ["dumpcap", "-q", "-i", link, "-w", path]
            argv += ["-s", str(snaplen)] if snaplen else []
            argv += ["-f", filter] if filter else []
            ready = "File:"
        else:
            argv = ["tcpdump", "-Z", "root", "-U", "--immediate-mode", "-n", "-i", link, "-w", path,
                    "-s", str(snaplen), *words]
            ready = "listening on"
        log = path + ".log"
        child = self.spawn(role, argv, log=log)
        self.children.remove(child)
        self.captures.append(child)
        wait_for("the capture to begin", lambda: ready in open(log, encoding="utf-8").read())
        time.sleep(0.2)
        return path

    def end_capture(self):
        time.sleep(0.5)
        for child in self.captures:
            self.stop(child, signal.SIGINT)
        self.captures = []

    def mail_file(self, text):
        """A file with that mail, for programs that read it."""
        path = os.path.join(self.work, f"mail{len(os.listdir(self.work))}")
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        return path

    def join(self, parts, seconds, name="capture.pcap"):
        """Makes one capture of several, each moved to later by that many seconds more."""
        self.end_capture()
        moved = []
        for number, part in enumerate(parts):
            moved.append(f"{part}.moved")
            sh("editcap", "-F", "pcap", "-t", str(number * seconds), part, moved[-1])
        sh("mergecap", "-F", "pcap", "-w", os.path.join(self.work, name), *moved)

    def secret(self, word):
        """A password of the dialogue; it is written to the case's list of secrets."""
        if word not in self.secrets:
            self.secrets.append(word)
        return word

    def used(self, software):
        if software not in self.versions:
            self.versions.append(software)

    def done(self, purpose, deciding, by=None, name="capture.pcap", keep_keylog=False,
             keep_key=None, limit=60000, cut=0):
        """Ends the capture, checks every deciding line against it, and writes the case.

        deciding: "> line" said by the device in clear, "< line" by the server, "= filter" a
        display filter that must select a frame, "! filter" one that must select none. cut: so
        many bytes are taken off the end of the file. keep_keylog, keep_key (the server's RSA
        key): it goes with the case, and the tests give it to mailwhy.
        """
        self.end_capture()
        path = os.path.join(self.work, name)
        proof.check(path, deciding, self.keylog if os.path.exists(self.keylog) else None)
        size = os.path.getsize(path)
        if size > limit:
            raise LabError(f"{name} has {size} bytes, more than {limit}")
        os.makedirs(self.case, exist_ok=True)
        for old in ("capture.pcap", "capture.pcapng", "keylog"):
            if os.path.exists(os.path.join(self.case, old)):
                os.unlink(os.path.join(self.case, old))
        shutil.copy(path, os.path.join(self.case, name))
        if cut:
            os.truncate(os.path.join(self.case, name), size - cut)
        if keep_keylog and os.path.exists(self.keylog):
            shutil.copy(self.keylog, os.path.join(self.case, "keylog"))
            with open(os.path.join(self.case, "args"), "w", encoding="utf-8") as file:
                file.write("--keylog keylog\n")  # the tests run mailwhy on it with this
        if keep_key:
            shutil.copy(keep_key, os.path.join(self.case, "server.key"))
            with open(os.path.join(self.case, "args"), "w", encoding="utf-8") as file:
                file.write("--rsa-key server.key\n")
        with open(os.path.join(self.case, "secrets"), "w", encoding="utf-8") as file:
            file.write("".join(word + "\n" for word in self.secrets))
        maker = by or "; ".join(self.versions)
        with open(os.path.join(self.case, "README"), "w", encoding="utf-8") as file:
            file.write(f"Purpose: {purpose}\nMade by: {maker}\n"
                       f"Deciding: {' | '.join(deciding)}\n")
        print(f"{os.path.relpath(self.case)}: {size} bytes")


class Forked:
    """A forked child with the few methods of Popen that are needed here."""

    def __init__(self, pid):
        self.pid = pid
        self.returncode = None

    def poll(self):
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout=30):
        end = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired("forked child", timeout)
            time.sleep(0.02)
        return self.returncode

    def send_signal(self, number):
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self):
        self.send_signal(signal.SIGKILL)
