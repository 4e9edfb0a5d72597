/* SPDX-License-Identifier: BSD-3-Clause */
/* How probable it is that a message of some shape has the length that a record shows. */
#ifndef MAILWHY_DERIVE_INFER_LENGTHS_H
#define MAILWHY_DERIVE_INFER_LENGTHS_H

#include "derive/infer_model.h"

/* One record of application data, or a run of full ones. */
struct infer_item {
    uint32_t low, high; /* what its plaintext may measure */
    uint32_t time_us;   /* of its end */
    uint16_t record;    /* index of its last record in the trace */
    uint8_t from;       /* enum side */
};

#define INFER_NEVER (-1e9F) /* the natural log of no probability */

/* The probability that a message of this shape measures something between low and high. */
float infer_fits(const struct infer_shape *s, uint32_t low, uint32_t high);
/* Several messages in one record: their ranges add up. */
struct infer_shape infer_add_shape(const struct infer_shape *a, const struct infer_shape *b);
/* The natural log of a record's probability in any protocol whatever: of short lines, or of no
 * lines at all. It is what a reading has to be better than. */
float infer_by_chance(const struct infer_item *item);
/* The natural log of the sum of two probabilities given by theirs. */
float infer_either(float a, float b);

/* Bytes of a short item, at least; 0 = it is too long to be told so. */
uint16_t infer_length_of(const struct infer_item *item);

/* Bytes of the line that OWED_MAIL or OWED_RCPT is the answer to, beside the address and parameters
 * (RFC 5321 4.1.1.2, 4.1.1.3). */
unsigned infer_frame(enum infer_owed owed);

#endif
