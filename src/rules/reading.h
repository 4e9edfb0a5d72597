/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One refusing reply, one cause. Every rule that goes by what the server said asks here, so that no
 * reply is told as two causes. What decides, in this order: what EHLO offered, the reply table's
 * texts, common words, the enhanced code (RFC 3463), then the basic code and the step.
 */
#ifndef MAILWHY_RULES_READING_H
#define MAILWHY_RULES_READING_H

#include "rules/exchange.h"
#include "rules/replies.h"

struct reading {
    const char
        *cause; /* NULL = this reply is no reason: it accepts, or follows from an earlier no */
    const char *
        basic; /* the fall-back by code and step, told where cause has evidence of its own that is missing */
    const char *inner; /* why a recipient was refused, where the cause is that some were */
    enum confidence sure;
    bool own; /* the cause has a rule with more evidence than the reply */
};

enum { READINGS_MAX = 24 };
/* What was read already in this attempt; belongs to a view. */
struct readings {
    struct {
        const struct fact *reply;
        struct reading reading;
    } known[READINGS_MAX];
    size_t count;
};

struct reading reading_of(const struct view *v, const struct fact *reply);
/* Reads all refusals, so that they are remembered; then: may one of them be read as this cause? False: none is. */
void reading_all(const struct view *v);
bool reading_named(const struct readings *readings, const char *cause);
/* The same for a reply to AUTH, nothing remembered. */
struct reading reading_of_auth(const struct view *v, const struct fact *reply);
/* By the enhanced code alone (RFC 3463 and IANA's registry), at this step; cause NULL = it says nothing. */
struct reading reading_of_enhanced(const struct fact_smtp_reply *reply);
/* Is this the cause of that reading, or its fall-back where the cause stands for itself? */
bool reading_is(const struct reading *r, const char *cause);
/* The id, where a reply can name that cause; NULL. */
const char *reading_cause(struct bytes id);

/* The MAIL command of the mail to which a fact belongs; NULL. */
const struct fact *reading_mail_of(const struct view *v, const struct fact *fact);

#endif
