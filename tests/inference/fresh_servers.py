# SPDX-License-Identifier: BSD-3-Clause
"""The mail servers of the fresh recordings: neither tuned on nor tested on while the model was written. They refuse
in the words that they have by themselves; what makes them refuse is in WAYS: how a case of each outcome differs.

Real ones are unpacked Debian packages (sendmail, qpsmtpd, Courier), Debian's chasquid and nginx, and Haraka of npm; the
others are what a program gets that is made with a library.
"""
import hmac
import http.server
import os
import re
import shutil
import subprocess

from mail_servers import HERE, NAME, OLD, PASSWORD, USER
from net import LabError, sh

BIG = "line of a longer report, page after page\n" * 1000
HOPS = [f"Received: from relay{i}.example.jp by relay{i + 1}.example.jp; Mon, 20 Nov 2023 10:59:{i % 60:02d} +0900" for i in range(110)]


def spawn_unpacked(lab, root, argv, writable=(), env=None):
    """Runs what is unpacked below root: its /usr and /etc over the machine's, with what etc/ of the lab's work folder holds
    over that, and empty folders where it writes."""
    more = os.path.join(lab.work, "etc")
    for name in ("resolv.conf", "hosts"):
        with open(os.path.join(lab.net.files["server"], name), encoding="utf-8") as file:
            etc(lab, name, file.read())
    mounts = [f"mount -t overlay overlay -o lowerdir={more}:{root}/etc:/etc /etc", "mount -t tmpfs tmpfs /run"]
    mounts += [f"mkdir -p {folder} && mount -t tmpfs -o mode=777 tmpfs {folder}" for folder in writable]
    return lab.spawn("server", ["sh", "-c", " && ".join(mounts) + ' && exec "$@"', "sh", *argv], overlay=root, env=env)


def etc(lab, name, text, mode=0o644):
    path = os.path.join(lab.work, "etc", name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)
    return path


def wait(lab, *ports):
    try:
        for port in ports:
            lab.net.wait_listening("server", port)
    except LabError as error:
        raise LabError(f"{error}\n{open(os.path.join(lab.work, 'spawn.log'), errors='replace').read()[-3000:]}") from None


def behind_stunnel(lab, port):
    """For servers without TLS of their own; stunnel says the lines up to STARTTLS itself."""
    cert, key = lab.certificate(NAME)
    for outside, protocol in ((465, ""), (587, "protocol=smtp\n")):
        path = os.path.join(lab.work, f"stunnel{outside}.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"foreground=yes\npid=\nsslVersionMin=TLSv1\nciphers={OLD}\n[mail]\naccept=203.0.113.25:{outside}\nconnect=127.0.0.1:{port}\n"
                       f"cert={cert}\nkey={key}\n{protocol}")
        lab.spawn("server", ["stunnel4", path])
    wait(lab, 465, 587)


SENDMAIL = """
OSTYPE(`linux')
define(`confDOMAIN_NAME', `mx.example.jp')
define(`confCF_VERSION', `')
define(`confAUTH_MECHANISMS', `PLAIN LOGIN CRAM-MD5')
TRUST_AUTH_MECH(`PLAIN LOGIN CRAM-MD5')
define(`confSERVER_CERT', `/etc/mail/tls/cert.pem')
define(`confSERVER_KEY', `/etc/mail/tls/key.pem')
define(`confCACERT', `/etc/mail/tls/ca.pem')
define(`confCACERT_PATH', `/etc/ssl/certs')
define(`confMAX_MESSAGE_SIZE', `30000')
define(`confDELIVERY_MODE', `queueonly')
define(`confPRIVACY_FLAGS', `')
define(`confBAD_RCPT_THROTTLE', `0')
FEATURE(`no_default_msa')
DAEMON_OPTIONS(`Name=MSA, Port=587')
DAEMON_OPTIONS(`Name=MSPS, Port=465, M=s')
LOCAL_DOMAIN(`example.jp')
MAILER(`local')
MAILER(`smtp')
LOCAL_CONFIG
O CipherList=ALL:@SECLEVEL=0
"""


