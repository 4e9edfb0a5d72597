/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The provider table: what a mail provider usually wants of a device, by the name of its server. It
 * words advice where the wire has shown a failure already, and decides nothing. The rows are
 * data/providers.tsv, compiled in, and those of a user's own file, which win.
 */
#ifndef MAILWHY_RULES_PROVIDERS_H
#define MAILWHY_RULES_PROVIDERS_H

#include "facts/outcome.h"
#include "rules/finding.h"
#include "rules/view.h"

enum provider_password {
    PASSWORD_UNKNOWN,
    PASSWORD_ACCOUNT,
    PASSWORD_OWN,
    PASSWORD_APP,
    PASSWORD_TOKEN
};
enum { PROVIDER_PLACES = 4 };

struct provider {
    struct bytes name;
    struct bytes hosts; /* a list with commas; one that begins with a dot: all names that end so */
    struct bytes methods; /* a list; empty = not known */
    struct {
        uint16_t port;
        uint8_t security;          /* enum security */
    } places[PROVIDER_PLACES];     /* the usual one first */
    uint8_t place_count, password; /* enum provider_password */
    uint16_t tls;                  /* the oldest version taken; 0 = not known */
};

/* The lines of data/providers.tsv, with their ends. */
extern const char *const provider_lines[];
extern const size_t provider_line_count;
/* Their second columns, in order. */
struct provider_host {
    const char *name;
    uint16_t len, line;
};
extern const struct provider_host provider_hosts[];
extern const size_t provider_host_count;

struct providers;
struct providers *providers_new(void);
void providers_free(struct providers *p);
/* Adds the rows of a text in the form of data/providers.tsv, which may go afterwards. On a bad line false, with
 * its number and what is wrong with it in error; the lines before it were added. */
bool providers_add(struct providers *p, struct bytes file, char *error, size_t error_size);
/* What is known of the server of this name; false = nothing. */
bool providers_find(const struct providers *more, const char *server, struct provider *found);

/* Adds to a failure of this attempt what works there for another device, and what the server's provider
 * usually wants, where that bears on its cause. */
void providers_advise(const struct view *v, struct finding *f);

#endif
