/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/addr.h"
#include "base/cursor.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/text.h"
#include "base/time.h"

static void cursor_failure_is_sticky(void **state)
{
    (void)state;
    static const uint8_t b[] = { 1, 2, 3, 4, 5 };
    struct cursor c = cursor_of(bytes_of(b, sizeof b));
    assert_int_equal(cursor_u16(&c), 0x0102);
    assert_int_equal(cursor_peek(&c), 3);
    assert_int_equal(cursor_u32(&c), 0); /* one byte short */
    assert_false(cursor_ok(&c));
    assert_int_equal(cursor_u8(&c), 0); /* it does not move any more */
    assert_int_equal(cursor_left(&c), 0);
    c = cursor_of(bytes_of(b, sizeof b));
    assert_int_equal(cursor_u24(&c), 0x010203);
    assert_int_equal(cursor_u16_le(&c), 0x0504);
    assert_true(cursor_ok(&c));
    assert_int_equal(cursor_rest(&c).len, 0);
}

static void cursor_blocks(void **state)
{
    (void)state;
    static const uint8_t good[] = { 2, 'a', 'b', 'c' }, bad[] = { 4, 'a', 'b' };
    struct cursor c = cursor_of(bytes_of(good, sizeof good));
    struct cursor block = cursor_block8(&c);
    assert_int_equal(cursor_left(&block), 2);
    assert_int_equal(cursor_u8(&block), 'a');
    assert_int_equal(cursor_left(&c), 1);
    c = cursor_of(bytes_of(bad, sizeof bad));
    block = cursor_block8(&c);
    assert_false(cursor_ok(&block)); /* a length that says more than there is breaks both */
    assert_false(cursor_ok(&c));
    struct cursor none = cursor_of((struct bytes) { NULL, 0 });
    assert_int_equal(cursor_u8(&none), 0);
    assert_false(cursor_ok(&none));
}

static void budgets(void **state)
{
    (void)state;
    struct budget all = { .limit = 1000 }, part = { .limit = 600, .parent = &all };
    void *a = mem_alloc(&part, 500);
    assert_non_null(a);
    assert_int_equal(all.used, 500);
    assert_null(mem_alloc(&part, 200)); /* the part's limit */
    assert_int_equal(part.refused, 1);
    void *b = mem_alloc(&all, 400);
    assert_non_null(b);
    assert_null(mem_resize(&part, a, 500, 601)); /* the whole's limit; a is as it was */
    a = mem_resize(&part, a, 500, 100);
    assert_int_equal(part.used, 100);
    mem_free(&part, a, 100);
    mem_free(&all, b, 400);
    assert_int_equal(all.used, 0);
    mem_fail_at(2);
    void *first = mem_alloc(NULL, 8);
    assert_non_null(first);
    assert_null(mem_alloc(NULL, 8));
    assert_null(mem_alloc_to_fill(NULL, 8));
    mem_fail_at(0);
    mem_free(NULL, first, 8);
    assert_null(mem_alloc_to_fill(&part, 601));
    uint8_t *used = mem_alloc_to_fill(&part, 64);
    memset(used, 0xff, 64);
    mem_free(&part, used, 64);
    uint8_t *zeroed = mem_alloc(&part, 64); /* perhaps the same piece */
    for (size_t i = 0; i < 64; i++)
        assert_int_equal(zeroed[i], 0);
    mem_free(&part, zeroed, 64);
    assert_int_equal(part.used, 0);
}

static const char *wire(const char *bytes, size_t n, enum text_for where)
{
    static char out[512];
    struct text t;
    text_init(&t, sizeof out - 1);
    text_wire(&t, bytes_of(bytes, n), where);
    strcpy(out, text_str(&t));
    text_done(&t);
    return out;
}

static void hostile_text(void **state)
{
    (void)state;
    assert_string_equal(wire("a\x1b[31m\n", 7, FOR_TERMINAL), "a\\x1b[31m\\x0a");
    assert_string_equal(wire("\xff\xc0\x80", 3, FOR_TERMINAL), "\\xff\\xc0\\x80");
    assert_string_equal(wire("\xe2\x80\xae"
                             "x",
                             4, FOR_TERMINAL),
                        "\\u{202e}x"); /* right-to-left override */
    assert_string_equal(wire("\xe3\x83\xa1", 3, FOR_TERMINAL), "\xe3\x83\xa1");
    assert_string_equal(wire("\"\\\x01\xff", 4, FOR_JSON), "\\\"\\\\\\u0001\xef\xbf\xbd");
    assert_string_equal(wire("\0", 1, FOR_JSON), "\\u0000");
    assert_string_equal(wire("<a href='x'>&", 13, FOR_HTML), "&lt;a href=&#39;x&#39;&gt;&amp;");
}

