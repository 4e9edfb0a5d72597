/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines to standard error and progress; for src/app alone to write through. */
#ifndef MAILWHY_BASE_LOG_H
#define MAILWHY_BASE_LOG_H

enum log_level { LOG_QUIET, LOG_NORMAL, LOG_VERBOSE };

void log_set_level(enum log_level level);
enum log_level log_level(void);
/* "mailwhy: …": always, also with -q. */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Not with -q. */
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Only with -v. */
void log_detail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
