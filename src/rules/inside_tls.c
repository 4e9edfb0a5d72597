/* SPDX-License-Identifier: BSD-3-Clause */
/* Inside encryption, without the key: what sizes and turns of the records tell. */
#include "rules/cause.h"

/* Which facts come from the record trace is decided in derive/; no cause reads it by itself. */
const struct causes causes_inside_tls = { NULL, 0 };
