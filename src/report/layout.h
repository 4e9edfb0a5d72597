/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines of a given width: words wrapped by display width, with hanging indents. */
#ifndef MAILWHY_REPORT_LAYOUT_H
#define MAILWHY_REPORT_LAYOUT_H

#include "base/text.h"

/* Adds s wrapped to columns; the first line follows what stands on the line already (first columns
 * of it are used), the others begin with indent spaces. Ends with a newline. */
void layout_wrap(struct text *out, const char *s, size_t columns, size_t first, size_t indent);
void layout_spaces(struct text *out, size_t n);

#endif
