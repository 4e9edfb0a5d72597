/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/base64.h"
#include "base/text.h"
#include "dissectors/sasl.h"

static void expect_decoded(const char *in, bool valid, const char *out)
{
    uint8_t decoded[64];
    bool is_valid = !valid;
    size_t n = base64_decode(decoded, sizeof decoded, bytes_str(in), &is_valid);
    assert_int_equal(is_valid, valid);
    assert_int_equal(n, strlen(out));
    assert_memory_equal(decoded, out, n);
}

static void base64(void **state)
{
    (void)state;
    expect_decoded("", true, "");
    expect_decoded("Zg==", true, "f");
    expect_decoded("Zm8=", true, "fo");
    expect_decoded("Zm9v", true, "foo");
    expect_decoded("Zm9vYmFy", true, "foobar");
    expect_decoded("Zm9vYg", false, "foob"); /* no padding */
    expect_decoded("Zm9=vYg=", false, "fo");
    expect_decoded("Z===", false, "");
    expect_decoded("====", false, "");
    expect_decoded("Zm9v Zm9v", false, "foo");
    expect_decoded("\xff\xfe", false, "");
    uint8_t two[2], encoded[8];
    bool valid;
    assert_int_equal(base64_decode(two, sizeof two, bytes_str("Zm9vYmFy"), &valid), 2);
    assert_int_equal(base64_encode(encoded, sizeof encoded, bytes_str("foobar")), 8);
    assert_memory_equal(encoded, "Zm9vYmFy", 8);
    assert_int_equal(base64_encode(encoded, sizeof encoded, bytes_str("fo")), 4);
    assert_memory_equal(encoded, "Zm8=", 4);
    assert_int_equal(base64_encode(encoded, 7, bytes_str("foobar")), 4);
    assert_int_equal(base64_encode(encoded, sizeof encoded, bytes_str("")), 0);
}

/* One exchange. What it says, and the secret of its last step. */
static void expect(enum auth_mechanism mechanism, const char *expected, const struct bytes *answers,
                   size_t count)
{
    struct sasl s = { 0 };
    struct bytes secret = { NULL, 0 };
    struct text t;
    bool good = true;
    text_init(&t, 1024);
    for (unsigned step = 1; step <= count; step++)
        good &= sasl_step(&s, mechanism, step, answers[step - 1], &secret);
    if (!good)
        text_add(&t, "malformed");
    else
        text_wire(&t, bytes_of(s.user, s.user_len), FOR_TERMINAL);
    text_add(&t, s.user_known ? "" : " no user");
    text_add(&t, s.has_domain ? " domain" : "");
    text_add(&t, s.user_trailing_blank ? " blank" : "");
    text_add(&t, s.clipped ? " clipped" : "");
    text_add(&t, s.complete ? "" : " more");
    if (s.password_known)
        text_add(&t, s.empty_password            ? " no password"
                     : s.password_trailing_blank ? " password blank"
                                                 : " password");
    if (secret.len > 0) {
        text_add(&t, " hides ");
        text_wire(&t, secret, FOR_TERMINAL);
    }
    assert_string_equal(text_str(&t), expected);
    text_done(&t);
}

#define EXPECT(mechanism, expected, ...)                                                           \
    do {                                                                                           \
        const struct bytes answers[] = { __VA_ARGS__ };                                            \
        expect(mechanism, expected, answers, sizeof answers / sizeof *answers);                    \
    } while (0)
#define B(literal) bytes_of(literal, sizeof literal - 1)

static void hostile(void **state)
{
    (void)state;
    for (unsigned m = 0; m < AUTH_MECHANISMS; m++) {
        static const char *const nonsense[] = {
            "",        "x",     "a,b",         "n,",
            "NTLMSSP", "user=", "username=\"", " 0123456789012345678901234567890x"
        };
        for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++) {
            struct sasl s = { 0 };
            struct bytes secret;
            for (unsigned step = 1; step < 4; step++)
                (void)sasl_step(&s, (enum auth_mechanism)m, step, bytes_str(nonsense[i]), &secret);
        }
    }
    struct sasl s = { 0 };
    struct bytes secret;
    assert_true(sasl_step(&s, AUTH_MECHANISMS, 1, bytes_str("x"), &secret));
    char user[300];
    for (size_t i = 0; i < sizeof user; i++)
        user[i] = (char)(i % 3 == 0 ? 0xE6 : i % 3 == 1 ? 0x97 : 0xA5);
    assert_true(sasl_step(&s, AUTH_LOGIN, 1, bytes_of(user, sizeof user), &secret));
    assert_true(s.clipped && s.user_len == 126); /* between two characters */
}

