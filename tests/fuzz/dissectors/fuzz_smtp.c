/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A dialogue, cut as the input says, through the SMTP dissector, driven as the session would do it.
 * The input: a byte for the start; then a byte for what comes (enum item) and a length byte, with
 * so many bytes behind it where bytes of a side come. Items may also be a secret that the device
 * says on a line of its own, and a reply that repeats it: it must never come out in a fact. And the
 * facts must not depend on the cut: the same dialogue goes through once more byte by byte.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/text.h"
#include "dissectors/smtp.h"
#include "facts/timeline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char secret[] = "Xq7zKw9v";

enum item {
    DEVICE_BYTES,
    SERVER_BYTES,
    DEVICE_GAP,
    SERVER_GAP,
    RELEASE,
    SECRET,
    SECRET_REPEATED,
    DECRYPTED_BYTES,
    ITEMS
};

struct run {
    struct attempt *attempt;
    struct smtp *smtp;
    uint64_t offset[2];
    uint32_t frame;
    bool byte_by_byte, over;
    bool in_line[2]; /* the last byte was no LF */
    uint8_t held[HOLD_BYTES_MAX];
    size_t held_len;
    uint64_t held_offset;
    uint32_t held_frame;
};

static void take(struct run *r, const struct chunk *chunk);

static void take_held(struct run *r)
{
    uint8_t again[HOLD_BYTES_MAX];
    struct chunk chunk = { .from = SIDE_DEVICE, .frame = r->held_frame, .offset = r->held_offset };
    chunk.bytes = bytes_of(again, bytes_copy(again, sizeof again, bytes_of(r->held, r->held_len)));
    r->held_len = 0;
    if (chunk.bytes.len > 0)
        take(r, &chunk);
}

static void hold(struct run *r, const struct chunk *chunk, size_t from)
{
    struct bytes b = bytes_after(chunk->bytes, from);
    if (r->held_len == 0) {
        r->held_offset = chunk->offset + from;
        r->held_frame = chunk->frame;
    }
    if (b.len > sizeof r->held - r->held_len) { /* as the session: a full buffer ends the hold */
        smtp_release(r->smtp);
        take_held(r);
        take(r, &(struct chunk) { .from = chunk->from,
                                  .origin = chunk->origin,
                                  .frame = chunk->frame,
                                  .offset = chunk->offset + from,
                                  .bytes = b });
        return;
    }
    r->held_len += bytes_copy(r->held + r->held_len, sizeof r->held - r->held_len, b);
}

static void take(struct run *r, const struct chunk *chunk)
{
    if (r->over || (chunk->bytes.len == 0 && !chunk->gap))
        return;
    if (chunk->from == SIDE_DEVICE && !chunk->gap && r->held_len > 0) {
        hold(r, chunk, 0);
        return;
    }
    struct answer answer = smtp_data(r->smtp, chunk);
    check(answer.taken <= chunk->bytes.len);
    if (answer.verdict == VERDICT_HOLD) {
        check(chunk->from == SIDE_DEVICE);
        hold(r, chunk, answer.taken);
    } else if (answer.verdict == VERDICT_HAND_OVER || answer.verdict == VERDICT_GIVE_UP) {
        struct chunk early = { .from = SIDE_DEVICE,
                               .frame = r->held_frame,
                               .offset = r->held_offset,
                               .bytes = bytes_of(r->held, r->held_len) };
        if (answer.verdict == VERDICT_HAND_OVER && chunk->from == SIDE_SERVER)
            smtp_early(r->smtp, &early);
        r->over = true;
    } else if (chunk->from == SIDE_SERVER && r->held_len > 0) {
        take_held(r);
    }
}

