# SPDX-License-Identifier: BSD-3-Clause
"""The four settings that the owner of a doorphone tried, one after the other.

1 no encryption with a server that lists CRAM-MD5 and no longer takes it; 2 "TLS" (STARTTLS on 587)
from a device whose STARTTLS path ends at TLS 1.0; 3 "SSL" (465); 4 none on 587 once CRAM-MD5 is no
longer listed.
"""
import os
import random
import ssl
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "lib"))
from doorphone import Doorphone, context
from lab import DEVICE, SERVER, Lab, sh
from servers import PASSWORD, USER

NAME = "secure.plala.or.jp"


def cram_md5_server(conn):
    conn.say(f"220 {NAME} ESMTP")
    while True:
        line = conn.hear()
        if line is None:
            return
        verb = line.upper()
        if verb.startswith("EHLO"):
            conn.say(
                f"250-{NAME}",
                "250-PIPELINING",
                "250-SIZE 20971520",
                "250-AUTH LOGIN PLAIN CRAM-MD5",
                "250-AUTH=LOGIN PLAIN CRAM-MD5",
                "250 8BITMIME",
            )
        elif verb == "AUTH CRAM-MD5":
            conn.say("334 PDE4OTYuNjk3MTcwOTUyQHNlY3VyZS5wbGFsYS5vci5qcD4=")
            conn.hear()
            conn.say(f"535 CRAM-MD5 not supported for {NAME}")
        elif verb == "QUIT":
            conn.say(f"221 {NAME}")
            return
        else:
            conn.say("502 command not implemented")


def sign_in_and_send(phone):
    phone.ehlo()
    code, _ = phone.auth(USER, PASSWORD)
    if code == 235:
        phone.deliver()
    phone.quit()


def plain(port):
    phone = Doorphone(NAME, port)
    phone.reply()
    sign_in_and_send(phone)


def starttls_tls10():
    phone = Doorphone(NAME, 587)
    phone.reply()
    phone.ehlo()
    try:
        phone.starttls(context(newest="TLS 1.0"))
    except ssl.SSLError:
        phone.close()


def ssl_465(keylog):
    phone = Doorphone(NAME, 465)
    phone.tls(context(newest="TLS 1.2", keylog=keylog), server_side=False)
    phone.reply()
    sign_in_and_send(phone)


STEPS = {
    1: (
        ["> AUTH CRAM-MD5", f"< 535 CRAM-MD5 not supported for {NAME}"],
        lambda lab: lab.device(plain, 587),
    ),
    2: (
        [
            "> STARTTLS",
            "= tls.handshake.type == 1 && tls.handshake.version == 0x0301",
            "= tls.alert_message.desc == 70 && tcp.srcport == 587",
        ],
        lambda lab: lab.device(starttls_tls10),
    ),
    3: (
        [
            "= tls.handshake.type == 2 && tls.handshake.version == 0x0303 && tcp.srcport == 465",
            '= smtp.response.code == 250 && smtp.rsp.parameter contains "queued as" '
            "&& tcp.srcport == 465",
        ],
        lambda lab: lab.device(ssl_465, lab.keylog),
    ),
    4: (
        ["> AUTH LOGIN", "< 235 2.7.0", "< 250 2.0.0 Ok: queued"],
        lambda lab: lab.device(plain, 587),
    ),
}


def make(make_file, purpose, *wanted, change=None, proofs=None, keylog=True):
    """change(lab) rewrites the finished capture.pcap; proofs: what it shows then, if not all."""
    with Lab(make_file) as lab:
        lab.secret(PASSWORD)
        lab.dns({NAME: SERVER})
        deciding = []
        first = lab.scripted(cram_md5_server, 587) if 1 in wanted else None
        if first is None:
            postfix(lab)
        parts = []
        for number in wanted:
            lines, run = STEPS[number]
            if number > 1 and first:
                lab.stop(first)
                first = None
                postfix(lab)
            parts.append(lab.capture(name=f"part{number}.pcap"))
            run(lab)
            lab.end_capture()
            deciding += lines
        lab.join(parts, 240)  # a person needs some minutes for each change of the settings
        lab.used(
            "doorphone client (tests/pcaps/lib/doorphone.py, OpenSSL "
            + ssl.OPENSSL_VERSION.split()[1]
            + ")"
        )
        if change:
            change(lab)
        lab.done(purpose, proofs or deciding, keep_keylog=keylog and 3 in wanted)


def wrap(kind):
    """The same capture in a link type or encapsulation of tests/property/wrap.py."""
    program = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../property/wrap.py")
    return lambda lab: _rewritten(lab, "python3", program, kind, "capture.pcap", "changed.pcap")


def one_sided(lab):
    """What the device receives alone."""
    _rewritten(lab, "tcpdump", "-r", "capture.pcap", "-w", "changed.pcap", f"dst host {DEVICE}")


def with_loss(seed, percent=5):
    """That many of the frames are missing, the same ones each time."""
    def change(lab):
        total = len(sh("tshark", "-n", "-r", os.path.join(lab.work, "capture.pcap")).splitlines())
        lost = [str(n) for n in range(1, total + 1)
                if random.Random(f"{seed}.{n}").random() * 100 < percent]
        _rewritten(lab, "editcap", "-F", "pcap", "capture.pcap", "changed.pcap", *lost)
        lab.used(f"frames {' '.join(lost)} removed")
    return change


def _rewritten(lab, *argv):
    sh(*argv, cwd=lab.work)
    os.replace(os.path.join(lab.work, "changed.pcap"), os.path.join(lab.work, "capture.pcap"))


def postfix(lab):
    lab.postfix(
        "smtpd_tls_protocols = >=TLSv1.2",
        auth="cyrus",
        mechs="LOGIN PLAIN",
        name=NAME,
        ports=(587, 465),
    )
