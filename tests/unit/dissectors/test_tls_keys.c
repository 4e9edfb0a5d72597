/* SPDX-License-Identifier: BSD-3-Clause */
/* Key logs in every form, good and bad; private keys that are and are not; what is counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/limits.h"
#include "dissectors/tls_keys.h"

#define RANDOM   "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define SECRET32 "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
#define SECRET48 SECRET32 "c0c1c2c3c4c5c6c7c8c9cacbcccdcecf"

static const uint8_t client_random[TLS_RANDOM_SIZE] = { 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                                        11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                                        22, 23, 24, 25, 26, 27, 28, 29, 30, 31 };

static size_t secrets_in(const char *text, enum tls_secret kind, size_t *len)
{
    struct budget budget = { 0 };
    struct tls_keys *keys = tls_keys_new(&budget);
    assert_non_null(keys);
    size_t count = tls_keys_read_log(keys, bytes_str(text));
    struct bytes found = tls_keys_find(keys, kind, client_random);
    *len = found.len;
    if (found.len > 0) {
        assert_int_equal(found.at[0], 0xa0);
        assert_int_equal(found.at[found.len - 1], found.len == 32 ? 0xbf : 0xcf);
    }
    assert_true(tls_keys_worth_it(keys) == (count > 0));
    tls_keys_free(keys);
    assert_int_equal(budget.used, 0);
    return count;
}

static void test_lines(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint8_t kind, count, len;
    } rows[] = {
        { "CLIENT_RANDOM " RANDOM " " SECRET48 "\n", TLS_SECRET_MASTER, 1, 48 },
        { "CLIENT_RANDOM " RANDOM " " SECRET48, TLS_SECRET_MASTER, 1, 48 },
        { "# a remark\r\n\r\nCLIENT_RANDOM\t" RANDOM "  " SECRET48 " \r\n", TLS_SECRET_MASTER, 1,
          48 },
        { "CLIENT_HANDSHAKE_TRAFFIC_SECRET " RANDOM " " SECRET32 "\n", TLS_SECRET_HANDSHAKE_DEVICE,
          1, 32 },
        { "SERVER_HANDSHAKE_TRAFFIC_SECRET " RANDOM " " SECRET48 "\n", TLS_SECRET_HANDSHAKE_SERVER,
          1, 48 },
        { "CLIENT_TRAFFIC_SECRET_0 " RANDOM " " SECRET32 "\n", TLS_SECRET_TRAFFIC_DEVICE, 1, 32 },
        { "SERVER_TRAFFIC_SECRET_0 " RANDOM " " SECRET48 "\n", TLS_SECRET_TRAFFIC_SERVER, 1, 48 },
        { "EXPORTER_SECRET " RANDOM " " SECRET48 "\n", TLS_SECRET_TRAFFIC_SERVER, 0, 0 },
        { "CLIENT_RANDOM " RANDOM " " SECRET32 "\n", TLS_SECRET_MASTER, 0, 0 },
        { "CLIENT_TRAFFIC_SECRET_0 " RANDOM " " SECRET32 "c0\n", TLS_SECRET_TRAFFIC_DEVICE, 0, 0 },
        { "CLIENT_RANDOM " RANDOM "\n", TLS_SECRET_MASTER, 0, 0 },
        { "CLIENT_RANDOM 00" RANDOM " " SECRET48 "\n", TLS_SECRET_MASTER, 0, 0 },
        { "CLIENT_RANDOM " RANDOM " " SECRET48 " more\n", TLS_SECRET_MASTER, 0, 0 },
        { "CLIENT_RANDOM " RANDOM " " SECRET32 "c0c1c2c3c4c5c6c7c8c9cacbcccdcecg\n",
          TLS_SECRET_MASTER, 0, 0 },
        { "client_random " RANDOM " " SECRET48 "\n", TLS_SECRET_MASTER, 0, 0 },
        { "\xef\xbb\xbf"
          "CLIENT_RANDOM " RANDOM " " SECRET48 "\r\n",
          TLS_SECRET_MASTER, 1, 48 },
        { "\n\n \n", TLS_SECRET_MASTER, 0, 0 },
        { "", TLS_SECRET_MASTER, 0, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t len;
        assert_int_equal(secrets_in(rows[i].text, (enum tls_secret)rows[i].kind, &len),
                         rows[i].count);
        assert_int_equal(len, rows[i].len);
    }
}

static void test_upper_case_and_the_latest(void **state)
{
    (void)state;
    struct tls_keys *keys = tls_keys_new(NULL);
    const char *text =
        "CLIENT_RANDOM " RANDOM " " SECRET48 "\n"
        "CLIENT_RANDOM 000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F FF" SECRET32
        "C0C1C2C3C4C5C6C7C8C9CACBCCCDCE\n";
    assert_int_equal(tls_keys_read_log(keys, bytes_str(text)), 2);
    struct bytes found = tls_keys_find(keys, TLS_SECRET_MASTER, client_random);
    assert_int_equal(found.at[0], 0xff);
    struct tls_keys_stats stats;
    tls_keys_stats(keys, &stats);
    assert_int_equal(stats.secrets, 1);
    uint8_t other[TLS_RANDOM_SIZE] = { 1 };
    assert_int_equal(tls_keys_find(keys, TLS_SECRET_MASTER, other).len, 0);
    assert_int_equal(tls_keys_find(keys, TLS_SECRET_TRAFFIC_DEVICE, client_random).len, 0);
    tls_keys_free(keys);
}

static void test_too_many(void **state)
{
    (void)state;
    struct tls_keys *keys = tls_keys_new(NULL);
    char line[256];
    for (unsigned i = 0; i < TLS_SECRETS_MAX + 10; i++) {
        int n = snprintf(line, sizeof line, "CLIENT_RANDOM %064x " SECRET48 "\n", i);
        assert_int_equal(tls_keys_read_log(keys, bytes_of(line, (size_t)n)), 1);
    }
    struct tls_keys_stats stats;
    tls_keys_stats(keys, &stats);
    assert_int_equal(stats.secrets, TLS_SECRETS_MAX);
    assert_int_equal(stats.dropped, 10);
    uint8_t numbered[TLS_RANDOM_SIZE] = { 0 };
    numbered[TLS_RANDOM_SIZE - 1] = 9; /* the oldest went */
    assert_int_equal(tls_keys_find(keys, TLS_SECRET_MASTER, numbered).len, 0);
    numbered[TLS_RANDOM_SIZE - 1] = 10;
    assert_int_equal(tls_keys_find(keys, TLS_SECRET_MASTER, numbered).len, TLS_MASTER_SIZE);
    const unsigned last = TLS_SECRETS_MAX + 9;
    for (unsigned i = 0; i < 4; i++)
        numbered[TLS_RANDOM_SIZE - 1 - i] = (uint8_t)(last >> 8 * i);
    assert_int_equal(tls_keys_find(keys, TLS_SECRET_MASTER, numbered).len, TLS_MASTER_SIZE);
    tls_keys_free(keys);
}

