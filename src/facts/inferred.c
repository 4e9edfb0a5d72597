/* SPDX-License-Identifier: BSD-3-Clause */
#include "facts/inferred.h"

#include "facts/attempt.h"

void inferred_fact(const struct attempt *a, const struct inferred_step *step, struct fact *out)
{
    const struct tls_trace_record *r = &a->trace[step->record];
    *out = (struct fact) {
        .kind = step->kind,
        .origin = ORIGIN_INFERRED,
        .from = r->from,
        .first_frame = r->frame,
        .last_frame = r->frame,
        .time =
            a->trace_start == TIME_NONE ? TIME_NONE : a->trace_start + (int64_t)r->time_us * 1000,
    };
    switch (step->kind) {
    case FACT_SMTP_COMMAND:
        out->command.verb = step->what;
        break;
    case FACT_SMTP_REPLY:
        out->reply.step = step->what;
        out->reply.answer = step->answer;
        break;
    case FACT_AUTH:
        out->auth.mechanism = step->what;
        out->auth.name = bytes_str(auth_mechanism_name((enum auth_mechanism)step->what));
        break;
    default:
        break;
    }
}

bool inferred_is_likely(const struct inferred *i, const struct fact *step)
{
    bool decides = step->kind == FACT_SMTP_REPLY && step->last_frame == i->decisive_frame;
    return (decides ? i->confidence : i->steps_confidence) == INFERRED_LIKELY;
}
