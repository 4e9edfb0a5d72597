/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Recorded and written handshakes (make_tls_streams.py) against what they say (tls-facts/), as
 * recorded and cut anew in every way; then what memory, damage and truncation do to them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "dissectors/tls.h"
#include "tls_play.h"

enum { STREAM_MAX = 1 << 20, FACTS_MAX = 1 << 20 };

struct stream {
    char name[256];
    uint8_t *at;
    size_t len;
};

static size_t read_file(const char *path, uint8_t *to, size_t size)
{
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(to, 1, size, f) : 0;
    if (f)
        fclose(f);
    return n;
}

/* Calls check for every recorded stream; at least so many must be there. */
static void for_each_stream(void (*check)(const struct stream *stream))
{
    static uint8_t buffer[STREAM_MAX];
    DIR *dir = opendir(TLS_STREAMS);
    assert_non_null(dir);
    unsigned count = 0;
    for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        if (e->d_name[0] == '.' || strncmp(e->d_name, "fuzz-", 5) == 0)
            continue;
        struct stream stream = { .at = buffer };
        char path[1024];
        snprintf(stream.name, sizeof stream.name, "%s", e->d_name);
        snprintf(path, sizeof path, "%s/%s", TLS_STREAMS, e->d_name);
        stream.len = read_file(path, buffer, sizeof buffer);
        assert_true(stream.len > 0);
        check(&stream);
        count++;
    }
    closedir(dir);
    assert_true(count >= 60);
}

/* The facts of a stream played in that way; text_done() is the caller's. */
static struct played facts_of(const struct stream *stream, size_t cut, uint32_t seed, bool frames,
                              struct text *facts)
{
    struct played result;
    struct play play = {
        .at = stream->at, .len = stream->len, .cut = cut, .seed = seed, .frames = frames
    };
    text_init(facts, FACTS_MAX);
    assert_true(tls_play(&play, facts, &result));
    assert_int_equal(result.memory, 0);
    assert_true(result.give_ups <= 2);
    return result;
}

static void against_saved(const struct stream *stream)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s.txt", TLS_FACTS, stream->name);
    struct text facts;
    facts_of(stream, 0, 0, true, &facts);
    if (getenv("TLS_FACTS_UPDATE")) {
        FILE *f = fopen(path, "wb");
        assert_non_null(f);
        fputs(text_str(&facts), f);
        fclose(f);
    }
    char *saved = calloc(1, FACTS_MAX);
    assert_non_null(saved);
    read_file(path, (uint8_t *)saved, FACTS_MAX - 1);
    if (strcmp(text_str(&facts), saved) != 0)
        print_error("%s\n", stream->name);
    assert_string_equal(text_str(&facts), saved);
    free(saved);
    text_done(&facts);
}

/* Facts, and what is left for another dissector, do not depend on the cut. */
static void recut(const struct stream *stream)
{
    struct text whole;
    struct played left = facts_of(stream, 0, 0, false, &whole);
    for (unsigned i = 0; i < 16; i++) {
        struct text cut;
        struct played again =
            facts_of(stream, i < 6 ? i + 1 : 1 + i * i * i, i < 10 ? 0 : 77 + i, false, &cut);
        if (strcmp(text_str(&whole), text_str(&cut)) != 0)
            print_error("%s cut %u\n", stream->name, i);
        assert_string_equal(text_str(&whole), text_str(&cut));
        assert_int_equal(again.give_ups, left.give_ups);
        for (int side = 0; side < 2; side++) {
            assert_int_equal(again.left_len[side], left.left_len[side]);
            assert_memory_equal(again.left[side], left.left[side], left.left_len[side]);
        }
        text_done(&cut);
    }
    text_done(&whole);
}

/* Each truncation is read without a fault and frees all it took. */
static void truncated(const struct stream *stream)
{
    size_t step = stream->len / 60 + 1;
    for (size_t len = 1; len < stream->len; len += step) {
        struct stream part = *stream;
        part.len = len;
        struct text facts;
        facts_of(&part, 0, 0, false, &facts);
        text_done(&facts);
    }
}

