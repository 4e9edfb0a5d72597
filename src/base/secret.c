/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/secret.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"

/* At the beginning of pages of its own. */
struct secret {
    size_t mapped, size, len;
    uint8_t bytes[];
};

struct secret *secret_new(size_t size)
{
    long page = sysconf(_SC_PAGESIZE);
    size_t unit = page > 0 ? (size_t)page : 4096;
    size_t mapped = (sizeof(struct secret) + size + unit - 1) / unit * unit;
    void *at = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        return NULL;
    (void)mlock(at, mapped); /* a limit may forbid it; then it is a secret all the same */
    (void)madvise(at, mapped, MADV_DONTDUMP);
    struct secret *s = at;
    s->mapped = mapped;
    s->size = size;
    return s;
}

void secret_free(struct secret *s)
{
    if (!s)
        return;
    size_t mapped = s->mapped;
    mem_wipe(s, mapped);
    (void)munmap(s, mapped);
}

bool secret_add(struct secret *s, struct bytes bytes)
{
    if (bytes.len > s->size - s->len)
        return false;
    s->len += bytes_copy(s->bytes + s->len, bytes.len, bytes);
    return true;
}

void secret_shorten(struct secret *s, size_t n)
{
    n = n < s->len ? n : s->len;
    s->len -= n;
    mem_wipe(s->bytes + s->len, n);
}

void secret_drop(struct secret *s, size_t n)
{
    n = n < s->len ? n : s->len;
    memmove(s->bytes, s->bytes + n, s->len - n);
    secret_shorten(s, n);
}

struct bytes secret_bytes(const struct secret *s)
{
    return bytes_of(s->bytes, s->len);
}

bool secret_bytes_equal(struct bytes a, struct bytes b)
{
    unsigned differ = a.len != b.len;
    for (size_t i = 0; i < a.len && i < b.len; i++)
        differ |= (unsigned)(a.at[i] ^ b.at[i]);
    return differ == 0;
}

bool secret_equal(const struct secret *s, struct bytes other)
{
    return secret_bytes_equal(secret_bytes(s), other);
}
