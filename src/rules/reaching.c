/* SPDX-License-Identifier: BSD-3-Clause */
/* Reaching the server (RFC 9293): no answer, no, cut off, or waited in vain. */
#include "rules/ask.h"
#include "rules/path.h"

#define ANY_WORDS                                                                                  \
    (FACT_BIT(FACT_SMTP_REPLY) | FACT_BIT(FACT_SERVER_HELLO) | FACT_BIT(FACT_TLS_ALERT) |          \
     FACT_BIT(FACT_ENCRYPTED) | FACT_BIT(FACT_CERTIFICATE) | FACT_BIT(FACT_TLS_BROKEN) |           \
     FACT_BIT(FACT_OTHER_PROTOCOL) | FACT_BIT(FACT_SMTP_NOISE) | FACT_BIT(FACT_CLIENT_HELLO) |     \
     FACT_BIT(FACT_SMTP_COMMAND) | FACT_BIT(FACT_AUTH) | FACT_BIT(FACT_AUTH_STEP) |                \
     FACT_BIT(FACT_MESSAGE))

/* Were all mails accepted that were begun, so that the end of the conversation harms nobody? */
static bool all_done(const struct view *v)
{
    return v->summary->accepted > 0 && !ask_mail_open(v);
}

/* Did the device say goodbye before that? */
static bool quit_before(const struct view *v, const struct fact *end)
{
    return ask_after(v, view_command(v, SMTP_QUIT, 0), end);
}

static enum confidence connect_no_answer(const struct view *v, struct finding *f)
{
    const struct attempt *a = v->attempt;
    const struct fact *first = view_first(v, FACT_SYN, SIDE_DEVICE),
                      *last = view_last(v, FACT_SYN, SIDE_DEVICE);
    if (!first || first == last || a->direction[SIDE_SERVER].packets > 0 ||
        a->direction[SIDE_DEVICE].bytes > 0 || view_first(v, FACT_SYN_ACK, ANY_SIDE) ||
        view_first(v, FACT_OPEN, ANY_SIDE) || view_first(v, FACT_RST, ANY_SIDE))
        return NO_MATCH;
    int64_t tries = 0;
    for (const struct fact *syn = first; syn; syn = view_after(v, syn, FACT_SYN, SIDE_DEVICE)) {
        finding_proof(f, syn);
        tries++;
    }
    finding_number(f, "tries", tries);
    finding_span(f, "waited", last->time - first->time);
    f->stage = STAGE_CONNECT;
    if (ip_addr_is_private(&a->server_addr))
        finding_advice(f, N_("The address {server_addr} is inside your own network: check that the "
                             "mail server there is switched on and that its mail service runs."));
    else if (a->server_port == 25)
        finding_advice(f, N_("Many internet providers block port 25 for their customers. In the "
                             "device's mail settings use port 465 with the security \"SSL\", or "
                             "port 587 with \"TLS\" or \"STARTTLS\"."));
    return LIKELY;
}

static enum confidence connect_refused(const struct view *v, struct finding *f)
{
    const struct fact *rst = view_first(v, FACT_RST, SIDE_SERVER);
    if (!rst || !rst->rst.answers_syn || view_first(v, FACT_OPEN, ANY_SIDE))
        return NO_MATCH;
    finding_proof(f, view_before(v, rst, FACT_SYN, SIDE_DEVICE));
    finding_proof(f, rst);
    f->stage = STAGE_CONNECT;
    return rst->rst.plain ? LIKELY : CERTAIN;
}

/* A side whose data was resent at least three times in vain, while the other was silent; NULL. */
static const struct fact *resent_in_vain(const struct view *v)
{
    for (const struct fact *r = view_last(v, FACT_RESEND, ANY_SIDE); r;
         r = view_before(v, r, FACT_RESEND, ANY_SIDE)) {
        const struct direction *side = &v->attempt->direction[r->from];
        if (!r->resend.acknowledged && (r->resend.count >= 3 || side->unanswered_resends >= 3))
            return r;
    }
    return NULL;
}

