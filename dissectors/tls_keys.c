/* SPDX-License-Identifier: BSD-3-Clause */
#include "dissectors/tls_keys.h"

#include "base/limits.h"
#include "base/table.h"
#include "dissectors/tls_crypto.h"

/* What a secret is stored under: which kind, and the random of its session. */
enum { KEY_SIZE = 1 + TLS_RANDOM_SIZE };

struct entry {
    struct entry *newer;
    uint8_t key[KEY_SIZE];
    uint8_t len, secret[TLS_SECRET_MAX];
};

struct remembered {
    uint64_t name; /* 0 = none */
    uint8_t master[TLS_MASTER_SIZE];
};

struct tls_keys {
    struct budget *budget;
    struct tls_crypto *crypto;
    struct table table;
    struct entry *oldest, *newest;
    struct tls_rsa *rsa[TLS_RSA_KEYS_MAX];
    struct remembered remembered[TLS_RESUMED_MAX];
    uint64_t missed[TLS_MISSED_MAX]; /* names of randoms, the latest few; 0 = none */
    size_t rsa_count, next_remembered, next_missed;
    bool expected;
    uint32_t generation;
    struct tls_keys_stats stats;
};

static bool is_entry(const void *value, struct bytes key)
{
    const struct entry *e = value;
    return bytes_equal(bytes_of(e->key, KEY_SIZE), key);
}

struct tls_keys *tls_keys_new(struct budget *budget)
{
    struct tls_keys *k = mem_alloc(budget, sizeof *k);
    if (!k)
        return NULL;
    k->budget = budget;
    table_init(&k->table, budget, is_entry);
    return k;
}

/* The library is set up when the first key comes: most captures bring none. */
static bool make_crypto(struct tls_keys *k)
{
    if (!k->crypto)
        k->crypto = tls_crypto_new();
    return k->crypto != NULL;
}

bool tls_keys_expect(struct tls_keys *k)
{
    k->expected = make_crypto(k);
    return k->expected;
}

bool tls_keys_worth_it(const struct tls_keys *k)
{
    return k->crypto && (k->expected || k->stats.secrets > 0 || k->rsa_count > 0);
}

void tls_keys_free(struct tls_keys *k)
{
    if (!k)
        return;
    size_t at = 0;
    for (struct entry *e = table_next(&k->table, &at); e; e = table_next(&k->table, &at)) {
        mem_wipe(e, sizeof *e);
        mem_free(k->budget, e, sizeof *e);
    }
    table_done(&k->table);
    for (size_t i = 0; i < k->rsa_count; i++)
        tls_rsa_free(k->rsa[i]);
    tls_crypto_free(k->crypto);
    struct budget *budget = k->budget;
    mem_wipe(k, sizeof *k);
    mem_free(budget, k, sizeof *k);
}

/* ------------------------------------------------------------------ the key log */

/* NSS Key Log Format; exporter and early secrets, and others of later days, are passed over. */
static const char *const labels[TLS_SECRETS] = {
    [TLS_SECRET_MASTER] = "CLIENT_RANDOM",
    [TLS_SECRET_HANDSHAKE_DEVICE] = "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    [TLS_SECRET_HANDSHAKE_SERVER] = "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    [TLS_SECRET_TRAFFIC_DEVICE] = "CLIENT_TRAFFIC_SECRET_0",
    [TLS_SECRET_TRAFFIC_SERVER] = "SERVER_TRAFFIC_SECRET_0",
};

