/* SPDX-License-Identifier: BSD-3-Clause */
/* About the capture: what it keeps the diagnosis from knowing, and what to do about that. */
#include "rules/about_capture.h"

#include <stddef.h>

enum { SHARE = 10 }; /* a tenth of the mail connections, or all where there are fewer than ten */

static bool is_common(uint64_t affected, const struct capture_facts *c)
{
    if (c->streams_mail == 0)
        return false;
    return c->streams_mail < SHARE ? affected >= c->streams_mail
                                   : affected * SHARE >= c->streams_mail;
}

static void tell_share(struct finding *f, uint64_t affected, const struct capture_facts *c)
{
    finding_number(f, "connections", (int64_t)affected);
    finding_number(f, "of", (int64_t)c->streams_mail);
}

static bool one_sided(const struct capture_facts *c, struct finding *f)
{
    tell_share(f, c->one_sided, c);
    return is_common(c->one_sided, c);
}

static bool missing_packets(const struct capture_facts *c, struct finding *f)
{
    tell_share(f, c->with_gaps, c);
    return is_common(c->with_gaps, c);
}

static bool truncated_packets(const struct capture_facts *c, struct finding *f)
{
    tell_share(f, c->snapped, c);
    finding_number(f, "packets", (int64_t)c->truncated);
    return is_common(c->snapped, c);
}

static bool starts_late(const struct capture_facts *c, struct finding *f)
{
    tell_share(f, c->starts_late, c);
    return is_common(c->starts_late, c);
}

static bool cut_short(const struct capture_facts *c, struct finding *f)
{
    if (c->cut_offset > 0)
        finding_number(f, "offset", (int64_t)c->cut_offset);
    finding_number(f, "packets", (int64_t)c->packets);
    if (c->damaged && !c->cut_short)
        f->headline = N_("The capture file is damaged; it was read up to packet {packets}.");
    return c->cut_short || c->damaged;
}

#define CAPTURE_BEFORE_NAT                                                                         \
    N_("On the router capture on the device's side alone, for example with tcpdump -i br-lan "     \
       "instead of -i any.")

static bool duplicated(const struct capture_facts *c, struct finding *f)
{
    if (c->nat_copies > 0) {
        tell_share(f, c->nat_copies, c);
        f->headline = N_(
            "Mail connections stand twice in this capture ({connections} of {of}): as the device "
            "makes them, and as the router passes them on with an address of its own (NAT).");
        f->meaning = N_(
            "Each is told once, for the device. The findings do not suffer from it, but the file is "
            "larger than it needs to be.");
        finding_advice(f, CAPTURE_BEFORE_NAT);
        f->advice_alone = true;
        return true;
    }
    finding_number(f, "packets", (int64_t)c->duplicates);
    finding_number(f, "of", (int64_t)c->packets);
    return c->duplicates > 0 && c->duplicates * SHARE >= c->packets;
}

static bool packets_dropped(const struct capture_facts *c, struct finding *f)
{
    finding_number(f, "packets", (int64_t)c->kernel_dropped);
    return c->kernel_dropped > 0;
}

static bool limits_reached(const struct capture_facts *c, struct finding *f)
{
    finding_number(f, "connections", (int64_t)c->forgotten);
    if (c->history_dropped > 0)
        finding_number(f, "attempts", (int64_t)c->history_dropped);
    return c->forgotten > 0 || c->history_dropped > 0;
}

static bool port_scan_seen(const struct capture_facts *c, struct finding *f)
{
    if (c->scans == 0)
        return false;
    finding_number(f, "scans", (int64_t)c->scans);
    if (c->scan_first_frame > 0)
        finding_proof_frame(f, c->scan_first_frame, 0);
    return true;
}

static void tell_what_was_seen(const struct capture_facts *c, struct finding *f)
{
    static const char *const names[] = { "protocol_1", "protocol_2", "protocol_3" };
    for (size_t i = 0; i < sizeof names / sizeof *names && c->other_protocols[i]; i++)
        finding_word(f, names[i], c->other_protocols[i]);
    finding_number(f, "packets", (int64_t)c->packets);
    finding_number(f, "tcp", (int64_t)c->tcp_other);
    finding_number(f, "udp", (int64_t)c->udp);
}

