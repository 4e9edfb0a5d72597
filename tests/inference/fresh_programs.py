# SPDX-License-Identifier: BSD-3-Clause
"""The mail programs of the fresh recordings, none of them used while the model was written. Their TLS is told what to speak
by the environment: OPENSSL_CONF and, for GnuTLS, GNUTLS_SYSTEM_PRIORITY_FILE."""
import json
import os
import shutil

from fresh_servers import go_program
from programs import HERE, Program

MAILS = {"delivered", "auth", "sender", "recipient", "message"}
GNUTLS = {"1.3-gcm256": ("TLS1.3", "AES-256-GCM"), "1.3-gcm128": ("TLS1.3", "AES-128-GCM"), "1.3-chacha": ("TLS1.3", "CHACHA20-POLY1305"), "1.2-gcm": ("TLS1.2", "AES-256-GCM"),
          "1.2-gcm128": ("TLS1.2", "AES-128-GCM"), "1.2-chacha": ("TLS1.2", "CHACHA20-POLY1305"), "1.2-cbc": ("TLS1.2", "AES-128-CBC")}
CIPHERS = ["AES-256-GCM", "AES-128-GCM", "CHACHA20-POLY1305", "AES-256-CCM", "AES-128-CCM", "AES-256-CCM-8", "AES-128-CCM-8", "AES-128-CBC", "AES-256-CBC", "CAMELLIA-128-CBC", "CAMELLIA-256-CBC",
           "CAMELLIA-128-GCM", "CAMELLIA-256-GCM", "3DES-CBC"]


def gnutls_file(lab, kind):
    path = os.path.join(lab.work, f"gnutls-{kind}.cnf")
    version, cipher = GNUTLS[kind]
    with open(path, "w", encoding="ascii") as file:
        file.write("[overrides]\n" + "".join(f"disabled-version = {v}\n" for v in ("TLS1.0", "TLS1.1", "TLS1.2", "TLS1.3") if v != version)
                   + "".join(f"tls-disabled-cipher = {c}\n" for c in CIPHERS if c != cipher))
    return path


def on_gnutls(kind):
    return kind in GNUTLS


def on_openssl(kind):
    return not kind.startswith("1.0")


def starttls_only(run):
    def wrapped(lab, c, env):
        run(lab, {**c, "implicit": False, "port": 587}, env)
    return wrapped


def mutt(lab, c, env):
    path = os.path.join(lab.work, "muttrc")
    with open(path, "w", encoding="utf-8") as file:
        user = c["user"].replace("@", "%40") + "@" if c["method"] else ""
        file.write(f"set smtp_url=\"{'smtps' if c['implicit'] else 'smtp'}://{user}{c['name']}:{c['port']}\"\nset smtp_pass=\"{c['password']}\"\nset ssl_force_tls=yes\nset ssl_starttls=yes\n"
                   f"set ssl_ca_certificates_file=\"{c['ca']}\"\nset hostname=\"{c['helo']}\"\nset from=\"{c['sender']}\"\nset use_from=yes\nset use_envelope_from=yes\nset envelope_from_address=\"{c['sender']}\"\n"
                   + (f"set smtp_authenticators=\"{c['method'].lower()}\"\n" if c["method"] else "") + "set copy=no\nset crypt_use_gpgme=no\n"
                   + "".join(f"my_hdr X-{h}\n" for h in c["headers"]))
    body = c["mail"].split("\n\n", 1)[1]
    lab.run("mutt", "-n", "-F", path, "-s", c["subject"], "--", *c["to"], stdin=body, env={**env, "LC_ALL": "C.UTF-8"})


def php(library):
    def run(lab, c, env):
        lab.run("php", f"{HERE}/clients/phpmailer.php", library, json.dumps(c), env=env)
    return run


