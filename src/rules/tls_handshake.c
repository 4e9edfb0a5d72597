/* SPDX-License-Identifier: BSD-3-Clause */
/* The TLS handshake (RFC 5246, 8446): who broke it off, and over what. */
#include "rules/tls_rules.h"
#include "rules/with_key.h"

#define DO_OTHER_CLIENT_CERTIFICATE                                                                                    \
    N_("Get a client certificate for this device from whoever runs the server, and load it into the device in place " \
       "of the one that it has.")
#define DO_NO_CLIENT_CERTIFICATE                                                                                      \
    N_("If the server is a mail provider's, which wants no such certificate, take it out of the device's mail "       \
       "settings, and check server name and port.")

const struct fact *tls_fatal_alert(const struct view *v, enum side from, uint8_t code)
{
    for (const struct fact *f = view_first(v, FACT_TLS_ALERT, (int)from); f; f = view_after(v, f, FACT_TLS_ALERT, (int)from)) {
        if (f->alert.level == ALERT_FATAL && f->alert.code == code)
            return f;
    }
    return NULL;
}

/* The server's choice of version and cipher before a fact; a HelloRetryRequest is none. */
const struct fact *tls_choice_before(const struct view *v, const struct fact *fact)
{
    const struct fact *hello = view_before(v, fact, FACT_SERVER_HELLO, SIDE_SERVER);
    while (hello && hello->server_hello.retry)
        hello = view_before(v, hello, FACT_SERVER_HELLO, SIDE_SERVER);
    return hello;
}

void tls_tell_alert(const struct view *v, struct finding *f, const struct fact *alert)
{
    finding_proof(f, alert);
    f->stage = STAGE_TLS;
    finding_number(f, "alert", alert->alert.code);
    if (tls_alert_name(alert->alert.code))
        finding_word(f, "alert_name", tls_alert_name(alert->alert.code));
    if (!ask_tls_fields(v, alert))
        return;
    unsigned same = 0;
    for (const struct fact *a = view_first(v, FACT_TLS_ALERT, ANY_SIDE); a; a = view_after(v, a, FACT_TLS_ALERT, ANY_SIDE))
        same += a->alert.code == alert->alert.code && a->alert.level != ALERT_ENCRYPTED;
    if (same == 1)
        finding_filter(f, "tls.alert_message.desc", alert->alert.code);
}

void tls_tell_offer(struct finding *f, const struct fact *hello)
{
    if (!hello)
        return;
    finding_proof(f, hello);
    if (tls_version_name(hello->client_hello.newest))
        finding_word(f, "offered", tls_version_name(hello->client_hello.newest));
}

bool tls_offers_only_old(const struct fact *hello)
{
    return hello && hello->client_hello.newest != 0 && hello->client_hello.newest <= VERSION_TLS_1_1;
}

static bool told_by_another(const struct view *v, const struct fact *alert);

/* The certificate of its own that the device had shown, where the alert is the server's answer to that; NULL. */
static const struct fact *refused_own_certificate(const struct view *v, const struct fact *alert)
{
    const struct fact *own = view_before(v, alert, FACT_CERTIFICATE, SIDE_DEVICE);
    bool about_it = (alert->alert.code >= ALERT_BAD_CERTIFICATE && alert->alert.code <= ALERT_CERTIFICATE_UNKNOWN) ||
                    alert->alert.code == ALERT_UNKNOWN_CA;
    return alert->from == SIDE_SERVER && about_it && own && own->certificate.count > 0 ? own : NULL;
}

static void tell_own_certificate(const struct view *v, struct finding *f, const struct fact *own)
{
    finding_proof(f, view_before(v, own, FACT_CERTIFICATE_REQUEST, SIDE_SERVER));
    finding_proof(f, own);
    f->headline = N_("The mail server refuses the certificate that this device shows of itself ({alert_name}).");
    f->meaning = N_("Some servers let in only devices that show an identity card of their own (a client certificate). This device showed one, and "
                    "the server does not accept it.");
    f->advice_alone = true;
    finding_advice(f, DO_OTHER_CLIENT_CERTIFICATE);
    finding_advice(f, DO_NO_CLIENT_CERTIFICATE);
}

