/* SPDX-License-Identifier: BSD-3-Clause */
#include "dissectors/smtp_message.h"

#include "base/limits.h"
#include "dissectors/smtp_command.h"

void message_begin(struct message *m, bool bdat, const struct chunk *chunk)
{
    *m = (struct message) { .active = true,
                            .bdat = bdat,
                            .after_crlf = true,
                            .first_frame = chunk->frame,
                            .last_frame = chunk->frame,
                            .time = chunk->time };
}

bool message_seen(const struct message *m)
{
    return m->active && (m->bytes > 0 || m->line_len > 0 || m->cr || m->false_end || m->gap);
}

static void keep_from(struct message *m, struct budget *budget, struct bytes b)
{
    if (!m->from)
        m->from = mem_alloc(budget, MESSAGE_FROM_MAX);
    for (size_t i = 0; m->from && i < b.len && m->from_len < MESSAGE_FROM_MAX; i++)
        if (b.at[i] != '\r')
            m->from[m->from_len++] = b.at[i];
}

/* Bytes of a header line, the next ones in it: the first From line, folded or not, is kept. */
static void header_bytes(struct message *m, struct budget *budget, struct bytes b)
{
    enum { COLON = 4 }; /* its place in "From:" */
    bool folded = m->head[0] == ' ' || m->head[0] == '\t', reaches = m->line_len + b.len > COLON;
    if (m->line_len == 0 && !folded)
        m->in_from = false;
    if (!folded && !m->from_done && m->line_len <= COLON && reaches &&
        bytes_lower(m->head[0]) == 'f' &&
        bytes_starts_nocase(bytes_of(m->head, m->head_len), "From:"))
        m->in_from = m->from_done = true;
    if (m->in_from)
        keep_from(m, budget,
                  folded || m->line_len > COLON ? b : bytes_after(b, COLON + 1 - m->line_len));
}

/* Bytes of a line, none of them LF, the last perhaps CR. */
static void line_content(struct message *m, struct budget *budget, struct bytes b)
{
    if (m->false_end) { /* it goes on: that dot was content */
        m->false_end = false;
        m->was_false_end = true;
        m->bytes += 2;
    }
    if (m->cr) {
        m->cr = false;
        m->bare_cr = true;
        if (m->head_len < MESSAGE_HEAD)
            m->head[m->head_len++] = '\r';
        if (!m->body)
            header_bytes(m, budget, bytes_str("\r"));
        m->line_len++;
    }
    if (b.at[b.len - 1] == '\r') {
        m->cr = true;
        b.len--;
    }
    m->bare_cr |= bytes_find(b, '\r') >= 0;
    m->head_len = (uint8_t)(m->head_len + bytes_copy(m->head + m->head_len,
                                                     MESSAGE_HEAD - (size_t)m->head_len, b));
    if (!m->body && b.len > 0)
        header_bytes(m, budget, b);
    m->line_len += (uint32_t)(b.len < UINT32_MAX - m->line_len ? b.len : UINT32_MAX - m->line_len);
}

/* The LF came. True at the end of the message. */
static bool line_end(struct message *m)
{
    bool crlf = m->cr, dot = !m->bdat && m->line_len == 1 && m->head[0] == '.';
    bool stuffed = !m->bdat && m->line_len > 1 && m->head[0] == '.';
    bool end = dot && crlf && m->after_crlf;
    m->bare_lf |= !crlf;
    m->false_end = dot && !end;
    m->was_false_end = false;
    if (!dot)
        m->bytes += m->line_len - (stuffed ? 1u : 0u) + (crlf ? 2u : 1u);
    if (m->line_len > m->longest)
        m->longest = m->line_len;
    m->body |= m->line_len == 0;
    m->in_from &= !m->body;
    m->after_crlf = crlf;
    m->cr = false;
    m->line_len = 0;
    m->head_len = 0;
    return end;
}

/* Takes the lines that need no second look, as nearly all do, and returns their bytes: all of each
 * is here, with CR LF its end and no other CR in it, no dot in front, something on it, and no part
 * of a From line. */
static size_t usual_lines(struct message *m, struct bytes b)
{
    if (m->line_len > 0 || m->cr || m->false_end || m->in_from)
        return 0;
    size_t at = 0;
    ptrdiff_t longest = m->longest;
    while (at < b.len) {
        struct bytes rest = bytes_after(b, at);
        ptrdiff_t lf = bytes_find(rest, '\n');
        if (lf < 2 || *rest.at == '.' || (!m->body && bytes_lower(*rest.at) == 'f') ||
            bytes_find(bytes_first(rest, (size_t)lf), '\r') != lf - 1)
            break;
        if (lf - 1 > longest)
            longest = lf - 1;
        at += (size_t)lf + 1;
    }
    if (at > 0) {
        m->bytes += at;
        m->longest = (uint32_t)longest;
        m->after_crlf = true;
        m->was_false_end = false;
    }
    return at;
}

