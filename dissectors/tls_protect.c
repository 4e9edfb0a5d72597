/* SPDX-License-Identifier: BSD-3-Clause */
#include "dissectors/tls_protect.h"

#include "base/cursor.h"
#include "base/mem.h"

enum { VERSION_10 = 0x0301, VERSION_11 = 0x0302, VERSION_13 = 0x0304 };
enum { NONCE_SIZE = 12, NUMBER_SIZE = 8, HEADER_MAX = NUMBER_SIZE + 5, PLAIN_MAX = 1 << 14 };

/* Does key_block hold an IV? From TLS 1.1 on CBC records bring their own. */
static size_t block_iv_size(const struct tls_suite *suite, uint16_t version)
{
    return suite->mode == TLS_MODE_CBC && version > VERSION_10 ? 0 : suite->iv_size;
}

size_t tls_key_block_size(const struct tls_suite *suite, uint16_t version)
{
    return 2 * (tls_hash_size((enum tls_hash)suite->mac) + suite->key_size +
                block_iv_size(suite, version));
}

static bool begin(struct tls_protect *p, const struct tls_crypto *c)
{
    if (!tls_crypto_has(c, (enum tls_cipher)p->suite->cipher))
        return false;
    if (p->suite->mode == TLS_MODE_STREAM && p->suite->cipher != TLS_CIPHER_NULL) {
        p->stream = tls_stream_new(c, (enum tls_cipher)p->suite->cipher, p->key);
        return p->stream != NULL;
    }
    return true;
}

/* The device's half of a pair stands first (RFC 5246 6.3). */
static void take(struct cursor *c, uint8_t *out, size_t size, bool by_server)
{
    struct cursor pair = cursor_block(c, 2 * size);
    cursor_skip(&pair, by_server ? size : 0);
    cursor_copy(&pair, out, size);
}

bool tls_protect_from_block(struct tls_protect *p, const struct tls_crypto *c,
                            const struct tls_suite *suite, uint16_t version, bool mac_last,
                            struct bytes block, bool by_server)
{
    *p = (struct tls_protect) { .suite = suite,
                                .version = version,
                                .mac_last = mac_last && suite->mode == TLS_MODE_CBC };
    struct cursor at = cursor_of(block);
    take(&at, p->mac_key, tls_hash_size((enum tls_hash)suite->mac), by_server);
    take(&at, p->key, suite->key_size, by_server);
    take(&at, p->iv, block_iv_size(suite, version), by_server);
    return cursor_ok(&at) && begin(p, c);
}

bool tls_protect_from_secret(struct tls_protect *p, const struct tls_crypto *c,
                             const struct tls_suite *suite, struct bytes secret)
{
    *p = (struct tls_protect) { .suite = suite, .version = VERSION_13 };
    enum tls_hash hash = (enum tls_hash)suite->prf;
    return suite->mode == TLS_MODE_AEAD &&
           tls_expand_label(c, hash, secret, "key", p->key, suite->key_size) &&
           tls_expand_label(c, hash, secret, "iv", p->iv, NONCE_SIZE) && begin(p, c);
}

void tls_protect_wipe(struct tls_protect *p)
{
    tls_stream_free(p->stream);
    mem_wipe(p, sizeof *p);
}

static void put_number(uint8_t *at, uint64_t number)
{
    for (int i = NUMBER_SIZE - 1; i >= 0; i--, number >>= 8)
        at[i] = (uint8_t)number;
}

/* RFC 5246 6.2.3.1: number, type, version and length, as the MAC and the AEAD cover them. */
static struct bytes covered_header(uint8_t out[HEADER_MAX], const struct tls_sealed *record,
                                   uint64_t number, size_t len)
{
    put_number(out, number);
    uint8_t rest[] = { record->type, (uint8_t)(record->version >> 8), (uint8_t)record->version,
                       (uint8_t)(len >> 8), (uint8_t)len };
    bytes_copy(out + NUMBER_SIZE, sizeof rest, bytes_of(rest, sizeof rest));
    return bytes_of(out, HEADER_MAX);
}

/* ------------------------------------------------------------------ AEAD */

/* RFC 8446 5.3, RFC 7905 2: the IV, exclusive-ored with the number; or up to TLS 1.2 (RFC 5288 3)
 * the IV and what the record brings. */
static void make_nonce(const struct tls_protect *p, struct bytes explicit, uint64_t number,
                       uint8_t out[NONCE_SIZE])
{
    size_t n = bytes_copy(out, NONCE_SIZE, bytes_of(p->iv, NONCE_SIZE));
    if (explicit.len > 0) {
        bytes_copy(out + p->suite->iv_size, n - p->suite->iv_size, explicit);
        return;
    }
    for (size_t i = 0; i < NUMBER_SIZE; i++)
        out[NONCE_SIZE - 1 - i] ^= (uint8_t)(number >> 8 * i);
}

/* RFC 8446 5.2: the content's type stands behind it, then zeros. */
static bool strip_padding(struct bytes *content, uint8_t *type)
{
    size_t n = content->len;
    while (n > 0 && content->at[n - 1] == 0)
        n--;
    if (n == 0)
        return false;
    *type = content->at[n - 1];
    *content = bytes_first(*content, n - 1);
    return true;
}

