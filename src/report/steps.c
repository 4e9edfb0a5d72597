/* SPDX-License-Identifier: BSD-3-Clause */
/* One fact as a sentence: the steps of a story, and of --timeline. */
#include "facts/tls_names.h"
#include "report/story.h"

/* A sentence and the values for its placeholders. */
struct step {
    const char *text;
    struct finding values;
    bool detail; /* only in --timeline */
};

static const char *side_word(enum side side)
{
    return side == SIDE_DEVICE ? N_("the device") : N_("the server");
}

static void transport_step(struct step *s, const struct judged *j, const struct fact *f)
{
    switch (f->kind) {
    case FACT_SYN:
        s->text = f->syn.repeat > 0
                      ? N_("the device asks for a connection again; nothing has come back so far")
                      : N_("the device connects to port {port}");
        break;
    case FACT_SYN_ACK:
        s->text = N_("the server takes the connection");
        s->detail = true;
        break;
    case FACT_OPEN:
        s->text = N_("the connection is open");
        s->detail = true;
        break;
    case FACT_FIN:
        s->text = f->from == SIDE_DEVICE ? N_("the device closes the connection")
                                         : N_("the server closes the connection");
        break;
    case FACT_RST:
        if (f->rst.answers_syn)
            s->text = N_("the server's address refuses the connection (RST)");
        else
            s->text = f->from == SIDE_DEVICE
                          ? N_("the connection is cut off in the device's name (RST)")
                          : N_("the connection is cut off in the server's name (RST)");
        s->detail = f->rst.after_fin;
        break;
    case FACT_RESEND:
        finding_number(&s->values, "count", f->resend.count);
        finding_number(&s->values, "first", f->first_frame);
        finding_number(&s->values, "bytes", f->resend.bytes);
        if (f->resend.acknowledged)
            s->text =
                f->from == SIDE_DEVICE
                    ? N_("the device sent {bytes} bytes again ({count} times, from frame {first} on) until they arrived")
                    : N_("the server sent {bytes} bytes again ({count} times, from frame {first} on) until they arrived");
        else
            s->text =
                f->from == SIDE_DEVICE
                    ? N_("the device sent {bytes} bytes again ({count} times, from frame {first} on) and never got an answer")
                    : N_("the server sent {bytes} bytes again ({count} times, from frame {first} on) and never got an answer");
        s->detail = f->resend.acknowledged;
        break;
    case FACT_ZERO_WINDOW:
        s->text = f->from == SIDE_DEVICE
                      ? N_("the device asks the server to pause (its buffer is full)")
                      : N_("the server asks the device to pause (its buffer is full)");
        s->detail = true;
        break;
    case FACT_GAP:
        finding_number(&s->values, "bytes", (int64_t)f->gap.bytes);
        s->text = f->flags & FACT_CLIPPED ? N_("(the capture cut {bytes} bytes off here)")
                  : f->gap.bytes > 0      ? N_("(the capture lacks {bytes} bytes here)")
                                          : N_("(the capture lacks packets here)");
        break;
    case FACT_CONFLICT:
        s->text = N_("(the same bytes came twice with different content; the first were taken)");
        s->detail = true;
        break;
    case FACT_ICMP: {
        char addr[ADDR_TEXT_SIZE];
        finding_wire(&s->values, "by", bytes_str(ip_addr_text(&f->icmp.by, addr)));
        s->text = N_("a router or host on the way reports an error (ICMP)");
        break;
    }
    default:
        (void)j;
        break;
    }
}

static void capabilities_step(struct step *s, const struct fact *f)
{
    const struct fact_smtp_capabilities *c = &f->capabilities;
    finding_wire(&s->values, "methods", c->auth_words);
    if (f->flags & FACT_CLIPPED && !c->starttls)
        s->text = N_("the server lists what it can do; the list is not seen to its end");
    else if (c->starttls)
        s->text =
            c->auth_words.len > 0
                ? N_("the server offers encryption (STARTTLS) and the sign-in methods {methods}")
                : N_("the server offers encryption (STARTTLS)");
    else if (f->origin == ORIGIN_DECRYPTED) /* inside TLS nobody misses STARTTLS */
        s->text = c->auth_words.len > 0 ? N_("the server offers the sign-in methods {methods}")
                                        : N_("the server offers no sign-in");
    else
        s->text = c->auth_words.len > 0
                      ? N_("the server offers the sign-in methods {methods}, but no encryption")
                      : N_("the server offers neither encryption nor sign-in");
}

