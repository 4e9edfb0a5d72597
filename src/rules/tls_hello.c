/* SPDX-License-Identifier: BSD-3-Clause */
/* The server refuses the ClientHello, or never answers it. */
#include "rules/tls_rules.h"

/* A fatal alert with which the server answers the ClientHello itself. */
static const struct fact *alert_to_hello(const struct view *v, uint8_t code)
{
    const struct fact *alert = tls_fatal_alert(v, SIDE_SERVER, code);
    if (!alert || tls_choice_before(v, alert) || view_before(v, alert, FACT_ENCRYPTED, ANY_SIDE))
        return NULL;
    /* The choice may be missing: then only the alert about the version speaks for itself. */
    const struct fact *hello = view_before(v, alert, FACT_CLIENT_HELLO, SIDE_DEVICE);
    bool missing =
        v->attempt->snapped || v->attempt->one_sided || !hello || view_gap_between(v, hello, alert);
    return missing && code != ALERT_PROTOCOL_VERSION ? NULL : alert;
}

/* The device is up to date, and the server has none of its versions: that server is very old, or it takes
 * TLS 1.3 alone. */
static void tell_other_version(struct finding *f, const struct fact *hello)
{
    bool tls13 = hello->client_hello.newest >= VERSION_TLS_1_3;
    f->headline = N_("This device and the mail server have no encryption version in common "
                     "({offered} is refused).");
    f->meaning =
        tls13
            ? N_("Device and server agree on an encryption version before any name or password is sent. The "
                 "device's newest, {offered}, is up to date, so the server is probably too old for it.")
            : N_("Device and server agree on an encryption version before any name or password is sent. The "
                 "device's newest, {offered}, is one that most mail servers take. This one takes only a newer "
                 "one (TLS 1.3), or it is too old.");
    finding_advice(f, DO_CHECK_PLACE);
    finding_advice(
        f, tls13 ? N_("If the server is your own, update it so that it speaks TLS 1.2 or newer.")
                 : N_("If the server is your own, let it take {offered} as well."));
    f->advice_alone = true; /* an update of a device with TLS 1.3 does not help here */
}

enum confidence tls_version_refused(const struct view *v, struct finding *f)
{
    enum confidence sure = CERTAIN;
    const struct fact *alert = alert_to_hello(v, ALERT_PROTOCOL_VERSION);
    const struct fact *hello = alert ? view_before(v, alert, FACT_CLIENT_HELLO, SIDE_DEVICE) : NULL;
    if (!alert) {
        alert = alert_to_hello(v, ALERT_INTERNAL_ERROR);
        hello = alert ? view_before(v, alert, FACT_CLIENT_HELLO, SIDE_DEVICE) : NULL;
        if (!tls_offers_only_old(hello))
            return NO_MATCH;
        sure = LIKELY;
    }
    tls_tell_offer(f, hello);
    tls_tell_alert(v, f, alert);
    if (!hello)
        f->headline = N_("The mail server refuses the encryption version of this device.");
    else if (sure == LIKELY)
        f->headline = N_("The mail server probably refuses this device's encryption because "
                         "{offered} is too old.");
    else if (!tls_offers_only_old(hello))
        tell_other_version(f, hello);
    ask_advise_other_security(v, f);
    if (f->advice_alone && hello->client_hello.newest < VERSION_TLS_1_3)
        finding_advice(f, DO_UPDATE);
    ask_rule_out_network(v, f);
    return sure;
}

/* Anything of TLS, SMTP or another protocol after the hello. */
static bool server_said_after(const struct view *v, const struct fact *hello)
{
    uint64_t words = FACT_BIT(FACT_SMTP_REPLY) | FACT_BIT(FACT_SERVER_HELLO) |
                     FACT_BIT(FACT_TLS_ALERT) | FACT_BIT(FACT_ENCRYPTED) |
                     FACT_BIT(FACT_CERTIFICATE) | FACT_BIT(FACT_TLS_BROKEN) |
                     FACT_BIT(FACT_OTHER_PROTOCOL) | FACT_BIT(FACT_SMTP_NOISE) | FACT_BIT(FACT_GAP);
    return ask_first_of(v, hello, words, SIDE_SERVER) != NULL;
}

