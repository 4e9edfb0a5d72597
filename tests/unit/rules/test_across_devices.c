/* SPDX-License-Identifier: BSD-3-Clause */
#include "hand.h"

#include "history/history.h"
#include "rules/across.h"

static const struct ip_addr doorphone = { .family = 4, .b = { 192, 168, 1, 30 } };
static const struct ip_addr printer = { .family = 4, .b = { 192, 168, 1, 31 } };

static void remember(struct history *h, const struct ip_addr *who, uint32_t id,
                     enum outcome outcome, const char *cause)
{
    struct past_attempt p = { .id = id,
                              .port = 587,
                              .security = SECURITY_STARTTLS,
                              .outcome = (uint8_t)outcome,
                              .cause = cause,
                              .proof_frame = id * 10,
                              .start = (int64_t)id * TIME_SECOND,
                              .end = (int64_t)id * TIME_SECOND,
                              .server_name = "smtp.example",
                              .server = { .family = 4, .b = { 203, 0, 113, 25 } } };
    history_remember(h, who, &p, bytes_str("device"));
}

static const struct finding *find(const struct device_line *line, const char *id)
{
    for (size_t i = 0; i < line->finding_count; i++)
        if (strcmp(line->findings[i].cause->id, id) == 0)
            return &line->findings[i];
    return NULL;
}

static void compare(struct history *h, const struct ip_addr *who, struct device_line *line)
{
    *line = (struct device_line) { .device = history_find(h, who) };
    across_compare(line, h);
}

static void every_device(void **state)
{
    (void)state;
    struct history *h = history_new(NULL);
    struct device_line line;
    remember(h, &doorphone, 1, OUTCOME_FAILED, "tls-version-refused");
    compare(h, &doorphone, &line);
    assert_int_equal(line.finding_count, 0); /* one device alone says nothing of others */
    remember(h, &printer, 2, OUTCOME_FAILED, "tls-version-refused");
    compare(h, &doorphone, &line);
    const struct finding *f = find(&line, "fails-for-every-device");
    assert_non_null(f);
    assert_int_equal(finding_value(f, "devices")->number, 2);
    assert_int_equal(f->attempts[0], 1);
    history_free(h);
}

static void this_device_only(void **state)
{
    (void)state;
    struct history *h = history_new(NULL);
    struct device_line line;
    remember(h, &doorphone, 1, OUTCOME_FAILED, "auth-credentials-rejected");
    remember(h, &printer, 2, OUTCOME_DELIVERED, NULL);
    compare(h, &doorphone, &line);
    assert_non_null(find(&line, "fails-for-this-device-only"));
    compare(h, &printer, &line);
    assert_int_equal(line.finding_count, 0);
    /* another device that fails in another way does not speak against it; one that fails alike does */
    remember(h, &(struct ip_addr) { .family = 4, .b = { 192, 168, 1, 32 } }, 3, OUTCOME_FAILED,
             "auth-credentials-rejected");
    compare(h, &doorphone, &line);
    assert_null(find(&line, "fails-for-this-device-only"));
    assert_null(find(&line, "fails-for-every-device"));
    history_free(h);
}

/* Inside TLS, others that got a session going did not get through more than this one. */
static void others_inside_tls(void **state)
{
    (void)state;
    struct history *h = history_new(NULL);
    struct device_line line;
    struct past_attempt failed = { .id = 1,
                                   .port = 465,
                                   .security = SECURITY_IMPLICIT_TLS,
                                   .stage = STAGE_AUTH,
                                   .tls_version = 0x0304,
                                   .outcome = OUTCOME_FAILED,
                                   .cause = "encrypted-auth-rejected",
                                   .server_name = "smtp.example",
                                   .server = { .family = 4, .b = { 203, 0, 113, 25 } } };
    struct past_attempt other = failed;
    other.id = 2;
    other.outcome = OUTCOME_UNKNOWN;
    other.lively = true;
    other.stage = STAGE_TLS;
    other.cause = NULL;
    history_remember(h, &doorphone, &failed, bytes_str("device"));
    history_remember(h, &printer, &other, bytes_str("device"));
    compare(h, &doorphone, &line);
    assert_null(find(&line, "fails-for-this-device-only"));
    other.id = 3;
    other.outcome = OUTCOME_DELIVERED;
    history_remember(h, &printer, &other, bytes_str("device"));
    compare(h, &doorphone, &line);
    assert_non_null(find(&line, "fails-for-this-device-only"));
    history_free(h);
}

static void since_when(void **state)
{
    (void)state;
    struct history *h = history_new(NULL);
    struct device_line line;
    remember(h, &doorphone, 1, OUTCOME_DELIVERED, NULL);
    remember(h, &doorphone, 2, OUTCOME_FAILED, "auth-credentials-rejected");
    remember(h, &doorphone, 3, OUTCOME_FAILED, "auth-credentials-rejected");
    compare(h, &doorphone, &line);
    const struct finding *f = find(&line, "started-failing");
    assert_non_null(f);
    assert_int_equal(finding_value(f, "last_success")->number, TIME_SECOND);
    assert_int_equal(finding_value(f, "first_failure")->number, 2 * TIME_SECOND);
    f = find(&line, "same-failure-repeated");
    assert_non_null(f);
    assert_int_equal(finding_value(f, "count")->number, 2);
    assert_int_equal(f->confidence, CERTAIN);
    history_find(h, &doorphone)->past[1].inferred = true; /* its cause is likely at most */
    compare(h, &doorphone, &line);
    assert_int_equal(find(&line, "same-failure-repeated")->confidence, LIKELY);
    remember(h, &doorphone, 4, OUTCOME_DELIVERED, NULL); /* it works again */
    compare(h, &doorphone, &line);
    assert_null(find(&line, "started-failing"));
    history_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_device),
                                        cmocka_unit_test(this_device_only),
                                        cmocka_unit_test(others_inside_tls),
                                        cmocka_unit_test(since_when) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
