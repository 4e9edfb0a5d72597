/* SPDX-License-Identifier: BSD-3-Clause */
#include "session/session.h"

#include "base/limits.h"
#include "dissectors/smtp.h"
#include "dissectors/tls.h"
#include "session/classify.h"
#include "session/fetching.h"
#include "session/kept.h"

enum mode {
    MODE_UNDECIDED,
    MODE_READING,  /* by reader[] */
    MODE_OTHER,    /* the server speaks another protocol; the device is still listened to */
    MODE_FETCHING, /* POP3: only what becomes of a sign-in */
    MODE_FETCHED,  /* … that is known, or will not be */
    MODE_NOT_MAIL, /* nothing for us */
};

enum reader { READ_SMTP, READ_TLS, READ_NOTHING };

struct session { /* what each chunk asks of it comes first */
    uint8_t mode, reader[2];
    bool spoke[2];       /* a byte of this side was passed on */
    bool answer_known;   /* whether the server's first bytes are another protocol's */
    bool gap_first;      /* bytes are missing at the beginning */
    bool after_starttls; /* TLS began by it */
    bool is_inside;      /* this one is another's inside */
    struct smtp *smtp;
    struct tls *tls;
    struct session *inside; /* for what TLS protected and a key opened: a conversation of its own */
    struct kept_list held;  /* device bytes behind STARTTLS */
    struct kept_list first; /* MODE_UNDECIDED: all so far; MODE_READING: the server's, while they
                               may be another protocol's */
    struct attempt *attempt;
    struct budget *budget;
    struct namer *namer;
    struct tls_keys *keys;
    struct lists *lists;
    struct fetching *fetching;
};

struct session *session_new(struct attempt *attempt, struct budget *budget, struct namer *namer,
                            struct tls_keys *keys)
{
    struct session *s = mem_alloc(budget, sizeof *s);
    if (s) {
        s->attempt = attempt;
        s->budget = budget;
        s->namer = namer;
        s->keys = keys;
    }
    return s;
}

void session_use_lists(struct session *s, struct lists *lists)
{
    s->lists = lists;
}

void session_free(struct session *s)
{
    if (!s)
        return;
    kept_free(s->budget, &s->first);
    kept_free(s->budget, &s->held);
    smtp_free(s->smtp);
    tls_free(s->tls);
    fetching_free(s->fetching);
    session_free(s->inside);
    mem_free(s->budget, s, sizeof *s);
}

static void dispatch(struct session *s, const struct chunk *chunk);

static struct chunk chunk_after(const struct chunk *chunk, size_t taken)
{
    struct chunk rest = *chunk;
    rest.bytes = bytes_after(chunk->bytes, taken);
    rest.offset += taken;
    return rest;
}

/* first: from whom the first line is. */
static enum smtp_start smtp_start(const struct session *s, enum side first)
{
    if (s->is_inside && s->after_starttls)
        return SMTP_START_AFTER_TLS;
    /* STARTTLS was said before the capture began: from the first byte the server would greet */
    if (s->is_inside && !s->attempt->start_seen && first == SIDE_DEVICE)
        return SMTP_START_AFTER_TLS;
    /* without the server's part of the opening its greeting may be missing as well */
    bool opened = s->attempt->start_seen &&
                  (timeline_kinds(s->attempt->timeline) & FACT_BIT(FACT_SYN_ACK)) != 0;
    bool middle = s->gap_first || (!s->is_inside && !opened);
    return middle ? SMTP_START_MIDDLE : SMTP_START_GREETING;
}

static __attribute__((noinline)) bool start_smtp(struct session *s, enum side first)
{
    if (!s->smtp)
        s->smtp = smtp_new(s->attempt, s->budget, smtp_start(s, first));
    if (s->smtp)
        smtp_use_lists(s->smtp, s->lists);
    else { /* no memory: what follows is lost to us */
        s->attempt->gaps = true;
        s->reader[SIDE_DEVICE] = s->reader[SIDE_SERVER] = READ_NOTHING;
    }
    return s->smtp != NULL;
}

static void inside_data(void *state, const struct chunk *chunk);

static bool start_tls(struct session *s, bool after_starttls)
{
    if (s->tls || s->is_inside) /* TLS inside TLS is nobody's mail */
        return s->tls != NULL;
    s->tls = tls_new(s->attempt, s->budget, after_starttls);
    s->after_starttls = after_starttls;
    if (!s->tls)
        s->attempt->gaps = true;
    else if (s->keys)
        tls_use_keys(s->tls, s->keys, (struct tls_sink) { inside_data, s });
    return s->tls != NULL;
}

