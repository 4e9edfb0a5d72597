/* SPDX-License-Identifier: BSD-3-Clause */
#include "derive/password.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/limits.h"
#include "derive/password_forms.h"
#include "derive/sasl_text.h"

enum { MD5_SIZE = 16, HEX_MD5 = 32, HASH_MAX = 32, SALT_MAX = 128 };

struct password {
    struct budget *budget;
    const struct secret *secret;
    const struct secret *tried; /* that, or the same in another character set */
    struct password_forms forms;
    uint64_t iterations; /* of SCRAM so far */
    /* the last salted password, since a device that tries again gets the same salt */
    struct {
        uint8_t salt[SALT_MAX], key[HASH_MAX];
        size_t salt_len, hash_len;
        uint32_t iterations;
    } salted;
    bool ascii;
    bool plain_ascii; /* the password in it is there to be seen, and all ASCII */
    bool doubtful;    /* the exchange at hand was computed, and it may be another character set */
    struct password_dropped dropped;
    struct password_counts counts;
};

static bool is_ascii(struct bytes b)
{
    for (size_t i = 0; i < b.len; i++)
        if (b.at[i] >= 0x80)
            return false;
    return true;
}

struct password *password_new(struct budget *budget, const struct secret *secret)
{
    struct password *p = mem_alloc(budget, sizeof *p);
    if (!p)
        return NULL;
    p->budget = budget;
    p->secret = p->tried = secret;
    p->ascii = is_ascii(secret_bytes(secret));
    if (!p->ascii)
        password_forms_make(&p->forms, secret_bytes(secret));
    return p;
}

void password_free(struct password *p)
{
    if (!p)
        return;
    struct budget *budget = p->budget;
    password_forms_free(&p->forms);
    mem_wipe(p, sizeof *p);
    mem_free(budget, p, sizeof *p);
}

struct password_dropped password_dropped(const struct password *p)
{
    return p->dropped;
}

struct password_counts password_counts(const struct password *p)
{
    return p->counts;
}

/* --- what is computed with --- */

struct hash {
    uint8_t at[HASH_MAX];
    size_t len; /* 0: the library would not */
};

static struct bytes hash_bytes(const struct hash *h)
{
    return bytes_of(h->at, h->len);
}

