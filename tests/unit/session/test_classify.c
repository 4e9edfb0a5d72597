/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "session/classify.h"
#include "session/scan.h"
#include "base/time.h"

static enum spoken told(uint16_t port, const char *device, const char *server, const char **name)
{
    struct first_bytes f = { bytes_str(device), bytes_str(server), true, port };
    enum side by = SIDE_SERVER;
    *name = NULL;
    return classify(&f, name, &by);
}

static void at_mail_ports(void **state)
{
    (void)state;
    const char *name;
    assert_int_equal(told(25, "", "220 host ESMTP\r\n", &name), SPOKEN_SMTP);
    assert_int_equal(told(587, "EHLO x\r\n", "", &name), SPOKEN_SMTP);
    assert_int_equal(told(465, "\x16\x03\x01\x00\x50\x01", "", &name),
                     SPOKEN_UNDECIDED); /* a NUL ends a C string: too short */
    assert_int_equal(told(587, "", "SSH-2.0-x\r\n", &name), SPOKEN_OTHER);
    assert_string_equal(name, "SSH");
    assert_int_equal(told(25, "GET / HTTP/1.1\r\n", "", &name), SPOKEN_OTHER);
    assert_string_equal(name, "HTTP");
    assert_int_equal(told(25, "", "220 ProFTPD FTP server\r\n", &name), SPOKEN_OTHER);
    assert_string_equal(name, "FTP");
    assert_int_equal(told(587, "", "220 ftp.example.jp", &name), SPOKEN_UNDECIDED);
    assert_int_equal(told(587, "", "220 ftp.example.jp ESMTP\r\n", &name), SPOKEN_SMTP);
    assert_int_equal(told(587, "", "220 lmtp.example.jp\r\n", &name), SPOKEN_SMTP);
    assert_int_equal(told(587, "", "220 host LMTP ready\r\n", &name), SPOKEN_OTHER);
    assert_string_equal(name, "LMTP");
    assert_int_equal(told(587, "", "200 host INN NNRP ready (posting ok)\r\n", &name),
                     SPOKEN_OTHER);
    assert_string_equal(name, "NNTP");
    assert_int_equal(told(587, "", "\"IMPLEMENTATION\" \"x\"\r\n", &name), SPOKEN_OTHER);
    assert_string_equal(name, "ManageSieve");
    assert_int_equal(told(25, "", "554 go away\r\n", &name), SPOKEN_SMTP);
    assert_int_equal(told(25, "", "", &name), SPOKEN_UNDECIDED);
}

static void at_other_ports(void **state)
{
    (void)state;
    const char *name;
    assert_int_equal(told(8025, "EHLO x\r\n", "220 host ESMTP\r\n", &name), SPOKEN_SMTP);
    assert_int_equal(told(8025, "", "220 host ESMTP\r\n", &name), SPOKEN_SMTP);
    assert_int_equal(told(8025, "", "220 welcome\r\n", &name),
                     SPOKEN_UNDECIDED); /* FTP greets so too */
    assert_int_equal(told(21, "USER x\r\n", "220 welcome\r\n", &name), SPOKEN_NOT_MAIL);
    assert_int_equal(told(24, "LHLO x\r\n", "220 host LMTP ready\r\n", &name), SPOKEN_NOT_MAIL);
    assert_int_equal(told(24, "LHLO x\r\n", "", &name), SPOKEN_NOT_MAIL);
    /* a file about SMTP, on its way (FTP's data): nobody talks on before the answer */
    assert_int_equal(told(20001, "", "220 host ESMTP\r\nEHLO x\r\n250 ok\r\n", &name),
                     SPOKEN_NOT_MAIL);
    assert_int_equal(told(20001, "EHLO x\r\nMAIL FROM:<a@b>\r\n", "", &name), SPOKEN_NOT_MAIL);
    assert_int_equal(told(8025, "", "220-host ESMTP\r\n220 no spam\r\n", &name), SPOKEN_SMTP);
    assert_int_equal(told(80, "GET / HTTP/1.1\r\n", "", &name), SPOKEN_NOT_MAIL);
}

/* However it is cut, it is told as the same; a beginning never as something else. */
static void byte_by_byte(void **state)
{
    (void)state;
    static const char hello[] = "EHLO doorphone\r\n", greeting[] = "220 mail ESMTP\r\n";
    static const uint16_t ports[] = { 25, 587, 8025 };
    for (size_t p = 0; p < 3; p++)
        for (size_t d = 0; d < sizeof hello; d++)
            for (size_t s = 0; s < sizeof greeting; s++) {
                struct first_bytes f = { bytes_of(hello, d), bytes_of(greeting, s), true,
                                         ports[p] };
                const char *name = NULL;
                enum side by;
                enum spoken spoken = classify(&f, &name, &by);
                assert_true(spoken == SPOKEN_SMTP || spoken == SPOKEN_UNDECIDED);
            }
}

static struct ip_addr addr(const char *text)
{
    struct ip_addr a;
    assert_true(ip_addr_parse(text, &a));
    return a;
}

static void scans(void **state)
{
    (void)state;
    struct scans *s = scans_new(NULL);
    struct ip_addr client = addr("192.0.2.1"), server = addr("203.0.113.25");
    for (uint16_t port = 20; port < 24; port++)
        scans_opening(s, &client, &server, port, port * TIME_SECOND / 10);
    scans_opening(s, &client, &server, 25, 3 * TIME_SECOND);
    assert_true(scans_is(s, &client, &server, 25, 3 * TIME_SECOND)); /* five ports of one host */
    scans_payload(s, &client, &server, 20);
    assert_false(
        scans_is(s, &client, &server, 25, 3 * TIME_SECOND)); /* one of them was spoken to */
    struct ip_addr other = addr("192.0.2.2");
    assert_false(scans_is(s, &other, &server, 25, 3 * TIME_SECOND));
    scans_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(at_mail_ports),
                                        cmocka_unit_test(at_other_ports),
                                        cmocka_unit_test(byte_by_byte), cmocka_unit_test(scans) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