/* Device bytes that waited for the reply to STARTTLS are offered again. */
static void offer_held(struct session *s)
{
    struct kept_list list = s->held;
    s->held = (struct kept_list) { 0 };
    for (struct kept *k = list.first; k; k = k->next)
        dispatch(s, &k->chunk);
    kept_free(s->budget, &list);
}

static void release_held(struct session *s)
{
    if (!s->held.first)
        return;
    if (s->smtp)
        smtp_release(s->smtp);
    offer_held(s);
}

static void hand_over(struct session *s, const struct chunk *chunk, size_t taken)
{
    struct kept_list early = s->held;
    s->held = (struct kept_list) { 0 };
    for (struct kept *k = early.first; k; k = k->next)
        smtp_early(s->smtp, &k->chunk);
    kept_free(s->budget, &early);
    bool up = start_tls(s, true);
    s->reader[SIDE_DEVICE] = s->reader[SIDE_SERVER] = up ? READ_TLS : READ_NOTHING;
    struct chunk rest = chunk_after(chunk, taken);
    if (rest.bytes.len > 0)
        dispatch(s, &rest);
}

/* Device bytes behind those that wait for the reply to STARTTLS wait as well. */
static bool hold_too(struct session *s, const struct chunk *chunk)
{
    bool fits = s->held.bytes[SIDE_DEVICE] + chunk->bytes.len <= HOLD_BYTES_MAX;
    if (fits && !chunk->gap && kept_add(s->budget, &s->held, chunk))
        return true;
    release_held(s);
    return false;
}

/* What the dialogue's reader said of a chunk, where that is more than that it was read. */
static __attribute__((noinline)) void answered(struct session *s, const struct chunk *chunk,
                                               struct answer answer)
{
    switch (answer.verdict) {
    case VERDICT_HOLD: {
        struct chunk rest = chunk_after(chunk, answer.taken);
        if (rest.bytes.len > 0 && !kept_add(s->budget, &s->held, &rest)) {
            smtp_release(s->smtp); /* no memory to wait */
            dispatch(s, &rest);
        }
        break;
    }
    case VERDICT_HAND_OVER:
        hand_over(s, chunk, answer.taken);
        break;
    case VERDICT_DONE:
    case VERDICT_GIVE_UP:
        s->reader[chunk->from] = READ_NOTHING;
        break;
    case VERDICT_OK:
        if (chunk->from == SIDE_SERVER && s->held.first) {
            if (chunk->gap)
                release_held(s);
            else
                offer_held(s);
        }
        break;
    }
}

static void to_smtp(struct session *s, const struct chunk *chunk)
{
    if (!s->smtp && !start_smtp(s, chunk->from))
        return;
    if (s->held.first && chunk->from == SIDE_DEVICE && hold_too(s, chunk))
        return;
    struct answer answer = smtp_data(s->smtp, chunk);
    if (answer.verdict != VERDICT_OK || s->held.first)
        answered(s, chunk, answer);
}

static void to_tls(struct session *s, const struct chunk *chunk)
{
    struct answer answer = tls_data(s->tls, chunk);
    if (answer.verdict == VERDICT_OK)
        return;
    /* clear text where TLS was due: the facts say so; the dialogue is followed as what it is. Once TLS
     * was up it is no dialogue any more: some servers say a last word to a device that has left. */
    bool was_up = (timeline_kinds(s->attempt->timeline) & FACT_BIT(FACT_TLS_UP)) != 0;
    s->reader[chunk->from] = was_up ? READ_NOTHING : READ_SMTP;
    struct chunk before = *chunk; /* text that came in chunks too small to tell */
    before.bytes = tls_leftover(s->tls, chunk->from);
    before.offset -= before.bytes.len;
    if (s->reader[chunk->from] == READ_SMTP && before.bytes.len > 0)
        to_smtp(s, &before);
    struct chunk rest = chunk_after(chunk, answer.taken);
    if (rest.bytes.len > 0)
        dispatch(s, &rest);
}

/* The beginning of a TLS record or of an SSLv2-style hello, where an SMTP line was due: no line
 * begins with such a byte. */
