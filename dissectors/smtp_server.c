/* SPDX-License-Identifier: BSD-3-Clause */
/* The server's lines: replies, which command each answers, and what it changes. */
#include "base/base64.h"
#include "base/limits.h"
#include "dissectors/smtp_state.h"

/* Codes that answer nothing but these commands: where pairs got out of step, they mend them. */
static const struct sure_answer {
    uint16_t code;
    uint8_t verb, or_verb;
    bool nothing_else; /* without such a command it answers none */
} sure_answers[] = {
    { 354, SMTP_DATA, SMTP_NO_VERB, true },
    { 334, SMTP_AUTH, SMTP_AUTH_STEP, true },
    { 235, SMTP_AUTH, SMTP_AUTH_STEP, true },
    { 221, SMTP_QUIT, SMTP_NO_VERB, false }, /* some servers say goodbye to whatever they tire of */
};

static const struct sure_answer *sure_answer(uint16_t code)
{
    for (size_t i = 0; i < sizeof sure_answers / sizeof *sure_answers; i++)
        if (sure_answers[i].code == code)
            return &sure_answers[i];
    return NULL;
}

/* What a reply answers when the command was not seen. */
static enum smtp_verb guess(const struct smtp *s, const struct reply *reply)
{
    static const struct {
        uint16_t code;
        uint8_t verb;
    } codes[] = {
        { 334, SMTP_AUTH }, { 235, SMTP_AUTH }, { 535, SMTP_AUTH }, { 534, SMTP_AUTH },
        { 538, SMTP_AUTH }, { 354, SMTP_DATA }, { 221, SMTP_QUIT },
    };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].code == reply->code)
            return (enum smtp_verb)codes[i].verb;
    if (reply->code == 220)
        return s->known_reply && !s->decrypted ? SMTP_STARTTLS : SMTP_NO_VERB;
    if (reply->code != 250)
        return SMTP_UNKNOWN_VERB;
    if (reply->capabilities.esmtp && reply->capabilities.count > 0)
        return SMTP_EHLO;
    const struct smtp_enhanced *e = &reply->enhanced; /* RFC 3463: 2.1.0 sender, 2.1.5 recipient */
    if (e->class == 2 && e->subject == 1)
        return e->detail == 0 ? SMTP_MAIL : e->detail == 5 ? SMTP_RCPT : SMTP_UNKNOWN_VERB;
    return SMTP_UNKNOWN_VERB;
}

struct pair {
    enum smtp_verb verb;
    enum smtp_step step;
    uint32_t frame;
};

static struct pair pair_of(const struct pending *p)
{
    return (struct pair) { (enum smtp_verb)p->verb, smtp_step_of((enum smtp_verb)p->verb),
                           p->frame };
}

static struct pair unasked(const struct smtp *s, const struct reply *reply)
{
    struct pair pair = { SMTP_NO_VERB, STEP_UNASKED, 0 };
    bool entering = reply->code == 334 || reply->code == 354;
    if (s->refused_data)
        return (struct pair) { SMTP_UNKNOWN_VERB, STEP_OTHER,
                               0 }; /* to a line that was no command */
    if (s->tentative && s->mode == MODE_MESSAGE && (reply->code == 354 || reply->code >= 400))
        return (struct pair) { SMTP_DATA, STEP_DATA, 0 };
    if (!entering && !s->pairs_lost && s->seen[SIDE_DEVICE])
        return pair;
    enum smtp_verb verb = guess(s, reply);
    if (verb != SMTP_UNKNOWN_VERB)
        pair = (struct pair) { verb, smtp_step_of(verb), 0 };
    return pair;
}

/* Takes the command that this reply answers out of the queue. */
static struct pair take_pair(struct smtp *s, const struct reply *reply)
{
    struct pending first;
    bool due = queue_first(&s->queue, &first);
    const struct sure_answer *sure =
        due && first.verb != SMTP_UNKNOWN_VERB ? sure_answer(reply->code) : NULL;
    if (sure) {
        bool found =
            queue_skip_to(&s->queue, (enum smtp_verb)sure->verb, (enum smtp_verb)sure->or_verb);
        if (reply->code == 221 && !found && s->pairs_lost) /* its QUIT was not seen */
            return (struct pair) { SMTP_QUIT, STEP_QUIT, 0 };
        due = found || !sure->nothing_else;
        (void)queue_first(&s->queue, &first);
    }
    if (!due)
        return unasked(s, reply);
    queue_pop(&s->queue);
    struct pair pair = pair_of(&first);
    bool quit = reply->code == 221 && pair.step == STEP_AUTH && s->exchange && s->exchange->quit;
    if (quit)
        pair = (struct pair) { SMTP_QUIT, STEP_QUIT, first.frame };
    return pair;
}

