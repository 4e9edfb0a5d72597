/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * For against_tshark.py: reads "link-type wire-length hex" lines, decodes them one after another,
 * and prints what came out, a line of tab-separated fields each.
 */
#include <inttypes.h>
#include <stdio.h>

#include "hex.h"
#include "packet/fragment.h"
#include "packet/tcp_options.h"

static void print_mac(const struct mac_addr *mac)
{
    char text[MAC_TEXT_SIZE];
    printf("\t%s", mac_addr_is_zero(mac) ? "" : mac_addr_text(mac, text));
}

static void print_addr(const struct ip_addr *addr)
{
    char text[ADDR_TEXT_SIZE];
    printf("\t%s", addr->family == 0 ? "" : ip_addr_text(addr, text));
}

static void print_packet(const struct packet *p)
{
    static const char *const kinds[] = { "none", "tcp", "udp", "icmp-error", "other", "fragment" };
    printf("%s\t%d", kinds[p->kind], p->kind == PACKET_NONE ? (int)p->why : 0);
    print_mac(&p->src_mac);
    print_mac(&p->dst_mac);
    print_addr(&p->src);
    print_addr(&p->dst);
    printf("\t%u\t%u\t%u\t%u\t", p->src_port, p->dst_port, p->ttl, p->ip_id);
    for (unsigned i = 0; i < p->encap_count; i++)
        printf("%s%s", i ? "," : "", encapsulation_name(p->encap[i]));
    const struct tcp_header *t = &p->tcp;
    struct tcp_options o = { .window_scale = 255 };
    if (p->kind == PACKET_TCP && (t->flags & TCP_SYN))
        tcp_options_read(t->options, &o);
    if (p->kind == PACKET_TCP || p->kind == PACKET_ICMP_ERROR)
        printf("\t%" PRIu32 "\t%" PRIu32 "\t%u\t%u\t%u\t%u\t%d", t->seq, t->ack, t->flags,
               t->window, o.mss, o.window_scale, o.fast_open);
    else
        printf("\t\t\t\t\t\t\t");
    if (p->kind == PACKET_ICMP_ERROR)
        printf("\t%u\t%u\t%" PRIu32 "\t%u", p->icmp.type, p->icmp.code, p->icmp.mtu,
               p->icmp.quoted_protocol);
    else
        printf("\t\t\t\t");
    printf("\t%" PRIu32 "\t%d\t", p->payload_len, p->snapped);
    for (size_t i = 0; i < p->payload.len; i++)
        printf("%02x", p->payload.at[i]);
    printf("\n");
}

int main(void)
{
    struct packet_decoder decoder = { .fragments = fragments_new(NULL) };
    static char line[400000];
    for (uint32_t number = 1; fgets(line, sizeof line, stdin); number++) {
        char *end;
        struct frame frame = { .number = number, .time = number * TIME_MILLISECOND };
        frame.link_type = (uint16_t)strtoul(line, &end, 10);
        frame.wire_len = (uint32_t)strtoul(end, &end, 10);
        frame.bytes = hex_bytes(end);
        struct packet packet;
        packet_decode(&decoder, &frame, &packet);
        print_packet(&packet);
        hex_free(frame.bytes);
    }
    fragments_free(decoder.fragments);
    return 0;
}
