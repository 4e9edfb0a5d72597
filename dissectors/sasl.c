/* SPDX-License-Identifier: BSD-3-Clause */
#include "dissectors/sasl.h"

#include "base/cursor.h"
#include "dissectors/smtp_command.h"

static bool blank_at_end(struct bytes b)
{
    return b.len > 0 && strchr(" \t\r\n", b.at[b.len - 1]) != NULL && b.at[b.len - 1] != 0;
}

static void set_user(struct sasl *s, struct bytes user)
{
    ptrdiff_t at = bytes_find(user, '@');
    struct bytes kept = smtp_clip(user, SASL_USER_MAX);
    s->user_len = (uint8_t)bytes_copy(s->user, SASL_USER_MAX, kept);
    s->clipped = kept.len < user.len;
    s->user_known = true;
    s->has_domain = at >= 0 && (size_t)at + 1 < user.len;
    s->user_trailing_blank = blank_at_end(user);
}

static void set_password(struct sasl *s, struct bytes password)
{
    s->password_known = true;
    s->empty_password = password.len == 0;
    s->password_trailing_blank = blank_at_end(password);
}

/* Up to the byte (which is passed over), or all where there is none. */
static struct bytes until(struct bytes *b, uint8_t byte)
{
    ptrdiff_t at = bytes_find(*b, byte);
    struct bytes part = at < 0 ? *b : bytes_first(*b, (size_t)at);
    *b = at < 0 ? (struct bytes) { NULL, 0 } : bytes_after(*b, (size_t)at + 1);
    return part;
}

/* RFC 4616: [authzid] NUL authcid NUL passwd */
static bool plain(struct sasl *s, unsigned step, struct bytes answer, struct bytes *secret)
{
    struct bytes rest = answer;
    size_t nuls = 0;
    for (size_t i = 0; i < answer.len; i++)
        nuls += answer.at[i] == 0;
    if (step != 1 || nuls != 2)
        return false;
    (void)until(&rest, 0);
    set_user(s, until(&rest, 0));
    set_password(s, rest);
    *secret = rest;
    s->complete = true;
    return true;
}

static bool login(struct sasl *s, unsigned step, struct bytes answer, struct bytes *secret)
{
    if (step == 1) {
        set_user(s, answer);
        return true;
    }
    if (step != 2)
        return false;
    set_password(s, answer);
    *secret = answer;
    s->complete = true;
    return true;
}

/* RFC 2195: user, space, 32 hex digits. */
static bool cram_md5(struct sasl *s, unsigned step, struct bytes answer, struct bytes *secret)
{
    (void)secret;
    if (step != 1 || answer.len < 34 || answer.at[answer.len - 33] != ' ')
        return false;
    struct bytes digest = bytes_after(answer, answer.len - 32);
    for (size_t i = 0; i < digest.len; i++) {
        uint8_t b = bytes_lower(digest.at[i]);
        if (!(b >= '0' && b <= '9') && !(b >= 'a' && b <= 'f'))
            return false;
    }
    set_user(s, bytes_first(answer, answer.len - 33));
    s->complete = true;
    return true;
}

/* RFC 2831 2.1.2: username="..." among directives */
static bool digest_md5(struct sasl *s, unsigned step, struct bytes answer, struct bytes *secret)
{
    (void)secret;
    if (step > 1)
        return s->user_known;
    ptrdiff_t at = bytes_find_nocase(answer, "username=\"");
    if (at < 0)
        return false;
    uint8_t user[SASL_USER_MAX];
    size_t n = 0;
    struct cursor c = cursor_of(bytes_after(answer, (size_t)at + 10));
    for (uint8_t b = cursor_u8(&c); cursor_ok(&c) && b != '"'; b = cursor_u8(&c)) {
        if (b == '\\')
            b = cursor_u8(&c);
        if (n < sizeof user)
            user[n++] = b;
    }
    if (!cursor_ok(&c))
        return false;
    set_user(s, bytes_of(user, n));
    s->complete = true;
    return true;
}

/* RFC 5802 5.1: =2C is a comma, =3D an equals sign. */
static void set_saslname(struct sasl *s, struct bytes name)
{
    uint8_t user[SASL_USER_MAX];
    size_t n = 0;
    while (name.len > 0 && n < sizeof user) {
        bool comma = bytes_starts_nocase(name, "=2C"), equals = bytes_starts_nocase(name, "=3D");
        user[n++] = (uint8_t)(comma ? ',' : equals ? '=' : *name.at);
        name = bytes_after(name, comma || equals ? 3 : 1);
    }
    set_user(s, bytes_of(user, n));
    s->clipped |= name.len > 0;
}

/* RFC 5802 7: gs2-cbind-flag "," [a=authzid] "," n=user "," r=nonce */
static bool scram(struct sasl *s, unsigned step, struct bytes answer, struct bytes *secret)
{
    (void)secret;
    if (step > 1)
        return s->user_known;
    struct bytes flag = until(&answer, ','), authzid = until(&answer, ','),
                 name = until(&answer, ',');
    bool good = flag.len > 0 && strchr("nyp", flag.at[0]) &&
                (authzid.len == 0 || bytes_starts_nocase(authzid, "a="));
    if (!good || !bytes_starts_nocase(name, "n="))
        return false;
    set_saslname(s, bytes_after(name, 2));
    s->complete = true;
    return true;
}