static void command_step(struct step *s, const struct fact *f)
{
    const struct fact_smtp_command *c = &f->command;
    finding_wire(&s->values, "arg", c->arg);
    switch (c->verb) {
    case SMTP_EHLO:
    case SMTP_HELO:
    case SMTP_LHLO:
        s->text = c->arg.len > 0 ? N_("the device says hello as \"{arg}\"")
                                 : N_("the device says hello without a name");
        s->detail = true;
        break;
    case SMTP_STARTTLS:
        s->text = N_("the device asks for encryption (STARTTLS)");
        s->detail = true;
        break;
    case SMTP_MAIL:
        s->text = N_("the device names the sender: {arg}");
        break;
    case SMTP_RCPT:
        s->text = N_("the device names a recipient: {arg}");
        break;
    case SMTP_DATA:
    case SMTP_BDAT:
        s->text = N_("the device wants to send the message");
        s->detail = true;
        break;
    case SMTP_QUIT:
        s->text = N_("the device says goodbye (QUIT)");
        s->detail = true;
        break;
    case SMTP_AUTH:
        break; /* told by FACT_AUTH */
    default:
        finding_word(&s->values, "verb", smtp_verb_name((enum smtp_verb)c->verb));
        s->text = c->secret || c->verb == SMTP_UNKNOWN_VERB
                      ? N_("the device sends a line that is no mail command")
                      : N_("the device sends {verb}");
        s->detail = true;
        break;
    }
}

static void reply_step(struct step *s, const struct fact *f)
{
    const struct fact_smtp_reply *r = &f->reply;
    finding_number(&s->values, "code", r->code);
    finding_wire(&s->values, "text", r->text);
    if (r->code >= 400) {
        s->text = r->text.len > 0 ? N_("the server answers: {code} {text}")
                                  : N_("the server answers: {code}");
        return;
    }
    if (r->step == STEP_STARTTLS && r->code == 220)
        s->text = N_("the server is ready for it");
    else if (r->step == STEP_AUTH && r->code == 235)
        s->text = N_("the server accepts the sign-in");
    else if (r->step == STEP_END)
        s->text = N_("the server accepts the mail: {code} {text}");
    else if (r->step == STEP_GREETING)
        s->text = N_("the server greets: {code} {text}");
    else
        s->text = r->text.len > 0 ? N_("the server answers: {code} {text}")
                                  : N_("the server answers: {code}");
    s->detail = r->step != STEP_STARTTLS && r->step != STEP_END &&
                !(r->step == STEP_AUTH && r->code == 235);
}

static void auth_step(struct step *s, const struct fact *f)
{
    switch (f->kind) {
    case FACT_AUTH:
        finding_wire(&s->values, "method", f->auth.name);
        s->text = N_("the device signs in by the method {method}");
        break;
    case FACT_AUTH_STEP:
        s->text = f->auth_step.cancel
                      ? N_("the device breaks the sign-in off")
                      : N_("the device sends the next part of the sign-in (not shown)");
        s->detail = !f->auth_step.cancel;
        break;
    default:
        finding_wire(&s->values, "user", f->identity.user);
        s->text = f->identity.user.len > 0 ? N_("the account name in it is \"{user}\"") : NULL;
        break;
    }
}

static void message_step(struct step *s, const struct judged *j, const struct fact *f)
{
    finding_number(&s->values, "bytes", (int64_t)f->message.bytes);
    if (f->message.complete)
        s->text = N_("the device sends the message ({bytes} bytes)");
    else
        s->text = j->attempt->one_sided
                      ? N_("the device sends the message; its end is not in the capture")
                      : N_("the message breaks off after {bytes} bytes");
}

static void add_version(struct step *s, const char *name, uint16_t version)
{
    finding_word(&s->values, name, tls_version_name(version));
}

/* decode_error is what OpenSSL 3 sends where TCP ends without close_notify. */
static bool notes_hang_up(const struct judged *j, const struct fact *alert)
{
    enum { DECODE_ERROR = 50 };
    return alert->alert.code == DECODE_ERROR &&
           timeline_left_before(j->attempt->timeline, alert);
}

