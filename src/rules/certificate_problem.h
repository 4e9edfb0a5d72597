/* SPDX-License-Identifier: BSD-3-Clause */
/* What is wrong with a certificate that a server showed; and where the device did not mind. */
#ifndef MAILWHY_RULES_CERTIFICATE_PROBLEM_H
#define MAILWHY_RULES_CERTIFICATE_PROBLEM_H

#include "rules/cause.h"

/* Was the certificate out of date at that time? -1: not yet valid, 1: expired, 2: one behind it was. */
int cert_out_of_date(const struct fact *certificate, int64_t now);
/* The name that the device wanted and the certificate lacks; empty: it fits, or nobody knows. */
struct bytes cert_name_missed(const struct view *v, const struct fact *certificate);
/* Does the certificate hold for the name that the device sent with its hello? */
bool cert_name_fits(const struct view *v, const struct fact *certificate);
/* {names}, and of them {fitting_name} to enter, or else the {ending} of one that would fit. */
void cert_tell_names(struct finding *f, const struct fact_certificate *c, struct bytes wanted);
/* Did the device leave, and is there something wrong with the server's certificate that everybody can see? */
bool cert_explains_refusal(const struct view *v);
/* Did the device say anything more once encryption was up? Some look at the certificate only then. */
bool cert_went_on(const struct view *v, const struct fact *up);

enum confidence cert_problem_ignored(const struct view *v, struct finding *f);
enum confidence cert_expires_soon(const struct view *v, struct finding *f);

#endif
