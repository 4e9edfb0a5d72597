/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/limits.h"
#include "base/table.h"
#include "dissectors/certificate.h"
#include "dissectors/ja4.h"
#include "dissectors/tls_state.h"
#include "facts/tls_names.h"

enum {
    ALERT_SIZE = 2,
    ENCRYPTED_ALERT_MIN = 16, /* 2 bytes and any MAC or tag are longer; in clear it is shorter */
    ENCRYPTED_FINISHED_MAX =
        128, /* a ClientHello of TLS 1.3 is longer (RFC 8446 4.1.2, key_share) */
    FINISHED_13_MIN =
        4 + 32 + 1 + 8, /* header, SHA-256, content type, the shortest tag (RFC 8446 4.4.4, 5.2) */
    VERSION_13 = 0x0304,
    ALERT_CLOSE_NOTIFY = 0,
    ALERT_USER_CANCELED = 90, /* RFC 8446 6.1 */
};

_Static_assert(sizeof(struct tls) <= 208, "state of a TLS connection beside its buffers");

struct tls *tls_new(struct attempt *attempt, struct budget *budget, bool after_starttls)
{
    struct tls *t = mem_alloc(budget, sizeof *t);
    if (!t)
        return NULL;
    t->attempt = attempt;
    t->budget = budget;
    for (int i = 0; i < 2; i++) {
        t->side[i].reader.lenient = !attempt->start_seen && !after_starttls;
        t->side[i].reader.sslv2_allowed = i == SIDE_DEVICE;
    }
    return t;
}

void tls_free(struct tls *t)
{
    if (!t)
        return;
    tls_message_reset(&t->side[SIDE_DEVICE].message, t->budget);
    tls_message_reset(&t->side[SIDE_SERVER].message, t->budget);
    tls_inside_free(t);
    mem_free(t->budget, t, sizeof *t);
}

struct fact tls_fact(const struct tls *t, enum side from, enum fact_kind kind, uint32_t first_frame)
{
    const struct direction_state *d = &t->side[from];
    return (struct fact) {
        .kind = (uint8_t)kind,
        .origin = d->opened ? ORIGIN_DECRYPTED : ORIGIN_SEEN,
        .from = (uint8_t)from,
        .flags = (uint8_t)((d->after_gap ? FACT_AFTER_GAP : 0) |
                           (d->retransmitted ? FACT_RETRANSMITTED : 0)),
        .first_frame = first_frame,
        .last_frame = d->last_frame,
        .time = d->last_time,
    };
}

void tls_tell(struct tls *t, const struct fact *fact)
{
    timeline_add(t->attempt->timeline, fact);
}

static void add_bare(struct tls *t, enum side from, enum fact_kind kind, uint32_t first_frame)
{
    struct fact fact = tls_fact(t, from, kind, first_frame);
    tls_tell(t, &fact);
}

/* ------------------------------------------------------------------ handshake messages in clear */

static struct fact message_fact(const struct tls *t, enum side from, enum fact_kind kind)
{
    const struct tls_message *m = &t->side[from].message;
    struct fact fact = tls_fact(t, from, kind, m->first_frame);
    if (m->retransmitted)
        fact.flags |= FACT_RETRANSMITTED;
    if (m->opened)
        fact.origin = ORIGIN_DECRYPTED;
    return fact;
}

static uint64_t session_hash(struct bytes id)
{
    return id.len > 0 ? table_hash(id) | 1 : 0;
}

static void client_hello(struct tls *t, struct bytes body, bool sslv2)
{
    struct tls_client_hello hello;
    bool read = sslv2 ? tls_sslv2_hello_read(body, &hello) : tls_client_hello_read(body, &hello);
    if (!read)
        return;
    struct fact fact = message_fact(t, SIDE_DEVICE, FACT_CLIENT_HELLO);
    fact.client_hello = hello.fact;
    ja4_text(&hello, fact.client_hello.ja4);
    if (!sslv2)
        fact.client_hello.record_version = t->side[SIDE_DEVICE].reader.version;
    fact.client_hello.second = t->hello_seen;
    if (hello.clipped)
        fact.flags |= FACT_CLIPPED;
    tls_tell(t, &fact);
    t->hello_seen = true;
    t->sslv2 = sslv2;
    t->early_data = hello.fact.early_data;
    t->session_id = session_hash(hello.session_id);
    t->side[SIDE_DEVICE].step = TLS_STEP_CLIENT_HELLO;
    tls_inside_client_hello(t, &hello);
}