/* Google's and Microsoft's: user=... ^A auth=Bearer ... ^A ^A */
static bool xoauth2(struct sasl *s, unsigned step, struct bytes answer, struct bytes *secret)
{
    if (step > 1)
        return s->user_known; /* the empty answer to the error object */
    struct bytes user = until(&answer, 1);
    if (!bytes_starts_nocase(user, "user="))
        return false;
    set_user(s, bytes_after(user, 5));
    *secret = until(&answer, 1);
    s->complete = true;
    return true;
}

/* RFC 7628 3.1: gs2 header with a=user, then key=value pairs behind ^A */
static bool oauthbearer(struct sasl *s, unsigned step, struct bytes answer, struct bytes *secret)
{
    if (step > 1)
        return s->user_known;
    struct bytes header = until(&answer, 1);
    struct bytes flag = until(&header, ','), authzid = until(&header, ',');
    if (flag.len == 0 || (authzid.len > 0 && !bytes_starts_nocase(authzid, "a=")))
        return false;
    if (authzid.len > 0)
        set_saslname(s, bytes_after(authzid, 2));
    while (answer.len > 0) {
        struct bytes pair = until(&answer, 1);
        if (bytes_starts_nocase(pair, "auth="))
            *secret = pair;
    }
    s->complete = true;
    return true;
}

/* The bytes that a length, a maximum and an offset point to (MS-NLMP 2.2.1.3). */
static struct bytes ntlm_field(struct bytes message, size_t at)
{
    struct cursor c = cursor_of(bytes_after(message, at));
    uint16_t len = cursor_u16_le(&c);
    cursor_skip(&c, 2);
    uint32_t offset = cursor_u32_le(&c);
    struct cursor body = cursor_of(message);
    cursor_skip(&body, offset);
    struct bytes field = cursor_bytes(&body, len);
    return cursor_ok(&c) && cursor_ok(&body) ? field : (struct bytes) { NULL, 0 };
}

static size_t utf8_put(uint8_t out[3], uint16_t code)
{
    if (code < 0x80) {
        out[0] = (uint8_t)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (uint8_t)(0xC0 | code >> 6);
        out[1] = (uint8_t)(0x80 | (code & 0x3F));
        return 2;
    }
    out[0] = (uint8_t)(0xE0 | code >> 12);
    out[1] = (uint8_t)(0x80 | (code >> 6 & 0x3F));
    out[2] = (uint8_t)(0x80 | (code & 0x3F));
    return 3;
}

/* MS-NLMP 2.2.1.3: the AUTHENTICATE message names domain and user, mostly in UTF-16LE. */
static bool ntlm(struct sasl *s, unsigned step, struct bytes answer, struct bytes *secret)
{
    (void)step, (void)secret;
    struct cursor c = cursor_of(answer);
    if (!bytes_equal(cursor_bytes(&c, 8), bytes_of("NTLMSSP", 8)))
        return answer.len == 0; /* AUTH NTLM, then an empty line, is usual */
    uint32_t type = cursor_u32_le(&c);
    if (type == 1)
        return true;
    struct bytes domain = ntlm_field(answer, 28), name = ntlm_field(answer, 36);
    struct cursor flags = cursor_of(bytes_after(answer, 60));
    bool utf16 = cursor_u32_le(&flags) & 1;
    if (type != 3 || !cursor_ok(&flags))
        return false;
    uint8_t user[SASL_USER_MAX + 3];
    size_t n = 0;
    struct cursor at = cursor_of(name);
    while (cursor_left(&at) >= (utf16 ? 2 : 1) && n < SASL_USER_MAX) {
        if (utf16)
            n += utf8_put(user + n, cursor_u16_le(&at));
        else
            user[n++] = cursor_u8(&at);
    }
    set_user(s, bytes_of(user, n));
    s->has_domain |= domain.len > 0;
    s->complete = true;
    return true;
}

/* RFC 4422 appendix A, RFC 4505: the answer is a name. */
static bool name_alone(struct sasl *s, unsigned step, struct bytes answer, struct bytes *secret)
{
    (void)secret;
    if (step == 1 && answer.len > 0)
        set_user(s, answer);
    s->complete = true;
    return true;
}

bool sasl_step(struct sasl *s, enum auth_mechanism mechanism, unsigned step, struct bytes answer,
               struct bytes *secret)
{
    static bool (*const steps[AUTH_MECHANISMS])(struct sasl *, unsigned, struct bytes,
                                                struct bytes *) = {
        [AUTH_PLAIN] = plain,
        [AUTH_LOGIN] = login,
        [AUTH_CRAM_MD5] = cram_md5,
        [AUTH_DIGEST_MD5] = digest_md5,
        [AUTH_NTLM] = ntlm,
        [AUTH_SCRAM_SHA_1] = scram,
        [AUTH_SCRAM_SHA_256] = scram,
        [AUTH_SCRAM_SHA_1_PLUS] = scram,
        [AUTH_SCRAM_SHA_256_PLUS] = scram,
        [AUTH_XOAUTH2] = xoauth2,
        [AUTH_OAUTHBEARER] = oauthbearer,
        [AUTH_EXTERNAL] = name_alone,
        [AUTH_ANONYMOUS] = name_alone,
    };
    *secret = (struct bytes) { NULL, 0 };
    if ((unsigned)mechanism >= AUTH_MECHANISMS || !steps[mechanism])
        return true; /* GSSAPI and what nobody knows: nothing can be read, nothing is malformed */
    return steps[mechanism](s, step, answer, secret);
}
