/* SPDX-License-Identifier: BSD-3-Clause */
#include "conversation.h"

#include <string.h>

#include "base/bytes.h"

enum { D = 0, S = 1 }; /* device and server */

enum kind {
    TEXT,        /* the text, # being the conversation's number */
    HELLO_TLS10, /* a ClientHello of a device that knows no newer version than TLS 1.0 */
    HELLO_TLS13,
    SERVER_HELLO,
    ALERT_VERSION, /* fatal, 70 */
    RECORDS,       /* bulk data in TLS records */
    BULK,          /* bulk data as it is */
    BODY,          /* lines of a mail */
    END,
};

struct line {
    uint8_t from, kind;
    const char *text;
};

struct dialogue {
    const struct line *lines;
    uint16_t port;
    uint8_t outcome;
    uint8_t share;    /* of so many in its table's sum */
    uint16_t bulk_kb; /* of a line with bulk data, on average */
};

#define OPENING                                                                                    \
    { S, TEXT, "220 mail.example.net ESMTP Postfix\r\n" },                                         \
    {                                                                                              \
        D, TEXT, "EHLO device-#.example.org\r\n"                                                   \
    }
#define CAPABILITIES                                                                               \
    "250-mail.example.net\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250-VRFY\r\n250-ETRN\r\n"
#define AUTH_OFFERED                                                                               \
    {                                                                                              \
        S, TEXT,                                                                                   \
            CAPABILITIES "250-AUTH PLAIN LOGIN\r\n250-ENHANCEDSTATUSCODES\r\n250 8BITMIME\r\n"     \
    }
#define SIGN_IN                                                                                    \
    { D, TEXT, "AUTH LOGIN\r\n" }, { S, TEXT, "334 VXNlcm5hbWU6\r\n" },                            \
        { D, TEXT, "ZGV2aWNl\r\n" }, { S, TEXT, "334 UGFzc3dvcmQ6\r\n" },                          \
    {                                                                                              \
        D, TEXT, "bm90LWEtc2VjcmV0\r\n"                                                            \
    }
#define ENVELOPE                                                                                   \
    { D, TEXT, "MAIL FROM:<device-#@example.org>\r\n" }, { S, TEXT, "250 2.1.0 Ok\r\n" },          \
    {                                                                                              \
        D, TEXT, "RCPT TO:<person-#@example.net>\r\n"                                              \
    }
#define MESSAGE                                                                                    \
    { S, TEXT, "250 2.1.5 Ok\r\n" }, { D, TEXT, "DATA\r\n" },                                      \
        { S, TEXT, "354 End data with <CR><LF>.<CR><LF>\r\n" }, { D, BODY, NULL },                 \
        { D, TEXT, ".\r\n" },                                                                      \
    {                                                                                              \
        S, TEXT, "250 2.0.0 Ok: queued as 4F#\r\n"                                                 \
    }
#define QUIT                                                                                       \
    { D, TEXT, "QUIT\r\n" }, { S, TEXT, "221 2.0.0 Bye\r\n" },                                     \
    {                                                                                              \
        S, END, NULL                                                                               \
    }

static const struct line delivered[] = {
    OPENING,  AUTH_OFFERED, SIGN_IN, { S, TEXT, "235 2.7.0 Authentication successful\r\n" },
    ENVELOPE, MESSAGE,      QUIT
};
static const struct line delivered_open[] = {
    OPENING, { S, TEXT, CAPABILITIES "250 8BITMIME\r\n" }, ENVELOPE, MESSAGE, QUIT
};
static const struct line not_signed_in[] = {
    OPENING,
    AUTH_OFFERED,
    SIGN_IN,
    { S, TEXT, "535 5.7.8 Error: authentication failed: authentication failure\r\n" },
    QUIT
};
static const struct line no_such_person[] = {
    OPENING,
    AUTH_OFFERED,
    SIGN_IN,
    { S, TEXT, "235 2.7.0 Authentication successful\r\n" },
    ENVELOPE,
    { S, TEXT, "550 5.1.1 <person-#@example.net>: Recipient address rejected: User unknown\r\n" },
    QUIT
};
static const struct line content_refused[] = { OPENING,
                                               { S, TEXT, CAPABILITIES "250 8BITMIME\r\n" },
                                               ENVELOPE,
                                               { S, TEXT, "250 2.1.5 Ok\r\n" },
                                               { D, TEXT, "DATA\r\n" },
                                               { S, TEXT, "354 Go ahead\r\n" },
                                               { D, BODY, NULL },
                                               { D, TEXT, ".\r\n" },
                                               { S, TEXT,
                                                 "554 5.7.1 Message rejected as spam\r\n" },
                                               QUIT };
static const struct line old_tls[] = { { D, HELLO_TLS10, NULL },
                                       { S, ALERT_VERSION, NULL },
                                       { S, END, NULL } };
