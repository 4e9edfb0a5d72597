/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Dialogues as text in, facts as text out. A script has one line for each chunk:
 *     S: 220 mx ready        the server's line, CR LF added
 *     C: EHLO cam            the device's
 *     C- EHLO\x20cam\n       as it stands, nothing added; \r \n \t \0 \\ \xNN are known everywhere
 *     C gap 12               twelve bytes of the device are missing (0: nobody knows how many)
 *     release                the session ends a hold
 * Facts come out a line each; "(hand over)" and "(give up)" stand where the dissector said so.
 */
#ifndef MAILWHY_TESTS_DIALOGUE_H
#define MAILWHY_TESTS_DIALOGUE_H

#include "dissectors/smtp.h"

enum cut {
    CUT_LINES,  /* a chunk for each line of the script */
    CUT_TURNS,  /* lines of one side in a row are one chunk */
    CUT_BYTES,  /* a chunk for each byte */
    CUT_RANDOM, /* pieces of 1 to 7 bytes */
};

/* The facts as text, in a buffer that is overwritten by the next call but one. frames: with the
 * frames of the commands that replies answer. */
const char *dialogue_facts(const char *script, enum smtp_start start, enum cut cut, unsigned seed,
                           bool frames);
/* Fails the test when the facts are not as expected, or depend on the cut. */
void expect_facts(const char *script, enum smtp_start start, const char *expected);
/* The same from the connection's beginning. */
void expect(const char *script, const char *expected);
/* Fails the test when word is among the facts, however it is cut. */
void expect_never(const char *script, enum smtp_start start, const char *word);

#endif
