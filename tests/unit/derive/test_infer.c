/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../inference/sessions.h"

/* version and suite, i or s, EHLO, list, AUTH listed, mechanisms, families, end: then the records
 * (sessions.h) */
#define GCM_13          "0304\t1301\ti\t0\t0\t0\t0\t0\tclosed\t"
#define GCM_13_STARTTLS "0304\t1301\ts\t16\t168\t1\tc\t2\tclosed\t"
#define GCM_12          "0303\tc030\ti\t0\t0\t0\t0\t0\tclosed\t"
#define FLIGHT_13       "S39+0 S1727+0 S281+0 S53+0 D53+1000 S234+200 S234+0 "
#define FINISHED_12     "D40h+0 S40h+1000 "

static struct inferred judge_learnt(const char *text, const struct server_words *learnt)
{
    static struct infer_session session;
    static char line[8192];
    struct inferred inferred;
    struct attempt *a = attempt_new(NULL);
    assert_true(snprintf(line, sizeof line, "%s", text) < (int)sizeof line);
    assert_true(session_read(line, a, &session));
    session.hints.learnt = learnt;
    infer_judge(a, &session, &inferred);
    attempt_free(a);
    return inferred;
}

static struct inferred judge(const char *text)
{
    return judge_learnt(text, NULL);
}

static void assert_reads(const char *text, enum inferred_result result, enum auth_mechanism method)
{
    struct inferred i = judge(text);
    assert_int_equal(i.confidence, INFERRED_LIKELY);
    assert_int_equal(i.result, result);
    assert_int_equal(i.method, method);
}

static void what_suites_add_to_a_record(void **state)
{
    (void)state;
    static const struct {
        uint16_t version, cipher, fixed, block, finished;
    } suites[] = {
        { 0x0304, 0x1301, 17, 0, 53 }, /* TLS_AES_128_GCM_SHA256 */
        { 0x0304, 0x1302, 17, 0, 69 }, /* TLS_AES_256_GCM_SHA384 */
        { 0x0304, 0x1305, 9, 0, 45 },  /* TLS_AES_128_CCM_8_SHA256 */
        { 0x0303, 0xc030, 24, 0, 0 },  /* TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 */
        { 0x0303, 0xcca8, 16, 0, 0 },  /* TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 */
        { 0x0303, 0xc0a0, 16, 0, 0 },  /* TLS_RSA_WITH_AES_128_CCM_8 */
        { 0x0303, 0x002f, 36, 16, 0 }, /* TLS_RSA_WITH_AES_128_CBC_SHA: IV and MAC */
        { 0x0303, 0xc028, 64, 16, 0 }, /* TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384 */
        { 0x0301, 0x002f, 20, 16, 0 }, /* no IV before TLS 1.1 */
        { 0x0301, 0x000a, 20, 8, 0 },  /* TLS_RSA_WITH_3DES_EDE_CBC_SHA */
        { 0x0301, 0x0005, 20, 0, 0 },  /* TLS_RSA_WITH_RC4_128_SHA */
    };
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
        struct infer_cipher c;
        assert_true(infer_cipher_of(suites[i].version, suites[i].cipher, &c));
        assert_int_equal(c.fixed, suites[i].fixed);
        assert_int_equal(c.block, suites[i].block);
        assert_int_equal(c.finished, suites[i].finished);
    }
    struct infer_cipher c;
    assert_false(infer_cipher_of(0x0303, 0x9999, &c));
    assert_false(infer_cipher_of(0, 0xc030, &c));
}

/* greeting, EHLO, list, AUTH CRAM-MD5, challenge, answer, 535, QUIT, 221 */
static void refused_sign_in(void **state)
{
    (void)state;
    assert_reads(GCM_13 FLIGHT_13
                 "S55+100 D33+500 S180+300 D32+200 S83+200 D87+300 S79+2000000 D23+300 S32+100",
                 INFERRED_AUTH_REFUSED, AUTH_CRAM_MD5);
    assert_reads(
        GCM_12 FINISHED_12
        "S62+100 D40+500 S187+300 D36+200 S42+200 D50+100 S42+200 D46+300 S86+2000000 D30+300 S39+100",
        INFERRED_AUTH_REFUSED, AUTH_LOGIN);
}

