/* SPDX-License-Identifier: BSD-3-Clause */
#include "dissectors/tls_handshake.h"

#include "base/cursor.h"
#include "facts/tls_names.h"

enum {
    RANDOM_SIZE = 32,
    MESSAGE_LENGTH_MAX = 1 << 17, /* no stack sends or takes more */
    CERTIFICATE_LENGTH_MAX = 1 << 20,
};

enum extension { /* IANA, TLS ExtensionType Values */
                 EXT_SERVER_NAME = 0,
                 EXT_SUPPORTED_GROUPS = 10,
                 EXT_SIGNATURE_ALGORITHMS = 13,
                 EXT_ALPN = 16,
                 EXT_ENCRYPT_THEN_MAC = 22,
                 EXT_EXTENDED_MASTER_SECRET = 23,
                 EXT_SESSION_TICKET = 35,
                 EXT_PRE_SHARED_KEY = 41,
                 EXT_EARLY_DATA = 42,
                 EXT_SUPPORTED_VERSIONS = 43,
                 EXT_CERTIFICATE_AUTHORITIES = 47,
                 EXT_KEY_SHARE = 51,
};

enum { SCSV_FALLBACK = 0x5600 };

/* RFC 8446 4.1.3: the random of a HelloRetryRequest, SHA-256 of "HelloRetryRequest". */
static const uint8_t retry_random[RANDOM_SIZE] = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

bool tls_handshake_plausible(uint8_t type, uint32_t length)
{
    switch (type) {
    case TLS_HELLO_REQUEST:
    case TLS_SERVER_HELLO_DONE:
    case TLS_END_OF_EARLY_DATA:
        return length == 0;
    case TLS_CLIENT_HELLO:
    case TLS_SERVER_HELLO:
        return length >= 2 &&
               length <= MESSAGE_LENGTH_MAX; /* a hello that is cut off is one still */
    case TLS_KEY_UPDATE:
        return length == 1;
    case TLS_CERTIFICATE:
        return length <= CERTIFICATE_LENGTH_MAX;
    case TLS_NEW_SESSION_TICKET:
    case TLS_ENCRYPTED_EXTENSIONS:
    case TLS_SERVER_KEY_EXCHANGE:
    case TLS_CERTIFICATE_REQUEST:
    case TLS_CERTIFICATE_VERIFY:
    case TLS_CLIENT_KEY_EXCHANGE:
    case TLS_FINISHED:
    case TLS_CERTIFICATE_URL:
    case TLS_CERTIFICATE_STATUS:
    case TLS_SUPPLEMENTAL_DATA:
    case TLS_COMPRESSED_CERTIFICATE:
        return length <= MESSAGE_LENGTH_MAX;
    default:
        return false;
    }
}

/* A list of 16-bit values after its length of 8 or 16 bits; empty when it is damaged. */
static struct bytes pairs(struct cursor list)
{
    struct bytes b = cursor_rest(&list);
    return cursor_ok(&list) ? bytes_first(b, b.len & ~(size_t)1) : (struct bytes) { NULL, 0 };
}

/* RFC 6066 3: the first name of type host_name. */
static struct bytes server_name(struct cursor ext)
{
    struct cursor list = cursor_block16(&ext);
    while (cursor_left(&list) > 0) {
        uint8_t type = cursor_u8(&list);
        struct cursor name = cursor_block16(&list);
        if (type == 0 && cursor_ok(&name))
            return cursor_rest(&name);
    }
    return (struct bytes) { NULL, 0 };
}

static struct bytes first_protocol(struct cursor ext)
{
    struct cursor list = cursor_block16(&ext), name = cursor_block8(&list);
    return cursor_rest(&name);
}

static void client_extension(struct fact_client_hello *h, uint16_t type, struct cursor ext,
                             struct bytes *ticket)
{
    switch (type) {
    case EXT_SERVER_NAME:
        h->sni = server_name(ext);
        break;
    case EXT_SUPPORTED_GROUPS:
        h->has_groups = true;
        h->groups = pairs(cursor_block16(&ext));
        break;
    case EXT_SIGNATURE_ALGORITHMS:
        h->has_signatures = true;
        h->signatures = pairs(cursor_block16(&ext));
        break;
    case EXT_ALPN:
        h->alpn = first_protocol(ext);
        break;
    case EXT_SESSION_TICKET:
        h->session_ticket = true;
        *ticket = cursor_rest(&ext);
        break;
    case EXT_PRE_SHARED_KEY:
        h->resumes = true;
        break;
    case EXT_EARLY_DATA:
        h->early_data = true;
        break;
    case EXT_SUPPORTED_VERSIONS:
        h->versions = pairs(cursor_block8(&ext));
        break;
    default:
        break;
    }
}

/* The highest of a list of versions, GREASE left out, drafts of TLS 1.3 (0x7fNN) as TLS 1.3; 0
 * without one. */
static uint16_t newest_of(struct bytes versions)
{
    uint16_t newest = 0;
    struct cursor c = cursor_of(versions);
    while (cursor_left(&c) > 0) {
        uint16_t v = cursor_u16(&c);
        if (v >> 8 == 0x7f)
            v = 0x0304;
        if (!tls_is_grease(v) && v >> 8 == 3 && v > newest)
            newest = v;
    }
    return newest;
}

