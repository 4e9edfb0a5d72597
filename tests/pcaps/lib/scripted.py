# SPDX-License-Identifier: BSD-3-Clause
"""A server that says what its script says, for lines no real server here can be made to say."""
import socket
import ssl
import struct


class Connection:
    """One side of a conversation in lines; used by scripted servers and by devices."""

    def __init__(self, sock):
        self.sock = sock
        self.rest = b""
        sock.settimeout(20)

    def say(self, *lines):
        """Sends lines (text), each with CRLF, in one segment."""
        self.sock.sendall(b"".join(line.encode() + b"\r\n" for line in lines))

    def raw(self, data):
        self.sock.sendall(data)

    def hear(self):
        """The next line without its end; None at the end of the stream."""
        while b"\n" not in self.rest:
            data = self.sock.recv(8192)
            if not data:
                return None
            self.rest += data
        line, _, self.rest = self.rest.partition(b"\n")
        return line.rstrip(b"\r").decode("latin-1")

    def message(self):
        """Reads a message up to the final dot."""
        line = self.hear()
        while line not in (None, "."):
            line = self.hear()

    def tls(self, context, server_side=True, name=None):
        self.sock = context.wrap_socket(self.sock, server_side=server_side, server_hostname=name)
        self.rest = b""

    def close(self):
        self.sock.close()

    def reset(self):
        """Ends with an RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


def serve(handler, port, address=""):
    """Accepts one connection after the other and lets the handler talk; never returns."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen(8)
    while True:
        sock, _ = listener.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(sock)
        try:
            handler(connection)
        except (OSError, ssl.SSLError):
            pass  # the device went away, as devices do
        finally:
            try:
                connection.close()
            except OSError:
                pass


def replies(conn, table, greeting="220 mail.example.jp ESMTP"):
    """A whole conversation by a table {command word: reply lines}; DATA reads to the dot.

    A reply of None closes, "." names the reply to the final dot.
    """
    conn.say(greeting)
    while True:
        line = conn.hear()
        if line is None:
            return
        verb = line.split(" ")[0].split(":")[0].upper()
        answer = table.get(line.upper(), table.get(verb, "250 2.0.0 Ok"))
        if answer is None:
            return
        conn.say(*([answer] if isinstance(answer, str) else answer))
        if verb == "DATA" and (answer if isinstance(answer, str) else answer[0]).startswith("354"):
            conn.message()
            conn.say(table.get(".", "250 2.0.0 Ok: queued as 4RzK1c0Bz4"))
        if verb == "QUIT":
            return


def provider(host, auth=None, mail=None, rcpt=None, data=None, greeting=None,
             listed=("AUTH LOGIN PLAIN", "SIZE 35882577", "8BITMIME")):
    """A handler that answers as a provider does; what is given replaces the friendly reply."""
    def handler(conn):
        step = None
        conn.say(*(greeting or [f"220 {host} ESMTP"]))
        while True:
            line = conn.hear()
            if line is None:
                return
            verb = line.split(" ")[0].split(":")[0].upper()
            if step == "user":
                step = "password"
                conn.say("334 UGFzc3dvcmQ6")
            elif step == "password" or line.upper().startswith("AUTH PLAIN "):
                step = None
                conn.say(*(auth or ["235 2.7.0 Accepted"]))
            elif line.upper() == "AUTH LOGIN":
                step = "user"
                conn.say("334 VXNlcm5hbWU6")
            elif verb == "EHLO":
                conn.say(f"250-{host} at your service",
                         *[f"250-{word}" for word in listed[:-1]], f"250 {listed[-1]}")
            elif verb == "MAIL":
                conn.say(*(mail or ["250 2.1.0 OK"]))
            elif verb == "RCPT":
                conn.say(*(rcpt or ["250 2.1.5 OK"]))
            elif verb == "DATA":
                conn.say("354 Go ahead")
                conn.message()
                conn.say(*(data or ["250 2.0.0 OK"]))
            elif verb == "QUIT":
                conn.say("221 2.0.0 closing connection")
                return
            else:
                conn.say("250 2.0.0 OK")
    return handler
