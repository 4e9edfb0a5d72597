/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Questions that several sections of causes ask, and what they say in common. In comes a view, out
 * come facts, proofs and advice; nothing here decides a cause.
 */
#ifndef MAILWHY_RULES_ASK_H
#define MAILWHY_RULES_ASK_H

#include "facts/timeline.h"
#include "rules/cause.h"
#include "rules/phrases.h"

/* A health check connects, perhaps hears the greeting, and leaves within this time. */
#define ASK_HEALTH_CHECK TIME_SECOND
/* A device that leaves after this long had been waiting. */
#define ASK_WAITED (2 * TIME_SECOND)

/* The sign-in methods that small devices know. */
#define ASK_KNOWN_METHODS (AUTH_BIT(AUTH_PLAIN) | AUTH_BIT(AUTH_LOGIN) | AUTH_BIT(AUTH_CRAM_MD5))

const struct fact *ask_begin(const struct view *v);
const struct fact *ask_next(const struct view *v, const struct fact *fact);
/* Does b come after a in the timeline? NULL is nowhere. */
bool ask_after(const struct view *v, const struct fact *a, const struct fact *b);
/* First / last fact whose kind is in this set of FACT_BIT()s; after: NULL = from the start. */
const struct fact *ask_first_of(const struct view *v, const struct fact *after, uint64_t kinds,
                                int from);
const struct fact *ask_last_of(const struct view *v, uint64_t kinds, int from);

/* The FIN or RST with which the conversation ended (a late RST does not count), and NULL. */
const struct fact *ask_end(const struct view *v);
/* Was it that side which ended it, by FIN or RST? */
bool ask_ended_by(const struct view *v, enum side side);
/* Was what this SMTP fact says in clear text? (What was read with a key, or inferred, says so in its origin.) */
bool ask_clear(const struct fact *fact);
/* Is there a part that nobody can read: encryption began, and no key is there? */
bool ask_hidden(const struct view *v);
/* Is all that the server said since that fact in the capture? Only then does silence mean something. */
bool ask_heard_all(const struct view *v, const struct fact *since);
/* Is this list of capabilities whole, so that what is not on it was not offered? */
bool ask_list_whole(const struct view *v, const struct fact *list);
/* A reply in clear text although TLS had come up before: nobody was there to hear it. */
bool ask_is_stray(const struct view *v, const struct fact *reply);
/* The 220 to STARTTLS; NULL. */
const struct fact *ask_starttls_ready(const struct view *v);
/* What sizes and turns say inside TLS: likely, and not less sure for what the capture lacks (diagnose.c lowers
 * that)? What is only possible fails no attempt. */
bool ask_inferred_likely(const struct view *v);
/* Did the device use TLS from its first byte? */
bool ask_implicit_tls(const struct view *v);
/* The last list of capabilities before a fact (NULL: of all) in the same layer, clear or inside. */
const struct fact *ask_capabilities(const struct view *v, const struct fact *before, bool clear);
/* What the device said that is SMTP: commands, AUTH, messages. */
bool ask_device_said_smtp(const struct view *v);

/* What the device waits for when that fact comes (NULL: at the end). */
struct ask_due {
    const struct fact *asked; /* FACT_OPEN for the greeting; NULL = nothing is due */
    enum stage stage;
    bool greeting, message, tls;
};
struct ask_due ask_due(const struct view *v, const struct fact *at);

/* A reply of code lowest to highest to a step, the nth (from 0) such one; NULL. */
const struct fact *ask_reply(const struct view *v, unsigned n, enum smtp_step step, unsigned lowest,
                             unsigned highest);
/* Did the server accept something of this step after that fact (2xx, 3xx)? */
bool ask_accepted_after(const struct view *v, const struct fact *fact, enum smtp_step step);
/* Did the attempt get on after that fact: a step of the session or of a mail accepted? */
bool ask_went_on(const struct view *v, const struct fact *fact);
/* Any of these lower-case phrases in the text of the reply; the list ends with NULL, and is one that
 * stays as it is: it is known again by where it stands. */
bool ask_text_has_any(const struct fact *reply, const char *const *phrases);
enum stage ask_stage(const struct view *v, const struct fact *reply);
/* Was a mail begun after the last one that the server accepted? */
bool ask_mail_open(const struct view *v);

/* {code}, {text} (where there is one), the filter by code where that selects this reply alone; and the proof. */
void ask_tell_reply(const struct view *v, struct finding *f, const struct fact *reply);
/* Does Wireshark, with its default ports, show SMTP / TLS fields for this fact? */
bool ask_smtp_fields(const struct view *v, const struct fact *fact);
bool ask_tls_fields(const struct view *v, const struct fact *fact);
/* Rules out the network: the server answered (within {answered_in}, where that was seen). */
void ask_rule_out_network(const struct view *v, struct finding *f);
/* Rules out the password, where no sign-in was begun and nothing is hidden. */
void ask_rule_out_password(const struct view *v, struct finding *f);
/* Advice: the other kind of security, port with it. */
void ask_advise_other_security(const struct view *v, struct finding *f);
/* … the kind of security that begins with encryption for this port, or another with its port. */
void ask_advise_encryption(const struct view *v, struct finding *f);

#endif