static struct hash hmac(const EVP_MD *md, struct bytes key, struct bytes data)
{
    struct hash h = { .len = 0 };
    uint8_t out[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (HMAC(md, key.at, (int)key.len, data.at, data.len, out, &len) && len <= HASH_MAX)
        h.len = bytes_copy(h.at, HASH_MAX, bytes_of(out, len));
    mem_wipe(out, sizeof out);
    return h;
}

static struct hash digest(const EVP_MD *md, struct bytes data)
{
    struct hash h = { .len = 0 };
    uint8_t out[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (EVP_Digest(data.at, data.len, out, &len, md, NULL) == 1 && len <= HASH_MAX)
        h.len = bytes_copy(h.at, HASH_MAX, bytes_of(out, len));
    mem_wipe(out, sizeof out);
    return h;
}

static enum password_result result_of(struct password *p, bool fits)
{
    p->doubtful = !fits && !p->ascii;
    return fits ? PASSWORD_RIGHT : p->ascii ? PASSWORD_WRONG : PASSWORD_NOT_CHECKED;
}

/* False where it is no number in hex. */
static bool lower_hex(uint8_t out[HEX_MD5], const uint8_t *said)
{
    bool is_hex = true;
    for (size_t i = 0; i < HEX_MD5; i++) {
        out[i] = bytes_lower(said[i]);
        is_hex = is_hex && ((out[i] >= '0' && out[i] <= '9') || (out[i] >= 'a' && out[i] <= 'f'));
    }
    return is_hex;
}

/* --- PLAIN (RFC 4616), LOGIN --- */

static enum password_result compare(struct password *p, struct bytes said)
{
    p->plain_ascii = is_ascii(said);
    return result_of(p, secret_equal(p->tried, said));
}

static enum password_result judge_plain(struct password *p, const struct sign_in *s)
{
    struct bytes answer;
    size_t place = 0;
    while (place < s->count && !sign_in_said(s, place, SIDE_DEVICE, &answer))
        place++;
    if (place == s->count)
        return PASSWORD_NOT_CHECKED;
    for (unsigned nuls = 0; nuls < 2; nuls++) {
        ptrdiff_t at = bytes_find(answer, 0);
        if (at < 0)
            return PASSWORD_NOT_CHECKED;
        answer = bytes_after(answer, (size_t)at + 1);
    }
    if (bytes_find(answer, 0) >= 0)
        return PASSWORD_NOT_CHECKED; /* where the password ends is anybody's guess */
    return compare(p, answer);
}

/* The password is what the device says last, once it has answered every question: a server that
 * passes over a name in the AUTH line asks for it again. A device may answer ahead of the questions. */
static enum password_result judge_login(struct password *p, const struct sign_in *s)
{
    struct bytes answer = { NULL, 0 }, question;
    unsigned answers = 0, questions = 0;
    for (size_t place = 0; place < s->count; place++) {
        if (sign_in_said(s, place, SIDE_DEVICE, &answer))
            answers++;
        else
            questions++;
    }
    bool name_in_command = s->count > 1 && s->messages[0].from == SIDE_DEVICE &&
                           sign_in_said(s, 1, SIDE_SERVER, &question);
    if (answers < 2 || answers < questions + name_in_command)
        return PASSWORD_NOT_CHECKED;
    return compare(p, answer);
}

/* --- CRAM-MD5 (RFC 2195) --- */

static enum password_result judge_cram_md5(struct password *p, const struct sign_in *s)
{
    struct bytes challenge, answer;
    if (!sign_in_said(s, 0, SIDE_SERVER, &challenge) || !sign_in_said(s, 1, SIDE_DEVICE, &answer) ||
        challenge.len == 0 || answer.len < HEX_MD5 + 1)
        return PASSWORD_NOT_CHECKED;
    struct hash h = hmac(EVP_md5(), secret_bytes(p->tried), challenge);
    if (h.len != MD5_SIZE)
        return PASSWORD_NOT_CHECKED;
    char hex[HEX_MD5];
    sasl_hex(hex, hash_bytes(&h));
    uint8_t said[HEX_MD5];
    bool is_hex = lower_hex(said, bytes_after(answer, answer.len - HEX_MD5).at);
    bool fits = secret_bytes_equal(bytes_of(hex, HEX_MD5), bytes_of(said, HEX_MD5));
    mem_wipe(hex, sizeof hex);
    return is_hex ? result_of(p, fits) : PASSWORD_NOT_CHECKED;
}

/* --- DIGEST-MD5 (RFC 2831 2.1.2.1) --- */

/* One hash over parts with colons between them; a part may hold one itself. */
struct parts {
    EVP_MD_CTX *context;
    bool begun, good;
};

static void parts_begin(struct parts *p)
{
    p->good = EVP_DigestInit_ex(p->context, EVP_md5(), NULL) == 1;
    p->begun = false;
}

static void parts_add(struct parts *p, struct bytes part)
{
    if (p->begun)
        p->good = p->good && EVP_DigestUpdate(p->context, ":", 1) == 1;
    p->begun = true;
    p->good = p->good && EVP_DigestUpdate(p->context, part.at, part.len) == 1;
}

static void parts_end(struct parts *p, uint8_t out[MD5_SIZE])
{
    p->good = p->good && EVP_DigestFinal_ex(p->context, out, NULL) == 1;
}

struct directives {
    struct sasl_value username, realm, nonce, cnonce, nc, qop, uri, response, authzid;
};

static bool read_directives(struct bytes answer, struct directives *d)
{
    const struct {
        const char *name;
        struct sasl_value *value;
    } all[] = {
        { "username", &d->username },
        { "realm", &d->realm },
        { "nonce", &d->nonce },
        { "cnonce", &d->cnonce },
        { "nc", &d->nc },
        { "qop", &d->qop },
        { "digest-uri", &d->uri },
        { "response", &d->response },
        { "authzid", &d->authzid },
    };
    struct bytes name;
    struct sasl_value value;
    while (answer.len > 0) {
        if (!sasl_directive(&answer, &name, &value))
            return false;
        for (size_t i = 0; i < sizeof all / sizeof *all; i++)
            if (bytes_equal_nocase(name, bytes_str(all[i].name)))
                *all[i].value = value;
    }
    return d->username.there && d->nonce.there && d->cnonce.there && d->nc.there && d->uri.there &&
           d->response.there && d->response.len == HEX_MD5;
}

/* H(A1), where A1 begins with a hash that is not written in hex. */
static void hash_a1(struct parts *parts, const struct directives *d, struct bytes password,
                    char hex[HEX_MD5])
{
    uint8_t user[MD5_SIZE] = { 0 }, a1[MD5_SIZE] = { 0 };
    parts_begin(parts);
    parts_add(parts, sasl_value(&d->username));
    parts_add(parts, sasl_value(&d->realm));
    parts_add(parts, password);
    parts_end(parts, user);
    bool good = parts->good;
    parts_begin(parts);
    parts_add(parts, bytes_of(user, MD5_SIZE));
    parts_add(parts, sasl_value(&d->nonce));
    parts_add(parts, sasl_value(&d->cnonce));
    if (d->authzid.there)
        parts_add(parts, sasl_value(&d->authzid));
    parts_end(parts, a1);
    parts->good = parts->good && good;
    sasl_hex(hex, bytes_of(a1, MD5_SIZE));
    mem_wipe(user, sizeof user);
    mem_wipe(a1, sizeof a1);
}

static void hash_a2(struct parts *parts, const struct directives *d, struct bytes qop,
                    char hex[HEX_MD5])
{
    uint8_t a2[MD5_SIZE] = { 0 };
    parts_begin(parts);
    parts_add(parts, bytes_str("AUTHENTICATE"));
    parts_add(parts, sasl_value(&d->uri));
    if (!bytes_equal_nocase(qop, bytes_str("auth")))
        parts_add(parts, bytes_str("00000000000000000000000000000000"));
    parts_end(parts, a2);
    sasl_hex(hex, bytes_of(a2, MD5_SIZE));
}

static bool digest_fits(struct parts *parts, const struct directives *d, struct bytes password)
{
    struct bytes qop = d->qop.there ? sasl_value(&d->qop) : bytes_str("auth");
    char a1[HEX_MD5], a2[HEX_MD5], hex[HEX_MD5];
    uint8_t response[MD5_SIZE] = { 0 }, said[HEX_MD5];
    hash_a1(parts, d, password, a1);
    bool good = parts->good;
    hash_a2(parts, d, qop, a2);
    good = good && parts->good;
    parts_begin(parts);
    parts_add(parts, bytes_of(a1, HEX_MD5));
    parts_add(parts, sasl_value(&d->nonce));
    parts_add(parts, sasl_value(&d->nc));
    parts_add(parts, sasl_value(&d->cnonce));
    parts_add(parts, qop);
    parts_add(parts, bytes_of(a2, HEX_MD5));
    parts_end(parts, response);
    parts->good = parts->good && good;
    sasl_hex(hex, bytes_of(response, MD5_SIZE));
    parts->good = lower_hex(said, d->response.at) && parts->good;
    mem_wipe(a1, sizeof a1);
    return parts->good && secret_bytes_equal(bytes_of(hex, HEX_MD5), bytes_of(said, HEX_MD5));
}

static enum password_result judge_digest_md5(struct password *p, const struct sign_in *s)
{
    struct bytes challenge, answer;
    struct directives d = { .username = { .there = false } };
    if (!sign_in_said(s, 0, SIDE_SERVER, &challenge) || !sign_in_said(s, 1, SIDE_DEVICE, &answer) ||
        !read_directives(answer, &d))
        return PASSWORD_NOT_CHECKED;
    struct parts parts = { .context = EVP_MD_CTX_new() };
    if (!parts.context)
        return PASSWORD_NOT_CHECKED;
    bool fits = digest_fits(&parts, &d, secret_bytes(p->tried)), good = parts.good;
    bool one_form = is_ascii(sasl_value(&d.username)) && is_ascii(sasl_value(&d.realm)) &&
                    bytes_find(answer, '\\') < 0; /* else it may have been hashed in another */
    EVP_MD_CTX_free(parts.context);
    mem_wipe(&d, sizeof d);
    return good && (fits || one_form) ? result_of(p, fits) : PASSWORD_NOT_CHECKED;
}

/* --- SCRAM (RFC 5802 3, RFC 7677) --- */

struct scram {
    const EVP_MD *md;
    struct bytes first_bare, server_first, final_without_proof;
    uint8_t salt[SALT_MAX], proof[HASH_MAX];
    size_t salt_len, proof_len;
    uint32_t iterations;
};

/* Takes the messages apart. */
static bool scram_read(struct scram *c, const struct sign_in *s)
{
    struct bytes first, final, value;
    size_t place = 0; /* of the client's first: an empty challenge may stand before it */
    if (!sign_in_said(s, 0, SIDE_DEVICE, &first))
        place = 1;
    if (!sign_in_said(s, place, SIDE_DEVICE, &first) ||
        !sign_in_said(s, place + 1, SIDE_SERVER, &c->server_first) ||
        !sign_in_said(s, place + 2, SIDE_DEVICE, &final))
        return false;
    for (unsigned commas = 0; commas < 2; commas++) {
        ptrdiff_t at = bytes_find(first, ',');
        if (at < 0)
            return false;
        first = bytes_after(first, (size_t)at + 1);
    }
    c->first_bare = first;
    if (!sasl_attribute(c->server_first, 's', &value))
        return false;
    c->salt_len = sasl_base64(c->salt, SALT_MAX, value);
    if (!sasl_attribute(c->server_first, 'i', &value))
        return false;
    c->iterations = sasl_number(value);
    if (!sasl_attribute(final, 'p', &value) || value.at < final.at + 3)
        return false;
    c->proof_len = sasl_base64(c->proof, HASH_MAX, value);
    c->final_without_proof = bytes_first(final, (size_t)(value.at - final.at) - 3);
    return c->salt_len > 0 && c->iterations > 0;
}

/* SaltedPassword, from the last time where that was the same. */
static bool salt_password(struct password *p, const struct scram *c, struct hash *key)
{
    size_t hash_len = (size_t)EVP_MD_get_size(c->md);
    struct bytes salt = bytes_of(c->salt, c->salt_len), password = secret_bytes(p->tried);
    bool known = p->salted.hash_len == hash_len && p->salted.iterations == c->iterations &&
                 bytes_equal(bytes_of(p->salted.salt, p->salted.salt_len), salt);
    if (!known) {
        if (c->iterations > SCRAM_ITERATIONS_MAX ||
            p->iterations + c->iterations > SCRAM_ITERATIONS_ALL_MAX) {
            p->dropped.scram++;
            return false;
        }
        p->iterations += c->iterations;
        p->salted.hash_len = 0;
        if (PKCS5_PBKDF2_HMAC((const char *)password.at, (int)password.len, c->salt,
                              (int)c->salt_len, (int)c->iterations, c->md, (int)hash_len,
                              p->salted.key) != 1)
            return false;
        p->salted.hash_len = hash_len;
        p->salted.iterations = c->iterations;
        p->salted.salt_len = bytes_copy(p->salted.salt, SALT_MAX, salt);
    }
    key->len = bytes_copy(key->at, HASH_MAX, bytes_of(p->salted.key, hash_len));
    return true;
}

static enum password_result judge_scram(struct password *p, const struct sign_in *s)
{
    bool sha_256 = s->mechanism == AUTH_SCRAM_SHA_256 || s->mechanism == AUTH_SCRAM_SHA_256_PLUS;
    struct scram c = { .md = sha_256 ? EVP_sha256() : EVP_sha1() };
    struct hash salted;
    if (!scram_read(&c, s) || c.proof_len != (size_t)EVP_MD_get_size(c.md) ||
        !salt_password(p, &c, &salted))
        return PASSWORD_NOT_CHECKED;
    uint8_t message[SIGN_IN_BYTES_MAX + 2];
    size_t n = bytes_copy(message, sizeof message, c.first_bare);
    message[n++] = ',';
    n += bytes_copy(message + n, sizeof message - n, c.server_first);
    message[n++] = ',';
    n += bytes_copy(message + n, sizeof message - n, c.final_without_proof);
    struct hash client = hmac(c.md, hash_bytes(&salted), bytes_str("Client Key")),
                stored = digest(c.md, hash_bytes(&client));
    struct hash signature = hmac(c.md, hash_bytes(&stored), bytes_of(message, n));
    bool good =
        client.len == c.proof_len && stored.len == c.proof_len && signature.len == c.proof_len;
    for (size_t i = 0; good && i < c.proof_len; i++)
        signature.at[i] ^= client.at[i];
    bool fits = good && secret_bytes_equal(hash_bytes(&signature), bytes_of(c.proof, c.proof_len));
    mem_wipe(&salted, sizeof salted);
    mem_wipe(&client, sizeof client);
    mem_wipe(&stored, sizeof stored);
    mem_wipe(&signature, sizeof signature);
    mem_wipe(message, sizeof message);
    mem_wipe(&c, sizeof c);
    return good ? result_of(p, fits) : PASSWORD_NOT_CHECKED;
}

/* --- all of an attempt --- */

typedef enum password_result judge(struct password *, const struct sign_in *);

static judge *judge_of(enum auth_mechanism mechanism)
{
    static judge *const judges[AUTH_MECHANISMS] = {
        [AUTH_PLAIN] = judge_plain,
        [AUTH_LOGIN] = judge_login,
        [AUTH_CRAM_MD5] = judge_cram_md5,
        [AUTH_DIGEST_MD5] = judge_digest_md5,
        [AUTH_SCRAM_SHA_1] = judge_scram,
        [AUTH_SCRAM_SHA_256] = judge_scram,
        [AUTH_SCRAM_SHA_1_PLUS] = judge_scram,
        [AUTH_SCRAM_SHA_256_PLUS] = judge_scram,
    };
    return mechanism < AUTH_MECHANISMS ? judges[mechanism] : NULL;
}

/* The character set in which it fits; NULL. SCRAM has UTF-8 alone (RFC 5802 5.1). */
static const char *other_form(struct password *p, const struct sign_in *s, judge *by, bool *fits)
{
    const char *charset = NULL;
    for (size_t i = 0; by != judge_scram && i < p->forms.count && !charset; i++) {
        p->tried = p->forms.all[i].text;
        if (by(p, s) == PASSWORD_RIGHT)
            charset = p->forms.all[i].charset;
    }
    p->tried = p->secret;
    *fits = charset != NULL;
    bool standard = by == judge_digest_md5 && charset && strcmp(charset, PASSWORD_LATIN_1) == 0;
    return standard ? NULL : charset; /* RFC 2831 2.1.2.1 wants that where it is possible */
}

struct password_check password_judge(struct password *p, const struct sign_in *s)
{
    struct password_check check = { .result = PASSWORD_NOT_CHECKED };
    judge *by = judge_of(s->mechanism);
    bool fits = false;
    p->doubtful = p->plain_ascii = false;
    if (by && !s->lost)
        check.result = (uint8_t)by(p, s);
    if (by && !s->lost && check.result == PASSWORD_NOT_CHECKED)
        check.charset = other_form(p, s, by, &fits);
    if (fits)
        check.result = PASSWORD_RIGHT;
    else if (p->doubtful && p->plain_ascii) /* in no character set are those the same letters */
        check.result = PASSWORD_WRONG;
    if (check.result != PASSWORD_NOT_CHECKED)
        p->counts.checked++;
    else if (p->doubtful)
        p->counts.doubtful++;
    else if (by)
        p->counts.unchecked++;
    else
        p->counts.without_password++;
    ERR_clear_error();
    return check;
}

static const struct fact *auth_at(const struct attempt *a, uint32_t frame, const struct fact *after)
{
    const struct fact *f = after ? timeline_next(a->timeline, after) : timeline_first(a->timeline);
    while (f && (f->kind != FACT_AUTH || f->last_frame != frame))
        f = timeline_next(a->timeline, f);
    return f;
}

void password_derive(struct attempt *a, struct password *p, struct summary *summary)
{
    const struct fact *auth = NULL;
    for (size_t i = 0; p && a->sign_ins && i < a->sign_ins->count; i++) {
        const struct sign_in *s = a->sign_ins->all[i];
        const struct fact *its = auth_at(a, s->frame, auth);
        if (!its)
            continue; /* left out of a long timeline */
        auth = its;
        struct password_check *check = &summary->checks[summary->check_count++];
        *check = password_judge(p, s);
        check->auth = its;
    }
    if (p && a->sign_ins)
        p->dropped.exchanges += a->sign_ins->dropped;
    sign_ins_free(a->sign_ins);
    a->sign_ins = NULL;
}
