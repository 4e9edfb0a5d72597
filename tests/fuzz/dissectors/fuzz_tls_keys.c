/* SPDX-License-Identifier: BSD-3-Clause */
/* A key log: read whole and line by line it gives as many secrets; and the same bytes as a private key. */
#include <stdlib.h>

#include "dissectors/tls_keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tls_keys
        *keys; /* one for all inputs: to set the library up takes longer than all else */
    if (!keys && !(keys = tls_keys_new(NULL)))
        abort();
    struct bytes text = bytes_of(data, size);
    size_t count = tls_keys_read_log(keys, text);
    while (text.len > 0) {
        ptrdiff_t end = bytes_find(text, '\n');
        size_t len = end < 0 ? text.len : (size_t)end + 1;
        count -= tls_keys_read_log(keys, bytes_first(text, len));
        text = bytes_after(text, len);
    }
    if (count != 0)
        abort();
    struct bytes pem = bytes_of(data, size);
    if (bytes_find_nocase(pem, "-----BEGIN") >= 0)
        (void)tls_keys_read_rsa(keys, pem);
    return 0;
}
