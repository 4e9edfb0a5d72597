/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What outlives an attempt: devices and what each of them tried, servers' names, over all files of
 * a call. Values only, bounded; the one ordered, single-threaded place.
 */
#ifndef MAILWHY_HISTORY_HISTORY_H
#define MAILWHY_HISTORY_HISTORY_H

#include "base/mem.h"
#include "facts/attempt.h"
#include "base/limits.h"
#include "facts/outcome.h"
#include "history/fetches.h"
#include "history/hosts.h"

/* One attempt as it is remembered. */
struct past_attempt { /* what recovery.c asks of each of many comes first */
    uint32_t id;      /* the attempt's id in the call; from 1 */
    uint16_t file;    /* index of its file, from 0 */
    uint16_t port;
    uint8_t outcome, security, stage, auth /* enum auth_mechanism */;
    uint8_t passing;       /* enum passing (recovery.h): can a later attempt make it good? */
    bool laborious;        /* it delivered, but only after much had been sent again and again */
    uint16_t tls_version;  /* negotiated; 0 = none */
    uint32_t recovered_by; /* id of the later attempt that made it good; 0 = none */
    bool inferred;         /* its outcome was read from sizes and turns of TLS records */
    bool lively; /* TLS came up, application data took at least four turns, no alert and no RST */
    struct ip_addr server;
    int64_t start, end;
    uint64_t envelope;       /* its first sender and recipient, hashed; 0 = none seen */
    const char *server_name; /* interned for the life of the history; NULL = not known */
    const char *file_name;   /* as given on the command line; valid for the call; NULL live */
    uint32_t first_frame,
        proof_frame;      /* proof: the 250, or the TLS session's first application data */
    int64_t hello_time;   /* when its first ClientHello was seen, */
    uint32_t hello_clock; /* and the gmt_unix_time in it; 0 = none */
    uint32_t certificate, capabilities; /* what they said, hashed, to be compared; 0 = not seen */
    struct mac_addr mac;     /* the device's side, at the place of capture; zero = none */
    const char *cause;       /* id of the primary finding; NULL = none */
    int64_t recovered_after; /* ns from start to start */
    struct place *place;     /* of its server, while places.c counts; NULL = none is known */
};

/* Was its mail seen to be delivered over an encrypted connection? */
static inline bool past_is_encrypted_mail(const struct past_attempt *p)
{
    bool encrypted = p->security == SECURITY_IMPLICIT_TLS || p->security == SECURITY_STARTTLS;
    return p->outcome == OUTCOME_DELIVERED && !p->inferred && encrypted;
}

/* Did it fail inside TLS that had come up? Another session that came up as well shows no more than
 * this one did. */
static inline bool past_failed_inside(const struct past_attempt *p)
{
    bool encrypted = p->security == SECURITY_IMPLICIT_TLS || p->security == SECURITY_STARTTLS;
    return p->outcome == OUTCOME_FAILED && encrypted && p->tls_version != 0 &&
           p->stage != STAGE_TLS;
}

/* Did it get further than that failed one, as far as the wire shows? */
static inline bool past_got_through(const struct past_attempt *p, const struct past_attempt *failed)
{
    return p->outcome == OUTCOME_DELIVERED ||
           (p->outcome == OUTCOME_UNKNOWN && p->lively && !past_failed_inside(failed));
}

/* By address or by name. */
bool past_same_server(const struct past_attempt *a, const struct past_attempt *b);

enum { DEVICE_OPEN_LISTED = 8 };

struct device {
    struct ip_addr addr; /* the first seen */
    uint8_t addr_count;
    struct mac_addr mac; /* zero: none, or a router's */
    uint32_t number;     /* order of first attempt, from 0 */
    uint32_t attempts, delivered, failed, no_mail, incomplete, unknown;
    uint32_t open_failures; /* of past: those that a later one may still make good */
    uint8_t open_listed;    /* of these, in open_at; fewer than all: they are to be searched */
    bool encrypted_mail;    /* past_is_encrypted_mail() of any */
    uint32_t open_at[DEVICE_OPEN_LISTED]; /* where in past they are */
    uint32_t past_count, past_cap;
    struct past_attempt *past; /* bounded ring, oldest first: past_count of them */
    const char *ehlo;          /* EHLO name; NULL = none seen */
    int64_t first, last;
    struct fetches *fetches; /* POP3; NULL = none seen */
    const char *name, *vendor,
        *maker; /* what it calls itself, DHCP vendor class, maker by MAC; NULL: not known */
    uint32_t past_dropped;
    struct ip_addr addrs[DEVICE_ADDRS_MAX]; /* all, addr first */
};

struct history; /* opaque */

struct history *history_new(struct budget *budget);
void history_free(struct history *h);
/* Remembers the attempt for its device; views are copied. */
void history_remember(struct history *h, const struct ip_addr *device,
                      const struct past_attempt *past, struct bytes ehlo_name);
/* The device signed in to fetch mail. */
void history_fetched(struct history *h, const struct ip_addr *device, const struct fetch *fetch);
/* How many attempts that were put off (PASSING_PUT_OFF) a later one made good. */
uint32_t history_made_good(const struct history *h);
/* Did any device deliver mail over an encrypted connection? */
bool history_encrypted_mail(const struct history *h);
/* At the end: finds out names and makers, and makes those devices one whose addresses share a MAC
 * that is no router's. */
void history_settle(struct history *h, const struct hosts *hosts);
/* Devices in order of their first attempt. */
size_t history_device_count(const struct history *h);
const struct device *history_device(const struct history *h, size_t index);
/* What history_find() reads of a device will be at hand: first where it is, a while later what is
 * there. */
void history_prefetch(struct history *h, const struct ip_addr *addr);
void history_prefetch_device(struct history *h, const struct ip_addr *addr);
const struct device *history_find(const struct history *h, const struct ip_addr *addr);
/* Did a device reach a server for mail by this name before? ASCII case counts: DNS names come in
 * lower case. */
bool history_is_mail_name(const struct history *h, const char *name);
/* How many other devices got through, and how many failed for the same cause and never got through,
 * where this attempt of a device failed: at the same server and port. */
struct history_others {
    unsigned worked, failed_alike;
};
struct history_others history_others(const struct history *h, const struct device *self,
                                     const struct past_attempt *failed);
/* Devices and attempts that a limit left out. */
uint64_t history_dropped(const struct history *h);
/* An interned copy of a short text, for the life of the history; NULL when the budget has no
 * more. */
const char *history_intern(struct history *h, struct bytes text);

#endif
