/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of a TCP header (RFC 9293 3.2, RFC 2018, RFC 7323, RFC 7413), read where somebody asks. */
#ifndef MAILWHY_PACKET_TCP_OPTIONS_H
#define MAILWHY_PACKET_TCP_OPTIONS_H

#include "base/bytes.h"

struct tcp_options {
    uint16_t mss;         /* 0 = none */
    uint8_t window_scale; /* 255 = none */
    bool fast_open;       /* a TCP Fast Open option (RFC 7413) */
    struct bytes sack;    /* blocks that arrived out of order: their first number and the one behind
                             them, four bytes each */
};

/* Reads as far as they make sense. */
void tcp_options_read(struct bytes options, struct tcp_options *o);

#endif
