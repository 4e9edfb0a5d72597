/* SPDX-License-Identifier: BSD-3-Clause */
#include "facts/outcome.h"

const char *outcome_name(enum outcome o)
{
    static const char *const names[OUTCOMES] = { "delivered", "failed", "no-mail", "incomplete",
                                                 "unknown" };
    return (unsigned)o < OUTCOMES ? names[o] : "";
}

const char *stage_name(enum stage s)
{
    static const char *const names[] = { "dns", "connect", "greeting", "ehlo", "starttls",
                                         "tls", "auth",    "envelope", "data", "done" };
    return (unsigned)s < sizeof names / sizeof *names ? names[s] : "";
}

const char *security_name(enum security s)
{
    static const char *const names[] = { "unknown", "none", "starttls", "implicit-tls" };
    return (unsigned)s < sizeof names / sizeof *names ? names[s] : "";
}
