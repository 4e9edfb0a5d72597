/* SPDX-License-Identifier: BSD-3-Clause */
#include "dissectors/smtp_secret.h"

#include "base/base64.h"
#include "base/cursor.h"
#include "base/limits.h"
#include "dissectors/sasl.h"

enum {
    ENTRY_HEAD = 3,    /* length in two bytes, forms */
    SECRET_KEPT = 320, /* of one; a server that quotes begins at the beginning */
    SURE = 8,          /* so many bytes in common are a quotation, though it was cut short */
    ANYWHERE = 4,      /* so many are where they are all of it, or stand as a word */
    WORD = 3,          /* words of a secret that count by themselves */
};

bool secrets_keep(struct secrets **secrets, struct budget *budget, struct bytes secret,
                  enum secret_forms forms)
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
    s->used =
        (uint16_t)(s->used + bytes_copy(s->data + s->used, ENTRY_HEAD, bytes_of(head, ENTRY_HEAD)));
    s->used = (uint16_t)(s->used + bytes_copy(s->data + s->used, secret.len, secret));
    return true;
}

static bool is_letter(uint8_t b)
{
    return (b >= '0' && b <= '9') || (bytes_lower(b) >= 'a' && bytes_lower(b) <= 'z') || b >= 0x80;
}

/* What passwords, tokens and base64 are made of. */
static bool is_word(uint8_t b)
{
    return is_letter(b) || b == '+' || b == '/' || b == '=' || b == '_' || b == '-';
}

/* How many bytes at the start of text repeat the secret's start, upper or lower case. */
static size_t common(struct bytes text, struct bytes secret)
{
    size_t n = 0;
    while (n < text.len && n < secret.len && bytes_lower(text.at[n]) == bytes_lower(secret.at[n]))
        n++;
    return n;
}

/* A text on its way to being told. */
struct blanking {
    uint8_t *text;
    size_t len;
    unsigned left;    /* forms that may still be looked for; without them all of it goes */
    uint32_t letters; /* which bytes may stand in it, by letter_bit() */
};

/* The same for a letter in either case: of a byte only what its last five bits tell. */
static uint32_t letter_bit(uint8_t byte)
{
    return (uint32_t)1 << (byte & 31);
}

/* Those of the text, and the star that may come into it. */
static uint32_t letters_of(struct bytes text)
{
    uint32_t letters = letter_bit('*');
    for (size_t i = 0; i < text.len; i++)
        letters |= letter_bit(text.at[i]);
    return letters;
}

/* False where the text cannot repeat even so much of the form's start as would count. */
static bool may_hold(const struct blanking *b, struct bytes form)
{
    uint32_t needed = 0;
    for (size_t i = 0; i < ANYWHERE && i < form.len; i++)
        needed |= letter_bit(form.at[i]);
    return (needed & ~b->letters) == 0;
}

/* Where the next byte stands, in either case, from i on; len when nowhere. */
static size_t next_place(const struct blanking *b, size_t i, uint8_t byte)
{
    struct bytes rest = bytes_of(b->text + i, b->len - i);
    uint8_t lower = bytes_lower(byte);
    ptrdiff_t at = bytes_find(rest, lower);
    if (lower >= 'a' && lower <= 'z') {
        ptrdiff_t upper =
            bytes_find(at < 0 ? rest : bytes_first(rest, (size_t)at), (uint8_t)(lower - 32));
        at = upper >= 0 ? upper : at;
    }
    return at < 0 ? b->len : i + (size_t)at;
}

/* How much of the text at i repeats the form; 0 where that proves nothing. */
static size_t repeated(const struct blanking *b, size_t i, struct bytes form)
{
    struct bytes rest = bytes_of(b->text + i, b->len - i);
    size_t n = common(rest, form);
    bool word = (i == 0 || !is_letter(b->text[i - 1])) && (n == rest.len || !is_letter(rest.at[n]));
    if (n < SURE && !(n >= ANYWHERE && (word || n == form.len)) && !(word && n == form.len))
        return 0;
    /* to the end of the word: it may be longer than what was kept, or one that only begins so */
    while (n > 0 && n < rest.len && is_word(rest.at[n - 1]) && is_word(rest.at[n]))
        n++;
    return n;
}

