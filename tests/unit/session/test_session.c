/* SPDX-License-Identifier: BSD-3-Clause */
/* Who reads what: the hand-over at STARTTLS however it is cut and whoever is heard, and first bytes that must wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "play.h"
#include "base/limits.h"

#define SAID(...)                                                                                  \
    .said = (const struct said[]) { __VA_ARGS__ },                                                 \
    .count = sizeof((const struct said[]) { __VA_ARGS__ }) / sizeof(struct said)
#define SCENE(...) (&(struct scene) { SAID(__VA_ARGS__) })

/* TLS 1.0 with one suite and a random of zeros. */
#define ZEROS           "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define RECORD(len)     "\x16\x03\x01\0" len
#define CLIENT_HELLO    RECORD("\x2d") "\x01\0\0\x29\x03\x01" ZEROS ZEROS "\0\0\x02\0\x2f\x01\0"
#define SERVER_HELLO    RECORD("\x2a") "\x02\0\0\x26\x03\x01" ZEROS ZEROS "\0\0\x2f\0"
#define FINISHED        "\x14\x03\x01\0\x01\x01" RECORD("\x20") ZEROS ZEROS
#define VERSION_REFUSED "\x15\x03\x01\0\x02\x02\x46"

#define GREETED "220 mx.example ESMTP\r\n"
#define LISTED  "250-mx.example\r\n250 STARTTLS\r\n"
#define BEGUN   SERVER(GREETED), DEVICE("EHLO cam\r\n"), SERVER(LISTED)
#define TOLD_BEGUN                                                                                 \
    "S 220 greeting\n"                                                                             \
    "D EHLO\n"                                                                                     \
    "S 250 ehlo\n"                                                                                 \
    "S list starttls\n"
#define TOLD_READY TOLD_BEGUN "D STARTTLS\nS 220 starttls\n"

static void both_sides_go_over_to_tls(void **state)
{
    (void)state;
    play_expect(SCENE(BEGUN, DEVICE("STARTTLS\r\n"), SERVER("220 ready\r\n"), DEVICE(CLIENT_HELLO),
                      SERVER(SERVER_HELLO)),
                TOLD_READY "D client-hello\nS server-hello\n");
    play_expect(SCENE(BEGUN, DEVICE("STARTTLS\r\n"), SERVER("220 ready\r\n"), DEVICE(CLIENT_HELLO),
                      SERVER(VERSION_REFUSED)),
                TOLD_READY "D client-hello\nS alert 70\n");
}

/* STARTTLS, its 220, the ClientHello: each in two pieces, at all places. */
static void the_hand_over_in_every_split(void **state)
{
    (void)state;
    static const struct said said[] = { BEGUN, DEVICE("STARTTLS\r\n"), SERVER("220 2.0.0 go\r\n"),
                                        DEVICE(CLIENT_HELLO), SERVER(VERSION_REFUSED) };
    const struct scene scene = { .said = said, .count = sizeof said / sizeof *said };
    enum { STARTTLS = 3, READY, HELLO };
    for (size_t ready = 0; ready < said[READY].len; ready++)
        for (size_t hello = 0; hello < said[HELLO].len; hello++) {
            struct pieces pieces = { 0 };
            pieces.cut[STARTTLS] = hello % said[STARTTLS].len;
            pieces.cut[READY] = ready;
            pieces.cut[HELLO] = hello;
            assert_string_equal(play_facts(&scene, &pieces),
                                TOLD_READY "D client-hello\nS alert 70\n");
        }
}

/* The server's TLS bytes may stand right behind its 220; what comes in clear there is no TLS. */
static void the_servers_bytes_behind_its_220(void **state)
{
    (void)state;
    play_expect(SCENE(BEGUN, DEVICE("STARTTLS\r\n"), SERVER("220 ready\r\n" VERSION_REFUSED)),
                TOLD_READY "S alert 70\n");
    play_expect(SCENE(BEGUN, DEVICE("STARTTLS\r\n"), SERVER("220 ready\r\n250 more\r\n"),
                      DEVICE(CLIENT_HELLO)),
                TOLD_READY "S no TLS but SMTP\n"
                           "S 250 unasked\n"
                           "D client-hello\n");
}