static const struct line old_starttls[] = { OPENING,
                                            { S, TEXT,
                                              CAPABILITIES "250-STARTTLS\r\n250 8BITMIME\r\n" },
                                            { D, TEXT, "STARTTLS\r\n" },
                                            { S, TEXT, "220 2.0.0 Ready to start TLS\r\n" },
                                            { D, HELLO_TLS10, NULL },
                                            { S, ALERT_VERSION, NULL },
                                            { S, END, NULL } };

static const struct dialogue mails[] = {
    { delivered, 587, OUTCOME_DELIVERED, 50, 2 },  { delivered_open, 25, OUTCOME_DELIVERED, 15, 2 },
    { not_signed_in, 587, OUTCOME_FAILED, 10, 0 }, { no_such_person, 587, OUTCOME_FAILED, 8, 0 },
    { content_refused, 25, OUTCOME_FAILED, 2, 2 }, { old_tls, 465, OUTCOME_FAILED, 8, 0 },
    { old_starttls, 587, OUTCOME_FAILED, 7, 0 },
};

#define GET                                                                                                               \
    {                                                                                                                     \
        D, TEXT,                                                                                                          \
            "GET /page/#?a=1 HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: browser/5.0 (a system; an engine)\r\n"      \
            "Accept: text/html,application/xhtml+xml\r\nAccept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\n\r\n" \
    }
#define FOUND                                                                                                                  \
    {                                                                                                                          \
        S, TEXT,                                                                                                               \
            "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n" \
    }

static const struct line web[] = { { D, HELLO_TLS13, NULL }, { S, SERVER_HELLO, NULL },
                                   { S, RECORDS, NULL },     { D, RECORDS, "3" },
                                   { S, RECORDS, NULL },     { D, END, NULL } };
static const struct line web_clear[] = {
    GET, FOUND, { S, BULK, NULL }, GET, FOUND, { S, BULK, NULL }, { D, END, NULL }
};
static const struct line shell[] = { { S, TEXT, "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n" },
                                     { D, TEXT, "SSH-2.0-OpenSSH_9.2\r\n" },
                                     { D, BULK, "2" },
                                     { S, BULK, "2" },
                                     { D, BULK, "3" },
                                     { S, BULK, NULL },
                                     { D, END, NULL } };
static const struct line post_box[] = {
    { S, TEXT,
      "* OK [CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE AUTH=PLAIN] ready.\r\n" },
    { D, TEXT, "a1 CAPABILITY\r\n" },
    { S, TEXT, "* CAPABILITY IMAP4rev1\r\na1 OK done\r\n" },
    { D, TEXT, "a2 LOGOUT\r\n" },
    { S, TEXT, "* BYE\r\na2 OK done\r\n" },
    { S, END, NULL }
};
static const struct line unknown[] = {
    { D, BULK, "4" }, { S, BULK, NULL }, { D, BULK, "4" }, { S, BULK, NULL }, { D, END, NULL }
};

static const struct dialogue others[] = {
    { web, 443, OUTCOME_NO_MAIL, 70, 9 },     { web_clear, 80, OUTCOME_NO_MAIL, 18, 6 },
    { shell, 22, OUTCOME_NO_MAIL, 2, 8 },     { post_box, 143, OUTCOME_NO_MAIL, 2, 0 },
    { unknown, 7680, OUTCOME_NO_MAIL, 8, 5 },
};

enum { POOL = 1 << 16 };
static uint8_t pool[POOL];
static uint8_t body[POOL];

void conversation_prepare(void)
{
    for (size_t i = 0; i < POOL; i++)
        pool[i] = (uint8_t)random_next();
    for (size_t i = 0; i < POOL; i++) { /* lines of 72 letters */
        static const char words[] =
            "the camera at the front door has seen somebody at night and took a picture of it ";
        body[i] = (uint8_t)(i % 72 == 70   ? '\r'
                            : i % 72 == 71 ? '\n'
                                           : words[i % (sizeof words - 1)]);
    }
}

/* Writes into a message that is put together byte by byte. */
struct writer {
    uint8_t *at;
    size_t len, max;
};

static void add(struct writer *w, uint64_t value, size_t size)
{
    for (size_t i = size; i > 0 && w->len < w->max; i--)
        w->at[w->len++] = (uint8_t)(value >> (i - 1) * 8);
}

static void add_bytes(struct writer *w, const void *data, size_t len)
{
    w->len += bytes_copy(w->at + w->len, w->max - w->len, bytes_of(data, len));
}

static void set_len(struct writer *w, size_t at, size_t size)
{
    for (size_t i = 0, value = w->len - at - size; i < size; i++)
        w->at[at + i] = (uint8_t)(value >> (size - 1 - i) * 8);
}