static void server_hello(struct tls *t, struct bytes body)
{
    struct tls_server_hello hello;
    if (!tls_server_hello_read(body, &hello))
        return;
    struct fact fact = message_fact(t, SIDE_SERVER, FACT_SERVER_HELLO);
    fact.server_hello = hello.fact;
    /* RFC 5246 7.4.1.3: the offered session id said back is a session resumed */
    if (hello.fact.version < VERSION_13 && t->session_id != 0 &&
        session_hash(hello.session_id) == t->session_id)
        fact.server_hello.resumed = true;
    tls_tell(t, &fact);
    t->version = hello.fact.version;
    t->cipher = hello.fact.cipher;
    t->server_chose = true;
    t->resumed = hello.fact.version >= VERSION_13 && hello.fact.resumed;
    if (t->version >= VERSION_13) /* a ChangeCipherSpec so far was for middleboxes */
        t->side[SIDE_DEVICE].ccs = t->side[SIDE_SERVER].ccs = false;
    t->side[SIDE_SERVER].step = TLS_STEP_SERVER_HELLO;
    tls_inside_server_hello(t, &hello);
}

static void certificate(struct tls *t, enum side from, struct bytes body, bool cut)
{
    struct certificate_texts texts;
    struct fact fact = message_fact(t, from, FACT_CERTIFICATE);
    fact.certificate = t->version >= VERSION_13 ? certificate_message_13_read(body, cut, &texts)
                                                : certificate_message_read(body, cut, &texts);
    if (texts.clipped)
        fact.flags |= FACT_CLIPPED;
    if (t->attempt->certs && from == SIDE_SERVER && !cut)
        certificate_message_keep(body, t->version >= VERSION_13, t->attempt->certs,
                                 &fact.certificate);
    tls_tell(t, &fact);
    t->side[from].step = from == SIDE_SERVER ? TLS_STEP_CERTIFICATE : TLS_STEP_CLIENT_FLIGHT;
}

static void key_exchange(struct tls *t, struct bytes body)
{
    struct fact fact = message_fact(t, SIDE_SERVER, FACT_KEY_EXCHANGE);
    fact.key_exchange = tls_key_exchange_read(body, t->cipher);
    tls_tell(t, &fact);
    t->side[SIDE_SERVER].step = TLS_STEP_KEY_EXCHANGE;
}

static void certificate_request(struct tls *t, struct bytes body)
{
    struct fact fact = message_fact(t, SIDE_SERVER, FACT_CERTIFICATE_REQUEST);
    fact.certificate_request = tls_certificate_request_read(body, t->version);
    tls_tell(t, &fact);
}

static void bare_message(struct tls *t, enum side from, enum fact_kind kind, enum tls_step step)
{
    struct fact fact = message_fact(t, from, kind);
    tls_tell(t, &fact);
    t->side[from].step = (uint8_t)step;
}

/* The message is complete, or (cut) its end will not come. */
static void message_facts(struct tls *t, enum side from, bool cut)
{
    const struct tls_message *m = &t->side[from].message;
    struct bytes body = tls_message_body(m);
    uint8_t type = m->head[0];
    bool server = from == SIDE_SERVER, whole = !cut && !m->over;
    if (m->over && m->kept < TLS_MESSAGE_MAX) /* by memory, not by its length */
        t->attempt->gaps = true;
    if (type == TLS_CLIENT_HELLO && !server)
        client_hello(t, body, false);
    else if (type == TLS_SSLV2_CLIENT_HELLO)
        client_hello(t, body, true);
    else if (type == TLS_SERVER_HELLO && server && whole)
        server_hello(t, body);
    else if (type == TLS_CERTIFICATE)
        certificate(t, from, body, !whole);
    else if (type == TLS_SERVER_KEY_EXCHANGE && server && whole)
        key_exchange(t, body);
    else if (type == TLS_CERTIFICATE_REQUEST && server && whole)
        certificate_request(t, body);
    else if (type == TLS_SERVER_HELLO_DONE && server)
        bare_message(t, from, FACT_SERVER_HELLO_DONE, TLS_STEP_HELLO_DONE);
    else if (type == TLS_CLIENT_KEY_EXCHANGE && !server && !cut)
        bare_message(t, from, FACT_CLIENT_KEY_EXCHANGE, TLS_STEP_CLIENT_FLIGHT);
    else if (type == TLS_FINISHED && t->side[from].opened)
        tls_note_finished(t, from);
    if (whole)
        tls_inside_message(t, from, type, body);
}

