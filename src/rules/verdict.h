/* SPDX-License-Identifier: BSD-3-Clause */
/* What the judges hand to the reports: attempts with their findings, device lines, capture lines. */
#ifndef MAILWHY_RULES_VERDICT_H
#define MAILWHY_RULES_VERDICT_H

#include "history/history.h"
#include "rules/cause.h"

enum { ATTEMPT_FINDINGS = 16, LINE_FINDINGS = 12 };

/* One attempt, judged; whoever got it owns it. */
struct judged {
    uint32_t id;
    uint16_t file_index;
    const char *file;        /* as given on the command line; NULL live */
    const char *interface;   /* live; else NULL */
    const char *server_name; /* NULL = not known; valid as long as the engine */
    const char *looked_up;   /* the one name for it that the device looked up; NULL = not so */
    struct attempt *attempt;
    const struct knowledge *knowledge; /* the user's own tables; NULL = none */
    struct summary summary;
    struct finding *
        findings; /* the primary first, then failures, warnings, notes, each in order of last proof */
    size_t finding_count;
    uint32_t findings_dropped;
};
void judged_free(struct judged *j);

struct device_line {
    const struct device *device;
    bool named; /* by --device */
    struct finding findings[LINE_FINDINGS];
    size_t finding_count;
};

/* What a capture as a whole showed. */
struct capture_facts {
    uint64_t packets, bytes, connections, streams_mail;
    uint64_t truncated, filtered, kernel_dropped, duplicates, link_unknown, not_ip, malformed,
        wlan_encrypted, encapsulated, udp, other_ip;
    uint64_t tcp_other; /* connections that are not mail */
    uint32_t attempts, delivered, failed, no_mail, incomplete, unknown;
    uint32_t one_sided, with_gaps, snapped, starts_late; /* mail connections so affected */
    uint64_t forgotten, facts_dropped, history_dropped, events_dropped, scans;
    uint64_t nat_copies; /* mail connections seen on both sides of a router with NAT, told once */
    uint64_t sign_ins_dropped, scram_dropped; /* not checked against the password */
    uint64_t words_dropped;                   /* servers whose words were not remembered */
    uint64_t certs_dropped, chains_dropped;   /* certificates not kept, chains not judged */
    uint32_t scan_first_frame;
    uint16_t unknown_link_type;     /* the last one that is not read; 0xffff none */
    const char *other_protocols[6]; /* names of what was seen instead of mail, each once */
    bool cut_short, damaged,
        filter_may_hide; /* VLAN, PPPoE or tunnels are there and the filter let no mail through */
    uint64_t cut_offset;
};

struct capture_line {
    const char *file, *interface;
    struct capture_facts facts;
    struct finding findings[LINE_FINDINGS];
    size_t finding_count;
};

/* Judges one finished attempt: fills j->summary.outcome and stage and j->findings from j->attempt,
 * j->server_name and history. False when there was no memory. */
bool diagnose_attempt(struct judged *j, const struct history *history, int64_t capture_end);
void diagnose_device(struct device_line *line, const struct history *history);
void diagnose_capture(struct capture_line *line);

/* The catalogue. */
size_t cause_count(void);
const struct cause *cause_at(size_t index);
const struct cause *cause_find(const char *id);

#endif
