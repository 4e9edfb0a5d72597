/* SPDX-License-Identifier: BSD-3-Clause */
#include "dissectors/tls_decrypt.h"

#include "base/cursor.h"
#include "base/limits.h"

enum { VERSION_SSL_3 = 0x0300, VERSION_12 = 0x0303, VERSION_13 = 0x0304 };
enum { TRANSCRIPTS = 3 };

/* Which of a direction's keys are due (RFC 8446 7.1); up to TLS 1.2 there is one kind. */
enum epoch { EPOCH_NONE, EPOCH_HANDSHAKE, EPOCH_TRAFFIC };

struct half {
    struct tls_protect protect;     /* of the epoch; without keys where they are not known */
    uint8_t secret[TLS_SECRET_MAX]; /* TLS 1.3: the traffic secret, for the one after it */
    uint8_t secret_len;
    uint8_t epoch;    /* enum epoch */
    uint8_t failures; /* records in a row that did not open */
    bool gap;         /* record numbers may have been lost */
    bool lost;        /* nothing more will open */
    bool passed_lost; /* it is not sure how many records went by without a key */
    uint32_t passed;  /* records of this epoch that went by before its key was known */
    uint32_t looked;  /* tls_keys_generation() when the key was last looked for */
};

struct tls_decrypt {
    struct tls_keys *keys;
    struct budget *budget;
    const struct tls_suite *suite;
    struct half half[2]; /* by enum side */
    uint8_t client_random[TLS_RANDOM_SIZE], server_random[TLS_RANDOM_SIZE];
    uint8_t
        master[TLS_MASTER_SIZE]; /* worked out with an RSA key, or of the session that is resumed */
    uint8_t offered_id[32], offered_id_len;
    uint64_t offered_ticket;
    struct tls_digest
        *transcripts[TRANSCRIPTS]; /* only with an RSA key: MD5 with SHA-1, SHA-256, SHA-384 */
    uint16_t version;
    uint32_t first_sealed; /* frame */
    bool hello_seen, extended_master, mac_last, early_data, master_known, not_supported;
    bool in_transcript; /* the message at hand belongs to it */
    bool key_found, opened;
    bool traffic_wanted; /* records of an epoch whose secret is not in the log */
    bool half_known;     /* the secret of one side's application data is, the other's is not */
};

_Static_assert(sizeof(struct tls_decrypt) <= 800, "state of one decrypted connection");

struct tls_decrypt *tls_decrypt_new(struct tls_keys *keys, struct budget *budget)
{
    struct tls_decrypt *d = mem_alloc(budget, sizeof *d);
    if (!d)
        return NULL;
    d->keys = keys;
    d->budget = budget;
    d->half[SIDE_DEVICE].looked = d->half[SIDE_SERVER].looked = UINT32_MAX;
    return d;
}

static void drop_transcripts(struct tls_decrypt *d)
{
    for (int i = 0; i < TRANSCRIPTS; i++) {
        tls_digest_free(d->transcripts[i]);
        d->transcripts[i] = NULL;
    }
}

static enum tls_reading reading_of(const struct tls_decrypt *d)
{
    if (d->opened)
        return d->traffic_wanted ? TLS_READ_IN_PART : TLS_READ;
    if (d->half_known)
        return TLS_READ_IN_PART;
    if (!d->hello_seen || d->version == 0)
        return TLS_NO_START;
    if (d->not_supported)
        return TLS_NOT_SUPPORTED;
    return d->key_found ? TLS_WRONG_KEY : TLS_NO_KEY;
}

void tls_decrypt_free(struct tls_decrypt *d)
{
    if (!d)
        return;
    if (d->first_sealed > 0)
        tls_keys_count(d->keys, reading_of(d), d->first_sealed);
    if (d->first_sealed > 0 && reading_of(d) == TLS_NO_KEY)
        tls_keys_missed(d->keys, d->client_random);
    drop_transcripts(d);
    tls_protect_wipe(&d->half[SIDE_DEVICE].protect);
    tls_protect_wipe(&d->half[SIDE_SERVER].protect);
    struct budget *budget = d->budget;
    mem_wipe(d, sizeof *d);
    mem_free(budget, d, sizeof *d);
}

