/* SPDX-License-Identifier: BSD-3-Clause */
/* A path of infer_path.h walked back to its beginning: the steps of the dialogue that it reads. */
#ifndef MAILWHY_DERIVE_INFER_STEPS_H
#define MAILWHY_DERIVE_INFER_STEPS_H

#include "derive/infer_lengths.h"
#include "derive/infer_path.h"

/* Their records are items still. */
struct infer_steps {
    uint8_t count;
    uint16_t left_out; /* as in struct inferred */
    struct inferred_step list[INFERRED_STEPS_MAX];
};
/* The steps of last, which lies in beams or is a copy of one that does. */
void infer_steps_of(const struct beam *beams, const struct infer_item *items,
                    const struct path *last, struct infer_steps *out);

#endif
