/* SPDX-License-Identifier: BSD-3-Clause */
/* Names files that are no capture, so that the message can say what the file is and what to do. */
#ifndef MAILWHY_CAPTURE_KINDS_H
#define MAILWHY_CAPTURE_KINDS_H

#include "base/bytes.h"

/* One or two sentences about a file that begins with start (the longer the better). */
const char *kinds_explain(struct bytes start);

#endif