def sendmail(lab):
    root = lab.unpacked("sendmail-bin", "sendmail-base", "sendmail-cf")
    cert, key = lab.certificate(NAME)
    for name, path in (("cert", cert), ("key", key), ("ca", lab.ca.cert)):
        with open(path, encoding="ascii") as file:
            etc(lab, f"mail/tls/{name}.pem", file.read(), 0o600)
    text = subprocess.run(["m4", f"-D_CF_DIR_={root}/usr/share/sendmail/cf/", f"{root}/usr/share/sendmail/cf/m4/cf.m4", "-"],
                          input=SENDMAIL, stdout=subprocess.PIPE, text=True, check=True).stdout
    etc(lab, "mail/sendmail.cf", text)
    etc(lab, "mail/local-host-names", "example.jp\n")
    etc(lab, "mail/aliases", "")
    with open("/etc/passwd", encoding="utf-8") as file:
        etc(lab, "passwd", file.read() + "smmta:x:64010:64010::/var/lib/sendmail:/usr/sbin/nologin\nsmmsp:x:64011:64011::/:/usr/sbin/nologin\n"
            + "".join(f"{n}:x:6402{i}:64010::/:/usr/sbin/nologin\n" for i, n in enumerate(("owner", "night.watch"))))
    with open("/etc/group", encoding="utf-8") as file:
        etc(lab, "group", file.read() + "smmta:x:64010:\nsmmsp:x:64011:\n")
    base = os.path.join(lab.work, "sendmail")
    os.makedirs(base)
    for name in ("Sendmail.conf", "sasl/Sendmail.conf.2"):
        etc(lab, "mail/" + name, f"pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: {lab.sasldb({USER: PASSWORD})}\nmech_list: PLAIN LOGIN CRAM-MD5\n")
    shutil.copy(os.path.join(lab.work, "etc/mail/Sendmail.conf"), os.path.join(lab.work, "etc/Sendmail.conf"))
    etc(lab, "sasl2/Sendmail.conf", open(os.path.join(lab.work, "etc/mail/Sendmail.conf"), encoding="utf-8").read())
    spawn_unpacked(lab, root, ["/usr/libexec/sendmail/sendmail", "-bD", "-C/etc/mail/sendmail.cf"], ("/var/spool/mqueue", "/var/lib/sendmail"))
    wait(lab, 465, 587)


def qpsmtpd(lab):
    root = lab.unpacked("qpsmtpd")
    cert, key = lab.certificate(NAME)
    os.chmod(key, 0o644)
    plugins = [f"tls {cert} {key} {lab.ca.cert}", "relay", "resolvable_fromhost", "badmailfrom", "rcpt_ok", "auth/auth_flat_file", "headers days 30000",
               "loop", "queue/maildir /var/spool/qpsmtpd/mail"]
    for name, text in (("plugins", "\n".join(plugins)), ("tls_ciphers", OLD), ("flat_auth_pw", f"{USER}:{PASSWORD}"), ("rcpthosts", "example.jp"), ("badrcptto", "nobody@example.jp"),
                       ("badmailfrom", "door@blocked.example.jp"), ("databytes", "30000"), ("spool_dir", "/var/spool/qpsmtpd"), ("me", "mx.example.jp"), ("plugin_dirs", "/usr/share/qpsmtpd/plugins"),
                       ("relayclients", ""), ("logging", "logging/warn"), ("loglevel", "4")):
        etc(lab, "qpsmtpd/" + name, text + "\n")
    plugins.insert(5, "badrcptto")
    etc(lab, "qpsmtpd/plugins", "\n".join(plugins) + "\n")
    env = {**os.environ, "QPSMTPD_CONFIG": "/etc/qpsmtpd", "PERL5LIB": f"{root}/usr/share/perl5"}
    spawn_unpacked(lab, root, ["perl", "-Tw", "-I/usr/share/perl5", "/usr/bin/qpsmtpd-forkserver", "--no-rdns", "-u", "mail", "-m", "40", "-l", "0.0.0.0", "-p", "587", "-p", "465"],
                   ("/var/spool/qpsmtpd",), env=env)
    wait(lab, 465, 587)


