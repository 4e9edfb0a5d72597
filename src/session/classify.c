/* SPDX-License-Identifier: BSD-3-Clause */
#include "session/classify.h"

#include "dissectors/tls.h"

bool port_is_mail(uint16_t port)
{
    return port == 25 || port == 465 || port == 587 || port == 2525;
}

bool port_is_pop3(uint16_t port)
{
    return port == PORT_POP3 || port == PORT_POP3_TLS;
}

/* Does b begin with s (1), not (-1), or is it too short to tell (0)? */
static int begins(struct bytes b, const char *s)
{
    if (b.len > 0 && bytes_lower(*b.at) != bytes_lower((uint8_t)*s))
        return -1;
    size_t n = strlen(s);
    size_t have = b.len < n ? b.len : n;
    for (size_t i = 0; i < have; i++)
        if (bytes_lower(b.at[i]) != bytes_lower((uint8_t)s[i]))
            return -1;
    return have == n ? 1 : 0;
}

/* The best answer over a list of beginnings. */
static int begins_any(struct bytes b, const char *const *list, size_t count)
{
    int best = -1;
    for (size_t i = 0; i < count; i++) {
        int now = begins(b, list[i]);
        if (now > best)
            best = now;
    }
    return best;
}

#define BEGINS_ANY(b, list) begins_any((b), (list), sizeof(list) / sizeof *(list))

static const char *const hello_commands[] = { "EHLO", "HELO" };
static const char *const lmtp_hello[] = { "LHLO" };
static const char *const later_commands[] = { "MAIL FROM:", "RCPT TO:", "STARTTLS\r", "STARTTLS\n",
                                              "AUTH ",      "DATA\r",   "DATA\n",     "RSET\r",
                                              "RSET\n",     "QUIT\r",   "QUIT\n",     "NOOP\r",
                                              "BDAT " };
static const char *const other_than_mail[] = { "AUTH TLS", "AUTH SSL" }; /* FTP's (RFC 4217) */

struct signature {
    const char *begins;
    const char *name;
};

static const struct signature device_signatures[] = {
    { "GET ", "HTTP" },     { "POST ", "HTTP" },     { "HEAD ", "HTTP" },
    { "PUT ", "HTTP" },     { "DELETE ", "HTTP" },   { "OPTIONS ", "HTTP" },
    { "CONNECT ", "HTTP" }, { "PROPFIND ", "HTTP" }, { "PRI * HTTP/2", "HTTP" },
    { "SSH-", "SSH" },      { "USER ", "FTP" },      { "FEAT\r", "FTP" },
    { "AUTH TLS", "FTP" },  { "AUTH SSL", "FTP" },
};
static const struct signature server_signatures[] = {
    { "HTTP/", "HTTP" }, { "<!DOCTYPE", "HTTP" },
    { "<html", "HTTP" }, { "SSH-", "SSH" },
    { "* OK", "IMAP" },  { "* PREAUTH", "IMAP" },
    { "* BYE", "IMAP" }, { "+OK", "POP3" },
    { "-ERR", "POP3" },  { "\"IMPLEMENTATION\"", "ManageSieve" },
};

static int named(struct bytes b, const struct signature *list, size_t count, const char **name)
{
    if (b.len > 0 && *b.at >= '0' && *b.at <= '9') /* a reply's first: none of them begins so */
        return -1;
    int best = -1;
    for (size_t i = 0; i < count; i++) {
        int now = begins(b, list[i].begins);
        if (now == 1) {
            *name = list[i].name;
            return 1;
        }
        if (now > best)
            best = now;
    }
    return best;
}

#define NAMED(b, list, name) named((b), (list), sizeof(list) / sizeof *(list), (name))

/* A reply line's beginning, "220 ", "250-": 1, -1, or 0 for too short. */
static int is_reply(struct bytes b)
{
    for (size_t i = 0; i < b.len && i < 3; i++)
        if (b.at[i] < (i == 0 ? '2' : '0') || b.at[i] > (i == 0 ? '5' : '9'))
            return -1;
    if (b.len < 4)
        return 0;
    return b.at[3] == ' ' || b.at[3] == '-' || b.at[3] == '\r' || b.at[3] == '\n' ? 1 : -1;
}

static struct bytes first_line(struct bytes b)
{
    ptrdiff_t end = bytes_find(b, '\n');
    return end < 0 ? b : bytes_first(b, (size_t)end);
}

static bool has_word(struct bytes line, const char *const *words)
{
    for (; *words; words++)
        if (bytes_find_nocase(line, *words) >= 0)
            return true;
    return false;
}

/* Others greet with 220 too, or with 200; their servers nearly always say what they are. */
static const char *greets_as_other(struct bytes b)
{
    static const char *const news[] = { "nntp", "nnrp", "posting", "innd", "news", NULL };
    struct bytes line = first_line(b);
    if (bytes_find_nocase(line, "smtp") >= 0)
        return NULL;
    if (bytes_find_nocase(line, "ftp") >= 0)
        return "FTP";
    if (bytes_find_nocase(bytes_after(line, 4), " lmtp") >= 0) /* no part of the host's name */
        return "LMTP";
    bool nntp = bytes_starts_nocase(b, "200 ") || bytes_starts_nocase(b, "201 ");
    return nntp && has_word(line, news) ? "NNTP" : NULL;
}

/* Nobody says more than hello before the answer. */
static bool goes_on_after_hello(struct bytes device)
{
    ptrdiff_t end = bytes_find(device, '\n');
    return end >= 0 && (size_t)end + 1 < device.len;
}

