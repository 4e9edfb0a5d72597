# SPDX-License-Identifier: BSD-3-Clause
"""All that a `make` needs, by one import."""
import base64
import os
import signal
import socket
import ssl
import time

from doorphone import MAIL, Doorphone, Refused, context, lookup, send
from lab import DEVICE, DEVICE6, ROUTER, SERVER, SERVER6, Lab, LabError, sh, wait_for
from scripted import Connection, provider, replies
from servers import PASSWORD, USER

__all__ = ["DEVICE", "DEVICE6", "MAIL", "NAME", "PASSWORD", "ROUTER", "SERVER", "SERVER6", "USER",
           "Connection", "Doorphone", "Lab", "LabError", "Refused", "base64", "context", "lookup",
           "os", "provider", "replies", "send", "sh", "signal", "socket", "ssl", "swaks", "time",
           "wait_for"]

NAME = "secure.plala.or.jp"


def swaks(lab, port, *more, server=NAME, to="owner@example.jp", sender=USER, ok=None):
    """Sends by swaks with a body that fits a device."""
    lab.package_version("swaks", "swaks")
    return lab.run("swaks", "--server", server, "--port", str(port), "--from", sender, "--to", to,
                   "--helo", "doorphone", "--header", "Subject: Visitor", "--body",
                   "Somebody rang at the front door.", *more, ok=ok)
