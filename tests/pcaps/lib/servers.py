# SPDX-License-Identifier: BSD-3-Clause
"""Mail and name servers in the server's namespace, each with its own configuration and queue.

Postfix and Dovecot are the installed ones. Exim and OpenSMTPD cannot be installed beside Postfix:
their packages are unpacked into the lab's cache and laid over /usr in a mount namespace.
"""
import fcntl
import glob
import os
import time

import certs
from net import LabError, sh, wait_for
from scripted import serve

USER = "door@plala.or.jp"
PASSWORD = "Tulip-7315-gate"


class Servers:
    """Mixed into Lab; uses its work folder, namespaces and process list."""

    # Packages that are only unpacked
    def unpacked(self, *packages):
        """Returns a folder in which the given Debian packages are unpacked."""
        root = os.path.join(self.cache, "root-" + packages[0])
        with open(root + ".lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # several captures may be made at the same time
            if not os.path.exists(os.path.join(root, ".complete")):
                debs = os.path.join(self.cache, "debs-" + packages[0])
                os.makedirs(debs, exist_ok=True)
                os.makedirs(root, exist_ok=True)
                sh("apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", *packages,
                   cwd=debs)
                for deb in glob.glob(os.path.join(debs, "*.deb")):
                    sh("dpkg", "-x", deb, root)
                with open(os.path.join(root, ".complete"), "w", encoding="ascii"):
                    pass
        return root

    def package_version(self, name, package, unpacked=None):
        if unpacked:
            deb = glob.glob(os.path.join(self.cache, f"debs-{unpacked}", package + "_*.deb"))[0]
            version = sh("dpkg-deb", "-f", deb, "Version").strip()
        else:
            version = sh("dpkg-query", "-W", "-f", "${Version}", package, check=False).strip()
        self.used(f"{name} {version}")

    # Certificates
    def authority(self):
        if not hasattr(self, "_authority"):
            self._authority = certs.Authority(os.path.join(self.work, "certs"))
        return self._authority

    def certificate(self, name="secure.plala.or.jp", **more):
        return self.authority().certificate(name, **more)

    # Names
    def dns(self, names, extra=(), role="router"):
        """dnsmasq on the router: {"smtp.example.jp": "203.0.113.25"}; other names: NXDOMAIN."""
        argv = ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv",
                "--no-hosts", "--user=root", "--pid-file=", "--local=/#/", "--local-ttl=300"]
        for name, addresses in names.items():
            each = addresses if isinstance(addresses, (list, tuple)) else [addresses]
            argv += [f"--host-record={name},{','.join(each)}"]
        self.spawn(role, argv + list(extra))
        self.net.wait_listening(role, 53, udp=True)
        self.package_version("dnsmasq", "dnsmasq-base")

    # Users
    def sasldb(self, users):
        path = os.path.join(self.work, "sasldb2")
        for address, password in users.items():
            user, _, realm = address.partition("@")
            sh("saslpasswd2", "-f", path, "-c", "-p", "-u", realm, user, input=password)
        sh("chown", "postfix", path)  # libsasl2 opens it for writing, to read it
        return path

    # Postfix
    def postfix(self, *main, auth=None, mechs="PLAIN LOGIN CRAM-MD5", users=None, cert=None,
                ports=(25, 587, 465), tls=True, name="secure.plala.or.jp", services=None,
                auth_extra=""):
        """Starts a Postfix of its own. main: further main.cf lines. auth: "cyrus", "dovecot".

        Mail for anybody is taken from signed-in users and for plala.or.jp and example.jp from
        all, and thrown away. auth_extra: more lines for dovecot.conf. services: {port: ["-o smtpd_...=..."]} adds to master.cf.
        """
        base = os.path.join(self.work, "postfix")
        for folder in ("etc", "queue", "data"):
            os.makedirs(os.path.join(base, folder))
        sh("chown", "postfix", os.path.join(base, "data"))
        lines = [
            "compatibility_level = 3.6", f"queue_directory = {base}/queue",
            f"data_directory = {base}/data", f"maillog_file = {base}/log",
            f"maillog_file_prefixes = {base}", f"myhostname = {name}", "mydestination =",
            "inet_interfaces = all", "mynetworks = 127.0.0.1/32", "alias_maps =",
            "inet_protocols = " + ("all" if self.net.ipv6 else "ipv4"),
            "relay_domains = plala.or.jp, example.jp", "relay_transport = discard:ok",
            "default_transport = discard:ok", "relay_recipient_maps =", "smtputf8_enable = no",
            "disable_dns_lookups = yes", "smtpd_peername_lookup = no", "biff = no",
            "smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, "
            "reject_unauth_destination",
        ]
        if tls:
            chain, key = cert or self.certificate(name)
            lines += [f"smtpd_tls_cert_file = {chain}", f"smtpd_tls_key_file = {key}",
                      "smtpd_tls_security_level = may"]
        lines += self._postfix_auth(auth, mechs, users or {USER: PASSWORD}, auth_extra)
        with open(f"{base}/etc/main.cf", "w", encoding="utf-8") as file:
            file.write("\n".join([*lines, *main]) + "\n")
        self._master(base, ports, services or {})
        try:
            self.net.run("server", "postfix", "-c", f"{base}/etc", "start")
            for port in ports:
                self.net.wait_listening("server", port)
        except LabError as error:
            raise LabError(f"{error}\n{self.postfix_log()}") from None
        self.package_version("Postfix", "postfix")

    def postfix_log(self):
        try:
            with open(f"{self.work}/postfix/log", encoding="utf-8") as file:
                return file.read()
        except OSError:
            return "(no log)"

    def postfix_set(self, *main):
        """Changes main.cf of the running Postfix."""
        base = f"{self.work}/postfix/etc"
        sh("postconf", "-c", base, "-e", *main)
        self.net.run("server", "postfix", "-c", base, "reload")
        time.sleep(1.0)

    def _postfix_auth(self, auth, mechs, users, extra):
        if not auth:
            return ["smtpd_sasl_auth_enable = no"]
        lines = ["smtpd_sasl_auth_enable = yes", "broken_sasl_auth_clients = no",
                 "smtpd_sasl_security_options = noanonymous", "smtpd_tls_auth_only = no"]
        if auth == "dovecot":
            self.dovecot(users, mechs.lower(), extra=extra)
            return lines + ["smtpd_sasl_type = dovecot",
                            f"smtpd_sasl_path = {self.work}/dovecot/auth-postfix"]
        folder = os.path.join(self.work, "postfix", "etc", "sasl")  # where Debian's Postfix looks
        os.makedirs(folder)
        with open(f"{folder}/smtpd.conf", "w", encoding="utf-8") as file:
            file.write("pwcheck_method: auxprop\nauxprop_plugin: sasldb\n"
                       f"mech_list: {mechs}\nsasldb_path: {self.sasldb(users)}\n")
        self.package_version("Cyrus SASL", "libsasl2-2")
        return lines + ["smtpd_sasl_type = cyrus", "smtpd_sasl_path = smtpd"]

    def _master(self, base, ports, services):
        rows = []
        for port in ports:
            options = list(services.get(port, []))
            if port == 465:
                options.append("-o smtpd_tls_wrappermode=yes")
            rows.append(f"{port} inet n - n - - smtpd " + " ".join(options))
        for row in ("pickup unix n - n 60 1 pickup", "cleanup unix n - n - 0 cleanup",
                    "qmgr unix n - n 300 1 qmgr", "tlsmgr unix - - n 1000? 1 tlsmgr",
                    "rewrite unix - - n - - trivial-rewrite", "bounce unix - - n - 0 bounce",
                    "defer unix - - n - 0 bounce", "trace unix - - n - 0 bounce",
                    "verify unix - - n - 1 verify", "flush unix n - n 1000? 0 flush",
                    "proxymap unix - - n - - proxymap", "smtp unix - - n - - smtp",
                    "relay unix - - n - - smtp", "showq unix n - n - - showq",
                    "error unix - - n - - error", "retry unix - - n - - error",
                    "discard unix - - n - - discard", "local unix - n n - - local",
                    "anvil unix - - n - 1 anvil", "scache unix - - n - 1 scache",
                    "postlog unix-dgram n - n - 1 postlogd"):
            rows.append(row)
        with open(f"{base}/etc/master.cf", "w", encoding="utf-8") as file:
            file.write("\n".join(rows) + "\n")

    # Dovecot: signing in for Postfix, its own submission server, POP3
    def dovecot(self, users, mechs="plain login cram-md5", protocols="", extra="", ssl=None):
        base = os.path.join(self.work, "dovecot")
        os.makedirs(base)
        with open(f"{base}/users", "w", encoding="utf-8") as file:
            for address, password in users.items():
                file.write(f"{address}:{{PLAIN}}{password}:dovecot:dovecot::{base}/mail\n")
        tls = f"ssl = yes\nssl_cert = <{ssl[0]}\nssl_key = <{ssl[1]}\n" if ssl else "ssl = no\n"
        with open(f"{base}/dovecot.conf", "w", encoding="utf-8") as file:
            file.write(f"""base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
instance_name = lab{os.getpid()}
protocols = {protocols}
listen = *
auth_mechanisms = {mechs}
auth_failure_delay = 0
disable_plaintext_auth = no
mail_location = mbox:{base}/mail
first_valid_uid = 1
default_login_user = dovecot
default_internal_user = dovecot
default_internal_group = dovecot
{tls}passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {base}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {base}/users
}}
service auth {{
  unix_listener {base}/auth-postfix {{
    mode = 0666
  }}
}}
service anvil {{
  chroot =
}}
{extra}
""")
        self.spawn("server", ["dovecot", "-F", "-c", f"{base}/dovecot.conf"],
                   log=f"{base}/spawn.log")
        try:
            wait_for("dovecot", lambda: os.path.exists(f"{base}/auth-postfix"))
        except LabError as error:
            raise LabError(f"{error}\n{open(f'{base}/spawn.log').read()}") from None
        self.package_version("Dovecot", "dovecot-core")

    # Exim
    def exim(self, config, ports=(25, 587)):
        """config: everything below the main section's fixed lines (its begin sections too)."""
        root = self.unpacked("exim4-daemon-light", "exim4-base")
        base = os.path.join(self.work, "exim")
        os.makedirs(base)
        sh("chown", "mail:mail", base)
        path = os.path.join(base, "exim.conf")
        main, _, sections = config.partition("begin ")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"exim_user = mail\nexim_group = mail\nspool_directory = {base}/spool\n"
                       f"log_file_path = {base}/log-%slog\npid_file_path = {base}/pid\n"
                       f"primary_hostname = mail.example.jp\nhost_lookup =\n"
                       "keep_environment =\nrfc1413_query_timeout = 0s\n"
                       f"daemon_smtp_ports = {' : '.join(map(str, ports))}\n"
                       f"{main}\n{'begin ' if sections else ''}{sections}\n")
        self._exim_user("server")
        self.spawn("server", ["exim4", "-C", path, "-bdf"], overlay=root, log=f"{base}/spawn.log")
        try:
            for port in ports:
                self.net.wait_listening("server", port)
        except LabError as error:
            raise LabError(f"{error}\n{open(f'{base}/spawn.log').read()}") from None
        self.package_version("Exim", "exim4-daemon-light", "exim4-daemon-light")

    def _exim_user(self, role):
        user = "Debian-exim:x:8:8::/var/mail:/usr/sbin/nologin\n"
        with open("/etc/passwd", encoding="utf-8") as file:
            self.net.etc(role, "passwd", file.read() + user)
        with open("/etc/group", encoding="utf-8") as file:
            self.net.etc(role, "group", file.read() + "Debian-exim:x:8:\n")

    def exim_send(self, mail, recipients, port, *transport, host="203.0.113.25"):
        """Sends by Exim on the device; transport: more lines for its smtp transport."""
        root = self.unpacked("exim4-daemon-light", "exim4-base")
        base = os.path.join(self.work, "exim-device")
        os.makedirs(base)
        sh("chown", "mail:mail", base)
        path = os.path.join(base, "exim.conf")
        more = "\n  ".join(transport)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"""exim_user = mail
exim_group = mail
spool_directory = {base}/spool
log_file_path = {base}/log-%slog
primary_hostname = doorphone
keep_environment =
begin routers
all:
  driver = manualroute
  route_list = * {host} byname
  transport = out
begin transports
out:
  driver = smtp
  port = {port}
  {more}
""")
        self._exim_user("device")
        child = self.spawn("device", ["sh", "-c", f"exec exim4 -C {path} -odf -f {USER} "
                                      f"{' '.join(recipients)} < {mail}"],
                           overlay=root, log=f"{base}/spawn.log")
        child.wait(timeout=40)
        self.package_version("Exim", "exim4-daemon-light", "exim4-daemon-light")

    # OpenSMTPD
    def opensmtpd(self, config, users=None, ports=(25, 587)):
        """config: smtpd.conf; the word USERS in it becomes the path of the table of users."""
        root = self.unpacked("opensmtpd")
        base = os.path.join(self.work, "opensmtpd")
        for folder in ("spool/up", "spool/work", "lib/up/opensmtpd/empty", "lib/work"):
            os.makedirs(os.path.join(base, folder))
        with open(f"{base}/users", "w", encoding="utf-8") as file:
            for address, password in (users or {}).items():
                digest = sh("openssl", "passwd", "-6", password).strip()
                file.write(f"{address} {digest}\n")
        path = os.path.join(base, "smtpd.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(config.replace("USERS", f"{base}/users") + "\n")
        empty = "/var/lib/opensmtpd/empty"
        with open("/etc/passwd", encoding="utf-8") as file:
            self.net.etc("server", "passwd", file.read() +
                         f"opensmtpd:x:64001:64001::{empty}:/usr/sbin/nologin\n"
                         f"opensmtpq:x:64002:64002::{empty}:/usr/sbin/nologin\n")
        with open("/etc/group", encoding="utf-8") as file:
            self.net.etc("server", "group",
                         file.read() + "opensmtpd:x:64001:\nopensmtpq:x:64002:\n")
        mounts = " && ".join(
            f"mount -t overlay overlay -o lowerdir=/var/{name},upperdir={base}/{name}/up,"
            f"workdir={base}/{name}/work /var/{name}" for name in ("spool", "lib"))
        prepare = (f"{mounts} && mount -t tmpfs tmpfs /run && mkdir -p /var/spool/smtpd && "
                   'chmod 711 /var/spool/smtpd && exec "$@"')
        self.spawn("server", ["sh", "-c", prepare, "sh", "/usr/sbin/smtpd", "-d", "-f", path],
                   overlay=root, log=f"{base}/spawn.log")
        try:
            for port in ports:
                self.net.wait_listening("server", port)
        except LabError as error:
            raise LabError(f"{error}\n{open(f'{base}/spawn.log').read()}") from None
        self.package_version("OpenSMTPD", "opensmtpd", "opensmtpd")

    # What no real server can be made to say
    def scripted(self, handler, port, address=None, role="server"):
        """handler(conn) talks to each connection in turn; conn is a scripted.Connection."""
        child = self.fork(role, serve, handler, port, address or "")
        self.net.wait_listening(role, port)
        self.used("scripted server (tests/pcaps/lib/scripted.py)")
        return child

