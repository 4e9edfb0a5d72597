/* SPDX-License-Identifier: BSD-3-Clause */
#include "capture/filter.h"

#include <pcap/pcap.h>
#include <stdio.h>

#include "base/cursor.h"
#include "base/mem.h"
#include "capture/link_type.h"
#include "capture/source_impl.h"

/* Link types in one capture; a file with more has them left out by the filter. */
enum { FILTER_PROGRAMS = 16 };

struct program {
    uint16_t link_type;
    bool compiled; /* false: makes no sense for this link type */
    struct bpf_program code;
};

struct filter {
    size_t count;
    struct program programs[FILTER_PROGRAMS];
    size_t expression_size;
    char expression[];
};

void filter_explain(const char *reason, char *error, size_t size)
{
    if (size > 0)
        (void)snprintf(
            error, size,
            "The filter cannot be used: %s. It has to follow pcap-filter(7), for example "
            "'tcp port 25 or tcp port 587'.",
            reason);
}

/* Compiles for one more link type; why it failed goes to error where that is wanted. */
static struct program *add_program(struct filter *filter, uint16_t link_type, char *error,
                                   size_t size)
{
    if (filter->count == FILTER_PROGRAMS)
        return NULL;
    struct program *program = &filter->programs[filter->count++];
    program->link_type = link_type;
    pcap_t *dead = pcap_open_dead(link_type_to_dlt(link_type), FRAME_MAX_BYTES);
    if (!dead)
        return program;
    program->compiled =
        pcap_compile(dead, &program->code, filter->expression, 1, PCAP_NETMASK_UNKNOWN) == 0;
    if (!program->compiled)
        filter_explain(pcap_geterr(dead), error, size);
    pcap_close(dead);
    return program;
}

enum status filter_new(const char *expression, uint16_t link_type, struct filter **filter,
                       char *error, size_t size)
{
    size_t expression_size = strlen(expression) + 1;
    struct filter *f = mem_alloc(NULL, sizeof *f + expression_size);
    *filter = NULL;
    if (!f) {
        source_tell(error, size, "There is not enough memory for the filter.");
        return STATUS_NO_MEMORY;
    }
    f->expression_size =
        bytes_copy(f->expression, expression_size, bytes_of(expression, expression_size));
    if (!add_program(f, link_type, error, size)->compiled) {
        filter_free(f);
        return STATUS_FILTER;
    }
    *filter = f;
    return STATUS_OK;
}

void filter_free(struct filter *filter)
{
    if (!filter)
        return;
    for (size_t i = 0; i < filter->count; i++)
        if (filter->programs[i].compiled)
            pcap_freecode(&filter->programs[i].code);
    mem_free(NULL, filter, sizeof *filter + filter->expression_size);
}

bool filter_passes(struct filter *filter, const struct frame *frame)
{
    struct program *program = NULL;
    for (size_t i = 0; i < filter->count && !program; i++)
        if (filter->programs[i].link_type == frame->link_type)
            program = &filter->programs[i];
    if (!program)
        program = add_program(filter, frame->link_type, NULL, 0);
    if (!program || !program->compiled)
        return false;
    struct pcap_pkthdr header = { .caplen = (bpf_u_int32)frame->bytes.len, .len = frame->wire_len };
    return pcap_offline_filter(&program->code, &header, frame->bytes.at) != 0;
}

/* Where the EtherType stands in link layers that have one; -1 in others. */
static int ethertype_at(uint16_t link_type)
{
    switch (link_type) {
    case LINK_TYPE_ETHERNET:
        return 12;
    case LINK_TYPE_LINUX_SLL:
        return 14;
    case LINK_TYPE_LINUX_SLL2:
        return 0;
    default:
        return -1;
    }
}

static bool tunnel_port(uint16_t port)
{
    return port == 4789 || port == 6081 || port == 37008; /* VXLAN, GENEVE, TZSP */
}

/* Does an IP header announce another one, or a UDP port of a tunnel? */
static bool ip_hides(struct cursor c)
{
    enum { PROTO_IPV4 = 4, PROTO_UDP = 17, PROTO_IPV6 = 41, PROTO_GRE = 47 };
    uint8_t first = cursor_peek(&c), protocol;
    if (first >> 4 == 4) {
        cursor_skip(&c, 9);
        protocol = cursor_u8(&c);
        cursor_skip(&c, (size_t)(first & 15) * 4 - 10);
    } else {
        cursor_skip(&c, 6);
        protocol = cursor_u8(&c);
        cursor_skip(&c, 33);
    }
    cursor_skip(&c, 2);
    return protocol == PROTO_IPV4 || protocol == PROTO_IPV6 || protocol == PROTO_GRE ||
           (protocol == PROTO_UDP && tunnel_port(cursor_u16(&c)));
}

bool filter_would_hide(const struct frame *frame)
{
    struct cursor c = cursor_of(frame->bytes);
    int at = ethertype_at(frame->link_type);
    if (at < 0)
        return frame->link_type == LINK_TYPE_PPP_ETHER ||
               (frame->link_type == LINK_TYPE_RAW && ip_hides(c));
    cursor_skip(&c, (size_t)at);
    uint16_t type = cursor_u16(&c);
    if (frame->link_type == LINK_TYPE_LINUX_SLL2)
        cursor_skip(&c, 18);
    switch (type) {
    case 0x8100:
    case 0x88a8:
    case 0x9100: /* VLAN */
    case 0x8847:
    case 0x8848: /* MPLS */
    case 0x8864: /* PPPoE session */
        return true;
    case 0x0800:
    case 0x86dd:
        return ip_hides(c);
    default:
        return false;
    }
}
