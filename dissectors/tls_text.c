/* SPDX-License-Identifier: BSD-3-Clause */
/* What comes where a TLS record is due and is none. */
#include "dissectors/tls_state.h"

/* Do the first bytes of a line (5, or all there are) look like SMTP from that side? */
static bool smtp_text(struct bytes b, enum side from)
{
    static const char *const words[] = {
        "EHLO", "HELO", "LHLO", "START", "AUTH", "MAIL", "RCPT", "DATA",  "BDAT",
        "RSET", "NOOP", "QUIT", "VRFY",  "EXPN", "HELP", "ETRN", "XCLIE", "BURL",
    };
    if (from == SIDE_SERVER) {
        bool digits = b.len >= 3 && b.at[0] >= '2' && b.at[0] <= '5';
        for (size_t i = 1; digits && i < 3; i++)
            digits = b.at[i] >= '0' && b.at[i] <= '9';
        return digits && (b.len < 4 || b.at[3] == ' ' || b.at[3] == '-' || b.at[3] == '\r' ||
                          b.at[3] == '\n');
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]);
        if (bytes_starts_nocase(b, words[i]) &&
            (b.len <= n || b.at[n] == ' ' || b.at[n] == '\r' || b.at[n] == '\n'))
            return true;
    }
    return false;
}

/* SSL 2.0 answered in its own form: the version is known, and nothing more is read. */
bool tls_sslv2_answer(struct tls *t, enum side from)
{
    struct direction_state *d = &t->side[from];
    const uint8_t *header = d->reader.header;
    if (from != SIDE_SERVER || !t->sslv2 || d->reader.begun || !(header[0] & 0x80) ||
        header[2] != 4)
        return false;
    struct fact fact = tls_fact(t, from, FACT_SERVER_HELLO, d->reader.first_frame);
    fact.server_hello.version = 0x0002;
    tls_tell(t, &fact);
    d->broken = t->side[SIDE_DEVICE].broken = true;
    return true;
}

void tls_broken(struct tls *t, enum side from)
{
    struct direction_state *d = &t->side[from];
    struct bytes b = bytes_of(d->reader.header, d->reader.header_len);
    struct fact fact = tls_fact(t, from, FACT_TLS_BROKEN, d->reader.first_frame);
    fact.tls_broken.smtp_text = smtp_text(b, from);
    tls_tell(t, &fact);
    d->broken = true;
}