static bool no_mail_seen(const struct capture_facts *c, struct finding *f)
{
    if (c->attempts > 0 || c->streams_mail > 0)
        return false;
    tell_what_was_seen(c, f);
    if (c->packets == 0) {
        f->headline = N_("This capture has no packets in it.");
        f->meaning = N_("There is nothing to look at. Perhaps the capture was stopped before "
                        "anything happened, or a filter let nothing through.");
    } else if (c->wlan_encrypted > 0 && c->tcp_other + c->udp == 0) {
        f->headline =
            N_("This capture holds encrypted Wi-Fi packets only, so mail cannot be seen in it.");
        finding_advice(f, N_("Capture on the wired side, for example on the router or at a mirror "
                             "port of the switch."));
    } else if (c->link_unknown > 0 && c->tcp_other + c->udp == 0) {
        f->headline = N_("This capture is of a kind of network that mailwhy cannot read.");
        if (c->unknown_link_type != UINT16_MAX)
            finding_number(f, "link_type", c->unknown_link_type);
        finding_advice(
            f, N_("Capture again on an ordinary network interface (Ethernet, Wi-Fi, or \"any\")."));
    } else if (c->tcp_other == 0) {
        f->meaning = N_("There are packets, but no connection (TCP) among them. Probably the "
                        "capture was made at a place that the device's traffic does not pass.");
    } else {
        f->meaning =
            N_("Connections of other kinds: {tcp}. Probably no mail was sent during the "
               "capture, or the device's traffic does not pass the place where it was made.");
    }
    if (c->filter_may_hide)
        finding_advice(
            f, N_("The filter may hide the mail: for packets inside a VLAN or PPPoE it needs the "
                  "words \"vlan\" or \"pppoes\" in front, for example: vlan and port 587"));
    return true;
}

#define CAPTURE_ALONE                                                                              \
    N_("The device, its settings and the mail server: this is about the capture alone.")

