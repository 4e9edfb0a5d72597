/* SPDX-License-Identifier: BSD-3-Clause */
#include "derive/infer_model.h"

/* Tables are read by columns. */
/* clang-format off */

/* Lengths of whole lines with CRLF: usual from, to; possible from, to. Peaks: the words of RFC
 * 4954, and what known servers say. */
#define EXACT(length)     length, length, length, length
#define BASE64(rest_by_4) .step = 4, .rest = rest_by_4
#define JOINS             .joins = true

const struct infer_shape infer_shapes[MSG_COUNT] = {
    [MSG_EHLO] = { 9, 40, 6, 262 },
    [MSG_AUTH_PLAIN_IR] = { 33, 77, 21, 400, BASE64(1) },
    [MSG_AUTH_BARE] = { EXACT(12) },
    [MSG_AUTH_LOGIN_IR] = { 21, 53, 17, 200, BASE64(1) },
    [MSG_AUTH_CRAM] = { EXACT(15) },
    [MSG_AUTH_DIGEST] = { EXACT(17) },
    [MSG_AUTH_NTLM] = { EXACT(11) },
    [MSG_AUTH_NTLM_IR] = { 56, 100, 48, 200, BASE64(0) },
    [MSG_AUTH_TOKEN] = { 200, 4000, 60, 12288, BASE64(3) },
    [MSG_AUTH_SCRAM_1] = { 59, 111, 43, 200, BASE64(3) },
    [MSG_AUTH_SCRAM_256] = { 61, 113, 45, 200, BASE64(1) },
    [MSG_USER] = { 6, 46, 2, 300, BASE64(2) },
    [MSG_PASSWORD] = { 10, 26, 2, 200, BASE64(2) },
    [MSG_PLAIN_ANSWER] = { 22, 74, 10, 400, BASE64(2) },
    [MSG_CRAM_ANSWER] = { 54, 94, 46, 300, BASE64(2) },
    [MSG_LONG_ANSWER] = { 90, 500, 50, 2000, BASE64(2) },
    [MSG_EMPTY] = { EXACT(2) },
    [MSG_CANCEL] = { EXACT(3) },
    [MSG_MAIL] = { 24, 58, 14, 280 },
    [MSG_RCPT] = { 22, 42, 14, 260 },
    [MSG_FOUR] = { EXACT(6) },
    [MSG_BDAT] = { 100, INFER_BODY_MAX, 40, INFER_BODY_MAX, .log = true, JOINS },
    [MSG_BODY] = { 40, INFER_BODY_MAX, 12, INFER_BODY_MAX, .log = true, JOINS },
    [MSG_GREETING] = { 14, 110, 8, 800, JOINS },
    [MSG_LIST] = { 34, 280, 12, 1500, JOINS },
    [MSG_LIST_LINE] = { 9, 50, 6, 200, /* 8BITMIME and others, HELP, SIZE, PIPELINING, ENHANCEDSTATUSCODES, DSN */
        .peaks = { { 14, 22 }, { 10, 12 }, { 19, 8 }, { 16, 8 }, { 25, 5 }, { 9, 3 } } },
    [MSG_GO] = { 6, 6, 5, 40, .peaks = { { 6, 80 } } },
    [MSG_GO_NAMED] = { 18, 18, 6, 60, BASE64(2), .peaks = { { 18, 85 } } },
    [MSG_CRAM_CHALLENGE] = { 42, 94, 30, 200, BASE64(2) },
    [MSG_CHALLENGE] = { 90, 400, 50, 2000, BASE64(2) },
    [MSG_LAST_CHALLENGE] = { 38, 90, 30, 200, BASE64(2) },
    [MSG_TOKEN_ERROR] = { 60, 400, 30, 1000, BASE64(2) },
    [MSG_AUTH_OK] = { 8, 60, 6, 160, JOINS,
        .peaks = { { 37, 15 }, { 31, 12 }, { 30, 6 }, { 20, 5 }, { 38, 4 }, { 36, 4 }, { 28, 4 }, { 14, 2 } } },
    [MSG_AUTH_NO] = { 26, 130, 8, 700, JOINS,
        .peaks = { { 35, 3 }, { 64, 3 }, { 62, 3 }, { 54, 3 }, { 33, 2 }, { 34, 2 }, { 27, 3 }, { 28, 3 } } },
    [MSG_MAIL_OK] = { 6, 80, 6, 300, .peaks = { { 14, 40 }, { 8, 20 } } },
    [MSG_RCPT_OK] = { 6, 90, 6, 300, .peaks = { { 14, 50 }, { 8, 8 } } },
    [MSG_NO] = { 12, 140, 8, 900, JOINS },
    [MSG_DATA_NO] = { 20, 130, 8, 900, JOINS, .peaks = { { 38, 15 }, { 36, 8 } } },
    [MSG_MESSAGE_NO] = { 14, 90, 8, 900, JOINS },
    [MSG_DATA_GO] = { 7, 70, 6, 120,
        .peaks = { { 37, 20 }, { 56, 6 }, { 46, 8 }, { 50, 8 }, { 14, 6 } } },
    [MSG_SENT] = { 8, 60, 6, 260, JOINS },
    [MSG_RSET_OK] = { 6, 40, 6, 120, .peaks = { { 14, 45 }, { 8, 15 } } },
    [MSG_BYE] = { 8, 70, 6, 200, JOINS, .peaks = { { 15, 35 } } },
    [MSG_ANY] = { 8, 200, 2, 4000, .log = true, JOINS },
};

