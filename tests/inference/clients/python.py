# SPDX-License-Identifier: BSD-3-Clause
"""One mail by Python's smtplib; the case as JSON in argv[1]."""
import json
import smtplib
import ssl
import sys

c = json.loads(sys.argv[1])
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_REQUIRED if c["verify"] else ssl.CERT_NONE
context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
if c["implicit"]:
    smtp = smtplib.SMTP_SSL(c["host"], c["port"], local_hostname=c["helo"], timeout=20, context=context)
else:
    smtp = smtplib.SMTP(c["host"], c["port"], local_hostname=c["helo"], timeout=20)
    smtp.starttls(context=context)
with smtp:
    smtp.ehlo_or_helo_if_needed()
    if c["user"]:
        smtp.user, smtp.password = c["user"], c["password"]
        methods = {"PLAIN": smtp.auth_plain, "LOGIN": smtp.auth_login, "CRAM-MD5": smtp.auth_cram_md5}
        if c["method"]:
            smtp.auth(c["method"], methods[c["method"]], initial_response_ok=c["number"] % 2 == 0)
        else:
            smtp.login(c["user"], c["password"])
    if not c["early"]:
        smtp.sendmail(c["sender"], c["to"], f"From: <{c['sender']}>\nTo: {', '.join(c['to'])}\n"
                      f"Subject: {c['subject']}\n\n{c['body']}\n")
