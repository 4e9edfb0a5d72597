/* SPDX-License-Identifier: BSD-3-Clause */
/* The pipeline on frames made by hand: what comes out, in which order, and what is left when memory ends anywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "engine/engine.h"
#include "report/json.h"
#include "report/text_report.h"

enum { SIDE_D, SIDE_S, FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };
enum { FRAME_MAX = 600, HEADS = 14 + 20 + 20, MEMORY = 8 << 20 };

/* Frames of TCP connections, as a capture would hold them. */
struct wire {
    struct batch batch;
    uint8_t store[BATCH_FRAMES][FRAME_MAX];
    uint32_t seq[2];
    uint16_t port, server_port;
    int64_t now;
};

static void put16(uint8_t *at, uint16_t v)
{
    at[0] = (uint8_t)(v >> 8);
    at[1] = (uint8_t)v;
}

static void put32(uint8_t *at, uint32_t v)
{
    put16(at, (uint16_t)(v >> 16));
    put16(at + 2, (uint16_t)v);
}

static void send_bytes(struct wire *w, int side, uint8_t flags, struct bytes data)
{
    static const uint8_t addr[2][4] = { { 192, 0, 2, 30 }, { 203, 0, 113, 25 } };
    uint8_t *f = w->store[w->batch.count];
    assert_true(w->batch.count < BATCH_FRAMES && HEADS + data.len <= FRAME_MAX);
    for (size_t i = 0; i < HEADS; i++)
        f[i] = 0;
    f[5] = side == SIDE_D ? 2 : 1;
    f[11] = side == SIDE_D ? 1 : 2;
    put16(f + 12, 0x0800);
    f[14] = 0x45;
    put16(f + 16, (uint16_t)(40 + data.len));
    put16(f + 18, (uint16_t)(w->batch.count + 1));
    f[22] = 64;
    f[23] = 6;
    bytes_copy(f + 26, 4, bytes_of(addr[side], 4));
    bytes_copy(f + 30, 4, bytes_of(addr[1 - side], 4));
    put16(f + 34, side == SIDE_D ? w->port : w->server_port);
    put16(f + 36, side == SIDE_D ? w->server_port : w->port);
    put32(f + 38, w->seq[side]);
    put32(f + 42, flags & ACK ? w->seq[1 - side] : 0);
    f[46] = 0x50;
    f[47] = flags;
    put16(f + 48, 64240);
    bytes_copy(f + HEADS, FRAME_MAX - HEADS, data);
    uint32_t len = (uint32_t)(HEADS + data.len);
    w->batch.frames[w->batch.count] = (struct frame){ .bytes = bytes_of(f, len), .time = w->now, .number = (uint32_t)w->batch.count + 1,
                                                     .wire_len = len, .link_type = 1, .time_digits = 6 };
    w->batch.count++;
    w->now += 10 * TIME_MILLISECOND;
    w->seq[side] += (uint32_t)data.len + ((flags & SYN) != 0) + ((flags & FIN) != 0);
}

static void say(struct wire *w, int side, const char *text)
{
    send_bytes(w, side, PSH | ACK, bytes_str(text));
}

static void begin(struct wire *w, uint16_t port, uint16_t server_port)
{
    w->port = port;
    w->server_port = server_port;
    w->seq[0] = 1000u + port;
    w->seq[1] = 0xfffffff0u; /* wraps */
    struct bytes none = { NULL, 0 };
    send_bytes(w, SIDE_D, SYN, none);
    send_bytes(w, SIDE_S, SYN | ACK, none);
    send_bytes(w, SIDE_D, ACK, none);
}

static void end(struct wire *w)
{
    struct bytes none = { NULL, 0 };
    send_bytes(w, SIDE_D, FIN | ACK, none);
    send_bytes(w, SIDE_S, FIN | ACK, none);
    send_bytes(w, SIDE_D, ACK, none);
}

static void refused_sign_in(struct wire *w)
{
    begin(w, 40001, 587);
    say(w, SIDE_S, "220 mail.example.jp ESMTP\r\n");
    say(w, SIDE_D, "EHLO doorphone\r\n");
    say(w, SIDE_S, "250-mail.example.jp\r\n250 AUTH PLAIN LOGIN\r\n");
    say(w, SIDE_D, "AUTH PLAIN AGRvb3IAc2VjcmV0d29yZA==\r\n");
    say(w, SIDE_S, "535 5.7.8 Authentication failed\r\n");
    say(w, SIDE_D, "QUIT\r\n");
    say(w, SIDE_S, "221 2.0.0 Bye\r\n");
    end(w);
}