/* A reply while a message is on its way and none is due: the message ended where that cannot be
 * seen, or the server does not wait for its end. */
static void answer_message(struct smtp *s, const struct reply *reply)
{
    struct message *m = &s->message;
    if (s->mode != MODE_MESSAGE || !queue_empty(&s->queue) || s->tentative)
        return;
    bool refused = reply->code >= 400 && reply->code != 421;
    if (!m->false_end && !m->gap && s->seen[SIDE_DEVICE] && !refused) {
        s->replied = true;
        return;
    }
    queue_push(&s->queue, s->budget, SMTP_MESSAGE_END, s->seen[SIDE_DEVICE] ? m->last_frame : 0);
    if (m->false_end || m->gap || !s->seen[SIDE_DEVICE]) {
        s->careful = m->gap;
        smtp_message_over(s, m->false_end);
    } else {
        s->replied = true;
    }
}

static void tell_reply(struct smtp *s, struct reply *reply, const struct line *line,
                       const struct pair *pair)
{
    struct fact f;
    smtp_fact(s, &f, FACT_SMTP_REPLY, SIDE_SERVER, line);
    f.first_frame = reply->first_frame;
    unsigned flags = f.flags | (reply->retransmitted ? FACT_RETRANSMITTED : 0u);
    f.flags = (uint8_t)(flags | (reply->text_clipped || line->unfinished ? FACT_CLIPPED : 0u));
    f.reply = (struct fact_smtp_reply) {
        .code = reply->code,
        .step = (uint8_t)pair->step,
        .verb = (uint8_t)pair->verb,
        .mixed = reply->mixed,
        .enhanced = reply->enhanced,
        .lines = reply->lines,
        .command_frame = pair->frame,
        .text = bytes_of(reply->text, reply->text_len),
    };
    smtp_tell(s, &f);
    bool listed = pair->verb == SMTP_EHLO || pair->verb == SMTP_LHLO ||
                  (pair->verb == SMTP_HELO && reply->lines > 1);
    if (!listed || reply->code != 250)
        return;
    f.kind = FACT_SMTP_CAPABILITIES;
    f.flags = (uint8_t)(flags | (reply->words_clipped ? FACT_CLIPPED : 0u));
    f.capabilities = reply->capabilities;
    f.capabilities.auth_words = bytes_of(reply->words, reply->words_len);
    smtp_tell(s, &f);
    s->mechanisms = reply->capabilities.mechanisms;
    s->starttls_possible &= reply->capabilities.starttls || reply->torn;
}

/* RFC 7628 3.2.2: the refusal of a token is an object in base64, readable once decoded. */
static void decode_error_object(struct smtp *s, struct reply *reply)
{
    enum auth_mechanism m = s->exchange ? (enum auth_mechanism)s->exchange->mechanism : AUTH_NONE;
    if (m != AUTH_XOAUTH2 && m != AUTH_OAUTHBEARER)
        return;
    uint8_t decoded[SMTP_REPLY_TEXT_MAX];
    bool valid;
    size_t n =
        base64_decode(decoded, sizeof decoded, bytes_of(reply->text, reply->text_len), &valid);
    if (n > 0 && decoded[0] == '{')
        reply->text_len =
            (uint16_t)bytes_copy(reply->text, sizeof reply->text, bytes_of(decoded, n));
}

static void blank(struct smtp *s, struct reply *reply)
{
    if (reply->code == 334)
        decode_error_object(s, reply);
    bool may_quote = reply->code >= 500 && reply->code <= 503;
    if (!may_quote)
        s->body_read = false;
    /* what it quotes may be a line that was not seen, and that a secret */
    bool heard =
        s->seen[SIDE_DEVICE] || (s->attempt->start_seen && s->attempt->direction[SIDE_DEVICE].seen);
    bool unseen = may_quote && (!heard || s->gap[SIDE_DEVICE]);
    if (s->secrets_lost || s->body_read || unseen)
        reply->text_len = (uint16_t)bytes_copy(reply->text, sizeof reply->text, bytes_str("***"));
    if (s->secrets)
        reply->text_len = (uint16_t)secrets_blank(s->secrets, reply->text, reply->text_len);
}

