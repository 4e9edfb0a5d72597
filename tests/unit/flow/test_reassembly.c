/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "flow/reassembly.h"

static struct budget budget;
static struct reassembly *r;
static struct segment_news news;
static char out[4096];
static size_t out_len;
static uint32_t frame;

static void begin(void)
{
    budget = (struct budget) { 0 };
    r = reassembly_new(&budget, SIDE_DEVICE);
    assert_non_null(r);
    frame = 0;
    out_len = 0;
}

static void end(void)
{
    reassembly_free(r);
    assert_int_equal(budget.used, 0);
}

static void push_only(uint32_t seq, const char *text, uint32_t len)
{
    struct segment segment = { .seq = seq, .bytes = bytes_str(text), .len = len, .frame = ++frame };
    reassembly_push(r, &segment, &news);
}

static const char *pull(void)
{
    struct chunk chunk;
    while (reassembly_next(r, &chunk)) {
        for (uint64_t i = 0; i < chunk.gap_len; i++)
            out[out_len++] = '#';
        out_len += bytes_copy(out + out_len, sizeof out - out_len, chunk.bytes);
    }
    out[out_len] = '\0';
    return out;
}

static const char *push(uint32_t seq, const char *text)
{
    push_only(seq, text, (uint32_t)strlen(text));
    return pull();
}

static uint64_t gap(void)
{
    struct chunk chunk;
    return reassembly_gap(r, UINT64_MAX, &chunk) ? chunk.gap_len : 0;
}

static void in_order_costs_little(void **state)
{
    (void)state;
    begin();
    size_t used = budget.used;
    reassembly_start(r, 100);
    assert_string_equal(push(100, "abc"), "abc");
    assert_true(reassembly_acknowledged(r, 103));
    size_t little = budget.used - used; /* the place of what was delivered stays, for the next */
    assert_true(little <= 288);
    assert_string_equal(push(103, "def"), "abcdef");
    assert_false(news.old || news.resent || news.conflict);
    assert_int_equal(news.offset, 3);
    assert_int_equal(reassembly_position(r), 6);
    assert_int_equal(budget.used, used + little);
    end();
}

static void a_large_place_is_given_back(void **state)
{
    (void)state;
    begin();
    size_t used = budget.used;
    char text[600];
    memset(text, 'x', sizeof text);
    struct segment segment = { .bytes = bytes_of(text, sizeof text), .len = sizeof text };
    reassembly_start(r, 0);
    reassembly_push(r, &segment, &news);
    assert_int_equal(strlen(pull()), sizeof text);
    assert_true(budget.used > used + sizeof text);
    assert_true(reassembly_acknowledged(r, sizeof text));
    assert_int_equal(budget.used, used);
    end();
}

/* What was acknowledged is not compared any more: its bytes are gone. */
static void acknowledged_bytes_are_forgotten(void **state)
{
    (void)state;
    begin();
    reassembly_start(r, 0);
    assert_string_equal(push(0, "abc"), "abc");
    push(0, "abX");
    assert_true(news.conflict);
    assert_true(reassembly_acknowledged(r, 3));
    push(0, "abX");
    assert_true(news.resent && !news.conflict);
    assert_string_equal(push(3, "def"), "abcdef");
    push(0, "abXdeX"); /* of these the last three alone are known */
    assert_true(news.conflict);
    push(0, "abXdef");
    assert_false(news.conflict);
    end();
}

static void sequence_numbers_wrap(void **state)
{
    (void)state;
    begin();
    reassembly_start(r, 0xfffffffe);
    assert_string_equal(push(2, "ef"), "");
    assert_string_equal(push(0xfffffffe, "abcd"), "abcdef");
    assert_int_equal(reassembly_offset(r, 4), 6);
    assert_int_equal(reassembly_offset(r, 0xfffffff0), -14);
    end();
}

static void out_of_order_and_overlapping(void **state)
{
    (void)state;
    begin();
    reassembly_start(r, 0);
    assert_string_equal(push(6, "ghi"), "");
    assert_string_equal(push(3, "def"), "");
    assert_string_equal(push(10, "kl"), "");
    assert_true(reassembly_has_hole(r));
    push(2, "cdefghijklm");
    assert_true(news.resent && !news.conflict);
    assert_int_equal(news.fresh, 3);
    assert_string_equal(push(0, "ab"), "abcdefghijklm");
    assert_false(reassembly_has_hole(r));
    end();
}

static void first_data_wins(void **state)
{
    (void)state;
    begin();
    reassembly_start(r, 0);
    push(4, "efgh");
    push(2, "CDEF");
    assert_true(news.conflict);
    assert_string_equal(push(0, "abXY"), "abCDefgh");
    assert_true(news.conflict);
    push(6, "gXi"); /* delivered, not acknowledged yet */
    assert_true(news.conflict);
    push(6, "ghij");
    assert_false(news.conflict);
    assert_string_equal(pull(), "abCDefghij");
    end();
}