static void text_limits(void **state)
{
    (void)state;
    struct text t;
    text_init(&t, 5);
    text_add(&t, "abc");
    text_add(&t, "defg");
    assert_true(t.over);
    assert_string_equal(text_str(&t), "abc");
    text_clear(&t);
    text_add_u64(&t, UINT64_MAX);
    assert_true(t.over);
    text_done(&t);
    assert_int_equal(text_width("\xe6\x97\xa5"
                                "a",
                                4),
                     3);
}

static bool is(const void *value, struct bytes key)
{
    return bytes_equal(bytes_str(value), key);
}

static void tables(void **state)
{
    (void)state;
    static char names[1000][8];
    struct table t;
    table_init(&t, NULL, is);
    for (unsigned i = 0; i < 1000; i++) {
        snprintf(names[i], sizeof names[i], "n%u", i);
        assert_true(table_put(&t, bytes_str(names[i]), names[i]));
    }
    for (unsigned i = 0; i < 1000; i += 2)
        assert_ptr_equal(table_remove(&t, bytes_str(names[i])), names[i]);
    for (unsigned i = 0; i < 1000; i++)
        assert_ptr_equal(table_get(&t, bytes_str(names[i])), i % 2 ? names[i] : NULL);
    size_t at = 0, count = 0;
    while (table_next(&t, &at))
        count++;
    assert_int_equal(count, 500);
    table_done(&t);
}

static void addresses(void **state)
{
    (void)state;
    struct ip_addr a;
    char text[ADDR_TEXT_SIZE];
    assert_true(ip_addr_parse("2001:db8:0::1", &a));
    assert_string_equal(ip_addr_text(&a, text), "2001:db8::1");
    assert_false(ip_addr_parse("192.0.2.256", &a));
    static const char *const private_ones[] = { "10.1.2.3",    "172.31.0.1", "192.168.1.1",
                                                "169.254.1.1", "100.64.0.1", "127.0.0.1",
                                                "fe80::1",     "fd00::1",    "::1" };
    for (size_t i = 0; i < sizeof private_ones / sizeof *private_ones; i++) {
        assert_true(ip_addr_parse(private_ones[i], &a));
        assert_true(ip_addr_is_private(&a));
    }
    static const char *const public_ones[] = { "172.32.0.1", "100.128.0.1", "203.0.113.25",
                                               "2001:db8::1" };
    for (size_t i = 0; i < sizeof public_ones / sizeof *public_ones; i++) {
        assert_true(ip_addr_parse(public_ones[i], &a));
        assert_false(ip_addr_is_private(&a));
    }
}

static const char *utc(int64_t time, unsigned digits)
{
    static char out[64];
    struct text t;
    text_init(&t, sizeof out - 1);
    time_add_utc(&t, time, digits);
    strcpy(out, text_str(&t));
    text_done(&t);
    return out;
}

static void times(void **state)
{
    (void)state;
    assert_string_equal(utc(1700445603123456789, 6), "2023-11-20T02:00:03.123456Z");
    assert_string_equal(utc(1700445603123456789, 9), "2023-11-20T02:00:03.123456789Z");
    assert_string_equal(utc(0, 0), "1970-01-01T00:00:00Z");
    assert_string_equal(utc(-1, 3), "1969-12-31T23:59:59.999Z");
}

/* All the days that 64 bits of ns hold, at another time of the day each. */
static void days_of_the_calendar(void **state)
{
    (void)state;
    enum { DAYS = 106750, STEP = 7919 };
    for (int64_t day = -DAYS; day <= DAYS; day++) {
        time_t seconds = (time_t)(day * 86400 + (day + DAYS) * STEP % 86400);
        struct tm tm;
        char expected[32];
        gmtime_r(&seconds, &tm);
        strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%SZ", &tm);
        assert_string_equal(utc(seconds * TIME_SECOND, 0), expected);
    }
}

