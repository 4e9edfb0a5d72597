/* SPDX-License-Identifier: BSD-3-Clause */
#include "facts/certs.h"

#include "base/limits.h"
#include "base/table.h"

struct cert {
    uint16_t number;
    uint32_t len;
    uint8_t der[];
};

struct certs {
    struct budget *budget;
    struct table table;
    size_t bytes;
    uint16_t count;
    uint64_t dropped;
    struct cert *all[CERTS_MAX];
};

static bool is_cert(const void *value, struct bytes key)
{
    const struct cert *cert = value;
    return bytes_equal(bytes_of(cert->der, cert->len), key);
}

struct certs *certs_new(struct budget *budget)
{
    struct certs *c = mem_alloc(budget, sizeof *c);
    if (!c)
        return NULL;
    c->budget = budget;
    table_init(&c->table, budget, is_cert);
    return c;
}

void certs_free(struct certs *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->count; i++)
        mem_free(c->budget, c->all[i], sizeof *c->all[i] + c->all[i]->len);
    table_done(&c->table);
    mem_free(c->budget, c, sizeof *c);
}

static uint16_t add(struct certs *c, struct bytes der)
{
    if (der.len > CERTS_BYTES_MAX - c->bytes || c->count == CERTS_MAX)
        return 0;
    struct cert *cert = mem_alloc(c->budget, sizeof *cert + der.len);
    if (!cert)
        return 0;
    cert->len = (uint32_t)bytes_copy(cert->der, der.len, der);
    if (!table_put(&c->table, der, cert)) {
        mem_free(c->budget, cert, sizeof *cert + der.len);
        return 0;
    }
    c->bytes += der.len;
    c->all[c->count++] = cert;
    cert->number = c->count;
    return cert->number;
}

uint16_t certs_keep(struct certs *c, struct bytes der)
{
    const struct cert *known = table_get(&c->table, der);
    if (known || der.len == 0)
        return known ? known->number : 0;
    uint16_t number = add(c, der);
    c->dropped += number == 0;
    return number;
}

uint64_t certs_dropped(const struct certs *c)
{
    return c->dropped;
}

struct bytes certs_der(const struct certs *c, uint16_t number)
{
    if (number == 0 || number > c->count)
        return (struct bytes) { NULL, 0 };
    return bytes_of(c->all[number - 1]->der, c->all[number - 1]->len);
}
