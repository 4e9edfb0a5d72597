/* SPDX-License-Identifier: BSD-3-Clause */
#include "history/lookups.h"

#include "base/limits.h"
#include "base/table.h"

#define CLOSES_AFTER (30 * TIME_SECOND)

#define COPIED_WITHIN (TIME_SECOND / 1000) /* by a mirror port that shows each packet twice */
#define REPEATED_AFTER                                                                             \
    (TIME_SECOND / 5) /* sooner it is no repetition, but another resolver asked beside */

enum { NAME_SIZE = 256, MESSAGES_MAX = 24, BUCKETS = 128 };
enum { TYPE_A = 1, TYPE_AAAA = 28 };

/* The last message of one type and direction. */
struct last {
    bool any;
    uint8_t rcode;
    uint16_t addresses;
    int64_t time;
};

struct open {
    struct open *next;
    struct open *beside; /* in the bucket of its device, the oldest first */
    struct ip_addr device;
    char name[NAME_SIZE]; /* the shortest asked: without a search suffix */
    int64_t last_query;
    bool found;     /* an address came */
    bool connected; /* a mail connection followed */
    bool repeated;  /* a query of one type */
    uint16_t messages, answers;
    struct last last[2][2]; /* by type (A, AAAA) and response */
    int64_t asked[2];       /* first query of this type */
    struct attempt *attempt;
};

struct lookups {
    struct budget *budget;
    lookups_is_mail *is_mail;
    void *context;
    struct open *first, **end;
    struct open
        *buckets[BUCKETS]; /* by device, since each message of any device looks for its own */
    struct open *done;     /* handed out last; its name is still borrowed */
    size_t count;
    int64_t asked_since; /* all of them were asked for at this time or later */
};

struct lookups *lookups_new(struct budget *budget, lookups_is_mail *is_mail, void *context)
{
    struct lookups *l = mem_alloc(budget, sizeof *l);
    if (!l)
        return NULL;
    l->budget = budget;
    l->is_mail = is_mail;
    l->context = context;
    l->end = &l->first;
    return l;
}

static void open_free(struct lookups *l, struct open *o)
{
    if (!o)
        return;
    attempt_free(o->attempt);
    mem_free(l->budget, o, sizeof *o);
}

void lookups_free(struct lookups *l)
{
    if (!l)
        return;
    while (l->first) {
        struct open *o = l->first;
        l->first = o->next;
        open_free(l, o);
    }
    open_free(l, l->done);
    mem_free(l->budget, l, sizeof *l);
}

/* Is longer the other name with a search suffix behind it? */
static bool has_suffix_behind(const char *longer, const char *name)
{
    size_t n = strlen(name);
    return strncmp(longer, name, n) == 0 && longer[n] == '.';
}

static struct open **bucket_of(struct lookups *l, const struct ip_addr *device)
{
    return &l->buckets[table_hash(bytes_of(device, sizeof *device)) % BUCKETS];
}

static bool same_lookup(const struct open *o, const struct name_message *m)
{
    return ip_addr_equal(&o->device, &m->device) && m->time - o->last_query <= CLOSES_AFTER &&
           (strcmp(o->name, m->name) == 0 || has_suffix_behind(m->name, o->name) ||
            has_suffix_behind(o->name, m->name));
}

static struct open *find(struct lookups *l, const struct name_message *m)
{
    for (struct open *o = *bucket_of(l, &m->device); o; o = o->beside)
        if (same_lookup(o, m))
            return o;
    return NULL;
}

static void list_add(struct lookups *l, struct open *o)
{
    struct open **end = bucket_of(l, &o->device);
    while (*end)
        end = &(*end)->beside;
    *end = o;
    *l->end = o;
    l->end = &o->next;
    l->count++;
}

static void list_remove(struct lookups *l, struct open **at)
{
    struct open *o = *at, **bucket = bucket_of(l, &o->device);
    while (*bucket != o)
        bucket = &(*bucket)->beside;
    *bucket = o->beside;
    *at = o->next;
    if (l->end == &o->next)
        l->end = at;
    l->count--;
}

static struct open *open_new(struct lookups *l, const struct name_message *m)
{
    size_t len = strlen(m->name);
    if (len == 0 || len >= NAME_SIZE || l->count >= LOOKUPS_OPEN_MAX)
        return NULL;
    struct open *o = mem_alloc(l->budget, sizeof *o);
    if (!o || !(o->attempt = attempt_new(l->budget))) {
        open_free(l, o);
        return NULL;
    }
    struct attempt *a = o->attempt;
    bytes_copy(o->name, NAME_SIZE - 1, bytes_str(m->name));
    o->device = m->device;
    a->kind = ATTEMPT_LOOKUP;
    a->start_seen = true;
    a->client_addr = m->device;
    a->client_mac = m->device_mac;
    a->encap_count = m->encap_count;
    bytes_copy(a->encap, sizeof a->encap, bytes_of(m->encap, m->encap_count));
    a->time_digits = m->time_digits;
    a->first_frame = m->frame;
    a->start_time = m->time;
    list_add(l, o);
    return o;
}

