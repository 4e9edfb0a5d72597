/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/json_words.h"

enum { TEXT_MAX = 16384 };

/* Where no text is kept ready, or there was no memory for it. */
static bool fill_anew(struct text *out, const struct subject *subject, const char *english)
{
    struct text plain;
    text_init(&plain, TEXT_MAX);
    bool known = story_fill(&plain, subject, english);
    text_wire(out, bytes_of(plain.at, plain.len), FOR_JSON);
    text_done(&plain);
    return known;
}

/* False, and nothing added, where it cannot be filled. */
static bool add_text(struct json *j, const char *name, struct phrases *phrases,
                     const struct subject *base, struct story_text text)
{
    if (!text.english)
        return false;
    const struct phrase *phrase = phrases_get(phrases, text.english);
    if (phrase && !phrase->placeholders) {
        json_escaped(j, name, phrase->json);
        return true;
    }
    struct json before = *j;
    size_t start = j->out->len;
    struct subject subject = *base;
    subject.finding = text.finding;
    json_plain(j, name, "\"", 1);
    bool known = phrase ? story_fill_json(j->out, &subject, phrase->json)
                        : fill_anew(j->out, &subject, text.english);
    text_add_char(j->out, '"');
    if (!known) {
        text_cut(j->out, start);
        *j = before;
    }
    return known;
}

/* What was added last, but for the comma before it. */
static struct bytes since(const struct json *j, size_t start)
{
    return bytes_of(j->out->at + start, j->out->len - start);
}

static void add_list(struct json *j, const char *name, struct phrases *phrases,
                     const struct subject *subject, const struct story_text *texts, size_t count)
{
    size_t at[STORY_LINES + 1], told = 0; /* where each begins, and the next would */
    json_open(j, name, '[');
    at[0] = j->out->len;
    for (size_t i = 0; i < count && told < STORY_LINES; i++) {
        struct json before = *j;
        if (!add_text(j, NULL, phrases, subject, texts[i]))
            continue;
        bool again = false;
        struct bytes text = since(j, at[told] + before.comma);
        for (size_t k = 0; k < told && !again; k++) {
            size_t start = at[k] + (k > 0);
            again = bytes_equal(text, bytes_of(j->out->at + start, at[k + 1] - start));
        }
        if (again) {
            text_cut(j->out, at[told]);
            *j = before;
        } else {
            at[++told] = j->out->len;
        }
    }
    json_close(j, ']');
}

/* False, and nothing added, where a value is missing: what names it is left out then. */
static bool tell(struct json *j, const struct subject *subject, const struct telling *telling)
{
    if (telling->placeholders)
        return story_fill_json(j->out, subject, telling->words);
    text_add_n(j->out, (const char *)telling->words.at, telling->words.len);
    return true;
}

void json_judgement(struct json *j, const struct finding *f)
{
    json_word(j, "cause", f->cause->id);
    json_word(j, "severity", severity_name((enum severity)f->severity));
    json_bool(j, "primary", f->primary);
    json_word(j, "confidence", confidence_name((enum confidence)f->confidence));
    json_word(j, "lowered", f->lowered);
}

void json_words(struct json *j, struct phrases *phrases, const struct telling *telling,
                const struct subject *subject)
{
    if (telling && tell(j, subject, telling))
        return;
    struct outline o;
    story_outline(&o, subject->finding, NULL);
    if (!add_text(j, "headline", phrases, subject, o.headline) &&
        !add_text(j, "headline", phrases, subject, o.title))
        json_word(j, "headline", "");
    if (!add_text(j, "meaning", phrases, subject, o.meaning))
        json_word(j, "meaning", "");
    add_list(j, "ruled_out", phrases, subject, o.rules_out, o.rules_out_count);
    add_list(j, "advice", phrases, subject, o.advice, o.advice_count);
}
