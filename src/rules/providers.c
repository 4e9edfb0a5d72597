/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/providers.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/mem.h"
#include "rules/tsv.h"

enum {
    COLUMN_NAME,
    COLUMN_HOSTS,
    COLUMN_PLACES,
    COLUMN_METHODS,
    COLUMN_PASSWORD,
    COLUMN_TLS,
    COLUMN_NOTE,
    COLUMNS
};

/* A line that was read and found to be good. */
struct kept {
    struct kept *next;
    size_t len;
    char line[];
};

struct providers {
    struct arena lines;
    struct kept *first, **end;
    size_t count;
};

struct providers *providers_new(void)
{
    struct providers *p = mem_alloc(NULL, sizeof *p);
    if (!p)
        return NULL;
    arena_init(&p->lines, NULL);
    p->end = &p->first;
    return p;
}

void providers_free(struct providers *p)
{
    if (!p)
        return;
    arena_done(&p->lines);
    mem_free(NULL, p, sizeof *p);
}

static bool is_none(struct bytes column)
{
    return bytes_equal(column, bytes_str("-"));
}

/* Which of these words it is; count = none. */
static size_t word_of(struct bytes b, const char *const *words, size_t count)
{
    size_t at = 0;
    while (at < count && !bytes_equal(b, bytes_str(words[at])))
        at++;
    return at;
}

static bool read_places(struct bytes column, struct provider *p)
{
    static const char *const names[] = { "ssl", "starttls", "none" };
    static const uint8_t securities[] = { SECURITY_IMPLICIT_TLS, SECURITY_STARTTLS, SECURITY_NONE };
    while (column.len > 0 && !is_none(column)) {
        struct bytes place = tsv_word(&column);
        ptrdiff_t space = bytes_find(place, ' ');
        int port = space < 0 ? -1 : tsv_number(bytes_first(place, (size_t)space), UINT16_MAX);
        size_t at = space < 0 ? 3 : word_of(bytes_after(place, (size_t)space + 1), names, 3);
        if (port < 1 || at == 3 || p->place_count == PROVIDER_PLACES)
            return false;
        p->places[p->place_count].port = (uint16_t)port;
        p->places[p->place_count++].security = securities[at];
    }
    return true;
}

/* What is wrong with the line; NULL = the row is complete. */
static const char *read_row(const struct bytes *column, struct provider *p)
{
    static const char *const passwords[] = { "-", "account", "own", "app", "token" };
    static const char *const versions[] = { "-", "1.0", "1.1", "1.2", "1.3" };
    size_t password = word_of(column[COLUMN_PASSWORD], passwords, 5),
           version = word_of(column[COLUMN_TLS], versions, 5);
    *p = (struct provider) { .name = column[COLUMN_NAME], .hosts = column[COLUMN_HOSTS] };
    if (p->name.len == 0 || p->hosts.len == 0 || is_none(p->hosts))
        return "the first two columns are the provider's name and its servers";
    if (!read_places(column[COLUMN_PLACES], p))
        return "the third column is a list such as 465 ssl,587 starttls (ssl, starttls, none), or -";
    if (password == 5)
        return "the fifth column is account, own, app, token, or -";
    if (version == 5)
        return "the sixth column is 1.0, 1.1, 1.2, 1.3, or -";
    if (!is_none(column[COLUMN_METHODS]))
        p->methods = column[COLUMN_METHODS];
    p->password = (uint8_t)password;
    p->tls = version > 0 ? (uint16_t)(0x0300 + version) : 0;
    return NULL;
}

static const char *read_line(struct bytes line, struct provider *p)
{
    struct tsv t = { .rest = line };
    struct bytes column[COLUMNS];
    size_t count = tsv_next(&t, column, COLUMNS);
    if (count != COLUMNS && count != COLUMN_NOTE)
        return "a row has six columns, or seven with a note, and a tab between them";
    return read_row(column, p);
}

static bool keep(struct providers *p, struct bytes line)
{
    struct kept *k = arena_alloc(&p->lines, sizeof *k + line.len);
    if (!k)
        return false;
    k->len = bytes_copy(k->line, line.len, line);
    *p->end = k;
    p->end = &k->next;
    p->count++;
    return true;
}

bool providers_add(struct providers *p, struct bytes file, char *error, size_t error_size)
{
    for (unsigned number = 1; file.len > 0; number++) {
        ptrdiff_t end = bytes_find(file, '\n');
        struct bytes line = end < 0 ? file : bytes_first(file, (size_t)end);
        file = end < 0 ? (struct bytes) { NULL, 0 } : bytes_after(file, (size_t)end + 1);
        if (bytes_trim(line).len == 0 || line.at[0] == '#' ||
            bytes_equal(bytes_trim(line), bytes_str("\r")))
            continue;
        struct provider row;
        const char *wrong =
            p->count == USER_ROWS_MAX ? "there are too many rows" : read_line(line, &row);
        if (!wrong && !keep(p, line))
            wrong = "there is not enough memory";
        if (wrong) {
            snprintf(error, error_size, "line %u: %s", number, wrong);
            return false;
        }
    }
    return true;
}

/* One that begins with a dot stands for all names that end so. */
static bool is_host(struct bytes server, struct bytes host)
{
    if (host.len == 0 || host.at[0] != '.')
        return bytes_equal_nocase(server, host);
    return server.len > host.len &&
           bytes_equal_nocase(bytes_after(server, server.len - host.len), host);
}

/* Does the line's second column name this server? Asked of each line, so nothing else of it is read. */
static bool has_host(struct bytes line, struct bytes server)
{
    ptrdiff_t name = bytes_find(line, '\t');
    struct bytes hosts =
        name < 0 ? (struct bytes) { NULL, 0 } : bytes_after(line, (size_t)name + 1);
    ptrdiff_t end = bytes_find(hosts, '\t');
    hosts = bytes_trim(end < 0 ? hosts : bytes_first(hosts, (size_t)end));
    while (hosts.len > 0)
        if (is_host(server, tsv_word(&hosts)))
            return true;
    return false;
}

/* The same of the lines that are built in. NULL = none does. */
static const char *look_up_line(struct bytes server)
{
    for (size_t i = 0; i < provider_host_count; i++) {
        const struct provider_host *h = &provider_hosts[i];
        if (is_host(server, bytes_of(h->name, h->len)))
            return provider_lines[h->line];
    }
    return NULL;
}

/* A network's devices send to one server or a few: mostly it is the one that was looked up last. */
static const char *built_in_line(struct bytes server)
{
    enum { NAME_MAX_BYTES = 64 };
    static uint8_t last[NAME_MAX_BYTES];
    static size_t last_len; /* 0: none was yet */
    static const char *line;
    if (server.len > NAME_MAX_BYTES)
        return look_up_line(server);
    if (!bytes_equal(server, bytes_of(last, last_len))) {
        last_len = bytes_copy(last, sizeof last, server);
        line = look_up_line(server);
    }
    return line;
}

bool providers_find(const struct providers *more, const char *server, struct provider *found)
{
    struct bytes name = bytes_str(server ? server : "");
    if (name.len > 0 && name.at[name.len - 1] == '.')
        name.len--;
    if (name.len == 0)
        return false;
    for (const struct kept *k = more ? more->first : NULL; k; k = k->next) {
        struct bytes line = bytes_of(k->line, k->len);
        if (has_host(line, name) && !read_line(line, found))
            return true;
    }
    const char *line = built_in_line(name);
    return line && !read_line(bytes_str(line), found);
}
