/* SPDX-License-Identifier: BSD-3-Clause */
/* The tables that po/compile.py makes from the files in po/: sorted by the English. */
#ifndef MAILWHY_REPORT_LANG_TABLES_H
#define MAILWHY_REPORT_LANG_TABLES_H

#include <stddef.h>

struct translation {
    const char *english, *text;
};

extern const struct translation lang_ja[];
extern const size_t lang_ja_count;

#endif
