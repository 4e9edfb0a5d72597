/* SPDX-License-Identifier: BSD-3-Clause */
/* The password that --check-password asks for. No copy of it stays anywhere but in the secret. */
#ifndef MAILWHY_APP_ASK_PASSWORD_H
#define MAILWHY_APP_ASK_PASSWORD_H

#include "base/secret.h"

/* On the terminal, without showing it. NULL after a message on standard error. */
struct secret *ask_password_terminal(const char *prompt);
/* The first line of a file, without its end. NULL after a message on standard error, which does not
 * repeat the name: somebody may have written the password there. */
struct secret *ask_password_file(const char *file);

#endif
