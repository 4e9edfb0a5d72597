/* SPDX-License-Identifier: BSD-3-Clause */
#include "dissectors/tls_crypto.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>

#include "base/mem.h"

struct tls_crypto {
    OSSL_LIB_CTX *context;
    OSSL_PROVIDER *usual, *legacy;
    EVP_CIPHER *ciphers[TLS_CIPHERS];
    EVP_MD *hashes[TLS_HASHES];
    EVP_MAC_CTX *hmacs[TLS_HASHES]; /* without a key, to begin from */
};

static const char *const cipher_names[TLS_CIPHERS] = {
    [TLS_CIPHER_AES_128_GCM] = "AES-128-GCM",
    [TLS_CIPHER_AES_256_GCM] = "AES-256-GCM",
    [TLS_CIPHER_ARIA_128_GCM] = "ARIA-128-GCM",
    [TLS_CIPHER_ARIA_256_GCM] = "ARIA-256-GCM",
    [TLS_CIPHER_AES_128_CCM] = "AES-128-CCM",
    [TLS_CIPHER_AES_256_CCM] = "AES-256-CCM",
    [TLS_CIPHER_CHACHA20_POLY1305] = "ChaCha20-Poly1305",
    [TLS_CIPHER_AES_128_CBC] = "AES-128-CBC",
    [TLS_CIPHER_AES_256_CBC] = "AES-256-CBC",
    [TLS_CIPHER_ARIA_128_CBC] = "ARIA-128-CBC",
    [TLS_CIPHER_ARIA_256_CBC] = "ARIA-256-CBC",
    [TLS_CIPHER_CAMELLIA_128_CBC] = "CAMELLIA-128-CBC",
    [TLS_CIPHER_CAMELLIA_256_CBC] = "CAMELLIA-256-CBC",
    [TLS_CIPHER_3DES_CBC] = "DES-EDE3-CBC",
    [TLS_CIPHER_DES_CBC] = "DES-CBC",
    [TLS_CIPHER_SEED_CBC] = "SEED-CBC",
    [TLS_CIPHER_IDEA_CBC] = "IDEA-CBC",
    [TLS_CIPHER_RC4] = "RC4",
};

static const struct {
    const char *name;
    size_t size;
} hash_rows[TLS_HASHES] = {
    [TLS_HASH_MD5] = { "MD5", 16 },
    [TLS_HASH_SHA1] = { "SHA1", 20 },
    [TLS_HASH_SHA256] = { "SHA2-256", 32 },
    [TLS_HASH_SHA384] = { "SHA2-384", 48 },
};

size_t tls_hash_size(enum tls_hash hash)
{
    return hash_rows[hash].size;
}

static bool fetch_hashes(struct tls_crypto *c)
{
    EVP_MAC *hmac = EVP_MAC_fetch(c->context, "HMAC", NULL);
    bool whole = hmac != NULL;
    for (int i = TLS_HASH_NONE + 1; whole && i < TLS_HASHES; i++) {
        char name[16] = { 0 };
        bytes_copy(name, sizeof name - 1, bytes_str(hash_rows[i].name));
        OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                OSSL_PARAM_construct_end() };
        c->hashes[i] = EVP_MD_fetch(c->context, name, NULL);
        c->hmacs[i] = EVP_MAC_CTX_new(hmac);
        whole = c->hashes[i] && c->hmacs[i] && EVP_MAC_CTX_set_params(c->hmacs[i], params) == 1;
    }
    EVP_MAC_free(hmac);
    return whole;
}

struct tls_crypto *tls_crypto_new(void)
{
    struct tls_crypto *c = mem_alloc(NULL, sizeof *c);
    if (!c)
        return NULL;
    c->context = OSSL_LIB_CTX_new();
    if (c->context) {
        c->usual = OSSL_PROVIDER_load(c->context, "default");
        c->legacy = OSSL_PROVIDER_load(c->context, "legacy");
    }
    for (int i = 0; c->usual && i < TLS_CIPHERS; i++)
        c->ciphers[i] =
            cipher_names[i] ? EVP_CIPHER_fetch(c->context, cipher_names[i], NULL) : NULL;
    if (!c->usual || !fetch_hashes(c)) {
        tls_crypto_free(c);
        c = NULL;
    }
    ERR_clear_error();
    return c;
}

