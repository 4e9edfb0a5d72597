/* SPDX-License-Identifier: BSD-3-Clause */
/* The "timeline" member of an attempt: its facts in order. */
#ifndef MAILWHY_REPORT_JSON_TIMELINE_H
#define MAILWHY_REPORT_JSON_TIMELINE_H

#include "report/json_writer.h"
#include "rules/verdict.h"

void json_timeline(struct json *j, const struct judged *d);

#endif
