/* SPDX-License-Identifier: BSD-3-Clause */
#include "hand.h"

#include "rules/about_capture.h"

static bool has(struct capture_facts facts, const char *cause)
{
    static struct capture_line line;
    line = (struct capture_line) { .facts = facts };
    about_capture(&line);
    for (size_t i = 0; i < line.finding_count; i++) {
        assert_int_equal(line.findings[i].severity, SEVERITY_NOTE);
        if (strcmp(line.findings[i].cause->id, cause) == 0)
            return true;
    }
    return false;
}

static void a_tenth_or_all_of_a_few(void **state)
{
    (void)state;
    assert_true(has((struct capture_facts) { .packets = 9, .streams_mail = 1, .one_sided = 1 },
                    "capture-one-sided"));
    assert_false(has((struct capture_facts) { .packets = 9, .streams_mail = 2, .one_sided = 1 },
                     "capture-one-sided"));
    assert_true(has((struct capture_facts) { .packets = 9, .streams_mail = 20, .with_gaps = 2 },
                    "capture-missing-packets"));
    assert_false(has((struct capture_facts) { .packets = 9, .streams_mail = 20, .with_gaps = 1 },
                     "capture-missing-packets"));
    assert_true(has((struct capture_facts) { .packets = 9, .streams_mail = 10, .snapped = 1 },
                    "capture-truncated-packets"));
    assert_true(has((struct capture_facts) { .packets = 9, .streams_mail = 10, .starts_late = 10 },
                    "capture-starts-late"));
    assert_false(has((struct capture_facts) { .packets = 9 }, "capture-one-sided"));
}

static void single_facts(void **state)
{
    (void)state;
    assert_true(has((struct capture_facts) { .packets = 9, .streams_mail = 1, .cut_short = true },
                    "capture-cut-short"));
    assert_true(has((struct capture_facts) { .packets = 9, .streams_mail = 1, .duplicates = 4 },
                    "capture-duplicated"));
    assert_false(has((struct capture_facts) { .packets = 100, .streams_mail = 1, .duplicates = 4 },
                     "capture-duplicated"));
    assert_true(has((struct capture_facts) { .packets = 9, .streams_mail = 1, .kernel_dropped = 1 },
                    "capture-packets-dropped"));
    assert_true(has((struct capture_facts) { .packets = 9, .streams_mail = 1, .forgotten = 1 },
                    "capture-limits-reached"));
    assert_true(has(
        (struct capture_facts) {
            .packets = 9, .streams_mail = 1, .scans = 1, .scan_first_frame = 3 },
        "port-scan-seen"));
}

static void no_mail(void **state)
{
    (void)state;
    assert_true(has((struct capture_facts) { .packets = 0 }, "no-mail-seen"));
    assert_true(
        has((struct capture_facts) { .packets = 9, .tcp_other = 2, .other_protocols = { "HTTP" } },
            "no-mail-seen"));
    assert_true(
        has((struct capture_facts) { .packets = 9, .filter_may_hide = true }, "no-mail-seen"));
    assert_false(has((struct capture_facts) { .packets = 9, .streams_mail = 1, .attempts = 1 },
                     "no-mail-seen"));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_tenth_or_all_of_a_few),
                                        cmocka_unit_test(single_facts), cmocka_unit_test(no_mail) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
