/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A session with a key that is known: its hellos are fixed, what follows is the input, sealed here record by record, so that
 * damage goes inside the encryption. Whole and byte by byte it must open the same, and free all.
 * First byte: bit 0 TLS 1.3. Then pieces: a byte (bit 0 the server; bit 1 a gap; bit 2 as it is, not sealed; bits 3 and 4 the content
 * type, 20 to 23), a length in two bytes, so many bytes.
 */
#include <openssl/evp.h>
#include <stdlib.h>

#include "base/cursor.h"
#include "base/limits.h"
#include "base/mem.h"
#include "dissectors/tls.h"
#include "dissectors/tls_keys.h"
#include "dissectors/tls_protect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define RANDOM_HEX "0101010101010101010101010101010101010101010101010101010101010101"
#define SECRET_HEX "0202020202020202020202020202020202020202020202020202020202020202"

static const char key_log[] =
    "CLIENT_RANDOM " RANDOM_HEX " " SECRET_HEX "02020202020202020202020202020202\n"
    "CLIENT_HANDSHAKE_TRAFFIC_SECRET " RANDOM_HEX " " SECRET_HEX "\n"
    "SERVER_HANDSHAKE_TRAFFIC_SECRET " RANDOM_HEX " " SECRET_HEX "\n"
    "CLIENT_TRAFFIC_SECRET_0 " RANDOM_HEX " " SECRET_HEX "\n"
    "SERVER_TRAFFIC_SECRET_0 " RANDOM_HEX " " SECRET_HEX "\n";

enum {
    RECORD_MAX = 1 << 14,
    SUITE_12 = 0x009c,
    SUITE_13 = 0x1301,
    AES_128_KEY = 16,
    NONCE = 12,
    TAG = 16
};

struct sealer {
    uint64_t number[2];
    uint8_t key[2][AES_128_KEY], iv[2][NONCE];
    bool v13;
};

struct session {
    struct tls *tls;
    size_t cut;
    uint32_t frame;
    uint64_t offset[2], said[2];
    uint64_t sum[2]; /* over what was opened */
};

static void opened(void *state, const struct chunk *chunk)
{
    struct session *s = state;
    if (chunk->origin != ORIGIN_DECRYPTED || (!chunk->gap && chunk->offset != s->said[chunk->from]))
        abort();
    s->said[chunk->from] += chunk->bytes.len;
    for (size_t i = 0; i < chunk->bytes.len; i++)
        s->sum[chunk->from] = s->sum[chunk->from] * 31 + chunk->bytes.at[i];
}

static void say(struct session *s, enum side from, struct bytes b)
{
    s->frame++;
    while (b.len > 0) {
        struct chunk chunk = {
            .from = from, .frame = s->frame, .time = s->frame, .offset = s->offset[from]
        };
        chunk.bytes = s->cut > 0 ? bytes_first(b, s->cut) : b;
        s->offset[from] += chunk.bytes.len;
        tls_data(s->tls, &chunk);
        b = bytes_after(b, chunk.bytes.len);
    }
}

/* Both hellos, and up to TLS 1.2 both ChangeCipherSpecs. */
static void hellos(struct session *s, bool v13)
{
    uint8_t client[256] = { 22, 3, 1, 0, 0, 1, 0, 0, 0, 3, 3 },
            server[256] = { 22, 3, 3, 0, 0, 2, 0, 0, 0, 3, 3 };
    static const uint8_t client_rest[] = { 0, 0, 4, 0x13, 0x01, 0x00, 0x9c, 1, 0,
                                           0, 7, 0, 43,   0,    3,    2,    3, 4 };
    static const uint8_t server_12[] = { 0, 0x00, 0x9c, 0 },
                         server_13[] = { 0, 0x13, 0x01, 0, 0, 6, 0, 43, 0, 2, 3, 4 };
    static const uint8_t change[] = { 20, 3, 3, 0, 1, 1 };
    memset(client + 11, 1, TLS_RANDOM_SIZE);
    memset(server + 11, 2, TLS_RANDOM_SIZE);
    size_t c = 43 + bytes_copy(client + 43, 64, bytes_of(client_rest, sizeof client_rest));
    size_t n = 43 + bytes_copy(server + 43, 64,
                               v13 ? bytes_of(server_13, sizeof server_13)
                                   : bytes_of(server_12, sizeof server_12));
    client[4] = (uint8_t)(c - 5);
    client[8] = (uint8_t)(c - 9);
    server[4] = (uint8_t)(n - 5);
    server[8] = (uint8_t)(n - 9);
    say(s, SIDE_DEVICE, bytes_of(client, c));
    say(s, SIDE_SERVER, bytes_of(server, n));
    for (int side = 0; side < 2 && !v13; side++)
        say(s, (enum side)side, bytes_of(change, sizeof change));
}

static void make_sealer(struct sealer *sealer, const struct tls_crypto *c, bool v13)
{
    uint8_t secret[TLS_MASTER_SIZE], block[2 * (AES_128_KEY + 4)], server_random[TLS_RANDOM_SIZE],
        client_random[TLS_RANDOM_SIZE];
    memset(secret, 2, sizeof secret);
    memset(client_random, 1, sizeof client_random);
    memset(server_random, 2, sizeof server_random);
    *sealer = (struct sealer) { .v13 = v13 };
    struct cursor at = cursor_of(bytes_of(block, sizeof block));
    if (!tls_prf(c, TLS_HASH_SHA256, bytes_of(secret, sizeof secret), "key expansion",
                 bytes_of(server_random, sizeof server_random),
                 bytes_of(client_random, sizeof client_random), block, sizeof block))
        abort();
    for (int side = 0; side < 2; side++) {
        if (v13) {
            tls_expand_label(c, TLS_HASH_SHA256, bytes_of(secret, 32), "key", sealer->key[side],
                             AES_128_KEY);
            tls_expand_label(c, TLS_HASH_SHA256, bytes_of(secret, 32), "iv", sealer->iv[side],
                             NONCE);
        } else {
            cursor_copy(&at, sealer->key[side], AES_128_KEY);
        }
    }
    for (int side = 0; side < 2 && !v13; side++)
        cursor_copy(&at, sealer->iv[side], 4);
}

