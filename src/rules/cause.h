/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A cause: id, evidence (match), and its words beside it. Causes stand in tables, one for each
 * section; the order of the tables, then of the rows, is the order of the contract.
 * Texts hold {placeholders}, which the finding's values fill; a text with a placeholder that the
 * finding has no value for is left out by the story, so that optional details can have a line of their own.
 */
#ifndef MAILWHY_RULES_CAUSE_H
#define MAILWHY_RULES_CAUSE_H

#include "rules/finding.h"
#include "rules/view.h"

enum scope { SCOPE_ATTEMPT, SCOPE_DEVICE, SCOPE_CAPTURE };

enum { CAUSE_TEXTS = 6 };

struct cause {
    const char *id;
    enum severity severity;
    enum scope scope;
    bool
        fallback; /* loses a tie against a specific cause, and is not told where another failure uses its last proof */
    /* Scope ATTEMPT: FACT_BIT()s of the kinds and signs of which at least one must be there, or the rule is not
     * even called; so each such cause has some. */
    uint64_t needs;
    /* Scope ATTEMPT: NO_MATCH, or how sure. */
    enum confidence (*match)(const struct view *v, struct finding *f);
    /* Where one cause can hold more than once (several refused mails): called with the number of the
     * finding, 0 on, until NO_MATCH. Instead of match. */
    enum confidence (*match_nth)(const struct view *v, unsigned n, struct finding *f);
    const char *title;    /* without placeholders */
    const char *headline; /* one sentence */
    const char *meaning;  /* no protocol knowledge needed */
    const char *explain;  /* for --explain: how it looks on the wire, look-alikes */
    const char *rules_out[CAUSE_TEXTS];
    const char *advice[CAUSE_TEXTS]; /* most useful step first */
    /* For --explain alone, before the two above: what match says where the capture shows it. */
    const char *may_rule_out[CAUSE_TEXTS], *may_advise[CAUSE_TEXTS];
    const char *rfc; /* "RFC 8446 6.2"; NULL */
};

struct causes {
    const struct cause *rows;
    size_t count;
};

/* The tables, in the order of the contract's sections (diagnose.c joins them). */
extern const struct causes causes_server_name, causes_reaching, causes_wrong_security,
    causes_tls_handshake, causes_signing_in, causes_envelope, causes_conversation,
    causes_inside_tls, causes_warnings, causes_across, causes_about_capture;

#endif