/* ------------------------------------------------------------------ what the handshake shows */

void tls_decrypt_client_hello(struct tls_decrypt *d, const struct tls_client_hello *hello)
{
    if (hello->random.len != TLS_RANDOM_SIZE) {
        d->hello_seen = false;
        return;
    }
    d->hello_seen = true;
    bytes_copy(d->client_random, sizeof d->client_random, hello->random);
    d->offered_id_len = (uint8_t)bytes_copy(d->offered_id, sizeof d->offered_id, hello->session_id);
    d->offered_ticket = tls_keys_name(hello->ticket);
    d->early_data = hello->fact.early_data;
    d->master_known = false;
}

void tls_decrypt_server_hello(struct tls_decrypt *d, const struct tls_server_hello *hello)
{
    if (hello->fact.retry || hello->random.len != TLS_RANDOM_SIZE)
        return;
    bytes_copy(d->server_random, sizeof d->server_random, hello->random);
    d->version = hello->fact.version;
    d->suite = tls_suite_of(hello->fact.cipher);
    d->extended_master = hello->extended_master;
    d->mac_last = hello->mac_last;
    d->not_supported = !d->suite || hello->compression != 0 || d->version <= VERSION_SSL_3 ||
                       d->version > VERSION_13 ||
                       !tls_crypto_has(tls_keys_crypto(d->keys), (enum tls_cipher)d->suite->cipher);
    if (d->version < VERSION_13) {
        struct bytes id = bytes_of(d->offered_id, d->offered_id_len);
        struct bytes known = bytes_equal(id, hello->session_id)
                                 ? tls_keys_recall(d->keys, tls_keys_name(id))
                                 : (struct bytes) { NULL, 0 };
        if (known.len == 0)
            known = tls_keys_recall(d->keys, d->offered_ticket);
        d->master_known = bytes_copy(d->master, sizeof d->master, known) == sizeof d->master;
        bytes_copy(d->offered_id, sizeof d->offered_id, hello->session_id);
        d->offered_id_len =
            (uint8_t)(hello->session_id.len <= sizeof d->offered_id ? hello->session_id.len : 0);
    } else {
        d->half[SIDE_DEVICE].epoch = d->half[SIDE_SERVER].epoch = EPOCH_HANDSHAKE;
    }
}

static enum tls_hash prf_of(const struct tls_decrypt *d)
{
    return d->version >= VERSION_12 ? (enum tls_hash)d->suite->prf : TLS_HASH_NONE;
}

void tls_decrypt_transcript(struct tls_decrypt *d, struct bytes bytes, bool begins)
{
    static const uint8_t hashes[TRANSCRIPTS] = { TLS_HASH_NONE, TLS_HASH_SHA256, TLS_HASH_SHA384 };
    if (!tls_keys_has_rsa(d->keys) || bytes.len == 0)
        return;
    if (begins && bytes.at[0] == TLS_CLIENT_HELLO) {
        drop_transcripts(d);
        for (int i = 0; i < TRANSCRIPTS; i++)
            d->transcripts[i] = tls_digest_new(tls_keys_crypto(d->keys), (enum tls_hash)hashes[i]);
    }
    if (begins)
        d->in_transcript = bytes.at[0] != TLS_HELLO_REQUEST; /* RFC 5246 7.4.9 */
    for (int i = 0; d->in_transcript && i < TRANSCRIPTS; i++)
        if (d->transcripts[i])
            tls_digest_add(d->transcripts[i], bytes);
}

