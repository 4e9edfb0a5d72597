/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What comes out does not depend on how a conversation was cut, resent, swapped, copied or
 * overlapped; where the capture lost bytes, the same bytes are missing however the rest was cut.
 */
#include "play.h"

#include "base/check.h"

enum { TURNS = 12, PACKETS_MAX = 4096, SEEDS = 100, STREAM_MAX = 2048, SWAP_MAX = 12 };

static uint64_t seed;

static uint32_t chance(uint32_t n)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(seed >> 33) % n;
}

/* What to do to it. */
struct ways {
    uint32_t cut; /* longest segment */
    bool swap, copy, overlap, acks, late_start, lose;
};

struct script {
    char stream[2][STREAM_MAX];
    bool lost[2][STREAM_MAX]; /* not in the capture */
    size_t len[2];
    char told[2 * STREAM_MAX + 64]; /* what should come out */
};

struct sent {
    struct packet packet;
    enum side from;
};

static struct script script;
static struct sent sent[PACKETS_MAX];
static size_t sent_count;
static struct play p;

static void script_write(bool lose)
{
    script = (struct script) { 0 };
    size_t told = 0;
    for (unsigned turn = 0; turn < TURNS; turn++) {
        enum side from = turn % 2 ? D : S;
        script.told[told++] = from == D ? '>' : '<';
        uint32_t n = 3 + chance(turn == 6 ? 700 : 60), hole = chance(n - 1),
                 hole_len = lose ? chance(3) * chance(n) / 2 : 0;
        for (uint32_t i = 0; i < n; i++) {
            size_t at = script.len[from]++;
            script.stream[from][at] = (char)('a' + chance(26));
            /* the first and last byte of a turn are there, so that it is known where a gap lies */
            script.lost[from][at] = i > 0 && i + 1 < n && i >= hole && i < hole + hole_len;
            script.told[told++] = script.lost[from][at] ? '#' : script.stream[from][at];
        }
    }
}

static void send_packet(enum side from, unsigned flags, uint32_t seq, uint32_t ack,
                        const char *bytes, size_t n)
{
    struct packet q = play_make(&p, from, flags, seq, ack, "");
    q.payload = bytes_of(bytes, n);
    q.payload_len = (uint32_t)n;
    assert_true(sent_count < PACKETS_MAX);
    sent[sent_count++] = (struct sent) { q, from };
}

/* Sends what of [at, at + n) the capture has. */
static void send_part(enum side from, size_t at, size_t n, size_t acked)
{
    for (size_t i = at; i < at + n;) {
        if (script.lost[from][i]) {
            i++;
            continue;
        }
        size_t end = i;
        while (end < at + n && !script.lost[from][end])
            end++;
        send_packet(from, TCP_ACK, (uint32_t)i + 1, (uint32_t)acked + 1, script.stream[from] + i,
                    end - i);
        i = end;
    }
}

static void conversation(const struct ways *w)
{
    size_t pos[2] = { 0, 0 };
    sent_count = 0;
    if (!w->late_start) {
        send_packet(D, TCP_SYN, 0, 0, "", 0);
        send_packet(S, TCP_SYN | TCP_ACK, 0, 1, "", 0);
        send_packet(D, TCP_ACK, 1, 1, "", 0);
    }
    const char *t = script.told;
    for (unsigned turn = 0; turn < TURNS; turn++) {
        enum side from = *t++ == '>' ? D : S;
        size_t n = strcspn(t, "<>"), begin = pos[from], end = begin + n;
        t += n;
        while (pos[from] < end) {
            size_t at = pos[from], len = 1 + chance(w->cut);
            len = at + len > end ? end - at : len;
            pos[from] += len;
            if (w->overlap && at > begin && chance(3) == 0) {
                size_t back = 1 + chance((uint32_t)(at - begin));
                at -= back;
                len += back;
            }
            send_part(from, at, len, pos[side_other(from)]);
            if (w->acks && chance(2) == 0)
                send_packet(side_other(from), TCP_ACK, (uint32_t)pos[side_other(from)] + 1,
                            (uint32_t)pos[from] + 1, "", 0);
        }
    }
    send_packet(D, TCP_ACK | TCP_FIN, (uint32_t)pos[D] + 1, (uint32_t)pos[S] + 1, "", 0);
    send_packet(S, TCP_ACK | TCP_FIN, (uint32_t)pos[S] + 1, (uint32_t)pos[D] + 2, "", 0);
    send_packet(D, TCP_ACK, (uint32_t)pos[D] + 2, (uint32_t)pos[S] + 2, "", 0);
}

