/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/tcp_options.h"

#include "base/cursor.h"

enum {
    TCP_OPTION_END = 0,
    TCP_OPTION_NOP = 1,
    TCP_OPTION_MSS = 2,
    TCP_OPTION_WINDOW_SCALE = 3,
    TCP_OPTION_SACK = 5,
    TCP_OPTION_FAST_OPEN = 34,
    TCP_OPTION_EXPERIMENT_1 = 253, /* RFC 6994: a 16-bit identifier follows */
    TCP_OPTION_EXPERIMENT_2 = 254,
    TCP_EXPERIMENT_FAST_OPEN = 0xf989,
};

static void option_read(struct tcp_options *o, uint8_t kind, struct cursor value)
{
    size_t len = cursor_left(&value);
    if (kind == TCP_OPTION_MSS && len == 2)
        o->mss = cursor_u16(&value);
    else if (kind == TCP_OPTION_WINDOW_SCALE && len == 1)
        o->window_scale = cursor_u8(&value);
    else if (kind == TCP_OPTION_SACK)
        o->sack = cursor_bytes(&value, len);
    else if (kind == TCP_OPTION_FAST_OPEN)
        o->fast_open = true;
    else if (kind == TCP_OPTION_EXPERIMENT_1 || kind == TCP_OPTION_EXPERIMENT_2)
        o->fast_open |= len >= 2 && cursor_u16(&value) == TCP_EXPERIMENT_FAST_OPEN;
}

void tcp_options_read(struct bytes options, struct tcp_options *o)
{
    struct cursor c = cursor_of(options);
    *o = (struct tcp_options) { .window_scale = 255 };
    while (cursor_left(&c) > 0) {
        uint8_t kind = cursor_u8(&c);
        if (kind == TCP_OPTION_END)
            return;
        if (kind == TCP_OPTION_NOP)
            continue;
        uint8_t len = cursor_u8(&c);
        struct cursor value = cursor_block(&c, len >= 2 ? len - 2u : SIZE_MAX);
        if (!cursor_ok(&value))
            return; /* what came before it counts */
        option_read(o, kind, value);
    }
}
