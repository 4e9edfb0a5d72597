/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/encapsulation.h"

const char *encapsulation_name(enum encapsulation e)
{
    static const char *const names[] = {
        [ENCAP_NONE] = "none",     [ENCAP_VLAN] = "vlan",     [ENCAP_QINQ] = "qinq",
        [ENCAP_MPLS] = "mpls",     [ENCAP_PPPOE] = "pppoe",   [ENCAP_IPIP] = "ipip",
        [ENCAP_6IN4] = "6in4",     [ENCAP_4IN6] = "4in6",     [ENCAP_6IN6] = "6in6",
        [ENCAP_GRE] = "gre",       [ENCAP_ERSPAN] = "erspan", [ENCAP_VXLAN] = "vxlan",
        [ENCAP_GENEVE] = "geneve", [ENCAP_TZSP] = "tzsp",
    };
    return (unsigned)e < sizeof names / sizeof *names ? names[e] : "unknown";
}
