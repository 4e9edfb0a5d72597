/* SPDX-License-Identifier: BSD-3-Clause */
/* Chains of each kind (make_chains.py), judged at several times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "derive/chain.h"

#define YEAR     (INT64_C(31557600) * TIME_SECOND)
#define IN(year) (((year)-1970) * YEAR + YEAR / 2)

static void read_chain(const char *name, struct certs *certs, uint16_t chain[CERTIFICATE_CHAIN_MAX])
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s.pem", CHAINS, name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    X509 *x;
    for (size_t i = 0;
         i < CERTIFICATE_CHAIN_MAX && (x = PEM_read_X509(f, NULL, NULL, NULL)) != NULL; i++) {
        unsigned char *der = NULL;
        int len = i2d_X509(x, &der);
        assert_true(len > 0);
        chain[i] = certs_keep(certs, bytes_of(der, (size_t)len));
        assert_true(chain[i] > 0);
        OPENSSL_free(der);
        X509_free(x);
    }
    fclose(f);
}

struct judging {
    struct budget budget;
    struct trust *trust;
    struct certs *certs;
};

static void begin(struct judging *j, bool roots)
{
    *j = (struct judging) { .trust = NULL };
    j->trust = trust_new(&j->budget);
    j->certs = certs_new(&j->budget);
    if (roots)
        assert_int_equal(trust_add_file(j->trust, CHAINS "/roots.pem"), STATUS_OK);
}

static void end(struct judging *j)
{
    trust_free(j->trust);
    certs_free(j->certs);
    assert_int_equal(j->budget.used, 0);
}

/* Of a handshake that broke off at this chain. */
static const struct chain_verdict *judge(struct judging *j, const char *name, int64_t time)
{
    struct attempt *a = attempt_new(NULL);
    struct fact f = { .kind = FACT_CERTIFICATE, .from = SIDE_SERVER, .time = time };
    read_chain(name, j->certs, f.certificate.chain);
    timeline_add(a->timeline, &f);
    struct summary summary = { .chain = NULL };
    chain_derive(a, j->trust, j->certs, &summary);
    attempt_free(a);
    return summary.chain;
}

static void assert_text(struct bytes b, const char *expected)
{
    assert_int_equal(b.len, strlen(expected));
    assert_true(bytes_equal(b, bytes_str(expected)));
}

static void test_kinds(void **state)
{
    (void)state;
    static const struct {
        const char *chain;
        enum chain_trust trust;
        const char *root;
    } cases[] = {
        { "trusted", CHAIN_TRUSTED, "Root" },
        { "with-root", CHAIN_TRUSTED, "Root" },
        { "no-middle", CHAIN_UNKNOWN_ROOT, "Middle" },
        { "gap", CHAIN_UNKNOWN_ROOT, "Middle" },
        { "unknown-root", CHAIN_UNKNOWN_ROOT, "Old Root" },
        { "self-signed", CHAIN_SELF_SIGNED, "smtp.example.jp" },
        { "cross-signed", CHAIN_TRUSTED, "New Root" },
        { "wrong-signature", CHAIN_BROKEN, "Root" },
    };
    struct judging j;
    begin(&j, true);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct chain_verdict *v = judge(&j, cases[i].chain, IN(2030));
        assert_non_null(v);
        assert_int_equal(v->trust, cases[i].trust);
        assert_text(v->root, cases[i].root);
        assert_text(v->old_root, strcmp(cases[i].chain, "cross-signed") == 0 ? "Old Root" : "");
        assert_int_equal(v->link_missing, strcmp(cases[i].root, "Middle") == 0);
        assert_true(v->own_roots && !v->weak && !v->wrong_purpose && !v->root_expired &&
                    !v->link_expired);
    }
    end(&j);
}

static void test_faults(void **state)
{
    (void)state;
    struct judging j;
    begin(&j, true);
    assert_true(judge(&j, "short-key", IN(2030))->weak);
    assert_true(judge(&j, "for-clients", IN(2030))->wrong_purpose);
    assert_int_equal(judge(&j, "short-key", IN(2030))->trust, CHAIN_TRUSTED);
    /* a fault that has no words: neither trusted nor an issuer that is not known */
    assert_int_equal(judge(&j, "too-deep", IN(2030))->trust, CHAIN_NOT_JUDGED);
    assert_int_equal(judge(&j, "not-issuer", IN(2030))->trust, CHAIN_NOT_JUDGED);
    assert_false(judge(&j, "not-issuer", IN(2030))->wrong_purpose);
    end(&j);
}

