# SPDX-License-Identifier: BSD-3-Clause
"""An OpenVPN tunnel from the device to the server, with web pages inside."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "lib"))
from net import wait_for
from tls import SERVER, TlsLab


def make(make_file, purpose, protocol, port, deciding):
    with TlsLab(make_file) as lab:
        lab.nginx(80)
        sides = {}
        for role, name in (("server", "vpn.example.jp"), ("device", "device.example.jp")):
            chain, key = lab.certificate(name)
            sides[role] = ["openvpn", "--dev", "tun0", "--dev-type", "tun", "--port", str(port),
                           "--ca", lab.ca.cert, "--cert", chain, "--key", key, "--dh", "none",
                           "--topology", "subnet", "--keepalive", "2", "10"]
        log = os.path.join(lab.work, "openvpn.log")
        lab.spawn("server", [*sides["server"], "--proto", protocol + "-server" * (protocol == "tcp"),
                             "--server", "10.8.0.0", "255.255.255.0"])
        lab.capture()
        lab.spawn("device", [*sides["device"], "--client", "--nobind", "--proto", protocol,
                             "--remote", SERVER], log=log)
        wait_for("the tunnel", lambda: "Initialization Sequence Completed" in
                 open(log, encoding="utf-8").read(), 20)
        for _ in range(2):
            lab.run("curl", "-sS", "--max-time", "5", "http://10.8.0.1/", ok=[0])
        lab.package_version("OpenVPN", "openvpn")
        lab.done(purpose, deciding)