void tls_crypto_free(struct tls_crypto *c)
{
    if (!c)
        return;
    for (int i = 0; i < TLS_CIPHERS; i++)
        EVP_CIPHER_free(c->ciphers[i]);
    for (int i = 0; i < TLS_HASHES; i++) {
        EVP_MAC_CTX_free(c->hmacs[i]);
        EVP_MD_free(c->hashes[i]);
    }
    if (c->legacy)
        OSSL_PROVIDER_unload(c->legacy);
    if (c->usual)
        OSSL_PROVIDER_unload(c->usual);
    OSSL_LIB_CTX_free(c->context);
    mem_free(NULL, c, sizeof *c);
}

bool tls_crypto_has(const struct tls_crypto *c, enum tls_cipher cipher)
{
    return cipher == TLS_CIPHER_NULL || c->ciphers[cipher] != NULL;
}

/* ------------------------------------------------------------------ hashes and what is derived with them */

bool tls_hmac(const struct tls_crypto *c, enum tls_hash hash, struct bytes key,
              const struct bytes *parts, size_t count, uint8_t *out)
{
    EVP_MAC_CTX *mac = EVP_MAC_CTX_dup(c->hmacs[hash]);
    static const uint8_t nothing[1];
    bool done = mac && EVP_MAC_init(mac, key.len > 0 ? key.at : nothing, key.len, NULL) == 1;
    for (size_t i = 0; done && i < count; i++)
        done = parts[i].len == 0 || EVP_MAC_update(mac, parts[i].at, parts[i].len) == 1;
    size_t len = 0;
    done = done && EVP_MAC_final(mac, out, &len, tls_hash_size(hash)) == 1 &&
           len == tls_hash_size(hash);
    EVP_MAC_CTX_free(mac);
    ERR_clear_error();
    return done;
}

/* RFC 5246 5: P_hash, its bytes exclusive-ored into out. */
static bool p_hash(const struct tls_crypto *c, enum tls_hash hash, struct bytes secret,
                   const struct bytes seed[3], uint8_t *out, size_t len)
{
    uint8_t a[TLS_HASH_MAX], block[TLS_HASH_MAX];
    size_t size = tls_hash_size(hash), at = 0;
    bool done = tls_hmac(c, hash, secret, seed, 3, a);
    while (done && at < len) {
        struct bytes parts[4] = { bytes_of(a, size), seed[0], seed[1], seed[2] };
        done = tls_hmac(c, hash, secret, parts, 4, block) && tls_hmac(c, hash, secret, parts, 1, a);
        for (size_t i = 0; i < size && at < len; i++)
            out[at++] ^= block[i];
    }
    mem_wipe(a, sizeof a);
    mem_wipe(block, sizeof block);
    return done;
}

bool tls_prf(const struct tls_crypto *c, enum tls_hash hash, struct bytes secret, const char *label,
             struct bytes seed, struct bytes more_seed, uint8_t *out, size_t len)
{
    struct bytes parts[3] = { bytes_str(label), seed, more_seed };
    memset(out, 0, len);
    if (hash != TLS_HASH_NONE)
        return p_hash(c, hash, secret, parts, out, len);
    size_t half = (secret.len + 1) / 2; /* RFC 2246 5: the halves overlap where the length is odd */
    struct bytes first = bytes_first(secret, half), last = bytes_after(secret, secret.len - half);
    return p_hash(c, TLS_HASH_MD5, first, parts, out, len) &&
           p_hash(c, TLS_HASH_SHA1, last, parts, out, len);
}

bool tls_expand_label(const struct tls_crypto *c, enum tls_hash hash, struct bytes secret,
                      const char *label, uint8_t *out, size_t len)
{
    static const char prefix[] = "tls13 ";
    uint8_t block[TLS_HASH_MAX], counter = 1, no_context = 0;
    uint8_t head[3] = { (uint8_t)(len >> 8), (uint8_t)len,
                        (uint8_t)(strlen(prefix) + strlen(label)) };
    struct bytes parts[] = { { NULL, 0 },      bytes_of(head, 3),        bytes_str(prefix),
                             bytes_str(label), bytes_of(&no_context, 1), bytes_of(&counter, 1) };
    bool done = true;
    for (size_t at = 0; done && at < len; counter++) {
        done = tls_hmac(c, hash, secret, parts, sizeof parts / sizeof *parts, block);
        parts[0] = bytes_of(block, tls_hash_size(hash));
        at += bytes_copy(out + at, len - at, parts[0]);
    }
    mem_wipe(block, sizeof block);
    return done;
}

