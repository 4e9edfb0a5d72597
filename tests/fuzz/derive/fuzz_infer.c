/* SPDX-License-Identifier: BSD-3-Clause */
/* A trace of encrypted records, and what was seen in clear before it; what is read out of it must
 * lie in it. Nine bytes of the session, then four a record: length, type and side, time. With bit 6 of
 * the first byte, replies that were read of the same server go before: how many, then four bytes each. */
#include <stdint.h>

#include "base/check.h"
#include "base/cursor.h"
#include "derive/infer.h"
#include "history/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint16_t versions[] = { 0x0304, 0x0303, 0x0302, 0x0301 };

static void session_of(struct cursor *c, struct infer_session *s)
{
    uint8_t flags = cursor_u8(c);
    s->version = versions[flags & 3];
    s->cipher = cursor_u16(c);
    s->hints = (struct infer_hints) {
        .starttls = flags & 4,
        .list_auth = flags & 8,
        .open = flags & 16,
        .relay = flags & 32,
        .ehlo = cursor_u8(c),
        .list = cursor_u16(c),
        .mechanisms = cursor_u16(c),
        .families = cursor_u8(c),
    };
}

/* What the server said in a connection that could be read: step, code, and how much text. */
static struct words *learn(struct cursor *c)
{
    static const uint16_t codes[] = { 220, 221, 235, 250, 251, 334, 354, 421, 450, 535, 550, 554 };
    static const uint8_t text[512];
    struct words *w = words_new(NULL);
    struct attempt *a = attempt_new(NULL);
    for (size_t left = cursor_u8(c) & 31; w && a && left > 0; left--) {
        struct fact fact = { .kind = FACT_SMTP_REPLY,
                             .from = SIDE_SERVER,
                             .origin = left & 1 ? ORIGIN_DECRYPTED : ORIGIN_SEEN };
        fact.reply.step = cursor_u8(c) % SMTP_STEPS;
        fact.reply.code = codes[cursor_u8(c) % (sizeof codes / sizeof *codes)];
        fact.reply.lines = cursor_u8(c);
        fact.reply.text = bytes_of(text, cursor_u8(c) * 2U);
        timeline_add(a->timeline, &fact);
    }
    if (w && a)
        words_learn(w, a, "mail.example.jp");
    attempt_free(a);
    return w;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct infer_session session;
    struct cursor c = cursor_of(bytes_of(data, size));
    struct attempt *a = attempt_new(NULL);
    struct inferred inferred;
    int64_t time = 0;
    uint32_t frames = 0;
    if (!a)
        return 0;
    session_of(&c, &session);
    struct words *words = size > 0 && data[0] & 64 ? learn(&c) : NULL;
    if (words)
        session.hints.learnt = words_find(words, &a->server_addr, "mail.example.jp");
    while (cursor_left(&c) >= 4) {
        uint16_t length = cursor_u16(&c);
        uint8_t kind = cursor_u8(&c);
        time += (int64_t)cursor_u8(&c) * 20000000;
        attempt_trace(a, kind & 1 ? SIDE_SERVER : SIDE_DEVICE, (uint8_t)(20 + (kind >> 1 & 3)),
                      length, ++frames, time);
    }
    if (infer_cipher_of(session.version, session.cipher, &session.layout)) {
        infer_records_read(a, session.version, &session.layout, &session.records);
        infer_judge(a, &session, &inferred);
        check(inferred.result < INFERRED_RESULTS && inferred.confidence <= INFERRED_LIKELY);
        check(inferred.auth_frame <= frames && inferred.decisive_frame <= frames);
        check(inferred.method < AUTH_MECHANISMS && inferred.answered_in >= 0);
        if (words) { /* what it seems to say is no reason to doubt the same once more */
            struct inferred again;
            words_infer(words, a, "mail.example.jp", &inferred);
            session.hints.learnt = words_find(words, &a->server_addr, "mail.example.jp");
            infer_judge(a, &session, &again);
            check(again.confidence == inferred.confidence && again.result == inferred.result);
        }
    }
    attempt_free(a);
    words_free(words);
    return 0;
}
