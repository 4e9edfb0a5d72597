/* SPDX-License-Identifier: BSD-3-Clause */
#include "play.h"

#include "base/limits.h"

static struct play p;

static void opening_and_closing(void **state)
{
    (void)state;
    play_start(&p);
    assert_int_equal(tcp_state(p.tcp), TCP_OPENING);
    play_open(&p);
    assert_int_equal(tcp_state(p.tcp), TCP_OPEN);
    play(&p, S, TCP_ACK | TCP_PSH, 1, 1, "220 hi\r\n");
    play(&p, D, TCP_ACK | TCP_PSH, 1, 9, "QUIT\r\n");
    play(&p, S, TCP_ACK | TCP_PSH | TCP_FIN, 9, 7, "221 bye\r\n");
    assert_true(tcp_side_done(p.tcp, S));
    assert_false(tcp_side_done(p.tcp, D));
    play(&p, D, TCP_ACK | TCP_FIN, 7, 19, "");
    assert_int_equal(tcp_state(p.tcp), TCP_OPEN);
    play(&p, S, TCP_ACK, 19, 8, "");
    assert_int_equal(tcp_state(p.tcp), TCP_CLOSED_FINS);
    play_flush(&p);
    assert_string_equal(p.order, "<220 hi\r\n>QUIT\r\n<221 bye\r\n");
    assert_int_equal(play_count(&p, FACT_SYN), 1);
    assert_int_equal(play_fact(&p, FACT_OPEN, 0)->last_frame, 3);
    assert_int_equal(play_count(&p, FACT_FIN), 2);
    assert_int_equal(play_fact(&p, FACT_FIN, 0)->from, S);
    assert_int_equal(play_fact(&p, FACT_FIN, 0)->fin.offset, 17);
    const struct attempt *a = p.attempt;
    assert_int_equal(a->first_frame, 1);
    assert_int_equal(a->last_frame, 8);
    assert_int_equal(a->direction[D].acked, 6);
    assert_int_equal(a->direction[S].acked, 17);
    assert_int_equal(a->direction[S].bytes, 17);
    assert_int_equal(a->direction[S].largest_segment, 9);
    assert_int_equal(a->direction[S].ttl, 52);
    assert_true(a->start_seen && !a->one_sided && !a->gaps && a->direction[D].fin);
    play_end(&p);
}

static void refused(void **state)
{
    (void)state;
    play_start(&p);
    play(&p, D, TCP_SYN, 0, 0, "");
    play(&p, D, TCP_SYN, 0, 0, "");
    play(&p, S, TCP_RST | TCP_ACK, 77, 5, ""); /* acknowledges nothing of ours */
    assert_int_equal(tcp_state(p.tcp), TCP_OPENING);
    struct packet rst = play_make(&p, S, TCP_RST | TCP_ACK, 0, 1, "");
    rst.tcp.seq = 0;
    play_send(&p, &rst, S);
    assert_int_equal(tcp_state(p.tcp), TCP_CLOSED_RST);
    assert_int_equal(play_count(&p, FACT_SYN), 2);
    assert_int_equal(play_fact(&p, FACT_SYN, 1)->syn.repeat, 1);
    assert_int_equal(play_count(&p, FACT_RST), 1);
    assert_true(play_fact(&p, FACT_RST, 0)->rst.answers_syn);
    play_flush(&p);
    assert_false(p.attempt->one_sided);
    play_end(&p);
}

static void never_answered_is_not_one_sided(void **state)
{
    (void)state;
    play_start(&p);
    play(&p, D, TCP_SYN, 0, 0, "");
    play(&p, D, TCP_SYN, 0, 0, "");
    play_flush(&p);
    assert_false(p.attempt->one_sided);
    play_end(&p);
    play_start(&p);
    play(&p, D, TCP_SYN, 0, 0, "");
    play(&p, D, TCP_ACK, 1, 1, "");
    play_flush(&p);
    assert_true(p.attempt->one_sided);
    assert_false(p.attempt->gaps);
    play_end(&p);
}

