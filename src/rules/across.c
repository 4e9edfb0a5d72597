/* SPDX-License-Identifier: BSD-3-Clause */
/* Across the attempts of one device: what worked where something else failed. */
#include "rules/across.h"

#include <stddef.h>

#include "facts/tls_names.h"

/* Which way the mail went: what a person can set on the device. */
struct way {
    const struct past_attempt *past;
    bool
        delivered; /* seen; else an encrypted conversation that went well as far as the wire shows */
};

enum { WAYS_MAX = LINE_FINDINGS };

static bool same_method(const struct past_attempt *a, const struct past_attempt *b)
{
    return a->auth == b->auth || a->auth == AUTH_NONE || b->auth == AUTH_NONE;
}

static bool same_setting(const struct past_attempt *a, const struct past_attempt *b)
{
    return a->port == b->port && a->security == b->security &&
           a->server.family == b->server.family && same_method(a, b);
}

/* Lost on the way, at whichever step it was. */
static bool failed_on_the_way(const struct past_attempt *p)
{
    return p->cause && (cause_is(p->cause, "path-mtu-blackhole") || cause_is(p->cause, "connection-lost"));
}

bool across_other_mail(const struct past_attempt *failed, const struct past_attempt *success)
{
    static const char *const about_mail[] = {
        "recipient-unknown",      "mailbox-full",           "some-recipients-refused",
        "message-too-big",        "message-rejected",       "message-malformed",
        "sender-header-mismatch", "too-many-recipients",    "quota-used-up",
        "greylisted",             "encrypted-message-rejected",
    };
    if (!failed->cause || (failed->envelope != 0 && failed->envelope == success->envelope))
        return false;
    for (size_t i = 0; i < sizeof about_mail / sizeof *about_mail; i++)
        if (cause_is(failed->cause, about_mail[i]))
            return true;
    /* one that had signed in was refused for the address, one that had not perhaps for that */
    return failed->auth != AUTH_NONE && cause_is(failed->cause, "encrypted-recipient-refused");
}

/* Refused at the sign-in or later, by whichever way it came: not the address family's fault. */
static bool only_family_differs(const struct past_attempt *way, const struct past_attempt *failed)
{
    return !failed_on_the_way(failed) && failed->stage >= STAGE_AUTH && way->port == failed->port &&
           way->security == failed->security && same_method(way, failed);
}

static bool worked(const struct past_attempt *p)
{
    if (p->security == SECURITY_UNKNOWN)
        return false; /* it cannot be said which setting that was */
    return p->outcome == OUTCOME_DELIVERED || (p->outcome == OUTCOME_UNKNOWN && p->lively);
}

/* Would this way show the password to everybody on it? */
static bool shows_password(const struct past_attempt *p)
{
    return p->security == SECURITY_NONE && (p->auth == AUTH_PLAIN || p->auth == AUTH_LOGIN);
}

static bool is_encrypted(const struct past_attempt *p)
{
    return p->security == SECURITY_IMPLICIT_TLS || p->security == SECURITY_STARTTLS;
}

static unsigned rank(const struct way *w)
{
    if (is_encrypted(w->past))
        return w->delivered ? 0 : 1;
    return shows_password(w->past) ? 3 : 2;
}

static bool is_same_place(const struct past_attempt *way, const struct past_attempt *failed)
{
    return way->port == failed->port && way->security == failed->security;
}

/* Is it by the address family alone that this way is another? Who got no further than connecting shows no security and
 * no method to differ in. */
static bool is_by_family(const struct past_attempt *way, const struct past_attempt *failed)
{
    bool unseen = way->port == failed->port && failed->stage <= STAGE_CONNECT &&
                  way->server.family != failed->server.family;
    return unseen || (is_same_place(way, failed) && same_method(way, failed));
}

/* Failed attempts that a way would have helped. */
struct helped {
    const struct past_attempt *first;
    unsigned count;
    bool by_family; /* all of them, or none */
    bool by_method; /* at least one by the sign-in method alone */
};

