/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/limits.h"
#include "facts/attempt.h"

static struct fact reply(uint32_t frame, const char *text)
{
    return (struct fact) { .kind = FACT_SMTP_REPLY,
                           .from = SIDE_SERVER,
                           .first_frame = frame,
                           .last_frame = frame,
                           .reply = { .code = 250, .text = bytes_str(text) } };
}

static void texts_are_copied(void **state)
{
    (void)state;
    struct timeline *tl = timeline_new(NULL);
    char text[] = "first";
    struct fact f = reply(1, text);
    timeline_add(tl, &f);
    memset(text, 'x', sizeof text - 1);
    assert_true(bytes_equal(timeline_first(tl)->reply.text, bytes_str("first")));
    assert_int_equal(timeline_kinds(tl), FACT_BIT(FACT_SMTP_REPLY));
    timeline_free(tl);
}

/* An end of the other side's, before. */
static void who_left_before(void **state)
{
    (void)state;
    static const struct fact facts[] = {
        { .kind = FACT_TLS_ALERT, .from = SIDE_SERVER },
        { .kind = FACT_FIN, .from = SIDE_SERVER },
        { .kind = FACT_TLS_ALERT, .from = SIDE_SERVER },
        { .kind = FACT_RST, .from = SIDE_DEVICE },
        { .kind = FACT_TLS_ALERT, .from = SIDE_SERVER },
        { .kind = FACT_TLS_ALERT, .from = SIDE_DEVICE },
    };
    static const bool left[] = { false, false, false, true, true, true };
    struct timeline *tl = timeline_new(NULL);
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        timeline_add(tl, &facts[i]);
    const struct fact *f = timeline_first(tl);
    for (size_t i = 0; i < sizeof left / sizeof *left; i++, f = timeline_next(tl, f))
        assert_int_equal(timeline_left_before(tl, f), left[i]);
    assert_null(f);
    timeline_free(tl);
}

static void full(void **state)
{
    (void)state;
    struct budget budget = { .limit = 4 * TIMELINE_BYTES };
    struct timeline *tl = timeline_new(&budget);
    for (uint32_t i = 1; i <= 2000; i++) {
        struct fact f = reply(i, "some text of a reply");
        timeline_add(tl, &f);
    }
    assert_true(budget.used <= 2 * TIMELINE_BYTES);
    const struct fact *f = timeline_first(tl);
    assert_int_equal(f->last_frame, 1);                              /* the beginning stays */
    assert_int_equal(timeline_previous(tl, NULL)->last_frame, 2000); /* the end too */
    uint32_t dropped = 0, seen = 0, last = 0;
    for (; f; f = timeline_next(tl, f)) {
        if (f->kind == FACT_DROPPED) {
            dropped = f->dropped.count;
            continue;
        }
        assert_true(f->last_frame > last); /* in order */
        last = f->last_frame;
        seen++;
    }
    assert_true(dropped > 0);
    assert_int_equal(dropped + seen, 2000);
    assert_int_equal(timeline_dropped(tl), dropped);
    timeline_free(tl);
    assert_int_equal(budget.used, 0);
}

/* At each length: both ways of walking show the same, and the mark stands in it once something was
 * lost, not before. */
static void mark_of_what_was_dropped(void **state)
{
    (void)state;
    struct budget budget = { .limit = 4 * TIMELINE_BYTES };
    unsigned turning = 0;
    for (uint32_t length = 1; length <= 1200; length += 7) {
        struct timeline *tl = timeline_new(&budget);
        for (uint32_t i = 1; i <= length; i++) {
            struct fact f = reply(i, "some text of a reply");
            timeline_add(tl, &f);
        }
        unsigned marks = 0, forward = 0, back = 0;
        const struct fact *last = NULL;
        for (const struct fact *f = timeline_first(tl); f; f = timeline_next(tl, f)) {
            assert_ptr_equal(timeline_previous(tl, f), last);
            marks += f->kind == FACT_DROPPED;
            forward++;
            last = f;
        }
        for (const struct fact *f = timeline_previous(tl, NULL); f; f = timeline_previous(tl, f))
            back++;
        assert_int_equal(back, forward);
        assert_int_equal(marks, timeline_dropped(tl) > 0);
        assert_int_equal(forward - marks + timeline_dropped(tl), length);
        turning += marks == 0 && timeline_count(tl) > forward; /* the mark waits */
        timeline_free(tl);
        assert_int_equal(budget.used, 0);
    }
    assert_true(turning > 0);
}

