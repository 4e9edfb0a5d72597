/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

static enum log_level level = LOG_NORMAL;

void log_set_level(enum log_level l)
{
    level = l;
}

enum log_level log_level(void)
{
    return level;
}

static void write_line(const char *format, va_list args)
{
    flockfile(stderr);
    fputs("mailwhy: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    funlockfile(stderr);
}

void log_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    write_line(format, args);
    va_end(args);
}

void log_warning(const char *format, ...)
{
    if (level == LOG_QUIET)
        return;
    va_list args;
    va_start(args, format);
    write_line(format, args);
    va_end(args);
}

void log_detail(const char *format, ...)
{
    if (level != LOG_VERBOSE)
        return;
    va_list args;
    va_start(args, format);
    write_line(format, args);
    va_end(args);
}
