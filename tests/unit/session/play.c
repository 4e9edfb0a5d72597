/* SPDX-License-Identifier: BSD-3-Clause */
#include "play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/text.h"
#include "dissectors/tls_keys.h"

enum { OUT_MAX = 16384, PORT_SUBMISSION = 587 };

static void word(struct text *t, bool on, const char *w)
{
    if (on)
        text_format(t, " %s", w);
}

static void write_command(struct text *t, const struct fact_smtp_command *c)
{
    text_format(t, " %s",
                c->verb == SMTP_UNKNOWN_VERB ? "?" : smtp_verb_name((enum smtp_verb)c->verb));
    word(t, c->early, "early");
    word(t, c->pipelined, "pipelined");
}

static void write_fact(struct text *t, const struct fact *f)
{
    text_add(t, f->from == SIDE_DEVICE ? "D" : "S");
    switch (f->kind) {
    case FACT_SMTP_COMMAND:
        write_command(t, &f->command);
        break;
    case FACT_SMTP_REPLY:
        text_format(t, " %u %s", f->reply.code, smtp_step_name((enum smtp_step)f->reply.step));
        break;
    case FACT_SMTP_CAPABILITIES:
        text_add(t, " list");
        word(t, f->capabilities.starttls, "starttls");
        break;
    case FACT_OTHER_PROTOCOL:
        text_format(t, " speaks %s", f->other_protocol.name);
        break;
    case FACT_TLS_ALERT:
        text_format(t, " alert %u", f->alert.code);
        break;
    case FACT_TLS_BROKEN:
        text_add(t, " no TLS");
        word(t, f->tls_broken.smtp_text, "but SMTP");
        break;
    case FACT_POP3_SIGN_IN:
        text_format(t, " sign-in %s",
                    !f->pop3.known     ? "unknown"
                    : f->pop3.accepted ? "accepted"
                                       : "refused");
        break;
    default:
        text_format(t, " %s", fact_kind_name((enum fact_kind)f->kind));
        break;
    }
    word(t, f->origin == ORIGIN_DECRYPTED, "decrypted");
    word(t, f->flags & FACT_AFTER_GAP, "after-gap");
    text_add(t, "\n");
}

static void write_facts(struct text *t, const struct attempt *a)
{
    for (const struct fact *f = timeline_first(a->timeline); f; f = timeline_next(a->timeline, f))
        if (f->kind > FACT_ICMP)
            write_fact(t, f);
    for (unsigned i = 0; i < a->span_count; i++)
        text_format(t, "secret %llu+%u\n", (unsigned long long)a->spans[i].offset, a->spans[i].len);
}

static struct attempt *new_attempt(const struct scene *scene, struct budget *budget)
{
    struct attempt *a = attempt_new(budget);
    if (!a)
        return NULL;
    a->server_port = scene->port ? scene->port : PORT_SUBMISSION;
    a->start_seen = !scene->starts_late;
    struct fact syn = { .kind = FACT_SYN, .from = SIDE_DEVICE };
    struct fact answer = { .kind = FACT_SYN_ACK, .from = SIDE_SERVER };
    if (a->start_seen)
        timeline_add(a->timeline, &syn);
    if (a->start_seen && !scene->device_alone)
        timeline_add(a->timeline, &answer);
    return a;
}

struct stream {
    struct session *session;
    uint32_t frame;
    uint64_t offset[2];
};

/* A copy of its own, so that the sanitizer sees a read beyond its end, and one behind the call. */
static void give(struct stream *s, enum side from, const uint8_t *at, size_t len)
{
    uint8_t *copy = malloc(len > 0 ? len : 1);
    assert_non_null(copy);
    bytes_copy(copy, len, bytes_of(at, len));
    s->frame++;
    struct chunk chunk = { .from = from,
                           .frame = s->frame,
                           .time = s->frame * TIME_MILLISECOND,
                           .offset = s->offset[from],
                           .bytes = bytes_of(copy, len) };
    session_chunk(s->session, &chunk);
    s->offset[from] += len;
    free(copy);
}

static void give_gap(struct stream *s, enum side from, size_t len)
{
    s->frame++;
    struct chunk chunk = { .from = from,
                           .gap = true,
                           .gap_len = len,
                           .frame = s->frame,
                           .time = s->frame * TIME_MILLISECOND,
                           .offset = s->offset[from] };
    session_chunk(s->session, &chunk);
    s->offset[from] += len;
}

static void give_said(struct stream *s, const struct said *said, size_t size, size_t cut)
{
    if (said->gap) {
        give_gap(s, said->from, said->len);
        return;
    }
    const uint8_t *at = said->bytes;
    for (size_t done = 0; done < said->len;) {
        size_t end = done < cut && cut < said->len ? cut : said->len;
        if (size > 0 && end - done > size)
            end = done + size;
        give(s, said->from, at + done, end - done);
        done = end;
    }
}

const char *play_facts(const struct scene *scene, const struct pieces *pieces)
{
    static struct text out;
    text_done(&out);
    text_init(&out, OUT_MAX);
    struct budget budget = { .limit = scene->memory };
    struct tls_keys *keys = scene->keys ? tls_keys_new(NULL) : NULL;
    if (keys)
        assert_int_equal(tls_keys_read_log(keys, bytes_str(scene->keys)), 1);
    mem_fail_at(scene->fail_at);
    struct attempt *a = new_attempt(scene, &budget);
    struct stream s = { .session = a ? session_new(a, &budget, NULL, keys) : NULL };
    if (s.session) {
        for (size_t i = 0; i < scene->count; i++)
            give_said(&s, &scene->said[i], pieces->size, pieces->cut[i]);
        session_end(s.session);
    }
    mem_fail_at(0);
    if (s.session) {
        write_facts(&out, a);
        word(&out, !session_is_mail(s.session), "(not mail)");
        word(&out, a->gaps || timeline_dropped(a->timeline) > 0, "(something is missing)");
    }
    session_free(s.session);
    attempt_free(a);
    tls_keys_free(keys);
    assert_int_equal(budget.used, 0);
    return text_str(&out);
}

void play_expect(const struct scene *scene, const char *expected)
{
    assert_true(scene->count <= SAID_MAX);
    assert_string_equal(play_facts(scene, &(struct pieces) { 0 }), expected);
    assert_string_equal(play_facts(scene, &(struct pieces) { .size = 1 }), expected);
    for (size_t i = 0; i < scene->count; i++) {
        for (size_t at = 1; !scene->said[i].gap && at < scene->said[i].len; at++) {
            struct pieces pieces = { 0 };
            pieces.cut[i] = at;
            assert_string_equal(play_facts(scene, &pieces), expected);
        }
    }
}
