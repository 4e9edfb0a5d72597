/* SPDX-License-Identifier: BSD-3-Clause */
/* The exchanges of the RFCs against their passwords; then what is broken, cut short or meant to be slow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/limits.h"
#include "derive/password.h"
#include "derive/sasl_text.h"

/* Messages in order: 'S' or 'C', then the text; NUL bytes are written as '|'. */
static struct sign_ins *exchange(enum auth_mechanism mechanism, const char *const *messages)
{
    struct sign_ins *s = sign_ins_new(NULL);
    sign_ins_begin(s, mechanism, 1);
    for (; *messages; messages++) {
        uint8_t text[4096];
        size_t n = bytes_copy(text, sizeof text, bytes_str(*messages + 1));
        for (size_t i = 0; i < n; i++)
            text[i] = text[i] == '|' ? 0 : text[i];
        sign_ins_message(s, **messages == 'S' ? SIDE_SERVER : SIDE_DEVICE, bytes_of(text, n));
    }
    return s;
}

static struct password *password_of(struct secret **secret, const char *text)
{
    *secret = secret_new(PASSWORD_MAX);
    assert_true(secret_add(*secret, bytes_str(text)));
    struct password *p = password_new(NULL, *secret);
    assert_non_null(p);
    return p;
}

static void assert_result(enum auth_mechanism mechanism, const char *const *messages,
                          const char *text, enum password_result expected)
{
    struct secret *secret;
    struct password *p = password_of(&secret, text);
    struct sign_ins *s = exchange(mechanism, messages);
    assert_int_equal(password_judge(p, s->all[0]).result, expected);
    assert_int_equal(password_judge(p, s->all[0]).result, expected); /* by what was remembered */
    sign_ins_free(s);
    password_free(p);
    secret_free(secret);
}

static void assert_fits(enum auth_mechanism mechanism, const char *const *messages,
                        const char *right)
{
    char wrong[256];
    assert_result(mechanism, messages, right, PASSWORD_RIGHT);
    snprintf(wrong, sizeof wrong, "%s ", right);
    assert_result(mechanism, messages, wrong, PASSWORD_WRONG);
    assert_result(mechanism, messages, "Passw0rt", PASSWORD_WRONG);
    bool shown = mechanism == AUTH_PLAIN || mechanism == AUTH_LOGIN;
    assert_result(mechanism, messages, "passw\xc3\xb6rd",
                  shown ? PASSWORD_WRONG
                        : PASSWORD_NOT_CHECKED); /* another character set may be meant */
}

#define MESSAGES(...) ((const char *const[]) { __VA_ARGS__, NULL })

static void test_plain(void **state)
{
    (void)state;
    assert_fits(AUTH_PLAIN, MESSAGES("C|tim|tanstaaftanstaaf"),
                "tanstaaftanstaaf"); /* RFC 4616 4 */
    assert_fits(AUTH_PLAIN, MESSAGES("S", "CUrsel|Kurt|xipj3plmq"), "xipj3plmq");
    assert_result(AUTH_PLAIN, MESSAGES("C|tim|p\xc3\xb6t"), "p\xc3\xb6t", PASSWORD_RIGHT);
    assert_result(AUTH_PLAIN, MESSAGES("C|tim|tanstaaf|"), "tanstaaf", PASSWORD_NOT_CHECKED);
    assert_result(AUTH_PLAIN, MESSAGES("Ctim tanstaaf"), "tanstaaf", PASSWORD_NOT_CHECKED);
    assert_result(AUTH_PLAIN, MESSAGES("S"), "x", PASSWORD_NOT_CHECKED);
}

static void test_login(void **state)
{
    (void)state;
    assert_fits(AUTH_LOGIN, MESSAGES("SUsername:", "Cdoor@example.jp", "SPassword:", "Ckey 7"),
                "key 7");
    assert_fits(AUTH_LOGIN, MESSAGES("Cdoor", "SPassword:", "Ckey"), "key");
    assert_result(AUTH_LOGIN, MESSAGES("SUsername:", "Cdoor"), "door", PASSWORD_NOT_CHECKED);
    assert_fits(AUTH_LOGIN, MESSAGES("Cdoor", "Ckey", "SUsername:", "SPassword:"), "key");
    assert_fits(AUTH_LOGIN, MESSAGES("SUsername:", "Cdoor", "Ckey", "SPassword:"), "key");
    /* the server passes over the name in the AUTH line */
    assert_fits(AUTH_LOGIN, MESSAGES("Cdoor", "SUsername:", "Cdoor", "SPassword:", "Ckey"), "key");
    assert_result(AUTH_LOGIN, MESSAGES("Cdoor", "SUsername:", "Cdoor", "SPassword:"), "key",
                  PASSWORD_NOT_CHECKED);
}

