/* SPDX-License-Identifier: BSD-3-Clause */
#include "derive/chain.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <time.h>

#include "base/limits.h"
#include "base/table.h"

enum {
    NAME_MAX_BYTES = 256,
    DEPTH_MAX = 10,
    AUTH_LEVEL = 2, /* 112 bits: RSA from 2048 bits on, no SHA-1 */
};

struct name {
    uint8_t text[NAME_MAX_BYTES];
    size_t len;
};

/* One chain, judged; the verdict holds from one time to the next at which a certificate's validity
 * begins or ends. */
struct judgement {
    struct judgement *next;
    uint16_t chain[CERTIFICATE_CHAIN_MAX];
    int64_t from, to;
    struct chain_verdict verdict;
    struct name root, old_root;
};

struct trust {
    struct budget *budget;
    X509_STORE *store;
    bool asked; /* the system's roots were looked for */
    bool there; /* there are roots */
    bool own;   /* they are the user's */
    struct judgement *judgements;
    uint32_t count;
    uint64_t dropped;
};

struct trust *trust_new(struct budget *budget)
{
    struct trust *t = mem_alloc(budget, sizeof *t);
    if (!t)
        return NULL;
    t->budget = budget;
    return t;
}

void trust_free(struct trust *t)
{
    if (!t)
        return;
    while (t->judgements) {
        struct judgement *j = t->judgements;
        t->judgements = j->next;
        mem_free(t->budget, j, sizeof *j);
    }
    X509_STORE_free(t->store);
    mem_free(t->budget, t, sizeof *t);
}

uint64_t trust_dropped(const struct trust *t)
{
    return t->dropped;
}

/* The file may hold lists of revoked ones alone. */
static bool holds_certificate(X509_STORE *store)
{
    const STACK_OF(X509_OBJECT) *all = X509_STORE_get0_objects(store);
    for (int i = 0; i < sk_X509_OBJECT_num(all); i++)
        if (X509_OBJECT_get_type(sk_X509_OBJECT_value(all, i)) == X509_LU_X509)
            return true;
    return false;
}

static bool load(struct trust *t, const char *path)
{
    if (!t->store)
        t->store = X509_STORE_new();
    bool loaded = path && *path && t->store && X509_STORE_load_file(t->store, path) == 1 &&
                  holds_certificate(t->store);
    ERR_clear_error();
    t->there |= loaded;
    return loaded;
}

/* One certificate as it is (DER), as browsers and Windows save it. */
static bool load_der(struct trust *t, const char *path)
{
    X509_LOOKUP *by_file = t->store ? X509_STORE_add_lookup(t->store, X509_LOOKUP_file()) : NULL;
    bool loaded = by_file && X509_load_cert_file(by_file, path, X509_FILETYPE_ASN1) == 1;
    ERR_clear_error();
    t->there |= loaded;
    return loaded;
}

enum status trust_add_file(struct trust *t, const char *path)
{
    t->own = t->asked = true;
    return load(t, path) || load_der(t, path) ? STATUS_OK : STATUS_NOT_FOUND;
}

/* Where the systems keep their roots in one file. */
static void load_system(struct trust *t)
{
    static const char *const usual[] = {
        "/etc/ssl/certs/ca-certificates.crt", /* Debian, Ubuntu, Alpine, Arch */
        "/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora, Red Hat */
        "/etc/ssl/ca-bundle.pem",             /* SUSE */
        "/etc/ssl/cert.pem",                  /* BSD */
    };
    if (t->asked)
        return;
    t->asked = true;
    const char *chosen = getenv(X509_get_default_cert_file_env());
    if (chosen) {
        (void)load(t, chosen);
        return;
    }
    if (load(t, X509_get_default_cert_file()))
        return;
    for (size_t i = 0; i < sizeof usual / sizeof *usual && !t->there; i++)
        (void)load(t, usual[i]);
}

