# SPDX-License-Identifier: BSD-3-Clause
"""TLS that is no mail being sent: other.py KIND HOST PORT NUMBER USER PASSWORD."""
import http.client
import imaplib
import poplib
import ssl
import sys

kind, host, port, number, user, password = sys.argv[1:7]
number = int(number)
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
context.minimum_version = context.maximum_version = (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2)[number % 2]
if number % 4 == 1:
    context.set_ciphers("AES128-SHA:@SECLEVEL=0")
if number % 3 == 0:
    password += "-wrong"
try:
    if kind == "https":
        c = http.client.HTTPSConnection(host, int(port), context=context, timeout=10)
        for i in range(number % 5 + 1):
            c.request("POST" if i % 2 else "GET", "/" + "x" * (7 * i + number), body="y" * 40 * i if i % 2 else None,
                      headers={"User-Agent": "device/1." + str(number)})
            c.getresponse().read()
        c.close()
    elif kind == "imaps":
        c = imaplib.IMAP4_SSL(host, int(port), ssl_context=context)
        if number % 2:
            c.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
        else:
            c.login(user, password)
        if number % 5:
            c.append("INBOX", None, None, b"Subject: test\r\n\r\n" + b"a line of a mail\r\n" * number)
        c.select()
        c.search(None, "ALL")
        if number % 4:
            c.fetch("1:*", "(RFC822)")
        c.logout()
    else:
        c = poplib.POP3_SSL(host, int(port), context=context)
        c.user(user)
        c.pass_(password)
        c.stat()
        for i in range(min(number % 4, len(c.list()[1]))):
            c.retr(i + 1)
        c.quit()
except (imaplib.IMAP4.error, poplib.error_proto) as error:
    print(error)
