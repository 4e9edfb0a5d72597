/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/json.h"

#include "facts/tls_names.h"
#include "report/json_timeline.h"
#include "report/json_writer.h"
#include "report/json_words.h"
#include "report/story.h"

enum { SCHEMA = 1 };

static const char *side_name(enum side side)
{
    return side == SIDE_DEVICE ? "device" : "server";
}

static void add_value(struct json *j, const struct value *v)
{
    switch (v->kind) {
    case VALUE_WIRE:
        json_wire(j, v->name, v->wire);
        break;
    case VALUE_WORD:
        json_string(j, v->name, v->word);
        break;
    case VALUE_NUMBER:
    case VALUE_SIZE:
        json_i64(j, v->name, v->number);
        break;
    case VALUE_SPAN:
        json_seconds(j, v->name, v->number);
        break;
    case VALUE_TIME:
        json_time(j, v->name, v->number, 6);
        break;
    default:
        json_bool(j, v->name, v->flag);
        break;
    }
}

/* Its frames, the filter that shows them (field names and numbers, in which nothing is to be
 * escaped), and the beginning of its values. */
static void add_frames(struct json *j, const struct subject *subject)
{
    const struct finding *f = subject->finding;
    char *at = text_room(j->out, 64 + FINDING_FRAMES * (TEXT_U64_MAX + 1));
    if (!at)
        return;
    at = json_put(at, ",\"frames\":[");
    for (size_t i = 0; i < f->frame_count; i++)
        at = json_put_u64(at, i > 0 ? "," : "", f->frames[i]);
    at = json_put(at, "],\"display_filter\":");
    if (f->frame_count == 0) {
        text_wrote(j->out, json_put(at, "null,\"values\":{"));
    } else {
        *at++ = '"';
        text_wrote(j->out, at);
        story_filter(j->out, subject->judged, f);
        text_add(j->out, "\",\"values\":{");
    }
    j->comma = false;
}

static void add_finding(struct json *j, const struct json_options *options,
                        const struct subject *subject)
{
    const struct finding *f = subject->finding;
    const struct telling *telling = tellings_get(options->tellings, options->phrases, f);
    json_open(j, NULL, '{');
    if (telling)
        json_plain(j, NULL, (const char *)telling->judgement.at, telling->judgement.len);
    else
        json_judgement(j, f);
    if (f->cause->scope == SCOPE_DEVICE) {
        json_open(j, "attempts", '[');
        for (size_t i = 0; i < f->attempt_count; i++)
            json_u64(j, NULL, f->attempts[i]);
        json_close(j, ']');
    }
    add_frames(j, subject);
    for (size_t i = 0; i < f->value_count; i++)
        add_value(j, &f->values[i]);
    json_close(j, '}');
    json_words(j, options->phrases, telling, subject);
    json_close(j, '}');
}

static void add_findings(struct json *j, const struct json_options *options,
                         const struct subject *base, const struct finding *findings, size_t count)
{
    json_open(j, "findings", '[');
    for (size_t i = 0; i < count; i++) {
        struct subject subject = *base;
        subject.finding = &findings[i];
        add_finding(j, options, &subject);
    }
    json_close(j, ']');
}

static void add_alert(struct json *j, const struct fact *f)
{
    if (!f) {
        json_null(j, "alert");
        return;
    }
    json_open(j, "alert", '{');
    json_word(j, "from", side_name((enum side)f->from));
    json_word(j, "level", "fatal");
    json_u64(j, "code", f->alert.code);
    json_word(j, "name", tls_alert_name(f->alert.code));
    json_u64(j, "frame", f->last_frame);
    json_close(j, '}');
}

static void add_tls(struct json *j, const struct summary *s)
{
    static const char *const inside[] = { "opaque", "opaque", "inferred", "decrypted" };
    if (!s->tls_seen) {
        json_null(j, "tls");
        return;
    }
    const struct fact *hello = s->server_hello;
    json_open(j, "tls", '{');
    json_word(j, "offered_max",
              s->client_hello ? tls_version_name(s->client_hello->client_hello.newest) : NULL);
    json_word(j, "negotiated", hello ? tls_version_name(hello->server_hello.version) : NULL);
    json_word(j, "cipher", hello ? tls_cipher_name(hello->server_hello.cipher) : NULL);
    if (s->client_hello)
        json_wire(j, "sni", s->client_hello->client_hello.sni);
    else
        json_null(j, "sni");
    const char *ja4 = s->client_hello ? s->client_hello->client_hello.ja4 : "";
    json_word(j, "ja4", *ja4 ? ja4 : NULL);
    json_word(j, "inside", inside[s->inside]);
    add_alert(j, s->fatal_alert);
    json_close(j, '}');
}

