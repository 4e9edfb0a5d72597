/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/limits.h"
#include "base/time.h"
#include "frame_hex.h"

enum { RAW = 101, PATTERN = 70000 };

static uint8_t pattern[PATTERN];
static struct budget budget;
static struct fragments *fragments;
static uint64_t dropped;
static struct bytes whole;

static int begin(void **state)
{
    (void)state;
    for (size_t i = 0; i < PATTERN; i++)
        pattern[i] = (uint8_t)(i * 7 + i / 251);
    budget = (struct budget) { 0 };
    dropped = 0;
    fragments = fragments_new(&budget);
    return fragments == NULL;
}

static int end(void **state)
{
    fragments_free(fragments);
    assert_int_equal(budget.used, 0);
    return decode_end(state);
}

/* One fragment with the pattern's bytes at its place. */
static struct fragment piece(uint32_t id, uint32_t from, uint32_t to, bool more)
{
    return (struct fragment) { .src = { 4, { 192, 0, 2, 10 } },
                               .dst = { 4, { 198, 51, 100, 25 } },
                               .id = id,
                               .protocol = 6,
                               .offset = from,
                               .more = more,
                               .bytes = bytes_of(pattern + from, to - from),
                               .time = TIME_SECOND };
}

static bool add(struct fragment f)
{
    return fragments_add(fragments, &f, &whole, &dropped);
}

static bool add_piece(uint32_t id, uint32_t from, uint32_t to, bool more)
{
    return add(piece(id, from, to, more));
}

static void expect_whole(size_t len)
{
    assert_int_equal(whole.len, len);
    assert_memory_equal(whole.at, pattern, len);
}

static void hostile_shapes(void **state)
{
    (void)state;
    assert_false(add_piece(1, 65528, 65544, false)); /* beyond what an IP packet may have */
    assert_false(add_piece(2, 0, 0, true));          /* empty */
    assert_false(add_piece(2, 0, 7, true));          /* not a multiple of eight: nothing is left */
    assert_int_equal(dropped, 3);
    assert_false(add_piece(3, 0, 16, true));
    assert_false(add_piece(3, 32, 40, false));
    assert_false(add_piece(3, 40, 48, false)); /* a second end */
    assert_int_equal(dropped, 4);
    assert_false(add_piece(3, 16, 32, true)); /* given up: stays so */
    assert_false(add_piece(4, 0, 64, true));
    assert_false(add_piece(4, 16, 32, false)); /* an end before what is there */
    assert_int_equal(dropped, 5);
    assert_false(add_piece(5, 16, 24, false));
    assert_false(add_piece(5, 24, 32, true)); /* more behind the end */
    assert_int_equal(dropped, 6);
}

static void any_order(void **state)
{
    (void)state;
    enum { COUNT = 7, SIZE = 1480 };
    uint32_t id = 10;
    for (unsigned step = 1; step < COUNT; step++) {
        id++;
        unsigned at = step % COUNT;
        for (unsigned i = 0; i < COUNT; i++, at = (at + step) % COUNT)
            assert_int_equal(add_piece(id, at * SIZE, (at + 1) * SIZE, at + 1 < COUNT),
                             i == COUNT - 1);
        expect_whole(COUNT * SIZE);
    }
    assert_int_equal(dropped, 0);
    assert_false(add_piece(99, 64, 65528, false));
    assert_true(add_piece(99, 0, 64, true));
    expect_whole(65528);
}

static void twice_each(void **state)
{
    (void)state;
    assert_false(add_piece(1, 0, 800, true));
    assert_false(add_piece(1, 0, 800, true));
    assert_true(add_piece(1, 800, 1000, false));
    assert_false(add_piece(1, 800, 1000, false)); /* not the beginning of a new one */
    assert_false(add_piece(1, 0, 800, true));
    assert_int_equal(dropped, 0);
    struct fragment other = piece(1, 0, 800, true); /* the identifier again, for other bytes */
    other.bytes = bytes_of(pattern + 1, 800);
    assert_false(add(other));
    assert_true(add_piece(1, 800, 1000, false));
    assert_int_equal(whole.at[0], pattern[1]);
}

static void first_data_wins(void **state)
{
    (void)state;
    assert_false(add_piece(1, 16, 32, true));
    struct fragment liar = piece(1, 0, 48, false);
    liar.bytes = bytes_of(pattern + 100, 48);
    assert_true(add(liar));
    assert_memory_equal(whole.at, pattern + 100, 16);
    assert_memory_equal(whole.at + 16, pattern + 16, 16);
    assert_memory_equal(whole.at + 32, pattern + 132, 16);
    assert_int_equal(dropped, 0);
}

