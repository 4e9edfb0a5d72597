/* SPDX-License-Identifier: BSD-3-Clause */
#include "dissectors/pop3.h"

#include "base/limits.h"
#include "dissectors/lines.h"
#include "dissectors/smtp_secret.h"

enum asked { ASKED_OTHER, ASKED_GREETING, ASKED_SIGN_IN, ASKED_AUTH, ASKED_TLS };
enum { PENDING_MAX = 8, STRANGE_MAX = 32 };

struct pop3 {
    struct attempt *attempt;
    struct budget *budget;
    struct lines lines[2]; /* by side */
    struct secrets *secrets;
    uint8_t pending[PENDING_MAX]; /* enum asked: whose answers are due, the oldest first */
    uint8_t pending_count, strange;
    bool in_auth;     /* the device's next lines belong to an AUTH exchange */
    bool secret_lost; /* one could not be kept: no text of a reply is told */
};

struct pop3 *pop3_new(struct attempt *attempt, struct budget *budget, bool greets)
{
    struct pop3 *p = mem_alloc(budget, sizeof *p);
    if (!p)
        return NULL;
    p->attempt = attempt;
    p->budget = budget;
    if (greets) {
        p->pending[0] = ASKED_GREETING;
        p->pending_count = 1;
    }
    return p;
}

void pop3_free(struct pop3 *p)
{
    if (!p)
        return;
    lines_release(&p->lines[SIDE_DEVICE], p->budget);
    lines_release(&p->lines[SIDE_SERVER], p->budget);
    secrets_wipe(&p->secrets, p->budget);
    mem_free(p->budget, p, sizeof *p);
}

static void push(struct pop3 *p, enum asked asked)
{
    if (p->pending_count < PENDING_MAX)
        p->pending[p->pending_count++] = (uint8_t)asked;
}

static enum asked pop(struct pop3 *p)
{
    if (p->pending_count == 0)
        return ASKED_OTHER;
    enum asked asked = (enum asked)p->pending[0];
    p->pending_count--;
    for (size_t i = 0; i < p->pending_count; i++)
        p->pending[i] = p->pending[i + 1];
    return asked;
}

static void keep_secret(struct pop3 *p, const struct line *line, size_t skip)
{
    struct bytes secret = bytes_after(line->text, skip);
    attempt_mark_secret(p->attempt, SIDE_DEVICE, line->offset + skip, line->length - (uint32_t)skip,
                        line->decrypted);
    p->secret_lost |= line->too_long ||
                      !secrets_keep(&p->secrets, p->budget, bytes_trim(secret), SECRET_ALL_FORMS);
}

static void device_line(struct pop3 *p, const struct line *line)
{
    static const struct {
        const char *verb;
        enum asked asked;
        bool secret;
    } verbs[] = {
        { "PASS ", ASKED_SIGN_IN, true },
        { "APOP ", ASKED_SIGN_IN, true },
        { "AUTH ", ASKED_AUTH, true },
        { "STLS", ASKED_TLS, false },
    };
    if (p->in_auth) {
        keep_secret(p, line, 0);
        return;
    }
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (!bytes_starts_nocase(line->text, verbs[i].verb))
            continue;
        if (verbs[i].secret)
            keep_secret(p, line, strlen(verbs[i].verb));
        p->in_auth = verbs[i].asked == ASKED_AUTH;
        push(p, verbs[i].asked);
        return;
    }
    push(p, ASKED_OTHER);
}

static void tell(struct pop3 *p, const struct line *line, bool accepted)
{
    uint8_t room[POP3_TEXT_MAX];
    size_t skip = strlen(accepted ? "+OK" : "-ERR");
    size_t len = bytes_copy(room, sizeof room, bytes_trim(bytes_after(line->text, skip)));
    if (p->secret_lost)
        len = 0;
    else if (p->secrets)
        len = secrets_blank(p->secrets, room, len);
    struct fact fact = {
        .kind = FACT_POP3_SIGN_IN,
        .origin = line->decrypted ? ORIGIN_DECRYPTED : ORIGIN_SEEN,
        .from = SIDE_SERVER,
        .flags = (uint8_t)(line->retransmitted ? FACT_RETRANSMITTED : 0),
        .first_frame = line->first_frame,
        .last_frame = line->last_frame,
        .time = line->time,
        .pop3 = { .known = true, .accepted = accepted, .text = bytes_of(room, len) },
    };
    timeline_add(p->attempt->timeline, &fact);
}

static enum verdict server_line(struct pop3 *p, const struct line *line)
{
    bool accepted = bytes_starts_nocase(line->text, "+OK");
    if (!accepted && !bytes_starts_nocase(line->text, "-ERR")) {
        /* a list's line, or "+ ": the exchange goes on; a server that says nothing else is none of
         * POP3's */
        bool first = p->pending_count > 0 && p->pending[0] == ASKED_GREETING;
        return first && ++p->strange > STRANGE_MAX ? VERDICT_GIVE_UP : VERDICT_OK;
    }
    enum asked asked = pop(p);
    if (asked == ASKED_AUTH)
        p->in_auth = false;
    if (asked == ASKED_SIGN_IN || asked == ASKED_AUTH) {
        tell(p, line, accepted);
        secrets_wipe(&p->secrets, p->budget);
        p->secret_lost = false;
        return accepted ? VERDICT_DONE : VERDICT_OK;
    }
    return asked == ASKED_TLS && accepted ? VERDICT_HAND_OVER : VERDICT_OK;
}

struct answer pop3_data(struct pop3 *p, const struct chunk *chunk)
{
    struct lines *l = &p->lines[chunk->from];
    if (chunk->gap) {
        lines_gap(l, p->budget);
        p->pending_count = 0; /* nobody knows any more what is answered */
        p->in_auth = false;
        return (struct answer) { .verdict = VERDICT_OK };
    }
    size_t at = 0;
    enum verdict verdict = VERDICT_OK;
    while (at < chunk->bytes.len && verdict == VERDICT_OK) {
        struct line line;
        if (!lines_next(l, p->budget, chunk, &at, POP3_LINE_MAX, &line))
            continue;
        if (chunk->from == SIDE_SERVER)
            verdict = server_line(p, &line);
        else
            device_line(p, &line);
        lines_release(l, p->budget);
    }
    return (struct answer) { .verdict = verdict, .taken = at };
}
