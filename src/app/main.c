/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <time.h>

#include "app/catalogue.h"
#include "app/exit_status.h"
#include "app/options.h"
#include "app/read.h"
#include "app/watch.h"
#include "base/log.h"
#include "base/mem.h"
#include "mailwhy_config.h"

static int run(const struct options *o)
{
    switch (o->action) {
    case ACTION_READ:
        return read_files(o);
    case ACTION_WATCH:
        return watch_interface(o);
    case ACTION_LIST_INTERFACES:
        return list_interfaces();
    case ACTION_EXPLAIN:
        return catalogue_explain(o->explain, o->lang);
    case ACTION_LIST_CAUSES:
        return catalogue_list(o->lang);
    case ACTION_HELP:
        options_print_help(o->lang);
        return EXIT_FINE;
    case ACTION_VERSION:
        puts("mailwhy " MAILWHY_VERSION);
        return EXIT_FINE;
    }
    return EXIT_TROUBLE;
}

int main(int argc, char **argv)
{
    mem_begin();
    tzset();
    struct options options;
    enum status status = options_read(&options, argc, argv);
    log_set_level(options.quiet ? LOG_QUIET : options.verbose ? LOG_VERBOSE : LOG_NORMAL);
    int exit_status = status == STATUS_OK ? run(&options) : EXIT_TROUBLE;
    options_done(&options);
    return exit_status;
}
