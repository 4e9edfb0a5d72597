/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/base64.h"
#include "dissectors/smtp_secret.h"

static const char *const secrets_known[] = {
    "x",       "q7",           "abc",  "Z-9",   "p@ss",
    "Geheim!", "K4mera+Tuer=", "****", "?????", "A long one with blanks in it",
};
enum { KNOWN = sizeof secrets_known / sizeof *secrets_known };

/* What becomes of a reply that quotes the text, when this is the secret. */
static void assert_blanked(const char *secret, struct bytes quoted)
{
    char reply[200], wanted[200];
    int len = snprintf(reply, sizeof reply, "5.5.2 ~ \"%.*s\" ~", (int)quoted.len,
                       (const char *)quoted.at);
    snprintf(wanted, sizeof wanted, "5.5.2 ~ \"%.*s\" ~", quoted.len < 3 ? (int)quoted.len : 3,
             "***");
    struct secrets *secrets = NULL;
    assert_true(secrets_keep(&secrets, NULL, bytes_str(secret), SECRET_ALL_FORMS));
    size_t n = secrets_blank(secrets, (uint8_t *)reply, (size_t)len);
    secrets_wipe(&secrets, NULL);
    reply[n] = '\0';
    assert_string_equal(reply, wanted);
}

static void each_form_in_either_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < KNOWN; i++) {
        struct bytes secret = bytes_str(secrets_known[i]);
        uint8_t upper[64], lower[64], encoded[64];
        for (size_t k = 0; k < secret.len; k++) {
            bool letter = bytes_lower(secret.at[k]) >= 'a' && bytes_lower(secret.at[k]) <= 'z';
            lower[k] = bytes_lower(secret.at[k]);
            upper[k] = (uint8_t)(letter ? lower[k] - ('a' - 'A') : secret.at[k]);
        }
        assert_blanked(secrets_known[i], secret);
        assert_blanked(secrets_known[i], bytes_of(upper, secret.len));
        assert_blanked(secrets_known[i], bytes_of(lower, secret.len));
        size_t n = base64_encode(encoded, sizeof encoded, secret);
        while (encoded[n - 1] == '=')
            n--;
        assert_blanked(secrets_known[i], bytes_of(encoded, n));
    }
}

/* The answer of a device is base64 as it is kept; a server may quote what it decoded. */
static void out_of_base64(void **state)
{
    (void)state;
    assert_blanked("R2VoZWltIQ==", bytes_str("Geheim!"));
    assert_blanked("YWJj", bytes_str("abc"));
    assert_blanked("cTc=", bytes_str("Q7"));
}

static void another_text_stays(void **state)
{
    (void)state;
    char reply[] = "5.7.8 Error: authentication failed, ask the administrator";
    struct secrets *secrets = NULL;
    assert_true(secrets_keep(&secrets, NULL, bytes_str("Geheim!"), SECRET_ALL_FORMS));
    assert_int_equal(secrets_blank(secrets, (uint8_t *)reply, sizeof reply - 1), sizeof reply - 1);
    assert_string_equal(reply, "5.7.8 Error: authentication failed, ask the administrator");
    secrets_wipe(&secrets, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_form_in_either_case),
        cmocka_unit_test(out_of_base64),
        cmocka_unit_test(another_text_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