static void delivered_mail(void **state)
{
    (void)state;
    struct inferred i = judge(GCM_13_STARTTLS FLIGHT_13
                              "D33+500 S171+300 D74+200 S54+9000 D47+100 S31+100 D45+100 S31+100 "
                              "D23+100 S54+100 D268+100 S54+9000 D23+100 S32+100 S19+10");
    assert_int_equal(i.confidence, INFERRED_LIKELY);
    assert_int_equal(i.result, INFERRED_DELIVERED);
    assert_true(i.signed_in);
    assert_true(i.quit);
    assert_true(i.exact);
    assert_int_equal(i.method, AUTH_PLAIN);
    assert_int_equal(i.decisive_frame, 19); /* the 250 after the message */
}

/* A picture or two: in full records, or in more small ones than are kept. */
static void delivered_large_mail(void **state)
{
    (void)state;
    static const struct {
        const char *record;
        unsigned count;
    } bodies[] = { { "D16401+9 ", 40 }, { "D1041+9 ", 700 } };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        static char text[8192];
        size_t n = 0;
        n += (size_t)snprintf(text + n, sizeof text - n, "%s",
                              GCM_13_STARTTLS FLIGHT_13
                              "D33+500 S171+300 D74+200 S54+9000 D47+100 S31+100 D45+100 S31+100 "
                              "D23+100 S54+100 ");
        for (unsigned k = 0; k < bodies[i].count; k++)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s", bodies[i].record);
        snprintf(text + n, sizeof text - n, "D6351+9 D20+9 S54+9000 D23+100 S32+100 S19+10");
        assert_reads(text, INFERRED_DELIVERED, AUTH_PLAIN);
    }
}

static void assert_step(const struct inferred *i, size_t at, enum fact_kind kind, unsigned what,
                        enum inferred_answer answer)
{
    assert_true(at < i->step_count);
    assert_int_equal(i->steps[at].kind, kind);
    assert_int_equal(i->steps[at].what, what);
    assert_int_equal(i->steps[at].answer, answer);
}

static void steps_of_the_dialogue(void **state)
{
    (void)state;
    struct inferred i = judge(
        GCM_12 FINISHED_12
        "S62+100 D40+500 S187+300 D36+200 S42+200 D50+100 S42+200 D46+300 S86+2000000 D30+300 S39+100");
    static const struct {
        enum fact_kind kind;
        unsigned what;
        enum inferred_answer answer;
    } steps[] = {
        { FACT_SMTP_REPLY, STEP_GREETING, ANSWER_YES }, { FACT_SMTP_COMMAND, SMTP_EHLO, 0 },
        { FACT_SMTP_REPLY, STEP_EHLO, ANSWER_YES },     { FACT_AUTH, AUTH_LOGIN, 0 },
        { FACT_SMTP_REPLY, STEP_AUTH, ANSWER_GO_ON },   { FACT_AUTH_STEP, 0, 0 },
        { FACT_SMTP_REPLY, STEP_AUTH, ANSWER_GO_ON },   { FACT_AUTH_STEP, 0, 0 },
        { FACT_SMTP_REPLY, STEP_AUTH, ANSWER_NO },      { FACT_SMTP_COMMAND, SMTP_QUIT, 0 },
        { FACT_SMTP_REPLY, STEP_QUIT, ANSWER_YES },
    };
    assert_int_equal(i.step_count, sizeof steps / sizeof *steps);
    assert_int_equal(i.steps_left_out, 0);
    assert_int_equal(i.steps_confidence, INFERRED_LIKELY);
    for (size_t k = 0; k < i.step_count; k++) {
        assert_step(&i, k, steps[k].kind, steps[k].what, steps[k].answer);
        assert_int_equal(i.steps[k].record, k + 2); /* behind both Finished */
    }
    /* sender, recipient and DATA in one record, and so their replies */
    i = judge(
        GCM_13_STARTTLS FLIGHT_13
        "D33+500 S171+300 D74+200 S54+9000 D101+100 S99+100 D268+100 S54+9000 D23+100 S32+100");
    assert_int_equal(i.result, INFERRED_DELIVERED);
    assert_step(&i, 4, FACT_SMTP_COMMAND, SMTP_MAIL, 0);
    assert_step(&i, 5, FACT_SMTP_COMMAND, SMTP_RCPT, 0);
    assert_step(&i, 6, FACT_SMTP_COMMAND, SMTP_DATA, 0);
    assert_step(&i, 7, FACT_SMTP_REPLY, STEP_MAIL, ANSWER_YES);
    assert_step(&i, 8, FACT_SMTP_REPLY, STEP_RCPT, ANSWER_YES);
    assert_step(&i, 9, FACT_SMTP_REPLY, STEP_DATA, ANSWER_GO_ON);
    assert_step(&i, 10, FACT_MESSAGE, 0, 0);
    assert_int_equal(i.steps[4].record, i.steps[6].record);
}

