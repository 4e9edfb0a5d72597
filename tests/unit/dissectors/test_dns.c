/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/text.h"
#include "dissectors/dns.h"

enum { MESSAGE_MAX = 4096 };

struct message {
    uint8_t b[MESSAGE_MAX];
    size_t n;
};

static void put(struct message *m, const void *b, size_t n)
{
    m->n += bytes_copy(m->b + m->n, sizeof m->b - m->n, bytes_of(b, n));
}

static void put16(struct message *m, unsigned v)
{
    uint8_t b[2] = { (uint8_t)(v >> 8), (uint8_t)v };
    put(m, b, 2);
}

/* Labels by dots; "@12" at the end is a pointer to offset 12. */
static void put_name(struct message *m, const char *name)
{
    while (*name && *name != '@') {
        size_t n = strcspn(name, ".@");
        uint8_t len = (uint8_t)n;
        put(m, &len, 1);
        put(m, name, n);
        name += n + (name[n] == '.');
    }
    if (*name == '@')
        put16(m, 0xC000u | (unsigned)strtoul(name + 1, NULL, 10));
    else
        put(m, "", 1);
}

/* A message that asks for name; answers are to follow. */
static struct message begin(unsigned flags, const char *name, unsigned type, unsigned answers)
{
    struct message m = { .n = 0 };
    put16(&m, 0x1234);
    put16(&m, flags);
    put16(&m, 1);
    put16(&m, answers);
    put16(&m, 0);
    put16(&m, 0);
    put_name(&m, name);
    put16(&m, type);
    put16(&m, 1);
    return m;
}

static void put_record(struct message *m, const char *name, unsigned type, const void *data,
                       size_t len)
{
    put_name(m, name);
    put16(m, type);
    put16(m, 1);
    put16(m, 0);
    put16(m, 300);
    put16(m, (unsigned)len);
    put(m, data, len);
}

static void put_a(struct message *m, const char *name, uint8_t last)
{
    uint8_t addr[4] = { 192, 0, 2, last };
    put_record(m, name, DNS_A, addr, 4);
}

static void put_alias(struct message *m, const char *name, const char *target)
{
    struct message t = { .n = 0 };
    put_name(&t, target);
    put_record(m, name, DNS_CNAME, t.b, t.n);
}

/* "?" or "!" for query and answer, the name, what else is to be said, the addresses. */
static void expect(const struct message *m, const char *expected)
{
    static struct dns_message read;
    struct text t;
    char addr[ADDR_TEXT_SIZE];
    uint8_t *copy =
        malloc(m->n > 0 ? m->n : 1); /* so that the sanitizer sees a read beyond its end */
    bytes_copy(copy, m->n, bytes_of(m->b, m->n));
    text_init(&t, 4096);
    if (!dns_read(bytes_of(copy, m->n), &read)) {
        text_add(&t, "no DNS");
    } else {
        text_format(&t, "%s%u %s", read.response ? "!" : "?", read.query_type, read.name);
        if (read.rcode > 0)
            text_format(&t, " rcode=%u", read.rcode);
        text_add(&t, read.truncated ? " truncated" : "");
        text_add(&t, read.cname ? " alias" : "");
        text_add(&t, read.damaged ? " damaged" : "");
        for (unsigned i = 0; i < read.count; i++)
            text_format(&t, " %s/%u", ip_addr_text(&read.answers[i].addr, addr),
                        read.answers[i].ttl);
    }
    free(copy);
    assert_string_equal(text_str(&t), expected);
    text_done(&t);
}

static void pointers_that_lead_nowhere(void **state)
{
    (void)state;
    struct message m = begin(0x8180, "@12", 1, 0); /* to itself */
    expect(&m, "no DNS");
    m = begin(0x8180, "a@200", 1, 0); /* forward */
    expect(&m, "no DNS");
    m = begin(0x8180, "a@12", 1, 0); /* a loop over a label */
    expect(&m, "no DNS");
    m = begin(0x8180, "a@0", 1, 0); /* into the header: 12 34 is a label of 18 bytes */
    expect(&m, "no DNS");
    m = begin(0x8180, "mx", 1, 1);
    put_a(&m, "@999", 1);
    expect(&m, "!1 mx damaged");
}

