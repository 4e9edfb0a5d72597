/* SPDX-License-Identifier: BSD-3-Clause */
#include "dissectors/dns.h"

#include "base/cursor.h"

enum {
    POINTERS_MAX = 32, /* compression pointers in one name; each leads backward (RFC 1035 4.1.4) */
    WIRE_NAME_MAX = 255,
    RECORDS_MAX = 128, /* of the answer section that are looked at */
    ALIASES_MAX = 16,
    CLASS_IN = 1,
};

/* Letters (lower case), digits, hyphen, underscore as they are, the rest as \NNN. False when full.
 */
static bool put_byte(char name[DNS_NAME_MAX], size_t *len, uint8_t b)
{
    b = bytes_lower(b);
    bool plain = (b >= 'a' && b <= 'z') || (b >= '0' && b <= '9') || b == '-' || b == '_';
    if (*len + (plain ? 1 : 4) >= DNS_NAME_MAX)
        return false;
    if (!plain) {
        name[(*len)++] = '\\';
        name[(*len)++] = (char)('0' + b / 100);
        name[(*len)++] = (char)('0' + b / 10 % 10);
        b = (uint8_t)('0' + b % 10);
    }
    name[(*len)++] = (char)b;
    return true;
}

static bool put_label(char name[DNS_NAME_MAX], size_t *len, struct bytes label)
{
    if (*len > 0) {
        if (*len + 1 >= DNS_NAME_MAX)
            return false;
        name[(*len)++] = '.';
    }
    for (size_t i = 0; i < label.len; i++)
        if (!put_byte(name, len, label.at[i]))
            return false;
    return true;
}

/* RFC 1035 4.1.4. Moves c behind the name; false when it is malformed or does not fit. */
static bool read_name(struct bytes message, struct cursor *c, char name[DNS_NAME_MAX])
{
    size_t len = 0, wire = 0;
    size_t before = message.len; /* a pointer leads to before where the last one did */
    unsigned pointers = 0;
    struct cursor at = *c;
    bool fits = true;
    for (uint8_t n = cursor_u8(&at); cursor_ok(&at) && n != 0; n = cursor_u8(&at)) {
        if (n >= 0xC0) {
            size_t target = (size_t)(n & 0x3F) << 8 | cursor_u8(&at);
            if (pointers == 0)
                *c = at;
            if (!cursor_ok(&at) || target >= before || ++pointers > POINTERS_MAX)
                return false;
            before = target;
            at = cursor_of(bytes_after(message, target));
            continue;
        }
        struct bytes label = cursor_bytes(&at, n);
        wire += n + 1u;
        if (n > 63 || !cursor_ok(&at) || wire > WIRE_NAME_MAX)
            return false;
        fits = fits && put_label(name, &len, label);
    }
    if (pointers == 0)
        *c = at;
    name[len] = 0;
    return cursor_ok(&at) && fits;
}

struct record {
    char name[DNS_NAME_MAX];
    uint16_t type, class;
    uint32_t ttl;
    struct cursor data;
};

static bool read_record(struct bytes message, struct cursor *c, struct record *r)
{
    if (!read_name(message, c, r->name))
        return false;
    r->type = cursor_u16(c);
    r->class = cursor_u16(c);
    r->ttl = cursor_u32(c);
    r->data = cursor_block16(c);
    return cursor_ok(c);
}

static bool same(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* The alias of name among the answers, into name; false when it has none. */
static bool follow_alias(struct bytes message, struct cursor answers, unsigned count,
                         char name[DNS_NAME_MAX])
{
    struct record r;
    for (unsigned i = 0; i < count && read_record(message, &answers, &r); i++) {
        if (r.type != DNS_CNAME || r.class != CLASS_IN || !same(r.name, name))
            continue;
        return read_name(message, &r.data, name);
    }
    return false;
}

static void add_address(struct dns_message *m, struct record *r)
{
    size_t size = r->type == DNS_A ? 4 : 16;
    bool address = r->class == CLASS_IN && (r->type == DNS_A || r->type == DNS_AAAA);
    if (!address || m->count == DNS_ANSWERS_MAX)
        return;
    struct bytes b = cursor_rest(&r->data);
    if (b.len != size) {
        m->damaged = true;
        return;
    }
    m->answers[m->count++] = (struct dns_answer) {
        .type = r->type,
        .ttl = r->ttl,
        .addr = r->type == DNS_A ? ip_addr_v4(b.at) : ip_addr_v6(b.at),
    };
}

/* The addresses of one name among the answers. */
static void read_addresses(struct dns_message *m, struct bytes message, struct cursor answers,
                           unsigned count, const char *name)
{
    struct record r;
    for (unsigned i = 0; i < count; i++) {
        if (!read_record(message, &answers, &r)) {
            m->damaged = true;
            return;
        }
        if (same(r.name, name))
            add_address(m, &r);
    }
}

/* The name's own addresses, and those of its aliases, in whatever order the records stand. */
static void read_answers(struct dns_message *m, struct bytes message, struct cursor answers,
                         unsigned count)
{
    char name[DNS_NAME_MAX];
    bytes_copy(name, sizeof name, bytes_of(m->name, sizeof m->name));
    for (unsigned i = 0; i < ALIASES_MAX; i++) {
        read_addresses(m, message, answers, count, name);
        if (!follow_alias(message, answers, count, name))
            return;
        m->cname = true;
    }
}

bool dns_read(struct bytes payload, struct dns_message *m)
{
    *m = (struct dns_message) { 0 };
    struct cursor c = cursor_of(payload);
    m->id = cursor_u16(&c);
    uint16_t flags = cursor_u16(&c);
    uint16_t questions = cursor_u16(&c), answers = cursor_u16(&c);
    cursor_skip(&c, 4);
    m->response = flags & 0x8000;
    m->truncated = flags & 0x0200;
    m->rcode = flags & 0x0F;
    unsigned opcode = flags >> 11 & 0x0F;
    if (!cursor_ok(&c) || opcode != 0 || questions != 1 || !read_name(payload, &c, m->name))
        return false;
    m->query_type = cursor_u16(&c);
    uint16_t class = cursor_u16(&c);
    if (!cursor_ok(&c) || class != CLASS_IN)
        return false;
    if (m->response && answers > 0)
        read_answers(m, payload, c, answers < RECORDS_MAX ? answers : RECORDS_MAX);
    return true;
}

bool dns_read_host(struct bytes payload, char name[DNS_NAME_MAX], struct ip_addr *addr)
{
    enum { QUESTIONS_MAX = 4, RESPONSE = 0x8000 };
    struct cursor c = cursor_of(payload);
    cursor_skip(&c, 2);
    uint16_t flags = cursor_u16(&c), questions = cursor_u16(&c), answers = cursor_u16(&c);
    cursor_skip(&c, 4);
    if (!cursor_ok(&c) || !(flags & RESPONSE) || questions > QUESTIONS_MAX)
        return false;
    for (unsigned i = 0; i < questions; i++) {
        if (!read_name(payload, &c, name))
            return false;
        cursor_skip(&c, 4);
    }
    for (unsigned i = 0; i < answers && i < RECORDS_MAX; i++) {
        struct record r;
        if (!read_record(payload, &c, &r))
            return false;
        struct bytes data = cursor_rest(&r.data);
        if (r.type == DNS_A && data.len == 4)
            *addr = ip_addr_v4(data.at);
        else if (r.type == DNS_AAAA && data.len == 16)
            *addr = ip_addr_v6(data.at);
        else
            continue;
        bytes_copy(name, DNS_NAME_MAX, bytes_of(r.name, DNS_NAME_MAX));
        return true;
    }
    return false;
}