static void reset_by_another_hand(void **state)
{
    (void)state;
    play_start(&p);
    play_open(&p);
    play(&p, S, TCP_ACK, 1, 1, "220\r\n");
    struct packet rst = play_make(&p, S, TCP_RST, 200000, 0, "");
    play_send(&p, &rst, S); /* far outside: nobody believes it */
    assert_int_equal(tcp_state(p.tcp), TCP_OPEN);
    rst = play_make(&p, S, TCP_RST, 6, 0, "");
    rst.ttl = 250;
    play_send(&p, &rst, S);
    assert_int_equal(tcp_state(p.tcp), TCP_CLOSED_RST);
    assert_int_equal(play_count(&p, FACT_RST), 1);
    const struct fact *f = play_fact(&p, FACT_RST, 0);
    assert_int_equal(f->rst.ttl, 250);
    assert_int_equal(f->rst.usual_ttl, 52);
    assert_false(f->rst.after_fin || f->rst.answers_syn);
    play_flush(&p);
    play_end(&p);
}

static void late_reset_after_both_fins(void **state)
{
    (void)state;
    play_start(&p);
    play_open(&p);
    play(&p, D, TCP_ACK | TCP_FIN, 1, 1, "");
    play(&p, S, TCP_ACK | TCP_FIN, 1, 2, "");
    play(&p, D, TCP_RST, 2, 0, "");
    assert_int_equal(tcp_state(p.tcp), TCP_CLOSED_FINS);
    play_flush(&p);
    assert_true(play_fact(&p, FACT_RST, 0)->rst.after_fin);
    play_end(&p);
}

static void lost_and_resent_until_the_end(void **state)
{
    (void)state;
    play_start(&p);
    play_open(&p);
    play(&p, S, TCP_ACK, 1, 1, "220\r\n");
    play(&p, D, TCP_ACK, 1, 6, "EHLO a\r\n");
    for (int i = 0; i < 4; i++) {
        p.time += TIME_SECOND;
        play(&p, D, TCP_ACK, 1, 6, "EHLO a\r\n");
    }
    assert_int_equal(play_count(&p, FACT_RESEND), 0);
    play_flush(&p);
    assert_string_equal(p.order, "<220\r\n>EHLO a\r\n");
    assert_int_equal(play_count(&p, FACT_RESEND), 1);
    const struct fact *f = play_fact(&p, FACT_RESEND, 0);
    assert_int_equal(f->resend.count, 4);
    assert_int_equal(f->resend.bytes, 8);
    assert_int_equal(f->resend.offset, 0);
    assert_false(f->resend.acknowledged);
    assert_int_equal(f->first_frame, 6);
    assert_int_equal(f->last_frame, 9);
    assert_int_equal(p.attempt->direction[D].unanswered_resends, 4);
    assert_int_equal(p.attempt->direction[D].resends, 4);
    assert_int_equal(p.attempt->direction[D].acked, 0);
    assert_int_equal(p.attempt->direction[D].largest_segment, 0);
    play_end(&p);
}

static void resent_and_recovered(void **state)
{
    (void)state;
    play_start(&p);
    play_open(&p);
    play(&p, D, TCP_ACK, 1, 1, "aaaa");
    play(&p, D, TCP_ACK, 5, 1, "bbbb");
    play(&p, D, TCP_ACK, 1, 1, "aaaa");
    play(&p, D, TCP_ACK, 5, 1, "bbbb");
    play(&p, S, TCP_ACK, 1, 9, "");
    assert_int_equal(play_count(&p, FACT_RESEND), 1);
    const struct fact *f = play_fact(&p, FACT_RESEND, 0);
    assert_true(f->resend.acknowledged);
    assert_int_equal(f->resend.count, 1);
    assert_int_equal(f->resend.bytes, 8);
    play_flush(&p);
    assert_int_equal(p.attempt->direction[D].unanswered_resends, 0);
    assert_int_equal(p.attempt->direction[D].resends, 2);
    play_end(&p);
}

