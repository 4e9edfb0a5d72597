/* SPDX-License-Identifier: BSD-3-Clause */
/* The evidence behind the causes of envelope and message; their words stand in envelope.c and conversation.c. */
#ifndef MAILWHY_RULES_ENVELOPE_RULES_H
#define MAILWHY_RULES_ENVELOPE_RULES_H

#include "rules/ask.h"

#define CHECK_RECIPIENT                                                                            \
    N_("Check the address in the device's settings letter by letter: {recipient}")

enum confidence sender_refused(const struct view *v, unsigned n, struct finding *f);
enum confidence recipient_unknown(const struct view *v, unsigned n, struct finding *f);
enum confidence recipient_refused(const struct view *v, unsigned n, struct finding *f);
enum confidence sender_header_mismatch(const struct view *v, unsigned n, struct finding *f);
enum confidence some_recipients_refused(const struct view *v, unsigned n, struct finding *f);
enum confidence relay_denied(const struct view *v, unsigned n, struct finding *f);
enum confidence message_rejected(const struct view *v, unsigned n, struct finding *f);
enum confidence message_too_big(const struct view *v, unsigned n, struct finding *f);
enum confidence message_line_endings(const struct view *v, unsigned n, struct finding *f);
enum confidence message_malformed(const struct view *v, unsigned n, struct finding *f);
enum confidence message_not_finished(const struct view *v, struct finding *f);
enum confidence device_quit_early(const struct view *v, struct finding *f);

enum confidence device_silent(const struct view *v, unsigned n, struct finding *f);
enum confidence helo_refused(const struct view *v, unsigned n, struct finding *f);
enum confidence command_rejected(const struct view *v, unsigned n, struct finding *f);
enum confidence device_out_of_turn(const struct view *v, unsigned n, struct finding *f);

#endif
