/* SPDX-License-Identifier: BSD-3-Clause */
#include "session/events.h"

#include "base/mem.h"
#include "session/classify.h"

enum { EVENTS_MAX = 512 };

struct queued {
    struct queued *next;
    size_t size;
    struct event event; /* the last: only as much of it is there as its kind needs */
};

void events_init(struct events *q)
{
    *q = (struct events) { 0 };
    q->end = &q->first;
}

static void release(struct queued *e)
{
    if (e)
        mem_free(NULL, e, e->size);
}

void events_done(struct events *q)
{
    while (events_next(q))
        ;
}

static struct event *add(struct events *q, enum event_kind kind, size_t size)
{
    size += offsetof(struct queued, event);
    struct queued *e = q->count < EVENTS_MAX ? mem_alloc(NULL, size) : NULL;
    if (!e) {
        q->dropped++;
        return NULL;
    }
    e->size = size;
    e->event.kind = (uint8_t)kind;
    *q->end = e;
    q->end = &e->next;
    q->count++;
    return &e->event;
}

static struct event *add_event(struct events *q, enum event_kind kind)
{
    size_t bare = offsetof(struct event, host);
    return add(q, kind, kind == EVENT_NAMED ? bare + sizeof(struct host_name) : bare);
}

static struct event *add_message(struct events *q, const struct dns_message *message)
{
    size_t size =
        offsetof(struct dns_message, answers) + message->count * sizeof message->answers[0];
    struct event *e = add(q, EVENT_DNS, offsetof(struct event, message) + size);
    if (e)
        bytes_copy(&e->message, size, bytes_of(message, size));
    return e;
}

/* Which packet told it. */
static void note_packet(struct event *e, const struct packet *p)
{
    e->time = p->time;
    e->frame = p->frame;
    e->time_digits = p->time_digits;
    e->encap_count = p->encap_count;
    bytes_copy(e->encap, sizeof e->encap, bytes_of(p->encap, p->encap_count));
}

static void dns_in(struct events *q, const struct packet *p)
{
    enum { DNS_PORT = 53 };
    if (p->src_port != DNS_PORT && p->dst_port != DNS_PORT)
        return;
    struct dns_message message;
    if (!dns_read(p->payload, &message) || twins_message_is_copy(&q->queries, p, &message))
        return;
    struct event *e = add_message(q, &message);
    if (!e)
        return;
    note_packet(e, p);
    e->device = message.response ? p->dst : p->src;
    e->device_mac = message.response ? p->dst_mac : p->src_mac;
}

/* Neighbours' talk: DHCP, NetBIOS, mDNS, LLMNR. */
static void host_in(struct events *q, const struct packet *p)
{
    enum { DHCP_SERVER = 67, NETBIOS = 137, MDNS = 5353, LLMNR = 5355 };
    struct host_name host;
    bool named = false;
    if (p->dst_port == DHCP_SERVER)
        named = host_name_dhcp(p->payload, &host);
    else if (p->dst_port == NETBIOS || p->src_port == NETBIOS)
        named = host_name_netbios(p->payload, &host);
    else if (p->src_port == MDNS || p->src_port == LLMNR)
        named = host_name_local(p->payload, p->src_port == MDNS, &host);
    struct event *e = named ? add_event(q, EVENT_NAMED) : NULL;
    if (!e)
        return;
    note_packet(e, p);
    e->host = host;
}

void events_datagram(struct events *q, const struct packet *p)
{
    dns_in(q, p);
    host_in(q, p);
}

void events_opening(struct events *q, const struct packet *p)
{
    struct event *e = port_is_mail(p->dst_port) ? add_event(q, EVENT_OPENING) : NULL;
    if (!e)
        return;
    note_packet(e, p);
    e->device = p->src;
    e->device_mac = p->src_mac;
}

void events_spoke(struct events *q, const struct attempt *a)
{
    struct event *e = port_is_mail(a->server_port) ? add_event(q, EVENT_SPOKE) : NULL;
    if (!e)
        return;
    e->device = a->client_addr;
    e->server = a->server_addr;
    e->time = a->start_time;
}

const struct event *events_next(struct events *q)
{
    struct queued *e = q->first;
    release(q->given);
    q->given = e;
    if (!e)
        return NULL;
    q->first = e->next;
    if (!q->first)
        q->end = &q->first;
    q->count--;
    return &e->event;
}
