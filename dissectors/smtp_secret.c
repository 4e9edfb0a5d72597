/* SPDX-License-Identifier: BSD-3-Clause */
#include "dissectors/smtp_secret.h"

#include "base/cursor.h"
#include "dissectors/sasl.h"

enum {
    ENTRY_HEAD = 3,    /* length in two bytes, forms */
    SECRET_KEPT = 320, /* of one; a server that quotes begins at the beginning */
    SURE = 8,          /* so many bytes in common are a quotation, wherever they stand and though it was cut short */
    WORD = 3,          /* words of a secret that count by themselves */
    ANYWHERE = 4,      /* a whole secret of so many is one too, or so many as a word; a shorter one is as a word */
};

bool secrets_keep(struct secrets **secrets, struct budget *budget, struct bytes secret, enum secret_forms forms)
{
    if (secret.len == 0)
        return true;
    if (!*secrets)
        *secrets = mem_alloc(budget, sizeof **secrets);
    struct secrets *s = *secrets;
    if (!s)
        return false;
    secret = bytes_first(secret, SECRET_KEPT);
    if (s->used + ENTRY_HEAD + secret.len > sizeof s->data) {
        s->lost = true;
        return true;
    }
    uint8_t head[ENTRY_HEAD] = { (uint8_t)(secret.len >> 8), (uint8_t)secret.len, (uint8_t)forms };
    s->used = (uint16_t)(s->used + bytes_copy(s->data + s->used, ENTRY_HEAD, bytes_of(head, ENTRY_HEAD)));
    s->used = (uint16_t)(s->used + bytes_copy(s->data + s->used, secret.len, secret));
    return true;
}

static bool is_letter(uint8_t b)
{
    return (b >= '0' && b <= '9') || (bytes_lower(b) >= 'a' && bytes_lower(b) <= 'z') || b >= 0x80;
}

/* How many bytes at the start of text repeat the secret's start, upper or lower case. */
static size_t common(struct bytes text, struct bytes secret)
{
    size_t n = 0;
    while (n < text.len && n < secret.len && bytes_lower(text.at[n]) == bytes_lower(secret.at[n]))
        n++;
    return n;
}

/* One form of a secret out of text, in place. */
static size_t blank(uint8_t *text, size_t len, struct bytes form)
{
    while (form.len > 0 && form.at[form.len - 1] == '=')
        form.len--;
    for (size_t i = 0; form.len > 0 && i < len; i++) {
        struct bytes rest = bytes_of(text + i, len - i);
        size_t n = common(rest, form);
        bool word = (i == 0 || !is_letter(text[i - 1])) && (n == rest.len || !is_letter(rest.at[n]));
        if (n < SURE && !(n >= ANYWHERE && (word || n == form.len)) && !(word && n == form.len))
            continue;
        while (n == form.len && n >= SECRET_KEPT / 2 && n < rest.len && (is_letter(rest.at[n]) || strchr("+/=_-", rest.at[n])))
            n++; /* longer than what was kept of it */
        size_t stars = n < 3 ? n : 3;
        for (size_t k = 0; k < stars; k++)
            text[i + k] = '*';
        for (size_t k = i + n; k < len; k++)
            text[k - n + stars] = text[k];
        len = len - n + stars;
        i += stars - 1;
    }
    return len;
}

/* The form, and what it is in base64. */
static size_t blank_encoded(uint8_t *text, size_t len, struct bytes form)
{
    uint8_t encoded[SECRET_KEPT * 2];
    len = blank(text, len, form);
    len = blank(text, len, bytes_of(encoded, base64_encode(encoded, sizeof encoded, form)));
    mem_wipe(encoded, sizeof encoded);
    return len;
}

/* The next word of *b that counts by itself; a decoded answer has NULs or ^A between its parts. */
static struct bytes next_word(struct bytes *b)
{
    struct bytes word = { NULL, 0 };
    while (b->len > 0 && word.len < WORD) {
        size_t n = 0;
        while (n < b->len && b->at[n] > ' ')
            n++;
        word = bytes_first(*b, n);
        *b = bytes_after(*b, n + 1);
    }
    return word.len < WORD ? (struct bytes){ NULL, 0 } : word;
}

/* The form, and what it holds once it is decoded, all of it and word by word. */
static size_t blank_decoded(uint8_t *text, size_t len, struct bytes form)
{
    uint8_t decoded[SECRET_KEPT];
    bool valid;
    len = blank_encoded(text, len, form);
    size_t n = base64_decode(decoded, sizeof decoded, form, &valid);
    struct bytes rest = bytes_of(decoded, valid || n >= SURE ? n : 0);
    len = blank_encoded(text, len, rest);
    for (struct bytes word = next_word(&rest); word.len > 0; word = next_word(&rest))
        len = blank_encoded(text, len, word);
    mem_wipe(decoded, sizeof decoded);
    return len;
}

static size_t blank_all_forms(uint8_t *text, size_t len, struct bytes secret)
{
    len = blank_decoded(text, len, secret);
    for (struct bytes word = next_word(&secret); word.len > 0; word = next_word(&secret))
        len = blank_decoded(text, len, word);
    return len;
}

size_t secrets_blank(const struct secrets *secrets, uint8_t *text, size_t len)
{
    if (!secrets)
        return len;
    if (secrets->lost) {
        size_t n = len < 3 ? len : 3;
        return bytes_copy(text, n, bytes_of("***", 3));
    }
    struct cursor c = cursor_of(bytes_of(secrets->data, secrets->used));
    while (cursor_left(&c) > 0) {
        size_t n = cursor_u16(&c);
        uint8_t forms = cursor_u8(&c);
        struct bytes secret = cursor_bytes(&c, n);
        len = forms == SECRET_ALL_FORMS ? blank_all_forms(text, len, secret) : blank(text, len, secret);
    }
    return len;
}

void secrets_wipe(struct secrets **secrets, struct budget *budget)
{
    if (!*secrets)
        return;
    mem_wipe(*secrets, sizeof **secrets);
    mem_free(budget, *secrets, sizeof **secrets);
    *secrets = NULL;
}
