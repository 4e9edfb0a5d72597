# SPDX-License-Identifier: BSD-3-Clause
"""A mail program that tries IPv6 and IPv4 side by side (RFC 8305), on top of asyncio.

race.py NAME PORT DELAY USER PASSWORD: IPv4 begins DELAY seconds after IPv6, the first connection
that opens is used, the other is dropped.
"""
import asyncio
import base64
import sys

LINES = ("MAIL FROM:<door@plala.or.jp>", "RCPT TO:<owner@example.jp>", "DATA",
         "Subject: Visitor\r\n\r\nSomebody rang at the front door.\r\n.", "QUIT")


async def reply(reader):
    while True:
        line = await asyncio.wait_for(reader.readline(), 10)
        if line[3:4] != b"-":
            return line


async def main(name, port, delay, user, password):
    reader, writer = await asyncio.open_connection(name, int(port),
                                                   happy_eyeballs_delay=float(delay))
    await reply(reader)
    plain = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
    for line in ("EHLO doorphone", "AUTH PLAIN " + plain, *LINES):
        writer.write(line.encode() + b"\r\n")
        if not (await reply(reader)).startswith((b"2", b"3")):
            raise SystemExit(f"refused at {line[:4]}")
    writer.close()
    await writer.wait_closed()
    await asyncio.sleep(1.5)  # what is still on its way belongs to the capture


asyncio.run(main(*sys.argv[1:]))
