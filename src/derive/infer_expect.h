/* SPDX-License-Identifier: BSD-3-Clause */
/* How long an answer is to be expected, after what this server has said before in the same dialogue. */
#ifndef MAILWHY_DERIVE_INFER_EXPECT_H
#define MAILWHY_DERIVE_INFER_EXPECT_H

#include "derive/infer_lengths.h"
#include "derive/infer_path.h"

/* Makes shape narrower where item would be this answer, on this path. False: nothing said before tells. */
bool infer_expect(const struct path *p, const struct infer_answer *row,
                  const struct infer_item *item, struct infer_shape *shape);

/* Item is this answer: how long its words are, for the next time. */
void infer_note_words(struct path *p, const struct infer_answer *row,
                      const struct infer_item *item);

#endif
