/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Captures of TLS versions and ciphers with their keys, opened and compared byte for byte with what tshark opens (plain/, made by
 * make_plain.py); then wrong and partial keys, lost and damaged records, missing memory, and what is left in freed memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "decrypt_play.h"

enum { FILE_SIZE_MAX = 1 << 17, STREAMS = 2 };

struct text_file {
    uint8_t at[FILE_SIZE_MAX];
    size_t len;
};

struct expected {
    uint8_t at[2][OPENED_MAX];
    size_t len[2];
};

struct capture_case {
    char name[256];
    struct bytes pcap, keylog, rsa; /* keylog, rsa: empty = none */
    struct expected expected[STREAMS];
};

static struct capture_case the_case;
static struct opened opened;

static struct bytes read_file(struct text_file *file, const char *folder, const char *name,
                              const char *part)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s%s%s", folder, name, part[0] ? "/" : "", part);
    FILE *f = fopen(path, "rb");
    file->len = f ? fread(file->at, 1, sizeof file->at, f) : 0;
    if (f)
        fclose(f);
    return bytes_of(file->at, file->len);
}

static uint8_t nibble(uint8_t c)
{
    return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* Lines "STREAM > HEX". */
static void read_expected(struct bytes text, struct expected expected[STREAMS])
{
    memset(expected, 0, STREAMS * sizeof *expected);
    while (text.len > 4) {
        ptrdiff_t end = bytes_find(text, '\n');
        size_t len = end < 0 ? text.len : (size_t)end;
        struct expected *e = &expected[text.at[0] - '0'];
        int side = text.at[2] == '>' ? SIDE_DEVICE : SIDE_SERVER;
        for (size_t i = 4; i + 1 < len; i += 2)
            e->at[side][e->len[side]++] =
                (uint8_t)(nibble(text.at[i]) << 4 | nibble(text.at[i + 1]));
        text = bytes_after(text, len + 1);
    }
}

static void load_case(const char *name)
{
    static struct text_file plain, pcap, keylog, rsa;
    snprintf(the_case.name, sizeof the_case.name, "%s", name);
    read_expected(read_file(&plain, DECRYPT_PLAIN, name, ""), the_case.expected);
    the_case.pcap = read_file(&pcap, DECRYPT_CASES, name, "capture.pcap");
    the_case.keylog = read_file(&keylog, DECRYPT_CASES, name, "keylog");
    the_case.rsa = read_file(&rsa, DECRYPT_CASES, name, "server.key");
}

static struct tls_keys *keys_of_case(struct budget *budget)
{
    struct tls_keys *keys = tls_keys_new(budget);
    assert_non_null(keys);
    if (the_case.keylog.len > 0)
        assert_true(tls_keys_read_log(keys, the_case.keylog) > 0);
    else
        assert_int_equal(tls_keys_read_rsa(keys, the_case.rsa), STATUS_OK);
    return keys;
}

static void for_each_case(void (*check)(void))
{
    struct dirent **names;
    int count = scandir(DECRYPT_PLAIN, &names, NULL, alphasort);
    unsigned checked = 0;
    for (int i = 0; i < count; i++) {
        if (names[i]->d_name[0] != '.') {
            load_case(names[i]->d_name);
            check();
            checked++;
        }
        free(names[i]);
    }
    free(names);
    assert_true(checked >= 28);
}

static void assert_opened_whole(unsigned stream, const char *how)
{
    const struct expected *e = &the_case.expected[stream];
    for (int side = 0; side < 2; side++)
        if (!bytes_equal(bytes_of(opened.at[side], opened.len[side]),
                         bytes_of(e->at[side], e->len[side])))
            fail_msg("%s, stream %u, side %d, %s: %zu bytes, %zu expected", the_case.name, stream,
                     side, how, opened.len[side], e->len[side]);
    assert_true(opened.decrypted);
    assert_int_equal(opened.gaps[0] + opened.gaps[1], 0);
}

static void check_whole(void)
{
    static const size_t cuts[] = { 0, 1, 7, 100 };
    struct tls_keys *keys = keys_of_case(NULL);
    for (unsigned stream = 0; stream < STREAMS; stream++) {
        for (size_t i = 0; i < sizeof cuts / sizeof *cuts && the_case.expected[stream].len[0] > 0;
             i++) {
            decrypt_play(
                &(struct decrypt_play) {
                    .pcap = the_case.pcap, .stream = stream, .keys = keys, .cut = cuts[i] },
                &opened);
            assert_opened_whole(stream, cuts[i] > 0 ? "cut" : "whole");
            assert_int_equal(opened.memory, 0);
        }
    }
    struct tls_keys_stats stats;
    tls_keys_stats(keys, &stats);
    assert_true(stats.sessions[TLS_READ] >= 4);
    assert_int_equal(stats.sessions[TLS_WRONG_KEY] + stats.sessions[TLS_NO_KEY] +
                         stats.sessions[TLS_READ_IN_PART],
                     0);
    tls_keys_free(keys);
}

static void test_byte_for_byte(void **state)
{
    (void)state;
    for_each_case(check_whole);
}

/* ------------------------------------------------------------------ keys that do not fit */

/* The log's lines, those that begin with `only` (NULL: all); wrong: their last digit is another. */
static struct bytes changed_log(const char *only, bool wrong)
{
    static uint8_t out[FILE_SIZE_MAX];
    size_t n = 0;
    struct bytes text = the_case.keylog;
    while (text.len > 0) {
        ptrdiff_t end = bytes_find(text, '\n');
        size_t len = end < 0 ? text.len : (size_t)end;
        if (text.at[0] != '#' && (!only || bytes_find_nocase(bytes_first(text, len), only) >= 0)) {
            n += bytes_copy(out + n, sizeof out - n, bytes_first(text, len));
            if (wrong)
                out[n - 1] = out[n - 1] == '0' ? '1' : '0';
            out[n++] = '\n';
        }
        text = bytes_after(text, len + 1);
    }
    return bytes_of(out, n);
}

static void check_reading(struct bytes log, enum tls_reading reading, bool some)
{
    struct tls_keys *keys = tls_keys_new(NULL);
    tls_keys_read_log(keys, log);
    decrypt_play(&(struct decrypt_play) { .pcap = the_case.pcap, .keys = keys }, &opened);
    struct tls_keys_stats stats;
    tls_keys_stats(keys, &stats);
    if (stats.sessions[reading] != 1)
        fail_msg("%s: read %u, in part %u, no key %u, wrong key %u", the_case.name,
                 stats.sessions[TLS_READ], stats.sessions[TLS_READ_IN_PART],
                 stats.sessions[TLS_NO_KEY], stats.sessions[TLS_WRONG_KEY]);
    assert_int_equal(opened.len[0] + opened.len[1], 0);
    assert_false(opened.decrypted);
    assert_true(some == (opened.decrypted_facts > 0));
    assert_int_equal(opened.memory, 0);
    tls_keys_free(keys);
}

static void check_wrong(void)
{
    if (the_case.keylog.len == 0)
        return;
    check_reading(changed_log(NULL, true), TLS_WRONG_KEY, false);
    if (bytes_find_nocase(the_case.keylog, "HANDSHAKE") >= 0) {
        check_reading(changed_log("HANDSHAKE", false), TLS_READ_IN_PART, true);
        /* the secrets of application data alone are enough to read it */
        struct tls_keys *keys = tls_keys_new(NULL);
        tls_keys_read_log(keys, changed_log("TRAFFIC_SECRET_0", false));
        decrypt_play(&(struct decrypt_play) { .pcap = the_case.pcap, .keys = keys }, &opened);
        assert_opened_whole(0, "traffic secrets alone");
        tls_keys_free(keys);
    }
}

static void test_keys_that_do_not_fit(void **state)
{
    (void)state;
    for_each_case(check_wrong);
}

static void test_no_keys(void **state)
{
    (void)state;
    load_case("tls13-aes128-gcm-postfix-587");
    struct tls_keys *keys = tls_keys_new(NULL);
    decrypt_play(&(struct decrypt_play) { .pcap = the_case.pcap, .keys = keys }, &opened);
    assert_int_equal(opened.len[0] + opened.len[1] + opened.decrypted_facts, 0);
    size_t without = opened.peak;
    struct tls_keys_stats stats;
    assert_true(tls_keys_read_log(keys, the_case.keylog) >= 4);
    tls_keys_stats(keys, &stats);
    assert_int_equal(stats.late, 1);
    decrypt_play(&(struct decrypt_play) { .pcap = the_case.pcap, .keys = keys }, &opened);
    assert_opened_whole(0, "later");
    assert_true(without < opened.peak);
    tls_keys_free(keys);
}

/* ------------------------------------------------------------------ damage and loss */

/* All that was opened is there in what was said, in this order. */
static void assert_true_parts(unsigned stream, const char *how, unsigned n)
{
    for (int side = 0; side < 2; side++) {
        const struct expected *e = &the_case.expected[stream];
        size_t from = 0;
        for (size_t i = 0; i < opened.chunks[side]; i++) {
            size_t begin = opened.begins[side][i], end = i + 1 < opened.chunks[side]
                                                             ? opened.begins[side][i + 1]
                                                             : opened.len[side];
            struct bytes part = bytes_of(opened.at[side] + begin, end - begin);
            while (from + part.len <= e->len[side] &&
                   !bytes_equal(bytes_of(e->at[side] + from, part.len), part))
                from++;
            if (from + part.len > e->len[side])
                fail_msg("%s: %s %u: what was opened was never said", the_case.name, how, n);
            from += part.len;
        }
    }
}

static bool counts_records(void)
{
    return bytes_find_nocase(bytes_str(the_case.name), "rc4") <
           0; /* a stream cipher loses its place */
}

static void check_lost(void)
{
    struct tls_keys *keys = keys_of_case(NULL);
    struct decrypt_play play = { .pcap = the_case.pcap, .keys = keys };
    unsigned segments = decrypt_segments(&play);
    size_t all = the_case.expected[0].len[0] + the_case.expected[0].len[1];
    unsigned resumed = 0;
    for (play.lose = 1; play.lose <= segments; play.lose++) {
        decrypt_play(&play, &opened);
        assert_true_parts(0, "lost segment", play.lose);
        assert_int_equal(opened.memory, 0);
        resumed += opened.len[0] + opened.len[1] > all / 2;
    }
    if (counts_records() && resumed < segments / 2)
        fail_msg("%s: only after %u of %u losses most was read", the_case.name, resumed, segments);
    tls_keys_free(keys);
}

static void test_lost_segments(void **state)
{
    (void)state;
    for_each_case(check_lost);
}

static void check_damaged(void)
{
    struct tls_keys *keys = keys_of_case(NULL);
    struct decrypt_play play = { .pcap = the_case.pcap, .keys = keys };
    unsigned segments = decrypt_segments(&play);
    for (unsigned i = 0; i < 60; i++) {
        play.damage = 1 + i % segments;
        play.damage_at = i * 13 % 97;
        decrypt_play(&play, &opened);
        assert_true_parts(0, "damaged segment", play.damage);
        assert_int_equal(opened.memory, 0);
    }
    tls_keys_free(keys);
}

static void test_damaged_segments(void **state)
{
    (void)state;
    for_each_case(check_damaged);
}

/* ------------------------------------------------------------------ memory */

static void test_without_memory(void **state)
{
    (void)state;
    static const char *const names[] = { "tls13-key-update-postfix-465",
                                         "tls12-resumed-id-rsa-key-postfix-465",
                                         "tls10-rc4-sha-exim-465" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        load_case(names[i]);
        struct tls_keys *keys = keys_of_case(NULL);
        for (unsigned n = 1; n < 120; n++) {
            mem_fail_at(n);
            decrypt_play(&(struct decrypt_play) { .pcap = the_case.pcap, .keys = keys }, &opened);
            mem_fail_at(0);
            assert_int_equal(opened.memory, 0);
            if (!opened.new_failed)
                assert_true_parts(0, "allocation", n);
        }
        tls_keys_free(keys);
    }
}

#ifdef __SANITIZE_ADDRESS__
enum { FREED_MIN = 21 };
#else
enum { FREED_MIN = 1 }; /* small pieces are kept for reuse */
#endif

/* What free() gets must hold nothing of what is to be kept secret. */
static struct bytes forbidden[8];
static size_t forbidden_count;
static unsigned long looked_at, leaks;

void __real_free(void *p);
void __wrap_free(void *p);

void __wrap_free(void *p)
{
    size_t size = p ? malloc_usable_size(p) : 0;
    for (size_t i = 0; i < forbidden_count && p; i++)
        for (size_t k = 0; k + forbidden[i].len <= size; k++)
            leaks += memcmp((uint8_t *)p + k, forbidden[i].at, forbidden[i].len) == 0;
    looked_at += forbidden_count > 0;
    __real_free(p);
}

static void check_wiped(void)
{
    static uint8_t binary[4][TLS_SECRET_MAX];
    forbidden_count = 0;
    struct bytes text = the_case.keylog;
    size_t secrets = 0;
    while (text.len > 0 && secrets < 4) {
        ptrdiff_t end = bytes_find(text, '\n'), last = -1;
        size_t len = end < 0 ? text.len : (size_t)end;
        for (size_t i = 0; i < len; i++)
            last = text.at[i] == ' ' ? (ptrdiff_t)i : last;
        if (text.at[0] != '#' && last > 0 && len - (size_t)last > 64) {
            for (size_t i = 0; i < 32; i++)
                binary[secrets][i] = (uint8_t)(nibble(text.at[(size_t)last + 1 + 2 * i]) << 4 |
                                               nibble(text.at[(size_t)last + 2 + 2 * i]));
            forbidden[forbidden_count++] = bytes_of(binary[secrets++], 32);
        }
        text = bytes_after(text, len + 1);
    }
    const struct expected *e = &the_case.expected[0];
    for (int side = 0; side < 2; side++)
        if (e->len[side] >= 48)
            forbidden[forbidden_count++] =
                bytes_of(e->at[side] + 16, 16); /* a part of what was said */
    leaks = looked_at = 0;
    struct budget budget = { 0 };
    struct tls_keys *keys = keys_of_case(&budget);
    for (size_t cut = 0; cut <= 11; cut += 11)
        decrypt_play(&(struct decrypt_play) { .pcap = the_case.pcap, .keys = keys, .cut = cut },
                     &opened);
    tls_keys_free(keys);
    forbidden_count = 0;
    assert_int_equal(budget.used, 0);
    assert_true(looked_at >= FREED_MIN);
    if (leaks > 0 && bytes_find_nocase(bytes_str(the_case.name), "null") < 0)
        fail_msg("%s: %lu times a freed block held a secret", the_case.name, leaks);
}

static void test_wiped(void **state)
{
    (void)state;
    for_each_case(check_wiped);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_byte_for_byte),
        cmocka_unit_test(test_keys_that_do_not_fit),
        cmocka_unit_test(test_no_keys),
        cmocka_unit_test(test_lost_segments),
        cmocka_unit_test(test_damaged_segments),
        cmocka_unit_test(test_without_memory),
        cmocka_unit_test(test_wiped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