static bool open_aead(struct tls_protect *p, const struct tls_crypto *c,
                      const struct tls_sealed *record, unsigned ahead, uint8_t *out,
                      struct bytes *content, uint8_t *type)
{
    const struct tls_suite *suite = p->suite;
    bool v13 = p->version >= VERSION_13;
    struct cursor at = cursor_of(record->payload);
    struct bytes explicit =
        cursor_bytes(&at, v13 || suite->iv_size == NONCE_SIZE ? 0 : NONCE_SIZE - suite->iv_size);
    size_t left = cursor_left(&at);
    if (!cursor_ok(&at) || left < suite->tag_size)
        return false;
    struct bytes text = cursor_bytes(&at, left - suite->tag_size), tag = cursor_rest(&at);
    for (unsigned i = 0; i <= ahead; i++) {
        uint64_t number = p->number + i;
        uint8_t nonce[NONCE_SIZE], header[HEADER_MAX];
        make_nonce(p, explicit, number, nonce);
        struct bytes covered =
            covered_header(header, record, number, v13 ? record->payload.len : text.len);
        if (!tls_aead_open(c, (enum tls_cipher)suite->cipher, p->key, nonce,
                           v13 ? bytes_after(covered, NUMBER_SIZE) : covered, text, tag, out))
            continue;
        p->number = number + 1;
        *content = bytes_of(out, text.len);
        *type = record->type;
        return !v13 || strip_padding(content, type);
    }
    return false;
}

/* ------------------------------------------------------------------ MAC */

/* Does the MAC fit content under one of the next numbers? */
static bool mac_fits(struct tls_protect *p, const struct tls_crypto *c,
                     const struct tls_sealed *record, struct bytes content, struct bytes mac,
                     unsigned ahead)
{
    enum tls_hash hash = (enum tls_hash)p->suite->mac;
    for (unsigned i = 0; i <= ahead; i++) {
        uint8_t header[HEADER_MAX], sum[TLS_HASH_MAX];
        struct bytes parts[] = { covered_header(header, record, p->number + i, content.len),
                                 content };
        if (!tls_hmac(c, hash, bytes_of(p->mac_key, tls_hash_size(hash)), parts, 2, sum) ||
            !bytes_equal(bytes_of(sum, tls_hash_size(hash)), mac))
            continue;
        p->number += i + 1;
        return true;
    }
    return false;
}

/* RFC 5246 6.2.3.2: each padding byte says how many there are beside the last. */
static bool strip_cbc_padding(struct bytes *text)
{
    size_t padding = text->len > 0 ? text->at[text->len - 1] : 0;
    if (padding + 1 > text->len)
        return false;
    for (size_t i = text->len - 1 - padding; i < text->len; i++)
        if (text->at[i] != padding)
            return false;
    *text = bytes_first(*text, text->len - 1 - padding);
    return true;
}

static bool split_mac(const struct tls_protect *p, struct bytes text, struct bytes *content,
                      struct bytes *mac)
{
    size_t size = tls_hash_size((enum tls_hash)p->suite->mac);
    if (text.len < size)
        return false;
    *content = bytes_first(text, text.len - size);
    *mac = bytes_after(text, text.len - size);
    return true;
}

/* The blocks of a record, and the IV before them; from TLS 1.1 on the record brings it. */
static bool cbc_blocks(struct tls_protect *p, struct bytes text, uint8_t iv[TLS_IV_MAX],
                       struct bytes *blocks)
{
    size_t size = p->suite->iv_size;
    bool own = p->version > VERSION_10;
    bytes_copy(iv, TLS_IV_MAX, own ? bytes_first(text, size) : bytes_of(p->iv, size));
    *blocks = own ? bytes_after(text, size) : text;
    if (blocks->len == 0 || blocks->len % size != 0)
        return false;
    if (!own)
        bytes_copy(p->iv, size, bytes_after(text, text.len - size));
    return true;
}

static bool open_cbc(struct tls_protect *p, const struct tls_crypto *c,
                     const struct tls_sealed *record, unsigned ahead, uint8_t *out,
                     struct bytes *content)
{
    struct bytes text = record->payload, mac = { NULL, 0 }, blocks;
    if (p->mac_last && !split_mac(p, record->payload, &text, &mac))
        return false;
    uint8_t iv[TLS_IV_MAX];
    if (!cbc_blocks(p, text, iv, &blocks))
        return false;
    bool first_lost = p->version <= VERSION_10 && p->iv_lost;
    p->iv_lost = false;
    if (p->mac_last && !mac_fits(p, c, record, text, mac, ahead)) {
        p->iv_lost = true; /* its last block goes before the next record, and no MAC covers that */
        return false;
    }
    if (first_lost)
        return false;
    if (!tls_cbc_open(c, (enum tls_cipher)p->suite->cipher, p->key, iv, blocks, out))
        return false;
    struct bytes plain = bytes_of(out, blocks.len);
    if (!strip_cbc_padding(&plain))
        return false;
    *content = plain;
    return p->mac_last ||
           (split_mac(p, plain, content, &mac) && mac_fits(p, c, record, *content, mac, ahead));
}

static bool open_stream(struct tls_protect *p, const struct tls_crypto *c,
                        const struct tls_sealed *record, unsigned ahead, uint8_t *out,
                        struct bytes *content)
{
    struct bytes text = record->payload, mac;
    if (p->stream && !tls_stream_open(p->stream, text, out))
        return false;
    if (!p->stream)
        bytes_copy(out, text.len, text);
    return split_mac(p, bytes_of(out, text.len), content, &mac) &&
           mac_fits(p, c, record, *content, mac, ahead);
}

bool tls_protect_open(struct tls_protect *p, const struct tls_crypto *c,
                      const struct tls_sealed *record, unsigned ahead, uint8_t *out,
                      struct bytes *content, uint8_t *type)
{
    *type = record->type;
    if (!p->suite)
        return false;
    bool opened = p->suite->mode == TLS_MODE_AEAD
                      ? open_aead(p, c, record, ahead, out, content, type)
                  : p->suite->mode == TLS_MODE_CBC ? open_cbc(p, c, record, ahead, out, content)
                                                   : open_stream(p, c, record, ahead, out, content);
    return opened && content->len <= PLAIN_MAX;
}