static void test_cram_md5(void **state)
{
    (void)state;
    assert_fits(AUTH_CRAM_MD5,
                MESSAGES("S<1896.697170952@postoffice.reston.mci.net>",
                         "Ctim b913a602c7eda7a495b4e6e7334d3890"),
                "tanstaaftanstaaf"); /* RFC 2195 2 */
    assert_fits(AUTH_CRAM_MD5,
                MESSAGES("S<1896.697170952@postoffice.reston.mci.net>",
                         "Ctim B913A602C7EDA7A495B4E6E7334D3890"),
                "tanstaaftanstaaf");
    assert_result(AUTH_CRAM_MD5, MESSAGES("Ctim b913a602c7eda7a495b4e6e7334d3890"), "x",
                  PASSWORD_NOT_CHECKED);
    assert_result(AUTH_CRAM_MD5, MESSAGES("S", "Ctim b913a602c7eda7a495b4e6e7334d3890"), "x",
                  PASSWORD_NOT_CHECKED);
    assert_result(AUTH_CRAM_MD5, MESSAGES("S<1@mx>", "Ctim"), "x", PASSWORD_NOT_CHECKED);
    assert_result(AUTH_CRAM_MD5, MESSAGES("S<1@mx>", "Ctim is here, and this is no digest at all"),
                  "x", PASSWORD_NOT_CHECKED);
}

#define ELWOOD "realm=\"elwood.innosoft.com\","

static void test_digest_md5(void **state)
{
    (void)state;
    const char *challenge =
        "S" ELWOOD "nonce=\"OA6MG9tEQGm2hh\",qop=\"auth\",algorithm=md5-sess,charset=utf-8";
    /* RFC 2831 4 */
    assert_fits(
        AUTH_DIGEST_MD5,
        MESSAGES(
            challenge,
            "Ccharset=utf-8,username=\"chris\"," ELWOOD "nonce=\"OA6MG9tEQGm2hh\",nc=00000001,"
            "cnonce=\"OA6MHXh6VqTrRk\",digest-uri=\"imap/elwood.innosoft.com\",response=d388dad90d4bbd760a152321f2143af7,qop=auth"),
        "secret");
    assert_fits(
        AUTH_DIGEST_MD5,
        MESSAGES(
            challenge,
            "Cusername=\"chris\"," ELWOOD
            "nonce=\"OA9BSXrbuRhWay\",nc=00000001,cnonce=\"OA9BSuZWMSpW8m\","
            "digest-uri=\"acap/elwood.innosoft.com\",response=6084c6db3fede7352c551284490fd0fc,qop=auth"),
        "secret");
    assert_result(AUTH_DIGEST_MD5,
                  MESSAGES(challenge, "Cusername=\"chris\"," ELWOOD "nonce=\"OA9BSXrbuRhWay\""),
                  "secret", PASSWORD_NOT_CHECKED);
    assert_result(AUTH_DIGEST_MD5, MESSAGES(challenge, "Cusername=\"chris"), "secret",
                  PASSWORD_NOT_CHECKED);
    /* a backslash that stands for itself, as clients write DOMAIN\user: hashed with it or without */
    assert_result(
        AUTH_DIGEST_MD5,
        MESSAGES(
            challenge,
            "Cusername=\"home\\chris\"," ELWOOD "nonce=\"OA6MG9tEQGm2hh\",nc=00000001,"
            "cnonce=\"OA6MHXh6VqTrRk\",digest-uri=\"imap/elwood.innosoft.com\",response=d388dad90d4bbd760a152321f2143af7,qop=auth"),
        "secret", PASSWORD_NOT_CHECKED);
}

#define NONCE_1   "fyko+d2lbbFgONRv9qkxdawL"
#define FULL_1    NONCE_1 "3rfcNHYJY1ZVvWVs7j"
#define NONCE_256 "rOprNGfwEbeRWgbNEkqO"
#define FULL_256  NONCE_256 "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"

