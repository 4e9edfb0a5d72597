/* SPDX-License-Identifier: BSD-3-Clause */
#include "dissectors/smtp_reply.h"

#include "base/cursor.h"
#include "dissectors/smtp_command.h"

static bool is_digit(uint8_t b)
{
    return b >= '0' && b <= '9';
}

static bool is_alnum(uint8_t b)
{
    return is_digit(b) || (bytes_lower(b) >= 'a' && bytes_lower(b) <= 'z');
}

/* "." and one to three digits; 1000 where there are none. */
static uint16_t read_part(struct cursor *c)
{
    size_t digits;
    if (cursor_u8(c) != '.')
        return 1000;
    uint32_t v = smtp_number(bytes_of(c->at, cursor_left(c)), &digits);
    cursor_skip(c, digits);
    return digits > 0 && digits <= 3 ? (uint16_t)v : 1000;
}

/* RFC 2034: class.subject.detail in front of the text; its class is the code's first digit, but
 * for servers that mix up 4 and 5. Takes it off the text. */
static struct smtp_enhanced read_enhanced(uint16_t code, struct bytes *text)
{
    struct smtp_enhanced e = { 0 }, none = { 0 };
    if (text->len < 2 || text->at[1] != '.') /* most lines of a capability list */
        return none;
    struct cursor c = cursor_of(*text);
    e.class = (uint8_t)(cursor_u8(&c) - '0');
    e.subject = read_part(&c);
    e.detail = read_part(&c);
    if (!cursor_ok(&c) || e.subject > 999 || e.detail > 999)
        return none;
    bool fits = e.class == code / 100 || (code >= 400 && (e.class == 4 || e.class == 5));
    uint8_t behind = cursor_peek(&c);
    if (!fits || e.class < 2 || e.class == 3 || is_alnum(behind))
        return none;
    struct bytes rest = bytes_of(c.at, cursor_left(&c));
    if (behind == '.' && rest.len > 1 && is_digit(rest.at[1]))
        return none; /* the beginning of an IP address */
    *text =
        bytes_trim(behind == ' ' || behind == '\t' || rest.len == 0 ? rest : bytes_after(rest, 1));
    return e;
}

bool reply_line_read(struct bytes line, struct reply_line *r)
{
    while (line.len > 0 && *line.at == 0)
        line = bytes_after(line, 1);
    struct cursor c = cursor_of(line);
    struct bytes code = cursor_bytes(&c, 3);
    struct bytes rest = cursor_rest(&c);
    uint8_t behind = rest.len > 0 ? *rest.at : 0;
    if (!cursor_ok(&c) || code.at[0] < '2' || code.at[0] > '5' || !is_digit(code.at[1]) ||
        !is_digit(code.at[2]) || is_digit(behind))
        return false;
    r->code = (uint16_t)((code.at[0] - '0') * 100 + (code.at[1] - '0') * 10 + (code.at[2] - '0'));
    r->more = behind == '-';
    r->odd = rest.len > 0 && behind != '-' && behind != ' ' && behind != '\t';
    r->text = r->keyword = bytes_trim(r->odd ? rest : bytes_after(rest, 1));
    r->enhanced = read_enhanced(r->code, &r->text);
    return true;
}

void reply_begin(struct reply *reply)
{
    reply->lines = reply->text_len = 0;
    reply->words_len = 0;
    reply->mixed = reply->retransmitted = reply->torn = false;
    reply->text_clipped = reply->words_clipped = false;
    reply->enhanced.class = 0;
    reply->capabilities = (struct fact_smtp_capabilities) { 0 };
}

static void add_text(struct reply *reply, struct bytes text)
{
    size_t space = reply->text_len > 0 && text.len > 0 ? 1 : 0;
    size_t room = SMTP_REPLY_TEXT_MAX - (size_t)reply->text_len;
    reply->text_clipped |= room < text.len + space;
    if (room <= space)
        return;
    if (space > 0)
        reply->text[reply->text_len++] = ' ';
    text = smtp_clip(text, room - space);
    reply->text_len =
        (uint16_t)(reply->text_len + bytes_copy(reply->text + reply->text_len, room - space, text));
}

