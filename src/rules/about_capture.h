/* SPDX-License-Identifier: BSD-3-Clause */
/* Findings about the capture itself: they stand on its line. */
#ifndef MAILWHY_RULES_ABOUT_CAPTURE_H
#define MAILWHY_RULES_ABOUT_CAPTURE_H

#include "rules/verdict.h"

/* Adds to line->findings what line->facts show. */
void about_capture(struct capture_line *line);

#endif