/* What the device says behind STARTTLS before the 220 was sent in clear: no TLS can begin there. */
static void the_devices_bytes_ahead_of_the_220(void **state)
{
    (void)state;
    static const char told[] = TOLD_READY "D noise\nS alert 70\n";
    play_expect(SCENE(BEGUN, DEVICE("STARTTLS\r\n" CLIENT_HELLO), SERVER("220 ready\r\n"),
                      SERVER(VERSION_REFUSED)),
                told);
    play_expect(SCENE(BEGUN, DEVICE("STARTTLS\r\n"), DEVICE(CLIENT_HELLO), SERVER("220 ready\r\n"),
                      SERVER(VERSION_REFUSED)),
                told);
    play_expect(SCENE(BEGUN, DEVICE("STARTTLS\r\n"), DEVICE(CLIENT_HELLO),
                      SERVER("220 ready\r\n" VERSION_REFUSED)),
                told);
}

static void commands_injected_behind_starttls(void **state)
{
    (void)state;
    static const char told[] = TOLD_READY "D RSET early pipelined\n"
                                          "D MAIL early pipelined\n"
                                          "D client-hello\n"
                                          "S server-hello\n";
    play_expect(SCENE(BEGUN, DEVICE("STARTTLS\r\nRSET\r\nMAIL FROM:<a@b>\r\n"),
                      SERVER("220 ready\r\n"), DEVICE(CLIENT_HELLO), SERVER(SERVER_HELLO)),
                told);
    play_expect(SCENE(BEGUN, DEVICE("STARTTLS\r\n"), DEVICE("RSET\r\n"),
                      DEVICE("MAIL FROM:<a@b>\r\n"), SERVER("220 ready\r\n"), DEVICE(CLIENT_HELLO),
                      SERVER(SERVER_HELLO)),
                told);
}

static void clear_text_where_tls_is_due(void **state)
{
    (void)state;
    play_expect(SCENE(BEGUN, DEVICE("STARTTLS\r\n"), SERVER("220 ready\r\n"),
                      DEVICE("EHLO cam\r\n"), SERVER("503 no\r\n"), DEVICE("QUIT\r\n")),
                TOLD_READY "D no TLS but SMTP\n"
                           "D EHLO\n"
                           "S no TLS but SMTP\n"
                           "S 503 ehlo\n"
                           "D QUIT\n");
}

/* Once TLS was up it is no dialogue any more. */
static void clear_text_when_tls_is_over(void **state)
{
    (void)state;
    play_expect(SCENE(BEGUN, DEVICE("STARTTLS\r\n"), SERVER("220 ready\r\n"), DEVICE(CLIENT_HELLO),
                      SERVER(SERVER_HELLO FINISHED), DEVICE(FINISHED), SERVER("221 bye\r\n")),
                TOLD_READY "D client-hello\n"
                           "S server-hello\n"
                           "S encrypted\n"
                           "D encrypted\n"
                           "D tls-up\n"
                           "S no TLS but SMTP\n");
}

