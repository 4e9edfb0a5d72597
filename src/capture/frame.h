/* SPDX-License-Identifier: BSD-3-Clause */
/* One captured frame. Its bytes are borrowed until the source's next batch. */
#ifndef MAILWHY_CAPTURE_FRAME_H
#define MAILWHY_CAPTURE_FRAME_H

#include "base/bytes.h"
#include "base/time.h"

struct frame {
    struct bytes bytes;  /* what was captured */
    int64_t time;        /* ns since 1970; TIME_NONE in a simple packet block */
    uint32_t number;     /* Wireshark's frame number, from 1 in each file */
    uint32_t wire_len;   /* bytes on the wire; more than bytes.len when the capture cut it */
    uint16_t link_type;  /* LINKTYPE_… as tcpdump.org lists them (files), mapped from DLT_ live */
    uint8_t time_digits; /* the capture's precision: 6 = microseconds, 9 = nanoseconds */
};

enum { BATCH_FRAMES = 64 };

struct batch {
    struct frame frames[BATCH_FRAMES];
    size_t count;
};

#endif
