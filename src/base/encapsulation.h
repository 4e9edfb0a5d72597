/* SPDX-License-Identifier: BSD-3-Clause */
/* What can stand between the link layer and the connection's IP header. */
#ifndef MAILWHY_BASE_ENCAPSULATION_H
#define MAILWHY_BASE_ENCAPSULATION_H

enum encapsulation {
    ENCAP_NONE = 0,
    ENCAP_VLAN, /* 0x8100 */
    ENCAP_QINQ, /* 0x88a8, 0x9100 */
    ENCAP_MPLS, /* once a label stack */
    ENCAP_PPPOE,
    ENCAP_IPIP, /* IPv4 in IPv4 */
    ENCAP_6IN4,
    ENCAP_4IN6, /* DS-Lite, MAP-E */
    ENCAP_6IN6,
    ENCAP_GRE,
    ENCAP_ERSPAN, /* without its GRE */
    ENCAP_VXLAN,
    ENCAP_GENEVE,
    ENCAP_TZSP,
};

enum { ENCAP_MAX_DEPTH = 8 };

/* The word of the NDJSON contract: "vlan", "4in6", … */
const char *encapsulation_name(enum encapsulation e);

#endif
