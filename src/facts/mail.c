/* SPDX-License-Identifier: BSD-3-Clause */
#include "facts/mail.h"

#include "base/bytes.h"

struct bytes mail_path(struct bytes arg)
{
    ptrdiff_t close = bytes_find(arg, '>');
    return close < 0 ? arg : bytes_first(arg, (size_t)close);
}

static bool is_command(const struct fact *f, enum smtp_verb verb)
{
    return f->kind == FACT_SMTP_COMMAND && f->command.verb == verb;
}

static const struct fact *mail_before(const struct timeline *tl, const struct fact *fact)
{
    const struct fact *f = timeline_previous(tl, fact);
    while (f && !is_command(f, SMTP_MAIL))
        f = timeline_previous(tl, f);
    return f;
}

/* The recipient that this reply accepts; NULL: it is none such. */
static const struct fact *accepted_recipient(const struct timeline *tl, const struct fact *f)
{
    bool accepts = f->kind == FACT_SMTP_REPLY && f->reply.step == STEP_RCPT && f->reply.code < 300;
    return accepts ? timeline_asked(tl, f) : NULL;
}

static bool has_recipient(const struct timeline *tl, const struct fact *mail,
                          const struct fact *end, const struct fact *rcpt)
{
    for (const struct fact *f = mail; f && f != end; f = timeline_next(tl, f)) {
        const struct fact *other = accepted_recipient(tl, f);
        if (other &&
            bytes_equal_nocase(mail_path(other->command.arg), mail_path(rcpt->command.arg)))
            return true;
    }
    return false;
}

/* Did the mail that end accepted go to all for whom the one that refusal ended was? */
static bool reaches_all(const struct timeline *tl, const struct fact *refusal,
                        const struct fact *end)
{
    const struct fact *mail = mail_before(tl, refusal), *again = mail_before(tl, end);
    if (!mail || !again || mail == again ||
        !bytes_equal_nocase(mail_path(mail->command.arg), mail_path(again->command.arg)))
        return false;
    for (const struct fact *f = mail; f && f != refusal; f = timeline_next(tl, f)) {
        const struct fact *rcpt = accepted_recipient(tl, f);
        if (rcpt && !has_recipient(tl, again, end, rcpt))
            return false;
    }
    return true;
}

bool mail_accepted_again(const struct timeline *tl, const struct fact *reply)
{
    uint16_t code = reply->reply.code;
    if (code < 400 || code > 504)
        return false;
    for (const struct fact *f = timeline_next(tl, reply); f; f = timeline_next(tl, f)) {
        bool accepts = f->kind == FACT_SMTP_REPLY && f->reply.step == STEP_END &&
                       f->reply.code >= 200 && f->reply.code < 300;
        if (accepts && reaches_all(tl, reply, f))
            return true;
    }
    return false;
}
