# SPDX-License-Identifier: BSD-3-Clause
"""A certificate authority of the lab and certificates made by it."""
import os

from net import sh


class Authority:
    def __init__(self, folder, name="Lab Root CA"):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        self.key = os.path.join(folder, "ca.key")
        self.cert = os.path.join(folder, "ca.pem")
        sh("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha256", "-days", "3650",
           "-keyout", self.key, "-out", self.cert, "-subj", f"/O=Mail Lab/CN={name}")

    def certificate(self, name, alt=None, days=825, rsa=True, tag=None, start=None, end=None):
        """Returns (certificate with chain, key). start, end: YYYYMMDDHHMMSSZ, for expired ones."""
        base = os.path.join(self.folder, tag or name)
        kind = ["rsa:2048"] if rsa else ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        sh("openssl", "req", "-newkey", *kind, "-nodes", "-keyout", base + ".key", "-out",
           base + ".csr", "-subj", f"/CN={name}")
        names = ",".join("DNS:" + each for each in (alt or [name]))
        with open(base + ".ext", "w", encoding="utf-8") as file:
            file.write(f"basicConstraints=CA:FALSE\nsubjectAltName={names}\n"
                       "extendedKeyUsage=serverAuth,clientAuth\n")
        if start or end:
            self._dated(base, start or "20200101000000Z", end or "20210101000000Z")
        else:
            sh("openssl", "x509", "-req", "-in", base + ".csr", "-CA", self.cert, "-CAkey",
               self.key, "-CAcreateserial", "-days", str(days), "-sha256", "-extfile",
               base + ".ext", "-out", base + ".crt")
        with open(base + ".pem", "w", encoding="utf-8") as chain:
            for part in (base + ".crt", self.cert):
                with open(part, encoding="utf-8") as file:
                    chain.write(file.read())
        return base + ".pem", base + ".key"

    def issuer(self, name, start, end):
        """An authority below this one that was, or will be, valid in that time."""
        below = Authority(os.path.join(self.folder, name.replace(" ", "-")), name)
        base = os.path.join(below.folder, "below")
        sh("openssl", "x509", "-x509toreq", "-in", below.cert, "-signkey", below.key, "-out",
           base + ".csr")
        with open(base + ".ext", "w", encoding="utf-8") as file:
            file.write("basicConstraints=critical,CA:TRUE\n")
        self._dated(base, start, end)
        os.replace(base + ".crt", below.cert)
        return below

    def _dated(self, base, start, end):
        with open(base + ".db", "w", encoding="utf-8"):
            pass
        with open(base + ".cnf", "w", encoding="utf-8") as file:
            file.write("[ca]\ndefault_ca=d\n[d]\n"
                       f"database={base}.db\nrand_serial=yes\nnew_certs_dir={self.folder}\n"
                       "default_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\n")
        sh("openssl", "ca", "-batch", "-config", base + ".cnf", "-cert", self.cert, "-keyfile",
           self.key, "-in", base + ".csr", "-out", base + ".crt", "-startdate", start, "-enddate",
           end, "-extfile", base + ".ext", "-notext")


def self_signed(folder, name, days=825):
    os.makedirs(folder, exist_ok=True)
    base = os.path.join(folder, "self-" + name)
    sh("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha256", "-days", str(days),
       "-keyout", base + ".key", "-out", base + ".pem", "-subj", f"/CN={name}",
       "-addext", f"subjectAltName=DNS:{name}")
    return base + ".pem", base + ".key"