static void ipv6_overlap_is_dropped(void **state)
{
    (void)state;
    struct fragment f = piece(1, 0, 32, true);
    f.src = ip_addr_v6(pattern);
    f.dst = ip_addr_v6(pattern + 16);
    assert_false(add(f));
    assert_false(add(f)); /* an exact copy does not count */
    assert_int_equal(dropped, 0);
    f.offset = 24;
    f.bytes = bytes_of(pattern + 24, 16);
    assert_false(add(f));
    assert_int_equal(dropped, 1);
    f.offset = 32;
    f.more = false;
    assert_false(add(f));
    assert_int_equal(dropped, 1);
}

static void old_ones_are_forgotten(void **state)
{
    (void)state;
    assert_false(add_piece(1, 0, 800, true));
    struct fragment late = piece(1, 800, 1000, false);
    late.time = 32 * TIME_SECOND;
    assert_false(add(late));
    assert_int_equal(dropped, 1);
    late = piece(1, 0, 800, true);
    late.time = TIME_NONE; /* the clock stands still */
    assert_true(add(late));
    fragments_clear(fragments);
    assert_false(add_piece(2, 0, 800, true));
    fragments_clear(fragments);
    assert_false(add_piece(2, 800, 1000, false));
}

static void too_many_begun(void **state)
{
    (void)state;
    for (uint32_t id = 0; id < FRAGMENT_DATAGRAMS_MAX; id++)
        assert_false(add_piece(id, 0, 8, true));
    assert_int_equal(dropped, 0);
    assert_false(add_piece(FRAGMENT_DATAGRAMS_MAX, 0, 8, true));
    assert_int_equal(dropped, 1);
    assert_false(add_piece(0, 8, 16, false)); /* the oldest went, and now the next oldest */
    assert_true(add_piece(2, 8, 16, false));
    assert_int_equal(dropped, 2);
}

static void too_many_pieces(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < FRAGMENT_RANGES_MAX; i++)
        assert_false(add_piece(1, i * 16, i * 16 + 8, true));
    assert_int_equal(dropped, 0);
    assert_false(add_piece(1, 8, 16, true)); /* fills a hole: one less */
    assert_false(add_piece(1, FRAGMENT_RANGES_MAX * 16, FRAGMENT_RANGES_MAX * 16 + 8, true));
    assert_int_equal(dropped, 0);
    assert_false(add_piece(1, FRAGMENT_RANGES_MAX * 16 + 16, FRAGMENT_RANGES_MAX * 16 + 24, true));
    assert_int_equal(dropped, 1);
}

static void little_memory(void **state)
{
    (void)state;
    size_t base = budget.used;
    budget.limit = base + 8000; /* two datagrams and the table, not three */
    for (uint32_t id = 0; id < 50; id++)
        assert_false(add_piece(id, 0, 1480, true));
    assert_true(dropped >= 46);
    assert_true(add_piece(49, 1480, 1500, false));
    expect_whole(1500);
    budget.limit = base + 200; /* not even one */
    fragments_clear(fragments);
    dropped = 0;
    assert_false(add_piece(100, 0, 1480, true));
    assert_false(add_piece(100, 1480, 1500, false));
    assert_int_equal(dropped, 2);
}

static void own_limit(void **state)
{
    (void)state;
    for (uint32_t id = 0; id < 200; id++)
        assert_false(add_piece(id, 8, 65528, false));
    assert_true(budget.peak <= FRAGMENT_MEMORY + 4096);
    assert_true(dropped > 100);
    assert_true(add_piece(199, 0, 8, true));
}

static void allocations_fail(void **state)
{
    (void)state;
    for (uint64_t n = 1; n < 12; n++) {
        mem_fail_at(n);
        bool done = add_piece(1, 0, 4000, true);
        done |= add_piece(1, 4000, 9000, true);
        done |= add_piece(1, 9000, 20000, false);
        mem_fail_at(0);
        fragments_clear(fragments);
        assert_true(done || dropped > 0);
        dropped = 0;
    }
    mem_fail_at(1);
    assert_null(fragments_new(&budget));
    mem_fail_at(0);
}

/* Whole frames: the whole packet comes with the last fragment, wherever it was cut. */
#define PART(length, fragment, content)                                                            \
    "4500" length "1234" fragment "40 06 0000 c000020a c6336419" content