/* Payload of handshake records. */
void tls_handshake_bytes(struct tls *t, enum side from, struct bytes bytes, uint32_t frame)
{
    struct direction_state *d = &t->side[from];
    struct tls_message *m = &d->message;
    struct cursor c = cursor_of(bytes);
    bool more = true;
    while (more) {
        m->retransmitted = m->retransmitted || d->retransmitted;
        m->opened = m->opened || d->opened;
        struct bytes rest = bytes_of(c.at, cursor_left(&c));
        bool begins = m->head_len == 0;
        more = tls_message_next(m, t->budget, &c, frame);
        tls_inside_transcript(t, bytes_first(rest, rest.len - cursor_left(&c)), begins);
        if (more) {
            message_facts(t, from, false);
            tls_message_reset(m, t->budget);
        }
    }
}

/* n bytes of handshake payload are missing. */
static void handshake_gap(struct tls *t, enum side from, uint32_t n)
{
    struct tls_message *m = &t->side[from].message;
    if (tls_message_gap_cuts(m, n))
        message_facts(t, from, true);
    tls_message_gap(m, t->budget, n);
}

/* The rest of the message at hand, if there is one, will not come. */
static void message_cut(struct tls *t, enum side from)
{
    struct tls_message *m = &t->side[from].message;
    if (tls_message_begun(m))
        message_facts(t, from, true);
    tls_message_reset(m, t->budget);
}

/* ------------------------------------------------------------------ records */

/* Is the record that begins encrypted, as far as its side's past and its length tell? */
static bool is_encrypted(const struct tls *t, const struct direction_state *d)
{
    const struct tls_reader *r = &d->reader;
    if (r->type == TLS_APPLICATION_DATA)
        return true;
    if (t->version >= VERSION_13 || r->type == TLS_SSLV2)
        return false;
    if (r->type == TLS_ALERT && r->length < ENCRYPTED_ALERT_MIN)
        return false;
    if (d->encrypted)
        return true;
    if (!d->ccs) /* a capture that starts late may have missed it */
        return r->type == TLS_ALERT && (r->lenient || d->after_gap);
    if (r->type == TLS_CHANGE_CIPHER_SPEC && r->length == 1)
        return false;
    /* which version is not known: a second hello behind a ChangeCipherSpec (RFC 8446 D.4) is in
     * clear */
    return !(r->type == TLS_HANDSHAKE && t->version == 0 && r->length > ENCRYPTED_FINISHED_MAX);
}

/* RFC 8446 4.4.4: with early data on its way only a Finished's own sizes tell. */
static bool looks_like_finished_13(const struct tls *t, uint16_t length)
{
    if (t->early_data)
        return length == FINISHED_13_MIN || length == FINISHED_13_MIN + 8 ||
               length == FINISHED_13_MIN + 8 + 16;
    return length >= FINISHED_13_MIN;
}

/* The handshake has come to its end once both sides' Finished were seen. */
static void note_up(struct tls *t, enum side from)
{
    struct direction_state *d = &t->side[from];
    if (t->up || !t->side[SIDE_DEVICE].finished || !t->side[SIDE_SERVER].finished)
        return;
    t->up = true;
    struct fact fact = tls_fact(t, from, FACT_TLS_UP, d->reader.first_frame);
    fact.tls_up =
        (struct fact_tls_up) { .version = t->version, .cipher = t->cipher, .resumed = t->resumed };
    tls_tell(t, &fact);
}

void tls_note_finished(struct tls *t, enum side from)
{
    t->side[from].finished = true;
    note_up(t, from);
}

/* The Finished is sealed. As far as the wire shows: up to TLS 1.2 each side has sent it with an
 * encrypted record of type handshake or application data after its ChangeCipherSpec; in TLS 1.3
 * (and where the version was not seen) when the server has sent an encrypted record and then the
 * device one of at least a Finished's size: a lone shorter one is an alert. */
static void note_sealed(struct tls *t, enum side from)
{
    struct direction_state *d = &t->side[from], *server = &t->side[SIDE_SERVER];
    uint8_t type = d->reader.type;
    if (t->version != 0 && t->version < VERSION_13) {
        d->finished = d->finished || type == TLS_HANDSHAKE || type == TLS_APPLICATION_DATA;
    } else if (type == TLS_HANDSHAKE && t->version == 0) {
        d->finished = true;
    } else if (type == TLS_APPLICATION_DATA) {
        if (from == SIDE_SERVER)
            d->finished = true;
        else if (server->finished && looks_like_finished_13(t, d->reader.length))
            d->finished = true;
    }
    note_up(t, from);
}

