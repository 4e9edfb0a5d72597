/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a pcapng file holds beside its packets: name resolution blocks and TLS key logs come in as
 * blocks are read, and wait here, bounded, until the reader's caller takes them.
 */
#ifndef MAILWHY_CAPTURE_EXTRAS_H
#define MAILWHY_CAPTURE_EXTRAS_H

#include "base/addr.h"
#include "base/cursor.h"

/* Waiting at most; what does not fit is not kept, and the caller counts the block as skipped. */
enum { EXTRAS_MAX_BYTES = 8 << 20 };

struct extra; /* one block's copy */

struct extra_queue {
    struct extra *first, *last;
    size_t held;
};

struct extras {
    struct extra_queue names, secrets;
    struct cursor record;   /* the names left in the record at hand */
    struct ip_addr address; /* and whose they are */
};

/* The records of a name resolution block; false when there is no room. */
bool extras_add_names(struct extras *extras, struct bytes records, bool big_endian);
/* The text of a decryption secrets block; false when there is no room. */
bool extras_add_secrets(struct extras *extras, struct bytes text);
/* The next one, valid until the next call; false when there is none. */
bool extras_next_name(struct extras *extras, struct ip_addr *address, struct bytes *name);
bool extras_next_secrets(struct extras *extras, struct bytes *text);
void extras_done(struct extras *extras);

#endif
