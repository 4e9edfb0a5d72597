/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/limits.h"
#include "dissectors/smtp_state.h"

static void push(struct smtp *s, enum smtp_verb verb, uint32_t frame)
{
    if (!s->early)
        queue_push(&s->queue, s->budget, verb, frame);
}

static void count_strange(struct smtp *s, enum side from)
{
    if (s->strange[from] < UINT8_MAX)
        s->strange[from]++;
}

static void tell_command(struct smtp *s, const struct line *line, const struct smtp_command *c,
                         bool secret)
{
    struct fact f;
    smtp_fact(s, &f, FACT_SMTP_COMMAND, SIDE_DEVICE, line);
    bool waiting = !queue_empty(&s->queue) && !s->greeting_due && s->seen[SIDE_SERVER];
    f.flags = (uint8_t)(f.flags | (c->clipped ? FACT_CLIPPED : 0));
    f.command = (struct fact_smtp_command) {
        .verb = (uint8_t)c->verb,
        .arg = c->arg,
        .bare_lf = line->bare_lf,
        .bare_cr = line->bare_cr,
        .early = s->early || s->greeting_due,
        .secret = secret,
        .size = c->size,
        .last = c->last,
        .pipelined = s->early || waiting || line->offset < s->held_to,
    };
    smtp_tell(s, &f);
}

static bool is_password_word(struct bytes word)
{
    static const char *const words[] = { "USER", "PASS", "APOP", "LOGIN" }; /* of POP3, IMAP */
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (bytes_equal_nocase(word, bytes_str(words[i])))
            return true;
    return false;
}

/* A line that is no command. What it holds is told only where it cannot be a secret, and no more of
 * it than its first word; a reply that repeats it is blanked in any case. */
static void unknown_command(struct smtp *s, const struct line *line, struct smtp_command *c)
{
    bool doubtful = s->auth_seen || s->careful || line->unfinished;
    bool secret = doubtful || is_password_word(c->arg);
    if (doubtful || c->arg.len == 0)
        smtp_keep_secret(s, bytes_trim(line->text), SECRET_ALL_FORMS);
    else
        smtp_keep_secret(s, c->rest, secret ? SECRET_ALL_FORMS : SECRET_AS_IT_IS);
    /* lines of a message that was refused are no one's password, and spans are few */
    if (secret && !s->refused_data)
        smtp_mark_secret(s, line, 0, line->length);
    count_strange(s, SIDE_DEVICE);
    if (s->unknown_run >= SMTP_UNKNOWN_RUN_MAX)
        return;
    s->unknown_run++;
    if (doubtful)
        c->arg = (struct bytes) { NULL, 0 };
    c->clipped = false;
    c->verb = SMTP_UNKNOWN_VERB;
    c->size = 0;
    c->last = false;
    if (secret || (!c->binary && (c->arg.len > 0 || line->text.len == 0)))
        tell_command(s, line, c, secret);
    else
        smtp_noise(s, SIDE_DEVICE, line, c->binary ? NOISE_BINARY : NOISE_NOT_SMTP);
}

static void begin_chunk(struct smtp *s, const struct smtp_command *c, const struct chunk *chunk)
{
    if (!s->message.active)
        message_begin(&s->message, true, chunk);
    s->chunk_left = c->size;
    s->chunk_last = c->last;
    s->mode = MODE_CHUNK;
    if (c->size > 0)
        return;
    s->mode = MODE_COMMAND;
    if (c->last)
        smtp_message_over(s, true);
}

/* What a command changes, and what its reply will answer. */
static void apply(struct smtp *s, const struct line *line, const struct smtp_command *c,
                  const struct chunk *chunk)
{
    enum smtp_verb verb = c->verb;
    if (verb != SMTP_BDAT && verb != SMTP_NOOP && s->message.active)
        smtp_message_over(s, false); /* BDATs without their LAST */
    switch (c->verb) {
    case SMTP_STARTTLS:
        s->starttls_sent = s->starttls_possible = true;
        s->released = false;
        break;
    case SMTP_AUTH:
        s->starttls_possible = false;
        break;
    case SMTP_MAIL:
        s->starttls_possible = false;
        break;
    case SMTP_DATA:
        message_begin(&s->message, false, chunk);
        s->mode = MODE_MESSAGE;
        s->tentative = true;
        s->replied = false;
        break;
    case SMTP_BDAT:
    case SMTP_BURL:
        verb = c->last ? SMTP_MESSAGE_END : c->verb;
        break;
    default:
        break;
    }
    push(s, verb, line->last_frame);
    if (c->verb == SMTP_BDAT)
        begin_chunk(s, c, chunk);
}