/* Failed attempts at the same server with another setting: their ids go to the finding. */
static struct helped collect_failed(const struct device *d, const struct past_attempt *way,
                                    bool by_family, struct finding *f)
{
    struct helped h = { .by_family = by_family };
    for (uint32_t i = 0; i < d->past_count; i++) {
        const struct past_attempt *p = &d->past[i];
        if (p->outcome != OUTCOME_FAILED || p->port == 0 || !past_same_server(p, way) ||
            same_setting(p, way) || only_family_differs(way, p) ||
            is_by_family(way, p) != by_family || across_other_mail(p, way) ||
            !past_got_through(way, p))
            continue;
        if (h.count == 0)
            h.first = p;
        if (h.count < FINDING_ATTEMPTS)
            f->attempts[h.count] = p->id;
        h.count++;
        h.by_method = h.by_method || is_same_place(way, p);
    }
    f->attempt_count = (uint8_t)(h.count < FINDING_ATTEMPTS ? h.count : FINDING_ATTEMPTS);
    return h;
}

/* Each setting once: a delivery that was seen before one that was not, else the latest. */
static size_t collect_ways(const struct device *d, struct way ways[WAYS_MAX])
{
    size_t count = 0;
    for (uint32_t i = 0; i < d->past_count; i++) {
        const struct past_attempt *p = &d->past[i];
        if (!worked(p))
            continue;
        struct way way = { p, p->outcome == OUTCOME_DELIVERED };
        size_t at = 0;
        while (at < count &&
               !(same_setting(ways[at].past, p) && past_same_server(ways[at].past, p)))
            at++;
        if (at == WAYS_MAX)
            continue;
        if (at == count)
            ways[count++] = way;
        else if (way.delivered >= ways[at].delivered)
            ways[at] = way;
    }
    return count;
}

static void sort_ways(struct way *ways, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct way way = ways[i];
        size_t at = i;
        for (; at > 0 && rank(&way) < rank(&ways[at - 1]); at--)
            ways[at] = ways[at - 1];
        ways[at] = way;
    }
}

/* The setting, and that it worked: delivered or not, with the TLS version where it is known. */
static const char *const set_ssl[2][2] = {
    { N_("In the device's mail settings set the security to \"SSL\" (encrypted from the first byte) and the port to {port}. This device got an "
         "encrypted conversation going that way at {time} ({in_frame})."),
      N_("In the device's mail settings set the security to \"SSL\" (encrypted from the first byte) and the port to {port}. This device got an "
         "encrypted conversation going that way at {time} ({in_frame}, {tls_version}).") },
    { N_("In the device's mail settings set the security to \"SSL\" (encrypted from the first byte) and the port to {port}. This device delivered "
         "mail that way at {time} ({in_frame})."),
      N_("In the device's mail settings set the security to \"SSL\" (encrypted from the first byte) and the port to {port}. This device delivered "
         "mail that way at {time} ({in_frame}, {tls_version}).") },
};
static const char *const set_starttls[2][2] = {
    { N_("In the device's mail settings set the security to \"TLS\" or \"STARTTLS\" (begins in clear text, then switches to encryption) and the port "
         "to {port}. This device got an encrypted conversation going that way at {time} ({in_frame})."),
      N_("In the device's mail settings set the security to \"TLS\" or \"STARTTLS\" (begins in clear text, then switches to encryption) and the port "
         "to {port}. This device got an encrypted conversation going that way at {time} ({in_frame}, {tls_version}).") },
    { N_("In the device's mail settings set the security to \"TLS\" or \"STARTTLS\" (begins in clear text, then switches to encryption) and the port "
         "to {port}. This device delivered mail that way at {time} ({in_frame})."),
      N_("In the device's mail settings set the security to \"TLS\" or \"STARTTLS\" (begins in clear text, then switches to encryption) and the port "
         "to {port}. This device delivered mail that way at {time} ({in_frame}, {tls_version}).") },
};