def go(lab, c, env):
    lab.run(go_program(lab, "gosmtp_client"), json.dumps({key: value or "" if key != "early" and key != "implicit" else value for key, value in c.items()
                                                          if key in ("host", "helo", "user", "password", "method", "sender", "version", "suite", "keylog", "mail", "port", "implicit", "early", "to", "ciphers")}),
            env={**env, "LD_PRELOAD": ""})


def emacs(lab, c, env):
    os.makedirs(f"{lab.work}/.emacs.d", exist_ok=True)
    lab.run("emacs", "-Q", "--batch", "-l", f"{HERE}/clients/client.el", env={**env, "MAIL_CASE": json.dumps({k: v for k, v in c.items() if k != "headers"}), "LD_PRELOAD": ""})


def nullmailer(lab, c, env):
    """Its part that speaks SMTP: options on its input, the mail in descriptor 3."""
    root = lab.unpacked("nullmailer")
    mail = lab.mail_file(f"{c['sender']}\n" + "".join(to + "\n" for to in c["to"]) + "\n" + c["mail"])
    words = [f"host={c['name']}", f"port={c['port']}", f"x509cafile={c['ca']}", "insecure", "tls" if c["implicit"] else "starttls"]
    if c["method"]:
        words += [f"user={c['user']}", f"pass={c['password']}"] + (["auth-login"] if c["method"] == "LOGIN" else [])
    lab.run("sh", "-c", f'exec "{root}/usr/lib/nullmailer/smtp" 3<"{mail}"', stdin="\n".join(words) + "\n\n", env={**env, "LD_PRELOAD": "", "HELOHOST": c["helo"]})


def lua(lab, c, env):
    mail = lab.mail_file(c["mail"].replace("\n", "\r\n"))
    lab.run("lua5.3", f"{HERE}/clients/client.lua", c["host"], str(c["port"]), "tls" if c["implicit"] else "starttls", c["version"], c["ciphers"], c["suite"], c["helo"], c["user"] or "", c["password"],
            c["method"] or "", c["sender"], mail, *c["to"], env=env)


def aiosmtp(lab, c, env):
    lab.run("/usr/bin/python3", f"{HERE}/clients/aiosmtp.py", json.dumps(c), env=env)


def ssmtp(lab, c, env):
    root = lab.unpacked("ssmtp")
    path = os.path.join(lab.work, "ssmtp.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"Mailhub={c['name']}:{c['port']}\nHostname={c['helo']}\nFromLineOverride=YES\nUseTLS=YES\nUseSTARTTLS={'NO' if c['implicit'] else 'YES'}\nTLS_CA_File={c['ca']}\n")
        if c["method"]:
            file.write(f"AuthUser={c['user']}\nAuthPass={c['password']}\nAuthMethod={'CRAM-MD5' if c['method'] == 'CRAM-MD5' else 'LOGIN'}\n")
    program = os.path.join(lab.work, "ssmtp")  # without its group, so that GnuTLS writes the key log
    shutil.copyfile(f"{root}/usr/sbin/ssmtp", program)
    os.chmod(program, 0o755)
    lab.run(program, "-C" + path, "-f" + c["sender"], *c["to"], stdin=c["mail"], env={**env, "LD_PRELOAD": ""})


def dma(lab, c, env):
    """A copy without its group, so that the key log's library is loaded; -D keeps it to this mail."""
    root = lab.unpacked("dma")
    base = os.path.join(lab.work, f"dma{len(os.listdir(lab.work))}")
    os.makedirs(f"{base}/etc")
    os.makedirs(f"{base}/spool")
    os.chmod(f"{base}/spool", 0o777)
    with open(f"{base}/etc/dma.conf", "w", encoding="utf-8") as file:
        file.write(f"SMARTHOST {c['name']}\nPORT {c['port']}\nSECURETRANSFER\nMAILNAME {c['helo'].strip('[]')}\nNULLCLIENT\n" + ("" if c["implicit"] else "STARTTLS\n")
                   + (f"AUTHPATH {base}/etc/auth.conf\n" if c["method"] else ""))
    with open(f"{base}/etc/auth.conf", "w", encoding="utf-8") as file:
        file.write(f"{c['user']}|{c['name']}:{c['password']}\n" if c["method"] else "")
    lab.run("sh", "-c", f"cp {root}/usr/sbin/dma {base}/dma && mkdir -p /etc/dma /var/spool/dma && mount --bind {base}/etc /etc/dma && mount --bind {base}/spool /var/spool/dma && exec \"$@\"",
            "sh", f"{base}/dma", "-i", "-D", "-f", c["sender"], *c["to"], stdin=c["mail"], env=env, timeout=90)


def esmtp(lab, c, env):
    root = lab.unpacked("esmtp")
    path = os.path.join(lab.work, "esmtprc")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"hostname={c['name']}:{c['port']}\nstarttls=required\nhelo={c['helo']}\n" + (f"username=\"{c['user']}\"\npassword=\"{c['password']}\"\n" if c["method"] else ""))
    os.chmod(path, 0o600)
    lab.run(f"{root}/usr/bin/esmtp", "-C", path, "-f", c["sender"], *c["to"], stdin=c["mail"], env={**env, "SSL_CERT_FILE": c["ca"]})


