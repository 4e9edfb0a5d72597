/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A server's text against the reply table, and a user's own tables. The first two bytes are the code and
 * the step of the reply; the rest is its text, and the two files as well.
 */
#include <stdint.h>

#include "base/check.h"
#include "rules/providers.h"
#include "rules/replies.h"
#include "rules/reply_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_text(const struct replies *more, uint8_t code, uint8_t step, struct bytes text)
{
    struct fact_smtp_reply reply = { .code = (uint16_t)(400 + code % 200),
                                     .step = (uint8_t)(step % SMTP_STEPS),
                                     .text = text,
                                     .lines = 1 };
    const struct reply_row *row = replies_match(more, &reply);
    check(!row || (row->code == reply.code && (row->steps == 0 || row->steps & 1u << reply.step)));
    row = replies_match_text(more, &reply);
    check(!row || row->pattern[0] != '\0');
    uint8_t room[REPLY_TEXT_MAX];
    struct bytes normal = reply_text_normal(text, room, sizeof room);
    for (size_t i = 0; i < normal.len; i++) {
        check(!(normal.at[i] >= 'A' && normal.at[i] <= 'Z'));
        check(i == 0 || normal.at[i] != ' ' || normal.at[i - 1] != ' ');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct bytes text = bytes_of(data + 2, size - 2);
    char error[200];
    struct replies *more = replies_new();
    struct providers *providers = providers_new();
    struct provider found;
    replies_add(more, text, error, sizeof error);
    providers_add(providers, text, error, sizeof error);
    providers_find(providers, "mail.example.test", &found);
    try_text(more, data[0], data[1], text);
    replies_free(more);
    providers_free(providers);
    return 0;
}
