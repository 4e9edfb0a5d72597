# SPDX-License-Identifier: BSD-3-Clause
"""One mail by aiosmtplib; the case as JSON in argv[1]."""
import asyncio
import json
import ssl
import sys

import aiosmtplib

c = json.loads(sys.argv[1])
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
context.set_ciphers(f"{c['ciphers'] or 'DEFAULT'}:@SECLEVEL=0")


async def main():
    smtp = aiosmtplib.SMTP(hostname=c["host"], port=c["port"], use_tls=c["implicit"], start_tls=False, tls_context=context, local_hostname=c["helo"], timeout=20)
    await smtp.connect()
    try:
        if not c["implicit"]:
            await smtp.starttls()
        await smtp.ehlo()
        if c["method"]:
            await {"PLAIN": smtp.auth_plain, "LOGIN": smtp.auth_login, "CRAM-MD5": smtp.auth_crammd5}[c["method"]](c["user"], c["password"])
        if not c["early"]:
            await smtp.sendmail(c["sender"], c["to"], c["mail"])
        await smtp.quit()
    finally:
        smtp.close()

asyncio.run(main())