static void add_fact(struct open *o, const struct name_message *m)
{
    if (o->messages++ >= MESSAGES_MAX)
        return;
    struct fact fact = { .kind = m->response ? FACT_DNS_ANSWER : FACT_DNS_QUERY,
                         .from = m->response ? SIDE_SERVER : SIDE_DEVICE,
                         .first_frame = m->frame,
                         .last_frame = m->frame,
                         .time = m->time };
    fact.dns = (struct fact_dns) { .type = m->type,
                                   .rcode = m->rcode,
                                   .addresses = m->addresses,
                                   .same_name = strcmp(o->name, m->name) == 0,
                                   .name = bytes_str(m->name) };
    timeline_add(o->attempt->timeline, &fact);
}

static bool is_copy(struct open *o, const struct name_message *m)
{
    struct last now = { true, m->rcode, m->addresses, m->time };
    struct last *before = &o->last[m->type == TYPE_AAAA][m->response];
    bool copy = before->any && m->time - before->time <= COPIED_WITHIN &&
                before->rcode == now.rcode && before->addresses == now.addresses &&
                strcmp(o->name, m->name) == 0;
    *before = now;
    return copy;
}

static void note_query(struct lookups *l, struct open *o, const struct name_message *m)
{
    int64_t *asked = &o->asked[m->type == TYPE_AAAA];
    o->repeated |= *asked != 0 && m->time - *asked >= REPEATED_AFTER;
    if (*asked == 0)
        *asked = m->time;
    o->last_query = m->time;
    if (m->time < l->asked_since)
        l->asked_since = m->time;
}

void lookups_message(struct lookups *l, const struct name_message *m)
{
    if ((m->type != TYPE_A && m->type != TYPE_AAAA) || m->time == TIME_NONE)
        return;
    struct open *o = find(l, m);
    if (!o && !m->response)
        o = open_new(l, m);
    if (!o)
        return;
    if (strlen(m->name) < strlen(o->name))
        bytes_copy(o->name, strlen(m->name) + 1, bytes_of(m->name, strlen(m->name) + 1));
    if (is_copy(o, m))
        return;
    add_fact(o, m);
    if (m->response) {
        o->answers++;
        o->found |= m->addresses > 0;
    } else {
        note_query(l, o, m);
    }
    o->attempt->last_frame = m->frame;
    o->attempt->end_time = m->time;
    struct direction *d = &o->attempt->direction[m->response ? SIDE_SERVER : SIDE_DEVICE];
    d->seen = true;
    d->packets++;
}

void lookups_connected(struct lookups *l, const struct ip_addr *device, int64_t time)
{
    for (struct open *o = l->count > 0 ? *bucket_of(l, device) : NULL; o; o = o->beside)
        if (ip_addr_equal(&o->device, device) && time >= o->attempt->start_time)
            o->connected = true;
}

/* Names that only mail servers have. "mail" alone is as often a web page. */
static bool is_mail_label(const char *name)
{
    static const char *const labels[] = { "smtp", "smtps", "mx", "submission", "relay" };
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        size_t n = strlen(labels[i]);
        if (strncmp(name, labels[i], n) == 0 && name[n] == '.')
            return true;
    }
    return false;
}

static bool failed(const struct lookups *l, const struct open *o)
{
    bool judged = o->answers > 0 || o->repeated;
    return !o->found && !o->connected && judged &&
           (is_mail_label(o->name) || l->is_mail(l->context, &o->device, o->name));
}

static struct open *take_closed(struct lookups *l, int64_t now, bool end)
{
    if (!end && now - l->asked_since <= CLOSES_AFTER)
        return NULL;
    int64_t earliest = now;
    for (struct open **at = &l->first; *at; at = &(*at)->next) {
        struct open *o = *at;
        if (end || now - o->last_query > CLOSES_AFTER) {
            list_remove(l, at);
            return o;
        }
        if (o->last_query < earliest)
            earliest = o->last_query;
    }
    l->asked_since = earliest;
    return NULL;
}

struct attempt *lookups_next(struct lookups *l, int64_t now, uint32_t frame, bool end,
                             const char **name)
{
    open_free(l, l->done);
    l->done = NULL;
    for (struct open *o = take_closed(l, now, end); o; o = take_closed(l, now, end)) {
        if (!failed(l, o)) {
            open_free(l, o);
            continue;
        }
        struct attempt *a = o->attempt;
        o->attempt = NULL;
        a->end = end ? END_OPEN : END_SILENCE;
        a->end_frame = end ? UINT32_MAX : frame;
        l->done = o;
        *name = o->name;
        return a;
    }
    return NULL;
}
