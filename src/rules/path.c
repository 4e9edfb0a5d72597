/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/path.h"

#include "history/history.h"
#include "rules/ask.h"

enum {
    SMTP_PORT = 25,
    ICMP_UNREACHABLE = 3,
    ICMP_FRAGMENTATION_NEEDED = 4,
    ICMP_TIME_EXCEEDED = 11
};
enum { ICMP6_UNREACHABLE = 1, ICMP6_TOO_BIG = 2, ICMP6_TIME_EXCEEDED = 3 };

/* A connection was opened to this port by somebody, sometime before. */
static bool port_answered(const struct history *h, uint16_t port)
{
    for (size_t i = 0; h && i < history_device_count(h); i++) {
        const struct device *d = history_device(h, i);
        for (size_t k = 0; k < d->past_count; k++)
            if (d->past[k].port == port && d->past[k].stage > STAGE_CONNECT)
                return true;
    }
    return false;
}

enum confidence path_port_25_blocked(const struct view *v, struct finding *f)
{
    const struct attempt *a = v->attempt;
    const struct fact *first = view_first(v, FACT_SYN, SIDE_DEVICE),
                      *last = view_last(v, FACT_SYN, SIDE_DEVICE);
    if (a->server_port != SMTP_PORT || ip_addr_is_private(&a->server_addr) || !first ||
        first == last || a->direction[SIDE_SERVER].packets > 0 ||
        view_first(v, FACT_ICMP, ANY_SIDE))
        return NO_MATCH;
    bool other_ports = port_answered(v->history, 465) || port_answered(v->history, 587);
    if (port_answered(v->history, SMTP_PORT) && !other_ports)
        return NO_MATCH;
    finding_proof(f, first);
    finding_proof(f, last);
    finding_flag(f, "other_ports_answer", other_ports);
    finding_span(f, "waited", last->time - first->time);
    f->stage = STAGE_CONNECT;
    return LIKELY;
}

/* What the router or host says, RFC 792 and RFC 4443 3.1. */
static const char *unreachable_reason(const struct fact_icmp *e)
{
    static const char *const v4[] = { N_("network"),
                                      N_("host"),
                                      "protocol",
                                      N_("port"),
                                      NULL,
                                      "source route",
                                      N_("network"),
                                      N_("host"),
                                      N_("host"),
                                      N_("prohibited by a filter"),
                                      N_("prohibited by a filter"),
                                      N_("network"),
                                      N_("host"),
                                      N_("prohibited by a filter") };
    static const char *const v6[] = { N_("network"),
                                      N_("prohibited by a filter"),
                                      N_("network"),
                                      N_("host"),
                                      N_("port"),
                                      N_("prohibited by a filter"),
                                      N_("prohibited by a filter") };
    if (e->v6 ? e->type == ICMP6_TIME_EXCEEDED : e->type == ICMP_TIME_EXCEEDED)
        return N_("network");
    if (e->type != (e->v6 ? ICMP6_UNREACHABLE : ICMP_UNREACHABLE))
        return NULL;
    if (e->v6)
        return e->code < sizeof v6 / sizeof *v6 ? v6[e->code] : N_("host");
    return e->code < sizeof v4 / sizeof *v4 ? v4[e->code] : N_("host");
}

/* The same in plain words, and what helps most against it. */
static void say_unreachable(struct finding *f, const char *reason)
{
    if (strcmp(reason, "network") == 0) {
        f->headline = N_("A router on the way says that it knows no way to {server}.");
        finding_advice(f, DO_CHECK_LINE);
    } else if (strcmp(reason, "host") == 0) {
        f->headline =
            N_("A router on the way says that no computer answers at the address of {server}.");
    } else if (strcmp(reason, "prohibited by a filter") == 0) {
        f->headline = N_("Something on the way, probably a firewall, does not let this device "
                         "through to {server}, port {port}, and says so.");
        finding_advice(f, DO_CHECK_FIREWALL);
    }
}

enum confidence path_unreachable(const struct view *v, struct finding *f)
{
    if (view_first(v, FACT_SYN_ACK, ANY_SIDE) || view_first(v, FACT_OPEN, ANY_SIDE) ||
        v->attempt->direction[SIDE_SERVER].packets > 0)
        return NO_MATCH;
    for (const struct fact *e = view_first(v, FACT_ICMP, ANY_SIDE); e;
         e = view_after(v, e, FACT_ICMP, ANY_SIDE)) {
        const char *reason = e->icmp.quotes_syn ? unreachable_reason(&e->icmp) : NULL;
        if (!reason)
            continue;
        finding_proof(f, view_before(v, e, FACT_SYN, SIDE_DEVICE));
        finding_proof(f, e);
        finding_word(f, "reason", reason);
        say_unreachable(f, reason);
        finding_number(f, "icmp_type", e->icmp.type);
        finding_number(f, "icmp_code", e->icmp.code);
        f->stage = STAGE_CONNECT;
        return CERTAIN;
    }
    return NO_MATCH;
}

static bool is_too_big(const struct fact_icmp *e)
{
    return e->v6 ? e->type == ICMP6_TOO_BIG
                 : e->type == ICMP_UNREACHABLE && e->code == ICMP_FRAGMENTATION_NEEDED;
}