/* Refused, STARTTLS changes nothing: the dialogue goes on, with what had been held too. */
static void starttls_refused(void **state)
{
    (void)state;
    play_expect(SCENE(BEGUN, DEVICE("STARTTLS\r\n"), SERVER("454 4.3.0 not now\r\n"),
                      DEVICE("QUIT\r\n"), SERVER("221 bye\r\n")),
                TOLD_BEGUN "D STARTTLS\n"
                           "S 454 starttls\n"
                           "D QUIT\n"
                           "S 221 quit\n");
    play_expect(SCENE(BEGUN, DEVICE("STARTTLS\r\nMAIL FROM:<a@b>\r\n"), SERVER("502 what?\r\n"),
                      SERVER("250 ok\r\n"), DEVICE("RCPT TO:<c@d>\r\n"), SERVER("550 no\r\n")),
                TOLD_BEGUN "D STARTTLS\n"
                           "S 502 starttls\n"
                           "D MAIL pipelined\n"
                           "S 250 mail\n"
                           "D RCPT\n"
                           "S 550 rcpt\n");
    /* secrets in what was held are found where they stood */
    play_expect(SCENE(BEGUN, DEVICE("STARTTLS\r\nAUTH PLAIN AHVzZXIAc2VjcmV0\r\n"),
                      SERVER("454 no\r\n"), SERVER("535 no\r\n")),
                TOLD_BEGUN "D STARTTLS\n"
                           "S 454 starttls\n"
                           "D AUTH pipelined\n"
                           "D auth\n"
                           "D auth-step\n"
                           "D auth-identity\n"
                           "S 535 auth\n"
                           "secret 31+16\n");
    /* and tried again, it is read as the first time */
    play_expect(SCENE(BEGUN, DEVICE("STARTTLS\r\n"), SERVER("454 not now\r\n"),
                      DEVICE("STARTTLS\r\n"), SERVER("220 ready\r\n"), DEVICE(CLIENT_HELLO)),
                TOLD_BEGUN "D STARTTLS\n"
                           "S 454 starttls\n"
                           "D STARTTLS\n"
                           "S 220 starttls\n"
                           "D client-hello\n");
}

static void a_hello_all_the_same_after_a_refusal(void **state)
{
    (void)state;
    static const char told[] = TOLD_BEGUN "D STARTTLS\n"
                                          "S 500 starttls\n"
                                          "D noise\n"
                                          "S 500 other\n";
    play_expect(SCENE(BEGUN, DEVICE("STARTTLS\r\n"), SERVER("500 what?\r\n"), DEVICE(CLIENT_HELLO),
                      SERVER("500 what?\r\n")),
                told);
    play_expect(SCENE(BEGUN, DEVICE("STARTTLS\r\n" CLIENT_HELLO), SERVER("500 what?\r\n"),
                      SERVER("500 what?\r\n")),
                told);
}

static void one_side_alone(void **state)
{
    (void)state;
    play_expect(&(struct scene) { SAID(DEVICE("EHLO cam\r\n"), DEVICE("STARTTLS\r\n"),
                                       DEVICE(CLIENT_HELLO)),
                                  .device_alone = true },
                "D EHLO\nD STARTTLS\nD client-hello\n");
    play_expect(&(struct scene) { SAID(DEVICE("EHLO cam\r\n"), DEVICE("STARTTLS\r\n"),
                                       DEVICE("MAIL FROM:<a@b>\r\n"), DEVICE("QUIT\r\n")),
                                  .device_alone = true },
                "D EHLO\nD STARTTLS\nD MAIL\nD QUIT\n");
    play_expect(
        SCENE(SERVER(GREETED), SERVER(LISTED), SERVER("220 ready\r\n"), SERVER(SERVER_HELLO)),
        "S 220 greeting\nS 250 ehlo\nS list starttls\nS 220 starttls\nS server-hello\n");
}