static bool begins_tls_record(struct bytes b)
{
    return b.len > 0 && ((b.at[0] >= 20 && b.at[0] <= 23) || b.at[0] == 0x80);
}

static void note_protocol(struct session *s, const char *name, enum side by, const struct chunk *at)
{
    struct fact fact = { .kind = FACT_OTHER_PROTOCOL,
                         .from = (uint8_t)by,
                         .other_protocol = { name ? name : "unknown" } };
    if (at) {
        fact.origin = (uint8_t)at->origin;
        fact.first_frame = fact.last_frame = at->frame;
        fact.time = at->time;
    }
    timeline_add(s->attempt->timeline, &fact);
}

/* All that was kept is read now. */
static void replay(struct session *s)
{
    struct kept_list list = s->first;
    s->first = (struct kept_list) { 0 };
    for (struct kept *k = list.first; k; k = k->next)
        dispatch(s, &k->chunk);
    kept_free(s->budget, &list);
}

/* The device was heard first: is the server's answer another protocol's (an HTTP error to EHLO or
 * to a ClientHello)? Until that is clear it waits, so that no reader takes its beginning for
 * something else. True: the chunk was seen to. */
static bool look_at_answer(struct session *s, const struct chunk *chunk)
{
    if (chunk->gap && !s->first.first)
        return false;
    bool more = false;
    if (!s->first.first && !classify_server(bytes_first(chunk->bytes, HELLO_BYTES_MAX), &more) &&
        !more) { /* nearly always: nothing need wait */
        s->answer_known = true;
        return false;
    }
    bool kept = !chunk->gap && kept_add(s->budget, &s->first, chunk);
    uint8_t bytes[HELLO_BYTES_MAX];
    const char *name = classify_server(kept_bytes(&s->first, SIDE_SERVER, bytes), &more);
    if (kept && more)
        return true;
    s->answer_known = true;
    if (name) {
        note_protocol(s, name, SIDE_SERVER, chunk);
        s->reader[SIDE_SERVER] = READ_NOTHING;
        kept_free(s->budget, &s->first);
    } else {
        replay(s);
    }
    return kept;
}

static bool start_inside(struct session *s)
{
    if (s->inside)
        return true;
    s->inside = session_new(s->attempt, s->budget, s->namer, NULL);
    if (!s->inside) {
        s->attempt->gaps = true;
        return false;
    }
    s->inside->is_inside = true;
    s->inside->lists = s->lists;
    s->inside->after_starttls = s->after_starttls;
    if (s->after_starttls) /* SMTP has been agreed on */
        s->inside->mode = MODE_READING;
    return true;
}

/* What TLS protected, opened with a key. */
static void inside_data(void *state, const struct chunk *chunk)
{
    struct session *s = state;
    if (start_inside(s))
        session_chunk(s->inside, chunk);
}

static void deliver(struct session *s, const struct chunk *chunk)
{
    if (s->reader[chunk->from] == READ_SMTP)
        to_smtp(s, chunk);
    else if (s->reader[chunk->from] == READ_TLS && s->tls)
        to_tls(s, chunk);
}

/* What a side says first may tell that it speaks something else. */
static __attribute__((noinline)) void deliver_first(struct session *s, const struct chunk *chunk)
{
    enum side from = chunk->from;
    bool answer = from == SIDE_SERVER && !s->answer_known && s->reader[from] != READ_NOTHING;
    if (answer && look_at_answer(s, chunk))
        return;
    bool first = !s->spoke[from] && !chunk->gap;
    if (first) {
        s->spoke[from] = true;
        if (s->reader[from] == READ_SMTP && begins_tls_record(chunk->bytes) && start_tls(s, false))
            s->reader[from] = READ_TLS;
    }
    deliver(s, chunk);
}

static void dispatch(struct session *s, const struct chunk *chunk)
{
    if (s->spoke[chunk->from] && (chunk->from == SIDE_DEVICE || s->answer_known))
        deliver(s, chunk);
    else
        deliver_first(s, chunk);
}

static void note_other(struct session *s, const char *name, enum side by)
{
    const struct chunk *at = NULL;
    for (const struct kept *k = s->first.first; k && !at; k = k->next)
        if (k->chunk.from == by && !k->chunk.gap)
            at = &k->chunk;
    note_protocol(s, name, by, at);
    if (!s->is_inside)
        s->attempt->protocol = PROTOCOL_OTHER;
}

