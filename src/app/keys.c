/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/keys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "dissectors/tls_keys.h"

struct keys {
    struct tls_keys *tls;
    const char *log_name;
    FILE *log; /* stays open: it may grow */
    char line[KEY_LOG_LINE_MAX];
    size_t line_len; /* of a line whose end has not come */
    size_t taken;    /* secrets out of it */
    bool too_long;   /* the line at hand is no key log line */
    bool asked;      /* --keylog or --rsa-key was given */
};

static void end_line(struct keys *k)
{
    if (!k->too_long)
        k->taken += tls_keys_read_log(k->tls, bytes_of(k->line, k->line_len));
    mem_wipe(k->line, k->line_len);
    k->line_len = 0;
    k->too_long = false;
}

/* What the log holds beyond what was read before. */
static void read_log(struct keys *k)
{
    char block[4096];
    size_t n;
    clearerr(k->log);
    while ((n = fread(block, 1, sizeof block, k->log)) > 0) {
        for (size_t i = 0; i < n; i++) {
            if (block[i] == '\n' || block[i] == '\r')
                end_line(k);
            else if (k->line_len < sizeof k->line)
                k->line[k->line_len++] = block[i];
            else
                k->too_long = true;
        }
    }
    mem_wipe(block, sizeof block);
}

static bool open_log(struct keys *k, const char *name, bool may_come_later)
{
    k->log_name = name;
    k->log = fopen(name, "rb");
    if (!k->log) {
        log_error("--keylog \"%s\": it cannot be opened: %s", name, strerror(errno));
        return false;
    }
    setvbuf(k->log, NULL, _IONBF, 0); /* no copy of a secret stays in a buffer */
    read_log(k);
    if (ferror(k->log)) {
        log_error("--keylog \"%s\": it cannot be read: %s", name, strerror(errno));
        return false;
    }
    if (may_come_later)
        return true;
    end_line(k); /* the last one may lack its end */
    if (k->taken == 0) {
        log_error(
            "--keylog \"%s\": there is no TLS secret in it. A key log has lines that begin with CLIENT_RANDOM or "
            "CLIENT_TRAFFIC_SECRET_0; programs write one when the variable SSLKEYLOGFILE names a file",
            name);
        return false;
    }
    return true;
}

static const char *why_no_rsa(enum status status)
{
    switch (status) {
    case STATUS_NO_PERMISSION:
        return "this key is locked with a passphrase. Unlock a copy of it first: openssl pkey -in FILE -out UNLOCKED";
    case STATUS_UNSUPPORTED:
        return "this is no RSA key. Only an RSA key opens a session, and only one without forward secrecy; for others a key log is needed (--keylog)";
    case STATUS_NOT_FOUND:
        return "there is no private key in PEM form in it (it begins with a line like -----BEGIN PRIVATE KEY-----; a certificate is no key)";
    default:
        return "there is not enough memory to read it";
    }
}

static bool open_rsa(struct keys *k, const char *name)
{
    char pem[RSA_KEY_FILE_MAX];
    FILE *f = fopen(name, "rb");
    if (!f) {
        log_error("--rsa-key \"%s\": it cannot be opened: %s", name, strerror(errno));
        return false;
    }
    setvbuf(f, NULL, _IONBF, 0);
    size_t n = fread(pem, 1, sizeof pem, f);
    bool failed = ferror(f) != 0;
    int reason = errno;
    fclose(f);
    enum status status = failed ? STATUS_READ_ERROR : tls_keys_read_rsa(k->tls, bytes_of(pem, n));
    mem_wipe(pem, sizeof pem);
    if (failed)
        log_error("--rsa-key \"%s\": it cannot be read: %s", name, strerror(reason));
    else if (status != STATUS_OK)
        log_error("--rsa-key \"%s\": %s", name, why_no_rsa(status));
    return status == STATUS_OK;
}

struct keys *keys_new(const struct options *o)
{
    struct keys *k = mem_alloc(NULL, sizeof *k);
    if (k)
        k->tls = tls_keys_new(NULL);
    if (!k || !k->tls) {
        log_error("there is not enough memory to begin");
        keys_free(k);
        return NULL;
    }
    k->asked = o->keylog || o->rsa_key;
    if (o->keylog && o->interface)
        (void)tls_keys_expect(k->tls);
    if ((o->keylog && !open_log(k, o->keylog, o->interface != NULL)) ||
        (o->rsa_key && !open_rsa(k, o->rsa_key))) {
        keys_free(k);
        return NULL;
    }
    return k;
}

struct tls_keys *keys_tls(const struct keys *k)
{
    return k->tls;
}

void keys_take(struct keys *k, struct source *source)
{
    struct bytes text;
    while (source_next_secrets(source, &text))
        (void)tls_keys_read_log(k->tls, text);
}

void keys_again(struct keys *k)
{
    if (k->log)
        read_log(k);
}

void keys_tell(const struct keys *k)
{
    struct tls_keys_stats s;
    tls_keys_stats(k->tls, &s);
    uint32_t read = s.sessions[TLS_READ] + s.sessions[TLS_READ_IN_PART],
             none = s.sessions[TLS_NO_KEY];
    if (s.sessions[TLS_WRONG_KEY] > 0)
        log_warning(
            "the key for the encrypted session at frame %u does not fit it, so that session stays closed to mailwhy%s",
            s.first_frame[TLS_WRONG_KEY],
            s.sessions[TLS_WRONG_KEY] > 1 ? " (and others likewise)" : "");
    if (s.sessions[TLS_READ_IN_PART] > 0)
        log_warning(
            "the key log lacks a part of the secrets of the encrypted session at frame %u: only its beginning could be read",
            s.first_frame[TLS_READ_IN_PART]);
    if (s.late > 0)
        log_warning(
            "TLS secrets came after the session that they belong to, which was read without them. In a pcapng file they have to "
            "stand in front of the packets: editcap --inject-secrets puts them there");
    if (k->asked && s.sessions[TLS_NOT_SUPPORTED] > 0)
        log_warning(
            "the encrypted session at frame %u uses a TLS version or cipher that mailwhy cannot read with a key",
            s.first_frame[TLS_NOT_SUPPORTED]);
    if (k->asked && read == 0 && s.sessions[TLS_WRONG_KEY] == 0 && none > 0)
        log_warning(
            "no given key belongs to any of the %u encrypted sessions in the capture (the first is at frame %u). The key log must be "
            "of the same run as the capture; an RSA key opens only sessions without forward secrecy",
            none, s.first_frame[TLS_NO_KEY]);
    if (s.secrets > 0 || k->asked)
        log_detail(
            "TLS: %u secrets known, %u left out; of the encrypted sessions %u were read, %u in part, for %u there was no key",
            s.secrets, s.dropped, s.sessions[TLS_READ], s.sessions[TLS_READ_IN_PART], none);
}

void keys_free(struct keys *k)
{
    if (!k)
        return;
    if (k->log)
        fclose(k->log);
    tls_keys_free(k->tls);
    mem_wipe(k, sizeof *k);
    mem_free(NULL, k, sizeof *k);
}