static void long_texts_are_cut(void **state)
{
    (void)state;
    static char text[TIMELINE_TEXT_MAX + 2];
    memset(text, 'a', sizeof text - 1);
    struct timeline *tl = timeline_new(NULL);
    struct fact f = reply(1, text);
    timeline_add(tl, &f);
    assert_int_equal(timeline_first(tl)->reply.text.len, TIMELINE_TEXT_MAX);
    assert_true(timeline_first(tl)->flags & FACT_CLIPPED);
    timeline_free(tl);
}

static void without_memory(void **state)
{
    (void)state;
    struct budget budget = { .limit = 2000 };
    struct timeline *tl = timeline_new(&budget);
    for (uint32_t i = 1; i <= 100; i++) {
        struct fact f = reply(i, "text");
        timeline_add(tl, &f);
    }
    assert_true(timeline_count(tl) > 0);
    assert_true(timeline_dropped(tl) > 0); /* what had no room is counted */
    timeline_free(tl);
    assert_int_equal(budget.used, 0);
}

static void traces_and_spans(void **state)
{
    (void)state;
    struct attempt *a = attempt_new(NULL);
    for (unsigned i = 0; i < TLS_TRACE_MAX + 1; i++)
        attempt_trace(a, i % 8 ? SIDE_DEVICE : SIDE_SERVER, 23, 100, i, (int64_t)i * 1000000);
    assert_int_equal(a->trace_count, TLS_TRACE_MAX);
    assert_true(a->trace_full);
    assert_int_equal(a->trace[1].time_us, 1000);
    attempt_mark_secret(a, SIDE_DEVICE, 10, 5, false);
    attempt_mark_secret(a, SIDE_DEVICE, 15, 5, false); /* goes on: one span */
    assert_int_equal(a->span_count, 1);
    assert_int_equal(a->spans[0].len, 10);
    for (unsigned i = 0; i < 2 * SECRET_SPANS_MAX; i++)
        attempt_mark_secret(a, SIDE_DEVICE, 100 + 10 * (uint64_t)i, 5, false);
    assert_true(a->spans_full);
    attempt_free(a);
    /* a message body of any length leaves room for the rest: its end is kept */
    a = attempt_new(NULL);
    for (unsigned i = 1; i < 4 * TLS_TRACE_MAX; i++)
        attempt_trace(a, SIDE_DEVICE, 23, (uint16_t)(100 + i % 7), i, (int64_t)i * 1000000);
    attempt_trace(a, SIDE_SERVER, 23, 60, 4 * TLS_TRACE_MAX, 0);
    assert_false(a->trace_full);
    assert_true(a->trace_count < 64);
    assert_int_equal(a->trace[a->trace_count - 2].frame, 4 * TLS_TRACE_MAX - 1);
    assert_int_equal(a->trace[a->trace_count - 1].from, SIDE_SERVER);
    attempt_free(a);
}

/* A segment that came late: what waited behind it is older, and was of no use before. */
static void trace_times(void **state)
{
    (void)state;
    struct attempt *a = attempt_new(NULL);
    static const int64_t us[] = { 100, 400, 300, 50, 500 };
    for (size_t i = 0; i < sizeof us / sizeof *us; i++)
        attempt_trace(a, (enum side)(i % 2), 23, 100, 1, us[i] * 1000);
    static const uint32_t expected[] = { 0, 300, 300, 300, 400 };
    for (size_t i = 0; i < sizeof us / sizeof *us; i++)
        assert_int_equal(a->trace[i].time_us, expected[i]);
    attempt_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_copied),   cmocka_unit_test(full),
        cmocka_unit_test(who_left_before),
        cmocka_unit_test(mark_of_what_was_dropped),
        cmocka_unit_test(long_texts_are_cut), cmocka_unit_test(without_memory),
        cmocka_unit_test(traces_and_spans),   cmocka_unit_test(trace_times)
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