/* The IP and TCP headers that stand before a segment's payload. */
static uint32_t headers(const struct attempt *a)
{
    return a->server_addr.family == 6 ? 60 : 40;
}

/* "Too big" was said, and the big ones were sent again all the same, in vain. */
static const struct fact *not_obeyed(const struct view *v, const struct fact **resend)
{
    for (const struct fact *e = view_first(v, FACT_ICMP, ANY_SIDE); e;
         e = view_after(v, e, FACT_ICMP, ANY_SIDE)) {
        if (!is_too_big(&e->icmp))
            continue;
        for (*resend = view_first(v, FACT_RESEND, ANY_SIDE); *resend;
             *resend = view_after(v, *resend, FACT_RESEND, ANY_SIDE)) {
            const struct fact_resend *r = &(*resend)->resend;
            if (!r->acknowledged && r->count >= 2 && r->largest + headers(v->attempt) > e->icmp.mtu)
                return e;
        }
    }
    return NULL;
}

enum { FULL_SEGMENT_MIN = 1100 };

/* Full segments of one side are sent again in vain, smaller ones of it had passed, and the other side
 * is still there: its acknowledgements go on behind its last words. */
static const struct fact *full_ones_lost(const struct view *v)
{
    for (const struct fact *r = view_first(v, FACT_RESEND, ANY_SIDE); r;
         r = view_after(v, r, FACT_RESEND, ANY_SIDE)) {
        const struct direction *side = &v->attempt->direction[r->from],
                               *other = &v->attempt->direction[side_other((enum side)r->from)];
        if (!r->resend.acknowledged && r->resend.count >= 2 &&
            r->resend.largest >= FULL_SEGMENT_MIN && side->acked > 0 &&
            side->largest_segment < r->resend.largest && other->last_frame > other->last_data_frame)
            return r;
    }
    return NULL;
}

/* A hole as large as a full segment that the other side never acknowledged, with smaller bytes behind it. */
static const struct fact *hole_in_the_way(const struct view *v)
{
    for (const struct fact *g = view_first(v, FACT_GAP, ANY_SIDE); g;
         g = view_after(v, g, FACT_GAP, ANY_SIDE)) {
        const struct direction *side = &v->attempt->direction[g->from],
                               *other = &v->attempt->direction[side_other((enum side)g->from)];
        if (!(g->flags & FACT_CLIPPED) && g->gap.bytes >= FULL_SEGMENT_MIN &&
            other->last_frame > g->last_frame && side->acked <= g->gap.offset &&
            side->largest_segment < FULL_SEGMENT_MIN)
            return g;
    }
    return NULL;
}

static const char *tunnel_of(const struct attempt *a)
{
    for (size_t i = 0; i < a->encap_count; i++)
        if (a->encap[i] != ENCAP_VLAN && a->encap[i] != ENCAP_QINQ && a->encap[i] != ENCAP_TZSP &&
            a->encap[i] != ENCAP_ERSPAN)
            return a->encap[i] == ENCAP_PPPOE ? "PPPoE"
                   : a->encap[i] == ENCAP_4IN6
                       ? N_("IPv4 in IPv6 (DS-Lite, MAP-E)")
                       : encapsulation_name((enum encapsulation)a->encap[i]);
    return NULL;
}

static void tell_sizes(const struct view *v, struct finding *f, enum side from)
{
    const struct attempt *a = v->attempt;
    finding_word(f, "tunnel", tunnel_of(a));
    if (a->direction[SIDE_DEVICE].mss > 0)
        finding_number(f, "mss_device", a->direction[SIDE_DEVICE].mss);
    if (a->direction[SIDE_SERVER].mss > 0)
        finding_number(f, "mss_server", a->direction[SIDE_SERVER].mss);
    finding_number(f, "largest", a->direction[from].largest_segment);
    finding_word(f, "from", from == SIDE_DEVICE ? "device" : "server");
    if (from == SIDE_SERVER)
        f->headline = N_(
            "Large packets from the mail server do not get through to this device; small ones do.");
}

enum confidence path_mtu_blackhole(const struct view *v, struct finding *f)
{
    if (!view_first(v, FACT_OPEN, ANY_SIDE) || v->attempt->one_sided ||
        (v->summary->accepted > 0 && !ask_mail_open(v)))
        return NO_MATCH;
    const struct fact *resend = NULL, *too_big = not_obeyed(v, &resend), *hole = NULL;
    if (!too_big)
        resend = full_ones_lost(v);
    if (!too_big && !resend)
        hole = hole_in_the_way(v);
    const struct fact *last = resend ? resend : hole;
    if (!last)
        return NO_MATCH;
    if (too_big) {
        finding_proof(f, too_big);
        finding_number(f, "mtu", too_big->icmp.mtu);
    }
    finding_proof_frame(f, last->first_frame, last->time);
    finding_proof(f, last);
    tell_sizes(v, f, (enum side)last->from);
    f->stage = (uint8_t)ask_due(v, NULL).stage;
    return LIKELY;
}
