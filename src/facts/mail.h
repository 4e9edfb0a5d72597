/* SPDX-License-Identifier: BSD-3-Clause */
/* What the facts of one connection say of one mail among several. */
#ifndef MAILWHY_FACTS_MAIL_H
#define MAILWHY_FACTS_MAIL_H

#include "facts/timeline.h"

/* The address of MAIL or RCPT, without the parameters: they may be left out the next time. */
struct bytes mail_path(struct bytes arg);
/* reply put off a finished or announced mail, or did not know the command (BDAT): did the device
 * send it again later in the connection, from the same sender to all the same recipients, and was
 * it accepted? */
bool mail_accepted_again(const struct timeline *tl, const struct fact *reply);

#endif
