/* SPDX-License-Identifier: BSD-3-Clause */
/* What a careful client of today would say of the certificates that a server showed. Derived, not
 * seen. */
#ifndef MAILWHY_FACTS_CHAIN_H
#define MAILWHY_FACTS_CHAIN_H

#include "base/bytes.h"

enum chain_trust {
    CHAIN_NOT_JUDGED,   /* there are no roots to judge by, or it has a fault of another kind */
    CHAIN_TRUSTED,      /* it leads to a root that is known; dates and name are another matter */
    CHAIN_SELF_SIGNED,  /* the server's certificate vouches for itself */
    CHAIN_UNKNOWN_ROOT, /* it leads to one that is not known, or whose certificate is not there */
    CHAIN_BROKEN,       /* a signature in it is wrong */
};

struct chain_verdict {
    uint8_t trust;      /* enum chain_trust */
    bool own_roots;     /* by --ca-file, not by the system's list */
    bool root_expired;  /* the root where it ends is out of date */
    bool link_expired;  /* a certificate between it and the server's is */
    bool wrong_purpose; /* the server's certificate is not made for servers */
    bool link_missing;  /* nothing of what the server sent, nor any root, vouches for its own */
    bool weak; /* a key or a signature in it is too weak for today (RSA below 2048 bits, SHA-1) */
    struct bytes root; /* name of the root to which it leads, known or not; empty = not readable */
    struct bytes
        old_root; /* the server also sends a link to this older root (cross-signed); empty = none */
};

/* "trusted", "unknown-root", … */
const char *chain_trust_name(enum chain_trust trust);

#endif
