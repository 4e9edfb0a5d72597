/* SPDX-License-Identifier: BSD-3-Clause */
#include "hand.h"

#include "rules/certificate_name.h"

static const struct bytes no_ciphers = { NULL, 0 };

static void version_refused_by_alert_70(void **state)
{
    (void)state;
    struct hand h = hand_new(587);
    hand_starttls(&h);
    hand_hello(&h, 0x0301, no_ciphers);
    hand_alert(&h, SIDE_SERVER, 70);
    hand_fin(&h, SIDE_SERVER);
    hand_judge(&h);
    const struct finding *f = hand_primary(&h, "tls-version-refused", CERTAIN);
    assert_string_equal(finding_value(f, "offered")->word, "TLS 1.0");
    assert_string_equal(f->filter_field, "tls.alert_message.desc");
    assert_int_equal(f->filter_value, 70);
    assert_int_equal(f->frame_count, 2);
    assert_int_equal(f->stage, STAGE_TLS);
    assert_int_equal(h.judged->finding_count, 1);
    hand_free(&h);
}

static void version_refused_by_alert_80(void **state)
{
    (void)state;
    struct hand h = hand_new(465);
    hand_open(&h);
    hand_hello(&h, 0x0302, no_ciphers);
    hand_alert(&h, SIDE_SERVER, 80);
    hand_expect(&h, "tls-version-refused", LIKELY);

    h = hand_new(465);
    hand_open(&h);
    hand_hello(&h, 0x0303, no_ciphers);
    hand_alert(&h, SIDE_SERVER, 80);
    hand_expect(&h, "tls-alert", CERTAIN);
}

static void seen_from_the_server_alone(void **state)
{
    (void)state;
    struct hand h = hand_new(587);
    h.judged->attempt->one_sided = true;
    hand_alert(&h, SIDE_SERVER, 70);
    hand_judge(&h);
    const struct finding *f = hand_primary(&h, "tls-version-refused", LIKELY);
    assert_string_equal(f->lowered, "one-sided");
    hand_free(&h);
}

static void hello_dropped(void **state)
{
    (void)state;
    struct hand h = hand_new(465);
    hand_open(&h);
    hand_hello(&h, 0x0301, no_ciphers);
    hand_fin(&h, SIDE_SERVER);
    hand_expect(&h, "tls-hello-dropped", LIKELY);

    h = hand_new(465);
    hand_open(&h);
    hand_hello(&h, 0x0303, no_ciphers);
    hand_rst(&h, SIDE_SERVER, 60, 60);
    hand_expect(&h, "tls-hello-dropped", POSSIBLE);
}

static void hello_unanswered(void **state)
{
    (void)state;
    struct hand h = hand_new(465);
    hand_open(&h);
    hand_hello(&h, 0x0303, no_ciphers);
    hand_wait(&h, 20 * TIME_SECOND);
    hand_fin(&h, SIDE_DEVICE);
    hand_expect(&h, "tls-hello-unanswered", LIKELY);

    /* the capture ends while it waits */
    h = hand_new(465);
    hand_open(&h);
    hand_hello(&h, 0x0303, no_ciphers);
    h.judged->attempt->end = END_OPEN;
    hand_expect_none(&h, OUTCOME_INCOMPLETE);
}

