/* SPDX-License-Identifier: BSD-3-Clause */
/* A TLS stream in the format of tests/unit/dissectors/make_tls_streams.py: whole and byte by byte it
 * gives the same facts, leaves the same bytes, and frees all that it took. */
#include <stdlib.h>

#include "tls_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text whole, cut;
    struct played a, b;
    text_init(&whole, 1 << 22);
    text_init(&cut, 1 << 22);
    if (!tls_play(&(struct play) { .at = data, .len = size }, &whole, &a) ||
        !tls_play(&(struct play) { .at = data, .len = size, .cut = 1 }, &cut, &b))
        abort();
    if (a.memory != 0 || b.memory != 0 || a.give_ups != b.give_ups ||
        a.left_len[0] != b.left_len[0] || a.left_len[1] != b.left_len[1] ||
        !bytes_equal(bytes_str(text_str(&whole)), bytes_str(text_str(&cut))))
        abort();
    text_done(&whole);
    text_done(&cut);
    return 0;
}