struct tls_digest {
    EVP_MD_CTX *contexts[2];
};

struct tls_digest *tls_digest_new(const struct tls_crypto *c, enum tls_hash hash)
{
    struct tls_digest *d = mem_alloc(NULL, sizeof *d);
    if (!d)
        return NULL;
    enum tls_hash first = hash == TLS_HASH_NONE ? TLS_HASH_MD5 : hash;
    d->contexts[0] = EVP_MD_CTX_new();
    bool done = d->contexts[0] && EVP_DigestInit_ex2(d->contexts[0], c->hashes[first], NULL) == 1;
    if (done && hash == TLS_HASH_NONE) {
        d->contexts[1] = EVP_MD_CTX_new();
        done = d->contexts[1] &&
               EVP_DigestInit_ex2(d->contexts[1], c->hashes[TLS_HASH_SHA1], NULL) == 1;
    }
    if (!done) {
        tls_digest_free(d);
        return NULL;
    }
    return d;
}

void tls_digest_add(struct tls_digest *d, struct bytes b)
{
    for (int i = 0; i < 2; i++)
        if (d->contexts[i] && b.len > 0)
            EVP_DigestUpdate(d->contexts[i], b.at, b.len);
}

size_t tls_digest_now(const struct tls_digest *d, uint8_t *out)
{
    size_t total = 0;
    for (int i = 0; i < 2 && d->contexts[i]; i++) {
        EVP_MD_CTX *copy = EVP_MD_CTX_new();
        unsigned len = 0;
        bool done = copy && EVP_MD_CTX_copy_ex(copy, d->contexts[i]) == 1 &&
                    EVP_DigestFinal_ex(copy, out + total, &len) == 1;
        EVP_MD_CTX_free(copy);
        if (!done)
            return 0;
        total += len;
    }
    return total;
}

void tls_digest_free(struct tls_digest *d)
{
    if (!d)
        return;
    EVP_MD_CTX_free(d->contexts[0]);
    EVP_MD_CTX_free(d->contexts[1]);
    mem_free(NULL, d, sizeof *d);
}

/* ------------------------------------------------------------------ ciphers */

static bool is_ccm(enum tls_cipher cipher)
{
    return cipher == TLS_CIPHER_AES_128_CCM || cipher == TLS_CIPHER_AES_256_CCM;
}

bool tls_aead_open(const struct tls_crypto *c, enum tls_cipher cipher, const uint8_t *key,
                   const uint8_t *nonce, struct bytes more, struct bytes text, struct bytes tag,
                   uint8_t *out)
{
    enum { NONCE_SIZE = 12, TAG_MAX = 16 };
    uint8_t tag_copy[TAG_MAX], nothing[1] = { 0 };
    int n = 0;
    int tag_len = (int)bytes_copy(tag_copy, sizeof tag_copy, tag), len = (int)text.len;
    EVP_CIPHER_CTX *x = EVP_CIPHER_CTX_new();
    bool done = x && EVP_DecryptInit_ex2(x, c->ciphers[cipher], NULL, NULL, NULL) == 1 &&
                EVP_CIPHER_CTX_ctrl(x, EVP_CTRL_AEAD_SET_IVLEN, NONCE_SIZE, NULL) == 1 &&
                EVP_CIPHER_CTX_ctrl(x, EVP_CTRL_AEAD_SET_TAG, tag_len, tag_copy) == 1 &&
                EVP_DecryptInit_ex2(x, NULL, key, nonce, NULL) == 1 &&
                (!is_ccm(cipher) || EVP_DecryptUpdate(x, NULL, &n, NULL, len) == 1) &&
                EVP_DecryptUpdate(x, NULL, &n, more.at, (int)more.len) == 1;
    if (done && is_ccm(cipher)) /* the tag is looked at in the same call */
        done = EVP_DecryptUpdate(x, out, &n, len > 0 ? text.at : nothing, len) == 1;
    else if (done)
        done = (len == 0 || EVP_DecryptUpdate(x, out, &n, text.at, len) == 1) &&
               EVP_DecryptFinal_ex(x, nothing, &n) == 1;
    EVP_CIPHER_CTX_free(x);
    ERR_clear_error();
    return done;
}

