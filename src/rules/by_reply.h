/* SPDX-License-Identifier: BSD-3-Clause */
/* Rules that go by what the server said: they find the reply whose reading is their cause, and tell it. */
#ifndef MAILWHY_RULES_BY_REPLY_H
#define MAILWHY_RULES_BY_REPLY_H

#include "rules/reading.h"

/* The nth refusal (from 0) whose cause is this: refusals of one mail are one, and so are those of one step
 * outside a mail. NULL = there is none. */
const struct fact *by_reply_find(const struct view *v, unsigned n, const char *cause);
/* How many replies to the same step name this cause. */
unsigned by_reply_count(const struct view *v, enum smtp_step step, const char *cause);
/* Proofs, values (code, text, command, sender, recipient, hello), stage, filter, what is ruled out, and
 * whether a later step made it good. Advice that was given before stays first. */
void by_reply_tell(const struct view *v, struct finding *f, const struct fact *reply);
/* The same, where the network may be the reason all the same. */
void by_reply_tell_all_but_network(const struct view *v, struct finding *f,
                                   const struct fact *reply);
/* The whole of a rule for which that is enough. */
enum confidence by_reply(const struct view *v, unsigned n, struct finding *f);

/* Rules out what was accepted before this fact; and, but for _steps, the network. */
void by_reply_rule_out_steps(const struct view *v, struct finding *f, const struct fact *fact);
void by_reply_rule_out(const struct view *v, struct finding *f, const struct fact *fact);
/* The mailbox in MAIL FROM:<…> or RCPT TO:<…>, empty where there is none. */
struct bytes by_reply_path(const struct fact *command);

#endif
