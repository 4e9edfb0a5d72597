/* SPDX-License-Identifier: BSD-3-Clause */
/* A trace of encrypted records, and what was seen in clear before it; what is read out of it must
 * lie in it. Nine bytes of the session, then four a record: length, type and side, time. */
#include <stdint.h>

#include "base/check.h"
#include "base/cursor.h"
#include "derive/infer.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct infer_session session;
    struct cursor c = cursor_of(bytes_of(data, size));
    struct attempt *a = attempt_new(NULL);
    struct inferred inferred;
    int64_t time = 0;
    if (!a)
        return 0;
    session_of(&c, &session);
    while (cursor_left(&c) >= 4) {
        uint16_t length = cursor_u16(&c);
        uint8_t kind = cursor_u8(&c);
        time += (int64_t)cursor_u8(&c) * 20000000;
        attempt_trace(a, kind & 1 ? SIDE_SERVER : SIDE_DEVICE, (uint8_t)(20 + (kind >> 1 & 3)),
                      length, a->trace_count + 1U, time);
    }
    if (infer_cipher_of(session.version, session.cipher, &session.layout)) {
        infer_records_read(a, session.version, &session.layout, &session.records);
        infer_judge(a, &session, &inferred);
        check(inferred.result < INFERRED_RESULTS && inferred.confidence <= INFERRED_LIKELY);
        check(inferred.auth_frame <= a->trace_count && inferred.decisive_frame <= a->trace_count);
        check(inferred.method < AUTH_MECHANISMS && inferred.answered_in >= 0);
    }
    attempt_free(a);
    return 0;
}
