# SPDX-License-Identifier: BSD-3-Clause
"""Three network namespaces (device, router, server) joined by veth pairs.

The device sits behind a home router, so that MAC addresses and TTLs in a capture are those of a
household: the device's side of the router is where the capture is made. Every name holds the pid
of the caller; several captures may be made at the same time.
"""
import ctypes
import os
import shutil
import signal
import subprocess
import time

DEVICE = "192.168.11.30"
ROUTER = "192.168.11.1"
SERVER = "203.0.113.25"
DEVICE6 = "2001:db8:11::30"
SERVER6 = "2001:db8:25::25"
HOSTS = {"device": "doorphone", "router": "router", "server": "mail.example.jp"}

CLONE_NEWNET = 0x40000000


class LabError(Exception):
    pass


def sh(*argv, check=True, **more):
    """Runs a command to its end and returns what it printed."""
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=60, **more)
    if check and done.returncode:
        raise LabError(f"{' '.join(argv)}: status {done.returncode}\n{done.stdout}")
    return done.stdout


def wait_for(what, test, seconds=10.0):
    """Waits until test() is true; never longer than the given time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = test()
        if value:
            return value
        time.sleep(0.05)
    raise LabError(f"waited {seconds} s for {what}")


class Net:
    """The namespaces of one capture; close() ends what still runs in them and removes them."""

    def __init__(self, work, ipv6=False, mtu=1500):
        self.work = work
        self.ipv6 = ipv6
        tag = f"mw{os.getpid()}"
        self.names = {"device": tag + "d", "router": tag + "r", "server": tag + "s"}
        self.files = {}
        self.made = []
        for role in self.names:
            self._add_namespace(role)
        self._join("device", "eth0", "02:80:f0:11:00:30", "router", "lan0", "02:a0:de:11:00:01")
        self._join("router", "wan0", "02:a0:de:11:00:02", "server", "eth0", "02:16:3e:71:00:25")
        self.address("device", DEVICE + "/24")
        self.address("router", ROUTER + "/24", "lan0")
        self.address("router", "203.0.113.1/24", "wan0")
        self.address("server", SERVER + "/24")
        self.run("device", "ip", "route", "add", "default", "via", ROUTER)
        self.run("server", "ip", "route", "add", "default", "via", "203.0.113.1")
        self.run("router", "sysctl", "-qw", "net.ipv4.ip_forward=1")
        if ipv6:
            self._ipv6()
        if mtu != 1500:
            self.run("router", "ip", "link", "set", "wan0", "mtu", str(mtu))
            self.run("server", "ip", "link", "set", "eth0", "mtu", str(mtu))

    def _ipv6(self):
        self.run("router", "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1")
        self.address("device", DEVICE6 + "/64")
        self.address("router", "2001:db8:11::1/64", "lan0")
        self.address("router", "2001:db8:25::1/64", "wan0")
        self.address("server", SERVER6 + "/64")
        self.run("device", "ip", "-6", "route", "add", "default", "via", "2001:db8:11::1")
        self.run("server", "ip", "-6", "route", "add", "default", "via", "2001:db8:25::1")
        time.sleep(1.5)  # multicast reports and duplicate address detection are over by then

    def _add_namespace(self, role):
        name = self.names[role]
        sh("ip", "netns", "add", name)
        self.made.append(name)
        # `ip netns exec` lays the files in here over those in /etc, for that command alone
        self.files[role] = f"/etc/netns/{name}"
        os.makedirs(self.files[role], exist_ok=True)
        self.etc(role, "resolv.conf", f"nameserver {ROUTER}\noptions timeout:2 attempts:2\n")
        self.etc(role, "hosts", f"127.0.0.1 localhost\n127.0.1.1 {HOSTS[role]}\n")
        if not self.ipv6:
            self.run(role, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1",
                     "net.ipv6.conf.default.disable_ipv6=1")
        self.run(role, "ip", "link", "set", "lo", "up")

    def _join(self, role1, link1, mac1, role2, link2, mac2):
        sh("ip", "link", "add", link1, "netns", self.names[role1], "address", mac1, "type", "veth",
           "peer", "name", link2, "netns", self.names[role2], "address", mac2)
        for role, link in ((role1, link1), (role2, link2)):
            # whole-segment offloads would show frames that no wire ever carried
            self.run(role, "ethtool", "-K", link, "tx", "off", "rx", "off", "sg", "off", "tso",
                     "off", "gso", "off", "gro", "off")
            self.run(role, "ip", "link", "set", link, "up")

    def etc(self, role, name, text):
        """Puts a file over /etc/NAME for all commands of that namespace."""
        with open(os.path.join(self.files[role], name), "w", encoding="utf-8") as file:
            file.write(text)

    def address(self, role, address, link="eth0"):
        nodad = ["nodad"] if ":" in address else []
        self.run(role, "ip", "addr", "add", address, "dev", link, *nodad)

    def argv(self, role, argv):
        return ["ip", "netns", "exec", self.names[role], "unshare", "--uts", "sh", "-c",
                f'hostname {HOSTS[role]}; exec "$@"', "sh", *argv]

    def run(self, role, *argv, **more):
        return sh(*self.argv(role, argv), **more)

    def nft(self, role, rule, hook="forward"):
        """One nftables rule, for instance 'tcp dport 25 drop'; nft_clear() takes all away."""
        self.run(role, "nft", "add table inet lab")
        self.run(role, "nft", f"add chain inet lab {hook} {{ type filter hook {hook} priority 0; }}")
        self.run(role, "nft", f"add rule inet lab {hook} {rule}")

    def nft_clear(self, role):
        self.run(role, "nft", "flush ruleset")

    def link(self, role, link, state):
        self.run(role, "ip", "link", "set", link, state)

    def enter(self, role):
        """Moves the calling process (a forked child) into a namespace."""
        handle = os.open(f"/run/netns/{self.names[role]}", os.O_RDONLY)
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.setns(handle, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        os.close(handle)

    def pids(self, role, program):
        """The ids of the processes of that name in a namespace."""
        found = []
        for pid in sh("ip", "netns", "pids", self.names[role]).split():
            try:
                with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
                    if file.read().strip() == program:
                        found.append(int(pid))
            except OSError:
                pass  # ended meanwhile
        return found

    def listening(self, role, port, udp=False):
        kind = "-Hlun" if udp else "-Hltn"
        return f":{port} " in self.run(role, "ss", kind, f"sport = :{port}")

    def wait_listening(self, role, port, udp=False):
        wait_for(f"port {port}", lambda: self.listening(role, port, udp))

    def close(self):
        for name in reversed(self.made):
            for number in (signal.SIGTERM, signal.SIGKILL):
                pids = [int(pid) for pid in sh("ip", "netns", "pids", name, check=False).split()
                        if pid.isdigit()]
                for pid in pids:
                    try:
                        os.kill(pid, number)
                    except ProcessLookupError:
                        pass
                if pids:
                    time.sleep(0.2)
            sh("ip", "netns", "del", name, check=False)
            shutil.rmtree(f"/etc/netns/{name}", ignore_errors=True)
        self.made = []
