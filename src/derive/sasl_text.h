/* SPDX-License-Identifier: BSD-3-Clause */
/* The texts of the SASL exchanges that are computed anew: directives (RFC 2831), attributes (RFC
 * 5802). */
#ifndef MAILWHY_DERIVE_SASL_TEXT_H
#define MAILWHY_DERIVE_SASL_TEXT_H

#include "base/bytes.h"

enum { SASL_VALUE_MAX = 512 };

/* A value without its quotes. */
struct sasl_value {
    uint8_t at[SASL_VALUE_MAX];
    size_t len;
    bool there;
};

static inline struct bytes sasl_value(const struct sasl_value *v)
{
    return bytes_of(v->at, v->len);
}

/* Takes the next name=value or name="value" off *text. False when it is malformed, or the value too
 * long. */
bool sasl_directive(struct bytes *text, struct bytes *name, struct sasl_value *value);
/* The value of the attribute with this letter among those between commas; false when it is not
 * there. */
bool sasl_attribute(struct bytes text, char letter, struct bytes *value);
/* A number in decimal digits alone; 0 when it is none, or too big. */
uint32_t sasl_number(struct bytes digits);
/* Decodes base64 (RFC 4648 4, padded); 0 when it is malformed or does not fit. */
size_t sasl_base64(uint8_t *out, size_t size, struct bytes text);
/* Two digits in lower case for each byte. */
void sasl_hex(char *out, struct bytes b);

#endif
