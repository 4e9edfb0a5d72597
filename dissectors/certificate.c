/* SPDX-License-Identifier: BSD-3-Clause */
#include "dissectors/certificate.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <time.h>

#include "base/addr.h"
#include "base/cursor.h"
#include "base/limits.h"

struct words {
    char *at;
    size_t len, size;
    bool clipped;
};

/* What does not fit is left out whole, so that no half name stands there. */
static void words_add(struct words *w, struct bytes text, bool one_word)
{
    size_t blank = w->len > 0 ? 1 : 0;
    if (text.len == 0)
        return;
    if (text.len + blank > w->size - w->len) {
        w->clipped = true;
        return;
    }
    if (blank)
        w->at[w->len++] = ' ';
    for (size_t i = 0; i < text.len; i++) {
        uint8_t ch = text.at[i];
        bool bad = ch < ' ' || ch == 0x7f || (one_word && (ch == ' ' || ch > 0x7f));
        w->at[w->len++] = bad ? '?' : (char)ch;
    }
}

static struct bytes words_bytes(const struct words *w)
{
    return bytes_of(w->at, w->len);
}

static X509 *certificate_parse(struct bytes der)
{
    const uint8_t *at = der.at;
    X509 *x = der.len > 0 ? d2i_X509(NULL, &at, (long)der.len) : NULL;
    ERR_clear_error();
    return x;
}

/* One part of a name, as UTF-8; false when it has none. */
static bool name_part(const X509_NAME *name, int nid, struct words *w)
{
    int at = X509_NAME_get_index_by_NID(name, nid, -1);
    if (at < 0)
        return false;
    unsigned char *utf8 = NULL;
    int len = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (len > 0)
        words_add(w, bytes_first(bytes_of(utf8, (size_t)len), w->size - w->len), false);
    OPENSSL_free(utf8);
    ERR_clear_error();
    return w->len > 0;
}

static void whole_name(const X509_NAME *name, struct words *w)
{
    BIO *bio = BIO_new(BIO_s_mem());
    if (!bio)
        return;
    char *text = NULL;
    if (X509_NAME_print_ex(bio, name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB) > 0) {
        long len = BIO_get_mem_data(bio, &text);
        if (len > 0)
            words_add(w, bytes_first(bytes_of(text, (size_t)len), w->size - w->len), false);
    }
    BIO_free(bio);
    ERR_clear_error();
}

static struct bytes name_words(const X509_NAME *name, int second, char *at, size_t size)
{
    struct words w = { .at = at, .size = size };
    if (!name_part(name, NID_commonName, &w) &&
        (second == NID_undef || !name_part(name, second, &w)))
        whole_name(name, &w);
    return words_bytes(&w);
}

static struct bytes issuer_words(const X509 *x, char *at, size_t size)
{
    return name_words(X509_get_issuer_name(x), NID_organizationName, at, size);
}

static void address_add(struct words *w, const ASN1_OCTET_STRING *ip)
{
    const uint8_t *data = ASN1_STRING_get0_data(ip);
    int len = ASN1_STRING_length(ip);
    char text[ADDR_TEXT_SIZE];
    struct ip_addr addr = len == 4    ? ip_addr_v4(data)
                          : len == 16 ? ip_addr_v6(data)
                                      : (struct ip_addr) { 0 };
    words_add(w, bytes_str(ip_addr_text(&addr, text)), true);
}

/* RFC 5280 4.2.1.6: DNS names and addresses of the subjectAltName. */
static void alternative_names(const X509 *x, struct words *w)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        int type = 0;
        void *value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, i), &type);
        if (type == GEN_DNS)
            words_add(w, bytes_of(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value)),
                      true);
        else if (type == GEN_IPADD)
            address_add(w, value);
    }
    GENERAL_NAMES_free(names);
    ERR_clear_error();
}

/* TIME_NONE when it cannot be read. */
static int64_t time_of(const ASN1_TIME *t)
{
    struct tm tm;
    if (!t || ASN1_TIME_to_tm(t, &tm) != 1) {
        ERR_clear_error();
        return TIME_NONE;
    }
    int64_t seconds = timegm(&tm);
    if (seconds > INT64_MAX / TIME_SECOND)
        return INT64_MAX;
    if (seconds < INT64_MIN / TIME_SECOND)
        return INT64_MIN / TIME_SECOND * TIME_SECOND;
    return seconds * TIME_SECOND;
}

static uint8_t key_type(int id)
{
    switch (id) {
    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS:
        return KEY_RSA;
    case EVP_PKEY_EC:
        return KEY_EC;
    case EVP_PKEY_DSA:
        return KEY_DSA;
    case EVP_PKEY_ED25519:
    case EVP_PKEY_ED448:
        return KEY_ED;
    default:
        return KEY_UNKNOWN;
    }
}