/* Nothing in them is to be escaped. */
static void add_plain_methods(struct json *j, struct bytes words)
{
    char *at = text_room(j->out, 32 + 4 * words.len); /* of one letter each they need no more */
    if (!at)
        return;
    at = json_put(at, ",\"offered_auth\":[");
    for (bool first = true; words.len > 0;) {
        ptrdiff_t space = bytes_find(words, ' ');
        size_t n = space < 0 ? words.len : (size_t)space;
        if (n > 0) {
            at = json_put(at, first ? "\"" : ",\"");
            at += bytes_copy(at, n, bytes_first(words, n));
            *at++ = '"';
            first = false;
        }
        words = bytes_after(words, n + 1);
    }
    json_wrote(j, json_put(at, "]"));
}

static void add_methods(struct json *j, const struct summary *s)
{
    if (!s->capabilities) {
        json_null(j, "offered_auth");
        return;
    }
    struct bytes words = s->capabilities->capabilities.auth_words;
    if (text_wire_is_plain(words)) { /* nearly always */
        add_plain_methods(j, words);
        return;
    }
    json_open(j, "offered_auth", '[');
    while (words.len > 0) {
        ptrdiff_t space = bytes_find(words, ' ');
        size_t n = space < 0 ? words.len : (size_t)space;
        if (n > 0)
            json_wire(j, NULL, bytes_first(words, n));
        words = bytes_after(words, n + 1);
    }
    json_close(j, ']');
}

static char *put_enhanced(char *at, const struct smtp_enhanced *e)
{
    if (e->class == 0)
        return json_put(at, ",\"enhanced\":null");
    at = json_put_u64(at, ",\"enhanced\":\"", e->class);
    at = json_put_u64(at, ".", e->subject);
    at = json_put_u64(at, ".", e->detail);
    *at++ = '"';
    return at;
}

static void add_last_reply(struct json *j, const struct fact *f)
{
    if (!f) {
        json_null(j, "last_reply");
        return;
    }
    const struct fact_smtp_reply *r = &f->reply;
    char *at = text_room(j->out, 64 + 4 * TEXT_U64_MAX);
    if (!at)
        return;
    at = json_put_u64(at, ",\"last_reply\":{\"code\":", r->code);
    json_wrote(j, put_enhanced(at, &r->enhanced));
    if (r->text.len > 0)
        json_wire(j, "text", r->text);
    else
        json_string(j, "text", "");
    at = text_room(j->out, 16 + TEXT_U64_MAX);
    if (!at)
        return;
    at = json_put_u64(at, ",\"frame\":", f->last_frame);
    json_wrote(j, json_put(at, "}"));
}

static void add_smtp(struct json *j, const struct summary *s)
{
    if (!s->smtp_seen) {
        json_null(j, "smtp");
        return;
    }
    json_open(j, "smtp", '{');
    if (s->ehlo)
        json_wire(j, "ehlo", s->ehlo->command.arg);
    else
        json_null(j, "ehlo");
    add_methods(j, s);
    if (s->capabilities_clear)
        json_bool(j, "starttls_offered", s->capabilities_clear->capabilities.starttls);
    else
        json_null(j, "starttls_offered");
    if (s->auth)
        json_wire(j, "auth", s->auth->auth.name);
    else
        json_null(j, "auth");
    if (s->identity)
        json_wire(j, "user", s->identity->identity.user);
    else
        json_null(j, "user");
    add_last_reply(j, s->last_reply);
    json_u64(j, "messages_accepted", s->accepted);
    json_close(j, '}');
}

static char *put_end(char *at, const struct attempt *a, const struct ip_addr *addr, uint16_t port)
{
    at = json_put(at, "\"addr\":");
    if (addr->family == 0) {
        at = json_put(at, "null");
    } else {
        *at++ = '"';
        at = ip_addr_put(at, addr);
        *at++ = '"';
    }
    return a->kind == ATTEMPT_LOOKUP ? json_put(at, ",\"port\":null")
                                     : json_put_u64(at, ",\"port\":", port);
}

enum { ROW_MAX = 512 }; /* of numbers, times, addresses and our own words */

/* Who spoke to whom. */
static void add_ends(struct json *j, const struct judged *d)
{
    const struct attempt *a = d->attempt;
    char *at = text_room(j->out, ROW_MAX);
    if (!at)
        return;
    at = json_put_u64(at, ",\"id\":", d->id);
    at = a->tcp_stream >= 0 ? json_put_u64(at, ",\"tcp_stream\":", (uint64_t)a->tcp_stream)
                            : json_put(at, ",\"tcp_stream\":null");
    at = put_end(json_put(at, ",\"client\":{"), a, &a->client_addr, a->client_port);
    at = put_end(json_put(at, "},\"server\":{"), a, &a->server_addr, a->server_port);
    json_wrote(j, at);
    json_string(j, "name", d->server_name);
    json_close(j, '}');
}

