/* SPDX-License-Identifier: BSD-3-Clause */
#include "derive/infer_records.h"

#include <math.h>

#include "facts/tls_names.h"

enum {
    TLS_ALERT = 21,
    TLS_APPLICATION_DATA = 23,
    VERSION_11 = 0x0302,
    VERSION_12 = 0x0303,
    VERSION_13 = 0x0304,
    ALERT_BYTES = 2,
    FINISHED_HEADER = 4,
    TICKET_MIN = 60,
    TICKET_MAX = 4000,
    FULL_RECORD = 4096,
    JSSE_PADDING = 16,
    KEY_UPDATE_BYTES = 5,
    RUN_MAX = 8,
};

static bool named(const char *name, const char *part)
{
    return bytes_find_nocase(bytes_str(name), part) >= 0;
}

static bool ends_in(const char *name, const char *end)
{
    struct bytes n = bytes_str(name), e = bytes_str(end);
    return n.len >= e.len && bytes_equal(bytes_after(n, n.len - e.len), e);
}

static uint16_t mac_bytes(const char *name)
{
    if (ends_in(name, "_SHA384"))
        return 48;
    if (ends_in(name, "_SHA256"))
        return 32;
    return ends_in(name, "_MD5") ? 16 : 20;
}

/* RFC 5288 3, 6655 3, 7905 2, 8446 5.2, 5246 6.2.3. Encrypt-then-MAC (RFC 7366) leaves the same
 * range. */
bool infer_cipher_of(uint16_t version, uint16_t cipher, struct infer_cipher *out)
{
    enum {
        TAG = 16,
        SHORT_TAG = 8,
        NONCE = 8,
        BLOCK = 16,
        SHORT_BLOCK = 8,
        TYPE = 1,
        SHA256 = 32,
        SHA384 = 48
    };
    const char *name = tls_cipher_name(cipher);
    *out = (struct infer_cipher) { 0 };
    if (!name || version == 0)
        return false;
    uint16_t tag = ends_in(name, "CCM_8") || ends_in(name, "CCM_8_SHA256") ? SHORT_TAG : TAG;
    if (version >= VERSION_13) {
        out->fixed = (uint16_t)(tag + TYPE);
        out->finished =
            (uint16_t)(FINISHED_HEADER + (ends_in(name, "_SHA384") ? SHA384 : SHA256) + out->fixed);
        return true;
    }
    switch (tls_cipher_kind(cipher).bulk) {
    case TLS_BULK_AEAD:
        out->fixed = (uint16_t)(tag + (named(name, "CHACHA20") ? 0 : NONCE));
        return true;
    case TLS_BULK_RC4:
    case TLS_BULK_NULL:
        out->fixed = mac_bytes(name);
        return true;
    case TLS_BULK_CBC:
    case TLS_BULK_3DES:
    case TLS_BULK_DES:
        out->block = tls_cipher_kind(cipher).bulk == TLS_BULK_CBC && !named(name, "IDEA")
                         ? BLOCK
                         : SHORT_BLOCK;
        out->splits = version < VERSION_11;
        out->fixed = (uint16_t)(mac_bytes(name) + (out->splits ? 0 : out->block));
        return true;
    default:
        return false;
    }
}

/* TLS 1.3 hides the type, so the handshake has to be found: where the device's Finished is, and by
 * how much more than needed each side's is long (JSSE pads each record with 16 zeros). Returns its
 * index. */
static size_t find_finished(const struct attempt *a, uint16_t finished, uint16_t padding[2])
{
    size_t at = 0;
    const struct tls_trace_record *flight = NULL;
    while (at < a->trace_count && a->trace[at].from == SIDE_DEVICE)
        at++; /* early data */
    for (; at < a->trace_count && a->trace[at].from == SIDE_SERVER; at++)
        flight = &a->trace[at];
    padding[SIDE_SERVER] = flight && flight->length == finished + JSSE_PADDING ? JSSE_PADDING : 0;
    for (size_t i = at; i < a->trace_count && a->trace[i].from == SIDE_DEVICE; i++)
        if (a->trace[i].length == finished || a->trace[i].length == finished + JSSE_PADDING) {
            padding[SIDE_DEVICE] = (uint16_t)(a->trace[i].length - finished);
            return i;
        }
    return a->trace_count;
}

