/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/limits.h"
#include "dissectors/smtp_state.h"

struct smtp *smtp_new(struct attempt *attempt, struct budget *budget, enum smtp_start start)
{
    struct smtp *s = mem_alloc(budget, sizeof *s);
    if (!s)
        return NULL;
    s->attempt = attempt;
    s->budget = budget;
    s->starttls_possible = start != SMTP_START_AFTER_TLS;
    s->careful = s->pairs_lost = s->tls_due = start == SMTP_START_MIDDLE;
    if (start == SMTP_START_GREETING) {
        s->greeting_due = true;
        queue_push(&s->queue, budget, SMTP_NO_VERB, 0);
    }
    return s;
}

void smtp_use_lists(struct smtp *s, struct lists *lists)
{
    s->lists = lists;
}

void smtp_free(struct smtp *s)
{
    if (!s)
        return;
    for (int side = 0; side < 2; side++)
        lines_release(&s->lines[side], s->budget);
    if (s->exchange)
        mem_wipe(s->exchange, sizeof *s->exchange);
    mem_free(s->budget, s->exchange, sizeof *s->exchange);
    mem_free(s->budget, s->reply, sizeof *s->reply);
    secrets_wipe(&s->secrets, s->budget);
    message_done(&s->message, s->budget);
    queue_clear(&s->queue, s->budget);
    mem_free(s->budget, s, sizeof *s);
}

static enum origin origin_of(const struct smtp *s)
{
    return s->decrypted ? ORIGIN_DECRYPTED : ORIGIN_SEEN;
}

void smtp_fact(const struct smtp *s, struct fact *fact, enum fact_kind kind, enum side from,
               const struct line *line)
{
    unsigned flags = (s->gap[from] ? FACT_AFTER_GAP : 0u) |
                     (line->retransmitted ? FACT_RETRANSMITTED : 0u) |
                     (line->unfinished ? FACT_CLIPPED : 0u);
    fact->kind = (uint8_t)kind;
    fact->origin = (uint8_t)origin_of(s);
    fact->from = (uint8_t)from;
    fact->flags = (uint8_t)flags;
    fact->first_frame = line->first_frame;
    fact->last_frame = line->last_frame;
    fact->time = line->time;
}

void smtp_tell(struct smtp *s, const struct fact *fact)
{
    timeline_add(s->attempt->timeline, fact);
}

void smtp_noise(struct smtp *s, enum side from, const struct line *line, enum smtp_noise what)
{
    if (s->noise[from] >= SMTP_NOISE_MAX)
        return;
    s->noise[from]++;
    struct fact f;
    smtp_fact(s, &f, FACT_SMTP_NOISE, from, line);
    f.noise = (struct fact_smtp_noise) { (uint8_t)what };
    smtp_tell(s, &f);
}

void smtp_mark_secret(struct smtp *s, const struct line *line, size_t at, size_t len)
{
    attempt_mark_secret(s->attempt, SIDE_DEVICE, line->offset + at, (uint32_t)len, line->decrypted);
}

void smtp_keep_secret(struct smtp *s, struct bytes secret, enum secret_forms forms)
{
    if (!secrets_keep(&s->secrets, s->budget, secret, forms))
        s->secrets_lost = true;
}

void smtp_forget_secrets(struct smtp *s)
{
    bool in_doubt = s->careful || s->pairs_lost || s->tls_noise[SIDE_DEVICE];
    if (in_doubt || !queue_empty(&s->queue))
        return;
    secrets_wipe(&s->secrets, s->budget);
    s->secrets_lost = false;
}

void smtp_message_over(struct smtp *s, bool complete)
{
    if (message_seen(&s->message) || (s->message.active && complete)) {
        struct fact f = { 0 };
        message_fact(&s->message, complete, &f);
        f.origin = (uint8_t)origin_of(s);
        f.flags = (uint8_t)(f.flags | (s->gap[SIDE_DEVICE] ? FACT_AFTER_GAP : 0));
        smtp_tell(s, &f);
    }
    message_done(&s->message, s->budget);
    s->tentative = s->replied = false;
    if (s->mode == MODE_MESSAGE || s->mode == MODE_CHUNK)
        s->mode = MODE_COMMAND;
}