enum message_event message_take(struct message *m, struct budget *budget, const struct chunk *chunk,
                                size_t *at, size_t end, bool commands)
{
    if (*at < end) {
        m->last_frame = chunk->frame;
        m->time = chunk->time;
        m->retransmitted |= chunk->retransmitted;
    }
    while (*at < end) {
        struct bytes rest = bytes_first(bytes_after(chunk->bytes, *at), end - *at);
        if (!commands) {
            size_t usual = usual_lines(m, rest);
            *at += usual;
            rest = bytes_after(rest, usual);
            if (rest.len == 0)
                break;
        }
        ptrdiff_t lf = bytes_find(rest, '\n');
        size_t n = lf < 0 ? rest.len : (size_t)lf;
        if (m->line_len == 0 && !m->cr)
            m->line_frame = chunk->frame;
        if (n > 0) {
            if (commands && m->line_len < MESSAGE_HEAD && n > MESSAGE_HEAD - m->line_len)
                n = MESSAGE_HEAD - m->line_len; /* no further than is needed to tell */
            line_content(m, budget, bytes_first(rest, n));
            *at += n;
            if (commands && m->line_len == MESSAGE_HEAD &&
                smtp_command_is_mail(bytes_of(m->head, m->head_len)))
                return MESSAGE_COMMAND;
            if (n != (size_t)lf)
                continue; /* the LF is not next, or there is none */
        }
        if (commands && m->line_len <= MESSAGE_HEAD &&
            smtp_command_is_leaving(bytes_of(m->head, m->head_len)))
            return MESSAGE_COMMAND;
        *at += 1;
        if (line_end(m))
            return MESSAGE_END;
    }
    return MESSAGE_MORE;
}

void message_gap(struct message *m, uint64_t bytes)
{
    m->gap = true;
    m->bytes += bytes + m->line_len;
    m->false_end = m->cr = m->in_from = false;
    /* the next line may be the final dot: rather an end too early than none */
    m->after_crlf = true;
    m->line_len = 0;
    m->head_len = 0;
}

/* None, where control characters are in it. */
static struct bytes without_controls(struct bytes b)
{
    for (size_t i = 0; i < b.len; i++)
        if (b.at[i] < ' ' || b.at[i] == 0x7F)
            return (struct bytes) { NULL, 0 };
    return b;
}

/* The address in a From line's value: the part in <>, else the word with an @ (RFC 5322 3.4). */
static struct bytes address(struct bytes value)
{
    bool quoted = false;
    for (size_t i = 0; i < value.len; i++) {
        quoted ^= value.at[i] == '"';
        if (quoted || value.at[i] != '<')
            continue;
        struct bytes inside = bytes_after(value, i + 1);
        ptrdiff_t close = bytes_find(inside, '>');
        return close >= 0 ? without_controls(bytes_trim(bytes_first(inside, (size_t)close)))
                          : (struct bytes) { NULL, 0 };
    }
    for (value = bytes_trim(value); value.len > 0;) {
        struct bytes word = smtp_word(&value);
        if (bytes_find(word, '@') >= 0)
            return without_controls(word);
    }
    return (struct bytes) { NULL, 0 };
}

void message_fact(struct message *m, bool complete, struct fact *fact)
{
    if (m->bdat)
        m->bytes += m->line_len + (m->cr ? 1u : 0u);
    if (m->line_len > m->longest)
        m->longest = m->line_len;
    fact->kind = FACT_MESSAGE;
    fact->from = SIDE_DEVICE;
    fact->first_frame = m->first_frame;
    fact->last_frame = m->last_frame;
    fact->time = m->time;
    fact->flags = m->retransmitted ? FACT_RETRANSMITTED : 0;
    fact->message = (struct fact_message) {
        .bytes = m->bytes,
        .longest_line = m->longest,
        .complete = complete,
        .bare_lf = m->bare_lf,
        .bare_cr = m->bare_cr,
        .lf_dot_end = m->false_end,
        .bdat = m->bdat,
        .gap = m->gap,
        .from_header = address(bytes_of(m->from, m->from_len)),
    };
}

void message_done(struct message *m, struct budget *budget)
{
    mem_free(budget, m->from, MESSAGE_FROM_MAX);
    *m = (struct message) { 0 };
}