static void read_as(struct session *s, enum protocol protocol)
{
    s->mode = MODE_READING;
    if (!s->is_inside)
        s->attempt->protocol = (uint8_t)protocol;
    bool tls = protocol == PROTOCOL_TLS && start_tls(s, false);
    s->reader[SIDE_DEVICE] = s->reader[SIDE_SERVER] = tls ? READ_TLS : READ_SMTP;
    replay(s);
}

/* Text so far, of which a line is not over: what comes next may be none. */
static bool may_go_on(const struct first_bytes *f)
{
    bool open = (f->device.len > 0 && bytes_find(f->device, '\n') < 0) ||
                (f->server.len > 0 && bytes_find(f->server, '\n') < 0);
    return open && classify_is_text(f->device) && classify_is_text(f->server);
}

/* Neither SMTP nor TLS nor in our table, at a mail port. */
static void decide_unnamed(struct session *s, struct bytes device, struct bytes server)
{
    if (classify_is_text(device) && classify_is_text(server)) {
        read_as(s, PROTOCOL_SMTP);
        return;
    }
    bool by_device = device.len > 0 && !classify_is_text(device);
    const char *name = namer_name(s->namer, s->attempt, device, server);
    note_other(s, name, by_device ? SIDE_DEVICE : SIDE_SERVER);
    s->mode = by_device ? MODE_NOT_MAIL : MODE_OTHER;
}

static void first_bytes(const struct session *s, struct first_bytes *f,
                        uint8_t device[HELLO_BYTES_MAX], uint8_t server[HELLO_BYTES_MAX])
{
    *f = (struct first_bytes) {
        .device = kept_bytes(&s->first, SIDE_DEVICE, device),
        .server = kept_bytes(&s->first, SIDE_SERVER, server),
        .from_start = (s->attempt->start_seen || s->is_inside) && !s->gap_first,
        .server_port = s->attempt->server_port,
    };
}

/* last: there is no more to wait for. */
static void decide(struct session *s, bool last)
{
    uint8_t device[HELLO_BYTES_MAX], server[HELLO_BYTES_MAX];
    struct first_bytes f;
    first_bytes(s, &f, device, server);
    const char *name = NULL;
    enum side by = SIDE_SERVER;
    enum spoken spoken = classify(&f, &name, &by);
    bool full = s->first.bytes[SIDE_DEVICE] >= HELLO_BYTES_MAX ||
                s->first.bytes[SIDE_SERVER] >= HELLO_BYTES_MAX;
    if (spoken == SPOKEN_UNDECIDED && (last || full))
        spoken = port_is_mail(f.server_port) ? SPOKEN_UNNAMED : SPOKEN_NOT_MAIL;
    switch (spoken) {
    case SPOKEN_UNDECIDED:
        return;
    case SPOKEN_SMTP:
        read_as(s, PROTOCOL_SMTP);
        return;
    case SPOKEN_TLS:
        read_as(s, PROTOCOL_TLS);
        return;
    case SPOKEN_OTHER:
        note_other(s, name, by);
        s->mode = by == SIDE_DEVICE ? MODE_NOT_MAIL : MODE_OTHER;
        return;
    case SPOKEN_NOT_MAIL:
        s->mode = MODE_NOT_MAIL;
        return;
    case SPOKEN_UNNAMED:
        if (last || full || !may_go_on(&f))
            decide_unnamed(s, f.device, f.server);
        return;
    }
}

/* The server speaks another protocol. A device that answers in it did not want to hand in mail;
 * one that says SMTP or TLS, or nothing, did. */
static void listen_to_device(struct session *s)
{
    uint8_t device[HELLO_BYTES_MAX];
    struct first_bytes f = { .device = kept_bytes(&s->first, SIDE_DEVICE, device),
                             .from_start = true,
                             .server_port = s->attempt->server_port };
    const char *name = NULL;
    enum side by = SIDE_SERVER;
    enum spoken spoken = f.device.len > 0 ? classify(&f, &name, &by) : SPOKEN_UNDECIDED;
    if (classify_is_lmtp(f.device)) /* as mail servers talk to their stores */
        spoken = SPOKEN_NOT_MAIL;
    if (spoken == SPOKEN_SMTP || spoken == SPOKEN_TLS) {
        s->mode = MODE_READING;
        s->reader[SIDE_SERVER] = READ_NOTHING;
        s->reader[SIDE_DEVICE] = spoken == SPOKEN_TLS && start_tls(s, false) ? READ_TLS : READ_SMTP;
        replay(s);
    } else if (spoken != SPOKEN_UNDECIDED) {
        s->mode = MODE_NOT_MAIL;
    }
}

