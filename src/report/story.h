/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A finding and its attempt as sentences in one language. All that comes out is safe for a terminal
 * (wire bytes are escaped); JSON and HTML escape it once more for their place.
 */
#ifndef MAILWHY_REPORT_STORY_H
#define MAILWHY_REPORT_STORY_H

#include "base/text.h"
#include "report/lang.h"
#include "rules/verdict.h"

/* What a story is told of. judged is NULL for device and capture lines. */
struct subject {
    enum lang lang;
    const struct judged *judged;
    const struct finding *finding;
    const char *device; /* shown for {device} where judged is NULL */
};

/* A text that a story may say: a template in English, and the finding that fills it. */
struct story_text {
    const char *english;
    const struct finding *finding;
};

/* All that a story may say, in order. What cannot be filled is left out when it is told, and
 * nothing is told twice in one list. */
enum { STORY_LINES = 16, STORY_TEXTS = FINDING_TEXTS + CAUSE_TEXTS + LINE_FINDINGS };
struct outline {
    struct story_text headline, title; /* title: where the headline cannot be filled */
    struct story_text meaning;
    struct story_text rules_out[STORY_TEXTS], advice[STORY_TEXTS];
    size_t rules_out_count, advice_count;
};

/* What the other attempts of the device have to say here. */
struct others {
    const struct finding *const *woven; /* what they advise: notes of the device's line, told of their own subject */
    size_t woven_count;
    bool ssl_465_failed, starttls_587_failed; /* at the same server, and before the sign-in */
    uint16_t port;                            /* of the attempt that the story is told of */
};

/* others may be NULL. */
void story_outline(struct outline *o, const struct finding *finding, const struct others *others);
/* Does the outline choose among its texts by the finding's values? Else findings with the same texts
 * have the same outline. */
bool story_hangs_on_values(const struct finding *finding);

/* A few strings, one after the other in one text. Not to be moved. */
struct lines {
    struct text text;
    size_t at[STORY_LINES];
    size_t count;
    char first[2048]; /* most stories need no more */
};

void lines_init(struct lines *l);
void lines_done(struct lines *l);
/* The nth string, valid until the next one is added. */
const char *lines_get(const struct lines *l, size_t n);

struct story {
    struct lines headline, meaning, rules_out, advice; /* headline and meaning: one line each */
};

/* Fills all; the caller calls story_done() in any case. others may be NULL. */
void story_tell(struct story *s, const struct subject *subject, const struct others *others);
void story_done(struct story *s);

/* One English template, translated and filled. False (and nothing added) when a placeholder has no
 * value. */
bool story_fill(struct text *out, const struct subject *subject, const char *english);
/* The same, of a template that was translated and escaped for JSON: its values are too. */
bool story_fill_json(struct text *out, const struct subject *subject, struct bytes escaped);

/* Wireshark display filter that selects deciding packets and none beside the finding's frames;
 * nothing where it has no frames. */
void story_filter(struct text *out, const struct judged *judged, const struct finding *finding);
/* The openssl command that would settle it, or nothing. */
void story_check_command(struct text *out, const struct judged *judged,
                         const struct finding *finding);
/* "0.02 s", "12 s", "3 min 20 s". */
void story_add_span(struct text *out, enum lang lang, int64_t ns);

/* One fact as a step: false where it is not worth one. brief: only what tells the story; else
 * all. */
bool story_step(struct text *out, enum lang lang, const struct judged *judged,
                const struct fact *fact, bool brief);
/* The same of a fact that was inferred: marked as that, with how likely it is. */
bool story_step_inferred(struct text *out, enum lang lang, const struct judged *judged,
                         const struct fact *fact);

#endif
