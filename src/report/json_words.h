/* SPDX-License-Identifier: BSD-3-Clause */
/* What a finding says to a person, as members of its JSON object: headline, meaning, ruled_out,
 * advice. */
#ifndef MAILWHY_REPORT_JSON_WORDS_H
#define MAILWHY_REPORT_JSON_WORDS_H

#include "report/json_writer.h"
#include "report/phrases.h"
#include "report/story.h"
#include "report/telling.h"

/* Behind another member. phrases, in the subject's language, or both NULL: no text is kept ready. */
void json_words(struct json *j, struct phrases *phrases, struct tellings *tellings,
                const struct subject *subject);

#endif
