/* SPDX-License-Identifier: BSD-3-Clause */
#include "dialogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/text.h"
#include "dissectors/smtp_lists.h"

enum { HELD_MAX = 8192, CHUNK_MAX = 32768, OUT_MAX = 65536 };

struct run {
    struct attempt *attempt;
    struct smtp *smtp;
    struct text *out;
    const struct fact *told; /* the last fact that was written */
    uint64_t offset[2];
    uint32_t frame;
    uint8_t held[HELD_MAX];
    size_t held_len;
    uint64_t held_offset;
    uint32_t held_frame;
    bool over, frames;
};

static void flag(struct text *t, bool on, const char *word)
{
    if (on)
        text_format(t, " %s", word);
}

static void number(struct text *t, const char *word, uint64_t v)
{
    if (v > 0)
        text_format(t, " %s=%llu", word, (unsigned long long)v);
}

static void quote(struct text *t, struct bytes b)
{
    text_add(t, " \"");
    text_wire(t, b, FOR_TERMINAL);
    text_add(t, "\"");
}

static void write_command(struct text *t, const struct fact_smtp_command *c)
{
    text_format(t, " %s",
                c->verb == SMTP_UNKNOWN_VERB ? "?" : smtp_verb_name((enum smtp_verb)c->verb));
    if (c->arg.len > 0)
        quote(t, c->arg);
    number(t, "size", c->size);
    flag(t, c->last, "last");
    flag(t, c->secret, "secret");
    flag(t, c->early, "early");
    flag(t, c->pipelined, "pipelined");
    flag(t, c->bare_lf, "lf");
    flag(t, c->bare_cr, "cr");
}

static void write_reply(struct text *t, const struct fact_smtp_reply *r, bool frames)
{
    text_format(t, " %u %s", r->code, smtp_step_name((enum smtp_step)r->step));
    if (r->verb == SMTP_AUTH_STEP)
        text_add(t, " step");
    else if (r->verb == SMTP_UNKNOWN_VERB)
        text_add(t, " ?");
    else if (*smtp_verb_name((enum smtp_verb)r->verb))
        text_format(t, " %s", smtp_verb_name((enum smtp_verb)r->verb));
    if (r->command_frame > 0 && frames)
        text_format(t, "@%u", r->command_frame);
    if (r->enhanced.class > 0)
        text_format(t, " %u.%u.%u", r->enhanced.class, r->enhanced.subject, r->enhanced.detail);
    quote(t, r->text);
    if (r->lines != 1)
        text_format(t, " lines=%u", r->lines);
    flag(t, r->mixed, "mixed");
}

static void write_capabilities(struct text *t, const struct fact_smtp_capabilities *c)
{
    text_format(t, " caps %u", c->count);
    flag(t, c->esmtp, "esmtp");
    flag(t, c->starttls, "starttls");
    flag(t, c->pipelining, "pipelining");
    flag(t, c->chunking, "chunking");
    flag(t, c->eight_bit, "8bit");
    flag(t, c->smtputf8, "utf8");
    flag(t, c->dsn, "dsn");
    flag(t, c->requiretls, "requiretls");
    flag(t, c->overwritten, "overwritten");
    number(t, "size", c->size);
    flag(t, c->auth_old_form, "auth=");
    if (c->auth)
        quote(t, c->auth_words);
}

static void write_auth(struct text *t, const struct fact_auth *a)
{
    text_add(t, " auth");
    quote(t, a->name);
    flag(t, a->mechanism == AUTH_OTHER, "other");
    flag(t, a->initial_response, "ir");
    flag(t, a->advertised, "advertised");
}

static void write_step(struct text *t, const struct fact_auth_step *a)
{
    text_format(t, " step %u", a->number);
    flag(t, a->cancel, "cancel");
    flag(t, a->empty, "empty");
    flag(t, a->base64, "base64");
    flag(t, a->looks_like_command, "command");
}

static void write_identity(struct text *t, const struct fact_auth_identity *i)
{
    text_add(t, " identity");
    quote(t, i->user);
    flag(t, i->user_has_domain, "domain");
    flag(t, i->user_trailing_blank, "blank");
    flag(t, i->password_known, "password");
    flag(t, i->empty_password, "empty");
    flag(t, i->password_trailing_blank, "password-blank");
}

static void write_message(struct text *t, const struct fact_message *m)
{
    text_format(t, " message %llu", (unsigned long long)m->bytes);
    number(t, "longest", m->longest_line);
    flag(t, m->complete, "complete");
    flag(t, m->bare_lf, "lf");
    flag(t, m->bare_cr, "cr");
    flag(t, m->lf_dot_end, "false-end");
    flag(t, m->bdat, "bdat");
    flag(t, m->gap, "gap");
    if (m->from_header.len > 0)
        quote(t, m->from_header);
}

