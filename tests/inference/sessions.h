/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A recorded session as one line: what the inference is made from, as text. Fields, by tabs:
 *   version and cipher suite (hex) · i (TLS from the first byte) or s (STARTTLS) · bytes of the
 * clear   EHLO line and of its list (0 = not seen), 1 if that list held AUTH, its mechanisms,
 *   and the families of servers that the greeting could be of (hex bits) ·
 *   open or closed · the records: D or S for the side, length, a (alert) or h (handshake) where it
 *   is no application data, + microseconds since the record before.
 */
#ifndef MAILWHY_TESTS_INFERENCE_SESSIONS_H
#define MAILWHY_TESTS_INFERENCE_SESSIONS_H

#include <stdio.h>

#include "derive/infer.h"

void session_write(FILE *out, const struct attempt *a, const struct infer_session *session);
/* Fills session, and a's trace. False: the line has another form. text is taken apart. */
bool session_read(char *text, struct attempt *a, struct infer_session *session);

#endif