static enum confidence tls_alert(const struct view *v, struct finding *f)
{
    const struct fact *alert = view_first(v, FACT_TLS_ALERT, ANY_SIDE);
    while (alert && (alert->alert.level != ALERT_FATAL || alert->alert.code == 0))
        alert = view_after(v, alert, FACT_TLS_ALERT, ANY_SIDE);
    if (!alert || told_by_another(v, alert))
        return NO_MATCH;
    bool up = view_before(v, alert, FACT_TLS_UP, ANY_SIDE) != NULL;
    if (up && view_reply(v, NULL, STEP_QUIT, 200, 299))
        return NO_MATCH; /* how some part, once all was said */
    /* It answers that the other side left, and breaks off nothing: OpenSSL 3 sends decode_error where TCP ends without
     * close_notify. */
    if ((up || alert->alert.code == ALERT_DECODE_ERROR) && timeline_left_before(v->attempt->timeline, alert))
        return NO_MATCH;
    finding_word(f, "from", alert->from == SIDE_DEVICE ? "device" : "server");
    tls_tell_offer(f, view_before(v, alert, FACT_CLIENT_HELLO, SIDE_DEVICE));
    finding_proof(f, tls_choice_before(v, alert));
    tls_tell_alert(v, f, alert);
    f->last_proof = alert->last_frame; /* in a shuffled capture the hello may come behind it */
    f->last_proof_time = alert->time;
    static const char *const steps[] = { "nothing", "client-hello", "server-hello", "certificate", "key-exchange",
                                         "server-hello-done", "client-key-exchange", "up" };
    if (alert->alert.step < sizeof steps / sizeof *steps)
        finding_word(f, "step", steps[alert->alert.step]);
    const struct fact *own = refused_own_certificate(v, alert);
    if (own) {
        tell_own_certificate(v, f, own);
    } else if (up) {
        f->headline = alert->from == SIDE_DEVICE ? N_("This device broke off the encrypted conversation with an error message ({alert_name}).")
                                                 : N_("The mail server broke off the encrypted conversation with an error message ({alert_name}).");
        f->meaning = N_("The encryption had come up. Then one side met something in it that it could not accept, and ended the connection.");
    } else if (alert->from == SIDE_DEVICE) {
        f->headline = N_("This device broke off the start of encryption with an error message ({alert_name}).");
    }
    ask_rule_out_password(v, f);
    if (!own)
        ask_advise_other_security(v, f);
    ask_rule_out_network(v, f);
    return CERTAIN;
}

