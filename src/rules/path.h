/* SPDX-License-Identifier: BSD-3-Clause */
/* The way to the server: what routers say, ports that are blocked, packets that are too big. Rows: reaching.c. */
#ifndef MAILWHY_RULES_PATH_H
#define MAILWHY_RULES_PATH_H

#include "rules/cause.h"

enum confidence path_port_25_blocked(const struct view *v, struct finding *f);
enum confidence path_unreachable(const struct view *v, struct finding *f);
enum confidence path_mtu_blackhole(const struct view *v, struct finding *f);

#endif