static uint8_t alert_step(const struct tls *t, enum side from)
{
    return t->up ? (uint8_t)TLS_STEP_UP : t->side[side_other(from)].step;
}

static void alert_fact(struct tls *t, enum side from, uint8_t level, uint8_t code)
{
    bool opened_13 = t->version >= VERSION_13 && t->side[from].opened;
    if (opened_13) /* RFC 8446 6: the level says nothing */
        level =
            code == ALERT_CLOSE_NOTIFY || code == ALERT_USER_CANCELED ? ALERT_WARNING : ALERT_FATAL;
    struct fact fact = tls_fact(t, from, FACT_TLS_ALERT, t->side[from].reader.first_frame);
    fact.alert =
        (struct fact_tls_alert) { .level = level, .code = code, .step = alert_step(t, from) };
    tls_tell(t, &fact);
}

/* RFC 8446 6, RFC 5246 7.2: two bytes each; several a record, and over records, as old stacks
 * do. */
void tls_alert_bytes(struct tls *t, enum side from, struct bytes bytes)
{
    struct direction_state *d = &t->side[from];
    struct cursor c = cursor_of(bytes);
    while (cursor_left(&c) > 0) {
        uint8_t byte = cursor_u8(&c);
        if (d->alert_level == 0) {
            d->alert_level = byte == ALERT_WARNING || byte == ALERT_FATAL ? byte : 0;
            continue;
        }
        alert_fact(t, from, d->alert_level, byte);
        d->alert_level = 0;
    }
}

/* A cipher that only signs leaves an alert readable, in front of its MAC. */
bool tls_is_null_cipher(const struct tls *t)
{
    return t->version < VERSION_13 && tls_cipher_kind(t->cipher).bulk == TLS_BULK_NULL &&
           t->cipher != 0;
}

static void encrypted_record(struct tls *t, enum side from)
{
    struct direction_state *d = &t->side[from];
    struct tls_reader *r = &d->reader;
    attempt_trace(t->attempt, from, r->type, r->length, d->last_frame, d->last_time);
    if (!d->encrypted) {
        d->encrypted = true;
        add_bare(t, from, FACT_ENCRYPTED, r->first_frame);
    }
    if (tls_inside_record(t, from))
        return;
    if (r->type == TLS_ALERT) {
        if (!tls_is_null_cipher(t))
            alert_fact(t, from, ALERT_ENCRYPTED, 0);
        return;
    }
    note_sealed(t, from);
    if (from == SIDE_DEVICE && t->server_chose && !t->up)
        d->step = TLS_STEP_CLIENT_FLIGHT;
}

/* Up to TLS 1.2 the keys change; in 1.3 it is there for middleboxes. */
void tls_change_cipher_spec(struct tls *t, enum side from)
{
    struct direction_state *d = &t->side[from];
    if (t->version >= VERSION_13)
        return;
    d->ccs = true;
    tls_inside_change(t, from);
    if (from == SIDE_SERVER && t->server_chose && d->step == TLS_STEP_SERVER_HELLO)
        t->resumed = true; /* nothing stood between it and the ServerHello */
    if (from == SIDE_DEVICE && t->server_chose)
        d->step = TLS_STEP_CLIENT_FLIGHT;
}

static void record_begin(struct tls *t, enum side from)
{
    struct direction_state *d = &t->side[from];
    d->retransmitted = false;
    d->sealed = is_encrypted(t, d);
    tls_inside_record_begin(t, from);
    if (d->reader.type == TLS_SSLV2)
        tls_message_begin(&d->message, TLS_SSLV2_CLIENT_HELLO, d->reader.length,
                          d->reader.first_frame);
}

static void record_payload(struct tls *t, enum side from, struct bytes bytes, bool first)
{
    struct direction_state *d = &t->side[from];
    if (d->sealed) {
        size_t seen = (size_t)(d->reader.length - d->reader.left) - bytes.len;
        if (d->reader.type == TLS_ALERT && tls_is_null_cipher(t) && seen < ALERT_SIZE)
            tls_alert_bytes(t, from, bytes_first(bytes, ALERT_SIZE - seen));
        tls_inside_payload(t, from, bytes);
        return;
    }
    if (d->reader.type == TLS_HANDSHAKE || d->reader.type == TLS_SSLV2)
        tls_handshake_bytes(t, from, bytes, first ? d->reader.first_frame : d->last_frame);
    else if (d->reader.type == TLS_ALERT)
        tls_alert_bytes(t, from, bytes);
}