static const struct cause rows[] = {
    { .id = "tls-version-refused", .severity = SEVERITY_FAILURE, .needs = FACT_BIT(FACT_TLS_ALERT),
      .match = tls_version_refused,
      .title = N_("The server does not accept the device's TLS version"),
      .headline = N_("The mail server refuses this device's encryption: {offered} is too old."),
      .meaning = N_("Device and server agree on an encryption version before any name or password is sent. With the setting in "
                    "use now, this device speaks a version that the server no longer accepts."),
      .explain = N_("The server answers the ClientHello with the fatal alert protocol_version (70). A server with OpenSSL 3 at its "
                    "usual security level answers TLS 1.0 and 1.1 with internal_error (80) instead; then the version is only "
                    "the likely reason. The newest version in the hello is the one that counts. Many devices speak a newer "
                    "version with one of their security settings than with the other."),
      .rules_out = { SAY_PASSWORD_NOT_SENT },
      .may_advise = { DO_OTHER_PAIR },
      .advice = { DO_UPDATE, DO_RELAY }, .rfc = "RFC 8446 6.2" },

    { .id = "tls-hello-dropped", .severity = SEVERITY_FAILURE, .needs = FACT_BIT(FACT_CLIENT_HELLO),
      .match = tls_hello_dropped,
      .title = N_("The server hangs up at the first message of encryption"),
      .headline = N_("The mail server hung up as soon as this device began its encryption."),
      .meaning = N_("The device said which kinds of encryption it knows, and the server ended the connection without a word. Some "
                    "servers do this when the encryption is too old for them. A firewall on the way can look the same."),
      .explain = N_("A FIN or RST comes straight after the ClientHello, without an alert. Where the hello offers nothing newer than "
                    "TLS 1.1, the version is the likely reason; otherwise the server, a load balancer or a firewall may have "
                    "other reasons."),
      .rules_out = { SAY_PASSWORD_NOT_SENT },
      .may_advise = { DO_OTHER_PAIR },
      .advice = { DO_UPDATE, DO_CHECK_PLACE, DO_RELAY } },

    { .id = "tls-hello-unanswered", .severity = SEVERITY_FAILURE, .needs = FACT_BIT(FACT_CLIENT_HELLO),
      .match = tls_hello_unanswered,
      .title = N_("The server never answers the first message of encryption"),
      .headline = N_("This device began its encryption, and the mail server never answered."),
      .meaning = N_("The device's first message of encryption reached the other side, but no answer came back. Something on the way, "
                    "or the server itself, does not take encryption here."),
      .explain = N_("The ClientHello was acknowledged by TCP, and nothing follows. A firewall that looks into encryption, a server that "
                    "is stuck, or a server that does not expect TLS on this port look alike; so does a path that loses large packets."),
      .rules_out = { SAY_PASSWORD_NOT_SENT },
      .may_advise = { DO_OTHER_PAIR },
      .advice = { DO_CHECK_PLACE, DO_LET_PASS,
                  DO_ASK_PROVIDER } },

    { .id = "tls-version-refused-by-device", .severity = SEVERITY_FAILURE, .needs = FACT_BIT(FACT_TLS_ALERT),
      .match = tls_version_refused_by_device,
      .title = N_("The device does not accept the server's TLS version"),
      .headline = N_("This device refuses the encryption version that the mail server chose, {chosen}."),
      .meaning = N_("Device and server agree on an encryption version before any name or password is sent. The server chose {chosen}, "
                    "and the device did not accept it."),
      .explain = N_("After the ServerHello the device sends the fatal alert protocol_version (70) or illegal_parameter (47). Usually the "
                    "server is old and the device is set to accept newer versions only. A device with OpenSSL 3 at its usual security level "
                    "answers TLS 1.0 and 1.1 with internal_error (80) instead; then the version is only the likely reason."),
      .rules_out = { SAY_PASSWORD_NOT_SENT },
      .may_advise = { DO_OTHER_PAIR },
      .advice = { N_("If the device has an item for the lowest TLS version, and this server is your own, update the server rather than "
                     "lower that item."),
                  DO_ASK_PROVIDER }, .rfc = "RFC 8446 6.2" },

    { .id = "tls-version-refused-by-policy", .severity = SEVERITY_FAILURE, .needs = FACT_BIT(FACT_TLS_UP),
      .match = key_version_refused_by_policy,
      .title = N_("The server takes the old TLS version and then refuses it"),
      .headline = N_("The mail server let this device begin its encryption with {used}, and then refused it as too old."),
      .meaning = N_("The encryption came up, so it looks as if it worked. But the server takes no mail over a version this old, and says so "
                    "afterwards, inside the encryption."),
      .explain = N_("The handshake ends with TLS 1.1 or older, and then the server answers with a reply whose text is about the TLS version, such as "
                    "421 4.7.66. It can be seen with a key only."),
      .may_rule_out = { SAY_NETWORK_WORKS, SAY_PASSWORD_IF },
      .may_advise = { DO_OTHER_PAIR },
      .advice = { DO_UPDATE, DO_RELAY, DO_ASK_PROVIDER_REPLY } },

    { .id = "tls-no-common-cipher", .severity = SEVERITY_FAILURE, .needs = FACT_BIT(FACT_TLS_ALERT),
      .match = tls_no_common_cipher,
      .title = N_("Device and server find no common encryption method"),
      .headline = N_("This device and the mail server found no encryption method that both accept."),
      .meaning = N_("The device sends a list of the encryption methods that it knows before any name or password is sent. The server took "
                    "none of them and ended the attempt."),
      .explain = N_("The server answers the ClientHello with the fatal alert handshake_failure (40). Certain is only that it refused. The "
                    "hello is searched for what it lacks: key exchange with forward secrecy (DHE, ECDHE), an AEAD cipher, a group or "
                    "signature algorithm of today, methods for the other kind of certificate; a hello of TLS 1.1 or older makes "
                    "the version a possible reason. A device can speak TLS 1.2 and still be refused for one of these."),
      .rules_out = { SAY_PASSWORD_NOT_SENT },
      .may_advise = { DO_OTHER_PAIR },
      .advice = { DO_UPDATE, DO_RELAY, DO_ASK_PROVIDER }, .rfc = "RFC 8446 6.2" },

    { .id = "tls-security-too-low", .severity = SEVERITY_FAILURE, .needs = FACT_BIT(FACT_TLS_ALERT),
      .match = tls_security_too_low,
      .title = N_("The encryption methods offered are too weak"),
      .headline = N_("The mail server finds this device's encryption too weak and refuses it."),
      .meaning = N_("The device sends a list of the encryption methods that it knows before any name or password is sent. The server wants "
                    "stronger ones."),
      .explain = N_("The fatal alert insufficient_security (71): the methods offered are known, but weaker than what this side demands."),
      .rules_out = { SAY_PASSWORD_NOT_SENT },
      .may_advise = { DO_OTHER_PAIR },
      .advice = { DO_UPDATE, DO_RELAY, DO_ASK_PROVIDER }, .rfc = "RFC 8446 6.2" },

    { .id = "tls-name-unknown", .severity = SEVERITY_FAILURE, .needs = FACT_BIT(FACT_TLS_ALERT),
      .match = tls_name_unknown,
      .title = N_("The server does not know the name that the device asked for"),
      .headline = N_("The mail server does not know the name that this device asked for."),
      .meaning = N_("At one address there can be servers with several names, so the device says at the start which one it wants. This server "
                    "ended the attempt over that name."),
      .explain = N_("The server answers the ClientHello with the fatal alert unrecognized_name (112). The name is the one in the hello's "
                    "server_name extension (SNI); older devices send none."),
      .rules_out = { SAY_PASSWORD_NOT_SENT },
      .advice = { DO_CHECK_PLACE, DO_ASK_PROVIDER, DO_UPDATE }, .rfc = "RFC 6066 3" },

    { .id = "tls-fallback-refused", .severity = SEVERITY_FAILURE, .needs = FACT_BIT(FACT_TLS_ALERT),
      .match = tls_fallback_refused,
      .title = N_("The server refuses a second try with an older TLS version"),
      .headline = N_("The mail server refuses this device's second try with an older encryption ({offered})."),
      .meaning = N_("When a first try fails, some devices try again with an older version. The server can do better than that version, so it "
                    "takes the second try for an attack. What matters is why the first try failed."),
      .explain = N_("The server answers a ClientHello that carries TLS_FALLBACK_SCSV with the fatal alert inappropriate_fallback (86)."),
      .rules_out = { SAY_PASSWORD_NOT_SENT },
      .advice = { N_("Look at the try just before this one: its cause is the one to mend. If this capture does not hold it, capture "
                     "again and start before the device tries."),
                  DO_LEAVE_MAIL_ALONE, DO_UPDATE },
      .rfc = "RFC 7507 3" },

    { .id = "cert-not-trusted", .severity = SEVERITY_FAILURE, .needs = FACT_BIT(FACT_TLS_ALERT),
      .match = cert_not_trusted,
      .title = N_("The device does not trust the issuer of the server's certificate"),
      .headline = N_("This device refuses the mail server's certificate: it does not know the issuer."),
      .meaning = N_("A certificate is the server's identity card. The device has a list of issuers that it trusts, and found none on it that "
                    "vouches for this card. In older devices this list is out of date."),
      .explain = N_("The device sends the fatal alert unknown_ca (48). Issuer and the topmost issuer in the server's chain are named where the "
                    "certificates could be read (up to TLS 1.2 they travel in clear). A server that leaves out the intermediate "
                    "certificate, a self-signed one, and a list of roots from the year the device was made are the usual reasons."),
      .rules_out = { SAY_PASSWORD_NOT_SENT, N_("The TLS version: both sides had already agreed on it.") },
      .may_advise = { DO_CERTIFY_OWN_SERVER, DO_LEAVE_MAIL_ALONE },
      .advice = { DO_NEW_ISSUERS,
                  DO_LOAD_ROOT,
                  DO_CHECK_CLOCK,
                  DO_LAST_RESORT_NO_CHECK },
      .rfc = "RFC 8446 6.2" },

    { .id = "cert-expired", .severity = SEVERITY_FAILURE, .needs = FACT_BIT(FACT_CERTIFICATE) | FACT_BIT(FACT_TLS_ALERT),
      .match = cert_expired,
      .title = N_("The server's certificate is out of date"),
      .headline = N_("This device refuses the mail server's certificate, which has expired."),
      .meaning = N_("A certificate is the server's identity card, and it is valid only for a time. This one was out of date when the "
                    "device looked at it."),
      .explain = N_("The device sends the fatal alert certificate_expired (45); or it breaks off at the certificate, and the certificate was "
                    "out of date by the clock of the capture. The alert with a certificate that was still valid points to a wrong "
                    "clock in the device."),
      .rules_out = { SAY_PASSWORD_NOT_SENT, N_("The TLS version: both sides had already agreed on it.") },
      .may_advise = { DO_SET_CLOCK, DO_CHECK_BATTERY, DO_NEW_ISSUERS },
      .advice = { N_("Whoever runs the mail server (usually the mail provider) has to renew its certificate. Tell them that it was valid until {valid_to}."),
                  DO_CHECK_PLACE, DO_LAST_RESORT_NO_CHECK },
      .rfc = "RFC 5280 4.1.2.5" },

    { .id = "cert-name-mismatch", .severity = SEVERITY_FAILURE, .needs = FACT_BIT(FACT_CERTIFICATE),
      .match = cert_name_mismatch,
      .title = N_("The server's certificate is for another name"),
      .headline = N_("The mail server's certificate is not for the name {wanted}, so this device refuses it."),
      .meaning = N_("A certificate is the server's identity card. The name on this card is not the name in the device's settings, so the device "
                    "takes it for the wrong server."),
      .explain = N_("The device breaks off at the certificate, and neither the name that it sent (SNI) nor the one that it looked up (DNS) is "
                    "among the names in the certificate. Hosters often have one certificate for their own server name only."),
      .rules_out = { SAY_PASSWORD_NOT_SENT, N_("The TLS version: both sides had already agreed on it.") },
      .may_advise = { DO_NAME_IN_CERTIFICATE, DO_NAME_THAT_ENDS_SO },
      .advice = { DO_ASK_PROVIDER,
                  DO_LAST_RESORT_NO_CHECK },
      .rfc = "RFC 9525" },

    { .id = "cert-refused", .severity = SEVERITY_FAILURE, .fallback = true, .needs = FACT_BIT(FACT_TLS_ALERT),
      .match = cert_refused,
      .title = N_("The device refuses the server's certificate"),
      .headline = N_("This device refuses the mail server's certificate, without saying exactly why."),
      .meaning = N_("A certificate is the server's identity card. The device looked at it and ended the attempt. Most often it does not know the "
                    "issuer, its clock is wrong, or the name on the certificate is another one."),
      .explain = N_("The device sends one of the fatal alerts bad_certificate (42), unsupported_certificate (43), certificate_revoked (44) or "
                    "certificate_unknown (46), and neither date nor name explains it. Certain is that it refused; the reason is "
                    "one of several."),
      .rules_out = { SAY_PASSWORD_NOT_SENT, N_("The TLS version: both sides had already agreed on it.") },
      .advice = { DO_CHECK_CLOCK,
                  DO_NEW_ISSUERS,
                  DO_SERVER_AS_NAME,
                  DO_LAST_RESORT_NO_CHECK },
      .rfc = "RFC 8446 6.2" },

    { .id = "device-clock-wrong", .severity = SEVERITY_FAILURE, .needs = FACT_BIT(FACT_CLIENT_HELLO),
      .match = device_clock_wrong,
      .title = N_("The device's clock is wrong, so it refuses the certificate"),
      .headline = N_("This device's clock is wrong ({device_clock}), so it refuses the certificate."),
      .meaning = N_("A certificate is the server's identity card, valid from one day to another. The device compares these days with its own "
                    "clock, and that clock is off by more than a day."),
      .explain = N_("Old TLS stacks put their clock into the first four bytes of the hello's random (gmt_unix_time). Here it runs with the "
                    "capture's clock, or stands shortly after the start of a year, but is more than a day off, and the certificate "
                    "was refused and is not valid by that clock. Random bytes can look like a date, so this is likely, not certain."),
      .rules_out = { SAY_PASSWORD_NOT_SENT, N_("The TLS version: both sides had already agreed on it.") },
      .advice = { DO_SET_CLOCK, DO_CHECK_BATTERY },
      .rfc = "RFC 5246 7.4.1.2" },

    { .id = "client-cert-required", .severity = SEVERITY_FAILURE, .needs = FACT_BIT(FACT_TLS_ALERT) | FACT_BIT(FACT_TLS_UP),
      .match = client_cert_required,
      .title = N_("The server wants a certificate from the device"),
      .headline = N_("The mail server wants a certificate from this device, and the device shows none."),
      .meaning = N_("Some servers let in only devices that show an identity card of their own (a client certificate). This device showed none, "
                    "so the server ended the attempt before any name or password was sent."),
      .explain = N_("The server sends the fatal alert certificate_required (116); or it asked for a certificate (CertificateRequest), the device "
                    "answered with an empty list, and a fatal alert of the server followed; or, seen with a key, a reply inside the encryption asks "
                    "for one."),
      .rules_out = { SAY_PASSWORD_NOT_SENT, N_("The TLS version: both sides had already agreed on it.") },
      .advice = { N_("Check the port: servers that want a client certificate are often for other servers, not for devices. For devices it is "
                     "usually \"SSL\" on port 465, or \"TLS\" or \"STARTTLS\" on port 587."),
                  N_("If the certificate is really needed, get one from whoever runs the server and load it into the device as client "
                     "or user certificate.") },
      .rfc = "RFC 8446 4.4.2" },

    { .id = "tls-closed-by-device", .severity = SEVERITY_FAILURE,
      .needs = FACT_BIT(FACT_CERTIFICATE) | FACT_BIT(FACT_SERVER_HELLO),
      .match = tls_closed_by_device,
      .title = N_("The device hangs up during the start of encryption"),
      .headline = N_("This device hung up after it had seen the mail server's certificate, and did not say why."),
      .meaning = N_("A certificate is the server's identity card. The device got it and ended the connection without a word. Often it does not "
                    "like the certificate: it does not know the issuer, or its clock is wrong."),
      .explain = N_("The device closes the connection during the handshake, after the server's Certificate, without an alert. In TLS 1.3 the "
                    "Certificate is encrypted: there the device leaves after the server's first encrypted record, within two seconds and "
                    "without any record of its own. The certificate is one possible reason among several."),
      .rules_out = { SAY_PASSWORD_NOT_SENT },
      .advice = { DO_CHECK_CLOCK,
                  DO_NEW_ISSUERS,
                  DO_SERVER_AS_NAME,
                  DO_TRY_NO_CHECK } },

    { .id = "tls-weak-key-exchange", .severity = SEVERITY_FAILURE, .needs = FACT_BIT(FACT_KEY_EXCHANGE),
      .match = tls_weak_key_exchange,
      .title = N_("The server's key for the exchange is too short for the device"),
      .headline = N_("This device finds the mail server's encryption too weak (a key of {bits} bits) and hangs up."),
      .meaning = N_("To encrypt, both sides first agree on a secret key. The server uses numbers for this that are too small for this device."),
      .explain = N_("The device breaks off at a ServerKeyExchange with a Diffie-Hellman group below 1024 bits, or below 2048 bits for a device "
                    "that speaks TLS 1.2 or newer."),
      .rules_out = { SAY_PASSWORD_NOT_SENT, N_("The TLS version: both sides had already agreed on it.") },
      .advice = { N_("Whoever runs the mail server (usually the mail provider) has to give it a Diffie-Hellman group of at least 2048 bits, or switch on ECDHE. Tell them "
                     "that it has {bits} bits now."),
                  DO_ASK_PROVIDER },
      .rfc = "RFC 8270" },

    { .id = "tls-renegotiation", .severity = SEVERITY_FAILURE, .needs = FACT_BIT(FACT_TLS_UP), .match = key_renegotiation,
      .title = N_("The device begins a second handshake, and the server ends it"),
      .headline = N_("In the middle of the conversation this device began its encryption anew, and the mail server ended that."),
      .meaning = N_("The encryption was up. Then the device asked to agree on new keys, which many servers refuse for safety, and so the mail went no "
                    "further."),
      .explain = N_("Up to TLS 1.2 the device sends a handshake record after application data, and the server answers with the alert "
                    "no_renegotiation (100) or unexpected_message (10), with 421, or closes. The test tool \"openssl s_client\" does so at a typed "
                    "line that begins with R, so RCPT TO has to be typed in small letters there."),
      .rules_out = { N_("The TLS version and the certificate: the encryption had come up with them.") },
      .advice = { N_("If this was a test with \"openssl s_client\": add -quiet to the command, or type \"rcpt to\" in small letters."), DO_UPDATE,
                  DO_ASK_PROVIDER },
      .rfc = "RFC 5246 7.2.2" },

    { .id = "tls-alert", .severity = SEVERITY_FAILURE, .fallback = true, .needs = FACT_BIT(FACT_TLS_ALERT),
      .match = tls_alert,
      .title = N_("The start of encryption fails with another error message"),
      .headline = N_("The mail server broke off the start of encryption with an error message ({alert_name})."),
      .meaning = N_("Device and server agree on how to encrypt before any name or password is sent. One of them ended this with an error message "
                    "that leaves the reason open."),
      .explain = N_("A fatal alert that no other cause explains. Who sent it, its name and the step at which it came stand in the report. Where it "
                    "answers a certificate that the device showed of itself (a client certificate), that is said."),
      .may_rule_out = { SAY_NETWORK_WORKS, SAY_PASSWORD_IF },
      .may_advise = { DO_OTHER_PAIR, DO_OTHER_CLIENT_CERTIFICATE, DO_NO_CLIENT_CERTIFICATE },
      .advice = { DO_UPDATE, DO_ASK_PROVIDER, DO_RELAY }, .rfc = "RFC 8446 6" },
};

const struct causes causes_tls_handshake = { rows, sizeof rows / sizeof *rows };

/* Does a more exact cause of this section end with this alert? */
static bool told_by_another(const struct view *v, const struct fact *alert)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct finding scratch;
        if (v->index && (rows[i].needs & v->index->shown) == 0)
            continue;
        finding_begin(&scratch, &rows[i], rows[i].severity);
        if (rows[i].match != tls_alert && rows[i].match(v, &scratch) != NO_MATCH && scratch.last_proof == alert->last_frame)
            return true;
    }
    return false;
}
