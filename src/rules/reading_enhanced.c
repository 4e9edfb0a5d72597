/* SPDX-License-Identifier: BSD-3-Clause */
/* What the enhanced status code says by itself (RFC 3463, and IANA's registry), where no text did. */
#include "rules/reading.h"

#define AT(step)   (1u << (step))
#define ENVELOPE   (AT(STEP_MAIL) | AT(STEP_RCPT))
#define AFTER_RCPT (AT(STEP_RCPT) | AT(STEP_DATA) | AT(STEP_END))

static const struct {
    uint16_t subject, detail, steps;
    const char *cause;
} meanings[] = {
    { 1, 1, AFTER_RCPT, "recipient-unknown" },
    { 1, 2, AFTER_RCPT, "recipient-unknown" },
    { 1, 3, AFTER_RCPT, "recipient-refused" },
    { 1, 6, AFTER_RCPT, "recipient-unknown" },
    { 1, 7, ENVELOPE, "sender-refused" },
    { 1, 8, ENVELOPE, "sender-refused" },
    { 1, 10, AFTER_RCPT, "recipient-refused" },
    { 2, 2, AFTER_RCPT, "mailbox-full" },
    { 2, 3, 0, "message-too-big" },
    { 3, 1, 0, "server-storage-full" },
    { 3, 2, AT(STEP_GREETING), "service-refused" },
    { 3, 4, 0, "message-too-big" },
    { 4, 2, 0, "device-silent" },
    { 5, 3, AFTER_RCPT, "too-many-recipients" },
    { 6, 1, AT(STEP_END), "message-rejected" },
    { 7, 25, 0, "address-blocked" },
    { 7, 4, AT(STEP_AUTH), "auth-method-refused" },
    { 7, 8, AT(STEP_AUTH), "auth-credentials-rejected" },
    { 7, 9, AT(STEP_AUTH), "auth-method-refused" },
    { 7, 10, AT(STEP_AUTH), "auth-needs-encryption" },
    { 7, 10, ENVELOPE, "starttls-required" },
    { 7, 11, AT(STEP_AUTH), "auth-needs-encryption" },
    { 7, 12, AT(STEP_AUTH), "auth-temporary-failure" },
    { 7, 13, AT(STEP_AUTH) | ENVELOPE, "auth-disabled-for-account" },
    { 5, 6, AT(STEP_AUTH), "auth-exchange-broken" },
};

/* Classes must fit the code: 4.4.2 in a 421 or 451 means that time was up; 5.4.2 does not. */
static bool fits_code(const struct fact_smtp_reply *r, const char *cause)
{
    bool temporary =
        strcmp(cause, "device-silent") == 0 || strcmp(cause, "server-storage-full") == 0;
    if (temporary && r->code >= 500)
        return false;
    /* where the server only says "not now", a reason that lasts is not meant */
    bool lasting = strcmp(cause, "recipient-unknown") == 0 ||
                   strcmp(cause, "auth-credentials-rejected") == 0 ||
                   strcmp(cause, "service-refused") == 0 ||
                   strcmp(cause, "auth-method-refused") == 0;
    return !(lasting && r->code < 500);
}

struct reading reading_of_enhanced(const struct fact_smtp_reply *r)
{
    for (size_t i = 0; r->enhanced.class >= 4 && i < sizeof meanings / sizeof *meanings; i++) {
        if (meanings[i].subject != r->enhanced.subject || meanings[i].detail != r->enhanced.detail)
            continue;
        if ((meanings[i].steps == 0 || meanings[i].steps & AT(r->step)) &&
            fits_code(r, meanings[i].cause))
            return (struct reading) { .cause = meanings[i].cause, .sure = LIKELY };
    }
    /* RFC 5321 4.5.3.1.10, 4.2.2: 552 is about size, but at RCPT about a full mailbox; a status about
     * content or policy says otherwise. */
    bool of_content =
        r->enhanced.class != 0 && (r->enhanced.subject == 6 || r->enhanced.subject == 7);
    if (r->code == 552 && !of_content)
        return (struct reading) { .cause =
                                      r->step == STEP_RCPT ? "mailbox-full" : "message-too-big",
                                  .sure = LIKELY };
    return (struct reading) { .cause = NULL };
}
