/* SPDX-License-Identifier: BSD-3-Clause */
#include "history/hosts.h"

#include "base/limits.h"
#include "base/table.h"

enum { NAME_BYTES = 64, KEY_BYTES = 18, KNOWN_PAIRS = 4096 };

/* Known by a MAC or by an IP address, whichever said it: two entries where both are known. */
struct host {
    uint8_t key[KEY_BYTES];
    struct ip_addr seen[2]; /* one client address of each family that came with this MAC */
    bool router;
    uint8_t rank;
    char name[NAME_BYTES], vendor[NAME_BYTES];
};

struct hosts {
    struct budget *budget;
    struct table table;
    struct slab slab;
    bool named; /* anybody said a name or a vendor */
    uint64_t known[KNOWN_PAIRS]; /* MAC and IP addresses seen together of late, hashed */
};

static bool is_host(const void *value, struct bytes key)
{
    const struct host *host = value;
    return bytes_equal(bytes_of(host->key, KEY_BYTES), key);
}

struct hosts *hosts_new(struct budget *budget)
{
    struct hosts *h = mem_alloc(budget, sizeof *h);
    if (!h)
        return NULL;
    h->budget = budget;
    table_init(&h->table, budget, is_host);
    slab_init(&h->slab, budget, sizeof(struct host));
    return h;
}

void hosts_free(struct hosts *h)
{
    if (!h)
        return;
    table_done(&h->table);
    slab_done(&h->slab);
    mem_free(h->budget, h, sizeof *h);
}

static struct bytes key_of_mac(uint8_t key[KEY_BYTES], const struct mac_addr *mac)
{
    key[0] = 'm';
    bytes_copy(key + 1, KEY_BYTES - 1, bytes_of(mac->b, sizeof mac->b));
    for (size_t i = 1 + sizeof mac->b; i < KEY_BYTES; i++)
        key[i] = 0;
    return bytes_of(key, KEY_BYTES);
}

static struct bytes key_of_addr(uint8_t key[KEY_BYTES], const struct ip_addr *addr)
{
    key[0] = addr->family;
    bytes_copy(key + 1, KEY_BYTES - 1, bytes_of(addr->b, sizeof addr->b));
    key[KEY_BYTES - 1] = 0;
    return bytes_of(key, KEY_BYTES);
}

static struct host *get(struct hosts *h, struct bytes key)
{
    struct host *host = table_get(&h->table, key);
    if (host || h->table.count >= HOSTS_MAX)
        return host;
    host = slab_get(&h->slab);
    if (!host)
        return NULL;
    bytes_copy(host->key, KEY_BYTES, key);
    if (!table_put(&h->table, bytes_of(host->key, KEY_BYTES), host)) {
        slab_put(&h->slab, host);
        return NULL;
    }
    return host;
}

static void set(char out[NAME_BYTES], const char *text)
{
    size_t n = bytes_copy(out, NAME_BYTES - 1, bytes_str(text));
    out[n] = '\0';
}

static void tell(struct host *host, const struct host_says *says)
{
    if (!host)
        return;
    if (says->name && *says->name && says->rank >= host->rank) {
        set(host->name, says->name);
        host->rank = says->rank;
    }
    if (says->vendor && *says->vendor)
        set(host->vendor, says->vendor);
}

void hosts_named(struct hosts *h, const struct host_says *says)
{
    uint8_t key[KEY_BYTES];
    h->named = true;
    if (!mac_addr_is_zero(&says->mac))
        tell(get(h, key_of_mac(key, &says->mac)), says);
    if (says->addr.family != 0)
        tell(get(h, key_of_addr(key, &says->addr)), says);
}

/* RFC 4291 appendix A: the interface identifier that is made from a MAC. */
static bool made_from_mac(const struct ip_addr *addr, const struct mac_addr *mac)
{
    const uint8_t *b = addr->b;
    return b[11] == 0xff && b[12] == 0xfe && (b[8] ^ 2) == mac->b[0] && b[9] == mac->b[1] &&
           b[10] == mac->b[2] && b[13] == mac->b[3] && b[14] == mac->b[4] && b[15] == mac->b[5];
}

static bool of_another(const struct ip_addr *addr, const struct mac_addr *mac)
{
    return addr->b[11] == 0xff && addr->b[12] == 0xfe && !made_from_mac(addr, mac);
}

/* Two addresses of one host? */
static bool alike(const struct ip_addr *a, const struct ip_addr *b, const struct mac_addr *mac)
{
    if (a->family == 4 || of_another(a, mac) || of_another(b, mac))
        return ip_addr_equal(a, b);
    return memcmp(a->b, b->b, 8) == 0;
}

static bool is_link_local(const struct ip_addr *addr)
{
    return addr->family == 6 && addr->b[0] == 0xfe && (addr->b[1] & 0xc0) == 0x80;
}

/* Each opening of each device asks, and nearly all say what was known. */
static bool is_known_pair(struct hosts *h, const struct mac_addr *mac, const struct ip_addr *addr)
{
    uint8_t pair[sizeof mac->b + sizeof *addr];
    bytes_copy(pair, sizeof mac->b, bytes_of(mac->b, sizeof mac->b));
    bytes_copy(pair + sizeof mac->b, sizeof *addr, bytes_of(addr, sizeof *addr));
    uint64_t hash = table_hash(bytes_of(pair, sizeof pair));
    uint64_t *known = &h->known[hash % KNOWN_PAIRS];
    bool was = *known == hash;
    *known = hash;
    return was;
}

void hosts_seen(struct hosts *h, const struct mac_addr *mac, const struct ip_addr *addr)
{
    uint8_t key[KEY_BYTES];
    if (mac_addr_is_zero(mac) || addr->family == 0 || is_link_local(addr) ||
        is_known_pair(h, mac, addr))
        return;
    struct host *host = get(h, key_of_mac(key, mac));
    if (!host)
        return;
    struct ip_addr *seen = &host->seen[addr->family == 6];
    if (seen->family == 0)
        *seen = *addr;
    else if (!alike(seen, addr, mac))
        host->router = true;
}

static const struct host *find_mac(const struct hosts *h, const struct mac_addr *mac)
{
    uint8_t key[KEY_BYTES];
    return mac_addr_is_zero(mac) ? NULL : table_get(&h->table, key_of_mac(key, mac));
}

bool hosts_is_router(const struct hosts *h, const struct mac_addr *mac)
{
    const struct host *host = find_mac(h, mac);
    return host && host->router;
}

/* By address first; a MAC says who it is only where no others stand behind it. */
static const struct host *find(const struct hosts *h, const struct mac_addr *mac,
                               const struct ip_addr *addr, bool vendor)
{
    uint8_t key[KEY_BYTES];
    if (!h->named)
        return NULL;
    const struct host *host =
        addr->family != 0 ? table_get(&h->table, key_of_addr(key, addr)) : NULL;
    if (host && *(vendor ? host->vendor : host->name))
        return host;
    host = find_mac(h, mac);
    return host && !host->router && *(vendor ? host->vendor : host->name) ? host : NULL;
}

const char *hosts_name(const struct hosts *h, const struct mac_addr *mac,
                       const struct ip_addr *addr)
{
    const struct host *host = find(h, mac, addr, false);
    return host ? host->name : NULL;
}

const char *hosts_vendor(const struct hosts *h, const struct mac_addr *mac,
                         const struct ip_addr *addr)
{
    const struct host *host = find(h, mac, addr, true);
    return host ? host->vendor : NULL;
}