static void kept_segments_stay(void **state)
{
    (void)state;
    begin();
    reassembly_start(r, 0);
    struct segment segment = { .seq = 0,
                               .bytes = bytes_str("abc"),
                               .len = 3,
                               .frame = 9,
                               .keep = true,
                               .ordered = true,
                               .after = 77 };
    reassembly_push(r, &segment, &news);
    push_only(3, "def", 3);
    struct reassembly_head head = reassembly_head(r);
    assert_true(head.ready && head.ordered);
    assert_int_equal(head.after, 77);
    assert_int_equal(head.frame, 9);
    assert_string_equal(pull(), "abcdef");
    end();
}

static void what_the_capture_cut_off(void **state)
{
    (void)state;
    begin();
    reassembly_start(r, 0);
    push_only(0, "abc", 6);
    assert_string_equal(pull(), "abc###");
    push_only(8, "i", 3);
    assert_string_equal(push(6, "gh"), "abc###ghi##");
    end();
}

static void the_lost_are_gaps(void **state)
{
    (void)state;
    begin();
    reassembly_start(r, 0);
    push(0, "abc");
    push(10, "klm");
    assert_false(reassembly_lacks_acked(r));
    assert_true(reassembly_has_hole(r));
    reassembly_acknowledged(r, 6);
    assert_true(reassembly_lacks_acked(r));
    assert_int_equal(gap(), 3);
    assert_int_equal(gap(), 4);
    assert_string_equal(pull(), "abcklm");
    assert_int_equal(gap(), 0);
    assert_true(reassembly_acknowledged(r, 20));
    assert_false(reassembly_acknowledged(r, 19));
    assert_false(reassembly_acknowledged(r, 21 + REASSEMBLY_ACK_AHEAD_MAX));
    assert_int_equal(gap(), 7);
    end();
}

static void unknown_beginning(void **state)
{
    (void)state;
    begin();
    assert_string_equal(push(500, "de"), "");
    assert_string_equal(push(497, "abc"), "");
    reassembly_settle(r);
    assert_string_equal(pull(), "abcde");
    assert_string_equal(push(495, "xyabcdef"), "abcdef");
    end();
    begin(); /* the SYN comes late */
    push(500, "de");
    reassembly_start(r, 497);
    assert_int_equal(reassembly_position(r), 0);
    assert_string_equal(push(497, "abc"), "abcde");
    end();
    begin(); /* only its acknowledgement */
    push(500, "de");
    reassembly_hint(r, 498);
    reassembly_hint(r, 497);
    reassembly_hint(r, 499);
    reassembly_settle(r);
    assert_int_equal(gap(), 3);
    assert_string_equal(pull(), "de");
    end();
}

static void the_end(void **state)
{
    (void)state;
    begin();
    reassembly_start(r, 0);
    push(0, "ab");
    assert_true(reassembly_finish(r, 4));
    assert_false(reassembly_finish(r, 9));
    assert_false(reassembly_done(r));
    assert_false(reassembly_acknowledged(r, 0));
    assert_true(reassembly_acknowledged(r, 5));
    assert_true(reassembly_finish_acked(r));
    assert_int_equal(reassembly_acked(r), 4);
    assert_string_equal(push(2, "cdefg"), "abcd");
    assert_true(reassembly_done(r));
    end();
    begin();
    reassembly_start(r, 0);
    push(0, "abcd");
    assert_false(reassembly_finish(r, 3));
    end();
}

static void keep_alives(void **state)
{
    (void)state;
    begin();
    reassembly_start(r, 0);
    push(0, "abcd");
    push(3, "\x01");
    assert_true(news.keep_alive && news.old && !news.conflict);
    push(3, "");
    assert_true(news.keep_alive);
    push(2, "c");
    assert_false(news.keep_alive);
    assert_true(news.resent);
    end();
}

static void waiting_is_bounded(void **state)
{
    (void)state;
    begin();
    reassembly_start(r, 0);
    for (uint32_t i = 0; i < 5000; i++)
        push(2 + 2 * i, "x");
    uint32_t bytes;
    assert_int_equal(reassembly_waiting(r, &bytes), REASSEMBLY_PIECES_MAX);
    assert_true(news.dropped);
    end();
    begin();
    reassembly_start(r, 0);
    static char big[1401];
    for (size_t i = 0; i < sizeof big - 1; i++)
        big[i] = 'x';
    for (uint32_t i = 0; i < 500; i++)
        push_only(1 + 1400 * i, big, 1400);
    assert_true(reassembly_waiting(r, &bytes) > 0 && bytes < REASSEMBLY_MAX + 1400);
    assert_true(budget.used < REASSEMBLY_MAX + 40000);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_order_costs_little),
        cmocka_unit_test(a_large_place_is_given_back),
        cmocka_unit_test(acknowledged_bytes_are_forgotten),
        cmocka_unit_test(sequence_numbers_wrap),
        cmocka_unit_test(out_of_order_and_overlapping),
        cmocka_unit_test(first_data_wins),
        cmocka_unit_test(kept_segments_stay),
        cmocka_unit_test(what_the_capture_cut_off),
        cmocka_unit_test(the_lost_are_gaps),
        cmocka_unit_test(unknown_beginning),
        cmocka_unit_test(the_end),
        cmocka_unit_test(keep_alives),
        cmocka_unit_test(waiting_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
