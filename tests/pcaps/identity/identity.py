# SPDX-License-Identifier: BSD-3-Clause
"""Devices of a household that show who they are: addresses by DHCP, names by the usual ways."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "lib"))
import net
from doorphone import context, lookup, send
from lab import DEVICE, DEVICE6, ROUTER, SERVER, SERVER6, Lab, wait_for
from servers import PASSWORD, USER

__all__ = ["DEVICE", "DEVICE6", "NAME", "PASSWORD", "ROUTER", "SERVER", "SERVER6", "USER",
           "Household", "context", "lookup", "os", "send", "try_to_send", "wait_for"]

NAME = "secure.plala.or.jp"

# What dhclient and udhcpc call when they got an address.
SCRIPT = """#!/bin/sh
case "$reason$1" in
BOUND|REBOOT|bound)
    ip addr add ${new_ip_address:-$ip}/24 dev eth0
    ip route add default via ${new_routers:-$router} dev eth0
esac
exit 0
"""


def try_to_send(*where, **more):
    try:
        send(*where, **more)
    except OSError:
        pass


class Household(Lab):
    def __init__(self, make, mac, **more):
        super().__init__(make, **more)
        self.dhcp_script = os.path.join(self.work, "dhcp-script")
        with open(self.dhcp_script, "w", encoding="ascii") as file:
            file.write(SCRIPT)
        os.chmod(self.dhcp_script, 0o755)
        self.secret(PASSWORD)
        self.net.run("device", "ip", "link", "set", "eth0", "address", mac)

    def router(self, *extra, names=None):
        """dnsmasq gives names and addresses; the device has to ask for its own."""
        self.net.run("device", "ip", "-4", "addr", "flush", "dev", "eth0")
        self.dns(names or {NAME: [SERVER, SERVER6]}, extra=[
            "--dhcp-authoritative", f"--dhcp-range={DEVICE},192.168.11.60,255.255.255.0,12h",
            "--dhcp-sequential-ip", f"--dhcp-leasefile={self.work}/leases", "--interface=lan0",
            "--no-ping", *extra])

    def dhclient(self, host=None, vendor=None, role="device"):
        conf = os.path.join(self.work, f"dhclient-{role}.conf")
        with open(conf, "w", encoding="ascii") as file:
            if host:
                file.write(f'send host-name "{host}";\n')
            if vendor:
                file.write(f'send vendor-class-identifier "{vendor}";\n')
            file.write("initial-interval 1;\n")
        self.run("dhclient", "-4", "-1", "-cf", conf, "-sf", self.dhcp_script, "-lf",
                 f"{self.work}/{role}.leases", "-pf", f"{self.work}/{role}.pid", "eth0",
                 role=role, ok=[0])
        self.package_version("ISC dhclient", "isc-dhcp-client")

    def udhcpc(self, host, vendor=None, role="device"):
        self.run("busybox", "udhcpc", "-i", "eth0", "-n", "-q", "-f", "-s", self.dhcp_script,
                 "-x", f"hostname:{host}", *(["-V", vendor] if vendor else []), role=role, ok=[0])
        self.package_version("udhcpc of BusyBox", "busybox")

    def second(self, mac, host="printer"):
        """One more device at the same cable, with a MAC address of its own."""
        net.HOSTS["device2"] = host
        self.net.names["device2"] = self.net.names["device"] + "2"
        self.net._add_namespace("device2")
        self.net.run("device", "ip", "link", "add", "mv0", "link", "eth0", "address", mac, "type",
                     "macvlan", "mode", "bridge")
        self.net.run("device", "ip", "link", "set", "mv0", "netns", self.net.names["device2"])
        self.net.run("device2", "ip", "link", "set", "mv0", "name", "eth0")
        self.net.run("device2", "ip", "link", "set", "eth0", "up")

    def as_second(self, function, *args, **named):
        child = self.fork("device2", function, *args, **named)
        if child.wait(60):
            raise net.LabError("the second device failed")

    def daemon(self, role, argv, ready, seconds=15):
        """Starts a daemon that wants /run for itself; ready: what its log says when it is up."""
        log = os.path.join(self.work, os.path.basename(argv[0]) + ".log")
        child = self.spawn(role, ["sh", "-c", "mount -t tmpfs tmpfs /run && mkdir -p /run/samba "
                                  '/run/avahi-daemon && exec "$@"', "sh", *argv], log=log)
        wait_for(ready, lambda: ready in open(log, encoding="utf-8", errors="replace").read(),
                 seconds)
        return child
