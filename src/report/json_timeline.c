/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/json_timeline.h"

#include "facts/tls_names.h"
#include "report/walk.h"

static void add_version(struct json *j, const char *name, uint16_t version)
{
    json_string(j, name, tls_version_name(version));
}

static void add_smtp(struct json *j, const struct fact *f)
{
    switch (f->kind) {
    case FACT_SMTP_COMMAND: {
        const char *verb = smtp_verb_name((enum smtp_verb)f->command.verb);
        json_string(j, "verb", *verb ? verb : NULL);
        json_wire(j, "argument", f->command.arg);
        break;
    }
    case FACT_SMTP_REPLY:
        json_string(j, "step", smtp_step_name((enum smtp_step)f->reply.step));
        json_u64(j, "code", f->reply.code);
        json_wire(j, "text", f->reply.text);
        break;
    case FACT_SMTP_CAPABILITIES:
        json_bool(j, "starttls", f->capabilities.starttls);
        json_wire(j, "auth", f->capabilities.auth_words);
        break;
    case FACT_AUTH:
        json_wire(j, "mechanism", f->auth.name);
        json_bool(j, "advertised", f->auth.advertised);
        break;
    case FACT_AUTH_IDENTITY:
        json_wire(j, "user", f->identity.user);
        break;
    case FACT_MESSAGE:
        json_u64(j, "bytes", f->message.bytes);
        json_bool(j, "complete", f->message.complete);
        break;
    default:
        break;
    }
}

static void add_tls(struct json *j, const struct fact *f)
{
    switch (f->kind) {
    case FACT_CLIENT_HELLO:
        add_version(j, "offered_max", f->client_hello.newest);
        json_wire(j, "sni", f->client_hello.sni);
        json_string(j, "ja4", *f->client_hello.ja4 ? f->client_hello.ja4 : NULL);
        break;
    case FACT_SERVER_HELLO:
        add_version(j, "version", f->server_hello.version);
        json_string(j, "cipher", tls_cipher_name(f->server_hello.cipher));
        json_bool(j, "retry", f->server_hello.retry);
        break;
    case FACT_CERTIFICATE:
        json_u64(j, "count", f->certificate.count);
        json_wire(j, "subject", f->certificate.subject);
        json_wire(j, "issuer", f->certificate.issuer);
        break;
    case FACT_TLS_UP:
        add_version(j, "version", f->tls_up.version);
        break;
    case FACT_TLS_ALERT:
        json_string(j, "level",
                    f->alert.level == ALERT_FATAL     ? "fatal"
                    : f->alert.level == ALERT_WARNING ? "warning"
                                                      : "encrypted");
        if (f->alert.level != ALERT_ENCRYPTED) {
            json_u64(j, "code", f->alert.code);
            json_string(j, "name", tls_alert_name(f->alert.code));
        }
        break;
    default:
        break;
    }
}

static void add_transport(struct json *j, const struct fact *f)
{
    switch (f->kind) {
    case FACT_RESEND:
        json_u64(j, "count", f->resend.count);
        json_u64(j, "bytes", f->resend.bytes);
        json_bool(j, "acknowledged", f->resend.acknowledged);
        break;
    case FACT_GAP:
        json_u64(j, "bytes", f->gap.bytes);
        break;
    case FACT_ICMP:
        json_u64(j, "type", f->icmp.type);
        json_u64(j, "code", f->icmp.code);
        break;
    case FACT_OTHER_PROTOCOL:
        json_string(j, "protocol", f->other_protocol.name);
        break;
    case FACT_DNS_ANSWER:
    case FACT_DNS_QUERY:
        json_wire(j, "name", f->dns.name);
        json_string(j, "type", f->dns.type == 28 ? "AAAA" : "A");
        if (f->kind == FACT_DNS_ANSWER) {
            json_u64(j, "rcode", f->dns.rcode);
            json_u64(j, "addresses", f->dns.addresses);
        }
        break;
    case FACT_DROPPED:
        json_u64(j, "count", f->dropped.count);
        break;
    default:
        break;
    }
}

/* What sizes cannot tell is null: code and text of a reply, a command's argument. */
static void add_inferred(struct json *j, const struct inferred *i, const struct fact *f)
{
    static const char *const answers[] = {
        [ANSWER_YES] = "accepted",
        [ANSWER_GO_ON] = "continue",
        [ANSWER_NO] = "refused",
    };
    json_string(j, "confidence", inferred_is_likely(i, f) ? "likely" : "possible");
    switch (f->kind) {
    case FACT_SMTP_COMMAND:
        json_string(j, "verb",
                    f->command.verb == SMTP_UNKNOWN_VERB
                        ? NULL
                        : smtp_verb_name((enum smtp_verb)f->command.verb));
        json_null(j, "argument");
        break;
    case FACT_SMTP_REPLY:
        json_string(j, "step", smtp_step_name((enum smtp_step)f->reply.step));
        json_string(j, "answer", answers[f->reply.answer]);
        json_null(j, "code");
        json_null(j, "text");
        break;
    case FACT_AUTH:
        json_wire(j, "mechanism", f->auth.name);
        break;
    case FACT_DROPPED:
        json_u64(j, "count", f->dropped.count);
        break;
    default:
        break;
    }
}

void json_timeline(struct json *j, const struct judged *d)
{
    json_open(j, "timeline", '[');
    struct walk walk;
    walk_begin(&walk, d, true);
    for (const struct fact *f = walk_next(&walk); f; f = walk_next(&walk)) {
        json_open(j, NULL, '{');
        json_u64(j, "frame", f->last_frame);
        json_time(j, "time", f->time, d->attempt->time_digits);
        json_string(j, "from", f->from == SIDE_DEVICE ? "device" : "server");
        json_string(j, "event", fact_kind_name((enum fact_kind)f->kind));
        if (f->flags & FACT_AFTER_GAP)
            json_bool(j, "after_gap", true);
        if (f->origin == ORIGIN_DECRYPTED || f->origin == ORIGIN_INFERRED)
            json_string(j, "origin", f->origin == ORIGIN_DECRYPTED ? "decrypted" : "inferred");
        if (f->origin == ORIGIN_INFERRED) {
            add_inferred(j, &d->summary.inferred, f);
        } else {
            add_transport(j, f);
            add_smtp(j, f);
            add_tls(j, f);
        }
        json_close(j, '}');
    }
    json_close(j, ']');
}