static bool has_word(const struct reply *reply, struct bytes word)
{
    struct bytes rest = bytes_of(reply->words, reply->words_len);
    while (rest.len > 0)
        if (bytes_equal_nocase(smtp_word(&rest), word))
            return true;
    return false;
}

static void add_mechanism(struct reply *reply, struct bytes word)
{
    reply->capabilities.mechanisms |= AUTH_BIT(auth_mechanism_from(word));
    size_t space = reply->words_len > 0 ? 1 : 0,
           room = SMTP_AUTH_WORDS_MAX - (size_t)reply->words_len;
    if (has_word(reply, word))
        return;
    if (room < word.len + space) {
        reply->words_clipped = true;
        return;
    }
    if (space > 0)
        reply->words[reply->words_len++] = ' ';
    for (size_t i = 0; i < word.len; i++) {
        uint8_t b = word.at[i];
        reply->words[reply->words_len++] = (uint8_t)(b >= 'a' && b <= 'z' ? b - ('a' - 'A') : b);
    }
}

static void read_auth(struct reply *reply, struct bytes rest)
{
    reply->capabilities.auth = true;
    while (rest.len > 0) {
        struct bytes word = smtp_word(&rest);
        if (word.len > 0)
            add_mechanism(reply, word);
    }
}

static void read_size(struct reply *reply, struct bytes rest)
{
    size_t digits;
    reply->capabilities.size = smtp_number(rest, &digits);
}

#define WORD(word)                                                                                 \
    {                                                                                              \
        (const uint8_t *)(word), sizeof(word) - 1                                                  \
    }
#define FLAG(word, member)                                                                         \
    {                                                                                              \
        WORD(word), offsetof(struct fact_smtp_capabilities, member), NULL                          \
    }
static const struct {
    struct bytes word;
    size_t flag; /* where in the capabilities; 0 = none */
    void (*read)(struct reply *, struct bytes);
} keywords[] = {
    /* those of most servers first */
    { WORD("SIZE"), 0, read_size },
    FLAG("PIPELINING", pipelining),
    FLAG("8BITMIME", eight_bit),
    { WORD("AUTH"), 0, read_auth },
    FLAG("STARTTLS", starttls),
    { WORD("ENHANCEDSTATUSCODES"), 0, NULL },
    FLAG("DSN", dsn),
    FLAG("CHUNKING", chunking),
    FLAG("SMTPUTF8", smtputf8),
    { WORD("VRFY"), 0, NULL },
    { WORD("ETRN"), 0, NULL },
    { WORD("HELP"), 0, NULL },
    { WORD("EXPN"), 0, NULL },
    { WORD("BINARYMIME"), 0, NULL },
    FLAG("REQUIRETLS", requiretls),
};

/* How long keywords are: servers' names and the texts of other replies seldom are. */
enum {
    KEYWORD_LENGTHS = 1 << 3 | 1 << 4 | 1 << 8 | 1 << 10 | 1 << 19,
    KEYWORD_MAX = 19,
};

/* A firewall writes X (or *) over a keyword that it does not want: XXXXXXXA, ********. */
static bool is_overwritten(struct bytes word)
{
    size_t n = 0;
    while (n < word.len && (word.at[n] == '*' || bytes_lower(word.at[n]) == 'x'))
        n++;
    return n >= 4 && (n == word.len || (n == word.len - 1 && is_alnum(word.at[n])));
}

/* One line of an EHLO reply (RFC 5321 4.1.1.1); its first line is a name and no keyword, except in
 * servers that leave the name out. */
