/* SPDX-License-Identifier: BSD-3-Clause */
/* Sealed records of a connection for which there may be a key: gathered, opened, and what they hold
 * passed on as if it had stood there in clear. */
#include "dissectors/tls_decrypt.h"
#include "dissectors/tls_state.h"

struct inside_half {
    uint8_t *record; /* payload of the sealed record at hand, as it comes */
    uint64_t offset; /* of the next application data in clear */
    uint16_t len, cap;
    bool torn;   /* a part of the record at hand is missing */
    bool unread; /* application data since the last that was opened could not be */
};

struct tls_inside {
    struct tls_decrypt *decrypt;
    struct tls_sink sink;
    struct inside_half half[2]; /* by enum side */
    bool opened;                /* a record was */
    bool data_opened, data_unread;
};

void tls_use_keys(struct tls *t, struct tls_keys *keys, struct tls_sink sink)
{
    t->keys = keys;
    if (!tls_keys_worth_it(keys))
        return;
    struct tls_inside *in = mem_alloc(t->budget, sizeof *in);
    struct tls_decrypt *decrypt = in ? tls_decrypt_new(keys, t->budget) : NULL;
    if (!decrypt) {
        mem_free(t->budget, in, sizeof *in);
        return;
    }
    in->decrypt = decrypt;
    in->sink = sink;
    t->inside = in;
}

static void drop_record(struct tls *t, struct inside_half *h)
{
    mem_free(t->budget, h->record, h->cap);
    h->record = NULL;
    h->len = h->cap = 0;
    h->torn = false;
}

void tls_inside_free(struct tls *t)
{
    struct tls_inside *in = t->inside;
    if (!in)
        return;
    drop_record(t, &in->half[SIDE_DEVICE]);
    drop_record(t, &in->half[SIDE_SERVER]);
    tls_decrypt_free(in->decrypt);
    mem_free(t->budget, in, sizeof *in);
}

/* ------------------------------------------------------------------ the handshake */

void tls_inside_client_hello(struct tls *t, const struct tls_client_hello *hello)
{
    if (t->inside)
        tls_decrypt_client_hello(t->inside->decrypt, hello);
    else if (t->keys && hello->random.len == TLS_RANDOM_SIZE)
        tls_keys_missed(t->keys, hello->random.at);
}

void tls_inside_server_hello(struct tls *t, const struct tls_server_hello *hello)
{
    if (t->inside)
        tls_decrypt_server_hello(t->inside->decrypt, hello);
}

void tls_inside_change(struct tls *t, enum side from)
{
    if (t->inside)
        tls_decrypt_change(t->inside->decrypt, from);
}

void tls_inside_transcript(struct tls *t, struct bytes bytes, bool begins)
{
    if (t->inside)
        tls_decrypt_transcript(t->inside->decrypt, bytes, begins);
}

void tls_inside_message(struct tls *t, enum side from, uint8_t type, struct bytes body)
{
    bool server = from == SIDE_SERVER, opened = t->side[from].opened;
    if (!t->inside)
        return;
    if (type == TLS_CLIENT_KEY_EXCHANGE && !server)
        tls_decrypt_key_exchange(t->inside->decrypt, body);
    else if (type == TLS_NEW_SESSION_TICKET && server && !opened)
        tls_decrypt_ticket(t->inside->decrypt, body);
    else if (type == TLS_FINISHED && opened)
        tls_decrypt_finished(t->inside->decrypt, from);
    else if (type == TLS_KEY_UPDATE && opened)
        tls_decrypt_key_update(t->inside->decrypt, from);
}

/* ------------------------------------------------------------------ records */

/* Room for the record at hand as its bytes come, never for what its length announces. */
static bool make_room(struct tls *t, struct inside_half *h, size_t need)
{
    enum { ROOM_FIRST = 1024 };
    size_t cap = h->cap > 0 ? h->cap : ROOM_FIRST;
    while (cap < need)
        cap *= 2;
    if (cap == h->cap)
        return true;
    uint8_t *record = mem_resize(t->budget, h->record, h->cap, cap);
    if (!record)
        return false;
    h->record = record;
    h->cap = (uint16_t)cap;
    return true;
}

void tls_inside_record_begin(struct tls *t, enum side from)
{
    if (t->inside)
        drop_record(t, &t->inside->half[from]);
}

