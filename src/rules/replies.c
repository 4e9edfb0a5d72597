/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/replies.h"

#include "rules/reply_text.h"
#include "rules/user_rows.h"

static bool fits(const struct reply_row *row, const struct fact_smtp_reply *reply,
                 struct bytes text)
{
    const struct smtp_enhanced *e = &row->enhanced;
    if (row->steps != 0 && !(row->steps & 1u << reply->step))
        return false;
    if (e->class != 0 &&
        (e->class != reply->enhanced.class || e->subject != reply->enhanced.subject ||
         e->detail != reply->enhanced.detail))
        return false;
    return row->pattern[0] == '\0' || reply_text_has(text, row->pattern);
}

/* The longest pattern, then a step, then an enhanced code: higher is more specific. */
static unsigned rank(const struct reply_row *row)
{
    return (unsigned)strlen(row->pattern) * 4u + (row->steps != 0 ? 2u : 0u) +
           (row->enhanced.class != 0 ? 1u : 0u);
}

static const struct reply_row *better(const struct reply_row *best, const struct reply_row *row,
                                      const struct fact_smtp_reply *reply, struct bytes text)
{
    if (best && rank(row) <= rank(best))
        return best;
    return fits(row, reply, text) ? row : best;
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

const struct reply_row *replies_match(const struct replies *more,
                                      const struct fact_smtp_reply *reply)
{
    uint8_t room[REPLY_TEXT_MAX];
    struct bytes text = reply_text_normal(reply->text, room, sizeof room);
    const struct reply_row *best = NULL;
    for (size_t i = 0, n = user_row_count(more); i < n; i++) {
        const struct reply_row *row = user_row(more, i);
        if (row->code == reply->code)
            best = better(best, row, reply, text);
    }
    for (size_t i = first_row(reply->code);
         i < reply_row_count && reply_rows[i].code == reply->code; i++)
        best = better(best, &reply_rows[i], reply, text);
    return best;
}

/* Words that say enough without their code. */
static bool is_telling(const struct reply_row *row, const struct fact_smtp_reply *reply)
{
    enum { TELLING = 9 };
    return row->code / 100 == reply->code / 100 && strlen(row->pattern) >= TELLING;
}

const struct reply_row *replies_match_text(const struct replies *more,
                                           const struct fact_smtp_reply *reply)
{
    uint8_t room[REPLY_TEXT_MAX];
    struct bytes text = reply_text_normal(reply->text, room, sizeof room);
    const struct reply_row *best = NULL;
    for (size_t i = 0, n = user_row_count(more); i < n; i++)
        if (is_telling(user_row(more, i), reply))
            best = better(best, user_row(more, i), reply, text);
    for (size_t i = 0; i < reply_row_count; i++) {
        struct reply_row row = reply_rows[i];
        row.enhanced.class = 0; /* a telling text needs no enhanced code either */
        if (is_telling(&row, reply) && (!best || rank(&row) > rank(best)) &&
            fits(&row, reply, text))
            best = &reply_rows[i];
    }
    return best;
}