/* The same chain before and after a day that matters, in any order. */
static void test_times(void **state)
{
    (void)state;
    static const int years[] = { 2030, 2022, 2030, 2024, 2041, 2022 };
    struct judging j;
    begin(&j, true);
    for (size_t i = 0; i < sizeof years / sizeof *years; i++) {
        const struct chain_verdict *v = judge(&j, "root-expires-2025", IN(years[i]));
        assert_int_equal(v->root_expired, years[i] > 2025);
        assert_int_equal(v->trust, CHAIN_TRUSTED);
        assert_int_equal(judge(&j, "link-expires-2025", IN(years[i]))->link_expired,
                         years[i] > 2025);
    }
    assert_null(judge(&j, "trusted", TIME_NONE));
    assert_null(judge(&j, "trusted", IN(2150)));
    /* a capture whose clock has not been set: its roots are not out of date, they are to come */
    const struct chain_verdict *early = judge(&j, "trusted", IN(1970));
    assert_int_equal(early->trust, CHAIN_NOT_JUDGED);
    assert_true(!early->root_expired && !early->link_expired);
    end(&j);
}

/* What users give: a certificate in DER is one, a list of revoked ones is none. */
static void test_files(void **state)
{
    (void)state;
    struct judging j;
    begin(&j, false);
    assert_int_equal(trust_add_file(j.trust, CHAINS "/root.der"), STATUS_OK);
    assert_int_equal(judge(&j, "trusted", IN(2030))->trust, CHAIN_TRUSTED);
    end(&j);
    begin(&j, false);
    assert_int_equal(trust_add_file(j.trust, CHAINS "/revoked-only.pem"), STATUS_NOT_FOUND);
    end(&j);
}

/* Where a part of it cannot be read, a careful client would not have gone on. */
static void test_unreadable(void **state)
{
    (void)state;
    struct judging j;
    begin(&j, true);
    struct attempt *a = attempt_new(NULL);
    struct fact f = { .kind = FACT_CERTIFICATE, .from = SIDE_SERVER, .time = IN(2030) };
    read_chain("trusted", j.certs, f.certificate.chain);
    f.certificate.chain[2] = certs_keep(j.certs, bytes_str("no certificate"));
    timeline_add(a->timeline, &f);
    struct summary summary = { .chain = NULL };
    chain_derive(a, j.trust, j.certs, &summary);
    assert_int_equal(summary.chain->trust, CHAIN_NOT_JUDGED);
    attempt_free(a);
    end(&j);
}

/* One that vouches for itself is trusted where the user says so, also where nobody complained. */
static void test_own_root(void **state)
{
    (void)state;
    for (unsigned own = 0; own < 2; own++) {
        struct judging j;
        begin(&j, !own);
        if (own)
            assert_int_equal(trust_add_file(j.trust, CHAINS "/self-signed.pem"), STATUS_OK);
        struct attempt *a = attempt_new(NULL);
        struct fact f = { .kind = FACT_CERTIFICATE,
                          .from = SIDE_SERVER,
                          .time = IN(2030),
                          .certificate = { .self_signed = true } };
        read_chain("self-signed", j.certs, f.certificate.chain);
        timeline_add(a->timeline, &f);
        struct summary summary = { .tls_up = &f };
        chain_derive(a, j.trust, j.certs, &summary);
        assert_non_null(summary.chain);
        assert_int_equal(summary.chain->trust, own ? CHAIN_TRUSTED : CHAIN_SELF_SIGNED);
        attempt_free(a);
        end(&j);
    }
}

/* Without a list of roots nothing is said of trust, and yet of what the certificates are. */
static void test_no_roots(void **state)
{
    (void)state;
    struct judging j;
    setenv("SSL_CERT_FILE", "/nowhere", 1);
    begin(&j, false);
    assert_int_equal(judge(&j, "trusted", IN(2030))->trust, CHAIN_NOT_JUDGED);
    assert_true(judge(&j, "for-clients", IN(2030))->wrong_purpose);
    end(&j);
    setenv("SSL_CERT_FILE", CHAINS "/roots.pem", 1);
    begin(&j, false);
    assert_int_equal(judge(&j, "trusted", IN(2030))->trust, CHAIN_TRUSTED);
    assert_false(judge(&j, "trusted", IN(2030))->own_roots);
    end(&j);
    begin(&j, false);
    assert_int_equal(trust_add_file(j.trust, CHAINS "/nothing.pem"), STATUS_NOT_FOUND);
    end(&j);
}