bool tls_cbc_open(const struct tls_crypto *c, enum tls_cipher cipher, const uint8_t *key,
                  const uint8_t *iv, struct bytes text, uint8_t *out)
{
    int n = 0;
    EVP_CIPHER_CTX *x = EVP_CIPHER_CTX_new();
    bool done = x && EVP_DecryptInit_ex2(x, c->ciphers[cipher], key, iv, NULL) == 1 &&
                EVP_CIPHER_CTX_set_padding(x, 0) == 1 &&
                EVP_DecryptUpdate(x, out, &n, text.at, (int)text.len) == 1 && (size_t)n == text.len;
    EVP_CIPHER_CTX_free(x);
    ERR_clear_error();
    return done;
}

struct tls_stream *tls_stream_new(const struct tls_crypto *c, enum tls_cipher cipher,
                                  const uint8_t *key)
{
    EVP_CIPHER_CTX *x = EVP_CIPHER_CTX_new();
    if (x && EVP_DecryptInit_ex2(x, c->ciphers[cipher], key, NULL, NULL) != 1) {
        EVP_CIPHER_CTX_free(x);
        x = NULL;
    }
    ERR_clear_error();
    return (struct tls_stream *)x;
}

bool tls_stream_open(struct tls_stream *s, struct bytes text, uint8_t *out)
{
    int n = 0;
    return text.len == 0 ||
           EVP_DecryptUpdate((EVP_CIPHER_CTX *)s, out, &n, text.at, (int)text.len) == 1;
}

void tls_stream_free(struct tls_stream *s)
{
    EVP_CIPHER_CTX_free((EVP_CIPHER_CTX *)s);
}

/* ------------------------------------------------------------------ RSA */

/* Nobody is there to be asked for a passphrase. */
static int passphrase_wanted(char *buffer, int size, int writing, void *wanted)
{
    (void)buffer;
    (void)size;
    (void)writing;
    *(bool *)wanted = true;
    return -1;
}

enum status tls_rsa_read(const struct tls_crypto *c, struct bytes *pem, struct tls_rsa **rsa)
{
    *rsa = NULL;
    bool wanted = false;
    BIO *bio = BIO_new_mem_buf(pem->len > 0 ? (const void *)pem->at : "", (int)pem->len);
    if (!bio)
        return STATUS_NO_MEMORY;
    EVP_PKEY *key =
        PEM_read_bio_PrivateKey_ex(bio, NULL, passphrase_wanted, &wanted, c->context, NULL);
    *pem = bytes_after(*pem, pem->len - BIO_ctrl_pending(bio));
    BIO_free(bio);
    ERR_clear_error();
    if (!key)
        return wanted ? STATUS_NO_PERMISSION : STATUS_NOT_FOUND;
    if (!EVP_PKEY_is_a(key, "RSA")) {
        EVP_PKEY_free(key);
        return STATUS_UNSUPPORTED;
    }
    *rsa = (struct tls_rsa *)key;
    return STATUS_OK;
}

void tls_rsa_free(struct tls_rsa *rsa)
{
    EVP_PKEY_free((EVP_PKEY *)rsa);
}

bool tls_rsa_open(const struct tls_crypto *c, const struct tls_rsa *rsa, struct bytes sealed,
                  uint8_t out[48])
{
    enum { SECRET_SIZE = 48 };
    uint8_t plain[2048]; /* a key of 16384 bits */
    size_t len = sizeof plain;
    EVP_PKEY *key = (EVP_PKEY *)(uintptr_t)rsa;
    EVP_PKEY_CTX *x = (size_t)EVP_PKEY_get_size(key) <= sizeof plain
                          ? EVP_PKEY_CTX_new_from_pkey(c->context, key, NULL)
                          : NULL;
    bool done = x && EVP_PKEY_decrypt_init(x) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(x, RSA_PKCS1_PADDING) == 1 &&
                EVP_PKEY_decrypt(x, plain, &len, sealed.at, sealed.len) == 1 && len == SECRET_SIZE;
    if (done)
        bytes_copy(out, SECRET_SIZE, bytes_of(plain, SECRET_SIZE));
    mem_wipe(plain, sizeof plain);
    EVP_PKEY_CTX_free(x);
    ERR_clear_error();
    return done;
}
