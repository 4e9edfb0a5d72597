/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An AUTH exchange: its mechanism in a byte, then messages: a byte (1 = the server's), a length in two bytes, the text. Judged
 * twice it comes out the same, whatever was remembered, and all memory is given back.
 */
#include <stdlib.h>

#include "base/cursor.h"
#include "derive/password.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum password_result judge(struct bytes input, struct password *p, struct budget *budget)
{
    struct cursor c = cursor_of(input);
    struct sign_ins *s = sign_ins_new(budget);
    sign_ins_begin(s, (enum auth_mechanism)(cursor_u8(&c) % AUTH_MECHANISMS), 1);
    while (cursor_left(&c) > 0) {
        enum side from = cursor_u8(&c) == 1 ? SIDE_SERVER : SIDE_DEVICE;
        size_t len = cursor_u16(&c), left = cursor_left(&c);
        sign_ins_message(s, from, cursor_bytes(&c, len < left ? len : left));
    }
    enum password_result result = (enum password_result)password_judge(p, s->all[0]).result;
    sign_ins_free(s);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct budget budget = { 0 };
    struct secret *secret = secret_new(16);
    (void)secret_add(secret, bytes_str("pencil"));
    struct password *p = password_new(&budget, secret);
    enum password_result first = judge(bytes_of(data, size), p, &budget);
    if (judge(bytes_of(data, size), p, &budget) != first)
        abort();
    password_free(p);
    secret_free(secret);
    if (budget.used != 0)
        abort();
    return 0;
}
