/* SPDX-License-Identifier: BSD-3-Clause */
/* The provider table: rows, hosts, a user's own rows; and that it words advice alone. */
#include "hand.h"

#include "history/history.h"
#include "rules/providers.h"

static void every_row_can_be_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < provider_line_count; i++) {
        char error[200] = "";
        struct providers *p = providers_new();
        if (!providers_add(p, bytes_str(provider_lines[i]), error, sizeof error))
            fail_msg("%s: %s", provider_lines[i], error);
        providers_free(p);
    }
}

static void hosts(void **state)
{
    (void)state;
    struct provider p;
    assert_true(providers_find(NULL, "Smtp.Gmail.com", &p));
    assert_true(bytes_equal(p.name, bytes_str("Gmail")));
    assert_int_equal(p.password, PASSWORD_APP);
    assert_int_equal(p.places[0].port, 465);
    assert_int_equal(p.places[0].security, SECURITY_IMPLICIT_TLS);
    assert_int_equal(p.places[1].security, SECURITY_STARTTLS);
    assert_true(providers_find(NULL, "smtp.gmail.com.", &p));
    assert_true(providers_find(NULL, "sv123.xserver.jp", &p));
    assert_false(providers_find(NULL, ".xserver.jp", &p));
    assert_false(providers_find(NULL, "xserver.jp", &p));
    assert_false(providers_find(NULL, "notsmtp.gmail.com", &p));
    assert_false(providers_find(NULL, "", &p));
    assert_false(providers_find(NULL, NULL, &p));
    assert_true(providers_find(NULL, "secure.plala.or.jp", &p));
    assert_int_equal(p.tls, 0x0303);
}

static void rows_of_the_users_own(void **state)
{
    (void)state;
    char error[200] = "";
    struct provider p;
    struct providers *more = providers_new();
    assert_true(providers_add(
        more,
        bytes_str("# mine\nOffice\tmail.office.test, .office2.test\t25 none\t-\t-\t-\r\n"
                  "My Gmail\tsmtp.gmail.com\t-\tLOGIN\ttoken\t1.3\tnote"),
        error, sizeof error));
    assert_true(providers_find(more, "mail.office.test", &p));
    assert_int_equal(p.places[0].port, 25);
    assert_int_equal(p.places[0].security, SECURITY_NONE);
    assert_true(providers_find(more, "a.office2.test", &p));
    assert_true(providers_find(more, "smtp.gmail.com", &p));
    assert_int_equal(p.password, PASSWORD_TOKEN);
    assert_int_equal(p.place_count, 0);
    providers_free(more);
    providers_free(NULL);
}

static void bad_lines_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *file, *says;
    } cases[] = {
        { "\tmail.test\t-\t-\t-\t-\n", "line 1: the first two" },
        { "\n# x\nMe\t-\t-\t-\t-\t-\n", "line 3: the first two" },
        { "Me\tmail.test\t465\t-\t-\t-\n", "line 1: the third" },
        { "Me\tmail.test\t465 tls\t-\t-\t-\n", "line 1: the third" },
        { "Me\tmail.test\t0 ssl\t-\t-\t-\n", "line 1: the third" },
        { "Me\tmail.test\t70000 ssl\t-\t-\t-\n", "line 1: the third" },
        { "Me\tmail.test\t1 ssl,2 ssl,3 ssl,4 ssl,5 ssl\t-\t-\t-\n", "line 1: the third" },
        { "Me\tmail.test\t-\t-\tsecret\t-\n", "line 1: the fifth" },
        { "Me\tmail.test\t-\t-\t-\tTLS 1.2\n", "line 1: the sixth" },
        { "Me mail.test\n", "line 1: a row has six" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char error[200] = "";
        struct providers *more = providers_new();
        assert_false(providers_add(more, bytes_str(cases[i].file), error, sizeof error));
        if (strncmp(error, cases[i].says, strlen(cases[i].says)) != 0)
            fail_msg("\"%s\" says \"%s\"", cases[i].file, error);
        providers_free(more);
    }
}

static bool advises(const struct finding *f, const char *words)
{
    for (size_t i = 0; i < f->advice_count; i++)
        if (strstr(f->advice[i], words))
            return true;
    return false;
}

