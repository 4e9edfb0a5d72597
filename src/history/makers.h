/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The maker of a device by its MAC address, where a list of IEEE's assignments is installed
 * (Debian's ieee-data, or Wireshark's). Nothing is bundled, and nothing fails without it.
 */
#ifndef MAILWHY_HISTORY_MAKERS_H
#define MAILWHY_HISTORY_MAKERS_H

#include "base/addr.h"

enum { MAKER_NAME_BYTES = 64 };

/* True and the maker's name when a list is there and knows it. Reads the file each time: for a few
 * devices at the end, not for packets. Addresses that a host made up itself have no maker. */
bool maker_find(const struct mac_addr *mac, char name[MAKER_NAME_BYTES]);

#endif