/* Of many mails in one connection the first and the last steps are told, the rest is counted. */
static void steps_beyond_the_limit(void **state)
{
    (void)state;
    enum { MAILS = 6, BEFORE = 5, EACH = 8, AFTER = 2 };
    static char line[4096];
    snprintf(line, sizeof line, "%s",
             GCM_12 FINISHED_12 "S62+100 D40+500 S187+300 D77+200 S61+300");
    for (unsigned i = 0; i < MAILS; i++)
        snprintf(line + strlen(line), sizeof line - strlen(line), "%s",
                 " D54+300 S38+400 D52+300 S38+300 D30+100 S61+100 D400+100 S61+900");
    snprintf(line + strlen(line), sizeof line - strlen(line), " D30+200 S39+100");
    struct inferred i = judge(line);
    assert_int_equal(i.result, INFERRED_DELIVERED);
    assert_int_equal(i.step_count, INFERRED_STEPS_MAX);
    assert_int_equal(i.steps_left_out, BEFORE + MAILS * EACH + AFTER - INFERRED_STEPS_MAX);
    assert_step(&i, 0, FACT_SMTP_REPLY, STEP_GREETING, ANSWER_YES);
    assert_step(&i, INFERRED_STEPS_MAX - 1, FACT_SMTP_REPLY, STEP_QUIT, ANSWER_YES);
    assert_step(&i, INFERRED_STEPS_MAX - 2, FACT_SMTP_COMMAND, SMTP_QUIT, 0);
    assert_step(&i, INFERRED_STEPS_MAX - 3, FACT_SMTP_REPLY, STEP_END, ANSWER_YES);
    for (size_t k = 1; k < i.step_count; k++)
        assert_true(i.steps[k].record > i.steps[k - 1].record);
}

/* A server of no known family, wordy where it accepts: by its lengths alone nobody can tell whether it
 * took the mail. One connection that was read tells how long its words are. */
#define WORDY                                                                                      \
    "0303\tc013\ti\t0\t0\t0\t0\t0\tclosed\t" FINISHED_12                                           \
    "S116+100 D52+500 S180+300 D84+200 S84+300 D84+300 S100+400 D68+300 S100+400 D52+300 S84+100 " \
    "D400+100 S164+900 D52+300 S100+100"

