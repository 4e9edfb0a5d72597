/* SPDX-License-Identifier: BSD-3-Clause */
/* Our own and the system's failures. Trouble on the wire is never one: it is a fact or a
 * counter. */
#ifndef MAILWHY_BASE_STATUS_H
#define MAILWHY_BASE_STATUS_H

enum status {
    STATUS_OK = 0,
    STATUS_END,       /* nothing more to read */
    STATUS_NO_MEMORY, /* the system has none */
    STATUS_LIMIT,     /* a limit of ours was reached */
    STATUS_NOT_FOUND,
    STATUS_NO_PERMISSION,
    STATUS_DIRECTORY,
    STATUS_READ_ERROR,
    STATUS_WRITE_ERROR,
    STATUS_EMPTY,       /* a file of no bytes */
    STATUS_NOT_CAPTURE, /* a file of another kind */
    STATUS_DAMAGED,     /* nonsense in it; what came before was delivered */
    STATUS_CUT_SHORT,   /* ends in mid-packet; what came before was delivered */
    STATUS_UNSUPPORTED,
    STATUS_BAD_OPTION,
    STATUS_INTERFACE, /* no such interface, or it went away */
    STATUS_FILTER,    /* a filter expression that does not compile */
};

/* A short English name for logs and tests. */
const char *status_name(enum status status);

#endif