#define SIGN_IN(at, part)                                                                          \
    { at, MSG_AUTH_PLAIN_IR, OWED_VERDICT, 26 * (part), DOES_AUTH, AUTH_PLAIN },                   \
        { at, MSG_AUTH_BARE, OWED_BARE, 20 * (part), DOES_AUTH, AUTH_OTHER },                      \
        { at, MSG_AUTH_LOGIN_IR, OWED_PASSWORD, 7 * (part), DOES_AUTH, AUTH_LOGIN },               \
        { at, MSG_AUTH_CRAM, OWED_CRAM, 12 * (part), DOES_AUTH, AUTH_CRAM_MD5 },                   \
        { at, MSG_AUTH_DIGEST, OWED_LONG, 3 * (part), DOES_AUTH, AUTH_DIGEST_MD5 },                \
        { at, MSG_AUTH_NTLM, OWED_NTLM, 2 * (part), DOES_AUTH, AUTH_NTLM },                        \
        { at, MSG_AUTH_NTLM_IR, OWED_LONG, 1 * (part), DOES_AUTH, AUTH_NTLM },                     \
        { at, MSG_AUTH_TOKEN, OWED_TOKEN, 3 * (part), DOES_AUTH, AUTH_XOAUTH2 },                   \
        { at, MSG_AUTH_SCRAM_1, OWED_LONG, 2 * (part), DOES_AUTH, AUTH_SCRAM_SHA_1 },              \
    {                                                                                              \
        at, MSG_AUTH_SCRAM_256, OWED_LONG, 2 * (part), DOES_AUTH, AUTH_SCRAM_SHA_256               \
    }

