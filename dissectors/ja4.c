/* SPDX-License-Identifier: BSD-3-Clause */
#include "dissectors/ja4.h"

#include <openssl/evp.h>

#include "base/cursor.h"
#include "base/limits.h"
#include "base/table.h"
#include "facts/tls_names.h"

enum {
    COUNT_MAX = 99, /* two digits */
    HASH_DIGITS = 12,
    EXT_SERVER_NAME = 0,
    EXT_ALPN = 16, /* counted, but told in clear and not hashed */
};

static const char digits[] = "0123456789abcdef";

struct values {
    uint16_t at[JA4_VALUES_MAX];
    size_t count;
    bool dropped; /* there were more */
};

/* Pairs of bytes as numbers, GREASE (RFC 8701) left out. */
static void read_values(struct values *v, struct bytes pairs)
{
    struct cursor c = cursor_of(pairs);
    v->count = 0;
    v->dropped = false;
    while (cursor_left(&c) > 1) {
        uint16_t value = cursor_u16(&c);
        if (tls_is_grease(value))
            continue;
        if (v->count < JA4_VALUES_MAX)
            v->at[v->count++] = value;
        else
            v->dropped = true;
    }
}

/* By Shell's method: short, in place, and not slow on any order. */
static void sort(struct values *v)
{
    static const size_t steps[] = { 132, 57, 23, 10, 4, 1 };
    for (size_t s = 0; s < sizeof steps / sizeof *steps; s++)
        for (size_t i = steps[s]; i < v->count; i++) {
            uint16_t value = v->at[i];
            size_t at = i;
            for (; at >= steps[s] && v->at[at - steps[s]] > value; at -= steps[s])
                v->at[at] = v->at[at - steps[s]];
            v->at[at] = value;
        }
}

/* What is hashed: four digits each, by commas. */
struct list {
    char text[2 * 5 * JA4_VALUES_MAX];
    size_t len;
};

static void add_values(struct list *l, const struct values *v, char before)
{
    for (size_t i = 0; i < v->count; i++) {
        if (l->len > 0)
            l->text[l->len++] = i > 0 ? ',' : before;
        for (int shift = 12; shift >= 0; shift -= 4)
            l->text[l->len++] = digits[v->at[i] >> shift & 15];
    }
}

/* Looked up once: the library searches for EVP_sha256() anew at each use, which costs far more than
 * a hash. */
static const EVP_MD *sha256(void)
{
    static const EVP_MD *found;
    if (!found)
        found = EVP_MD_fetch(NULL, "SHA256", NULL);
    return found;
}

static void hash_anew(struct bytes text, char out[HASH_DIGITS])
{
    uint8_t sum[EVP_MAX_MD_SIZE] = { 0 };
    if (text.len > 0)
        (void)EVP_Digest(text.at, text.len, sum, NULL, sha256(), NULL);
    for (size_t i = 0; i < HASH_DIGITS; i++)
        out[i] = digits[i % 2 == 0 ? sum[i / 2] >> 4 : sum[i / 2] & 15];
}

/* A device offers the same with each hello: the last few lists are remembered with what they came
 * to. */
static void hash(const struct list *l, char out[HASH_DIGITS])
{
    enum { KNOWN = 128, KNOWN_BYTES = 256 };
    static struct known {
        size_t len;
        char text[KNOWN_BYTES], out[HASH_DIGITS];
    } known[KNOWN];
    struct bytes text = bytes_of(l->text, l->len);
    if (text.len == 0 || text.len > KNOWN_BYTES) {
        hash_anew(text, out);
        return;
    }
    struct known *k = &known[table_hash(text) % KNOWN];
    if (!bytes_equal(bytes_of(k->text, k->len), text)) {
        hash_anew(text, k->out);
        k->len = bytes_copy(k->text, KNOWN_BYTES, text);
    }
    bytes_copy(out, HASH_DIGITS, bytes_of(k->out, HASH_DIGITS));
}

static const char *version_word(const struct fact_client_hello *h)
{
    static const struct {
        uint16_t version;
        char word[3];
    } words[] = {
        { 0x0304, "13" }, { 0x0303, "12" }, { 0x0302, "11" },
        { 0x0301, "10" }, { 0x0300, "s3" }, { 0x0002, "s2" },
    };
    struct cursor c = cursor_of(h->versions);
    uint16_t newest = h->versions.len > 0 ? 0 : h->legacy_version;
    while (cursor_left(&c) > 1) {
        uint16_t version = cursor_u16(&c);
        if (!tls_is_grease(version) && version > newest)
            newest = version;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i].version == newest)
            return words[i].word;
    return "00";
}

static bool is_alphanumeric(uint8_t b)
{
    return (b >= '0' && b <= '9') || (bytes_lower(b) >= 'a' && bytes_lower(b) <= 'z');
}

/* First and last character of the first protocol, or of its hexadecimal form. */
static void alpn_word(struct bytes alpn, char out[2])
{
    out[0] = out[1] = '0';
    if (alpn.len == 0)
        return;
    uint8_t first = alpn.at[0], last = alpn.at[alpn.len - 1];
    bool plain = is_alphanumeric(first) && is_alphanumeric(last);
    out[0] = plain ? (char)first : digits[first >> 4];
    out[1] = plain ? (char)last : digits[last & 15];
}

static void two_digits(char out[2], size_t n)
{
    n = n < COUNT_MAX ? n : COUNT_MAX;
    out[0] = digits[n / 10];
    out[1] = digits[n % 10];
}

/* Leaves out the extensions that are told in clear. True when the server's name was among them. */
static bool drop_clear(struct values *extensions)
{
    bool named = false;
    size_t kept = 0;
    for (size_t i = 0; i < extensions->count; i++) {
        uint16_t type = extensions->at[i];
        named = named || type == EXT_SERVER_NAME;
        if (type != EXT_SERVER_NAME && type != EXT_ALPN)
            extensions->at[kept++] = type;
    }
    extensions->count = kept;
    return named;
}

void ja4_text(const struct tls_client_hello *hello, char text[JA4_TEXT_SIZE])
{
    const struct fact_client_hello *h = &hello->fact;
    struct values values;
    struct list list;
    list.len = 0; /* its text is not read before it is written */
    text[0] = '\0';
    read_values(&values, h->ciphers);
    if (hello->clipped || h->sslv2_form || values.dropped)
        return;
    const char *version = version_word(h);
    two_digits(text + 4, values.count);
    sort(&values);
    add_values(&list, &values, ',');
    hash(&list, text + 11);
    read_values(&values, h->extensions);
    two_digits(text + 6, values.count);
    bool named = drop_clear(&values);
    sort(&values);
    list.len = 0;
    add_values(&list, &values, ',');
    read_values(&values, h->signatures);
    if (values.dropped)
        return;
    if (list.len > 0) /* in the order of the hello, and only behind extensions */
        add_values(&list, &values, '_');
    hash(&list, text + 24);
    text[0] = 't';
    text[1] = version[0];
    text[2] = version[1];
    text[3] = named ? 'd' : 'i';
    alpn_word(h->alpn, text + 8);
    text[10] = text[23] = '_';
    text[JA4_TEXT_SIZE - 1] = '\0';
}