static enum confidence connection_lost(const struct view *v, struct finding *f)
{
    const struct fact *resend = resent_in_vain(v);
    if (!resend || v->attempt->one_sided || all_done(v))
        return NO_MATCH;
    enum side other = side_other((enum side)resend->from);
    /* The other side's own FIN or RST tells that it was still there. */
    for (const struct fact *end = ask_begin(v); end; end = ask_next(v, end)) {
        if ((end->kind == FACT_FIN || end->kind == FACT_RST) && end->from == other)
            return NO_MATCH;
    }
    finding_proof_frame(f, resend->first_frame, resend->time);
    finding_proof(f, resend);
    finding_word(f, "from", resend->from == SIDE_DEVICE ? "device" : "server");
    finding_number(f, "resends", resend->resend.count);
    f->stage = (uint8_t)ask_due(v, NULL).stage;
    if (resend->from == SIDE_SERVER) {
        f->headline =
            N_("The mail server no longer gets an answer from this device: the connection was lost.");
        f->meaning = N_("The server sent the same thing again and again and got no answer from the "
                        "device. Somewhere on the way, or in the device, the connection broke.");
    }
    /* Inside TLS that nobody can read the mail may have gone out before. */
    return ask_hidden(v) ? POSSIBLE : LIKELY;
}

static bool ttl_differs(const struct fact *rst)
{
    return rst->kind == FACT_RST && rst->rst.usual_ttl != 0 && rst->rst.ttl != 0 &&
           rst->rst.ttl != rst->rst.usual_ttl;
}

/* A device that only looks whether the port answers. */
static bool is_health_check(const struct view *v, const struct fact *end)
{
    const struct fact *open = view_first(v, FACT_OPEN, ANY_SIDE);
    if (v->attempt->direction[SIDE_DEVICE].bytes > 0 || end->from != SIDE_DEVICE ||
        ttl_differs(end))
        return false;
    if (!open || end->time - open->time <= ASK_HEALTH_CHECK)
        return true;
    const struct fact *greeting = view_first(v, FACT_SMTP_REPLY, SIDE_SERVER);
    return greeting && end->time >= greeting->time &&
           end->time - greeting->time <= ASK_HEALTH_CHECK;
}

/* An RST of the device that is a way of leaving: after its work, or after waiting in vain. */
static bool device_just_left(const struct view *v, const struct fact *rst)
{
    if (rst->from != SIDE_DEVICE || ttl_differs(rst))
        return false;
    if (is_health_check(v, rst))
        return true;
    struct ask_due due = ask_due(v, rst);
    if (due.asked)
        return rst->time - due.asked->time >= 5 * TIME_SECOND;
    return !view_command(v, SMTP_MAIL, 0) && view_first(v, FACT_SMTP_COMMAND, SIDE_DEVICE) &&
           !view_first(v, FACT_CLIENT_HELLO, ANY_SIDE);
}

/* Is the last that was said before this end in the capture? Else it may have been a goodbye. */
static bool heard_until(const struct view *v, const struct fact *end)
{
    const struct fact *last = NULL;
    for (const struct fact *f = ask_begin(v); f && f != end; f = ask_next(v, f)) {
        if (ANY_WORDS & FACT_BIT(f->kind))
            last = f;
    }
    return ask_heard_all(v, last ? last : view_first(v, FACT_OPEN, ANY_SIDE));
}

