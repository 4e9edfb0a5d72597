/* SPDX-License-Identifier: BSD-3-Clause */
/* The body of a Certificate message. */
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
    return 0;
}
