/* SPDX-License-Identifier: BSD-3-Clause */
/* One DNS message (RFC 1035, EDNS passed over) to a look-up value. */
#ifndef MAILWHY_DISSECTORS_DNS_H
#define MAILWHY_DISSECTORS_DNS_H

#include "base/addr.h"
#include "base/bytes.h"

enum { DNS_NAME_MAX = 256, DNS_ANSWERS_MAX = 32 };
enum dns_type { DNS_A = 1, DNS_CNAME = 5, DNS_MX = 15, DNS_AAAA = 28 };

struct dns_answer {
    uint16_t type; /* DNS_A or DNS_AAAA */
    uint32_t ttl;  /* seconds */
    struct ip_addr addr;
};

struct dns_message {
    uint16_t id;
    bool response, truncated;
    uint8_t rcode;
    uint16_t query_type;
    char name[DNS_NAME_MAX]; /* asked for: lower case, dots, no final dot; other bytes as \NNN */
    bool cname;              /* the answer went over at least one alias */
    bool damaged;            /* part of it could not be read */
    uint8_t count;
    struct dns_answer answers[DNS_ANSWERS_MAX]; /* addresses that the name has, over its aliases */
};

/* The first address record of an answer that may be without a question (mDNS, LLMNR): its name and
 * address. False when there is none. */
bool dns_read_host(struct bytes payload, char name[DNS_NAME_MAX], struct ip_addr *addr);

/* False when this is no DNS message with one question. */
bool dns_read(struct bytes payload, struct dns_message *message);

#endif
