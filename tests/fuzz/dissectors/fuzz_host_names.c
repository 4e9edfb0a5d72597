/* SPDX-License-Identifier: BSD-3-Clause */
/* First byte: which reader; the rest is the payload. What comes out is printable and ends. */
#include <stdint.h>
#include <stdlib.h>

#include "dissectors/host_names.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *s)
{
    size_t n = 0;
    for (; n < HOST_NAME_MAX_BYTES && s[n]; n++)
        if (s[n] < 0x20 || s[n] >= 0x7f)
            abort();
    if (n == HOST_NAME_MAX_BYTES)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct bytes payload = bytes_of(data + 1, size - 1);
    struct host_name host;
    bool named = data[0] % 4 == 0   ? host_name_dhcp(payload, &host)
                 : data[0] % 4 == 1 ? host_name_netbios(payload, &host)
                                    : host_name_local(payload, data[0] % 4 == 2, &host);
    if (named) {
        check_text(host.name);
        check_text(host.vendor);
    }
    return 0;
}
