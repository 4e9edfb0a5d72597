/* SPDX-License-Identifier: BSD-3-Clause */
/* 0: read to the end, nothing failed; 1: at least one failed attempt; 2: something could not be
 * read. */
#ifndef MAILWHY_APP_EXIT_STATUS_H
#define MAILWHY_APP_EXIT_STATUS_H

#include <stdbool.h>
#include <stdint.h>

enum { EXIT_FINE = 0, EXIT_MAIL_FAILED = 1, EXIT_TROUBLE = 2 };

static inline int exit_status_of(bool whole, uint32_t failed)
{
    return !whole ? EXIT_TROUBLE : failed > 0 ? EXIT_MAIL_FAILED : EXIT_FINE;
}

#endif
