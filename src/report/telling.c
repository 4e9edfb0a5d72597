/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/telling.h"

#include "base/mem.h"
#include "report/json_words.h"
#include "report/story.h"

enum { SLOTS = 128, KEY_WORDS = 5 + 2 * FINDING_TEXTS, TELLING_MAX = 65536 };

/* All that a telling is made from: texts are known by their addresses. */
struct key {
    uintptr_t words[KEY_WORDS];
    size_t count;
};

struct slot {
    struct key key; /* count 0: never used */
    struct telling telling;
    char *at; /* both of them, one behind the other; NULL where it has to be told text by text */
};

/* A key has one slot; there the last that came up stays. */
struct tellings {
    struct slot slots[SLOTS];
};

struct tellings *tellings_new(void)
{
    return mem_alloc(NULL, sizeof(struct tellings));
}

static void clear(struct slot *slot)
{
    mem_free(NULL, slot->at, slot->telling.judgement.len + slot->telling.words.len);
    slot->at = NULL;
    slot->telling = (struct telling) { .placeholders = false };
}

void tellings_free(struct tellings *t)
{
    for (size_t i = 0; t && i < SLOTS; i++)
        clear(&t->slots[i]);
    mem_free(NULL, t, sizeof *t);
}

static void key_of(struct key *key, const struct finding *f)
{
    uintptr_t *at = key->words;
    *at++ = (uintptr_t)f->cause;
    *at++ = (uintptr_t)f->headline;
    *at++ = (uintptr_t)f->meaning;
    *at++ = (uintptr_t)f->lowered;
    *at++ = (uintptr_t)f->advice_count | (uintptr_t)f->rules_out_count << 4 |
            (uintptr_t)f->late_advice << 8 | (uintptr_t)f->severity << 16 |
            (uintptr_t)f->confidence << 20 | (uintptr_t)f->primary << 24 |
            (uintptr_t)f->advice_alone << 25 | (uintptr_t)f->rules_out_alone << 26;
    for (size_t i = 0; i < f->advice_count; i++)
        *at++ = (uintptr_t)f->advice[i];
    for (size_t i = 0; i < f->rules_out_count; i++)
        *at++ = (uintptr_t)f->rules_out[i];
    key->count = (size_t)(at - key->words);
}

static bool is_same(const struct key *a, const struct key *b)
{
    return a->count == b->count && bytes_equal(bytes_of(a->words, a->count * sizeof *a->words),
                                               bytes_of(b->words, b->count * sizeof *b->words));
}

static size_t slot_of(const struct key *key)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < key->count; i++)
        hash = (hash ^ key->words[i]) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(hash >> 32) % SLOTS;
}

static struct bytes before_placeholder(struct bytes text)
{
    ptrdiff_t open = bytes_find(text, '{');
    return open < 0 ? text : bytes_first(text, (size_t)open);
}

/* May two texts that differ become the same when they are filled? */
static bool may_be_alike(const struct phrase *a, const struct phrase *b)
{
    struct bytes one = before_placeholder(a->json), other = before_placeholder(b->json);
    return (a->placeholders || b->placeholders) &&
           bytes_equal(bytes_first(one, other.len), bytes_first(other, one.len));
}

static bool add_text(struct json *j, const char *name, struct phrases *phrases, const char *english)
{
    const struct phrase *phrase = english ? phrases_get(phrases, english) : NULL;
    if (phrase)
        json_escaped(j, name, phrase->json);
    return phrase != NULL;
}

/* Nothing twice; false where only the values show what is the same. */
static bool add_list(struct json *j, const char *name, struct phrases *phrases,
                     const struct story_text *texts, size_t count)
{
    const struct phrase *told[STORY_LINES];
    size_t n = 0;
    json_open(j, name, '[');
    for (size_t i = 0; i < count; i++) {
        const struct phrase *phrase = phrases_get(phrases, texts[i].english);
        bool again = false;
        if (!phrase || n == STORY_LINES)
            return false;
        for (size_t k = 0; k < n && !again; k++) {
            again = bytes_equal(told[k]->json, phrase->json);
            if (!again && may_be_alike(told[k], phrase))
                return false;
        }
        if (again)
            continue;
        told[n++] = phrase;
        json_escaped(j, NULL, phrase->json);
    }
    json_close(j, ']');
    return true;
}

static void make(struct slot *slot, struct phrases *phrases, const struct finding *f)
{
    struct outline o;
    struct text text;
    text_init(&text, TELLING_MAX);
    struct json writer = { .out = &text, .comma = true }, *j = &writer;
    json_judgement(&(struct json) { .out = &text }, f);
    size_t judgement = text.len;
    story_outline(&o, f, NULL);
    bool whole = add_text(j, "headline", phrases, o.headline.english) &&
                 add_text(j, "meaning", phrases, o.meaning.english) &&
                 add_list(j, "ruled_out", phrases, o.rules_out, o.rules_out_count) &&
                 add_list(j, "advice", phrases, o.advice, o.advice_count) && !text.over;
    slot->at = whole ? mem_alloc(NULL, text.len) : NULL;
    if (slot->at) {
        size_t len = bytes_copy(slot->at, text.len, bytes_of(text.at, text.len));
        slot->telling.judgement = bytes_of(slot->at, judgement);
        slot->telling.words = bytes_of(slot->at + judgement, len - judgement);
        slot->telling.placeholders = bytes_find(slot->telling.words, '{') >= 0;
    }
    text_done(&text);
}

const struct telling *tellings_get(struct tellings *t, struct phrases *phrases,
                                   const struct finding *finding)
{
    struct key key;
    if (!t || !phrases || story_hangs_on_values(finding))
        return NULL;
    key_of(&key, finding);
    struct slot *slot = &t->slots[slot_of(&key)];
    if (!is_same(&slot->key, &key)) {
        clear(slot);
        slot->key = key;
        make(slot, phrases, finding);
    }
    return slot->at ? &slot->telling : NULL;
}