static bool has_pair(struct bytes list, uint16_t value)
{
    struct cursor c = cursor_of(list);
    while (cursor_left(&c) > 0) {
        if (cursor_u16(&c) == value && cursor_ok(&c))
            return true;
    }
    return false;
}

/* False where the extensions are cut short or damaged. */
static bool client_extensions(struct tls_client_hello *hello, struct cursor *c)
{
    if (cursor_left(c) == 0)
        return cursor_ok(c); /* none: SSL 3.0, TLS 1.0 */
    size_t length = cursor_u16(c), left = cursor_left(c), count = 0;
    struct cursor list = cursor_block(c, length < left ? length : left);
    while (cursor_left(&list) > 0) {
        uint16_t type = cursor_u16(&list);
        struct cursor ext = cursor_block16(&list);
        if (!cursor_ok(&ext))
            break;
        client_extension(&hello->fact, type, ext, &hello->ticket);
        if (count < TLS_EXTENSIONS_MAX) {
            hello->extension_types[2 * count] = (uint8_t)(type >> 8);
            hello->extension_types[2 * count + 1] = (uint8_t)type;
            count++;
        } else {
            hello->clipped = true;
        }
    }
    hello->fact.extensions = bytes_of(hello->extension_types, 2 * count);
    return cursor_ok(c) && cursor_ok(&list) && length <= left;
}

bool tls_client_hello_read(struct bytes body, struct tls_client_hello *hello)
{
    *hello = (struct tls_client_hello) { 0 };
    struct fact_client_hello *h = &hello->fact;
    struct cursor c = cursor_of(body);
    h->legacy_version = cursor_u16(&c);
    if (!cursor_ok(&c))
        return false;
    struct cursor random = cursor_block(&c, RANDOM_SIZE), session = cursor_block8(&c);
    struct cursor clock = random;
    h->clock = cursor_u32(&clock);
    hello->random = cursor_rest(&random);
    hello->session_id = cursor_rest(&session);
    h->ciphers = pairs(cursor_block16(&c));
    (void)cursor_block8(&c); /* compression methods */
    bool complete = client_extensions(hello, &c);
    hello->clipped = hello->clipped || !complete;
    h->newest = newest_of(h->versions);
    /* without a complete hello TLS 1.3 cannot be ruled out where it may hide (RFC 8446 4.1.2) */
    if (h->newest == 0 && (complete || h->legacy_version < 0x0303))
        h->newest = h->legacy_version;
    /* a session id beside an offer of TLS 1.3 is there for middleboxes (RFC 8446 D.4) */
    h->resumes =
        h->resumes || hello->ticket.len > 0 || (hello->session_id.len > 0 && h->newest != 0x0304);
    h->fallback_scsv = has_pair(h->ciphers, SCSV_FALLBACK);
    return true;
}

/* RFC 5246 E.2: the challenge, at the end of as many zeros as are wanting. */
static void sslv2_random(struct tls_client_hello *hello, struct bytes challenge)
{
    if (challenge.len == 0)
        return;
    if (challenge.len > RANDOM_SIZE)
        challenge = bytes_after(challenge, challenge.len - RANDOM_SIZE);
    bytes_copy(hello->challenge + RANDOM_SIZE - challenge.len, challenge.len, challenge);
    hello->random = bytes_of(hello->challenge, RANDOM_SIZE);
}

bool tls_sslv2_hello_read(struct bytes body, struct tls_client_hello *hello)
{
    *hello = (struct tls_client_hello) { 0 };
    struct fact_client_hello *h = &hello->fact;
    struct cursor c = cursor_of(body);
    (void)cursor_u8(&c); /* message type */
    h->legacy_version = h->newest = cursor_u16(&c);
    if (!cursor_ok(&c))
        return false;
    h->sslv2_form = true;
    h->record_version = 0x0002;
    size_t ciphers = cursor_u16(&c), session = cursor_u16(&c), challenge = cursor_u16(&c);
    h->ciphers = cursor_bytes(&c, ciphers - ciphers % 3);
    hello->session_id = cursor_bytes(&c, session);
    sslv2_random(hello, cursor_bytes(&c, challenge));
    h->resumes = hello->session_id.len > 0;
    hello->clipped = !cursor_ok(&c);
    return true;
}

static void server_extension(struct tls_server_hello *hello, uint16_t type, struct cursor ext)
{
    struct fact_server_hello *h = &hello->fact;
    switch (type) {
    case EXT_ENCRYPT_THEN_MAC:
        hello->mac_last = true;
        break;
    case EXT_EXTENDED_MASTER_SECRET:
        hello->extended_master = true;
        break;
    case EXT_SUPPORTED_VERSIONS: {
        uint16_t version = cursor_u16(&ext);
        if (cursor_ok(&ext))
            h->version = version >> 8 == 0x7f ? 0x0304 : version;
        break;
    }
    case EXT_KEY_SHARE:
        h->group = cursor_u16(&ext);
        break;
    case EXT_PRE_SHARED_KEY:
        h->resumed = true;
        break;
    default:
        break;
    }
}