const struct infer_said infer_said[] = {
    { AT_BEGIN, MSG_EHLO, OWED_EHLO, 920, DOES_HELLO, 0 },
    { AT_BEGIN, MSG_FOUR, OWED_QUIT, 20, DOES_QUIT, 0 },
    { AT_BEGIN, MSG_MAIL, OWED_MAIL, 32, DOES_MAIL, 0 },
    { AT_BEGIN, MSG_AUTH_PLAIN_IR, OWED_VERDICT, 32, DOES_AUTH, AUTH_PLAIN },
    { AT_BEGIN, MSG_AUTH_BARE, OWED_BARE, 32, DOES_AUTH, AUTH_OTHER },
    { AT_BEGIN, MSG_AUTH_CRAM, OWED_CRAM, 20, DOES_AUTH, AUTH_CRAM_MD5 },

    SIGN_IN(AT_READY, 8),
    { AT_READY, MSG_MAIL, OWED_MAIL, 60, DOES_MAIL, 0 },
    { AT_READY, MSG_FOUR, OWED_QUIT, 50, DOES_QUIT, 0 },
    { AT_READY, MSG_EHLO, OWED_EHLO, 8, DOES_HELLO, 0 },
    { AT_READY, MSG_FOUR, OWED_RSET, 8, DOES_NOTHING, 0 },

    { AT_USER, MSG_USER, OWED_PASSWORD, 960, DOES_ANSWER, 0 },
    { AT_USER, MSG_CANCEL, OWED_VERDICT, 20, DOES_NOTHING, 0 },
    { AT_PASSWORD, MSG_PASSWORD, OWED_VERDICT, 960, DOES_ANSWER, 0 },
    { AT_PASSWORD, MSG_CANCEL, OWED_VERDICT, 20, DOES_NOTHING, 0 },
    { AT_PLAIN, MSG_PLAIN_ANSWER, OWED_VERDICT, 960, DOES_ANSWER, 0 },
    { AT_PLAIN, MSG_CANCEL, OWED_VERDICT, 20, DOES_NOTHING, 0 },
    { AT_CRAM, MSG_CRAM_ANSWER, OWED_VERDICT, 960, DOES_ANSWER, 0 },
    { AT_CRAM, MSG_CANCEL, OWED_VERDICT, 20, DOES_NOTHING, 0 },
    { AT_LONG, MSG_LONG_ANSWER, OWED_LONG, 960, DOES_ANSWER, 0 },
    { AT_LONG, MSG_CANCEL, OWED_VERDICT, 20, DOES_NOTHING, 0 },
    { AT_LAST, MSG_EMPTY, OWED_VERDICT, 960, DOES_ANSWER, 0 },
    { AT_TOKEN_ERROR, MSG_EMPTY, OWED_VERDICT, 800, DOES_ANSWER, 0 },
    { AT_TOKEN_ERROR, MSG_CANCEL, OWED_VERDICT, 120, DOES_ANSWER, 0 },

    { AT_SIGNED_IN, MSG_MAIL, OWED_MAIL, 920, DOES_MAIL, 0 },
    { AT_SIGNED_IN, MSG_FOUR, OWED_QUIT, 8, DOES_QUIT, 0 },
    { AT_SIGNED_IN, MSG_EHLO, OWED_EHLO, 8, DOES_HELLO, 0 },
    { AT_SIGNED_IN, MSG_FOUR, OWED_RSET, 12, DOES_NOTHING, 0 },

    { AT_AUTH_REFUSED, MSG_FOUR, OWED_QUIT, 560, DOES_QUIT, 0 },
    { AT_AUTH_REFUSED, MSG_FOUR, OWED_RSET, 40, DOES_NOTHING, 0 },
    { AT_AUTH_REFUSED, MSG_MAIL, OWED_MAIL, 25, DOES_MAIL, 0 },
    { AT_AUTH_REFUSED, MSG_EHLO, OWED_EHLO, 9, DOES_HELLO, 0 },
    { AT_AUTH_REFUSED, MSG_CANCEL, OWED_NOOP, 25, DOES_NOTHING, 0 }, /* of an exchange that is over */
    SIGN_IN(AT_AUTH_REFUSED, 3),

    { AT_MAIL, MSG_RCPT, OWED_RCPT, 940, DOES_NOTHING, 0 },
    { AT_MAIL, MSG_FOUR, OWED_RSET, 4, DOES_NOTHING, 0 },
    { AT_MAIL, MSG_FOUR, OWED_QUIT, 1, DOES_QUIT, 0 },
    { AT_MAIL_REFUSED, MSG_FOUR, OWED_QUIT, 600, DOES_QUIT, 0 },
    { AT_MAIL_REFUSED, MSG_FOUR, OWED_RSET, 280, DOES_NOTHING, 0 },
    { AT_MAIL_REFUSED, MSG_MAIL, OWED_MAIL, 40, DOES_MAIL, 0 },
    { AT_MAIL_REFUSED, MSG_RCPT, OWED_RCPT, 20, DOES_NOTHING, 0 },
    { AT_RCPT, MSG_FOUR, OWED_DATA, 760, DOES_DATA, 0 },
    { AT_RCPT, MSG_RCPT, OWED_RCPT, 160, DOES_NOTHING, 0 },
    { AT_RCPT, MSG_BDAT, OWED_MESSAGE, 16, DOES_DATA, 0 },
    { AT_RCPT, MSG_FOUR, OWED_RSET, 1, DOES_NOTHING, 0 },
    { AT_RCPT, MSG_FOUR, OWED_QUIT, 1, DOES_QUIT, 0 },
    { AT_RCPT_REFUSED, MSG_FOUR, OWED_QUIT, 560, DOES_QUIT, 0 },
    { AT_RCPT_REFUSED, MSG_FOUR, OWED_RSET, 240, DOES_NOTHING, 0 },
    { AT_RCPT_REFUSED, MSG_RCPT, OWED_RCPT, 60, DOES_NOTHING, 0 },
    { AT_RCPT_REFUSED, MSG_FOUR, OWED_DATA, 35, DOES_DATA, 0 },

    { AT_BODY, MSG_BODY, OWED_MESSAGE, 1000, DOES_NOTHING, 0 },
    { AT_SENT, MSG_FOUR, OWED_QUIT, 880, DOES_QUIT, 0 },
    { AT_SENT, MSG_MAIL, OWED_MAIL, 60, DOES_MAIL, 0 },
    { AT_SENT, MSG_FOUR, OWED_RSET, 1, DOES_NOTHING, 0 },
    { AT_MESSAGE_REFUSED, MSG_FOUR, OWED_QUIT, 400, DOES_QUIT, 0 },
    { AT_MESSAGE_REFUSED, MSG_FOUR, OWED_RSET, 200, DOES_NOTHING, 0 },
    { AT_MESSAGE_REFUSED, MSG_MAIL, OWED_MAIL, 40, DOES_MAIL, 0 },
    { AT_MESSAGE_REFUSED, MSG_BODY, OWED_NOOP, 5, DOES_NOTHING,
      0 }, /* a device that hears nothing */
    { AT_RESET, MSG_FOUR, OWED_QUIT, 720, DOES_QUIT, 0 },
    { AT_RESET, MSG_MAIL, OWED_MAIL, 360, DOES_MAIL, 0 },

    { SAID_MAIL, MSG_RCPT, OWED_RCPT, 800, DOES_NOTHING, 0 },
    { SAID_RCPT, MSG_FOUR, OWED_DATA, 760, DOES_DATA, 0 },
    { SAID_RCPT, MSG_RCPT, OWED_RCPT, 200, DOES_NOTHING, 0 },
    { SAID_RCPT, MSG_BDAT, OWED_MESSAGE, 40, DOES_DATA, 0 },
    { SAID_MESSAGE, MSG_FOUR, OWED_QUIT, 800, DOES_QUIT, 0 },
    { SAID_RSET, MSG_FOUR, OWED_QUIT, 600, DOES_QUIT, 0 },
    { SAID_RSET, MSG_MAIL, OWED_MAIL, 360, DOES_MAIL, 0 },
};
const size_t infer_said_count = sizeof infer_said / sizeof *infer_said;

