/* SPDX-License-Identifier: BSD-3-Clause */
#include "dissectors/tls_record.h"

enum { SSLV2_HELLO_FIXED = 9, SSLV2_CHALLENGE_MIN = 16, SSLV2_CHALLENGE_MAX = 32 };
/* While searching, an alert longer than this is taken for chance. */
enum { SEARCH_ALERT_MAX = 512 };

static uint16_t be16(const uint8_t *at)
{
    struct cursor c = cursor_of(bytes_of(at, 2));
    return cursor_u16(&c);
}

bool tls_record_may_begin(struct bytes b)
{
    return (b.len < 1 || (b.at[0] >= TLS_CHANGE_CIPHER_SPEC && b.at[0] <= TLS_HEARTBEAT)) &&
           (b.len < 2 || b.at[1] == 3) && (b.len < 3 || b.at[2] <= 4) &&
           (b.len < TLS_HEADER_SIZE || be16(b.at + 3) <= TLS_RECORD_MAX);
}

static bool is_sslv2_version(uint8_t major, uint8_t minor)
{
    return (major == 0 && minor == 2) || (major == 3 && minor <= 4);
}

int tls_sslv2_looks_like_hello(struct bytes b)
{
    if ((b.len > 0 && !(b.at[0] & 0x80)) || (b.len > 2 && b.at[2] != 1) ||
        (b.len > 3 && b.at[3] != 0 && b.at[3] != 3) ||
        (b.len > 4 && !is_sslv2_version(b.at[3], b.at[4])))
        return -1;
    struct cursor c = cursor_of(b);
    size_t length = cursor_u16(&c) & 0x7fffu;
    cursor_skip(&c, 3);
    size_t ciphers = cursor_u16(&c), session = cursor_u16(&c), challenge = cursor_u16(&c);
    if (!cursor_ok(&c))
        return 0;
    bool sane = ciphers > 0 && ciphers % 3 == 0 &&
                (session == 0 || session == 16 || session == 32) &&
                challenge >= SSLV2_CHALLENGE_MIN && challenge <= SSLV2_CHALLENGE_MAX &&
                length == SSLV2_HELLO_FIXED + ciphers + session + challenge;
    return sane ? 1 : -1;
}

/* More is asked of a header that was found by searching. */
static bool found_by_search(const struct tls_reader *r)
{
    uint16_t length = be16(r->header + 3);
    return length > 0 && r->header[2] <= 3 && /* no record says TLS 1.3 (RFC 8446 5.1) */
           (r->header[0] != TLS_CHANGE_CIPHER_SPEC || length == 1) &&
           (r->header[0] != TLS_ALERT || length <= SEARCH_ALERT_MAX);
}

static bool is_sslv2_header(const struct tls_reader *r)
{
    return r->sslv2_allowed && !r->begun && !r->searching &&
           (be16(r->header) & 0x7fff) > SSLV2_HELLO_FIXED &&
           tls_sslv2_looks_like_hello(bytes_of(r->header, TLS_HEADER_SIZE)) >= 0;
}

static void begin_record(struct tls_reader *r, uint8_t type, uint16_t version, uint16_t length)
{
    r->type = type;
    r->version = version;
    r->length = r->left = length;
    r->in_record = r->begun = true;
    r->searching = false;
    r->header_len = 0;
}

/* Five bytes are there: a record, or nonsense, or (TLS_EVENT_NONE) the search goes on. */
static enum tls_event judge_header(struct tls_reader *r)
{
    bool record = tls_record_may_begin(bytes_of(r->header, TLS_HEADER_SIZE));
    if (record && (!r->searching || found_by_search(r))) {
        begin_record(r, r->header[0], be16(r->header + 1), be16(r->header + 3));
        return TLS_EVENT_RECORD;
    }
    if (!record && is_sslv2_header(r)) {
        r->given = 3; /* type and version are payload already */
        begin_record(r, TLS_SSLV2, be16(r->header + 3), be16(r->header) & 0x7fff);
        return TLS_EVENT_RECORD;
    }
    if (!r->searching && !r->lenient)
        return TLS_EVENT_NONSENSE;
    r->searching = true;
    for (r->header_len = 0; r->header_len < TLS_HEADER_SIZE - 1; r->header_len++)
        r->header[r->header_len] = r->header[r->header_len + 1];
    return TLS_EVENT_NONE;
}

enum tls_event tls_reader_next(struct tls_reader *r, struct cursor *c, uint32_t frame,
                               struct bytes *payload)
{
    if (r->in_record) {
        if (r->left == 0) {
            r->in_record = false;
            return TLS_EVENT_END;
        }
        if (r->given > 0) {
            *payload = bytes_of(r->header + TLS_HEADER_SIZE - r->given, r->given);
            r->given = 0;
        } else {
            size_t n = cursor_left(c);
            *payload = cursor_bytes(c, n < r->left ? n : r->left);
        }
        r->left = (uint16_t)(r->left - payload->len);
        return payload->len > 0 ? TLS_EVENT_PAYLOAD : TLS_EVENT_NONE;
    }
    while (cursor_left(c) > 0) {
        if (r->header_len == 0)
            r->first_frame = frame;
        r->header[r->header_len++] = cursor_u8(c);
        enum tls_event event = r->header_len == TLS_HEADER_SIZE ? judge_header(r) : TLS_EVENT_NONE;
        if (event != TLS_EVENT_NONE)
            return event;
    }
    return TLS_EVENT_NONE;
}

uint16_t tls_reader_gap(struct tls_reader *r, uint64_t len, bool *crossed)
{
    *crossed = !r->in_record || len == 0 || len > r->left;
    r->lenient = true;
    r->header_len = r->given = 0;
    if (*crossed)
        r->searching = true;
    if (!r->in_record)
        return 0;
    uint16_t lost = *crossed ? r->left : (uint16_t)len;
    r->left = (uint16_t)(r->left - lost);
    return lost;
}

void tls_reader_end(struct tls_reader *r)
{
    r->in_record = false;
}