/* What was acknowledged comes again together with new bytes; these are resent to no avail. */
static void resent_in_front_of_new_bytes(void **state)
{
    (void)state;
    play_start(&p);
    play_open(&p);
    play(&p, D, TCP_ACK, 1, 1, "aaaa");
    play(&p, S, TCP_ACK, 1, 5, "");
    play(&p, D, TCP_ACK, 1, 1, "aaaabbbb");
    for (int i = 0; i < 3; i++)
        play(&p, D, TCP_ACK, 5, 1, "bbbb");
    play_flush(&p);
    assert_int_equal(play_count(&p, FACT_RESEND), 2);
    const struct fact *f = play_fact(&p, FACT_RESEND, 0);
    assert_true(f->resend.acknowledged);
    assert_int_equal(f->resend.count, 1);
    assert_int_equal(f->resend.bytes, 4);
    f = play_fact(&p, FACT_RESEND, 1);
    assert_false(f->resend.acknowledged);
    assert_int_equal(f->resend.count, 3);
    assert_int_equal(f->resend.offset, 4);
    assert_int_equal(p.attempt->direction[D].unanswered_resends, 3);
    play_end(&p);
}

/* Another cut begins in acknowledged bytes. */
static void resent_from_before_the_acknowledged(void **state)
{
    (void)state;
    play_start(&p);
    play_open(&p);
    play(&p, D, TCP_ACK, 1, 1, "aaaa");
    play(&p, D, TCP_ACK, 5, 1, "bbbb");
    play(&p, S, TCP_ACK, 1, 5, "");
    play(&p, D, TCP_ACK, 3, 1, "aabbbb");
    play(&p, D, TCP_ACK, 5, 1, "bbbb");
    play_flush(&p);
    assert_int_equal(play_count(&p, FACT_RESEND), 1);
    assert_int_equal(play_fact(&p, FACT_RESEND, 0)->resend.count, 2);
    assert_int_equal(p.attempt->direction[D].unanswered_resends, 2);
    play_end(&p);
}

/* An acknowledgement of the server with these options. */
static void play_options(uint32_t ack, const void *options, size_t len)
{
    struct packet packet = play_make(&p, S, TCP_ACK, 1, ack, "");
    packet.tcp.options = bytes_of(options, len);
    play_send(&p, &packet, S);
}

/* The first is lost, the second and third of its size arrive (RFC 2018). The device's number 1001 is
 * its first byte. */