static enum confidence connection_reset(const struct view *v, struct finding *f)
{
    const struct fact *rst = ask_end(v);
    if (!rst || rst->kind != FACT_RST || rst->rst.answers_syn || ask_hidden(v) || all_done(v) ||
        quit_before(v, rst))
        return NO_MATCH;
    if (!view_first(v, FACT_OPEN, ANY_SIDE) && !ask_first_of(v, NULL, ANY_WORDS, ANY_SIDE))
        return NO_MATCH; /* half open */
    if (device_just_left(v, rst) || !heard_until(v, rst))
        return NO_MATCH;
    /* The server had said its last word (421, a refusal) and made its end short. */
    const struct fact *word = view_before(v, rst, FACT_SMTP_REPLY, SIDE_SERVER);
    if (rst->from == SIDE_SERVER && word && word->reply.code >= 400 && !ask_due(v, rst).asked)
        return NO_MATCH;
    /* … or the device did, after a refusal. */
    if (rst->from == SIDE_DEVICE && word && word->reply.code >= 400 && !ttl_differs(rst))
        return NO_MATCH;
    struct ask_due due = ask_due(v, rst);
    finding_proof(f, due.asked);
    finding_proof(f, rst);
    finding_word(f, "from", rst->from == SIDE_DEVICE ? "device" : "server");
    f->stage = (uint8_t)due.stage;
    if (rst->from == SIDE_DEVICE)
        f->headline =
            N_("The connection was cut off in mid-conversation, in the name of this device.");
    if (ttl_differs(rst)) {
        finding_flag(f, "other_ttl", true);
        finding_number(f, "ttl", rst->rst.ttl);
        finding_number(f, "usual_ttl", rst->rst.usual_ttl);
        f->meaning = N_("Somebody ended the connection with a hard cut (reset). The packet that "
                        "did it came another way than the other packets of this side, so probably "
                        "a firewall or a router on the way sent it.");
        finding_advice(f, N_("Look in the firewall, the router or the security software for a rule "
                             "that blocks mail, port {port}."));
    }
    ask_rule_out_password(v, f);
    if (view_first(v, FACT_OPEN, ANY_SIDE)) /* something on the way may be the reason all the same */
        finding_rules_out(f, SAY_LINE_OPENED);
    /* A plain one may answer what was not seen; a command that it kept from its answer says enough. */
    bool cut = rst->from == SIDE_SERVER && due.asked && due.asked->kind == FACT_SMTP_COMMAND;
    return rst->rst.plain && !cut ? LIKELY : CERTAIN;
}

/* What the device said to a server that had hung up already; NULL: nothing but a farewell. */
static const struct fact *said_too_late(const struct view *v, const struct fact *fin)
{
    const struct fact *command = view_after(v, fin, FACT_SMTP_COMMAND, SIDE_DEVICE);
    bool wanted =
        command && (command->command.verb == SMTP_EHLO || command->command.verb == SMTP_HELO ||
                    command->command.verb == SMTP_STARTTLS || command->command.verb == SMTP_AUTH ||
                    command->command.verb == SMTP_MAIL || command->command.verb == SMTP_RCPT);
    return wanted && !view_after(v, fin, FACT_SMTP_REPLY, SIDE_SERVER) ? command : NULL;
}

static enum confidence server_closed_early(const struct view *v, struct finding *f)
{
    const struct fact *fin = ask_end(v);
    if (!fin || fin->kind != FACT_FIN || fin->from != SIDE_SERVER || ask_hidden(v) || all_done(v) ||
        quit_before(v, fin))
        return NO_MATCH;
    struct ask_due due = ask_due(v, fin);
    const struct fact *word = view_before(v, fin, FACT_SMTP_REPLY, SIDE_SERVER);
    const struct fact *late = due.asked ? NULL : said_too_late(v, fin);
    if (late)
        due = (struct ask_due) { .asked = late, .stage = ask_due(v, NULL).stage };
    if (!due.asked || !ask_heard_all(v, due.asked) || (word && word->reply.code == 421))
        return NO_MATCH;
    if (due.greeting && word)
        return NO_MATCH;
    finding_proof(f, due.asked);
    finding_proof(f, fin);
    if (!late)
        finding_span(f, "waited", fin->time - due.asked->time);
    f->stage = (uint8_t)due.stage;
    if (late)
        f->meaning = N_("The server hung up without a reason while the device was about to go on. "
                        "What the device said next got no answer.");
    if (due.greeting) {
        f->headline = N_("The mail server took the connection and closed it again without a word.");
        f->meaning = N_("A mail server speaks first. This one let the device in and hung up before it had "
                        "said anything, without a reason.");
    } else if (due.tls) {
        f->headline =
            N_("The mail server closed the connection in the middle of the start of encryption.");
        f->meaning = N_("Device and server were agreeing on how to encrypt. The server hung up in the "
                        "middle of that, without a reason.");
    }
    ask_rule_out_password(v, f);
    ask_rule_out_network(v, f);
    return CERTAIN;
}