static void passwords(void **state)
{
    (void)state;
    EXPECT(AUTH_PLAIN, "me@x.jp domain password hides secret", B("\0me@x.jp\0secret"));
    EXPECT(AUTH_PLAIN, "me  blank password blank hides secret ", B("other\0me \0secret "));
    EXPECT(AUTH_PLAIN, "me@ no password", B("\0me@\0"));
    EXPECT(AUTH_PLAIN, "malformed no user more", B("me\0secret"));
    EXPECT(AUTH_PLAIN, "malformed no user more", B("\0me\0sec\0ret"));
    EXPECT(AUTH_LOGIN, "me more", B("me"));
    EXPECT(AUTH_LOGIN, "me\\x0a blank password hides secret", B("me\n"), B("secret"));
    EXPECT(AUTH_LOGIN, " no password", B(""), B(""));
    EXPECT(AUTH_LOGIN, "malformed password", B("me"), B("secret"), B("more"));
}

static void digests(void **state)
{
    (void)state;
    EXPECT(AUTH_CRAM_MD5, "tim", B("tim b913a602c7eda7a495b4e6e7334d3890"));
    EXPECT(AUTH_CRAM_MD5, "tim two@x domain", B("tim two@x B913A602C7EDA7A495B4E6E7334D3890"));
    EXPECT(AUTH_CRAM_MD5, "malformed no user more", B("tim b913a602c7eda7a495b4e6e7334d389g"));
    EXPECT(AUTH_CRAM_MD5, "malformed no user more", B("tim:b913a602c7eda7a495b4e6e7334d3890"));
    EXPECT(AUTH_CRAM_MD5, "malformed no user more", B("tim b913"));
    EXPECT(AUTH_DIGEST_MD5, "ch\"ris", B("charset=utf-8,username=\"ch\\\"ris\",realm=\"x\""),
           B(""));
    EXPECT(AUTH_DIGEST_MD5, "malformed no user more", B("username=\"chris"));
    EXPECT(AUTH_SCRAM_SHA_256, "us,e=r", B("n,,n=us=2Ce=3Dr,r=abc"), B("c=biws,r=abc,p=def"));
    EXPECT(AUTH_SCRAM_SHA_1_PLUS, "user", B("p=tls-unique,a=z,n=user,r=abc"));
    EXPECT(AUTH_SCRAM_SHA_1, "malformed no user more", B("x,,n=user,r=abc"));
    EXPECT(AUTH_SCRAM_SHA_1, "malformed no user more", B("n,,m=ext,n=user"));
}

static void tokens(void **state)
{
    (void)state;
    EXPECT(AUTH_XOAUTH2, "me@x.jp domain hides auth=Bearer ya29",
           B("user=me@x.jp\1auth=Bearer ya29\1\1"));
    EXPECT(AUTH_XOAUTH2, "me@x.jp domain", B("user=me@x.jp\1auth=Bearer ya29\1\1"), B(""));
    EXPECT(AUTH_XOAUTH2, "malformed no user more", B("auth=Bearer ya29\1\1"));
    EXPECT(AUTH_OAUTHBEARER, "me@x.jp domain hides auth=Bearer ya29",
           B("n,a=me@x.jp,\1host=x\1port=587\1auth=Bearer ya29\1\1"));
    EXPECT(AUTH_OAUTHBEARER, " no user hides auth=Bearer ya29", B("n,,\1auth=Bearer ya29\1\1"));
    EXPECT(AUTH_EXTERNAL, "me", B("me"));
    EXPECT(AUTH_EXTERNAL, " no user", B(""));
    EXPECT(AUTH_GSSAPI, " no user more", B("\x60\x82"));
}

static void ntlm(void **state)
{
    (void)state;
    /* MS-NLMP 2.2.1.3: signature, type, LM and NT answers, domain, user, workstation, key, flags,
     * payload */
    static const char head[] = "NTLMSSP\0\3\0\0\0"
                               "\0\0\0\0\100\0\0\0"
                               "\0\0\0\0\100\0\0\0";
    static const char rest[] = "\0\0\0\0\100\0\0\0"
                               "\0\0\0\0\100\0\0\0";
    uint8_t m[128];
    size_t n = bytes_copy(m, sizeof m, bytes_of(head, 28));
    n += bytes_copy(m + n, 16,
                    bytes_of("\2\0\2\0\100\0\0\0"
                             "\6\0\6\0\102\0\0\0",
                             16)); /* "D", "us\u65e5" */
    n += bytes_copy(m + n, 16, bytes_of(rest, 16));
    n += bytes_copy(m + n, 4, bytes_of("\1\0\0\0", 4));
    n += bytes_copy(m + n, 8, bytes_of("D\0u\0s\0\xe5\x65", 8));
    EXPECT(AUTH_NTLM, "us\xe6\x97\xa5 domain", B("NTLMSSP\0\1\0\0\0"), bytes_of(m, n));
    for (size_t cut = 0; cut < n; cut++) {
        struct sasl s = { 0 };
        struct bytes secret;
        (void)sasl_step(&s, AUTH_NTLM, 2, bytes_of(m, cut), &secret);
        assert_true(cut >= 64 || !s.user_known);
    }
    EXPECT(AUTH_NTLM, "malformed no user more", B("NTLMSSX\0\1\0\0\0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile), cmocka_unit_test(base64), cmocka_unit_test(passwords),
        cmocka_unit_test(digests), cmocka_unit_test(tokens), cmocka_unit_test(ntlm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