/* The reply, or the command, is missing from the capture: the hello tells. */
static void a_gap_at_the_hand_over(void **state)
{
    (void)state;
    static const char told[] = TOLD_BEGUN "D STARTTLS\n"
                                          "D client-hello\n"
                                          "S server-hello\n";
    play_expect(SCENE(BEGUN, DEVICE("STARTTLS\r\n"), MISSING(SIDE_SERVER, 11), DEVICE(CLIENT_HELLO),
                      SERVER(SERVER_HELLO)),
                told);
    play_expect(SCENE(BEGUN, DEVICE("STARTTLS\r\n"), DEVICE(CLIENT_HELLO), MISSING(SIDE_SERVER, 11),
                      SERVER(SERVER_HELLO)),
                told);
    play_expect(SCENE(BEGUN, MISSING(SIDE_DEVICE, 10), SERVER("220 ready\r\n"),
                      DEVICE(CLIENT_HELLO), SERVER(SERVER_HELLO)),
                TOLD_BEGUN "S 220 starttls\nD client-hello\nS server-hello\n");
    /* a gap in what is held ends the hold: the 220 can come before or behind it */
    play_expect(SCENE(BEGUN, DEVICE("STARTTLS\r\n"), DEVICE("MAIL FROM:<a@b>\r\n"),
                      MISSING(SIDE_DEVICE, 0), DEVICE(CLIENT_HELLO)),
                TOLD_BEGUN "D STARTTLS\nD MAIL pipelined\nD noise after-gap\n");
    play_expect(SCENE(BEGUN, DEVICE("STARTTLS\r\n"), DEVICE("MAIL FROM:<a@b>\r\n"),
                      MISSING(SIDE_DEVICE, 0), SERVER("220 ready\r\n"), DEVICE(CLIENT_HELLO)),
                TOLD_BEGUN "D STARTTLS\n"
                           "D MAIL pipelined\n"
                           "S 220 starttls\n"
                           "D client-hello\n");
}

static void the_end_while_bytes_are_held(void **state)
{
    (void)state;
    play_expect(SCENE(BEGUN, DEVICE("STARTTLS\r\n")), TOLD_BEGUN "D STARTTLS\n");
    play_expect(SCENE(BEGUN, DEVICE("STARTTLS\r\n"), DEVICE(CLIENT_HELLO)),
                TOLD_BEGUN "D STARTTLS\nD client-hello\n");
    play_expect(SCENE(BEGUN, DEVICE("STARTTLS\r\n"), DEVICE("QUIT\r\n")),
                TOLD_BEGUN "D STARTTLS\nD QUIT pipelined\n");
    play_expect(SCENE(BEGUN, DEVICE("STARTTLS\r\n"), SERVER("220 ready\r\n"),
                      { SIDE_DEVICE, false, CLIENT_HELLO, sizeof CLIENT_HELLO - 2 }),
                TOLD_READY "D client-hello\n"); /* its last byte does not come */
}

/* No more than HOLD_BYTES_MAX waits: then it is read as it is, and a later 220 finds nothing held. */
static void a_full_hold_is_read(void **state)
{
    (void)state;
    static char noops[HOLD_BYTES_MAX + 12];
    for (size_t i = 0; i + 6 <= sizeof noops; i += 6)
        bytes_copy(noops + i, 6, bytes_str("NOOP\r\n"));
    struct said said[] = { BEGUN,
                           DEVICE("STARTTLS\r\n"),
                           DEVICE("MAIL FROM:<a@b>\r\n"),
                           { SIDE_DEVICE, false, noops, HOLD_BYTES_MAX - 17 },
                           SERVER("220 ready\r\n"),
                           DEVICE(CLIENT_HELLO) };
    struct scene scene = { .said = said, .count = sizeof said / sizeof *said };
    static const char held[] = TOLD_READY "D MAIL early pipelined\nD NOOP early pipelined\n";
    static const char read[] = TOLD_BEGUN "D STARTTLS\nD MAIL pipelined\nD NOOP pipelined\n";
    const char *facts = play_facts(&scene, &(struct pieces) { .size = 1460 });
    assert_true(bytes_starts_nocase(bytes_str(facts), held));
    assert_true(bytes_find_nocase(bytes_str(facts), "D client-hello\n") >= 0);
    said[5].len++; /* a byte more than fits */
    facts = play_facts(&scene, &(struct pieces) { .size = 1460 });
    assert_true(bytes_starts_nocase(bytes_str(facts), read));
}

