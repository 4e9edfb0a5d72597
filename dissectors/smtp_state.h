/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Inside the SMTP dissector: what smtp.c (chunks and modes), smtp_device.c (the device's lines),
 * smtp_auth.c (its AUTH exchanges) and smtp_server.c (replies and their pairing) share.
 */
#ifndef MAILWHY_DISSECTORS_SMTP_STATE_H
#define MAILWHY_DISSECTORS_SMTP_STATE_H

#include "dissectors/lines.h"
#include "dissectors/sasl.h"
#include "dissectors/smtp.h"
#include "dissectors/smtp_command.h"
#include "dissectors/smtp_lists.h"
#include "dissectors/smtp_message.h"
#include "dissectors/smtp_queue.h"
#include "dissectors/smtp_reply.h"
#include "dissectors/smtp_secret.h"
#include "facts/sign_in.h"

/* What the device's bytes are. */
enum smtp_mode { MODE_COMMAND, MODE_AUTH, MODE_MESSAGE, MODE_CHUNK };

struct exchange {
    struct sasl identity;
    uint32_t first_frame, last_frame; /* of the last line */
    int64_t time;
    uint8_t mechanism;
    uint8_t number;       /* lines of the device so far */
    bool asked;           /* a 334 came since its last line */
    bool lost;            /* bytes are missing in it */
    bool malformed, told; /* the identity cannot be, or was, told */
    bool quit;            /* its last line was QUIT */
};

struct smtp {
    struct attempt *attempt;
    struct budget *budget;
    struct exchange *exchange; /* while one goes on, and memory was there */
    struct secrets *secrets;
    struct reply *reply;   /* of several lines, while it comes together */
    struct lists *lists;   /* capability lists read before; NULL = none */
    struct lines lines[2]; /* by enum side */
    struct message message;
    struct queue queue;  /* commands whose replies are due */
    uint32_t chunk_left; /* MODE_CHUNK: bytes of this BDAT */
    uint32_t mechanisms; /* AUTH_BIT()s of the last capability list */
    uint64_t held_to;    /* offset up to which device bytes came before the reply to STARTTLS */
    uint8_t mode;        /* enum smtp_mode */
    uint8_t noise[2];    /* by enum side: facts told of what is no SMTP */
    uint8_t strange[2];  /* lines that are no SMTP */
    uint8_t unknown_run; /* unknown commands told since the last known one */
    bool known_command, known_reply; /* one was seen */
    bool seen[2], gap[2];            /* by enum side: bytes, missing bytes */
    bool tls_noise[2];               /* a TLS record came where none was due */
    bool decrypted : 1;
    bool greeting_due : 1;
    bool pairs_lost : 1;   /* replies may answer commands that were not seen */
    bool careful : 1;      /* what comes may be a message or an exchange: believe strict commands */
    bool refused_data : 1; /* careful because DATA was refused: each line has its answer */
    bool body_read : 1;    /* the server took a message for commands: it may repeat its lines */
    bool server_spoke : 1; /* since the device's last line */
    bool auth_seen : 1;    /* unknown commands are secrets from now on */
    bool tentative : 1;    /* MODE_MESSAGE: DATA has no reply yet */
    bool replied : 1;      /* MODE_MESSAGE: the server has spoken in the middle of it */
    bool chunk_last : 1;   /* MODE_CHUNK: BDAT LAST */
    bool starttls_sent : 1;     /* and has no reply yet */
    bool starttls_possible : 1; /* for all that is known it may come, or may have come in a gap */
    bool released : 1;          /* the hold behind STARTTLS ended without a reply */
    bool tls_due : 1;           /* TLS may begin at the next line of either side */
    bool early : 1;             /* smtp_early() reads */
    bool listing : 1;           /* what the server says in this chunk may be a list, whole */
    bool secrets_lost : 1;      /* no memory to keep them: the next replies' texts are blanked */
    bool said_lhlo : 1, said_hello : 1;
    bool gave_up : 1;
};

/* HOUSE.md: a quiet mail conversation stays small. */
_Static_assert(sizeof(struct smtp) <= 264, "struct smtp grew");

/* What all facts of a line have: its frames, time and flags; what their kind adds is the caller's
 * to fill, and the rest of the union stays as it is. And into the timeline. */
void smtp_fact(const struct smtp *s, struct fact *fact, enum fact_kind kind, enum side from,
               const struct line *line);
void smtp_tell(struct smtp *s, const struct fact *fact);
/* Bounded: the first few of a side. */
void smtp_noise(struct smtp *s, enum side from, const struct line *line, enum smtp_noise what);
/* The whole line, or len bytes of its text from at on, is a secret. */
void smtp_mark_secret(struct smtp *s, const struct line *line, size_t at, size_t len);
void smtp_keep_secret(struct smtp *s, struct bytes secret, enum secret_forms forms);
/* Once all was answered no reply will repeat one: wipes them. */
void smtp_forget_secrets(struct smtp *s);
/* There was no memory to keep a line (or the reply that it belongs to): as if the capture lacked
 * it. */
void smtp_line_lost(struct smtp *s, enum side from, const struct line *line);
/* The message at hand is over: told where anything of it was seen. */
void smtp_message_over(struct smtp *s, bool complete);

/* smtp_device.c */
void smtp_device_line(struct smtp *s, const struct line *line, const struct chunk *chunk);

/* smtp_auth.c */
/* An AUTH command was read. */
void smtp_auth_command(struct smtp *s, const struct line *line, const struct smtp_command *c);
/* A device line in MODE_AUTH; false when it is a command that ends the exchange. */
bool smtp_auth_line(struct smtp *s, const struct line *line, const struct smtp_command *c);
/* A device line that is part of the exchange; looks_like: the command that it could be,
 * SMTP_UNKNOWN_VERB where it is none as the RFC writes it. */
void smtp_auth_answer(struct smtp *s, const struct line *line, enum smtp_verb looks_like);
/* A 334: the device's answer is due. */
void smtp_auth_asked(struct smtp *s);
/* The exchange is over. */
void smtp_auth_over(struct smtp *s);

/* smtp_server.c */
/* VERDICT_OK, VERDICT_HAND_OVER behind the line, VERDICT_GIVE_UP. */
enum verdict smtp_server_line(struct smtp *s, const struct line *line, const struct chunk *chunk);
/* The chunk is a capability list that was read before: taken as a whole. False: it is not known. */
bool smtp_server_listed(struct smtp *s, const struct chunk *chunk, enum verdict *verdict);
/* Bytes are missing inside a line of it: a reply whose code was seen is told all the same. */
void smtp_server_torn(struct smtp *s);
/* The stream ended inside a reply. */
void smtp_server_end(struct smtp *s);

#endif
