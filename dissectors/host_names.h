/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a device calls itself when it talks to its neighbours: DHCP host name and vendor class
 * (RFC 2131, 2132), NetBIOS names (RFC 1002), mDNS and LLMNR answers (RFC 6762, 4795).
 */
#ifndef MAILWHY_DISSECTORS_HOST_NAMES_H
#define MAILWHY_DISSECTORS_HOST_NAMES_H

#include "base/addr.h"
#include "base/bytes.h"

enum { HOST_NAME_MAX_BYTES = 64 };

enum host_name_source {
    HOST_NAME_NONE,
    HOST_NAME_NETBIOS,
    HOST_NAME_LLMNR,
    HOST_NAME_MDNS,
    HOST_NAME_DHCP
};

struct host_name {
    uint8_t source;                   /* enum host_name_source: a later one is believed more */
    struct mac_addr mac;              /* DHCP: the client's hardware address; else zero */
    struct ip_addr addr;              /* family 0: not said */
    char name[HOST_NAME_MAX_BYTES];   /* printable; "" = none */
    char vendor[HOST_NAME_MAX_BYTES]; /* DHCP vendor class; "" = none */
};

/* A DHCPv4 message of a client or to one, UDP 67/68. */
bool host_name_dhcp(struct bytes payload, struct host_name *host);
/* A name registration or a positive answer, UDP 137. */
bool host_name_netbios(struct bytes payload, struct host_name *host);
/* The first address record in an answer, UDP 5353 or 5355; multicast_dns tells which. */
bool host_name_local(struct bytes payload, bool multicast_dns, struct host_name *host);

#endif