/* RFC 5246 8.1, RFC 7627 4. */
static bool make_master(struct tls_decrypt *d, struct bytes pre_master)
{
    const struct tls_crypto *c = tls_keys_crypto(d->keys);
    if (!d->extended_master)
        return tls_prf(c, prf_of(d), pre_master, "master secret",
                       bytes_of(d->client_random, TLS_RANDOM_SIZE),
                       bytes_of(d->server_random, TLS_RANDOM_SIZE), d->master, sizeof d->master);
    int which = prf_of(d) == TLS_HASH_NONE ? 0 : prf_of(d) == TLS_HASH_SHA256 ? 1 : 2;
    uint8_t hash[TLS_HASH_MAX];
    size_t len = d->transcripts[which] ? tls_digest_now(d->transcripts[which], hash) : 0;
    return len > 0 &&
           tls_prf(c, prf_of(d), pre_master, "extended master secret", bytes_of(hash, len),
                   (struct bytes) { NULL, 0 }, d->master, sizeof d->master);
}

/* Up to TLS 1.2; empty when there is none. */
static struct bytes master_of(const struct tls_decrypt *d)
{
    struct bytes logged = tls_keys_find(d->keys, TLS_SECRET_MASTER, d->client_random);
    if (logged.len > 0 || !d->master_known)
        return logged;
    return bytes_of(d->master, sizeof d->master);
}

/* The session may be resumed by that id or ticket. */
static void remember_master(const struct tls_decrypt *d, struct bytes id)
{
    uint64_t name = tls_keys_name(id);
    struct bytes master = master_of(d);
    if (master.len > 0 && !bytes_equal(tls_keys_recall(d->keys, name), master))
        tls_keys_remember(d->keys, name, master);
}

void tls_decrypt_key_exchange(struct tls_decrypt *d, struct bytes body)
{
    d->master_known = false; /* the session that was offered is not resumed */
    if (!tls_keys_has_rsa(d->keys) || d->not_supported || !d->suite || d->version >= VERSION_13)
        return;
    struct cursor c = cursor_of(body), sealed = cursor_block16(&c);
    uint8_t pre_master[TLS_MASTER_SIZE];
    if (cursor_ok(&sealed) && tls_keys_rsa_open(d->keys, cursor_rest(&sealed), pre_master)) {
        d->master_known = make_master(d, bytes_of(pre_master, sizeof pre_master));
        remember_master(d, bytes_of(d->offered_id, d->offered_id_len));
    }
    mem_wipe(pre_master, sizeof pre_master);
    drop_transcripts(d);
}

void tls_decrypt_ticket(struct tls_decrypt *d, struct bytes body)
{
    struct cursor c = cursor_of(body);
    cursor_skip(&c, 4); /* lifetime */
    struct cursor ticket = cursor_block16(&c);
    if (cursor_ok(&ticket))
        remember_master(d, cursor_rest(&ticket));
}

/* ------------------------------------------------------------------ keys */

static void new_epoch(struct half *h, enum epoch epoch)
{
    tls_protect_wipe(&h->protect);
    mem_wipe(h->secret, sizeof h->secret);
    h->epoch = (uint8_t)epoch;
    h->secret_len = h->failures = 0;
    h->passed = 0;
    h->passed_lost = h->gap;
    h->lost = false;
    h->looked = UINT32_MAX;
}

void tls_decrypt_change(struct tls_decrypt *d, enum side from)
{
    new_epoch(&d->half[from], EPOCH_TRAFFIC);
    d->half[from].gap = d->half[from].passed_lost = false; /* numbers begin anew right here */
}

/* Up to TLS 1.2: the keys out of the master secret. */
static bool keys_from_master(struct tls_decrypt *d, enum side from)
{
    const struct tls_crypto *c = tls_keys_crypto(d->keys);
    struct bytes master = master_of(d);
    if (master.len == 0)
        return false;
    remember_master(d, bytes_of(d->offered_id, d->offered_id_len));
    uint8_t block[2 * (TLS_HASH_MAX + TLS_KEY_MAX + TLS_IV_MAX)];
    size_t size = tls_key_block_size(d->suite, d->version);
    bool made =
        tls_prf(c, prf_of(d), master, "key expansion", bytes_of(d->server_random, TLS_RANDOM_SIZE),
                bytes_of(d->client_random, TLS_RANDOM_SIZE), block, size) &&
        tls_protect_from_block(&d->half[from].protect, c, d->suite, d->version, d->mac_last,
                               bytes_of(block, size), from == SIDE_SERVER);
    mem_wipe(block, sizeof block);
    return made;
}