/* Is there more than the greeting, which nobody had asked for? Then it is a file about SMTP. */
static bool talks_on(struct bytes greeting)
{
    while (greeting.len > 0) {
        ptrdiff_t end = bytes_find(greeting, '\n');
        bool last = greeting.len > 3 && greeting.at[3] != '-';
        if (end < 0)
            return false;
        greeting = bytes_after(greeting, (size_t)end + 1);
        if (last)
            return greeting.len > 0;
    }
    return false;
}

static bool is_tls_record(struct bytes b)
{
    return b.len >= 3 && b.at[0] >= 20 && b.at[0] <= 23 && b.at[1] == 3 && b.at[2] <= 4;
}

static enum spoken classify_mail_port(const struct first_bytes *f, const char **name, enum side *by)
{
    int device_tls = f->device.len > 0 ? tls_looks_like_hello(f->device) : 0;
    if (device_tls == 1)
        return SPOKEN_TLS;
    if (!f->from_start && (is_tls_record(f->device) || is_tls_record(f->server)))
        return SPOKEN_TLS;
    /* who speaks another protocol does not want to hand in mail, whatever the server is */
    int device_other = f->device.len > 0 ? NAMED(f->device, device_signatures, name) : -1;
    if (device_other == 1) {
        *by = SIDE_DEVICE;
        return SPOKEN_OTHER;
    }
    int device_smtp = f->device.len > 0 ? BEGINS_ANY(f->device, hello_commands) : -1;
    int server_other = f->server.len > 0 ? NAMED(f->server, server_signatures, name) : -1;
    if (server_other == 1) {
        *by = SIDE_SERVER;
        return SPOKEN_OTHER;
    }
    int server_smtp = f->server.len > 0 ? is_reply(f->server) : -1;
    /* the word may stand at the end of the line */
    bool greeting_over = bytes_find(f->server, '\n') >= 0 || f->device.len > 0;
    const char *other =
        server_smtp == 1 && greeting_over && device_smtp != 1 ? greets_as_other(f->server) : NULL;
    if (other) {
        *name = other;
        *by = SIDE_SERVER;
        return SPOKEN_OTHER;
    }
    if (device_smtp == 1 || (server_smtp == 1 && greeting_over))
        return SPOKEN_SMTP;
    int device_later = -1;
    if (f->device.len > 0) {
        int later = BEGINS_ANY(f->device, later_commands), lmtp = BEGINS_ANY(f->device, lmtp_hello);
        device_later = later > lmtp ? later : lmtp;
    }
    if (device_later == 1)
        return SPOKEN_SMTP;
    bool wait = (f->device.len > 0 && (device_tls == 0 || device_other == 0 || device_smtp == 0 ||
                                       device_later == 0)) ||
                (f->server.len > 0 && (server_other == 0 || server_smtp >= 0)) ||
                (f->device.len == 0 && f->server.len == 0);
    if (wait)
        return SPOKEN_UNDECIDED;
    /* a server that answers SMTP's port with TLS records before any hello, or bytes of no kind we know */
    return !f->from_start ? SPOKEN_SMTP : SPOKEN_UNNAMED;
}

static enum spoken classify_other_port(const struct first_bytes *f)
{
    int hello = f->device.len > 0 ? BEGINS_ANY(f->device, hello_commands) : 0;
    int reply = f->server.len > 0 ? is_reply(f->server) : 0;
    if (hello == 1) {
        bool file = f->server.len == 0 && f->from_start && goes_on_after_hello(f->device);
        return reply >= 0 && !file ? SPOKEN_SMTP : SPOKEN_NOT_MAIL;
    }
    int later = f->device.len > 0 && !f->from_start && BEGINS_ANY(f->device, other_than_mail) < 1
                    ? BEGINS_ANY(f->device, later_commands)
                    : -1;
    if (later == 1 && reply >= 0)
        return SPOKEN_SMTP;
    if (reply < 0 || (f->device.len > 0 && hello < 0 && later < 0))
        return SPOKEN_NOT_MAIL;
    if (reply == 1 && f->device.len == 0 && bytes_find(f->server, '\n') >= 0) {
        if (greets_as_other(f->server) || talks_on(f->server))
            return SPOKEN_NOT_MAIL;
        if (bytes_starts_nocase(f->server, "220") && bytes_find_nocase(f->server, "smtp") >= 0)
            return SPOKEN_SMTP;
    }
    return SPOKEN_UNDECIDED;
}

enum spoken classify(const struct first_bytes *first, const char **name, enum side *by)
{
    return port_is_mail(first->server_port) ? classify_mail_port(first, name, by)
                                            : classify_other_port(first);
}

const char *classify_server(struct bytes first, bool *more)
{
    const char *name = NULL;
    *more = NAMED(first, server_signatures, &name) == 0;
    return name;
}

bool classify_worth_a_look(struct bytes payload)
{
    return is_reply(payload) >= 0 || BEGINS_ANY(payload, hello_commands) >= 0 ||
           BEGINS_ANY(payload, later_commands) >= 0;
}

bool classify_is_lmtp(struct bytes device)
{
    return BEGINS_ANY(device, lmtp_hello) == 1;
}

bool classify_is_greeting(struct bytes payload)
{
    return begins(payload, "220 ") == 1 || begins(payload, "220-") == 1;
}

bool classify_is_text(struct bytes b)
{
    for (size_t i = 0; i < b.len; i++)
        if ((b.at[i] < 0x20 && b.at[i] != '\r' && b.at[i] != '\n' && b.at[i] != '\t') ||
            b.at[i] == 0x7f)
            return false;
    return true;
}