def chasquid(lab):
    cert, key = lab.certificate(NAME)
    base = os.path.join(lab.work, "chasquid")
    os.makedirs(f"{base}/certs/mx.example.jp")
    for domain in ("example.jp", "plala.or.jp"):
        os.makedirs(f"{base}/domains/{domain}")
    shutil.copy(cert, f"{base}/certs/mx.example.jp/fullchain.pem")
    shutil.copy(key, f"{base}/certs/mx.example.jp/privkey.pem")
    with open(f"{base}/chasquid.conf", "w", encoding="utf-8") as file:
        file.write(f'hostname: "mx.example.jp"\nmax_data_size_mb: 1\nsmtp_address: "127.0.0.1:2525"\nsubmission_address: ":587"\nsubmission_over_tls_address: ":465"\n'
                   f'mail_delivery_agent_bin: "/bin/true"\nmail_delivery_agent_args: "x"\ndata_dir: "{base}/data"\nmail_log_path: "{base}/log"\n')
    for user, password in ((USER, PASSWORD), ("camera-2f@plala.or.jp", PASSWORD), ("a@plala.or.jp", PASSWORD), ("owner@example.jp", "x"), ("night.watch@example.jp", "x")):
        sh("chasquid-util", f"--configdir={base}", "user-add", user, f"--password={password}")
    lab.spawn("server", ["chasquid", f"--config_dir={base}"])
    wait(lab, 465, 587)


