/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Makes the captures that bench/run measures with, always the same ones for one size and seed, on
 * standard output; what is in them goes to standard error as a line of JSON.
 *
 *     generate mix CONNECTIONS [SEED]        a mirror port: web, shells, UDP, and 2 % mail
 *     generate mail CONVERSATIONS [SEED]     nothing but mail
 *     generate small-pkts PACKETS [SEED]     64 bytes each, over a million connections at random
 *     generate syn-flood SYNS [SEED]         SYNs of made-up hosts, and mail among them
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conversation.h"

enum {
    MIX_AT_ONCE = 2000,
    MAIL_AT_ONCE = 200,
    SMALL_CONNECTIONS = 1000000,
    FLOOD_AT_ONCE = 200,     /* mail conversations that are open during the flood, … */
    FLOOD_SYNS_A_MAIL = 200, /* … with one of their packets in so many SYNs */
};

struct found {
    uint64_t connections, mails, delivered, failed;
};

static struct conversation going[MIX_AT_ONCE];

static void found_add(struct found *found, const struct conversation *c)
{
    found->connections++;
    found->mails += conversation_outcome(c) != OUTCOME_NO_MAIL;
    found->delivered += conversation_outcome(c) == OUTCOME_DELIVERED;
    found->failed += conversation_outcome(c) == OUTCOME_FAILED;
}

/* Which connection numbers are mail: in 10,000. */
static void begin(struct conversation *c, uint32_t number, uint32_t mail_share, struct found *found)
{
    if (random_below(10000) < mail_share)
        conversation_mail(c, number);
    else
        conversation_other(c, number);
    found_add(found, c);
}

/* So many connections, at_once of them at a time, one packet of any of them after the other. */
static struct found mixed(uint32_t connections, uint32_t at_once, uint32_t mail_share,
                          bool datagrams)
{
    struct found found = { 0 };
    uint32_t begun = 0, open = 0, turn = 0;
    while (begun < connections || open > 0) {
        struct conversation *c = &going[random_below(at_once)];
        if (!c->dialogue && begun < connections) {
            begin(c, begun++, mail_share, &found);
            open++;
        }
        if (!c->dialogue)
            continue;
        if (!conversation_step(c, datagrams ? 500 : 0)) {
            c->dialogue = NULL;
            open--;
        }
        if (datagrams && random_below(20) == 0)
            datagrams_step(turn++);
    }
    return found;
}

/* Each connection's first packet is its SYN; then ten bytes at a time, in turns. */
static struct found small(uint32_t packets)
{
    static uint32_t sent[SMALL_CONNECTIONS];
    struct found found = { 0 };
    for (uint32_t n = 0; n < packets; n++) {
        uint32_t i = random_below(SMALL_CONNECTIONS), turn = sent[i]++;
        struct ends ends = { .host = { 0x0a000000 + i, 0xc6336400 + i % 200 },
                             .port = { (uint16_t)(10000 + i % 50000), 5000 } };
        uint64_t data[2] = { random_next() | 0x80, i };
        struct segment s = { .ends = &ends,
                             .from = turn % 2,
                             .flags = FLAG_PSH | FLAG_ACK,
                             .data = (const uint8_t *)data,
                             .len = 10,
                             .seq = 1000 + turn / 2 * 10,
                             .ack = 1000 + (turn + 1) / 2 * 10 };
        if (turn == 0) {
            s = (struct segment) { .ends = &ends, .flags = FLAG_SYN, .seq = 999 };
            found.connections++;
        } else {
            s.seq -= turn % 2 == 0 ? 10 : 0; /* the SYN took the opener's first turn */
        }
        frame_tcp(&s);
    }
    return found;
}

static struct found flood(uint32_t syns)
{
    struct found found = { 0 };
    uint32_t mails = 0;
    bool open = true;
    for (uint32_t n = 0; n < syns || open; n++) {
        if (n < syns) {
            struct ends ends = { .host = { (uint32_t)random_next(), 0xc6336401 },
                                 .port = { (uint16_t)(10000 + random_below(50000)), 80 } };
            struct segment s = { .ends = &ends, .flags = FLAG_SYN, .seq = (uint32_t)random_next() };
            frame_tcp(&s);
            found.connections++;
        }
        if (n < syns && random_below(FLOOD_SYNS_A_MAIL) != 0)
            continue;
        struct conversation *c = &going[random_below(FLOOD_AT_ONCE)];
        if (!c->dialogue && n < syns) {
            conversation_mail(c, mails++);
            found_add(&found, c);
        }
        if (c->dialogue && !conversation_step(c, 0))
            c->dialogue = NULL;
        if (n >= syns) {
            open = false;
            for (uint32_t i = 0; i < FLOOD_AT_ONCE; i++)
                open |= going[i].dialogue != NULL;
        }
    }
    return found;
}

static bool number_read(const char *text, uint32_t *value)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    *value = (uint32_t)n;
    return *text != '\0' && *end == '\0' && n > 0 && n <= UINT32_MAX;
}

int main(int argc, char **argv)
{
    uint32_t size = 0, seed = 1;
    if (argc < 3 || argc > 4 || !number_read(argv[2], &size) ||
        (argc > 3 && !number_read(argv[3], &seed))) {
        fprintf(stderr, "usage: generate mix|mail|small-pkts|syn-flood SIZE [SEED] >FILE\n");
        return 2;
    }
    random_seed(seed);
    conversation_prepare();
    struct found found;
    if (strcmp(argv[1], "mix") == 0) {
        frames_begin(20000);
        found = mixed(size, MIX_AT_ONCE, 200, true);
    } else if (strcmp(argv[1], "mail") == 0) {
        frames_begin(200000);
        found = mixed(size, MAIL_AT_ONCE, 10000, false);
    } else if (strcmp(argv[1], "small-pkts") == 0) {
        frames_begin(5000);
        found = small(size);
    } else if (strcmp(argv[1], "syn-flood") == 0) {
        frames_begin(5000);
        found = flood(size);
    } else {
        fprintf(stderr, "generate: no capture is called %s\n", argv[1]);
        return 2;
    }
    struct counts counts = frames_end();
    fprintf(stderr,
            "{\"packets\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"connections\":%" PRIu64
            ",\"attempts\":%" PRIu64 ",\"delivered\":%" PRIu64 ",\"failed\":%" PRIu64 "}\n",
            counts.packets, counts.bytes, found.connections, found.mails, found.delivered,
            found.failed);
    return 0;
}