static void auth_answered(struct smtp *s, uint16_t code)
{
    if (code == 334) {
        smtp_auth_asked(s);
        return;
    }
    s->auth_seen = true;
    smtp_auth_over(s);
    /* what the device sent on without waiting was taken for commands */
    queue_rename(&s->queue, SMTP_AUTH_STEP, SMTP_UNKNOWN_VERB);
}

static void data_answered(struct smtp *s, uint16_t code)
{
    bool waiting = s->mode == MODE_MESSAGE && s->tentative;
    s->tentative = false;
    if (code < 400) /* 354; what others say by mistake is taken for it */
        return;
    if (!waiting && !queue_skip_to(&s->queue, SMTP_MESSAGE_END, SMTP_NO_VERB))
        return; /* the device had gone on to another command by itself */
    s->careful = s->refused_data = true;
    s->body_read = !waiting || message_seen(&s->message);
    if (waiting)
        smtp_message_over(s, false);
    else
        queue_clear(&s->queue, s->budget); /* all of the message was taken for commands */
}

/* What the reply changes. */
static enum verdict apply(struct smtp *s, const struct pair *pair, uint16_t code,
                          const struct chunk *chunk)
{
    s->greeting_due = false;
    if (pair->step == STEP_AUTH || code == 334)
        auth_answered(s, code);
    if (pair->step == STEP_QUIT)
        smtp_auth_over(s);
    if (pair->verb == SMTP_DATA)
        data_answered(s, code);
    if (code == 354 && pair->frame == 0 && s->mode == MODE_COMMAND) { /* the DATA was not seen */
        if (s->message.active)
            smtp_message_over(s, false);
        message_begin(&s->message, false, chunk);
        s->mode = MODE_MESSAGE;
        s->careful = s->refused_data = false;
    }
    if (pair->frame == 0 && code == 220 && (pair->verb == SMTP_STARTTLS || s->pairs_lost))
        s->tls_due = true; /* a guess: what comes next decides */
    else if (!s->seen[SIDE_DEVICE])
        s->tls_due = false;
    if (pair->verb != SMTP_STARTTLS || !s->starttls_sent)
        return VERDICT_OK;
    s->starttls_sent = s->released = s->tls_due = false;
    return code == 220 ? VERDICT_HAND_OVER : VERDICT_OK;
}

/* A challenge, for whoever checks a password against the exchange; before anything in it is
 * blanked. */
static void keep_challenge(struct smtp *s, const struct reply *reply)
{
    uint8_t decoded[SMTP_REPLY_TEXT_MAX];
    bool valid;
    if (!s->attempt->sign_ins || !s->exchange)
        return;
    size_t n =
        base64_decode(decoded, sizeof decoded, bytes_of(reply->text, reply->text_len), &valid);
    if (valid && !reply->text_clipped && !reply->mixed)
        sign_ins_message(s->attempt->sign_ins, SIDE_SERVER, bytes_of(decoded, n));
    else if (s->exchange->mechanism != AUTH_LOGIN &&
             s->exchange->mechanism != AUTH_PLAIN) /* these are mere prompts */
        sign_ins_lost(s->attempt->sign_ins);
}

static enum verdict complete(struct smtp *s, struct reply *reply, const struct line *line,
                             const struct chunk *chunk)
{
    if (reply->code == 334)
        keep_challenge(s, reply);
    blank(s, reply);
    answer_message(s, reply);
    struct pair pair = take_pair(s, reply);
    if (pair.step == STEP_AUTH && reply->code != 334 && s->mode == MODE_AUTH)
        smtp_auth_over(s); /* its identity belongs before the outcome */
    tell_reply(s, reply, line, &pair);
    s->known_reply = true;
    return apply(s, &pair, reply->code, chunk);
}

static void reply_free(struct smtp *s)
{
    mem_free(s->budget, s->reply, sizeof *s->reply);
    s->reply = NULL;
}

/* A line without a code inside a reply belongs to it; anywhere else it is no SMTP. */
static void strange_line(struct smtp *s, const struct line *line)
{
    struct smtp_command c;
    if (s->reply && !line->too_long) {
        reply_add_text(s->reply, line);
        return;
    }
    if (line->resumed || s->tls_noise[SIDE_SERVER])
        return;
    smtp_command_read(line->text, &c);
    if (s->strange[SIDE_SERVER] < UINT8_MAX)
        s->strange[SIDE_SERVER]++;
    smtp_noise(s, SIDE_SERVER, line,
               line->too_long ? NOISE_LINE_TOO_LONG
               : c.binary     ? NOISE_BINARY
                              : NOISE_NOT_SMTP);
}