static void arrived_out_of_order(void **state)
{
    (void)state;
    static const uint8_t third[] = { 1, 1, 5, 10, 0, 0, 0x03, 0xf1, 0, 0, 0x03, 0xf5 };
    static const uint8_t part[] = { 1, 1, 5, 10, 0, 0, 0x03, 0xf2, 0, 0, 0x03, 0xf5 };
    static const uint8_t beyond[] = { 1, 1, 5, 10, 0, 0, 0x03, 0xf1, 0, 0, 0x03, 0xf6 };
    static const uint8_t two[] = {
        8,    10,   0, 0, 0,    0,    0, 0, 0,    0,    5, 18, 0,    0,
        0x03, 0xe0, 0, 0, 0x03, 0xe2, 0, 0, 0x03, 0xed, 0, 0,  0x03, 0xf5
    };
    static const struct {
        const uint8_t *options;
        size_t len;
        uint32_t largest;
    } cases[] = {
        { NULL, 0, 0 },
        { third, sizeof third, 4 },
        { part, sizeof part, 0 },
        { beyond, sizeof beyond, 0 }, /* of bytes never sent: not believed */
        { two, sizeof two, 4 },
        { two, sizeof two - 1, 0 },
        { third, sizeof third - 1, 0 },
        { third, 3, 0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        play_start(&p);
        play_open(&p);
        play(&p, D, TCP_ACK, 1, 1, "aaaa");
        play(&p, D, TCP_ACK, 5, 1, "bbbb");
        play(&p, D, TCP_ACK, 9, 1, "cccc");
        play_options(1, cases[i].options, cases[i].len);
        play_flush(&p);
        assert_int_equal(p.attempt->direction[D].largest_segment, cases[i].largest);
        play_end(&p);
    }
}

/* Of five, the third of them smaller, only those arrive that the block names. */
static void arrived_in_the_middle(void **state)
{
    (void)state;
    static const struct {
        uint8_t left, right; /* of the block, from 1000 on */
        uint32_t largest;
    } cases[] = {
        { 1, 5, 4 },   { 5, 9, 4 },   /* the first two, */
        { 12, 16, 4 }, { 16, 20, 4 }, /* the last two, */
        { 9, 12, 0 },                 /* the smaller one between them */
        { 7, 11, 0 },                 /* none of them whole */
        { 5, 12, 4 },  { 13, 20, 4 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int again = 0; again < 2; again++) {
            const uint8_t options[] = { 1, 1, 5,    10,
                                        0, 0, 0x03, (uint8_t)(0xe8 + cases[i].left),
                                        0, 0, 0x03, (uint8_t)(0xe8 + cases[i].right) };
            play_start(&p);
            play_open(&p);
            play(&p, D, TCP_ACK, 1, 1, "aaaa");
            play(&p, D, TCP_ACK, 5, 1, "bbbb");
            play(&p, D, TCP_ACK, 9, 1, "ccc");
            play(&p, D, TCP_ACK, 12, 1, "dddd");
            play(&p, D, TCP_ACK, 16, 1, "eeee");
            if (again)
                play(&p, D, TCP_ACK, 1, 1, "aaaa");
            play_options(1, options, sizeof options);
            play_flush(&p);
            assert_int_equal(p.attempt->direction[D].largest_segment, cases[i].largest);
            play_end(&p);
        }
    }
}

static void copies_by_a_mirror_port(void **state)
{
    (void)state;
    play_start(&p);
    struct packet syn = play_make(&p, D, TCP_SYN, 0, 0, "");
    play_send(&p, &syn, D);
    play_send(&p, &syn, D);
    play(&p, S, TCP_SYN | TCP_ACK, 0, 1, "");
    struct packet one = play_make(&p, D, TCP_ACK, 1, 1, "one");
    struct packet two = play_make(&p, D, TCP_ACK, 4, 1, "two");
    two.time = one.time + 1000;
    play_send(&p, &one, D);
    play_send(&p, &two, D);
    one.time += 3000;
    two.time += 3000;
    play_send(&p, &one, D);
    play_send(&p, &two, D);
    assert_int_equal(p.attempt->direction[D].duplicates, 3);
    assert_int_equal(p.attempt->direction[D].resends, 0);
    assert_int_equal(play_count(&p, FACT_SYN), 1);
    /* IPv6 has no id: a round trip later it is a retransmission */
    struct packet six = play_make(&p, D, TCP_ACK, 7, 1, "six");
    six.ip_id = 0;
    play_send(&p, &six, D);
    six.time += 20000;
    play_send(&p, &six, D);
    assert_int_equal(p.attempt->direction[D].duplicates, 4);
    six.time += 200 * TIME_MILLISECOND;
    play_send(&p, &six, D);
    assert_int_equal(p.attempt->direction[D].duplicates, 4);
    assert_int_equal(p.attempt->direction[D].resends, 1);
    play_flush(&p);
    play_end(&p);
}

static void keep_alives_and_closed_windows(void **state)
{
    (void)state;
    play_start(&p);
    play_open(&p);
    play(&p, D, TCP_ACK, 1, 1, "abc");
    struct packet full = play_make(&p, S, TCP_ACK, 1, 4, "");
    full.tcp.window = 0;
    play_send(&p, &full, S);
    play(&p, D, TCP_ACK, 3, 1, "\x01"); /* keep-alive with any byte */
    play(&p, D, TCP_ACK, 3, 1, "");     /* and without */
    play(&p, D, TCP_ACK, 4, 1, "d");    /* a probe */
    full = play_make(&p, S, TCP_ACK, 1, 4, "");
    full.tcp.window = 0;
    play_send(&p, &full, S);
    play(&p, D, TCP_ACK, 4, 1, "d");
    play(&p, S, TCP_ACK, 1, 4, "");
    play(&p, D, TCP_ACK, 4, 1, "def");
    play_flush(&p);
    assert_string_equal(p.order, ">abcdef");
    assert_int_equal(p.attempt->direction[D].resends, 0);
    assert_int_equal(play_count(&p, FACT_CONFLICT), 0);
    assert_int_equal(play_count(&p, FACT_ZERO_WINDOW), 1);
    play_end(&p);
}

static void overlap_that_differs(void **state)
{
    (void)state;
    play_start(&p);
    play_open(&p);
    play(&p, D, TCP_ACK, 1, 1, "HELO one");
    play(&p, D, TCP_ACK, 6, 1, "two\r\n");
    play_flush(&p);
    assert_string_equal(p.order, ">HELO one\r\n");
    assert_int_equal(play_count(&p, FACT_CONFLICT), 1);
    assert_int_equal(play_fact(&p, FACT_CONFLICT, 0)->last_frame, 5);
    play_end(&p);
}

static void reply_before_its_command(void **state)
{
    (void)state;
    play_start(&p);
    play_open(&p);
    struct packet command = play_make(&p, D, TCP_ACK, 1, 1, "EHLO a\r\n");
    play(&p, S, TCP_ACK, 1, 9, "250 ok\r\n");
    assert_string_equal(play_order(&p), "");
    play_send(&p, &command, D);
    assert_string_equal(play_order(&p), ">EHLO a\r\n<250 ok\r\n");
    play_flush(&p);
    assert_false(p.attempt->gaps);
    play_end(&p);
}

static void command_that_the_capture_lost(void **state)
{
    (void)state;
    play_start(&p);
    play_open(&p);
    play(&p, S, TCP_ACK, 1, 9, "250 ok\r\n");
    play(&p, D, TCP_ACK, 9, 9, "QUIT\r\n");
    assert_string_equal(play_order(&p), "");
    for (unsigned i = 0; i < TCP_TIMED_PACKETS; i++)
        play(&p, S, TCP_ACK, 9, 15, "");
    assert_string_equal(play_order(&p), "");
    p.time += 5 * TIME_SECOND;
    play(&p, S, TCP_ACK, 9, 15, "221 bye\r\n");
    assert_string_equal(play_order(&p), ">########<250 ok\r\n>QUIT\r\n<221 bye\r\n");
    const struct fact *f = play_fact(&p, FACT_GAP, 0);
    assert_int_equal(f->gap.offset, 0);
    assert_int_equal(f->gap.bytes, 8);
    assert_int_equal(f->from, D);
    assert_int_equal(f->last_frame, 4);
    play_flush(&p);
    assert_true(p.attempt->gaps);
    assert_int_equal(p.attempt->direction[D].gaps, 1);
    play_end(&p);
}

static void fin_waits_for_its_bytes(void **state)
{
    (void)state;
    play_start(&p);
    play_open(&p);
    struct packet quit = play_make(&p, D, TCP_ACK, 1, 1, "QUIT\r\n");
    play(&p, D, TCP_ACK | TCP_FIN, 7, 1, "");
    assert_int_equal(play_count(&p, FACT_FIN), 0);
    play_send(&p, &quit, D);
    assert_int_equal(play_fact(&p, FACT_FIN, 0)->fin.offset, 6);
    assert_int_equal(play_fact(&p, FACT_FIN, 0)->last_frame, 5);
    play(&p, D, TCP_ACK, 7, 1, "more"); /* behind its FIN */
    play_flush(&p);
    assert_string_equal(p.order, ">QUIT\r\n");
    play_end(&p);
    /* and where they never come */
    play_start(&p);
    play_open(&p);
    play(&p, D, TCP_ACK | TCP_FIN, 7, 1, "");
    play_flush(&p);
    assert_string_equal(p.order, ">######");
    assert_int_equal(play_count(&p, FACT_FIN), 1);
    play_end(&p);
}

static void fin_that_the_capture_lost(void **state)
{
    (void)state;
    play_start(&p);
    play_open(&p);
    play(&p, D, TCP_ACK, 1, 1, "QUIT\r\n");
    play(&p, S, TCP_ACK, 1, 8, "221\r\n"); /* acknowledges the FIN too */
    play(&p, S, TCP_ACK | TCP_FIN, 6, 8, "");
    play_flush(&p);
    assert_string_equal(p.order, ">QUIT\r\n<221\r\n");
    assert_false(p.attempt->gaps);
    assert_int_equal(play_count(&p, FACT_FIN), 1);
    play_end(&p);
}

static void each_reply_after_its_own_lost_command(void **state)
{
    (void)state;
    play_start(&p);
    play_open(&p);
    play(&p, S, TCP_ACK, 1, 1, "220\r\n");
    play(&p, S, TCP_ACK, 6, 5, "250\r\n");
    play(&p, S, TCP_ACK, 11, 9, "250\r\n");
    play_flush(&p);
    assert_string_equal(p.order, "<220\r\n>####<250\r\n>####<250\r\n");
    assert_int_equal(play_fact(&p, FACT_GAP, 0)->last_frame, 5);
    assert_int_equal(play_fact(&p, FACT_GAP, 1)->last_frame, 6);
    play_end(&p);
}

static void capture_that_starts_late(void **state)
{
    (void)state;
    play_start(&p);
    play(&p, S, TCP_ACK, 104, 51, "lo\r\n");
    play(&p, S, TCP_ACK, 101, 51, "hel"); /* swapped */
    play(&p, D, TCP_ACK, 51, 108, "QUIT\r\n");
    play_flush(&p);
    assert_string_equal(p.order, "<hello\r\n>QUIT\r\n");
    assert_false(p.attempt->start_seen || p.attempt->gaps || p.attempt->one_sided);
    assert_int_equal(play_count(&p, FACT_OPEN), 1);
    play_end(&p);
}

static void one_direction_alone(void **state)
{
    (void)state;
    play_start(&p);
    play(&p, D, TCP_SYN, 0, 0, "");
    play(&p, D, TCP_ACK, 1, 1, "");
    play(&p, D, TCP_ACK, 1, 50, "EHLO a\r\n");
    play(&p, D, TCP_ACK, 1, 50, "EHLO a\r\n");
    play(&p, D, TCP_ACK, 9, 150, "QUIT\r\n");
    play_flush(&p);
    assert_int_equal(p.len[D], 14);
    assert_memory_equal(p.bytes[D], "EHLO a\r\nQUIT\r\n", 14);
    assert_true(p.attempt->one_sided);
    assert_false(p.attempt->gaps);
    assert_int_equal(p.attempt->direction[S].gaps, 0);
    assert_int_equal(p.attempt->direction[D].unanswered_resends, 0);
    assert_int_equal(p.attempt->direction[D].largest_segment, 8);
    play_end(&p);
}

static void snapped_segments(void **state)
{
    (void)state;
    play_start(&p);
    play_open(&p);
    struct packet cut = play_make(&p, S, TCP_ACK, 1, 1, "220 hello");
    cut.payload.len = 4;
    cut.snapped = true;
    play_send(&p, &cut, S);
    assert_string_equal(play_order(&p), "<220 #####");
    play(&p, D, TCP_ACK, 1, 10, "QUIT\r\n");
    play_flush(&p);
    assert_true(p.attempt->snapped && p.attempt->direction[S].snapped);
    assert_false(p.attempt->gaps);
    assert_int_equal(play_fact(&p, FACT_GAP, 0)->flags, FACT_CLIPPED);
    play_end(&p);
}

static void fast_open(void **state)
{
    (void)state;
    play_start(&p);
    play(&p, D, TCP_SYN, 0, 0, "hello");
    play(&p, S, TCP_SYN | TCP_ACK, 0, 6, "");
    play(&p, D, TCP_ACK, 6, 1, " there");
    play_flush(&p);
    assert_string_equal(p.order, ">hello there");
    play_end(&p);
    /* not taken: sent again, which is no sign of loss */
    play_start(&p);
    play(&p, D, TCP_SYN, 0, 0, "hello");
    play(&p, S, TCP_SYN | TCP_ACK, 0, 1, "");
    play(&p, D, TCP_ACK, 1, 1, "hello");
    play(&p, D, TCP_ACK, 6, 1, " there");
    play_flush(&p);
    assert_string_equal(p.order, ">hello there");
    assert_int_equal(p.attempt->direction[D].resends, 0);
    play_end(&p);
}

static void simultaneous_open_and_close(void **state)
{
    (void)state;
    play_start(&p);
    play(&p, D, TCP_SYN, 0, 0, "");
    play(&p, S, TCP_SYN, 0, 0, "");
    play(&p, D, TCP_SYN | TCP_ACK, 0, 1, "");
    play(&p, S, TCP_SYN | TCP_ACK, 0, 1, "");
    play(&p, S, TCP_ACK, 1, 1, "220\r\n");
    assert_int_equal(tcp_state(p.tcp), TCP_OPEN);
    play(&p, S, TCP_ACK | TCP_FIN, 6, 1, "");
    play(&p, D, TCP_ACK | TCP_FIN, 1, 6, "");
    play(&p, S, TCP_ACK, 7, 2, "");
    assert_int_equal(tcp_state(p.tcp), TCP_OPEN);
    play(&p, D, TCP_ACK, 2, 7, "");
    assert_int_equal(tcp_state(p.tcp), TCP_CLOSED_FINS);
    play_flush(&p);
    play_end(&p);
}

static void icmp_error(void **state)
{
    (void)state;
    play_start(&p);
    play(&p, D, TCP_SYN, 0, 0, "");
    struct packet error = play_make(&p, D, TCP_SYN, 0, 0, "");
    error.kind = PACKET_ICMP_ERROR;
    error.icmp =
        (struct icmp_error) { .type = 3, .code = 13, .quoted_protocol = 6, .has_seq = true };
    tcp_icmp(p.tcp, &error, D);
    tcp_icmp(p.tcp, &error, D); /* a copy */
    play_flush(&p);
    assert_int_equal(play_count(&p, FACT_ICMP), 1);
    const struct fact *f = play_fact(&p, FACT_ICMP, 0);
    assert_true(f->icmp.quotes_syn);
    assert_int_equal(f->icmp.code, 13);
    assert_int_equal(p.attempt->last_frame, 2);
    play_end(&p);
}

static void opening_told_later(void **state)
{
    (void)state;
    struct flow_opening o = { .first_frame = 3,
                              .first_time = 1000,
                              .syn = true,
                              .syn_seq = DEVICE_ISN,
                              .syn_frame = 3,
                              .syn_ack = true,
                              .syn_ack_seq = SERVER_ISN,
                              .syn_ack_frame = 4,
                              .syn_ack_time = 2000 };
    play_start(&p);
    tcp_free(p.tcp);
    p.tcp = tcp_new(p.attempt, &p.budget, &o);
    p.frame = 5;
    play(&p, S, TCP_ACK, 1, 1, "220\r\n");
    assert_int_equal(play_fact(&p, FACT_SYN, 0)->last_frame, 3);
    assert_int_equal(play_fact(&p, FACT_SYN_ACK, 0)->time, 2000);
    assert_int_equal(p.attempt->first_frame, 3);
    assert_string_equal(play_order(&p), "<220\r\n");
    play_end(&p);
    /* the SYN itself is the packet that follows: it is told once */
    o.syn_ack = false;
    o.syn_ack_frame = 0;
    play_start(&p);
    tcp_free(p.tcp);
    p.tcp = tcp_new(p.attempt, &p.budget, &o);
    p.frame = 2;
    play(&p, D, TCP_SYN, 0, 0, "");
    assert_int_equal(play_count(&p, FACT_SYN), 1);
    play_end(&p);
    /* nothing ever follows */
    play_start(&p);
    tcp_free(p.tcp);
    p.tcp = tcp_new(p.attempt, &p.budget, &o);
    play_flush(&p);
    assert_int_equal(play_count(&p, FACT_SYN), 1);
    assert_false(p.attempt->one_sided);
    play_end(&p);
}

static void limits_of_facts(void **state)
{
    (void)state;
    play_start(&p);
    for (unsigned i = 0; i < 100; i++)
        play(&p, D, TCP_SYN, 0, 0, "");
    play_open(&p);
    for (unsigned i = 0; i < 100; i++) {
        struct packet rst = play_make(&p, S, TCP_RST, 1, 0, "");
        play_send(&p, &rst, S);
    }
    play_flush(&p);
    assert_int_equal(play_count(&p, FACT_SYN), TCP_SYN_FACTS_MAX);
    assert_int_equal(play_count(&p, FACT_RST), TCP_RST_FACTS_MAX);
    play_end(&p);
}

/* Each allocation fails once, and all after it: nothing leaks, nothing breaks. */
static void no_memory(void **state)
{
    (void)state;
    for (unsigned n = 1; n < 60; n++) {
        struct budget budget = { 0 };
        struct attempt *attempt = attempt_new(&budget);
        mem_fail_at(n);
        struct tcp *tcp = tcp_new(attempt, &budget, NULL);
        for (unsigned i = 0; tcp && i < 40; i++) {
            bool device = i % 3 != 0;
            struct packet q = { .kind = PACKET_TCP,
                                .frame = i + 1,
                                .time = i * TIME_MILLISECOND,
                                .ip_id = (uint16_t)i,
                                .tcp = { .seq = 100 + (i * 7) % 60,
                                         .ack = 90 + i,
                                         .flags = TCP_ACK | (i == 30 ? TCP_FIN : 0),
                                         .window = 100 },
                                .payload = bytes_str("0123456789"),
                                .payload_len = i % 11 };
            tcp_packet(tcp, &q, device ? D : S);
            struct chunk chunk;
            while (tcp_next_chunk(tcp, &chunk))
                ;
        }
        if (tcp) {
            struct chunk chunk;
            tcp_flush(tcp);
            while (tcp_next_chunk(tcp, &chunk))
                ;
        }
        tcp_free(tcp);
        mem_fail_at(0);
        attempt_free(attempt);
        assert_int_equal(budget.used, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opening_and_closing),
        cmocka_unit_test(refused),
        cmocka_unit_test(never_answered_is_not_one_sided),
        cmocka_unit_test(reset_by_another_hand),
        cmocka_unit_test(late_reset_after_both_fins),
        cmocka_unit_test(lost_and_resent_until_the_end),
        cmocka_unit_test(resent_and_recovered),
        cmocka_unit_test(resent_in_front_of_new_bytes),
        cmocka_unit_test(resent_from_before_the_acknowledged),
        cmocka_unit_test(arrived_out_of_order),
        cmocka_unit_test(arrived_in_the_middle),
        cmocka_unit_test(copies_by_a_mirror_port),
        cmocka_unit_test(keep_alives_and_closed_windows),
        cmocka_unit_test(overlap_that_differs),
        cmocka_unit_test(reply_before_its_command),
        cmocka_unit_test(command_that_the_capture_lost),
        cmocka_unit_test(fin_waits_for_its_bytes),
        cmocka_unit_test(fin_that_the_capture_lost),
        cmocka_unit_test(each_reply_after_its_own_lost_command),
        cmocka_unit_test(capture_that_starts_late),
        cmocka_unit_test(one_direction_alone),
        cmocka_unit_test(snapped_segments),
        cmocka_unit_test(fast_open),
        cmocka_unit_test(simultaneous_open_and_close),
        cmocka_unit_test(icmp_error),
        cmocka_unit_test(opening_told_later),
        cmocka_unit_test(limits_of_facts),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
