/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/user_rows.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/mem.h"
#include "rules/reading.h"
#include "rules/tsv.h"

enum {
    COLUMN_CODE,
    COLUMN_ENHANCED,
    COLUMN_PATTERN,
    COLUMN_STEP,
    COLUMN_WHO,
    COLUMN_CAUSE,
    COLUMN_NOTE,
    COLUMNS
};

struct replies {
    struct arena texts;
    struct reply_row *rows;
    size_t count, cap;
};

struct replies *replies_new(void)
{
    struct replies *r = mem_alloc(NULL, sizeof *r);
    if (r)
        arena_init(&r->texts, NULL);
    return r;
}

void replies_free(struct replies *r)
{
    if (!r)
        return;
    mem_free(NULL, r->rows, r->cap * sizeof *r->rows);
    arena_done(&r->texts);
    mem_free(NULL, r, sizeof *r);
}

size_t user_row_count(const struct replies *r)
{
    return r ? r->count : 0;
}

const struct reply_row *user_row(const struct replies *r, size_t index)
{
    return &r->rows[index];
}

static bool is_none(struct bytes column)
{
    return bytes_equal(column, bytes_str("-"));
}

static const char *copy(struct replies *r, struct bytes text)
{
    char *s = arena_alloc(&r->texts, text.len + 1);
    if (s)
        bytes_copy(s, text.len, text);
    return s;
}

static bool read_enhanced(struct bytes column, struct smtp_enhanced *e)
{
    int parts[3];
    if (is_none(column))
        return true;
    for (size_t i = 0; i < 3; i++) {
        ptrdiff_t dot = bytes_find(column, '.');
        if ((dot < 0) != (i == 2))
            return false;
        parts[i] =
            tsv_number(dot < 0 ? column : bytes_first(column, (size_t)dot), i == 0 ? 5 : 999);
        column = bytes_after(column, dot < 0 ? column.len : (size_t)dot + 1);
        if (parts[i] < 0)
            return false;
    }
    *e = (struct smtp_enhanced) { (uint8_t)parts[0], (uint16_t)parts[1], (uint16_t)parts[2] };
    return parts[0] >= 2;
}

static bool read_steps(struct bytes column, uint16_t *steps)
{
    if (is_none(column))
        return true;
    while (column.len > 0) {
        struct bytes word = tsv_word(&column);
        enum smtp_step step = STEP_GREETING;
        while (step <= STEP_END && !bytes_equal(word, bytes_str(smtp_step_name(step))))
            step++;
        if (step > STEP_END)
            return false;
        *steps = (uint16_t)(*steps | 1u << step);
    }
    return *steps != 0;
}

/* The forms that text is brought into before it is looked for. */
static bool is_pattern(struct bytes column)
{
    for (size_t i = 0; i < column.len; i++)
        if (column.at[i] < ' ' || (column.at[i] >= 'A' && column.at[i] <= 'Z') ||
            (i > 0 && column.at[i] == ' ' && column.at[i - 1] == ' '))
            return false;
    return column.len > 0 && column.len <= USER_PATTERN_MAX && column.at[0] != '*';
}

/* What is wrong with the line; NULL = the row is complete. */
static const char *read_row(struct replies *r, const struct bytes *column, struct reply_row *row)
{
    int code = tsv_number(column[COLUMN_CODE], 599);
    if (code < 400)
        return "the first column is a reply code from 400 to 599";
    row->code = (uint16_t)code;
    if (!read_enhanced(column[COLUMN_ENHANCED], &row->enhanced))
        return "the second column is an enhanced code such as 5.7.8, or -";
    if (!is_pattern(column[COLUMN_PATTERN]))
        return "the third column is a part of the reply's text in lower case, or -";
    if (!read_steps(column[COLUMN_STEP], &row->steps))
        return "the fourth column is a list of greeting, ehlo, starttls, auth, mail, rcpt, data, end, or -";
    row->cause = reading_cause(column[COLUMN_CAUSE]);
    if (!row->cause)
        return "the sixth column is no cause that a reply can name; --list-causes lists all causes";
    row->pattern = is_none(column[COLUMN_PATTERN]) ? "" : copy(r, column[COLUMN_PATTERN]);
    row->pattern_len = (uint16_t)(is_none(column[COLUMN_PATTERN]) ? 0 : column[COLUMN_PATTERN].len);
    row->who = copy(r, column[COLUMN_WHO]);
    return row->pattern && row->who ? NULL : "there is not enough memory";
}

static bool add_row(struct replies *r, const struct reply_row *row)
{
    if (r->count == r->cap) {
        size_t cap = r->cap > 0 ? r->cap * 2 : 16;
        struct reply_row *rows =
            mem_resize(NULL, r->rows, r->cap * sizeof *rows, cap * sizeof *rows);
        if (!rows)
            return false;
        r->rows = rows;
        r->cap = cap;
    }
    r->rows[r->count++] = *row;
    return true;
}

bool replies_add(struct replies *r, struct bytes file, char *error, size_t error_size)
{
    struct tsv t = { .rest = file };
    struct bytes column[COLUMNS];
    size_t count;
    while ((count = tsv_next(&t, column, COLUMNS)) > 0) {
        struct reply_row row = { 0 };
        const char *wrong = NULL;
        if (count != COLUMNS && count != COLUMN_NOTE)
            wrong = "a row has six columns, or seven with a note, and a tab between them";
        else if (r->count == USER_ROWS_MAX)
            wrong = "there are too many rows";
        else
            wrong = read_row(r, column, &row);
        if (!wrong && !add_row(r, &row))
            wrong = "there is not enough memory";
        if (wrong) {
            snprintf(error, error_size, "line %u: %s", t.line, wrong);
            return false;
        }
    }
    return true;
}
