#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Makes the certificates of test_chain.c anew: make_chains.py FOLDER. Needs python3-cryptography 42 or newer.

NAME.pem is a chain as a server sends it, its own certificate first; roots.pem are the roots to judge by.
"""
import datetime
import pathlib
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


def date(year):
    return datetime.datetime(year, 1, 1, tzinfo=datetime.timezone.utc)


def name_of(text):
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example"), x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Party:
    def __init__(self, name, key=None):
        self.name = name_of(name)
        self.key = key or ec.generate_private_key(ec.SECP256R1())


def certificate(subject, issuer, start=2020, end=2040, ca=True, usage=ExtendedKeyUsageOID.SERVER_AUTH, digest=None, below=None):
    builder = (x509.CertificateBuilder().subject_name(subject.name).issuer_name(issuer.name).public_key(subject.key.public_key())
               .serial_number(x509.random_serial_number()).not_valid_before(date(start)).not_valid_after(date(end))
               .add_extension(x509.BasicConstraints(ca, below), True))
    if not ca:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), False)
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("smtp.example.jp")]), False)
    return builder.sign(issuer.key, digest or hashes.SHA256())


def main():
    folder = pathlib.Path(sys.argv[1])
    root, new_root, old_root, dead_root, middle, new_middle = (Party(n) for n in ("Root", "New Root", "Old Root", "Dead Root", "Middle", "New Middle"))
    server, rogue = Party("smtp.example.jp"), Party("Root")
    short = Party("smtp.example.jp", rsa.generate_private_key(65537, 1024))
    middle_cert = certificate(middle, root)
    leaf = certificate(server, middle, ca=False)
    dead = certificate(dead_root, dead_root, end=2025)
    chains = {
        "roots": [certificate(root, root), certificate(new_root, new_root), dead],
        "trusted": [leaf, middle_cert],
        "with-root": [leaf, middle_cert, certificate(root, root)],
        "no-middle": [leaf],
        "gap": [leaf, certificate(old_root, old_root)],
        "not-issuer": [certificate(server, new_middle, ca=False), certificate(new_middle, root, ca=False)],
        "too-deep": [certificate(server, new_middle, ca=False), certificate(new_middle, middle), certificate(middle, root, below=0)],
        "unknown-root": [certificate(server, old_root, ca=False), certificate(old_root, old_root)],
        "self-signed": [certificate(server, server, ca=False)],
        "cross-signed": [certificate(server, new_root, ca=False), certificate(new_root, old_root)],
        "root-expires-2025": [certificate(server, dead_root, ca=False)],
        "link-expires-2025": [leaf, certificate(middle, root, end=2025)],
        "for-clients": [certificate(server, root, ca=False, usage=ExtendedKeyUsageOID.CLIENT_AUTH)],
        "short-key": [certificate(short, root, ca=False)],
        "wrong-signature": [certificate(server, rogue, ca=False)],
    }
    for name, chain in chains.items():
        (folder / (name + ".pem")).write_bytes(b"".join(c.public_bytes(serialization.Encoding.PEM) for c in chain))
    (folder / "root.der").write_bytes(chains["roots"][0].public_bytes(serialization.Encoding.DER))
    revoked = (x509.CertificateRevocationListBuilder().issuer_name(root.name).last_update(date(2020)).next_update(date(2040))
               .sign(root.key, hashes.SHA256()))
    (folder / "revoked-only.pem").write_bytes(revoked.public_bytes(serialization.Encoding.PEM))


main()
