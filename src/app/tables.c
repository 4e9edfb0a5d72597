/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/tables.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "rules/providers.h"
#include "rules/replies.h"

static const char system_replies[] = "/etc/mailwhy/replies.tsv";

struct tables {
    struct replies *replies;
    struct providers *providers;
};

/* Adds a whole file to one of the tables. */
typedef bool add_rows(struct tables *t, struct bytes file, char *error, size_t error_size);

static bool add_replies(struct tables *t, struct bytes file, char *error, size_t error_size)
{
    return replies_add(t->replies, file, error, error_size);
}

static bool add_providers(struct tables *t, struct bytes file, char *error, size_t error_size)
{
    return providers_add(t->providers, file, error, error_size);
}

/* What is wrong with it in error; an empty text: it is not there. */
static bool read_table(struct tables *t, const char *name, add_rows *add, char *error,
                       size_t error_size)
{
    error[0] = '\0';
    FILE *f = fopen(name, "rb");
    if (!f) {
        if (errno != ENOENT)
            snprintf(error, error_size, "it cannot be opened: %s", strerror(errno));
        return false;
    }
    char *text = mem_alloc(NULL, TABLE_FILE_MAX);
    size_t n = text ? fread(text, 1, TABLE_FILE_MAX, f) : 0;
    bool good = false;
    if (!text)
        snprintf(error, error_size, "there is not enough memory to read it");
    else if (ferror(f))
        snprintf(error, error_size, "it cannot be read: %s", strerror(errno));
    else if (n == TABLE_FILE_MAX)
        snprintf(error, error_size, "it is too big for such a table");
    else
        good = add(t, bytes_of(text, n), error, error_size);
    mem_free(NULL, text, TABLE_FILE_MAX);
    fclose(f);
    return good;
}

static bool read_given(struct tables *t, const char *option, const char *name, add_rows *add)
{
    char error[300];
    if (!name || read_table(t, name, add, error, sizeof error))
        return true;
    log_error("%s \"%s\": %s", option, name, error[0] ? error : strerror(ENOENT));
    return false;
}

static bool read_system(struct tables *t)
{
    char error[300];
    if (read_table(t, system_replies, add_replies, error, sizeof error) || error[0] == '\0')
        return true;
    log_error("\"%s\": %s", system_replies, error);
    return false;
}

struct tables *tables_new(const struct options *o)
{
    struct tables *t = mem_alloc(NULL, sizeof *t);
    if (t) {
        t->replies = replies_new();
        t->providers = providers_new();
    }
    if (!t || !t->replies || !t->providers) {
        log_error("there is not enough memory to begin");
        tables_free(t);
        return NULL;
    }
    /* the first row wins where two rank alike: what was given now before what lies in /etc */
    if (!read_given(t, "--replies", o->replies, add_replies) ||
        !read_given(t, "--providers", o->providers, add_providers) || !read_system(t)) {
        tables_free(t);
        return NULL;
    }
    return t;
}

void tables_free(struct tables *t)
{
    if (!t)
        return;
    replies_free(t->replies);
    providers_free(t->providers);
    mem_free(NULL, t, sizeof *t);
}

struct knowledge tables_knowledge(const struct tables *t)
{
    return (struct knowledge) { .replies = t->replies, .providers = t->providers };
}
