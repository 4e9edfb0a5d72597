/* SPDX-License-Identifier: BSD-3-Clause */
#include "derive/infer_lengths.h"

#include <math.h>

static unsigned overlap(uint32_t low, uint32_t high, uint32_t from, uint32_t to, unsigned step,
                        unsigned rest)
{
    if (low < from)
        low = from;
    if (high > to)
        high = to;
    if (low > high)
        return 0;
    if (step == 0)
        return high - low + 1;
    unsigned first = low + (rest + step - low % step) % step;
    return first > high ? 0 : (high - first) / step + 1;
}

static float share(const struct infer_shape *s, uint32_t low, uint32_t high, uint32_t from,
                   uint32_t to)
{
    if (!s->log) {
        unsigned all = overlap(from, to, from, to, s->step, s->rest);
        return all == 0 ? 0 : (float)overlap(low, high, from, to, s->step, s->rest) / (float)all;
    }
    if (high < from || low > to)
        return 0;
    float a = (float)(low < from ? from : low), b = (float)(high > to ? to : high) + 1;
    return logf(b / a) / logf(((float)to + 1) / (float)from);
}

float infer_fits(const struct infer_shape *s, uint32_t low, uint32_t high)
{
    const float usual = 0.7F, beyond = 0.2F;
    uint32_t twice = s->high + (uint32_t)(s->high - s->low);
    float peaks = 0, found = 0, sure = (float)s->sure.permille / 1000.0F;
    for (size_t i = 0; i < INFER_PEAKS && s->peaks[i].percent > 0; i++) {
        float p = (float)s->peaks[i].percent / 100.0F;
        peaks += p;
        if (s->peaks[i].length >= low && s->peaks[i].length <= high)
            found += p;
    }
    found += (1 - peaks) * (usual * share(s, low, high, s->low, s->high) +
                            beyond * share(s, low, high, s->low, twice < s->max ? twice : s->max) +
                            (1 - usual - beyond) * share(s, low, high, s->min, s->max));
    if (sure > 0)
        found =
            (1 - sure) * found + sure * (float)overlap(low, high, s->sure.low, s->sure.high, 0, 0) /
                                     (float)(s->sure.high - s->sure.low + 1);
    return found;
}

struct infer_shape infer_add_shape(const struct infer_shape *a, const struct infer_shape *b)
{
    struct infer_shape sum = { .low = (uint16_t)(a->low + b->low),
                               .high = (uint16_t)(a->high + b->high),
                               .min = (uint16_t)(a->min + b->min),
                               .max = (uint16_t)(a->max + b->max),
                               .log = a->log || b->log };
    sum.sure.low = (uint16_t)(a->sure.low + b->sure.low);
    sum.sure.high = (uint16_t)(a->sure.high + b->sure.high);
    sum.sure.permille = (uint16_t)(a->sure.permille * b->sure.permille / 1000);
    return sum;
}

float infer_by_chance(const struct infer_item *item)
{
    const float lines = 0.6F, span = 10.0F; /* ln of the largest record, about */
    float low = (float)(item->low < 1 ? 1 : item->low), high = (float)item->high + 1;
    float longest = item->from == SIDE_DEVICE ? 70 : 250;
    float as_line = low <= longest ? fminf(1, (high - (float)item->low) / longest) : 0;
    float of_any_length = logf(fmaxf(high, low + 1) / low) / span;
    return logf(lines * as_line + (1 - lines) * of_any_length);
}

float infer_either(float a, float b)
{
    return a > b ? a + log1pf(expf(b - a)) : b + log1pf(expf(a - b));
}

uint16_t infer_length_of(const struct infer_item *item)
{
    return item->high < UINT16_MAX ? (uint16_t)item->low : 0;
}

unsigned infer_frame(enum infer_owed owed)
{
    return owed == OWED_MAIL ? sizeof "MAIL FROM:<>\r\n" - 1 : sizeof "RCPT TO:<>\r\n" - 1;
}