static void add_extension(struct writer *w, uint16_t type, const char *body_bytes, size_t len)
{
    add(w, type, 2);
    add(w, len, 2);
    add_bytes(w, body_bytes, len);
}

static void add_hello(struct writer *w, uint32_t number, bool tls13)
{
    static const char name[] = "\0\x13\0\0\x10mail.example.net";
    add(w, 0x160301, 3);
    add(w, 0, 2);
    add(w, 1, 1);
    add(w, 0, 3);
    add(w, tls13 ? 0x0303 : 0x0301, 2);
    add_bytes(w, pool + number % 1000, 32);
    add(w, 0, 1);
    if (tls13) {
        add(w, 12, 2);
        add(w, 0x130113021303, 6);
        add(w, 0xc02bc02fc030, 6);
    } else {
        add(w, 12, 2);
        add(w, 0xc014c00a0039, 6);
        add(w, 0x0035002f000a, 6);
    }
    add(w, 0x0100, 2);
    size_t extensions = w->len;
    add(w, 0, 2);
    add_extension(w, 0, name, sizeof name - 1);
    add_extension(w, 10, "\0\4\0\x17\0\x18", 6);
    add_extension(w, 11, "\1\0", 2);
    if (tls13) {
        add_extension(w, 13, "\0\6\4\3\x08\4\4\1", 8);
        add_extension(w, 16, "\0\x0c\2h2\x08http/1.1", 14);
        add_extension(w, 43, "\4\3\4\3\3", 5);
    }
    set_len(w, extensions, 2);
    set_len(w, 6, 3);
    set_len(w, 3, 2);
}

static void add_server_hello(struct writer *w, uint32_t number)
{
    add(w, 0x160303, 3);
    add(w, 0, 2);
    add(w, 2, 1);
    add(w, 0, 3);
    add(w, 0x0303, 2);
    add_bytes(w, pool + number % 1000, 32);
    add(w, 0, 1);
    add(w, 0x130100, 3);
    size_t extensions = w->len;
    add(w, 0, 2);
    add_extension(w, 43, "\3\4", 2);
    set_len(w, extensions, 2);
    set_len(w, 6, 3);
    set_len(w, 3, 2);
    add(w, 0x140303000101, 6);
}

static void add_text(struct writer *w, const char *text, uint32_t number)
{
    for (; *text; text++) {
        if (*text != '#') {
            add(w, (uint8_t)*text, 1);
            continue;
        }
        for (uint32_t scale = 100000; scale > 0; scale /= 10)
            add(w, '0' + number / scale % 10, 1);
    }
}

/* A line's bytes where it is one packet; 0 for bulk data. */
static size_t line_write(const struct conversation *c, const struct line *line, uint8_t *out,
                         size_t max)
{
    struct writer w = { out, 0, max };
    switch (line->kind) {
    case TEXT:
        add_text(&w, line->text, c->number);
        break;
    case HELLO_TLS10:
        add_hello(&w, c->number, false);
        break;
    case HELLO_TLS13:
        add_hello(&w, c->number, true);
        break;
    case SERVER_HELLO:
        add_server_hello(&w, c->number);
        break;
    case ALERT_VERSION:
        add(&w, 0x15030100020246, 7);
        break;
    default:
        break;
    }
    return w.len;
}

static void choose_bulk(struct conversation *c)
{
    const struct line *line = &c->dialogue->lines[c->line];
    uint32_t average =
        line->text ? (uint32_t)(line->text[0] - '0') * 100u : c->dialogue->bulk_kb * 1024u;
    c->bulk = 40 + random_below(2 * average);
    if (line->kind == BODY)
        c->bulk -= c->bulk % 72; /* whole lines */
    if (line->kind == BODY && c->bulk == 0)
        c->bulk = 72;
}

static void begin(struct conversation *c, const struct dialogue *table, size_t count,
                  uint32_t number)
{
    *c = (struct conversation) { .dialogue = table, .number = number };
    uint32_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += table[i].share;
    for (uint32_t at = random_below(sum); at >= c->dialogue->share; c->dialogue++)
        at -= c->dialogue->share;
    c->seq[0] = (uint32_t)random_next();
    c->seq[1] = (uint32_t)random_next();
    c->ends.port[1] = c->dialogue->port;
    c->ends.port[0] = (uint16_t)(20000 + number % 40000);
    c->ends.v6 = random_below(5) == 0;
    c->ends.host[0] =
        0xc0a80000 + 256 * random_below(8) + 2 + random_below(250); /* 192.168.0.2 … */
}

void conversation_mail(struct conversation *c, uint32_t number)
{
    begin(c, mails, sizeof mails / sizeof *mails, number);
    c->ends.host[1] = 0xcb007100 + random_below(8); /* 203.0.113.0 … */
}