static int hex_digit(uint8_t c)
{
    c = bytes_lower(c);
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* How many bytes; 0 when it is no hexadecimal number of at most size bytes. */
static size_t read_hex(struct bytes text, uint8_t *out, size_t size)
{
    if (text.len % 2 != 0 || text.len / 2 > size)
        return 0;
    for (size_t i = 0; i < text.len / 2; i++) {
        int high = hex_digit(text.at[2 * i]), low = hex_digit(text.at[2 * i + 1]);
        if (high < 0 || low < 0)
            return 0;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return text.len / 2;
}

static struct bytes next_word(struct bytes *line)
{
    size_t begin = 0, end;
    while (begin < line->len && (line->at[begin] == ' ' || line->at[begin] == '\t'))
        begin++;
    for (end = begin; end < line->len && line->at[end] != ' ' && line->at[end] != '\t'; end++)
        ;
    struct bytes word =
        begin < end ? bytes_of(line->at + begin, end - begin) : (struct bytes) { NULL, 0 };
    *line = bytes_after(*line, end);
    return word;
}

/* A line; false when it holds no secret that is of use. */
static bool read_line(struct bytes line, struct entry *e)
{
    static const uint8_t byte_order_mark[] = { 0xef, 0xbb,
                                               0xbf }; /* editors on Windows leave one */
    if (bytes_equal(bytes_first(line, sizeof byte_order_mark),
                    bytes_of(byte_order_mark, sizeof byte_order_mark)))
        line = bytes_after(line, sizeof byte_order_mark);
    struct bytes label = next_word(&line), random = next_word(&line), secret = next_word(&line);
    unsigned kind = 0;
    while (kind < TLS_SECRETS && !bytes_equal(label, bytes_str(labels[kind])))
        kind++;
    if (kind == TLS_SECRETS || next_word(&line).len > 0)
        return false;
    e->key[0] = (uint8_t)kind;
    e->len = (uint8_t)read_hex(secret, e->secret, sizeof e->secret);
    bool size_fits =
        kind == TLS_SECRET_MASTER ? e->len == TLS_MASTER_SIZE : e->len == 32 || e->len == 48;
    return size_fits && read_hex(random, e->key + 1, TLS_RANDOM_SIZE) == TLS_RANDOM_SIZE;
}

static void note_late(struct tls_keys *k, const struct entry *e)
{
    uint64_t name = tls_keys_name(bytes_of(e->key + 1, TLS_RANDOM_SIZE));
    for (size_t i = 0; i < TLS_MISSED_MAX; i++)
        if (k->missed[i] == name) {
            k->missed[i] = 0;
            k->stats.late++;
        }
}

void tls_keys_missed(struct tls_keys *k, const uint8_t random[TLS_RANDOM_SIZE])
{
    k->missed[k->next_missed] = tls_keys_name(bytes_of(random, TLS_RANDOM_SIZE));
    k->next_missed = (k->next_missed + 1) % TLS_MISSED_MAX;
}

/* Takes the oldest out; NULL when there is none. A log is written at its end, so that the sessions
 * of a capture of today are the last in it. */
static struct entry *take_oldest(struct tls_keys *k)
{
    struct entry *e = k->oldest;
    if (!e)
        return NULL;
    (void)table_remove(&k->table, bytes_of(e->key, KEY_SIZE));
    k->oldest = e->newer;
    if (!k->oldest)
        k->newest = NULL;
    k->stats.secrets--;
    k->stats.dropped++;
    return e;
}

static void put_newest(struct tls_keys *k, struct entry *e)
{
    if (!table_put(&k->table, bytes_of(e->key, KEY_SIZE), e)) {
        mem_wipe(e, sizeof *e);
        mem_free(k->budget, e, sizeof *e);
        k->stats.dropped++;
        return;
    }
    *(k->newest ? &k->newest->newer : &k->oldest) = e;
    k->newest = e;
    k->stats.secrets++;
}

static void add(struct tls_keys *k, const struct entry *new)
{
    struct entry *e = table_get(&k->table, bytes_of(new->key, KEY_SIZE));
    if (e) { /* the latest counts */
        e->len = new->len;
        bytes_copy(e->secret, sizeof e->secret, bytes_of(new->secret, new->len));
        return;
    }
    note_late(k, new);
    if (k->stats.secrets < TLS_SECRETS_MAX)
        e = mem_alloc(k->budget, sizeof *e);
    if (!e)
        e = take_oldest(k);
    if (!e) {
        k->stats.dropped++;
        return;
    }
    *e = *new;
    put_newest(k, e);
}

size_t tls_keys_read_log(struct tls_keys *k, struct bytes text)
{
    size_t count = 0;
    while (text.len > 0) {
        size_t end = 0;
        while (end < text.len && text.at[end] != '\n' && text.at[end] != '\r')
            end++;
        struct entry e = { .len = 0 };
        if (read_line(bytes_first(text, end), &e) && make_crypto(k)) {
            add(k, &e);
            count++;
        }
        mem_wipe(&e, sizeof e);
        text = bytes_after(text, end + 1);
    }
    k->generation += count > 0;
    return count;
}

struct bytes tls_keys_find(const struct tls_keys *k, enum tls_secret secret,
                           const uint8_t random[TLS_RANDOM_SIZE])
{
    uint8_t key[KEY_SIZE] = { (uint8_t)secret };
    bytes_copy(key + 1, TLS_RANDOM_SIZE, bytes_of(random, TLS_RANDOM_SIZE));
    const struct entry *e = table_get(&k->table, bytes_of(key, KEY_SIZE));
    return e ? bytes_of(e->secret, e->len) : (struct bytes) { NULL, 0 };
}

uint32_t tls_keys_generation(const struct tls_keys *k)
{
    return k->generation;
}

const struct tls_crypto *tls_keys_crypto(const struct tls_keys *k)
{
    return k->crypto;
}

/* ------------------------------------------------------------------ RSA */

enum status tls_keys_read_rsa(struct tls_keys *k, struct bytes pem)
{
    if (!make_crypto(k))
        return STATUS_NO_MEMORY;
    size_t before = k->rsa_count;
    enum status why = STATUS_NOT_FOUND; /* by the first key that is of no use */
    while (pem.len > 0) {
        struct tls_rsa *rsa;
        enum status status = tls_rsa_read(k->crypto, &pem, &rsa);
        if (status == STATUS_NOT_FOUND)
            break;
        if (status == STATUS_OK && k->rsa_count == TLS_RSA_KEYS_MAX) {
            tls_rsa_free(rsa);
            return STATUS_LIMIT;
        }
        if (status == STATUS_OK)
            k->rsa[k->rsa_count++] = rsa;
        else if (why == STATUS_NOT_FOUND)
            why = status;
    }
    return k->rsa_count > before ? STATUS_OK : why;
}

bool tls_keys_has_rsa(const struct tls_keys *k)
{
    return k->rsa_count > 0;
}

bool tls_keys_rsa_open(const struct tls_keys *k, struct bytes sealed, uint8_t out[TLS_MASTER_SIZE])
{
    for (size_t i = 0; i < k->rsa_count; i++)
        if (tls_rsa_open(k->crypto, k->rsa[i], sealed, out))
            return true;
    return false;
}

uint64_t tls_keys_name(struct bytes id)
{
    return id.len > 0 ? table_hash(id) | 1 : 0;
}

void tls_keys_remember(struct tls_keys *k, uint64_t name, struct bytes master)
{
    if (name == 0 || master.len != TLS_MASTER_SIZE)
        return;
    struct remembered *r = &k->remembered[k->next_remembered];
    k->next_remembered = (k->next_remembered + 1) % TLS_RESUMED_MAX;
    r->name = name;
    bytes_copy(r->master, sizeof r->master, master);
}

struct bytes tls_keys_recall(const struct tls_keys *k, uint64_t name)
{
    for (size_t i = 0; name != 0 && i < TLS_RESUMED_MAX; i++)
        if (k->remembered[i].name == name)
            return bytes_of(k->remembered[i].master, TLS_MASTER_SIZE);
    return (struct bytes) { NULL, 0 };
}

/* ------------------------------------------------------------------ what became of it */

void tls_keys_count(struct tls_keys *k, enum tls_reading reading, uint32_t frame)
{
    if (k->stats.sessions[reading]++ == 0)
        k->stats.first_frame[reading] = frame;
}

void tls_keys_stats(const struct tls_keys *k, struct tls_keys_stats *stats)
{
    *stats = k->stats;
}