static void words_learnt_from_others(void **state)
{
    (void)state;
    /* as they are, within their blocks */
    static const struct server_words same = { .words = { [WORD_GREETING] = { 70, 70 },
                                                         [WORD_AUTH_OK] = { 40, 40 },
                                                         [WORD_MAIL_OK] = { 57, 60 },
                                                         [WORD_RCPT_OK] = { 57, 60 },
                                                         [WORD_DATA_GO] = { 40, 40 },
                                                         [WORD_SENT] = { 120, 124 },
                                                         [WORD_BYE] = { 60, 60 } } };
    /* the server was another one then */
    static const struct server_words other = { .words = { [WORD_GREETING] = { 30, 30 },
                                                          [WORD_AUTH_OK] = { 9, 9 },
                                                          [WORD_MAIL_OK] = { 8, 8 },
                                                          [WORD_RCPT_OK] = { 8, 8 },
                                                          [WORD_DATA_GO] = { 20, 20 },
                                                          [WORD_SENT] = { 20, 20 },
                                                          [WORD_BYE] = { 9, 9 } } };
    assert_int_not_equal(judge(WORDY).confidence, INFERRED_LIKELY);
    struct inferred i = judge_learnt(WORDY, &same);
    assert_int_equal(i.confidence, INFERRED_LIKELY);
    assert_int_equal(i.result, INFERRED_DELIVERED);
    assert_int_not_equal(judge_learnt(WORDY, &other).confidence, INFERRED_LIKELY);
}

/* Where a server mostly answered a mail in another length, this may be the refusal of it. */
static void another_length_than_usual(void **state)
{
    (void)state;
    static const char taken[] = GCM_13_STARTTLS FLIGHT_13
        "D33+500 S171+300 D74+200 S54+9000 D47+100 S31+100 D45+100 S31+100 "
        "D23+100 S54+100 D268+100 S54+9000 D23+100 S32+100 S19+10"; /* in 37 bytes */
    struct server_words usual = { .inferred_sent = { { 38, 39, 3 }, { 60, 60, 1 } } },
                        rare = { .inferred_sent = { { 60, 60, 2 }, { 37, 37, 1 } } },
                        known = { .inferred_sent = { { 60, 60, 2 } },
                                  .words = { [WORD_SENT] = { 37, 37 } } };
    assert_int_equal(judge_learnt(taken, &usual).confidence, INFERRED_LIKELY);
    struct inferred i = judge_learnt(taken, &rare);
    assert_int_equal(i.result, INFERRED_DELIVERED);
    assert_int_equal(i.confidence, INFERRED_POSSIBLE);
    assert_int_equal(i.steps_confidence, INFERRED_POSSIBLE);
    assert_int_equal(judge_learnt(taken, &known).confidence, INFERRED_LIKELY);
}

static void refused_envelope(void **state)
{
    (void)state;
    assert_reads(GCM_12 FINISHED_12
                 "S59+100 D40+500 S178+300 D77+200 S61+900 D64+300 S91+400 D30+300 S39+100",
                 INFERRED_SENDER_REFUSED, AUTH_PLAIN);
    assert_reads(
        GCM_12 FINISHED_12
        "S59+100 D40+500 S178+300 D77+200 S61+900 D64+300 S38+400 D53+300 S104+400 D30+300 S39+100",
        INFERRED_RECIPIENT_REFUSED, AUTH_PLAIN);
}

/* Each line of the list in a record of its own. */
static void list_line_by_line(void **state)
{
    (void)state;
    assert_reads(GCM_12 FINISHED_12
                 "S61+100 D46+1400 S43+500 S43+48 S38+26 S46+7 S34+7 D39+1600 S68+400 D26a+800",
                 INFERRED_AUTH_REFUSED, AUTH_CRAM_MD5);
}

/* EHLO said twice, and two lists of one length: those are no session tickets. */
static void list_said_twice(void **state)
{
    (void)state;
    assert_reads("0304\t1302\ts\t28\t192\t1\te\t1\tclosed\t"
                 "S39+0 S1727+0 S281+0 S69+0 D69+900 D45+45185 S195+324 D45+840 S195+158 D32+13990 "
                 "S91+136 D87+266 S25+340 D47+4492 S26+1721 D45+240 S26+531 D23+114 S26+68 "
                 "D269+101 D48+40711 S52+625 D23+391 S27+211 D19+177",
                 INFERRED_DELIVERED, AUTH_CRAM_MD5);
}

