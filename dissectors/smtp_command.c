/* SPDX-License-Identifier: BSD-3-Clause */
#include "dissectors/smtp_command.h"

#include "base/limits.h"

enum { WORD_MAX = 20 }; /* RFC 4422 3.1: a mechanism has at most 20 characters; verbs are shorter */

/* What may stand behind a verb; each reads c->rest and says whether it is written strictly. */
typedef bool grammar(struct smtp_command *c);

uint32_t smtp_number(struct bytes b, size_t *digits)
{
    uint64_t v = 0;
    size_t n = 0;
    for (; n < b.len && b.at[n] >= '0' && b.at[n] <= '9'; n++)
        v = v > UINT32_MAX ? v : v * 10 + (uint64_t)(b.at[n] - '0');
    *digits = n;
    return v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

/* Lines are looked through eight bytes at a time where nothing of note is among them. */
enum { EIGHT = 8 };
#define EACH_BYTE (UINT64_MAX / UINT8_MAX)

static bool is_blank(uint8_t b)
{
    return b <= ' ' && (b == ' ' || b == '\t'); /* most bytes are told by the first */
}

/* The top bit of each of eight bytes that is less than limit, which is at most 0x80. */
static uint64_t below(uint64_t eight, uint8_t limit)
{
    return (eight - EACH_BYTE * limit) & ~eight & EACH_BYTE << 7;
}

static uint64_t eight_at(const uint8_t *at)
{
    uint64_t v;
    bytes_copy(&v, sizeof v, bytes_of(at, sizeof v));
    return v;
}

struct bytes smtp_word(struct bytes *b)
{
    struct bytes all = *b;
    size_t n = 0;
    while (all.len - n >= EIGHT && !below(eight_at(all.at + n), ' ' + 1))
        n += EIGHT;
    while (n < all.len && !is_blank(all.at[n]))
        n++;
    size_t next = n;
    while (next < all.len && is_blank(all.at[next]))
        next++;
    *b = bytes_after(all, next);
    return bytes_first(all, n);
}

struct bytes smtp_clip(struct bytes b, size_t max)
{
    if (b.len <= max)
        return b;
    size_t n = max;
    for (size_t back = 0; back < 3 && n > 0 && (b.at[n] & 0xC0) == 0x80; back++)
        n--;
    return bytes_first(b, n);
}

static void set_arg(struct smtp_command *c, struct bytes arg)
{
    c->arg = smtp_clip(arg, SMTP_ARG_MAX);
    c->clipped = c->arg.len < arg.len;
}

static bool bare(struct smtp_command *c)
{
    return c->rest.len == 0;
}

static bool any(struct smtp_command *c)
{
    set_arg(c, c->rest);
    return false;
}

/* EHLO, HELO, LHLO: one name. */
static bool host(struct smtp_command *c)
{
    struct bytes rest = c->rest, name = smtp_word(&rest);
    set_arg(c, c->rest);
    return name.len > 0 && rest.len == 0;
}

static bool path(struct smtp_command *c, const char *keyword)
{
    bool strict = bytes_starts_nocase(c->rest, keyword);
    set_arg(c, strict ? bytes_trim(bytes_after(c->rest, strlen(keyword))) : c->rest);
    return strict;
}

/* RFC 1870: MAIL FROM:<...> SIZE=n */
static bool from(struct smtp_command *c)
{
    struct bytes rest = c->rest;
    while (rest.len > 0) {
        struct bytes parameter = smtp_word(&rest);
        size_t digits;
        if (bytes_starts_nocase(parameter, "SIZE="))
            c->size = smtp_number(bytes_after(parameter, 5), &digits);
    }
    return path(c, "FROM:");
}

static bool to(struct smtp_command *c)
{
    return path(c, "TO:");
}

/* RFC 3030: BDAT n [LAST] */
static bool chunk(struct smtp_command *c)
{
    struct bytes rest = c->rest, number = smtp_word(&rest);
    size_t digits;
    c->size = smtp_number(number, &digits);
    c->last = bytes_equal_nocase(bytes_trim(rest), bytes_str("LAST"));
    return digits > 0 && digits == number.len && (rest.len == 0 || c->last);
}

/* RFC 4468: BURL url [LAST]; the URL holds a token, so it is not told. */
static bool url(struct smtp_command *c)
{
    struct bytes rest = c->rest;
    (void)smtp_word(&rest);
    c->last = bytes_equal_nocase(bytes_trim(rest), bytes_str("LAST"));
    return false;
}

static bool is_upper(uint8_t b)
{
    return b >= 'A' && b <= 'Z';
}
static bool is_lower(uint8_t b)
{
    return b >= 'a' && b <= 'z';
}

/* A short word of letters in one case (or with a capital), digits, hyphens: what base64 hardly
 * looks like. */
static bool is_plain_word(struct bytes w)
{
    size_t upper = 0, lower = 0;
    if (w.len == 0 || w.len > WORD_MAX)
        return false;
    for (size_t i = 0; i < w.len; i++) {
        bool other = (w.at[i] >= '0' && w.at[i] <= '9') || w.at[i] == '-' || w.at[i] == '_';
        upper += is_upper(w.at[i]);
        lower += is_lower(w.at[i]);
        if (!other && !is_upper(w.at[i]) && !is_lower(w.at[i]))
            return false;
    }
    bool one_case = upper == 0 || lower == 0 || (upper == 1 && is_upper(w.at[0]));
    return upper + lower > 0 && one_case;
}

/* RFC 4954 4 */
static bool auth(struct smtp_command *c)
{
    struct bytes rest = c->rest, word = smtp_word(&rest);
    bool known = auth_mechanism_from(word) != AUTH_OTHER;
    c->mechanism = known || is_plain_word(word) ? word : (struct bytes) { NULL, 0 };
    /* where the mechanism is forgotten, the secret comes first */
    c->initial = c->mechanism.len > 0 ? rest : c->rest;
    return known && word.len > 0;
}

/* How long verbs are; most lines of an AUTH exchange are told apart by that. */
enum { VERB_LENGTHS = 1 << 4 | 1 << 7 | 1 << 8, VERB_MAX = 8 };

#define WORD(word)                                                                                 \
    {                                                                                              \
        (const uint8_t *)(word), sizeof(word) - 1                                                  \
    }
static const struct {
    struct bytes word;
    enum smtp_verb verb;
    grammar *read;
} verbs[] = {
    /* those of each conversation first */
    { WORD("EHLO"), SMTP_EHLO, host },      { WORD("MAIL"), SMTP_MAIL, from },
    { WORD("RCPT"), SMTP_RCPT, to },        { WORD("DATA"), SMTP_DATA, bare },
    { WORD("QUIT"), SMTP_QUIT, bare },      { WORD("AUTH"), SMTP_AUTH, auth },
    { WORD("HELO"), SMTP_HELO, host },      { WORD("STARTTLS"), SMTP_STARTTLS, bare },
    { WORD("RSET"), SMTP_RSET, bare },      { WORD("NOOP"), SMTP_NOOP, bare },
    { WORD("BDAT"), SMTP_BDAT, chunk },     { WORD("LHLO"), SMTP_LHLO, host },
    { WORD("VRFY"), SMTP_VRFY, any },       { WORD("EXPN"), SMTP_EXPN, any },
    { WORD("HELP"), SMTP_HELP, any },       { WORD("ETRN"), SMTP_ETRN, any },
    { WORD("XCLIENT"), SMTP_XCLIENT, any }, { WORD("BURL"), SMTP_BURL, url },
};

/* Without NULs, spaces and tabs at both ends: a CR NUL is a telnet line end. */
static struct bytes trim(struct bytes b)
{
    struct bytes before;
    if (b.len > 0 && *b.at > ' ' && b.at[b.len - 1] > ' ')
        return b;
    do {
        before = b;
        b = bytes_trim(b);
        while (b.len > 0 && *b.at == 0)
            b = bytes_after(b, 1);
        while (b.len > 0 && b.at[b.len - 1] == 0)
            b.len--;
    } while (b.len < before.len);
    return b;
}

/* Is one of these eight bytes a control character, tab too? */
static bool any_control(const uint8_t *at)
{
    uint64_t v = eight_at(at), del = v ^ EACH_BYTE * 0x7F; /* a byte of which is 0 where DEL was */
    return (below(v, ' ') | below(del, 1)) != 0;
}

static bool is_binary(struct bytes b)
{
    size_t i = 0;
    while (b.len - i >= EIGHT && !any_control(b.at + i))
        i += EIGHT;
    if (i > 0 && b.len - i < EIGHT && !any_control(b.at + b.len - EIGHT))
        return false; /* the rest was among the last eight */
    for (; i < b.len; i++)
        if ((b.at[i] < ' ' && b.at[i] != '\t') || b.at[i] == 0x7F)
            return true;
    return false;
}

void smtp_command_read(struct bytes line, struct smtp_command *c)
{
    const struct bytes none = { NULL, 0 };
    c->verb = SMTP_UNKNOWN_VERB;
    c->strict = c->clipped = c->last = false;
    c->arg = c->mechanism = c->initial = none;
    c->size = 0;
    line = trim(line);
    c->binary = is_binary(line);
    c->rest = line;
    struct bytes word = smtp_word(&c->rest);
    bool may_be = word.len <= VERB_MAX && (VERB_LENGTHS >> word.len & 1) != 0;
    for (size_t i = 0; may_be && i < sizeof verbs / sizeof *verbs; i++)
        if (bytes_equal_nocase(word, verbs[i].word)) {
            c->verb = verbs[i].verb;
            c->strict = verbs[i].read(c) && !c->binary;
            return;
        }
    if (!c->binary && is_plain_word(word))
        c->arg = word;
}

bool smtp_command_may_be(struct bytes line)
{
    for (size_t i = 0; i <= VERB_MAX; i++)
        if (i == line.len || line.at[i] <= ' ')
            return true;
    return false;
}

bool smtp_command_is_mail(struct bytes beginning)
{
    return bytes_starts_nocase(beginning, "MAIL FROM:");
}

bool smtp_command_is_leaving(struct bytes line)
{
    return bytes_equal_nocase(line, bytes_str("QUIT")) ||
           bytes_equal_nocase(line, bytes_str("RSET"));
}