/* [IPv6][delivered] */
static const char *const set_family[2][2] = {
    { N_("Let the device reach the server by IPv4 (in its network settings, often an item \"IPv6\": off). This device got an encrypted "
         "conversation going that way at {time} ({in_frame})."),
      N_("Let the device reach the server by IPv4 (in its network settings, often an item \"IPv6\": off). This device delivered mail that way at {time} ({in_frame}).") },
    { N_("Let the device reach the server by IPv6 (in its network settings, often an item \"IPv6\": on). This device got an encrypted "
         "conversation going that way at {time} ({in_frame})."),
      N_("Let the device reach the server by IPv6 (in its network settings, often an item \"IPv6\": on). This device delivered mail that way at {time} ({in_frame}).") },
};

/* [from the first byte], where the sign-in method matters as well */
static const char *const set_method[2] = {
    N_("In the device's mail settings set the security to \"TLS\" or \"STARTTLS\" (begins in clear text, then switches to encryption), the port "
       "to {port} and the sign-in method to {method}. This device delivered mail that way at {time} ({in_frame})."),
    N_("In the device's mail settings set the security to \"SSL\" (encrypted from the first byte), the port to {port} and the sign-in method to "
       "{method}. This device delivered mail that way at {time} ({in_frame})."),
};

static const char *advice_for(const struct way *w, const struct helped *h)
{
    const struct past_attempt *p = w->past;
    if (h->by_family)
        return set_family[p->server.family != 4][w->delivered];
    if (is_encrypted(p) && h->by_method && w->delivered)
        return set_method[p->security == SECURITY_IMPLICIT_TLS];
    if (p->security == SECURITY_IMPLICIT_TLS)
        return set_ssl[w->delivered][p->tls_version != 0];
    if (p->security == SECURITY_STARTTLS)
        return set_starttls[w->delivered][p->tls_version != 0];
    if (shows_password(p))
        return h->by_method ? N_(
                                  "The security \"none\", with port {port} and the sign-in method {method}, also works here (delivered at {time}, "
                                  "{in_frame}), but then anyone on the way can read the password.")
                            : N_(
                                  "The security \"none\" with port {port} also works here (delivered at {time}, {in_frame}), but then anyone on the "
                                  "way can read the password.");
    return N_(
        "The security \"none\" with port {port} works here (delivered at {time}, {in_frame}), but then anyone on the way can read the mail.");
}

static void tell_way(struct finding *f, const struct way *w, const struct helped *h)
{
    const struct past_attempt *p = w->past, *failed = h->first;
    finding_number(f, "attempt", p->id);
    if (p->file != failed->file && p->file_name)
        finding_word(f, "file", p->file_name);
    finding_number(f, "port", p->port);
    finding_word(f, "security", security_name((enum security)p->security));
    if (p->auth != AUTH_NONE && p->auth != AUTH_OTHER)
        finding_word(f, "method", auth_mechanism_name((enum auth_mechanism)p->auth));
    if (p->tls_version != 0)
        finding_word(f, "tls_version", tls_version_name(p->tls_version));
    if (p->server.family != failed->server.family)
        finding_word(f, "family", p->server.family == 4 ? "IPv4" : "IPv6");
    finding_number(f, "frame", p->proof_frame);
    finding_time(f, "time", p->start);
    if (p->server_name)
        finding_word(f, "server", p->server_name);
    finding_flag(f, "delivered", w->delivered);
    if (shows_password(p))
        finding_flag(f, "shows_password", true);
    if (p->file == failed->file)
        finding_proof_frame(f, p->proof_frame, p->end);
    f->stage = p->stage;
    if (!w->delivered)
        f->headline =
            N_("This device got an encrypted conversation going another way: port {port}.");
    finding_advice(f, advice_for(w, h));
    f->late_advice = !h->by_family && !is_encrypted(p); /* it shows the mail to everybody */
}