/* Exim has one form of acceptance; the same dialogue with another length there is a refusal. */
static void known_words_of_acceptance(void **state)
{
    (void)state;
#define EXIM_13                                                                                    \
    GCM_13 FLIGHT_13                                                                               \
        "S86+200 D33+300 S193+50 D98+3000 S47+100 D47+100 S25+40 D45+60 S31+100 D23+60 S73+15 "    \
        "D16401+800 D16401+300 D9295+100 "
    assert_reads(EXIM_13 "S45+90 D23+75 S57+15 D19+50", INFERRED_DELIVERED, AUTH_PLAIN);
    assert_reads(EXIM_13 "S61+90 D23+75 S57+15 D19+50", INFERRED_MESSAGE_REFUSED, AUTH_PLAIN);
#undef EXIM_13
}

/* Postfix with a filter before the queue passes on what the filter says: as long as a refusal, and none. */
static void words_of_a_filter(void **state)
{
    (void)state;
#define POSTFIX_13                                                                                 \
    "0304\t1301\ts\t16\t168\t1\tc\t80000002\tclosed\t" FLIGHT_13                                   \
    "D33+500 S171+300 D74+200 S54+9000 D47+100 S31+100 D45+100 S31+100 D23+100 S54+100 D268+100 "
    assert_reads(POSTFIX_13 "S98+90000 D23+100 S32+100", INFERRED_DELIVERED, AUTH_PLAIN);
    assert_reads(POSTFIX_13 "S70+9000 D23+100 S32+100", INFERRED_MESSAGE_REFUSED, AUTH_PLAIN);
#undef POSTFIX_13
}

/* sendmail is known by its repeating the address; 33 bytes are no acceptance of its own. */
static void repeated_address(void **state)
{
    (void)state;
#define SENDMAIL_13                                                                                \
    GCM_13 FLIGHT_13                                                                               \
        "S98+100 D44+100 S219+100 D98+400 S45+700 D47+688 S60+900 D45+832 S63+579 D23+87 S67+620 " \
        "D268+100 "
    assert_reads(SENDMAIL_13 "S73+2000 D23+100 S61+100 D19+50", INFERRED_DELIVERED, AUTH_PLAIN);
    struct inferred i = judge(SENDMAIL_13 "S50+2000 D23+100 S61+100 D19+50");
    assert_int_equal(i.result, INFERRED_MESSAGE_REFUSED);
#undef SENDMAIL_13
}

/* DATA and RSET are equally long, and here their answers too; but the second mail is accepted in the
 * words of the first. */
static void three_mails(void **state)
{
    (void)state;
    assert_reads(
        "0304\t1302\ts\t18\t137\t1\te\t1\tclosed\t"
        "S39+0 S1727+4 S281+0 S69+0 D69+1257 S250+249 D35+12 S250+48 S140+40795 D32+577 S63+759 "
        "D87+246 S95+805 D56+398 S89+1890 D45+195 S55+1384 D23+149 S31+1717 D159+245 S31+1749 "
        "D56+261 S89+5868 D45+205 S55+306 D23+92 S31+157 D211+83 S31+1236 D56+187 S89+337 D45+115 "
        "S55+232 D23+65 S31+140 D261+66 S31+920 D23+154 S78+178 S19+185",
        INFERRED_DELIVERED, AUTH_CRAM_MD5);
}

/* A server whose records are all multiples of 256: what they hold is anybody's guess. */
static void padded_to_multiples(void **state)
{
    (void)state;
    struct inferred i =
        judge("0304\t1302\ti\t0\t0\t0\t0\t0\tclosed\t"
              "S272+0 S1040+2 S528+0 S272+0 D69+864 S272+282 S272+108 S272+86 D35+161 S272+333 "
              "D74+270 S272+2391 D56+224 S272+3556 D45+97 S272+503 D23+54 S272+104 D159+92 "
              "S272+1005 D23+55 S272+150 S272+136");
    assert_int_equal(i.confidence, INFERRED_NOTHING);
}

