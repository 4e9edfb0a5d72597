/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A password beyond ASCII in the character sets that devices write: a device whose screen knows
 * Shift_JIS or Latin-1 sends other bytes than the UTF-8 that was typed and that servers expect.
 */
#ifndef MAILWHY_DERIVE_PASSWORD_FORMS_H
#define MAILWHY_DERIVE_PASSWORD_FORMS_H

#include "base/secret.h"

enum { PASSWORD_FORMS_MAX = 5 };
#define PASSWORD_LATIN_1 "ISO-8859-1"

struct password_forms {
    struct {
        const char *charset; /* IANA's name */
        struct secret *text;
    } all[PASSWORD_FORMS_MAX];
    size_t count;
};

/* None for what is ASCII or no UTF-8, and none of a character set that lacks one of the letters or
 * that the system does not know. */
void password_forms_make(struct password_forms *f, struct bytes utf8);
void password_forms_free(struct password_forms *f);

#endif
