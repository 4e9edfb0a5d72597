# SPDX-License-Identifier: BSD-3-Clause
"""A line that loses without a word what is larger than it takes, captured at its device's end, in its
encapsulation."""
import os

from lab import sh

WRAP = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "property", "wrap.py")


def narrow(lab, mtu):
    """Packets above that size are lost, in either direction."""
    lab.net.nft("router", f"meta length > {mtu} drop")


def wrap(lab, kind, raw="raw.pcap"):
    """Makes capture.pcap of raw.pcap; kind: a kind of wrap.py."""
    lab.end_capture()
    sh("python3", WRAP, kind, os.path.join(lab.work, raw), os.path.join(lab.work, "capture.pcap"))
    lab.used("tests/property/wrap.py " + kind)
