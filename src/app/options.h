/* SPDX-License-Identifier: BSD-3-Clause */
/* The command line as values. */
#ifndef MAILWHY_APP_OPTIONS_H
#define MAILWHY_APP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/limits.h"
#include "base/status.h"
#include "report/lang.h"

enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };
enum action {
    ACTION_READ,
    ACTION_WATCH,
    ACTION_LIST_INTERFACES,
    ACTION_EXPLAIN,
    ACTION_LIST_CAUSES,
    ACTION_HELP,
    ACTION_VERSION
};

struct options {
    enum action action;
    const char **files;            /* file_count of them, in order */
    size_t file_count, files_size; /* bytes that files takes */
    const char *keylogs[KEY_LOGS_MAX], *rsa_keys[TLS_RSA_KEYS_MAX];
    size_t keylog_count, rsa_key_count;
    const char *interface, *filter, *device, *server, *explain, *replies, *providers, *ca_file,
        *password_file;
    bool check_password; /* password_file: its first line; NULL = it is asked for */
    bool json, timeline, all, quiet, verbose;
    enum color color;
    enum lang lang;
    size_t memory;
};

/* STATUS_BAD_OPTION after a message on standard error. */
enum status options_read(struct options *o, int argc, char **argv);
void options_done(struct options *o);
void options_print_help(enum lang lang);

#endif
