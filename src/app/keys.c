/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/keys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "dissectors/tls_keys.h"

/* A key log, and the line of it at hand. */
struct key_log {
    const char *name;
    FILE *file; /* stays open: it may grow */
    char line[KEY_LOG_LINE_MAX];
    size_t line_len; /* of a line whose end has not come */
    size_t taken;    /* secrets out of it */
    bool too_long;   /* the line at hand is no key log line */
};

struct keys {
    struct tls_keys *tls;
    struct key_log logs[KEY_LOGS_MAX];
    size_t log_count, rsa_count, file_count;
    const char *first_file[TLS_READINGS]; /* where tls_keys_stats.first_frame is */
};

static void end_line(struct keys *k, struct key_log *log)
{
    if (!log->too_long)
        log->taken += tls_keys_read_log(k->tls, bytes_of(log->line, log->line_len));
    mem_wipe(log->line, log->line_len);
    log->line_len = 0;
    log->too_long = false;
}

/* Windows writes a byte order mark, and PowerShell 16 bits a letter: these bytes are in no line. */
static bool is_of_utf16(char c)
{
    return c == '\0' || c == '\xff' || c == '\xfe';
}

/* What the log holds beyond what was read before. */
static void read_log(struct keys *k, struct key_log *log)
{
    char block[4096];
    size_t n;
    clearerr(log->file);
    while ((n = fread(block, 1, sizeof block, log->file)) > 0) {
        for (size_t i = 0; i < n; i++) {
            if (block[i] == '\n' || block[i] == '\r')
                end_line(k, log);
            else if (log->line_len == sizeof log->line)
                log->too_long = true;
            else if (!is_of_utf16(block[i]))
                log->line[log->line_len++] = block[i];
        }
    }
    mem_wipe(block, sizeof block);
}

static bool open_log(struct keys *k, const char *name, bool may_come_later)
{
    struct key_log *log = &k->logs[k->log_count];
    log->name = name;
    log->file = fopen(name, "rb");
    if (!log->file) {
        log_error("--keylog \"%s\": it cannot be opened: %s", name, strerror(errno));
        return false;
    }
    k->log_count++;
    setvbuf(log->file, NULL, _IONBF, 0); /* no copy of a secret stays in a buffer */
    read_log(k, log);
    if (ferror(log->file)) {
        log_error("--keylog \"%s\": it cannot be read: %s", name, strerror(errno));
        return false;
    }
    if (may_come_later)
        return true;
    end_line(k, log); /* the last one may lack its end */
    if (log->taken == 0)
        log_warning(
            "--keylog \"%s\": there is no TLS secret in it. A key log has lines that begin with CLIENT_RANDOM or "
            "CLIENT_TRAFFIC_SECRET_0; programs write one when the variable SSLKEYLOGFILE names a file",
            name);
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
        return "there is no private key in PEM form in it (it begins with a line like -----BEGIN PRIVATE KEY-----; a certificate is no key). Of other forms make one: openssl pkey -in FILE -out KEY.pem";
    case STATUS_LIMIT:
        return "there are more RSA keys than mailwhy takes in one call";
    default:
        return "there is not enough memory to read it";
    }
}