static void the_first_answer_is_another_protocols(void **state)
{
    (void)state;
    play_expect(SCENE(DEVICE("EHLO cam\r\n"), SERVER("HTTP/1.1 400 Bad Request\r\n")),
                "D EHLO early\nS speaks HTTP\n");
    play_expect(SCENE(DEVICE(CLIENT_HELLO), SERVER("HTTP/1.1 400 Bad Request\r\n")),
                "D client-hello\nS speaks HTTP\n");
    play_expect(SCENE(DEVICE("EHLO cam\r\n"), SERVER("-ERR what?\r\n"), DEVICE("QUIT\r\n")),
                "D EHLO early\nS speaks POP3\nD QUIT early\n");
    /* it waits in vain: its beginning proves nothing */
    play_expect(SCENE(DEVICE("EHLO cam\r\n"), SERVER("HTT")), "D EHLO early\n");
    play_expect(
        SCENE(DEVICE("EHLO cam\r\n"), SERVER("HTT"), MISSING(SIDE_SERVER, 5), SERVER("220 mx\r\n")),
        "D EHLO early\nS 220 greeting after-gap\n");
    play_expect(SCENE(DEVICE("EHLO cam\r\n"), SERVER("-ER"), SERVER("X\r\n"), SERVER("220 mx\r\n")),
                "D EHLO early\nS noise\nS 220 greeting\n");
}

static void the_first_answer_is_smtp_or_tls(void **state)
{
    (void)state;
    play_expect(SCENE(DEVICE("EHLO cam\r\n"), SERVER(GREETED), SERVER(LISTED)),
                "D EHLO early\nS 220 greeting\nS 250 ehlo\nS list starttls\n");
    play_expect(SCENE(DEVICE("EHLO cam\r\n"), SERVER(VERSION_REFUSED)),
                "D EHLO early\nS alert 70\n");
    play_expect(SCENE(DEVICE(CLIENT_HELLO), SERVER(SERVER_HELLO)),
                "D client-hello\nS server-hello\n");
    play_expect(SCENE(DEVICE(CLIENT_HELLO), SERVER("500 what?\r\n")),
                "D client-hello\nS no TLS but SMTP\nS 500 greeting\n");
    /* one behind the other in one segment */
    play_expect(SCENE(DEVICE(CLIENT_HELLO), SERVER(VERSION_REFUSED "500 what?\r\n")),
                "D client-hello\nS alert 70\nS no TLS but SMTP\nS 500 greeting\n");
}

/* Bytes are missing before, between or behind the first ones. */
static void a_gap_at_the_first_bytes(void **state)
{
    (void)state;
    play_expect(SCENE(MISSING(SIDE_SERVER, 0), SERVER("250 mx\r\n"), DEVICE("QUIT\r\n")),
                "S 250 unasked after-gap\nD QUIT\n");
    play_expect(SCENE(MISSING(SIDE_SERVER, 22), DEVICE("EHLO cam\r\n"), SERVER(LISTED)),
                "D EHLO\nS 250 ehlo after-gap\nS list starttls after-gap\n");
    play_expect(SCENE(SERVER(GREETED), MISSING(SIDE_DEVICE, 10), SERVER(LISTED)),
                "S 220 greeting\nS 250 ehlo\nS list starttls\n");
    play_expect(SCENE(MISSING(SIDE_DEVICE, 50), SERVER(SERVER_HELLO)), "S server-hello\n");
    play_expect(SCENE(DEVICE("EHLO cam\r\n"), MISSING(SIDE_SERVER, 5),
                      SERVER("HTTP/1.1 400 Bad Request\r\n")),
                "D EHLO early\nS speaks HTTP\n");
    play_expect(SCENE(DEVICE("EHLO cam\r\n"), MISSING(SIDE_SERVER, 5), SERVER(VERSION_REFUSED)),
                "D EHLO early\nS alert 70\n");
    play_expect(
        SCENE(MISSING(SIDE_DEVICE, 10), DEVICE("MAIL FROM:<a@b>\r\n"), SERVER("250 ok\r\n")),
        "D MAIL after-gap\nS 250 mail\n");
    play_expect(SCENE(MISSING(SIDE_SERVER, 0)), "");
    /* too little to know, and no more comes */
    play_expect(SCENE(DEVICE("EH")), "D ? early\nsecret 0+2\n");
}