static const struct fact *lonely_hello(const struct view *v)
{
    const struct fact *hello = view_last(v, FACT_CLIENT_HELLO, SIDE_DEVICE);
    if (!hello || hello->origin == ORIGIN_DECRYPTED || !ask_heard_all(v, hello) ||
        server_said_after(v, hello))
        return NULL;
    /* From the first byte, where the server had greeted in clear text: tls-on-plain-port. */
    if (ask_implicit_tls(v) && view_first(v, FACT_SMTP_REPLY, SIDE_SERVER))
        return NULL;
    return hello;
}

enum confidence tls_hello_dropped(const struct view *v, struct finding *f)
{
    const struct fact *hello = lonely_hello(v);
    const struct fact *end = ask_end(v);
    if (!hello || !end || end->from != SIDE_SERVER || !ask_after(v, hello, end))
        return NO_MATCH;
    tls_tell_offer(f, hello);
    finding_proof(f, end);
    finding_flag(f, "reset", end->kind == FACT_RST);
    f->stage = STAGE_TLS;
    ask_advise_other_security(v, f);
    if (tls_offers_only_old(hello)) {
        f->headline = N_(
            "The mail server hung up on this device's encryption: {offered} is probably too old.");
        return LIKELY;
    }
    finding_advice(f, DO_LET_PASS);
    finding_advice(f, DO_CHECK_PLACE);
    return POSSIBLE;
}

enum confidence tls_hello_unanswered(const struct view *v, struct finding *f)
{
    const struct fact *hello = lonely_hello(v);
    if (!hello || v->attempt->direction[SIDE_DEVICE].unanswered_resends > 0 ||
        v->attempt->direction[SIDE_DEVICE].acked == 0)
        return NO_MATCH;
    uint16_t port = v->attempt->server_port;
    if (ask_implicit_tls(v) && (port == 25 || port == 587 || port == 2525))
        return NO_MATCH; /* a server that speaks first there: tls-on-plain-port */
    const struct fact *end = ask_end(v);
    if (end && (end->from != SIDE_DEVICE || end->time - hello->time < ASK_WAITED))
        return NO_MATCH;
    if (!end && v->attempt->end != END_SILENCE)
        return NO_MATCH;
    tls_tell_offer(f, hello);
    finding_proof(f, end);
    if (end)
        finding_span(f, "waited", end->time - hello->time);
    f->stage = STAGE_TLS;
    ask_advise_other_security(v, f);
    return LIKELY;
}

/* --- what a hello offers --- */

struct offer {
    unsigned suites;
    bool forward_secret, rsa_exchange, aead, ecdsa, rsa_signed, tls13;
    bool todays_group, groups, todays_signature, signatures;
};

static void offer_suite(struct offer *o, uint16_t suite)
{
    struct tls_cipher_kind kind = tls_cipher_kind(suite);
    if (kind.signalling || tls_is_grease(suite))
        return;
    o->suites++;
    o->aead |= kind.bulk == TLS_BULK_AEAD;
    o->tls13 |= kind.kx == TLS_KX_13;
    o->forward_secret |= kind.kx == TLS_KX_ECDHE || kind.kx == TLS_KX_DHE || kind.kx == TLS_KX_13;
    o->rsa_exchange |= kind.kx == TLS_KX_RSA;
    o->ecdsa |= kind.ecdsa;
    o->rsa_signed |=
        !kind.ecdsa && kind.kx != TLS_KX_UNKNOWN && kind.kx != TLS_KX_13 && kind.kx != TLS_KX_ANON;
}

