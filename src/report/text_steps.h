/* SPDX-License-Identifier: BSD-3-Clause */
/* What happened: the steps of one attempt as lines, each with its frame number. */
#ifndef MAILWHY_REPORT_TEXT_STEPS_H
#define MAILWHY_REPORT_TEXT_STEPS_H

#include "report/text_attempt.h"

/* Adds a heading and the steps, or nothing where there are none. With --timeline it is all of them;
 * else those that tell the story and every proof of the main finding. Steps that say the same one
 * after the other are one line. */
void text_steps(struct text *out, const struct text_options *o, const struct judged *j);

#endif