/* Bytes changed at random: the same. */
static void damaged(const struct stream *stream)
{
    uint32_t random = (uint32_t)stream->len;
    for (unsigned turn = 0; turn < 16; turn++) {
        struct stream copy = *stream;
        copy.at = malloc(stream->len);
        assert_non_null(copy.at);
        bytes_copy(copy.at, stream->len, bytes_of(stream->at, stream->len));
        for (unsigned n = 0; n < 1 + turn / 2; n++) {
            random = random * 1664525u + 1013904223u;
            copy.at[(random >> 8) % stream->len] = (uint8_t)(random >> 24);
        }
        struct text whole, cut;
        facts_of(&copy, 0, 0, false, &whole);
        facts_of(&copy, 1, 0, false, &cut);
        if (strcmp(text_str(&whole), text_str(&cut)) != 0)
            print_error("%s turn %u\n", stream->name, turn);
        assert_string_equal(text_str(&whole), text_str(&cut));
        text_done(&whole);
        text_done(&cut);
        free(copy.at);
    }
}

/* With every allocation failing in turn. */
static void without_memory(const struct stream *stream)
{
    for (uint64_t n = 1; n < 40; n++) {
        struct text facts;
        struct played result;
        struct play play = { .at = stream->at, .len = stream->len };
        text_init(&facts, FACTS_MAX);
        mem_fail_at(n);
        tls_play(&play, &facts, &result);
        mem_fail_at(0);
        assert_int_equal(result.memory, 0);
        text_done(&facts);
    }
}

static void test_saved(void **state)
{
    (void)state;
    for_each_stream(against_saved);
}
static void test_recut(void **state)
{
    (void)state;
    for_each_stream(recut);
}
static void test_truncated(void **state)
{
    (void)state;
    for_each_stream(truncated);
}
static void test_damaged(void **state)
{
    (void)state;
    for_each_stream(damaged);
}
static void test_without_memory(void **state)
{
    (void)state;
    for_each_stream(without_memory);
}

#define LOOKS(expected, text)                                                                      \
    assert_int_equal(expected, tls_looks_like_hello(bytes_of(text, sizeof(text) - 1)))

static void test_looks_like_hello(void **state)
{
    (void)state;
    LOOKS(0, "");
    LOOKS(0, "\x16");
    LOOKS(0, "\x16\x03\x01");
    LOOKS(0, "\x16\x03\x01\x00\x05");
    LOOKS(1, "\x16\x03\x01\x00\x05\x01");
    LOOKS(1, "\x16\x03\x00\x00\x01\x01");  /* a record of one byte */
    LOOKS(-1, "\x16\x03\x01\x00\x00\x01"); /* an empty one */
    LOOKS(-1, "\x16\x03\x01\x00\x05\x02"); /* a ServerHello */
    LOOKS(-1, "\x16\x03\x01\x50\x00\x01"); /* too long */
    LOOKS(-1, "\x16\x02");
    LOOKS(-1, "\x15\x03\x01\x00\x02\x02"); /* an alert */
    LOOKS(-1, "EHLO");
    LOOKS(-1, "220 ");
    LOOKS(0, "\x80\x2e\x01\x03\x01");
    LOOKS(1, "\x80\x2e\x01\x03\x01\x00\x15\x00\x00\x00\x10");
    LOOKS(1, "\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10");
    LOOKS(-1, "\x80\x2e\x01\x00\x02\x00\x14\x00\x00\x00\x11"); /* specs are three bytes each */
    LOOKS(-1, "\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x11"); /* lengths that do not add up */
    LOOKS(-1, "\x80\x2e\x02");
    LOOKS(-1, "\x80\x2e\x01\x00\x03");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_looks_like_hello),
        cmocka_unit_test(test_saved),
        cmocka_unit_test(test_recut),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
