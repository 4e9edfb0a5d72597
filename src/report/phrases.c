/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/phrases.h"

#include "base/mem.h"
#include "base/text.h"

enum { PHRASE_MAX = 16384, SLOTS_FIRST = 256 };

/* An open table by the texts' addresses, which no sender chooses; at most half full. */
struct phrases {
    enum lang lang;
    struct arena arena;
    const struct phrase **slots;
    size_t size, count;
};

struct phrases *phrases_new(enum lang lang)
{
    struct phrases *p = mem_alloc(NULL, sizeof *p);
    if (!p)
        return NULL;
    p->lang = lang;
    arena_init(&p->arena, NULL);
    return p;
}

void phrases_free(struct phrases *p)
{
    if (!p)
        return;
    mem_free(NULL, p->slots, p->size * sizeof *p->slots);
    arena_done(&p->arena);
    mem_free(NULL, p, sizeof *p);
}

/* Where this text stands, or belongs. */
static size_t place_of(const struct phrases *p, const char *english)
{
    size_t at = (size_t)((uint64_t)(uintptr_t)english * UINT64_C(0x9e3779b97f4a7c15) >> 32);
    for (;; at++) {
        const struct phrase *phrase = p->slots[at & (p->size - 1)];
        if (!phrase || phrase->english == english)
            return at & (p->size - 1);
    }
}

static bool grow(struct phrases *p)
{
    struct phrases bigger = *p;
    bigger.size = p->size > 0 ? p->size * 2 : SLOTS_FIRST;
    bigger.slots = mem_alloc(NULL, bigger.size * sizeof *bigger.slots);
    if (!bigger.slots)
        return false;
    for (size_t i = 0; i < p->size; i++)
        if (p->slots[i])
            bigger.slots[place_of(&bigger, p->slots[i]->english)] = p->slots[i];
    mem_free(NULL, p->slots, p->size * sizeof *p->slots);
    *p = bigger;
    return true;
}

static struct phrase *make(struct phrases *p, const char *english)
{
    struct text json;
    text_init(&json, PHRASE_MAX);
    text_wire(&json, bytes_str(lang_text(p->lang, english)), FOR_JSON);
    struct phrase *phrase = json.over ? NULL : arena_alloc(&p->arena, sizeof *phrase);
    char *copy = phrase ? arena_alloc(&p->arena, json.len) : NULL;
    if (copy) {
        size_t len = bytes_copy(copy, json.len, bytes_of(json.at, json.len));
        *phrase = (struct phrase) { english, bytes_of(copy, len), false };
        phrase->placeholders = bytes_find(phrase->json, '{') >= 0;
    }
    text_done(&json);
    return copy ? phrase : NULL;
}

const struct phrase *phrases_get(struct phrases *p, const char *english)
{
    const struct phrase *known = p && p->size > 0 ? p->slots[place_of(p, english)] : NULL;
    if (known || !p || (p->size <= p->count * 2 && !grow(p)))
        return known;
    struct phrase *phrase = make(p, english);
    if (!phrase)
        return NULL;
    p->slots[place_of(p, english)] = phrase;
    p->count++;
    return phrase;
}