static void record_end(struct tls *t, enum side from)
{
    struct direction_state *d = &t->side[from];
    if (d->sealed)
        encrypted_record(t, from);
    else if (d->reader.type == TLS_CHANGE_CIPHER_SPEC)
        tls_change_cipher_spec(t, from);
    d->message.lost = false;
    tls_reader_end(&d->reader);
}

/* ------------------------------------------------------------------ in and out */

static void gap(struct tls *t, const struct chunk *chunk)
{
    struct direction_state *d = &t->side[chunk->from];
    d->after_gap = true;
    d->alert_level = 0;
    bool in_record = d->reader.in_record, crossed;
    bool handshake = (d->reader.type == TLS_HANDSHAKE || d->reader.type == TLS_SSLV2) && !d->sealed;
    tls_inside_gap(t, chunk->from);
    uint16_t lost = tls_reader_gap(&d->reader, chunk->gap_len, &crossed);
    if (in_record && handshake && lost > 0)
        handshake_gap(t, chunk->from, lost);
    if (crossed)
        message_cut(t, chunk->from);
    if (in_record && d->reader.left == 0)
        record_end(t, chunk->from);
}

struct answer tls_data(struct tls *t, const struct chunk *chunk)
{
    struct answer ok = { .verdict = VERDICT_OK, .taken = chunk->bytes.len };
    struct direction_state *d = &t->side[chunk->from];
    d->last_frame = chunk->frame;
    d->last_time = chunk->time;
    if (d->broken)
        return ok;
    if (chunk->gap) {
        gap(t, chunk);
        return ok;
    }
    struct tls_reader *r = &d->reader;
    struct cursor c = cursor_of(chunk->bytes);
    uint8_t earlier = r->header_len; /* of the header at hand, in earlier chunks */
    for (;;) {
        struct bytes payload = { NULL, 0 };
        bool first = r->in_record && r->left == r->length;
        enum tls_event event = tls_reader_next(r, &c, chunk->frame, &payload);
        if (event == TLS_EVENT_NONE)
            return ok;
        if (event == TLS_EVENT_RECORD) {
            record_begin(t, chunk->from);
            earlier = 0;
        }
        d->retransmitted = d->retransmitted || chunk->retransmitted;
        if (event == TLS_EVENT_PAYLOAD)
            record_payload(t, chunk->from, payload, first);
        else if (event == TLS_EVENT_END)
            record_end(t, chunk->from);
        else if (event == TLS_EVENT_NONSENSE)
            break;
    }
    if (tls_sslv2_answer(t, chunk->from))
        return ok;
    tls_broken(t, chunk->from);
    d->leftover = earlier;
    size_t used = chunk->bytes.len - cursor_left(&c), here = (size_t)(TLS_HEADER_SIZE - earlier);
    return (struct answer) { .verdict = VERDICT_GIVE_UP, .taken = used - here };
}

struct bytes tls_leftover(const struct tls *t, enum side from)
{
    return bytes_of(t->side[from].reader.header, t->side[from].leftover);
}

void tls_end(struct tls *t)
{
    for (int i = 0; i < 2; i++) {
        struct direction_state *d = &t->side[i];
        struct tls_reader *r = &d->reader;
        if (d->broken)
            continue;
        message_cut(t, (enum side)i);
        bool idle = r->in_record || r->searching || r->lenient || r->header_len == 0;
        bool sslv2 = r->sslv2_allowed && !r->begun && r->header_len > 0 && (r->header[0] & 0x80);
        if (!idle && !sslv2 && !tls_record_may_begin(bytes_of(r->header, r->header_len))) {
            tls_broken(t, (enum side)i);
            d->leftover = r->header_len;
        }
    }
    tls_inside_end(t);
}

int tls_looks_like_hello(struct bytes b)
{
    if (b.len == 0)
        return 0;
    if (b.at[0] & 0x80)
        return tls_sslv2_looks_like_hello(b);
    if (b.at[0] != TLS_HANDSHAKE || !tls_record_may_begin(bytes_first(b, TLS_HEADER_SIZE)))
        return -1;
    if (b.len <= TLS_HEADER_SIZE)
        return 0;
    return b.at[3] + b.at[4] > 0 && b.at[TLS_HEADER_SIZE] == TLS_CLIENT_HELLO ? 1 : -1;
}