static void it_words_advice(void **state)
{
    (void)state;
    struct hand h = hand_new(587);
    h.judged->server_name = "smtp.gmail.com";
    hand_greet(&h);
    hand_ehlo(&h, (struct hand_list) { .starttls = true });
    hand_command(&h, SMTP_MAIL, "FROM:<a@example.net>");
    hand_reply(&h, STEP_MAIL, 530, "Must issue a STARTTLS command first");
    hand_quit(&h);
    hand_judge(&h);
    const struct finding *f = hand_primary(&h, "starttls-required", CERTAIN);
    assert_true(bytes_equal(finding_value(f, "provider")->wire, bytes_str("Gmail")));
    assert_int_equal(finding_value(f, "usual_port")->number, 465);
    assert_true(advises(f, "that is what {provider} usually wants."));
    assert_true(advises(f, "set the security to \"SSL\" (encrypted from the first byte"));
    hand_free(&h);

    /* where nothing failed, or the provider is not known, it says nothing */
    h = hand_new(587);
    h.judged->server_name = "mail.example.net";
    hand_greet(&h);
    hand_ehlo(&h, (struct hand_list) { .starttls = true });
    hand_command(&h, SMTP_MAIL, "FROM:<a@example.net>");
    hand_reply(&h, STEP_MAIL, 530, "Must issue a STARTTLS command first");
    hand_quit(&h);
    hand_judge(&h);
    assert_null(finding_value(hand_primary(&h, "starttls-required", CERTAIN), "provider"));
    hand_free(&h);
}

static const struct ip_addr doorphone = { .family = 4, .b = { 192, 168, 1, 30 } },
                            printer = { .family = 4, .b = { 192, 168, 1, 31 } },
                            printer6 = { .family = 6, .b = { 0x20, 1, 0xd, 0xb8, [15] = 0x31 } },
                            doorphone6 = { .family = 6, .b = { 0x20, 1, 0xd, 0xb8, [15] = 0x30 } };

/* Is this advised first to a device that gets no answer at 465, where somebody has delivered before? */
static bool is_advised(const struct ip_addr *device, const char *words, const struct ip_addr *who,
                       uint16_t port, enum security security, bool inferred)
{
    struct history *history = history_new(NULL);
    struct past_attempt past = { .id = 1,
                                 .port = port,
                                 .security = (uint8_t)security,
                                 .outcome = OUTCOME_DELIVERED,
                                 .inferred = inferred,
                                 .start = TIME_SECOND,
                                 .end = TIME_SECOND,
                                 .server_name = "smtp.gmail.com" };
    history_remember(history, who, &past, bytes_str("device"));
    struct hand h = hand_new(465);
    h.judged->server_name = "smtp.gmail.com";
    h.judged->attempt->client_addr = *device;
    h.judged->attempt->direction[SIDE_SERVER].packets = 0;
    for (int i = 0; i < 3; i++)
        hand_add(&h, (struct fact) { .kind = FACT_SYN, .from = SIDE_DEVICE });
    hand_judge_after(&h, history);
    const struct finding *f = hand_primary(&h, "connect-no-answer", LIKELY);
    bool first = f->advice_count > 0 && strstr(f->advice[0], words);
    if (first)
        assert_int_equal(finding_value(f, "other_port")->number, port);
    hand_free(&h);
    history_free(history);
    return first;
}

static bool follows(const struct ip_addr *who, uint16_t port, enum security security, bool inferred)
{
    return is_advised(&doorphone, "Another device here delivered mail", who, port, security,
                      inferred);
}

/* By IPv6 it may be the same device: then it is said without whose it was. */
static void it_follows_ipv6(void **state)
{
    (void)state;
    static const char whosoever[] = "The capture shows that mail went out that way",
                      another[] = "Another device";
    assert_true(is_advised(&doorphone, whosoever, &printer6, 587, SECURITY_STARTTLS, false));
    assert_true(is_advised(&doorphone6, whosoever, &printer, 587, SECURITY_STARTTLS, false));
    assert_true(is_advised(&doorphone6, whosoever, &printer6, 2525, SECURITY_IMPLICIT_TLS, false));
    assert_false(is_advised(&doorphone6, another, &printer6, 587, SECURITY_STARTTLS, false));
    assert_false(is_advised(&doorphone6, whosoever, &doorphone6, 587, SECURITY_STARTTLS, false));
}

static void it_follows_other_devices(void **state)
{
    (void)state;
    assert_true(follows(&printer, 587, SECURITY_STARTTLS, false));
    assert_true(follows(&printer, 2525, SECURITY_IMPLICIT_TLS, false));
    assert_false(follows(&printer, 587, SECURITY_NONE, false));         /* shows the password */
    assert_false(follows(&printer, 587, SECURITY_STARTTLS, true));      /* was not seen */
    assert_false(follows(&printer, 465, SECURITY_IMPLICIT_TLS, false)); /* the same place */
    assert_false(follows(&doorphone, 587, SECURITY_STARTTLS, false)); /* its own: works-with-… */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_can_be_read), cmocka_unit_test(hosts),
        cmocka_unit_test(rows_of_the_users_own), cmocka_unit_test(bad_lines_are_named),
        cmocka_unit_test(it_words_advice),       cmocka_unit_test(it_follows_other_devices),
        cmocka_unit_test(it_follows_ipv6),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
