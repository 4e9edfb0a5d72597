/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames of the packet room's tests: hex in, with spaces free; an exact copy on the heap,
 * so that the sanitizer sees a read beyond the end. */
#ifndef MAILWHY_TESTS_PACKET_HEX_H
#define MAILWHY_TESTS_PACKET_HEX_H

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "packet/packet.h"

static inline int hex_digit(char c)
{
    return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* Bytes of hex digits; all else between them is passed over. */
static inline struct bytes hex_bytes(const char *hex)
{
    uint8_t *out = malloc(strlen(hex) / 2 + 1);
    size_t len = 0;
    for (; out && *hex; hex++) {
        if (!isxdigit((unsigned char)*hex))
            continue;
        out[len++] = (uint8_t)(hex_digit(hex[0]) << 4 | hex_digit(hex[1]));
        hex++;
    }
    uint8_t *exact = realloc(out, len ? len : 1);
    return bytes_of(exact ? exact : out, len);
}

static inline void hex_free(struct bytes b)
{
    free((void *)(uintptr_t)b.at);
}

#endif
