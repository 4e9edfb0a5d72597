/* SPDX-License-Identifier: BSD-3-Clause */
/* Sealed records of a connection for which there may be a key: gathered, opened, and what they hold
 * passed on as if it had stood there in clear. */
#include "dissectors/tls_state.h"

void tls_use_keys(struct tls *t, struct tls_keys *keys, struct tls_sink sink)
{
    t->keys = keys;
    t->sink = sink;
    t->decrypt = tls_keys_worth_it(keys) ? tls_decrypt_new(keys, t->budget) : NULL;
}

void tls_inside_begin(struct tls *t, const struct tls_client_hello *hello)
{
    if (!t->keys || hello->random.len != TLS_RANDOM_SIZE)
        return;
    if (t->decrypt)
        tls_decrypt_client_hello(t->decrypt, hello);
    else
        tls_keys_missed(t->keys, hello->random.at);
}

void tls_inside_drop(struct tls *t, enum side from)
{
    struct direction_state *d = &t->side[from];
    mem_free(t->budget, d->record, d->record_cap);
    d->record = NULL;
    d->record_len = d->record_cap = 0;
    d->torn = false;
}

/* Room for the record at hand as its bytes come, never for what its length announces. */
static bool make_room(struct tls *t, struct direction_state *d, size_t need)
{
    enum { ROOM_FIRST = 1024 };
    size_t cap = d->record_cap > 0 ? d->record_cap : ROOM_FIRST;
    while (cap < need)
        cap *= 2;
    if (cap == d->record_cap)
        return true;
    uint8_t *record = mem_resize(t->budget, d->record, d->record_cap, cap);
    if (!record)
        return false;
    d->record = record;
    d->record_cap = (uint16_t)cap;
    return true;
}

void tls_inside_payload(struct tls *t, enum side from, struct bytes payload)
{
    struct direction_state *d = &t->side[from];
    if (d->torn || !make_room(t, d, d->record_len + payload.len)) {
        d->torn = true;
        return;
    }
    size_t room = (size_t)(d->record_cap - d->record_len);
    d->record_len = (uint16_t)(d->record_len + bytes_copy(d->record + d->record_len, room, payload));
}

void tls_inside_gap(struct tls *t, enum side from)
{
    t->side[from].torn = true;
    tls_decrypt_gap(t->decrypt, from);
}

static struct chunk chunk_of(const struct tls *t, enum side from)
{
    const struct direction_state *d = &t->side[from];
    return (struct chunk){ .from = from, .origin = ORIGIN_DECRYPTED, .retransmitted = d->retransmitted, .frame = d->last_frame,
                           .time = d->last_time, .offset = d->offset };
}

static void application_data(struct tls *t, enum side from, struct bytes content)
{
    struct direction_state *d = &t->side[from];
    t->data_opened = true;
    if (d->unread) {
        struct chunk gap = chunk_of(t, from);
        gap.gap = true;
        t->attempt->gaps = true;
        t->sink.data(t->sink.state, &gap);
        d->unread = false;
    }
    if (content.len == 0)
        return;
    struct chunk chunk = chunk_of(t, from);
    chunk.bytes = content;
    t->sink.data(t->sink.state, &chunk);
    d->offset += content.len;
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
    struct tls_sealed record = { .type = d->reader.type, .version = d->reader.version,
                                 .payload = bytes_of(d->record, d->record_len) };
    uint8_t *out = d->record_len > 0 ? mem_alloc(t->budget, d->record_len) : NULL, type;
    if (!out)
        return false;
    struct bytes content;
    bool opened = tls_decrypt_open(t->decrypt, from, &record, d->last_frame, out, &content, &type);
    if (opened)
        content_facts(t, from, type, content);
    mem_wipe(out, d->record_len);
    mem_free(t->budget, out, d->record_len);
    return opened;
}

bool tls_inside_record(struct tls *t, enum side from)
{
    struct direction_state *d = &t->side[from];
    bool opened = !d->torn && open_at_hand(t, from);
    if (opened) {
        t->opened = true;
    } else if (d->reader.type == TLS_APPLICATION_DATA && t->up) {
        d->unread = t->data_unread = true;
    }
    tls_inside_drop(t, from);
    return opened;
}

void tls_inside_message(struct tls *t, enum side from, uint8_t type, struct bytes body)
{
    bool server = from == SIDE_SERVER, opened = t->side[from].opened;
    if (type == TLS_CLIENT_KEY_EXCHANGE && !server)
        tls_decrypt_key_exchange(t->decrypt, body);
    else if (type == TLS_NEW_SESSION_TICKET && server && !opened)
        tls_decrypt_ticket(t->decrypt, body);
    else if (type == TLS_FINISHED && opened)
        tls_decrypt_finished(t->decrypt, from);
    else if (type == TLS_KEY_UPDATE && opened)
        tls_decrypt_key_update(t->decrypt, from);
}

void tls_inside_end(struct tls *t)
{
    t->attempt->decrypted = t->data_opened || (t->opened && !t->data_unread);
    for (int i = 0; i < 2; i++) {
        struct direction_state *d = &t->side[i];
        if (!t->data_opened || !d->unread)
            continue;
        struct chunk gap = chunk_of(t, (enum side)i);
        gap.gap = t->attempt->gaps = true;
        t->sink.data(t->sink.state, &gap);
    }
}
