/* SPDX-License-Identifier: BSD-3-Clause */
#include "capture/link_type.h"

#include <pcap/pcap.h>
#include <stddef.h>

static const struct {
    uint16_t link_type;
    int dlt;
} differing[] = {
    { LINK_TYPE_RAW, DLT_RAW },
    { LINK_TYPE_ATM_RFC1483, DLT_ATM_RFC1483 },
    { LINK_TYPE_LOOP, DLT_LOOP },
};

/* OpenBSD's DLT_RAW, which it writes into files. */
enum { DLT_RAW_OPENBSD = 14, DLT_RAW_OTHERS = 12 };

uint16_t link_type_from_dlt(int dlt)
{
    for (size_t i = 0; i < sizeof differing / sizeof differing[0]; i++)
        if (differing[i].dlt == dlt)
            return differing[i].link_type;
    return dlt >= 0 && dlt < LINK_TYPE_UNKNOWN ? (uint16_t)dlt : LINK_TYPE_UNKNOWN;
}

int link_type_to_dlt(uint16_t link_type)
{
    for (size_t i = 0; i < sizeof differing / sizeof differing[0]; i++)
        if (differing[i].link_type == link_type)
            return differing[i].dlt;
    return link_type;
}

uint16_t link_type_from_file(uint32_t field)
{
    uint32_t type = field & 0x03ffffff;
    if (type == DLT_RAW_OTHERS || type == DLT_RAW_OPENBSD)
        return LINK_TYPE_RAW;
    return type < LINK_TYPE_UNKNOWN ? (uint16_t)type : LINK_TYPE_UNKNOWN;
}
