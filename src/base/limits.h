/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every limit of the program, a line each: value, why, and where what it drops is told. All numbers
 * are for a home or office line's capture with room to spare.
 */
#ifndef MAILWHY_BASE_LIMITS_H
#define MAILWHY_BASE_LIMITS_H

enum {
    TIMELINE_BYTES = 16384,    /* facts and their texts of one attempt; FACT_DROPPED, capture-limits-reached */
    TIMELINE_TEXT_MAX = 1024,  /* one text in a fact; FACT_CLIPPED */
    HELLO_BYTES_MAX = 1024,    /* first bytes of a side kept until it is known what is spoken */
    HOLD_BYTES_MAX = 8192,     /* device bytes held behind STARTTLS until its reply; then released */
    NDPI_PACKETS_MAX = 5,      /* payload packets that nDPI may see of one connection */
    NDPI_FLOWS_MAX = 256,      /* connections that nDPI looks at at a time; others go without a name */
    HISTORY_DEVICES_MAX = 4096,/* devices remembered; history_dropped() */
    HISTORY_PAST_MAX = 256,    /* attempts remembered of one device; past_dropped */
    NAMES_MAX = 16384,         /* name and address pairs remembered; the oldest goes first */
};

/* Default of --memory. */
#define MEMORY_DEFAULT ((size_t)64 << 20)

#endif