static enum tls_secret secret_kind(enum epoch epoch, enum side from)
{
    if (epoch == EPOCH_HANDSHAKE)
        return from == SIDE_SERVER ? TLS_SECRET_HANDSHAKE_SERVER : TLS_SECRET_HANDSHAKE_DEVICE;
    return from == SIDE_SERVER ? TLS_SECRET_TRAFFIC_SERVER : TLS_SECRET_TRAFFIC_DEVICE;
}

/* Half a conversation would be taken for one in which the other side says nothing. */
static bool has_both_traffic_secrets(struct tls_decrypt *d)
{
    bool device = tls_keys_find(d->keys, TLS_SECRET_TRAFFIC_DEVICE, d->client_random).len > 0;
    bool server = tls_keys_find(d->keys, TLS_SECRET_TRAFFIC_SERVER, d->client_random).len > 0;
    d->half_known = device != server;
    return device && server;
}

static bool keys_from_secret(struct tls_decrypt *d, enum side from, enum epoch epoch)
{
    struct half *h = &d->half[from];
    if (epoch == EPOCH_TRAFFIC && !has_both_traffic_secrets(d))
        return false;
    struct bytes secret = tls_keys_find(d->keys, secret_kind(epoch, from), d->client_random);
    if (secret.len == 0 || secret.len != tls_hash_size((enum tls_hash)d->suite->prf))
        return false;
    h->secret_len = (uint8_t)bytes_copy(h->secret, sizeof h->secret, secret);
    return tls_protect_from_secret(&h->protect, tls_keys_crypto(d->keys), d->suite, secret);
}

/* Looks for the epoch's keys where they are not there yet and new ones have come. */
static bool have_keys(struct tls_decrypt *d, enum side from)
{
    struct half *h = &d->half[from];
    if (h->protect.suite)
        return true;
    if (!d->hello_seen || d->not_supported || !d->suite || h->epoch == EPOCH_NONE ||
        h->looked == tls_keys_generation(d->keys))
        return false;
    h->looked = tls_keys_generation(d->keys);
    bool made = d->version < VERSION_13 ? keys_from_master(d, from)
                                        : keys_from_secret(d, from, (enum epoch)h->epoch);
    if (!made) {
        tls_protect_wipe(&h->protect);
        return false;
    }
    d->key_found = true;
    h->protect.number = h->passed;
    h->gap = h->gap || h->passed_lost;
    if (h->passed > 0 || h->passed_lost) {
        h->protect.iv_lost = true;
        h->lost = h->protect.stream != NULL;
    }
    return true;
}

void tls_decrypt_finished(struct tls_decrypt *d, enum side from)
{
    if (d->version < VERSION_13 ||
        d->half[from].epoch ==
            EPOCH_TRAFFIC) /* RFC 8446 4.6.2: after the handshake one changes nothing */
        return;
    new_epoch(&d->half[from], EPOCH_TRAFFIC);
    d->half[from].gap = d->half[from].passed_lost = false;
}

/* RFC 8446 7.2: the secret after this one. */
static bool next_secret(struct tls_decrypt *d, struct half *h, struct tls_protect *protect,
                        uint8_t secret[TLS_SECRET_MAX])
{
    const struct tls_crypto *c = tls_keys_crypto(d->keys);
    return h->secret_len > 0 &&
           tls_expand_label(c, (enum tls_hash)d->suite->prf, bytes_of(h->secret, h->secret_len),
                            "traffic upd", secret, h->secret_len) &&
           tls_protect_from_secret(protect, c, d->suite, bytes_of(secret, h->secret_len));
}

void tls_decrypt_key_update(struct tls_decrypt *d, enum side from)
{
    struct half *h = &d->half[from];
    struct tls_protect next = { .suite = NULL };
    uint8_t secret[TLS_SECRET_MAX];
    if (d->version < VERSION_13 || h->epoch != EPOCH_TRAFFIC || !next_secret(d, h, &next, secret))
        return;
    tls_protect_wipe(&h->protect);
    h->protect = next;
    bytes_copy(h->secret, sizeof h->secret, bytes_of(secret, h->secret_len));
    mem_wipe(secret, sizeof secret);
    mem_wipe(&next, sizeof next);
}

