/* SPDX-License-Identifier: BSD-3-Clause */
/* What of an attempt outlives it: taken from what was seen and judged, for the history. */
#ifndef MAILWHY_ENGINE_REMEMBER_H
#define MAILWHY_ENGINE_REMEMBER_H

#include "history/history.h"
#include "rules/verdict.h"

/* It becomes a past attempt of its device. */
void remember(struct history *h, const struct judged *judged);

#endif
