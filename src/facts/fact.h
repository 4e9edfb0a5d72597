/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The vocabulary: all that can be seen of a mail conversation. Facts say what was seen, never what
 * it means: "reply 535 to AUTH" is a fact, "wrong password" is not. Secrets are not in it. Views
 * (struct bytes) in a fact point into its timeline's own storage once it was added.
 */
#ifndef MAILWHY_FACTS_FACT_H
#define MAILWHY_FACTS_FACT_H

#include "base/addr.h"
#include "base/bytes.h"
#include "base/time.h"

enum side { SIDE_DEVICE, SIDE_SERVER }; /* the device opened the connection */

static inline enum side side_other(enum side s)
{
    return s == SIDE_DEVICE ? SIDE_SERVER : SIDE_DEVICE;
}

enum origin { ORIGIN_SEEN, ORIGIN_DECRYPTED, ORIGIN_INFERRED, ORIGIN_COMPUTED };

enum fact_flag {
    FACT_AFTER_GAP = 1,     /* bytes are missing in this direction somewhere before it */
    FACT_RETRANSMITTED = 2, /* (part of) its bytes came by a retransmission */
    FACT_CLIPPED = 4,       /* a text in it was shortened */
};

enum fact_kind {
    /* transport (RFC 9293), by flow */
    FACT_SYN, /* one for each SYN of the device, repeats too */
    FACT_SYN_ACK,
    FACT_OPEN, /* the handshake is complete (the device's ACK, or data, was seen) */
    FACT_FIN,
    FACT_RST,
    FACT_RESEND, /* a run of retransmissions of one stretch of data */
    FACT_ZERO_WINDOW,
    FACT_GAP,      /* bytes that the capture lacks */
    FACT_CONFLICT, /* an overlap whose bytes differ; the first were taken */
    FACT_ICMP,     /* an ICMP error that quotes this connection */
    /* what is spoken */
    FACT_OTHER_PROTOCOL, /* not SMTP and not TLS: named by its first bytes or by nDPI */
    /* SMTP (RFC 5321), by dissectors/smtp */
    FACT_SMTP_COMMAND,
    FACT_SMTP_REPLY,
    FACT_SMTP_CAPABILITIES, /* after the reply to EHLO or HELO that lists them, same frames */
    FACT_AUTH,              /* an AUTH command: the mechanism, never its initial response */
    FACT_AUTH_STEP,         /* one line of the device inside the exchange, without its content */
    FACT_AUTH_IDENTITY,     /* what a well-formed exchange says beside the secret */
    FACT_MESSAGE,           /* one message body, at its end or where it broke off */
    FACT_SMTP_NOISE,        /* a line that is no SMTP */
    /* TLS (RFC 5246, 8446), by dissectors/tls */
    FACT_CLIENT_HELLO,
    FACT_SERVER_HELLO, /* HelloRetryRequest too */
    FACT_CERTIFICATE,  /* a Certificate message, empty ones too */
    FACT_KEY_EXCHANGE, /* ServerKeyExchange */
    FACT_CERTIFICATE_REQUEST,
    FACT_SERVER_HELLO_DONE,
    FACT_CLIENT_KEY_EXCHANGE,
    FACT_ENCRYPTED, /* this side's first encrypted record (after ChangeCipherSpec; 1.3: first application_data type) */
    FACT_TLS_UP, /* the handshake came to its end on both sides, as far as the wire shows */
    FACT_TLS_ALERT,
    FACT_TLS_BROKEN, /* bytes that are no TLS record, where TLS was due */
    /* names (RFC 1035), by history/lookups; of an attempt that is a look-up */
    FACT_DNS_QUERY,
    FACT_DNS_ANSWER,
    FACT_POP3_SIGN_IN, /* what became of a sign-in to fetch mail (RFC 1939), by dissectors/pop3; of an ATTEMPT_POP3 */
    FACT_DROPPED, /* facts left out because a limit was reached: how many */
    FACT_KINDS,
};

#define FACT_BIT(kind) (UINT64_C(1) << (kind))

