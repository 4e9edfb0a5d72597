/* SPDX-License-Identifier: BSD-3-Clause */
/* A capture filter (pcap-filter(7)) for frames of a file, compiled once for each link type met. */
#ifndef MAILWHY_CAPTURE_FILTER_H
#define MAILWHY_CAPTURE_FILTER_H

#include "base/status.h"
#include "capture/frame.h"

struct filter; /* opaque */

/* Compiles expression for the file's first link type. STATUS_FILTER and a sentence in error where
 * it does not compile. */
enum status filter_new(const char *expression, uint16_t link_type, struct filter **filter,
                       char *error, size_t size);
void filter_free(struct filter *filter);
/* Does the frame pass? Where the expression makes no sense for its link type, it does not. */
bool filter_passes(struct filter *filter, const struct frame *frame);
/* Is what the frame carries behind a VLAN tag, PPPoE or a tunnel, where a filter such as "port 25"
 * does not look? */
bool filter_would_hide(const struct frame *frame);
/* The sentence for an expression that libpcap refuses. */
void filter_explain(const char *reason, char *error, size_t size);

#endif