static void another_protocols_server(void **state)
{
    (void)state;
    play_expect(SCENE(SERVER("* OK IMAP4rev1\r\n"), DEVICE("EHLO cam\r\n")),
                "S speaks IMAP\nD EHLO early\n");
    play_expect(SCENE(SERVER("* OK IMAP4rev1\r\n"), DEVICE(CLIENT_HELLO)),
                "S speaks IMAP\nD client-hello\n");
    play_expect(SCENE(SERVER("* OK IMAP4rev1\r\n"), DEVICE("a1 LOGIN a b\r\n")),
                "S speaks IMAP\n (not mail)");
    play_expect(SCENE(DEVICE("GET / HTTP/1.0\r\n\r\n")), "D speaks HTTP\n (not mail)");
}

/* The greeting does not say so; one who tries it and goes on in SMTP is a device all the same. */
static void a_mail_store(void **state)
{
    (void)state;
    play_expect(SCENE(SERVER("220 store ready\r\n"), DEVICE("LHLO mx\r\n"), SERVER("250 store\r\n"),
                      DEVICE("MAIL FROM:<a@b>\r\n"), SERVER("550 no\r\n")),
                "S 220 greeting\n"
                "D LHLO\n"
                "S 250 ehlo\n"
                "S list\n"
                "D MAIL\n"
                "S 550 mail\n"
                " (not mail)");
    play_expect(SCENE(SERVER("220 store LMTP ready\r\n"), DEVICE("LHLO mx\r\n")),
                "S speaks LMTP\n (not mail)");
    play_expect(SCENE(SERVER(GREETED), DEVICE("LHLO cam\r\n"), SERVER("500 what?\r\n"),
                      DEVICE("HELO cam\r\n"), SERVER("250 mx\r\n")),
                "S 220 greeting\n"
                "D LHLO\n"
                "S 500 ehlo\n"
                "D HELO\n"
                "S 250 ehlo\n");
}

static void at_another_port(void **state)
{
    (void)state;
    play_expect(&(struct scene) { SAID(SERVER(GREETED), DEVICE("EHLO cam\r\n")), .port = 8025 },
                "S 220 greeting\nD EHLO\n");
    play_expect(
        &(struct scene) { SAID(SERVER("220 welcome\r\n"), DEVICE("USER x\r\n")), .port = 8021 },
        " (not mail)");
    play_expect(&(struct scene) { SAID(DEVICE(CLIENT_HELLO)), .port = 443 }, " (not mail)");
    play_expect(&(struct scene) { SAID(SERVER("250 ok\r\n"), DEVICE("RCPT TO:<a@b>\r\n")),
                                  .port = 8025, .starts_late = true },
                "S 250 unasked\nD RCPT\n");
}

/* Is each of these facts one of all? But for those behind a hole, answers to nobody knows what,
 * and what is blanked out of caution. */
static bool among(struct bytes told, struct bytes all, const char *also)
{
    while (told.len > 0) {
        ptrdiff_t end = bytes_find(told, '\n');
        if (end < 0)
            return true; /* no fact */
        struct bytes line = bytes_first(told, (size_t)end + 1);
        bool marked = bytes_find_nocase(line, "after-gap") >= 0 ||
                      bytes_find_nocase(line, " other\n") >= 0 ||
                      bytes_starts_nocase(line, "secret ");
        bool other = also && bytes_equal(line, bytes_str(also));
        if (!marked && !other && bytes_find_all(all, line) < 0)
            return false;
        told = bytes_after(told, line.len);
    }
    return true;
}

/* What is told is all, or nothing but what was said, and that something is missing. also: what may be told
 * instead of all's last line. */
