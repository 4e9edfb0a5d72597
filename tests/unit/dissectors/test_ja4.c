/* SPDX-License-Identifier: BSD-3-Clause */
/* JA4 against published vectors: the specification's own, and those of FoxIO's test captures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "dissectors/ja4.h"

struct hello {
    uint16_t version;
    const char *ciphers, *extensions, *signatures,
        *versions; /* hex values by commas; NULL = without */
    const char *alpn;
    size_t alpn_len;
};

struct buffer {
    uint8_t at[16384];
    size_t len;
};

static void put(struct buffer *b, uint32_t value, unsigned bytes)
{
    while (bytes-- > 0)
        b->at[b->len++] = (uint8_t)(value >> 8 * bytes);
}

static void put_values(struct buffer *b, const char *hex)
{
    for (const char *at = hex; at && *at; at += strcspn(at, ","), at += *at == ',')
        put(b, (uint32_t)strtoul(at, NULL, 16), 2);
}

static uint32_t size_of_values(const char *hex)
{
    uint32_t n = 0;
    for (const char *at = hex; at && *at; at += strcspn(at, ","), at += *at == ',')
        n += 2;
    return n;
}

static void put_extension(struct buffer *b, const struct hello *h, uint32_t type)
{
    uint32_t alpn = h->alpn ? (uint32_t)h->alpn_len + 1 : 0,
             signatures = size_of_values(h->signatures);
    put(b, type, 2);
    if (type == 13 && h->signatures) {
        put(b, signatures + 2, 2);
        put(b, signatures, 2);
        put_values(b, h->signatures);
    } else if (type == 16 && h->alpn) {
        put(b, alpn + 2, 2);
        put(b, alpn, 2);
        put(b, (uint32_t)h->alpn_len, 1);
        b->len += bytes_copy(b->at + b->len, h->alpn_len, bytes_of(h->alpn, h->alpn_len));
    } else if (type == 43 && h->versions) {
        put(b, size_of_values(h->versions) + 1, 2);
        put(b, size_of_values(h->versions), 1);
        put_values(b, h->versions);
    } else {
        put(b, 0, 2);
    }
}

static void write_hello(struct buffer *b, const struct hello *h)
{
    b->len = 0;
    put(b, h->version, 2);
    b->len += 32;
    put(b, 0, 1);
    put(b, size_of_values(h->ciphers), 2);
    put_values(b, h->ciphers);
    put(b, 0x0100, 2);
    if (!h->extensions)
        return;
    size_t length_at = b->len;
    b->len += 2;
    for (const char *at = h->extensions; *at; at += strcspn(at, ","), at += *at == ',')
        put_extension(b, h, (uint32_t)strtoul(at, NULL, 16));
    size_t end = b->len;
    b->len = length_at;
    put(b, (uint32_t)(end - length_at - 2), 2);
    b->len = end;
}

static void assert_ja4(const struct hello *h, const char *expected)
{
    static struct buffer b;
    struct tls_client_hello read;
    char text[JA4_TEXT_SIZE];
    write_hello(&b, h);
    assert_true(tls_client_hello_read(bytes_of(b.at, b.len), &read));
    ja4_text(&read, text);
    assert_string_equal(text, expected);
    /* cut short it has none */
    assert_true(tls_client_hello_read(bytes_of(b.at, b.len - 1), &read));
    ja4_text(&read, text);
    assert_string_equal(text, "");
}

static const struct hello chrome = {
    0x0303,
    "1a1a,1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,009d,002f,0035",
    "2a2a,001b,0000,0033,0010,4469,0017,002d,000d,0005,0023,0012,002b,ff01,000b,000a,0015,3a3a",
    "0403,0804,0401,0503,0805,0501,0806,0601",
    "7a7a,0304,0303",
    "h2",
    2,
};

