# SPDX-License-Identifier: BSD-3-Clause
"""What captures of TLS need beyond the lab: devices with TLS settings, bare TLS servers, and one
side of a conversation said byte by byte.

    with TlsLab(__file__) as lab:
        cert, key = lab.ca.certificate("smtp.example.jp")
        ...
        lab.python_device(port=587, tls="starttls", max="1.0")

Debian packages beside those of the lab: openssl gnutls-bin stunnel4 nginx-light openssh-server
openssh-client dovecot-imapd dovecot-pop3d faketime libmbedtls-dev gcc openjdk-17-jdk-headless curl.
"""
import os
import re
import select
import socket
import subprocess
import time

import certs
from lab import SERVER, SERVER6, Lab, LabError
from net import sh

HERE = os.path.dirname(os.path.realpath(__file__))
PYTHON = "/usr/bin/python3"
NAME = "smtp.example.jp"


OLD = "DEFAULT:@SECLEVEL=0"


def postfix_tls(protocols=">=TLSv1.2", ciphers=None, *more):
    """main.cf lines: versions and an OpenSSL cipher list for STARTTLS and 465 alike."""
    lines = [f"smtpd_tls_protocols = {protocols}", f"smtpd_tls_mandatory_protocols = {protocols}"]
    if ciphers:
        lines += [f"tls_medium_cipherlist = {ciphers}", "smtpd_tls_ciphers = medium",
                  "smtpd_tls_mandatory_ciphers = medium", "tls_preempt_cipherlist = no"]
    return lines + list(more)


def version(*argv, pattern=r"[0-9]+\.[0-9]+(\.[0-9]+)?[a-z0-9]*"):
    found = re.search(pattern, sh(*argv, check=False))
    return found.group(0) if found else "?"