enum smtp_verb {
    SMTP_NO_VERB, /* the greeting answers this */
    SMTP_EHLO,
    SMTP_HELO,
    SMTP_LHLO,
    SMTP_STARTTLS,
    SMTP_AUTH,
    SMTP_MAIL,
    SMTP_RCPT,
    SMTP_DATA,
    SMTP_BDAT,
    SMTP_RSET,
    SMTP_NOOP,
    SMTP_QUIT,
    SMTP_VRFY,
    SMTP_EXPN,
    SMTP_HELP,
    SMTP_ETRN,
    SMTP_XCLIENT,
    SMTP_BURL,
    SMTP_UNKNOWN_VERB,
    SMTP_AUTH_STEP,   /* not a command: a line inside an AUTH exchange */
    SMTP_MESSAGE_END, /* not a command: the final dot, or the data of BDAT LAST */
    SMTP_VERBS,
};

/* The step that a reply answers; the words of the reply table's step column. */
enum smtp_step {
    STEP_GREETING,
    STEP_EHLO,
    STEP_STARTTLS,
    STEP_AUTH,
    STEP_MAIL,
    STEP_RCPT,
    STEP_DATA,
    STEP_END,
    STEP_RSET,
    STEP_QUIT,
    STEP_OTHER,
    STEP_UNASKED, /* a reply when none was due: 421 out of the blue, or pairs lost after a gap */
    SMTP_STEPS,
};

enum auth_mechanism {
    AUTH_NONE,
    AUTH_PLAIN,
    AUTH_LOGIN,
    AUTH_CRAM_MD5,
    AUTH_DIGEST_MD5,
    AUTH_NTLM,
    AUTH_GSSAPI,
    AUTH_SCRAM_SHA_1,
    AUTH_SCRAM_SHA_256,
    AUTH_SCRAM_SHA_1_PLUS,
    AUTH_SCRAM_SHA_256_PLUS,
    AUTH_XOAUTH2,
    AUTH_OAUTHBEARER,
    AUTH_EXTERNAL,
    AUTH_ANONYMOUS,
    AUTH_OTHER,
    AUTH_MECHANISMS,
};

#define AUTH_BIT(m) (UINT32_C(1) << (m))

struct fact_syn {
    uint32_t seq;
    uint16_t mss;
    uint8_t window_scale;
    uint8_t ttl;
    bool fast_open;
    uint16_t repeat; /* 0 = the first */
};
struct fact_syn_ack {
    uint16_t mss;
    uint8_t ttl;
};
struct fact_fin {
    uint64_t offset; /* stream offset behind this side's last byte */
};
struct fact_rst {
    uint8_t ttl, usual_ttl; /* usual: of this side's other packets; 0 = none seen */
    uint16_t ip_id;
    bool answers_syn; /* refused: RST+ACK to a SYN */
    bool plain;       /* without an ACK: what it followed is not known */
    bool after_fin;   /* both sides had closed, or this side had: a late RST that says little */
};
struct fact_resend {
    uint64_t offset; /* where the resent stretch begins */
    uint32_t bytes;
    uint16_t count;    /* how often */
    bool acknowledged; /* in the end */
    uint32_t largest;  /* bytes of the largest segment in it */
};
struct fact_gap {
    uint64_t offset, bytes; /* 0 = not known */
};
struct fact_icmp {
    uint8_t type, code;
    bool v6;
    bool quotes_syn;
    uint32_t mtu;
    struct ip_addr by;
};
struct fact_other_protocol {
    const char *name; /* a constant: "HTTP", "SSH", "IMAP", "POP3", "FTP", … */
};

struct fact_smtp_command {
    uint8_t verb;     /* enum smtp_verb */
    struct bytes arg; /* EHLO name, MAIL/RCPT path with parameters, the unknown verb's own word;
                                empty for AUTH and wherever a secret could be */
    bool bare_lf, bare_cr; /* the line ended in LF alone, in CR alone */
    bool early;            /* sent before the greeting, or behind STARTTLS in clear text */
    bool pipelined;        /* sent before the last command's reply was there */
    bool secret;           /* its text was left out, since it may hold a secret */
    uint32_t size;         /* MAIL SIZE=, BDAT size; 0 = none */
    bool last;             /* BDAT LAST */
};

struct smtp_enhanced {
    uint8_t class;
    uint16_t subject, detail;
}; /* RFC 3463; class 0 = none */

struct fact_smtp_reply {
    uint16_t code;  /* 0: not known, the reply is inferred */
    uint8_t answer; /* enum inferred_answer, of an inferred one */
    uint8_t step;   /* enum smtp_step: what it answers */
    uint8_t verb;   /* enum smtp_verb: which command */
    bool mixed;     /* its lines carry different codes, or no CRLF, or other bad form */
    struct smtp_enhanced enhanced;
    uint16_t lines;
    uint32_t command_frame; /* of the command answered, 0 = none */
    struct bytes text;      /* all lines without codes, joined by a space; secrets blanked */
};

