/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

static uint64_t failures;

bool check_that(bool condition, const char *text, const char *file, int line)
{
    if (condition)
        return true;
    failures++;
#ifdef MAILWHY_CHECK_ABORT
    fprintf(stderr, "%s:%d: check failed: %s\n", file, line, text);
    abort();
#else
    (void)text;
    (void)file;
    (void)line;
    return false;
#endif
}

uint64_t check_failures(void)
{
    return failures;
}
