/* SPDX-License-Identifier: BSD-3-Clause */
/* What a finding says, as members of its JSON object; to a person: headline, meaning, ruled_out,
 * advice. */
#ifndef MAILWHY_REPORT_JSON_WORDS_H
#define MAILWHY_REPORT_JSON_WORDS_H

#include "report/json_writer.h"
#include "report/phrases.h"
#include "report/story.h"
#include "report/telling.h"

/* Behind another member. phrases: in the subject's language; telling: this finding's; either NULL =
 * not kept ready. */
void json_words(struct json *j, struct phrases *phrases, const struct telling *telling,
                const struct subject *subject);
/* Which cause, and how sure: the members before its frames. */
void json_judgement(struct json *j, const struct finding *f);

#endif
