/* SPDX-License-Identifier: BSD-3-Clause */
/* Advice on where to send: what works for other devices, and the words of the provider table. */
#include <stdio.h>

#include "facts/tls_names.h"
#include "history/history.h"
#include "rules/ask.h"
#include "rules/providers.h"

enum bears_on {
    ON_PLACE = 1,
    ON_METHOD = 2,
    ON_PASSWORD = 4,
    ON_TLS = 8,
    LATE = 16 /* the cause's own first advice comes first */
};

/* Which causes have to do with what the table knows. */
static const struct {
    const char *cause;
    unsigned bears_on;
} causes[] = {
    { "connect-no-answer", ON_PLACE | LATE },
    { "port-25-blocked", ON_PLACE },
    { "connect-refused", ON_PLACE },
    { "connect-unreachable", ON_PLACE | LATE },
    { "server-silent", ON_PLACE },
    { "tls-on-plain-port", ON_PLACE },
    { "plain-on-tls-port", ON_PLACE },
    { "not-a-mail-server", ON_PLACE },
    { "starttls-not-offered", ON_PLACE },
    { "starttls-stripped", ON_PLACE },
    { "starttls-refused", ON_PLACE },
    { "starttls-required", ON_PLACE },
    { "tls-version-refused", ON_PLACE | ON_TLS },
    { "tls-version-refused-by-policy", ON_PLACE | ON_TLS },
    { "tls-hello-dropped", ON_PLACE | ON_TLS },
    { "auth-method-refused", ON_METHOD | LATE },
    { "auth-credentials-rejected", ON_PASSWORD | LATE },
    { "auth-disabled-for-account", ON_PASSWORD | LATE },
    { "auth-needs-encryption", ON_PLACE },
    { "auth-not-offered", ON_PLACE },
    { "auth-no-common-method", ON_PASSWORD | LATE },
    { "auth-too-many-tries", ON_PASSWORD | LATE },
    { "auth-required", ON_PLACE | ON_PASSWORD | LATE },
    { "pop-before-smtp", ON_PLACE | LATE },
    { "relay-denied", ON_PLACE | LATE },
    { "service-refused", ON_PLACE | LATE },
    { "address-blocked", ON_PLACE | LATE },
};

static unsigned bears_on(const char *cause)
{
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
        if (cause_is(cause, causes[i].cause))
            return causes[i].bears_on;
    return 0;
}

/* The first place that is encrypted and another one than this attempt's. Where the attempt ended before
 * its security showed, the port alone tells. */
/* [from the first byte][after another one] */
static const char *const usual_place[2][2] = {
    { N_("In the device's mail settings set the security to \"TLS\" or \"STARTTLS\" (begins in clear text, then switches to "
         "encryption) and the port to {usual_port}: that is what {provider} usually wants."),
      N_("If that does not help, set the security to \"TLS\" or \"STARTTLS\" (begins in clear text, then switches to "
         "encryption) and the port to {usual_port}: that is what {provider} usually wants.") },
    { N_("In the device's mail settings set the security to \"SSL\" (encrypted from the first byte; also called \"SSL/TLS\" or "
         "\"SMTPS\") and the port to {usual_port}: that is what {provider} usually wants."),
      N_("If that does not help, set the security to \"SSL\" (encrypted from the first byte; also called \"SSL/TLS\" or "
         "\"SMTPS\") and the port to {usual_port}: that is what {provider} usually wants.") },
};

/* Does an advice before this one set another port? */
static bool is_second_place(const struct finding *f, uint16_t port)
{
    char set[24];
    snprintf(set, sizeof set, "port to %u", port);
    for (size_t i = 0; i < f->advice_count; i++)
        if ((strstr(f->advice[i], "port to ") && !strstr(f->advice[i], set)) ||
            strstr(f->advice[i], "the port at "))
            return true;
    return false;
}

static void advise_place(const struct view *v, struct finding *f, const struct provider *p)
{
    for (size_t i = 0; i < p->place_count; i++) {
        uint8_t security = p->places[i].security, used = (uint8_t)v->summary->security;
        if (security == SECURITY_NONE || (p->places[i].port == v->attempt->server_port &&
                                          (used == security || used == SECURITY_UNKNOWN)))
            continue;
        finding_number(f, "usual_port", p->places[i].port);
        bool second = is_second_place(f, p->places[i].port);
        finding_advice(f, usual_place[security == SECURITY_IMPLICIT_TLS][second]);
        return;
    }
}

static void advise_password(struct finding *f, const struct provider *p)
{
    static const char *const texts[] = {
        [PASSWORD_OWN] = N_(
            "{provider} usually wants a password made for mail programs, not that of the account: look for it in the account's "
            "settings on its web page."),
        [PASSWORD_APP] = N_(
            "{provider} usually wants an app password from devices, not that of the account: make one in the account's security "
            "settings on its web page."),
        [PASSWORD_TOKEN] = N_(
            "{provider} usually takes no password from devices any more, only a sign-in by OAuth; use another mailbox for the "
            "device."),
    };
    if (p->password < sizeof texts / sizeof *texts && texts[p->password])
        finding_advice(f, texts[p->password]);
}

