# SPDX-License-Identifier: BSD-3-Clause
"""aiosmtpd as a mail server: aio.py CERTIFICATE KEY PASSWORD TEXTS [PLAIN-PORT]. With a plain port it
listens there alone, without TLS and sign-in, as a server behind another one."""
import asyncio
import json
import re
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

cert, key, password, texts = sys.argv[1:5]
refusal = json.loads(texts)


def verdict(step, name, good):
    found = re.search(r"refused(\d+)", name, re.I)
    return refusal[step][int(found[1])] if found else good


class Handler:
    async def handle_MAIL(self, server, session, envelope, address, options):
        answer = verdict("mail", address, "250 OK")
        if answer[0] == "2":
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return answer

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = verdict("rcpt", address, "250 OK")
        if answer[0] == "2":
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):
        subject = re.search(rb"^subject: (.*)$", envelope.content, re.I | re.M)
        return verdict("data", subject[1].decode() if subject else "", "250 Message accepted for delivery")


def authenticate(server, session, envelope, mechanism, data):
    return AuthResult(success=data.password == password.encode(), handled=False)


async def main():
    loop = asyncio.get_running_loop()
    if len(sys.argv) > 5:
        await loop.create_server(lambda: SMTP(Handler(), hostname="backend"), "127.0.0.1", int(sys.argv[5]))
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.load_cert_chain(cert, key)
        common = dict(hostname="mx.example.jp", authenticator=authenticate)
        await loop.create_server(lambda: SMTP(Handler(), tls_context=context, **common), "0.0.0.0", 587)
        await loop.create_server(lambda: SMTP(Handler(), auth_require_tls=False, **common), "0.0.0.0", 465, ssl=context)
    await asyncio.Event().wait()

asyncio.run(main())
