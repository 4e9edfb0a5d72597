/* SPDX-License-Identifier: BSD-3-Clause */
#include "sessions.h"

#include <stdlib.h>
#include <string.h>

enum { ALERT = 21, HANDSHAKE = 22, APPLICATION_DATA = 23 };

void session_write(FILE *out, const struct attempt *a, const struct infer_session *session)
{
    const struct infer_hints *h = &session->hints;
    fprintf(out, "%04x\t%04x\t%c\t%u\t%u\t%d\t%x\t%x\t%s\t", session->version, session->cipher,
            h->starttls ? 's' : 'i', h->ehlo, h->list, h->list_auth, h->mechanisms, h->families,
            h->open ? "open" : "closed");
    uint32_t before = 0;
    for (size_t i = 0; i < a->trace_count; i++) {
        const struct tls_trace_record *r = &a->trace[i];
        fprintf(out, "%s%c%u%s+%u", i > 0 ? " " : "", r->from == SIDE_DEVICE ? 'D' : 'S', r->length,
                r->type == ALERT       ? "a"
                : r->type == HANDSHAKE ? "h"
                                       : "",
                r->time_us - before);
        before = r->time_us;
    }
    fputc('\n', out);
}

static bool read_record(const char *word, struct attempt *a, uint32_t *time)
{
    char *end;
    if (word[0] != 'D' && word[0] != 'S')
        return false;
    unsigned long length = strtoul(word + 1, &end, 10);
    uint8_t type = *end == 'a' ? ALERT : *end == 'h' ? HANDSHAKE : APPLICATION_DATA;
    end += type != APPLICATION_DATA;
    if (*end != '+' || length > UINT16_MAX)
        return false;
    *time += (uint32_t)strtoul(end + 1, NULL, 10);
    attempt_trace(a, word[0] == 'D' ? SIDE_DEVICE : SIDE_SERVER, type, (uint16_t)length,
                  a->trace_count + 1U, (int64_t)*time * 1000);
    return true;
}

bool session_read(char *text, struct attempt *a, struct infer_session *session)
{
    unsigned version, cipher, ehlo, list, mechanisms, families;
    char security, end[8];
    int list_auth, used = 0;
    if (sscanf(text, "%4x\t%4x\t%c\t%u\t%u\t%d\t%x\t%x\t%7s\t%n", &version, &cipher, &security,
               &ehlo, &list, &list_auth, &mechanisms, &families, end, &used) != 9)
        return false;
    session->version = (uint16_t)version;
    session->cipher = (uint16_t)cipher;
    session->hints = (struct infer_hints) {
        .starttls = security == 's',
        .ehlo = (uint16_t)ehlo,
        .list = (uint16_t)list,
        .list_auth = list_auth != 0,
        .mechanisms = mechanisms,
        .families = families,
        .open = strcmp(end, "open") == 0,
    };
    if (!infer_cipher_of(session->version, session->cipher, &session->layout))
        return false;
    uint32_t time = 0;
    char *rest = NULL;
    for (char *word = strtok_r(text + used, " \n", &rest); word;
         word = strtok_r(NULL, " \n", &rest))
        if (!read_record(word, a, &time))
            return false;
    infer_records_read(a, session->version, &session->layout, &session->records);
    return a->trace_count > 0;
}