static void refused_version(struct wire *w)
{
    /* with the server's address where a name belongs */
    static const uint8_t hello[] = { 22, 3, 1, 0, 68, 1, 0, 0, 64, 3, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                     22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 0, 0, 2, 0, 47, 1, 0,
                                     0, 21, 0, 0, 0, 17, 0, 15, 0, 0, 12, '2', '0', '3', '.', '0', '.', '1', '1', '3', '.', '2', '5' };
    static const uint8_t alert[] = { 21, 3, 1, 0, 2, 2, 70 };
    begin(w, 40002, 587);
    say(w, SIDE_S, "220 mail.example.jp ESMTP\r\n");
    say(w, SIDE_D, "EHLO doorphone\r\n");
    say(w, SIDE_S, "250-mail.example.jp\r\n250 STARTTLS\r\n");
    say(w, SIDE_D, "STARTTLS\r\n");
    say(w, SIDE_S, "220 2.0.0 Ready\r\n");
    send_bytes(w, SIDE_D, PSH | ACK, bytes_of(hello, sizeof hello));
    send_bytes(w, SIDE_S, PSH | ACK, bytes_of(alert, sizeof alert));
    end(w);
}

static void delivered(struct wire *w)
{
    begin(w, 40003, 25);
    say(w, SIDE_S, "220 mail.example.jp ESMTP\r\n");
    say(w, SIDE_D, "EHLO doorphone\r\n");
    say(w, SIDE_S, "250 mail.example.jp\r\n");
    say(w, SIDE_D, "MAIL FROM:<a@example.jp>\r\n");
    say(w, SIDE_S, "250 ok\r\n");
    say(w, SIDE_D, "RCPT TO:<b@example.jp>\r\n");
    say(w, SIDE_S, "250 ok\r\n");
    say(w, SIDE_D, "DATA\r\n");
    say(w, SIDE_S, "354 go on\r\n");
    say(w, SIDE_D, "Subject: x\r\n\r\nbody\r\n.\r\n");
    say(w, SIDE_S, "250 taken\r\n");
    say(w, SIDE_D, "QUIT\r\n");
    say(w, SIDE_S, "221 bye\r\n");
    end(w);
}

static struct wire *wire_new(void)
{
    struct wire *w = mem_alloc(NULL, sizeof *w);
    assert_non_null(w);
    w->now = 1700000000 * TIME_SECOND;
    refused_sign_in(w);
    refused_version(w);
    delivered(w);
    return w;
}

struct heard {
    unsigned attempts, devices, captures;
    char words[512]; /* "failed auth-credentials-rejected; …" */
    uint64_t told_failed;
    struct text json, text;
};

static void take(struct engine *e, struct heard *h, struct text_report *report)
{
    static const struct json_options json = { .lang = LANG_JA, .timeline = true };
    struct result r;
    while (engine_next(e, &r)) {
        size_t used = strlen(h->words);
        switch (r.kind) {
        case RESULT_ATTEMPT: {
            bool named = r.judged->finding_count > 0 && r.judged->findings[0].primary;
            snprintf(h->words + used, sizeof h->words - used, "%s %s; ", outcome_name(r.judged->summary.outcome),
                     named ? r.judged->findings[0].cause->id : "-");
            h->attempts++;
            json_attempt(&h->json, &json, r.judged);
            if (report)
                text_report_attempt(report, &h->text, r.judged);
            else
                judged_free(r.judged);
            break;
        }
        case RESULT_DEVICE:
            h->devices++;
            json_device(&h->json, &json, r.device);
            if (report)
                text_report_device(report, r.device);
            break;
        case RESULT_CAPTURE:
            h->captures++;
            h->told_failed = r.capture->facts.failed;
            json_capture(&h->json, &json, r.capture);
            if (report)
                text_report_capture(report, r.capture);
            break;
        }
    }
}

/* The whole way; false where there was not even memory to begin. fail_at: see mem_fail_at(). */
static bool run(const struct batch *batch, uint64_t fail_at, struct heard *h)
{
    *h = (struct heard){ 0 };
    text_init(&h->json, 1 << 20);
    text_init(&h->text, 1 << 20);
    struct engine_options options = { .memory = MEMORY };
    struct text_options text = { .lang = LANG_JA, .all = true, .timeline = true, .columns = 80 };
    mem_fail_at(fail_at);
    struct engine *e = engine_new(&options);
    struct text_report *report = text_report_new(&text);
    if (e) {
        engine_begin(e, "hand.pcap", NULL);
        engine_batch(e, batch);
        take(e, h, report);
        struct engine_file_end file_end = { .packets = batch->count, .bytes = 1 };
        engine_finish_file(e, &file_end);
        take(e, h, report);
        engine_finish(e);
        take(e, h, report);
    }
    if (report)
        text_report_end(report, &h->text);
    text_report_free(report);
    engine_free(e);
    mem_fail_at(0);
    return e != NULL;
}