static void test_budget(void **state)
{
    (void)state;
    struct budget budget = { .limit = 16384 };
    struct tls_keys *keys = tls_keys_new(&budget);
    assert_non_null(keys);
    char line[256];
    for (unsigned i = 0; i < 500; i++) {
        int n = snprintf(line, sizeof line, "CLIENT_RANDOM %064x " SECRET48 "\n", i);
        tls_keys_read_log(keys, bytes_of(line, (size_t)n));
    }
    struct tls_keys_stats stats;
    tls_keys_stats(keys, &stats);
    assert_true(stats.dropped > 0 && stats.secrets > 0 && stats.secrets + stats.dropped == 500);
    tls_keys_free(keys);
    assert_int_equal(budget.used, 0);
}

static void test_private_keys(void **state)
{
    (void)state;
    static const struct {
        const char *pem;
        enum status status;
    } rows[] = {
        { "hello", STATUS_NOT_FOUND },
        { "", STATUS_NOT_FOUND },
        { "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", STATUS_NOT_FOUND },
        { "-----BEGIN PRIVATE KEY-----\n"
          "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2\n"
          "OF/2NxApJCzGCEDdfSp6VQO30hyhRANCAAQRWz+jn65BtOMvdyHKcvjBeBSDZH2r\n"
          "1RTwjmYSi9R/zpBnuQ4EiMnCqfMPWiZqB4QdbAd0E7oH50VpuZ1P087G\n"
          "-----END PRIVATE KEY-----\n",
          STATUS_UNSUPPORTED },
    };
    struct tls_keys *keys = tls_keys_new(NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(tls_keys_read_rsa(keys, bytes_str(rows[i].pem)), rows[i].status);
    assert_false(tls_keys_has_rsa(keys));
    assert_false(tls_keys_worth_it(keys));
    uint8_t out[TLS_MASTER_SIZE];
    assert_false(tls_keys_rsa_open(keys, bytes_str("sealed"), out));
    assert_true(tls_keys_expect(keys));
    assert_true(tls_keys_worth_it(keys));
    tls_keys_free(keys);
}

static void test_resumed(void **state)
{
    (void)state;
    struct tls_keys *keys = tls_keys_new(NULL);
    uint8_t master[TLS_MASTER_SIZE] = { 7 };
    struct bytes whole = bytes_of(master, sizeof master), none = { NULL, 0 };
    uint64_t first = tls_keys_name(bytes_str("first"));
    tls_keys_remember(keys, tls_keys_name(none), whole); /* a session without an id */
    tls_keys_remember(keys, first, none);
    assert_int_equal(tls_keys_recall(keys, first).len, 0);
    tls_keys_remember(keys, first, whole);
    assert_int_equal(tls_keys_recall(keys, first).at[0], 7);
    assert_int_equal(tls_keys_recall(keys, 0).len, 0);
    for (unsigned i = 0; i < TLS_RESUMED_MAX; i++)
        tls_keys_remember(keys, tls_keys_name(bytes_of(&i, sizeof i)), whole);
    assert_int_equal(tls_keys_recall(keys, first).len, 0); /* the oldest goes */
    tls_keys_free(keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),        cmocka_unit_test(test_upper_case_and_the_latest),
        cmocka_unit_test(test_too_many),     cmocka_unit_test(test_budget),
        cmocka_unit_test(test_private_keys), cmocka_unit_test(test_resumed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
