/* SPDX-License-Identifier: BSD-3-Clause */
/* Reaching the server: its name could not be looked up (RFC 1035). */
#include "facts/timeline.h"
#include "rules/cause.h"
#include "rules/phrases.h"

#define DO_ASK_TODAYS_NAME                                                                                              \
    N_("If it is spelt right, ask the mail provider for the server name in use today; old names are sometimes switched " \
       "off.")

enum { RCODE_SERVFAIL = 2, RCODE_NXDOMAIN = 3, RCODE_REFUSED = 5 };

/* What came back on the name itself, search suffixes left out. */
struct answers {
    const struct fact *first_query, *not_found, *no_address, *server_failure, *last;
    unsigned queries;
};

static struct answers collect(const struct view *v)
{
    struct answers a = { 0 };
    for (const struct fact *f = view_first(v, FACT_DNS_QUERY, SIDE_DEVICE); f;
         f = timeline_next(v->attempt->timeline, f)) {
        if (f->kind == FACT_DNS_QUERY) {
            a.queries++;
            if (!a.first_query)
                a.first_query = f;
            a.last = f;
        }
        if (f->kind != FACT_DNS_ANSWER || !f->dns.same_name)
            continue;
        a.last = f;
        if (f->dns.rcode == RCODE_NXDOMAIN)
            a.not_found = f;
        else if (f->dns.rcode == 0)
            a.no_address = f;
        else if (f->dns.rcode == RCODE_SERVFAIL || f->dns.rcode == RCODE_REFUSED)
            a.server_failure = f;
    }
    return a;
}

static void tell(struct finding *f, const struct answers *a, const struct fact *answer)
{
    finding_proof(f, a->first_query);
    finding_proof(f, answer);
    finding_number(f, "queries", a->queries);
    f->stage = STAGE_DNS;
}

static enum confidence dns_name_not_found(const struct view *v, struct finding *f)
{
    struct answers a = collect(v);
    if (!a.not_found)
        return NO_MATCH;
    tell(f, &a, a.not_found);
    finding_filter(f, "dns.flags.rcode", RCODE_NXDOMAIN);
    return CERTAIN;
}

static enum confidence dns_no_address(const struct view *v, struct finding *f)
{
    struct answers a = collect(v);
    if (!a.no_address || a.not_found || a.server_failure)
        return NO_MATCH;
    tell(f, &a, a.no_address);
    return CERTAIN;
}

static enum confidence dns_server_failure(const struct view *v, struct finding *f)
{
    struct answers a = collect(v);
    if (!a.server_failure || a.not_found)
        return NO_MATCH;
    tell(f, &a, a.server_failure);
    finding_word(f, "answer",
                 a.server_failure->dns.rcode == RCODE_REFUSED ? "REFUSED" : "SERVFAIL");
    return CERTAIN;
}

static enum confidence dns_no_answer(const struct view *v, struct finding *f)
{
    struct answers a = collect(v);
    if (a.queries < 2 || view_first(v, FACT_DNS_ANSWER, SIDE_SERVER))
        return NO_MATCH;
    tell(f, &a, a.last);
    return LIKELY;
}

#define NAME_IS_NOT_IN_USE                                                                         \
    N_("The password and the encryption: the device did not even get to a mail server.")

static const struct cause rows[] = {
    { .id = "dns-name-not-found",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(FACT_DNS_ANSWER),
      .match = dns_name_not_found,
      .title = N_("The server's name does not exist"),
      .headline = N_("There is no server named \"{server}\"."),
      .meaning = N_(
          "To reach a server a device first asks for its address, like looking up a name in a phone book. The answer was that "
          "there is no such name. Most often it is misspelt in the device's settings."),
      .explain = N_(
          "The DNS query for the server's name was answered NXDOMAIN, and no connection followed. Names that are not tied to mail "
          "(a browser's typing errors) are not told."),
      .rules_out = { NAME_IS_NOT_IN_USE,
                     N_("The line: the name service was reached and it answered.") },
      .advice = { N_("Check the spelling of the outgoing mail server (SMTP) in the device's mail settings, letter by letter. Now it is \"{server}\"."),
                  DO_ASK_TODAYS_NAME },
      .rfc = "RFC 1035 4.1.1" },
    { .id = "dns-no-address",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(FACT_DNS_ANSWER),
      .match = dns_no_address,
      .title = N_("The server's name has no address"),
      .headline =
          N_("The name \"{server}\" exists, but it has no address that a device could connect to."),
      .meaning = N_("To reach a server a device first asks for its address. The name is known, but no "
                    "address stands behind it. Perhaps a letter is wrong, or the mail provider no "
                    "longer uses this name."),
      .explain = N_(
          "The DNS queries for the name were answered without an error (NOERROR) and without an address, for IPv4 (A) and IPv6 (AAAA) alike."),
      .rules_out = { NAME_IS_NOT_IN_USE,
                     N_("The line: the name service was reached and it answered.") },
      .advice = { N_("Compare the outgoing mail server (SMTP) in the device's mail "
                     "settings, letter by letter, with what the mail provider says. Now "
                     "it is \"{server}\"."),
                  DO_ASK_TODAYS_NAME },
      .rfc = "RFC 2308 2.2" },
    { .id = "dns-server-failure",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(FACT_DNS_ANSWER),
      .match = dns_server_failure,
      .title = N_("The name service could not look the name up"),
      .headline = N_("The name service could not look \"{server}\" up (its answer: {answer})."),
      .meaning = N_(
          "To reach a server a device first asks a name service (DNS) for its address. That service answered that it cannot or will "
          "not say. The trouble lies with the name service, or with the mail provider's entries in it."),
      .explain =
          N_("The DNS query was answered SERVFAIL or REFUSED, and no later answer had an address."),
      .rules_out = { NAME_IS_NOT_IN_USE,
                     N_("The spelling of the name: the service did not say that the name does not exist.") },
      .advice = { N_("In the device's network settings set the name server (DNS) to the router's address, or to \"automatic\" (DHCP)."),
                  N_("Restart the router, wait a few minutes, and send a test mail again."),
                  N_("If it goes on, tell the internet provider that looking up \"{server}\" fails with {answer}.") },
      .rfc = "RFC 1035 4.1.1" },
    { .id = "dns-no-answer",
      .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(FACT_DNS_QUERY),
      .match = dns_no_answer,
      .title = N_("The name service does not answer"),
      .headline = N_("Nobody answers when the device asks for the address of \"{server}\"."),
      .meaning = N_(
          "To reach a server a device first asks a name service (DNS) for its address. It asked {queries} times and got no answer, so it "
          "did not know where to send the mail."),
      .explain = N_(
          "The DNS query was repeated and never answered. A capture that shows only the device's direction looks the same."),
      .rules_out = { NAME_IS_NOT_IN_USE },
      .advice = { N_("In the device's network settings set the name server (DNS) to the router's address, or to \"automatic\" (DHCP)."),
                  N_("Check that the device's other network settings are right: address, network mask and gateway, best all \"automatic\" (DHCP)."),
                  N_("Restart the router and send a test mail again.") } },
};

const struct causes causes_server_name = { rows, sizeof rows / sizeof *rows };
