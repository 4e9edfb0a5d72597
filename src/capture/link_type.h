/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * LINKTYPE_ numbers stand in files and in struct frame, DLT_ numbers are what this system's libpcap
 * takes and gives. They differ for the old ones only.
 */
#ifndef MAILWHY_CAPTURE_LINK_TYPE_H
#define MAILWHY_CAPTURE_LINK_TYPE_H

#include <stdint.h>

enum link_type {
    LINK_TYPE_NULL = 0,
    LINK_TYPE_ETHERNET = 1,
    LINK_TYPE_PPP = 9,
    LINK_TYPE_PPP_HDLC = 50,
    LINK_TYPE_PPP_ETHER = 51,
    LINK_TYPE_ATM_RFC1483 = 100,
    LINK_TYPE_RAW = 101,
    LINK_TYPE_802_11 = 105,
    LINK_TYPE_LOOP = 108,
    LINK_TYPE_LINUX_SLL = 113,
    LINK_TYPE_802_11_RADIOTAP = 127,
    LINK_TYPE_LINUX_SLL2 = 276,
    LINK_TYPE_UNKNOWN = 0xffff,
};

uint16_t link_type_from_dlt(int dlt);
int link_type_to_dlt(uint16_t link_type);
/* The link type field of a file: some systems write their DLT_ number where LINKTYPE_ belongs, and
 * the upper bits of a classic file's field tell of an FCS. */
uint16_t link_type_from_file(uint32_t field);

#endif
