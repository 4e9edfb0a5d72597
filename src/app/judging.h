/* SPDX-License-Identifier: BSD-3-Clause */
/* What the command line gives to judge by. */
#ifndef MAILWHY_APP_JUDGING_H
#define MAILWHY_APP_JUDGING_H

#include "app/options.h"
#include "rules/view.h"

struct judging; /* opaque */
struct trust;
struct password;

/* Reads what --ca-file, --replies and --providers name, and asks for the password with
 * --check-password. NULL after a message on standard error. */
struct judging *judging_new(const struct options *o);
/* For engine_options. */
struct trust *judging_trust(const struct judging *j);
struct password *judging_password(const struct judging *j);
struct knowledge judging_knowledge(const struct judging *j);
/* What --check-password could not tell, to standard error: nobody shall take silence for an answer. */
void judging_tell(const struct judging *j);
/* After the engine and what it gave are gone. */
void judging_free(struct judging *j);

#endif
