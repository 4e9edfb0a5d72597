/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/words.h"

enum {
    OPT_JSON = 256,
    OPT_LANG,
    OPT_TIMELINE,
    OPT_ALL,
    OPT_DEVICE,
    OPT_SERVER,
    OPT_MEMORY,
    OPT_COLOR,
    OPT_EXPLAIN,
    OPT_KEYLOG,
    OPT_RSA_KEY,
    OPT_REPLIES,
    OPT_PROVIDERS,
    OPT_CA_FILE,
    OPT_CHECK_PASSWORD,
    OPT_LIST_CAUSES,
    OPT_VERSION
};

static const struct option long_options[] = {
    { "json", no_argument, NULL, OPT_JSON },
    { "lang", required_argument, NULL, OPT_LANG },
    { "timeline", no_argument, NULL, OPT_TIMELINE },
    { "all", no_argument, NULL, OPT_ALL },
    { "device", required_argument, NULL, OPT_DEVICE },
    { "server", required_argument, NULL, OPT_SERVER },
    { "replies", required_argument, NULL, OPT_REPLIES },
    { "providers", required_argument, NULL, OPT_PROVIDERS },
    { "keylog", required_argument, NULL, OPT_KEYLOG },
    { "rsa-key", required_argument, NULL, OPT_RSA_KEY },
    { "ca-file", required_argument, NULL, OPT_CA_FILE },
    { "check-password", optional_argument, NULL, OPT_CHECK_PASSWORD },
    { "memory", required_argument, NULL, OPT_MEMORY },
    { "color", required_argument, NULL, OPT_COLOR },
    { "explain", required_argument, NULL, OPT_EXPLAIN },
    { "list-causes", no_argument, NULL, OPT_LIST_CAUSES },
    { "version", no_argument, NULL, OPT_VERSION },
    { "help", no_argument, NULL, 'h' },
    { NULL, 0, NULL, 0 },
};

static const char help[] = N_(
    "mailwhy says why a device's mail failed, from a packet capture. It never sends a packet.\n"
    "\n"
    "  mailwhy [options] FILE...       diagnose saved captures ('-' is standard input)\n"
    "  mailwhy [options] -i INTERFACE  watch an interface until interrupted (-D lists them)\n"
    "  mailwhy --explain CAUSE         explain one cause; --list-causes lists all\n"
    "\n"
    "  -r FILE              the same as FILE\n"
    "  -f FILTER            only packets that pass this filter (pcap-filter syntax)\n"
    "  --json               one JSON object a line instead of text\n"
    "  --lang en|ja         language (default: from the locale)\n"
    "  --timeline           every step of each attempt\n"
    "  --all                every attempt in full, not only the failed ones\n"
    "  --device ADDR        only attempts of this device\n"
    "  --server NAME        only attempts at this server (name or address)\n"
    "  --replies FILE       more rows for the table of server replies (as in /etc/mailwhy/replies.tsv)\n"
    "  --providers FILE     more rows for the table of mail providers\n"
    "  --keylog FILE        read TLS with this key log (SSLKEYLOGFILE); secrets inside a pcapng are used anyway\n"
    "  --rsa-key FILE       read TLS with the server's private RSA key (PEM), where the cipher allows it\n"
    "  --ca-file FILE       judge certificates by these roots (PEM) instead of the system's\n"
    "  --check-password[=FILE]\n"
    "                       ask for the password (or read a file's first line), and say whether the sign-in\n"
    "                       in the capture fits it\n"
    "  --memory SIZE        limit for connection state, such as 32M (default 64M)\n"
    "  --color auto|always|never\n"
    "  -q                   no progress, no warnings\n"
    "  -v                   also what was read, skipped and dropped\n"
    "  --version, --help\n"
    "\n"
    "Exit status: 0 nothing failed, 1 at least one failed attempt, 2 something could not be read.\n");

void options_print_help(enum lang lang)
{
    fputs(lang_text(lang, help), stdout);
}

/* A number with K, M or G behind it; 0 when it is none. */
static size_t read_size(const char *s)
{
    char *end;
    errno = 0;
    unsigned long long n = strtoull(s, &end, 10);
    unsigned shift = *end == 'K' || *end == 'k'   ? 10
                     : *end == 'M' || *end == 'm' ? 20
                     : *end == 'G' || *end == 'g' ? 30
                                                  : 0;
    end += shift > 0;
    if (errno || end == s || *s == '-' || *end != '\0' || n > (SIZE_MAX >> shift))
        return 0;
    return (size_t)n << shift;
}

static bool read_color(const char *s, enum color *color)
{
    static const char *const names[] = { "auto", "always", "never" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(s, names[i]) == 0) {
            *color = (enum color)i;
            return true;
        }
    return false;
}