static void no_common_cipher_says_what_is_missing(void **state)
{
    (void)state;
    static const uint8_t rsa_only[] = { 0x00, 0x9c, 0x00, 0x2f };   /* RSA with AES-GCM, AES-CBC */
    static const uint8_t cbc_only[] = { 0xc0, 0x13, 0xc0, 0x14 };   /* ECDHE-RSA with AES-CBC */
    static const uint8_t ecdsa_only[] = { 0xc0, 0x2b, 0xc0, 0x2c }; /* ECDHE-ECDSA with AES-GCM */
    const struct {
        struct bytes ciphers;
        uint16_t newest;
        const char *lacks;
    } cases[] = {
        { bytes_of(rsa_only, sizeof rsa_only), 0x0303, "forward-secrecy" },
        { bytes_of(cbc_only, sizeof cbc_only), 0x0303, "aead" },
        { bytes_of(ecdsa_only, sizeof ecdsa_only), 0x0303, "rsa-certificate" },
        { bytes_of(cbc_only, sizeof cbc_only), 0x0301, "version" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hand h = hand_new(465);
        hand_open(&h);
        hand_hello(&h, cases[i].newest, cases[i].ciphers);
        hand_alert(&h, SIDE_SERVER, 40);
        hand_judge(&h);
        const struct finding *f = hand_primary(&h, "tls-no-common-cipher", LIKELY);
        assert_string_equal(finding_value(f, "lacks")->word, cases[i].lacks);
        assert_non_null(f->headline);
        hand_free(&h);
    }
}

static void other_alerts_to_the_hello(void **state)
{
    (void)state;
    const struct {
        uint8_t code;
        const char *cause;
    } cases[] = {
        { 71, "tls-security-too-low" },
        { 112, "tls-name-unknown" },
        { 86, "tls-fallback-refused" },
        { 50, "tls-alert" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hand h = hand_new(465);
        hand_open(&h);
        hand_hello(&h, 0x0303, no_ciphers);
        hand_alert(&h, SIDE_SERVER, cases[i].code);
        hand_fin(&h, SIDE_SERVER);
        hand_expect(&h, cases[i].cause, CERTAIN);
    }
}

static struct hand at_certificate(const char *names, int64_t days)
{
    struct hand h = hand_new(465);
    h.judged->server_name = h.judged->looked_up = "mail.example";
    hand_open(&h);
    hand_hello(&h, 0x0303, no_ciphers);
    hand_server_hello(&h, 0x0303, 0xc02f);
    hand_certificate(&h, names, h.time + days * 86400 * TIME_SECOND);
    return h;
}

static void certificate_alerts(void **state)
{
    (void)state;
    struct hand h = at_certificate("mail.example", 30);
    hand_alert(&h, SIDE_DEVICE, 48);
    hand_judge(&h);
    const struct finding *f = hand_primary(&h, "cert-not-trusted", CERTAIN);
    assert_true(bytes_equal(finding_value(f, "root")->wire, bytes_str("Some Root")));
    hand_free(&h);

    h = at_certificate("mail.example", 30);
    hand_alert(&h, SIDE_DEVICE, 42);
    hand_expect(&h, "cert-refused", CERTAIN);

    h = at_certificate("other.example", 30);
    hand_alert(&h, SIDE_DEVICE, 46);
    hand_judge(&h);
    hand_primary(&h, "cert-name-mismatch", LIKELY);
    assert_null(hand_finding(&h, "cert-refused"));
    hand_free(&h);

    h = at_certificate("mail.example", -1);
    hand_alert(&h, SIDE_DEVICE, 42);
    hand_expect(&h, "cert-expired", LIKELY);

    h = at_certificate("mail.example", -1);
    hand_alert(&h, SIDE_DEVICE, 45);
    hand_expect(&h, "cert-expired", CERTAIN);
}

/* What to do about a refused certificate: that first which fits the reason, and nothing that does not. */
static void certificate_advice(void **state)
{
    (void)state;
    static const struct {
        const char *names;
        int days;
        uint8_t alert;
        const char *cause, *headline, *first, *value;
        bool alone;
    } cases[] = {
        { "mail.example", 30, 43, "cert-refused", "cannot handle its kind",
          "Look for newer software", NULL, true },
        { "mail.example", 30, 44, "cert-refused", "withdrawn", "has to install a new certificate",
          NULL, true },
        { "mail.example", 30, 45, "cert-expired", "takes the server's certificate for expired",
          "Set the date", NULL, true },
        { "mail.example", -1, 45, "cert-expired", NULL, NULL, NULL, false },
        { "*.example.org example.org", 30, 42, "cert-name-mismatch", NULL,
          "Ask the mail provider for the whole name", "ending", true },
        { "*.example.org a.example.org", 30, 42, "cert-name-mismatch", NULL, "enter {fitting_name}",
          "fitting_name", false },
        { "Router", 30, 42, "cert-name-mismatch", NULL, NULL, "names", false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hand h = at_certificate(cases[i].names, cases[i].days);
        hand_alert(&h, SIDE_DEVICE, cases[i].alert);
        hand_judge(&h);
        const struct finding *f = &h.judged->findings[0];
        assert_string_equal(f->cause->id, cases[i].cause);
        assert_int_equal(f->headline != NULL, cases[i].headline != NULL);
        assert_true(!f->headline || strstr(f->headline, cases[i].headline));
        assert_int_equal(f->advice_count > 0, cases[i].first != NULL);
        assert_true(!cases[i].first || strstr(f->advice[0], cases[i].first));
        assert_true(!cases[i].value || finding_value(f, cases[i].value));
        assert_int_equal(f->advice_alone, cases[i].alone);
        hand_free(&h);
    }
}

static void closed_at_the_certificate(void **state)
{
    (void)state;
    struct hand h = at_certificate("mail.example", 30);
    hand_fin(&h, SIDE_DEVICE);
    hand_expect(&h, "tls-closed-by-device", POSSIBLE);

    h = at_certificate("*.example.org other.example", 30);
    hand_rst(&h, SIDE_DEVICE, 64, 64);
    hand_judge(&h);
    hand_primary(&h, "cert-name-mismatch", LIKELY);
    assert_null(hand_finding(&h, "tls-closed-by-device"));
    hand_free(&h);
}

static void device_refuses_version(void **state)
{
    (void)state;
    struct hand h = hand_new(465);
    hand_open(&h);
    hand_hello(&h, 0x0303, no_ciphers);
    hand_server_hello(&h, 0x0301, 0x002f);
    hand_alert(&h, SIDE_DEVICE, 70);
    hand_expect(&h, "tls-version-refused-by-device", CERTAIN);

    /* illegal_parameter with the version that was asked for is about something else */
    h = hand_new(465);
    hand_open(&h);
    hand_hello(&h, 0x0303, no_ciphers);
    hand_server_hello(&h, 0x0303, 0x002f);
    hand_alert(&h, SIDE_DEVICE, 47);
    hand_expect(&h, "tls-alert", CERTAIN);
}

static void weak_key(void **state)
{
    (void)state;
    struct hand h = at_certificate("mail.example", 30);
    hand_add(&h, (struct fact) { .kind = FACT_KEY_EXCHANGE,
                                 .from = SIDE_SERVER,
                                 .key_exchange = { .kind = KX_DH, .bits = 1024 } });
    hand_alert(&h, SIDE_DEVICE, 40);
    hand_judge(&h);
    const struct finding *f = hand_primary(&h, "tls-weak-key-exchange", LIKELY);
    assert_int_equal(finding_value(f, "bits")->number, 1024);
    assert_null(hand_finding(&h, "tls-alert"));
    hand_free(&h);
}

static void certificate_of_the_device_wanted(void **state)
{
    (void)state;
    struct hand h = at_certificate("mail.example", 30);
    hand_add(&h, (struct fact) { .kind = FACT_CERTIFICATE_REQUEST, .from = SIDE_SERVER });
    hand_add(&h, (struct fact) { .kind = FACT_CERTIFICATE,
                                 .from = SIDE_DEVICE,
                                 .certificate = { .count = 0 } });
    hand_add(&h, (struct fact) { .kind = FACT_CLIENT_KEY_EXCHANGE, .from = SIDE_DEVICE });
    hand_alert(&h, SIDE_SERVER, 40);
    hand_judge(&h);
    hand_primary(&h, "client-cert-required", LIKELY);
    assert_null(hand_finding(&h, "tls-no-common-cipher"));
    hand_free(&h);
}

/* With a key: what a server says after the device has left is no reason for anything. */
static void alerts_behind_the_end(void **state)
{
    (void)state;
    struct hand h = at_certificate("mail.example", 30);
    hand_add(&h, (struct fact) { .kind = FACT_CERTIFICATE_REQUEST, .from = SIDE_SERVER });
    hand_add(&h, (struct fact) { .kind = FACT_CERTIFICATE,
                                 .from = SIDE_DEVICE,
                                 .certificate = { .count = 0 } });
    hand_up(&h, 0x0303, 0xc02f);
    hand_reply_in(&h, ORIGIN_DECRYPTED, STEP_GREETING, 220, "mail.example");
    hand_ehlo_in(&h, ORIGIN_DECRYPTED, (struct hand_list) { .auth = "PLAIN" });
    hand_command_in(&h, ORIGIN_DECRYPTED, SMTP_MAIL, "FROM:<door@example.net>");
    hand_reply_in(&h, ORIGIN_DECRYPTED, STEP_MAIL, 550, "no");
    h.judged->attempt->decrypted = true;
    hand_fin(&h, SIDE_DEVICE);
    hand_alert(&h, SIDE_SERVER, 50);
    hand_judge(&h);
    assert_null(hand_finding(&h, "client-cert-required")); /* the server did without it */
    assert_null(hand_finding(&h, "tls-alert"));
    hand_free(&h);

    h = at_certificate("mail.example",
                       30); /* the device left without having been refused anything */
    hand_up(&h, 0x0303, 0xc02f);
    hand_fin(&h, SIDE_DEVICE);
    hand_alert(&h, SIDE_SERVER, 50);
    hand_judge(&h);
    assert_null(hand_finding(&h, "tls-alert"));
    hand_free(&h);
}

static void clock_at_the_start_of_a_year(void **state)
{
    (void)state;
    struct hand h = hand_new(465);
    hand_open(&h);
    hand_add(&h, (struct fact) { .kind = FACT_CLIENT_HELLO,
                                 .from = SIDE_DEVICE,
                                 .client_hello = { .newest = 0x0301, .clock = 946684800 + 600 } });
    hand_server_hello(&h, 0x0301, 0x002f);
    hand_certificate(&h, "mail.example", h.time + TIME_SECOND * 86400);
    hand_alert(&h, SIDE_DEVICE, 42);
    hand_judge(&h);
    hand_primary(&h, "device-clock-wrong", LIKELY);
    assert_null(hand_finding(&h, "cert-refused"));
    hand_free(&h);

    /* a capture without times, or with impossible ones, says nothing of anybody's clock */
    static const int64_t absurd[] = { TIME_NONE, INT64_C(4300000000) * TIME_SECOND };
    for (size_t i = 0; i < 2; i++) {
        h = hand_new(465);
        hand_open(&h);
        hand_add(&h,
                 (struct fact) { .kind = FACT_CLIENT_HELLO,
                                 .from = SIDE_DEVICE,
                                 .client_hello = { .newest = 0x0301, .clock = 946684800 + 600 } });
        hand_server_hello(&h, 0x0301, 0x002f);
        hand_certificate(&h, "mail.example", h.time - TIME_SECOND * 86400);
        hand_alert(&h, SIDE_DEVICE, 42);
        for (struct fact *f = (struct fact *)(uintptr_t)timeline_first(h.judged->attempt->timeline);
             f; f = (struct fact *)(uintptr_t)timeline_next(h.judged->attempt->timeline, f))
            f->time = absurd[i];
        hand_judge(&h);
        hand_primary(&h, "cert-refused", CERTAIN);
        hand_free(&h);
    }

    /* a certificate that is valid by that clock was not refused for its date */
    h = hand_new(465);
    hand_open(&h);
    hand_add(&h, (struct fact) { .kind = FACT_CLIENT_HELLO,
                                 .from = SIDE_DEVICE,
                                 .client_hello = { .newest = 0x0301, .clock = 946684800 + 600 } });
    hand_server_hello(&h, 0x0301, 0x002f);
    hand_certificate(&h, "mail.example", (946684800 + 86400) * TIME_SECOND);
    hand_alert(&h, SIDE_DEVICE, 43);
    hand_judge(&h);
    assert_null(hand_finding(&h, "device-clock-wrong"));
    hand_free(&h);
}

static void session_that_came_up(void **state)
{
    (void)state;
    struct hand h = at_certificate("mail.example", 30);
    hand_up(&h, 0x0303, 0xc02f);
    hand_rst(&h, SIDE_DEVICE, 64, 64);
    hand_expect_none(&h, OUTCOME_UNKNOWN);

    /* TLS 1.3: all is encrypted behind the ServerHello */
    h = hand_new(465);
    hand_open(&h);
    hand_hello(&h, 0x0304, no_ciphers);
    hand_server_hello(&h, 0x0304, 0x1301);
    hand_add(&h, (struct fact) { .kind = FACT_ENCRYPTED, .from = SIDE_SERVER });
    hand_add(&h, (struct fact) { .kind = FACT_ENCRYPTED, .from = SIDE_DEVICE });
    hand_fin(&h, SIDE_DEVICE);
    hand_expect_none(&h, OUTCOME_NO_MAIL); /* unknown, for those who derive it */
}

static struct hand encrypted_part(bool resumed, int64_t wait)
{
    struct hand h = hand_new(465);
    hand_open(&h);
    hand_hello(&h, 0x0304, no_ciphers);
    hand_add(&h, (struct fact) {
                     .kind = FACT_SERVER_HELLO,
                     .from = SIDE_SERVER,
                     .server_hello = { .version = 0x0304, .cipher = 0x1301, .resumed = resumed } });
    hand_add(&h, (struct fact) { .kind = FACT_ENCRYPTED, .from = SIDE_SERVER });
    h.time += wait;
    hand_fin(&h, SIDE_DEVICE);
    return h;
}

/* TLS 1.3: the device leaves behind the server's encrypted part, and says nothing of its own. */
static void closed_behind_an_encrypted_part(void **state)
{
    (void)state;
    struct hand h = encrypted_part(false, 0);
    hand_judge(&h);
    hand_primary(&h, "tls-closed-by-device", POSSIBLE);
    hand_free(&h);

    h = encrypted_part(true, 0); /* no certificate is shown there */
    hand_expect_none(&h, OUTCOME_NO_MAIL);
    h = encrypted_part(false, 5 * TIME_SECOND); /* it waited for something */
    hand_judge(&h);
    assert_null(hand_finding(&h, "tls-closed-by-device"));
    hand_free(&h);
}

static void names_of_certificates(void **state)
{
    (void)state;
    struct bytes names = bytes_str("mail.example *.plala.or.jp");
    assert_true(certificate_names_match(names, bytes_str("MAIL.example.")));
    assert_true(certificate_names_match(names, bytes_str("secure.plala.or.jp")));
    assert_false(certificate_names_match(names, bytes_str("a.b.plala.or.jp")));
    assert_false(certificate_names_match(names, bytes_str("plala.or.jp")));
    assert_false(certificate_names_match(names, bytes_str("")));
    assert_false(certificate_names_match(bytes_str(""), bytes_str("x")));
}

/* Names of a certificate, the name wanted, and what a person is told to enter, or how it has to end. */
static void names_to_enter(void **state)
{
    (void)state;
    static const struct {
        const char *names, *wanted, *enter, *ending;
    } cases[] = {
        { "mx7.hosting.example.net", "smtp.example.jp", "mx7.hosting.example.net", "" },
        { "*.example.jp", "smtp.example.net", "", ".example.jp" },
        { "*.example.jp example.jp", "a.b.example.jp", "", ".example.jp" }, /* no mail server */
        { "example.jp", "smtp.example.jp", "example.jp", "" },
        { "*.a.example *.example.jp", "x.y.example.jp", "", ".example.jp" },
        { "*.a.example www.example.jp mail.example.jp sv1.a.example", "smtp.EXAMPLE.jp",
          "mail.example.jp", ".a.example" },
        { "www.example.jp example.net", "smtp.example.jp", "example.net", "" },
        { "a.example.net smtp.example.net b.example.net", "10.0.0.1", "smtp.example.net", "" },
        { "localhost.localdomain", "smtp.example.jp", "", "" },
        { "Lab Router 7", "smtp.example.jp", "", "" },
        { "*.com", "smtp.example.jp", "", "" },
        { "192.0.2.1", "smtp.example.jp", "", "" },
        { "", "smtp.example.jp", "", "" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes names = bytes_str(cases[i].names), wanted = bytes_str(cases[i].wanted);
        struct bytes enter = certificate_name_to_enter(names, wanted),
                     ending = certificate_name_ending(names, wanted);
        if (!bytes_equal(enter, bytes_str(cases[i].enter)) ||
            !bytes_equal(ending, bytes_str(cases[i].ending)))
            fail_msg("\"%s\": \"%.*s\" \"%.*s\"", cases[i].names, (int)enter.len,
                     (const char *)enter.at, (int)ending.len, (const char *)ending.at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(version_refused_by_alert_70),
        cmocka_unit_test(version_refused_by_alert_80),
        cmocka_unit_test(seen_from_the_server_alone),
        cmocka_unit_test(hello_dropped),
        cmocka_unit_test(hello_unanswered),
        cmocka_unit_test(no_common_cipher_says_what_is_missing),
        cmocka_unit_test(other_alerts_to_the_hello),
        cmocka_unit_test(certificate_alerts),
        cmocka_unit_test(certificate_advice),
        cmocka_unit_test(closed_at_the_certificate),
        cmocka_unit_test(device_refuses_version),
        cmocka_unit_test(weak_key),
        cmocka_unit_test(certificate_of_the_device_wanted),
        cmocka_unit_test(alerts_behind_the_end),
        cmocka_unit_test(clock_at_the_start_of_a_year),
        cmocka_unit_test(session_that_came_up),
        cmocka_unit_test(closed_behind_an_encrypted_part),
        cmocka_unit_test(names_of_certificates),
        cmocka_unit_test(names_to_enter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