static void write_fact(struct text *t, const struct fact *f, bool frames)
{
    static const char *const noise[] = { "not-smtp", "too-long", "binary", "tls-record" };
    text_add(t, f->from == SIDE_DEVICE ? "C" : "S");
    switch (f->kind) {
    case FACT_SMTP_COMMAND:
        write_command(t, &f->command);
        break;
    case FACT_SMTP_REPLY:
        write_reply(t, &f->reply, frames);
        break;
    case FACT_SMTP_CAPABILITIES:
        write_capabilities(t, &f->capabilities);
        break;
    case FACT_AUTH:
        write_auth(t, &f->auth);
        break;
    case FACT_AUTH_STEP:
        write_step(t, &f->auth_step);
        break;
    case FACT_AUTH_IDENTITY:
        write_identity(t, &f->identity);
        break;
    case FACT_MESSAGE:
        write_message(t, &f->message);
        break;
    case FACT_SMTP_NOISE:
        text_format(t, " noise %s", noise[f->noise.what]);
        break;
    default:
        text_format(t, " %s", fact_kind_name((enum fact_kind)f->kind));
        break;
    }
    flag(t, f->flags & FACT_CLIPPED, "clipped");
    flag(t, f->flags & FACT_AFTER_GAP, "after-gap");
    text_add(t, "\n");
}

static void write_new_facts(struct run *r)
{
    struct timeline *tl = r->attempt->timeline;
    for (;;) {
        const struct fact *next = r->told ? timeline_next(tl, r->told) : timeline_first(tl);
        if (!next)
            return;
        write_fact(r->out, next, r->frames);
        r->told = next;
    }
}

static void hold(struct run *r, struct bytes b, uint64_t offset, uint32_t frame)
{
    assert_true(r->held_len + b.len <= HELD_MAX);
    if (r->held_len == 0) {
        r->held_offset = offset;
        r->held_frame = frame;
    }
    r->held_len += bytes_copy(r->held + r->held_len, HELD_MAX - r->held_len, b);
}

static struct answer offer(struct run *r, enum side from, struct bytes b, uint64_t offset,
                           uint32_t frame)
{
    /* a copy of its own, so that the sanitizer sees a read beyond its end */
    uint8_t *copy = malloc(b.len > 0 ? b.len : 1);
    bytes_copy(copy, b.len, b);
    struct chunk chunk = { .from = from,
                           .frame = frame,
                           .time = frame,
                           .offset = offset,
                           .bytes = bytes_of(copy, b.len) };
    struct answer answer = smtp_data(r->smtp, &chunk);
    free(copy);
    return answer;
}

static void offer_early(struct run *r)
{
    struct chunk chunk = { .from = SIDE_DEVICE,
                           .frame = r->held_frame,
                           .time = r->held_frame,
                           .offset = r->held_offset,
                           .bytes = bytes_of(r->held, r->held_len) };
    if (r->held_len > 0)
        smtp_early(r->smtp, &chunk);
    r->held_len = 0;
}

static void take(struct run *r, enum side from, struct bytes b, uint64_t offset, uint32_t frame);

static void offer_held(struct run *r)
{
    uint8_t again[HELD_MAX];
    size_t n = bytes_copy(again, sizeof again, bytes_of(r->held, r->held_len));
    uint64_t offset = r->held_offset;
    r->held_len = 0;
    if (n > 0)
        take(r, SIDE_DEVICE, bytes_of(again, n), offset, r->held_frame);
}

/* What the session does with an answer. */
static void take(struct run *r, enum side from, struct bytes b, uint64_t offset, uint32_t frame)
{
    if (r->over)
        return;
    if (from == SIDE_DEVICE && r->held_len > 0) {
        hold(r, b, offset, frame);
        return;
    }
    struct answer answer = offer(r, from, b, offset, frame);
    if (answer.verdict == VERDICT_HOLD)
        hold(r, bytes_after(b, answer.taken), offset + answer.taken, frame);
    if (answer.verdict == VERDICT_HAND_OVER) {
        offer_early(r);
        write_new_facts(r);
        text_format(r->out, "(hand over at %c %llu)\n", from == SIDE_DEVICE ? 'C' : 'S',
                    (unsigned long long)(offset + answer.taken));
        r->over = true;
    }
    if (answer.verdict == VERDICT_GIVE_UP) {
        write_new_facts(r);
        text_add(r->out, "(give up)\n");
        r->over = true;
    }
    if (from == SIDE_SERVER && !r->over)
        offer_held(r);
}

static size_t piece(enum cut cut, size_t left)
{
    size_t n = cut == CUT_BYTES ? 1 : cut == CUT_RANDOM ? 1 + (size_t)rand() % 7 : left;
    return n < left ? n : left;
}

static void feed(struct run *r, enum side from, struct bytes b, enum cut cut)
{
    while (b.len > 0 && !r->over) {
        size_t n = piece(cut, b.len);
        r->frame++;
        take(r, from, bytes_first(b, n), r->offset[from], r->frame);
        r->offset[from] += n;
        b = bytes_after(b, n);
    }
}

static void end_hold(struct run *r)
{
    if (r->held_len == 0 || r->over)
        return;
    smtp_release(r->smtp);
    offer_held(r);
}

