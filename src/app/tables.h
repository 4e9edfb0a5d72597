/* SPDX-License-Identifier: BSD-3-Clause */
/* The user's own rows for the reply table and the provider table. */
#ifndef MAILWHY_APP_TABLES_H
#define MAILWHY_APP_TABLES_H

#include "app/options.h"
#include "rules/view.h"

struct tables;

/* Reads what --replies and --providers name, and /etc/mailwhy/replies.tsv where it is there. NULL
 * after a message on standard error. */
struct tables *tables_new(const struct options *o);
void tables_free(struct tables *t);
struct knowledge tables_knowledge(const struct tables *t);

#endif
