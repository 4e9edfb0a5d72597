/* SPDX-License-Identifier: BSD-3-Clause */
/* Saved captures, one after the other, with progress on a terminal. */
#ifndef MAILWHY_APP_READ_H
#define MAILWHY_APP_READ_H

#include "app/options.h"
#include "app/output.h"

/* The exit status. */
int read_files(const struct options *options);

#endif