/* How many of the last items are from this side, as far as it matters. */
static size_t run_length(const struct infer_records *out, uint8_t from)
{
    size_t n = 0;
    while (n < RUN_MAX && n < out->count && out->items[out->count - 1 - n].from == from)
        n++;
    return n;
}

static void add_item(struct infer_records *out, const struct tls_trace_record *r, size_t index,
                     uint32_t low, uint32_t high)
{
    struct infer_item *last = out->count > 0 ? &out->items[out->count - 1] : NULL;
    bool full = last && last->high >= FULL_RECORD && low >= FULL_RECORD;
    bool split = last && last->low == 0 && last->high == 1; /* the rest of it comes now */
    if (last && last->from == r->from && (full || split)) {
        last->low += low;
        last->high += high;
        last->time_us = r->time_us;
        last->record = (uint16_t)index;
        return;
    }
    if (run_length(out, r->from) >=
        RUN_MAX) { /* line by line: the last but one goes with those before */
        last[-1].low += last->low;
        last[-1].high += last->high;
        last[-1].time_us = last->time_us;
        last[-1].record = last->record;
        out->count--;
    }
    if (out->count == INFER_ITEMS_MAX) {
        out->over = true;
        return;
    }
    out->items[out->count++] = (struct infer_item) {
        .low = low, .high = high, .time_us = r->time_us, .record = (uint16_t)index, .from = r->from
    };
}

/* An empty record or one of a single byte, against attacks on the CBC of TLS 1.0, right before the
 * rest. */
static bool is_split(const struct attempt *a, size_t at, const struct infer_cipher *c)
{
    enum { AT_ONCE_US = 1000 };
    const struct tls_trace_record *r = &a->trace[at];
    return c->splits && at + 1 < a->trace_count && r[1].from == r->from && r[1].type == r->type &&
           r[1].time_us - r->time_us < AT_ONCE_US && r->length <= c->fixed + c->block;
}

static void take_record(const struct attempt *a, size_t at, const struct infer_cipher *c,
                        uint16_t padding, struct infer_records *out)
{
    const struct tls_trace_record *r = &a->trace[at];
    unsigned fixed = c->fixed + padding;
    if (r->length < fixed)
        return;
    uint32_t high = r->length - fixed, low = high;
    if (c->block > 0) { /* at least one byte of padding, at most a block */
        low = high > c->block ? high - c->block : 0;
        high = high > 0 ? high - 1 : 0;
        if (is_split(a, at, c))
            low = 0, high = 1;
    }
    add_item(out, r, at, low, high);
}

static void remove_item(struct infer_records *out, size_t at)
{
    for (size_t k = at + 1; k < out->count; k++)
        out->items[k - 1] = out->items[k];
    out->count--;
}

/* The last record of a side, if it has the size of an alert, is one: close_notify, mostly (RFC 8446
 * 6.1); JSSE says user_canceled before it. */
static void take_alerts_off(struct infer_records *out)
{
    enum { ALERTS_MAX = 2 };
    for (int side = SIDE_DEVICE; side <= SIDE_SERVER; side++) {
        unsigned alerts = 0;
        for (size_t i = out->count; i-- > 0 && alerts < ALERTS_MAX;) {
            if (out->items[i].from != side)
                continue;
            if (out->items[i].high != ALERT_BYTES)
                break;
            remove_item(out, i);
            alerts++;
        }
        *(side == SIDE_DEVICE ? &out->device_alert : &out->server_alert) |= alerts > 0;
    }
}

static void count_tickets(struct infer_records *out)
{
    const struct infer_item *last = NULL;
    for (size_t i = 0, seen = 0; i < out->count && seen < INFER_TICKETS_MAX; i++) {
        const struct infer_item *item = &out->items[i];
        if (item->from == SIDE_DEVICE)
            continue;
        if (item->low < TICKET_MIN || item->low > TICKET_MAX)
            break;
        bool alike = seen == 1 && item->low == last->low;
        out->tickets_alike |= alike;
        out->tickets_together |= alike && item == last + 1;
        last = item;
        out->tickets = ++seen;
    }
}

