/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The grammar of an SMTP dialogue as far as lengths and turns show it: which message of which
 * length may follow which (RFC 5321, 4954), each with a probability. Tables alone; infer_align.c
 * walks them. docs/inference.md tells them as prose.
 */
#ifndef MAILWHY_DERIVE_INFER_MODEL_H
#define MAILWHY_DERIVE_INFER_MODEL_H

#include "facts/fact.h"

/* How long a message can be, CRLF included: single lengths that are known (peaks, in percent), else
 * evenly spread over the usual range, and a little over all that is possible. */
enum { INFER_PEAKS = 8 };
struct infer_shape {
    uint16_t low, high; /* usual */
    uint16_t min, max;  /* possible */
    uint8_t step, rest; /* length % step == rest: base64 comes in fours; 0 = any */
    bool log;           /* spread evenly over the logarithm: a message body */
    bool joins;         /* may come in several records */
    bool echoes;        /* repeats the command's address: sure.low is its length without it */
    struct {
        uint16_t length;
        uint8_t percent;
    } peaks[INFER_PEAKS];
    struct {
        uint16_t low, high, permille;
    } sure; /* what is known better, before all of that */
};

/* What is longer is a message body as well, and no more is known of it. */
enum { INFER_BODY_MAX = 60000 };

/* Messages are told apart by who says them. */
enum infer_message {
    /* of the device */
    MSG_EHLO,
    MSG_AUTH_PLAIN_IR,
    MSG_AUTH_BARE /* AUTH PLAIN and AUTH LOGIN are equally long */,
    MSG_AUTH_LOGIN_IR,
    MSG_AUTH_CRAM,
    MSG_AUTH_DIGEST,
    MSG_AUTH_NTLM,
    MSG_AUTH_NTLM_IR,
    MSG_AUTH_TOKEN,
    MSG_AUTH_SCRAM_1,
    MSG_AUTH_SCRAM_256,
    MSG_USER,
    MSG_PASSWORD,
    MSG_PLAIN_ANSWER,
    MSG_CRAM_ANSWER,
    MSG_LONG_ANSWER,
    MSG_EMPTY,
    MSG_CANCEL,
    MSG_MAIL,
    MSG_RCPT,
    MSG_FOUR /* DATA, QUIT, RSET, NOOP */,
    MSG_BDAT,
    MSG_BODY,
    /* of the server */
    MSG_GREETING,
    MSG_LIST,
    MSG_LIST_LINE /* one of it, where each comes in a record of its own */,
    MSG_GO,
    MSG_GO_NAMED,
    MSG_CRAM_CHALLENGE,
    MSG_CHALLENGE,
    MSG_LAST_CHALLENGE,
    MSG_TOKEN_ERROR,
    MSG_AUTH_OK,
    MSG_AUTH_NO,
    MSG_MAIL_OK,
    MSG_RCPT_OK,
    MSG_NO,
    MSG_DATA_NO,
    MSG_MESSAGE_NO,
    MSG_DATA_GO,
    MSG_SENT,
    MSG_RSET_OK,
    MSG_BYE,
    MSG_ANY,
    MSG_COUNT,
};
extern const struct infer_shape infer_shapes[MSG_COUNT];

/* What kind of server it is shows in many replies at once: a family narrows the shapes of its own
 * words. */
enum { INFER_FAMILY_WORDS = 12, INFER_FAMILIES_MAX = 32 /* bits of a set */ };
struct infer_word { /* becomes sure */
    uint8_t message;
    uint16_t permille, low, high;
    bool echoes;
};
struct infer_family {
    const char *name;
    const char *banner; /* in its greeting (RFC 5321 4.2); NULL = none */
    uint16_t permille;  /* of all servers */
    struct infer_word words[INFER_FAMILY_WORDS];
    bool sender_late; /* by itself it refuses a sender in answer to RCPT */
};
extern const struct infer_family infer_families[]; /* the first: of no known kind */
extern const size_t infer_family_count;

/* Where the device stands: what the last reply told it, or what it has said and not been answered.
 * */
enum infer_state {
    AT_BEGIN, /* TLS is up; after STARTTLS a second EHLO is due (RFC 3207 4.2) */
    AT_READY, /* the capability list was heard */
    AT_USER,
    AT_PASSWORD, /* asked for by LOGIN */
    AT_PLAIN,
    AT_CRAM,
    AT_LONG,
    AT_LAST,
    AT_TOKEN_ERROR,
    AT_SIGNED_IN,
    AT_AUTH_REFUSED,
    AT_MAIL,
    AT_MAIL_REFUSED,
    AT_RCPT,
    AT_RCPT_REFUSED,
    AT_BODY,
    AT_SENT,
    AT_MESSAGE_REFUSED,
    AT_RESET,
    AT_BYE,
    /* unanswered: what pipelining allows to follow (RFC 2920) */
    SAID_MAIL,
    SAID_RCPT,
    SAID_MESSAGE,
    SAID_RSET,
    SAID_OTHER,
    AT_STATES, /* as the target of an answer: where it stood before */
};

/* What the server owes a reply to. */
enum infer_owed {
    OWED_GREETING,
    OWED_EHLO,
    OWED_BARE /* AUTH PLAIN or AUTH LOGIN */,
    OWED_PASSWORD,
    OWED_CRAM,
    OWED_LONG,
    OWED_NTLM,
    OWED_TOKEN,
    OWED_VERDICT,
    OWED_MAIL,
    OWED_RCPT,
    OWED_DATA,
    OWED_MESSAGE,
    OWED_RSET,
    OWED_NOOP,
    OWED_QUIT,
    OWED_KINDS,
};

enum infer_effect {
    DOES_NOTHING,
    DOES_HELLO,
    DOES_AUTH,
    DOES_ANSWER,
    DOES_ACCEPT_AUTH,
    DOES_REFUSE_AUTH,
    DOES_MAIL,
    DOES_REFUSE_MAIL,
    DOES_ACCEPT_RCPT,
    DOES_REFUSE_RCPT,
    DOES_DATA,
    DOES_REFUSE_DATA,
    DOES_SEND,
    DOES_REFUSE_MESSAGE,
    DOES_QUIT,
};

/* What the device may say. */
struct infer_said {
    uint8_t at, message, owes;
    uint16_t permille /* of all that is said there */;
    uint8_t effect, method;
};
extern const struct infer_said infer_said[];
extern const size_t infer_said_count;

/* What the server may answer. method: of the mechanism that only this answer tells; AUTH_NONE = as
 * before. */
struct infer_answer {
    uint8_t owed, message, percent, to, effect, method;
};
extern const struct infer_answer infer_answers[];
extern const size_t infer_answer_count;

/* How probable it is that the connection ends here, in permille. */
extern const uint16_t infer_ends[AT_STATES];

#endif
