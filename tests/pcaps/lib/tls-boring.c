/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A mail server and a device on BoringSSL, which compress certificates (RFC 8879) and put the server's whole flight into one record, as
 * Google's servers and the mail programs of phones do:
 *   tls-boring server ADDR PORT CERT KEY KEYLOG | tls-boring device ADDR PORT NAME
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/bytestring.h>
#include <openssl/pool.h>
#include <openssl/ssl.h>
#include <zlib.h>

static FILE *keylog;

static void log_key(const SSL *s, const char *line)
{
    (void)s;
    fprintf(keylog, "%s\n", line);
    fflush(keylog);
}

static int pack(SSL *s, CBB *out, const uint8_t *in, size_t len)
{
    uLongf size = compressBound(len);
    uint8_t *room;
    (void)s;
    return CBB_reserve(out, &room, size) && compress(room, &size, in, len) == Z_OK &&
           CBB_did_write(out, size);
}

static int unpack(SSL *s, CRYPTO_BUFFER **out, size_t len, const uint8_t *in, size_t in_len)
{
    uLongf size = len;
    uint8_t *room;
    (void)s;
    *out = CRYPTO_BUFFER_alloc(&room, len);
    return *out && uncompress(room, &size, in, in_len) == Z_OK && size == len;
}

static int said(SSL *s, char *text, int size)
{
    int n = SSL_read(s, text, size - 1);
    text[n > 0 ? n : 0] = 0;
    return n;
}

static void say(SSL *s, const char *text)
{
    SSL_write(s, text, (int)strlen(text));
}

static int starts(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

static void serve(SSL *s)
{
    char text[8192];
    say(s, "220 smtp.example.jp ESMTP\r\n");
    while (said(s, text, sizeof text) > 0) {
        if (starts(text, "EHLO"))
            say(s, "250-smtp.example.jp\r\n250 SIZE 1000000\r\n");
        else if (starts(text, "DATA"))
            say(s, "354 go on\r\n");
        else if (starts(text, "From:"))
            say(s, "250 2.0.0 Ok: queued as 1\r\n");
        else if (starts(text, "QUIT"))
            break;
        else
            say(s, "250 2.1.0 Ok\r\n");
    }
    say(s, "221 2.0.0 Bye\r\n");
}

static void send_mail(SSL *s)
{
    static const char *const lines[] = { "EHLO phone\r\n",
                                         "MAIL FROM:<camera@example.jp>\r\n",
                                         "RCPT TO:<admin@example.jp>\r\n",
                                         "DATA\r\n",
                                         "From: camera@example.jp\r\n\r\nSomebody rang.\r\n.\r\n",
                                         "QUIT\r\n" };
    char text[8192];
    said(s, text, sizeof text);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        say(s, lines[i]);
        said(s, text, sizeof text);
    }
}

static int connection(char **args, int listens)
{
    struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(args[3])) };
    int on = 1, f = socket(AF_INET, SOCK_STREAM, 0);
    inet_pton(AF_INET, args[2], &addr.sin_addr);
    if (!listens)
        return connect(f, (struct sockaddr *)&addr, sizeof addr) == 0 ? f : -1;
    setsockopt(f, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(f, (struct sockaddr *)&addr, sizeof addr) != 0 || listen(f, 1) != 0)
        return -1;
    return accept(f, NULL, NULL);
}

int main(int argc, char **args)
{
    int server = argc == 7 && strcmp(args[1], "server") == 0;
    if (!server && argc != 5)
        return 2;
    SSL_CTX *context = SSL_CTX_new(TLS_method());
    SSL_CTX_add_cert_compression_alg(context, TLSEXT_cert_compression_zlib, pack, unpack);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    if (server) {
        keylog = fopen(args[6], "a");
        SSL_CTX_set_keylog_callback(context, log_key);
        SSL_CTX_use_certificate_chain_file(context, args[4]);
        SSL_CTX_use_PrivateKey_file(context, args[5], SSL_FILETYPE_PEM);
    }
    int f = connection(args, server);
    SSL *s = SSL_new(context);
    SSL_set_fd(s, f);
    if (!server)
        SSL_set_tlsext_host_name(s, args[4]);
    if (f < 0 || (server ? SSL_accept(s) : SSL_connect(s)) != 1)
        return 1;
    (server ? serve : send_mail)(s);
    SSL_shutdown(s);
    return close(f);
}
