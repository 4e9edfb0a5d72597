/* SPDX-License-Identifier: BSD-3-Clause */
/* Certificate messages made by OpenSSL, whole, cut and damaged (make_tls_streams.py). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>

#include "dissectors/certificate.h"

static const int64_t day = 86400 * TIME_SECOND;

static uint8_t body[1 << 16];
static size_t body_len;
static struct certificate_texts texts;

static struct fact_certificate read_message(const char *name, bool cut)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", CERTIFICATES, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    body_len = fread(body, 1, sizeof body, f);
    fclose(f);
    return certificate_message_read(bytes_of(body, body_len), cut, &texts);
}

static void assert_words(struct bytes b, const char *expected)
{
    assert_true(bytes_equal(b, bytes_str(expected)));
}

static void test_chain(void **state)
{
    (void)state;
    struct fact_certificate c = read_message("chain", false);
    assert_int_equal(c.count, 2);
    assert_true(c.readable && !c.self_signed && !c.incomplete);
    assert_int_equal(c.key_type, KEY_RSA);
    assert_int_equal(c.key_bits, 2048);
    assert_int_equal((c.not_after - c.not_before) / day, 365);
    assert_true(c.chain_not_after > c.not_after);
    assert_words(c.subject, "smtp.example.jp");
    assert_words(c.issuer, "Example Root");
    assert_words(c.top_issuer, "Example Root");
    assert_words(c.names, "smtp.example.jp *.mail.example.jp 203.0.113.25 2001:db8:25::25");
    assert_false(texts.clipped);
}

/* What stands in the list without vouching for anything in it does not count. */
static void test_unrelated(void **state)
{
    (void)state;
    static uint8_t both[sizeof body];
    struct fact_certificate chain = read_message("chain", false);
    size_t len = bytes_copy(both, sizeof both, bytes_of(body, body_len));
    (void)read_message("expired", false);
    len += bytes_copy(both + len, sizeof both - len, bytes_of(body + 3, body_len - 3));
    for (size_t i = 0; i < 3; i++)
        both[i] = (uint8_t)((len - 3) >> (16 - 8 * i));
    struct fact_certificate c = certificate_message_read(bytes_of(both, len), false, &texts);
    assert_int_equal(c.count, 3);
    assert_true(!c.incomplete && c.chain_not_after == chain.chain_not_after);
}

static void test_incomplete(void **state)
{
    (void)state;
    struct fact_certificate c = read_message("chain-cut", true);
    assert_int_equal(c.count, 2); /* the second has begun */
    assert_true(c.readable && c.incomplete);
    assert_int_equal(c.chain_not_after, TIME_NONE);
    assert_int_equal(c.top_issuer.len, 0);
    c = read_message("leaf-cut", true);
    assert_true(!c.readable && c.incomplete);
    assert_int_equal(c.not_after, TIME_NONE);
    c = read_message("chain-cut", false); /* a length beyond the end says it too */
    assert_true(c.incomplete);
    c = certificate_message_read(bytes_of(body, 2), false, &texts);
    assert_true(c.incomplete);
    assert_int_equal(c.count, 0);
}

static void test_counted(void **state)
{
    (void)state;
    struct fact_certificate c = read_message("long-chain", false);
    assert_int_equal(c.count, 15);
    assert_words(c.top_issuer, "Example Root");
    c = read_message("empty", false);
    assert_int_equal(c.count, 0);
    assert_true(!c.readable && !c.incomplete);
}

static void test_unreadable(void **state)
{
    (void)state;
    struct fact_certificate c = read_message("no-certificate", false);
    assert_int_equal(c.count, 2);
    assert_false(c.readable);
    assert_int_equal(c.names.len, 0);
    assert_words(c.top_issuer, "Example Root");
}

static void test_names(void **state)
{
    (void)state;
    struct fact_certificate c = read_message("self-signed", false);
    assert_true(c.self_signed);
    assert_words(c.subject, "192.168.11.1");
    assert_words(c.names, "192.168.11.1");
    c = read_message("no-common-name", false);
    assert_words(c.subject, "C = JP, O = Example");
    assert_words(c.issuer, "Example");
    c = read_message("nothing-in-the-name", false);
    assert_true(c.readable);
    assert_int_equal(c.subject.len, 0);
    c = read_message("japanese", false);
    assert_words(c.subject, "メール");
    c = read_message("many-names", false);
    assert_true(texts.clipped);
    assert_true(c.names.len <= CERTIFICATE_NAMES_MAX);
    assert_int_equal(c.names.at[c.names.len - 1], 'p'); /* no half name */
}

static void test_keys(void **state)
{
    (void)state;
    struct fact_certificate c = read_message("ec", false);
    assert_int_equal(c.key_type, KEY_EC);
    assert_int_equal(c.key_bits, 256);
    c = read_message("rsa1024", false);
    assert_int_equal(c.key_bits, 1024);
    c = read_message("ed25519", false);
    assert_int_equal(c.key_type, KEY_ED);
    c = read_message("dsa", false);
    assert_int_equal(c.key_type, KEY_DSA);
}

static void test_times(void **state)
{
    (void)state;
    struct fact_certificate c = read_message("expired", false);
    assert_int_equal(c.not_before, INT64_C(1262304000) * TIME_SECOND);
    assert_int_equal(c.not_after, INT64_C(1293840000) * TIME_SECOND);
    c = read_message("year-9999", false); /* beyond 2262 */
    assert_int_equal(c.not_after, INT64_MAX);
    assert_int_equal(c.not_before, INT64_C(-631152000) * TIME_SECOND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chain),   cmocka_unit_test(test_incomplete),
        cmocka_unit_test(test_counted), cmocka_unit_test(test_unreadable),
        cmocka_unit_test(test_names),   cmocka_unit_test(test_keys),
        cmocka_unit_test(test_times),   cmocka_unit_test(test_unrelated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