static void test_scram(void **state)
{
    (void)state;
    static const char first[] = "Cn,,n=user,r=" NONCE_1,
                      server[] = "Sr=" FULL_1 ",s=QSXCR+Q6sek8bf92,i=4096",
                      final[] = "Cc=biws,r=" FULL_1 ",p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=";
    assert_fits(AUTH_SCRAM_SHA_1, MESSAGES(first, server, final), "pencil"); /* RFC 5802 5 */
    assert_fits(AUTH_SCRAM_SHA_1,
                MESSAGES("S", first, server, final, "Sv=rmF9pqV8S7suAoZWja4dJRkFsKQ=", "C"),
                "pencil");
    assert_fits(AUTH_SCRAM_SHA_256, /* RFC 7677 3 */
                MESSAGES("Cn,,n=user,r=" NONCE_256,
                         "Sr=" FULL_256 ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                         "Cc=biws,r=" FULL_256 ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="),
                "pencil");
    assert_result(AUTH_SCRAM_SHA_1, MESSAGES(first, server), "pencil", PASSWORD_NOT_CHECKED);
    assert_result(AUTH_SCRAM_SHA_1, MESSAGES(first, server, "Cc=biws,r=" FULL_1 ",p=v0X8"),
                  "pencil", PASSWORD_NOT_CHECKED);
    assert_result(AUTH_SCRAM_SHA_1, MESSAGES(first, server, "Cp=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="),
                  "pencil", PASSWORD_NOT_CHECKED);
    assert_result(AUTH_SCRAM_SHA_1, MESSAGES(first, "Sr=" FULL_1 ",s=QSXCR+Q6sek8bf92", final),
                  "pencil", PASSWORD_NOT_CHECKED);
}

/* A server that asks for a year of computing. */
static void test_iterations(void **state)
{
    (void)state;
    static const char first[] = "Cn,,n=user,r=" NONCE_1,
                      final[] = "Cc=biws,r=" FULL_1 ",p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=";
    static const char *const counts[] = { "1048577", "999999999", "4294967297",          "0",
                                          "-1",      "",          "99999999999999999999" };
    char server[256];
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        snprintf(server, sizeof server, "Sr=" FULL_1 ",s=QSXCR+Q6sek8bf92,i=%s", counts[i]);
        assert_result(AUTH_SCRAM_SHA_1, MESSAGES(first, server, final), "pencil",
                      PASSWORD_NOT_CHECKED);
    }
    assert_result(AUTH_SCRAM_SHA_1, MESSAGES(first, "Sr=" FULL_1 ",s=QSXCR+Q6sek8bf92,i=1", final),
                  "pencil", PASSWORD_WRONG);
}

/* Letters beyond ASCII, as devices write them. */
static void test_charsets(void **state)
{
    (void)state;
    static const struct {
        const char *given, *said, *charset;
        enum auth_mechanism mechanism;
        enum password_result result;
    } all[] = {
        { "p\xc3\xb6t", "C|tim|p\xc3\xb6t", NULL, AUTH_PLAIN, PASSWORD_RIGHT },
        { "p\xc3\xb6t", "C|tim|p\xf6t", "ISO-8859-1", AUTH_PLAIN, PASSWORD_RIGHT },
        { "\xe2\x82\xac\x35", "C|tim|\x80\x35", "windows-1252", AUTH_PLAIN, PASSWORD_RIGHT },
        { "\xe9\x8d\xb5", "C|tim|\x8c\xae", "Shift_JIS", AUTH_PLAIN, PASSWORD_RIGHT },
        { "\xe9\x8d\xb5", "C|tim|\xb8\xb0", "EUC-JP", AUTH_PLAIN, PASSWORD_RIGHT },
        { "\xe9\x8d\xb5", "C|tim|\x1b$B80\x1b(B", "ISO-2022-JP", AUTH_PLAIN, PASSWORD_RIGHT },
        { "\xe9\x8d\xb5", "C|tim|\xb0\xb8", NULL, AUTH_PLAIN, PASSWORD_NOT_CHECKED },
        { "p\xf6t", "C|tim|p\xc3\xb6t", NULL, AUTH_PLAIN, PASSWORD_NOT_CHECKED },
        { "key", "C|tim|\x8c\xae", NULL, AUTH_PLAIN, PASSWORD_WRONG },
        { "p\xc3\xb6t", "C|tim|p?t", NULL, AUTH_PLAIN, PASSWORD_WRONG },
        /* the form that the standard wants: RFC 2831 2.1.2.1 */
        { "p\xc3\xb6t",
          "Ccharset=utf-8,username=\"chris\"," ELWOOD
          "nonce=\"OA6MG9tEQGm2hh\",nc=00000001,cnonce=\"OA6MHXh6VqTrRk\","
          "digest-uri=\"imap/elwood.innosoft.com\",response=4dadb87cdee6c3291cf1eb617d9f7a71,qop=auth",
          NULL, AUTH_DIGEST_MD5, PASSWORD_RIGHT },
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct secret *secret;
        struct password *p = password_of(&secret, all[i].given);
        bool asked = all[i].mechanism == AUTH_DIGEST_MD5;
        struct sign_ins *s =
            exchange(all[i].mechanism,
                     asked ? MESSAGES("Snonce=\"x\"", all[i].said) : MESSAGES(all[i].said));
        struct password_check check = password_judge(p, s->all[0]);
        assert_int_equal(check.result, all[i].result);
        assert_true(!check.charset == !all[i].charset);
        if (check.charset)
            assert_string_equal(check.charset, all[i].charset);
        struct password_counts n = password_counts(p);
        assert_int_equal(n.checked, all[i].result != PASSWORD_NOT_CHECKED);
        assert_int_equal(n.doubtful, all[i].result == PASSWORD_NOT_CHECKED);
        assert_int_equal(n.unchecked + n.without_password, 0);
        sign_ins_free(s);
        password_free(p);
        secret_free(secret);
    }
}

