/* SPDX-License-Identifier: BSD-3-Clause */
/* --explain and --list-causes. */
#ifndef MAILWHY_APP_CATALOGUE_H
#define MAILWHY_APP_CATALOGUE_H

#include "report/lang.h"

/* The exit status. */
int catalogue_explain(const char *id, enum lang lang);
int catalogue_list(enum lang lang);

#endif
