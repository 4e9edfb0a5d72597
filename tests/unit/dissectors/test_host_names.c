/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "dissectors/host_names.h"

/* A BOOTREQUEST of 02:11:22:33:44:55 with these options behind the magic number. */
static struct bytes dhcp(uint8_t out[300], const void *options, size_t len)
{
    memset(out, 0, 300);
    out[0] = 1;
    out[1] = 1;
    out[2] = 6;
    memcpy(out + 28, "\x02\x11\x22\x33\x44\x55", 6);
    memcpy(out + 236, "\x63\x82\x53\x63", 4);
    memcpy(out + 240, options, len);
    return bytes_of(out, 240 + len);
}

static void dhcp_names(void **state)
{
    (void)state;
    uint8_t packet[300];
    struct host_name host;
    static const char options[] = "\x35\x01\x03\x32\x04\xc0\xa8\x01\x1e\x0c\x09"
                                  "doorphone\x3c\x05"
                                  "VL-SW\xff";
    assert_true(host_name_dhcp(dhcp(packet, options, sizeof options - 1), &host));
    assert_string_equal(host.name, "doorphone");
    assert_string_equal(host.vendor, "VL-SW");
    assert_int_equal(host.mac.b[5], 0x55);
    assert_int_equal(host.addr.b[3], 30);
}

static void dhcp_hostile(void **state)
{
    (void)state;
    uint8_t packet[300];
    struct host_name host;
    /* an option that says more than there is, and control characters in a name */
    assert_false(host_name_dhcp(dhcp(packet,
                                     "\x0c\xff"
                                     "abc",
                                     5),
                                &host));
    assert_true(host_name_dhcp(dhcp(packet, "\x0c\x05\x1b[2J\n", 7), &host));
    assert_string_equal(host.name, "?[2J?");
    for (size_t n = 0; n < 240; n++)
        assert_false(host_name_dhcp(bytes_of(packet, n), &host));
}

static void netbios_name(void **state)
{
    (void)state;
    /* registration of PRINTER<00> by 192.168.1.31 */
    static const char packet[] =
        "\x12\x34\x29\x10\x00\x01\x00\x00\x00\x00\x00\x01\x20"
        "FAFCEJEOFEEFFCCACACACACACACACAAA"
        "\x00\x00\x20\x00\x01"
        "\xc0\x0c\x00\x20\x00\x01\x00\x04\x93\xe0\x00\x06\x60\x00\xc0\xa8\x01\x1f";
    struct host_name host;
    assert_true(host_name_netbios(bytes_of(packet, sizeof packet - 1), &host));
    assert_string_equal(host.name, "PRINTER");
    assert_int_equal(host.addr.b[3], 31);
    for (size_t n = 0; n + 1 < sizeof packet; n++)
        assert_false(host_name_netbios(bytes_of(packet, n), &host));
}

static void mdns_name(void **state)
{
    (void)state;
    static const char packet[] =
        "\x00\x00\x84\x00\x00\x00\x00\x01\x00\x00\x00\x00\x06"
        "camera\x05local\x00\x00\x01\x80\x01\x00\x00\x00\x78\x00\x04\xc0\xa8\x01\x20";
    struct host_name host;
    assert_true(host_name_local(bytes_of(packet, sizeof packet - 1), true, &host));
    assert_string_equal(host.name, "camera");
    assert_int_equal(host.addr.b[3], 32);
    assert_int_equal(host.source, HOST_NAME_MDNS);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(dhcp_names),
                                        cmocka_unit_test(dhcp_hostile),
                                        cmocka_unit_test(netbios_name),
                                        cmocka_unit_test(mdns_name) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