/* New keys, asked for by the device and answered by the server, are no lines. */
static void key_updates(void **state)
{
    (void)state;
    assert_reads("0304\t1302\ts\t23\t175\t1\t6\t80000002\tclosed\t"
                 "S23+0 S1727+40 S281+0 S69+0 D69+1785 S250+167 D22+6 D33+4084687 S22+264 S178+107 "
                 "D74+100097 S54+505 D22+100215 D47+4129437 S22+3368 S31+686 D46+101850 S115+2830 "
                 "D23+97830 S32+1695 S19+69 D19+55",
                 INFERRED_RECIPIENT_REFUSED, AUTH_PLAIN);
}

/* MAIL is as long as AUTH PLAIN could be; but Haraka, as the greeting says it is, refuses a sign-in in
 * words of another length. */
static void greeting_names_the_family(void **state)
{
    (void)state;
    struct inferred i = judge(
        "0304\t1302\ts\t16\t174\t1\te\t400000\tclosed\t"
        "S23+0 S66+0 S1727+7 S281+0 S69+0 D25+406 D69+0 D33+57 S250+899 S250+0 S177+0 D70+144 "
        "S46+160 S19+1405");
    assert_int_not_equal(i.result, INFERRED_AUTH_REFUSED);
}

static void mail_after_a_refused_sign_in_that_was_made_good(void **state)
{
    (void)state;
    struct inferred i = judge(
        GCM_12 FINISHED_12
        "S59+100 D40+500 S178+300 D39+200 S78+200 D94+300 S86+900 D36+200 S42+200 D50+100 S42+200 D46+300 "
        "S61+900 D54+300 S38+400 D52+300 S38+300 D30+100 S61+100 D400+100 S61+900 D30+200 S39+100");
    assert_int_equal(i.result, INFERRED_DELIVERED);
    assert_true(i.signed_in);
}

/* TLS 1.3 hides alerts. The device's comes instead of its Finished; JSSE pads it with 16 zeros. */
static void certificate_refused(void **state)
{
    (void)state;
    struct inferred i =
        judge("0304\t1302\ts\t13\t152\t0\t0\t1\tclosed\tS23+0 S1727+0 S281+0 S69+0 D35+50000");
    assert_int_equal(i.confidence, INFERRED_LIKELY);
    assert_int_equal(i.result, INFERRED_CERT_REFUSED);
    i = judge("0304\t1302\ts\t13\t152\t0\t0\t1\tclosed\tS23+0 S1727+0 S281+0 S69+0 D19+50000");
    assert_int_equal(i.result, INFERRED_CERT_REFUSED);
    /* all of the handshake, and not a word after it: it may be so */
    i = judge(GCM_13 FLIGHT_13 "S55+100 D19+5000");
    assert_int_equal(i.result, INFERRED_CERT_REFUSED);
}

static void ehlo_left_out(void **state)
{
    (void)state;
    struct inferred i = judge(
        "0304\t1302\ts\t16\t152\t0\t0\t1\tclosed\tS39+0 S1727+0 S281+0 S69+0 D69+1000 S250+100 D54+5000 S71+100 D19+900");
    assert_true(i.no_ehlo);
    assert_int_equal(i.result, INFERRED_AUTH_REFUSED);
}

static void to_a_block_less_is_said(void **state)
{
    (void)state;
    /* accepted and left, or refused: 16 bytes do not tell */
    struct inferred i = judge(
        "0303\t002f\ti\t0\t0\t0\t0\t0\tclosed\tD52h+0 S52h+900 S84+100 D52+500 S196+300 D84+200 S68+900 D52+300 S52+100");
    assert_int_not_equal(i.confidence, INFERRED_LIKELY);
    /* TLS 1.0: each record of the device goes with one of no or one byte before it */
    i = judge(
        "0301\t002f\ti\t0\t0\t0\t0\t0\tclosed\tD36h+0 S36h+448 S68+41505 D36+124 D52+0 S196+120 D36+30 D36+0 S100+3954 D36+106 D100+0 S68+2184 "
        "D36+76 D68+0 S36+251 D36+26 D52+0 S36+294 D36+118 D36+0 S68+29 D36+84 D10100+8 S68+125 D36+100 D36+0 S36+100");
    assert_int_equal(i.result, INFERRED_DELIVERED);
    assert_false(i.exact);
}