static struct offer offer_of(const struct fact_client_hello *hello)
{
    struct offer o = { .suites = 0 };
    size_t step = hello->sslv2_form ? 3 : 2;
    for (size_t i = 0; i + step <= hello->ciphers.len; i += step) {
        if (step == 2)
            offer_suite(&o, tls_pair_at(hello->ciphers, i));
        else if (hello->ciphers.at[i] == 0) /* RFC 5246 E.2: the others are SSL 2.0's own */
            offer_suite(&o, tls_pair_at(hello->ciphers, i + 1));
    }
    for (size_t i = 0; i + 2 <= hello->groups.len; i += 2) {
        uint16_t group = tls_pair_at(hello->groups, i);
        o.groups = true;
        /* secp256r1 to secp521r1, x25519, x448, and the finite fields and hybrids behind them */
        o.todays_group |=
            (group >= 23 && group <= 25) || group == 29 || group == 30 || group >= 256;
    }
    for (size_t i = 0; i + 2 <= hello->signatures.len; i += 2) {
        uint8_t hash = hello->signatures.at[i];
        o.signatures = true;
        o.todays_signature |= hash >= 4; /* SHA-256 and up, RSA-PSS, EdDSA (RFC 8446 4.2.3) */
    }
    return o;
}

/* The one lack that most likely decided, for headline and {lacks}; NULL = the hello shows none. */
struct lack {
    const char *word, *headline, *meaning;
};

static const struct lack lacks[] = {
    { "forward-secrecy",
      N_("The mail server refuses this device's encryption: it agrees on keys only in an old way."),
      N_("To encrypt, both sides first agree on a secret key. This device can do it only in the "
         "old way (RSA), which many mail servers have switched off. Its TLS version may be new "
         "enough; that alone does not help.") },
    { "aead",
      N_("The mail server refuses this device's encryption: it offers only old encryption "
         "methods."),
      N_("The device sends a list of the encryption methods that it knows. On this list are only "
         "old methods (CBC, RC4 or 3DES), and the server took none of them.") },
    { "groups",
      N_("The mail server refuses this device's encryption: it offers none of today's key types."),
      N_("To encrypt, both sides must know a common kind of key (a curve). This device lists only "
         "kinds that are hardly used any more, and the server took none of them.") },
    { "signatures",
      N_("The mail server refuses this device's encryption: it knows only old kinds of "
         "signatures."),
      N_("The server proves who it is with a signature. This device says that it understands only "
         "old kinds (SHA-1 or MD5), which many mail servers no longer use.") },
    { "rsa-certificate",
      N_("The mail server refuses this device's encryption: it takes only ECDSA certificates."),
      N_("The server proves who it is with a certificate. This device takes only the ECDSA kind; "
         "the server probably has another kind (RSA).") },
    { "ecdsa-certificate",
      N_("The mail server refuses this device's encryption: perhaps its certificate is of another "
         "kind."),
      N_("The device sends a list of the encryption methods that it knows, and the server took "
         "none of them. The list is a modern one, but without the methods for a certificate of the "
         "ECDSA kind, which some servers have.") },
    { "version",
      N_("The mail server refuses this device's encryption: with {offered} it may be too old."),
      N_("The device sends a list of the encryption methods that it knows and the newest version "
         "that it speaks, {offered}. The server took none of them. Many servers no longer accept "
         "anything older than TLS 1.2.") },
};

enum {
    LACKS_FORWARD_SECRECY,
    LACKS_AEAD,
    LACKS_GROUPS,
    LACKS_SIGNATURES,
    LACKS_RSA,
    LACKS_ECDSA,
    LACKS_VERSION
};

static const struct lack *lack_of(const struct fact *hello)
{
    struct offer o = offer_of(&hello->client_hello);
    if (tls_offers_only_old(hello))
        return &lacks[LACKS_VERSION];
    if (o.suites == 0)
        return NULL;
    if (!o.forward_secret)
        return &lacks[LACKS_FORWARD_SECRECY];
    if (!o.aead)
        return &lacks[LACKS_AEAD];
    if (o.groups && !o.todays_group)
        return &lacks[LACKS_GROUPS];
    if (o.signatures && !o.todays_signature)
        return &lacks[LACKS_SIGNATURES];
    if (!o.tls13 && o.ecdsa && !o.rsa_signed)
        return &lacks[LACKS_RSA];
    if (!o.tls13 && !o.ecdsa && o.rsa_signed)
        return &lacks[LACKS_ECDSA];
    return NULL;
}

