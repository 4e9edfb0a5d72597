/* SPDX-License-Identifier: BSD-3-Clause */
/* Languages of what a person reads. English stands in the source, the others are tables built from
 * po/. */
#ifndef MAILWHY_REPORT_LANG_H
#define MAILWHY_REPORT_LANG_H

#include <stdbool.h>

enum lang { LANG_EN, LANG_JA };

/* "en", "ja" (with region or encoding behind it); false when it is neither. */
bool lang_parse(const char *name, enum lang *lang);
/* From LC_ALL, LC_MESSAGES, LANG, the first that is set; English otherwise. */
enum lang lang_from_environment(void);
/* The text in that language; the English itself where there is none. */
const char *lang_text(enum lang lang, const char *english);

#endif
