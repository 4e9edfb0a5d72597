/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/text.h"
#include "dissectors/lines.h"

enum { LIMIT = 10, OUT_MAX = 4096 };

struct run {
    struct lines lines;
    struct budget budget;
    struct text out;
    uint64_t offset;
    uint32_t frame;
};

static void write_line(struct run *r, const struct line *line)
{
    text_format(&r->out, "%llu:", (unsigned long long)line->offset);
    text_wire(&r->out, line->text, FOR_TERMINAL);
    text_add(&r->out, line->bare_lf ? " lf" : "");
    text_add(&r->out, line->bare_cr ? " cr" : "");
    text_add(&r->out, line->resumed ? " resumed" : "");
    text_add(&r->out, line->unfinished ? " unfinished" : "");
    if (line->too_long)
        text_format(&r->out, " long %u", line->length);
    text_add(&r->out, "\n");
    lines_release(&r->lines, &r->budget);
}

static void feed(struct run *r, const char *bytes, size_t n)
{
    char *copy = malloc(n); /* so that the sanitizer sees a read beyond its end */
    bytes_copy(copy, n, bytes_of(bytes, n));
    struct chunk chunk = { .bytes = bytes_of(copy, n), .offset = r->offset, .frame = ++r->frame };
    struct line line;
    for (size_t at = 0; at < n;)
        if (lines_next(&r->lines, &r->budget, &chunk, &at, LIMIT, &line))
            write_line(r, &line);
    r->offset += n;
    free(copy);
}

static void finish(struct run *r)
{
    struct line line;
    if (lines_end(&r->lines, &line))
        write_line(r, &line);
    lines_release(&r->lines, &r->budget);
    assert_int_equal(r->budget.used, 0);
}

/* Whole, in two pieces cut at any place, and byte by byte. */
static void expect(const char *bytes, const char *expected)
{
    size_t n = strlen(bytes);
    for (size_t cut = 0; cut <= n; cut++) {
        struct run r = { 0 };
        text_init(&r.out, OUT_MAX);
        if (cut > 0)
            feed(&r, bytes, cut);
        for (size_t i = cut; i < n && cut == 0; i++)
            feed(&r, bytes + i, 1);
        if (cut > 0 && cut < n)
            feed(&r, bytes + cut, n - cut);
        finish(&r);
        assert_string_equal(text_str(&r.out), expected);
        text_done(&r.out);
    }
}

static void ends_of_every_kind(void **state)
{
    (void)state;
    expect("one\r\ntwo\nthree\rfour\r\r\n\r\n\nlast",
           "0:one\n5:two lf\n9:three cr\n15:four\n22:\n24: lf\n25:last unfinished\n");
    expect("a\r", "0:a cr\n");
    expect("\r\r\r\n", "0:\n");
    expect("\r\rx\n", "0: cr\n2:x lf\n");
}

static void a_limit(void **state)
{
    (void)state;
    expect("0123456789\r\n01234567890\r\n0123456789\n\r\n",
           "0:0123456789\n12: long 11\n25:0123456789 lf\n36:\n");
    expect("0123456789\r\r\r\n", "0: long 12\n");
    expect("012345678901234567890123456789", "0: unfinished long 30\n");
    expect("012345678901\rx\n", "0: cr long 12\n13:x lf\n");
}

static void a_gap_drops_half_a_line(void **state)
{
    (void)state;
    struct run r = { 0 };
    text_init(&r.out, OUT_MAX);
    feed(&r, "one\r\nhal", 8);
    lines_gap(&r.lines, &r.budget);
    r.offset += 100;
    feed(&r, "f\r\ntwo\r\n", 8);
    finish(&r);
    assert_string_equal(text_str(&r.out), "0:one\n108:f resumed\n111:two\n");
    text_done(&r.out);
}

static void a_cr_that_the_other_side_answers(void **state)
{
    (void)state;
    struct run r = { 0 };
    struct line line;
    text_init(&r.out, OUT_MAX);
    feed(&r, "one", 3);
    assert_false(lines_flush_cr(&r.lines, &line));
    feed(&r, "\r", 1);
    assert_true(lines_flush_cr(&r.lines, &line));
    write_line(&r, &line);
    feed(&r, "\ntwo\r", 5); /* its LF comes after all */
    assert_true(lines_flush_cr(&r.lines, &line));
    write_line(&r, &line);
    feed(&r, "three\r\n", 7);
    finish(&r);
    assert_string_equal(text_str(&r.out), "0:one cr\n5:two cr\n9:three\n");
    text_done(&r.out);
}

static void what_is_passed_over(void **state)
{
    (void)state;
    struct run r = { 0 };
    text_init(&r.out, OUT_MAX);
    feed(&r, "ab", 2);
    uint8_t first[2];
    assert_int_equal(lines_peek(&r.lines, bytes_str("c"), first), 2);
    assert_int_equal(first[1], 'b');
    lines_pass_over(&r.lines, &r.budget);
    assert_int_equal(lines_peek(&r.lines, bytes_str("c"), first), 0);
    feed(&r, "cd\r\ne\r\n", 7);
    assert_int_equal(lines_peek(&r.lines, bytes_str("x"), first), 1);
    struct chunk chunk = { .frame = 9, .offset = 9 };
    lines_begin_with(&r.lines, &r.budget, bytes_str("QUIT\r"), &chunk, 7);
    feed(&r, "\n", 1);
    finish(&r);
    assert_string_equal(text_str(&r.out), "6:e\n9:QUIT\n");
    text_done(&r.out);
}

static void no_memory_is_too_long(void **state)
{
    (void)state;
    struct run r = { .budget = { .limit = 64 } };
    text_init(&r.out, OUT_MAX);
    feed(&r, "whole\r\nin ", 10);
    feed(&r, "two\r\nwhole\r\n", 12);
    finish(&r);
    assert_string_equal(text_str(&r.out), "0:whole\n7: long 6\n15:whole\n");
    text_done(&r.out);
}

static void frames_are_those_of_its_bytes(void **state)
{
    (void)state;
    struct lines l = { 0 };
    struct line line;
    size_t at = 0;
    struct chunk a = {
        .frame = 3, .time = 30, .retransmitted = true, .bytes = bytes_str("one\r\ntw")
    };
    struct chunk b = {
        .frame = 5, .time = 50, .offset = 7, .origin = ORIGIN_DECRYPTED, .bytes = bytes_str("o\r\n")
    };
    assert_true(lines_next(&l, NULL, &a, &at, LIMIT, &line));
    assert_true(line.first_frame == 3 && line.last_frame == 3 && line.time == 30 &&
                line.retransmitted);
    assert_ptr_equal(line.text.at, a.bytes.at); /* no copy */
    lines_release(&l, NULL);
    assert_false(lines_next(&l, NULL, &a, &at, LIMIT, &line));
    at = 0;
    assert_true(lines_next(&l, NULL, &b, &at, LIMIT, &line));
    assert_true(line.first_frame == 3 && line.last_frame == 5 && line.time == 50 &&
                line.retransmitted && line.decrypted);
    assert_int_equal(line.offset, 5);
    lines_release(&l, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_of_every_kind),
        cmocka_unit_test(a_limit),
        cmocka_unit_test(a_gap_drops_half_a_line),
        cmocka_unit_test(a_cr_that_the_other_side_answers),
        cmocka_unit_test(what_is_passed_over),
        cmocka_unit_test(no_memory_is_too_long),
        cmocka_unit_test(frames_are_those_of_its_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