static void in_frames(void **state)
{
    (void)state;
    decoder.fragments = fragments_new(NULL);
    decode(RAW, PART("0024", "2000", "c350024b 000003e8 000007d0 5018 0200"));
    assert_int_equal(packet.kind, PACKET_FRAGMENT);
    expect_addr(&packet.src, "192.0.2.10");
    decode(RAW, PART("001e", "0002", "0000 0000 48454c4f0d0a"));
    expect_tcp("");
    /* without a store they are passed over */
    fragments_free(decoder.fragments);
    decoder.fragments = NULL;
    decode(RAW, PART("0024", "2000", "c350024b 000003e8 000007d0 5018 0200"));
    assert_int_equal(packet.kind, PACKET_FRAGMENT);
}

/* A first fragment that the capture cut can never be completed; it is read as far as it goes. */
static void cut_fragments(void **state)
{
    (void)state;
    decoder.fragments = fragments_new(NULL);
    decode_cut(RAW, PART("0034", "2000", TCP "48454c4f0d0a000000000000"), 6);
    assert_int_equal(packet.kind, PACKET_TCP);
    assert_true(packet.snapped);
    assert_int_equal(packet.payload.len, 6);
    assert_int_equal(packet.payload_len, 12);
    decode_cut(RAW, PART("0034", "0004", TCP "48454c4f0d0a000000000000"), 6);
    assert_int_equal(packet.kind, PACKET_FRAGMENT);
    assert_int_equal(decoder.stats.fragments_dropped, 2);
}

/* Fragments of a tunnel whose inner packet is a fragment again, both with the same identifiers. */
static void nested(void **state)
{
    (void)state;
    decoder.fragments = fragments_new(NULL);
#define OUTER(length, fragment, content)                                                           \
    "4500" length "1234" fragment "40 04 0000 c000020a c6336419" content
    decode(RAW, OUTER("0024", "2000", "4500 0022 1234 2000 40 04 0000 c000020a"));
    assert_int_equal(packet.kind, PACKET_FRAGMENT);
    decode(RAW, OUTER("0026", "0002", "c6336419 0102030405060708090a0b0c0d0e"));
    assert_int_equal(packet.kind, PACKET_FRAGMENT); /* names itself as its whole */
    assert_int_equal(decoder.stats.fragments_dropped, 1);
    decode(RAW, OUTER("0024", "2000", "4500 0024 4321 2000 40 06 0000 c000020a"));
    decode(RAW, OUTER("0028", "0002", "c6336419 c350024b 000003e8 000007d0 5018 0200"));
    assert_int_equal(packet.kind, PACKET_FRAGMENT);
    decode(RAW, "4500 001e 4321 0002 40 06 0000 c000020a c6336419 00000000" HELO);
    expect_tcp("");
}

static void in_ipv6(void **state)
{
    (void)state;
    decoder.fragments = fragments_new(NULL);
    decode(RAW, IP6("0018", "2c") "0600 0001 00000007 c350024b 000003e8 000007d0 5018 0200");
    assert_int_equal(packet.kind, PACKET_FRAGMENT);
    decode(RAW, IP6("0012", "2c") "0600 0010 00000007 00000000" HELO);
    expect_tcp("");
    /* extension headers behind the fragment header, cut in the middle */
    decode(RAW, IP6("0018", "2c") "3c00 0001 00000008 0600 0104 00000000 c350024b 000003e8");
    decode(RAW, IP6("001a", "2c") "3c00 0010 00000008 000007d0 5018 0200 00000000" HELO);
    expect_tcp("");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(hostile_shapes, begin, end),
        cmocka_unit_test_setup_teardown(any_order, begin, end),
        cmocka_unit_test_setup_teardown(twice_each, begin, end),
        cmocka_unit_test_setup_teardown(first_data_wins, begin, end),
        cmocka_unit_test_setup_teardown(ipv6_overlap_is_dropped, begin, end),
        cmocka_unit_test_setup_teardown(old_ones_are_forgotten, begin, end),
        cmocka_unit_test_setup_teardown(too_many_begun, begin, end),
        cmocka_unit_test_setup_teardown(too_many_pieces, begin, end),
        cmocka_unit_test_setup_teardown(little_memory, begin, end),
        cmocka_unit_test_setup_teardown(own_limit, begin, end),
        cmocka_unit_test_setup_teardown(allocations_fail, begin, end),
        cmocka_unit_test_setup_teardown(in_frames, begin, end),
        cmocka_unit_test_setup_teardown(cut_fragments, begin, end),
        cmocka_unit_test_setup_teardown(nested, begin, end),
        cmocka_unit_test_setup_teardown(in_ipv6, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
