/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/status.h"

const char *status_name(enum status status)
{
    static const char *const names[] = {
        [STATUS_OK] = "ok",
        [STATUS_END] = "end",
        [STATUS_NO_MEMORY] = "no memory",
        [STATUS_LIMIT] = "limit reached",
        [STATUS_NOT_FOUND] = "not found",
        [STATUS_NO_PERMISSION] = "no permission",
        [STATUS_DIRECTORY] = "a directory",
        [STATUS_READ_ERROR] = "read error",
        [STATUS_WRITE_ERROR] = "write error",
        [STATUS_EMPTY] = "empty",
        [STATUS_NOT_CAPTURE] = "not a capture",
        [STATUS_DAMAGED] = "damaged",
        [STATUS_CUT_SHORT] = "cut short",
        [STATUS_UNSUPPORTED] = "unsupported",
        [STATUS_BAD_OPTION] = "bad option",
        [STATUS_INTERFACE] = "interface",
        [STATUS_FILTER] = "filter",
    };
    return (unsigned)status < sizeof names / sizeof *names ? names[status] : "unknown";
}
