/* SPDX-License-Identifier: BSD-3-Clause */
/* One DNS message; what comes out must be a name as promised. */
#include <stdint.h>

#include "base/check.h"
#include "dissectors/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dns_message m;
    if (!dns_read(bytes_of(data, size), &m))
        return 0;
    size_t n = 0;
    while (n < DNS_NAME_MAX && m.name[n] != 0) {
        check(m.name[n] > ' ' && m.name[n] < 0x7F && !(m.name[n] >= 'A' && m.name[n] <= 'Z'));
        n++;
    }
    check(n < DNS_NAME_MAX);
    check(m.count <= DNS_ANSWERS_MAX);
    for (unsigned i = 0; i < m.count; i++)
        check(m.answers[i].addr.family == (m.answers[i].type == DNS_A ? 4 : 6));
    return 0;
}