bool tls_server_hello_read(struct bytes body, struct tls_server_hello *hello)
{
    *hello = (struct tls_server_hello) { 0 };
    struct fact_server_hello *h = &hello->fact;
    struct cursor c = cursor_of(body);
    h->version = cursor_u16(&c);
    hello->random = cursor_bytes(&c, RANDOM_SIZE);
    h->retry = bytes_equal(hello->random, bytes_of(retry_random, sizeof retry_random));
    struct cursor session = cursor_block8(&c);
    hello->session_id = cursor_rest(&session);
    h->cipher = cursor_u16(&c);
    hello->compression = cursor_u8(&c);
    if (!cursor_ok(&c))
        return false;
    struct cursor list = cursor_left(&c) > 0 ? cursor_block16(&c) : c;
    while (cursor_left(&list) > 0) {
        uint16_t type = cursor_u16(&list);
        struct cursor ext = cursor_block16(&list);
        if (cursor_ok(&ext))
            server_extension(hello, type, ext);
    }
    return true;
}

/* Of a big-endian number, leading zeros not counted. */
static uint16_t bits_of(struct bytes number)
{
    while (number.len > 0 && number.at[0] == 0)
        number = bytes_after(number, 1);
    if (number.len == 0 || number.len > UINT16_MAX / 8)
        return 0;
    unsigned bits = 0;
    for (uint8_t top = number.at[0]; top > 0; top >>= 1)
        bits++;
    return (uint16_t)(8 * (number.len - 1) + bits);
}

/* RFC 5246 7.4.3: ServerDHParams. Export RSA (RFC 2246) begins in the same way, with its
 * modulus. */
static struct fact_key_exchange first_number(struct bytes body, uint8_t kind)
{
    struct cursor c = cursor_of(body), number = cursor_block16(&c);
    uint16_t bits = bits_of(cursor_rest(&number));
    return (struct fact_key_exchange) { .kind = bits > 0 ? kind : (uint8_t)KX_UNKNOWN,
                                        .bits = bits };
}

/* RFC 8422 5.4: ServerECDHParams of a named group. */
static struct fact_key_exchange named_group(struct bytes body)
{
    struct cursor c = cursor_of(body);
    uint8_t curve_type = cursor_u8(&c);
    uint16_t group = cursor_u16(&c);
    if (!cursor_ok(&c))
        return (struct fact_key_exchange) { .kind = KX_UNKNOWN };
    return (struct fact_key_exchange) { .kind = KX_ECDH, .group = curve_type == 3 ? group : 0 };
}

struct fact_key_exchange tls_key_exchange_read(struct bytes body, uint16_t cipher)
{
    const char *name = tls_cipher_name(cipher);
    struct tls_cipher_kind kind = tls_cipher_kind(cipher);
    bool ec = name && bytes_find_nocase(bytes_str(name), "_ECDH") >= 0;
    if (kind.kx == TLS_KX_ECDHE || (kind.kx == TLS_KX_ANON && ec))
        return named_group(body);
    if (kind.kx == TLS_KX_DHE || kind.kx == TLS_KX_ANON)
        return first_number(body, KX_DH);
    if (kind.kx == TLS_KX_RSA && kind.bulk == TLS_BULK_EXPORT)
        return first_number(body, KX_RSA_EXPORT);
    if (cipher == 0 && body.len > 3 && body.at[0] == 3 &&
        tls_group_name((uint16_t)(body.at[1] << 8 | body.at[2])))
        return named_group(body); /* a prime of 768 bytes and more would begin like that */
    if (cipher == 0)
        return first_number(body, KX_DH);
    return (struct fact_key_exchange) { .kind = KX_UNKNOWN };
}

/* DistinguishedName certificate_authorities<0..2^16-1>. */
static uint16_t count_authorities(struct cursor list)
{
    uint16_t count = 0;
    while (cursor_left(&list) > 0) {
        struct cursor name = cursor_block16(&list);
        count = (uint16_t)(count + cursor_ok(&name));
    }
    return count;
}

/* RFC 8446 4.3.2: a context, then extensions. */
static uint16_t authorities_13(struct cursor c)
{
    (void)cursor_block8(&c);
    struct cursor list = cursor_block16(&c);
    while (cursor_left(&list) > 0) {
        uint16_t type = cursor_u16(&list);
        struct cursor ext = cursor_block16(&list);
        if (type == EXT_CERTIFICATE_AUTHORITIES && cursor_ok(&ext))
            return count_authorities(cursor_block16(&ext));
    }
    return 0;
}

struct fact_certificate_request tls_certificate_request_read(struct bytes body, uint16_t version)
{
    struct cursor c = cursor_of(body);
    if (version >= 0x0304)
        return (struct fact_certificate_request) { .authorities = authorities_13(c) };
    (void)cursor_block8(&c); /* certificate types */
    if (version >= 0x0303)
        (void)cursor_block16(&c); /* signature algorithms */
    return (struct fact_certificate_request) { .authorities =
                                                   count_authorities(cursor_block16(&c)) };
}