/* A line of the message at hand turned out to be a command: its beginning goes to the lines. */
static void leave_message(struct smtp *s, const struct chunk *chunk)
{
    struct message *m = &s->message;
    uint8_t head[MESSAGE_HEAD + 1];
    size_t n = bytes_copy(head, MESSAGE_HEAD, bytes_of(m->head, m->head_len));
    if (m->cr)
        head[n++] = '\r';
    uint32_t frame = m->line_frame;
    bool ended = m->was_false_end; /* nobody answers here, but that dot was the end */
    m->false_end = ended;
    m->bytes -= ended ? 2 : 0;
    m->line_len = 0;
    m->cr = false;
    smtp_message_over(s, ended);
    lines_begin_with(&s->lines[SIDE_DEVICE], s->budget, bytes_of(head, n), chunk, frame);
}

/* RFC 5321 4.1.1.4: up to the final dot. */
static void message_bytes(struct smtp *s, const struct chunk *chunk, size_t *at)
{
    struct message *m = &s->message;
    bool after_false_end = m->false_end || m->was_false_end;
    bool first_line = m->bytes == 0 && !after_false_end;
    bool commands =
        s->replied || (after_false_end && !s->seen[SIDE_SERVER]) || (s->tentative && first_line);
    /* line by line where a command may stand, since each line changes what may follow */
    enum message_event event;
    if (!commands && s->seen[SIDE_SERVER]) {
        event = message_take(m, s->budget, chunk, at, chunk->bytes.len, false);
    } else {
        ptrdiff_t lf = bytes_find(bytes_after(chunk->bytes, *at), '\n');
        size_t end = lf < 0 ? chunk->bytes.len : *at + (size_t)lf + 1;
        event = message_take(m, s->budget, chunk, at, end, commands);
    }
    if (event == MESSAGE_COMMAND) {
        leave_message(s, chunk);
    } else if (event == MESSAGE_END) {
        queue_push(&s->queue, s->budget, SMTP_MESSAGE_END, chunk->frame);
        smtp_message_over(s, true);
    }
}

static void chunk_over(struct smtp *s)
{
    s->mode = MODE_COMMAND;
    if (s->chunk_last)
        smtp_message_over(s, true);
}

/* RFC 3030: so many bytes, whatever they are. */
static void chunk_bytes(struct smtp *s, const struct chunk *chunk, size_t *at)
{
    size_t left = chunk->bytes.len - *at, n = left < s->chunk_left ? left : s->chunk_left;
    message_take(&s->message, s->budget, chunk, at, *at + n, false);
    s->chunk_left -= (uint32_t)n;
    if (s->chunk_left == 0)
        chunk_over(s);
}

/* RFC 8446 5.1's content types, and for a device what an SSLv2-style hello begins with. */
static bool begins_tls(enum side from, uint8_t b)
{
    return (b >= 0x14 && b <= 0x17) || (from == SIDE_DEVICE && b >= 0x80);
}

/* A TLS record where clear text is spoken: told once, as soon as its first two bytes are there. */
static bool tls_record_here(struct smtp *s, const struct chunk *chunk, size_t at)
{
    struct lines *l = &s->lines[chunk->from];
    uint8_t first[2];
    if (!l->begun && !begins_tls(chunk->from, chunk->bytes.at[at]))
        return false; /* text, nearly always */
    if (lines_peek(l, bytes_after(chunk->bytes, at), first) < 2 ||
        (first[0] != 0x15 && first[0] != 0x16) || first[1] != 3)
        return false;
    struct line line = { .first_frame = l->begun ? l->first_frame : chunk->frame,
                         .last_frame = chunk->frame,
                         .time = chunk->time,
                         .retransmitted = chunk->retransmitted };
    if (!s->tls_noise[chunk->from]) {
        smtp_noise(s, chunk->from, &line, NOISE_TLS_RECORD);
        if (chunk->from == SIDE_DEVICE && !s->early)
            queue_push(&s->queue, s->budget, SMTP_UNKNOWN_VERB,
                       chunk->frame); /* answered as such */
    }
    s->tls_noise[chunk->from] = true;
    lines_pass_over(l, s->budget);
    return true;
}

static bool at_line_start(const struct smtp *s, enum side from)
{
    return !s->lines[from].begun && (from == SIDE_SERVER ? !s->reply : s->mode == MODE_COMMAND);
}