void conversation_other(struct conversation *c, uint32_t number)
{
    begin(c, others, sizeof others / sizeof *others, number);
    c->ends.host[1] = 0xc6336400 + random_below(200); /* 198.51.100.0 … */
}

enum outcome conversation_outcome(const struct conversation *c)
{
    return c->dialogue->outcome;
}

static void send(struct conversation *c, unsigned from, uint8_t flags, const uint8_t *data,
                 size_t len)
{
    bool first = (flags & (FLAG_SYN | FLAG_ACK)) == FLAG_SYN;
    struct segment s = {
        &c->ends, from, c->seq[from], first ? 0 : c->seq[!from], flags, data, len
    };
    frame_tcp(&s);
    c->seq[from] += (uint32_t)len + ((flags & (FLAG_SYN | FLAG_FIN)) != 0);
}

/* The next piece of a line of bulk data. */
static size_t bulk_write(const struct conversation *c, const struct line *line, uint8_t *out)
{
    size_t len = c->bulk - c->sent < SEGMENT_MAX ? c->bulk - c->sent : SEGMENT_MAX;
    size_t from = line->kind == BODY ? c->sent % (POOL / 72 * 72 - SEGMENT_MAX / 72 * 72 - 72)
                                     : (c->number * 31 + c->sent) % (POOL - SEGMENT_MAX);
    (void)bytes_copy(out, SEGMENT_MAX, bytes_of((line->kind == BODY ? body : pool) + from, len));
    if (line->kind == RECORDS && c->sent == 0 && len >= 5) {
        struct writer head = { out, 0, 5 };
        add(&head, 0x170303, 3);
        add(&head, c->bulk - 5, 2);
    }
    return len;
}

static bool line_step(struct conversation *c, const struct line *line, uint32_t resend)
{
    uint8_t data[SEGMENT_MAX];
    bool bulk = line->kind == RECORDS || line->kind == BULK || line->kind == BODY;
    if (bulk && c->sent == 0)
        choose_bulk(c);
    if (bulk && c->unacked == 2) { /* every other segment is acknowledged */
        c->unacked = 0;
        send(c, !line->from, FLAG_ACK, NULL, 0);
        return true;
    }
    size_t len = bulk ? bulk_write(c, line, data) : line_write(c, line, data, sizeof data);
    send(c, line->from, FLAG_PSH | FLAG_ACK, data, len);
    if (resend > 0 && random_below(resend) == 0) {
        c->seq[line->from] -= (uint32_t)len;
        send(c, line->from, FLAG_PSH | FLAG_ACK, data, len);
    }
    c->sent += len;
    c->unacked++;
    if (!bulk || c->sent >= c->bulk) {
        c->line++;
        c->sent = 0;
        c->unacked = 0;
    }
    return true;
}

bool conversation_step(struct conversation *c, uint32_t resend)
{
    const struct line *line = &c->dialogue->lines[c->line];
    if (c->phase < 3) {
        static const uint8_t flags[3] = { FLAG_SYN, FLAG_SYN | FLAG_ACK, FLAG_ACK };
        send(c, c->phase == 1, flags[c->phase], NULL, 0);
        c->phase++;
        return true;
    }
    if (line->kind != END)
        return line_step(c, line, resend);
    if (c->phase < 7) { /* the one who ends it, then the other */
        unsigned turn = c->phase++ - 3;
        unsigned from = turn == 0 || turn == 3 ? line->from : !line->from;
        send(c, from, turn % 2 == 0 ? FLAG_FIN | FLAG_ACK : FLAG_ACK, NULL, 0);
        return true;
    }
    return false;
}

void datagrams_step(uint32_t number)
{
    struct ends ends = { .host = { 0xc0a80002 + number % 250, 0xc0a80001 },
                         .port = { (uint16_t)(30000 + number % 30000), 53 } };
    uint8_t data[SEGMENT_MAX];
    struct writer w = { data, 0, sizeof data };
    if (number % 3 != 0) { /* QUIC, as far as its first byte shows */
        ends.port[1] = 443;
        add(&w, 0x40, 1);
        add_bytes(&w, pool + number % 1000, 100 + random_below(1100));
        frame_udp(&ends, number % 2, data, w.len);
        return;
    }
    add(&w, number & 0xffff, 2);
    add(&w, 0x01000001, 4);
    add(&w, 0, 6);
    add(&w, 8, 1);
    add_text(&w, "h-#", number);
    add_bytes(&w, "\7example\3com\0\0\1\0\1", 17);
    frame_udp(&ends, 0, data, w.len);
    data[2] = 0x81;
    data[3] = 0x80;
    data[7] = 1;
    add(&w, 0xc00c00010001, 6);
    add(&w, 300, 4);
    add(&w, 4, 2);
    add(&w, 0xc6336400 + number % 200, 4);
    frame_udp(&ends, 1, data, w.len);
}