static void alert_step(struct step *s, const struct judged *j, const struct fact *f)
{
    const struct fact_tls_alert *a = &f->alert;
    finding_number(&s->values, "code", a->code);
    const char *name = tls_alert_name(a->code);
    finding_word(&s->values, "name", name ? name : "unknown");
    if (a->level == ALERT_ENCRYPTED) {
        s->text = f->from == SIDE_DEVICE
                      ? N_("the device sends an encrypted alert; what it says can't be read")
                      : N_("the server sends an encrypted alert; what it says can't be read");
        s->detail = true;
    } else if (a->level == ALERT_FATAL && notes_hang_up(j, f)) {
        s->text = f->from == SIDE_DEVICE
                      ? N_("the device notes the hang-up as an error (TLS alert {code}, {name})")
                      : N_("the server notes the hang-up as an error (TLS alert {code}, {name})");
        s->detail = true;
    } else if (a->level == ALERT_FATAL) {
        s->text = f->from == SIDE_DEVICE
                      ? N_("the device ends the attempt (TLS alert {code}, {name})")
                      : N_("the server refuses and ends the attempt (TLS alert {code}, {name})");
    } else {
        s->text = f->from == SIDE_DEVICE ? N_("the device gives notice (TLS alert {code}, {name})")
                                         : N_("the server gives notice (TLS alert {code}, {name})");
        s->detail = a->code == 0;
    }
}

/* Did the server ask for this hello (HelloRetryRequest)? */
static bool is_asked_again(const struct judged *j, const struct fact *hello)
{
    bool asked = false;
    for (const struct fact *f = timeline_first(j->attempt->timeline); f && f != hello;
         f = timeline_next(j->attempt->timeline, f))
        if (f->kind == FACT_SERVER_HELLO)
            asked = f->server_hello.retry;
    return asked;
}

static void tls_step(struct step *s, const struct judged *j, const struct fact *f)
{
    switch (f->kind) {
    case FACT_CLIENT_HELLO:
        add_version(s, "version", f->client_hello.newest);
        if (*f->client_hello.ja4)
            finding_wire(&s->values, "ja4", bytes_str(f->client_hello.ja4));
        s->text =
            f->client_hello.second && is_asked_again(j, f)
                ? N_("the device tries once more, with another kind of key, as the server asked")
            : f->client_hello.second
                ? N_("the device starts the encryption over")
            : !tls_version_name(f->client_hello.newest)
                ? N_("the device starts encryption")
                : N_("the device starts encryption; the newest version it offers is {version}");
        break;
    case FACT_SERVER_HELLO:
        add_version(s, "version", f->server_hello.version);
        s->text = f->server_hello.retry
                      ? N_("the server asks the device to start over with other numbers")
                      : N_("the server chooses {version}");
        s->detail = f->server_hello.retry;
        break;
    case FACT_CERTIFICATE:
        finding_wire(&s->values, "subject", f->certificate.subject);
        finding_wire(&s->values, "issuer", f->certificate.issuer);
        if (f->from == SIDE_DEVICE)
            s->text = f->certificate.count > 0
                          ? N_("the device shows a certificate of its own")
                          : N_("the device has no certificate of its own to show");
        else
            s->text = f->certificate.issuer.len > 0
                          ? N_("the server shows its certificate for {subject}, issued by {issuer}")
                          : N_("the server shows its certificate");
        break;
    case FACT_KEY_EXCHANGE:
        finding_number(&s->values, "bits", f->key_exchange.bits);
        s->text = f->key_exchange.kind == KX_DH
                      ? N_("the server proposes a key exchange of {bits} bits")
                      : N_("the server proposes a key exchange");
        s->detail = f->key_exchange.kind != KX_DH;
        break;
    case FACT_CERTIFICATE_REQUEST:
        s->text = N_("the server asks the device for a certificate");
        break;
    case FACT_SERVER_HELLO_DONE:
        s->text = N_("the server waits for the device's part");
        s->detail = true;
        break;
    case FACT_CLIENT_KEY_EXCHANGE:
        s->text = N_("the device sends its part of the key");
        s->detail = true;
        break;
    case FACT_ENCRYPTED:
        s->text = f->from == SIDE_DEVICE ? N_("the device goes on encrypted")
                                         : N_("the server goes on encrypted");
        s->detail = true;
        break;
    case FACT_TLS_UP:
        add_version(s, "version", f->tls_up.version);
        s->text =
            j->attempt->decrypted
                ? N_("encryption is up ({version}); what is said from here on was read with a key")
                : N_("encryption is up ({version}); what is said from here on can't be read");
        break;
    default:
        if (!f->tls_broken.smtp_text) {
            s->text = f->from == SIDE_DEVICE
                          ? N_("the device sends something that can't be read as encryption (TLS)")
                          : N_("the server sends something that can't be read as encryption (TLS)");
            break;
        }
        s->text = f->from == SIDE_DEVICE
                      ? N_("the device goes on in clear text where encryption was due")
                      : N_("the server goes on in clear text where encryption was due");
        break;
    }
}