static void feed_gap(struct run *r, enum side from, uint64_t len)
{
    struct chunk chunk = { .from = from,
                           .gap = true,
                           .gap_len = len,
                           .frame = ++r->frame,
                           .time = r->frame,
                           .offset = r->offset[from] };
    if (from == SIDE_DEVICE)
        end_hold(r);
    if (!r->over)
        smtp_data(r->smtp, &chunk);
    end_hold(r);
    r->offset[from] += len;
}

static size_t unescape(const char *s, size_t n, uint8_t *out)
{
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] != '\\' || i + 1 == n) {
            out[len++] = (uint8_t)s[i];
            continue;
        }
        char c = s[++i];
        char hex[3] = { 0 };
        if (c == 'x' && i + 2 < n) {
            hex[0] = s[++i];
            hex[1] = s[++i];
        }
        out[len++] = (uint8_t)(c == 'r'   ? '\r'
                               : c == 'n' ? '\n'
                               : c == 't' ? '\t'
                               : c == '0' ? 0
                               : c == 'x' ? strtoul(hex, NULL, 16)
                                          : (unsigned char)c);
    }
    return len;
}

/* Lines of the script; those of one side in a row may become one chunk. */
static void play(struct run *r, const char *script, enum cut cut)
{
    static uint8_t bytes[CHUNK_MAX];
    size_t len = 0;
    enum side from = SIDE_DEVICE;
    for (const char *line = script; *line;) {
        size_t n = strcspn(line, "\n");
        enum side side = line[0] == 'S' ? SIDE_SERVER : SIDE_DEVICE;
        bool words = n > 2 && (line[1] == ':' || line[1] == '-') && line[2] == ' ';
        if (len > 0 && (cut == CUT_LINES || side != from || !words)) {
            feed(r, from, bytes_of(bytes, len), cut);
            len = 0;
        }
        from = side;
        if (words) {
            assert_true(len + n + 2 <= sizeof bytes);
            len += unescape(line + 3, n - 3, bytes + len);
            if (line[1] == ':')
                len += bytes_copy(bytes + len, 2, bytes_str("\r\n"));
        } else if (bytes_starts_nocase(bytes_of(line + 1, n - 1), " gap ")) {
            feed_gap(r, from, strtoull(line + 6, NULL, 10));
        } else if (bytes_equal(bytes_of(line, n), bytes_str("release"))) {
            smtp_release(r->smtp);
            offer_held(r);
        } else {
            fail_msg("not understood: %.*s", (int)n, line);
        }
        line += n + (line[n] == '\n');
    }
    if (len > 0)
        feed(r, from, bytes_of(bytes, len), cut);
}

const char *dialogue_facts(const char *script, enum smtp_start start, enum cut cut, unsigned seed,
                           bool frames)
{
    static struct text outs[2];
    static unsigned turn;
    struct text *out = &outs[turn++ % 2];
    struct budget budget = { 0 };
    text_done(out);
    text_init(out, OUT_MAX);
    srand(seed);
    static struct lists *lists; /* of all dialogues of the test, as in a capture */
    if (!lists)
        lists = lists_new(NULL);
    struct run r = { .attempt = attempt_new(&budget), .out = out, .frames = frames };
    assert_non_null(r.attempt);
    r.smtp = smtp_new(r.attempt, &budget, start);
    assert_non_null(r.smtp);
    smtp_use_lists(r.smtp, lists);
    play(&r, script, cut);
    smtp_end(r.smtp);
    smtp_free(r.smtp);
    write_new_facts(&r);
    for (unsigned i = 0; i < r.attempt->span_count; i++)
        text_format(out, "secret %llu+%u\n", (unsigned long long)r.attempt->spans[i].offset,
                    r.attempt->spans[i].len);
    attempt_free(r.attempt);
    assert_int_equal(budget.used, 0);
    return text_str(out);
}

void expect_facts(const char *script, enum smtp_start start, const char *expected)
{
    assert_string_equal(dialogue_facts(script, start, CUT_LINES, 0, true), expected);
    const char *lines = dialogue_facts(script, start, CUT_LINES, 0, false);
    assert_string_equal(dialogue_facts(script, start, CUT_TURNS, 0, false), lines);
    lines = dialogue_facts(script, start, CUT_LINES, 0, false);
    assert_string_equal(dialogue_facts(script, start, CUT_TURNS, 0, false), lines); /* lists known */
    for (unsigned seed = 0; seed < 10; seed++) {
        lines = dialogue_facts(script, start, CUT_LINES, 0, false);
        assert_string_equal(
            dialogue_facts(script, start, seed == 0 ? CUT_BYTES : CUT_RANDOM, seed, false), lines);
    }
}

void expect(const char *script, const char *expected)
{
    expect_facts(script, SMTP_START_GREETING, expected);
}

void expect_never(const char *script, enum smtp_start start, const char *word)
{
    for (unsigned seed = 0; seed < 5; seed++) {
        const char *facts = dialogue_facts(script, start,
                                           seed == 0   ? CUT_LINES
                                           : seed == 1 ? CUT_TURNS
                                                       : CUT_RANDOM,
                                           seed, false);
        if (bytes_find_nocase(bytes_str(facts), word) >= 0)
            fail_msg("\"%s\" shows in:\n%s", word, facts);
    }
}