/* Does the server begin a capability list here, with nothing before it that is not done with? */
static bool may_list(const struct smtp *s, const struct chunk *chunk)
{
    const struct lines *l = &s->lines[SIDE_SERVER];
    return !l->begun && !l->swallow_lf && !l->resumed && !s->reply && lists_may_be(chunk->bytes);
}

/* One line (or a part of one) of either side. */
static enum verdict line_bytes(struct smtp *s, const struct chunk *chunk, size_t *at)
{
    enum side from = chunk->from;
    struct lines *l = &s->lines[from];
    if (s->tls_due && at_line_start(s, from) && begins_tls(from, chunk->bytes.at[*at])) {
        s->tls_due = s->starttls_sent = false;
        return VERDICT_HAND_OVER;
    }
    if (s->mode == MODE_COMMAND || from == SIDE_SERVER)
        (void)tls_record_here(s, chunk, *at);
    if (from == SIDE_SERVER && *at == 0) {
        enum verdict verdict;
        s->listing = s->lists && may_list(s, chunk);
        if (s->listing && smtp_server_listed(s, chunk, &verdict)) {
            *at = chunk->bytes.len;
            return verdict;
        }
    }
    struct line line;
    size_t limit = from == SIDE_DEVICE ? SMTP_AUTH_LINE_MAX : SMTP_LINE_MAX;
    enum verdict verdict = VERDICT_OK;
    if (!lines_next(l, s->budget, chunk, at, limit, &line))
        return VERDICT_OK;
    if (from == SIDE_SERVER)
        verdict = smtp_server_line(s, &line, chunk);
    else
        smtp_device_line(s, &line, chunk);
    lines_release(l, s->budget);
    return verdict;
}

static bool is_alien(const struct smtp *s)
{
    const uint8_t *strange = s->strange;
    return !s->known_command && !s->known_reply &&
           ((strange[SIDE_DEVICE] > 0 && strange[SIDE_SERVER] > 0) ||
            strange[SIDE_SERVER] >= SMTP_STRANGE_MAX);
}

/* The other side's line that ended in CR alone is over once this side speaks. */
static void flush_other(struct smtp *s, const struct chunk *chunk)
{
    enum side other = side_other(chunk->from);
    struct line line;
    if (other == SIDE_DEVICE && (s->mode == MODE_MESSAGE || s->mode == MODE_CHUNK))
        return;
    if (chunk->frame < s->lines[other].last_frame) /* held, and older than that line */
        return;
    if (!lines_flush_cr(&s->lines[other], &line))
        return;
    if (other == SIDE_DEVICE)
        smtp_device_line(s, &line, chunk);
    else if (smtp_server_line(s, &line, chunk) == VERDICT_HAND_OVER)
        s->tls_due = true;
    lines_release(&s->lines[other], s->budget);
}

static void device_gap(struct smtp *s, uint64_t len)
{
    struct lines *l = &s->lines[SIDE_DEVICE];
    if (l->begun && !l->silent && (s->mode == MODE_AUTH || s->auth_seen))
        attempt_mark_secret(s->attempt, SIDE_DEVICE, l->offset, l->length, l->decrypted);
    lines_gap(l, s->budget);
    s->pairs_lost = true;
    if (s->mode == MODE_MESSAGE) {
        message_gap(&s->message, len);
    } else if (s->mode == MODE_CHUNK && len > 0 && len <= s->chunk_left) {
        message_gap(&s->message, len);
        s->chunk_left -= (uint32_t)len;
        if (s->chunk_left == 0)
            chunk_over(s);
    } else if (s->mode == MODE_CHUNK) {
        message_gap(&s->message, s->chunk_left);
        smtp_message_over(s, false);
        s->careful = true;
    } else if (s->mode == MODE_AUTH) {
        if (s->exchange)
            s->exchange->lost = true;
    } else {
        s->careful = true;
    }
}

static void server_gap(struct smtp *s)
{
    lines_gap(&s->lines[SIDE_SERVER], s->budget);
    if (s->reply)
        s->reply->torn = s->reply->mixed = true;
    queue_clear(&s->queue, s->budget);
    s->pairs_lost = true;
    s->greeting_due = s->starttls_sent = false;
    s->held_to = 0;
    if (s->exchange)
        s->exchange->asked = false;
}

static void bytes_missing(struct smtp *s, enum side from, uint64_t len)
{
    if (from == SIDE_DEVICE)
        device_gap(s, len);
    else
        server_gap(s);
}