static const struct cause rows[] = {
    { .id = "works-with-other-setting",
      .severity = SEVERITY_NOTE,
      .scope = SCOPE_DEVICE,
      .title = N_("It works with another setting of the same device"),
      .headline =
          N_("This device delivered mail to the same mail server another way: port {port}."),
      .meaning = N_(
          "With one setting it fails, with another one it works. So the device, its network and the server are all right; it is the setting."),
      .explain = N_(
          "The same device reached the same server with another port, security, sign-in method or address family. Certain where the delivery "
          "was seen; likely where it lies inside TLS, the handshake was completed and a conversation of at least four turns followed "
          "without an alert or an RST. What was refused for its recipient, its size or its content counts only where the same mail went out."),
      .may_rule_out = { N_(
          "The device, the network and the server: they work with the other setting.") },
      .may_advise = { N_(
          "In the device's mail settings set security and port, or the sign-in method, as in the attempt that worked; the report names them.") } },

    { .id = "fails-for-every-device",
      .severity = SEVERITY_NOTE,
      .scope = SCOPE_DEVICE,
      .title = N_("Other devices fail there in the same way"),
      .headline = N_("{devices} devices fail at this server and port in the same way."),
      .meaning = N_(
          "It is not this one device. The server, the line, or a setting that all of them share is the place to look."),
      .explain = N_(
          "At least two devices have the same primary cause at the same server and port, and none got its mail through there."),
      .may_rule_out = { N_("This one device: others fail as well.") },
      .may_advise = { N_(
          "{devices} devices fail here in the same way. What helps one of them will help the others. If nothing does, the fault is with the server or the line, not with a device.") } },

    { .id = "fails-for-this-device-only",
      .severity = SEVERITY_NOTE,
      .scope = SCOPE_DEVICE,
      .title = N_("Other devices get through there"),
      .headline =
          N_("Other devices get along with this server at this port; this one does not."),
      .meaning = N_("The server and the line work. It is this device, or one of its settings."),
      .explain = N_(
          "At the same server and port another device delivered (or got a lively TLS session going), and no other one failed in this way."),
      .may_rule_out = { N_("The server and the line: other devices get through.") },
      .may_advise = { N_(
          "Other devices get along with the same server at the same port, so compare this device's mail settings with theirs.") } },

    { .id = "started-failing",
      .severity = SEVERITY_NOTE,
      .scope = SCOPE_DEVICE,
      .title = N_("It worked before, with the same setting"),
      .headline = N_("It still worked on {last_success}; it fails since {first_failure}."),
      .meaning = N_(
          "The same device got its mail through at the same server and port before. Something changed in between: often the mail provider's rules, or "
          "the password."),
      .explain = N_(
          "The last success and the first failure of one device at one server, port and security; and what the wire shows as changed between them: the "
          "server's address, its certificate, its list of capabilities, the TLS version, or its reply alone."),
      .may_rule_out = { N_("The setting as such: the device delivered with it before.") },
      .may_advise = { N_(
          "Ask what was changed in between, at the mail provider or on the device.") } },

    { .id = "same-failure-repeated",
      .severity = SEVERITY_NOTE,
      .scope = SCOPE_DEVICE,
      .title = N_("The same failure, again and again"),
      .headline = N_("The same failure happened {count} times, from {first} to {last}."),
      .meaning = N_("Trying again does not help; something has to be changed."),
      .explain =
          N_("Attempts of one device with the same primary cause at the same server and port."),
      .may_rule_out = { N_("A passing disturbance: it comes back each time.") },
      .may_advise = { N_(
          "Let the device stop trying for now, and follow the advice for the failed attempt.") } },
};

const struct causes causes_across = { rows, sizeof rows / sizeof *rows };

static void add_way(struct device_line *line, const struct way *way, bool by_family)
{
    struct finding f;
    finding_begin(&f, &rows[0], SEVERITY_NOTE);
    struct helped h = collect_failed(line->device, way->past, by_family, &f);
    if (h.count == 0 || line->finding_count == LINE_FINDINGS)
        return;
    f.confidence = way->delivered && !way->past->inferred ? CERTAIN : LIKELY;
    tell_way(&f, way, &h);
    line->findings[line->finding_count++] = f;
}

void across_device(struct device_line *line, const struct history *history)
{
    struct way ways[WAYS_MAX];
    size_t count = collect_ways(line->device, ways);
    sort_ways(ways, count);
    for (size_t i = 0; i < count; i++) {
        add_way(line, &ways[i], false);
        add_way(line, &ways[i], true);
    }
    across_compare(line, history);
}
