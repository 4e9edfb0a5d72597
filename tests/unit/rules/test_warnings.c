/* SPDX-License-Identifier: BSD-3-Clause */
#include "hand.h"

static struct hand delivered(uint16_t port)
{
    struct hand h = hand_new(port);
    hand_greet(&h);
    hand_ehlo(&h, (struct hand_list){ .starttls = true });
    hand_mail(&h);
    hand_body(&h, true);
    hand_reply(&h, STEP_END, 250, "queued");
    hand_quit(&h);
    hand_judge(&h);
    return h;
}

static void mail_in_clear(void **state)
{
    (void)state;
    struct hand h = delivered(587);
    assert_int_equal(hand_finding(&h, "mail-in-clear")->severity, SEVERITY_WARNING);
    hand_free(&h);
    h = delivered(25);
    assert_int_equal(hand_finding(&h, "mail-in-clear")->severity, SEVERITY_NOTE);
    hand_free(&h);
}

static struct hand in_use(uint16_t version, uint16_t cipher)
{
    struct hand h = hand_new(465);
    hand_open(&h);
    hand_hello(&h, version, (struct bytes){ NULL, 0 });
    hand_server_hello(&h, version, cipher);
    hand_up(&h, version, cipher);
    hand_fin(&h, SIDE_DEVICE);
    hand_judge(&h);
    return h;
}

static void old_encryption(void **state)
{
    (void)state;
    struct hand h = in_use(0x0301, 0x0005); /* RSA with RC4 */
    assert_string_equal(finding_value(hand_finding(&h, "tls-version-old"), "version")->word, "TLS 1.0");
    assert_string_equal(finding_value(hand_finding(&h, "tls-cipher-weak"), "cipher")->word, "TLS_RSA_WITH_RC4_128_SHA");
    assert_int_equal(h.judged->summary.outcome, OUTCOME_UNKNOWN);
    hand_free(&h);
    h = in_use(0x0303, 0xc02f);
    assert_int_equal(h.judged->finding_count, 0);
    hand_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(mail_in_clear), cmocka_unit_test(old_encryption) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