static void names_of_every_kind(void **state)
{
    (void)state;
    struct message m = begin(0x0100, "SMTP.Ex_ample-1.JP", 28, 0);
    expect(&m, "?28 smtp.ex_ample-1.jp");
    m = begin(0x0100, "", 1, 0);
    expect(&m, "?1 ");
    m = begin(0x0100, "a b\x1b.\xff\"\\", 1, 0);
    expect(&m, "?1 a\\032b\\027.\\255\\034\\092");
    char name[600] = "";
    for (unsigned i = 0; i < 127; i++)
        name[2 * i] = 'a', name[2 * i + 1] = '.';
    m = begin(0x0100, name, 1, 0); /* 255 bytes on the wire: just so long */
    name[253] = 0;
    char expected[300] = "?1 ";
    bytes_copy(expected + 3, 254, bytes_of(name, 254));
    expect(&m, expected);
    name[253] = '.', name[254] = 'b';
    m = begin(0x0100, name, 1, 0);
    expect(&m, "no DNS");
    for (unsigned i = 0; i < 70; i++) /* fits the wire, not escaped */
        name[i] = ' ';
    name[63] = '.', name[70] = 0;
    m = begin(0x0100, name, 1, 0);
    expect(&m, "no DNS");
}

static void answers(void **state)
{
    (void)state;
    struct message m = begin(0x8180, "smtp.example.jp", 1, 3);
    put_a(&m, "@12", 1);
    put_a(&m, "SMTP.example.jp", 2);
    put_a(&m, "other.example.jp", 3);
    expect(&m, "!1 smtp.example.jp 192.0.2.1/300 192.0.2.2/300");
    m = begin(0x8180, "smtp.example.jp", 28, 1);
    uint8_t six[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 };
    put_record(&m, "@12", DNS_AAAA, six, 16);
    expect(&m, "!28 smtp.example.jp 2001:db8::1/300");
    m = begin(0x8180, "smtp.example.jp", 1, 1);
    put_record(&m, "@12", DNS_A, six, 5);
    expect(&m, "!1 smtp.example.jp damaged");
    m = begin(0x8180, "a", 1, 40);
    for (uint8_t i = 0; i < 40; i++)
        put_a(&m, "@12", 1);
    static struct dns_message read;
    assert_true(dns_read(bytes_of(m.b, m.n), &read));
    assert_int_equal(read.count, DNS_ANSWERS_MAX);
}

static void aliases(void **state)
{
    (void)state;
    struct message m = begin(0x8180, "mail.a", 1, 3); /* in no order */
    put_a(&m, "c", 9);
    put_alias(&m, "b", "c");
    put_alias(&m, "@12", "B");
    expect(&m, "!1 mail.a alias 192.0.2.9/300");
    m = begin(0x8180, "a", 1, 2); /* in a circle */
    put_alias(&m, "a", "b");
    put_alias(&m, "b", "a");
    expect(&m, "!1 a alias");
    m = begin(0x8180, "a", 1, 1);
    put_record(&m, "a", DNS_CNAME, "\5ab", 3);
    expect(&m, "!1 a");
}

static void refusals(void **state)
{
    (void)state;
    struct message m = begin(0x8183, "smtp.example.jp", 1, 0);
    expect(&m, "!1 smtp.example.jp rcode=3");
    m = begin(0x8182, "smtp.example.jp", 1, 0);
    expect(&m, "!1 smtp.example.jp rcode=2");
    m = begin(0x8780, "smtp.example.jp", 1, 0);
    expect(&m, "!1 smtp.example.jp truncated");
}

static void what_is_no_look_up(void **state)
{
    (void)state;
    struct message m = begin(0x2800, "a", 1, 0); /* an update */
    expect(&m, "no DNS");
    m = begin(0, "a", 1, 0);
    m.b[5] = 2; /* questions */
    expect(&m, "no DNS");
    m = begin(0, "a", 1, 0);
    m.b[m.n - 1] = 3; /* CHAOS */
    expect(&m, "no DNS");
}

static void cut_short_at_any_place(void **state)
{
    (void)state;
    struct message m = begin(0x8180, "mail.a", 1, 2);
    put_alias(&m, "@12", "b.c");
    put_a(&m, "b.c", 9);
    size_t whole = m.n, question = 12 + 8 + 4;
    for (m.n = 0; m.n < whole; m.n++) {
        static struct dns_message read;
        uint8_t *copy = malloc(m.n + 1);
        bytes_copy(copy, m.n, bytes_of(m.b, m.n));
        bool good = dns_read(bytes_of(copy, m.n), &read);
        free(copy);
        assert_int_equal(good, m.n >= question);
        assert_true(!good || (read.damaged && read.count == 0));
    }
    put16(&m, 0); /* an EDNS record (RFC 6891) and whatever else follow */
    m.b[11] = 1;
    expect(&m, "!1 mail.a alias 192.0.2.9/300");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pointers_that_lead_nowhere),
        cmocka_unit_test(names_of_every_kind),
        cmocka_unit_test(answers),
        cmocka_unit_test(aliases),
        cmocka_unit_test(refusals),
        cmocka_unit_test(what_is_no_look_up),
        cmocka_unit_test(cut_short_at_any_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
