/* SPDX-License-Identifier: BSD-3-Clause */
#include "dissectors/tls_message.h"

#include "base/limits.h"
#include "dissectors/tls_handshake.h"

enum { BUFFER_FIRST = 512 }; /* doubled as bytes come */

static bool is_kept(uint8_t type)
{
    return type == TLS_CLIENT_HELLO || type == TLS_SSLV2_CLIENT_HELLO || type == TLS_SERVER_HELLO ||
           type == TLS_CERTIFICATE || type == TLS_SERVER_KEY_EXCHANGE ||
           type == TLS_CERTIFICATE_REQUEST || type == TLS_CLIENT_KEY_EXCHANGE ||
           type == TLS_NEW_SESSION_TICKET;
}

static uint32_t message_length(const struct tls_message *m)
{
    struct cursor c = cursor_of(bytes_of(m->head + 1, TLS_MESSAGE_HEADER - 1));
    return cursor_u24(&c);
}

bool tls_message_begun(const struct tls_message *m)
{
    return m->head_len == TLS_MESSAGE_HEADER;
}

struct bytes tls_message_body(const struct tls_message *m)
{
    return bytes_of(m->buf, m->kept);
}

/* It may have come out of what was encrypted. */
static void drop_buffer(struct tls_message *m, struct budget *budget)
{
    if (m->buf)
        mem_wipe(m->buf, m->cap);
    mem_free(budget, m->buf, m->cap);
    m->buf = NULL;
    m->cap = m->kept = 0;
}

void tls_message_reset(struct tls_message *m, struct budget *budget)
{
    drop_buffer(m, budget);
    *m = (struct tls_message) { .lost = m->lost };
}

void tls_message_begin(struct tls_message *m, uint8_t type, uint16_t length, uint32_t frame)
{
    m->head[0] = type;
    m->head[2] = (uint8_t)(length >> 8);
    m->head[3] = (uint8_t)length;
    m->head_len = TLS_MESSAGE_HEADER;
    m->first_frame = frame;
}

/* Makes room for n more bytes of body as they come, never for what a length announces. */
static bool make_room(struct tls_message *m, struct budget *budget, size_t n)
{
    uint32_t cap = m->cap > 0 ? m->cap : BUFFER_FIRST;
    while (cap - m->kept < n)
        cap *= 2;
    if (cap == m->cap)
        return true;
    uint8_t *buf = mem_alloc(budget, cap);
    if (!buf)
        return false;
    uint32_t kept = (uint32_t)bytes_copy(buf, cap, tls_message_body(m));
    drop_buffer(m, budget);
    m->buf = buf;
    m->cap = cap;
    m->kept = kept;
    return true;
}

static void add_body(struct tls_message *m, struct budget *budget, struct bytes bytes)
{
    m->got += (uint32_t)bytes.len;
    if (!is_kept(m->head[0]) || m->over)
        return;
    uint32_t max = m->head[0] == TLS_CERTIFICATE ? TLS_CERTIFICATES_MAX : TLS_MESSAGE_MAX;
    struct bytes fit = bytes_first(bytes, max - m->kept);
    m->over = fit.len < bytes.len;
    if (make_room(m, budget, fit.len))
        m->kept += (uint32_t)bytes_copy(m->buf + m->kept, fit.len, fit);
    else
        m->over = true;
}

bool tls_message_next(struct tls_message *m, struct budget *budget, struct cursor *c,
                      uint32_t frame)
{
    while (cursor_left(c) > 0 && !m->lost) {
        if (!tls_message_begun(m)) {
            if (m->head_len == 0)
                m->first_frame = frame;
            m->head[m->head_len++] = cursor_u8(c);
            if (tls_message_begun(m) && !tls_handshake_plausible(m->head[0], message_length(m))) {
                m->lost = true;
                tls_message_reset(m, budget);
                return false;
            }
        } else {
            size_t left = cursor_left(c), wanted = message_length(m) - m->got;
            add_body(m, budget, cursor_bytes(c, left < wanted ? left : wanted));
        }
        if (tls_message_begun(m) && m->got == message_length(m))
            return true;
    }
    return false;
}

bool tls_message_gap_cuts(const struct tls_message *m, uint32_t n)
{
    if (!tls_message_begun(m))
        return false;
    return message_length(m) - m->got <= n || (is_kept(m->head[0]) && !m->over);
}

void tls_message_gap(struct tls_message *m, struct budget *budget, uint32_t n)
{
    uint32_t left = tls_message_begun(m) ? message_length(m) - m->got : 0;
    if (left <= n) {
        tls_message_reset(m, budget);
        m->lost = m->lost || left != n;
        return;
    }
    if (is_kept(m->head[0]) && !m->over) {
        m->head[0] = TLS_CERTIFICATE_STATUS; /* as one that is passed over */
        drop_buffer(m, budget);
    }
    m->got += n;
}