/* Nothing came from the server but TCP. */
static bool server_never_spoke(const struct view *v)
{
    return v->attempt->direction[SIDE_SERVER].bytes == 0 &&
           ask_heard_all(v, view_first(v, FACT_OPEN, ANY_SIDE)) &&
           !ask_first_of(v, NULL, ANY_WORDS, SIDE_SERVER);
}

static enum confidence server_silent(const struct view *v, struct finding *f)
{
    const struct fact *open = view_first(v, FACT_OPEN, ANY_SIDE), *end = ask_end(v);
    const struct fact *quit = view_command(v, SMTP_QUIT, 0); /* some say goodbye even so */
    end = quit ? quit : end;
    if (!open || v->attempt->server_port == 465 || !server_never_spoke(v) ||
        view_first(v, FACT_CLIENT_HELLO, SIDE_DEVICE) ||
        view_first(v, FACT_OTHER_PROTOCOL, SIDE_DEVICE) ||
        v->attempt->direction[SIDE_DEVICE].unanswered_resends > 0)
        return NO_MATCH;
    if (v->attempt->direction[SIDE_DEVICE].bytes > 0 && !ask_device_said_smtp(v))
        return NO_MATCH;
    if (end ? end->from != SIDE_DEVICE || end->time - open->time <= ASK_HEALTH_CHECK
            : v->attempt->end != END_SILENCE)
        return NO_MATCH;
    finding_proof(f, open);
    finding_proof(f, end);
    int64_t last = end ? end->time : v->attempt->end_time;
    if (last > open->time) {
        finding_span(f, "waited", last - open->time);
        f->meaning = N_("A mail server speaks first. This one let the device in and was silent until the device gave up after "
                        "{waited}. It may be overloaded, or something else is running at this port.");
    }
    f->stage = STAGE_GREETING;
    return CERTAIN;
}

/* The server's first word after the device had left, for what it had waited for. */
static const struct fact *too_late(const struct view *v, const struct fact *end)
{
    return ask_first_of(v, end, FACT_BIT(FACT_SMTP_REPLY) | FACT_BIT(FACT_SERVER_HELLO),
                        SIDE_SERVER);
}

/* Lines of another protocol from both sides, and not one of SMTP: there was no mail to wait for. */
static bool is_no_mail(const struct view *v)
{
    if (!view_first(v, FACT_SMTP_NOISE, SIDE_SERVER) || view_first(v, FACT_SMTP_REPLY, SIDE_SERVER))
        return false;
    const struct fact *f = view_first(v, FACT_SMTP_COMMAND, SIDE_DEVICE);
    while (f && f->command.verb == SMTP_UNKNOWN_VERB)
        f = view_after(v, f, FACT_SMTP_COMMAND, SIDE_DEVICE);
    return f == NULL;
}

/* Sent ahead with others, one of which was refused before the device left: it left over that. */
static bool left_over_refusal(const struct view *v, const struct fact *asked, const struct fact *end)
{
    const struct fact *refusal = view_refusal(v, asked);
    return refusal && refusal->time <= end->time;
}