struct fact_smtp_capabilities {
    bool esmtp; /* the reply was to EHLO and had more than one line or a known keyword */
    bool starttls, pipelining, chunking, eight_bit, smtputf8, dsn, requiretls;
    bool auth;               /* an AUTH keyword, with or without mechanisms */
    bool auth_old_form;      /* AUTH=… */
    bool overwritten;        /* a keyword that looks overwritten: XXXXXXXA, or X-only words */
    uint32_t mechanisms;     /* AUTH_BIT()s */
    uint32_t size;           /* SIZE; 0 = none or no limit */
    struct bytes auth_words; /* the mechanisms as listed, each once, upper case, by a space */
    uint16_t count;          /* keywords */
};

struct fact_auth {
    uint8_t mechanism;
    bool initial_response;
    bool advertised;   /* in the last capability list of this layer */
    struct bytes name; /* upper case */
};
struct fact_auth_step {
    uint8_t number; /* 1 = the first line of the device after AUTH (or the initial response) */
    bool cancel;    /* "*" */
    bool empty;
    bool base64;             /* well-formed base64 */
    bool looks_like_command; /* a known verb where a response was due */
};
struct fact_auth_identity {
    struct bytes user; /* authentication identity */
    bool empty_password, user_has_domain, user_trailing_blank, password_trailing_blank;
    bool password_known; /* the mechanism shows it: the two password flags mean something */
};

struct fact_message {
    uint64_t bytes; /* after the DATA or BDAT command, dot-stuffing removed */
    uint32_t longest_line;
    bool complete; /* the final dot (or BDAT LAST's data) was seen */
    bool bare_lf, bare_cr;
    bool lf_dot_end;          /* ended by LF . LF or another false end that stood alone */
    bool bdat, gap;           /* bytes are missing in it */
    struct bytes from_header; /* address in its From line; empty = none seen */
};

enum smtp_noise { NOISE_NOT_SMTP, NOISE_LINE_TOO_LONG, NOISE_BINARY, NOISE_TLS_RECORD };
struct fact_smtp_noise {
    uint8_t what; /* enum smtp_noise */
};

enum { JA4_TEXT_SIZE = 37 };

struct fact_client_hello { /* RFC 8446 4.1.2 */
    uint16_t newest; /* newest version offered, GREASE left out: 0x0002 SSL 2.0, 0x0300 … 0x0304;
                                0 = not known: the hello is cut short (FACT_CLIPPED) */
    uint16_t legacy_version, record_version;
    bool sslv2_form; /* an SSLv2-style hello */
    bool fallback_scsv, session_ticket, resumes /* session id or PSK offered */, has_groups,
        has_signatures, early_data;
    bool second;             /* after a HelloRetryRequest, or a renegotiation in clear */
    uint32_t clock;          /* gmt_unix_time of its random; only old stacks put a clock there */
    struct bytes ciphers;    /* pairs of bytes as on the wire (3 bytes each in the SSLv2 form) */
    struct bytes groups;     /* pairs of bytes */
    struct bytes signatures; /* pairs of bytes */
    struct bytes sni, alpn;  /* alpn: first protocol */
    struct bytes extensions; /* their types in order, pairs of bytes */
    struct bytes versions;   /* supported_versions, pairs of bytes */
    char ja4[JA4_TEXT_SIZE]; /* "" = none: the hello is cut short, or in the SSLv2 form */
};

struct fact_server_hello {
    uint16_t version, cipher;
    bool retry;     /* HelloRetryRequest */
    bool resumed;   /* as far as seen: an abbreviated handshake (<= 1.2) or a PSK was taken (1.3) */
    uint16_t group; /* key_share (1.3); 0 = none */
};

enum key_type { KEY_UNKNOWN, KEY_RSA, KEY_EC, KEY_DSA, KEY_ED };
enum { CERTIFICATE_CHAIN_MAX = 10 };
struct fact_certificate { /* the end-entity certificate, first in the message (RFC 5280) */
    uint8_t count;        /* certificates in the message; 0 = an empty list */
    bool readable;        /* OpenSSL could read the first */
    bool self_signed, incomplete /* part of the message is missing */;
    uint8_t key_type;
    uint16_t key_bits;
    int64_t not_before, not_after; /* ns since 1970 */
    int64_t chain_not_after; /* the earliest end among the others in the chain; TIME_NONE without */
    struct bytes subject;    /* common name, else the whole name */
    struct bytes issuer;     /* common name, else organisation */
    struct bytes top_issuer; /* issuer of the last certificate in the message */
    struct bytes names;      /* subjectAltName DNS names and IP addresses, by a space */
    uint16_t chain
        [CERTIFICATE_CHAIN_MAX]; /* the first ones by their numbers in facts/certs; 0 = no more, or not kept */
};

