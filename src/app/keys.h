/* SPDX-License-Identifier: BSD-3-Clause */
/* The keys that the command line names, and those that a capture brings. */
#ifndef MAILWHY_APP_KEYS_H
#define MAILWHY_APP_KEYS_H

#include "app/options.h"
#include "capture/source.h"

struct keys; /* opaque */
struct tls_keys;

/* Reads what --keylog and --rsa-key name. NULL after a message on standard error. */
struct keys *keys_new(const struct options *o);
/* For engine_options. */
struct tls_keys *keys_tls(const struct keys *k);
/* Takes the secrets that a capture file has brought so far. */
void keys_take(struct keys *k, struct source *source);
/* A file was read to its end; secrets_skipped: its secrets were too many to be taken. */
void keys_end_file(struct keys *k, const char *file, bool secrets_skipped);
/* Live: the key log may have grown. */
void keys_again(struct keys *k);
/* Says once what became of the keys where that is not what was hoped for. After the engine is
 * gone. */
void keys_tell(const struct keys *k);
void keys_free(struct keys *k);

#endif