static void read_first(X509 *x, struct fact_certificate *fact, struct certificate_texts *texts)
{
    fact->readable = true;
    fact->not_before = time_of(X509_get0_notBefore(x));
    fact->not_after = time_of(X509_get0_notAfter(x));
    fact->self_signed = X509_self_signed(x, 0) == 1;
    const EVP_PKEY *key = X509_get0_pubkey(x);
    if (key) {
        int bits = EVP_PKEY_get_bits(key);
        fact->key_type = key_type(EVP_PKEY_get_base_id(key));
        fact->key_bits = (uint16_t)(bits < 0 ? 0 : bits > UINT16_MAX ? UINT16_MAX : bits);
    }
    fact->subject =
        name_words(X509_get_subject_name(x), NID_undef, texts->subject, sizeof texts->subject);
    fact->issuer = issuer_words(x, texts->issuer, sizeof texts->issuer);
    struct words names = { .at = texts->names, .size = sizeof texts->names };
    alternative_names(x, &names);
    fact->names = words_bytes(&names);
    texts->clipped = names.clipped;
    ERR_clear_error();
}

/* Those of a message that hang together, beginning with the server's own. */
struct linked {
    X509 *all[TLS_CHAIN_MAX + 1];
    size_t count;
};

/* Does it vouch for one that came before it? Servers also send what has nothing to do with theirs. */
static bool is_linked(const struct linked *l, const X509 *x)
{
    for (size_t i = 0; i < l->count; i++)
        if (X509_NAME_cmp(X509_get_issuer_name(l->all[i]), X509_get_subject_name(x)) == 0)
            return true;
    return false;
}

static void read_other(const X509 *x, struct fact_certificate *fact)
{
    int64_t end = time_of(X509_get0_notAfter(x));
    if (end != TIME_NONE && (fact->chain_not_after == TIME_NONE || end < fact->chain_not_after))
        fact->chain_not_after = end;
}

static struct fact_certificate read_message(struct bytes body, bool cut, bool v13,
                                            struct certificate_texts *texts)
{
    struct fact_certificate fact = {
        .not_before = TIME_NONE,
        .not_after = TIME_NONE,
        .chain_not_after = TIME_NONE,
        .incomplete = cut,
    };
    *texts = (struct certificate_texts) { 0 };
    struct cursor c = cursor_of(body);
    if (v13)
        (void)cursor_block8(&c); /* the request's context */
    size_t length = cursor_u24(&c), left = cursor_left(&c);
    fact.incomplete = fact.incomplete || !cursor_ok(&c) || length > left;
    struct cursor list = cursor_block(&c, length < left ? length : left);
    struct linked linked = { .count = 0 };
    while (cursor_left(&list) > 0) {
        struct cursor entry = cursor_block24(&list);
        struct bytes der = cursor_rest(&entry);
        if (v13)
            (void)cursor_block16(&list); /* its extensions */
        if (fact.count < UINT8_MAX)
            fact.count++;
        fact.incomplete = fact.incomplete || !cursor_ok(&entry);
        bool last = cursor_left(&list) == 0;
        if (!cursor_ok(&entry) || (fact.count > TLS_CHAIN_MAX && !last))
            continue;
        X509 *x = certificate_parse(der);
        if (x && fact.count == 1)
            read_first(x, &fact, texts);
        else if (x && is_linked(&linked, x))
            read_other(x, &fact);
        if (x && last && !fact.incomplete)
            fact.top_issuer = issuer_words(x, texts->top_issuer, sizeof texts->top_issuer);
        if (x && linked.count <= TLS_CHAIN_MAX && (linked.count == 0 || is_linked(&linked, x)))
            linked.all[linked.count++] = x;
        else
            X509_free(x);
    }
    while (linked.count > 0)
        X509_free(linked.all[--linked.count]);
    return fact;
}

struct fact_certificate certificate_message_read(struct bytes body, bool cut,
                                                 struct certificate_texts *texts)
{
    return read_message(body, cut, false, texts);
}

struct fact_certificate certificate_message_13_read(struct bytes body, bool cut,
                                                    struct certificate_texts *texts)
{
    return read_message(body, cut, true, texts);
}

void certificate_message_keep(struct bytes body, bool v13, struct certs *certs,
                              struct fact_certificate *fact)
{
    struct cursor c = cursor_of(body);
    if (v13)
        (void)cursor_block8(&c);
    struct cursor list = cursor_block24(&c);
    for (size_t i = 0; i < CERTIFICATE_CHAIN_MAX && cursor_left(&list) > 0; i++) {
        struct cursor entry = cursor_block24(&list);
        fact->chain[i] = certs_keep(certs, cursor_rest(&entry));
        if (v13)
            (void)cursor_block16(&list);
        if (fact->chain[i] == 0 || !cursor_ok(&list)) {
            fact->chain[0] = 0; /* a part of it is not worth anything */
            return;
        }
    }
}