static void read_keyword(struct reply *reply, struct bytes rest, bool first)
{
    struct bytes line = rest, word = smtp_word(&rest);
    struct fact_smtp_capabilities *caps = &reply->capabilities;
    bool may_be = word.len <= KEYWORD_MAX && (KEYWORD_LENGTHS >> word.len & 1) != 0;
    for (size_t i = 0; may_be && i < sizeof keywords / sizeof *keywords; i++) {
        if (!bytes_equal_nocase(word, keywords[i].word))
            continue;
        if (keywords[i].read)
            keywords[i].read(reply, rest);
        if (keywords[i].flag > 0)
            *((bool *)caps + keywords[i].flag) = true;
        caps->esmtp = true;
        caps->count++;
        return;
    }
    if (bytes_starts_nocase(word, "AUTH=")) { /* the form of a draft, and of old devices' servers */
        caps->auth_old_form = caps->esmtp = true;
        read_auth(reply, bytes_after(line, 5));
        caps->count++;
        return;
    }
    if (first || word.len == 0)
        return;
    caps->overwritten |= is_overwritten(word);
    caps->count++;
}

static void note_place(struct reply *reply, const struct line *line)
{
    reply->last_frame = line->last_frame;
    reply->time = line->time;
    reply->retransmitted |= line->retransmitted;
}

void reply_add(struct reply *reply, const struct reply_line *r, const struct line *line)
{
    bool first = reply->lines == 0;
    if (first)
        reply->first_frame = line->first_frame;
    reply->mixed |= r->odd || line->bare_cr || (!first && r->code != reply->code);
    note_place(reply, line);
    reply->code = r->code;
    if (reply->enhanced.class == 0)
        reply->enhanced = r->enhanced;
    if (reply->lines < UINT16_MAX)
        reply->lines++;
    add_text(reply, r->text);
    bool no_keyword = first && r->enhanced.class > 0; /* "2.1.0 Ok" lists nothing */
    if (r->code == 250 && !no_keyword) {
        reply->capabilities.esmtp |= !first;
        if (reply->capabilities.count < UINT16_MAX)
            read_keyword(reply, r->keyword, first);
    }
}

void reply_add_text(struct reply *reply, const struct line *line)
{
    reply->mixed = true;
    note_place(reply, line);
    if (reply->lines < UINT16_MAX)
        reply->lines++;
    add_text(reply, bytes_trim(line->text));
}

enum smtp_step smtp_step_of(enum smtp_verb verb)
{
    static const uint8_t steps[SMTP_VERBS] = {
        [SMTP_NO_VERB] = STEP_GREETING,  [SMTP_EHLO] = STEP_EHLO,
        [SMTP_HELO] = STEP_EHLO,         [SMTP_LHLO] = STEP_EHLO,
        [SMTP_STARTTLS] = STEP_STARTTLS, [SMTP_AUTH] = STEP_AUTH,
        [SMTP_MAIL] = STEP_MAIL,         [SMTP_RCPT] = STEP_RCPT,
        [SMTP_DATA] = STEP_DATA,         [SMTP_BDAT] = STEP_DATA,
        [SMTP_RSET] = STEP_RSET,         [SMTP_NOOP] = STEP_OTHER,
        [SMTP_QUIT] = STEP_QUIT,         [SMTP_VRFY] = STEP_OTHER,
        [SMTP_EXPN] = STEP_OTHER,        [SMTP_HELP] = STEP_OTHER,
        [SMTP_ETRN] = STEP_OTHER,        [SMTP_XCLIENT] = STEP_OTHER,
        [SMTP_BURL] = STEP_DATA,         [SMTP_UNKNOWN_VERB] = STEP_OTHER,
        [SMTP_AUTH_STEP] = STEP_AUTH,    [SMTP_MESSAGE_END] = STEP_END,
    };
    return (unsigned)verb < SMTP_VERBS ? (enum smtp_step)steps[verb] : STEP_OTHER;
}