static void fetch(struct session *s, const struct chunk *chunk)
{
    s->attempt->kind = ATTEMPT_POP3;
    s->mode = MODE_FETCHING;
    if (!s->fetching)
        s->fetching = fetching_new(s->attempt, s->budget, s->keys);
    if (!s->fetching || !fetching_chunk(s->fetching, chunk))
        s->mode = MODE_FETCHED;
}

/* The very first chunk tells nearly always, and then nothing need be kept. */
static bool decide_at_once(struct session *s, const struct chunk *chunk)
{
    struct first_bytes f = {
        .from_start = (s->attempt->start_seen || s->is_inside) && !s->gap_first,
        .server_port = s->attempt->server_port,
    };
    *(chunk->from == SIDE_DEVICE ? &f.device : &f.server) =
        bytes_first(chunk->bytes, HELLO_BYTES_MAX);
    const char *name = NULL;
    enum side by = SIDE_SERVER;
    enum spoken spoken = classify(&f, &name, &by);
    if (spoken != SPOKEN_SMTP && spoken != SPOKEN_TLS)
        return false;
    read_as(s, spoken == SPOKEN_TLS ? PROTOCOL_TLS : PROTOCOL_SMTP);
    dispatch(s, chunk);
    return true;
}

/* It is settled with what there is; nothing is lost where it is read then. */
static void no_memory_to_wait(struct session *s, const struct chunk *chunk)
{
    if (s->mode == MODE_UNDECIDED)
        decide(s, true);
    if (s->mode == MODE_READING)
        dispatch(s, chunk);
    else
        s->attempt->gaps = true;
}

/* Before it is settled that the conversation is read. */
static __attribute__((noinline)) void undecided_chunk(struct session *s, const struct chunk *chunk)
{
    if (s->mode == MODE_NOT_MAIL || s->mode == MODE_FETCHED)
        return;
    if (port_is_pop3(s->attempt->server_port)) {
        fetch(s, chunk);
        return;
    }
    bool first = s->mode == MODE_UNDECIDED && !s->first.first;
    if (chunk->gap && !s->first.first)
        s->gap_first = true;
    if (first && !chunk->gap && decide_at_once(s, chunk))
        return;
    bool kept = s->mode == MODE_UNDECIDED || s->first.bytes[chunk->from] < HELLO_BYTES_MAX;
    if (kept && !kept_add(s->budget, &s->first, chunk)) {
        no_memory_to_wait(s, chunk);
        return;
    }
    if (s->mode == MODE_OTHER)
        listen_to_device(s);
    else
        decide(s, false);
}

void session_chunk(struct session *s, const struct chunk *chunk)
{
    if (s->mode == MODE_READING)
        dispatch(s, chunk);
    else
        undecided_chunk(s, chunk);
}

void session_end(struct session *s)
{
    if (s->mode == MODE_UNDECIDED && s->first.first)
        decide(s, true);
    if (s->mode == MODE_FETCHING)
        fetching_end(s->fetching);
    if (s->mode != MODE_READING)
        return;
    replay(s);
    release_held(s);
    if (s->smtp)
        smtp_end(s->smtp);
    if (s->tls)
        tls_end(s->tls);
    if (s->inside)
        session_end(s->inside);
    if (s->smtp && smtp_was_lmtp(s->smtp))
        s->mode = MODE_NOT_MAIL;
}

bool session_reads_on(const struct session *s)
{
    return s->mode == MODE_READING && !s->inside;
}

bool session_is_mail(const struct session *s)
{
    return s->mode != MODE_NOT_MAIL && (!s->inside || session_is_mail(s->inside));
}

bool session_is_fetching(const struct session *s)
{
    return s->mode == MODE_FETCHING || s->mode == MODE_FETCHED;
}

bool session_is_over(const struct session *s)
{
    return s->mode == MODE_FETCHED;
}

bool session_is_decided(const struct session *s)
{
    return s->mode == MODE_READING || s->mode == MODE_OTHER ||
           port_is_mail(s->attempt->server_port);
}