static void feed(struct run *r, const struct chunk *whole)
{
    for (struct chunk c = *whole; c.bytes.len > 0 && !r->over;) {
        /* device bytes held behind STARTTLS stand between two bytes of the server: it comes in both
         * runs byte by byte then */
        bool bytewise = r->byte_by_byte || (c.from == SIDE_SERVER && r->held_len > 0);
        size_t n = bytewise ? 1 : c.bytes.len;
        /* a copy of its own, so that the sanitizer sees a read beyond its end */
        uint8_t *copy = malloc(n);
        if (!copy)
            abort();
        bytes_copy(copy, n, c.bytes);
        struct chunk piece = c;
        piece.bytes = bytes_of(copy, n);
        take(r, &piece);
        free(copy);
        c.bytes = bytes_after(c.bytes, n);
        c.offset += n;
    }
    r->offset[whole->from] += whole->bytes.len;
    if (whole->bytes.len > 0)
        r->in_line[whole->from] = whole->bytes.at[whole->bytes.len - 1] != '\n';
}

static void feed_bytes(struct run *r, enum side from, enum origin origin, struct bytes b)
{
    struct chunk chunk = { .from = from,
                           .frame = ++r->frame,
                           .time = r->frame,
                           .origin = origin,
                           .offset = r->offset[from],
                           .bytes = b };
    feed(r, &chunk);
}

static void feed_line(struct run *r, enum side from, const char *line)
{
    if (r->in_line[from])
        feed_bytes(r, from, ORIGIN_SEEN, bytes_str("\r\n"));
    feed_bytes(r, from, ORIGIN_SEEN, bytes_str(line));
}

static void feed_gap(struct run *r, enum side from, uint8_t len)
{
    struct chunk gap = { .from = from,
                         .gap = true,
                         .gap_len = len,
                         .frame = ++r->frame,
                         .time = r->frame,
                         .offset = r->offset[from] };
    r->offset[from] += len;
    r->in_line[from] = false;
    /* as the session: the hold ends, before a gap of the device, behind one of the server */
    if (from == SIDE_DEVICE && r->held_len > 0) {
        smtp_release(r->smtp);
        take_held(r);
    }
    take(r, &gap);
    if (r->held_len > 0) {
        smtp_release(r->smtp);
        take_held(r);
    }
}

static void feed_secret(struct run *r, uint8_t which, bool repeated)
{
    static const char *const lines[] = {
        "AUTH PLAIN AHVzZXIAWHE3ekt3OXY=\r\n",
        "WHE3ekt3OXY=\r\n",
        "Xq7zKw9v\r\n",
        "AUTH LOGIN WHE3ekt3OXY=\r\n",
        "AHVzZXIAWHE3ekt3OXY=\r\n",
        "PASS Xq7zKw9v\r\n",
        "AUTH Xq7zKw9v\r\n",
        "auth cram-md5 WHE3ekt3OXY=\r\n",
    };
    static const char *const replies[] = {
        "500 what is Xq7zKw9v\r\n",
        "500-5.5.1 WHE3ekt3OXY= is\r\n500 no command\r\n",
        "535 'AHVzZXIAWHE3ekt3OXY=' is wrong\r\n",
        "502 \"WHE3ekt3OXY\"\r\n",
    };
    bool plain = which % 4 == 0;
    unsigned form = which / 8 % 4;
    feed_line(r, SIDE_DEVICE, lines[which % 8]);
    if (repeated) /* as it came, or decoded; what came in clear, or in base64 */
        feed_line(r, SIDE_SERVER, replies[form == 0 ? 0 : plain ? 2 : form == 2 ? 1 : form]);
}

static void play(struct run *r, struct bytes in)
{
    while (in.len >= 2) {
        enum item item = (enum item)(in.at[0] % ITEMS);
        uint8_t len = in.at[1];
        enum side from = item == SERVER_BYTES || item == SERVER_GAP ? SIDE_SERVER : SIDE_DEVICE;
        in = bytes_after(in, 2);
        if (item == DEVICE_GAP || item == SERVER_GAP) {
            feed_gap(r, from, len);
        } else if (item == SECRET || item == SECRET_REPEATED) {
            feed_secret(r, len, item == SECRET_REPEATED);
        } else if (item == RELEASE) {
            smtp_release(r->smtp);
            take_held(r);
        } else {
            feed_bytes(r, from, item == DECRYPTED_BYTES ? ORIGIN_DECRYPTED : ORIGIN_SEEN,
                       bytes_first(in, len));
            in = bytes_after(in, len);
        }
    }
}

