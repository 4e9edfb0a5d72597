/* SPDX-License-Identifier: BSD-3-Clause */
#include "tls_play.h"

#include "base/cursor.h"
#include "dissectors/tls.h"

#define DAY (86400 * TIME_SECOND)

static void hex(struct text *out, const char *name, struct bytes b)
{
    if (b.len == 0)
        return;
    text_format(out, " %s=", name);
    for (size_t i = 0; i < b.len; i++)
        text_format(out, "%02x", b.at[i]);
}

static void words(struct text *out, const char *name, struct bytes b)
{
    if (b.len == 0)
        return;
    text_format(out, " %s=\"", name);
    text_wire(out, b, FOR_TERMINAL);
    text_add(out, "\"");
}

static void flag(struct text *out, const char *name, bool set)
{
    if (set)
        text_format(out, " %s", name);
}

static void client_hello(struct text *out, const struct fact_client_hello *h)
{
    text_format(out, " newest=%04x legacy=%04x record=%04x", h->newest, h->legacy_version,
                h->record_version);
    flag(out, "sslv2", h->sslv2_form);
    flag(out, "fallback", h->fallback_scsv);
    flag(out, "ticket", h->session_ticket);
    flag(out, "resumes", h->resumes);
    flag(out, "early", h->early_data);
    flag(out, "second", h->second);
    words(out, "sni", h->sni);
    words(out, "alpn", h->alpn);
    text_format(out, " ciphers=%zu extensions=%zu", h->ciphers.len, h->extensions.len / 2);
    hex(out, "first", bytes_first(h->ciphers, 3));
    if (h->has_groups)
        text_format(out, " groups=%zu", h->groups.len / 2);
    if (h->has_signatures)
        text_format(out, " signatures=%zu", h->signatures.len / 2);
    hex(out, "versions", h->versions);
}

static void certificate(struct text *out, const struct fact_certificate *c)
{
    static const char *const keys[] = { "?", "RSA", "EC", "DSA", "ED" };
    text_format(out, " count=%u", c->count);
    flag(out, "readable", c->readable);
    flag(out, "self-signed", c->self_signed);
    flag(out, "incomplete", c->incomplete);
    if (!c->readable)
        return;
    int64_t begin = c->not_before / DAY;
    text_format(out, " key=%s/%u days=%lld", keys[c->key_type], c->key_bits,
                (long long)(c->not_after / DAY - begin));
    if (c->chain_not_after != TIME_NONE)
        text_format(out, " chain=%+lld", (long long)(c->chain_not_after / DAY - begin));
    words(out, "subject", c->subject);
    words(out, "issuer", c->issuer);
    words(out, "top", c->top_issuer);
    words(out, "names", c->names);
}

static void tell(struct text *out, const struct fact *f, bool frames)
{
    text_format(out, "%c %s", f->from == SIDE_DEVICE ? '>' : '<',
                fact_kind_name((enum fact_kind)f->kind));
    if (frames)
        text_format(out, " @%u-%u", f->first_frame, f->last_frame);
    flag(out, "after-gap", f->flags & FACT_AFTER_GAP);
    flag(out, "clipped", f->flags & FACT_CLIPPED);
    switch (f->kind) {
    case FACT_CLIENT_HELLO:
        client_hello(out, &f->client_hello);
        break;
    case FACT_SERVER_HELLO:
        text_format(out, " %04x/%04x", f->server_hello.version, f->server_hello.cipher);
        flag(out, "retry", f->server_hello.retry);
        flag(out, "resumed", f->server_hello.resumed);
        if (f->server_hello.group)
            text_format(out, " group=%04x", f->server_hello.group);
        break;
    case FACT_CERTIFICATE:
        certificate(out, &f->certificate);
        break;
    case FACT_KEY_EXCHANGE:
        text_format(out, " kind=%u bits=%u group=%04x", f->key_exchange.kind, f->key_exchange.bits,
                    f->key_exchange.group);
        break;
    case FACT_CERTIFICATE_REQUEST:
        text_format(out, " authorities=%u", f->certificate_request.authorities);
        break;
    case FACT_TLS_UP:
        text_format(out, " %04x/%04x", f->tls_up.version, f->tls_up.cipher);
        flag(out, "resumed", f->tls_up.resumed);
        break;
    case FACT_TLS_ALERT:
        text_format(out, " level=%u code=%u step=%u", f->alert.level, f->alert.code, f->alert.step);
        break;
    case FACT_TLS_BROKEN:
        flag(out, "smtp", f->tls_broken.smtp_text);
        break;
    default:
        break;
    }
    text_add(out, "\n");
}

