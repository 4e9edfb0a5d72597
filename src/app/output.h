/* SPDX-License-Identifier: BSD-3-Clause */
/* Standard output: results as they come, in the form that was asked for. */
#ifndef MAILWHY_APP_OUTPUT_H
#define MAILWHY_APP_OUTPUT_H

#include "app/options.h"
#include "engine/engine.h"

struct output; /* opaque */

/* NULL when there is no memory. */
struct output *output_new(const struct options *options);
void output_free(struct output *o);
/* Takes all results that the engine has now. */
void output_take(struct output *o, struct engine *engine);
/* No more results: the text report of files is written now. */
void output_end(struct output *o);
/* STATUS_WRITE_ERROR once standard output did not take something. */
enum status output_status(const struct output *o);

#endif