static bool open_rsa(struct keys *k, const char *name)
{
    k->rsa_count++;
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
    if (o->keylog_count > 0 && o->interface)
        (void)tls_keys_expect(k->tls);
    bool opened = true;
    for (size_t i = 0; opened && i < o->keylog_count; i++)
        opened = open_log(k, o->keylogs[i], o->interface != NULL);
    for (size_t i = 0; opened && i < o->rsa_key_count; i++)
        opened = open_rsa(k, o->rsa_keys[i]);
    if (!opened) {
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
    for (size_t i = 0; i < k->log_count; i++)
        read_log(k, &k->logs[i]);
}

void keys_end_file(struct keys *k, const char *file, bool secrets_skipped)
{
    if (secrets_skipped)
        log_warning(
            "\"%s\": a block of TLS secrets in it is too long and was passed over; give them as a key log (--keylog)",
            file);
    struct tls_keys_stats s;
    tls_keys_stats(k->tls, &s);
    k->file_count++;
    for (int i = 0; i < TLS_READINGS; i++)
        if (s.sessions[i] > 0 && !k->first_file[i])
            k->first_file[i] = file;
}

/* "frame 8", and of which file where there are several. */
static const char *place_of(const struct keys *k, const struct tls_keys_stats *s,
                            enum tls_reading reading, char *out, size_t size)
{
    if (k->file_count > 1 && k->first_file[reading])
        snprintf(out, size, "frame %u of \"%s\"", s->first_frame[reading], k->first_file[reading]);
    else
        snprintf(out, size, "frame %u", s->first_frame[reading]);
    return out;
}

static void tell_no_key(const struct keys *k, const struct tls_keys_stats *s, const char *place)
{
    uint32_t none = s->sessions[TLS_NO_KEY];
    const char *
        log_hint = k->log_count > 0 ? " The key log must be of the same run as the capture." : "",
       *rsa_hint =
           k->rsa_count > 0
               ? " An RSA key must be the server's own, and opens only sessions without forward secrecy."
               : "";
    if (none == 1)
        log_warning("no given key belongs to the encrypted session at %s.%s%s", place, log_hint,
                    rsa_hint);
    else
        log_warning(
            "no given key belongs to any of %u encrypted sessions (the first is at %s).%s%s", none,
            place, log_hint, rsa_hint);
    if (s->dropped > 0)
        log_warning(
            "there are more secrets than mailwhy keeps: %u older ones were dropped. Give the part of the key log that is of the "
            "capture's time",
            s->dropped);
}

void keys_tell(const struct keys *k)
{
    struct tls_keys_stats s;
    char place[256];
    tls_keys_stats(k->tls, &s);
    const uint32_t *sessions = s.sessions;
    bool asked = k->log_count > 0 || k->rsa_count > 0, given = s.secrets > 0 || k->rsa_count > 0;
    uint32_t read = sessions[TLS_READ] + sessions[TLS_READ_IN_PART], none = sessions[TLS_NO_KEY];
    if (sessions[TLS_WRONG_KEY] > 0)
        log_warning(
            "the key for the encrypted session at %s does not fit it, so that session stays closed to mailwhy%s",
            place_of(k, &s, TLS_WRONG_KEY, place, sizeof place),
            sessions[TLS_WRONG_KEY] > 1 ? " (and others likewise)" : "");
    if (sessions[TLS_READ_IN_PART] > 0)
        log_warning(
            "the key log lacks a part of the secrets of the encrypted session at %s, so that what was said in it stays closed to mailwhy",
            place_of(k, &s, TLS_READ_IN_PART, place, sizeof place));
    if (s.late > 0)
        log_warning(
            "TLS secrets came after the session that they belong to, which was read without them. In a pcapng file they have to "
            "stand in front of the packets: editcap --inject-secrets puts them there");
    if (asked && sessions[TLS_NOT_SUPPORTED] > 0)
        log_warning(
            "the encrypted session at %s uses a TLS version or cipher that mailwhy cannot read with a key",
            place_of(k, &s, TLS_NOT_SUPPORTED, place, sizeof place));
    if (given && sessions[TLS_NO_START] > 0)
        log_warning(
            "the capture lacks the first messages of the encrypted session at %s; without the hello of both sides no key opens it",
            place_of(k, &s, TLS_NO_START, place, sizeof place));
    if (given && read == 0 && sessions[TLS_WRONG_KEY] == 0 && none > 0)
        tell_no_key(k, &s, place_of(k, &s, TLS_NO_KEY, place, sizeof place));
    if (given || asked)
        log_detail(
            "TLS: %u secrets known, %u dropped; of the encrypted sessions %u were read, %u in part, for %u there was no key",
            s.secrets, s.dropped, sessions[TLS_READ], sessions[TLS_READ_IN_PART], none);
}

void keys_free(struct keys *k)
{
    if (!k)
        return;
    for (size_t i = 0; i < k->log_count; i++)
        fclose(k->logs[i].file);
    tls_keys_free(k->tls);
    mem_wipe(k, sizeof *k);
    mem_free(NULL, k, sizeof *k);
}
