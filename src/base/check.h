/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Checks for mistakes of our own, never for what a packet says. A failed check aborts where the
 * build asks for it (-Dchecks=abort: tests, CI, fuzzing); in the field it is counted, and the
 * caller gives up the one connection at hand:
 *     if (!check(state != NULL)) return;
 */
#ifndef MAILWHY_BASE_CHECK_H
#define MAILWHY_BASE_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#define check(condition) check_that((condition), #condition, __FILE__, __LINE__)

bool check_that(bool condition, const char *text, const char *file, int line);
/* How many checks have failed in this process. */
uint64_t check_failures(void);

#endif