void tls_inside_payload(struct tls *t, enum side from, struct bytes payload)
{
    struct inside_half *h = t->inside ? &t->inside->half[from] : NULL;
    if (!h)
        return;
    h->torn = h->torn || !make_room(t, h, h->len + payload.len);
    if (!h->torn)
        h->len =
            (uint16_t)(h->len + bytes_copy(h->record + h->len, (size_t)(h->cap - h->len), payload));
}

void tls_inside_gap(struct tls *t, enum side from)
{
    if (!t->inside)
        return;
    t->inside->half[from].torn = true;
    t->inside->half[from].unread = t->inside->half[from].unread || t->up;
    tls_decrypt_gap(t->inside->decrypt, from);
}

static struct chunk chunk_of(const struct tls *t, enum side from)
{
    const struct direction_state *d = &t->side[from];
    return (struct chunk) { .from = from,
                            .origin = ORIGIN_DECRYPTED,
                            .retransmitted = d->retransmitted,
                            .frame = d->last_frame,
                            .time = d->last_time,
                            .offset = t->inside->half[from].offset };
}

static void hand_on(struct tls *t, const struct chunk *chunk)
{
    t->inside->sink.data(t->inside->sink.state, chunk);
    t->inside->half[chunk->from].offset += chunk->bytes.len;
}

/* What could not be opened is missing in the stream of what was. */
static void hand_on_gap(struct tls *t, enum side from)
{
    struct chunk gap = chunk_of(t, from);
    gap.gap = t->attempt->gaps = true;
    hand_on(t, &gap);
    t->inside->half[from].unread = false;
}

static void application_data(struct tls *t, enum side from, struct bytes content)
{
    t->inside->data_opened = true;
    for (int i = 0; i < 2; i++) /* the other side's too: this may be the answer to it */
        if (t->inside->half[i].unread)
            hand_on_gap(t, (enum side)i);
    struct chunk chunk = chunk_of(t, from);
    chunk.bytes = content;
    if (content.len > 0)
        hand_on(t, &chunk);
}

static void content_facts(struct tls *t, enum side from, uint8_t type, struct bytes content)
{
    struct direction_state *d = &t->side[from];
    d->opened = true;
    if (type == TLS_HANDSHAKE)
        tls_handshake_bytes(t, from, content, d->reader.first_frame);
    else if (type == TLS_ALERT && !tls_is_null_cipher(t))
        tls_alert_bytes(t, from, content);
    else if (type == TLS_CHANGE_CIPHER_SPEC)
        tls_change_cipher_spec(t, from);
    else if (type == TLS_APPLICATION_DATA)
        application_data(t, from, content);
    d->message.lost = d->opened = false;
}

static bool open_at_hand(struct tls *t, enum side from)
{
    struct direction_state *d = &t->side[from];
    const struct inside_half *h = &t->inside->half[from];
    struct tls_sealed record = { .type = d->reader.type,
                                 .version = d->reader.version,
                                 .payload = bytes_of(h->record, h->len) };
    size_t size = h->len;
    uint8_t *out = size > 0 ? mem_alloc(t->budget, size) : NULL, type;
    if (!out)
        return false;
    struct bytes content;
    bool opened =
        tls_decrypt_open(t->inside->decrypt, from, &record, d->last_frame, out, &content, &type);
    if (opened)
        content_facts(t, from, type, content);
    mem_wipe(out, size);
    mem_free(t->budget, out, size);
    return opened;
}

bool tls_inside_record(struct tls *t, enum side from)
{
    if (!t->inside)
        return false;
    struct inside_half *h = &t->inside->half[from];
    bool opened = !h->torn && open_at_hand(t, from);
    if (opened)
        t->inside->opened = true;
    else if (t->side[from].reader.type == TLS_APPLICATION_DATA && t->up)
        h->unread = t->inside->data_unread = true;
    drop_record(t, h);
    return opened;
}

bool tls_stays_sealed(const struct tls *t)
{
    return !t->inside || (t->inside->data_unread && !t->inside->data_opened);
}

void tls_inside_end(struct tls *t)
{
    struct tls_inside *in = t->inside;
    if (!in)
        return;
    t->attempt->decrypted = in->data_opened || (in->opened && !in->data_unread);
    for (int i = 0; i < 2; i++)
        if (in->data_opened && in->half[i].unread)
            hand_on_gap(t, (enum side)i);
}