static void what_is_no_mail(void **state)
{
    (void)state;
    static const char *const others[] = {
        GCM_13 FLIGHT_13
        "D120+100 S600+900 D140+100 S1200+200 D19+1", /* HTTP: the device speaks first */
        GCM_13 FLIGHT_13
        "S120+100 D35+100 S160+10 D60+100 S60+10 D40+10 S300+10 D33+10 S70+10", /* IMAP */
        GCM_12 FINISHED_12
        "S44+3936 D37+232 S64+118 D36+69 S52+109 D30+58 S38+348 S26a+31", /* FTP */
        GCM_13 FLIGHT_13 "S37+3785 D30+159 S57+107 D29+70 S45+67 D23+184 S31+246 S19+29",
        GCM_13 FLIGHT_13 "S40+0",
        GCM_13 FLIGHT_13 "D2000+0",
        GCM_13 "S39+0",
        GCM_12 "D40h+0",
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_int_not_equal(judge(others[i]).confidence, INFERRED_LIKELY);
}

/* Whatever stands there: no crash, no endless work, nothing out of order. */
static void any_records(void **state)
{
    (void)state;
    static const uint16_t suites[][2] = {
        { 0x0304, 0x1301 }, { 0x0303, 0xc030 }, { 0x0303, 0x002f }, { 0x0301, 0x002f }
    };
    uint32_t dice = 1;
    for (unsigned round = 0; round < 300; round++) {
        static struct infer_session session;
        struct attempt *a = attempt_new(NULL);
        struct inferred inferred;
        session.version = suites[round % 4][0];
        session.cipher = suites[round % 4][1];
        session.hints = (struct infer_hints) { .starttls = round % 3 == 0,
                                               .ehlo = (uint16_t)(round % 5),
                                               .list = (uint16_t)(round * 211) };
        assert_true(infer_cipher_of(session.version, session.cipher, &session.layout));
        for (unsigned i = 0; i < round * 2; i++) {
            dice = dice * 1664525U + 1013904223U;
            uint16_t length = (uint16_t)(dice >> (dice >> 13 & 8 ? 16 : 24));
            attempt_trace(a, dice >> 9 & 1 ? SIDE_DEVICE : SIDE_SERVER,
                          (uint8_t)(round % 7 ? 23 : 21 + (dice >> 11 & 3)), length, i + 1,
                          (int64_t)i * 1000000);
        }
        infer_records_read(a, session.version, &session.layout, &session.records);
        infer_judge(a, &session, &inferred);
        assert_true(inferred.result < INFERRED_RESULTS);
        for (size_t k = 0; k < inferred.step_count; k++)
            assert_true(inferred.steps[k].record < a->trace_count);
        attempt_free(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_suites_add_to_a_record),
        cmocka_unit_test(refused_sign_in),
        cmocka_unit_test(delivered_mail),
        cmocka_unit_test(delivered_large_mail),
        cmocka_unit_test(steps_of_the_dialogue),
        cmocka_unit_test(steps_beyond_the_limit),
        cmocka_unit_test(words_learnt_from_others),
        cmocka_unit_test(another_length_than_usual),
        cmocka_unit_test(refused_envelope),
        cmocka_unit_test(list_line_by_line),
        cmocka_unit_test(list_said_twice),
        cmocka_unit_test(known_words_of_acceptance),
        cmocka_unit_test(words_of_a_filter),
        cmocka_unit_test(repeated_address),
        cmocka_unit_test(three_mails),
        cmocka_unit_test(padded_to_multiples),
        cmocka_unit_test(key_updates),
        cmocka_unit_test(greeting_names_the_family),
        cmocka_unit_test(mail_after_a_refused_sign_in_that_was_made_good),
        cmocka_unit_test(certificate_refused),
        cmocka_unit_test(ehlo_left_out),
        cmocka_unit_test(to_a_block_less_is_said),
        cmocka_unit_test(what_is_no_mail),
        cmocka_unit_test(any_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