/* Any five bytes in a row of the planted secret, in clear or in base64. */
static bool shows(struct bytes b)
{
    static const char *const forms[] = { secret, "WHE3ekt3OXY" };
    enum { WINDOW = 5 };
    char part[WINDOW + 1] = { 0 };
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++)
        for (size_t i = 0; i + WINDOW <= strlen(forms[f]); i++) {
            bytes_copy(part, WINDOW, bytes_of(forms[f] + i, WINDOW));
            if (bytes_find_nocase(b, part) >= 0)
                return true;
        }
    return false;
}

static struct bytes view_at(const struct fact *f, uint16_t place)
{
    return *(const struct bytes *)(const void *)((const char *)f + place);
}

static bool fact_shows(const struct fact *f)
{
    for (const uint16_t *place = fact_view_places(f->kind); *place > 0; place++)
        if (shows(view_at(f, *place)))
            return true;
    return false;
}

/* Was the secret (also) something that may be told or that a server may quote: a user's name, a
 * line of a message, a line that waited behind STARTTLS? */
static bool is_open(const struct timeline *tl)
{
    for (const struct fact *f = timeline_first(tl); f; f = timeline_next(tl, f)) {
        bool user = (f->kind == FACT_AUTH_IDENTITY && shows(f->identity.user)) ||
                    (f->kind == FACT_AUTH &&
                     f->auth.mechanism == AUTH_LOGIN); /* its first answer is a name */
        bool message = f->kind == FACT_MESSAGE ||
                       (f->kind == FACT_SMTP_REPLY && f->reply.code == 354) ||
                       f->kind == FACT_DROPPED;
        bool verb = f->kind == FACT_SMTP_COMMAND &&
                    (f->command.verb == SMTP_DATA || f->command.verb == SMTP_BDAT ||
                     f->command.verb == SMTP_STARTTLS);
        if (user || message || verb)
            return true;
    }
    return false;
}

static bool same_fact(const struct fact *a, const struct fact *b)
{
    if (a->kind != b->kind || a->from != b->from || a->flags != b->flags || a->origin != b->origin)
        return false;
    for (const uint16_t *place = fact_view_places(a->kind); *place > 0; place++)
        if (!bytes_equal(view_at(a, *place), view_at(b, *place)))
            return false;
    return a->kind != FACT_SMTP_REPLY ||
           (a->reply.code == b->reply.code && a->reply.step == b->reply.step &&
            a->reply.verb == b->reply.verb && a->reply.mixed == b->reply.mixed);
}

static struct attempt *dissect(struct bytes in, bool byte_by_byte)
{
    struct run r = { .attempt = attempt_new(NULL), .byte_by_byte = byte_by_byte };
    if (!r.attempt)
        abort();
    r.smtp = smtp_new(r.attempt, NULL, (enum smtp_start)(in.at[0] % 3));
    play(&r, bytes_after(in, 1));
    if (!r.over)
        smtp_release(r.smtp);
    take_held(&r);
    (void)smtp_reply_due(r.smtp);
    smtp_end(r.smtp);
    smtp_free(r.smtp);
    return r.attempt;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes in = bytes_of(data, size);
    if (size == 0 || shows(in)) /* said elsewhere it is no secret */
        return 0;
    struct attempt *whole = dissect(in, false), *bytes = dissect(in, true);
    const struct fact *a = timeline_first(whole->timeline), *b = timeline_first(bytes->timeline);
    for (; a && b; a = timeline_next(whole->timeline, a), b = timeline_next(bytes->timeline, b)) {
        /* the device's own facts never show it; a reply may, where it quotes what is no secret */
        check(!fact_shows(a) || a->kind == FACT_AUTH_IDENTITY ||
              (a->from == SIDE_SERVER && is_open(whole->timeline)));
        check(same_fact(a, b));
    }
    check(!a == !b);
    attempt_free(whole);
    attempt_free(bytes);
    return 0;
}
