/* SPDX-License-Identifier: BSD-3-Clause */
/* Marks a text that a person will read, for xgettext and po/: chosen in report, never a format. */
#ifndef MAILWHY_BASE_WORDS_H
#define MAILWHY_BASE_WORDS_H

#define N_(text) text

#endif
