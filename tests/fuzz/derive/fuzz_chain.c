/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Certificates, each behind its length in three bytes, verified at two times without any root: the
 * verdict is the same when asked again, and all memory is given back.
 */
#include <stdlib.h>

#include "base/cursor.h"
#include "derive/chain.h"
#include "facts/chain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct chain_verdict *judge(const struct fact *certificate, struct trust *trust, const struct certs *certs)
{
    struct attempt *a = attempt_new(NULL);
    struct summary summary = { .check_count = 0 };
    timeline_add(a->timeline, certificate);
    chain_derive(a, trust, certs, &summary);
    attempt_free(a);
    return summary.chain;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct budget budget = { 0 };
    struct certs *certs = certs_new(&budget);
    struct trust *trust = trust_new(&budget);
    struct fact f = { .kind = FACT_CERTIFICATE, .from = SIDE_SERVER };
    struct cursor c = cursor_of(bytes_of(data, size));
    (void)setenv("SSL_CERT_FILE", "/nowhere", 1);
    for (size_t i = 0; i < CERTIFICATE_CHAIN_MAX && cursor_left(&c) > 0; i++) {
        size_t len = cursor_u24(&c), left = cursor_left(&c);
        f.certificate.chain[i] = certs_keep(certs, cursor_bytes(&c, len < left ? len : left));
    }
    for (int64_t years = 30; years < 90; years += 30) {
        f.time = years * 31557600 * TIME_SECOND;
        const struct chain_verdict *v = judge(&f, trust, certs);
        if (v != judge(&f, trust, certs) || (v && v->trust == CHAIN_TRUSTED))
            abort();
    }
    trust_free(trust);
    certs_free(certs);
    if (budget.used != 0)
        abort();
    return 0;
}
