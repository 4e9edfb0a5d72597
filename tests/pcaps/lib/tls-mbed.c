/* SPDX-License-Identifier: BSD-3-Clause */
/* A mail-sending device on top of mbed TLS, as cameras and door stations have it inside. One
 * attempt:  tls-mbed ADDR PORT implicit|starttls NAME [KEY=VALUE]...
 * Keys: ca=FILE crl=FILE cert=FILE key=FILE min=0..3 max=0..3 (minor version) suite=NAME user=
 * password= to= sender= */
#include <mbedtls/base64.h>
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/error.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct device {
    mbedtls_net_context net;
    mbedtls_ssl_context ssl;
    mbedtls_ssl_config conf;
    mbedtls_x509_crt ca, cert;
    mbedtls_x509_crl crl;
    mbedtls_pk_context key;
    int secured;
    int suites[2];
};

static const char *setting(int argc, char **argv, const char *key)
{
    for (int i = 5; i < argc; i++)
        if (strncmp(argv[i], key, strlen(key)) == 0 && argv[i][strlen(key)] == '=')
            return argv[i] + strlen(key) + 1;
    return NULL;
}

static void give_up(struct device *d, const char *what, int ret)
{
    char text[200] = "";
    mbedtls_strerror(ret, text, sizeof text);
    fprintf(stderr, "device: %s: %s\n", what, text);
    mbedtls_net_free(&d->net);
    exit(1);
}

static int command(struct device *d, const char *line)
{
    unsigned char reply[4096];
    int n, code = 0;
    if (line && d->secured)
        mbedtls_ssl_write(&d->ssl, (const unsigned char *)line, strlen(line));
    else if (line)
        mbedtls_net_send(&d->net, (const unsigned char *)line, strlen(line));
    for (;;) {
        n = d->secured ? mbedtls_ssl_read(&d->ssl, reply, sizeof reply - 1)
                       : mbedtls_net_recv(&d->net, reply, sizeof reply - 1);
        if (n <= 0)
            give_up(d, "no reply", n);
        reply[n] = 0;
        char *last = (char *)reply;
        for (char *p = last; (p = strchr(p, '\n')) && p[1];)
            last = ++p;
        code = (int)strtol(last, NULL, 10);
        if (strlen(last) > 3 && last[3] == ' ' && strchr(last, '\n'))
            return code;
    }
}

static void base64_line(struct device *d, const char *text)
{
    unsigned char out[300];
    size_t n = 0;
    mbedtls_base64_encode(out, sizeof out - 3, &n, (const unsigned char *)text, strlen(text));
    out[n] = '\r';
    out[n + 1] = '\n';
    out[n + 2] = 0;
    command(d, (char *)out);
}

static void handshake(struct device *d, const char *name)
{
    int ret;
    mbedtls_ssl_setup(&d->ssl, &d->conf);
    if (*name)
        mbedtls_ssl_set_hostname(&d->ssl, name);
    mbedtls_ssl_set_bio(&d->ssl, &d->net, mbedtls_net_send, mbedtls_net_recv, NULL);
    ret = mbedtls_ssl_handshake(&d->ssl);
    if (ret)
        give_up(d, "handshake", ret);
    d->secured = 1;
}

static void configure(struct device *d, int argc, char **argv, mbedtls_ctr_drbg_context *drbg)
{
    const char *v;
    mbedtls_ssl_config_defaults(&d->conf, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                                MBEDTLS_SSL_PRESET_DEFAULT);
    mbedtls_ssl_conf_rng(&d->conf, mbedtls_ctr_drbg_random, drbg);
    mbedtls_ssl_conf_authmode(&d->conf, MBEDTLS_SSL_VERIFY_NONE);
    if ((v = setting(argc, argv, "ca")) && mbedtls_x509_crt_parse_file(&d->ca, v) == 0)
        mbedtls_ssl_conf_authmode(&d->conf, MBEDTLS_SSL_VERIFY_REQUIRED);
    if ((v = setting(argc, argv, "crl")))
        mbedtls_x509_crl_parse_file(&d->crl, v);
    mbedtls_ssl_conf_ca_chain(&d->conf, &d->ca, &d->crl);
    if ((v = setting(argc, argv, "cert")) && mbedtls_x509_crt_parse_file(&d->cert, v) == 0 &&
        mbedtls_pk_parse_keyfile(&d->key, setting(argc, argv, "key"), NULL) == 0)
        mbedtls_ssl_conf_own_cert(&d->conf, &d->cert, &d->key);
    if ((v = setting(argc, argv, "min")))
        mbedtls_ssl_conf_min_version(&d->conf, 3, (int)strtol(v, NULL, 10));
    if ((v = setting(argc, argv, "max")))
        mbedtls_ssl_conf_max_version(&d->conf, 3, (int)strtol(v, NULL, 10));
    if ((v = setting(argc, argv, "suite"))) {
        d->suites[0] = mbedtls_ssl_get_ciphersuite_id(v);
        mbedtls_ssl_conf_ciphersuites(&d->conf, d->suites);
    }
}

int main(int argc, char **argv)
{
    static struct device d;
    mbedtls_entropy_context entropy;
    mbedtls_ctr_drbg_context drbg;
    char line[300];
    const char *user, *sender, *to;
    int ret;
    if (argc < 5)
        return 2;
    mbedtls_entropy_init(&entropy);
    mbedtls_ctr_drbg_init(&drbg);
    mbedtls_ctr_drbg_seed(&drbg, mbedtls_entropy_func, &entropy, NULL, 0);
    alarm(8); /* a device does not wait for ever */
    mbedtls_net_init(&d.net);
    mbedtls_ssl_init(&d.ssl);
    mbedtls_ssl_config_init(&d.conf);
    mbedtls_x509_crt_init(&d.ca);
    mbedtls_x509_crt_init(&d.cert);
    mbedtls_x509_crl_init(&d.crl);
    mbedtls_pk_init(&d.key);
    configure(&d, argc, argv, &drbg);
    if ((ret = mbedtls_net_connect(&d.net, argv[1], argv[2], MBEDTLS_NET_PROTO_TCP)))
        give_up(&d, "connect", ret);
    if (strcmp(argv[3], "implicit") == 0)
        handshake(&d, argv[4]);
    command(&d, NULL);
    command(&d, "EHLO camera\r\n");
    if (strcmp(argv[3], "starttls") == 0) {
        if (command(&d, "STARTTLS\r\n") != 220)
            give_up(&d, "STARTTLS refused", 0);
        handshake(&d, argv[4]);
        command(&d, "EHLO camera\r\n");
    }
    if ((user = setting(argc, argv, "user"))) {
        command(&d, "AUTH LOGIN\r\n");
        base64_line(&d, user);
        base64_line(&d, setting(argc, argv, "password"));
    }
    sender = setting(argc, argv, "sender");
    to = setting(argc, argv, "to");
    snprintf(line, sizeof line, "MAIL FROM:<%s>\r\n", sender ? sender : "camera@example.jp");
    command(&d, line);
    snprintf(line, sizeof line, "RCPT TO:<%s>\r\n", to ? to : "admin@example.jp");
    command(&d, line);
    command(&d, "DATA\r\n");
    ret = command(&d, "From: camera@example.jp\r\nTo: admin@example.jp\r\nSubject: Motion\r\n\r\n"
                      "Motion at the gate.\r\n.\r\n");
    fprintf(stderr, "device: %s\n", ret == 250 ? "delivered" : "not delivered");
    command(&d, "QUIT\r\n");
    mbedtls_ssl_close_notify(&d.ssl);
    mbedtls_net_free(&d.net);
    return ret != 250;
}