static enum confidence device_gave_up_waiting(const struct view *v, struct finding *f)
{
    const struct fact *end = ask_end(v);
    if (!end || end->from != SIDE_DEVICE || ask_hidden(v) || quit_before(v, end) ||
        ttl_differs(end) || view_first(v, FACT_OTHER_PROTOCOL, ANY_SIDE) || is_no_mail(v))
        return NO_MATCH;
    struct ask_due due = ask_due(v, end);
    const struct fact *late = due.asked ? too_late(v, end) : NULL, *begun = NULL;
    if (late && late->time < end->time) { /* it was never finished */
        begun = late;
        late = NULL;
    }
    if (!due.asked || !ask_heard_all(v, due.asked) || is_health_check(v, end) ||
        (due.greeting && !late && !begun) || left_over_refusal(v, due.asked, end))
        return NO_MATCH;
    int64_t waited = end->time - due.asked->time;
    /* Data without an answer of TCP's: connection-lost. A device that closes its half at once
     * still listens. */
    if (v->attempt->direction[SIDE_DEVICE].unanswered_resends >= 3 || (late && waited < ASK_WAITED))
        return NO_MATCH;
    finding_proof(f, due.asked);
    finding_proof(f, end);
    finding_span(f, "waited", waited);
    f->stage = (uint8_t)due.stage;
    if (begun) {
        finding_proof(f, begun);
        f->meaning = N_("The server had begun its answer, and the rest of it did not come in time for the device. The server is "
                        "slow, or something on the way holds its words back.");
    }
    if (due.message && late && late->reply.code < 300) {
        f->headline = N_(
            "This device hung up too early (after {waited}): the mail was accepted all the same.");
        f->meaning = N_("The server took the mail, but said so only after the device had left. The "
                        "device shows an error and may send the same mail again.");
    }
    if (late && late->time > due.asked->time) {
        finding_proof(f, late);
        finding_span(f, "answered_after", late->time - due.asked->time);
        finding_advice(
            f, N_("The server did answer, {answered_after} after it was asked. If the device has "
                  "an item for how long it waits (time-out), set it to more than that."));
        if (!due.message || late->reply.code >= 300)
            finding_advice(f, DO_TRY_LATER);
        f->advice_alone = true;
    }
    ask_rule_out_password(v, f);
    ask_rule_out_network(v, f);
    return waited >= ASK_WAITED ? LIKELY : POSSIBLE;
}