static void heard_done(struct heard *h)
{
    text_done(&h->json);
    text_done(&h->text);
}

static void three_conversations(void **state)
{
    (void)state;
    struct wire *w = wire_new();
    struct heard h;
    assert_true(run(&w->batch, 0, &h));
    assert_string_equal(h.words, "failed auth-credentials-rejected; failed tls-version-refused; delivered -; ");
    assert_int_equal(h.attempts, 3);
    assert_int_equal(h.devices, 1);
    assert_int_equal(h.captures, 1);
    assert_int_equal(h.told_failed, 2);
    assert_non_null(strstr(text_str(&h.json), "\"sni\":\"203.0.113.25\""));
    assert_null(strstr(text_str(&h.json), "\"name\":\"203.0.113.25\"")); /* that would say it twice */
    assert_null(strstr(text_str(&h.json), "secretword"));
    assert_null(strstr(text_str(&h.json), "AGRvb3IAc2VjcmV0d29yZA"));
    assert_true(h.text.len > 500);
    heard_done(&h);
    mem_free(NULL, w, sizeof *w);
}

/* The same frames, in batches of one. */
static void by_ones(size_t memory)
{
    struct wire *w = wire_new();
    struct heard h = { 0 };
    text_init(&h.json, 1 << 20);
    struct engine_options options = { .memory = memory };
    struct engine *e = engine_new(&options);
    assert_non_null(e);
    engine_begin(e, "hand.pcap", NULL);
    for (size_t i = 0; i < w->batch.count; i++) {
        struct batch one = { .count = 1 };
        one.frames[0] = w->batch.frames[i];
        engine_batch(e, &one);
        take(e, &h, NULL);
    }
    engine_finish_file(e, &(struct engine_file_end){ .packets = w->batch.count });
    engine_finish(e);
    take(e, &h, NULL);
    assert_string_equal(h.words, "failed auth-credentials-rejected; failed tls-version-refused; delivered -; ");
    assert_int_equal(engine_failed(e), 2);
    engine_free(e);
    text_done(&h.json);
    mem_free(NULL, w, sizeof *w);
}

/* Nothing depends on where a batch ends. */
static void one_by_one(void **state)
{
    (void)state;
    by_ones(MEMORY);
}

/* What the command line takes for enough is enough. */
static void least_memory(void **state)
{
    (void)state;
    by_ones(MEMORY_MIN);
}

/* Allocation number n fails, and all after it, for every n: nothing breaks, nothing leaks, and what
 * could not be kept is not told as a failure of somebody's mail. */
static void no_memory(void **state)
{
    (void)state;
    struct wire *w = wire_new();
    unsigned whole = 0;
    uint64_t n = 1;
    for (; n < 4000 && whole < 3; n++) {
        struct heard h;
        (void)run(&w->batch, n, &h);
        assert_true(h.attempts <= 3);
        whole = h.attempts == 3 && h.captures == 1 && h.text.len > 500 ? whole + 1 : 0;
        heard_done(&h);
    }
    assert_true(whole == 3); /* the end of all allocations was reached */
    mem_free(NULL, w, sizeof *w);
}

/* A budget of almost nothing. */
static void tiny_budget(void **state)
{
    (void)state;
    struct wire *w = wire_new();
    unsigned begun = 0;
    for (size_t memory = 1 << 10; memory < MEMORY_MIN; memory *= 2) {
        struct engine_options options = { .memory = memory };
        struct engine *e = engine_new(&options);
        if (!e)
            continue;
        begun++;
        struct heard h = { 0 };
        text_init(&h.json, 1 << 20);
        engine_begin(e, "hand.pcap", NULL);
        for (unsigned i = 0; i < 20; i++)
            engine_batch(e, &w->batch);
        engine_finish_file(e, &(struct engine_file_end){ .packets = 1 });
        engine_finish(e);
        take(e, &h, NULL);
        assert_int_equal(h.captures, 1);
        engine_free(e);
        text_done(&h.json);
    }
    assert_true(begun > 0);
    mem_free(NULL, w, sizeof *w);
}

static void nothing_at_all(void **state)
{
    (void)state;
    struct batch none = { .count = 0 };
    struct heard h;
    assert_true(run(&none, 0, &h));
    assert_int_equal(h.attempts, 0);
    assert_int_equal(h.captures, 1);
    heard_done(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_conversations),
        cmocka_unit_test(one_by_one),
        cmocka_unit_test(least_memory),
        cmocka_unit_test(no_memory),
        cmocka_unit_test(tiny_budget),
        cmocka_unit_test(nothing_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