enum key_exchange_kind { KX_UNKNOWN, KX_DH, KX_ECDH, KX_RSA_EXPORT };
struct fact_key_exchange {
    uint8_t kind;
    uint16_t bits;
    uint16_t group;
};
struct fact_certificate_request {
    uint16_t authorities;
};
struct fact_tls_up {
    uint16_t version, cipher; /* 0 = the ServerHello was not seen */
    bool resumed;
};

enum alert_level { ALERT_WARNING = 1, ALERT_FATAL = 2, ALERT_ENCRYPTED = 0 };
enum tls_step { /* where in the handshake the other side's last message stood */
                TLS_STEP_NOTHING,
                TLS_STEP_CLIENT_HELLO,
                TLS_STEP_SERVER_HELLO,
                TLS_STEP_CERTIFICATE,
                TLS_STEP_KEY_EXCHANGE,
                TLS_STEP_HELLO_DONE,
                TLS_STEP_CLIENT_FLIGHT,
                TLS_STEP_UP,
};
struct fact_tls_alert {
    uint8_t level; /* enum alert_level; ALERT_ENCRYPTED: neither level nor code can be read */
    uint8_t code;
    uint8_t step; /* enum tls_step when it came */
};
struct fact_tls_broken {
    bool smtp_text; /* the bytes look like SMTP lines */
};
struct fact_dropped {
    uint32_t count;
};
struct fact_pop3 {
    bool known, accepted; /* known: what the server said was seen */
    struct bytes text;    /* its words, secrets blanked */
};
struct fact_dns {
    uint16_t type;     /* what was asked for: 1 = A, 28 = AAAA, … */
    uint8_t rcode;     /* of an answer: 0 NOERROR, 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED */
    uint8_t addresses; /* of an answer: how many it holds */
    bool same_name;    /* the name that the look-up is of, not one with a search suffix */
    struct bytes name;
};

struct fact {
    uint8_t kind;                     /* enum fact_kind */
    uint8_t origin;                   /* enum origin */
    uint8_t from;                     /* enum side */
    uint8_t flags;                    /* enum fact_flag */
    uint32_t first_frame, last_frame; /* of its bytes; the decisive frame is last_frame */
    int64_t time;                     /* of last_frame */
    union {
        struct fact_syn syn;
        struct fact_syn_ack syn_ack;
        struct fact_fin fin;
        struct fact_rst rst;
        struct fact_resend resend;
        struct fact_gap gap;
        struct fact_icmp icmp;
        struct fact_other_protocol other_protocol;
        struct fact_smtp_command command;
        struct fact_smtp_reply reply;
        struct fact_smtp_capabilities capabilities;
        struct fact_auth auth;
        struct fact_auth_step auth_step;
        struct fact_auth_identity identity;
        struct fact_message message;
        struct fact_smtp_noise noise;
        struct fact_client_hello client_hello;
        struct fact_server_hello server_hello;
        struct fact_certificate certificate;
        struct fact_key_exchange key_exchange;
        struct fact_certificate_request certificate_request;
        struct fact_tls_up tls_up;
        struct fact_tls_alert alert;
        struct fact_tls_broken tls_broken;
        struct fact_dropped dropped;
        struct fact_pop3 pop3;
        struct fact_dns dns;
    };
};

/* The word of --timeline: "client-hello", "reply", … */
const char *fact_kind_name(enum fact_kind kind);
/* "EHLO", "MAIL" …; "" for what is no command. */
const char *smtp_verb_name(enum smtp_verb verb);
/* "greeting", "ehlo", … */
const char *smtp_step_name(enum smtp_step step);
/* "CRAM-MD5"; "" for AUTH_NONE and AUTH_OTHER. */
/* Bytes of a reply on the wire: each line has code, separator and CRLF, the text joins them by
 * blanks. 0 = not known, or beyond 65535. */
uint16_t fact_reply_bytes(const struct fact *f);
const char *auth_mechanism_name(enum auth_mechanism mechanism);
enum auth_mechanism auth_mechanism_from(struct bytes name);

#endif
