# SPDX-License-Identifier: BSD-3-Clause
"""The mail programs that sessions are recorded from: each hands in the mail of one case."""
import base64
import json
import os

import doorphone

HERE = os.path.dirname(os.path.realpath(__file__))
MECHANISMS = ["PLAIN", "LOGIN", "CRAM-MD5"]
WITHOUT_KEY_LOG = {"java", "mbed"}


class Program:
    def __init__(self, run, split, methods=MECHANISMS, outcomes=None, speaks=None):
        self.run, self.split, self.methods, self.outcomes, self._speaks = run, split, methods, outcomes, speaks

    def can(self, outcome):
        return self.outcomes is None or outcome in self.outcomes

    def speaks(self, kind, words):
        return self._speaks is None or self._speaks(kind)


def swaks(lab, c, env):
    argv = ["swaks", "--server", c["host"], "--port", str(c["port"]), "--tlsc" if c["implicit"] else "-tls", "--from", c["sender"], "--to", ",".join(c["to"]),
            "--helo", c["helo"], "--header", "Subject: " + c["subject"], "--body", c["body"]]
    if c["method"]:
        argv += ["--auth", c["method"], "--auth-user", c["user"], "--auth-password", c["password"]]
    if c["early"]:
        argv += ["--quit-after", "AUTH" if c["method"] else "EHLO"]
    if c["number"] % 3 == 0 and not c["early"]:
        argv += ["--pipeline"]
    lab.run(*argv, env=env)


def python(lab, c, env):
    lab.run("/usr/bin/python3", f"{HERE}/clients/python.py", json.dumps(c), env=env)


def curl(lab, c, env):
    mail = lab.mail_file(f"From: {c['sender']}\r\nTo: {c['to'][0]}\r\nSubject: {c['subject']}\r\n\r\n" + c["body"].replace("\n", "\r\n") + "\r\n")
    argv = ["curl", "-sS", "-k", "--connect-timeout", "5", f"{'smtps' if c['implicit'] else 'smtp'}://{c['host']}:{c['port']}/{c['helo'].strip('[]')}",
            "--ssl-reqd", "--mail-from", c["sender"], "--upload-file", mail]
    if c["suite"]:
        argv += ["--tlsv1.3", "--tls13-ciphers", c["suite"]]
    else:
        argv += ["--tlsv" + c["version"], "--tls-max", c["version"], "--ciphers", c["ciphers"] + ":@SECLEVEL=0"]
    for to in c["to"]:
        argv += ["--mail-rcpt", to]
    if c["method"]:
        argv += ["--user", f"{c['user']}:{c['password']}", "--login-options", "AUTH=" + c["method"]]
    if c["number"] % 2:
        argv += ["--sasl-ir"]
    lab.run(*argv, env=env)


def phone(lab, c, env):
    """The lab's own device, as simple as a door phone."""
    def act():
        for word, value in env.items():
            os.environ[word] = value
        tls = doorphone.context(keylog=c["keylog"], newest="TLS " + c["version"], ciphers=f"{c['ciphers'] or 'DEFAULT'}:@SECLEVEL=0")
        how = {"tls": tls} if c["implicit"] else {"starttls": tls}
        mail = f"From: <{c['sender']}>\r\nTo: <{c['to'][0]}>\r\nSubject: {c['subject']}\r\n\r\n" + c["body"].replace("\n", "\r\n") + "\r\n"
        doorphone.send(c["host"], c["port"], user=c["user"], password=c["password"], method=c["method"], name=c["helo"], mails=0 if c["early"] else 1,
                       leave="close" if c["number"] % 4 == 1 else "quit", sender=c["sender"], recipients=c["to"], mail=mail, **how)
    lab.device(act)


def openssl(lab, c, env):
    """Typed into s_client, each line when the one before was answered."""
    lines = ["EHLO " + c["helo"]]
    plain = base64.b64encode(f"\0{c['user']}\0{c['password']}".encode()).decode()
    if c["method"] == "PLAIN":
        lines += ["AUTH PLAIN", plain] if c["number"] % 2 else ["AUTH PLAIN " + plain]
    elif c["method"] == "LOGIN":
        lines += ["AUTH LOGIN", base64.b64encode(c["user"].encode()).decode(), base64.b64encode(c["password"].encode()).decode()]
    if not c["early"] and c["outcome"] != "auth":
        lines += [f"MAIL FROM:<{c['sender']}>"]
        if c["outcome"] != "sender":
            lines += [f"RCPT TO:<{to}>" for to in c["to"]]
            if c["outcome"] != "recipient":
                lines += ["DATA", f"Subject: {c['subject']}\n\n{c['body'][:60]}\n."]
    argv = ["openssl", "s_client", "-connect", f"{c['host']}:{c['port']}", "-quiet", "-nocommands", "-crlf", "-keylogfile", c["keylog"]]
    argv += [] if c["implicit"] else ["-starttls", "smtp", "-name", "doorphone"]
    argv += ["-tls1_3", "-ciphersuites", c["suite"]] if c["suite"] else ["-tls1" if c["version"] == "1.0" else "-tls1_2", "-cipher", c["ciphers"] + ":@SECLEVEL=0"]
    lab.talk(argv, lines + ["QUIT"])  # after STARTTLS it shows the end of the first list


