/* SPDX-License-Identifier: BSD-3-Clause */
#include "facts/chain.h"

const char *chain_trust_name(enum chain_trust trust)
{
    static const char *const names[] = { "not-judged", "trusted", "self-signed", "unknown-root",
                                         "broken" };
    return names[trust];
}