class TlsLab(Lab):
    delivers = ("ok-tls", "tls-version-old", "tls-cipher-weak", "cert-problem-ignored",
                "cert-expires-soon")  # causes whose devices must have got their mail through
    through = False

    def run(self, *argv, **more):
        done = super().run(*argv, **more)
        self.through = done.returncode == 0
        return done

    def done(self, purpose, deciding, **more):
        if self.case.split(os.sep)[-2] in self.delivers and not self.through:
            raise LabError("the device did not get its mail through")
        super().done(purpose, deciding, **more)

    @property
    def ca(self):
        """The authority that the devices of the case know."""
        return self.authority()

    def certificate(self, name=NAME, ca=None, usage=None, **more):
        """A certificate and a key that daemons may read after they gave up root."""
        ca = ca or self.ca
        chain, key = ca.certificate(name, **more)
        os.chmod(key, 0o644)
        if usage:
            self._usage(ca, chain[:-4], usage)
        return chain, key

    @staticmethod
    def _usage(ca, base, usage):
        """Signs once more, with another purpose."""
        with open(base + ".ext", encoding="utf-8") as file:
            text = re.sub("extendedKeyUsage=.*", "extendedKeyUsage=" + usage, file.read())
        with open(base + ".ext", "w", encoding="utf-8") as file:
            file.write(text)
        sh("openssl", "x509", "-req", "-in", base + ".csr", "-CA", ca.cert, "-CAkey", ca.key,
           "-CAcreateserial", "-days", "825", "-extfile", base + ".ext", "-out", base + ".pem")

    def exim(self, config="", ports=(25, 587), cert=None):
        """Exim that throws all mail away; with a certificate it offers STARTTLS (465: TLS)."""
        if not cert:
            config = "tls_advertise_hosts =\n" + config
        else:
            config = (f"tls_advertise_hosts = *\ntls_on_connect_ports = 465\n"
                      f"tls_certificate = {cert[0]}\ntls_privatekey = {cert[1]}\n" + config)
        super().exim("acl_smtp_rcpt = accept\n" + config + "\nbegin routers\nall:\n"
                     "  driver = redirect\n  data = :blackhole:\n", ports=ports)

    def other_ca(self, name="Some Other CA"):
        """An authority that no device knows, or one for client certificates."""
        return certs.Authority(os.path.join(self.work, name.replace(" ", "-")), name)

    def log_has(self, text, name="spawn.log"):
        with open(os.path.join(self.work, name), encoding="utf-8", errors="replace") as file:
            return text in file.read()

    def opensmtpd(self, *listen, ports=(25, 587), cert=None):
        """OpenSMTPD that queues all mail for nobody; listen: what follows the addresses."""
        pki = f'pki lab cert "{cert[0]}"\npki lab key "{cert[1]}"\n' if cert else ""
        if cert:
            os.chmod(cert[1], 0o600)  # it wants a key that only root may read
        super().opensmtpd(pki + "".join(f"listen on 0.0.0.0 {line}\n" for line in listen)
                          + "action ok relay host smtp://127.0.0.1:9\n"
                          "match from any for any action ok", ports=ports)

    def revoked(self, chain):
        """A list of the lab's authority that revokes that certificate; returns its file."""
        base = os.path.join(self.ca.folder, "crl")
        for name, text in ((".db", ""), (".num", "01\n"), (".cnf", "[ca]\ndefault_ca=d\n[d]\n"
                           f"database={base}.db\ncrlnumber={base}.num\ndefault_md=sha256\n"
                           "default_crl_days=30\n")):
            with open(base + name, "w", encoding="utf-8") as file:
                file.write(text)
        ca = ["openssl", "ca", "-config", base + ".cnf", "-cert", self.ca.cert, "-keyfile",
              self.ca.key]
        sh(*ca, "-revoke", chain[:-4] + ".crt")
        sh(*ca, "-gencrl", "-out", base + ".pem")
        return base + ".pem"

    def dh_group(self, bits):
        path = os.path.join(self.cache, f"dh{bits}.pem")
        if not os.path.exists(path):
            sh("openssl", "dhparam", "-out", path + ".new", str(bits))
            os.rename(path + ".new", path)
        return path

    # Servers
    def openssl_server(self, port, *args, greeting=None, cert=None, key=None):
        """`openssl s_server`; with a greeting it says that line first, inside the session."""
        self.used("server OpenSSL " + version("openssl", "version") + " s_server")
        words = ["openssl", "s_server", "-quiet", "-accept", str(port), *args]
        if cert:
            words += ["-cert", cert, "-cert_chain", cert, "-key", key]
        feed = f"printf '%s\\r\\n' '{greeting}'; sleep 60" if greeting else "sleep 60"
        child = self.spawn("server", ["sh", "-c", f'({feed}) | exec "$@"', "sh", *words])
        self.net.wait_listening("server", port)
        return child

    def gnutls_server(self, port, priority, cert, key, *args):
        self.used("server GnuTLS " + version("gnutls-serv", "--version") + " gnutls-serv")
        child = self.spawn("server", ["gnutls-serv", "--echo", "-p", str(port), "--priority",
                                      priority, "--x509certfile", cert, "--x509keyfile", key,
                                      "--disable-client-cert", *args])
        self.net.wait_listening("server", port)
        return child

    def stunnel(self, port, target, cert, key, *lines, protocol=None):
        """stunnel, as it stands before mail servers that know no TLS themselves."""
        self.used("server stunnel " + version("stunnel4", "-version"))
        path = os.path.join(self.work, f"stunnel{port}.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"foreground=yes\npid=\n[mail]\naccept={SERVER}:{port}\n"
                       f"connect={target}\ncert={cert}\nkey={key}\n"
                       + (f"protocol={protocol}\n" if protocol else "")
                       + "".join(line + "\n" for line in lines))
        child = self.spawn("server", ["stunnel4", path])
        self.net.wait_listening("server", port)
        return child

    def nginx(self, port, cert=None, key=None):
        self.used("server nginx " + version("nginx", "-v"))
        path = os.path.join(self.work, f"nginx{port}.conf")
        tls = f"ssl_certificate {cert}; ssl_certificate_key {key};" if cert else ""
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"daemon off; pid {path}.pid; error_log {path}.log; events {{}}\n"
                       f"http {{ access_log off; server {{ listen {port}{' ssl' if cert else ''};"
                       f" {tls} location / {{ return 200 'hello'; }} }} }}\n")
        self.spawn("server", ["nginx", "-c", path, "-e", path + ".log"])
        self.net.wait_listening("server", port)

    def sshd(self, port):
        self.used("server OpenSSH " + version("ssh", "-V"))
        key = os.path.join(self.work, "ssh_host_key")
        sh("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
        os.makedirs("/run/sshd", exist_ok=True)
        self.spawn("server", ["/usr/sbin/sshd", "-D", "-f", "/dev/null", "-h", key, "-p",
                              str(port), "-o", f"PidFile={self.work}/sshd.pid"])
        self.net.wait_listening("server", port)

    def scripted_server(self, port, *steps, addr=SERVER):
        """A server that says what the steps of tls-script.py say, to one connection."""
        child = self.spawn("server", [PYTHON, f"{HERE}/tls-script.py", "listen", addr, str(port),
                                      *steps])
        self.net.wait_listening("server", port)
        return child

    def relay(self, port, edit):
        """A firewall's mail proxy on the router: edit(from_server, bytes) returns what goes on,
        or a pair (goes on, is answered to the sender)."""
        self.used("router: rewriting relay (tests/pcaps/lib/tls.py)")
        for rule in ("add table ip lab", "add chain ip lab pre { type nat hook prerouting "
                     "priority -100; }", f"add rule ip lab pre iifname lan0 tcp dport {port} "
                     "redirect to :1025"):
            self.net.run("router", "nft", rule)
        child = self.fork("router", relay, port, edit)
        self.net.wait_listening("router", 1025)
        return child

    # Devices
    def as_device(self, address):
        """What follows is said from another address of the household."""
        self.net.run("device", "ip", "addr", "replace", address + "/24", "dev", "eth0")
        self.net.run("device", "ip", "route", "replace", "default", "via", "192.168.11.1", "src",
                     address)

    def scripted_device(self, port, *steps, addr=SERVER, ok=(0, 1)):
        return self.run(PYTHON, f"{HERE}/tls-script.py", "connect", addr, str(port), *steps,
                        ok=ok)

    def python_device(self, port, tls="starttls", ok=(0, 1), addr=SERVER, **options):
        """tls-device.py; options are its options with _ for -, True for a bare one."""
        self.used("device Python " + version(PYTHON, "--version") + " smtplib, OpenSSL "
                  + version("openssl", "version"))
        argv = [PYTHON, f"{HERE}/tls-device.py", "--server", addr, "--port", str(port), "--tls",
                tls]
        for word, value in options.items():
            argv += ["--" + word.replace("_", "-")]
            argv += [] if value is True else [str(value)]
        return self.run(*argv, ok=ok)

    def mbed_device(self, port, tls="starttls", name=NAME, ok=(0, 1, -14), addr=SERVER, env=None,
                    faketime=None, **settings):
        """A device on mbed TLS; the settings are those of tls-mbed.c."""
        self.used("device mbed TLS " + version("dpkg-query", "-W", "libmbedtls-dev"))
        program = os.path.join(self.cache, "tls-mbed")
        source = f"{HERE}/tls-mbed.c"
        if not os.path.exists(program) or os.path.getmtime(program) < os.path.getmtime(source):
            sh("gcc", "-O1", "-Wall", "-o", program, source, "-lmbedtls", "-lmbedx509",
               "-lmbedcrypto")
        argv = [program, addr, str(port), tls, name]
        argv += [f"{word}={value}" for word, value in settings.items()]
        return self.run(*(["faketime", "-f", faketime] if faketime else []), *argv, ok=ok, env=env)

    def java_device(self, port, tls="starttls", name=NAME, roots=None, protocols="", alpn=None,
                    ok=(0, 1), options=()):
        self.used("device Java " + version("java", "-version") + " JSSE")
        store = "-"
        if roots:
            store = os.path.join(self.work, "roots.p12")
            sh("keytool", "-importcert", "-noprompt", "-alias", "root", "-file", roots,
               "-keystore", store, "-storetype", "PKCS12", "-storepass", "changeit")
        return self.run("java", *options, f"{HERE}/TlsDevice.java", SERVER, str(port), tls, name,
                        store, protocols, *([alpn] if alpn else []), ok=ok)

    def openssl_device(self, port, *args, lines=(), ok=None, addr=SERVER, faketime=None,
                       starttls=False):
        """`openssl s_client`; the lines are said one after another, each when it was answered."""
        self.used("device OpenSSL " + version("openssl", "version") + " s_client")
        target = f"[{addr}]:{port}" if ":" in addr else f"{addr}:{port}"
        argv = ["openssl", "s_client", "-connect", target, "-quiet", "-nocommands", "-crlf"]
        argv += ["-starttls", "smtp", "-name", "doorphone"] if starttls else []
        argv = (["faketime", "-f", faketime] if faketime else []) + argv
        return self.talk([*argv, *args], lines, greeting=not starttls)

    def typed_openssl(self, port, *args, lines=()):
        """s_client with its own commands on (R starts a new handshake, Q leaves), as typed."""
        self.used("device OpenSSL " + version("openssl", "version") + " s_client")
        return self.talk(["openssl", "s_client", "-connect", f"{SERVER}:{port}", "-crlf", *args],
                         lines, greeting="-starttls" not in args, seconds=4)

    def gnutls_device(self, port, priority="NORMAL", *args, lines=(), starttls=False,
                      faketime=None):
        self.used("device GnuTLS " + version("gnutls-cli", "--version") + " gnutls-cli")
        argv = ["gnutls-cli", "-p", str(port), "--priority", priority, "--crlf"]
        argv += ["--starttls-proto", "smtp"] if starttls else []
        argv = (["faketime", "-f", faketime] if faketime else []) + argv
        return self.talk([*argv, *args, SERVER], lines, greeting=not starttls)

    def talk(self, argv, lines, greeting=True, seconds=10, role="device"):
        """Runs a program that connects standard input and output to the server."""
        child = subprocess.Popen(self.net.argv(role, argv), stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 env={**os.environ, "SSLKEYLOGFILE": self.keylog})
        self.children.append(child)
        heard = b""
        due = b"" if greeting else None
        try:
            for line in lines:
                if due is not None:
                    heard += self._reply(child, seconds)
                for part in line.split("\n"):
                    child.stdin.write(part.encode() + b"\n")
                    child.stdin.flush()
                    time.sleep(0.1)  # gnutls-cli takes one line of what it reads
                due = b""
            if lines:
                heard += self._reply(child, seconds)
                child.stdin.close()
            heard += self._rest(child, seconds)
        except BrokenPipeError:
            heard += self._rest(child, seconds)
        if os.environ.get("MAILWHY_LAB_VERBOSE"):
            print(heard.decode("utf-8", "replace"))
        self.through = b"queued" in heard or b"OK id=" in heard
        return heard.decode("utf-8", "replace")

    @staticmethod
    def _reply(child, seconds):
        """Reads until the last line of an SMTP reply, the end, or the time is up."""
        heard, end = b"", time.monotonic() + seconds
        while time.monotonic() < end:
            if select.select([child.stdout], [], [], 0.1)[0]:
                got = os.read(child.stdout.fileno(), 65536)
                heard += got
                if not got:
                    return heard
            if re.search(rb"(?:^|\n)[2-5][0-9]{2} [^\n]*\n$", heard):
                return heard
        return heard

    def _rest(self, child, seconds):
        try:
            return child.communicate(timeout=seconds)[0] or b""
        except ValueError:
            heard = child.stdout.read()
            child.wait(timeout=seconds)
            return heard
        except subprocess.TimeoutExpired:
            self.stop(child)
            return child.stdout.read()


def relay(port, edit):
    listener = socket.create_server(("", 1025))
    while True:
        device, _ = listener.accept()
        server = socket.create_connection((SERVER, port))
        other = {device: server, server: device}
        while True:
            ready = select.select([device, server], [], [], 30)[0]
            data = ready[0].recv(65536) if ready else b""
            if not data:
                break
            on = edit(ready[0] is server, data)
            on, back = on if isinstance(on, tuple) else (on, b"")
            other[ready[0]].sendall(on)
            ready[0].sendall(back)
        device.close()
        server.close()


MAIL = ("EHLO doorphone", "MAIL FROM:<camera@example.jp>", "RCPT TO:<admin@example.jp>", "DATA",
        "From: camera@example.jp\nSubject: ring\n\nSomebody rang.\n.", "QUIT")

__all__ = ["HERE", "MAIL", "NAME", "OLD", "PYTHON", "SERVER", "SERVER6", "LabError",
           "TlsLab", "postfix_tls", "sh", "version"]