static enum status bad(const char *what, const char *value, const char *help_text)
{
    log_error("%s \"%s\": %s", what, value, help_text);
    return STATUS_BAD_OPTION;
}

static enum status set_lang(struct options *o, const char *value)
{
    if (strcmp(value, "en") != 0 && strcmp(value, "ja") != 0)
        return bad("--lang", value, "en and ja are there");
    lang_parse(value, &o->lang);
    return STATUS_OK;
}

static enum status set_memory(struct options *o, const char *value)
{
    o->memory = read_size(value);
    if (o->memory < MEMORY_MIN)
        return bad("--memory", value, "a size of at least 1M is needed, such as 32M");
    return STATUS_OK;
}

static enum status set_device(struct options *o, const char *value)
{
    struct ip_addr addr;
    if (!ip_addr_parse(value, &addr))
        return bad("--device", value,
                   "this is no IP address; give the device's, such as 192.168.1.30");
    o->device = value;
    return STATUS_OK;
}

/* Of an option that may be given several times. */
static enum status add_value(const char *option, const char *value, const char **values,
                             size_t *count, size_t max)
{
    if (*count == max)
        return bad(option, value,
                   "this option was given too often; put several keys into one file");
    values[(*count)++] = value;
    return STATUS_OK;
}

static enum status set_option(struct options *o, int opt, const char *value)
{
    switch (opt) {
    case OPT_JSON:
        o->json = true;
        break;
    case OPT_LANG:
        return set_lang(o, value);
    case OPT_TIMELINE:
        o->timeline = true;
        break;
    case OPT_ALL:
        o->all = true;
        break;
    case OPT_DEVICE:
        return set_device(o, value);
    case OPT_SERVER:
        o->server = value;
        break;
    case OPT_MEMORY:
        return set_memory(o, value);
    case OPT_COLOR:
        if (!read_color(value, &o->color))
            return bad("--color", value, "auto, always and never are there");
        break;
    case OPT_REPLIES:
        o->replies = value;
        break;
    case OPT_PROVIDERS:
        o->providers = value;
        break;
    case OPT_KEYLOG:
        return add_value("--keylog", value, o->keylogs, &o->keylog_count, KEY_LOGS_MAX);
    case OPT_RSA_KEY:
        return add_value("--rsa-key", value, o->rsa_keys, &o->rsa_key_count, TLS_RSA_KEYS_MAX);
    case OPT_CA_FILE:
        o->ca_file = value;
        break;
    case OPT_CHECK_PASSWORD:
        o->check_password = true;
        o->password_file = value;
        break;
    case OPT_EXPLAIN:
        o->action = ACTION_EXPLAIN;
        o->explain = value;
        break;
    case OPT_LIST_CAUSES:
        o->action = ACTION_LIST_CAUSES;
        break;
    case OPT_VERSION:
        o->action = ACTION_VERSION;
        break;
    case 'h':
        o->action = ACTION_HELP;
        break;
    case 'D':
        o->action = ACTION_LIST_INTERFACES;
        break;
    case 'i':
        o->action = ACTION_WATCH;
        o->interface = value;
        break;
    case 'f':
        o->filter = value;
        break;
    case 'r':
        o->files[o->file_count++] = value;
        break;
    case 'q':
        o->quiet = true;
        break;
    case 'v':
        o->verbose = true;
        break;
    default:
        log_error("try 'mailwhy --help'");
        return STATUS_BAD_OPTION;
    }
    return STATUS_OK;
}

static enum status check_whole(const struct options *o)
{
    if (o->action == ACTION_WATCH && o->file_count > 0) {
        log_error("-i and a file do not go together: watch an interface, or read files");
        return STATUS_BAD_OPTION;
    }
    if (o->action == ACTION_READ && o->file_count == 0) {
        log_error(
            "which capture? Give a file (mailwhy FILE), or an interface (mailwhy -i INTERFACE); 'mailwhy --help' tells more");
        return STATUS_BAD_OPTION;
    }
    return STATUS_OK;
}

enum status options_read(struct options *o, int argc, char **argv)
{
    *o = (struct options) { .lang = lang_from_environment(), .memory = MEMORY_DEFAULT };
    o->files_size = ((size_t)argc + 1) * sizeof *o->files;
    o->files = mem_alloc(NULL, o->files_size);
    if (!o->files)
        return STATUS_NO_MEMORY;
    int opt;
    while ((opt = getopt_long(argc, argv, "f:i:r:Dqvh", long_options, NULL)) != -1) {
        enum status status = set_option(o, opt, optarg);
        if (status != STATUS_OK)
            return status;
    }
    for (int i = optind; i < argc; i++)
        o->files[o->file_count++] = argv[i];
    return check_whole(o);
}

void options_done(struct options *o)
{
    mem_free(NULL, o->files, o->files_size);
}
