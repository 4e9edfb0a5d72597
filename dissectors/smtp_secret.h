/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The device's secret lines while their replies are due, so that a reply that repeats one can have
 * it blanked. Bounded, wiped. Where one could not be kept, all text of the reply is blanked.
 */
#ifndef MAILWHY_DISSECTORS_SMTP_SECRET_H
#define MAILWHY_DISSECTORS_SMTP_SECRET_H

#include "base/bytes.h"
#include "base/mem.h"

struct secrets {
    uint16_t used;
    bool lost; /* one did not fit */
    uint8_t data[1020];
};

enum secret_forms {
    SECRET_AS_IT_IS,
    SECRET_ALL_FORMS, /* also its words, and what it is in base64 or out of it */
};

/* *secrets is allocated on need. Returns false when there was no memory at all: the caller must
 * then blank what it would have asked secrets_blank() for. */
bool secrets_keep(struct secrets **secrets, struct budget *budget, struct bytes secret,
                  enum secret_forms forms);
/* Blanks each secret in text; returns the new length. */
size_t secrets_blank(const struct secrets *secrets, uint8_t *text, size_t len);
void secrets_wipe(struct secrets **secrets, struct budget *budget);

#endif