/* A record of that content; returns its length. */
static size_t seal(struct sealer *k, enum side from, uint8_t type, struct bytes content,
                   uint8_t *out)
{
    uint8_t nonce[NONCE], number[8], more[13], inner[RECORD_MAX + 1];
    uint64_t n = k->number[from]++;
    for (int i = 7; i >= 0; i--, n >>= 8)
        number[i] = (uint8_t)n;
    bytes_copy(nonce, NONCE, bytes_of(k->iv[from], NONCE));
    for (int i = 0; i < 8; i++)
        nonce[4 + i] ^= number[i];
    size_t len = bytes_copy(inner, RECORD_MAX, content), explicit = k->v13 ? 0 : 8;
    if (k->v13)
        inner[len++] = type;
    size_t payload = explicit + len + TAG;
    uint8_t header[] = { k->v13 ? 23 : type, 3, 3, (uint8_t)(payload >> 8), (uint8_t)payload };
    bytes_copy(out, 5, bytes_of(header, 5));
    bytes_copy(
        out + 5, explicit,
        bytes_of(number,
                 8)); /* exclusive-ored with an IV that ends in zeros it is the nonce's end */
    size_t covered = bytes_copy(more, 8, bytes_of(number, k->v13 ? 0 : 8));
    uint8_t tail[] = { header[0], 3, 3, k->v13 ? header[3] : (uint8_t)(len >> 8),
                       k->v13 ? header[4] : (uint8_t)len };
    covered += bytes_copy(more + covered, 5, bytes_of(tail, 5));
    int done = 0;
    EVP_CIPHER_CTX *x = EVP_CIPHER_CTX_new();
    if (!x || EVP_EncryptInit_ex(x, EVP_aes_128_gcm(), NULL, k->key[from], nonce) != 1 ||
        EVP_EncryptUpdate(x, NULL, &done, more, (int)covered) != 1 ||
        (len > 0 && EVP_EncryptUpdate(x, out + 5 + explicit, &done, inner, (int)len) != 1) ||
        EVP_EncryptFinal_ex(x, inner, &done) != 1 ||
        EVP_CIPHER_CTX_ctrl(x, EVP_CTRL_AEAD_GET_TAG, TAG, out + 5 + explicit + len) != 1)
        abort();
    EVP_CIPHER_CTX_free(x);
    return 5 + payload;
}

/* Where the dissector begins to count anew, so does the sealer. */
static void follow(struct sealer *k, enum side from, uint8_t type, struct bytes content)
{
    if ((!k->v13 && type == 20) ||
        (k->v13 && type == 22 && content.len >= 4 && content.at[0] == 20))
        k->number[from] = 0;
}

static void pieces(struct session *s, struct sealer *k, struct cursor c)
{
    static uint8_t record[RECORD_MAX + 64];
    while (cursor_left(&c) > 0) {
        uint8_t control = cursor_u8(&c);
        size_t len = cursor_u16(&c), left = cursor_left(&c);
        enum side from = control & 1 ? SIDE_SERVER : SIDE_DEVICE;
        if (control & 2) {
            struct chunk gap = { .from = from,
                                 .gap = true,
                                 .gap_len = len,
                                 .frame = ++s->frame,
                                 .offset = s->offset[from] };
            s->offset[from] += len;
            tls_data(s->tls, &gap);
            k->number[from] += len % 7;
            continue;
        }
        struct bytes content = bytes_first(cursor_bytes(&c, len < left ? len : left), RECORD_MAX);
        uint8_t type = (uint8_t)(20 + (control >> 3 & 3));
        if (control & 4) {
            say(s, from, content);
            continue;
        }
        say(s, from, bytes_of(record, seal(k, from, type, content, record)));
        follow(k, from, type, content);
    }
}

static void play(struct tls_keys *keys, struct bytes input, size_t cut, uint64_t sum[2],
                 uint64_t said[2])
{
    struct budget budget = { 0 };
    struct attempt *attempt = attempt_new(&budget);
    struct cursor c = cursor_of(input);
    bool v13 = cursor_u8(&c) & 1;
    struct session s = { .cut = cut };
    struct sealer sealer;
    attempt->start_seen = true;
    s.tls = tls_new(attempt, &budget, true);
    tls_use_keys(s.tls, keys, (struct tls_sink) { opened, &s });
    make_sealer(&sealer, tls_keys_crypto(keys), v13);
    hellos(&s, v13);
    pieces(&s, &sealer, c);
    tls_end(s.tls);
    tls_free(s.tls);
    attempt_free(attempt);
    if (budget.used != 0)
        abort();
    for (int side = 0; side < 2; side++) {
        sum[side] = s.sum[side];
        said[side] = s.said[side];
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tls_keys *keys;
    if (!keys) {
        keys = tls_keys_new(NULL);
        if (!keys || tls_keys_read_log(keys, bytes_str(key_log)) != 5)
            abort();
    }
    uint64_t sum[2][2], said[2][2];
    play(keys, bytes_of(data, size), 0, sum[0], said[0]);
    play(keys, bytes_of(data, size), 1, sum[1], said[1]);
    if (memcmp(sum[0], sum[1], sizeof sum[0]) != 0 || memcmp(said[0], said[1], sizeof said[0]) != 0)
        abort();
    return 0;
}