static void noise_step(struct step *s, const struct fact *f)
{
    finding_word(&s->values, "side", side_word((enum side)f->from));
    if (f->noise.what == NOISE_TLS_RECORD)
        s->text = f->from == SIDE_DEVICE
                      ? N_("the device sends encryption (TLS) where plain mail commands were due")
                      : N_("the server answers with encryption (TLS), not with mail text");
    else
        s->text = f->from == SIDE_DEVICE ? N_("the device sends something that is no mail command")
                                         : N_("the server sends something that is no mail answer");
}

static void dns_step(struct step *s, const struct fact *f)
{
    const char *rcode = f->dns.rcode == 2   ? "SERVFAIL"
                        : f->dns.rcode == 3 ? "NXDOMAIN"
                        : f->dns.rcode == 5 ? "REFUSED"
                                            : NULL;
    finding_wire(&s->values, "name", f->dns.name);
    finding_word(&s->values, "type", f->dns.type == 28 ? "IPv6" : "IPv4");
    finding_word(&s->values, "answer", rcode);
    finding_number(&s->values, "count", f->dns.addresses);
    if (f->kind == FACT_DNS_QUERY)
        s->text = N_("the device asks for the {type} address of \"{name}\"");
    else if (f->dns.addresses > 0)
        s->text = N_("the name service answers with {count} addresses");
    else if (f->dns.rcode == 3)
        s->text = N_("the name service answers: there is no such name (NXDOMAIN)");
    else
        s->text = rcode ? N_("the name service answers that it cannot tell ({answer})")
                        : N_("the name service answers: the name has no such address");
}

static void fill_step(struct step *s, const struct judged *j, const struct fact *f)
{
    switch (f->kind) {
    case FACT_OTHER_PROTOCOL:
        finding_word(&s->values, "protocol", f->other_protocol.name);
        if (strcmp(f->other_protocol.name, "unknown") == 0)
            s->text = f->from == SIDE_DEVICE ? N_("the device speaks something that is not for sending mail")
                                             : N_("the server speaks something that is not for sending mail");
        else
            s->text = f->from == SIDE_DEVICE
                          ? N_("the device speaks {protocol}, which is not for sending mail")
                          : N_("the server speaks {protocol}, which is not for sending mail");
        break;
    case FACT_SMTP_COMMAND:
        command_step(s, f);
        break;
    case FACT_SMTP_REPLY:
        reply_step(s, f);
        break;
    case FACT_SMTP_CAPABILITIES:
        capabilities_step(s, f);
        break;
    case FACT_AUTH:
    case FACT_AUTH_STEP:
    case FACT_AUTH_IDENTITY:
        auth_step(s, f);
        break;
    case FACT_MESSAGE:
        message_step(s, j, f);
        break;
    case FACT_SMTP_NOISE:
        noise_step(s, f);
        break;
    case FACT_TLS_ALERT:
        alert_step(s, j, f);
        break;
    case FACT_DNS_QUERY:
    case FACT_DNS_ANSWER:
        dns_step(s, f);
        break;
    case FACT_DROPPED:
        finding_number(&s->values, "count", f->dropped.count);
        s->text = N_("(… {count} steps are left out here)");
        break;
    default:
        if (f->kind >= FACT_CLIENT_HELLO)
            tls_step(s, j, f);
        else
            transport_step(s, j, f);
        break;
    }
}

bool story_step(struct text *out, enum lang lang, const struct judged *judged,
                const struct fact *fact, bool brief)
{
    if (fact->origin == ORIGIN_INFERRED)
        return story_step_inferred(out, lang, judged, fact);
    struct step s = { 0 };
    fill_step(&s, judged, fact);
    if (!s.text || (brief && s.detail))
        return false;
    struct subject subject = { .lang = lang, .judged = judged, .finding = &s.values };
    if (!brief && fact->kind == FACT_CLIENT_HELLO && !fact->client_hello.second &&
        story_fill(
            out, &subject,
            N_("the device starts encryption; the newest version it offers is {version} (fingerprint JA4: {ja4})")))
        return true;
    return story_fill(out, &subject, s.text);
}