static struct answer gap(struct smtp *s, const struct chunk *chunk)
{
    s->gap[chunk->from] = true;
    s->tls_due |= s->starttls_possible;
    if (chunk->from == SIDE_SERVER)
        smtp_server_torn(s);
    bytes_missing(s, chunk->from, chunk->gap_len);
    return (struct answer) { VERDICT_OK, 0 };
}

void smtp_line_lost(struct smtp *s, enum side from, const struct line *line)
{
    if (from == SIDE_DEVICE && (s->mode == MODE_AUTH || s->auth_seen || s->careful))
        smtp_mark_secret(s, line, 0, line->length);
    s->attempt->gaps = s->gap[from] = true;
    s->listing = false;
    s->tls_due |= s->starttls_possible;
    bytes_missing(s, from, line->length);
}

static bool is_holding(const struct smtp *s, const struct chunk *chunk)
{
    return chunk->from == SIDE_DEVICE && s->starttls_sent && !s->released;
}

struct answer smtp_data(struct smtp *s, const struct chunk *chunk)
{
    if (s->gave_up)
        return (struct answer) { VERDICT_GIVE_UP, 0 };
    if (chunk->gap)
        return gap(s, chunk);
    if (chunk->bytes.len == 0)
        return (struct answer) { VERDICT_OK, 0 };
    s->decrypted = chunk->origin == ORIGIN_DECRYPTED;
    s->seen[chunk->from] = true;
    if (!is_holding(s, chunk))
        flush_other(s, chunk);
    if (is_alien(s)) {
        s->gave_up = true;
        return (struct answer) { VERDICT_GIVE_UP, 0 };
    }
    size_t at = 0;
    while (at < chunk->bytes.len) {
        enum verdict verdict = VERDICT_OK;
        if (is_holding(s, chunk)) {
            s->held_to = chunk->offset + chunk->bytes.len;
            return (struct answer) { VERDICT_HOLD, at };
        }
        if (chunk->from == SIDE_DEVICE && s->mode == MODE_MESSAGE)
            message_bytes(s, chunk, &at);
        else if (chunk->from == SIDE_DEVICE && s->mode == MODE_CHUNK)
            chunk_bytes(s, chunk, &at);
        else
            verdict = line_bytes(s, chunk, &at);
        if (is_alien(s)) {
            s->gave_up = true;
            verdict = VERDICT_GIVE_UP;
        }
        if (verdict != VERDICT_OK)
            return (struct answer) { verdict, at };
    }
    return (struct answer) { VERDICT_OK, at };
}

void smtp_early(struct smtp *s, const struct chunk *chunk)
{
    if (s->gave_up || chunk->gap)
        return;
    s->early = true;
    for (size_t at = 0; at < chunk->bytes.len;) {
        struct line line;
        (void)tls_record_here(s, chunk, at);
        if (!lines_next(&s->lines[SIDE_DEVICE], s->budget, chunk, &at, SMTP_AUTH_LINE_MAX, &line))
            continue;
        smtp_device_line(s, &line, chunk);
        lines_release(&s->lines[SIDE_DEVICE], s->budget);
    }
    s->early = false;
}

void smtp_release(struct smtp *s)
{
    if (s->starttls_sent)
        s->released = s->tls_due = true;
    s->held_to = 0;
}

bool smtp_was_lmtp(const struct smtp *s)
{
    return s->said_lhlo && !s->said_hello;
}

void smtp_end(struct smtp *s)
{
    struct line line;
    if (!s->gave_up && s->mode != MODE_MESSAGE && s->mode != MODE_CHUNK &&
        lines_end(&s->lines[SIDE_DEVICE], &line)) {
        struct chunk none = { .from = SIDE_DEVICE, .frame = line.last_frame, .time = line.time };
        s->careful = true; /* half a line is no word to quote */
        smtp_device_line(s, &line, &none);
    }
    if (!s->gave_up)
        smtp_server_end(s);
    if (s->message.active)
        smtp_message_over(s, s->message.false_end);
    smtp_auth_over(s);
    for (int side = 0; side < 2; side++)
        lines_release(&s->lines[side], s->budget);
    secrets_wipe(&s->secrets, s->budget);
}

bool smtp_reply_due(const struct smtp *s)
{
    return !queue_empty(&s->queue) || (s->mode == MODE_MESSAGE && s->message.false_end);
}