static void known_command(struct smtp *s, const struct line *line, const struct smtp_command *c,
                          const struct chunk *chunk)
{
    bool url = c->verb == SMTP_BURL && c->rest.len > 0;
    bool secret = url || (c->verb == SMTP_AUTH && c->initial.len > 0);
    /* not at the outcome already: a last word after it may still repeat one */
    smtp_forget_secrets(s);
    if (url) {
        smtp_mark_secret(s, line, line->text.len - c->rest.len, c->rest.len);
        smtp_keep_secret(s, c->rest, SECRET_ALL_FORMS);
    }
    s->known_command = true;
    s->said_lhlo |= c->verb == SMTP_LHLO;
    s->said_hello |= c->verb == SMTP_EHLO || c->verb == SMTP_HELO;
    s->unknown_run = 0;
    s->careful = s->refused_data = s->tls_due = s->tls_noise[SIDE_DEVICE] = false;
    tell_command(s, line, c, secret);
    if (!s->early)
        apply(s, line, c, chunk);
    if (c->verb == SMTP_AUTH)
        smtp_auth_command(s, line, c);
}

static void too_long(struct smtp *s, const struct line *line)
{
    if (s->mode == MODE_AUTH || s->auth_seen || s->careful)
        smtp_mark_secret(s, line, 0, line->length);
    if (s->exchange)
        s->exchange->malformed = true;
    smtp_keep_secret(s, line->text, SECRET_AS_IT_IS);
    smtp_noise(s, SIDE_DEVICE, line, NOISE_LINE_TOO_LONG);
    if (!s->careful)
        push(s, s->mode == MODE_AUTH ? SMTP_AUTH_STEP : SMTP_UNKNOWN_VERB, line->last_frame);
}

/* Is this line to be taken for the command that it looks like? */
static bool is_believed(const struct smtp *s, const struct line *line, const struct smtp_command *c)
{
    if (c->verb == SMTP_UNKNOWN_VERB)
        return false;
    if (s->refused_data) /* the message may come all the same, with lines like "Help me" */
        return c->strict && s->server_spoke;
    if (s->careful || line->resumed || line->unfinished || s->tls_noise[SIDE_DEVICE])
        return c->strict;
    return true;
}

void smtp_device_line(struct smtp *s, const struct line *line, const struct chunk *chunk)
{
    struct smtp_command c;
    if (line->too_long && line->length <= SMTP_LINE_MAX) {
        smtp_line_lost(s, SIDE_DEVICE, line);
        return;
    }
    bool answers = s->mode == MODE_AUTH && !s->early;
    if (answers && !line->too_long && !smtp_command_may_be(line->text)) {
        smtp_auth_answer(s, line, SMTP_UNKNOWN_VERB);
        push(s, SMTP_AUTH_STEP, line->last_frame);
        s->server_spoke = false;
        return;
    }
    smtp_command_read(line->text, &c);
    bool long_line = line->too_long || (line->text.len > SMTP_LINE_MAX && s->mode != MODE_AUTH &&
                                        c.verb != SMTP_AUTH);
    if (long_line) {
        too_long(s, line);
    } else if (answers && smtp_auth_line(s, line, &c)) {
        push(s, SMTP_AUTH_STEP, line->last_frame);
    } else if (is_believed(s, line, &c)) {
        known_command(s, line, &c, chunk);
    } else if (s->tls_noise[SIDE_DEVICE]) { /* more of it, most likely */
        if (!c.binary)
            smtp_keep_secret(s, line->text, SECRET_ALL_FORMS);
    } else {
        bool answered = !s->careful && !line->resumed;
        unknown_command(s, line, &c);
        if (answered)
            push(s, SMTP_UNKNOWN_VERB, line->last_frame);
    }
    s->server_spoke = false;
}
