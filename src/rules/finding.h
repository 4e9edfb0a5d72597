/* SPDX-License-Identifier: BSD-3-Clause */
/* One conclusion: a cause, how sure, its proofs, and the named values that its words are made from. */
#ifndef MAILWHY_RULES_FINDING_H
#define MAILWHY_RULES_FINDING_H

#include "base/words.h"
#include "facts/attempt.h"
#include "facts/outcome.h"

enum severity { SEVERITY_FAILURE, SEVERITY_WARNING, SEVERITY_NOTE };
enum confidence { NO_MATCH, POSSIBLE, LIKELY, CERTAIN };
const char *severity_name(enum severity s);
const char *confidence_name(enum confidence c);

enum value_kind {
    VALUE_WIRE, /* bytes from the wire: JSON string, escaped in text */
    VALUE_WORD, /* a constant of ours: JSON string; in text its translation where po/ has one */
    VALUE_NUMBER,
    VALUE_SIZE, /* bytes: JSON number; in text "900 kB", "10.2 MB" (of 1000 kB) */
    VALUE_SPAN, /* ns: JSON seconds; in text "0.02 s", "12 s", "3 min" */
    VALUE_TIME, /* ns since 1970: JSON RFC 3339; in text local */
    VALUE_FLAG, /* JSON true or false; not for text */
};

struct value {
    const char *name; /* of the placeholder {name} and of the JSON member */
    uint8_t kind;
    union {
        struct bytes wire;
        const char *word;
        int64_t number;
        bool flag;
    };
};

enum { FINDING_FRAMES = 12, FINDING_VALUES = 12, FINDING_TEXTS = 6, FINDING_ATTEMPTS = 8 };

struct cause;
/* Is that the cause of this id, or the value of this name? Asked of one after the other; few begin
 * alike. */
static inline bool cause_is(const char *id, const char *other)
{
    return *id == *other && strcmp(id, other) == 0;
}

struct finding {
    const struct cause *cause;
    uint8_t severity, confidence;
    bool primary;
    bool ends_no_mail; /* with this finding an attempt without mail is no-mail, not failed */
    bool made_good; /* a later step of the attempt made it good: a warning, whatever the outcome */
    const char *lowered; /* "gap", "one-sided", "snapped", "starts-late", or NULL */
    uint8_t frame_count, value_count, advice_count, rules_out_count, attempt_count;
    uint32_t frames[FINDING_FRAMES]; /* its proofs, ascending, each once */
    uint32_t last_proof;             /* frame of the last proof: the order of causes */
    int64_t last_proof_time;
    uint32_t
        reached;   /* the same in the order of the conversation, where the capture's is another */
    uint8_t stage; /* enum stage to which the last proof belongs */
    struct value values[FINDING_VALUES];
    /* Words that fit this case better than the cause's own; NULL or 0: the cause's. N_() texts. */
    const char *headline, *meaning;
    const char *advice[FINDING_TEXTS];    /* told before the cause's own advice, */
    uint8_t late_advice; /* but the last so many of it after the cause's first; of a device's line: behind all else */
    bool advice_alone;                    /* … and instead of it */
    const char *rules_out[FINDING_TEXTS]; /* told before the cause's own */
    bool rules_out_alone;
    const char *
        filter_field; /* Wireshark's field which selects the deciding packets by its value; NULL: by
                                 frame number */
    uint32_t filter_value;
    uint32_t attempts[FINDING_ATTEMPTS]; /* device lines: ids of the attempts concerned */
};

/* Begins a finding of this cause. The arrays are filled as their counts grow and are not cleared. */
void finding_begin(struct finding *f, const struct cause *cause, enum severity severity);

/* Proofs; facts may be NULL (passed over). The last in time is the last proof. */
void finding_proof(struct finding *f, const struct fact *fact);
void finding_proof_frame(struct finding *f, uint32_t frame, int64_t time);
void finding_wire(struct finding *f, const char *name, struct bytes b);
void finding_word(struct finding *f, const char *name, const char *word);
void finding_number(struct finding *f, const char *name, int64_t number);
void finding_size(struct finding *f, const char *name, int64_t bytes);
void finding_span(struct finding *f, const char *name, int64_t ns);
void finding_time(struct finding *f, const char *name, int64_t time);
void finding_flag(struct finding *f, const char *name, bool flag);
const struct value *finding_value(const struct finding *f, const char *name);
void finding_advice(struct finding *f, const char *text);
void finding_rules_out(struct finding *f, const char *text);
/* The field of Wireshark's that has this value in the deciding packets, and in no others. */
void finding_filter(struct finding *f, const char *field, uint32_t value);

#endif