static void test_others(void **state)
{
    (void)state;
    assert_result(AUTH_XOAUTH2, MESSAGES("Cuser=a|auth=Bearer t||"), "t", PASSWORD_NOT_CHECKED);
    assert_result(AUTH_NTLM, MESSAGES("C"), "t", PASSWORD_NOT_CHECKED);
    assert_result(AUTH_OTHER, MESSAGES("C"), "t", PASSWORD_NOT_CHECKED);
}

static void test_bounds(void **state)
{
    (void)state;
    static uint8_t big[SIGN_IN_BYTES_MAX + 1];
    struct budget budget = { 0 };
    struct sign_ins *s = sign_ins_new(&budget);
    sign_ins_message(s, SIDE_DEVICE, bytes_str("belongs to none"));
    sign_ins_lost(s);
    for (unsigned i = 0; i < SIGN_INS_MAX + 3; i++)
        sign_ins_begin(s, AUTH_PLAIN, i);
    sign_ins_message(s, SIDE_DEVICE, bytes_str("nor this"));
    assert_int_equal(s->count, SIGN_INS_MAX);
    assert_int_equal(s->dropped, 3);
    assert_int_equal(s->all[SIGN_INS_MAX - 1]->count, 0);
    sign_ins_free(s);
    s = sign_ins_new(&budget);
    sign_ins_begin(s, AUTH_PLAIN, 1);
    sign_ins_message(s, SIDE_DEVICE, bytes_of(big, sizeof big));
    assert_true(s->all[0]->lost);
    sign_ins_begin(s, AUTH_PLAIN, 2);
    for (unsigned i = 0; i < SIGN_IN_MESSAGES_MAX; i++)
        sign_ins_message(s, SIDE_DEVICE, bytes_of(big, 1));
    assert_false(s->all[1]->lost);
    assert_int_equal(s->dropped, 1);
    sign_ins_message(s, SIDE_DEVICE, bytes_of(big, 1));
    assert_true(s->all[1]->lost);
    sign_ins_message(s, SIDE_DEVICE, bytes_of(big, 1));
    assert_int_equal(s->dropped, 2); /* each exchange once */
    sign_ins_end(s);
    sign_ins_free(s);
    assert_int_equal(budget.used, 0);
    sign_ins_begin(NULL, AUTH_PLAIN, 1);
    sign_ins_message(NULL, SIDE_DEVICE, bytes_of(big, 1));
    sign_ins_lost(NULL);
    sign_ins_end(NULL);
    sign_ins_free(NULL);
}

/* What limits keep from being checked is told with -v. */
static void test_dropped(void **state)
{
    (void)state;
    static const char *const slow[] = {
        "Cn,,n=user,r=" NONCE_1, "Sr=" FULL_1 ",s=QSXCR+Q6sek8bf92,i=1048577",
        "Cc=biws,r=" FULL_1 ",p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", NULL
    };
    struct secret *secret;
    struct password *p = password_of(&secret, "pencil");
    struct attempt *a = attempt_new(NULL);
    struct summary summary = { .check_count = 0 };
    a->sign_ins = exchange(AUTH_SCRAM_SHA_1, slow);
    struct fact auth = { .kind = FACT_AUTH, .first_frame = 1, .last_frame = 1 };
    timeline_add(a->timeline, &auth);
    for (unsigned i = 0; i < SIGN_INS_MAX + 1; i++)
        sign_ins_begin(a->sign_ins, AUTH_PLAIN, 2);
    password_derive(a, p, &summary);
    assert_int_equal(password_dropped(p).exchanges, 2);
    assert_int_equal(password_dropped(p).scram, 1);
    attempt_free(a);
    password_free(p);
    secret_free(secret);
}

