/* SPDX-License-Identifier: BSD-3-Clause */
/* The questions that a rule may ask of an attempt: read-only. */
#ifndef MAILWHY_RULES_VIEW_H
#define MAILWHY_RULES_VIEW_H

#include "facts/attempt.h"
#include "facts/outcome.h"

struct history;
struct providers;
struct readings;
struct replies;

/* What the user knows beside what is built in; members may be NULL. */
struct knowledge {
    const struct replies *replies;
    const struct providers *providers;
};

/* What a timeline shows beside the kinds of its facts. A rule's needs name them alike, so that a rule that
 * has nothing to go by is not even called. */
enum sign {
    SIGN_REFUSAL = FACT_KINDS, /* a reply of 400 or more */
    SIGN_NAMED, /* … and one of them is read as the cause whose rule it is (reading.h) */
    SIGN_END_WITHOUT_QUIT, /* it ended (see ask_end()), and the device had not said QUIT */
    SIGN_LEFT_AFTER_LIST,  /* after a list of capabilities it began neither a sign-in nor a mail */
    SIGN_BARE_LINE_END, /* a command that did not end in CRLF, or a message with such a false end */
    SIGN_EARLY_COMMAND, /* a command before it was its turn */
    SIGN_OVERWRITTEN_LIST, /* a list of capabilities with words blotted out */
    SIGN_STARTTLS_READY,   /* STARTTLS was not refused */
    SIGN_OAUTH,            /* a sign-in with a token instead of a password */
    SIGN_NO_PACKET,        /* nothing came from the server at all */
    SIGN_NO_WORD,          /* … or nothing but TCP */
    SIGN_NO_MAIL_NO_ERROR, /* there were replies, and none took a mail or refused anything */
    SIGN_PASSWORD_CHECKED, /* a sign-in was held against the password given */
};

/* Where in a timeline things stand, since every rule asks for the first or last of something and most
 * things are not there at all. */
struct view_index {
    uint64_t shown; /* FACT_BIT()s of kinds and signs */
    bool in_order;  /* no fact's last frame is before an earlier one's, VIEW_TOLD_LATE aside */
    const struct fact *first[FACT_KINDS], *last[FACT_KINDS];
    const struct fact *first_refusal, *last_refusal, *end;
    uint8_t replied[SMTP_STEPS]; /* a bit for the first digit of each code that came to this step */
};
/* Facts that are told when what they are about was over. */
#define VIEW_TOLD_LATE (FACT_BIT(FACT_RESEND) | FACT_BIT(FACT_GAP) | FACT_BIT(FACT_ICMP))
void view_index_fill(struct view_index *index, const struct attempt *attempt,
                     const struct summary *summary);

struct view {
    const struct attempt *attempt;
    const struct summary *summary;
    const char *server_name;           /* as it will be reported; NULL = not known */
    const char *looked_up;             /* by the device itself, this name alone; NULL = not so */
    const struct history *history;     /* what ended before this attempt */
    int64_t capture_end;               /* time of the last packet seen so far */
    const struct knowledge *knowledge; /* NULL = nothing beside what is built in */
    struct readings *readings; /* replies that were read already; NULL = none are remembered */
    const struct view_index
        *index; /* of the attempt's timeline as it is now; NULL = it is walked */
};

enum { ANY_SIDE = -1 };

/* First / last fact of a kind from a side (enum side, or ANY_SIDE); NULL. */
const struct fact *view_first(const struct view *v, enum fact_kind kind, int from);
const struct fact *view_last(const struct view *v, enum fact_kind kind, int from);
/* The nearest of that kind before / after a fact. */
const struct fact *view_before(const struct view *v, const struct fact *fact, enum fact_kind kind,
                               int from);
const struct fact *view_after(const struct view *v, const struct fact *fact, enum fact_kind kind,
                              int from);
/* The last command of this verb, the nth (from 0), or NULL. */
const struct fact *view_command(const struct view *v, enum smtp_verb verb, unsigned n);
/* The command that a reply answers, by its frame; NULL (the greeting, a lost command). */
const struct fact *view_asked(const struct view *v, const struct fact *reply);
/* The reply to a command; NULL = none came. */
const struct fact *view_reply_to(const struct view *v, const struct fact *command);
/* The first reply to this step with lowest <= code <= highest after a fact (NULL: from the start). */
const struct fact *view_reply(const struct view *v, const struct fact *after, enum smtp_step step,
                              unsigned lowest, unsigned highest);
/* The first reply with a code of 400 or more, to any step, after a fact (NULL: from the start). */
const struct fact *view_refusal(const struct view *v, const struct fact *after);
/* Was something missing (FACT_GAP) between two facts, in the order of the timeline? NULL = the ends. */
bool view_gap_between(const struct view *v, const struct fact *first, const struct fact *last);
/* Any fact from this side after that fact, of whatever kind but transport. */
bool view_spoke_after(const struct view *v, const struct fact *fact, enum side side);
/* Does the text of a reply contain this lower-case phrase? ASCII case does not count. */
bool view_text_has(const struct fact *reply, const char *phrase);
/* Was this said inside TLS? */
bool view_encrypted_at(const struct fact *fact);

#endif