static void tell_all(const struct attempt *a, struct text *out, bool frames)
{
    const struct fact *f = timeline_first(a->timeline);
    for (; f; f = timeline_next(a->timeline, f))
        tell(out, f, frames);
    if (a->trace_count > 0)
        text_add(out, "trace");
    for (unsigned i = 0; i < a->trace_count; i++)
        text_format(out, " %c%u:%u", a->trace[i].from == SIDE_DEVICE ? '>' : '<', a->trace[i].type,
                    a->trace[i].length);
    if (a->trace_count > 0)
        text_add(out, "\n");
}

static void leave(struct played *result, enum side from, struct bytes b)
{
    size_t used = result->left_len[from];
    result->left_len[from] +=
        bytes_copy(result->left[from] + used, sizeof result->left[from] - used, b);
}

/* One segment as recorded, in chunks of what the play asks for. */
static void segment(struct tls *t, const struct play *play, uint32_t *random, struct chunk chunk,
                    struct played *result)
{
    bool *gave_up = chunk.from == SIDE_DEVICE ? &result->device_left : &result->server_left;
    struct bytes rest = chunk.bytes;
    do {
        size_t n = play->cut == 0 ? rest.len : play->cut;
        if (play->seed != 0) {
            *random = *random * 1664525u + 1013904223u;
            n = 1 + (*random >> 8) % play->cut;
        }
        /* an exact copy, so that the sanitizer sees a read beyond its end */
        struct budget heap = { 0 };
        chunk.bytes = bytes_first(rest, n);
        uint8_t *copy = chunk.gap ? NULL : mem_alloc(&heap, chunk.bytes.len ? chunk.bytes.len : 1);
        size_t size = chunk.bytes.len;
        if (copy)
            chunk.bytes = bytes_of(copy, bytes_copy(copy, size, chunk.bytes));
        if (*gave_up) {
            leave(result, chunk.from, chunk.bytes);
        } else {
            struct answer answer = tls_data(t, &chunk);
            if (answer.verdict == VERDICT_GIVE_UP) {
                *gave_up = true;
                result->give_ups++;
                leave(result, chunk.from, tls_leftover(t, chunk.from));
                leave(result, chunk.from, bytes_after(chunk.bytes, answer.taken));
            }
        }
        mem_free(&heap, copy, size ? size : 1);
        chunk.offset += size;
        rest = bytes_after(rest, size);
    } while (rest.len > 0 && !chunk.gap);
}

bool tls_play(const struct play *play, struct text *out, struct played *result)
{
    *result = (struct played) { 0 };
    struct budget budget = { 0 };
    struct attempt *attempt = attempt_new(&budget);
    if (!attempt)
        return false;
    struct cursor c = cursor_of(bytes_of(play->at, play->len));
    uint8_t options = cursor_u8(&c);
    attempt->start_seen = options & 1;
    struct tls *t = tls_new(attempt, &budget, options & 2);
    uint32_t random = play->seed, frame = 0;
    uint64_t offset[2] = { 0, 0 };
    while (t && cursor_left(&c) > 0) {
        uint8_t control = cursor_u8(&c);
        size_t len = cursor_u16(&c);
        frame++;
        struct chunk chunk = { .from = control & 1 ? SIDE_SERVER : SIDE_DEVICE,
                               .gap = control & 2,
                               .retransmitted = control & 4,
                               .frame = frame,
                               .time = frame * TIME_MILLISECOND };
        chunk.offset = offset[chunk.from];
        if (chunk.gap)
            chunk.gap_len = len;
        else
            chunk.bytes = cursor_bytes(&c, len < cursor_left(&c) ? len : cursor_left(&c));
        offset[chunk.from] += len;
        segment(t, play, &random, chunk, result);
    }
    if (t)
        tls_end(t);
    tell_all(attempt, out, play->frames);
    tls_free(t);
    attempt_free(attempt);
    result->memory = budget.used;
    result->peak = budget.peak;
    return t != NULL;
}