/* Each of several tries by itself; nothing of them is kept. */
static void test_attempt(void **state)
{
    (void)state;
    struct budget budget = { 0 };
    struct secret *secret;
    struct password *p = password_of(&secret, "key");
    struct attempt *a = attempt_new(&budget);
    a->sign_ins = sign_ins_new(&budget);
    static const char *const said[] = { "|door|kay", "|door|key", "|door|" };
    for (uint32_t i = 0; i < 3; i++) {
        uint8_t text[16];
        size_t n = bytes_copy(text, sizeof text, bytes_str(said[i]));
        text[0] = text[5] = 0;
        struct fact f = { .kind = FACT_AUTH,
                          .from = SIDE_DEVICE,
                          .last_frame = 10 + i,
                          .auth = { .mechanism = AUTH_PLAIN } };
        timeline_add(a->timeline, &f);
        sign_ins_begin(a->sign_ins, AUTH_PLAIN, 10 + i);
        sign_ins_message(a->sign_ins, SIDE_DEVICE, bytes_of(text, n));
    }
    struct summary summary = { .check_count = 0 };
    password_derive(a, p, &summary);
    assert_null(a->sign_ins);
    assert_int_equal(summary.check_count, 3);
    assert_int_equal(summary.checks[0].result, PASSWORD_WRONG);
    assert_int_equal(summary.checks[1].result, PASSWORD_RIGHT);
    assert_int_equal(summary.checks[2].result, PASSWORD_WRONG);
    assert_int_equal(summary.checks[1].auth->last_frame, 11);
    password_derive(a, NULL, &summary);
    attempt_free(a);
    password_free(p);
    secret_free(secret);
    assert_int_equal(budget.used, 0);
}

static void test_secret(void **state)
{
    (void)state;
    struct secret *s = secret_new(4);
    assert_true(secret_add(s, bytes_str("abc")));
    assert_false(secret_add(s, bytes_str("de")));
    assert_true(secret_equal(s, bytes_str("abc")) && !secret_equal(s, bytes_str("abd")) &&
                !secret_equal(s, bytes_str("ab")));
    secret_shorten(s, 1);
    assert_true(secret_equal(s, bytes_str("ab")));
    secret_drop(s, 1);
    assert_true(secret_equal(s, bytes_str("b")));
    secret_shorten(s, 9);
    assert_true(secret_equal(s, (struct bytes) { NULL, 0 }));
    secret_free(s);
    secret_free(NULL);
}

static void test_texts(void **state)
{
    (void)state;
    struct bytes text = bytes_str(" , a = \"x\\\"y,\" , b=z\r\n,c=\"\""), name, value;
    struct sasl_value v;
    assert_true(sasl_directive(&text, &name, &v) && bytes_equal(name, bytes_str("a")) &&
                bytes_equal(sasl_value(&v), bytes_str("x\"y,")));
    assert_true(sasl_directive(&text, &name, &v) && bytes_equal(name, bytes_str("b")) &&
                bytes_equal(sasl_value(&v), bytes_str("z")));
    assert_true(sasl_directive(&text, &name, &v) && v.len == 0);
    assert_int_equal(text.len, 0);
    static const char *const broken[] = { "a",       "a=",       "=x",   "a=\"x",
                                          "a=\"x\\", "a=\"x\"y", "a==x", "a b=c" };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        text = bytes_str(broken[i]);
        assert_false(sasl_directive(&text, &name, &v));
    }
    assert_true(sasl_attribute(bytes_str("r=1,s=ab=,i=5"), 's', &value) &&
                bytes_equal(value, bytes_str("ab=")));
    assert_false(sasl_attribute(bytes_str("r=1,,i"), 'i', &value));
    uint8_t out[4];
    assert_int_equal(sasl_base64(out, sizeof out, bytes_str("YWJj")), 3);
    assert_int_equal(sasl_base64(out, sizeof out, bytes_str("YWJjZA==")), 4);
    assert_int_equal(sasl_base64(out, 3, bytes_str("YWJjZA==")), 0);
    assert_int_equal(sasl_base64(out, sizeof out, bytes_str("YWJ")), 0);
    assert_int_equal(sasl_base64(out, sizeof out, bytes_str("YW Jj===")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),    cmocka_unit_test(test_login),
        cmocka_unit_test(test_cram_md5), cmocka_unit_test(test_digest_md5),
        cmocka_unit_test(test_scram),    cmocka_unit_test(test_iterations),
        cmocka_unit_test(test_dropped),  cmocka_unit_test(test_others),
        cmocka_unit_test(test_bounds),   cmocka_unit_test(test_attempt),
        cmocka_unit_test(test_secret),   cmocka_unit_test(test_texts),
        cmocka_unit_test(test_charsets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
