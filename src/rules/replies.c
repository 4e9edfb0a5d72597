/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/replies.h"

#include "base/table.h"
#include "rules/reply_text.h"
#include "rules/user_rows.h"

/* A reply's text made ready for the patterns: its normal form, then its pairs. */
struct ready {
    uint8_t room[REPLY_TEXT_MAX];
    struct bytes text;
    struct text_pairs pairs;
};

static void make_normal(struct ready *ready, struct bytes text)
{
    ready->text = reply_text_normal(text, ready->room, sizeof ready->room);
}

static bool pattern_fits(const char *pattern, const struct ready *ready)
{
    return pattern[0] == '\0' ||
           (text_pairs_may(&ready->pairs, pattern) && reply_text_has(ready->text, pattern));
}

static bool step_fits(const struct reply_row *row, const struct fact_smtp_reply *reply)
{
    return row->steps == 0 || (row->steps & 1u << reply->step) != 0;
}

static bool fits(const struct reply_row *row, const struct fact_smtp_reply *reply,
                 const struct ready *ready)
{
    const struct smtp_enhanced *e = &row->enhanced;
    if (e->class != 0 &&
        (e->class != reply->enhanced.class || e->subject != reply->enhanced.subject ||
         e->detail != reply->enhanced.detail))
        return false;
    return step_fits(row, reply) && pattern_fits(row->pattern, ready);
}

/* The longest pattern, then a step, then an enhanced code: higher is more specific. */
static unsigned rank_of_text(const struct reply_row *row)
{
    return row->pattern_len * 4u + (row->steps != 0 ? 2u : 0u);
}

static unsigned rank(const struct reply_row *row)
{
    return rank_of_text(row) + (row->enhanced.class != 0 ? 1u : 0u);
}

static const struct reply_row *better(const struct reply_row *best, const struct reply_row *row,
                                      const struct fact_smtp_reply *reply,
                                      const struct ready *ready)
{
    if (best && rank(row) <= rank(best))
        return best;
    return fits(row, reply, ready) ? row : best;
}

/* The first row of this code, or of a higher one. */
static size_t first_row(uint16_t code)
{
    size_t low = 0, high = reply_row_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (reply_rows[middle].code < code)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static const struct reply_row *match(const struct replies *more,
                                     const struct fact_smtp_reply *reply, struct ready *ready)
{
    text_pairs_of(&ready->pairs, ready->text);
    const struct reply_row *best = NULL;
    for (size_t i = 0, n = user_row_count(more); i < n; i++) {
        const struct reply_row *row = user_row(more, i);
        if (row->code == reply->code)
            best = better(best, row, reply, ready);
    }
    for (size_t i = first_row(reply->code);
         i < reply_row_count && reply_rows[i].code == reply->code; i++) {
        const struct reply_row *row = &reply_rows[i];
        if (best && rank_of_text(row) < rank_of_text(best))
            break; /* sorted: no other is as specific */
        best = better(best, row, reply, ready);
    }
    return best;
}

/* Servers say the same again and again, and the built-in rows never change: what was found for a
 * reply stands here until another takes its place. In the patterns' form a text is also the same
 * where it names another recipient. */
enum { FOUND_TEXT_MAX = 200 };
struct found {
    const struct reply_row *row; /* NULL: none fits */
    struct smtp_enhanced enhanced;
    uint16_t code, len; /* code 0: nothing was found yet */
    uint8_t step;
    uint8_t text[FOUND_TEXT_MAX];
};
enum found_by { FOUND_BY_WORDS, FOUND_BY_NORMAL, FOUND_BYS };

static struct found *found_place(enum found_by by, struct bytes text)
{
    enum { PLACES = 32 };
    static struct found places[FOUND_BYS][PLACES];
    if (text.len > FOUND_TEXT_MAX)
        return NULL; /* hardly one is as long */
    return &places[by][table_hash(text) % PLACES];
}

static bool is_found(const struct found *f, const struct fact_smtp_reply *reply, struct bytes text)
{
    const struct smtp_enhanced *a = &f->enhanced, *b = &reply->enhanced;
    return f->code == reply->code && f->step == reply->step && a->class == b->class &&
           a->subject == b->subject && a->detail == b->detail &&
           bytes_equal(bytes_of(f->text, f->len), text);
}

static void keep_found(struct found *f, const struct fact_smtp_reply *reply, struct bytes text,
                       const struct reply_row *row)
{
    f->row = row;
    f->enhanced = reply->enhanced;
    f->code = reply->code;
    f->step = reply->step;
    f->len = (uint16_t)bytes_copy(f->text, sizeof f->text, text);
}

static const struct reply_row *match_normal(const struct fact_smtp_reply *reply)
{
    struct ready ready;
    make_normal(&ready, reply->text);
    struct found *f = found_place(FOUND_BY_NORMAL, ready.text);
    if (!f)
        return match(NULL, reply, &ready);
    if (!is_found(f, reply, ready.text))
        keep_found(f, reply, ready.text, match(NULL, reply, &ready));
    return f->row;
}

const struct reply_row *replies_match(const struct replies *more,
                                      const struct fact_smtp_reply *reply)
{
    if (user_row_count(more) > 0) {
        struct ready ready;
        make_normal(&ready, reply->text);
        return match(more, reply, &ready);
    }
    struct found *f = found_place(FOUND_BY_WORDS, reply->text);
    if (!f)
        return match_normal(reply);
    if (!is_found(f, reply, reply->text))
        keep_found(f, reply, reply->text, match_normal(reply));
    return f->row;
}

/* Words that say enough without their code. */
static bool is_telling(const struct reply_row *row, const struct fact_smtp_reply *reply)
{
    enum { TELLING = 9 };
    return row->code / 100 == reply->code / 100 && row->pattern_len >= TELLING;
}

const struct reply_row *replies_match_text(const struct replies *more,
                                           const struct fact_smtp_reply *reply)
{
    struct ready ready;
    make_normal(&ready, reply->text);
    text_pairs_of(&ready.pairs, ready.text);
    const struct reply_row *best = NULL;
    for (size_t i = 0, n = user_row_count(more); i < n; i++)
        if (is_telling(user_row(more, i), reply))
            best = better(best, user_row(more, i), reply, &ready);
    for (size_t i = 0; i < reply_row_count; i++) {
        const struct reply_row *row = &reply_rows[i];
        /* a telling text needs no enhanced code either */
        if (is_telling(row, reply) && (!best || rank_of_text(row) > rank(best)) &&
            step_fits(row, reply) && pattern_fits(row->pattern, &ready))
            best = row;
    }
    return best;
}
