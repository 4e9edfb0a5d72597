# SPDX-License-Identifier: BSD-3-Clause
"""A mail server made with Twisted: twisted_server.py CERTIFICATE KEY USER PASSWORD. It raises the library's
own errors and leaves the words to them."""
import sys

from OpenSSL import SSL
from twisted.cred import checkers, portal
from twisted.internet import defer, reactor, ssl
from twisted.mail import imap4, smtp
from zope.interface import implementer

cert, key, user, password = sys.argv[1:5]


@implementer(smtp.IMessage)
class Message:
    def __init__(self):
        self.refused = False

    def lineReceived(self, line):
        self.refused |= line.startswith(b"Subject: refused")

    def eomReceived(self):
        return defer.fail(ValueError()) if self.refused else defer.succeed(None)

    def connectionLost(self):
        pass


@implementer(smtp.IMessageDelivery)
class Delivery:
    def receivedHeader(self, helo, origin, recipients):
        return b"Received: by mx.example.jp"

    def validateFrom(self, helo, origin):
        if b"plala" not in origin.domain:
            raise smtp.SMTPBadSender(origin)
        return origin

    def validateTo(self, to):
        if to.dest.local == b"nobody":
            raise smtp.SMTPBadRcpt(to)
        return Message


@implementer(portal.IRealm)
class Realm:
    def requestAvatar(self, who, mind, *interfaces):
        return smtp.IMessageDelivery, Delivery(), lambda: None


class Server(smtp.ESMTP):
    def __init__(self, context):
        super().__init__({b"PLAIN": imap4.PLAINCredentials, b"LOGIN": imap4.LOGINCredentials}, context)
        self.host = b"mx.example.jp"


class Factory(smtp.SMTPFactory):
    domain = b"mx.example.jp"

    def __init__(self, context, implicit):
        super().__init__(portal.Portal(Realm()))
        self.portal.registerChecker(checkers.InMemoryUsernamePasswordDatabaseDontUse(**{user: password.encode()}))
        self.portal.registerChecker(checkers.AllowAnonymousAccess())
        self.context, self.implicit = context, implicit

    def buildProtocol(self, address):
        server = Server(None if self.implicit else self.context)
        server.portal = self.portal
        server.factory = self
        return server


class Context(ssl.DefaultOpenSSLContextFactory):
    def cacheContext(self):
        super().cacheContext()
        self._context.set_cipher_list(b"ALL:@SECLEVEL=0")


context = Context(key, cert, SSL.TLS_METHOD)
reactor.listenTCP(587, Factory(context, False))
reactor.listenSSL(465, Factory(context, True), context)
reactor.run()