static const struct cause rows[] = {
    { .id = "capture-one-sided",
      .severity = SEVERITY_NOTE,
      .scope = SCOPE_CAPTURE,
      .title = N_("The capture shows only one direction"),
      .headline =
          N_("This capture shows only one direction ({connections} of {of} mail connections)."),
      .meaning = N_("The packets of one side are missing. So it cannot be known what that side "
                    "said, and much stays open."),
      .explain = N_("For at least a tenth of the mail connections only one side's packets were "
                    "captured. At a mirror port it is the commonest reason for \"nothing found\": "
                    "it copies only what is received, or only what is sent."),
      .may_rule_out = { CAPTURE_ALONE },
      .advice = { N_("In the settings of the switch let the mirror port copy both directions "
                     "(often \"both\", \"ingress and egress\", \"TX/RX\")."),
                  N_("If the two directions take different ways (two routers), capture where both "
                     "pass, for example at the device's own port.") } },

    { .id = "capture-missing-packets",
      .severity = SEVERITY_NOTE,
      .scope = SCOPE_CAPTURE,
      .title = N_("Packets are missing from the capture"),
      .headline =
          N_("Packets are missing from this capture ({connections} of {of} mail connections)."),
      .meaning = N_("The other side got these packets, but the capture has not. What they said is "
                    "not known, so some findings are less sure."),
      .explain = N_("Bytes that one side acknowledged are not in the capture, for at least a tenth "
                    "of the mail connections. A capturing computer or a mirror port that is too "
                    "slow loses packets."),
      .may_rule_out = { CAPTURE_ALONE },
      .advice = { N_("Capture only what is needed, with the filter: tcp port 25 or tcp port 465 or "
                     "tcp port 587 or udp port 53"),
                  N_("Mirror only the port of the one device, not the whole switch.") } },

    { .id = "capture-truncated-packets",
      .severity = SEVERITY_NOTE,
      .scope = SCOPE_CAPTURE,
      .title = N_("The packets in the capture are cut off"),
      .headline =
          N_("The packets in this capture are cut off ({connections} of {of} mail connections)."),
      .meaning =
          N_("Only the beginning of each packet was kept. What stood in the rest is not known."),
      .explain = N_("The capture was made with a snap length that is shorter than the packets."),
      .may_rule_out = { CAPTURE_ALONE },
      .advice = { N_("Capture again with whole packets: with tcpdump add -s 0; in Wireshark leave "
                     "the box \"limit each packet to\" empty.") } },

    { .id = "capture-starts-late",
      .severity = SEVERITY_NOTE,
      .scope = SCOPE_CAPTURE,
      .title = N_("The capture begins in the middle of the conversations"),
      .headline = N_("This capture begins too late ({connections} of {of} mail connections were "
                     "open already)."),
      .meaning = N_("The beginning is missing. What was agreed there is not known, so some "
                    "findings are less sure."),
      .explain = N_("The opening of the connection (SYN) is not in the capture, for at least a "
                    "tenth of the mail connections."),
      .may_rule_out = { CAPTURE_ALONE },
      .advice = { N_("Start the capture first, and then send a test mail from the device.") } },

    { .id = "capture-cut-short",
      .severity = SEVERITY_NOTE,
      .scope = SCOPE_CAPTURE,
      .title = N_("The capture file ends in the middle of a packet"),
      .headline = N_(
          "The capture file ends in the middle of a packet; it was read up to packet {packets}."),
      .meaning = N_("The end of the file is missing. What happened after that point is not known."),
      .explain = N_("The file is shorter than its own headers say, or its structure is broken from "
                    "some point on. All before that was read."),
      .may_rule_out = { CAPTURE_ALONE },
      .advice = { N_("Copy the file again, and stop the capture before you copy it.") } },

    { .id = "capture-duplicated",
      .severity = SEVERITY_NOTE,
      .scope = SCOPE_CAPTURE,
      .title = N_("The capture holds packets twice"),
      .headline = N_("This capture holds many packets twice ({packets} of {of})."),
      .meaning = N_("The second copies were passed over. The findings do not suffer from it, but "
                    "the file is larger than it needs to be."),
      .explain = N_("A mirror port that copies each packet when it comes in and when it goes out "
                    "shows it twice; so does a capture on \"any\" on a router. Where the router "
                    "changes addresses (NAT), a connection whose opening is the same packet on "
                    "both sides is told once, for the device."),
      .may_rule_out = { CAPTURE_ALONE },
      .may_advise = { CAPTURE_BEFORE_NAT },
      .advice = { N_("In the settings of the switch mirror one port in both directions, or two "
                     "ports in one direction each, but not both.") } },

    { .id = "capture-packets-dropped",
      .severity = SEVERITY_NOTE,
      .scope = SCOPE_CAPTURE,
      .title = N_("This computer was too slow and lost packets"),
      .headline = N_("This computer was too slow for the traffic and lost {packets} packets."),
      .meaning = N_("What these packets said is not known, so some findings are less sure."),
      .explain = N_("The kernel counted packets that it had to drop because the program did not "
                    "fetch them in time."),
      .may_rule_out = { CAPTURE_ALONE },
      .advice = { N_("Watch only mail, with the filter: tcp port 25 or tcp port 465 or tcp port "
                     "587 or udp port 53") } },

    { .id = "capture-limits-reached",
      .severity = SEVERITY_NOTE,
      .scope = SCOPE_CAPTURE,
      .title = N_("There was more in the capture than mailwhy may remember"),
      .headline =
          N_("mailwhy had to forget {connections} connections to stay within its memory limit."),
      .meaning = N_("What would have come of these connections is not known."),
      .explain = N_("The limit of --memory, or the limit for devices and attempts to be "
                    "remembered, was reached. The oldest idle connections go first, and those that "
                    "are not mail before those that are."),
      .may_rule_out = { CAPTURE_ALONE },
      .advice = { N_(
          "Give it more memory, for example with --memory 256M, or a filter with -f.") } },

    { .id = "port-scan-seen",
      .severity = SEVERITY_NOTE,
      .scope = SCOPE_CAPTURE,
      .title = N_("Somebody tries many ports"),
      .headline =
          N_("A computer in this capture tries many ports or computers in a row (a port scan)."),
      .meaning = N_("These tries are not mail, so they are not counted as failures."),
      .explain = N_("At least five ports of one host, or one port of at least five hosts, within "
                    "ten seconds, and none with data from the device."),
      .may_rule_out = { N_("A failed mail: these tries have nothing to do with mail.") },
      .advice = { N_(
          "If nobody in your network does this on purpose, look for the computer that does.") } },

    { .id = "no-mail-seen",
      .severity = SEVERITY_NOTE,
      .scope = SCOPE_CAPTURE,
      .title = N_("Nothing in the capture could be mail"),
      .headline = N_("There is no mail being sent in this capture."),
      .meaning = N_("There are packets, but none of them belongs to a try to send mail."),
      .explain = N_("No connection to a mail port and none that looks like mail (SMTP) at another "
                    "port. The report says what was there instead."),
      .may_rule_out = { N_("A fault of the device: nothing can be said of it without its mail.") },
      .advice = { N_("Check the place: the capture has to be made where the device's traffic "
                     "passes, for example on the router, or at a mirror port for the device's own "
                     "port."),
                  N_("Start the capture first, then send a test mail from the device, and wait "
                     "until it shows an error."),
                  N_("If a filter was used when capturing, it must let the ports 25, 465 and 587 "
                     "through.") } },
};

const struct causes causes_about_capture = { rows, sizeof rows / sizeof *rows };

void about_capture(struct capture_line *line)
{
    /* In the order of rows. */
    static bool (*const seen[])(const struct capture_facts *, struct finding *) = {
        one_sided,  missing_packets, truncated_packets, starts_late,    cut_short,
        duplicated, packets_dropped, limits_reached,    port_scan_seen, no_mail_seen,
    };
    _Static_assert(sizeof seen / sizeof *seen == sizeof rows / sizeof *rows,
                   "one question for each cause");
    for (size_t i = 0; i < sizeof seen / sizeof *seen && line->finding_count < LINE_FINDINGS; i++) {
        struct finding f = { .cause = &rows[i], .severity = SEVERITY_NOTE, .confidence = CERTAIN };
        if (seen[i](&line->facts, &f))
            line->findings[line->finding_count++] = f;
    }
}