/* Common name, else organisation, as UTF-8. */
static void read_name(struct name *out, const X509_NAME *name)
{
    int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    if (at < 0)
        at = X509_NAME_get_index_by_NID(name, NID_organizationName, -1);
    unsigned char *utf8 = NULL;
    int len = at < 0 ? -1
                     : ASN1_STRING_to_UTF8(&utf8,
                                           X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    out->len = len > 0 && len <= NAME_MAX_BYTES
                   ? bytes_copy(out->text, sizeof out->text, bytes_of(utf8, (size_t)len))
                   : 0;
    for (size_t i = 0; i < out->len; i++)
        if (out->text[i] < ' ' || out->text[i] == 0x7f)
            out->text[i] = '?';
    OPENSSL_free(utf8);
    ERR_clear_error();
}

/* --- one verification --- */

struct complaints {
    bool unknown, link_missing, self_signed, broken, root_expired, link_expired, wrong_purpose,
        weak, other;
};

/* OpenSSL asks at each complaint whether to go on. */
static int note_complaint(int ok, X509_STORE_CTX *context)
{
    struct complaints *c = X509_STORE_CTX_get_app_data(context);
    int depth = X509_STORE_CTX_get_error_depth(context);
    const X509 *at = X509_STORE_CTX_get_current_cert(context);
    if (ok)
        return 1;
    switch (X509_STORE_CTX_get_error(context)) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        c->self_signed = true;
        break;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        c->link_missing |= depth == 0;
        c->unknown = true;
        break;
    case X509_V_ERR_CERT_UNTRUSTED:
        c->unknown = true;
        break;
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        c->broken = true;
        break;
    case X509_V_ERR_CERT_NOT_YET_VALID: /* the capture's clock is hardly right */
        c->other |= depth > 0;
        break;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        if (depth > 0 && at)
            *(X509_self_signed((X509 *)(uintptr_t)at, 0) == 1 ? &c->root_expired
                                                              : &c->link_expired) = true;
        break; /* of the server's own the rules know */
    case X509_V_ERR_INVALID_PURPOSE:
        *(depth == 0 ? &c->wrong_purpose : &c->other) = true;
        break;
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK:
        c->weak = true;
        break;
    default:
        c->other = true;
        break;
    }
    return 1;
}

/* whole: nothing in it was unreadable, which a careful client would not pass over. */
static STACK_OF(X509) *
    parse_chain(const uint16_t chain[CERTIFICATE_CHAIN_MAX], const struct certs *certs, bool *whole)
{
    STACK_OF(X509) *all = sk_X509_new_null();
    *whole = true;
    for (size_t i = 0; all && i < CERTIFICATE_CHAIN_MAX && chain[i] > 0; i++) {
        struct bytes der = certs_der(certs, chain[i]);
        const uint8_t *at = der.at;
        X509 *x = der.len > 0 ? d2i_X509(NULL, &at, (long)der.len) : NULL;
        *whole = *whole && x && at == der.at + der.len;
        if (!x && i == 0)
            break; /* without the server's own there is nothing to judge */
        if (x && sk_X509_push(all, x) <= 0)
            X509_free(x);
    }
    ERR_clear_error();
    return all;
}

static int64_t time_of(const ASN1_TIME *t)
{
    struct tm tm;
    int64_t seconds = t && ASN1_TIME_to_tm(t, &tm) == 1 ? timegm(&tm) : 0;
    return seconds > INT64_MAX / TIME_SECOND   ? INT64_MAX
           : seconds < INT64_MIN / TIME_SECOND ? INT64_MIN
                                               : seconds * TIME_SECOND;
}

/* The verdict ends where the validity of one of these begins or ends. */
static void narrow(struct judgement *j, const STACK_OF(X509) * certs, int64_t now)
{
    for (int i = 0; i < sk_X509_num(certs); i++) {
        const X509 *x = sk_X509_value(certs, i);
        const int64_t edges[] = { time_of(X509_get0_notBefore(x)), time_of(X509_get0_notAfter(x)) };
        for (size_t e = 0; e < 2; e++) {
            if (edges[e] <= now && edges[e] > j->from)
                j->from = edges[e];
            if (edges[e] > now && edges[e] < j->to)
                j->to = edges[e];
        }
    }
}

/* A link in what the server sent from the root that was found to an older one. */
static void find_old_root(struct judgement *j, const STACK_OF(X509) * sent, const X509 *root)
{
    for (int i = 1; i < sk_X509_num(sent); i++) {
        const X509 *x = sk_X509_value(sent, i);
        bool same = X509_NAME_cmp(X509_get_subject_name(x), X509_get_subject_name(root)) == 0;
        if (same && X509_NAME_cmp(X509_get_issuer_name(x), X509_get_subject_name(x)) != 0)
            read_name(&j->old_root, X509_get_issuer_name(x));
    }
}