static bool tells_all(const struct scene *scene, const char *all, const char *also)
{
    static const struct pieces pieces[] = { { .size = 7 }, { .size = 0 } };
    bool whole = true;
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        const char *told = play_facts(scene, &pieces[i]);
        if (bytes_equal(bytes_str(told), bytes_str(all)))
            continue;
        whole = false;
        bool owned = *told == '\0' || bytes_find_nocase(bytes_str(told), "missing") >= 0 ||
                     strlen(told) == strlen(all); /* what could not wait came in another order */
        owned = owned || (also && bytes_find_nocase(bytes_str(told), also) >= 0);
        if (!owned || !among(bytes_str(told), bytes_str(all), also))
            fail_msg("with %zu bytes, %zu allocations:\n%s", scene->memory, (size_t)scene->fail_at,
                     told);
    }
    return whole;
}

/* POP3: only what becomes of the sign-in. */
#define APPLICATION_DATA "\x17\x03\x01\0\x20" ZEROS ZEROS
#define OF_ANOTHER_RUN   "CLIENT_RANDOM " FF16 FF16 " " FF16 FF16 FF16 "\n"
#define FF16             "ffffffffffffffffffffffffffffffff"

static void mail_is_fetched(void **state)
{
    (void)state;
    play_expect(
        &(struct scene) { SAID(SERVER("+OK hello\r\n"), DEVICE("USER cam\r\n"), SERVER("+OK\r\n"),
                               DEVICE("PASS tulip\r\n"), SERVER("-ERR no\r\n"),
                               DEVICE("PASS rose\r\n"), SERVER("+OK\r\n"), DEVICE("STAT\r\n")),
                          .port = 110 },
        "S sign-in refused\nS sign-in accepted\nsecret 15+5\nsecret 27+4\n");
    play_expect(
        &(struct scene) { SAID(SERVER("+OK hello\r\n"), DEVICE("STLS\r\n"), SERVER("-ERR what\r\n"),
                               DEVICE("PASS tulip\r\n"), SERVER("+OK\r\n")),
                          .port = 110 },
        "S sign-in accepted\nsecret 11+5\n");
}

static void mail_is_fetched_inside_tls(void **state)
{
    (void)state;
    static const char unknown[] = "S sign-in unknown\n";
    play_expect(&(struct scene) { SAID(DEVICE(CLIENT_HELLO), SERVER(SERVER_HELLO)), .port = 995 },
                unknown);
    play_expect(&(struct scene) { SAID(DEVICE(CLIENT_HELLO), MISSING(SIDE_SERVER, 80),
                                       DEVICE(FINISHED), SERVER(FINISHED)),
                                  .port = 995 },
                unknown);
    play_expect(&(struct scene) { SAID(DEVICE(CLIENT_HELLO)), .port = 995 }, "");
    play_expect(&(struct scene) { SAID(SERVER("+OK hello\r\n"), DEVICE("STLS\r\n"),
                                       SERVER("+OK begin\r\n"), DEVICE(CLIENT_HELLO)),
                                  .port = 110 },
                unknown);
}

/* That no key fits is told as soon as it is clear, or at the end. */
static void mail_is_fetched_and_no_key_fits(void **state)
{
    (void)state;
    struct scene scene = { SAID(DEVICE(CLIENT_HELLO), SERVER(SERVER_HELLO), DEVICE(FINISHED),
                                SERVER(FINISHED), SERVER(APPLICATION_DATA),
                                DEVICE(APPLICATION_DATA), SERVER(APPLICATION_DATA)),
                           .port = 995, .keys = OF_ANOTHER_RUN };
    static const char told[] = "D client-hello\nS server-hello\nD encrypted\nS encrypted\n"
                               "S tls-up\nS sign-in unknown\n";
    play_expect(&scene, told);
    scene.count = 5;
    play_expect(&scene, told);
    scene.count = 2; /* the handshake broke off */
    play_expect(&scene, "D client-hello\nS server-hello\nS sign-in unknown\n");
    scene =
        (struct scene) { SAID(SERVER("+OK hello\r\n"), DEVICE("STLS\r\n"), SERVER("+OK begin\r\n"),
                              DEVICE(CLIENT_HELLO), SERVER(SERVER_HELLO)),
                         .port = 110, .keys = OF_ANOTHER_RUN };
    play_expect(&scene, "D client-hello\nS server-hello\nS sign-in unknown\n");
    scene.said = (const struct said[]) { DEVICE("GET / HTTP/1.1\r\n\r\n"),
                                         SERVER("HTTP/1.1 400 Bad Request\r\n") };
    scene.count = 2;
    scene.port = 995;
    play_expect(&scene, "D no TLS\nS no TLS\nS sign-in unknown\n");
    for (scene.fail_at = 1; scene.fail_at < 40; scene.fail_at++) { /* no claim without memory */
        const char *facts = play_facts(&scene, &(struct pieces) { 0 });
        assert_true(bytes_find_nocase(bytes_str(facts), "accepted") < 0);
        assert_true(bytes_find_nocase(bytes_str(facts), "refused") < 0);
    }
}