static unsigned common_divisor(unsigned a, unsigned b)
{
    while (b > 0) {
        unsigned rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Whether all records of a side are multiples of something, more of them than by chance: it pads to
 * that, and what they hold is shorter by nobody knows how much (RFC 8446 5.4). */
static bool pads_to_multiples(const struct attempt *a, const struct infer_cipher *c, enum side side)
{
    enum { LENGTHS = 16, TYPE = 1 };
    const float chance = 11.5F; /* natural log: of one in a hundred thousand */
    uint16_t lengths[LENGTHS];
    size_t count = 0;
    unsigned divisor = 0;
    for (size_t i = 0; i < a->trace_count; i++) {
        uint16_t length = a->trace[i].length;
        if (a->trace[i].from != side || length < c->fixed)
            continue;
        divisor = common_divisor(divisor, (unsigned)(length - (c->fixed - TYPE)));
        size_t at = 0;
        while (at < count && lengths[at] != length)
            at++;
        if (at == count && count < LENGTHS)
            lengths[count++] = length;
    }
    return divisor > 1 && (float)count * logf((float)divisor) > chance;
}

/* KeyUpdate has a length that no line of the device has (RFC 8446 4.6.3); the server answers with as
 * many of its own. */
static bool is_key_update(const struct attempt *a, size_t at, unsigned length, unsigned *owed)
{
    if (a->trace[at].length != length)
        return false;
    if (a->trace[at].from == SIDE_DEVICE)
        ++*owed;
    else if (*owed > 0)
        --*owed;
    else
        return false;
    return true;
}

static void read_13(const struct attempt *a, const struct infer_cipher *c,
                    struct infer_records *out)
{
    uint16_t padding[2];
    size_t at = find_finished(a, c->finished, padding);
    if (at == a->trace_count) { /* no Finished: an alert in its place, or padding of another kind */
        const struct tls_trace_record *last = NULL;
        size_t device = 0;
        for (size_t i = 0; i < a->trace_count; i++)
            if (a->trace[i].from == SIDE_DEVICE) {
                last = &a->trace[i];
                device++;
            }
        unsigned alert = c->fixed + ALERT_BYTES;
        out->alert_first =
            device == 1 && (last->length == alert || last->length == alert + JSSE_PADDING);
        out->padded = device > 0 && !out->alert_first;
        return;
    }
    out->finished = true;
    out->padded = pads_to_multiples(a, c, SIDE_DEVICE) || pads_to_multiples(a, c, SIDE_SERVER);
    unsigned key_updates = 0;
    for (size_t i = at + 1; i < a->trace_count; i++) {
        uint16_t beside = padding[a->trace[i].from];
        if (!is_key_update(a, i, (unsigned)(c->fixed + beside + KEY_UPDATE_BYTES), &key_updates))
            take_record(a, i, c, beside, out);
    }
    take_alerts_off(out);
    count_tickets(out);
}

static void read_12(const struct attempt *a, const struct infer_cipher *c,
                    struct infer_records *out)
{
    for (size_t i = 0; i < a->trace_count; i++) {
        const struct tls_trace_record *r = &a->trace[i];
        if (r->type == TLS_ALERT)
            *(r->from == SIDE_DEVICE ? &out->device_alert : &out->server_alert) = true;
        else if (r->type == TLS_APPLICATION_DATA)
            take_record(a, i, c, 0, out);
        else
            out->finished = true;
    }
}

void infer_records_read(const struct attempt *a, uint16_t version,
                        const struct infer_cipher *cipher, struct infer_records *out)
{
    *out = (struct infer_records) { .last_device = -1 };
    for (size_t i = 0; i < a->trace_count; i++)
        if (a->trace[i].from == SIDE_DEVICE)
            out->last_device = (int16_t)i;
    if (version >= VERSION_13)
        read_13(a, cipher, out);
    else
        read_12(a, cipher, out);
}