def msmtp(lab, c, env):
    path = os.path.join(lab.work, "msmtprc")
    priority = {"1.3": "NORMAL:-VERS-ALL:+VERS-TLS1.3", "1.2": "NORMAL:-VERS-ALL:+VERS-TLS1.2", "1.0": "NORMAL:-VERS-ALL:+VERS-TLS1.0"}[c["version"]]
    if "cbc" in c["kind"]:
        priority += ":-CIPHER-ALL:+AES-128-CBC:+AES-256-CBC:-MAC-ALL:+SHA1"
    elif "chacha" in c["kind"]:
        priority += ":-CIPHER-ALL:+CHACHA20-POLY1305"
    elif "128" in c["kind"]:
        priority += ":-CIPHER-ALL:+AES-128-GCM"
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"account default\nhost {c['host']}\nport {c['port']}\nfrom {c['sender']}\ndomain {c['helo'].strip('[]')}\ntls on\ntls_certcheck off\n"
                   f"tls_starttls {'off' if c['implicit'] else 'on'}\ntls_priorities {priority}\n"
                   + (f"auth {c['method'].lower()}\nuser {c['user']}\npassword {c['password']}\n" if c["method"] else "auth off\n"))
    os.chmod(path, 0o600)
    if c["early"]:
        lab.run("msmtp", "-C", path, "--serverinfo", env=env)
    else:
        lab.run("msmtp", "-C", path, *c["to"], stdin=f"From: {c['sender']}\nSubject: {c['subject']}\n\n{c['body']}\n", env=env)


def nodemailer(lab, c, env):
    c = {**c, "version": "TLSv" + c["version"], "ciphers": c["suite"] or c["ciphers"] + ":@SECLEVEL=0"}
    lab.run("node", "--tls-keylog=" + c["keylog"], f"{HERE}/clients/node.js", json.dumps(c), env={**env, "LD_PRELOAD": ""})


def ruby(lab, c, env):
    lab.run("ruby", f"{HERE}/clients/client.rb", json.dumps(c), env=env)


def s_nail(lab, c, env):
    user = f"{c['user'].replace('@', '%40')}:{c['password'].replace(' ', '%20')}@" if c["method"] else ""
    argv = ["s-nail", "-v", "-S", "v15-compat", "-S", "DEAD=/dev/null", "-S", f"mta={'smtps' if c['implicit'] else 'smtp'}://{user}{c['host']}:{c['port']}", "-S", "tls-verify=ignore",
            "-S", "smtp-auth=" + (c["method"].lower() if c["method"] else "none"), "-S", "hostname=" + c["helo"].strip("[]"), "-S", "from=" + c["sender"],
            "-s", c["subject"], "-:/"]
    if not c["implicit"]:
        argv += ["-S", "smtp-use-starttls"]
    lab.run(*argv, *c["to"], stdin=c["body"] + "\n", env=env)


def perl(lab, c, env):
    lab.run("perl", f"{HERE}/clients/client.pl", json.dumps(c), env=env)


def gnutls(lab, c, env):
    """Typed into gnutls-cli."""
    lines = ["EHLO " + c["helo"]]
    plain = base64.b64encode(f"\0{c['user']}\0{c['password']}".encode()).decode()
    if c["method"] == "PLAIN":
        lines += ["AUTH PLAIN " + plain]
    elif c["method"] == "LOGIN":
        lines += ["AUTH LOGIN", base64.b64encode(c["user"].encode()).decode(), base64.b64encode(c["password"].encode()).decode()]
    if not c["early"] and c["outcome"] != "auth":
        lines += [f"MAIL FROM:<{c['sender']}>"]
        if c["outcome"] != "sender":
            lines += [f"RCPT TO:<{to}>" for to in c["to"]]
            if c["outcome"] != "recipient":
                lines += ["DATA", f"Subject: {c['subject']}\n\n{c['body'][:60]}\n."]
    version = "NORMAL:-VERS-ALL:+VERS-TLS" + c["version"]
    if "cbc" in c["kind"]:
        version += ":-CIPHER-ALL:+AES-128-CBC:+AES-256-CBC:-MAC-ALL:+SHA1"
    lab.gnutls_device(c["port"], version, "--insecure", lines=lines + ["QUIT"], starttls=not c["implicit"])


def mbed(lab, c, env):
    """Goes on after a refusal, as some devices do."""
    more = {"user": c["user"], "password": c["password"]} if c["method"] else {}
    lab.mbed_device(c["port"], "implicit" if c["implicit"] else "starttls", name=c["name"], sender=c["sender"], to=c["to"][0], **more)


def java(lab, c, env):
    store = os.path.join(lab.work, "roots.p12")
    if os.path.exists(store):
        os.unlink(store)
    lab.java_device(c["port"], "implicit" if c["implicit"] else "starttls", name=c["name"], roots=c["ca"], protocols="TLSv" + c["version"])


def not_old(kind):
    return not kind.startswith("1.0")


def gnutls_kinds(kind):
    return kind not in ("1.2-cbc256", "1.3-gcm256", "1.2-gcm128")


PROGRAMS = {
    "swaks": Program(swaks, "tune"), "python": Program(python, "tune"),
    "curl": Program(curl, "tune", outcomes={"delivered", "auth", "sender", "recipient", "message"}),
    "doorphone": Program(phone, "tune"), "s_client": Program(openssl, "tune", methods=["PLAIN", "LOGIN"]),
    "msmtp": Program(msmtp, "test", speaks=gnutls_kinds), "nodemailer": Program(nodemailer, "test", speaks=not_old), "ruby": Program(ruby, "test"),
    "s-nail": Program(s_nail, "test", outcomes={"delivered", "auth", "sender", "recipient", "message"}, speaks=not_old),
    "perl": Program(perl, "test"),
    "gnutls-cli": Program(gnutls, "test", methods=["PLAIN", "LOGIN"], speaks=gnutls_kinds),
    "java": Program(java, "test", methods=[], outcomes={"delivered"}, speaks=lambda kind: kind in ("1.3-gcm256", "1.2-gcm")),
}