/* A reply whose end does not come. */
static void unfinished(struct smtp *s)
{
    struct reply *reply = s->reply;
    if (!reply)
        return;
    struct line line = { .last_frame = reply->last_frame, .time = reply->time, .unfinished = true };
    struct chunk none = { .from = SIDE_SERVER, .frame = reply->last_frame, .time = reply->time };
    reply->mixed = true;
    (void)complete(s, reply, &line, &none);
    reply_free(s);
}

bool smtp_server_listed(struct smtp *s, const struct chunk *chunk, enum verdict *verdict)
{
    struct reply reply;
    if (!lists_find(s->lists, chunk->bytes, &reply))
        return false;
    struct line last = { .last_frame = chunk->frame,
                         .first_frame = chunk->frame,
                         .time = chunk->time,
                         .retransmitted = chunk->retransmitted,
                         .decrypted = chunk->origin == ORIGIN_DECRYPTED };
    reply.first_frame = reply.last_frame = chunk->frame;
    reply.time = chunk->time;
    reply.retransmitted = chunk->retransmitted;
    s->server_spoke = true;
    *verdict = complete(s, &reply, &last, chunk);
    return true;
}

/* The answer to EHLO, all of this chunk and nothing else: the next one like it need not be read. */
static void keep_list(struct smtp *s, const struct reply *reply, const struct line *line,
                      const struct chunk *chunk)
{
    struct pending first;
    bool whole = line->offset + line->length + 2 == chunk->offset + chunk->bytes.len;
    if (whole && reply->lines > 1 && queue_first(&s->queue, &first) && first.verb == SMTP_EHLO)
        lists_keep(s->lists, chunk->bytes, reply);
    s->listing = false;
}

enum verdict smtp_server_line(struct smtp *s, const struct line *line, const struct chunk *chunk)
{
    struct reply_line r;
    s->server_spoke = true;
    s->listing &= !line->too_long;
    if (line->too_long && line->length <= SMTP_LINE_MAX) {
        smtp_line_lost(s, SIDE_SERVER, line);
        return VERDICT_OK;
    }
    if (!reply_line_read(line->text, &r)) {
        strange_line(s, line);
        return VERDICT_OK;
    }
    if (s->reply && s->reply->torn && s->reply->code != r.code)
        unfinished(s);
    if (r.more) {
        if (!s->reply)
            s->reply = mem_alloc(s->budget, sizeof *s->reply);
        if (s->reply)
            reply_add(s->reply, &r, line);
        else
            smtp_line_lost(s, SIDE_SERVER, line);
        return VERDICT_OK;
    }
    struct reply alone, *reply = s->reply ? s->reply : &alone;
    if (!s->reply)
        reply_begin(&alone);
    reply_add(reply, &r, line);
    if (s->listing)
        keep_list(s, reply, line, chunk);
    enum verdict verdict = complete(s, reply, line, chunk);
    reply_free(s);
    return verdict;
}

void smtp_server_torn(struct smtp *s)
{
    enum { CODE_AND_SEPARATOR = 4 };
    struct line line;
    struct reply_line r;
    if (!lines_end(&s->lines[SIDE_SERVER], &line) || line.text.len < CODE_AND_SEPARATOR ||
        !reply_line_read(line.text, &r))
        return;
    line.unfinished = true;
    struct chunk none = { .from = SIDE_SERVER, .frame = line.last_frame, .time = line.time };
    if (smtp_server_line(s, &line, &none) == VERDICT_HAND_OVER)
        s->tls_due = true;
}

void smtp_server_end(struct smtp *s)
{
    struct line line;
    struct reply_line r;
    if (lines_end(&s->lines[SIDE_SERVER], &line) && reply_line_read(line.text, &r)) {
        struct chunk none = { .from = SIDE_SERVER, .frame = line.last_frame, .time = line.time };
        struct reply alone, *reply = s->reply ? s->reply : &alone;
        if (!s->reply)
            reply_begin(&alone);
        reply_add(reply, &r, &line);
        reply->mixed = true;
        (void)complete(s, reply, &line, &none);
        reply_free(s);
    }
    unfinished(s);
}