/* One form of a secret out of the text. */
static void blank(struct blanking *b, struct bytes form)
{
    while (form.len > 0 && form.at[form.len - 1] == '=')
        form.len--;
    if (form.len == 0 || b->left == 0)
        return;
    b->left--;
    if (!may_hold(b, form))
        return;
    for (size_t i = next_place(b, 0, form.at[0]); i < b->len; i = next_place(b, i, form.at[0])) {
        size_t n = repeated(b, i, form), stars = n < 3 ? n : 3;
        for (size_t k = 0; k < stars; k++)
            b->text[i + k] = '*';
        for (size_t k = i + n; n > 0 && k < b->len; k++)
            b->text[k - n + stars] = b->text[k];
        b->len = b->len - n + stars;
        i += n > 0 ? stars : 1;
    }
}

/* The form, and what it is in base64. */
static void blank_encoded(struct blanking *b, struct bytes form)
{
    enum { GROUP = 3 }; /* bytes whose ANYWHERE characters are known without those behind them */
    uint8_t encoded[SECRET_KEPT * 2];
    if (form.len == 0)
        return;
    blank(b, form);
    size_t n = base64_encode(encoded, sizeof encoded, bytes_first(form, GROUP));
    if (form.len > GROUP && may_hold(b, bytes_of(encoded, n)))
        n = base64_encode(encoded, sizeof encoded, form);
    blank(b, bytes_of(encoded, n));
    mem_wipe(encoded, n);
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
    return word.len < WORD ? (struct bytes) { NULL, 0 } : word;
}

/* The form, and what it holds once it is decoded, all of it and word by word. */
static void blank_decoded(struct blanking *b, struct bytes form)
{
    uint8_t decoded[SECRET_KEPT];
    bool valid;
    blank_encoded(b, form);
    size_t n = base64_decode(decoded, sizeof decoded, form, &valid);
    struct bytes rest = bytes_of(decoded, valid || n >= SURE ? n : 0);
    struct bytes all = rest;
    blank_encoded(b, all);
    for (struct bytes word = next_word(&rest); word.len > 0; word = next_word(&rest))
        if (word.len < all.len)
            blank_encoded(b, word);
    mem_wipe(decoded, n);
}

static void blank_all_forms(struct blanking *b, struct bytes secret)
{
    struct bytes all = secret;
    blank_decoded(b, all);
    for (struct bytes word = next_word(&secret); word.len > 0; word = next_word(&secret))
        if (word.len < all.len)
            blank_decoded(b, word);
}

size_t secrets_blank(const struct secrets *secrets, uint8_t *text, size_t len)
{
    if (!secrets || len == 0)
        return len;
    struct blanking b = { text, len, SMTP_SECRET_FORMS_MAX, letters_of(bytes_of(text, len)) };
    struct cursor c = cursor_of(bytes_of(secrets->data, secrets->used));
    while (cursor_left(&c) > 0 && !secrets->lost) {
        size_t n = cursor_u16(&c);
        uint8_t forms = cursor_u8(&c);
        struct bytes secret = cursor_bytes(&c, n);
        if (forms == SECRET_ALL_FORMS)
            blank_all_forms(&b, secret);
        else
            blank(&b, secret);
    }
    if (secrets->lost || b.left == 0)
        b.len = bytes_copy(text, len, bytes_str("***"));
    return b.len;
}

void secrets_wipe(struct secrets **secrets, struct budget *budget)
{
    if (!*secrets)
        return;
    mem_wipe(*secrets, sizeof **secrets);
    mem_free(budget, *secrets, sizeof **secrets);
    *secrets = NULL;
}