/* However little memory there is, and wherever it ends. */
static void expect_no_other_facts(const struct scene *full, const char *all, const char *also)
{
    enum { STEP = 16, ENOUGH = 256 << 10 };
    struct scene little = *full, ends = *full;
    do {
        little.memory += STEP;
        assert_true(little.memory < ENOUGH);
    } while (!tells_all(&little, all, also));
    do {
        ends.fail_at++;
        assert_true(ends.fail_at < ENOUGH);
    } while (!tells_all(&ends, all, also));
}

static void hardly_any_memory(void **state)
{
    (void)state;
    expect_no_other_facts(SCENE(BEGUN, DEVICE("STARTTLS\r\n"), SERVER("220 ready\r\n"),
                                DEVICE(CLIENT_HELLO), SERVER(VERSION_REFUSED)),
                          TOLD_READY "D client-hello\nS alert 70\n", NULL);
    expect_no_other_facts(
        SCENE(BEGUN, DEVICE("STARTTLS\r\n"), DEVICE("MAIL FROM:<a@b>\r\n"), SERVER("454 no\r\n")),
        TOLD_BEGUN "D STARTTLS\nS 454 starttls\nD MAIL pipelined\n", NULL);
    expect_no_other_facts(SCENE(DEVICE("EHLO cam\r\n"), SERVER("HTTP/1.1 400 Bad Request\r\n")),
                          "D EHLO early\nS speaks HTTP\n", "S noise\n");
    expect_no_other_facts(SCENE(DEVICE(CLIENT_HELLO), SERVER(VERSION_REFUSED)),
                          "D client-hello\nS alert 70\n", NULL);
    expect_no_other_facts(SCENE(SERVER("* OK IMAP4rev1\r\n"), DEVICE("EHLO cam\r\n")),
                          "S speaks IMAP\nD EHLO early\n", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_sides_go_over_to_tls),
        cmocka_unit_test(the_hand_over_in_every_split),
        cmocka_unit_test(the_servers_bytes_behind_its_220),
        cmocka_unit_test(the_devices_bytes_ahead_of_the_220),
        cmocka_unit_test(commands_injected_behind_starttls),
        cmocka_unit_test(clear_text_where_tls_is_due),
        cmocka_unit_test(clear_text_when_tls_is_over),
        cmocka_unit_test(starttls_refused),
        cmocka_unit_test(a_hello_all_the_same_after_a_refusal),
        cmocka_unit_test(one_side_alone),
        cmocka_unit_test(a_gap_at_the_hand_over),
        cmocka_unit_test(the_end_while_bytes_are_held),
        cmocka_unit_test(a_full_hold_is_read),
        cmocka_unit_test(the_first_answer_is_another_protocols),
        cmocka_unit_test(the_first_answer_is_smtp_or_tls),
        cmocka_unit_test(a_gap_at_the_first_bytes),
        cmocka_unit_test(another_protocols_server),
        cmocka_unit_test(a_mail_store),
        cmocka_unit_test(at_another_port),
        cmocka_unit_test(mail_is_fetched),
        cmocka_unit_test(mail_is_fetched_inside_tls),
        cmocka_unit_test(mail_is_fetched_and_no_key_fits),
        cmocka_unit_test(hardly_any_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
