/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every limit of the program, a line each: value, why, and where what it drops is told. All numbers
 * are for a home or office line's capture with room to spare.
 */
#ifndef MAILWHY_BASE_LIMITS_H
#define MAILWHY_BASE_LIMITS_H

enum {
    MEMORY_MIN = 1 << 20, /* the least --memory; an error of the command line */
    TIMELINE_BYTES =
        16384, /* facts and their texts of one attempt; FACT_DROPPED, capture-limits-reached */
    TIMELINE_TEXT_MAX = 1024, /* one text in a fact; FACT_CLIPPED */
    HELLO_BYTES_MAX = 1024,   /* first bytes of a side kept until it is known what is spoken */
    HOLD_BYTES_MAX = 8192,    /* device bytes held behind STARTTLS until its reply; then released */
    SMTP_LINE_MAX =
        2000, /* a command or reply line (RFC 5321 4.5.3.1: 512; servers take 2048); NOISE_LINE_TOO_LONG */
    POP3_LINE_MAX = 2000,       /* the same of POP3; a longer one tells nothing */
    POP3_TEXT_MAX = 200,        /* a reply to a POP3 sign-in as told */
    SMTP_AUTH_LINE_MAX = 12288, /* a line of AUTH (RFC 4954 4.1) */
    SMTP_AUTH_STEPS_MAX = 16,   /* lines told of one AUTH exchange */
    SMTP_SECRET_FORMS_MAX =
        400,            /* forms of secrets looked for in a reply; beyond, its text is blanked */
    SMTP_ARG_MAX = 320, /* a command's argument as told; FACT_CLIPPED */
    SMTP_REPLY_TEXT_MAX = 1000, /* a reply's text as told; FACT_CLIPPED */
    SMTP_AUTH_WORDS_MAX = 200,  /* the listed AUTH mechanisms as told; FACT_CLIPPED */
    SMTP_PENDING_MAX = 128,     /* commands whose replies are due; beyond, replies are not paired */
    SMTP_NOISE_MAX = 4,         /* facts of a side's bytes that are no SMTP */
    SMTP_STRANGE_MAX = 8,       /* lines of a server that are no replies before it is given up */
    SMTP_UNKNOWN_RUN_MAX = 8,   /* unknown commands told in a row */
    MESSAGE_FROM_MAX = 320,     /* a From line as looked into */
    WALK_LAYERS_MAX = 45,       /* headers of one frame: five for each tunnel; PACKET_WHY_DEPTH */
    IPV6_EXTENSIONS_MAX = 32,   /* extension headers of one IPv6 packet; PACKET_WHY_MALFORMED */
    IP_OFFLOADED_MAX =
        524288, /* bytes of a packet without a length of its own (segmentation offload) */
    FRAGMENT_MEMORY =
        4
        << 20, /* bytes for all IP fragments, the oldest goes first; fragments_dropped, as below */
    FRAGMENT_DATAGRAMS_MAX = 1024, /* fragmented packets begun at one time; the oldest goes first */
    FRAGMENT_WHOLE_MAX = 32,  /* complete ones kept to know late duplicates of their fragments */
    FRAGMENT_RANGES_MAX = 64, /* pieces of one packet with holes between them */
    FLOW_SLOTS_START = 4096,  /* slots of an empty connection table; it doubles */
    FLOW_HALF_OPEN_MAX =
        32768, /* unanswered openings at a time, so that a flood of SYNs stays in the cache; capture-limits-reached */
    FLOW_BYTES_V4 = 64, /* one connection that is not followed: one cache line */
    FLOW_BYTES_V6 = 88,
    FLOW_SLOT_BYTES =
        32, /* an entry's part of the slots: 22 to 43, right before and after these double */
    TCP_BYTES = 312, /* one followed connection with both its streams, nothing waiting */
    TCP_PATIENCE_PACKETS =
        64, /* packets that bytes acknowledged before they were seen may still come late, */
    TCP_PATIENCE_MS = 5000, /* the same by the packets' clock (after TCP_TIMED_PACKETS), */
    TCP_PATIENCE_BYTES =
        64 << 10, /* and in bytes that wait for them; then they are a gap, attempt->gaps */
    TCP_BEGIN_PACKETS =
        16, /* the same for the first bytes of a stream whose beginning is not known; */
    TCP_BEGIN_MS = 1000, /* then it begins with what there is */
    TCP_BEGIN_BYTES = 16 << 10,
    TCP_TIMED_PACKETS = 8, /* so few may be swapped over any time; the end comes by itself */
    TCP_SYN_FACTS_MAX =
        32, /* of each kind in one connection: what a flood of repeats may take of its */
    TCP_RST_FACTS_MAX = 4, /* timeline; the counts in struct direction go on */
    TCP_GAP_FACTS_MAX = 16,
    TCP_CONFLICT_FACTS_MAX = 8,
    TCP_ICMP_FACTS_MAX = 8,
    TCP_WINDOW_FACTS_MAX = 16,
    REASSEMBLY_MAX =
        256
        << 10, /* bytes that wait behind a hole of one direction; then it is a gap, attempt->gaps */
    REASSEMBLY_PIECES_MAX = 1024,  /* the same in segments */
    REASSEMBLY_ONE_SIDED_MAX = 64, /* the same where the other side is not in the capture */
    REASSEMBLY_EARLY_MAX =
        64 << 10, /* bytes before the first segment seen that still belong to the stream */
    REASSEMBLY_ACK_AHEAD_MAX =
        16 << 20, /* an acknowledgement further beyond what was seen is not believed */
    REASSEMBLY_RECENT_MAX =
        2048, /* delivered bytes kept until acknowledged, to tell an overlap that differs */
    TLS_MESSAGE_MAX =
        16 << 10, /* kept of one handshake message; of a hello FACT_CLIPPED, others go untold */
    TLS_CERTIFICATES_MAX = 64 << 10, /* the same of a Certificate message; certificate.incomplete */
    TLS_SECRETS_MAX =
        1
        << 18, /* secrets out of key logs; the oldest are dropped, a warning where one may be missed */
    KEY_LOGS_MAX = 8,       /* key logs given; an error */
    KEY_LOG_LINE_MAX = 512, /* a line of a key log; a longer one holds no secret that is known */
    RSA_KEY_FILE_MAX = 64 << 10, /* of a private key's file so much is read */
    TLS_RSA_KEYS_MAX = 8,        /* private keys given; an error */
    TLS_RESUMED_MAX =
        64, /* master secrets kept for sessions that are resumed with an RSA key; older ones stay opaque */
    TLS_MISSED_MAX =
        64, /* sessions without a key that are known again should it come late; then nothing is said */
    TLS_AHEAD_MAX =
        32, /* record numbers that may have been lost in one gap; then the rest stays opaque */
    TLS_FAILURES_MAX = 16, /* records in a row that do not open before a direction is given up */
    TLS_CHAIN_MAX =
        10, /* certificates of a message that are read, and the last; the rest is counted */
    USER_ROWS_MAX = 4096,     /* rows of the user's own reply or provider table; an error by line */
    USER_PATTERN_MAX = 200,   /* a pattern in them */
    TABLE_FILE_MAX = 1 << 20, /* such a table's file; an error */
    CERTS_MAX = 4096, /* different certificates that are kept to be verified; certs_dropped() */
    CERTS_BYTES_MAX = 8 << 20,      /* the same in bytes */
    CHAINS_JUDGED_MAX = 512,        /* chains verified; trust_dropped() */
    PASSWORD_MAX = 1024,            /* bytes of the password given; an error */
    SCRAM_ITERATIONS_MAX = 1 << 20, /* of one exchange that is computed anew (a second or so), */
    SCRAM_ITERATIONS_ALL_MAX = 1 << 26, /* and of all together; password_dropped() */
    JA4_VALUES_MAX = 512, /* cipher suites, and signature algorithms, of a hello that has a JA4 */
    HISTORY_DEVICES_MAX = 4096, /* devices remembered; history_dropped() */
    HISTORY_PAST_MAX = 256,     /* attempts remembered of one device; past_dropped */
    HOSTS_MAX = 4096,           /* hosts whose names are remembered; later ones go without */
    DEVICE_ADDRS_MAX = 8,       /* addresses of one device that are listed */
    LOOKUPS_OPEN_MAX = 256,     /* name look-ups in progress; later ones are not judged */
    WORDS_SERVERS_MAX =
        1024,          /* addresses and names whose servers' words are known; words_dropped() */
    NAMES_MAX = 16384, /* name and address pairs remembered; later ones go without a name */
};

/* Default of --memory. */
#define MEMORY_DEFAULT ((size_t)64 << 20)

#endif