static const struct cause rows[] = {
    { .id = "connect-no-answer",
      .severity = SEVERITY_FAILURE,
      .fallback = true,
      .needs = FACT_BIT(SIGN_NO_PACKET),
      .match = connect_no_answer,
      .title = N_("The server does not answer at all"),
      .headline = N_("The mail server does not answer on port {port}."),
      .meaning = N_("The device knocked {tries} times, and nothing came back. Either there is "
                    "nothing at this address and port, or something on the way (a firewall, the "
                    "internet provider) lets nothing through."),
      .explain = N_("The SYN was repeated and nothing came back. A capture that shows only the "
                    "device's direction looks the same."),
      .rules_out = { SAY_PASSWORD_NOT_SENT,
                     N_("The encryption itself: the conversation did not get that far.") },
      .advice = { DO_CHECK_PLACE, DO_CHECK_FIREWALL,
                  N_("Try it from a computer in the same network, with a mail program set to the "
                     "same server, port and security. If that gets no answer either, it is not "
                     "the device."),
                  DO_ASK_PROVIDER },
      .rfc = "RFC 9293 3.8" },

    { .id = "port-25-blocked",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NO_PACKET),
      .match = path_port_25_blocked,
      .title = N_("The internet provider blocks port 25"),
      .headline =
          N_("Nothing comes back on port 25: very probably the internet provider blocks it."),
      .meaning = N_("Most internet providers let their customers' devices send nothing through "
                    "port 25 except to the provider's own server, against spam (\"OP25B\"). Other "
                    "ports are open: 465 and 587 are made for devices."),
      .explain = N_("The SYN to port 25 of a public address was repeated and nothing came back, "
                    "while ports 465 or 587 answer, or nothing on port 25 ever does. A server that "
                    "is switched off looks the same for one address."),
      .rules_out = { SAY_PASSWORD_NOT_SENT,
                     N_("The encryption itself: the conversation did not get that far.") },
      .advice = { DO_SSL_465, OR_STARTTLS_587,
                  N_("These ports want the account name and the password of the mailbox: switch "
                     "\"SMTP authentication\" on in the device, and enter as the outgoing mail server "
                     "that of the provider that has the mailbox. Now it is {server}.") },
      .rfc = "RFC 5068 3.1" },

    { .id = "connect-refused",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(FACT_RST),
      .match = connect_refused,
      .title = N_("The server refuses the connection"),
      .headline = N_("The connection to {server} on port {port} is refused."),
      .meaning = N_("The device knocked at this port and was turned away at once. No mail service "
                    "is running there, or a firewall turns the device away."),
      .explain = N_("The SYN was answered by an RST. A firewall that rejects looks the same as a "
                    "port where nothing listens."),
      .rules_out = { SAY_PASSWORD_NOT_SENT,
                     N_("The encryption itself: the conversation did not get that far.") },
      .advice = { DO_CHECK_PLACE,
                  DO_TRY_OTHER_PAIR,
                  DO_ASK_PROVIDER },
      .rfc = "RFC 9293 3.5.2" },

    { .id = "connect-unreachable",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(FACT_ICMP),
      .match = path_unreachable,
      .title = N_("A router says that the server cannot be reached"),
      .headline = N_("A router or host on the way says that {server}, port {port}, cannot be "
                     "reached ({reason})."),
      .meaning = N_("The device knocked at the server's address, and something on the way "
                    "answered: no way through. So it is a matter of the line, of a firewall, or of "
                    "a wrong address, and not of the mail account."),
      .explain = N_("An ICMP or ICMPv6 error (destination unreachable, or time exceeded) quotes "
                    "the device's SYN, and no SYN+ACK came."),
      .rules_out = { SAY_PASSWORD_NOT_SENT,
                     N_("The encryption itself: the conversation did not get that far.") },
      .advice = { DO_CHECK_PLACE, DO_CHECK_LINE, DO_CHECK_FIREWALL },
      .rfc = "RFC 792, RFC 4443 3.1" },

    { .id = "path-mtu-blackhole",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(FACT_RESEND) | FACT_BIT(FACT_GAP),
      .match = path_mtu_blackhole,
      .title = N_("Large packets get lost on the way"),
      .headline = N_(
          "Large packets from this device do not get through to the mail server; small ones do."),
      .meaning = N_("What two computers tell each other travels in packets. Here the small ones "
                    "arrive and the largest ones vanish. Internet lines of some kinds (PPPoE, "
                    "DS-Lite, MAP-E, VPN) have room for somewhat smaller packets only, and the "
                    "sender keeps on sending larger ones. A short mail may get through, one with a "
                    "picture does not."),
      .explain = N_("Small segments were acknowledged, full-size ones of one side were sent again "
                    "and again or never arrived; or an ICMP \"fragmentation needed\" or \"packet "
                    "too big\" came and was not obeyed. A line that broke looks alike, but then "
                    "nothing at all passes any more."),
      .rules_out = { N_("The password and the mail settings: short messages went both ways."),
                     N_("The mail server: it was reached and it answered.") },
      .advice = { N_("In the router switch on \"MSS clamping\" (also called \"TCP MSS adjust\" or "
                     "\"MSS auto\") for the line to the internet."),
                  N_("If the router has no such item, set its MTU for the internet line lower: "
                     "1454 for PPPoE, 1460 for DS-Lite or MAP-E. (The MTU is the size of the "
                     "largest packet.)"),
                  N_("If the device itself has an item \"MTU\" in its network settings, set it to "
                     "1400 and send a test mail."),
                  N_("Packets here pass through {tunnel}, which takes room in each packet; tell "
                     "that to whoever looks after the line.") },
      .rfc = "RFC 2923 2.1, RFC 4459" },

    { .id = "connection-lost",
      .severity = SEVERITY_FAILURE,
      .fallback = true,
      .needs = FACT_BIT(FACT_RESEND),
      .match = connection_lost,
      .title = N_("The connection was lost on the way"),
      .headline =
          N_("This device no longer gets an answer from the mail server: the connection was lost."),
      .meaning = N_("The device sent the same thing again and again and got no answer from the "
                    "server. Somewhere on the way the connection broke."),
      .explain = N_("Data was resent at least three times without an acknowledgement, with no FIN "
                    "and no RST of the other side. Large packets that a tunnel swallows look "
                    "alike; there the small ones pass."),
      .rules_out = { N_("The server name and the port: a connection to them had been opened.") },
      .advice = { N_("Check the device's network cable or its Wi-Fi signal, and restart the "
                     "router."),
                  N_("If it happens every time with larger mails, set the packet size (MTU) of the "
                     "router to 1400 as a trial."),
                  N_("Check whether other devices in the same network can send mail.") },
      .rfc = "RFC 9293 3.8.3" },

    { .id = "connection-reset",
      .severity = SEVERITY_FAILURE,
      .fallback = true,
      .needs = FACT_BIT(FACT_RST),
      .match = connection_reset,
      .title = N_("The connection was cut off in the middle"),
      .headline =
          N_("The connection was cut off in mid-conversation, in the name of the mail server."),
      .meaning = N_("Somebody ended the connection with a hard cut (reset) instead of a goodbye. "
                    "It can be the program at the other end, or a firewall on the way."),
      .explain = N_("An RST in mid-session. The report says from whose address it came. A TTL that "
                    "differs from that side's other packets points to a middlebox that sent it in "
                    "that side's name (likely)."),
      .may_rule_out = { SAY_LINE_OPENED, SAY_PASSWORD_IF },
      .advice = { DO_TRY_LATER,
                  N_("If a firewall or a virus scanner looks into mail, switch that off for this "
                     "device and try again."),
                  DO_CHECK_PLACE },
      .rfc = "RFC 9293 3.5.2" },

    { .id = "server-closed-early",
      .severity = SEVERITY_FAILURE,
      .fallback = true,
      .needs = FACT_BIT(SIGN_END_WITHOUT_QUIT),
      .match = server_closed_early,
      .title = N_("The server closes the connection instead of answering"),
      .headline = N_("The mail server closed the connection instead of giving an answer."),
      .meaning = N_("The device had asked something and waited for the answer. The server hung up "
                    "without a reason."),
      .explain = N_(
          "A FIN of the server came where a greeting, a reply or a TLS message was due. Overload, "
          "a limit for each address, or a server program that crashed are usual reasons."),
      .may_rule_out = { SAY_NETWORK_WORKS, SAY_PASSWORD_IF },
      .advice = { DO_TRY_LATER, DO_CHECK_PLACE, DO_ASK_PROVIDER },
      .rfc = "RFC 5321 3.8" },

    { .id = "server-silent",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(SIGN_NO_WORD),
      .match = server_silent,
      .title = N_("The server takes the connection and says nothing"),
      .headline =
          N_("The mail server took the connection on port {port} and then never said a word."),
      .meaning =
          N_("A mail server speaks first. This one let the device in and was silent until the "
             "device gave up. It may be overloaded, or something else is running at this port."),
      .explain = N_("TCP came up and no greeting came until the device gave up, on a port where "
                    "clear text begins. A port that expects encryption from the first byte, a full "
                    "server, or a slow look-up of the device's name look alike."),
      .rules_out = { SAY_PASSWORD_NOT_SENT },
      .advice = { N_("Check that security and port fit together: \"SSL\" and port 465, or \"TLS\" "
                     "or \"STARTTLS\" and port 587."),
                  DO_CHECK_PLACE, DO_TRY_LATER },
      .rfc = "RFC 5321 4.5.3.2.1" },

    { .id = "device-gave-up-waiting",
      .severity = SEVERITY_FAILURE,
      .fallback = true,
      .needs = FACT_BIT(SIGN_END_WITHOUT_QUIT),
      .match = device_gave_up_waiting,
      .title = N_("The device hangs up while it waits for an answer"),
      .headline =
          N_("This device waited {waited} for an answer of the mail server and then hung up."),
      .meaning = N_("The device had asked something, and the answer did not come in time for it. "
                    "The server was slow, or the device is impatient."),
      .explain =
          N_("The device closes while a reply is due. RFC 5321 lets a client wait minutes; small "
             "devices often give up after 20 or 30 seconds. The server's answer may still come "
             "later; an acceptance that comes too late means that the mail went out."),
      .may_rule_out = { SAY_NETWORK_WORKS, SAY_PASSWORD_IF },
      .advice = { N_("If the device has an item for how long it waits (time-out), set it to the "
                     "longest time."),
                  DO_TRY_LATER, DO_ASK_PROVIDER },
      .rfc = "RFC 5321 4.5.3.2" },
};

const struct causes causes_reaching = { rows, sizeof rows / sizeof *rows };
