/* SPDX-License-Identifier: BSD-3-Clause */
#include "facts/sign_in.h"

struct sign_ins *sign_ins_new(struct budget *budget)
{
    struct sign_ins *s = mem_alloc(budget, sizeof *s);
    if (s)
        s->budget = budget;
    return s;
}

static struct sign_in *at_hand(struct sign_ins *s)
{
    return s && s->open && s->count > 0 ? s->all[s->count - 1] : NULL;
}

void sign_ins_begin(struct sign_ins *s, enum auth_mechanism mechanism, uint32_t frame)
{
    if (!s)
        return;
    s->open = false;
    struct sign_in *one = s->count < SIGN_INS_MAX ? mem_alloc(s->budget, sizeof *one) : NULL;
    if (!one) {
        s->dropped++;
        return;
    }
    one->mechanism = (uint8_t)mechanism;
    one->frame = frame;
    s->all[s->count++] = one;
    s->open = true;
}

void sign_ins_message(struct sign_ins *s, enum side from, struct bytes decoded)
{
    struct sign_in *one = at_hand(s);
    if (!one)
        return;
    if (one->count == SIGN_IN_MESSAGES_MAX ||
        decoded.len > (size_t)(SIGN_IN_BYTES_MAX - one->used)) {
        s->dropped += !one->lost;
        one->lost = true;
        return;
    }
    one->messages[one->count].from = (uint8_t)from;
    one->messages[one->count].at = one->used;
    one->messages[one->count++].len = (uint16_t)decoded.len;
    one->used = (uint16_t)(one->used + bytes_copy(one->bytes + one->used, decoded.len, decoded));
}

void sign_ins_lost(struct sign_ins *s)
{
    struct sign_in *one = at_hand(s);
    if (one)
        one->lost = true;
}

void sign_ins_end(struct sign_ins *s)
{
    if (s)
        s->open = false;
}

void sign_ins_free(struct sign_ins *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->count; i++) {
        mem_wipe(s->all[i], sizeof *s->all[i]);
        mem_free(s->budget, s->all[i], sizeof *s->all[i]);
    }
    mem_free(s->budget, s, sizeof *s);
}

bool sign_in_said(const struct sign_in *s, size_t place, enum side from, struct bytes *message)
{
    if (place >= s->count || s->messages[place].from != from)
        return false;
    *message = bytes_of(s->bytes + s->messages[place].at, s->messages[place].len);
    return true;
}
