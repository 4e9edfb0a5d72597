/* SPDX-License-Identifier: BSD-3-Clause */
/* The body of a Certificate message: what is read of it, and what is kept. */
#include <stdlib.h>

#include "dissectors/certificate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct certificate_texts texts;
    for (int cut = 0; cut < 2; cut++) {
        struct fact_certificate c =
            certificate_message_read(bytes_of(data, size), cut == 1, &texts);
        if (c.subject.len > sizeof texts.subject || c.names.len > sizeof texts.names ||
            (c.readable && c.count == 0))
            abort();
    }
    struct budget budget = { 0 };
    struct certs *certs = certs_new(&budget);
    for (int v13 = 0; v13 < 2; v13++) {
        struct fact_certificate kept = { .count = 0 };
        certificate_message_keep(bytes_of(data, size), v13 == 1, certs, &kept);
        for (size_t i = 0; i < CERTIFICATE_CHAIN_MAX && kept.chain[0] > 0 && kept.chain[i] > 0; i++)
            if (certs_der(certs, kept.chain[i]).len == 0)
                abort();
    }
    certs_free(certs);
    if (budget.used != 0)
        abort();
    return 0;
}