/* ------------------------------------------------------------------ records */

void tls_decrypt_gap(struct tls_decrypt *d, enum side from)
{
    struct half *h = &d->half[from];
    h->gap = h->passed_lost = true;
    h->protect.iv_lost = true;
    if (h->protect.stream)
        h->lost = true;
}

/* After a gap a Finished or a KeyUpdate may have been in it, and where handshake secrets are not in
 * the log nobody tells where they end: do the keys that come next fit? */
static bool open_with_next_keys(struct tls_decrypt *d, enum side from,
                                const struct tls_sealed *record, uint8_t *out,
                                struct bytes *content, uint8_t *type)
{
    struct half *h = &d->half[from];
    if (d->version < VERSION_13 ||
        (h->protect.suite && !h->gap && !(from == SIDE_DEVICE && d->early_data)))
        return false;
    struct half before = *h;
    bool ready = false;
    unsigned ahead = h->gap || h->passed_lost    ? TLS_AHEAD_MAX
                     : h->passed < TLS_AHEAD_MAX ? h->passed
                                                 : TLS_AHEAD_MAX;
    h->protect = (struct tls_protect) { .suite = NULL };
    if (h->epoch == EPOCH_HANDSHAKE) {
        ready = keys_from_secret(d, from, EPOCH_TRAFFIC);
    } else if (h->epoch == EPOCH_TRAFFIC) {
        uint8_t secret[TLS_SECRET_MAX];
        ready = next_secret(d, h, &h->protect, secret);
        if (ready)
            bytes_copy(h->secret, sizeof h->secret, bytes_of(secret, h->secret_len));
        mem_wipe(secret, sizeof secret);
    }
    d->key_found = d->key_found || ready;
    if (ready && tls_protect_open(&h->protect, tls_keys_crypto(d->keys), record, ahead, out,
                                  content, type)) {
        h->epoch = EPOCH_TRAFFIC;
        tls_protect_wipe(&before.protect);
        mem_wipe(&before, sizeof before);
        return true;
    }
    tls_protect_wipe(&h->protect);
    *h = before;
    mem_wipe(&before, sizeof before);
    return false;
}

static bool open_record(struct tls_decrypt *d, enum side from, const struct tls_sealed *record,
                        uint8_t *out, struct bytes *content, uint8_t *type)
{
    struct half *h = &d->half[from];
    if (have_keys(d, from) && !h->lost &&
        tls_protect_open(&h->protect, tls_keys_crypto(d->keys), record, h->gap ? TLS_AHEAD_MAX : 0,
                         out, content, type))
        return true;
    return !h->lost && d->hello_seen && d->suite && !d->not_supported &&
           open_with_next_keys(d, from, record, out, content, type);
}

bool tls_decrypt_open(struct tls_decrypt *d, enum side from, const struct tls_sealed *record,
                      uint32_t frame, uint8_t *out, struct bytes *content, uint8_t *type)
{
    struct half *h = &d->half[from];
    if (d->first_sealed == 0)
        d->first_sealed = frame;
    if (open_record(d, from, record, out, content, type)) {
        d->opened = true;
        h->gap = h->passed_lost = false;
        h->failures = 0;
        h->passed = 0;
        return true;
    }
    if (!h->protect.suite) {
        h->passed++;
        d->traffic_wanted =
            d->traffic_wanted || (d->version >= VERSION_13 && h->epoch == EPOCH_TRAFFIC);
        return false;
    }
    bool early = from == SIDE_DEVICE && d->early_data &&
                 h->epoch == EPOCH_HANDSHAKE; /* passed over (RFC 8446 4.2.10) */
    if (!early) {
        h->gap = true;
        h->lost = h->lost || ++h->failures >= TLS_FAILURES_MAX;
    }
    return false;
}