static void conclude(struct judgement *j, const struct trust *t, const struct complaints *c,
                     X509_STORE_CTX *context, const STACK_OF(X509) * sent, int64_t now)
{
    struct chain_verdict *v = &j->verdict;
    const STACK_OF(X509) *path = X509_STORE_CTX_get0_chain(context);
    v->own_roots = t->own;
    v->root_expired = c->root_expired;
    v->link_expired = c->link_expired;
    v->link_missing = c->link_missing && !c->self_signed;
    v->wrong_purpose = c->wrong_purpose;
    v->weak = c->weak;
    if (t->there)
        v->trust = c->broken        ? CHAIN_BROKEN
                   : c->self_signed ? CHAIN_SELF_SIGNED
                   : c->unknown     ? CHAIN_UNKNOWN_ROOT
                   : c->other       ? CHAIN_NOT_JUDGED /* the fault is one that has no words */
                                    : CHAIN_TRUSTED;
    narrow(j, sent, now);
    if (sk_X509_num(path) <= 0)
        return;
    narrow(j, path, now);
    const X509 *top = sk_X509_value(path, sk_X509_num(path) - 1);
    read_name(&j->root, X509_get_issuer_name(top));
    if (v->trust == CHAIN_TRUSTED)
        find_old_root(j, sent, top);
    v->root = bytes_of(j->root.text, j->root.len);
    v->old_root = bytes_of(j->old_root.text, j->old_root.len);
}

static bool verify(struct judgement *j, struct trust *t, const struct certs *certs, int64_t now)
{
    struct complaints complaints = { 0 };
    bool whole;
    STACK_OF(X509) *sent = parse_chain(j->chain, certs, &whole);
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    bool done = sent && sk_X509_num(sent) > 0 && context && t->store &&
                X509_STORE_CTX_init(context, t->store, sk_X509_value(sent, 0), sent) == 1;
    if (done) {
        X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(context);
        X509_VERIFY_PARAM_set_time(param, (time_t)(now / TIME_SECOND));
        X509_VERIFY_PARAM_set_depth(param, DEPTH_MAX);
        X509_VERIFY_PARAM_set_auth_level(param, AUTH_LEVEL);
        X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_SERVER);
        X509_STORE_CTX_set_app_data(context, &complaints);
        X509_STORE_CTX_set_verify_cb(context, note_complaint);
        if (X509_verify_cert(context) <= 0 || !whole)
            complaints.other = true;
        conclude(j, t, &complaints, context, sent, now);
    }
    X509_STORE_CTX_free(context);
    sk_X509_pop_free(sent, X509_free);
    ERR_clear_error();
    return done;
}

/* --- which chain, and was it judged before? --- */

static const struct chain_verdict *judge(struct trust *t, const struct certs *certs,
                                         const uint16_t *chain, int64_t now)
{
    struct bytes wanted = bytes_of(chain, CERTIFICATE_CHAIN_MAX * sizeof *chain);
    for (const struct judgement *j = t->judgements; j; j = j->next)
        if (now >= j->from && now < j->to &&
            bytes_equal(bytes_of(j->chain, sizeof j->chain), wanted))
            return &j->verdict;
    if (t->count == CHAINS_JUDGED_MAX) {
        t->dropped++;
        return NULL;
    }
    load_system(t);
    struct judgement *j = mem_alloc(t->budget, sizeof *j);
    if (!j)
        return NULL;
    j->from = INT64_MIN;
    j->to = INT64_MAX;
    bytes_copy(j->chain, sizeof j->chain, wanted);
    if (!verify(j, t, certs, now)) {
        mem_free(t->budget, j, sizeof *j);
        return NULL;
    }
    j->next = t->judgements;
    t->judgements = j;
    t->count++;
    return &j->verdict;
}

void chain_derive(const struct attempt *a, struct trust *t, const struct certs *certs,
                  struct summary *summary)
{
    const struct fact *certificate = NULL;
    bool complaint = !summary->tls_up;
    if (!(timeline_kinds(a->timeline) & FACT_BIT(FACT_CERTIFICATE)))
        return;
    for (const struct fact *f = timeline_first(a->timeline); f; f = timeline_next(a->timeline, f)) {
        if (f->kind == FACT_CERTIFICATE && f->from == SIDE_SERVER)
            certificate = f;
        complaint |= f->kind == FACT_TLS_ALERT && f->from == SIDE_DEVICE &&
                     f->alert.level != ALERT_ENCRYPTED;
    }
    /* one that vouches for itself may be on the user's list */
    complaint = complaint || (t && t->own && certificate && certificate->certificate.self_signed);
    if (t && certs && complaint && certificate && certificate->certificate.chain[0] > 0 &&
        certificate->time != TIME_NONE && certificate->time < TIME_ABSURD)
        summary->chain = judge(t, certs, certificate->certificate.chain, certificate->time);
}
