/* SPDX-License-Identifier: BSD-3-Clause */
/* An interface, watched until interrupted. */
#ifndef MAILWHY_APP_WATCH_H
#define MAILWHY_APP_WATCH_H

#include "app/options.h"

/* The exit status. */
int watch_interface(const struct options *options);
int list_interfaces(void);

#endif