/* Where the device went on there is no question. */
static void test_accepted(void **state)
{
    (void)state;
    struct judging j;
    begin(&j, true);
    struct attempt *a = attempt_new(NULL);
    struct fact f = { .kind = FACT_CERTIFICATE, .from = SIDE_SERVER, .time = IN(2030) };
    struct summary summary = { .chain = NULL };
    read_chain("trusted", j.certs, f.certificate.chain);
    timeline_add(a->timeline, &f);
    timeline_add(a->timeline, &(struct fact) { .kind = FACT_TLS_UP, .time = IN(2030) });
    summary.tls_up = timeline_previous(a->timeline, NULL);
    chain_derive(a, j.trust, j.certs, &summary);
    assert_null(summary.chain);
    chain_derive(a, NULL, NULL, &summary);
    attempt_free(a);
    end(&j);
}

static void test_kept(void **state)
{
    (void)state;
    struct budget budget = { .limit = 0 };
    struct certs *certs = certs_new(&budget);
    assert_int_equal(certs_keep(certs, bytes_str("one")), 1);
    assert_int_equal(certs_keep(certs, bytes_str("two")), 2);
    assert_int_equal(certs_keep(certs, bytes_str("one")), 1);
    assert_int_equal(certs_keep(certs, bytes_str("")), 0);
    assert_text(certs_der(certs, 2), "two");
    assert_text(certs_der(certs, 3), "");
    assert_text(certs_der(certs, 0), "");
    char text[16];
    for (unsigned i = 2; i < CERTS_MAX; i++) {
        snprintf(text, sizeof text, "%u", i);
        assert_int_equal(certs_keep(certs, bytes_str(text)), i + 1);
    }
    assert_int_equal(certs_dropped(certs), 0);
    assert_int_equal(certs_keep(certs, bytes_str("more")), 0);
    assert_int_equal(certs_dropped(certs), 1);
    assert_int_equal(certs_keep(certs, bytes_str("two")), 2);
    certs_free(certs);
    assert_int_equal(budget.used, 0);
}

/* The last bits of i choose which certificates stand behind the first. */
static void any_chain(struct judging *j, unsigned i)
{
    uint16_t kept[CERTIFICATE_CHAIN_MAX] = { 0 };
    struct attempt *a = attempt_new(NULL);
    struct fact f = { .kind = FACT_CERTIFICATE, .from = SIDE_SERVER, .time = IN(2030) };
    read_chain("with-root", j->certs, kept);
    f.certificate.chain[0] = kept[0];
    for (size_t k = 1; k < CERTIFICATE_CHAIN_MAX; k++)
        f.certificate.chain[k] = kept[1 + (i >> (k - 1) & 1)];
    timeline_add(a->timeline, &f);
    struct summary summary = { .chain = NULL };
    chain_derive(a, j->trust, j->certs, &summary);
    assert_true((summary.chain != NULL) == (i < CHAINS_JUDGED_MAX));
    attempt_free(a);
}

static void test_too_many(void **state)
{
    (void)state;
    _Static_assert(CHAINS_JUDGED_MAX <= 1 << (CERTIFICATE_CHAIN_MAX - 1), "so many are made here");
    struct judging j;
    begin(&j, true);
    for (unsigned i = 0; i < CHAINS_JUDGED_MAX; i++)
        any_chain(&j, i);
    assert_int_equal(trust_dropped(j.trust), 0);
    assert_null(judge(&j, "self-signed", IN(2030)));
    assert_int_equal(trust_dropped(j.trust), 1);
    end(&j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),    cmocka_unit_test(test_faults),
        cmocka_unit_test(test_times),    cmocka_unit_test(test_own_root),
        cmocka_unit_test(test_files),    cmocka_unit_test(test_unreadable),
        cmocka_unit_test(test_no_roots), cmocka_unit_test(test_accepted),
        cmocka_unit_test(test_kept),     cmocka_unit_test(test_too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