enum { NEIGHBOURS_MAX = 64 };

/* The server of this attempt, by a port or security that the attempt did not use. */
static bool is_another_place(const struct view *v, const struct past_attempt *p)
{
    const struct attempt *a = v->attempt;
    enum security used = v->summary->security;
    bool named = v->server_name && p->server_name &&
                 bytes_equal_nocase(bytes_str(v->server_name), bytes_str(p->server_name));
    return (named || ip_addr_equal(&a->server_addr, &p->server)) &&
           (p->port != a->server_port || (used != SECURITY_UNKNOWN && p->security != used));
}

/* The last encrypted delivery to this server by another port or security, from another address; NULL. other: it was
 * another device. One device has many IPv6 addresses, which are known for one only at the end: IPv4 alone tells two
 * apart. */
static const struct past_attempt *neighbours_way(const struct view *v, bool *other)
{
    const struct past_attempt *way = NULL;
    if (!v->history || !history_encrypted_mail(v->history))
        return NULL;
    size_t count = history_device_count(v->history);
    const struct device *self = history_find(v->history, &v->attempt->client_addr);
    for (size_t i = 0; i < count && i < NEIGHBOURS_MAX; i++) {
        const struct device *d = history_device(v->history, i);
        if (d == self || !d->encrypted_mail)
            continue;
        for (uint32_t k = 0; k < d->past_count; k++) {
            const struct past_attempt *p = &d->past[k];
            if (!past_is_encrypted_mail(p) || !is_another_place(v, p) ||
                (way && p->start <= way->start))
                continue;
            way = p;
            *other = d->addr.family == 4 && v->attempt->client_addr.family == 4;
        }
    }
    return way;
}

/* What was seen to work stands before all else. */
static void advise_neighbours_way(const struct view *v, struct finding *f)
{
    /* [from the first byte][of another device] */
    static const char *const texts[2][2] = {
        { N_("In the device's mail settings set the security to \"TLS\" or \"STARTTLS\" (begins in clear text, then switches to "
             "encryption) and the port to {other_port}. The capture shows that mail went out that way at {other_time}."),
          N_("In the device's mail settings set the security to \"TLS\" or \"STARTTLS\" (begins in clear text, then switches to "
             "encryption) and the port to {other_port}. Another device here delivered mail that way at {other_time}.") },
        { N_("In the device's mail settings set the security to \"SSL\" (encrypted from the first byte; also called \"SSL/TLS\" or "
             "\"SMTPS\") and the port to {other_port}. The capture shows that mail went out that way at {other_time}."),
          N_("In the device's mail settings set the security to \"SSL\" (encrypted from the first byte; also called \"SSL/TLS\" or "
             "\"SMTPS\") and the port to {other_port}. Another device here delivered mail that way at {other_time}.") },
    };
    bool other = false;
    const struct past_attempt *way = neighbours_way(v, &other);
    if (!way)
        return;
    finding_number(f, "other_port", way->port);
    finding_time(f, "other_time", way->start);
    if (f->advice_count < FINDING_TEXTS)
        f->advice_count++;
    for (size_t i = f->advice_count - 1u; i > 0; i--)
        f->advice[i] = f->advice[i - 1];
    f->advice[0] = texts[way->security == SECURITY_IMPLICIT_TLS][other];
}

/* Does an advice name these methods already? */
static bool names_methods(const struct finding *f, struct bytes methods)
{
    if (bytes_find_nocase(methods, "login") < 0 || bytes_find_nocase(methods, "plain") < 0)
        return false;
    for (size_t i = 0; i < f->advice_count; i++)
        if (strcmp(f->advice[i], DO_CHOOSE_LOGIN_OR_PLAIN) == 0)
            return true;
    return false;
}

void providers_advise(const struct view *v, struct finding *f)
{
    struct provider p;
    unsigned about = bears_on(f->cause->id);
    if (about & ON_PLACE)
        advise_neighbours_way(v, f);
    if (about == 0 || !v->server_name ||
        !providers_find(v->knowledge ? v->knowledge->providers : NULL, v->server_name, &p))
        return;
    uint8_t before = f->advice_count;
    finding_wire(f, "provider", p.name);
    if (about & ON_PLACE)
        advise_place(v, f, &p);
    if (about & ON_METHOD && p.methods.len > 0 && !names_methods(f, p.methods)) {
        finding_wire(f, "usual_methods", p.methods);
        finding_advice(
            f,
            N_("Where the device lets you choose, take one of the sign-in methods that {provider} usually accepts: {usual_methods}"));
    }
    if (about & ON_PASSWORD)
        advise_password(f, &p);
    const struct fact *hello = v->summary->client_hello;
    if (about & ON_TLS && p.tls > 0x0301 && !(hello && hello->client_hello.newest >= p.tls)) {
        finding_word(f, "usual_tls", tls_version_name(p.tls));
        finding_advice(
            f,
            N_("Look for newer software (firmware) for the device that brings {usual_tls} or newer: {provider} usually takes nothing older."));
    }
    if (about & LATE)
        f->late_advice = (uint8_t)(f->late_advice + f->advice_count - before);
}
