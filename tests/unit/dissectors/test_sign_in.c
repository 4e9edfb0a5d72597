/* SPDX-License-Identifier: BSD-3-Clause */
/* What is kept of AUTH exchanges for a check of the password, however the stream is cut; and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>

#include "dissectors/smtp.h"
#include "facts/sign_in.h"

struct play {
    struct budget budget;
    struct attempt *attempt;
    struct smtp *smtp;
    uint64_t offset[2];
    uint32_t frame;
};

static void feed(struct play *p, enum side from, struct bytes bytes, size_t cut)
{
    while (bytes.len > 0) {
        struct bytes piece = bytes_first(bytes, cut);
        struct chunk chunk = { .from = from,
                               .frame = ++p->frame,
                               .time = p->frame * TIME_MILLISECOND,
                               .offset = p->offset[from],
                               .bytes = piece };
        (void)smtp_data(p->smtp, &chunk);
        p->offset[from] += piece.len;
        bytes = bytes_after(bytes, piece.len);
    }
}

/* Lines that begin with "S " or "C "; "C gap" is a hole. */
static void begin(struct play *p, const char *const *lines, size_t cut, bool keep)
{
    *p = (struct play) { .frame = 0 };
    p->attempt = attempt_new(&p->budget);
    p->attempt->start_seen = true;
    p->attempt->sign_ins = keep ? sign_ins_new(&p->budget) : NULL;
    p->smtp = smtp_new(p->attempt, &p->budget, SMTP_START_GREETING);
    for (; *lines; lines++) {
        char text[512];
        enum side from = **lines == 'S' ? SIDE_SERVER : SIDE_DEVICE;
        if (strcmp(*lines + 2, "gap") == 0) {
            struct chunk gap = { .from = from,
                                 .gap = true,
                                 .gap_len = 20,
                                 .frame = ++p->frame,
                                 .offset = p->offset[from] };
            (void)smtp_data(p->smtp, &gap);
            p->offset[from] += 20;
            continue;
        }
        int n = snprintf(text, sizeof text, "%s\r\n", *lines + 2);
        feed(p, from, bytes_of(text, (size_t)n), cut);
    }
    smtp_end(p->smtp);
    smtp_free(p->smtp);
}

static void end(struct play *p)
{
    attempt_free(p->attempt);
    assert_int_equal(p->budget.used, 0);
}

static void assert_said(const struct sign_in *s, size_t place, enum side from, const char *expected)
{
    struct bytes said;
    assert_true(sign_in_said(s, place, from, &said));
    assert_true(bytes_equal(said, bytes_str(expected)));
}

#define LINES(...)                                                                                 \
    ((const char *const[]) { "S 220 mx", "C EHLO cam", "S 250-mx",                                 \
                             "S 250 AUTH CRAM-MD5 LOGIN PLAIN", __VA_ARGS__, NULL })

static void test_kept(void **state)
{
    (void)state;
    static const size_t cuts[] = { 4096, 1, 7 };
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        struct play p;
        begin(&p,
              LINES("C AUTH CRAM-MD5", "S 334 PDFAbXg+", "C dGltIGI5MTM=", "S 535 no",
                    "C AUTH LOGIN", "S 334 VXNlcm5hbWU6", "C ZG9vcg==", "S 334 Password:", "C a2V5",
                    "S 235 ok", "C AUTH PLAIN AGRvb3IAa2V5", "S 235 ok", "C QUIT", "S 221 bye"),
              cuts[i], true);
        const struct sign_ins *all = p.attempt->sign_ins;
        assert_int_equal(all->count, 3);
        for (size_t k = 0; k < 3; k++)
            assert_false(all->all[k]->lost);
        assert_int_equal(all->all[0]->mechanism, AUTH_CRAM_MD5);
        assert_int_equal(all->all[0]->count, 2);
        assert_said(all->all[0], 0, SIDE_SERVER, "<1@mx>");
        assert_said(all->all[0], 1, SIDE_DEVICE, "tim b913");
        assert_said(all->all[1], 2, SIDE_DEVICE,
                    "key"); /* "Password:" is no base64, and no matter */
        assert_int_equal(all->all[2]->mechanism, AUTH_PLAIN);
        assert_int_equal(all->all[2]->count, 1);
        /* each under the frame of its AUTH */
        const struct fact *f = timeline_first(p.attempt->timeline);
        for (size_t k = 0; k < 3; f = timeline_next(p.attempt->timeline, f))
            if (f->kind == FACT_AUTH)
                assert_int_equal(f->last_frame, all->all[k++]->frame);
        end(&p);
    }
}

static void test_not_kept(void **state)
{
    (void)state;
    struct play p;
    begin(&p, LINES("C AUTH PLAIN AGRvb3IAa2V5", "S 235 ok", "C QUIT", "S 221 bye"), 4096, false);
    assert_null(p.attempt->sign_ins);
    end(&p);
    begin(&p, LINES("C QUIT", "S 221 bye"), 4096, true);
    assert_int_equal(p.attempt->sign_ins->count, 0);
    end(&p);
}

static void test_incomplete(void **state)
{
    (void)state;
    struct play p;
    begin(&p, LINES("C AUTH CRAM-MD5", "S 334 no base64 at all", "C dGltIGI5MTM=", "S 535 no"),
          4096, true);
    assert_true(p.attempt->sign_ins->all[0]->lost);
    end(&p);
    begin(&p, LINES("C AUTH CRAM-MD5", "S 334 PDFAbXg+", "C *", "S 501 cancelled"), 4096, true);
    assert_true(p.attempt->sign_ins->all[0]->lost);
    end(&p);
    begin(&p, LINES("C AUTH LOGIN", "S 334 VXNlcm5hbWU6", "C gap", "C a2V5", "S 535 no"), 4096,
          true);
    const struct sign_in *one = p.attempt->sign_ins->all[0];
    assert_true(one->lost || one->count < 4);
    end(&p);
    /* a command in place of the password: it happens to be base64 */
    begin(&p,
          LINES("C AUTH LOGIN", "S 334 VXNlcm5hbWU6", "C ZG9vcg==", "S 334 UGFzc3dvcmQ6", "C QUIT",
                "S 501 what", "S 221 bye"),
          4096, true);
    assert_true(p.attempt->sign_ins->all[0]->lost);
    end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_kept),
                                        cmocka_unit_test(test_not_kept),
                                        cmocka_unit_test(test_incomplete) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
