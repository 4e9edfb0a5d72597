/* SPDX-License-Identifier: BSD-3-Clause */
/* What all costs are compared with: libpcap's own loop over a file, which only counts. */
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>

static void count(u_char *user, const struct pcap_pkthdr *header, const u_char *data)
{
    uint64_t *counts = (uint64_t *)(void *)user;
    (void)data;
    counts[0]++;
    counts[1] += header->len;
}

int main(int argc, char **argv)
{
    char error[PCAP_ERRBUF_SIZE];
    uint64_t counts[2] = { 0, 0 };
    if (argc != 2) {
        fprintf(stderr, "usage: pcap_count FILE\n");
        return 2;
    }
    pcap_t *pcap = pcap_open_offline(argv[1], error);
    if (!pcap) {
        fprintf(stderr, "pcap_count: %s\n", error);
        return 2;
    }
    int result = pcap_loop(pcap, -1, count, (u_char *)counts);
    if (result < 0)
        fprintf(stderr, "pcap_count: %s\n", pcap_geterr(pcap));
    printf("%" PRIu64 " packets, %" PRIu64 " bytes\n", counts[0], counts[1]);
    pcap_close(pcap);
    return result < 0 ? 2 : 0;
}