static void put(size_t at, struct sent s)
{
    assert_true(sent_count < PACKETS_MAX);
    for (size_t i = sent_count++; i > at; i--)
        sent[i] = sent[i - 1];
    sent[at] = s;
}

static void disturb(const struct ways *w)
{
    for (size_t i = 0; w->copy && i < sent_count; i++)
        if (chance(3) == 0) {
            struct sent again = sent[i];
            if (chance(2) == 0 && again.packet.payload_len > 0)
                again.packet.ip_id = (uint16_t)(again.packet.ip_id + 20000); /* a retransmission */
            put(i + 1 + chance(3) * (i + 3 < sent_count), again);
            i++;
        }
    for (size_t i = 0; w->swap && i + 1 < sent_count; i++)
        if (chance(4) == 0) {
            size_t j = i + 1 + chance(SWAP_MAX);
            if (j >= sent_count)
                continue;
            struct sent s = sent[i];
            sent[i] = sent[j];
            sent[j] = s;
            i = j;
        }
    for (size_t i = 0; i < sent_count; i++)
        sent[i].packet.frame = (uint32_t)i + 1;
}

static void run(const struct ways *w, uint64_t n)
{
    seed = n;
    script_write(w->lose);
    play_start(&p);
    conversation(w);
    disturb(w);
    for (size_t i = 0; i < sent_count; i++)
        play_send(&p, &sent[i].packet, sent[i].from);
    assert_int_equal(tcp_state(p.tcp), TCP_CLOSED_FINS);
    play_flush(&p);
    size_t same = 0;
    while (p.order[same] && p.order[same] == script.told[same])
        same++;
    if (p.order[same] != script.told[same])
        fail_msg("seed %llu cut %u: at %zu \"%.20s\" instead of \"%.20s\"", (unsigned long long)n,
                 w->cut, same, p.order + same, script.told + same);
    assert_int_equal(play_count(&p, FACT_FIN), 2);
    assert_int_equal(play_count(&p, FACT_CONFLICT), 0);
    assert_int_equal(p.attempt->gaps, strchr(script.told, '#') != NULL);
    play_end(&p);
}

static void run_all(struct ways w)
{
    static const uint32_t cuts[] = { 1, 2, 7, 40, 2000 };
    for (size_t c = 0; c < sizeof cuts / sizeof *cuts; c++) {
        w.cut = cuts[c];
        for (uint64_t n = 1; n <= SEEDS; n++)
            run(&w, n);
    }
}

static void cut_anyhow(void **state)
{
    (void)state;
    run_all((struct ways) { 0 });
    run_all((struct ways) { .acks = true });
}

static void overlapped_and_copied(void **state)
{
    (void)state;
    run_all((struct ways) { .overlap = true, .acks = true });
    run_all((struct ways) { .copy = true, .acks = true });
    run_all((struct ways) { .overlap = true, .copy = true });
}

static void shuffled(void **state)
{
    (void)state;
    run_all((struct ways) { .swap = true });
    run_all((struct ways) { .swap = true, .acks = true });
    run_all((struct ways) { .swap = true, .copy = true, .overlap = true, .acks = true });
}

static void without_its_beginning(void **state)
{
    (void)state;
    run_all((struct ways) { .late_start = true, .acks = true });
    run_all((struct ways) { .late_start = true, .copy = true, .overlap = true });
}

static void with_holes(void **state)
{
    (void)state;
    run_all((struct ways) { .lose = true });
    run_all((struct ways) { .lose = true, .acks = true, .overlap = true, .copy = true });
    run_all((struct ways) { .lose = true, .swap = true });
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_anyhow), cmocka_unit_test(overlapped_and_copied),
        cmocka_unit_test(shuffled),   cmocka_unit_test(without_its_beginning),
        cmocka_unit_test(with_holes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