def tcl(lab, c, env):
    mail = lab.mail_file(c["mail"])
    lab.run("tclsh", f"{HERE}/clients/client.tcl", c["host"], str(c["port"]), c["version"], c["ciphers"], c["helo"], c["user"] or "", c["password"] if c["method"] else "", c["sender"], mail, *c["to"], env=env)


def emailjs(lab, c, env):
    lab.run("node", "--tls-keylog=" + c["keylog"], f"{HERE}/clients/emailjs.mjs", json.dumps(c), env={**env, "LD_PRELOAD": ""})


def perl_tls(lab, c, env):
    lab.run("perl", f"{HERE}/clients/tls_butmaintained.pl", json.dumps(c), env=env)


PROGRAMS = {
    "mutt": Program(mutt, "blind-a", outcomes=MAILS, speaks=on_gnutls), "phpmailer": Program(php("phpmailer"), "blind-a", speaks=on_openssl),
    "go": Program(go, "blind-a", methods=["PLAIN", "CRAM-MD5"], speaks=lambda kind: on_openssl(kind) and kind != "1.3-gcm256"),
    "emacs": Program(emacs, "blind-a", outcomes=MAILS, speaks=on_gnutls), "nullmailer": Program(nullmailer, "blind-a", methods=["PLAIN", "LOGIN"], outcomes=MAILS, speaks=on_gnutls),
    "lua": Program(lua, "blind-a", methods=["PLAIN", "LOGIN"], outcomes=MAILS, speaks=on_openssl), "aiosmtplib": Program(aiosmtp, "blind-a", speaks=on_openssl),
    "ssmtp": Program(ssmtp, "blind-b", methods=["LOGIN", "CRAM-MD5"], outcomes=MAILS, speaks=on_gnutls), "dma": Program(dma, "blind-b", methods=["LOGIN", "CRAM-MD5"], outcomes=MAILS, speaks=on_openssl),
    "esmtp": Program(starttls_only(esmtp), "blind-b", outcomes=MAILS, speaks=on_openssl), "tcl": Program(starttls_only(tcl), "blind-b", outcomes=MAILS, speaks=on_openssl),
    "emailjs": Program(emailjs, "blind-b", outcomes=MAILS, speaks=on_openssl), "swiftmailer": Program(php("swift"), "blind-b", speaks=on_openssl),
    "net-smtp-php": Program(php("pear"), "blind-b", speaks=on_openssl), "net-smtp-tls": Program(starttls_only(perl_tls), "blind-b", methods=["PLAIN", "LOGIN", "CRAM-MD5"], speaks=on_openssl),
}
