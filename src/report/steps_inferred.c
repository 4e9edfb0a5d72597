/* SPDX-License-Identifier: BSD-3-Clause */
/* What was inferred of the dialogue inside TLS as sentences, each marked as what it is. */
#include "report/story.h"

static const char *command_text(enum smtp_verb verb)
{
    switch (verb) {
    case SMTP_EHLO:
        return N_("the device says hello");
    case SMTP_MAIL:
        return N_("the device names the sender");
    case SMTP_RCPT:
        return N_("the device names a recipient");
    case SMTP_DATA:
    case SMTP_BDAT:
        return N_("the device wants to send the message");
    case SMTP_RSET:
        return N_("the device takes back what it began (RSET)");
    case SMTP_QUIT:
        return N_("the device says goodbye (QUIT)");
    default:
        return N_("the device says something else");
    }
}

static const char *refused_text(enum smtp_step step)
{
    switch (step) {
    case STEP_AUTH:
        return N_("the server refuses the sign-in");
    case STEP_MAIL:
        return N_("the server refuses the sender");
    case STEP_RCPT:
        return N_("the server refuses a recipient");
    case STEP_END:
        return N_("the server refuses the mail");
    default:
        return N_("the server does not let the message be sent");
    }
}

static const char *reply_text(const struct fact_smtp_reply *r)
{
    if (r->answer == ANSWER_NO)
        return refused_text((enum smtp_step)r->step);
    switch (r->step) {
    case STEP_GREETING:
        return N_("the server greets");
    case STEP_EHLO:
        return N_("the server lists what it offers");
    case STEP_AUTH:
        return r->answer == ANSWER_GO_ON ? N_("the server asks for the next part of the sign-in")
                                         : N_("the server accepts the sign-in");
    case STEP_MAIL:
        return N_("the server accepts the sender");
    case STEP_RCPT:
        return N_("the server accepts a recipient");
    case STEP_DATA:
        return N_("the server asks for the message");
    case STEP_END:
        return N_("the server accepts the mail");
    case STEP_QUIT:
        return N_("the server says goodbye");
    default:
        return N_("the server answers");
    }
}

static const char *text_of(const struct fact *f, struct finding *values)
{
    switch (f->kind) {
    case FACT_SMTP_COMMAND:
        return command_text((enum smtp_verb)f->command.verb);
    case FACT_SMTP_REPLY:
        return reply_text(&f->reply);
    case FACT_AUTH:
        finding_wire(values, "method", f->auth.name);
        return f->auth.name.len > 0 ? N_("the device signs in; the method fits {method}")
                                    : N_("the device signs in");
    case FACT_AUTH_STEP:
        return N_("the device sends the next part of the sign-in");
    case FACT_MESSAGE:
        return N_("the device sends the message");
    case FACT_DROPPED:
        finding_number(values, "count", f->dropped.count);
        return N_("(… {count} steps are left out here)");
    default:
        return NULL;
    }
}

bool story_step_inferred(struct text *out, enum lang lang, const struct judged *judged,
                         const struct fact *fact)
{
    struct finding values = { 0 };
    const char *text = text_of(fact, &values);
    if (!text)
        return false;
    struct subject subject = { .lang = lang, .judged = judged, .finding = &values };
    bool likely = inferred_is_likely(&judged->summary.inferred, fact);
    story_fill(out, &subject,
               likely ? N_("(inferred from sizes, likely)")
                      : N_("(inferred from sizes, possible)"));
    text_add(out, lang == LANG_JA ? "" : " ");
    return story_fill(out, &subject, text);
}