static void numbers(void **state)
{
    (void)state;
    char out[TEXT_U64_MAX + 1], expected[TEXT_U64_MAX + 1];
    for (uint64_t v = 1, next = 0; v > next; next = v, v *= 10)
        for (int add = -1; add <= 1; add++) {
            *text_put_u64(out, v + (uint64_t)add) = '\0';
            snprintf(expected, sizeof expected, "%llu", (unsigned long long)(v + (uint64_t)add));
            assert_string_equal(out, expected);
        }
    *text_put_u64(out, UINT64_MAX) = '\0';
    assert_string_equal(out, "18446744073709551615");
}

/* A character that JSON escapes, at each place of texts of each length: the runs between are copied whole. */
static void json_escapes_anywhere(void **state)
{
    (void)state;
    enum { LONGEST = 40 };
    static const char *const special[][2] = {
        { "\"", "\\\"" }, { "\\", "\\\\" }, { "\x1f", "\\u001f" }, { "\x7f", "\\u007f" }, { "\xff", "\xef\xbf\xbd" },
    };
    for (size_t n = 1; n <= LONGEST; n++)
        for (size_t at = 0; at < n * 5; at++) {
            char plain[LONGEST + 1], expected[2 * LONGEST + 8], *exact = test_malloc(n);
            memset(plain, 'a', n);
            plain[n] = '\0';
            plain[at / 5] = special[at % 5][0][0];
            memcpy(exact, plain, n); /* so that a sanitizer sees a read beyond it */
            snprintf(expected, sizeof expected, "%.*s%s%s", (int)(at / 5), plain, special[at % 5][1],
                     plain + at / 5 + 1);
            struct text t;
            text_init(&t, 1024);
            text_wire(&t, bytes_of(exact, n), FOR_JSON);
            assert_string_equal(text_str(&t), expected);
            text_done(&t);
            test_free(exact);
        }
}

static ptrdiff_t find_slowly(struct bytes b, struct bytes n, bool nocase)
{
    for (size_t i = 0; i + n.len <= b.len; i++)
        if (nocase ? bytes_same_letters(b.at + i, n.at, n.len) : memcmp(b.at + i, n.at, n.len) == 0)
            return (ptrdiff_t)i;
    return -1;
}

static void find_nocase(void **state)
{
    (void)state;
    static const char *const needles[] = { "a", "ab", "aab", "bA", "@b", "`b", "a[", "abc{", "" };
    enum { LONGEST = 70, TURNS = 20000 };
    uint32_t random = 1;
    for (unsigned turn = 0; turn < TURNS; turn++) {
        size_t len = turn % LONGEST;
        uint8_t *text = test_malloc(len > 0 ? len : 1);
        for (size_t i = 0; i < len; i++) {
            random = random * 1664525 + 1013904223;
            text[i] = (uint8_t) "aAbB@`[{c"[(random >> 16) % 9];
        }
        struct bytes b = bytes_of(text, len);
        for (size_t i = 0; i < sizeof needles / sizeof *needles; i++) {
            struct bytes n = bytes_str(needles[i]);
            assert_int_equal(bytes_find_nocase(b, needles[i]), find_slowly(b, n, true));
            assert_int_equal(bytes_find_all(b, n), find_slowly(b, n, false));
        }
        test_free(text);
    }
}

static void bytes(void **state)
{
    (void)state;
    struct bytes b = bytes_str("Hello SMTP");
    assert_int_equal(bytes_find_nocase(b, "smtp"), 6);
    assert_int_equal(bytes_find_nocase(b, "smtps"), -1);
    assert_true(bytes_starts_nocase(b, "hello"));
    assert_int_equal(bytes_after(b, 99).len, 0);
    assert_int_equal(bytes_trim(bytes_str(" \tx ")).len, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cursor_failure_is_sticky),
        cmocka_unit_test(cursor_blocks),
        cmocka_unit_test(budgets),
        cmocka_unit_test(hostile_text),
        cmocka_unit_test(text_limits),
        cmocka_unit_test(tables),
        cmocka_unit_test(addresses),
        cmocka_unit_test(times), cmocka_unit_test(days_of_the_calendar),
        cmocka_unit_test(numbers), cmocka_unit_test(json_escapes_anywhere), cmocka_unit_test(find_nocase),
        cmocka_unit_test(bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
