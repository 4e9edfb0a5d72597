/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/certificate_chain.h"

#include "rules/certificate_problem.h"
#include "rules/tls_rules.h"

/* What is wrong with the chain itself, whatever the device's list holds. */
static void tell_faults(struct finding *f, const struct chain_verdict *chain,
                        const struct fact *certificate)
{
    if (certificate && certificate->certificate.readable && certificate->certificate.names.len == 0)
        finding_advice(
            f,
            N_("The server's certificate has its name only where older programs look for it (common name), and some newer ones refuse it for that. "
               "Whoever runs the server should get one that has it as an alternative name (subjectAltName), too."));
    if (chain->wrong_purpose)
        finding_advice(
            f,
            N_("The server's certificate is not made for servers (its extended key usage says so). Whoever runs the server should "
               "get one that is."));
    if (chain->weak)
        finding_advice(
            f,
            N_("The server's certificate, or one that vouches for it, has a key or a signature that is too weak for today (RSA below "
               "2048 bits, or SHA-1). Whoever runs the server should replace it."));
}

/* A careful program of today would have taken this certificate. */
static bool in_order(const struct view *v, const struct fact *certificate, int64_t now)
{
    const struct chain_verdict *c = v->summary->chain;
    return c && c->trust == CHAIN_TRUSTED && !c->wrong_purpose && !c->weak && !c->root_expired &&
           !c->link_expired && certificate && certificate->certificate.names.len > 0 &&
           cert_out_of_date(certificate, now) == 0 && cert_name_missed(v, certificate).len == 0;
}

bool cert_tell_chain(const struct view *v, struct finding *f, const struct fact *certificate,
                     int64_t now)
{
    const struct chain_verdict *chain = v->summary->chain;
    if (!chain)
        return false;
    tell_faults(f, chain, certificate);
    if (chain->trust == CHAIN_NOT_JUDGED)
        return false;
    finding_word(f, "chain", chain_trust_name((enum chain_trust)chain->trust));
    if (chain->root.len > 0)
        finding_wire(f, "root", chain->root);
    if (chain->old_root.len > 0)
        finding_wire(f, "old_root", chain->old_root);
    if (in_order(v, certificate, now))
        finding_rules_out(
            f,
            N_("A fault of the certificate: a careful program of today would accept it. It leads to {root}."));
    return chain->root.len > 0;
}

static void say_trusted(struct finding *f, const struct chain_verdict *chain)
{
    if (chain->old_root.len > 0)
        f->meaning = N_(
            "A certificate is the server's identity card. This one is vouched for by {root}, whom computers of today trust, and for older "
            "ones by {old_root}. The device has a list of issuers of its own and found neither on it. In older devices this list is "
            "out of date.");
    else if (chain->own_roots)
        f->meaning = N_(
            "A certificate is the server's identity card. This one is vouched for by {root}, who is on the list that was given "
            "(--ca-file). The device has a list of issuers of its own, and there {root} is missing.");
    else
        f->meaning = N_(
            "A certificate is the server's identity card. This one is vouched for by {root}, whom computers of today trust. The device has a "
            "list of issuers of its own, and there {root} is missing. In older devices this list is out of date.");
}

void cert_advise_unknown(struct finding *f, bool clock)
{
    finding_advice(f, DO_LOAD_ROOT);
    finding_advice(f, DO_LEAVE_MAIL_ALONE);
    if (clock)
        finding_advice(f, DO_CHECK_CLOCK);
    finding_advice(f, DO_LAST_RESORT_NO_CHECK);
    f->advice_alone = true;
}

static void say_unknown(struct finding *f, const struct chain_verdict *chain)
{
    f->meaning =
        chain->own_roots
            ? N_("A certificate is the server's identity card. This one leads to the issuer {root}, who is not on the device's list, nor on the one that was "
                 "given (--ca-file).")
            : N_("A certificate is the server's identity card. This one leads to the issuer {root}, who is not on the device's list, and not on that of this "
                 "computer either. It may be an issuer of someone's own; or security software or a firewall on the way shows a card of its own in "
                 "place of the server's.");
    cert_advise_unknown(f, false);
}

void cert_say_self_signed(struct finding *f)
{
    f->meaning = N_(
        "A certificate is the server's identity card. The server issued this one itself, so nobody on the device's list of issuers vouches "
        "for it.");
    f->advice_alone = true;
    finding_advice(f, DO_CERTIFY_OWN_SERVER);
    finding_advice(
        f,
        N_("If it is the server of a mail provider, check that the server name in the device's mail settings is right. Now it is {server}."));
    finding_advice(f, DO_LEAVE_MAIL_ALONE);
    finding_advice(f, DO_LAST_RESORT_NO_CHECK);
}

void cert_say_root_expired(struct finding *f)
{
    f->meaning = N_(
        "A certificate is the server's identity card. The issuer to whom this one leads, {root}, is out of date, so nobody should "
        "trust it any more.");
    finding_advice(f, DO_ISSUER_OF_TODAY);
}

void cert_say_link_expired(struct finding *f)
{
    f->meaning = N_(
        "A certificate is the server's identity card, and others vouch for it. One of these was valid only until {valid_to}. "
        "Computers of today often find another way to trust the server, older devices do not.");
}

void cert_say_link_missing(struct finding *f)
{
    f->meaning = N_(
        "A certificate is the server's identity card, and others vouch for it up to an issuer who is generally known. The next one, that of {root}, "
        "the server does not send, so nobody can tell where this one leads.");
    finding_advice(
        f,
        N_("The server does not send the certificate of {root}, by whom its own was issued. Whoever runs the server should let it send "
           "the full chain."));
    finding_advice(f, DO_LAST_RESORT_NO_CHECK);
    f->advice_alone = true;
}

void cert_say_chain(struct finding *f, const struct chain_verdict *chain,
                    const struct fact_certificate *c)
{
    if (chain->root_expired) {
        cert_say_root_expired(f);
    } else if (chain->link_expired && chain->trust == CHAIN_TRUSTED &&
               c->chain_not_after != TIME_NONE) {
        finding_time(f, "valid_to", c->chain_not_after);
        cert_say_link_expired(f);
        finding_advice(f, DO_ISSUER_OF_TODAY);
    } else if (chain->link_missing && c->count > 1) {
        cert_say_link_missing(f);
    } else if (chain->trust == CHAIN_TRUSTED) {
        say_trusted(f, chain);
    } else if (chain->trust == CHAIN_UNKNOWN_ROOT && c->count > 1) {
        say_unknown(f, chain);
    }
}