def go_program(lab, name):
    path = os.path.join(lab.cache, name)
    source = f"{HERE}/clients/{name}.go"
    if not os.path.exists(path) or os.path.getmtime(path) < os.path.getmtime(source):
        sh("go", "build", "-o", path, source, env={**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": os.path.join(lab.cache, "go"), "GOFLAGS": "-p=2"})
    return path


def go_smtp(lab):
    cert, key = lab.certificate(NAME)
    lab.spawn("server", [go_program(lab, "gosmtp_server"), cert, key, USER, PASSWORD])
    wait(lab, 465, 587)


def net_server_mail(lab):
    lab.spawn("server", ["perl", f"{HERE}/clients/net_server_mail.pl", "2525"])
    wait(lab, 2525)
    behind_stunnel(lab, 2525)


def simplesmtp(lab):
    lab.spawn("server", ["node", f"{HERE}/clients/simplesmtp.js", f"{lab.cache}/npm/node_modules", "2525", PASSWORD])
    wait(lab, 2525)
    behind_stunnel(lab, 2525)


def haraka(lab, listen="0.0.0.0:587,0.0.0.0:465"):
    cert, key = lab.certificate(NAME)
    os.chmod(key, 0o644)
    base = os.path.join(lab.work, "haraka")
    shutil.copytree(f"{lab.cache}/npm/node_modules/Haraka/config", f"{base}/config")
    for name, text in (("plugins", "tls\nauth/flat_file\nmail_from.is_resolvable\nrcpt_to.in_host_list\nheaders\ntake\n"), ("me", "mx.example.jp\n"), ("host_list", "example.jp\n"),
                       ("smtp.ini", f"listen={listen}\nsmtps_port=465\n"), 
                       ("tls.ini", f"key={key}\ncert={cert}\nminVersion=TLSv1\nciphers=ALL:@SECLEVEL=0\n"),
                       ("auth_flat_file.ini", f"[core]\nmethods=PLAIN,LOGIN,CRAM-MD5\n[users]\n{USER}={PASSWORD}\n"),
                       ("headers.ini", "required=From,Date\n[reject]\nmissing_required=true\n"), ("host", "mx.example.jp\n")):
        with open(f"{base}/config/{name}", "w", encoding="utf-8") as file:
            file.write(text)
    with open(f"{base}/config/connection.ini", encoding="utf-8") as file:
        text = re.sub(r"(?m)^;?bytes ?=.*", "bytes=30000", file.read())
    with open(f"{base}/config/connection.ini", "w", encoding="utf-8") as file:
        file.write(text)
    os.makedirs(f"{base}/plugins")
    with open(f"{base}/plugins/take.js", "w", encoding="utf-8") as file:
        file.write("exports.hook_queue = (next) => next(OK);\n")
    lab.spawn("server", ["node", f"{lab.cache}/npm/node_modules/Haraka/bin/haraka", "-c", base])
    wait(lab, *(int(each.rpartition(":")[2]) for each in listen.split(",")))


def twisted(lab):
    cert, key = lab.certificate(NAME)
    lab.spawn("server", ["/usr/bin/python3", f"{HERE}/clients/twisted_server.py", cert, key, USER, PASSWORD])
    wait(lab, 465, 587)


def nginx(lab):
    """nginx's mail proxy before Haraka: it greets and signs in; what follows is Haraka's."""
    haraka(lab, "127.0.0.1:2525")
    cert, key = lab.certificate(NAME)
    path = os.path.join(lab.work, "nginx-mail.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"""load_module /usr/lib/nginx/modules/ngx_mail_module.so;
daemon off; user root; pid {lab.work}/nginx-mail.pid; error_log {lab.work}/nginx-mail.log;
events {{ }}
mail {{
  server_name mx.example.jp; auth_http 127.0.0.1:8025/; smtp_auth plain login cram-md5; xclient off;
  ssl_certificate {cert}; ssl_certificate_key {key}; ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers {OLD};
  server {{ listen 587; protocol smtp; starttls on; }}
  server {{ listen 465 ssl; protocol smtp; }}
}}
""")

    def says_who():
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                method, given, salt = (self.headers.get("Auth-" + word, "") for word in ("Method", "Pass", "Salt"))
                digest = hmac.new(PASSWORD.encode(), salt.encode(), "md5").hexdigest()
                good = self.headers.get("Auth-User") == USER and given == (digest if method == "cram-md5" else PASSWORD)
                self.send_response(200)
                for name, value in {"Auth-Status": "OK", "Auth-Server": "127.0.0.1", "Auth-Port": "2525", "Auth-Pass": PASSWORD}.items() if good \
                        else {"Auth-Status": "Invalid login or password", "Auth-Wait": "2"}.items():  # as its manual has it
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_):
                pass
        http.server.HTTPServer(("127.0.0.1", 8025), Handler).serve_forever()
    lab.fork("server", says_who)
    wait(lab, 8025)
    lab.spawn("server", ["nginx", "-c", path])
    wait(lab, 465, 587)


COURIER = """set -e

mount -t overlay overlay -o lowerdir=ROOT/usr:/usr,upperdir=BASE/up,workdir=BASE/wk /usr
mount -t overlay overlay -o lowerdir=MORE:ROOT/etc:/etc,upperdir=BASE/eup,workdir=BASE/ewk /etc
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/lib
cp -a ROOT/var/lib/courier /var/lib/
ln -s makedat.courier /usr/bin/makedat
mkdir -p /run/courier/authdaemon /var/lib/home/Maildir
chown -R courier:courier /var/lib/courier /run/courier /etc/courier
chown root:courier /usr/lib/courier/courier/submit /usr/lib/courier/courier/submitmkdir
chown courier /usr/lib/courier/courier/submitmkdir
chmod 4755 /usr/lib/courier/courier/submitmkdir
chmod 700 /etc/courier
for user in USER owner@example.jp night.watch@example.jp; do
  userdb "$user" set uid=64030 gid=64030 home=/var/lib/home mail=/var/lib/home/Maildir
  echo 'PASSWORD' | userdbpw -md5 | userdb "$user" set esmtppw
  echo 'PASSWORD' | userdbpw -hmac-md5 | userdb "$user" set esmtp-hmac-md5pw
done
chmod 700 /etc/courier/userdb
makeuserdb
chmod 755 /etc/courier
makesmtpaccess
makehosteddomains
makeacceptmailfor
makealiases
sed -i "s/^authmodulelist=.*/authmodulelist=\"authuserdb\"/" /etc/courier/authdaemonrc
authdaemond start
esmtpd-msa start
esmtpd-ssl start
exec sleep 3600
"""


def courier(lab):
    root = lab.unpacked("courier-mta", "courier-base", "courier-authlib", "courier-authlib-userdb", "courier-authdaemon", "libcourier-unicode4")
    cert, key = lab.certificate(NAME)
    base = os.path.join(lab.work, "courier")
    for folder in ("up", "wk", "eup", "ewk"):
        os.makedirs(os.path.join(base, folder))
    for name in ("resolv.conf", "hosts"):
        with open(os.path.join(lab.net.files["server"], name), encoding="utf-8") as file:
            etc(lab, name, file.read())
    for name in ("passwd", "group"):
        with open("/etc/" + name, encoding="utf-8") as file:
            etc(lab, name, file.read() + ("courier:x:64030:64030::/var/lib/courier:/usr/sbin/nologin\n" if name == "passwd" else "courier:x:64030:\n"))
    with open(cert, encoding="ascii") as chain, open(key, encoding="ascii") as private:
        etc(lab, "courier/esmtpd.pem", private.read() + chain.read())
    for name, text in (("me", "mx.example.jp"), ("locals", "localhost"), ("defaultdomain", "example.jp"), ("sizelimit", "30000"), ("hosteddomains/lab", "example.jp\nplala.or.jp"),
                       ("esmtpacceptmailfor.dir/lab", "example.jp\nplala.or.jp"), ("smtpaccess/default", ""), ("dsnfrom", '"Mail" <@>')):
        etc(lab, "courier/" + name, text + "\n")
    with open(f"{root}/etc/courier/esmtpd", encoding="utf-8") as file:
        text = file.read()
    etc(lab, "courier/esmtpd", text + '\nESMTPAUTH="PLAIN LOGIN CRAM-MD5"\nESMTPAUTH_TLS="PLAIN LOGIN CRAM-MD5"\nADDRESS=0\nMAXPERIP=40\nMAXPERC=40\nBLACKLISTS=""\n')
    for word, value in (("ROOT", root), ("BASE", base), ("MORE", os.path.join(lab.work, "etc")), ("USER", USER), ("PASSWORD", PASSWORD)):
        script = (script if word != "ROOT" else COURIER).replace(word, value)
    lab.spawn("server", ["sh", "-c", script])
    wait(lab, 465, 587)


# name: (what starts it, its split, its methods of signing in, what differs from a mail that is taken: one of these for each case of that outcome)
ELSEWHERE = {"to": ["somebody@elsewhere.example.net"], "method": None}
NOBODY = {"to": ["nobody@example.jp"]}
NO_DOMAIN = {"sender": "door@no-such-domain.invalid"}
NOT_TAKEN = {"sender": "door@blocked.example.jp"}
NO_SIGN_IN = {"method": None}
ALL = ["PLAIN", "LOGIN", "CRAM-MD5"]
SERVERS = {
    "sendmail": (sendmail, "blind-a", ALL, {"sender": [NO_DOMAIN, {"sender": "door"}], "recipient": [NOBODY, ELSEWHERE], "message": [{"body": BIG}, {"headers": HOPS}]}),
    "qpsmtpd": (qpsmtpd, "blind-a", ALL, {"sender": [NO_DOMAIN, NOT_TAKEN], "recipient": [NOBODY, ELSEWHERE], "message": [{"body": BIG}, {"headers": HOPS}]}),
    "chasquid": (chasquid, "blind-a", ["PLAIN"], {"sender": [NO_DOMAIN, NO_SIGN_IN], "recipient": [NOBODY], "message": [{"headers": HOPS}]}),
    "go-smtp": (go_smtp, "blind-a", ["PLAIN"], {"sender": [NO_SIGN_IN], "recipient": [{"to": ["owner@example.jp", "night.watch@example.jp", "guard@example.jp"]}], "message": [{"body": BIG}]}),
    "net-server-mail": (net_server_mail, "blind-a", [], {"sender": [NOT_TAKEN], "recipient": [NOBODY], "message": [{"subject": "refused"}]}),
    "simplesmtp": (simplesmtp, "blind-a", ["PLAIN", "LOGIN"], {"sender": [NOT_TAKEN, NO_SIGN_IN], "recipient": [NOBODY], "message": [{"subject": "refused"}]}),
    "haraka": (haraka, "blind-b", ALL, {"sender": [NO_DOMAIN], "recipient": [ELSEWHERE], "message": [{"body": BIG}, {"headers": HOPS}, {"undated": True}]}),
    "twisted": (twisted, "blind-b", ["PLAIN", "LOGIN"], {"sender": [NOT_TAKEN], "recipient": [NOBODY], "message": [{"subject": "refused"}]}),
    "courier": (courier, "blind-b", ALL, {"sender": [NO_DOMAIN], "recipient": [NOBODY, ELSEWHERE], "message": [{"body": BIG}]}),
    "nginx": (nginx, "blind-b", ALL, {"sender": [NO_DOMAIN, NO_SIGN_IN], "recipient": [{"to": ["owner@example.jp", "somebody@elsewhere.example.net"]}], "message": [{"body": BIG}, {"undated": True}]}),
}
ADDRESSES = ["door@plala.or.jp", "camera-2f@plala.or.jp", "a@plala.or.jp"]
