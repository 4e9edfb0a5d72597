# SPDX-License-Identifier: BSD-3-Clause
"""Sendmail as a server: its packages are unpacked, as they cannot be installed beside Postfix.

    sendmail.start(lab, "define(`confMAX_MESSAGE_SIZE',`2000')dnl", ports=(25, 587))

It takes mail for example.jp and passes nothing on. Debian packages beside those of the lab: m4.
"""
import os
import shutil

from net import sh

PLACE = "/mnt"  # its own folder shows there: it wants no folder above that others can write to


def _config(macros, share, name, lines, ports):
    daemons = "\n".join(f"DAEMON_OPTIONS(`Port={port}, Name=MTA{port}')dnl" for port in ports)
    files = {"QUEUE_DIR": "queue", "confPID_FILE": "pid", "ALIAS_FILE": "aliases",
             "STATUS_FILE": "statistics", "HELP_FILE": "helpfile", "confCW_FILE": "local-hosts"}
    places = "\n".join(f"define(`{key}',`{PLACE}/{file}')dnl" for key, file in files.items())
    with open(macros, "w", encoding="utf-8") as file:
        file.write(f"""OSTYPE(`linux')dnl
DOMAIN(`generic')dnl
define(`confDOMAIN_NAME',`{name}')dnl
define(`confTRUSTED_USER',`root')dnl
define(`confTO_IDENT',`0')dnl
define(`confCONTROL_SOCKET_NAME',`')dnl
define(`confDONT_BLAME_SENDMAIL',`GroupReadableKeyFile')dnl
define(`LOCAL_MAILER_PATH',`/bin/true')dnl
undefine(`confHOST_STATUS_DIRECTORY')dnl
{places}
FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`no_default_msa')dnl
{daemons}
{lines}
MAILER(`local')dnl
MAILER(`smtp')dnl
""")
    return sh("m4", "-D", f"_CF_DIR_={share}/cf/", f"{share}/cf/m4/cf.m4", macros)


def start(lab, lines="", ports=(25,), name="mail.example.jp"):
    root = lab.unpacked("sendmail-bin", "sendmail-base", "sendmail-cf")
    base = os.path.join(lab.work, "sendmail")
    os.makedirs(f"{base}/queue", mode=0o700)
    for file, text in (("aliases", ""), ("statistics", ""), ("helpfile", ""),
                       ("local-hosts", "example.jp\n")):
        with open(f"{base}/{file}", "w", encoding="ascii") as out:
            out.write(text)
    config = _config(f"{base}/lab.mc", f"{root}/usr/share/sendmail", name, lines, ports)
    with open(f"{base}/lab.cf", "w", encoding="utf-8") as out:
        out.write(config)
    shutil.copy(f"{root}/usr/libexec/sendmail/sendmail", f"{base}/sendmail")
    run = f"mount --bind {base} {PLACE} && exec {PLACE}/sendmail -C {PLACE}/lab.cf -bD"
    lab.spawn("server", ["sh", "-c", run], log=f"{base}/spawn.log")
    for port in ports:
        lab.net.wait_listening("server", port)
    lab.package_version("Sendmail", "sendmail-bin", "sendmail-bin")
