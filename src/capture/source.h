/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What every source of frames offers: batches, then an end with a reason, and what else the file
 * held (name resolution and decryption secrets blocks). Opening and reading give a status and, in
 * source_error(), what happened and what to do about it in plain English, without the file's name.
 */
#ifndef MAILWHY_CAPTURE_SOURCE_H
#define MAILWHY_CAPTURE_SOURCE_H

#include "base/addr.h"
#include "base/status.h"
#include "capture/frame.h"

struct source; /* opaque */

struct source_stats {
    uint64_t packets;  /* frames counted, before any filter */
    uint64_t bytes;    /* their bytes on the wire */
    uint64_t filtered; /* left out by the filter */
    uint64_t
        filtered_hidden; /* of those: behind VLAN, MPLS, PPPoE or a tunnel, where "port 25" does not look */
    uint64_t truncated;       /* frames cut by the snap length */
    uint64_t kernel_dropped;  /* live: lost by the kernel or the interface */
    uint64_t skipped_blocks;  /* pcapng blocks passed over */
    uint64_t skipped_secrets; /* of those: TLS secrets, longer than what is taken */
    uint64_t file_offset;     /* how far the file was read, compressed bytes */
    uint64_t file_size;       /* 0 when not known */
};

/* path "-" is standard input. filter: pcap-filter syntax, or NULL. *source is NULL on failure and
 * error (size bytes) then holds the reason. */
enum status source_open_file(const char *path, const char *filter, struct source **source,
                             char *error, size_t size);
/* Listens on an interface ("any": all of them). Each read waits at most 200 ms. */
enum status source_open_live(const char *interface, const char *filter, struct source **source,
                             char *error, size_t size);
/* STATUS_OK with batch->count frames (perhaps 0: live, with a filter, after a signal), STATUS_END
 * at a clean end, or why the rest cannot be read (STATUS_CUT_SHORT, STATUS_DAMAGED, …); all frames
 * before that were delivered. */
enum status source_next(struct source *source, struct batch *batch);
/* Why the last call failed: a full English sentence or two, "" where nothing failed. */
const char *source_error(const struct source *source);
void source_stats(struct source *source, struct source_stats *stats);
void source_close(struct source *source);

/* Names from name resolution blocks that came so far, each once; false when no more now. */
bool source_next_name(struct source *source, struct ip_addr *addr, struct bytes *name);
/* TLS key log text from decryption secrets blocks that came so far; false when no more now. */
bool source_next_secrets(struct source *source, struct bytes *key_log);

/* Live: the interfaces that can be listened on, one "name<TAB>description" a line, as text that the
 * caller frees with source_free_list(); NULL and error filled on failure. */
char *source_list_interfaces(char *error, size_t size);
void source_free_list(char *list);

#endif
