/* SPDX-License-Identifier: BSD-3-Clause */
/* A whole file of any kind: recognised, unpacked, read to its end or its damage. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/check.h"
#include "capture/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What packed zeros may unpack to before the fuzzer has seen enough of it. */
enum { ENOUGH_PACKETS = 100000 };

/* Reads every byte that is handed out. */
static void touch(struct bytes b)
{
    static volatile uint8_t sum;
    for (size_t i = 0; i < b.len; i++)
        sum = (uint8_t)(sum + b.at[i]);
}

static void read_batch(struct source *source, const struct batch *batch, uint32_t *number)
{
    for (size_t i = 0; i < batch->count; i++) {
        const struct frame *f = &batch->frames[i];
        (void)check(f->number > *number);
        (void)check(f->bytes.len <= FRAME_MAX_BYTES && f->wire_len >= f->bytes.len);
        *number = f->number;
        touch(f->bytes);
    }
    struct ip_addr addr;
    struct bytes b;
    while (source_next_name(source, &addr, &b))
        touch(b);
    while (source_next_secrets(source, &b))
        touch(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char error[SOURCE_ERROR_SIZE] = "";
    int fd = memfd_create("input", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0)
        abort();
    struct source *source;
    if (source_open_fd(fd, true, NULL, &source, error, sizeof error) != STATUS_OK) {
        (void)check(error[0] != '\0');
        return 0;
    }
    struct batch batch;
    enum status status;
    uint32_t number = 0;
    while ((status = source_next(source, &batch)) == STATUS_OK && number < ENOUGH_PACKETS)
        read_batch(source, &batch, &number);
    (void)check(status == STATUS_OK || (status == STATUS_END) == (source_error(source)[0] == '\0'));
    source_close(source);
    return 0;
}
