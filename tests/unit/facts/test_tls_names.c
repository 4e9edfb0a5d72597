/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "facts/tls_names.h"

enum { CIPHERS = 373, ALERTS = 38, GROUPS = 57, SIGNATURES = 59 }; /* rows of data/tls-*.csv */

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(tls_version_name(0x0002), "SSL 2.0");
    assert_string_equal(tls_version_name(0x0300), "SSL 3.0");
    assert_string_equal(tls_version_name(0x0301), "TLS 1.0");
    assert_string_equal(tls_version_name(0x0304), "TLS 1.3");
    assert_null(tls_version_name(0));
    assert_null(tls_version_name(0x0305));
    assert_string_equal(tls_cipher_name(0x0000), "TLS_NULL_WITH_NULL_NULL");
    assert_string_equal(tls_cipher_name(0x0005), "TLS_RSA_WITH_RC4_128_SHA");
    assert_string_equal(tls_cipher_name(0x1301), "TLS_AES_128_GCM_SHA256");
    assert_string_equal(tls_cipher_name(0xc030), "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");
    assert_string_equal(tls_cipher_name(0xffe1), "SSL_RSA_FIPS_WITH_DES_CBC_SHA");
    assert_null(tls_cipher_name(0x0a0a));
    assert_null(tls_cipher_name(0xffff));
    assert_string_equal(tls_alert_name(0), "close_notify");
    assert_string_equal(tls_alert_name(70), "protocol_version");
    assert_string_equal(tls_alert_name(121), "ech_required");
    assert_null(tls_alert_name(122));
    assert_null(tls_alert_name(255));
    assert_string_equal(tls_group_name(0x0017), "secp256r1");
    assert_string_equal(tls_group_name(0x001d), "x25519");
    assert_string_equal(tls_group_name(0x11ec), "X25519MLKEM768");
    assert_null(tls_group_name(0));
    assert_string_equal(tls_signature_name(0x0804), "rsa_pss_rsae_sha256");
    assert_string_equal(tls_signature_name(0x0202), "dsa_sha1");
    assert_null(tls_signature_name(0));
}

static void assert_kind(uint16_t cipher, enum tls_kx kx, enum tls_bulk bulk, bool ecdsa, bool weak)
{
    struct tls_cipher_kind kind = tls_cipher_kind(cipher);
    assert_int_equal(kind.kx, kx);
    assert_int_equal(kind.bulk, bulk);
    assert_int_equal(kind.ecdsa, ecdsa);
    assert_int_equal(kind.weak, weak);
    assert_false(kind.signalling);
}

static void test_kinds(void **state)
{
    (void)state;
    assert_kind(0x0005, TLS_KX_RSA, TLS_BULK_RC4, false, true);
    assert_kind(0x0003, TLS_KX_RSA, TLS_BULK_EXPORT, false, true);
    assert_kind(0x0002, TLS_KX_RSA, TLS_BULK_NULL, false, true);
    assert_kind(0x0009, TLS_KX_RSA, TLS_BULK_DES, false, true);
    assert_kind(0x000a, TLS_KX_RSA, TLS_BULK_3DES, false, true);
    assert_kind(0x002f, TLS_KX_RSA, TLS_BULK_CBC, false, false);
    assert_kind(0x009c, TLS_KX_RSA, TLS_BULK_AEAD, false, false);
    assert_kind(0x0033, TLS_KX_DHE, TLS_BULK_CBC, false, false);
    assert_kind(0x0034, TLS_KX_ANON, TLS_BULK_CBC, false, true);
    assert_kind(0xc018, TLS_KX_ANON, TLS_BULK_CBC, false, true);
    assert_kind(0x0030, TLS_KX_DH, TLS_BULK_CBC, false, false);
    assert_kind(0xc02b, TLS_KX_ECDHE, TLS_BULK_AEAD, true, false);
    assert_kind(0xc02f, TLS_KX_ECDHE, TLS_BULK_AEAD, false, false);
    assert_kind(0xc004, TLS_KX_ECDH, TLS_BULK_CBC, true, false);
    assert_kind(0xcca8, TLS_KX_ECDHE, TLS_BULK_AEAD, false, false);
    assert_kind(0x00a8, TLS_KX_PSK, TLS_BULK_AEAD, false, false);
    assert_kind(0xc035, TLS_KX_PSK, TLS_BULK_CBC, false, false);
    assert_kind(0xc01e, TLS_KX_UNKNOWN, TLS_BULK_CBC, false, false); /* SRP */
    assert_kind(0x1305, TLS_KX_13, TLS_BULK_AEAD, false, false);
    assert_kind(0xc0b4, TLS_KX_13, TLS_BULK_NULL, false, true);
    assert_kind(0x4242, TLS_KX_UNKNOWN, TLS_BULK_UNKNOWN, false, false);
}

static void test_signalling(void **state)
{
    (void)state;
    assert_true(tls_cipher_kind(0x00ff).signalling);
    assert_true(tls_cipher_kind(0x5600).signalling);
    assert_true(tls_cipher_kind(0x0a0a).signalling);
    assert_true(tls_cipher_kind(0xfafa).signalling);
    assert_true(tls_is_grease(0x1a1a));
    assert_false(tls_is_grease(0x1a2a));
    assert_false(tls_is_grease(0x0b0b));
    assert_false(tls_cipher_kind(0x0a1a).signalling);
}

/* Every number is looked up; the names found are all the tables have, so none is out of order. */
static void test_all(void **state)
{
    (void)state;
    unsigned ciphers = 0, groups = 0, signatures = 0, alerts = 0;
    for (uint32_t v = 0; v <= 0xffff; v++) {
        ciphers += tls_cipher_name((uint16_t)v) != NULL;
        groups += tls_group_name((uint16_t)v) != NULL;
        signatures += tls_signature_name((uint16_t)v) != NULL;
        alerts += v <= 0xff && tls_alert_name((uint8_t)v) != NULL;
    }
    assert_int_equal(ciphers, CIPHERS);
    assert_int_equal(groups, GROUPS);
    assert_int_equal(signatures, SIGNATURES);
    assert_int_equal(alerts, ALERTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_signalling),
        cmocka_unit_test(test_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