/* When it was, and what came of it. */
static void add_outcome(struct json *j, const struct judged *d)
{
    const struct attempt *a = d->attempt;
    const struct summary *s = &d->summary;
    char *at = text_room(j->out, ROW_MAX);
    if (!at)
        return;
    at = json_put_time(at, ",\"start\":", a->start_time, a->time_digits);
    at = json_put_time(at, ",\"end\":", a->end_time, a->time_digits);
    at = json_put_u64(at, ",\"first_frame\":", a->first_frame);
    at = json_put_u64(at, ",\"last_frame\":", a->last_frame);
    at = json_put_word(at, ",\"outcome\":", outcome_name(s->outcome));
    at = json_put_word(at, ",\"stage\":", stage_name(s->stage));
    at = json_put_word(at, ",\"security\":", security_name(s->security));
    json_wrote(j, at);
}

void json_attempt(struct text *out, const struct json_options *options, const struct judged *d)
{
    struct json writer = { .out = out }, *j = &writer;
    const struct attempt *a = d->attempt;
    const struct summary *s = &d->summary;
    json_open(j, NULL, '{');
    json_word(j, "type", "attempt");
    json_u64(j, "schema", SCHEMA);
    json_string(j, "file", d->file);
    if (d->interface)
        json_string(j, "interface", d->interface);
    add_ends(j, d);
    add_outcome(j, d);
    json_open(j, "encapsulation", '[');
    for (size_t i = 0; i < a->encap_count; i++)
        json_word(j, NULL, encapsulation_name((enum encapsulation)a->encap[i]));
    json_close(j, ']');
    add_tls(j, s);
    add_smtp(j, s);
    struct subject subject = { .lang = options->lang, .judged = d };
    add_findings(j, options, &subject, d->findings, d->finding_count);
    if (options->timeline)
        json_timeline(j, d);
    json_close(j, '}');
    text_add_char(out, '\n');
}

static void add_identity(struct json *j, const struct device *d)
{
    char addr[ADDR_TEXT_SIZE], mac[MAC_TEXT_SIZE];
    json_open(j, "addrs", '[');
    for (size_t i = 0; i < d->addr_count; i++)
        json_word(j, NULL, ip_addr_text(&d->addrs[i], addr));
    json_close(j, ']');
    json_string(j, "name", d->name ? d->name : d->ehlo);
    json_string(j, "maker", d->maker);
    json_word(j, "mac", mac_addr_is_zero(&d->mac) ? NULL : mac_addr_text(&d->mac, mac));
}

void json_device(struct text *out, const struct json_options *options, const struct device_line *d)
{
    struct json writer = { .out = out }, *j = &writer;
    char addr[ADDR_TEXT_SIZE];
    json_open(j, NULL, '{');
    json_word(j, "type", "device");
    json_word(j, "addr", ip_addr_text(&d->device->addr, addr));
    add_identity(j, d->device);
    json_u64(j, "attempts", d->device->attempts);
    json_u64(j, "delivered", d->device->delivered);
    json_u64(j, "failed", d->device->failed);
    json_u64(j, "no_mail", d->device->no_mail);
    json_u64(j, "incomplete", d->device->incomplete);
    json_u64(j, "unknown", d->device->unknown);
    struct subject subject = { .lang = options->lang, .device = addr };
    add_findings(j, options, &subject, d->findings, d->finding_count);
    json_close(j, '}');
    text_add_char(out, '\n');
}

void json_capture(struct text *out, const struct json_options *options,
                  const struct capture_line *c)
{
    struct json writer = { .out = out }, *j = &writer;
    json_open(j, NULL, '{');
    json_word(j, "type", "capture");
    json_string(j, "file", c->file);
    if (c->interface)
        json_string(j, "interface", c->interface);
    json_u64(j, "packets", c->facts.packets);
    json_u64(j, "bytes", c->facts.bytes);
    json_u64(j, "connections", c->facts.connections);
    json_u64(j, "attempts", c->facts.attempts);
    json_u64(j, "delivered", c->facts.delivered);
    json_u64(j, "failed", c->facts.failed);
    json_u64(j, "no_mail", c->facts.no_mail);
    json_u64(j, "incomplete", c->facts.incomplete);
    json_u64(j, "unknown", c->facts.unknown);
    struct subject subject = { .lang = options->lang };
    add_findings(j, options, &subject, c->findings, c->finding_count);
    json_open(j, "notes", '[');
    for (size_t i = 0; i < c->finding_count; i++)
        json_word(j, NULL, c->findings[i].cause->id);
    json_close(j, ']');
    json_close(j, '}');
    text_add_char(out, '\n');
}