/* All that the hello lacks, beside the version: flags in the values. */
static void tell_lacks(struct finding *f, const struct fact *hello)
{
    struct offer o = offer_of(&hello->client_hello);
    finding_flag(f, "forward_secrecy", o.forward_secret);
    finding_flag(f, "aead", o.aead);
    const struct lack *lack = lack_of(hello);
    if (!lack)
        return;
    finding_word(f, "lacks", lack->word);
    f->headline = lack->headline;
    f->meaning = lack->meaning;
}

enum confidence tls_no_common_cipher(const struct view *v, struct finding *f)
{
    const struct fact *alert = alert_to_hello(v, ALERT_HANDSHAKE_FAILURE);
    if (!alert)
        return NO_MATCH;
    const struct fact *hello = view_before(v, alert, FACT_CLIENT_HELLO, SIDE_DEVICE);
    tls_tell_offer(f, hello);
    if (hello)
        tell_lacks(f, hello);
    tls_tell_alert(v, f, alert);
    ask_advise_other_security(v, f);
    ask_rule_out_network(v, f);
    return LIKELY;
}

static enum confidence to_hello(const struct view *v, struct finding *f, uint8_t code)
{
    const struct fact *alert = alert_to_hello(v, code);
    if (!alert)
        return NO_MATCH;
    tls_tell_offer(f, view_before(v, alert, FACT_CLIENT_HELLO, SIDE_DEVICE));
    tls_tell_alert(v, f, alert);
    ask_rule_out_network(v, f);
    return CERTAIN;
}

enum confidence tls_security_too_low(const struct view *v, struct finding *f)
{
    if (to_hello(v, f, ALERT_INSUFFICIENT_SECURITY) != NO_MATCH) {
        ask_advise_other_security(v, f);
        return CERTAIN;
    }
    const struct fact *alert = tls_fatal_alert(v, SIDE_DEVICE, ALERT_INSUFFICIENT_SECURITY);
    if (!alert || tls_weak_key_before(v, alert))
        return NO_MATCH;
    tls_tell_alert(v, f, alert);
    f->headline = N_("This device finds the server's encryption too weak and hangs up.");
    f->meaning = N_("Device and server agree on how to encrypt before any name or password is "
                    "sent. The device did not accept what the server chose.");
    ask_advise_other_security(v, f);
    ask_rule_out_network(v, f);
    return CERTAIN;
}

#define DO_NAME_NOT_NUMBER                                                                         \
    N_("In the device's mail settings enter the server as a name, not as a number such as "        \
       "{server_addr}.")

/* An address where a name was due. */
static bool is_number(struct bytes name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!strchr("0123456789.", name.at[i]) && !memchr(name.at, ':', name.len))
            return false;
    return true;
}

enum confidence tls_name_unknown(const struct view *v, struct finding *f)
{
    if (to_hello(v, f, ALERT_UNRECOGNIZED_NAME) == NO_MATCH)
        return NO_MATCH;
    const struct fact *alert = alert_to_hello(v, ALERT_UNRECOGNIZED_NAME);
    const struct fact *hello = view_before(v, alert, FACT_CLIENT_HELLO, SIDE_DEVICE);
    if (hello && hello->client_hello.sni.len > 0) {
        finding_wire(f, "sni", hello->client_hello.sni);
        f->headline =
            N_("The mail server does not know the name {sni} that this device asked for.");
        finding_advice(
            f, is_number(hello->client_hello.sni)
                   ? N_("In the device's mail settings enter the server as a name, not as a number "
                        "such as {sni}.")
                   : N_("Check the spelling of the server name in the device's mail settings: "
                        "the device asks for {sni}."));
    } else if (hello) {
        f->headline = N_(
            "The mail server wants to be told a server name, and this device does not send one.");
        finding_advice(f, DO_NAME_NOT_NUMBER);
    }
    return CERTAIN;
}

enum confidence tls_fallback_refused(const struct view *v, struct finding *f)
{
    if (to_hello(v, f, ALERT_INAPPROPRIATE_FALLBACK) == NO_MATCH)
        return NO_MATCH;
    return CERTAIN;
}