static void test_published(void **state)
{
    (void)state;
    assert_ja4(&chrome, "t13d1516h2_8daaf6152771_e5627efa2ab1"); /* the specification's example */
    struct hello h =
        chrome; /* Chrome 120 to 131: extensions in any order, ECH instead of padding */
    h.extensions =
        "fafa,002b,0010,0005,fe0d,000b,0033,0012,002d,4469,0017,0000,ff01,001b,000a,0023,000d,0a0a";
    assert_ja4(&h, "t13d1516h2_8daaf6152771_02713d6af862");
    h = chrome; /* badcurveball.pcap */
    h.ciphers = "1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,009d,002f,0035,000a";
    h.extensions = "0000,0017,ff01,000a,000b,0023,0010,0005,000d,0012,0033,002d,002b,001b,0015";
    h.signatures = "0403,0804,0401,0503,0805,0501,0806,0601,0201";
    assert_ja4(&h, "t13d1615h2_46e7e9700bed_45f260be83e2");
    h = (struct hello) { .version = 0x0301, .extensions = "0000" }; /* https3-301-get.pcap */
    h.ciphers =
        "0039,0038,0035,0016,0013,000a,0033,0032,002f,009a,0099,0096,0005,0004,0015,0012,0009,0014,0011,0008,"
        "0006,0003,00ff";
    assert_ja4(&h, "t10d230100_6a57a6f57151_000000000000");
}

static void test_protocols(void **state)
{
    (void)state;
    static const struct {
        const char *alpn, *word;
    } published[] = {
        { "http/1.1", "h1" },
        { "\xab", "ab" },
        { "\xab\xcd", "ad" },
        { "0\xab", "3b" },
        { "01\xab\xcd", "3d" },
        { "0\xab\xcd"
          "1",
          "01" },
        { "x", "xx" },
        { "", "00" },
    };
    for (size_t i = 0; i < sizeof published / sizeof *published; i++) {
        struct hello h = chrome;
        char expected[JA4_TEXT_SIZE] = "t13d1516h2_8daaf6152771_e5627efa2ab1";
        h.alpn = published[i].alpn;
        h.alpn_len = strlen(h.alpn);
        expected[8] = published[i].word[0];
        expected[9] = published[i].word[1];
        assert_ja4(&h, expected);
    }
}

static void test_versions(void **state)
{
    (void)state;
    static const struct {
        uint16_t legacy;
        const char *versions, *word;
    } cases[] = {
        { 0x0303, NULL, "12" },
        { 0x0302, NULL, "11" },
        { 0x0300, NULL, "s3" },
        { 0x0305, NULL, "00" },
        { 0x0303, "0303,0302,0301", "12" },
        { 0x0303, "0a0a,0301,0304", "13" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hello h = chrome;
        char expected[JA4_TEXT_SIZE] = "t13d1516h2_8daaf6152771_e5627efa2ab1";
        h.version = cases[i].legacy;
        h.versions = cases[i].versions;
        expected[1] = cases[i].word[0];
        expected[2] = cases[i].word[1];
        assert_ja4(&h, expected);
    }
}

static void test_nothing_to_hash(void **state)
{
    (void)state;
    static struct buffer b;
    struct tls_client_hello read;
    char text[JA4_TEXT_SIZE];
    write_hello(&b, &(struct hello) { .version = 0x0300,
                                      .ciphers = "" }); /* SSL 3.0: no extensions at all */
    assert_true(tls_client_hello_read(bytes_of(b.at, b.len), &read));
    ja4_text(&read, text);
    assert_string_equal(text, "ts3i000000_000000000000_000000000000");
}

/* A list longer than any stack's: no fingerprint of a part of it. */
static void test_too_many(void **state)
{
    (void)state;
    static struct buffer b;
    struct tls_client_hello read;
    char text[JA4_TEXT_SIZE];
    for (unsigned extra = 0; extra < 2; extra++) {
        b.len = 0;
        put(&b, 0x0303, 2);
        b.len += 32;
        put(&b, 0, 1);
        put(&b, 2 * (JA4_VALUES_MAX + extra), 2);
        for (unsigned i = 0; i < JA4_VALUES_MAX + extra; i++)
            put(&b, 0xd000 - i, 2);
        put(&b, 0x0100, 2);
        assert_true(tls_client_hello_read(bytes_of(b.at, b.len), &read));
        ja4_text(&read, text);
        assert_int_equal(strlen(text), extra == 0 ? JA4_TEXT_SIZE - 1 : 0);
    }
    assert_true(tls_sslv2_hello_read(bytes_of("\1\3\1\0\3\0\0\0\x10\0\0\5", 12), &read));
    ja4_text(&read, text);
    assert_string_equal(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published), cmocka_unit_test(test_protocols),
        cmocka_unit_test(test_versions),  cmocka_unit_test(test_nothing_to_hash),
        cmocka_unit_test(test_too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
