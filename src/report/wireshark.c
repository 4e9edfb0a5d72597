/* SPDX-License-Identifier: BSD-3-Clause */
/* How to see it again: Wireshark's display filter, and a command to try from a computer. */
#include "facts/tls_names.h"
#include "report/story.h"

static bool in_frames(const struct finding *f, uint32_t frame)
{
    for (size_t i = 0; i < f->frame_count; i++)
        if (f->frames[i] == frame)
            return true;
    return false;
}

static void add_frames(struct text *out, const struct finding *f)
{
    char *at = text_room(out, 32 + f->frame_count * (TEXT_U64_MAX + 2u));
    if (!at)
        return;
    at += bytes_copy(at, 17, bytes_str("frame.number in {"));
    for (size_t i = 0; i < f->frame_count; i++) {
        if (i > 0)
            at += bytes_copy(at, 2, bytes_str(", "));
        at = text_put_u64(at, f->frames[i]);
    }
    *at++ = '}';
    text_wrote(out, at);
}

static void add_field(struct text *out, const struct finding *f)
{
    text_add(out, f->filter_field);
    text_add(out, " == ");
    text_add_u64(out, f->filter_value);
}

static bool begins(const char *s, const char *start)
{
    return *s == *start && strncmp(s, start, strlen(start)) == 0;
}

/* Where the capture is whole and in order Wireshark reads on as we do; else it may not know of the
 * STARTTLS, or of the line's beginning, and show no fields. */
static bool whole_and_in_order(const struct attempt *a)
{
    if (a->gaps || a->snapped || a->one_sided || !a->start_seen)
        return false;
    uint32_t last = 0;
    for (const struct fact *f = timeline_first(a->timeline); f; f = timeline_next(a->timeline, f)) {
        if (f->kind < FACT_SMTP_COMMAND || f->kind == FACT_DROPPED)
            continue;
        if (f->last_frame < last)
            return false;
        last = f->last_frame;
    }
    return true;
}

/* Does Wireshark, with its default ports, dissect the fields of this filter here? */
static bool dissected(const struct judged *j, const struct finding *f)
{
    uint16_t port = j->attempt->server_port;
    bool starttls = j->summary.security == SECURITY_STARTTLS;
    if (!f->filter_field || j->attempt->tcp_stream < 0 || !whole_and_in_order(j->attempt))
        return false;
    if (begins(f->filter_field, "tls."))
        return port == 465 ? j->summary.security == SECURITY_IMPLICIT_TLS
                           : (port == 25 || port == 587) && starttls;
    if (begins(f->filter_field, "smtp."))
        return port == 25 || port == 587;
    return port == 25 || port == 465 || port == 587;
}

/* Could the fields also stand in a packet that is no proof? */
static bool needs_guard(const struct judged *j, const struct finding *f)
{
    const struct attempt *a = j->attempt;
    if (!begins(f->filter_field, "tls.") && !begins(f->filter_field, "smtp."))
        return true;
    if (a->direction[0].resends + a->direction[1].resends + a->direction[0].duplicates +
            a->direction[1].duplicates >
        0)
        return true;
    enum fact_kind kind = begins(f->filter_field, "tls.alert")       ? FACT_TLS_ALERT
                          : begins(f->filter_field, "smtp.response") ? FACT_SMTP_REPLY
                                                                     : FACT_KINDS;
    if (kind == FACT_KINDS)
        return true;
    for (const struct fact *fact = timeline_first(a->timeline); fact;
         fact = timeline_next(a->timeline, fact))
        if (fact->kind == kind &&
            (!in_frames(f, fact->last_frame) || fact->first_frame != fact->last_frame))
            return true;
    return false;
}

void story_filter(struct text *out, const struct judged *judged, const struct finding *finding)
{
    if (finding->frame_count == 0)
        return;
    if (judged && judged->attempt->kind == ATTEMPT_LOOKUP && finding->filter_field) {
        add_field(out, finding);
        text_add(out, " && ");
        add_frames(out, finding);
        return;
    }
    if (!judged || !dissected(judged, finding)) {
        add_frames(out, finding);
        return;
    }
    text_add(out, "tcp.stream == ");
    text_add_u64(out, (uint64_t)judged->attempt->tcp_stream); /* known, see dissected() */
    text_add(out, " && ");
    add_field(out, finding);
    if (needs_guard(judged, finding)) {
        text_add(out, " && ");
        add_frames(out, finding);
    }
}

/* A name that can stand in a shell command as it is. */
static bool is_host_name(const char *name)
{
    if (!name || !*name || *name == '-')
        return false;
    for (const char *c = name; *c; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
              *c == '.' || *c == '-'))
            return false;
    return true;
}

static const char *version_options(uint16_t version)
{
    switch (version) {
    case 0x0301:
        return " -tls1 -cipher DEFAULT:@SECLEVEL=0";
    case 0x0302:
        return " -tls1_1 -cipher DEFAULT:@SECLEVEL=0";
    case 0x0303:
        return " -tls1_2";
    default:
        return "";
    }
}

void story_check_command(struct text *out, const struct judged *judged,
                         const struct finding *finding)
{
    const struct attempt *a = judged->attempt;
    bool settles = finding->stage == STAGE_TLS || finding->stage == STAGE_STARTTLS ||
                   finding->stage == STAGE_CONNECT;
    if (!settles || finding->severity != SEVERITY_FAILURE)
        return;
    char addr[ADDR_TEXT_SIZE];
    text_add(out, "openssl s_client -connect ");
    if (is_host_name(judged->server_name))
        text_add(out, judged->server_name);
    else
        text_format(out, a->server_addr.family == 6 ? "'[%s]'" : "%s",
                    ip_addr_text(&a->server_addr, addr));
    text_format(out, ":%u", a->server_port);
    const struct fact *hello = judged->summary.client_hello;
    bool wrong_kind = strcmp(finding->cause->id, "tls-on-plain-port") == 0;
    if (a->server_port != 465 && (judged->summary.security != SECURITY_IMPLICIT_TLS || wrong_kind))
        text_add(out, " -starttls smtp");
    if (hello)
        text_add(out, version_options(hello->client_hello.newest));
}