const struct infer_answer infer_answers[] = {
    { OWED_GREETING, MSG_GREETING, 99, AT_BEGIN, DOES_NOTHING, 0 },
    { OWED_EHLO, MSG_LIST, 99, AT_READY, DOES_NOTHING, 0 },

    { OWED_BARE, MSG_GO_NAMED, 62, AT_USER, DOES_NOTHING, AUTH_LOGIN },
    { OWED_BARE, MSG_GO, 30, AT_PLAIN, DOES_NOTHING, AUTH_PLAIN },
    { OWED_BARE, MSG_AUTH_NO, 8, AT_AUTH_REFUSED, DOES_REFUSE_AUTH, 0 },
    { OWED_PASSWORD, MSG_GO_NAMED, 96, AT_PASSWORD, DOES_NOTHING, 0 },
    { OWED_PASSWORD, MSG_AUTH_NO, 4, AT_AUTH_REFUSED, DOES_REFUSE_AUTH, 0 },
    { OWED_CRAM, MSG_CRAM_CHALLENGE, 85, AT_CRAM, DOES_NOTHING, 0 },
    { OWED_CRAM, MSG_AUTH_NO, 15, AT_AUTH_REFUSED, DOES_REFUSE_AUTH, 0 },
    { OWED_LONG, MSG_CHALLENGE, 40, AT_LONG, DOES_NOTHING, 0 },
    { OWED_LONG, MSG_LAST_CHALLENGE, 20, AT_LAST, DOES_NOTHING, 0 },
    { OWED_LONG, MSG_AUTH_OK, 15, AT_SIGNED_IN, DOES_ACCEPT_AUTH, 0 },
    { OWED_LONG, MSG_AUTH_NO, 25, AT_AUTH_REFUSED, DOES_REFUSE_AUTH, 0 },
    { OWED_NTLM, MSG_GO, 60, AT_LONG, DOES_NOTHING, 0 },
    { OWED_NTLM, MSG_AUTH_NO, 15, AT_AUTH_REFUSED, DOES_REFUSE_AUTH, 0 },
    { OWED_TOKEN, MSG_AUTH_OK, 50, AT_SIGNED_IN, DOES_ACCEPT_AUTH, 0 },
    { OWED_TOKEN, MSG_TOKEN_ERROR, 30, AT_TOKEN_ERROR, DOES_NOTHING, 0 },
    { OWED_TOKEN, MSG_AUTH_NO, 20, AT_AUTH_REFUSED, DOES_REFUSE_AUTH, 0 },
    { OWED_VERDICT, MSG_AUTH_OK, 55, AT_SIGNED_IN, DOES_ACCEPT_AUTH, 0 },
    { OWED_VERDICT, MSG_AUTH_NO, 45, AT_AUTH_REFUSED, DOES_REFUSE_AUTH, 0 },

    { OWED_MAIL, MSG_MAIL_OK, 83, AT_MAIL, DOES_NOTHING, 0 },
    { OWED_MAIL, MSG_NO, 17, AT_MAIL_REFUSED, DOES_REFUSE_MAIL, 0 },
    { OWED_RCPT, MSG_RCPT_OK, 80, AT_RCPT, DOES_ACCEPT_RCPT, 0 },
    { OWED_RCPT, MSG_NO, 20, AT_RCPT_REFUSED, DOES_REFUSE_RCPT, 0 },
    { OWED_DATA, MSG_DATA_GO, 98, AT_BODY, DOES_NOTHING, 0 },
    { OWED_DATA, MSG_DATA_NO, 2, AT_MESSAGE_REFUSED, DOES_REFUSE_DATA, 0 },
    { OWED_MESSAGE, MSG_SENT, 91, AT_SENT, DOES_SEND, 0 },
    { OWED_MESSAGE, MSG_MESSAGE_NO, 9, AT_MESSAGE_REFUSED, DOES_REFUSE_MESSAGE, 0 },
    { OWED_RSET, MSG_RSET_OK, 99, AT_RESET, DOES_NOTHING, 0 },
    { OWED_NOOP, MSG_ANY, 99, AT_STATES, DOES_NOTHING, 0 },
    { OWED_QUIT, MSG_BYE, 99, AT_BYE, DOES_NOTHING, 0 },
};
const size_t infer_answer_count = sizeof infer_answers / sizeof *infer_answers;

const uint16_t infer_ends[AT_STATES] = {
    [AT_BEGIN] = 50,         [AT_READY] = 60,         [AT_USER] = 5,
    [AT_PASSWORD] = 5,      [AT_PLAIN] = 5,         [AT_CRAM] = 30,
    [AT_LONG] = 20,          [AT_LAST] = 10,          [AT_TOKEN_ERROR] = 100,
    [AT_SIGNED_IN] = 3,      [AT_AUTH_REFUSED] = 400, [AT_MAIL] = 3,
    [AT_MAIL_REFUSED] = 280, [AT_RCPT] = 3,           [AT_RCPT_REFUSED] = 320,
    [AT_BODY] = 3,           [AT_SENT] = 170,         [AT_MESSAGE_REFUSED] = 310,
    [AT_RESET] = 100,        [AT_BYE] = 1000,         [SAID_MAIL] = 5,
    [SAID_RCPT] = 5,         [SAID_MESSAGE] = 5,      [SAID_RSET] = 50,
    [SAID_OTHER] = 5,
};
